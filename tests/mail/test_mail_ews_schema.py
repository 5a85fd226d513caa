"""Every operation of the peer, asked by exchangelib: request and answer as Microsoft's schemas want them."""

from __future__ import annotations

import asyncio
from email import message_from_bytes
from email.policy import default

import pytest
from ews_client import Peer, gateway_to
from ews_operations import OPERATIONS, fault_envelope
from ews_schema import MISSING, faults_of, schema
from exchangelib import FileAttachment, Message
from exchangelib.properties import EWS_ID, AlternateId
from gateway_contract import MAIL
from lxml import etree
from mailbox_contract import raw_of

from methodology.delivery import DeliveryError


@pytest.mark.skipif(schema() is None, reason=MISSING)
async def test_every_request_and_answer_is_as_the_schemas_want_it() -> None:
    with Peer() as peer:
        await _use_everything(peer)
        assert set(OPERATIONS) == set(peer.operations())
        for seen in peer.seen:
            assert faults_of(seen.request) == []
            assert seen.answer is not None
            assert faults_of(seen.answer) == []


@pytest.mark.skipif(schema() is None, reason=MISSING)
def test_the_schemas_do_refuse() -> None:
    """So that the test above cannot pass by looking away."""
    answer = fault_envelope("ErrorServerBusy", "x")
    body = answer[0]
    body[:] = [etree.fromstring('<m:SendItem xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"/>')]
    assert any("SaveItemToFolder" in fault for fault in faults_of(answer))


async def _use_everything(peer: Peer) -> None:
    gateway = gateway_to(peer)
    for number in (1, 2):
        await peer.deliver(raw_of(number))
    peer.throttle_once()
    with pytest.raises(DeliveryError):
        await gateway.send(MAIL)
    await gateway.send(MAIL)
    page = await gateway.fetch("")
    await peer.remove("<1@invima.example>")
    await gateway.fetch(page.mark)
    await asyncio.to_thread(_as_other_clients_do, gateway._account(""))


def _as_other_clients_do(account: object) -> None:
    (item,) = account.inbox.all().only("subject", "is_read", "to_recipients", "sender", "headers")  # type: ignore[attr-defined]
    item.is_read = True
    item.save(update_fields=["is_read"])
    draft = Message(account=account, folder=account.drafts, mime_content=raw_of(3)).save()  # type: ignore[attr-defined]
    draft.attach(FileAttachment(name="tabla.csv", content=b"AST-04;80", content_type="text/csv"))
    (kept,) = account.drafts.all().only("attachments", "mime_content")  # type: ignore[attr-defined]
    assert kept.attachments[0].content == b"AST-04;80"
    assert len(list(message_from_bytes(kept.mime_content, policy=default).iter_attachments())) == 1  # type: ignore[attr-defined]
    item.move(account.trash)  # type: ignore[attr-defined]
    kept.delete()
    assert {folder.name for folder in account.msg_folder_root.children} >= {"Borradores"}  # type: ignore[attr-defined]
    (found,) = account.protocol.resolve_names(["enlace@invima.example"])  # type: ignore[attr-defined]
    assert found.email_address == "enlace@invima.example"
    asked = [AlternateId(id="x", format=EWS_ID, mailbox="a@b.example")]
    assert [one.mailbox for one in account.protocol.convert_ids(asked, EWS_ID)] == ["soluciones@operador.example"]  # type: ignore[attr-defined]
