"""Reading the matrices' files: CSV (comma or `;`, UTF-8 or Windows-1252) and Excel. All errors at once, nothing loaded.

A folder holds `iniciativas.csv`, `entidades.csv`, one file per initiative named by its slug, and, if people are to be
reached, `personas.csv`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

from methodology import cells
from methodology.entity_names import EntityNames, did_you_mean
from methodology.rules.spanish import long_date, parse_date, parse_percent, plain
from methodology.rules.states import ActionState, InitiativeState, Post
from methodology.sheets import OLD_EXCEL, SUFFIXES, UNNAMED, Unreadable, rows_of

T = TypeVar("T")
_ACTION_COLUMNS = (
    "id_accion",
    "iniciativa",
    "accion",
    "entidad_responsable",
    "prioridad",
    "fecha_vencimiento",
    "estado",
)
WHOLE = ""
"""Where a problem is of a file as a whole, it has no row and no column."""
ABSENT = "falta el archivo en la carpeta: agréguelo, en CSV o Excel, con las columnas {columns}"
_COMPLETE = 100.0
_LISTS = ("iniciativas", "entidades", "personas")
_TRACKED = ("fecha_seguimiento", "avance_cuantitativo_pct", "avance_cualitativo")


@dataclass(frozen=True)
class Problem:
    """One error by file, row (1 is the header) and column, or of the WHOLE file."""

    file: str
    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        if self.column == WHOLE:
            return f"{self.file}: {self.sentence}"
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
    communication: str = ""


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
    """Collects problems while it reads. A `replayed` folder may know what comes after `today`."""

    folder: Path
    today: date
    replayed: bool
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def tables(self) -> list[Path]:
        """The folder's CSV and Excel files, whatever the case of their names; not the locks that Excel leaves."""
        known = (*SUFFIXES, OLD_EXCEL)
        try:
            found = [path for path in self.folder.iterdir() if path.suffix.lower() in known]
        except OSError as exc:
            sentence = "la carpeta no se puede abrir: revise que exista y que el servicio pueda leerla"
            raise BadFiles([Problem(str(self.folder), 1, WHOLE, sentence)]) from exc
        return sorted(path for path in found if not path.name.startswith((".", "~$")))

    def problem(self, file: str, row: int, column: str, sentence: str) -> None:
        self.problems.append(Problem(file, row, column, sentence))


def read_folder(folder: Path, today: date, *, replayed: bool = False) -> Dataset:
    """Read and check a folder of matrices; `replayed` from the first day on, for which nothing in it is yet to come.

    Raises:
        BadFiles: with every problem found, by file, row and column.
    """
    reader = _Reader(folder, today, replayed)
    initiatives = tuple(_initiatives(reader))
    entities = tuple(_entities(reader))
    people = tuple(_people(reader, {row.slug for row in initiatives}))
    names = EntityNames(entity.name for entity in entities)
    actions = tuple(action for row in initiatives for action in _actions(reader, row, names))
    _check_codes(reader, actions)
    _check_people(reader, people)
    _warn_of_strays(reader, {row.slug for row in initiatives})
    if reader.problems:
        raise BadFiles(reader.problems)
    last_of_each = {action.code: action for action in actions}
    return Dataset(initiatives, entities, people, tuple(last_of_each.values()), tuple(reader.warnings))


def _warn_of_strays(reader: _Reader, slugs: Iterable[str]) -> None:
    """A matrix whose name is nobody's slug would be passed over in silence."""
    known = {plain(name): name for name in (*slugs, *_LISTS)}
    for path in reader.tables():
        if path.stem.lower() not in map(str.lower, known.values()):
            near = did_you_mean(path.stem, known)
            reader.warnings.append(f"{path.name} no se lee: «{path.stem}» no está en iniciativas.csv{near or '.'}")


def _file(reader: _Reader, stem: str, needed: tuple[str, ...], *, optional: bool) -> Path | None:
    """The one table of that name; what stands in its way is a problem."""
    named = [path for path in reader.tables() if path.stem.lower() == stem.lower()]
    found = [path for path in named if path.suffix.lower() in SUFFIXES]
    if len(found) > 1:
        both = " y ".join(path.name for path in found)
        reader.problem(found[0].name, 1, WHOLE, f"hay {both}: deje solo el archivo vigente")
    elif named and not found:
        reader.problem(named[0].name, 1, WHOLE, "los libros .xls no se leen: guárdelo como .xlsx o CSV")
    elif not found and not optional:
        reader.problem(f"{stem}.csv", 1, WHOLE, ABSENT.format(columns=", ".join(needed)))
    return found[0] if len(found) == 1 else None


def _table(
    reader: _Reader, stem: str, needed: tuple[str, ...], *, optional: bool = False
) -> Iterator[tuple[str, int, dict[str, str]]]:
    if (path := _file(reader, stem, needed, optional=optional)) is None:
        return
    try:
        rows = list(rows_of(path, needed))
    except Unreadable as exc:
        reader.problem(path.name, exc.row, "—", str(exc))
        return
    except OSError:
        reader.problem(path.name, 1, WHOLE, "el archivo no se puede abrir: revise sus permisos")
        return
    if not rows:
        reader.problem(path.name, 1, WHOLE, "el archivo no tiene filas de datos")
        return
    lacking = [name for name in needed if name not in rows[0][1]]
    for name in lacking:
        reader.problem(path.name, 1, name, "falta la columna")
    for number, row in rows if not lacking else ():
        if unnamed := row.get(UNNAMED):
            advice = "revise los separadores y las comillas, o póngale nombre a la columna"
            reader.problem(path.name, number, "—", f"«{unnamed}» queda fuera de las columnas: {advice}")
        yield path.name, number, row


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
        state = _field(reader, file, number, row, "estado", cells.initiative_state, "")
        if state == InitiativeState.RUNNING and launch is None:
            reader.problem(file, number, "fecha_lanzamiento", "una iniciativa en ejecución lleva fecha de lanzamiento")
        origin = _field(reader, file, number, row, "origen", cells.origin, "")
        channel, communication = row.get("canal_escalamiento", ""), row.get("comunicacion", "")
        yield InitiativeRow(row["slug"], row["nombre"], launch, channel, state, origin, communication)


def _entities(reader: _Reader) -> Iterator[EntityRow]:
    seen: set[str] = set()
    for file, number, row in _table(reader, "entidades", ("entidad", "correo_enlace_ficticio", "interna")):
        if not _required(reader, file, number, row, "entidad", "correo_enlace_ficticio"):
            continue
        if plain(row["entidad"]) in seen:
            reader.problem(file, number, "entidad", f"«{row['entidad']}» está repetida")
        seen.add(plain(row["entidad"]))
        mail = _field(reader, file, number, row, "correo_enlace_ficticio", cells.mail, "")
        yield EntityRow(row["entidad"], mail, _field(reader, file, number, row, "interna", cells.yes, default=False))


def _people(reader: _Reader, slugs: set[str]) -> Iterator[PersonRow]:
    needed = ("cargo", "nombre", "genero", "correo", "aad_object_id", "desde")
    if "personas" not in (path.stem.lower() for path in reader.tables()):
        reader.warnings.append(
            "No hay personas.csv: mientras nadie ocupe los cargos, ningún mensaje tiene destinatario."
        )
    for file, number, row in _table(reader, "personas", needed, optional=True):
        if not _required(reader, file, number, row, "cargo", "nombre", "genero", "correo", "desde"):
            continue
        post = _field(reader, file, number, row, "cargo", cells.post, "")
        slug = row.get("iniciativa", "")
        if slugs and (slug or post == Post.LEADER) and slug not in slugs:
            near = did_you_mean(slug, {plain(one): one for one in slugs})
            reader.problem(file, number, "iniciativa", f"«{slug}» no está en iniciativas.csv{near}")
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
            mail=_field(reader, file, number, row, "correo", cells.mail, ""),
            aad_id=row.get("aad_object_id", "").lower(),
            since=since or reader.today,
            until=until,
            substitute=_field(reader, file, number, row, "suplente", cells.mail, ""),
            acting=_field(reader, file, number, row, "encargo", cells.yes, None),
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


def _actions(reader: _Reader, initiative: InitiativeRow, names: EntityNames) -> Iterator[ActionRow]:
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
        action = _action(reader, file, number, row, names)
        _check_dates(reader, action)
        _check_tracking(reader, action, row)
        _check_obstacle(reader, action)
        yield action


def _action(reader: _Reader, file: str, number: int, row: Mapping[str, str], names: EntityNames) -> ActionRow:
    def day(column: str) -> date | None:
        return _field(reader, file, number, row, column, _date(reader), None)

    due = day("fecha_vencimiento")
    responsible, *joint = _responsible(reader, file, number, row, names)
    return ActionRow(
        code=row["id_accion"].upper(),
        initiative=row["iniciativa"],
        theme=row.get("eslabon_tema", ""),
        obstacle_kind=_field(reader, file, number, row, "tipo_obstaculo", cells.obstacle_kind, ""),
        obstacle=row.get("obstaculo", ""),
        solution=row.get("solucion", ""),
        text=row["accion"],
        entity=responsible,
        joint="; ".join(dict.fromkeys(name for name in joint if name != responsible)),
        supporting=_supporting(reader, file, number, row, names),
        priority=_field(reader, file, number, row, "prioridad", cells.priority, ""),
        starts=day("fecha_inicio"),
        due=due,
        original_due=day("fecha_vencimiento_original") or due,
        state=_field(reader, file, number, row, "estado", cells.action_state, ""),
        percent=_field(reader, file, number, row, "avance_cuantitativo_pct", parse_percent, None),
        narrative=row.get("avance_cualitativo", ""),
        followed_on=day("fecha_seguimiento"),
        met_on=day("fecha_cumplimiento"),
        is_achievement=_field(reader, file, number, row, "logro_relevante", cells.yes, default=False),
        achievement_priority=_field(reader, file, number, row, "prioridad_logro", cells.priority, ""),
        nature=row.get("naturaleza", ""),
        source=row.get("fuente", ""),
        file=file,
        row=number,
    )


def _responsible(reader: _Reader, file: str, number: int, row: Mapping[str, str], names: EntityNames) -> list[str]:
    """The entities of the cell as the directory calls them; at least one, which may be nobody's name."""
    written = several(row["entidad_responsable"]) or [row["entidad_responsable"]]
    for name in written if names else ():
        if names.find(name) is None:
            reader.problem(file, number, "entidad_responsable", names.unknown(name))
    return [names.find(name) or name for name in written]


def _supporting(reader: _Reader, file: str, number: int, row: Mapping[str, str], names: EntityNames) -> str:
    written = several(row.get("entidades_apoyo", ""))
    for name in written if names else ():
        if names.find(name) is None:
            sentence = f"la entidad de apoyo {names.unknown(name)}; queda como texto."
            reader.warnings.append(f"{file}, fila {number}: {sentence}")
    return "; ".join(names.find(name) or name for name in written)


def _check_dates(reader: _Reader, action: ActionRow) -> None:
    """An action begins before it is due; what was followed or met is past (told only: a clock may be wrong)."""
    if action.starts and action.due and action.starts > action.due:
        sentence = f"es posterior al vencimiento ({long_date(action.due)})"
        reader.problem(action.file, action.row, "fecha_inicio", sentence)
    latest = date.max if reader.replayed else reader.today
    for column, day in (("fecha_seguimiento", action.followed_on), ("fecha_cumplimiento", action.met_on)):
        if day and day > latest:
            told = f"{long_date(day)} todavía no ha pasado; revise la fecha."
            reader.warnings.append(f"{action.file}, fila {action.row}, columna «{column}»: {told}")


def _check_tracking(reader: _Reader, action: ActionRow, row: Mapping[str, str]) -> None:
    """What is met says when; a logro is of a follow-up."""
    if action.state == ActionState.MET and (action.percent, action.met_on is None) != (_COMPLETE, False):
        reader.problem(action.file, action.row, "estado", "una acción cumplida lleva 100 % y fecha de cumplimiento")
    for column in _TRACKED if action.is_achievement else ():
        if not row.get(column):
            reader.problem(action.file, action.row, column, "está vacía y el logro relevante la necesita")


def _check_obstacle(reader: _Reader, action: ActionRow) -> None:
    if action.obstacle and not action.solution:
        reader.problem(action.file, action.row, "solucion", "falta la solución del obstáculo")
    if action.solution and not action.obstacle:
        reader.problem(action.file, action.row, "obstaculo", "falta el obstáculo al que responde la solución")


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
