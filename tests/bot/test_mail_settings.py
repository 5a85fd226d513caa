"""Which gateway, and what it lacks: every sentence at once, before anything starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.mailing import certificate_in, copy_of_ours, edge_of
from bot.settings import BadSettings, Settings, load
from mail.gateway import message_id_for
from methodology.clock import SystemClock
from tests.bot.test_settings import GOOD
from tests.peers.certificates import loopback_certificate

EWS = {"MAIL_GATEWAY": "ews", "EWS_ENDPOINT": "https://correo.operador.example/EWS/Exchange.asmx"}
USER = {"EWS_USER": "OPERADOR\\soluciones", "EWS_PASSWORD": "clave"}
GRAPH = {"MAIL_GATEWAY": "graph", "GRAPH_CLIENT_ID": "aplicación"}
RELAY = {"SMTP_HOST": "relevo.operador.example", "SMTP_PASSWORD": "clave"}
IN_CLEAR = (
    "SMTP_STARTTLS (o SMTP_TLS): sin él, la clave de SMTP_USER iría sin cifrar; solo se admite en la propia máquina"
)
ENCRYPTED = "comienza por https:// (http:// enviaría el token sin cifrar)"
IMAP = {"IMAP_HOST": "imap.operador.example", "IMAP_PASSWORD": "clave"}


def lacking(**given: str) -> list[str]:
    with pytest.raises(BadSettings) as caught:
        load({**GOOD, **given})
    return caught.value.problems


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    made = loopback_certificate()
    file = tmp_path / "aplicación.pem"
    file.write_bytes(made.key + made.chain)
    return file


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"MAIL_GATEWAY": "paloma"},
            ["MAIL_GATEWAY: debe ser una de estas palabras: smtp, ews, graph (dice «paloma»)"],
        ),
        (
            {"MAIL_GATEWAY": "ews"},
            [
                "falta EWS_ENDPOINT (MAIL_GATEWAY = ews)",
                "falta EWS_USER (EWS_AUTH = ntlm)",
                "falta EWS_PASSWORD (EWS_AUTH = ntlm)",
            ],
        ),
        (
            {**EWS, "EWS_AUTH": "oauth2"},
            ["falta EWS_CLIENT_ID (EWS_AUTH = oauth2)", "falta EWS_SECRET (EWS_AUTH = oauth2)"],
        ),
        (
            {**EWS, "EWS_AUTH": "certificate"},
            ["falta EWS_CLIENT_ID (EWS_AUTH = certificate)", "falta EWS_CERTIFICATE (EWS_AUTH = certificate)"],
        ),
        (
            {**EWS, **USER, "EWS_ENDPOINT": "http://correo.operador.example/EWS"},
            ["EWS_ENDPOINT: comienza por https:// (http:// enviaría la clave sin cifrar)"],
        ),
        (
            {"MAIL_GATEWAY": "graph"},
            [
                "falta GRAPH_CLIENT_ID (MAIL_GATEWAY = graph)",
                "falta GRAPH_SECRET o GRAPH_CERTIFICATE (MAIL_GATEWAY = graph)",
            ],
        ),
        (
            {**GRAPH, "GRAPH_SECRET": "s", "GRAPH_URL": "http://graph.example/v1.0"},
            ["GRAPH_URL: comienza por https:// (http:// enviaría el token sin cifrar)"],
        ),
        *(
            (
                {**GRAPH, "GRAPH_SECRET": "s", name: url},
                [f"{name}: {ENCRYPTED}"],
            )
            for name in ("GRAPH_URL", "ENTRA_URL")
            for url in ("HTTP://graph.example/v1.0", "HTTPS://graph.example/v1.0", "http://127.0.0.1:8080/v1.0")
        ),
        (
            {**RELAY, "SMTP_USER": "soluciones"},
            [IN_CLEAR],
        ),
        (
            {**RELAY, "SMTP_USER": "soluciones", "SMTP_STARTTLS": "no"},
            [IN_CLEAR],
        ),
        (
            {**RELAY, "SMTP_STARTTLS": "sí", "SMTP_TLS": "sí"},
            ["SMTP_STARTTLS y SMTP_TLS: indique solo uno (STARTTLS suele ser el puerto 587; TLS, el 465)"],
        ),
        ({"IMAP_HOST": "imap.operador.example"}, ["falta IMAP_PASSWORD (se indicó IMAP_HOST)"]),
        (
            {"IMAP_PASSWORD": "clave"},
            ["falta IMAP_HOST: sin él no se lee ningún buzón, y se indicó IMAP_PASSWORD"],
        ),
        (
            {**IMAP, "IMAP_TLS": "no"},
            ["IMAP_TLS: «no» enviaría la clave sin cifrar por la red; solo se admite en la propia máquina"],
        ),
        (
            {"MAIL_INBOUND_PROTOCOL": "uucp"},
            ["MAIL_INBOUND_PROTOCOL: debe ser una de estas palabras: smtp, lmtp (dice «uucp»)"],
        ),
        ({"MAIL_CA_FILE": "/no/existe.pem"}, ["MAIL_CA_FILE: no se puede leer el archivo /no/existe.pem"]),
    ],
)
def test_what_the_chosen_gateway_lacks_is_said_all_at_once(given: dict[str, str], told: list[str]) -> None:
    assert lacking(**given) == told


@pytest.mark.parametrize(
    "given",
    [
        {**RELAY, "SMTP_USER": "soluciones", "SMTP_STARTTLS": "sí"},
        {**RELAY, "SMTP_USER": "soluciones", "SMTP_TLS": "sí"},
        {**RELAY, "SMTP_HOST": "127.0.0.1", "SMTP_USER": "soluciones"},
        {"SMTP_USER": "soluciones"},
        RELAY,
    ],
)
def test_a_password_that_stays_here_or_is_encrypted_is_taken(given: dict[str, str]) -> None:
    assert load({**GOOD, **given}).smtp_user == given.get("SMTP_USER", "")


def test_two_ways_in_are_one_too_many(pem: Path) -> None:
    assert lacking(**GRAPH, GRAPH_SECRET="s", GRAPH_CERTIFICATE=str(pem)) == [
        "GRAPH_SECRET y GRAPH_CERTIFICATE: indique solo uno"
    ]


def test_a_certificate_without_its_key_or_with_one_nobody_can_open_is_refused(tmp_path: Path, pem: Path) -> None:
    made = loopback_certificate()
    half, locked = tmp_path / "solo.pem", tmp_path / "cifrada.pem"
    half.write_bytes(made.chain)
    locked.write_bytes(made.key.replace(b"PRIVATE KEY", b"ENCRYPTED PRIVATE KEY") + made.chain)
    assert "no contiene la clave privada y el certificado" in lacking(**GRAPH, GRAPH_CERTIFICATE=str(half))[0]
    assert "está cifrada" in lacking(**GRAPH, GRAPH_CERTIFICATE=str(locked))[0]


def test_what_only_reads_the_database_needs_no_gateway() -> None:
    assert load({"MAIL_GATEWAY": "graph"}, reading=True).mail_gateway == "graph"


def test_the_mailbox_and_the_tenant_are_the_bots_own_unless_another_is_named() -> None:
    settings = load({**GOOD, **GRAPH, "GRAPH_SECRET": "s"})
    assert (settings.graph_mailbox, settings.graph_tenant) == ("soluciones@operador.example", "propio")
    assert load({**GOOD, **IMAP}).imap_user == "soluciones@operador.example"
    assert load({**GOOD, **EWS, **USER, "EWS_MAILBOX": "otro@operador.example"}).ews_mailbox == "otro@operador.example"


def loaded(**given: str) -> Settings:
    return load({**GOOD, **given})


def kinds(pem: Path) -> list[tuple[dict[str, str], str, Any]]:
    certificate = {"EWS_AUTH": "certificate", "EWS_CLIENT_ID": "a", "EWS_CERTIFICATE": str(pem)}
    return [
        ({}, "SMTP", None),
        (IMAP, "SMTP e IMAP", "soluciones@operador.example"),
        ({**EWS, **USER}, "Exchange (EWS)", "soluciones@operador.example"),
        ({**EWS, **USER, "EWS_AUTH": "basic"}, "Exchange (EWS)", "soluciones@operador.example"),
        ({**EWS, "EWS_AUTH": "oauth2", "EWS_CLIENT_ID": "a", "EWS_SECRET": "s"}, "Exchange (EWS)", GOOD["MAIL_SENDER"]),
        ({**EWS, **certificate}, "Exchange (EWS)", GOOD["MAIL_SENDER"]),
        ({**GRAPH, "GRAPH_SECRET": "s"}, "Microsoft Graph", GOOD["MAIL_SENDER"]),
        ({**GRAPH, "GRAPH_CERTIFICATE": str(pem)}, "Microsoft Graph", GOOD["MAIL_SENDER"]),
    ]


@pytest.mark.parametrize("number", range(8))
async def test_each_gateway_is_made_from_its_settings(number: int, pem: Path) -> None:
    given, label, mailbox = kinds(pem)[number]
    edge = edge_of(loaded(**given), SystemClock())
    assert edge.label == label
    assert (edge.mailbox and edge.mailbox.name) == mailbox
    await edge.close()


def test_a_pem_file_is_taken_apart_in_any_order(tmp_path: Path) -> None:
    made = loopback_certificate()
    file = tmp_path / "a.pem"
    file.write_bytes(b"Bag Attributes\n" + made.chain + made.key + made.authority)
    found = certificate_in(file)
    assert found.private_key.strip() == made.key.decode().strip()
    assert found.certificate.count("BEGIN CERTIFICATE") == 2


@pytest.mark.parametrize(
    ("sender", "message_id", "ours"),
    [
        ("Soluciones <Soluciones@operador.example>", message_id_for("R14", "operador.example"), True),
        ("Soluciones <soluciones@operador.example>", "<otro@operador.example>", False),
        ("Otro <otro@invima.example>", message_id_for("R14", "operador.example"), False),
        ("(" * 500, message_id_for("R14", "operador.example"), False),
        ("[(" * 900, message_id_for("R14", "operador.example"), False),
    ],
)
def test_a_copy_of_ours_is_ours_by_its_sender_and_its_id(sender: str, message_id: str, ours: bool) -> None:
    raw = f"From: {sender}\r\nMessage-ID: {message_id}\r\n\r\nhola\r\n".encode()
    assert copy_of_ours(raw, "soluciones@operador.example") is ours
