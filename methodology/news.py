"""R24, R25: what there is to say of an initiative in a meeting: figures, and what needs attention."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import cases, initiatives
from methodology.alerts import open_alerts
from methodology.alerts import subject as named
from methodology.clock import start_of
from methodology.completion import term
from methodology.followups import owed
from methodology.operation import Doing
from methodology.rules.months import Month
from methodology.rules.spanish import long_date, month_name, percent, sentence
from methodology.rules.states import (
    INITIATIVE_LABELS,
    PRIORITY_ORDER,
    ActionState,
    AgreementState,
    InitiativeState,
    NoticeState,
)
from methodology.standing import Standing, standing
from methodology.suggestions import base_of
from storage.ledger import Notice
from storage.life import Agreement
from storage.matrix import Achievement, Action, Initiative

_NO_ACTIONS = "Sin acciones"
_RANK = {str(name): rank for name, rank in PRIORITY_ORDER.items()}


def initiative_news(doing: Doing, initiative: Initiative, since: date | None) -> tuple[list[str], list[str]]:
    """R24: the lines of its figures, and those that need attention; no line of the latter is «sin novedad»."""
    stands = standing(doing.session, initiative, doing.today, doing.method)
    return _figures(stands), [line for line in _attention(doing, initiative, stands, since) if line]


def _figures(stands: Standing) -> list[str]:
    figures, state = stands.figures, stands.initiative.state
    label = f"{INITIATIVE_LABELS.get(state, state)}. " if state != InitiativeState.RUNNING else ""
    compliance = _NO_ACTIONS if figures.compliance is None else percent(figures.compliance)
    lights = ", ".join(f"{light.value.word}: {number}" for light, number in stands.lights.items())
    met = f" ({figures.met} de {figures.counted} acciones)" if figures.counted else ""
    lines = [f"{label}Cumplimiento: {compliance}{met}."]
    return [*lines, f"Semáforo: {lights}."] if lights else lines


def _attention(doing: Doing, initiative: Initiative, stands: Standing, since: date | None) -> Iterator[str]:
    session = doing.session
    yield _alerts(session, initiative, since)
    if initiative.state == InitiativeState.RUNNING:
        yield _unreported(doing, initiative)
        yield from _suggestions(session, initiative)
    if case := cases.open_case(session, initiative.id):
        codes = ", ".join(row.action.code for row in cases.actions_of(session, case))
        yield f"Solución de alto nivel abierta desde el {long_date(case.opened_on)}: {codes}."
    if leaving := cases.exit_candidates(session, initiative.id):
        yield f"Candidatas a salida (persiste el incumplimiento): {_codes(leaving)}."
    if initiative.state == InitiativeState.RUNNING and stands.figures.compliance == 100:  # noqa: PLR2004 - all
        yield "Todas las acciones incorporadas están cumplidas: procede proponer el cierre."
    if initiative.state == InitiativeState.RUNNING and (ends := _closing(doing, initiative)):
        verb = "cumplió" if ends <= doing.today else "cumple"
        yield f"La iniciativa {verb} su plazo de ejecución el {long_date(ends)}."


def _alerts(session: Session, initiative: Initiative, since: date | None) -> str:
    rows = open_alerts(session, initiative.id)
    if not rows:
        return ""
    fresh = [row for row in rows if since is None or row.raised_on > since]
    told = f"Alertas abiertas: {len(rows)} ({', '.join(named(row) for row in rows)})"
    return f"{told}; nuevas: {len(fresh)}." if fresh else f"{told}; ninguna nueva."


def _unreported(doing: Doing, initiative: Initiative) -> str:
    month = last_due_month(doing, initiative)
    if initiative.launch is None or initiative.launch > month.last:
        return ""
    rows = owed(doing.session, initiative.id, month)
    return f"Sin reporte de {month_name(month.year, month.number)}: {_codes(rows)}." if rows else ""


def last_due_month(doing: Doing, initiative: Initiative) -> Month:
    """The last month whose window has closed."""
    month = Month.of(doing.today)
    closed = doing.today > doing.method.window(month, doing.method.of(initiative)).last
    return month if closed else month.plus(-1)


def _suggestions(session: Session, initiative: Initiative) -> Iterator[str]:
    """R25: what suggests a reunión de logros since the last one."""
    base = base_of(initiative)
    rows = select(Notice).where(
        Notice.rule == "R25",
        Notice.initiative_id == initiative.id,
        Notice.state != NoticeState.WITHDRAWN,
    )
    for row in session.scalars(rows.order_by(Notice.id)):
        if base is None or row.recorded_on >= base:
            yield f"Se sugiere una reunión de logros: {row.inputs['reason']}."


def _closing(doing: Doing, initiative: Initiative) -> date | None:
    """R36: the end of its term, from the day on which it is announced."""
    ends = term(doing.session, initiative, doing.method, doing.today)
    announced = timedelta(days=doing.method.of(initiative).closing_first_notice_days)
    return ends if ends is not None and ends - announced <= doing.today else None


def _codes(actions: Iterable[Action]) -> str:
    return ", ".join(action.code for action in actions)


def candidates(session: Session) -> list[str]:
    """R38: candidates for a new initiative, Fase II first."""
    rows = initiatives.candidates(session)
    return [f"{row.name}{' (Fase II)' if row.phase_two else ''}: {INITIATIVE_LABELS[row.state]}." for row in rows]


def overdue_agreements(session: Session, today: date) -> list[str]:
    """R24: commitments whose day has passed."""
    query = select(Agreement).where(Agreement.state == AgreementState.PENDING, Agreement.due < today)
    rows = session.scalars(query.order_by(Agreement.due, Agreement.id))
    return [f"{sentence(row.text)} Responsable: {row.owner}; {long_date(row.due)}." for row in rows if row.due]


def progress(doing: Doing, initiative: Initiative, since: date | None) -> tuple[list[str], list[str]]:
    """R25: the lines of progress and those of logros since a day."""
    stands = standing(doing.session, initiative, doing.today, doing.method)
    return [*_figures(stands), *_met_since(doing.session, initiative, since)], _logros(doing.session, initiative, since)


def _met_since(session: Session, initiative: Initiative, since: date | None) -> list[str]:
    query = select(Action).where(Action.initiative_id == initiative.id, Action.state == ActionState.MET)
    rows = [row for row in session.scalars(query.order_by(Action.code)) if _after(row.met_on, since)]
    if not rows:
        return ["En el periodo no se cumplieron acciones."]
    return [f"Cumplida: {row.code}, {row.text} ({row.entity.short})." for row in rows]


def _logros(session: Session, initiative: Initiative, since: date | None) -> list[str]:
    query = (
        select(Achievement)
        .join(Action, Action.id == Achievement.action_id)
        .where(Action.initiative_id == initiative.id, Achievement.withdrawn_at.is_(None))
    )
    if since is not None:
        query = query.where(Achievement.at >= start_of(since))
    rows: Sequence[Achievement] = session.scalars(query.order_by(Achievement.id)).all()
    if not rows:
        return ["En el periodo no se registraron logros."]
    ordered = sorted(rows, key=lambda row: (_RANK.get(row.priority, len(_RANK)), row.id))
    return [f"[{row.priority}] {row.action.code}: {row.text}" for row in ordered]


def _after(day: date | None, since: date | None) -> bool:
    return day is not None and (since is None or day > since)
