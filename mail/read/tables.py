"""Step 5a: answers in a table, by the columns of its header; only cells that somebody filled or changed count."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mail.read.codes import Codes
from mail.read.figures import FULL, leading_percent
from methodology.readings import LIKELY, SURE, Answer, Asked
from methodology.rules.months import Month
from methodology.rules.spanish import MONTHS, plain

Grid = list[list[str]]
Titled = Callable[[str], tuple[str, float]]
"""The asked action whose text a cell is, and how much of it is there."""
MAX_ROWS = 500
_HEADER_WITHIN = 5
_FIRST_ROWS, _MOST_COLUMNS = 50, 40
"""As much of a table as tells what its columns are."""
_CODE_HEADERS = ("codigo", "cod", "cod.", "codigo de la accion", "codigo accion", "id accion")
_TITLE_HEADERS = (
    "accion",
    "acciones",
    "compromiso",
    "compromisos",
    "descripcion de la accion",
    "nombre de la accion",
    "actividad",
)
_TEXT_HEADERS = (
    "descripcion",
    "avance cualitativo",
    "texto",
    "observacion",
    "comentario",
    "detalle",
    "reporte",
    "gestion",
    "actividades realizadas",
    "seguimiento",
)
_DAY_HEADERS = ("fecha de cumplimiento", "cumplida el", "fecha cumplimiento")
_EVIDENCE_HEADERS = ("evidencia", "soporte", "medio de verificacion", "enlace")
_STATE_HEADERS = ("estado", "estado actual", "estado de la accion", "estado de avance")
_NOTHING = frozenset({"n/a", "na", "no aplica", "n.a.", "-", "--", "—"})
_PERCENT_HEADERS = ("%", "porcentaje", "cuantitativo")
_NOT_PROGRESS = ("ultimo", "anterior", "presupuest", "financier", "programad", "planead", "meta", "peso", "ponder",
                 "pendiente", "faltante", "restante", "recurso")  # fmt: skip
_NO_TEXT = (*_NOT_PROGRESS, "responsable", "iniciativa", "solucion", "obstaculo", "indicador", "persona",
            "funcionario", "correo", "dependencia", "entidad", "fecha", "venc", "plazo", "%", "porcentaje")  # fmt: skip
_PROGRESS = ("avance", "ejecut", "cumpl", "real")
_MONTH = re.compile(
    r"\b(ene|feb|mar|abr|may|jun|jul|ago|sep|oct|nov|dic)"
    r"(?:ro|rero|zo|il|o|io|sto|t|tiembre|ubre|iembre)?\b"
)
_PERCENTAGE = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?\s?%")
_TEXT_CAP = 4000


@dataclass(frozen=True)
class _Columns:
    """Where each thing stands; −1: nowhere."""

    code: int
    title: int
    percent: int
    text: int
    day: int
    evidence: int
    last: int


def is_ours(grid: Grid) -> bool:
    """It has a header with a «Código» column, or one with the action and its percentage."""
    return _header(grid) is not None


def from_grid(
    grid: Grid, codes: Codes, titled: Titled | None, sent: Mapping[str, Asked], month: Month | None = None
) -> list[Answer]:
    """One answer a row whose percentage or text was filled in, or whose last report is not the one that was sent.

    Of columns that are months, that of `month` counts.
    """
    grid = _upright(grid)
    start = _header(grid)
    if start is None:
        return []
    names = [plain(cell) for cell in grid[start]]
    rows = grid[start + 1 : start + 1 + MAX_ROWS]
    columns = _columns(names, month)
    if columns.text < 0:
        columns = replace(columns, text=_wordiest(names, columns, rows))
        rows = [row for row in rows if _cell(row, columns.percent) or _cell(row, columns.last)]
    fractions = _are_fractions([_cell(row, columns.percent) for row in rows])
    rows = [_of_hundred(row, columns.percent) for row in rows] if fractions else rows
    found = [one for row in rows if (one := _row(row, columns, codes, titled, sent)) is not None]
    unsure = fractions or _are_several(names, rows) or len({one.code for one in found}) < len(found)
    return [replace(one, confidence=LIKELY) for one in found] if unsure else found


def _wordiest(names: list[str], columns: _Columns, rows: list[list[str]]) -> int:
    """Without a column that is called a description, the one that says most; −1: none says anything."""
    taken = (columns.code, columns.title, columns.percent, columns.day, columns.evidence, columns.last)
    named = [(n, name) for n, name in enumerate(names[:_MOST_COLUMNS]) if n not in taken and not _MONTH.search(name)]
    free = [n for n, name in named if not any(one in name for one in _NO_TEXT)]
    said = {n: sum(map(str.isalpha, "".join(_cell(row, n) for row in rows[:_FIRST_ROWS]))) for n in free}
    return max(free, key=lambda n: said[n], default=-1) if any(said.values()) else -1


def _upright(grid: Grid) -> Grid:
    """A card of one action, its names in the first column, as a table of one row."""
    if len(grid) < 2 or any(len(row) != 2 for row in grid):  # noqa: PLR2004 - a name and a value
        return grid
    names = [plain(row[0][:40]).rstrip(":") for row in grid]
    if names[0] not in _CODE_HEADERS or _percent_column(names[1:]) < 0:
        return grid
    return [names, [row[1] for row in grid]]


def plain_grids(text: str) -> tuple[list[Grid], str]:
    """Tables pasted as plain text (tabs or bars), and the text without them."""
    grids: list[Grid] = []
    rest: list[str] = []
    mark = ""
    for line in text.split("\n"):
        if mark and mark in line:
            grids[-1].append(_cells(line, mark))
            continue
        mark = next((one for one in ("\t", "|") if one in line and is_ours([_cells(line, one)])), "")
        if mark:
            grids.append([_cells(line, mark)])
        else:
            rest.append(line)
    return grids, "\n".join(rest)


def _cells(line: str, mark: str) -> list[str]:
    return [cell.strip() for cell in (line.strip().strip("|") if mark == "|" else line).split(mark)]


def _header(grid: Grid) -> int | None:
    rows = enumerate(grid[:_HEADER_WITHIN])
    return next((number for number, row in rows if _is_header([plain(cell[:40]) for cell in row])), None)


def _is_header(names: list[str]) -> bool:
    if any(name in _CODE_HEADERS for name in names):
        return True
    has_title = any(name in _TITLE_HEADERS for name in names)
    return has_title and _percent_column(names) >= 0


def _columns(names: list[str], month: Month | None) -> _Columns:
    code, percent = _first(names, lambda name: name in _CODE_HEADERS), _percent_column(names, month)
    day, evidence = _first(names, _begins(_DAY_HEADERS)), _first(names, _begins(_EVIDENCE_HEADERS))
    title = _first(names, lambda name: name in _TITLE_HEADERS)
    taken = {code, percent, day, evidence, title}
    return _Columns(
        code, title, percent, _text_column(names, taken), day, evidence, _first(names, lambda name: "ultimo" in name)
    )


def _first(names: list[str], wanted: Callable[[str], bool]) -> int:
    return next((n for n, name in enumerate(names) if wanted(name)), -1)


def _begins(openings: tuple[str, ...]) -> Callable[[str], bool]:
    return lambda name: name.startswith(openings)


def _percent_column(columns: list[str], month: Month | None = None) -> int:
    """«Avance (%)», «Porcentaje», «Avance cuantitativo», «Avance»; never «Último avance reportado»; −1: none."""
    candidates = [(n, name) for n, name in enumerate(columns) if not any(one in name for one in _NOT_PROGRESS)]
    figures = [(n, name) for n, name in candidates if any(one in name for one in _PERCENT_HEADERS)]
    of_progress = [n for n, name in figures if any(one in name for one in _PROGRESS)]
    months = _of_month([(n, name) for n, name in candidates if not name.startswith("fecha")], month)
    named = [n for n, name in candidates if name.startswith(("avance", "nivel de avance", "ejecutado"))]
    states = [n for n, name in candidates if name in _STATE_HEADERS]
    found = (of_progress[:1], [n for n, _ in figures][:1], months[-1:], named[:1], states[:1])
    return next((n for ns in found for n in ns), -1)


def _of_month(candidates: list[tuple[int, str]], month: Month | None) -> list[int]:
    """The columns called by a month: by the one that counts, where that is known; else the last."""
    found = [(n, match[1]) for n, name in candidates if (match := _MONTH.search(name))]
    own = MONTHS[month.number - 1][:3] if month else ""
    return [n for n, short in found if not own or short == own] if len(found) > 1 else [n for n, _ in found]


def _text_column(columns: list[str], taken: set[int]) -> int:
    candidates = [(n, name) for n, name in enumerate(columns) if n not in taken and "ultimo" not in name]
    for wanted in _TEXT_HEADERS:
        if (found := next((n for n, name in candidates if wanted in name), -1)) >= 0:
            return found
    return -1


def _row(
    row: list[str], columns: _Columns, codes: Codes, titled: Titled | None, sent: Mapping[str, Asked]
) -> Answer | None:
    code, share = _whose(row, columns, codes, titled)
    if not code:
        return None
    figure, text = _cell(row, columns.percent), _cell(row, columns.text)
    head = leading_percent(figure, bare=True)
    text = ". ".join(dict.fromkeys(one for one in (head.text.strip("_ %"), text) if one))
    passage = " | ".join(cell for cell in row if cell)[:1000]
    if head.percent is None and not text:
        return _changed(code, _cell(row, columns.last), sent.get(code), passage)
    done = f"\ncumplida el {_cell(row, columns.day)}" if _cell(row, columns.day) else ""
    return Answer(
        code,
        head.percent,
        text[:_TEXT_CAP],
        f"{passage}{done}",
        evidence=_cell(row, columns.evidence),
        confidence=SURE if share == 1 else LIKELY,
    )


def _whose(row: list[str], columns: _Columns, codes: Codes, titled: Titled | None) -> tuple[str, float]:
    """The code of a row: its own cell's, before the action's words («BIO-02 Expedir la guía»), or by those words.

    A code among other words («Tablero MSQ-01») is the row's when the row names no other one; else it may be.
    """
    own, title = _cell(row, columns.code), _cell(row, columns.title)
    if code := codes.exactly(own):
        return code, 1.0
    named, _rest = codes.leading(title)
    if len(named) == 1:
        return named[0], 1.0
    code, share = titled(title) if titled is not None and title else ("", 0.0)
    within = codes.inside(own) or codes.inside(title)
    if code or len(within) != 1:
        return code, share
    return within[0], float(codes.inside(" ".join(row)) == within)


def _changed(code: str, cell: str, asked: Asked | None, passage: str) -> Answer | None:
    """Somebody wrote over «Último avance reportado» instead of filling the empty cells."""
    head = leading_percent(cell)
    if asked is None or head.percent is None or head.percent == asked.percent:
        return None
    text = head.text if plain(head.text) != plain(asked.narrative) else ""
    return Answer(code, head.percent, text[:_TEXT_CAP], passage, confidence=LIKELY)


def _are_fractions(cells: list[str]) -> bool:
    """«0,8» in every row: a spreadsheet's way to write 80 %."""
    figures = [cell.replace(",", ".") for cell in cells if cell.strip()]
    decimal = [one for one in figures if one[:2] in ("0.", "1.") and one[2:].isdigit()]
    return bool(decimal) and all(one in decimal or one in ("0", "1") for one in figures)


def _are_several(names: list[str], rows: list[list[str]]) -> bool:
    """Whether another column than the last report's has percentages too: which is the progress is a guess."""
    columns = (n for n, name in enumerate(names[:_MOST_COLUMNS]) if "ultimo" not in name)
    return sum(any(_PERCENTAGE.fullmatch(_cell(row, n)) for row in rows[:_FIRST_ROWS]) for n in columns) > 1


def _of_hundred(row: list[str], at: int) -> list[str]:
    figure = _cell(row, at).replace(",", ".")
    shown = f"{float(figure) * FULL:.4g}" if figure else ""
    return [*row[:at], shown, *row[at + 1 :]]


def _cell(row: list[str], at: int) -> str:
    cell = row[at].strip("\u00a0 _") if 0 <= at < len(row) else ""
    return "" if plain(cell[:20]) in _NOTHING else cell
