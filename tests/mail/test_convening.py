from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest
from bs4 import BeautifulSoup
from core_world import Core, at
from databases import in_memory
from icalendar import Calendar
from mail_letters import LETTERHEAD

from bot.drawing.context import Desk, Studio
from bot.drawing.meetings import convening_letter
from bot.drawing.renderer import LETTERS
from bot.links import Links
from bot.settings import Settings
from mail.gateway import Attachment, OutgoingMail
from mail.mime import to_bytes
from mail.writing.invitation_ics import AgendaRow, Convening, convening
from methodology.clock import SettableClock
from methodology.delivery import Permanent
from methodology.method import Method
from methodology.rules.table import RULES

GUESTS = ("ana.ruiz@operador.example", "enlace@dimar.example")
STAMP = datetime(2026, 8, 12, 15, tzinfo=UTC)
DATA = Convening(
    number=7,
    sequence=0,
    what="Lanzamiento de Astilleros",
    on=date(2026, 8, 20),
    begins="09:00",
    minutes=60,
    place="Auditorio; piso 3, Bogotá",
    guests=GUESTS,
    agenda=(
        AgendaRow("09:00", "Saludo", "Ana Ruiz, Viceministra de Desarrollo Empresarial (E)", 5, "Importancia"),
        AgendaRow("09:05", "El instrumento", "Gil Rivas, Gerente General", 10),
    ),
    stamp=STAMP,
    why="R24: Gil Rivas convocó esta reunión el 12 de agosto de 2026.",
    message_id="<uno@operador.example>",
    letterhead=LETTERHEAD,
    domain="operador.example",
)


def calendar_of(mail: OutgoingMail) -> Any:
    [attachment] = mail.attachments
    return Calendar.from_ical(attachment.content)


def event_of(mail: OutgoingMail) -> Any:
    [found] = calendar_of(mail).walk("VEVENT")
    return found


def words(mail: OutgoingMail) -> str:
    return " ".join(BeautifulSoup(mail.html, "lxml").get_text(" ").split())


def test_the_event_is_in_bogotas_time_for_as_long_as_the_meeting() -> None:
    event = event_of(convening(DATA))
    assert event["DTSTART"].dt.utcoffset() == timedelta(hours=-5)
    assert event["DTSTART"].dt.isoformat() == "2026-08-20T09:00:00-05:00"
    assert event["DTEND"].dt - event["DTSTART"].dt == timedelta(minutes=60)
    assert event["DTSTART"].params["TZID"] == "America/Bogota"
    [zone] = calendar_of(convening(DATA)).walk("VTIMEZONE")
    assert zone["TZID"] == "America/Bogota"
    assert [one["TZOFFSETTO"].td for one in zone.walk("STANDARD")] == [timedelta(hours=-5)]


def test_organizer_and_guests_are_on_it_and_nobody_is_asked_to_answer() -> None:
    event = event_of(convening(DATA))
    assert event["ORGANIZER"] == f"mailto:{LETTERHEAD.mail}"
    assert event["ORGANIZER"].params["CN"] == LETTERHEAD.organisation
    assert [str(one) for one in event["ATTENDEE"]] == [f"mailto:{guest}" for guest in GUESTS]
    assert {one.params["RSVP"] for one in event["ATTENDEE"]} == {"FALSE"}
    assert event["LOCATION"] == "Auditorio; piso 3, Bogotá"


def test_the_same_meeting_keeps_its_uid_and_counts_its_sequence() -> None:
    first, second = event_of(convening(DATA)), event_of(convening(replace(DATA, sequence=1, on=date(2026, 8, 27))))
    gone = event_of(convening(replace(DATA, sequence=2, cancelled=True)))
    assert {first["UID"], second["UID"], gone["UID"]} == {"reunion-7@operador.example"}
    assert [first["SEQUENCE"], second["SEQUENCE"], gone["SEQUENCE"]] == [0, 1, 2]
    assert [str(one["STATUS"]) for one in (first, second, gone)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]


@pytest.mark.parametrize(("cancelled", "method"), [(False, "REQUEST"), (True, "CANCEL")])
def test_the_wire_says_the_method_and_the_file_the_same(*, cancelled: bool, method: str) -> None:
    mail = convening(replace(DATA, cancelled=cancelled))
    assert calendar_of(mail)["METHOD"] == method
    message = message_from_bytes(to_bytes(mail, f"Seguimiento <{LETTERHEAD.mail}>", STAMP))
    [part] = [one for one in message.walk() if one.get_content_type() == "text/calendar"]
    assert part.get_param("method") == method
    assert part.get_filename() == "convocatoria.ics"
    assert part.get_payload(decode=True) == mail.attachments[0].content


def test_an_attachments_parameters_carry_no_line_break() -> None:
    mail = replace(
        convening(DATA), attachments=(Attachment("x.ics", "text/calendar; method=A\r\nBcc: x@y.example", b""),)
    )
    with pytest.raises(Permanent):
        to_bytes(mail, LETTERHEAD.mail, STAMP)


def test_the_letter_has_the_minuto_a_minuto_with_times_and_speakers() -> None:
    mail = convening(DATA)
    assert mail.subject == (
        "Soluciones por la Reindustrialización – Convocatoria: Lanzamiento de Astilleros, jueves 20 de agosto de 2026"
    )
    said = words(mail)
    assert (
        "De manera atenta convocamos a la siguiente reunión: Lanzamiento de Astilleros, el jueves 20 de agosto" in said
    )
    assert "Hora Punto A cargo de Minutos 09:00 Saludo. Importancia Ana Ruiz, Viceministra" in said
    assert "09:05" in mail.text
    assert mail.to == GUESTS


def test_what_changed_and_what_was_cancelled_say_so() -> None:
    changed, gone = (
        convening(replace(DATA, updated=True)),
        convening(replace(DATA, cancelled=True, reason="Sin quórum")),
    )
    assert "Actualización de la convocatoria" in changed.subject
    assert "se actualizó la convocatoria" in words(changed)
    assert "Cancelación" in gone.subject
    assert "se canceló la reunión" in words(gone)
    assert "Motivo: Sin quórum" in words(gone)
    assert "09:05" not in gone.text


def test_a_hostile_place_stays_words() -> None:
    mail = convening(replace(DATA, place="Sala\r\nATTENDEE:mailto:x@y.example <b>1</b>"))
    assert len(event_of(mail)["ATTENDEE"]) == 2
    assert "<b>1</b>" not in mail.html


# --- from the ledger --------------------------------------------------------------------------------------------------


def settings(**more: Any) -> Settings:
    values = {"app_id": "", "app_password": "", "tenant_id": "", "allowed_tenants": frozenset()}
    return Settings(
        **values, secret_key=b"k" * 40, mail_sender="sr@operador.example", mail_domain="operador.example", **more
    )


def letter(core: Core, now: datetime) -> OutgoingMail:
    """What would be sent now of the newest convening or cancelling."""
    own = settings()
    studio = Studio(own, Links(own.secret_key, own.public_url, SettableClock(now)), Method())
    told = core.notices("R24.convocatoria", "R24.cancelacion")[-1]
    return convening_letter(Desk(core.session, studio, "lote", now), [told])


def test_a_launch_goes_from_the_ledger_to_its_guests_changes_and_is_cancelled() -> None:
    with in_memory() as database, database.begin() as session:
        core = Core(session)
        astilleros = core.initiative("astilleros", None, state="en_construccion", alerts_from=None)
        core.action("AST-01", due="2028-03-01", initiative=astilleros)
        core.person("Ana Ruiz", "VM", acting=True)
        core.does("2026-08-10", "GG", "reunion.preparar", clase="lanzamiento", iniciativa="astilleros")
        which = {"reunion": "lanzamiento astilleros"}
        core.does("2026-08-12", "GG", "reunion.convocar", **which, fecha="2026-08-20", hora="9:00", lugar="Auditorio")
        first = letter(core, at("2026-08-12", 10))
        core.live("2026-08-12")
        core.does("2026-08-13", "GG", "reunion.convocar", **which, fecha="2026-08-27")
        second = letter(core, at("2026-08-13", 10))
        core.live("2026-08-13")
        core.does("2026-08-14", "GG", "reunion.cancelar", **which, motivo="Sin quórum")
        gone = letter(core, at("2026-08-14", 10))
    assert first.to == ("ana.ruiz@operador.example", "enlace@entidad.example")
    assert [event_of(one)["SEQUENCE"] for one in (first, second, gone)] == [0, 1, 2]
    assert len({str(event_of(one)["UID"]) for one in (first, second, gone)}) == 1
    assert [str(calendar_of(one)["METHOD"]) for one in (first, second, gone)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert "09:35 Discusión público-privada" in words(first)
    assert "Ana Ruiz, Viceministra de Desarrollo Empresarial (E)" in words(first)
    assert "convocatoria" in second.subject
    assert "Actualización" in second.subject
    assert "R24: La persona" not in words(gone)
    assert len({one.message_id for one in (first, second, gone)}) == 3


def test_only_whoever_is_no_guest_any_more_gets_the_cancelling() -> None:
    with in_memory() as database, database.begin() as session:
        core = Core(session)
        core.initiative("astilleros", "2026-07-15")
        core.does("2026-08-10", "GG", "reunion.preparar", clase="logros", iniciativa="astilleros")
        given = {"reunion": "logros astilleros", "fecha": "2026-08-20", "hora": "9:00"}
        core.does("2026-08-12", "GG", "reunion.convocar", **given, invitados="ana@ejemplo.example; eva@ejemplo.example")
        core.live("2026-08-12")
        core.does("2026-08-13", "GG", "reunion.convocar", **given, invitados="eva@ejemplo.example")
        gone = letter(core, at("2026-08-13", 10))
    assert (gone.to, str(calendar_of(gone)["METHOD"])) == (("ana@ejemplo.example",), "CANCEL")


@pytest.mark.parametrize("rule", ["R24.convocatoria", "R24.cancelacion"])
def test_both_notices_have_their_letter(rule: str) -> None:
    assert RULES[rule].bundle in LETTERS
