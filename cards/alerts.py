"""The leader's digest of one day: R15 (one month overdue), R16 (silent entity) and R19 (soon due) in one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cards.parts import (
    Element,
    Reader,
    badge,
    button,
    buttons,
    card,
    clip,
    container,
    count,
    execute,
    fitting,
    greeting,
    heading,
    input_text,
    listed,
    own,
    safe,
    show_card,
    text,
    titled,
    when,
)
from methodology.rules.spanish import full_date
from methodology.rules.states import AlertKind

TITLE = "{alerts} para su gestión"
INTRO = "Puede anotar la gestión adelantada o corregir el dato; la anotación se incluye al elevar la alerta."
RISES = "Se eleva al despacho {office} el {day}, salvo que se corrija."
RISEN = "Elevada el {day}."
NOTED = "Anotación: {note}"
WHY = "¿Por qué?"
NOTE = "Anotar"
NOTE_LABEL = "Gestión adelantada"
SAVE_NOTE = "Guardar anotación"
MORE = "Las demás están en /alertas."
DUE_SOON = "POR_VENCER"
WORDS = {
    AlertKind.OVERDUE_MONTH: ("Vencida ≥ 1 mes", "attention"),
    AlertKind.NO_REPLY: ("Sin respuesta", "warning"),
    DUE_SOON: ("Por vencer", "warning"),
}
PAGE = 10
_TEXT_SHOWN = 160
_ENTITY_SHOWN = 120
NOTE_MAX = 500


@dataclass(frozen=True)
class AlertLine:
    """One alert. `kind` is an AlertKind or DUE_SOON; `days` are overdue days, hábil days of silence, or days left.

    `rises_on` is when it goes up unless corrected; `note` is the button's token, `noted` what was written already.
    """

    kind: str
    code: str
    text: str
    entity: str
    due: date | None
    days: int
    why: str
    rises_on: date | None = None
    risen_on: date | None = None
    note: str = ""
    noted: str = ""
    initiative: str = ""


@dataclass(frozen=True)
class AlertDigest:
    """`office` is whose despacho it rises to, with its article: «de la Viceministra», «del Viceministro»."""

    reader: Reader
    initiative: str
    lines: tuple[AlertLine, ...]
    office: str = "de la Viceministra"


def alerts(data: AlertDigest) -> Element:
    lines = sorted(data.lines, key=lambda line: list(WORDS).index(line.kind))
    shown = fitting([_block(line, data.office) for line in lines], PAGE)
    return card(
        heading(summary(data), data.initiative),
        text(greeting(data.reader)),
        text(INTRO, spacing="Small") if any(line.note for line in lines) else None,
        *shown,
        listed(len(shown), len(lines), "alertas", MORE),
    )


def summary(data: AlertDigest) -> str:
    return TITLE.format(alerts=count(len(data.lines), "alerta", "alertas"))


def _block(line: AlertLine, office: str) -> Element:
    word, style = WORDS[line.kind]
    entity = clip(line.entity, _ENTITY_SHOWN)
    where = text(safe(f"{line.initiative} · {entity}" if line.initiative else entity), subtle=True)
    return container(
        titled(text(f"**{safe(line.code or line.entity)}**"), badge(word, style)),
        text(safe(clip(line.text, _TEXT_SHOWN)), spacing="Small"),
        where | {"spacing": "Small", "size": "Small"} if line.code else None,
        text(sentence(line), spacing="Small"),
        *_fate(line, office),
        _buttons(line),
        separator=True,
    )


def sentence(line: AlertLine) -> str:
    """How long it has been, or how long is left."""
    if line.kind == AlertKind.NO_REPLY:
        return f"{count(line.days, 'día hábil', 'días hábiles')} sin respuesta de fondo."
    if line.kind == DUE_SOON:
        return f"Vence el {when(line.due)}: {_left(line.days)}."
    return f"Venció el {when(line.due)}: {count(line.days, 'día', 'días')} de vencida."


def _left(days: int) -> str:
    return "vence hoy" if days == 0 else f"{'queda' if days == 1 else 'quedan'} {count(days, 'día', 'días')}"


def _fate(line: AlertLine, office: str) -> Sequence[Element | None]:
    note = safe(NOTED.format(note=clip(line.noted, _TEXT_SHOWN)))
    noted = text(note, subtle=True, spacing="Small") if line.noted else None
    if line.risen_on:
        return [text(RISEN.format(day=full_date(line.risen_on)), weight="Bolder", spacing="Small"), noted]
    if line.rises_on:
        return [
            text(RISES.format(office=office, day=full_date(line.rises_on)), weight="Bolder", spacing="Small"),
            noted,
        ]
    return [noted]


def _buttons(line: AlertLine) -> Element | None:
    form = None
    if line.note:
        field = input_text(own("note", line.note), NOTE_LABEL, value=line.noted, limit=NOTE_MAX, multiline=True)
        form = show_card(NOTE, field, action=execute(SAVE_NOTE, line.note, style="positive"))
    return buttons(form, button(WHY, line.why))
