"""Step 5a: answers in a table, by the columns of its header; only cells that somebody filled count."""

from __future__ import annotations

from mail.read.codes import Codes
from mail.read.figures import leading_percent
from methodology.replies import Answer
from methodology.rules.spanish import plain

Grid = list[list[str]]
MAX_ROWS = 500
_HEADER_WITHIN = 3
_CODE_HEADERS = ("codigo", "cod", "cod.", "codigo de la accion", "codigo accion", "id accion")
_TEXT_HEADERS = (
    "descripcion",
    "avance cualitativo",
    "texto",
    "observacion",
    "comentario",
    "detalle",
    "reporte",
    "gestion",
)
_TEXT_CAP = 4000


def is_ours(grid: Grid) -> bool:
    """It has a header with a «Código» column."""
    return _header(grid) is not None


def from_grid(grid: Grid, codes: Codes) -> list[Answer]:
    """One answer a row whose percentage or text was filled in."""
    start = _header(grid)
    if start is None:
        return []
    columns = [plain(cell) for cell in grid[start]]
    code_at = next(n for n, name in enumerate(columns) if name in _CODE_HEADERS)
    percent_at = _percent_column(columns)
    text_at = _text_column(columns, {code_at, percent_at})
    found = (_row(row, codes, code_at, percent_at, text_at) for row in grid[start + 1 : start + 1 + MAX_ROWS])
    return [answer for answer in found if answer is not None]


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
    return next((number for number, row in rows if any(plain(cell[:40]) in _CODE_HEADERS for cell in row)), None)


def _percent_column(columns: list[str]) -> int:
    """«Avance (%)», «Porcentaje», «Avance cuantitativo», «Avance»; never «Último avance reportado»; −1: none."""
    candidates = [(n, name) for n, name in enumerate(columns) if "ultimo" not in name]
    for wanted in ("%", "porcentaje", "cuantitativo"):
        if (found := next((n for n, name in candidates if wanted in name), -1)) >= 0:
            return found
    return next((n for n, name in candidates if name == "avance"), -1)


def _text_column(columns: list[str], taken: set[int]) -> int:
    candidates = [(n, name) for n, name in enumerate(columns) if n not in taken and "ultimo" not in name]
    for wanted in _TEXT_HEADERS:
        if (found := next((n for n, name in candidates if wanted in name), -1)) >= 0:
            return found
    return -1


def _row(row: list[str], codes: Codes, code_at: int, percent_at: int, text_at: int) -> Answer | None:
    code = codes.exactly(_cell(row, code_at))
    if code is None:
        return None
    figure, text = _cell(row, percent_at), _cell(row, text_at)
    head = leading_percent(figure, bare=True)
    if head.percent is None and figure.strip("_ %"):
        text = f"{figure} {text}".strip()
    if head.percent is None and not text:
        return None
    return Answer(code, head.percent, text[:_TEXT_CAP], " | ".join(cell for cell in row if cell)[:1000])


def _cell(row: list[str], at: int) -> str:
    return row[at].strip("\u00a0 _") if 0 <= at < len(row) else ""
