"""The .xlsx to fill that travels with a request (R14): what is known is locked, what is asked is open.

It is read back by the codes and by the hidden reference, never by the rows: `mail/read/workbook.py`.
"""

from __future__ import annotations

import re
from datetime import datetime, time
from io import BytesIO
from typing import Any

import xlsxwriter

from mail.gateway import Attachment
from mail.reference import HIDDEN_SHEET, HIDDEN_TITLE
from mail.writing.asked import AskedAction, RequestData
from methodology.rules.spanish import full_date, month_name, percent, plain

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHEET = "Avance"
COLUMNS = (
    ("Código", 11),
    ("Acción", 48),
    ("Vencimiento", 14),
    ("Último avance", 36),
    ("Avance (%)", 12),
    ("Descripción del avance", 52),
    ("Fecha de cumplimiento", 16),
    ("Evidencia", 36),
)
HOW = (
    "Diligencie las columnas amarillas y responda el correo con este libro adjunto. La fecha de cumplimiento y la "
    "evidencia se indican cuando el avance es 100. Una fila en blanco no se tiene en cuenta."
)
FIRST_ROW = 4
_PERCENT, _TEXT, _DAY, _EVIDENCE = 4, 5, 6, 7
_TEXT_MAX = 1000
_CELL = {"font_name": "Calibri", "font_size": 11, "valign": "top", "text_wrap": True, "border": 1,
         "border_color": "#C3CCDA"}  # fmt: skip
_OPEN = {**_CELL, "bg_color": "#FFFBEA", "locked": False}
_DATE = "dd/mm/yyyy"
_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"font_name": "Calibri", "font_size": 14, "bold": True, "font_color": "#16315F"},
    "how": {"font_name": "Calibri", "font_size": 11, "text_wrap": True, "valign": "top"},
    "header": {**_CELL, "bold": True, "bg_color": "#1F4E9E", "font_color": "#FFFFFF", "valign": "vcenter"},
    "band": {**_CELL, "bold": True, "bg_color": "#E3EAF5", "font_color": "#16315F"},
    "code": {**_CELL, "bold": True},
    "text": _CELL,
    "due": {**_CELL, "num_format": _DATE, "align": "left"},
    "open": _OPEN,
    "day": {**_OPEN, "num_format": _DATE, "align": "left"},
}


def sheet(data: RequestData) -> Attachment:
    """The workbook of one request; the same bytes for the same request."""
    buffer = BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": _title(data), "created": datetime.combine(data.month.first, time())})
    formats = {name: book.add_format(values) for name, values in _FORMATS.items()}
    page = book.add_worksheet(SHEET)
    _head(page, data, formats)
    last = _rows(page, data, formats)
    _rules(page, last)
    _protect(page)
    _hide_reference(book, data)
    book.close()
    return Attachment(_name(data), XLSX, buffer.getvalue())


def _title(data: RequestData) -> str:
    return f"Avance de {month_name(data.month.year, data.month.number)} – {data.entity}"


def _name(data: RequestData) -> str:
    words = plain(f"{data.entity} {month_name(data.month.year, data.month.number)}")
    return f"avance-{re.sub(r'[^a-z0-9]+', '-', words).strip('-')[:60]}.xlsx"


def _head(page: Any, data: RequestData, formats: dict[str, Any]) -> None:  # noqa: ANN401 - an untyped library
    page.write_string(0, 0, _title(data), formats["title"])
    page.merge_range(1, 0, 1, len(COLUMNS) - 1, HOW, formats["how"])
    page.set_row(1, 32)
    about = f"Plazo: {full_date(data.deadline)}. Referencia {data.reference}."
    page.merge_range(2, 0, 2, len(COLUMNS) - 1, about, formats["how"])
    for index, (title, width) in enumerate(COLUMNS):
        page.set_column(index, index, width)
        page.write_string(3, index, title, formats["header"])
    page.freeze_panes(FIRST_ROW, 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(3)


def _rows(page: Any, data: RequestData, formats: dict[str, Any]) -> int:  # noqa: ANN401 - an untyped library
    """One row an action under its initiative's; the last row."""
    at = FIRST_ROW
    for initiative in data.initiatives:
        page.merge_range(at, 0, at, len(COLUMNS) - 1, "", formats["band"])
        page.write_string(at, 0, initiative.name, formats["band"])
        at += 1
        for action in initiative.actions:
            _row(page, at, action, formats)
            at += 1
    return at - 1


def _row(page: Any, at: int, action: AskedAction, formats: dict[str, Any]) -> None:  # noqa: ANN401 - an untyped library
    page.write_string(at, 0, action.code, formats["code"])
    page.write_string(at, 1, action.text, formats["text"])
    if action.due is None:
        page.write_string(at, 2, "Sin fecha", formats["text"])
    else:
        page.write_datetime(at, 2, datetime.combine(action.due, time()), formats["due"])
    page.write_string(at, 3, _last(action), formats["text"])
    for index in (_PERCENT, _TEXT, _EVIDENCE):
        page.write_blank(at, index, None, formats["open"])
    page.write_blank(at, _DAY, None, formats["day"])


def _last(action: AskedAction) -> str:
    if action.percent is None:
        return "Sin reporte"
    return f"{percent(action.percent)} – {action.narrative}" if action.narrative else percent(action.percent)


def _rules(page: Any, last: int) -> None:  # noqa: ANN401 - an untyped library
    """What Excel refuses at once; a percentage's cell keeps the general format, so that «80 %» stays 80 %."""
    page.data_validation(FIRST_ROW, _PERCENT, last, _PERCENT, {
        "validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 100,
        "error_title": "Avance (%)", "error_message": "Escriba un número de 0 a 100.",
        "input_title": "Avance (%)", "input_message": "De 0 a 100.",
    })  # fmt: skip
    page.data_validation(FIRST_ROW, _TEXT, last, _TEXT, {
        "validate": "length", "criteria": "<=", "value": _TEXT_MAX,
        "error_title": "Descripción", "error_message": "Use 1.000 caracteres como máximo.",
    })  # fmt: skip
    page.data_validation(FIRST_ROW, _DAY, last, _DAY, {
        "validate": "date", "criteria": ">=", "value": datetime(2020, 1, 1),  # noqa: DTZ001 - Excel has no zones
        "error_title": "Fecha", "error_message": "Escriba una fecha: día/mes/año.",
    })  # fmt: skip


def _protect(page: Any) -> None:  # noqa: ANN401 - an untyped library
    """Against slips, not against anybody: there is no password. Widths and heights stay free."""
    page.protect("", {"format_columns": True, "format_rows": True})


def _hide_reference(book: Any, data: RequestData) -> None:  # noqa: ANN401 - an untyped library
    page = book.add_worksheet(HIDDEN_SHEET)
    page.write_string(0, 0, HIDDEN_TITLE)
    page.write_string(0, 1, data.reference)
    page.very_hidden()
    page.protect()
