"""Reading the matrices' files: CSV (comma or `;`, UTF-8 or Windows-1252) and Excel. All errors at once, nothing loaded.

A folder holds `iniciativas.csv`, `entidades.csv`, one file per initiative named by its slug, and, if people are to be
reached, `personas.csv`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import zip_longest
from pathlib import Path
from typing import TypeVar

from openpyxl import load_workbook

from methodology.rules.spanish import parse_date, parse_percent, plain
from methodology.rules.states import ACTION_STATES_AS_WRITTEN, ActionState, Post, Priority

T = TypeVar("T")
EXCEL_SUFFIXES = (".xlsx", ".xlsm")
_ACTION_COLUMNS = (
    "id_accion",
    "iniciativa",
    "accion",
    "entidad_responsable",
    "prioridad",
    "fecha_vencimiento",
    "estado",
)
_COMPLETE = 100.0
_LAUNCHED_POSTS = frozenset(Post) - {Post.HIGH_LEVEL, Post.GUESTS}


@dataclass(frozen=True)
class Problem:
    """One error by file, row (1 is the header) and column."""

    file: str
    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.file}, fila {self.row}, columna «{self.column}»: {self.sentence}"


class BadFiles(Exception):
    """The folder cannot be loaded; `problems` says everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True)
class InitiativeRow:
    slug: str
    name: str
    launch: date | None
    escalation_channel: str = ""


@dataclass(frozen=True)
class EntityRow:
    name: str
    mail: str
    internal: bool


@dataclass(frozen=True)
class PersonRow:
    post: str
    initiative: str
    name: str
    gender: str
    mail: str
    aad_id: str
    since: date
    until: date | None
    substitute: str


@dataclass(frozen=True)
class ActionRow:
    code: str
    initiative: str
    theme: str
    obstacle_kind: str
    obstacle: str
    solution: str
    text: str
    entity: str
    supporting: str
    priority: str
    starts: date | None
    due: date | None
    original_due: date | None
    state: str
    percent: float | None
    narrative: str
    followed_on: date | None
    met_on: date | None
    is_achievement: bool
    achievement_priority: str
    nature: str
    source: str
    file: str
    row: int


@dataclass(frozen=True)
class Dataset:
    """Everything one folder says. `warnings` are told and do not stop the import."""

    initiatives: tuple[InitiativeRow, ...]
    entities: tuple[EntityRow, ...]
    people: tuple[PersonRow, ...]
    actions: tuple[ActionRow, ...]
    warnings: tuple[str, ...]


@dataclass
class _Reader:
    """Collects problems while it reads."""

    folder: Path
    today: date
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def problem(self, file: str, row: int, column: str, sentence: str) -> None:
        self.problems.append(Problem(file, row, column, sentence))


def read_folder(folder: Path, today: date) -> Dataset:
    """Read and check a folder of matrices.

    Raises:
        BadFiles: with every problem found, by file, row and column.
    """
    reader = _Reader(folder, today)
    initiatives = tuple(_initiatives(reader))
    entities = tuple(_entities(reader))
    people = tuple(_people(reader, {row.slug for row in initiatives}))
    actions = tuple(action for row in initiatives for action in _actions(reader, row, entities))
    _check_codes(reader, actions)
    if reader.problems:
        raise BadFiles(reader.problems)
    last_of_each = {action.code: action for action in actions}
    return Dataset(initiatives, entities, people, tuple(last_of_each.values()), tuple(reader.warnings))


def rows_of(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(row number, column → text) of a CSV or Excel file; blank rows are passed over."""
    raw = _excel_rows(path) if path.suffix.lower() in EXCEL_SUFFIXES else _csv_rows(path)
    header: list[str] = []
    for number, cells in enumerate(raw, start=1):
        if not header:
            header = [plain(cell).replace(" ", "_") for cell in cells]
        elif any(cell.strip() for cell in cells):
            yield number, {name: cell.strip() for name, cell in zip_longest(header, cells[: len(header)], fillvalue="")}


def _csv_rows(path: Path) -> Iterator[list[str]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = text.partition("\n")[0]
    yield from csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")


def _excel_rows(path: Path) -> Iterator[list[str]]:
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield [_cell(value) for value in row]
    finally:
        book.close()


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value.date().isoformat() if isinstance(value, datetime) else str(value)


def _table(
    reader: _Reader, stem: str, needed: tuple[str, ...], *, optional: bool = False
) -> Iterator[tuple[str, int, dict[str, str]]]:
    path = next((p for s in (".csv", *EXCEL_SUFFIXES) if (p := reader.folder / f"{stem}{s}").exists()), None)
    if path is None:
        if not optional:
            reader.problem(f"{stem}.csv", 1, "—", "falta el archivo en la carpeta")
        return
    rows = list(rows_of(path))
    if not rows:
        reader.problem(path.name, 1, "—", "el archivo no tiene filas de datos")
        return
    lacking = [name for name in needed if name not in rows[0][1]]
    for name in lacking:
        reader.problem(path.name, 1, name, "falta la columna")
    if not lacking:
        yield from ((path.name, number, row) for number, row in rows)


def _field(
    reader: _Reader, file: str, number: int, row: Mapping[str, str], column: str, parse: Callable[[str], T], default: T
) -> T:
    text = row.get(column, "")
    if not text:
        return default
    try:
        return parse(text)
    except ValueError as exc:
        reader.problem(file, number, column, str(exc))
        return default


def _required(reader: _Reader, file: str, number: int, row: Mapping[str, str], *columns: str) -> bool:
    empty = [column for column in columns if not row.get(column)]
    for column in empty:
        reader.problem(file, number, column, "está vacía y es obligatoria")
    return not empty


def _initiatives(reader: _Reader) -> Iterator[InitiativeRow]:
    seen: set[str] = set()
    for file, number, row in _table(reader, "iniciativas", ("slug", "nombre")):
        if not _required(reader, file, number, row, "slug", "nombre"):
            continue
        if row["slug"] in seen:
            reader.problem(file, number, "slug", f"«{row['slug']}» está repetida")
        seen.add(row["slug"])
        launch = _field(reader, file, number, row, "fecha_lanzamiento", _date(reader), None)
        yield InitiativeRow(row["slug"], row["nombre"], launch, row.get("canal_escalamiento", ""))


def _entities(reader: _Reader) -> Iterator[EntityRow]:
    for file, number, row in _table(reader, "entidades", ("entidad", "correo_enlace_ficticio", "interna")):
        if not _required(reader, file, number, row, "entidad", "correo_enlace_ficticio"):
            continue
        mail = _field(reader, file, number, row, "correo_enlace_ficticio", _mail, "")
        yield EntityRow(row["entidad"], mail, _field(reader, file, number, row, "interna", _yes, default=False))


def _people(reader: _Reader, slugs: set[str]) -> Iterator[PersonRow]:
    needed = ("cargo", "nombre", "genero", "correo", "aad_object_id", "desde")
    if not any((reader.folder / f"personas{s}").exists() for s in (".csv", *EXCEL_SUFFIXES)):
        reader.warnings.append(
            "No hay personas.csv: mientras nadie ocupe los cargos, ningún mensaje tiene destinatario."
        )
    for file, number, row in _table(reader, "personas", needed, optional=True):
        if not _required(reader, file, number, row, "cargo", "nombre", "genero", "correo", "desde"):
            continue
        post = row["cargo"].upper()
        if post not in _LAUNCHED_POSTS:
            reader.problem(file, number, "cargo", f"«{row['cargo']}» no es un cargo; use {', '.join(Post)}")
        slug = row.get("iniciativa", "")
        if (slug or post == Post.LEADER) and slug not in slugs:
            reader.problem(file, number, "iniciativa", f"«{slug}» no está en iniciativas.csv")
        if row["genero"].lower() not in ("f", "m"):
            reader.problem(file, number, "genero", "use f o m")
        since = _field(reader, file, number, row, "desde", _date(reader), None)
        yield PersonRow(
            post=post,
            initiative=slug,
            name=row["nombre"],
            gender=row["genero"].lower(),
            mail=_field(reader, file, number, row, "correo", _mail, ""),
            aad_id=row.get("aad_object_id", ""),
            since=since or reader.today,
            until=_field(reader, file, number, row, "hasta", _date(reader), None),
            substitute=_field(reader, file, number, row, "suplente", _mail, ""),
        )


def _actions(reader: _Reader, initiative: InitiativeRow, entities: tuple[EntityRow, ...]) -> Iterator[ActionRow]:
    known = {entity.name for entity in entities}
    for file, number, row in _table(reader, initiative.slug, _ACTION_COLUMNS):
        if not _required(
            reader, file, number, row, "id_accion", "accion", "entidad_responsable", "prioridad", "estado"
        ):
            continue
        if row["iniciativa"] != initiative.slug:
            reader.problem(
                file, number, "iniciativa", f"dice «{row['iniciativa']}» y el archivo es de «{initiative.slug}»"
            )
        if row["entidad_responsable"] not in known:
            reader.problem(
                file, number, "entidad_responsable", f"«{row['entidad_responsable']}» no está en entidades.csv"
            )
        for name in filter(None, (part.strip() for part in row.get("entidades_apoyo", "").split(";"))):
            if name not in known:
                reader.warnings.append(
                    f"{file}, fila {number}: la entidad de apoyo «{name}» no está en entidades.csv; queda como texto."
                )
        action = _action(reader, file, number, row)
        if action.state == ActionState.MET and (action.percent, action.met_on is None) != (_COMPLETE, False):
            reader.problem(file, number, "estado", "una acción cumplida lleva 100 % y fecha de cumplimiento")
        yield action


def _action(reader: _Reader, file: str, number: int, row: Mapping[str, str]) -> ActionRow:
    def day(column: str) -> date | None:
        return _field(reader, file, number, row, column, _date(reader), None)

    due = day("fecha_vencimiento")
    return ActionRow(
        code=row["id_accion"].upper(),
        initiative=row["iniciativa"],
        theme=row.get("eslabon_tema", ""),
        obstacle_kind=row.get("tipo_obstaculo", ""),
        obstacle=row.get("obstaculo", ""),
        solution=row.get("solucion", ""),
        text=row["accion"],
        entity=row["entidad_responsable"],
        supporting=row.get("entidades_apoyo", ""),
        priority=_field(reader, file, number, row, "prioridad", _priority, ""),
        starts=day("fecha_inicio"),
        due=due,
        original_due=day("fecha_vencimiento_original") or due,
        state=_field(reader, file, number, row, "estado", _state, ""),
        percent=_field(reader, file, number, row, "avance_cuantitativo_pct", parse_percent, None),
        narrative=row.get("avance_cualitativo", ""),
        followed_on=day("fecha_seguimiento"),
        met_on=day("fecha_cumplimiento"),
        is_achievement=_field(reader, file, number, row, "logro_relevante", _yes, default=False),
        achievement_priority=_field(reader, file, number, row, "prioridad_logro", _priority, ""),
        nature=row.get("naturaleza", ""),
        source=row.get("fuente", ""),
        file=file,
        row=number,
    )


def _check_codes(reader: _Reader, actions: tuple[ActionRow, ...]) -> None:
    where: dict[str, str] = {}
    for action in actions:
        if action.code in where and where[action.code] != action.initiative:
            reader.problem(action.file, action.row, "id_accion", f"«{action.code}» ya está en {where[action.code]}")
        where.setdefault(action.code, action.initiative)


def _date(reader: _Reader) -> Callable[[str], date | None]:
    return lambda text: parse_date(text, reader.today)


def _mail(text: str) -> str:
    name, at, domain = text.partition("@")
    if not (name and at and "." in domain) or any(c.isspace() for c in text):
        raise ValueError(f"«{text}» no es un correo")
    return text.lower()


def _yes(text: str) -> bool:
    if (word := plain(text)) not in ("si", "no", "s", "n", "true", "false", "1", "0"):
        raise ValueError(f"«{text}» no es sí ni no")
    return word in ("si", "s", "true", "1")


def _priority(text: str) -> str:
    for priority in Priority:
        if plain(priority) == plain(text):
            return str(priority)
    raise ValueError(f"«{text}» no es una prioridad; use {', '.join(Priority)}")


def _state(text: str) -> str:
    if not (state := ACTION_STATES_AS_WRITTEN.get(text.lower().strip())):
        raise ValueError(f"«{text}» no es un estado; use {', '.join(sorted(set(ACTION_STATES_AS_WRITTEN)))}")
    return str(state)
