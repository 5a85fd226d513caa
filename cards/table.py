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
    execute,
    figure,
    fitting,
    heading,
    input_text,
    light,
    problem,
    safe,
    said,
    text,
    titled,
    when,
)
from methodology.rules.figures import Semaforo
from methodology.rules.months import Month
from methodology.rules.spanish import month_name

TITLE = "Seguimiento de {month}: {left}"
ASK = (
    "Indique el porcentaje, de 0 a 100, y el texto. Lo que quede sin texto no cambia; lo que reportó la entidad se "
    "confirma al guardar."
)
LEFT = "{done} de {total} registradas"
LINE = "{entity} · vencimiento {due} · anterior {last}"
FROM_ENTITY = "Reportado por la entidad"
PERCENT = "{code}: %"
TEXT = "{code}: avance cualitativo"
SAVE = "Guardar las filas escritas"
OPEN = "Abrir"
ONE = "Una por una"
NEXT = "Siguientes"
PREVIOUS = "Anteriores"
RECORDED = "Registrado"
OVERTAKEN = "Ya estaba registrado; no se cambió"
NOT_ALL = "Revise las filas señaladas; lo escrito se conserva."
MISSING = "Aún no se registró"
PAGE = 5
_TEXT_SHOWN = 90
_BYTES = 22_000


@dataclass(frozen=True)
class TableRow:
    """One action. `open` shows it by itself; `values` are what stands in its inputs; `problems` what they lack."""

    code: str
    text: str
    entity: str
    due: date | None
    light: Semaforo
    last: float | None
    percent: str = ""
    words: str = ""
    proposed: bool = False
    problems: Mapping[str, str] = field(default_factory=dict)
    open: str = ""


@dataclass(frozen=True)
class Table:
    """`save`, `one`, `following` and `previous` are tokens.

    `notice` names what was just recorded, `overtaken` what had been recorded since the card was drawn;
    `tried` says that the card answers a save, which tells what is still wrong.
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
    notice: str = ""
    overtaken: str = ""
    tried: bool = False


def percent_of(code: str) -> str:
    """The id of a row's number."""
    return f"percent_{code}"


def text_of(code: str) -> str:
    """The id of a row's text."""
    return f"text_{code}"


def fitted(rows: Sequence[TableRow]) -> tuple[TableRow, ...]:
    """The rows that one card holds; the others go on the next page."""
    return tuple(rows[: len(fitting([_row(row) for row in rows], PAGE, _BYTES))])


def table(data: Table) -> Element:
    wrong = data.tried and any(row.problems for row in data.rows)
    return card(
        said(RECORDED, clip(data.notice, 600), "good") if data.notice else None,
        said(OVERTAKEN, clip(data.overtaken, 600), "attention") if data.overtaken else None,
        said(MISSING, NOT_ALL, "attention") if wrong else None,
        heading(_title(data), data.initiative),
        text(LEFT.format(done=data.done, total=data.total), subtle=True, spacing="None"),
        text(ASK, size="Small", subtle=True),
        *[_row(row) for row in data.rows],
        actions=[
            execute(SAVE, data.save, style="positive"),
            button(ONE, data.one),
            button(PREVIOUS, data.previous),
            button(NEXT, data.following),
        ],
    )


def _title(data: Table) -> str:
    month = month_name(data.month.year, data.month.number)
    left = data.total - data.done
    verb = "falta" if left == 1 else "faltan"
    return TITLE.format(month=month, left=f"{verb} {count(left, 'acción', 'acciones')}")


def _row(row: TableRow) -> Element:
    line = LINE.format(entity=safe(clip(row.entity, 40)), due=when(row.due), last=figure(row.last))
    return container(
        titled(text(f"**{safe(row.code)}** · {safe(clip(row.text, _TEXT_SHOWN))}"), light(row.light)),
        text(line, size="Small", subtle=True, spacing="None"),
        text(f"**{FROM_ENTITY}**", size="Small", spacing="Small") if row.proposed else None,
        _inputs(row),
        *_problems(row),
        separator=True,
    )


def _inputs(row: TableRow) -> Element:
    """The number beside its text: a row is not higher than its text."""
    number = input_text(percent_of(row.code), PERCENT.format(code=row.code), value=row.percent, limit=8)
    words = input_text(
        text_of(row.code), TEXT.format(code=row.code), value=row.words[:1000], limit=1000, multiline=True
    )
    columns = (("84px", number), ("stretch", words))
    return {
        "type": "ColumnSet",
        "spacing": "Small",
        "columns": [{"type": "Column", "width": width, "items": [item]} for width, item in columns],
    }


def _problems(row: TableRow) -> Sequence[Element | None]:
    if not row.problems:
        return ()
    return (problem(" ".join(row.problems.values())), buttons(button(OPEN, row.open)))


def summary(data: Table) -> str:
    return f"{data.initiative}: {_title(data).lower()}"
