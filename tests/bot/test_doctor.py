"""`soluciones doctor`: what is right and what is not, with what to do; 0 when nothing is wrong, else 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from smtp import Fault, SmtpPeer
from typer.testing import CliRunner

from bot import doctor
from bot.cli import app
from bot.doctor import (
    FINE,
    NOTED,
    WRONG,
    Check,
    clock_check,
    database_checks,
    known_mark,
    mail_checks,
    settings_checks,
    teams_check,
)
from bot.mailing import edge_of
from bot.settings import Settings
from mail.gateway import Page
from methodology.clock import SettableClock, SystemClock
from methodology.delivery import Misconfigured
from storage.db import Database
from storage.ledger import MailboxMark
from storage.schema import prepare
from tests.bot.test_settings import GOOD
from tests.dovecot import MISSING, found
from tests.peers import dovecot as peers
from tests.peers.dovecot import DovecotServer

NOW = datetime(2026, 11, 11, 13, 0, tzinfo=UTC)
NOBODY = "http://127.0.0.1:1/token"
SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
needs_dovecot = pytest.mark.skipif(found() is None, reason=MISSING)


@pytest.fixture(scope="module")
def server() -> Iterator[DovecotServer]:
    with peers.dovecot() as running:
        yield running


def only(checks: list[Check], what: str) -> Check:
    (one,) = (check for check in checks if check.what == what)
    return one


def settings_at(tmp_path: Path, **more: object) -> Settings:
    bare = Settings("a", "b", "t", frozenset(), b"x" * 32, "soluciones@operador.example", "operador.example")
    return replace(bare, database_url=f"sqlite:///{tmp_path}/s.db", **more)  # type: ignore[arg-type]


def test_settings_that_lack_something_are_listed_and_nothing_else_is_tried() -> None:
    settings, checks = settings_checks({"PORT": "cien"})
    assert settings is None
    assert [one.mark for one in checks] == [WRONG] * 6 + [NOTED]
    assert "falta SECRET_KEY" in [one.found for one in checks]


@pytest.mark.parametrize(
    ("given", "what", "mark"),
    [
        ({"PUBLIC_URL": "https://soluciones.operador.example", "SECRET_KEY": SECRET}, "PUBLIC_URL", FINE),
        ({"PUBLIC_URL": "http://soluciones.operador.example"}, "PUBLIC_URL", WRONG),
        ({}, "PUBLIC_URL", NOTED),
        ({"SECRET_KEY": SECRET}, "SECRET_KEY", FINE),
        ({"SECRET_KEY": "ab" * 30}, "SECRET_KEY", WRONG),
    ],
)
def test_addresses_and_secrets_are_judged(given: dict[str, str], what: str, mark: str) -> None:
    _, checks = settings_checks({**GOOD, **given})
    one = only(checks, what)
    assert one.mark == mark
    assert bool(one.advice) == (mark != FINE)
    assert given.get("SECRET_KEY", "x" * 32) not in one.found


def test_a_clock_that_was_never_set_is_wrong() -> None:
    assert clock_check(SettableClock(NOW)).found == "en Bogotá es miércoles 11 de noviembre de 2026, 8:00 a. m."
    assert clock_check(SettableClock(datetime(1970, 1, 2, tzinfo=UTC))).mark == WRONG


def test_a_database_is_not_there_then_empty_then_ready_then_too_new(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    assert [one.mark for one in database_checks(settings)] == [NOTED]
    (tmp_path / "s.db").touch()
    assert only(database_checks(settings), "Tablas").found == "vacías"
    db = Database(settings.database_url)
    prepare(db)
    assert only(database_checks(settings), "Tablas").mark == FINE  # also while the service has it open
    assert "SQLite" in only(database_checks(settings), "Base de datos").found
    with db.begin() as session:
        session.connection().exec_driver_sql("update alembic_version set version_num = 'f999'")
    db.close()
    assert only(database_checks(settings), "Tablas").mark == WRONG


def test_a_database_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    settings = replace(settings_at(tmp_path), database_url="postgresql+psycopg://ana:clave@127.0.0.1:1/base")
    (one,) = database_checks(settings)
    assert one.mark == WRONG
    assert "clave" not in one.found + one.advice
    assert one.advice


def test_the_mark_of_the_service_is_where_the_acceptance_begins(tmp_path: Path) -> None:
    settings = settings_at(tmp_path)
    assert known_mark(settings, "b@x.example") == ""
    db = Database(settings.database_url)
    prepare(db)
    with db.begin() as session:
        session.add(MailboxMark(mailbox="b@x.example", mark="imap:1:7"))
    db.close()
    assert known_mark(settings, "b@x.example") == "imap:1:7"


async def told(settings: Settings) -> list[Check]:
    edge = edge_of(settings, SystemClock())
    try:
        return [one async for one in mail_checks(settings, edge)]
    finally:
        await edge.close()


async def test_a_relay_that_attends_and_one_that_does_not(tmp_path: Path) -> None:
    async with SmtpPeer() as relay:
        port = relay.port
        checks = await told(settings_at(tmp_path, smtp_port=port))
        assert relay.accepted == []
    assert only(checks, "Servidor de salida").mark == FINE
    assert only(checks, "Correo entrante").found.startswith("el servicio lo recibirá en 127.0.0.1:2525 (SMTP)")
    assert only(await told(settings_at(tmp_path, smtp_port=port)), "Servidor de salida").mark == WRONG


@needs_dovecot
async def test_a_mailbox_by_imap_is_read_and_a_wrong_password_is_told(server: DovecotServer, tmp_path: Path) -> None:
    box = server.mailbox()
    async with SmtpPeer() as relay:
        values = {"smtp_port": relay.port, "imap_host": "127.0.0.1", "imap_port": server.imap, "imap_tls": "no"}
        settings = settings_at(tmp_path, **values, imap_user=box.address, imap_password=box.password)
        assert only(await told(settings), "Buzón").mark == FINE
        wrong = only(await told(replace(settings, imap_password="equivocada")), "Buzón")
    assert wrong.mark == WRONG
    assert "IMAP_PASSWORD" in wrong.advice
    assert "equivocada" not in wrong.found


async def test_exchange_online_by_ews_is_told_when_it_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nobody(_self: object, _mark: str) -> Page:
        raise Misconfigured("no atiende", NOW)

    settings = settings_at(
        tmp_path,
        mail_gateway="ews",
        ews_endpoint="https://outlook.office365.com/EWS/Exchange.asmx",
        ews_mailbox="soluciones@operador.example",
        ews_user="u",
        ews_password="c",
    )
    monkeypatch.setattr("mail.ews.EwsGateway.fetch", nobody)
    checks = await told(settings)
    assert only(checks, "EWS").mark == NOTED
    assert "1 de abril de 2027" in only(checks, "EWS").found
    assert only(checks, "EWS").advice == doctor.USE_GRAPH
    assert only(checks, "Buzón").mark == WRONG


@pytest.mark.parametrize(
    ("status", "answer", "mark", "told"),
    [
        (200, {"access_token": "t", "expires_in": 3600}, FINE, "entrega el token de la aplicación a"),
        (401, {"error": "invalid_client"}, WRONG, "revise MicrosoftAppPassword"),
        (400, {"error": "invalid_request"}, WRONG, "MicrosoftAppTenantId"),
        (503, {}, WRONG, "respondió 503"),
    ],
)
async def test_teams_is_asked_for_a_token(
    tmp_path: Path, status: int, answer: dict[str, object], mark: str, told: str
) -> None:
    asked: list[str] = []

    async def token(request: web.Request) -> web.Response:
        asked.append(await request.text())
        return web.json_response(answer, status=status)

    app_ = web.Application()
    app_.router.add_post("/token", token)
    async with TestServer(app_) as entra:
        settings = settings_at(tmp_path, oauth_url=str(entra.make_url("/token")))
        check = await teams_check(settings, SystemClock())
    assert (check.mark, told in check.found) == (mark, True), check
    assert bool(check.advice) == (mark == WRONG)
    assert "client_id=a" in asked[0]


# --- the command ------------------------------------------------------------------------------------------------------


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *options: str, typed: str = "", **given: str) -> tuple[int, str]:
    monkeypatch.chdir(folder)
    for name, value in {**GOOD, "SECRET_KEY": SECRET, "ToChannelFromBotLoginUrl": NOBODY, **given}.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(app, ["doctor", *options], input=typed)
    return done.exit_code, done.output


def test_what_is_wrong_ends_with_one_and_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = run(monkeypatch, tmp_path, SMTP_PORT="1")
    assert code == 1
    assert "✓ Ajustes" in said
    assert "! PUBLIC_URL" in said
    assert "✗ Servidor de salida" in said
    assert "→ Revise SMTP_HOST" in said
    assert "✗ Teams                      Microsoft Entra no responde." in said
    assert "→ Revise MicrosoftAppId, MicrosoftAppPassword y MicrosoftAppTenantId" in said
    assert said.splitlines()[-1] == "Por corregir: 2. Advertencias: 2."


def test_missing_settings_are_the_whole_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = run(monkeypatch, tmp_path, MAIL_GATEWAY="graph")
    assert code == 1
    assert "✗ Ajustes" in said
    assert "falta GRAPH_CLIENT_ID" in said
    assert "Base de datos" not in said


def test_nothing_is_sent_before_somebody_agrees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = run(monkeypatch, tmp_path, "--mail", typed="n\n")
    assert code == 2
    assert "Se enviarán hasta tres mensajes de prueba desde soluciones@operador.example" in said
    assert "No se envió nada." in said


@needs_dovecot
def test_the_acceptance_by_the_command_itself(
    server: DovecotServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a customer types it. The relay lives in a loop of its own: the command has one too."""
    from tests.peers.relay import Relay, beside  # noqa: PLC0415 - only here

    box = server.mailbox()
    values = {"IMAP_HOST": "127.0.0.1", "IMAP_PORT": str(server.imap), "IMAP_TLS": "no", "IMAP_PASSWORD": box.password}
    with beside(Relay(box)) as relay:
        given = {**values, "MAIL_SENDER": box.address, "SMTP_PORT": str(relay.port)}
        code, said = run(monkeypatch, tmp_path, "--mail", "--yes", **given)
        assert (code, said.splitlines()[-1]) == (0, "Todo en orden."), said
        assert "✓ Hilo" in said
        relay.faults.append(Fault("MAIL", "530 5.7.0 Se requiere autenticación"))
        code, said = run(monkeypatch, tmp_path, "--mail", "--yes", **given)
        assert code == 1
        assert "autenticación" in said
