"""Attached workbooks: their sheets as grids of text. Nothing is unpacked before its size is known to be harmless."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from io import BytesIO
from itertools import islice
from zipfile import ZipFile, ZipInfo

from openpyxl import load_workbook

from mail.read.tables import Grid
from mail.reference import HIDDEN_TITLE, find

MAX_FILE = 10 * 2**20
MAX_ENTRIES = 200
MAX_UNPACKED = 50 * 2**20
MAX_RATIO = 100
MAX_XML = 2 * 2**20
"""Of all its XML together: a sheet of six actions has some kilobytes."""
MAX_SHEETS = 10
MAX_ROWS = 500
MAX_COLUMNS = 40
_CELL = 4_000


class Unreadable(Exception):
    """The workbook is not read; the message says why."""


def grids(content: bytes) -> list[Grid]:
    """The sheets of an .xlsx, cells as a person sees them; formulas by their last value, never computed.

    Raises:
        Unreadable: it is too large, too well packed, or broken.
    """
    try:
        _require_harmless(content)
        book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
        return [list(_rows(sheet)) for sheet in islice(book.worksheets, MAX_SHEETS)]
    except Unreadable:
        raise
    except Exception as exc:
        raise Unreadable(f"no se pudo abrir ({type(exc).__name__})") from exc


def reference_of(sheets: Iterable[Grid]) -> str:
    """The reference that our own workbook keeps in its hidden sheet; «» for anybody else's."""
    firsts = (grid[0] for grid in sheets if grid and len(grid[0]) > 1)
    return next((find(first[1][:40]) or "" for first in firsts if first[0] == HIDDEN_TITLE), "")


def _require_harmless(content: bytes) -> None:
    if len(content) > MAX_FILE:
        raise Unreadable(f"supera {MAX_FILE // 2**20} MB")
    with ZipFile(BytesIO(content)) as packed:
        entries = packed.infolist()
        if len(entries) > MAX_ENTRIES or sum(one.file_size for one in entries) > MAX_UNPACKED:
            raise Unreadable("tiene demasiado contenido")
        if any(one.file_size > MAX_RATIO * max(one.compress_size, 1) for one in entries):
            raise Unreadable("está comprimido en exceso")
        if sum(one.file_size for one in entries if _is_xml(one)) > MAX_XML:
            raise Unreadable("tiene demasiadas celdas")
        for one in entries:
            if _is_xml(one) and _declares(packed.read(one)):
                raise Unreadable("define entidades XML")


def _is_xml(entry: ZipInfo) -> bool:
    return entry.filename.lower().endswith((".xml", ".rels", ".vml"))


def _declares(xml: bytes) -> bool:
    """A document type, where entities are defined; Excel writes none, nor UTF-16, where it could hide."""
    return b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or b"\x00" in xml


def _rows(sheet: object) -> Iterator[list[str]]:
    for row in islice(sheet.iter_rows(max_col=MAX_COLUMNS), MAX_ROWS):  # type: ignore[attr-defined]
        cells = [_shown(cell.value, str(getattr(cell, "number_format", ""))) for cell in row]
        while cells and not cells[-1]:  # the library fills a row up to `max_col`
            cells.pop()
        yield cells


def _shown(value: object, number_format: str) -> str:
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, int | float):
        return f"{value * 100:.6g} %" if "%" in number_format else f"{value:.10g}"
    return str(value)[:_CELL].strip()
