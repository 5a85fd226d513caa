"""Frozen contents as Excel workbooks: numbers and dates are numbers and dates, text is never a formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from io import BytesIO
from typing import Any

import xlsxwriter

from methodology.rules.snapshot import digest_of
from reports import formats
from reports.formats import Content

ACCENT = "#3366CC"
DATE = "[$-240A]dd/mm/yyyy"
PERCENT = "[$-240A]0.0\\ %"
README = "Léame"
_CELL = {
    "valign": "top",
    "text_wrap": True,
    "border": 1,
    "border_color": "#D5DBE5",
    "font_name": "Calibri",
    "font_size": 11,
}


@dataclass(frozen=True)
class Column:
    """`kind` is text, date (ISO), percent (0–100) or number; `width` in characters; `empty` stands for None."""

    title: str
    key: str
    width: int
    kind: str = "text"
    empty: str = ""


ACHIEVEMENT_COLUMNS = (
    Column("Prioridad", "priority", 11),
    Column("Código", "code", 11),
    Column("Logro", "text", 70),
    Column("Tipo de resultado", "kind", 20),
    Column("Acción", "action", 50),
    Column("Entidad responsable", "entity", 36),
    Column("Fecha de registro", "on", 17, "date"),
)
ERRATA_COLUMNS = (
    Column("Código", "code", 11),
    Column("Periodo del reporte", "period", 30),
    Column("Texto publicado", "before", 60),
    Column("Texto corregido", "now", 60, empty="Logro retirado"),
)
CLOSING_ACHIEVEMENT_COLUMNS = (*ACHIEVEMENT_COLUMNS, Column("Informado antes en", "reported", 30))
UNMET_COLUMNS = (
    Column("Prioridad", "priority", 11),
    Column("Código", "code", 11),
    Column("Acción", "text", 60),
    Column("Entidad responsable", "entity", 36),
    Column("Vencimiento", "due", 14, "date", formats.UNDATED),
    Column("Último avance", "percent", 14, "percent", formats.NO_REPORT),
    Column("Último seguimiento", "report", 60),
)
EXIT_COLUMNS = (
    Column("Código", "code", 11),
    Column("Acción", "text", 60),
    Column("Entidad responsable", "entity", 36),
    Column("Fecha de salida", "on", 16, "date"),
    Column("Motivo", "reason", 60),
    Column("Informada en la reunión del", "told_on", 24, "date", formats.TOLD_HERE),
)
OBSTACLE_COLUMNS = (
    Column("Eslabón o tema", "theme", 24),
    Column("Tipo de obstáculo", "kind", 20),
    Column("Obstáculo", "text", 60),
    Column("Soluciones previstas", "solutions", 60),
    Column("Acciones", "actions", 30),
    Column("Validado", "validated", 12),
)
TIMELINE_COLUMNS = (Column("Fecha", "on", 13, "date"), Column("Hecho", "what", 40), Column("Detalle", "detail", 60))
CHANGE_COLUMNS = (
    Column("Código", "code", 11),
    Column("Cambio", "what", 34),
    Column("Acción", "text", 60),
    Column("Entidad responsable", "entity", 36),
    Column("Antes", "before", 40),
    Column("Ahora", "now", 40),
)
ACTION_COLUMNS = (
    Column("Eslabón o tema", "theme", 22),
    Column("Tipo de obstáculo", "obstacle_kind", 19),
    Column("Obstáculo", "obstacle", 42),
    Column("Solución", "solution", 34),
    Column("Código", "code", 10),
    Column("Acción", "text", 52),
    Column("Entidad responsable", "entity", 34),
    Column("Entidades de apoyo", "supporting", 30),
    Column("Prioridad", "priority", 11),
    Column("Inicio", "starts", 13, "date"),
    Column("Vencimiento", "due", 14, "date", formats.UNDATED),
    Column("Fecha original", "original_due", 15, "date"),
    Column("Reprogramaciones", "moves", 18, "number"),
    Column("Semáforo", "light", 20),
    Column("Avance", "percent", 12, "percent", formats.NO_REPORT),
    Column("Último seguimiento", "report", 50),
    Column("Mes del seguimiento", "month", 20),
    Column("Cumplida el", "met_on", 13, "date"),
    Column("Logros", "achievements", 9, "number"),
    Column("Fuente del obstáculo", "sources", 44),
)
ALERT_COLUMN = Column("Alertas abiertas", "alerts", 16, "number")
LIGHT_COLUMNS = (Column("Semáforo", "word", 26), Column("Acciones", "count", 12, "number"))
FIGURE_COLUMNS = (
    Column("Cifra", "label", 52),
    Column("Porcentaje", "value", 14, "percent"),
    Column("Acciones", "count", 12, "number"),
    Column("Como se publica", "said", 26),
)
THRESHOLD_COLUMNS = (
    Column("Criterio", "label", 52),
    Column("Valor", "value", 22),
    Column("Origen", "origin", 26),
    Column("Clave", "key", 30),
)


class Book:
    """A workbook in memory with the house's formats."""

    def __init__(self, content: Content) -> None:
        self._bytes = BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(self._bytes, options)
        cut_off = datetime.combine(date.fromisoformat(content["cut_off"]), time(), UTC).replace(tzinfo=None)
        title = f"{content['title']} · {content['initiative']['name']}"
        self._book.set_properties({"title": title, "author": content["publisher"]["operator"], "created": cut_off})
        self._formats: dict[str, Any] = {}

    def table(self, name: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> None:
        """A sheet with a frozen, filterable header and one typed row a mapping; it prints one page wide."""
        sheet = self._book.add_worksheet(name)
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
            sheet.write_string(0, index, column.title, self._format("header"))
        for number, row in enumerate(rows, 1):
            for index, column in enumerate(columns):
                self._write(sheet, number, index, column, row.get(column.key))
        sheet.set_row(0, 32)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)

    def pairs(self, name: str, title: str, pairs: Sequence[tuple[str, str]]) -> None:
        """A sheet that is read: a title, then a name and a text a row."""
        sheet = self._book.add_worksheet(name)
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, 92)
        sheet.write_string(0, 0, title, self._format("title"))
        for number, (label, text) in enumerate(pairs, 2):
            sheet.write_string(number, 0, label, self._format("label"))
            sheet.write_string(number, 1, text, self._format("text"))
        sheet.hide_gridlines(2)

    def close(self) -> bytes:
        self._book.close()
        return self._bytes.getvalue()

    def _write(self, sheet: Any, row: int, index: int, column: Column, value: Any) -> None:  # noqa: ANN401 - an untyped library
        style = self._format(column.kind)
        if value is None:
            sheet.write_string(row, index, column.empty, self._format("text"))
        elif column.kind == "date":
            sheet.write_datetime(row, index, datetime.combine(date.fromisoformat(value), time()), style)
        elif column.kind in ("number", "percent"):
            sheet.write_number(row, index, value / 100 if column.kind == "percent" else value, style)
        else:
            sheet.write_string(row, index, str(value), style)

    def _format(self, name: str) -> Any:  # noqa: ANN401 - an untyped library
        if name not in self._formats:
            self._formats[name] = self._book.add_format(_FORMATS[name])
        return self._formats[name]


_FORMATS: Mapping[str, dict[str, Any]] = {
    "text": _CELL,
    "label": {**_CELL, "bold": True, "bg_color": "#EEF3FB"},
    "date": {**_CELL, "num_format": DATE, "align": "left"},
    "percent": {**_CELL, "num_format": PERCENT},
    "number": {**_CELL, "num_format": "[$-240A]#,##0"},
    "header": {**_CELL, "bold": True, "bg_color": ACCENT, "font_color": "#FFFFFF", "valign": "vcenter"},
    "title": {"bold": True, "font_size": 16, "font_color": "#1F3D7A", "font_name": "Calibri"},
}


def workbook(content: Content) -> bytes:
    """The workbook of a «logros», «matriz» or «cierre» content: its tables, figures, thresholds and «Léame»."""
    book = Book(content)
    book.pairs(README, f"{content['title']} · {content['initiative']['name']}", _readme(content))
    _SHEETS[content["kind"]](book, content)
    book.table("Cifras", FIGURE_COLUMNS, figure_rows(content["figures"]))
    book.table("Semáforo", LIGHT_COLUMNS, content["lights"])
    book.table("Criterios", THRESHOLD_COLUMNS, [{**t, "origin": origin(t)} for t in content["thresholds"]])
    return book.close()


def _achievement_sheets(book: Book, content: Content) -> None:
    book.table("Logros", ACHIEVEMENT_COLUMNS, content["achievements"])
    _errata_sheet(book, content)


def _errata_sheet(book: Book, content: Content) -> None:
    if content["errata"]:
        book.table("Fe de erratas", ERRATA_COLUMNS, content["errata"])


def _matrix_sheets(book: Book, content: Content) -> None:
    alerts = () if content["public"] else (ALERT_COLUMN,)
    book.table("Matriz", ACTION_COLUMNS + alerts, action_rows(content))
    if changes := content.get("changes"):
        book.table("Cambios", CHANGE_COLUMNS, changes["rows"])


def _closing_sheets(book: Book, content: Content) -> None:
    challenges = content["challenges"]
    book.table("Logros", CLOSING_ACHIEVEMENT_COLUMNS, content["achievements"])
    book.table("Sin cumplir", UNMET_COLUMNS, challenges["actions"])
    book.table("Salidas", EXIT_COLUMNS, challenges["exits"])
    book.table("Obstáculos sin resolver", OBSTACLE_COLUMNS, [_flat(row) for row in challenges["obstacles"]])
    book.table("Línea de tiempo", TIMELINE_COLUMNS, content["timeline"])
    _errata_sheet(book, content)


def _flat(obstacle: Content) -> dict[str, Any]:
    return {
        **obstacle,
        "solutions": "; ".join(obstacle["solutions"]),
        "actions": ", ".join(obstacle["actions"]),
        "validated": "Sí" if obstacle["validated"] else "Por validar",
    }


_SHEETS: Mapping[str, Callable[[Book, Content], None]] = {
    "logros": _achievement_sheets,
    "matriz": _matrix_sheets,
    "cierre": _closing_sheets,
}


def action_rows(content: Content) -> list[dict[str, Any]]:
    """A matrix as flat rows, one an action, in the order of R6."""
    return [
        {
            **action,
            "light": action["light"]["word"],
            "theme": obstacle["theme"],
            "obstacle_kind": obstacle["kind"],
            "obstacle": obstacle["text"],
            "solution": solution["text"],
            "sources": "; ".join(obstacle["sources"]),
        }
        for obstacle in content["obstacles"]
        for solution in obstacle["solutions"]
        for action in solution["actions"]
    ]


def figure_rows(figures: Content) -> list[dict[str, Any]]:
    """The figures as numbers; where there is nothing to divide, the words that say so."""
    return [
        {"label": "Cumplimiento", "value": figures["compliance"], "said": figures["compliance_text"]},
        {"label": "Avance promedio", "value": figures["progress"], "said": figures["progress_text"]},
        {"label": "Oportunidad", "value": figures["timely"], "said": figures["timely_text"]},
        {"label": "Acciones del denominador", "count": figures["counted"]},
        {"label": "Acciones cumplidas", "count": figures["met"]},
        {"label": "Salidas", "count": figures["exits"]},
        {"label": "Acciones vigentes sin ningún reporte", "count": figures["unreported"]},
    ]


def origin(threshold: Content) -> str:
    return "Propio de la iniciativa" if threshold["own"] else "Valor general"


def _readme(content: Content) -> list[tuple[str, str]]:
    figures, publisher = content["figures"], content["publisher"]
    pairs = [
        ("Aviso", content["notice"]),
        ("Iniciativa", content["initiative"]["name"]),
        ("Periodo", content["period"]["label"] if content["period"] else ""),
        ("Fecha de corte", formats.long_day(content["cut_off"])),
        ("Versión", str(content["version"]) if content["period"] else ""),
        ("Versión de la matriz", str(content["initiative"]["matrix_version"])),
        ("Motivo del cierre", content.get("closing", {}).get("why", "")),
        ("Tal como estaba el", formats.long_day(content["as_of"]) if content.get("as_of") else ""),
        ("Resultado", content.get("empty", "")),
        ("Cumplimiento", figures["compliance_text"]),
        ("Avance promedio", figures["progress_text"]),
        ("Oportunidad", figures["timely_text"]),
        ("Acciones cumplidas", f"{figures['met']} de {figures['counted']}; salidas: {figures['exits']}"),
        ("Acciones sin ningún reporte", str(figures["unreported"])),
        ("Responsable de la publicación", publisher["operator"]),
        ("Micrositio", publisher["microsite"] or "Por definir"),
        ("Licencia", f"{publisher['licence']} – {publisher['licence_url']}"),
        ("Huella SHA-256", digest_of(content)),
    ]
    return [(label, text) for label, text in pairs if text]
