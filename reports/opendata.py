"""R48: open data. The same rows as CSV and JSON, with a dictionary, the licence, the cut-off date and a version.

CSV: UTF-8, comma, decimal point, ISO dates; a text that a spreadsheet would read as a formula gets a leading «'».
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from methodology.rules.snapshot import SHOWN, digest_of
from reports.excel import action_rows
from reports.formats import Content

SCHEMA = "1.1"
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Field:
    """A column: its name, its type, its meaning, and the key it is read from."""

    name: str
    type: str
    about: str
    key: str


@dataclass(frozen=True)
class Table:
    """One data set: `rows` are keyed by the fields' names."""

    name: str
    title: str
    about: str
    fields: tuple[Field, ...]
    rows: tuple[Mapping[str, Any], ...]


ACTION_FIELDS = (
    Field("codigo", "texto", "Código único de la acción", "code"),
    Field("iniciativa", "texto", "Identificador de la iniciativa sectorial", "slug"),
    Field("eslabon_tema", "texto", "Eslabón de la cadena o tema del obstáculo", "theme"),
    Field("tipo_obstaculo", "texto", "Barrera, Brecha o Cuello de botella", "obstacle_kind"),
    Field("obstaculo", "texto", "Obstáculo identificado", "obstacle"),
    Field("solucion", "texto", "Solución priorizada", "solution"),
    Field("accion", "texto", "Acción de la solución", "text"),
    Field("entidad_responsable", "texto", "Entidad responsable de la ejecución", "entity"),
    Field("entidades_apoyo", "texto", "Entidades de apoyo, separadas por punto y coma", "supporting"),
    Field("prioridad", "texto", "Alta, Media o Baja", "priority"),
    Field("fecha_inicio", "fecha", "Inicio previsto; vacío si no se ha definido", "starts"),
    Field("fecha_vencimiento", "fecha", "Vencimiento vigente; vacío significa «Sin fecha»", "due"),
    Field("fecha_vencimiento_original", "fecha", "Primera fecha, cuando la vigente es otra", "original_due"),
    Field("reprogramaciones", "entero", "Veces que se movió la fecha", "moves"),
    Field("estado", "texto", "Vigente, cumplida, salida o cerrada sin cumplir", "state"),
    Field("semaforo", "texto", "Semáforo de la acción en la fecha de corte", "light"),
    Field("avance_pct", "número", "Último avance reportado, de 0 a 100; vacío significa «Sin reporte»", "percent"),
    Field("avance_cualitativo", "texto", "Texto del último seguimiento", "report"),
    Field("mes_seguimiento", "texto", "Mes del último seguimiento, AAAA-MM", "month"),
    Field("fecha_cumplimiento", "fecha", "Día en que se cumplió", "met_on"),
    Field("logros", "entero", "Logros relevantes marcados en la acción", "achievements"),
    Field("fuente_obstaculo", "texto", "Fuente pública del obstáculo", "sources"),
    Field("ilustrativo", "texto", "«sí» cuando la acción, sus fechas y su avance son ilustrativos", "illustrative"),
)
FIGURE_FIELDS = (
    Field("iniciativa", "texto", "Identificador de la iniciativa sectorial", "slug"),
    Field("nombre", "texto", "Nombre de la iniciativa sectorial", "name"),
    Field("estado", "texto", "Estado de la iniciativa", "state"),
    Field("fecha_lanzamiento", "fecha", "Lanzamiento de la iniciativa", "launch"),
    Field("version_matriz", "entero", "Versión de la matriz en la fecha de corte", "matrix_version"),
    Field("acciones", "entero", "Acciones del denominador: vigentes, cumplidas y cerradas sin cumplir", "counted"),
    Field("cumplidas", "entero", "Acciones cumplidas", "met"),
    Field("salidas", "entero", "Acciones con salida, fuera del denominador", "exits"),
    Field("sin_reporte", "entero", "Acciones vigentes sin ningún seguimiento", "unreported"),
    Field(
        "cumplimiento_pct",
        "número",
        "Cumplidas entre acciones, truncado a un decimal; vacío: «Sin acciones»",
        "compliance",
    ),
    Field("avance_promedio_pct", "número", "Media del último avance; vacío: «Sin reporte»", "progress"),
    Field("oportunidad_pct", "número", "Cumplidas a tiempo entre cumplidas con fecha", "timely"),
)
ACHIEVEMENT_FIELDS = (
    Field("iniciativa", "texto", "Identificador de la iniciativa sectorial", "slug"),
    Field("periodo", "texto", "Periodo del reporte: AAAA-B1 a AAAA-B6, AAAA-Q1 a AAAA-Q24 o «cierre»", "period"),
    Field("version", "entero", "Versión del reporte", "version"),
    Field("codigo", "texto", "Código de la acción", "code"),
    Field("logro", "texto", "Texto publicado del logro", "text"),
    Field("tipo_resultado", "texto", "Decreto, resolución, circular o guía, u otro", "kind"),
    Field("prioridad", "texto", "Alta, Media o Baja", "priority"),
    Field("entidad_responsable", "texto", "Entidad responsable de la acción", "entity"),
    Field("fecha_registro", "fecha", "Día en que se registró el logro", "on"),
    Field("huella", "texto", "SHA-256 del reporte que lo publicó", "digest"),
)
CLOSING_FIELDS = (
    Field("iniciativa", "texto", "Identificador de la iniciativa sectorial", "slug"),
    Field("nombre", "texto", "Nombre de la iniciativa sectorial", "name"),
    Field("fecha_lanzamiento", "fecha", "Lanzamiento de la iniciativa", "launch"),
    Field("fecha_confirmacion", "fecha", "Día en que se confirmó el cierre", "confirmed_on"),
    Field("motivo", "texto", "Por qué se cerró", "why"),
    Field("acciones", "entero", "Acciones del denominador", "counted"),
    Field("cumplidas", "entero", "Acciones cumplidas", "met"),
    Field("sin_cumplir", "entero", "Acciones cerradas sin cumplir", "unmet"),
    Field("salidas", "entero", "Acciones con salida, fuera del denominador", "exits"),
    Field("cumplimiento_pct", "número", "Cumplidas entre acciones; vacío: «Sin acciones»", "compliance"),
    Field("logros", "entero", "Logros de toda la vida de la iniciativa", "achievements"),
    Field("fecha_corte", "fecha", "Corte del informe de cierre", "cut_off"),
    Field("version", "entero", "Versión del informe de cierre", "version"),
    Field("huella", "texto", "SHA-256 del informe de cierre", "digest"),
)
CHALLENGE_FIELDS = (
    Field("iniciativa", "texto", "Identificador de la iniciativa sectorial", "slug"),
    Field("clase", "texto", "Acción cerrada sin cumplir, salida u obstáculo sin resolver", "class"),
    Field("codigo", "texto", "Código de la acción; vacío en un obstáculo", "code"),
    Field("desafio", "texto", "Texto de la acción o del obstáculo", "text"),
    Field("entidad_responsable", "texto", "Entidad responsable; vacío en un obstáculo", "entity"),
    Field("motivo", "texto", "Motivo de la salida", "reason"),
    Field("huella", "texto", "SHA-256 del informe de cierre que lo publicó", "digest"),
)


def tables(content: Content) -> tuple[Table, ...]:
    """The data sets of a site's content: actions, figures and the achievements that were published."""
    return (
        _table(
            "acciones",
            "Acciones de las matrices",
            "Una fila por acción, en su último estado.",
            ACTION_FIELDS,
            _actions,
            content,
        ),
        _table(
            "cifras", "Cifras por iniciativa", "Una fila por iniciativa sectorial.", FIGURE_FIELDS, _figures, content
        ),
        _table(
            "logros",
            "Logros publicados",
            "Una fila por logro de un reporte publicado.",
            ACHIEVEMENT_FIELDS,
            _told,
            content,
        ),
        _table(
            "cierres",
            "Iniciativas cerradas",
            "Una fila por informe de cierre publicado.",
            CLOSING_FIELDS,
            _closings,
            content,
        ),
        _table(
            "desafios",
            "Desafíos al cierre",
            "Una fila por acción sin cumplir, salida u obstáculo sin resolver de un informe de cierre.",
            CHALLENGE_FIELDS,
            _challenges,
            content,
        ),
    )


def version_of(content: Content) -> str:
    """«1.0-2026-11-20-0123456789ab»: the columns' version, the cut-off and the content's hash."""
    return f"{SCHEMA}-{content['cut_off']}-{digest_of(content)[:SHOWN]}"


def files(content: Content) -> dict[str, bytes]:
    """File name → bytes: each table as CSV and JSON, the dictionary and the licence."""
    found: dict[str, bytes] = {"licencia.txt": _licence(content).encode()}
    dictionary = [
        {"conjunto": t.name, "campo": f.name, "tipo": f.type, "descripcion": f.about}
        for t in tables(content)
        for f in t.fields
    ]
    found["diccionario.csv"] = as_csv(("conjunto", "campo", "tipo", "descripcion"), dictionary)
    for table in tables(content):
        found[f"{table.name}.csv"] = as_csv([f.name for f in table.fields], table.rows)
        found[f"{table.name}.json"] = _json(table, content)
    return found


def as_csv(names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    """RFC 4180 in UTF-8 with a header; None is an empty cell."""
    out = StringIO(newline="")
    writer = csv.DictWriter(out, names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: guarded(value) for name, value in row.items()} for row in rows)
    return out.getvalue().encode()


def guarded(value: Any) -> Any:  # noqa: ANN401 - a cell
    """Text that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def _table(
    name: str,
    title: str,
    about: str,
    fields: tuple[Field, ...],
    read: Callable[[Content], Iterator[Content]],
    content: Content,
) -> Table:
    rows = tuple({f.name: row.get(f.key) for f in fields} for row in read(content))
    return Table(name, title, about, fields, rows)


def _actions(content: Content) -> Iterator[Content]:
    for matrix in content["initiatives"]:
        illustrative = "sí" if matrix["illustrative"] else "no"
        for row in action_rows(matrix):
            yield {**row, "slug": matrix["initiative"]["slug"], "illustrative": illustrative}


def _figures(content: Content) -> Iterator[Content]:
    for matrix in content["initiatives"]:
        yield {**matrix["initiative"], **matrix["figures"]}


def _told(content: Content) -> Iterator[Content]:
    for report in content["reports"]:
        snapshot = report["content"]
        for item in snapshot.get("achievements", ()):
            if item.get("reported"):
                continue  # a closing report tells again what an earlier report told
            about = {"slug": snapshot["initiative"]["slug"], "period": snapshot["period"]["code"]}
            yield {**item, **about, "version": snapshot["version"], "digest": report["digest"]}


def _closings(content: Content) -> Iterator[Content]:
    for report in _closing_reports(content):
        snapshot = report["content"]
        yield {
            **snapshot["initiative"],
            **snapshot["closing"],
            **snapshot["figures"],
            "unmet": len(snapshot["challenges"]["actions"]),
            "achievements": len(snapshot["achievements"]),
            "cut_off": snapshot["cut_off"],
            "version": snapshot["version"],
            "digest": report["digest"],
        }


def _challenges(content: Content) -> Iterator[Content]:
    names = {"actions": "Acción cerrada sin cumplir", "exits": "Salida", "obstacles": "Obstáculo sin resolver"}
    for report in _closing_reports(content):
        about = {"slug": report["content"]["initiative"]["slug"], "digest": report["digest"]}
        for key, name in names.items():
            for row in report["content"]["challenges"][key]:
                yield {**row, **about, "class": name}


def _closing_reports(content: Content) -> Iterator[Content]:
    return (report for report in content["reports"] if report["content"]["kind"] == "cierre")


def _json(table: Table, content: Content) -> bytes:
    document = {
        "titulo": table.title,
        "descripcion": table.about,
        "fecha_corte": content["cut_off"],
        "version": version_of(content),
        "publicador": content["publisher"]["operator"],
        "licencia": content["publisher"]["licence"],
        "licencia_url": content["publisher"]["licence_url"],
        "aviso": content["notice"],
        "registros": list(table.rows),
    }
    return json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"


def _licence(content: Content) -> str:
    publisher = content["publisher"]
    lines = (
        "Soluciones por la Reindustrialización – Datos abiertos",
        f"Publicador: {publisher['operator']}",
        f"Fecha de corte: {content['cut_off']}",
        f"Versión: {version_of(content)}",
        f"Licencia: {publisher['licence']}",
        publisher["licence_url"],
        f"Cítese así: {publisher['operator']}, Soluciones por la Reindustrialización, corte {content['cut_off']}.",
        content["notice"],
    )
    return "\n".join(line for line in lines if line) + "\n"
