"""Loading a checked dataset: upsert by code, everything or nothing; the same files twice change nothing.

Only what the files say otherwise than the last import's is touched (`methodology/brought.py`): people's changes stay.
What an import changed is one ImportRun, its Changes name it, and the last one can be undone (`methodology/undo.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import alerts, history
from methodology.actions import handed_over, place_again, place_due, redate
from methodology.brought import Anew, Brought, launched_by_hand
from methodology.clock import local
from methodology.import_changes import IN_WORDS, NAMES, Changes, update
from methodology.import_people import import_people, unknown_people
from methodology.matrix_files import ActionRow, BadFiles, Dataset, InitiativeRow, Problem
from methodology.method import Method, fill_calendar
from methodology.rules.calendar import BOGOTA
from methodology.rules.months import Month
from methodology.rules.spanish import long_date, short_date
from methodology.rules.states import ACTION_LABELS, INITIATIVE_LABELS, ActionState, InitiativeState
from methodology.rules.window import timeliness
from storage.history import Change, ImportRun
from storage.matrix import (
    Achievement,
    Action,
    ActionVersion,
    Entity,
    FollowUp,
    Initiative,
    Obstacle,
    Setting,
    Solution,
)

START = "arranque.fecha"
IMPORTED = "importación"
REASON = "Importación de la matriz"
UNDONE = "Importación deshecha"
_GOING_ON = (InitiativeState.RUNNING, InitiativeState.PAUSED, InitiativeState.CLOSING)
_ELSEWHERE = {
    "percent": "«Registrar seguimiento»",
    "narrative": "«Registrar seguimiento»",
    "followed_on": "«Registrar seguimiento»",
    "state": "«Registrar el cumplimiento», «Reabrir una acción cumplida» o «Anular una acción», según el caso",
    "met_on": "«Registrar el cumplimiento»",
    "theme": "«Corregir obstáculo o solución»",
    "obstacle_kind": "«Corregir obstáculo o solución»",
    "obstacle": "«Corregir obstáculo o solución»",
    "solution": "«Corregir obstáculo o solución»",
    "due": "«Cambiar la fecha»: la fecha no se retira por archivo",
    "starts": "«Editar la acción»: la fecha no se retira por archivo",
}
"""What a file says of an action that exists and is not taken from it, and the operation that records it."""
_UNLESS_EMPTIED = ("due", "starts")
_OF_OBSTACLE = {"obstacle": "text", "obstacle_kind": "kind", "theme": "theme"}
_PLAIN = ("text", "supporting", "joint", "priority", "starts", "nature", "source")


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
    problems += unknown_people(session, data)
    if problems:
        raise BadFiles(problems)
    import_people(session, data, initiatives, changes, brought)


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
        update(entity, anew, f"Entidad {row.name}", changes)
    return known


def _initiatives(
    session: Session, data: Dataset, start_on: date, changes: Changes, brought: Brought, method: Method
) -> dict[str, Initiative]:
    known = {row.slug: row for row in session.scalars(select(Initiative))}
    for position, row in enumerate(data.initiatives, start=1):
        values: dict[str, Any] = {"name": row.name, "position": position}
        if row.escalation_channel:
            values["escalation_channel"] = row.escalation_channel
        if row.communication:
            values["communication"] = row.communication
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
    update(initiative, anew, f"Iniciativa {row.name}", changes)
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
    said = {name: getattr(row, name) for name in (*_PLAIN, *_ELSEWHERE)} | {"entity_id": entity.id}
    whole = brought.anew(f"action {row.code}", said)
    action = session.scalar(select(Action).where(Action.code == row.code))
    anew = whole.without(name for name, value in whole.values.items() if _is_elsewhere(name, value))
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
    changes.warnings += _not_taken(action, row, whole)
    _change_action(session, action, anew, entity, changes, now, method)
    return []


def _not_taken(action: Action, row: ActionRow, said: Anew) -> Iterable[str]:
    """What the file says otherwise than the last one, is not so in the matrix, and is recorded elsewhere."""
    for name, value in said.values.items():
        if _is_elsewhere(name, value) and name in said.former and _held(action, name) != value:
            where = f"{row.file}, fila {row.row}, columna «{NAMES[name]}»"
            yield f"{where}: en {row.code} no se toma del archivo; se registra con {_ELSEWHERE[name]}."


def _is_elsewhere(name: str, value: object) -> bool:
    return name in _ELSEWHERE and (name not in _UNLESS_EMPTIED or value is None)


def _held(action: Action, name: str) -> object:
    """The same column as the matrix has it; None for what only the follow-ups know."""
    if name == "solution":
        return action.solution.text if action.solution else ""
    if name in _OF_OBSTACLE:
        return getattr(action.solution.obstacle, _OF_OBSTACLE[name]) if action.solution else ""
    return getattr(action, name, None)


def _came_in_by_file(row: ActionRow, initiative: Initiative) -> str:
    return (
        f"{row.file}, fila {row.row}: {row.code} es nueva en {initiative.name}, que está "
        f"{INITIATIVE_LABELS[initiative.state].lower()}; entra sin validación de su entidad ni reunión. Por "
        "la vía ordinaria se propone con «Proponer una acción nueva»."
    )


def _refused_date(action: Action, row: ActionRow, today: date) -> str:
    """Why the file's date is not taken, as /fecha would not take it; «» when it is."""
    proposed = action.state in (ActionState.PROPOSED, ActionState.TO_VALIDATE)
    if action.due == row.due:
        return ""
    if action.state == ActionState.MET:
        return f"{row.code} está cumplida y su fecha ya no cambia: para moverla, reábrala antes"
    if not proposed and action.state != ActionState.OPEN:
        return f"{row.code} está en estado «{ACTION_LABELS[action.state].lower()}» y su fecha ya no cambia"
    if not proposed and action.due is not None and action.due < today:
        return f"{row.code} está vencida: su fecha se mueve con /fecha, con motivo y aprobación de GG o Planeación"
    if row.due is not None and row.due < today:
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
    bring_follow_up(session, action, row, now, method)
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
        f"{action.code}: aviso de próximo vencimiento el {short_date(soon)}, alerta de vencida el "
        f"{short_date(overdue)} y Solución de alto nivel el {short_date(high)}."
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
    words = [IN_WORDS[name] for name in sorted(changed, key=NAMES.__getitem__)]
    changes.add(f"Acción {action.code}: cambia {', '.join(words)}")
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


def bring_follow_up(session: Session, action: Action, row: ActionRow, now: datetime, method: Method) -> None:
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
