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
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from methodology.rules.spanish import parse_date, parse_percent, plain
from methodology.rules.states import (
    ACTION_STATES_AS_WRITTEN,
    INITIATIVE_LABELS,
    ActionState,
    InitiativeState,
    Origin,
    Post,
    Priority,
)

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
    """`state` and `origin` are «» when the file does not say: they are read for a new initiative only."""

    slug: str
    name: str
    launch: date | None
    escalation_channel: str = ""
    state: str = ""
    origin: str = ""


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
    acting: bool | None = None
    file: str = ""
    row: int = 0


@dataclass(frozen=True)
class ActionRow:
    """`entity` is responsible; `joint` are the others of its cell, `;` between them, who get copies."""

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
    joint: str = ""


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
    _check_people(reader, people)
    if reader.problems:
        raise BadFiles(reader.problems)
    last_of_each = {action.code: action for action in actions}
    return Dataset(initiatives, entities, people, tuple(last_of_each.values()), tuple(reader.warnings))


def rows_of(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(row number, column → text) of a CSV or Excel file; blank rows are passed over."""
    raw = _excel_rows(path) if path.suffix.lower() in EXCEL_SUFFIXES else _csv_rows(path)
    header: list[str] = []
    for number, cells in enumerate(raw, start=1):
        if not any(cell.strip() for cell in cells):
            continue
        if not header:
            header = [plain(cell).replace(" ", "_") for cell in cells]
        else:
            yield number, {name: cell.strip() for name, cell in zip_longest(header, cells[: len(header)], fillvalue="")}


def _csv_rows(path: Path) -> Iterator[list[str]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    first = next((line for line in text.splitlines() if line.strip(",; \t")), "")
    lines = io.StringIO(text, newline="")
    yield from csv.reader(lines, delimiter=";" if first.count(";") > first.count(",") else ",")


def _excel_rows(path: Path) -> Iterator[list[str]]:
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        for row in book.worksheets[0].iter_rows():
            yield [_cell(cell.value, str(cell.number_format or "")) for cell in row]
    finally:
        book.close()


def _cell(value: object, number_format: str) -> str:
    """A cell as one would type it: dates as ISO, 0,45 shown as 45 % as «45», 45.300000000000004 as «45.3»."""
    if isinstance(value, date):
        return (value.date() if isinstance(value, datetime) else value).isoformat()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value * _COMPLETE if '%' in number_format else value:.12g}"
    return "" if value is None else str(value)


def _table(
    reader: _Reader, stem: str, needed: tuple[str, ...], *, optional: bool = False
) -> Iterator[tuple[str, int, dict[str, str]]]:
    path = next((p for s in (".csv", *EXCEL_SUFFIXES) if (p := reader.folder / f"{stem}{s}").exists()), None)
    if path is None:
        if not optional:
            reader.problem(f"{stem}.csv", 1, "—", "falta el archivo en la carpeta")
        return
    try:
        rows = list(rows_of(path))
    except (BadZipFile, InvalidFileException, KeyError, csv.Error, OSError) as exc:
        reader.problem(path.name, 1, "—", f"el archivo no se puede leer: {exc}")
        return
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
        state = _field(reader, file, number, row, "estado", _initiative_state, "")
        if state == InitiativeState.RUNNING and launch is None:
            reader.problem(file, number, "fecha_lanzamiento", "una iniciativa en ejecución lleva fecha de lanzamiento")
        origin = _field(reader, file, number, row, "origen", _origin, "")
        yield InitiativeRow(row["slug"], row["nombre"], launch, row.get("canal_escalamiento", ""), state, origin)


def _entities(reader: _Reader) -> Iterator[EntityRow]:
    seen: set[str] = set()
    for file, number, row in _table(reader, "entidades", ("entidad", "correo_enlace_ficticio", "interna")):
        if not _required(reader, file, number, row, "entidad", "correo_enlace_ficticio"):
            continue
        if row["entidad"] in seen:
            reader.problem(file, number, "entidad", f"«{row['entidad']}» está repetida")
        seen.add(row["entidad"])
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
        until = _field(reader, file, number, row, "hasta", _date(reader), None)
        if since and until and until < since:
            reader.problem(file, number, "hasta", f"«{row['hasta']}» es anterior a «desde»")
        yield PersonRow(
            post=post,
            initiative=slug,
            name=row["nombre"],
            gender=row["genero"].lower(),
            mail=_field(reader, file, number, row, "correo", _mail, ""),
            aad_id=row.get("aad_object_id", ""),
            since=since or reader.today,
            until=until,
            substitute=_field(reader, file, number, row, "suplente", _mail, ""),
            acting=_field(reader, file, number, row, "encargo", _acting, None),
            file=file,
            row=number,
        )


def _check_people(reader: _Reader, people: tuple[PersonRow, ...]) -> None:
    """One identity in Teams is one person; a person is one name, whatever the posts."""
    mails: dict[str, str] = {}
    names: dict[str, str] = {}
    for one in people:
        if one.aad_id and mails.setdefault(one.aad_id, one.mail) != one.mail:
            reader.problem(one.file, one.row, "aad_object_id", f"«{one.aad_id}» ya es de {mails[one.aad_id]}")
        if names.setdefault(one.mail, one.name) != one.name:
            reader.problem(one.file, one.row, "nombre", f"{one.mail} ya figura como «{names[one.mail]}»")


def _actions(reader: _Reader, initiative: InitiativeRow, entities: tuple[EntityRow, ...]) -> Iterator[ActionRow]:
    known = {entity.name for entity in entities}
    without_matrix = initiative.state == InitiativeState.CANDIDATE
    for file, number, row in _table(reader, initiative.slug, _ACTION_COLUMNS, optional=without_matrix):
        if not _required(
            reader, file, number, row, "id_accion", "accion", "entidad_responsable", "prioridad", "estado"
        ):
            continue
        if row["iniciativa"] != initiative.slug:
            reader.problem(
                file, number, "iniciativa", f"dice «{row['iniciativa']}» y el archivo es de «{initiative.slug}»"
            )
        for name in several(row["entidad_responsable"]) or [row["entidad_responsable"]]:
            if name not in known:
                reader.problem(file, number, "entidad_responsable", f"«{name}» no está en entidades.csv")
        for name in several(row.get("entidades_apoyo", "")):
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
    responsible, *joint = several(row["entidad_responsable"]) or [""]
    return ActionRow(
        code=row["id_accion"].upper(),
        initiative=row["iniciativa"],
        theme=row.get("eslabon_tema", ""),
        obstacle_kind=row.get("tipo_obstaculo", ""),
        obstacle=row.get("obstaculo", ""),
        solution=row.get("solucion", ""),
        text=row["accion"],
        entity=responsible,
        joint="; ".join(dict.fromkeys(name for name in joint if name != responsible)),
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
    where: dict[str, ActionRow] = {}
    for action in actions:
        former = where.setdefault(action.code, action)
        if former.initiative != action.initiative:
            reader.problem(action.file, action.row, "id_accion", f"«{action.code}» ya está en {former.initiative}")
        elif former is not action:
            reader.warnings.append(
                f"{action.file}, fila {action.row}: «{action.code}» ya está en la fila {former.row}; "
                "se toma la última fila."
            )


def several(cell: str) -> list[str]:
    """The names in one cell, `;` between them."""
    return [name for name in (part.strip() for part in cell.split(";")) if name]


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


def _acting(text: str) -> bool | None:
    return _yes(text)


def _priority(text: str) -> str:
    for priority in Priority:
        if plain(priority) == plain(text):
            return str(priority)
    raise ValueError(f"«{text}» no es una prioridad; use {', '.join(Priority)}")


def _initiative_state(text: str) -> str:
    """How a new initiative comes in; what follows (pause, closing) is done in the service."""
    entered = (InitiativeState.CANDIDATE, InitiativeState.BUILDING, InitiativeState.RUNNING)
    for state in entered:
        if plain(text).replace(" ", "_") in (state, plain(INITIATIVE_LABELS[state]).replace(" ", "_")):
            return str(state)
    words = ", ".join(INITIATIVE_LABELS[state].lower() for state in entered)
    raise ValueError(f"«{text}» no es un estado con el que entra una iniciativa; use {words}")


def _origin(text: str) -> str:
    for origin in Origin:
        if plain(origin) == plain(text):
            return str(origin)
    raise ValueError(f"«{text}» no es un origen; use {' o '.join(Origin)}")


def _state(text: str) -> str:
    if not (state := ACTION_STATES_AS_WRITTEN.get(text.lower().strip())):
        raise ValueError(f"«{text}» no es un estado; use {', '.join(sorted(set(ACTION_STATES_AS_WRITTEN)))}")
    return str(state)
