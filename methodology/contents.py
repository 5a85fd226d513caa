"""The frozen contents of what is published: plain JSON, drawn once from the ledger, read for ever after (R3, R21).

Everything is seen as of a cut-off day, by registration: what was registered after its 24:00 (Bogotá) is undone.
No person is named: authors are never read, and a known person's name inside a text is withheld.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from methodology.clock import local
from methodology.refusals import NotNow
from methodology.rules.calendar import BOGOTA
from methodology.rules.figures import ActionFigures, Semaforo, figures_of, semaforo
from methodology.rules.periods import Period
from methodology.rules.spanish import long_date, percent
from methodology.rules.states import INITIATIVE_LABELS, OPEN_ALERTS, PRIORITY_ORDER, ActionState, InitiativeState
from methodology.rules.thresholds import KEYS, Thresholds
from storage.ledger import Alert, Report
from storage.matrix import Achievement, Action, ActionVersion, Entity, FollowUp, Initiative, Obstacle, Person, Solution

Content = dict[str, Any]
T = TypeVar("T")

ACHIEVEMENTS = "logros"
MATRIX = "matriz"
DRAFT = "borrador"
PUBLISHED = "publicado"
REPLACED = "reemplazado"

SHOWN = (ActionState.OPEN, ActionState.MET, ActionState.EXITED, ActionState.CLOSED_UNMET)
WITHHELD = "[nombre reservado]"
NO_ACTIONS = "Sin acciones"
NO_REPORT = "Sin reporte"
NO_DATED = "Sin cumplidas con fecha"
NO_MICROSITE = "La dirección del micrositio no está configurada: los documentos dicen «por definir» y no llevan enlace."
ILLUSTRATIVE = (
    "Datos ilustrativos: los obstáculos se apoyan en hechos públicos, con su fuente; las acciones, las fechas, "
    "los porcentajes y los silencios son ilustrativos y no describen la gestión de ninguna entidad."
)
THRESHOLD_LABELS: Mapping[str, tuple[str, str]] = {
    "ventana.dias": ("Duración de la ventana mensual de registro", "días"),
    "ventana.tipo": ("Clase de días de la ventana", ""),
    "solicitud.habiles_antes": ("Solicitud a las entidades antes de la ventana", "días hábiles"),
    "solicitud.reiteracion_habiles": ("Reiteración antes de la fecha límite", "días hábiles"),
    "no_respuesta.acercamientos": ("Acercamientos previos a la alerta de no respuesta", "acercamientos"),
    "no_respuesta.habiles": ("Espera previa a la alerta de no respuesta", "días hábiles"),
    "nivel1.retencion_habiles": ("Revisión del líder técnico antes de elevar una alerta", "días hábiles"),
    "por_vencer.dias": ("Aviso de acción próxima a vencer", "días"),
    "cierre.meses": ("Plazo de ejecución de la matriz", "meses"),
    "logros.periodicidad": ("Periodicidad del reporte de logros", ""),
}
_LATEST = date.max


@dataclass(frozen=True)
class Published:
    """Who publishes, where and under which licence. `microsite` None: none is set, none is invented (R5)."""

    operator: str = "Colombia Productiva"
    microsite: str | None = None
    licence: str = "Creative Commons Atribución 4.0 Internacional (CC BY 4.0)"
    licence_url: str = "https://creativecommons.org/licenses/by/4.0/deed.es"
    thresholds: Thresholds = field(default_factory=Thresholds)

    def __post_init__(self) -> None:
        if self.microsite is not None and urlsplit(self.microsite).scheme not in ("https", "http"):
            raise ValueError(f"La dirección del micrositio comienza por https://, no es «{self.microsite}»")


DEFAULTS = Published()


@dataclass(frozen=True)
class Seen:
    """An action as it stood, by registration, at the end of the cut-off day."""

    action: Action
    entity: Entity
    text: str
    supporting: str
    priority: str
    state: str
    due: date | None
    moves: int
    met_on: date | None
    percent: float | None
    follow_up: FollowUp | None
    light: Semaforo


def achievements_content(
    session: Session,
    initiative: Initiative,
    period: Period,
    today: date,
    settings: Published = DEFAULTS,
    *,
    version: int = 1,
) -> Content:
    """R21, R22: figures and the logros of the period not told before, by priority. None ⇒ it says so.

    Raises:
        NotNow: the period has not begun.
    """
    if today < period.first:
        raise NotNow(f"El período {period.label} comienza el {long_date(period.first)}: todavía no hay qué reportar.")
    cut_off, without_names = min(period.cut_off, today), names_withheld(session)
    achievements = [_told(a, without_names) for a in _new_achievements(session, initiative, period, cut_off)]
    seen = seen_on(session, initiative, cut_off)
    return {
        **_head(session, ACHIEVEMENTS, initiative, cut_off=cut_off, version=version, settings=settings, seen=seen),
        "title": "Reporte de logros",
        "period": _period(period),
        "achievements": achievements,
        "empty": "" if achievements else f"En {period.label} no se registraron logros relevantes por reportar.",
        "errata": _errata(session, initiative, without_names),
    }


def matrix_content(
    session: Session,
    initiative: Initiative,
    today: date,
    settings: Published = DEFAULTS,
    *,
    public: bool = False,
    period: Period | None = None,
    version: int = 1,
) -> Content:
    """R6, R13: obstacle → solution → action, by priority and then date. The public part carries no alerts."""
    seen = seen_on(session, initiative, today)
    return {
        **_head(session, MATRIX, initiative, cut_off=today, version=version, settings=settings, seen=seen),
        "title": "Matriz de la iniciativa",
        "period": _period(period) if period else None,
        "public": public,
        "obstacles": _obstacles(session, seen, today, public=public),
    }


def seen_on(session: Session, initiative: Initiative, day: date) -> list[Seen]:
    """The incorporated actions of a matrix as they stood at the end of `day`; proposals are no part of it (R7)."""
    end = midnight(day + timedelta(days=1))
    statement = select(Action).where(Action.initiative_id == initiative.id).order_by(Action.code)
    actions = list(session.scalars(statement.options(joinedload(Action.solution).joinedload(Solution.obstacle))))
    entities = {entity.id: entity for entity in session.scalars(select(Entity))}
    undone = _undone(session, initiative, end)
    reports = _follow_ups(session, initiative, end)
    paused = initiative.state == InitiativeState.PAUSED
    rows = [
        _seen(a, undone.get(a.id, []), reports.get(a.id, []), entities, end=end, day=day, paused=paused)
        for a in actions
    ]
    return [row for row in rows if row.state in SHOWN]


def names_withheld(session: Session) -> Callable[[str], str]:
    """R49: a function that takes the full names of the directory's persons out of a text."""
    names = sorted(
        (name for name in session.scalars(select(Person.name)) if " " in name.strip()), key=len, reverse=True
    )
    if not names:
        return lambda text: text
    pattern = re.compile("|".join(rf"\b{re.escape(name.strip())}\b" for name in names), re.IGNORECASE)
    return lambda text: pattern.sub(WITHHELD, text)


def midnight(day: date) -> datetime:
    """0:00 of `day` on Bogotá's wall."""
    return datetime.combine(day, time(), BOGOTA)


def _head(
    session: Session,
    kind: str,
    initiative: Initiative,
    *,
    cut_off: date,
    version: int,
    settings: Published,
    seen: Sequence[Seen],
) -> Content:
    illustrative = any("ilustrativ" in row.action.nature.lower() for row in seen)
    return {
        "kind": kind,
        "cut_off": cut_off.isoformat(),
        "version": version,
        "initiative": _initiative(session, initiative, cut_off),
        "figures": _figures(seen),
        "lights": _lights(seen),
        "thresholds": _thresholds(initiative, settings),
        "illustrative": illustrative,
        "notice": ILLUSTRATIVE if illustrative else "",
        "publisher": publisher(settings),
        "warnings": [] if settings.microsite else [NO_MICROSITE],
    }


def publisher(settings: Published) -> Content:
    return {
        "operator": settings.operator,
        "microsite": settings.microsite,
        "licence": settings.licence,
        "licence_url": settings.licence_url,
    }


def _initiative(session: Session, initiative: Initiative, cut_off: date) -> Content:
    return {
        "slug": initiative.slug,
        "name": initiative.name,
        "state": INITIATIVE_LABELS.get(initiative.state, initiative.state),
        "launch": _iso(initiative.launch),
        "matrix_version": _matrix_version(session, initiative, cut_off),
    }


def _matrix_version(session: Session, initiative: Initiative, cut_off: date) -> int:
    """R3: the matrix as launched is version 1; every change registered up to the cut-off adds one."""
    changes = select(func.count()).select_from(ActionVersion).join(Action, Action.id == ActionVersion.action_id)
    changes = changes.where(
        Action.initiative_id == initiative.id, ActionVersion.at < midnight(cut_off + timedelta(days=1))
    )
    return 1 + (session.scalar(changes) or 0)


def _period(period: Period) -> Content:
    return {
        "code": str(period),
        "label": period.label,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
    }


def _undone(session: Session, initiative: Initiative, end: datetime) -> dict[int, list[Mapping[str, Any]]]:
    """By action: what stood before each change registered from `end` on, the newest change first."""
    later = select(ActionVersion).join(Action, Action.id == ActionVersion.action_id)
    later = later.where(Action.initiative_id == initiative.id, ActionVersion.at >= end)
    return _by_action((v.action_id, v.before) for v in session.scalars(later.order_by(ActionVersion.version.desc())))


def _follow_ups(session: Session, initiative: Initiative, end: datetime) -> dict[int, list[FollowUp]]:
    """By action, by month: the follow-ups effective at `end` and those registered later."""
    rows = select(FollowUp).join(Action, Action.id == FollowUp.action_id).where(Action.initiative_id == initiative.id)
    ordered = session.scalars(rows.order_by(FollowUp.month, FollowUp.id))
    return _by_action((f.action_id, f) for f in ordered if f.superseded_at is None or f.superseded_at >= end)


def _by_action(pairs: Iterable[tuple[int, T]]) -> dict[int, list[T]]:
    found: dict[int, list[T]] = {}
    for action_id, value in pairs:
        found.setdefault(action_id, []).append(value)
    return found


def _seen(
    action: Action,
    undone: Sequence[Mapping[str, Any]],
    reports: Sequence[FollowUp],
    entities: Mapping[int, Entity],
    *,
    end: datetime,
    day: date,
    paused: bool,
) -> Seen:
    names = ("text", "entity_id", "supporting", "priority", "state", "due", "due_moves", "met_on", "percent")
    was = {name: getattr(action, name) for name in names}
    for before in undone:
        was |= {name: value for name, value in before.items() if name in was}
    due, known = _day(was["due"]), [f for f in reports if f.at < end]
    follow_up = known[-1] if known else None
    return Seen(
        action=action,
        entity=entities[was["entity_id"]],
        text=was["text"],
        supporting=was["supporting"],
        priority=was["priority"],
        state=was["state"],
        due=due,
        moves=max(was["due_moves"], int(action.original_due is not None and due != action.original_due)),
        met_on=_day(was["met_on"]),
        percent=_percent(was["state"], follow_up, None if reports else was["percent"]),
        follow_up=follow_up,
        light=semaforo(was["state"], due, day, paused=paused),
    )


def _percent(state: str, follow_up: FollowUp | None, brought_in: float | None) -> float | None:
    """100 when met, the last follow-up's figure, or the one the matrix came with; None is «Sin reporte» (R13)."""
    if state == ActionState.MET:
        return 100.0
    return follow_up.percent if follow_up else brought_in


def _figures(seen: Sequence[Seen]) -> Content:
    figures = figures_of(
        ActionFigures(row.state, row.percent, row.action.original_due or row.due, row.met_on) for row in seen
    )
    return {
        "actions": len(seen),
        "counted": figures.counted,
        "met": figures.met,
        "exits": figures.exits,
        "unreported": sum(row.percent is None for row in seen if row.state == ActionState.OPEN),
        "compliance": figures.compliance,
        "compliance_text": _said(figures.compliance, NO_ACTIONS),
        "progress": figures.progress,
        "progress_text": _said(figures.progress, NO_REPORT if figures.counted else NO_ACTIONS),
        "timely": figures.timely,
        "timely_text": _said(figures.timely, NO_DATED if figures.counted else NO_ACTIONS),
    }


def _said(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else percent(value)


def _lights(seen: Sequence[Seen]) -> list[Content]:
    counts = Counter(row.light for row in seen)
    return [{**_light(light), "count": counts[light]} for light in Semaforo if counts[light]]


def _light(light: Semaforo) -> Content:
    return {"word": light.value.word, "background": light.value.background, "text": light.value.text}


def _thresholds(initiative: Initiative, settings: Published) -> list[Content]:
    """R2: every threshold that applied, and whether it is the initiative's own."""
    applied = settings.thresholds.override(initiative.overrides, f"iniciativa {initiative.slug}")
    rows = []
    for key, name in KEYS.items():
        label, unit = THRESHOLD_LABELS.get(key, (key, ""))
        value = f"{getattr(applied, name)} {unit}".strip()
        rows.append({"key": key, "label": label, "value": value, "own": key in initiative.overrides})
    return rows


def _new_achievements(session: Session, initiative: Initiative, period: Period, cut_off: date) -> list[Achievement]:
    """R21: flagged within the period up to the cut-off, not withdrawn by then, not told by a report before."""
    rows = select(Achievement).join(Action, Action.id == Achievement.action_id).options(joinedload(Achievement.action))
    end = midnight(cut_off + timedelta(days=1))
    rows = rows.where(
        Action.initiative_id == initiative.id,
        Achievement.at >= midnight(period.first),
        Achievement.at < end,
        or_(Achievement.withdrawn_at.is_(None), Achievement.withdrawn_at >= end),
        Achievement.report_id.is_(None),
    )
    return sorted(session.scalars(rows), key=lambda a: (_rank(a.priority), a.at, a.id))


def _told(achievement: Achievement, without_names: Callable[[str], str]) -> Content:
    action = achievement.action
    return {
        "id": achievement.id,
        "code": action.code,
        "action": without_names(action.text),
        "text": without_names(achievement.text),
        "kind": achievement.kind,
        "priority": achievement.priority,
        "entity": action.entity.name,
        "entity_short": action.entity.short,
        "on": local(achievement.at).date().isoformat(),
    }


def _errata(session: Session, initiative: Initiative, without_names: Callable[[str], str]) -> list[Content]:
    """R22: logros already told whose text changed or that were withdrawn since; each change is told once."""
    told: dict[int, Content] = {}
    for report in _published_of(session, initiative):
        for item in report.content["achievements"]:
            told[item["id"]] = {"code": item["code"], "text": item["text"], "period": report.content["period"]["label"]}
        for item in report.content["errata"]:
            told[item["id"]]["text"] = item["now"]
    now = {a.id: a for a in session.scalars(select(Achievement).where(Achievement.id.in_(told)))}
    errata = []
    for key, was in told.items():
        text = without_names(now[key].text) if key in now and now[key].withdrawn_at is None else None
        if text != was["text"]:
            errata.append(
                {"id": key, "code": was["code"], "period": was["period"], "before": was["text"] or "", "now": text}
            )
    return errata


def _published_of(session: Session, initiative: Initiative) -> list[Report]:
    rows = select(Report).where(
        Report.kind == ACHIEVEMENTS, Report.initiative_id == initiative.id, Report.state == PUBLISHED
    )
    return list(session.scalars(rows.order_by(Report.cut_off, Report.version)))


def _obstacles(session: Session, seen: Sequence[Seen], today: date, *, public: bool) -> list[Content]:
    """R6 order: actions by priority, then date (undated last); obstacles and solutions by their first action."""
    without_names = names_withheld(session)
    alerts = None if public else _open_alerts(session, seen)
    marks = _marks(session, seen, today)
    found: dict[int | None, Content] = {}
    for row in sorted(seen, key=lambda r: (_rank(r.priority), r.due or _LATEST, r.action.code)):
        solution = row.action.solution
        obstacle = found.setdefault(
            solution.obstacle_id if solution else None, _obstacle(solution.obstacle if solution else None)
        )
        _collect_source(obstacle, row.action.source)
        known = obstacle["solutions"].setdefault(solution.id if solution else None, _solution(solution, without_names))
        known["actions"].append(_action(row, without_names, marks, alerts))
    return [{**obstacle, "solutions": list(obstacle["solutions"].values())} for obstacle in found.values()]


def _obstacle(obstacle: Obstacle | None) -> Content:
    if obstacle is None:
        return {"kind": "Sin obstáculo asociado", "theme": "", "text": "", "sources": [], "solutions": {}}
    return {"kind": obstacle.kind, "theme": obstacle.theme, "text": obstacle.text, "sources": [], "solutions": {}}


def _solution(solution: Solution | None, without_names: Callable[[str], str]) -> Content:
    return {"text": without_names(solution.text) if solution else "", "actions": []}


def _collect_source(obstacle: Content, source: str) -> None:
    if source and source not in obstacle["sources"]:
        obstacle["sources"].append(source)


def _action(
    row: Seen, without_names: Callable[[str], str], marks: Mapping[int, int], alerts: Mapping[int, int] | None
) -> Content:
    original = row.action.original_due
    return {
        "code": row.action.code,
        "text": without_names(row.text),
        "entity": row.entity.name,
        "entity_short": row.entity.short,
        "supporting": without_names(row.supporting),
        "priority": row.priority,
        "state": row.state.replace("_", " "),
        "starts": _iso(row.action.starts),
        "due": _iso(row.due),
        "original_due": _iso(original) if row.moves else None,
        "moves": row.moves,
        "met_on": _iso(row.met_on),
        "light": _light(row.light),
        "percent": row.percent,
        "report": without_names(row.follow_up.text if row.follow_up else row.action.narrative),
        "month": row.follow_up.month if row.follow_up else None,
        "achievements": marks.get(row.action.id, 0),
        "alerts": None if alerts is None else alerts.get(row.action.id, 0),
    }


def _open_alerts(session: Session, seen: Sequence[Seen]) -> Mapping[int, int]:
    """Open alerts by action: its own, and its entity's silence in this initiative, which touches all its actions."""
    initiative_ids = {row.action.initiative_id for row in seen}
    rows = session.scalars(select(Alert).where(Alert.initiative_id.in_(initiative_ids), Alert.state.in_(OPEN_ALERTS)))
    found: Counter[int] = Counter()
    for alert in rows:
        touched = [r.action.id for r in seen if _touches(alert, r)]
        found.update(touched)
    return found


def _touches(alert: Alert, row: Seen) -> bool:
    if alert.action_id is not None:
        return alert.action_id == row.action.id
    return alert.entity_id == row.entity.id and row.state == ActionState.OPEN


def _marks(session: Session, seen: Sequence[Seen], today: date) -> Mapping[int, int]:
    rows = select(Achievement.action_id, func.count()).where(
        Achievement.action_id.in_([row.action.id for row in seen]),
        Achievement.withdrawn_at.is_(None),
        Achievement.at < midnight(today + timedelta(days=1)),
    )
    return dict(session.execute(rows.group_by(Achievement.action_id)).tuples().all())


def _rank(priority: str) -> int:
    return {str(name): rank for name, rank in PRIORITY_ORDER.items()}.get(priority, len(PRIORITY_ORDER))


def _day(value: date | str | None) -> date | None:
    """A date as the table or as a kept version has it."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
