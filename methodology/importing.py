"""Loading a checked dataset: upsert by code, everything or nothing; the same files twice change nothing.

Only what the files say otherwise than the last import's is touched (`methodology/brought.py`): people's changes stay.
What an import changed is one ImportRun, its Changes name it, and the last one can be undone (`methodology/undo.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import alerts, history
from methodology.actions import handed_over, place_again, place_due, redate
from methodology.brought import Anew, Brought, launched_by_hand
from methodology.clock import local
from methodology.matrix_files import ActionRow, BadFiles, Dataset, InitiativeRow, PersonRow, Problem
from methodology.method import Method, fill_calendar
from methodology.rules.calendar import BOGOTA
from methodology.rules.months import Month
from methodology.rules.spanish import long_date, short_date
from methodology.rules.states import INITIATIVE_LABELS, ActionState, InitiativeState
from methodology.rules.window import timeliness
from storage.history import Change, ImportRun
from storage.matrix import (
    Achievement,
    Action,
    ActionVersion,
    Entity,
    FollowUp,
    Holding,
    Initiative,
    Obstacle,
    Person,
    Setting,
    Solution,
)

START = "arranque.fecha"
IMPORTED = "importación"
REASON = "Importación de la matriz"
UNDONE = "Importación deshecha"
_GOING_ON = (InitiativeState.RUNNING, InitiativeState.PAUSED, InitiativeState.CLOSING)
_PLAIN = ("text", "supporting", "joint", "priority", "starts", "nature", "source")
NAMES: Mapping[str, str] = {
    "text": "accion",
    "supporting": "entidades_apoyo",
    "joint": "entidad_responsable (conjuntas)",
    "priority": "prioridad",
    "starts": "fecha_inicio",
    "nature": "naturaleza",
    "source": "fuente",
    "entity_id": "entidad_responsable",
    "due": "fecha_vencimiento",
    "state": "estado",
    "percent": "avance_cuantitativo_pct",
    "met_on": "fecha_cumplimiento",
    "name": "nombre",
    "launch": "fecha_lanzamiento",
    "position": "orden",
    "escalation_channel": "canal_escalamiento",
    "mail": "correo",
    "internal": "interna",
    "gender": "genero",
    "aad_id": "aad_object_id",
    "until": "hasta",
    "substitute_id": "suplente",
    "acting": "encargo",
}
"""How the files call the columns that an import changes."""


@dataclass
class Changes:
    """What the import did, or would do: sentences for a person. `dates` are the alerts that follow from new dates."""

    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        self.lines.append(line)


def import_dataset(
    session: Session,
    data: Dataset,
    *,
    now: datetime,
    method: Method,
    start: date | None = None,
    folder: str = "",
    author: str = IMPORTED,
) -> Changes:
    """Load a dataset in the caller's transaction.

    `start` is `arranque.fecha`: what became due before it reaches nobody by itself; the first import takes today when
    it is not given. What exists already changes by the same rules as by hand (`methodology/actions.py`): a date that
    is overdue is not moved, nor is one set to the past; only a new action may come with an old date. A value that both
    the files and people changed since the last import becomes the files', and the list says whose it replaces.
    `author` is who ran it, from which `folder`.

    Raises:
        BadFiles: a change that needs a person's approval.
    """
    changes = Changes(warnings=list(data.warnings))
    fill_calendar(session, method)
    start_on = _start(session, start, local(now).date())
    brought = Brought(session)
    run = ImportRun(at=now, author=author, folder=folder, lines=[])
    session.add(run)
    session.flush()
    with history.recording(session, IMPORTED, REASON, now, import_id=run.id):
        _load(session, data, start_on, changes, brought, now, method)
    changed = bool(changes.lines or session.scalar(select(Change.id).where(Change.import_id == run.id).limit(1)))
    run.lines = changes.lines
    brought.keep(run, changed=changed)
    if changed:
        alerts.sweep_again(session)
    session.flush()
    return changes


def _load(
    session: Session,
    data: Dataset,
    start_on: date,
    changes: Changes,
    brought: Brought,
    now: datetime,
    method: Method,
) -> None:
    going_on = set(session.scalars(select(Initiative.slug).where(Initiative.state.in_(_GOING_ON))))
    entities = _entities(session, data, changes, brought)
    initiatives = _initiatives(session, data, start_on, changes, brought, method)
    session.flush()
    problems: list[Problem] = []
    for row in data.actions:
        initiative, entity = initiatives[row.initiative], entities[row.entity]
        problems += _action(session, row, initiative, entity, changes, brought, now, method)
        if row.initiative in going_on and f"Acción nueva: {row.code}" in changes.lines[-1:]:
            changes.warnings.append(_came_in_by_file(row, initiative))
    problems += _unknown_people(session, data)
    if problems:
        raise BadFiles(problems)
    _people(session, data, initiatives, changes, brought)


def _start(session: Session, start: date | None, today: date) -> date:
    row = session.get(Setting, START)
    if row is None:
        row = Setting(key=START, value=(start or today).isoformat())
        session.add(row)
    return date.fromisoformat(row.value)


def _entities(session: Session, data: Dataset, changes: Changes, brought: Brought) -> dict[str, Entity]:
    known = {row.name: row for row in session.scalars(select(Entity))}
    for row in data.entities:
        anew = brought.anew(f"entity {row.name}", {"mail": row.mail, "internal": row.internal})
        if not (entity := known.get(row.name)):
            entity = known[row.name] = Entity(name=row.name, mail=row.mail, internal=row.internal)
            session.add(entity)
            changes.add(f"Entidad nueva: {row.name}")
            continue
        _update(entity, anew, f"Entidad {row.name}", changes)
    return known


def _initiatives(
    session: Session, data: Dataset, start_on: date, changes: Changes, brought: Brought, method: Method
) -> dict[str, Initiative]:
    known = {row.slug: row for row in session.scalars(select(Initiative))}
    for position, row in enumerate(data.initiatives, start=1):
        values: dict[str, Any] = {"name": row.name, "position": position}
        if row.escalation_channel:
            values["escalation_channel"] = row.escalation_channel
        if initiative := known.get(row.slug):
            if _launch_counts(session, initiative, row, changes):
                values["launch"] = row.launch
            anew = brought.anew(f"initiative {row.slug}", values)
            _change_initiative(session, initiative, row, anew, start_on, changes, method)
            continue
        values |= {"launch": row.launch} if row.launch else {}
        brought.anew(f"initiative {row.slug}", values)
        state = row.state or (InitiativeState.RUNNING if row.launch else InitiativeState.BUILDING)
        known[row.slug] = Initiative(
            slug=row.slug,
            state=state,
            overrides={},
            origin=row.origin,
            alerts_from=_alerts_from(row, start_on),
            **values,
        )
        session.add(known[row.slug])
        changes.add(f"Iniciativa nueva: {row.name}")
    return known


def _alerts_from(row: InitiativeRow, start_on: date) -> date | None:
    return max(row.launch, start_on) if row.launch else None


def _launch_counts(session: Session, initiative: Initiative, row: InitiativeRow, changes: Changes) -> bool:
    """Whether the file's launch is taken: an empty one never is, nor another than that which people registered."""
    if row.launch is None or row.launch == initiative.launch or not launched_by_hand(session, initiative):
        return row.launch is not None
    stays = long_date(initiative.launch) if initiative.launch else "sin fecha"
    changes.warnings.append(
        f"Iniciativa {row.name}: la fecha de lanzamiento del archivo ({long_date(row.launch)}) no se toma; permanece "
        f"la registrada en el sistema ({stays})."
    )
    return False


def _change_initiative(
    session: Session,
    initiative: Initiative,
    row: InitiativeRow,
    anew: Anew,
    start_on: date,
    changes: Changes,
    method: Method,
) -> None:
    relaunched = "launch" in anew.values and initiative.launch != row.launch
    _update(initiative, anew, f"Iniciativa {row.name}", changes)
    if relaunched:
        initiative.alerts_from = _alerts_from(row, start_on)
        place_again(session, initiative, method)
    if row.launch and initiative.state == InitiativeState.BUILDING and row.state != InitiativeState.BUILDING:
        initiative.state = InitiativeState.RUNNING
        changes.add(f"Iniciativa {row.name}: pasa a en ejecución")


def _action(
    session: Session,
    row: ActionRow,
    initiative: Initiative,
    entity: Entity,
    changes: Changes,
    brought: Brought,
    now: datetime,
    method: Method,
) -> list[Problem]:
    said = {name: getattr(row, name) for name in (*_PLAIN, "due")} | {"entity_id": entity.id}
    anew = brought.anew(f"action {row.code}", said)
    action = session.scalar(select(Action).where(Action.code == row.code))
    over = initiative.state in (InitiativeState.CLOSED, InitiativeState.DISCARDED)
    if over and (action is None or anew.values):
        sentence = f"la iniciativa {initiative.name} está {initiative.state}: sus acciones no cambian"
        return [Problem(row.file, row.row, "iniciativa", sentence)]
    if action is None:
        action = _new_action(session, row, initiative, entity, now, method)
        changes.add(f"Acción nueva: {row.code}")
        _tell_dates(action, changes)
        return []
    if action.initiative_id != initiative.id:
        sentence = f"«{row.code}» ya está en {action.initiative.slug}"
        return [Problem(row.file, row.row, "id_accion", sentence)]
    if was_undone(session, action):
        _revive(session, action, row, entity, now, method)
        changes.add(f"Acción de nuevo en la matriz: {row.code}")
        _tell_dates(action, changes)
        return []
    if "due" in anew.values and (sentence := _refused_date(action, row, local(now).date())):
        return [Problem(row.file, row.row, "fecha_vencimiento", sentence)]
    _change_action(session, action, anew, entity, changes, now, method)
    return []


def _came_in_by_file(row: ActionRow, initiative: Initiative) -> str:
    return (
        f"{row.file}, fila {row.row}: {row.code} es nueva en {initiative.name}, que está "
        f"{INITIATIVE_LABELS[initiative.state].lower()}; entra sin validación de su entidad ni reunión (R26, R27). Por "
        "la vía ordinaria se propone con «Proponer una acción nueva»."
    )


def _refused_date(action: Action, row: ActionRow, today: date) -> str:
    """Why the file's date is not taken, as /fecha would not take it; «» when it is."""
    if action.due == row.due:
        return ""
    if action.due is not None and action.due < today:
        return f"{row.code} está vencida: su fecha se mueve con /fecha, con motivo y aprobación de GG o Planeación"
    if action.state == ActionState.OPEN and row.due is not None and row.due < today:
        return f"la nueva fecha de {row.code} no puede ser anterior a hoy ({long_date(today)})"
    return ""


def _new_action(
    session: Session, row: ActionRow, initiative: Initiative, entity: Entity, now: datetime, method: Method
) -> Action:
    action = Action(
        code=row.code,
        initiative=initiative,
        entity=entity,
        solution=_solution(session, row, initiative),
        original_due=row.original_due,
        due_version=1,
        state=row.state,
        percent=row.percent,
        narrative=row.narrative,
        met_on=row.met_on,
        version=1,
        **{name: getattr(row, name) for name in _PLAIN},
    )
    place_due(action, row.due, method)
    session.add(action)
    session.flush()
    _history(session, action, row, now, method)
    return action


def was_undone(session: Session, action: Action) -> bool:
    """Whether the action is annulled because the import that brought it was undone: importing it again revives it."""
    if action.state != ActionState.ANNULLED:
        return False
    newest = select(ActionVersion.reason).where(ActionVersion.action_id == action.id)
    return session.scalar(newest.order_by(ActionVersion.version.desc()).limit(1)) == UNDONE


def _revive(session: Session, action: Action, row: ActionRow, entity: Entity, now: datetime, method: Method) -> None:
    """As the file says, under a new due_version: its alerts may rise, from today on."""
    names = (*_PLAIN, "due", "state", "percent", "met_on")
    wanted: dict[str, Any] = {name: getattr(row, name) for name in names} | {"entity_id": entity.id}
    before = {name: getattr(action, name) for name in wanted}
    for name in wanted.keys() - {"due"}:
        setattr(action, name, wanted[name])
    action.entity = entity
    action.due_version += 1
    action.due_set_on = local(now).date()
    place_due(action, row.due, method)
    _new_version(session, action, before, now)


def _new_version(session: Session, action: Action, before: Mapping[str, Any], now: datetime) -> list[str]:
    """Version n+1 with what is no longer as in `before`; the names of those columns."""
    changed = sorted(name for name in before if getattr(action, name) != before[name])
    action.version += 1
    session.add(
        ActionVersion(
            action_id=action.id, version=action.version, at=now, author=IMPORTED, reason=REASON,
            before=_jsonable({name: before[name] for name in changed}),
            after=_jsonable({name: getattr(action, name) for name in changed}),
        )
    )  # fmt: skip
    return changed


def _tell_dates(action: Action, changes: Changes) -> None:
    """Which notices and alerts the date in force leads to, if the action stays open."""
    soon, overdue, high = action.due_soon_on, action.overdue_month_on, action.high_level_on
    if action.state != ActionState.OPEN or soon is None or overdue is None or high is None:
        return
    changes.dates.append(
        f"{action.code}: aviso de próximo vencimiento el {short_date(soon)} (R19), alerta de vencida el "
        f"{short_date(overdue)} (R15) y Solución de alto nivel el {short_date(high)} (R30)."
    )


def _change_action(
    session: Session, action: Action, anew: Anew, entity: Entity, changes: Changes, now: datetime, method: Method
) -> None:
    """The matrix's own columns follow what the file says anew; what people registered since stays theirs.

    A date and a responsible entity have the consequences they have by hand.
    """
    today, former_id = local(now).date(), action.entity_id
    before = {name: getattr(action, name) for name, value in anew.values.items() if getattr(action, name) != value}
    if not before:
        return
    replaced = list(anew.replaced(action, f"Acción {action.code}", NAMES))
    if "due" in before:
        redate(session, action, anew.values["due"], today, method)
    for name in before.keys() - {"due"}:
        setattr(action, name, anew.values[name])
    if "entity_id" in before:
        action.entity = entity
    if "entity_id" in before and action.state == ActionState.OPEN:
        handed_over(session, action, former_id, today)
    changed = _new_version(session, action, before, now)
    changes.add(f"Acción {action.code}: cambia {', '.join(sorted(NAMES[name] for name in changed))}")
    changes.lines += replaced
    if "due" in before:
        _tell_dates(action, changes)


def _jsonable(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _solution(session: Session, row: ActionRow, initiative: Initiative) -> Solution | None:
    if not row.obstacle or not row.solution:
        return None
    session.flush()
    obstacle = session.scalar(
        select(Obstacle).where(
            Obstacle.initiative_id == initiative.id, Obstacle.kind == row.obstacle_kind, Obstacle.text == row.obstacle
        )
    )
    if obstacle is None:
        obstacle = Obstacle(initiative_id=initiative.id, theme=row.theme, kind=row.obstacle_kind, text=row.obstacle)
        session.add(obstacle)
        session.flush()
    solution = session.scalar(
        select(Solution).where(Solution.obstacle_id == obstacle.id, Solution.text == row.solution)
    )
    return solution or Solution(obstacle=obstacle, text=row.solution)


def _history(session: Session, action: Action, row: ActionRow, now: datetime, method: Method) -> None:
    """The matrix's tracking columns become the follow-up (and logro, R20) of the month they were written in."""
    if row.followed_on is None or row.percent is None or not row.narrative:
        return
    month = Month.of(row.followed_on)
    at = datetime(row.followed_on.year, row.followed_on.month, row.followed_on.day, 12, tzinfo=BOGOTA)
    at = min(at, now)
    label = timeliness(row.followed_on, method.window(month, method.of(action.initiative)))
    session.add(
        FollowUp(
            action_id=action.id, month=str(month), percent=row.percent, text=row.narrative, timeliness=label,
            source=IMPORTED, author=IMPORTED, at=at,
        )
    )  # fmt: skip
    if row.is_achievement:
        session.add(
            Achievement(
                action_id=action.id, month=str(month), text=f"{row.text}: {row.narrative}",
                priority=row.achievement_priority or row.priority, kind="otro", at=at,
            )
        )  # fmt: skip


def _unknown_people(session: Session, data: Dataset) -> list[Problem]:
    """Substitutes that nobody is, and identities in Teams that are somebody else's."""
    known = {person.mail: person.aad_id for person in session.scalars(select(Person))}
    mails = known.keys() | {row.mail for row in data.people}
    owners = {aad_id: mail for mail, aad_id in known.items() if aad_id}
    problems = []
    for row in data.people:
        if row.substitute and row.substitute not in mails:
            problems.append(
                Problem(row.file, row.row, "suplente", f"«{row.substitute}» no es el correo de una persona")
            )
        if row.aad_id and owners.get(row.aad_id, row.mail) != row.mail:
            sentence = f"«{row.aad_id}» ya es de {owners[row.aad_id]}"
            problems.append(Problem(row.file, row.row, "aad_object_id", sentence))
    return problems


def _people(
    session: Session, data: Dataset, initiatives: Mapping[str, Initiative], changes: Changes, brought: Brought
) -> None:
    people = {row.mail: row for row in session.scalars(select(Person))}
    for row in data.people:
        values = {"name": row.name, "gender": row.gender, "aad_id": row.aad_id or None}
        anew = brought.anew(f"person {row.mail}", values)
        if not (person := people.get(row.mail)):
            person = people[row.mail] = Person(mail=row.mail, **values)
            session.add(person)
            changes.add(f"Persona nueva: {row.name}")
            continue
        _update(person, anew, f"Persona {row.name}", changes)
    session.flush()
    for row in data.people:
        _holding(session, row, people, initiatives, changes, brought)


def _holding(
    session: Session,
    row: PersonRow,
    people: Mapping[str, Person],
    initiatives: Mapping[str, Initiative],
    changes: Changes,
    brought: Brought,
) -> None:
    person, initiative = people[row.mail], initiatives.get(row.initiative)
    initiative_id = initiative.id if initiative else None
    holding = session.scalar(
        select(Holding).where(
            Holding.post == row.post,
            Holding.person_id == person.id,
            Holding.since == row.since,
            Holding.initiative_id == initiative_id,
        )
    )
    substitute = people.get(row.substitute)
    values: dict[str, Any] = {"until": row.until, "substitute_id": substitute.id if substitute else None}
    if row.acting is not None:
        values["acting"] = row.acting
    anew = brought.anew(f"holding {row.post} {row.mail} {row.initiative} {row.since}", values)
    if holding is None:
        key = {"post": row.post, "person_id": person.id, "initiative_id": initiative_id, "since": row.since}
        session.add(Holding(**key, **values))
        changes.add(f"Cargo nuevo: {row.post} {row.initiative} — {row.name}")
        return
    _update(holding, anew, f"Cargo {row.post} de {row.name}", changes)


def _update(thing: object, anew: Anew, name: str, changes: Changes) -> None:
    changed = [key for key, value in anew.values.items() if getattr(thing, key) != value]
    replaced = list(anew.replaced(thing, name, NAMES))
    for key in changed:
        changes.add(f"{name}: cambia {NAMES[key]}")
        setattr(thing, key, anew.values[key])
    changes.lines += replaced
