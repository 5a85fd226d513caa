"""Many actions at once: a page of at most five, each with its number and its text, saved together (R12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from cards.parts import (
    Element,
    button,
    buttons,
    card,
    clip,
    container,
    count,
    due_on,
    execute,
    figure,
    fitting,
    heading,
    input_text,
    input_toggle,
    light,
    problem,
    safe,
    said,
    text,
    titled,
)
from methodology.rules.figures import Semaforo
from methodology.rules.months import Month
from methodology.rules.spanish import month_name

TITLE = "Seguimiento de {month}: {left}"
ASK = "Indique el porcentaje, de 0 a 100, y el texto. Solo se registra lo que usted cambie o marque."
LEFT = "{done} de {total} registradas"
LINE = "{entity} · {due} · anterior {last}"
FROM_ENTITY = "{code}: reportado por la entidad"
CONFIRM = "Registrar lo reportado"
PERCENT = "{code}: %"
TEXT = "{code}: avance cualitativo"
SAVE = "Guardar lo cambiado"
OPEN = "Abrir"
NOT_SAVED = "Lo escrito aquí aún no se registró: guarde para registrarlo."
KEPT = "{codes}: lo que escribió se conserva; para registrarlo, vuelva a la fila y guarde."
ONE = "Una por una"
NEXT = "Siguientes"
PREVIOUS = "Anteriores"
RECORDED = "Registrado"
OF_THEM = "{codes}. {recorded}.{left}"
AS_IT_WAS = " {left} como {were}."
UNTOUCHED = "Sin cambios"
NOTHING = "Ninguna fila se cambió ni se marcó."
OVERTAKEN = "Ya estaba registrado; no se cambió"
NOT_ALL = "Revise las filas señaladas; lo escrito se conserva."
MISSING = "Aún no se registró"
PAGE = 5
WORDS_MAX = 1000
_TEXT_SHOWN = 90
_BYTES = 22_000


@dataclass(frozen=True)
class TableRow:
    """One action. `percent` and `words` stand in its inputs, `problems` is what they lack; `open` shows it by itself.

    `proposed` when its entity reported something, which is registered unchanged only when `confirmed`.
    """

    code: str
    text: str
    entity: str
    due: date | None
    light: Semaforo
    last: float | None
    percent: str = ""
    words: str = ""
    proposed: bool = False
    confirmed: bool = False
    problems: Mapping[str, str] = field(default_factory=dict)
    warning: str = ""
    open: str = ""


@dataclass(frozen=True)
class Table:
    """`save`, `one`, `following` and `previous` are tokens.

    `tried` says that the card answers a save, which tells what is still wrong: `recorded` are the codes of what it
    registered, `left` counts the rows that it left as they were, `overtaken` names what had been recorded since the
    card was drawn. `kept` are the codes of another page on which something was written and not saved.
    """

    initiative: str
    month: Month
    rows: tuple[TableRow, ...]
    done: int
    total: int
    save: str
    one: str = ""
    following: str = ""
    previous: str = ""
    recorded: tuple[str, ...] = ()
    left: int = 0
    overtaken: str = ""
    tried: bool = False
    kept: tuple[str, ...] = ()


def percent_of(code: str) -> str:
    """The id of a row's number."""
    return f"percent_{code}"


def text_of(code: str) -> str:
    """The id of a row's text."""
    return f"text_{code}"


def confirm_of(code: str) -> str:
    """The id of the mark by which what the entity reported is registered."""
    return f"confirm_{code}"


def fitted(rows: Sequence[TableRow]) -> tuple[TableRow, ...]:
    """The rows that one card holds; the others go on the next page."""
    return tuple(rows[: len(fitting([_row(row) for row in rows], PAGE, _BYTES))])


def table(data: Table) -> Element:
    wrong = data.tried and any(row.problems for row in data.rows)
    return card(
        said(RECORDED, _recorded(data), "good") if data.recorded else None,
        said(OVERTAKEN, clip(data.overtaken, 600), "attention") if data.overtaken else None,
        said(MISSING, NOT_ALL, "attention") if wrong else None,
        said(MISSING, KEPT.format(codes=", ".join(data.kept)), "attention") if data.kept else None,
        said(UNTOUCHED, NOTHING, "attention") if data.tried and data.left == len(data.rows) and not wrong else None,
        heading(_title(data), data.initiative),
        text(LEFT.format(done=data.done, total=data.total), subtle=True, spacing="None"),
        text(ASK, size="Small", subtle=True),
        *[_row(row) for row in data.rows],
        actions=[
            execute(SAVE, data.save, style="positive"),
            button(ONE, data.one, inputs=True),
            button(PREVIOUS, data.previous, inputs=True),
            button(NEXT, data.following, inputs=True),
        ],
    )


def _title(data: Table) -> str:
    month = month_name(data.month.year, data.month.number)
    left = data.total - data.done
    verb = "falta" if left == 1 else "faltan"
    return TITLE.format(month=month, left=f"{verb} {count(left, 'acción', 'acciones')}")


def _recorded(data: Table) -> str:
    number = count(len(data.recorded), "registrada", "registradas")
    left = count(data.left, "quedó", "quedaron")
    kept = AS_IT_WAS.format(left=left, were="estaba" if data.left == 1 else "estaban") if data.left else ""
    return OF_THEM.format(codes=clip(", ".join(data.recorded), 600), recorded=number, left=kept)


def _row(row: TableRow) -> Element:
    line = LINE.format(entity=safe(clip(row.entity, 40)), due=due_on(row.due), last=figure(row.last))
    return container(
        titled(text(f"**{safe(row.code)}** · {safe(clip(row.text, _TEXT_SHOWN))}"), light(row.light)),
        text(line, size="Small", subtle=True, spacing="None"),
        _inputs(row),
        _confirmation(row) if row.proposed else None,
        *_problems(row),
        separator=True,
    )


def _inputs(row: TableRow) -> Element:
    """The number beside its text: a row is not higher than its text."""
    number = input_text(percent_of(row.code), PERCENT.format(code=row.code), value=row.percent, limit=8)
    words = input_text(
        text_of(row.code), TEXT.format(code=row.code), value=row.words[:WORDS_MAX], limit=WORDS_MAX, multiline=True
    )
    columns = (("84px", number), ("stretch", words))
    return {
        "type": "ColumnSet",
        "spacing": "Small",
        "columns": [{"type": "Column", "width": width, "items": [item]} for width, item in columns],
    }


def _confirmation(row: TableRow) -> Element:
    return input_toggle(confirm_of(row.code), CONFIRM, FROM_ENTITY.format(code=row.code), on=row.confirmed)


def _problems(row: TableRow) -> Sequence[Element | None]:
    sentences = " ".join(filter(None, (row.warning, *row.problems.values())))
    if not sentences:
        return ()
    return (problem(sentences), buttons(button(OPEN, row.open, inputs=True)))


def summary(data: Table) -> str:
    return f"{data.initiative}: {_title(data).lower()}"
