from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from gateway_contract import MAIL, NOW
from graph import CLIENT_ID, MAILBOX, SECRET, TENANT, GraphPeer
from graph_client import Sleeper, gateway_to

from mail.entra import Certificate, EntraTokens
from mail.graph import GraphGateway
from mail.graph_wire import GraphWire
from methodology.clock import SettableClock
from methodology.delivery import Misconfigured, Throttled


@pytest.fixture
async def peer() -> AsyncIterator[GraphPeer]:
    async with GraphPeer(NOW) as made:
        yield made


@pytest.fixture
def sleeper() -> Sleeper:
    return Sleeper()


@pytest.fixture
async def gateway(peer: GraphPeer, sleeper: Sleeper) -> AsyncIterator[GraphGateway]:
    made = gateway_to(peer, sleeper)
    yield made
    await made.close()


async def test_one_token_serves_until_it_is_not_accepted(peer: GraphPeer, gateway: GraphGateway) -> None:
    await asyncio.gather(*(gateway.find_sent(f"<{number}@operador.example>") for number in range(5)))
    assert peer.asked("/token$") == 1
    peer.tokens.clear()
    with pytest.raises(Misconfigured):
        await gateway.send(MAIL)
    await gateway.send(MAIL)
    assert peer.asked("/token$") == 2


def application_key() -> tuple[Certificate, Certificate]:
    """A certificate for the application, and another key that does not belong to it."""
    keys = [rsa.generate_private_key(65537, 2048) for _ in range(2)]
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "soluciones")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(keys[0].public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=365))
        .sign(keys[0], hashes.SHA256())
    )
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = made.public_bytes(serialization.Encoding.PEM).decode()
    good, bad = (Certificate(key.private_bytes(*plain).decode(), pem) for key in keys)
    return good, bad


async def test_a_certificate_serves_as_credential_and_a_foreign_key_does_not(peer: GraphPeer) -> None:
    good, bad = application_key()
    peer.certificate = good.certificate.encode()
    for credential in (good, bad):
        gateway = gateway_to(peer, credential=credential)
        if credential is bad:
            with pytest.raises(Misconfigured, match="certificado"):
                await gateway.send(replace(MAIL, message_id="<otro@operador.example>"))
        else:
            await gateway.send(MAIL)
        await gateway.close()
    assert [one["Message-ID"] for one in peer.messages] == [MAIL.message_id]


async def test_a_key_that_is_none_is_for_a_person(peer: GraphPeer) -> None:
    gateway = gateway_to(peer, credential=Certificate("esto no es una clave", "ni esto"))
    with pytest.raises(Misconfigured):
        await gateway.send(MAIL)
    await gateway.close()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"credential": "otro"}, "revise el secreto o el certificado"),
        ({"client_id": "otra"}, "revise el identificador de la aplicación"),
        ({"tenant": "otra.example"}, "revise la organización"),
    ],
)
async def test_a_refused_credential_says_what_to_mend(peer: GraphPeer, changes: dict[str, str], told: str) -> None:
    gateway = gateway_to(peer, **changes)
    with pytest.raises(Misconfigured, match=told) as refused:
        await gateway.send(MAIL)
    assert SECRET not in str(refused.value)
    await gateway.close()


async def test_no_token_goes_where_nobody_is_trusted(peer: GraphPeer) -> None:
    gateway = gateway_to(peer, ca_file="")
    with pytest.raises(Throttled, match=r"^El certificado de .* no lo firma una autoridad conocida"):
        await gateway.send(MAIL)
    assert peer.seen == []
    with pytest.raises(ValueError, match="https"):
        gateway_to(peer, base_url=peer.base_url.replace("https", "http"))
    await gateway.close()


async def test_no_token_goes_to_a_graph_that_nobody_vouches_for(peer: GraphPeer) -> None:
    clock = SettableClock(NOW)
    async with GraphPeer(NOW) as foreign:
        scope = f"{peer.host}/.default"
        trust: dict[str, Any] = {"clock": clock, "ca_file": peer.ca_file}
        tokens = EntraTokens(TENANT, CLIENT_ID, SECRET, scope=scope, authority=peer.authority, **trust)
        wire = GraphWire(MAILBOX, tokens, base_url=foreign.base_url, timeout=5.0, **trust)
        with pytest.raises(Throttled, match=r"^El certificado de .* su firma no es de la autoridad que nombra"):
            await wire.ask("GET", "messages")
        assert len(peer.tokens) == 1
        assert foreign.seen == []
        await wire.close()
