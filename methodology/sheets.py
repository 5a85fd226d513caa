"""Reading one table: CSV (comma, `;` or tab; UTF-8, UTF-16 or Windows-1252) or the sheet of a workbook that is it."""

from __future__ import annotations

import csv
import io
import re
import zlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import zip_longest
from pathlib import Path
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from methodology.rules.spanish import plain

EXCEL_SUFFIXES = (".xlsx", ".xlsm")
SUFFIXES = (".csv", *EXCEL_SUFFIXES)
OLD_EXCEL = ".xls"
UNNAMED = ""
"""The column under which whatever stands in cells without a header comes."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_SEPARATOR = re.compile(r"sep=(.)[\r\n]+", re.IGNORECASE)
_DAMAGED = (
    BadZipFile, InvalidFileException, LookupError, ValueError, TypeError, AttributeError, EOFError, OSError,
    RuntimeError, SyntaxError, zlib.error,
)  # fmt: skip
"""What openpyxl throws at a damaged workbook: it promises no error of its own."""
_WHOLE = 100.0


class Unreadable(Exception):
    """The table cannot be read; the message says what to do, `row` where."""

    def __init__(self, sentence: str, row: int = 1) -> None:
        super().__init__(sentence)
        self.row = row


@dataclass(frozen=True)
class _Table:
    """`broken` are the coordinates, by row number, of the cells whose formula has no value."""

    rows: Sequence[Sequence[str]]
    broken: dict[int, list[str]] = field(default_factory=dict)

    @property
    def header(self) -> list[str]:
        first = next((cells for cells in self.rows if _filled(cells)), ())
        return [plain(cell).replace(" ", "_") for cell in first]


def rows_of(path: Path, needed: Collection[str] = ()) -> Iterator[tuple[int, dict[str, str]]]:
    """(row number, column → text) of a CSV or Excel file; blank rows are passed over.

    Of a workbook's sheets the first with the `needed` columns is read, else its first.

    Raises:
        Unreadable: what is wrong with the file.
    """
    if path.is_dir():
        raise Unreadable("es una carpeta y no un archivo: retírela o cámbiele el nombre")
    table = _excel_table(path, set(needed)) if path.suffix.lower() in EXCEL_SUFFIXES else _csv_table(path)
    header = table.header
    if twice := [name for name in header if name and header.count(name) > 1]:
        raise Unreadable(f"la columna «{twice[0]}» está dos veces: deje una")
    if table.broken:
        number, broken = next(iter(table.broken.items()))
        advice = "abra el libro en Excel y guárdelo, o escriba el valor"
        raise Unreadable(f"la fórmula de {', '.join(broken)} no tiene valor calculado: {advice}", number)
    filled = ((number, cells) for number, cells in enumerate(table.rows, start=1) if _filled(cells))
    next(filled, None)
    for number, cells in filled:
        yield number, _named(header, cells)


def _filled(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _named(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    pairs = [(name, cell.strip()) for name, cell in zip_longest(header, cells, fillvalue="")]
    unnamed = "; ".join(cell for name, cell in pairs if cell and name == UNNAMED)
    return {name: cell for name, cell in pairs if name != UNNAMED} | ({UNNAMED: unnamed} if unnamed else {})


# --- CSV --------------------------------------------------------------------------------------------------------------


def _csv_table(path: Path) -> _Table:
    text = _decoded(path)
    said = _SEPARATOR.match(text)
    first = next((line for line in text.splitlines() if line.strip(",; \t")), "")
    delimiter = said[1] if said else max(",;\t", key=first.count)
    rows: list[list[str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            rows.append([] if said and not rows else cells)
            line = reader.line_num + 1
    except csv.Error as exc:
        sentence = f"en el renglón {line} hay una comilla que abre y no cierra, o texto después de la que cierra"
        raise Unreadable(f"{sentence}: corríjala o escríbala doble", len(rows) + 1) from exc
    return _Table(rows)


def _decoded(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(_UTF_16):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content:
        raise Unreadable("no es un CSV de texto: ábralo en Excel y guárdelo como «CSV UTF-8»")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


# --- Excel ------------------------------------------------------------------------------------------------------------


def _excel_table(path: Path, needed: set[str]) -> _Table:
    try:
        tables = list(_until(_sheets(path), needed))
    except _DAMAGED as exc:
        sentence = "el archivo no se puede leer como libro de Excel: ábralo en Excel y guárdelo de nuevo como .xlsx"
        raise Unreadable(sentence) from exc
    return tables[-1] if tables and needed <= set(tables[-1].header) else next(iter(tables), _Table(()))


def _until(tables: Iterator[_Table], needed: set[str]) -> Iterator[_Table]:
    """Sheet by sheet, up to the one that has the columns."""
    for table in tables:
        yield table
        if needed <= set(table.header):
            return


def _sheets(path: Path) -> Iterator[_Table]:
    """Each sheet with its values; the formulas beside them show which cell has none."""
    values, formulas = (load_workbook(path, read_only=True, data_only=only) for only in (True, False))
    try:
        for sheet, written in zip(values.worksheets, formulas.worksheets, strict=True):
            rows, broken = [], {}
            for number, (cells, says) in enumerate(zip(sheet.iter_rows(), written.iter_rows(), strict=True), start=1):
                rows.append([_cell(cell.value, str(cell.number_format or "")) for cell in cells])
                pairs = zip(cells, says, strict=True)
                if lacking := [one.coordinate for cell, one in pairs if one.data_type == "f" and cell.value is None]:
                    broken[number] = lacking
            yield _Table(rows, broken)
    finally:
        values.close()
        formulas.close()


def _cell(value: object, number_format: str) -> str:
    """A cell as one would type it: dates as ISO, 0,45 shown as 45 % as «45», 45.300000000000004 as «45.3»."""
    if isinstance(value, date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value * _WHOLE if '%' in number_format else value:.12g}"
    return "" if value is None else str(value)
