"""Exchange behind TLS: whom the edge trusts, and an application's token by secret and by certificate, through MSAL."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from certificates import loopback_certificate
from ews_client import BASIC, MAILBOX, NTLM, Peer, gateway_to
from gateway_contract import MAIL, NOW
from graph import CLIENT_ID, SECRET, TENANT, GraphPeer
from test_mail_entra import application_key

from mail.entra import Certificate, EntraTokens
from mail.ews import Password
from methodology.clock import SettableClock
from methodology.delivery import Misconfigured, Throttled


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """The PEM file of the organisation's own authority; the server's certificate lies beside it."""
    made = loopback_certificate()
    for name, content in (("chain", made.chain), ("key", made.key), ("authority", made.authority)):
        (tmp_path / name).write_bytes(content)
    return tmp_path / "authority"


@pytest.fixture
def peer(authority: Path) -> Iterator[Peer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.with_name("chain"), authority.with_name("key"))
    with Peer(tls=context) as made:
        yield made


@pytest.fixture
async def entra() -> AsyncIterator[GraphPeer]:
    """Graph's peer has Entra's token endpoint beside it."""
    async with GraphPeer(NOW) as made:
        yield made


@pytest.mark.parametrize("login", [BASIC, NTLM])
async def test_the_organisations_own_authority_is_trusted_where_it_is_named(
    peer: Peer, authority: Path, login: Password
) -> None:
    await gateway_to(peer, login, ca_file=str(authority)).send(MAIL)
    assert [one["Message-ID"] for one in peer.messages] == [MAIL.message_id]


async def test_an_unknown_certificate_is_for_a_person_and_no_password_travels(peer: Peer) -> None:
    with pytest.raises(Misconfigured, match=r"no lo firma una autoridad conocida; .* MAIL_CA_FILE$"):
        await gateway_to(peer, BASIC).send(MAIL)
    assert peer.seen == []


async def test_why_there_is_no_connection_is_said_in_spanish() -> None:
    with Peer() as gone:
        gateway = gateway_to(gone, BASIC)
    with pytest.raises(Throttled, match=r"^Exchange no atendió \(rechazó la conexión\)$"):
        await gateway.fetch("")


@pytest.mark.parametrize("by_certificate", [False, True])
async def test_an_application_comes_in_by_secret_or_certificate(
    peer: Peer, authority: Path, entra: GraphPeer, by_certificate: bool
) -> None:
    good, _ = application_key()
    entra.certificate = good.certificate.encode()
    peer.tokens = entra.tokens
    tokens = tokens_of(entra, good if by_certificate else SECRET)
    gateway = gateway_to(peer, tokens, ca_file=str(authority))
    await gateway.send(MAIL)
    await gateway.fetch("")
    tokens.close()
    assert {one.user for one in peer.seen} == {"application"}
    assert {one.request.findtext(".//{*}ConnectingSID/*") for one in peer.seen} == {MAILBOX}
    assert entra.asked("/token$") == 1


async def test_a_token_that_ended_early_is_asked_for_anew(peer: Peer, authority: Path, entra: GraphPeer) -> None:
    peer.tokens = entra.tokens
    tokens = tokens_of(entra, SECRET)
    gateway = gateway_to(peer, tokens, ca_file=str(authority))
    await gateway.fetch("")
    entra.tokens.clear()
    with pytest.raises(Misconfigured):
        await gateway.send(MAIL)
    await gateway.send(MAIL)
    tokens.close()
    assert len(peer.messages) == 1


async def test_a_refused_secret_asks_nothing_of_the_server(peer: Peer, authority: Path, entra: GraphPeer) -> None:
    tokens = tokens_of(entra, "otro")
    with pytest.raises(Misconfigured, match="secreto"):
        await gateway_to(peer, tokens, ca_file=str(authority)).send(MAIL)
    tokens.close()
    assert peer.seen == []


def tokens_of(entra: GraphPeer, credential: str | Certificate) -> EntraTokens:
    return EntraTokens(
        TENANT,
        CLIENT_ID,
        credential,
        scope=f"{entra.host}/.default",
        clock=SettableClock(NOW),
        authority=entra.authority,
        ca_file=entra.ca_file,
    )
