"""The frozen contents of what is published: plain JSON, drawn once from the ledger, read for ever after (R3, R21).

Everything is seen as of a cut-off day, by registration: what was registered after its 24:00 (Bogotá) is undone.
No person is named: authors are never read, and a known person's name inside a text is withheld.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from methodology.as_of import as_of as as_it_stood
from methodology.as_of import known_since
from methodology.clock import local
from methodology.matrix_changes import changes_since
from methodology.refusals import NotNow
from methodology.rules.figures import ActionFigures, Semaforo, figures_of
from methodology.rules.periods import Period
from methodology.rules.spanish import long_date, percent
from methodology.rules.states import INITIATIVE_LABELS, OPEN_ALERTS, PRIORITY_ORDER, ActionState
from methodology.rules.thresholds import KEYS, LABELS, Thresholds, shown
from methodology.seen import Past, Seen, midnight, names_withheld, seen_on
from storage.ledger import Alert, Report
from storage.matrix import Achievement, Action, ActionVersion, Initiative, Obstacle, Solution

Content = dict[str, Any]

ACHIEVEMENTS = "logros"
MATRIX = "matriz"
CLOSING = "cierre"
DRAFT = "borrador"
PUBLISHED = "publicado"
REPLACED = "reemplazado"

BROUGHT = (
    "La iniciativa se registra aquí desde el {since}: este reporte lleva los logros anteriores que trae la matriz, sin "
    "cifras a su fecha de corte."
)
NOT_REGISTERED = "Sin registro a esa fecha"
NO_ACTIONS = "Sin acciones"
NO_REPORT = "Sin reporte"
NO_DATED = "Sin cumplidas con fecha"
NO_MICROSITE = "La dirección del micrositio no está configurada: los documentos dicen «por definir» y no llevan enlace."
ILLUSTRATIVE = (
    "Datos ilustrativos: los obstáculos se apoyan en hechos públicos, con su fuente; las acciones, las fechas, "
    "los porcentajes y los silencios son ilustrativos y no describen la gestión de ninguna entidad."
)
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
        raise NotNow(f"El periodo {period.label} comienza el {long_date(period.first)}: todavía no hay qué reportar.")
    cut_off, without_names = min(period.cut_off, today), names_withheld(session)
    achievements = [told(a, without_names) for a in _new_achievements(session, initiative, period, cut_off)]
    since = known_since(session, initiative)
    before = since if since is not None and since > cut_off else None
    seen = seen_on(session, initiative, cut_off, settings.thresholds)
    head = head_of(session, ACHIEVEMENTS, initiative, cut_off=cut_off, version=version, settings=settings, seen=seen)
    return {
        **(head | _without_figures(head, before) if before else head),
        "title": "Reporte de logros",
        "period": _period(period),
        "achievements": achievements,
        "empty": "" if achievements else f"En {period.label} no se registraron logros relevantes por reportar.",
        "errata": errata_of(session, initiative, without_names),
    }


def _without_figures(head: Content, since: date) -> Content:
    """Logros that an import brought may be told; figures of a day before anything was registered may not."""
    texts = dict.fromkeys(("compliance_text", "progress_text", "timely_text"), NOT_REGISTERED)
    warning = BROUGHT.format(since=long_date(since))
    return {"figures": head["figures"] | texts, "warnings": [*head["warnings"], warning]}


def matrix_content(
    session: Session,
    initiative: Initiative,
    today: date,
    settings: Published = DEFAULTS,
    *,
    public: bool = False,
    period: Period | None = None,
    version: int = 1,
    as_of: bool = False,
) -> Content:
    """R6, R13: obstacle → solution → action, by priority and then date. The public part carries no alerts.

    One that is published, with its `period`, tells what changed since the one before (R28). One of a past day (R3)
    says so.
    """
    seen = seen_on(session, initiative, today, settings.thresholds)
    return {
        **head_of(session, MATRIX, initiative, cut_off=today, version=version, settings=settings, seen=seen),
        "title": "Matriz de la iniciativa",
        "period": _period(period) if period else None,
        "public": public,
        "as_of": today.isoformat() if as_of else None,
        "changes": changes_since(session, initiative, seen, today) if period else None,
        "obstacles": obstacles_of(session, seen, today, public=public),
    }


def head_of(
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
        "figures": figures_content(seen),
        "lights": lights_content(seen),
        "thresholds": thresholds_of(initiative, settings),
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
    state = Past(session, midnight(cut_off + timedelta(days=1))).of(initiative, "state")
    return {
        "slug": initiative.slug,
        "name": initiative.name,
        "state": INITIATIVE_LABELS.get(state, state),
        "launch": iso(initiative.launch),
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


def figures_content(seen: Sequence[Seen]) -> Content:
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


def lights_content(seen: Sequence[Seen]) -> list[Content]:
    counts = Counter(row.light for row in seen)
    return [{**light_content(light), "count": counts[light]} for light in Semaforo if counts[light]]


def light_content(light: Semaforo) -> Content:
    return {"word": light.value.word, "background": light.value.background, "text": light.value.text}


def thresholds_of(initiative: Initiative, settings: Published) -> list[Content]:
    """R2: every threshold that applied, and whether it is the initiative's own."""
    applied = settings.thresholds.own(initiative.overrides, f"iniciativa {initiative.slug}")
    return [
        {
            "key": key,
            "label": LABELS[key][0],
            "value": shown(key, getattr(applied, name)),
            "own": key in initiative.overrides,
        }
        for key, name in KEYS.items()
    ]


def _new_achievements(session: Session, initiative: Initiative, period: Period, cut_off: date) -> list[Achievement]:
    """R21: flagged up to the cut-off, not withdrawn by then, not told by a report before."""
    rows = select(Achievement).join(Action, Action.id == Achievement.action_id).options(joinedload(Achievement.action))
    end = midnight(cut_off + timedelta(days=1))
    rows = rows.where(
        Action.initiative_id == initiative.id,
        Achievement.at >= midnight(min(period.first, _not_told_since(session, initiative, period))),
        Achievement.at < end,
        or_(Achievement.withdrawn_at.is_(None), Achievement.withdrawn_at >= end),
        Achievement.report_id.is_(None),
    )
    return sorted(session.scalars(rows), key=lambda a: (rank(a.priority), a.at, a.id))


def _not_told_since(session: Session, initiative: Initiative, period: Period) -> date:
    """The day after the last published report; before any, the first of the period in which the initiative began.

    So a period that passed without a report (a pause, another periodicity) takes no logro with it.
    """
    reports = [row for row in _published_of(session, initiative) if row.cut_off < period.first]
    if reports:
        return max(row.cut_off for row in reports) + timedelta(days=1)
    began = initiative.alerts_from
    return Period.of(began, period.periodicity).first if began else period.first


def told(achievement: Achievement, without_names: Callable[[str], str]) -> Content:
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


def errata_of(session: Session, initiative: Initiative, without_names: Callable[[str], str]) -> list[Content]:
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


def obstacles_of(session: Session, seen: Sequence[Seen], today: date, *, public: bool) -> list[Content]:
    """R6 order: actions by priority, then date (undated last); obstacles and solutions by their first action."""
    without_names, past = names_withheld(session), Past(session, midnight(today + timedelta(days=1)))
    alerts = None if public else _open_alerts(session, seen, today)
    marks = _marks(session, seen, today)
    found: dict[int | None, Content] = {}
    for row in sorted(seen, key=lambda r: (rank(r.priority), r.due or _LATEST, r.action.code)):
        solution = row.action.solution
        obstacle = found.setdefault(
            solution.obstacle_id if solution else None,
            _obstacle(solution.obstacle if solution else None, past, without_names),
        )
        _collect_source(obstacle, row.action.source)
        known = obstacle["solutions"].setdefault(
            solution.id if solution else None, _solution(solution, past, without_names)
        )
        known["actions"].append(_action(row, without_names, marks, alerts))
    return [{**obstacle, "solutions": list(obstacle["solutions"].values())} for obstacle in found.values()]


def _obstacle(obstacle: Obstacle | None, past: Past, without_names: Callable[[str], str]) -> Content:
    if obstacle is None:
        return {"kind": "Sin obstáculo asociado", "theme": "", "text": "", "sources": [], "solutions": {}}
    said = {name: without_names(past.of(obstacle, name)) for name in ("kind", "theme", "text")}
    return {**said, "sources": [], "solutions": {}}


def _solution(solution: Solution | None, past: Past, without_names: Callable[[str], str]) -> Content:
    return {"text": without_names(past.of(solution, "text")) if solution else "", "actions": []}


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
        "starts": iso(row.action.starts),
        "due": iso(row.due),
        "original_due": iso(original) if row.moves else None,
        "moves": row.moves,
        "met_on": iso(row.met_on),
        "light": light_content(row.light),
        "percent": row.percent,
        "report": without_names(row.follow_up.text if row.follow_up else row.action.narrative),
        "month": row.follow_up.month if row.follow_up else None,
        "achievements": marks.get(row.action.id, 0),
        "alerts": None if alerts is None else alerts.get(row.action.id, 0),
    }


def _open_alerts(session: Session, seen: Sequence[Seen], today: date) -> Mapping[int, int]:
    """Open alerts by action: its own, and its entity's silence in this initiative, which touches all its actions."""
    initiative_ids = {row.action.initiative_id for row in seen}
    found: Counter[int] = Counter()
    raised = session.scalars(select(Alert).where(Alert.initiative_id.in_(initiative_ids), Alert.raised_on <= today))
    for alert in (as_it_stood(session, row, today) for row in raised.all()):
        if alert and alert["state"] in OPEN_ALERTS:
            found.update(row.action.id for row in seen if _touches(alert, row))
    return found


def _touches(alert: Mapping[str, Any], row: Seen) -> bool:
    if alert["action_id"] is not None:
        return bool(alert["action_id"] == row.action.id)
    return alert["entity_id"] == row.entity.id and row.state == ActionState.OPEN


def _marks(session: Session, seen: Sequence[Seen], today: date) -> Mapping[int, int]:
    rows = select(Achievement.action_id, func.count()).where(
        Achievement.action_id.in_([row.action.id for row in seen]),
        or_(Achievement.withdrawn_at.is_(None), Achievement.withdrawn_at >= midnight(today + timedelta(days=1))),
        Achievement.at < midnight(today + timedelta(days=1)),
    )
    return dict(session.execute(rows.group_by(Achievement.action_id)).tuples().all())


def rank(priority: str) -> int:
    return {str(name): rank for name, rank in PRIORITY_ORDER.items()}.get(priority, len(PRIORITY_ORDER))


def iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
