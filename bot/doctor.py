"""`soluciones doctor`: what must be right before the service starts, each with what to do. It changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.cli_errors import sentence
from bot.mail_settings import EWS, LOOPBACK, SMTP
from bot.mailing import Edge
from bot.settings import BadSettings, Settings, load
from mail.smtp import SmtpGateway
from methodology.clock import Clock, local
from methodology.delivery import DeliveryError
from methodology.rules.spanish import full_date, time_of_day
from storage.db import Database
from storage.ledger import MailboxMark
from storage.schema import NewerSchema, is_current

FINE, WRONG, NOTED = "✓", "✗", "!"
ONLINE = "es Exchange Online: EWS se apaga el 1 de abril de 2027, y muchas organizaciones ya no lo tienen"
USE_GRAPH = "Use Graph: MAIL_GATEWAY = graph."
MEND = "Corrija soluciones.toml o el entorno; soluciones.example.toml explica cada ajuste."
REST = "Lo demás se comprueba cuando los ajustes estén completos."
_EARLIEST_YEAR = 2026
_VARIED = 10
_HOST_SHOWN = 80


@dataclass(frozen=True)
class Check:
    """One thing looked at: `mark` is FINE, WRONG, or NOTED for what is worth knowing; `advice` what to do about it."""

    what: str
    mark: str
    found: str
    advice: str = ""


def settings_checks(environment: Mapping[str, str] | None = None) -> tuple[Settings | None, list[Check]]:
    """The settings, when they are complete, and what was found of them."""
    try:
        settings = load(environment)
    except BadSettings as exc:
        wrong = [Check("Ajustes", WRONG, problem) for problem in exc.problems]
        return None, [*wrong, Check("Ajustes", NOTED, REST, MEND)]
    return settings, [Check("Ajustes", FINE, "completos"), *_of_settings(settings)]


def _of_settings(settings: Settings) -> Iterator[Check]:
    yield _public_url(settings.public_url)
    if len(set(settings.secret_key)) < _VARIED:
        advice = 'Genere otra: python -c "import secrets; print(secrets.token_urlsafe(48))"'
        yield Check("SECRET_KEY", WRONG, "se repiten pocos caracteres: se puede adivinar", advice)
    else:
        yield Check("SECRET_KEY", FINE, f"{len(settings.secret_key)} caracteres")


def _public_url(url: str) -> Check:
    parts = urlsplit(url)
    if parts.hostname in LOOPBACK:
        found = f"{url}: los enlaces de los correos solo abrirían en esta máquina"
        return Check("PUBLIC_URL", NOTED, found, "Escriba la dirección https del proxy.")
    if parts.scheme != "https":
        return Check("PUBLIC_URL", WRONG, f"{url}: los enlaces viajarían sin cifrar", "Use https://.")
    return Check("PUBLIC_URL", FINE, url)


def clock_check(clock: Clock) -> Check:
    """The machine's own clock, as Bogotá's wall would show it: a person compares."""
    now = local(clock.now())
    told = f"en Bogotá es {full_date(now.date())}, {time_of_day(now)}"
    if now.year < _EARLIEST_YEAR:
        return Check("Reloj", WRONG, told, "Ajuste la fecha de la máquina (NTP): con ella se cuentan los plazos.")
    return Check("Reloj", FINE, told)


def database_checks(settings: Settings) -> list[Check]:
    """Whether the database answers, which engine it is, and whether its tables are this version's."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_file():
        found = f"{url.database} todavía no existe"
        return [Check("Base de datos", NOTED, found, "«soluciones run» o «soluciones import» la crean.")]
    try:
        db = Database(settings.database_url, read_only=True)
        try:
            return [Check("Base de datos", FINE, db.version()[:_HOST_SHOWN]), _tables(db)]
        finally:
            db.close()
    except (SQLAlchemyError, ModuleNotFoundError, OSError) as exc:
        told = sentence(exc)
        if not told:
            raise
        return [Check("Base de datos", WRONG, f"{url.render_as_string()} no atiende", told)]


def _tables(db: Database) -> Check:
    try:
        current = is_current(db)
    except NewerSchema as exc:
        return Check("Tablas", WRONG, "son de una versión más nueva", str(exc))
    if current:
        return Check("Tablas", FINE, "de esta versión")
    found = "vacías" if current is None else "de una versión anterior"
    return Check("Tablas", NOTED, found, "«soluciones run» o «soluciones import» las preparan; haga antes una copia.")


TEAMS_ADVICE = (
    "Revise MicrosoftAppId, MicrosoftAppPassword y MicrosoftAppTenantId en el registro de la aplicación (el secreto "
    "pudo vencer), y que esta máquina pueda salir a {host}."
)


async def teams_check(settings: Settings, clock: Clock) -> Check:
    """Whether Microsoft Entra gives the bot a token with these settings; nothing is sent to Teams."""
    from aiohttp import ClientSession  # noqa: PLC0415 - only whoever asks loads it

    from bot.teams.tokens import TokenSource  # noqa: PLC0415 - the same
    from bot.teams_settings import teams_config  # noqa: PLC0415 - the same

    config = teams_config(settings)
    host = urlsplit(config.oauth_url).hostname
    async with ClientSession(trust_env=False) as session:
        try:
            await TokenSource(config, session, clock).get()
        except DeliveryError as exc:
            return Check("Teams", WRONG, str(exc), TEAMS_ADVICE.format(host=host))
    return Check("Teams", FINE, f"{host} entrega el token de la aplicación {settings.app_id}")


async def mail_checks(settings: Settings, edge: Edge) -> AsyncIterator[Check]:
    """Whether the mail system answers; nothing is sent, and nothing is marked in the mailbox."""
    yield Check("Correo", FINE, f"{edge.label}, desde {settings.mail_sender}")
    if settings.mail_gateway == EWS:
        from mail.ews import is_exchange_online  # noqa: PLC0415 - exchangelib takes a second to load

        if is_exchange_online(settings.ews_endpoint):
            yield Check("EWS", NOTED, ONLINE, USE_GRAPH)
    if isinstance(edge.gateway, SmtpGateway):
        yield await _relay(settings, edge.gateway)
    if edge.mailbox is not None:
        yield await _mailbox(settings, edge)
    elif settings.mail_gateway == SMTP:
        yield Check("Correo entrante", FINE, _listening(settings))


async def _relay(settings: Settings, gateway: SmtpGateway) -> Check:
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        await gateway.greet()
    except DeliveryError as exc:
        advice = "Revise SMTP_HOST, SMTP_PORT, SMTP_STARTTLS, SMTP_USER y SMTP_PASSWORD, y el cortafuegos."
        return Check("Servidor de salida", WRONG, str(exc), advice)
    return Check("Servidor de salida", FINE, f"{where} atiende")


_MAILBOX_ADVICE = {
    SMTP: "Revise IMAP_HOST, IMAP_PORT, IMAP_TLS, IMAP_USER e IMAP_PASSWORD, y el cortafuegos.",
    EWS: "Revise EWS_ENDPOINT, EWS_AUTH y sus credenciales, y los permisos sobre EWS_MAILBOX.",
}
_GRAPH_ADVICE = (
    "Revise GRAPH_TENANT, GRAPH_CLIENT_ID y su credencial, y los permisos de la aplicación sobre GRAPH_MAILBOX."
)


async def _mailbox(settings: Settings, edge: Edge) -> Check:
    assert edge.mailbox is not None  # noqa: S101 - whoever calls has looked
    try:
        await edge.mailbox.fetch("")
    except DeliveryError as exc:
        return Check("Buzón", WRONG, str(exc), _MAILBOX_ADVICE.get(settings.mail_gateway, _GRAPH_ADVICE))
    return Check("Buzón", FINE, f"{edge.mailbox.name} se puede leer")


def _listening(settings: Settings) -> str:
    kind = "LMTP" if settings.inbound_lmtp else "SMTP"
    where = settings.inbound_socket or f"{settings.inbound_host}:{settings.inbound_port}"
    return f"el servicio lo recibirá en {where} ({kind}), de quien se lo entregue"


def known_mark(settings: Settings, mailbox: str) -> str:
    """How far the service has read that mailbox; "" when it never has, or nobody can say."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return ""
    db = Database(settings.database_url, read_only=True)

    def mark(session: Session) -> str:
        row = session.get(MailboxMark, mailbox)
        return row.mark if row else ""

    try:
        return db.do(mark) if is_current(db) else ""
    except (SQLAlchemyError, NewerSchema, OSError):  # `doctor` tells of it; the mail can be tried all the same
        return ""
    finally:
        db.close()
