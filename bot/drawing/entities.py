"""An entity's card: its contact, how it has answered so far, and what it is silent about (R14, R16)."""

from __future__ import annotations

from sqlalchemy import func, select

from bot.drawing.context import Desk
from cards.parts import count
from cards.subject import Section, SubjectLine
from methodology.entity_figures import EntityFigures, figures
from methodology.rules.spanish import long_date
from methodology.rules.states import ActionState
from methodology.silence import approaches, silent_initiatives, waits_until
from storage.ledger import Silence
from storage.matrix import Action, Entity, Initiative

NEVER = "Todavía no se le ha enviado una solicitud."
NO_SILENCE = "No tiene solicitudes sin responder."
WAITS = "se espera hasta el {day}"
INTERNAL = "Se consulta por su líder técnico"


def entity_facts(desk: Desk, row: Entity) -> tuple[list[tuple[str, str]], list[Section]]:
    """What the card of an entity says."""
    query = select(func.count()).where(Action.entity_id == row.id, Action.state == ActionState.OPEN)
    found = [
        ("Correo", row.mail),
        ("Solicitudes", INTERNAL if row.internal else ""),
        ("Acciones vigentes", str(desk.session.scalar(query) or 0)),
    ]
    if row.internal:
        return found, []
    own = figures(desk.session, desk.studio.method, desk.today, row.id).get(row.id)
    told = _counted(own) if own else [("Solicitudes", NEVER)]
    return [*found, *told], [Section("Sin respuesta", _silences(desk, row), NO_SILENCE)]


def in_a_line(own: EntityFigures | None) -> str:
    """«8 solicitudes · 7 respondidas · mediana 4 días · 1 ciclo sin respuesta»."""
    if own is None:
        return NEVER
    parts = [
        count(own.asked, "solicitud", "solicitudes"),
        count(own.answered, "respondida", "respondidas"),
        f"mediana {_days(own.days)}" if own.days is not None else "",
        count(own.silent, "ciclo sin respuesta", "ciclos sin respuesta") if own.silent else "",
        count(own.reminders, "reiteración", "reiteraciones") if own.reminders else "",
    ]
    return " · ".join(part for part in parts if part)


def _counted(own: EntityFigures) -> list[tuple[str, str]]:
    return [
        ("Solicitudes", str(own.asked)),
        ("Respondidas", str(own.answered)),
        ("Tiempo de respuesta", f"{_days(own.days)} (mediana)" if own.days is not None else "Sin respuestas"),
        ("Ciclos sin respuesta", str(own.silent)),
        ("Reiteraciones", str(own.reminders)),
    ]


def _days(days: float) -> str:
    shown = f"{days:g}".replace(".", ",")
    return f"{shown} {'día' if days == 1 else 'días'}"


def _silences(desk: Desk, row: Entity) -> tuple[SubjectLine, ...]:
    where = silent_initiatives(desk.session, row.id)
    query = (
        select(Silence, Initiative)
        .join(Initiative, Initiative.id == Silence.initiative_id)
        .where(Silence.entity_id == row.id, Silence.ended_on.is_(None), Silence.initiative_id.in_(where))
    )
    found = desk.session.execute(query.order_by(Initiative.position)).all()
    return tuple(SubjectLine(initiative.name, _silence(desk, silence)) for silence, initiative in found)


def _silence(desk: Desk, silence: Silence) -> str:
    said = approaches(desk.session, silence.entity_id, silence.initiative_id)
    until = waits_until(silence)
    return f"{said}; {WAITS.format(day=long_date(until))}" if until and until >= desk.today else said
