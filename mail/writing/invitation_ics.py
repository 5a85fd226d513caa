"""R24, R25: the letter that convenes a meeting, with its «minuto a minuto» and the event for the calendars (.ics).

The event keeps its UID for ever; each new convening, and the cancelling, goes out one SEQUENCE later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Calendar, Event, Timezone, TimezoneStandard, vCalAddress, vText

from mail.gateway import Attachment, OutgoingMail
from mail.writing.letterhead import PROGRAMME, Letterhead
from mail.writing.notice import NoticeData, notice
from methodology.rules.calendar import BOGOTA
from methodology.rules.spanish import full_date, time_of_day

REQUEST = "REQUEST"
CANCEL = "CANCEL"
FILE_NAME = "convocatoria.ics"
SALUTATION = "Respetadas doctoras y respetados doctores:"
CONVENED = "De manera atenta convocamos a la siguiente reunión: {what}, el {when}{place}."
UPDATED = "De manera atenta informamos que se actualizó la convocatoria de la reunión: {what}, el {when}{place}."
CANCELLED = "De manera atenta informamos que se canceló la reunión: {what}, que estaba prevista para el {when}."
CALENDAR = "Se adjunta el evento para su agenda. A continuación se relaciona el minuto a minuto."
REMOVED = "El evento adjunto retira la reunión de su agenda."
TITLES = {REQUEST: "Convocatoria", CANCEL: "Cancelación"}
UPDATE = "Actualización de la convocatoria"
HEADERS = ("Hora", "Punto", "A cargo de", "Minutos")
_TZID = "America/Bogota"
_OFFSET = timedelta(hours=-5)


@dataclass(frozen=True)
class AgendaRow:
    """One point of the «minuto a minuto»; `summary` is the first line of its content."""

    hour: str
    title: str
    speaker: str
    minutes: int
    summary: str = ""


@dataclass(frozen=True)
class Convening:
    """One meeting as its guests are told of it. `number` is its own for ever; `stamp` is the moment of writing (aware).

    `begins` is HH:MM in Bogotá. `updated` says that the guests had another letter before; `cancelled` with `reason`
    takes it back.
    """

    number: int
    sequence: int
    what: str
    on: date
    begins: str
    minutes: int
    place: str
    guests: tuple[str, ...]
    agenda: tuple[AgendaRow, ...]
    stamp: datetime
    why: str
    message_id: str
    letterhead: Letterhead
    domain: str
    updated: bool = False
    cancelled: bool = False
    reason: str = ""
    note: str = ""
    illustrative: bool = False

    @property
    def method(self) -> str:
        return CANCEL if self.cancelled else REQUEST

    @property
    def starts(self) -> datetime:
        return datetime.combine(self.on, time.fromisoformat(self.begins), BOGOTA)


def convening(data: Convening) -> OutgoingMail:
    """The letter to all guests, its event attached."""
    content_type = f"text/calendar; method={data.method}; charset=utf-8"
    return notice(
        NoticeData(
            to=data.guests,
            title=f"{_title(data)}: {data.what}, {full_date(data.on)}",
            salutation=SALUTATION,
            paragraphs=tuple(line for line in _paragraphs(data) if line),
            why=data.why,
            message_id=data.message_id,
            letterhead=data.letterhead,
            headers=HEADERS,
            rows=() if data.cancelled else tuple(_row(row) for row in data.agenda),
            illustrative=data.illustrative,
            attachments=(Attachment(FILE_NAME, content_type, event(data)),),
        )
    )


def _title(data: Convening) -> str:
    return UPDATE if data.updated and not data.cancelled else TITLES[data.method]


def _paragraphs(data: Convening) -> tuple[str, ...]:
    when = f"{full_date(data.on)}, a las {time_of_day(time.fromisoformat(data.begins))} (hora de Bogotá)"
    place = f"; lugar: {data.place}" if data.place else ""
    if data.cancelled:
        return CANCELLED.format(what=data.what, when=when), f"Motivo: {data.reason}" if data.reason else "", REMOVED
    opening = UPDATED if data.updated else CONVENED
    return opening.format(what=data.what, when=when, place=place), data.note, CALENDAR


def _row(row: AgendaRow) -> tuple[str, ...]:
    point = f"{row.title}. {row.summary}" if row.summary else row.title
    return row.hour, point, row.speaker or "—", str(row.minutes)


def event(data: Convening) -> bytes:
    """The .ics: one event in Bogotá's time, of the letterhead's mailbox, with all guests."""
    calendar = Calendar()
    calendar.add("PRODID", f"-//{data.letterhead.organisation}//{PROGRAMME}//ES")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", data.method)
    calendar.add_component(_zone())
    calendar.add_component(_event(data))
    return bytes(calendar.to_ical())


def _event(data: Convening) -> Event:
    made = Event()
    made.add("UID", f"reunion-{data.number}@{data.domain}")
    made.add("SEQUENCE", data.sequence)
    made.add("DTSTAMP", data.stamp.astimezone(UTC))
    made.add("DTSTART", data.starts)
    made.add("DTEND", data.starts + timedelta(minutes=data.minutes))
    made.add("SUMMARY", f"{PROGRAMME}: {data.what}")
    made.add("STATUS", "CANCELLED" if data.cancelled else "CONFIRMED")
    made.add("DESCRIPTION", "\n".join(f"{row.hour} {row.title} ({row.speaker or '—'})" for row in data.agenda))
    if data.place:
        made.add("LOCATION", data.place)
    organizer = vCalAddress(f"mailto:{data.letterhead.mail}")
    organizer.params["CN"] = vText(data.letterhead.organisation)
    made["ORGANIZER"] = organizer
    for guest in data.guests:
        made.add("ATTENDEE", _attendee(guest), encode=False)
    return made


def _attendee(mail: str) -> vCalAddress:
    """No answer is asked for: the mailbox reads what entities report, not who attends."""
    made = vCalAddress(f"mailto:{mail}")
    made.params["ROLE"] = vText("REQ-PARTICIPANT")
    made.params["PARTSTAT"] = vText("NEEDS-ACTION")
    made.params["RSVP"] = vText("FALSE")
    return made


def _zone() -> Timezone:
    """Bogotá has one offset and no summer time."""
    zone, standard = Timezone(), TimezoneStandard()
    zone.add("TZID", _TZID)
    standard.add("DTSTART", datetime(1993, 4, 4))  # noqa: DTZ001 - local by definition; the last change of offset
    standard.add("TZOFFSETFROM", _OFFSET)
    standard.add("TZOFFSETTO", _OFFSET)
    standard.add("TZNAME", "-05")
    zone.add_component(standard)
    return zone
