"""R4, R5, R7, R9: the launch's «minuto a minuto»: five points, in this order, without a date of any action."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from methodology.contents import NO_MICROSITE
from methodology.operation import Doing
from methodology.points import Point
from methodology.rules.spanish import long_date
from methodology.rules.states import PRIORITY_ORDER, ActionState, IdeaState, Post, Sector
from storage.life import Prioritisation
from storage.matrix import Action, Initiative, Obstacle, Solution

GREETING = "saludo"
INSTRUMENT = "instrumento"
OBSTACLES = "obstaculos"
DISCUSSION = "discusion"
CLOSE = "cierre"
WARNING = "Advertencia: "
_RANK = {str(name): rank for name, rank in PRIORITY_ORDER.items()}
_UNBOUND = "Sin obstáculo asociado"


def launch_points(doing: Doing, initiative: Initiative) -> list[Point]:
    """R4: greeting, instrument, obstacles and solutions, public–private discussion, close."""
    return [
        Point(GREETING, "Saludo e importancia del instrumento", Post.VICE_MINISTER, 5, _greeting(initiative)),
        Point(INSTRUMENT, "El instrumento, el micrositio y el método de trabajo", Post.MANAGEMENT, 10, _method(doing)),
        Point(
            OBSTACLES,
            "Obstáculos y soluciones priorizadas, priorización, hoja de ruta y cronograma",
            Post.LEADER,
            20,
            tuple(_matrix(doing, initiative)),
        ),
        Point(
            DISCUSSION,
            "Discusión público-privada: barreras faltantes, propuesta de solución y validación de la priorización",
            Post.LEADER,
            20,
            tuple(_discussion(doing.session, initiative)),
        ),
        Point(CLOSE, "Cierre y pasos a seguir", Post.MANAGEMENT, 5, _close()),
    ]


def _greeting(initiative: Initiative) -> tuple[str, ...]:
    return (
        f"Saludo e importancia de Soluciones por la Reindustrialización para la iniciativa {initiative.name}.",
        "Lugar de la iniciativa en las apuestas productivas de la Política de Reindustrialización.",
    )


def _method(doing: Doing) -> tuple[str, ...]:
    site = doing.published.microsite
    where = f"Micrositio del instrumento: {site}" if site else f"{WARNING}{NO_MICROSITE}"
    return (
        f"Qué es el instrumento, su micrositio ({site or 'dirección por definir'}) y el método de trabajo.",
        where,
        "Método de trabajo: seguimiento mensual, alertas, reuniones de logros y reportes públicos.",
    )


def _close() -> tuple[str, ...]:
    return (
        "Agradecimientos, relevancia del instrumento, actores, seguimiento y próxima reunión.",
        "Agradecimiento a los actores y relevancia del instrumento para el sector.",
        "Actores: entidades responsables, sector privado, líder técnico, Gerencia General y Viceministerio.",
        "Seguimiento y reportes: registro mensual de avances y reporte periódico de logros.",
        "Equipo de Alto Nivel: su papel para resolver las alertas sobre el cumplimiento de las acciones.",
        "Próxima reunión: se acuerda la fecha, o queda por definir.",
    )


# --- point 3: the matrix, by priority, without dates ----------------------------------------------------------------


def _matrix(doing: Doing, initiative: Initiative) -> Iterator[str]:
    """R6, R9: obstacle → solution → action by priority; no date is shown, the schedule says how they are defined."""
    actions = _of_matrix(doing.session, initiative)
    yield "Barreras, brechas y cuellos de botella con sus soluciones priorizadas, hoja de ruta y cronograma."
    obstacle: Obstacle | None = None
    solution: Solution | None = None
    for action in actions:
        mine = action.solution.obstacle if action.solution else None
        if mine is not obstacle or action is actions[0]:
            obstacle = mine
            yield _obstacle(mine)
        if action.solution is not None and action.solution is not solution:
            yield f"– Solución: {action.solution.text}"
        solution = action.solution
        yield f"– – [{action.priority}] {action.code}: {action.text} ({action.entity.short})"
    yield _roadmap(actions)
    yield _schedule(doing, initiative)


def _of_matrix(session: Session, initiative: Initiative) -> list[Action]:
    """Grouped by obstacle and solution, each by its most urgent action."""
    query = select(Action).where(Action.initiative_id == initiative.id, Action.state == ActionState.OPEN)
    rows = session.scalars(query.options(joinedload(Action.solution).joinedload(Solution.obstacle))).all()
    best: dict[tuple[str, int], int] = {}
    for row in rows:
        for group in _groups(row):
            best[group] = min(best.get(group, len(_RANK)), _rank(row))

    def place(row: Action) -> tuple[object, ...]:
        obstacle, solution = _groups(row)
        return best[obstacle], obstacle, best[solution], solution, _rank(row), row.code

    return sorted(rows, key=place)


def _groups(row: Action) -> tuple[tuple[str, int], tuple[str, int]]:
    return (
        ("obstacle", row.solution.obstacle_id if row.solution else 0),
        ("solution", row.solution_id or 0),
    )


def _rank(row: Action) -> int:
    return _RANK.get(row.priority, len(_RANK))


def _obstacle(obstacle: Obstacle | None) -> str:
    if obstacle is None:
        return _UNBOUND
    theme = f" ({obstacle.theme})" if obstacle.theme else ""
    return f"{obstacle.kind[:1].upper()}{obstacle.kind[1:]}: {obstacle.text}{theme}"


def _roadmap(actions: list[Action]) -> str:
    counts = Counter(row.priority for row in actions)
    parts = ", ".join(f"{counts[name]} de prioridad {str(name).lower()}" for name in PRIORITY_ORDER if counts[name])
    entities = len({row.entity_id for row in actions})
    if not actions:
        return "Hoja de ruta: la matriz no tiene acciones incorporadas."
    what, who = "acción" if len(actions) == 1 else "acciones", "entidad" if entities == 1 else "entidades"
    return f"Hoja de ruta: {len(actions)} {what} ({parts}), a cargo de {entities} {who}."


def _schedule(doing: Doing, initiative: Initiative) -> str:
    """R9: who, how and by when the dates are defined, jointly and later."""
    months = doing.method.of(initiative).undated_months
    return (
        "Cronograma – Definición conjunta de fechas. Quién: el líder técnico con cada entidad responsable. Cómo: "
        "concertación de la fecha de cada acción, que se registra en la matriz con su versión. Cuándo: dentro de los "
        f"{months} meses siguientes al lanzamiento; la acción sin fecha se informa cada mes como «Sin fecha»."
    )


# --- point 4: what is missing, and both sectors' word ----------------------------------------------------------------


def _discussion(session: Session, initiative: Initiative) -> Iterator[str]:
    yield "Barreras que falten, su propuesta de solución y validación de la priorización por ambos sectores."
    ideas = select(Obstacle).where(Obstacle.initiative_id == initiative.id, Obstacle.state == IdeaState.PROPOSED)
    yield from (f"Propuesta recibida: {row.text}{_origin(row.origin)}" for row in session.scalars(ideas))
    proposed = select(Action).where(Action.initiative_id == initiative.id, Action.state == ActionState.PROPOSED)
    yield from (f"Acción propuesta: {row.code} {row.text}{_origin(row.origin)}" for row in session.scalars(proposed))
    yield from sector_lines(session, initiative.id)


def _origin(origin: str) -> str:
    return f" (sector {origin})" if origin else ""


def sector_lines(session: Session, initiative_id: int) -> Iterator[str]:
    """R7: how the validation of the prioritisation stands, by sector."""
    known = {row.sector: row for row in session.scalars(_validations(initiative_id))}
    for sector in Sector:
        if row := known.get(sector):
            yield f"Priorización, sector {sector}: validada el {long_date(row.on)} por {row.by}."
        else:
            yield f"Priorización, sector {sector}: pendiente de validar."


def missing_sectors(session: Session, initiative_id: int) -> list[Sector]:
    """R7: the sectors that have not validated the prioritisation."""
    known = {row.sector for row in session.scalars(_validations(initiative_id))}
    return [sector for sector in Sector if sector not in known]


def _validations(initiative_id: int) -> Select[Prioritisation]:
    return select(Prioritisation).where(Prioritisation.initiative_id == initiative_id)
