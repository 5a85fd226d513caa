"""R37: the closing report's frozen content: what an initiative achieved in its whole life and what stays a challenge.

It says how things are once closed: what is still open of the matrix counts as cerrada sin cumplir. Apart from its
cut-off, period and version it does not depend on the day on which it is drafted, so that what people reviewed is what
is published. Entities are named, persons never (R49).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from methodology.clock import local
from methodology.completion import term
from methodology.contents import (
    ACHIEVEMENTS,
    CLOSING,
    DEFAULTS,
    MATRIX,
    PUBLISHED,
    Content,
    Published,
    errata_of,
    head_of,
    iso,
    light_content,
    rank,
    told,
)
from methodology.method import Method
from methodology.rules.figures import Semaforo
from methodology.rules.spanish import long_date
from methodology.rules.states import (
    INITIATIVE_LABELS,
    MEETING_NAMES,
    ActionState,
    IdeaState,
    InitiativeState,
    MeetingKind,
    MeetingState,
)
from methodology.seen import Seen, midnight, names_withheld, seen_on
from storage.history import Change
from storage.ledger import CaseAction, HighLevelCase, Report
from storage.life import Meeting
from storage.matrix import Achievement, Action, ActionVersion, Initiative, Obstacle, Solution

Hide = Callable[[str], str]

ALL_MET = "Se cumplió el 100 % de las acciones de la matriz."
TERM_OVER = "Se cumplieron los {months} meses en ejecución de la matriz, el {day}."
BY_PEOPLE = "El cierre lo confirmaron Planeación o la Gerencia General."
NO_LOGROS = "Durante la vida de la iniciativa no se registraron logros relevantes."
NO_CHALLENGES = "No quedan acciones sin cumplir, salidas ni obstáculos sin resolver."
_UNMET = (ActionState.OPEN, ActionState.CLOSED_UNMET)
_REPORTS = {ACHIEVEMENTS: "Reporte de logros", MATRIX: "Actualización de la matriz"}


def closing_content(
    session: Session, initiative: Initiative, today: date, settings: Published = DEFAULTS, *, version: int = 1
) -> Content:
    """Logros by priority, desafíos, figures and the line of its life, as of the end of `today`."""
    hide = names_withheld(session)
    seen = [_ended(row) for row in seen_on(session, initiative, today, settings.thresholds)]
    head = head_of(session, CLOSING, initiative, cut_off=today, version=version, settings=settings, seen=seen)
    achievements = _achievements(session, initiative, today, hide)
    challenges = _challenges(session, initiative, seen, hide)
    return {
        **head,
        "title": "Informe de cierre",
        "initiative": {**head["initiative"], "state": INITIATIVE_LABELS[InitiativeState.CLOSED]},
        "period": _life(initiative, today),
        "closing": {
            "confirmed_on": iso(_confirmed_on(session, initiative)),
            "why": _why(session, initiative, head["figures"], today, settings),
        },
        "achievements": achievements,
        "empty": "" if achievements else NO_LOGROS,
        "errata": errata_of(session, initiative, hide),
        "challenges": challenges,
        "unchallenged": "" if any(challenges.values()) else NO_CHALLENGES,
        "timeline": sorted(_timeline(session, initiative, today), key=lambda event: event["on"]),
    }


def _ended(row: Seen) -> Seen:
    """The action as the closing leaves it."""
    if row.state != ActionState.OPEN:
        return row
    return replace(row, state=str(ActionState.CLOSED_UNMET), light=Semaforo.CLOSED_UNMET)


def _life(initiative: Initiative, today: date) -> Content:
    """Its only period: from launch to cut-off."""
    since = f"del {long_date(initiative.launch)} " if initiative.launch else ""
    first = initiative.launch or today
    return {
        "code": CLOSING,
        "label": f"{since}al {long_date(today)}",
        "first": first.isoformat(),
        "last": today.isoformat(),
    }


def _confirmed_on(session: Session, initiative: Initiative) -> date | None:
    """The day people confirmed the closing: the last time that it passed to en_cierre."""
    changes = select(Change).where(Change.table == Initiative.__tablename__, Change.row_id == initiative.id)
    for change in session.scalars(changes.order_by(Change.id.desc())):
        if change.after.get("state") == InitiativeState.CLOSING:
            return local(change.at).date()
    return initiative.closed_on


def _why(session: Session, initiative: Initiative, figures: Content, today: date, settings: Published) -> str:
    """R35 or R36, as the figures and the term say."""
    if figures["counted"] and figures["met"] == figures["counted"]:
        return ALL_MET
    method = Method(thresholds=settings.thresholds)
    due = term(session, initiative, method, today)
    if due is not None and due <= today:
        return TERM_OVER.format(months=method.of(initiative).closing_months, day=long_date(due))
    return BY_PEOPLE


# --- logros ---------------------------------------------------------------------------------------------------------


def _achievements(session: Session, initiative: Initiative, today: date, hide: Hide) -> list[Content]:
    """Every logro of its life by priority; `reported` names the report that told it before."""
    end = midnight(today + timedelta(days=1))
    rows = select(Achievement).join(Action, Action.id == Achievement.action_id).options(joinedload(Achievement.action))
    rows = rows.where(
        Action.initiative_id == initiative.id,
        Achievement.at < end,
        or_(Achievement.withdrawn_at.is_(None), Achievement.withdrawn_at >= end),
    )
    ordered = sorted(session.scalars(rows), key=lambda a: (rank(a.priority), a.at, a.id))
    reports = {row.id: row for row in _reports(session, initiative) if row.kind == ACHIEVEMENTS}
    return [{**told(a, hide), "reported": _reported(reports.get(a.report_id or 0))} for a in ordered]


def _reported(report: Report | None) -> str:
    return str(report.content["period"]["label"]) if report else ""


def _reports(session: Session, initiative: Initiative) -> list[Report]:
    rows = select(Report).where(Report.initiative_id == initiative.id, Report.state == PUBLISHED)
    return list(session.scalars(rows.order_by(Report.id)))


# --- desafíos -------------------------------------------------------------------------------------------------------


def _challenges(session: Session, initiative: Initiative, seen: Sequence[Seen], hide: Hide) -> Content:
    unmet = sorted(
        (row for row in seen if row.state in _UNMET), key=lambda r: (rank(r.priority), r.due or date.max, r.action.code)
    )
    return {
        "actions": [_unmet(row, hide) for row in unmet],
        "exits": list(_exits(session, seen, hide)),
        "obstacles": list(_unresolved(session, initiative, seen, hide)),
    }


def _unmet(row: Seen, hide: Hide) -> Content:
    return {
        **_named(row, hide),
        "due": iso(row.due),
        "percent": row.percent,
        "report": hide(row.follow_up.text if row.follow_up else row.action.narrative),
        "light": light_content(row.light),
    }


def _named(row: Seen, hide: Hide) -> Content:
    return {
        "code": row.action.code,
        "text": hide(row.text),
        "entity": row.entity.name,
        "entity_short": row.entity.short,
        "priority": row.priority,
    }


def _exits(session: Session, seen: Sequence[Seen], hide: Hide) -> Iterator[Content]:
    """R33, R34: each with its reason; `told_on` None: no reunión de logros was told, this report tells it."""
    for row in seen:
        if row.state == ActionState.EXITED:
            yield {
                **_named(row, hide),
                "on": iso(row.action.exited_on),
                "reason": hide(_reason(session, row.action)),
                "told_on": iso(_told_on(session, row.action.exit_told_in)),
            }


def _reason(session: Session, action: Action) -> str:
    versions = select(ActionVersion).where(ActionVersion.action_id == action.id).order_by(ActionVersion.version.desc())
    found = (v.reason for v in session.scalars(versions) if v.after.get("state") == ActionState.EXITED)
    return next(found, "")


def _told_on(session: Session, meeting_id: int | None) -> date | None:
    meeting = session.get(Meeting, meeting_id) if meeting_id else None
    return (meeting.held_on or meeting.on) if meeting else None


def _unresolved(session: Session, initiative: Initiative, seen: Sequence[Seen], hide: Hide) -> Iterator[Content]:
    """The obstacles of the matrix of which no action was met; what was never accepted is none of it (R7)."""
    states = (IdeaState.OPEN, IdeaState.TO_VALIDATE)
    rows = select(Obstacle).where(Obstacle.initiative_id == initiative.id, Obstacle.state.in_(states))
    for obstacle in session.scalars(rows.order_by(Obstacle.id)):
        own = [row for row in seen if row.action.solution and row.action.solution.obstacle_id == obstacle.id]
        if not any(row.state == ActionState.MET for row in own):
            yield {
                "kind": obstacle.kind,
                "theme": obstacle.theme,
                "text": hide(obstacle.text),
                "validated": obstacle.state == IdeaState.OPEN,
                "solutions": [hide(text) for text in _solutions(session, obstacle)],
                "actions": [row.action.code for row in own],
            }


def _solutions(session: Session, obstacle: Obstacle) -> Sequence[str]:
    rows = select(Solution.text).where(Solution.obstacle_id == obstacle.id, Solution.state != IdeaState.REJECTED)
    return session.scalars(rows.order_by(Solution.id)).all()


# --- the line of its life -------------------------------------------------------------------------------------------


def _timeline(session: Session, initiative: Initiative, today: date) -> Iterator[Content]:
    """Launch, reuniones de logros, cases, publications and the confirmation; internal meetings are nobody else's."""
    events = [*_begin_and_end(session, initiative), *_meetings(session, initiative), *_cases(session, initiative)]
    events += [
        (_published_on(r), _REPORTS[r.kind], _what(r)) for r in _reports(session, initiative) if r.kind in _REPORTS
    ]
    for day, what, detail in events:
        if day is not None and day <= today:
            yield {"on": day.isoformat(), "what": what, "detail": detail}


def _begin_and_end(session: Session, initiative: Initiative) -> Iterator[tuple[date | None, str, str]]:
    yield initiative.launch, "Lanzamiento", ""
    yield _confirmed_on(session, initiative), "Confirmación del cierre", ""


def _meetings(session: Session, initiative: Initiative) -> Iterator[tuple[date | None, str, str]]:
    held = select(Meeting).where(
        Meeting.initiative_id == initiative.id,
        Meeting.kind == MeetingKind.ACHIEVEMENTS,
        Meeting.state == MeetingState.HELD,
    )
    for meeting in session.scalars(held.order_by(Meeting.id)):
        yield meeting.held_on, MEETING_NAMES[meeting.kind], ""


def _cases(session: Session, initiative: Initiative) -> Iterator[tuple[date | None, str, str]]:
    rows = select(HighLevelCase).where(HighLevelCase.initiative_id == initiative.id).order_by(HighLevelCase.id)
    for case in session.scalars(rows):
        grouped = select(Action.code).join(CaseAction, CaseAction.action_id == Action.id)
        codes = session.scalars(grouped.where(CaseAction.case_id == case.id).distinct().order_by(Action.code)).all()
        yield case.opened_on, "Solución de alto nivel", f"Acciones: {', '.join(codes)}" if codes else ""
        yield case.exhausted_on, "Solución de alto nivel surtida", ""


def _published_on(report: Report) -> date | None:
    return local(report.approved_at).date() if report.approved_at else None


def _what(report: Report) -> str:
    content: Mapping[str, Any] = report.content
    return f"{content['period']['label']}, versión {report.version}"
