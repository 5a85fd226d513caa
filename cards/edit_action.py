"""/accion: set or move a date, change the responsible entity, or mark an action as met; each with its reason (R3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cards.parts import (
    Element,
    card,
    clip,
    count,
    execute,
    facts,
    input_choice,
    input_date,
    input_text,
    light,
    problem,
    quote,
    safe,
    said,
    show_card,
    text,
    titled,
    when,
)
from methodology.rules.figures import Semaforo

MOVE = "Cambiar fecha"
SET = "Fijar fecha"
REASSIGN = "Cambiar entidad"
MEET = "Marcar cumplida"
DUE = "Nueva fecha de vencimiento"
REASON = "Motivo"
ENTITY = "Entidad responsable"
MET_ON = "Fecha de cumplimiento"
EVIDENCE = "Evidencia: enlace o nombre del documento"
SAVE = "Guardar"
OVERDUE = "La acción está vencida: el cambio de fecha requiere aprobación de Planeación o de la Gerencia General."
PROBLEM = "No se guardó"
_ENTITIES_BYTES = 12_000


@dataclass(frozen=True)
class EditAction:
    """Inputs: `due`, `reason`, `entity`, `reassign_reason`, `met_on`, `evidence`. A form without token is not shown.

    `entities` are (name, id as text). `problems` are by input id; a form opens again with what was typed (`values`).
    """

    code: str
    text: str
    entity: str
    light: Semaforo
    due: date | None
    original_due: date | None = None
    moves: int = 0
    needs_approval: bool = False
    entities: tuple[tuple[str, str], ...] = ()
    set_date: str = ""
    reassign: str = ""
    meet: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


def edit_action(data: EditAction) -> Element:
    return card(
        said(PROBLEM, " ".join(data.problems.values()), "attention") if data.problems else None,
        titled(text(safe(data.code), size="Large", weight="Bolder") | {"style": "heading"}, light(data.light)),
        quote(clip(data.text, 400)),
        facts(("Entidad", clip(data.entity, 120)), ("Vencimiento", when(data.due)), _moved(data)),
        text(OVERDUE, subtle=True) if data.needs_approval and data.set_date else None,
        actions=[_date(data), _entity(data), _met(data)],
    )


def _moved(data: EditAction) -> tuple[str, str] | None:
    if not data.moves:
        return None
    return ("Fecha original", f"{when(data.original_due)}, {count(data.moves, 'cambio', 'cambios')}")


def _date(data: EditAction) -> Element | None:
    if not data.set_date:
        return None
    fields = [
        input_date("due", DUE, data.values.get("due", "")),
        problem(data.problems.get("due")),
        input_text("reason", REASON, value=data.values.get("reason", ""), limit=500, multiline=True),
        problem(data.problems.get("reason")),
    ]
    return _form(MOVE if data.due else SET, fields, data.set_date)


def _entity(data: EditAction) -> Element | None:
    if not data.reassign:
        return None
    fields = [
        input_choice("entity", ENTITY, _choices(data), data.values.get("entity", "")),
        problem(data.problems.get("entity")),
        input_text("reassign_reason", REASON, value=data.values.get("reassign_reason", ""), limit=500, multiline=True),
        problem(data.problems.get("reassign_reason")),
    ]
    return _form(REASSIGN, fields, data.reassign)


def _choices(data: EditAction) -> list[tuple[str, str]]:
    """The directory, as long as it fits: whoever is not in it is reached with /reasignar."""
    chosen: list[tuple[str, str]] = []
    used = 0
    for name, stored in data.entities:
        used += len(name.encode()) + len(stored) + 30
        if used > _ENTITIES_BYTES:
            break
        chosen.append((name, stored))
    return chosen


def _met(data: EditAction) -> Element | None:
    if not data.meet:
        return None
    fields = [
        input_date("met_on", MET_ON, data.values.get("met_on", "")),
        problem(data.problems.get("met_on")),
        input_text("evidence", EVIDENCE, value=data.values.get("evidence", ""), limit=500),
        problem(data.problems.get("evidence")),
    ]
    return _form(MEET, fields, data.meet)


def _form(title: str, fields: list[Element | None], token: str) -> Element:
    present = [one for one in fields if one is not None]
    return show_card(title, *present, action=execute(SAVE, token, style="positive"))
