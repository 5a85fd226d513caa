"""R4, R5, R7, R9, R24, R25, R34: a meeting's document, drawn from its agenda and from the ledger; never published.

Those who speak, own an agreement or validate are named as they were recorded; texts of the matrix carry no name (R49).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology.agendas import PER_INITIATIVE, items_of, last_internal, speaker_of, times
from methodology.alerts import open_alerts
from methodology.contents import (
    DEFAULTS,
    ILLUSTRATIVE,
    NO_MICROSITE,
    Content,
    Published,
    figures_content,
    iso,
    lights_content,
    obstacles_of,
    publisher,
    rank,
)
from methodology.followups import owed
from methodology.launch_agenda import OBSTACLES
from methodology.method import Method, load_method
from methodology.news import candidates, initiative_news, last_due_month
from methodology.operation import Doing
from methodology.people import Actor
from methodology.rules.calendar import BOGOTA
from methodology.rules.months import add_months
from methodology.rules.spanish import full_date, long_date, month_name
from methodology.rules.states import (
    INITIATIVE_LABELS,
    MEETING_NAMES,
    ActionState,
    IdeaState,
    ItemState,
    MeetingKind,
    MeetingState,
    Sector,
)
from methodology.seen import Seen, names_withheld, seen_on
from methodology.standing import running
from storage.life import AgendaItem, Agreement, Meeting, Prioritisation
from storage.matrix import Action, Initiative, Obstacle, Solution

Hide = Callable[[str], str]

MEETING = "reunion"
ALL_OF_THEM = "Todas las iniciativas"
UNDEFINED = "Por definir"
PENDING = "Pendiente de validar"
STATES: Mapping[str, str] = {
    MeetingState.PREPARED: "Preparada",
    MeetingState.CONVENED: "Convocada",
    MeetingState.HELD: "Realizada",
    MeetingState.CANCELLED: "Cancelada",
}
ITEM_STATES: Mapping[str, str] = {ItemState.PENDING: "", ItemState.DECIDED: "Tratado", ItemState.RETURNS: "Aplazado"}
SCHEDULE = "Definición conjunta de fechas"
WHO = "El líder técnico con cada entidad responsable: {entities}."
NOBODY = "El líder técnico con cada entidad responsable."
HOW = "Concertación de la fecha de cada acción, que se registra en la matriz con su versión."
BY = "Dentro de los {months} meses siguientes al lanzamiento{day}; lo que siga sin fecha se informa cada mes."
_READER = Actor(0, "", "f", frozenset())


def meeting_content(session: Session, meeting: Meeting, today: date, settings: Published = DEFAULTS) -> Content:
    """The «minuto a minuto», what is shown at this kind of meeting, and what it agreed.

    Of a meeting that was held the matrix is shown as it stood that day, and the pack is what its agenda kept.
    """
    held = meeting.state == MeetingState.HELD
    day = min(meeting.held_on or meeting.on or today, today) if held else today
    doing = _reading(session, day, settings)
    seen = seen_on(session, meeting.initiative, day, settings.thresholds) if meeting.initiative else []
    illustrative = _illustrative(session, seen, meeting)
    pack = None if meeting.initiative or held else _pack(doing)
    return {
        **_about(session, meeting),
        "kind": MEETING,
        "cut_off": day.isoformat(),
        "version": 1,
        "period": None,
        "illustrative": illustrative,
        "notice": ILLUSTRATIVE if illustrative else "",
        "publisher": publisher(settings),
        "warnings": [] if settings.microsite else [NO_MICROSITE],
        "items": _items(session, meeting, day, pack),
        "agreements": _agreements(session, meeting),
        "figures": figures_content(seen) if meeting.initiative else None,
        "lights": lights_content(seen),
        "pack": pack,
        "launch": _launch(doing, meeting, seen) if meeting.kind == MeetingKind.LAUNCH else None,
    }


def _reading(session: Session, day: date, settings: Published) -> Doing:
    """Nobody does anything: what the agenda's functions read is handed to them."""
    method = Method(load_method(session).calendar, settings.thresholds)
    return Doing(session, _READER, datetime.combine(day, time(12), BOGOTA), method, settings)


def _about(session: Session, meeting: Meeting) -> Content:
    initiative, when = meeting.initiative, meeting.held_on or meeting.on
    return {
        "title": MEETING_NAMES.get(meeting.kind, meeting.kind),
        "subtitle": _when(session, meeting),
        "meeting": meeting.kind,
        "number": meeting.id,
        "state": STATES.get(meeting.state, meeting.state),
        "initiative": {
            "slug": initiative.slug if initiative else MeetingKind.INTERNAL.value,
            "name": initiative.name if initiative else ALL_OF_THEM,
        },
        "on": iso(when),
        "begins": meeting.begins,
        "minutes": sum(item.minutes for item in items_of(session, meeting)) or meeting.minutes,
        "place": meeting.place,
        "summary": meeting.summary,
        "next": long_date(meeting.next_on) if meeting.next_on else UNDEFINED if meeting.next_undefined else "",
    }


def _when(session: Session, meeting: Meeting) -> str:
    """«jueves 12 de noviembre de 2026, de 9:00 a 10:00»."""
    day = meeting.held_on or meeting.on
    said = full_date(day) if day else "fecha por definir"
    if not meeting.begins:
        return said
    minutes = sum(item.minutes for item in items_of(session, meeting)) or meeting.minutes
    return f"{said}, de {meeting.begins.removeprefix('0')} a {_later(meeting.begins, minutes).removeprefix('0')}"


def _later(clock: str, minutes: int) -> str:
    moment = datetime.combine(date.min, time.fromisoformat(clock)) + timedelta(minutes=minutes)
    return f"{moment:%H:%M}"


def _illustrative(session: Session, seen: Sequence[Seen], meeting: Meeting) -> bool:
    if meeting.initiative:
        return any("ilustrativ" in row.action.nature.lower() for row in seen)
    return session.scalars(select(Action.id).where(Action.nature.icontains("ilustrativ")).limit(1)).first() is not None


def _items(session: Session, meeting: Meeting, day: date, pack: Content | None) -> list[Content]:
    """The points with their hours."""
    items, hide = items_of(session, meeting), names_withheld(session)
    shown = {line for row in pack["initiatives"] for line in (*row["standing"], *row["attention"])} if pack else set()
    return [
        {**_item(session, item, begins, day, hide), "content": [hide(line) for line in _lines(item, shown)]}
        for item, begins in zip(items, times(meeting, items), strict=True)
    ]


def _lines(item: AgendaItem, shown: set[str]) -> list[str]:
    """The launch's matrix and the pack are shown apart: their points keep what is not said there."""
    if item.kind == OBSTACLES:
        return item.content[:1]
    return [line for line in item.content if item.kind != PER_INITIATIVE or line not in shown]


def _item(session: Session, item: AgendaItem, begins: str, day: date, hide: Hide) -> Content:
    return {
        "position": item.position,
        "begins": begins,
        "ends": _later(begins, item.minutes),
        "minutes": item.minutes,
        "title": item.title,
        "speaker": speaker_of(session, item, item.meeting.on or day),
        "state": ITEM_STATES.get(item.state, item.state),
        "decision": hide(item.decision),
        "returned": item.returns_id is not None,
    }


def _agreements(session: Session, meeting: Meeting) -> list[Content]:
    rows = select(Agreement).where(Agreement.meeting_id == meeting.id).order_by(Agreement.id)
    return [
        {
            "kind": row.kind,
            "text": row.text,
            "owner": row.owner,
            "due": iso(row.due),
            "became": row.became,
            "state": row.state,
        }
        for row in session.scalars(rows)
    ]


# --- R24: the pack of the internal meetings -----------------------------------------------------------------------


def _pack(doing: Doing) -> Content:
    since = last_internal(doing.session)
    return {
        "since": iso(since),
        "initiatives": [_standing(doing, initiative, since) for initiative in running(doing.session)],
        "candidates": candidates(doing.session),
    }


def _standing(doing: Doing, initiative: Initiative, since: date | None) -> Content:
    """Figures, semáforo, alerts, what was not reported, and what needs attention (R25, R30, R33, R35, R36)."""
    session = doing.session
    seen = seen_on(session, initiative, doing.today, doing.method.thresholds)
    alerts, month = open_alerts(session, initiative.id), last_due_month(doing, initiative)
    launched = initiative.launch is not None and initiative.launch <= month.last
    standing, attention = initiative_news(doing, initiative, since)
    return {
        "slug": initiative.slug,
        "name": initiative.name,
        "state": INITIATIVE_LABELS.get(initiative.state, initiative.state),
        "figures": figures_content(seen),
        "lights": lights_content(seen),
        "alerts": len(alerts),
        "new_alerts": sum(since is None or row.raised_on > since for row in alerts),
        "month": month_name(month.year, month.number),
        "unreported": len(owed(session, initiative.id, month)) if launched else 0,
        "standing": standing,
        "attention": attention,
    }


# --- R6, R7, R9: the launch's presentation ------------------------------------------------------------------------


def _launch(doing: Doing, meeting: Meeting, seen: Sequence[Seen]) -> Content | None:
    if meeting.initiative is None:
        return None
    return {
        "obstacles": _undated(doing.session, seen, doing.today),
        "schedule": _schedule(doing, meeting, meeting.initiative, seen),
        "sectors": _sectors(doing.session, meeting.initiative),
        "proposals": list(_proposals(doing.session, meeting.initiative)),
    }


def _undated(session: Session, seen: Sequence[Seen], day: date) -> list[Content]:
    """R9: obstacle → solution → action by priority alone: neither a date nor the order of the dates is shown."""
    found = []
    current = [row for row in seen if row.state == ActionState.OPEN]
    for obstacle in obstacles_of(session, current, day, public=True):
        solutions = [
            {"text": solution["text"], "actions": sorted(map(_bare, solution["actions"]), key=_by_priority)}
            for solution in obstacle["solutions"]
        ]
        ordered = sorted(solutions, key=lambda solution: _by_priority(solution["actions"][0]))
        found.append({**{key: obstacle[key] for key in ("kind", "theme", "text", "sources")}, "solutions": ordered})
    return sorted(found, key=lambda obstacle: _by_priority(obstacle["solutions"][0]["actions"][0]))


def _bare(action: Mapping[str, Any]) -> Content:
    return {key: action[key] for key in ("code", "text", "entity", "entity_short", "supporting", "priority")}


def _by_priority(action: Mapping[str, Any]) -> tuple[int, str]:
    return rank(action["priority"]), action["code"]


def _schedule(doing: Doing, meeting: Meeting, initiative: Initiative, seen: Sequence[Seen]) -> Content:
    """R9: the item of the schedule: who, how and by when the dates are defined."""
    months, launch = doing.method.of(initiative).undated_months, meeting.held_on or meeting.on or initiative.launch
    entities = sorted({row.entity.short for row in seen if row.state == ActionState.OPEN})
    by = f", a más tardar el {long_date(add_months(launch, months))}" if launch else ""
    return {
        "title": SCHEDULE,
        "who": WHO.format(entities=", ".join(entities)) if entities else NOBODY,
        "how": HOW,
        "by": BY.format(months=months, day=by),
    }


def _sectors(session: Session, initiative: Initiative) -> list[Content]:
    """R7: the prioritisation is validated twice."""
    rows = session.scalars(select(Prioritisation).where(Prioritisation.initiative_id == initiative.id))
    known = {row.sector: row for row in rows}
    return [_validation(sector, known.get(sector)) for sector in Sector]


def _validation(sector: Sector, row: Prioritisation | None) -> Content:
    said = f"Validada el {long_date(row.on)} por {row.by}" if row else PENDING
    return {"sector": str(sector), "said": said, "remarks": row.remarks if row else ""}


def _proposals(session: Session, initiative: Initiative) -> Iterator[Content]:
    """R7: what was brought up in the discussion, with its origin; it counts in no figure."""
    hide = names_withheld(session)
    obstacles = select(Obstacle).where(Obstacle.initiative_id == initiative.id, Obstacle.state == IdeaState.PROPOSED)
    for row in session.scalars(obstacles.order_by(Obstacle.id)):
        texts = session.scalars(select(Solution.text).where(Solution.obstacle_id == row.id).order_by(Solution.id))
        yield {"what": row.kind, "text": hide(row.text), "solution": hide("; ".join(texts)), "origin": row.origin}
    actions = select(Action).where(Action.initiative_id == initiative.id, Action.state == ActionState.PROPOSED)
    for action in session.scalars(actions.order_by(Action.code)):
        answers = action.solution.text if action.solution else ""
        what = f"Acción {action.code}"
        yield {"what": what, "text": hide(action.text), "solution": hide(answers), "origin": action.origin}
