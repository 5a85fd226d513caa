"""What the method says of an action, an initiative or an entity on a day, and why: «¿Por qué?», `soluciones explain`.

Past days are shown as they were (`as_of`); future ones, as if nothing changed from today on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from methodology import actions, alerts, changes_told, naming
from methodology.as_of import as_of, rows_as_of
from methodology.clock import local
from methodology.completion import FIRST_ACTION, beginning, paused_days
from methodology.matrix_files import Dataset
from methodology.method import Method
from methodology.notices import reason as stored
from methodology.refusals import NotFound
from methodology.rules import codes, reasons
from methodology.rules.deadlines import closing_day, closing_notices
from methodology.rules.figures import semaforo
from methodology.rules.months import Month
from methodology.rules.reasons import Reason
from methodology.rules.spanish import full_date, long_date, plain
from methodology.rules.states import (
    ACTION_LABELS,
    INITIATIVE_LABELS,
    OPEN_ALERTS,
    ActionState,
    AlertKind,
    AlertState,
    InitiativeState,
    NoticeState,
)  # fmt: skip
from methodology.rules.titles import told_as
from methodology.silence import unread_since
from storage.ledger import Alert, CaseAction, Delivery, Notice, Silence
from storage.matrix import Action, Entity, Initiative

STATE, LEDGER, NEXT = "Estado", changes_told.REGISTERED, "Sigue"
_LAST = 12
_LEVELS = {
    AlertState.OPEN: "con el líder técnico",
    AlertState.RAISED_1: "elevada al Viceministerio",
    AlertState.RAISED_2: "elevada al Equipo de Alto Nivel",
    AlertState.HANDLED: "atendida",
    AlertState.CLOSED: "cerrada",
}
_ALERT_KINDS = {AlertKind.OVERDUE_MONTH: "vencida", AlertKind.NO_REPLY: "no respuesta"}


@dataclass(frozen=True)
class Explanation:
    """What holds of `subject` (an acción, iniciativa or entidad) on `day`: in the order in which it is told."""

    kind: str
    subject: str
    day: date
    reasons: tuple[Reason, ...]

    def of(self, rule: str) -> list[str]:
        """The sentences of one rule, or of STATE, LEDGER or NEXT."""
        return [one.sentence for one in self.reasons if one.rule == rule]

    @property
    def sentences(self) -> list[str]:
        return [one.sentence for one in self.reasons]

    def as_json(self) -> list[dict[str, Any]]:
        """One plain object a sentence."""
        return [
            {
                "subject": self.subject,
                "day": self.day.isoformat(),
                "rule": one.rule,
                "on": one.on.isoformat() if one.on else None,
                "passed": one.on <= self.day if one.on else None,
                "sentence": one.sentence,
            }
            for one in self.reasons
        ]


@dataclass(frozen=True)
class _View:
    session: Session
    day: date
    method: Method
    today: date

    def was(self, row: Any) -> Any:  # noqa: ANN401 - the same kind of row
        """The row as it was on the day (a copy that no session knows), None if it was not there; today's from then."""
        if self.day >= self.today:
            return row
        values = as_of(self.session, row, self.day)
        return type(row)(**values) if values else None


def explain(session: Session, name: str, day: date, method: Method, today: date) -> Explanation:
    """The code of an action, an initiative's slug or name, or an entity's name or acronym.

    Raises:
        NotFound: nothing is called that.
    """
    view = _View(session, day, method, today)
    if action := actions.called(session, name):
        return Explanation("acción", action.code, day, tuple(_of_action(view, action)))
    try:
        initiative = naming.initiative(session, name)
    except NotFound:
        return _of_somebody(view, name)
    return Explanation("iniciativa", initiative.slug, day, tuple(_of_initiative(view, initiative)))


def bearing_on(data: Dataset, name: str) -> Dataset:
    """The part of a dataset that says something of an action or an initiative: its own matrix. Else, all of it."""
    wanted, code = plain(name), codes.meant(name, {row.code for row in data.actions})
    slugs = {row.initiative for row in data.actions if row.code == code}
    slugs |= {row.slug for row in data.initiatives if wanted in (plain(row.slug), plain(row.name))}
    if not slugs:
        return data
    return replace(
        data,
        initiatives=tuple(row for row in data.initiatives if row.slug in slugs),
        actions=tuple(row for row in data.actions if row.initiative in slugs),
        people=(),
    )


def _of_somebody(view: _View, name: str) -> Explanation:
    try:
        entity = actions.find_entity(view.session, name)
    except NotFound as exc:
        advice = actions.nearest(view.session, name)
        raise NotFound(
            f"«{name}» no es el código de una acción, ni una iniciativa, ni una entidad. {advice}".strip()
        ) from exc
    return Explanation("entidad", entity.short, view.day, tuple(_of_entity(view, entity)))


# --- an action --------------------------------------------------------------------------------------------------------


def _of_action(view: _View, action: Action) -> Iterator[Reason]:
    was: Action | None = view.was(action)
    if was is None:
        yield Reason(STATE, None, f"El {long_date(view.day)} la acción {action.code} todavía no estaba en la matriz.")
        return
    initiative: Initiative = view.was(action.initiative) or action.initiative
    yield _action_state(view, was, initiative)
    told = list(_action_dates(view, action, was, initiative))
    yield from told
    done = [*changes_told.of_action(view.session, action, view.day), *_ledger(view, _notices_of_action(view, action))]
    yield from sorted(done, key=_day_of)
    yield from _next(view, told)


def _action_state(view: _View, was: Action, initiative: Initiative) -> Reason:
    paused = initiative.state == InitiativeState.PAUSED
    light = semaforo(was.state, was.due, view.day, paused=paused, limits=view.method.of(initiative))
    entity = view.session.get_one(Entity, was.entity_id).short
    supposed = " si nada cambia desde hoy" if view.day > view.today else ""
    return Reason(
        STATE,
        None,
        f"{was.code}, el {full_date(view.day)}{supposed}: {ACTION_LABELS[was.state].lower()}, semáforo "
        f"«{light.value.word}», a cargo de {entity}, en {initiative.name} "
        f"({INITIATIVE_LABELS[initiative.state].lower()}).",
    )


def _action_dates(view: _View, action: Action, was: Action, initiative: Initiative) -> Iterator[Reason]:
    if was.state != ActionState.OPEN:
        met = f" desde el {long_date(was.met_on)}" if was.state == ActionState.MET and was.met_on else ""
        words = ACTION_LABELS[was.state].lower()
        yield Reason("R15", None, f"{was.code} está {words}{met}: ninguna regla de fechas la vigila.")
    elif was.due is None:
        yield _undated(was)
    else:
        yield _due(was, was.due)
        yield from _dated(view, action, was, was.due, initiative)


def _undated(was: Action) -> Reason:
    reminded = ""
    if was.undated_on:
        reminded = f"; si sigue sin fecha, el {full_date(was.undated_on)} se recuerda al líder técnico"
    return Reason(
        "R9",
        was.undated_on,
        f"R9: {was.code} no tiene fecha de vencimiento; sin fecha no vence{reminded}. La fecha se fija con /fecha.",
    )


def _due(was: Action, due: date) -> Reason:
    original = f"; la original era el {long_date(was.original_due)}" if was.original_due not in (None, due) else ""
    moves = {0: "", 1: " y se ha movido 1 vez"}.get(was.due_moves, f" y se ha movido {was.due_moves} veces")
    sentence = f"Vence el {full_date(due)} (versión {was.due_version} de la fecha{original}{moves})."
    return Reason("Vencimiento", due, sentence)


def _dated(view: _View, action: Action, was: Action, due: date, initiative: Initiative) -> Iterator[Reason]:
    calendar, limits = view.method.calendar, view.method.of(initiative)
    yield reasons.due_soon(due, was.due_set_on, calendar, limits)
    alert = _alert_of(view, action, was)
    overdue = reasons.overdue(due, was.due_set_on, calendar, limits)
    yield overdue
    starts = initiative.alerts_from
    if overdue.on and starts and overdue.on < starts and alert is None:
        sentence = f"Es anterior al {long_date(starts)} (arranque o lanzamiento): Planeación decide si la libera."
        yield Reason("arranque", starts, sentence)
    elif alert is not None:
        yield from _alert_facts(view, alert, limits_of=initiative)
    elif overdue.on:
        yield reasons.held(calendar.on_or_after(overdue.on), calendar, limits, is_fact=False)
    yield reasons.high_level(due, calendar, limits)
    query = select(CaseAction).where(CaseAction.action_id == action.id, CaseAction.joined_on <= view.day)
    for joined in view.session.scalars(query.order_by(CaseAction.id)):
        sentence = f"R30: ingresó a la Solución de alto nivel {joined.case_id} el {full_date(joined.joined_on)}."
        yield Reason("R30", joined.joined_on, sentence)


def _alert_of(view: _View, action: Action, was: Action) -> Alert | None:
    query = select(Alert).where(Alert.action_id == action.id, Alert.episode == f"v{was.due_version}")
    return view.session.scalar(query.where(Alert.kind == AlertKind.OVERDUE_MONTH, Alert.raised_on <= view.day))


# --- an alert ---------------------------------------------------------------------------------------------------------


def _alert_facts(view: _View, alert: Alert, limits_of: Initiative) -> Iterator[Reason]:
    """How far it has gone, and what follows from the days that pass."""
    was: Alert | None = view.was(alert)
    if was is None:
        return
    calendar, limits = view.method.calendar, view.method.of(limits_of)
    kind = _ALERT_KINDS[AlertKind(was.kind)]
    state = _LEVELS[AlertState(was.state)]
    closed = f": {was.closed_because}" if was.closed_because else ""
    yield Reason(
        LEDGER,
        was.raised_on,
        f"La alerta de {kind} se registró el {full_date(was.raised_on)}; al {long_date(view.day)} está "
        f"{state}{closed}.",
    )
    if was.told_leader_on:
        yield reasons.held(was.told_leader_on, calendar, limits, is_fact=True)
    if was.state not in OPEN_ALERTS:
        return
    if was.acknowledged_by and was.acknowledged_at:
        yield _acknowledged(view, was)
    elif was.raised_told_on:
        yield reasons.second_moment(was.raised_told_on, calendar, limits)


def _acknowledged(view: _View, was: Alert) -> Reason:
    at = local(was.acknowledged_at).date() if was.acknowledged_at else was.raised_on
    promised = ""
    if was.acknowledged_until:
        stands = "vigente" if alerts.is_acknowledged(was, view.day) else "vencido"
        promised = f", con compromiso para el {long_date(was.acknowledged_until)} ({stands})"
    return Reason("R17", at, f"R17: {was.acknowledged_by} acusó recibo el {full_date(at)}{promised}.")


# --- an initiative ----------------------------------------------------------------------------------------------------


def _of_initiative(view: _View, initiative: Initiative) -> Iterator[Reason]:
    was: Initiative | None = view.was(initiative)
    if was is None:
        yield Reason(STATE, None, f"El {long_date(view.day)} la iniciativa {initiative.name} todavía no estaba.")
        return
    yield _initiative_state(view, initiative, was)
    told = [*_months(view, was), *_closing(view, initiative, was)]
    yield from told
    about = select(Notice).where(Notice.initiative_id == initiative.id, Notice.action_id.is_(None))
    notices = view.session.scalars(_until(view, about)).all()
    done = [*changes_told.of_initiative(view.session, initiative, view.day), *_ledger(view, notices)]
    yield from sorted(done, key=_day_of)
    yield from _next(view, told)


def _initiative_state(view: _View, initiative: Initiative, was: Initiative) -> Reason:
    limits, paused = view.method.of(was), was.state == InitiativeState.PAUSED
    rows = [row for row in _rows(view, Action) if row["initiative_id"] == initiative.id]
    lights = Counter(semaforo(row["state"], row["due"], view.day, paused=paused, limits=limits) for row in rows)
    counts = ", ".join(f"{light.value.word}: {count}" for light, count in lights.most_common())
    launch = f", lanzada el {long_date(was.launch)}" if was.launch else ", sin fecha de lanzamiento"
    noun = "1 acción" if len(rows) == 1 else f"{len(rows)} acciones"
    own = "; umbrales propios: " + ", ".join(f"{key} = {was.overrides[key]}" for key in sorted(was.overrides))
    return Reason(
        STATE,
        None,
        f"{was.name}, el {full_date(view.day)}: {INITIATIVE_LABELS[was.state].lower()}{launch}; "
        f"{noun} ({counts or 'sin acciones'}){own if was.overrides else ''}.",
    )


def _months(view: _View, was: Initiative) -> Iterator[Reason]:
    """R10, R11: the window of the day's month, or the next one when it is over."""
    if was.state != InitiativeState.RUNNING:
        yield Reason("R10", None, "R10: solo las iniciativas en ejecución tienen ventana de seguimiento.")
        return
    window = view.method.window(Month.of(view.day), view.method.of(was))
    if view.day > window.last:
        window = view.method.window(Month.of(view.day).plus(1), view.method.of(was))
    calendar = view.method.calendar
    skipped = reasons.named(calendar, [window.first, *reasons.between(window.first, window.last)])
    yield Reason(
        "R10",
        window.first,
        f"R10: la ventana va del {full_date(window.first)} al {full_date(window.last)}, con "
        f"{reasons.habiles(len(window.habiles))}{f' ({skipped})' if skipped else ''}.",
    )
    if window.heads_up_on:
        sentence = f"R10: por ser corta, se avisa el {full_date(window.heads_up_on)}."
        yield Reason("R10", window.heads_up_on, sentence, "R10.preaviso")
    for nudge in window.nudges:
        yield Reason("R11", nudge, f"R11: si falta algún seguimiento, se recuerda el {full_date(nudge)}.")
    yield Reason(
        "R11",
        window.missing_on,
        f"R11: lo que falte se informa a Planeación y a la Gerencia General el {full_date(window.missing_on)}, primer "
        "día hábil después de la ventana.",
        "R11.faltantes",
    )


def _closing(view: _View, initiative: Initiative, was: Initiative) -> Iterator[Reason]:
    limits = view.method.of(was)
    first = view.session.scalar(select(beginning(limits)).where(Initiative.id == initiative.id))
    began = first if limits.closing_from == FIRST_ACTION else was.launch
    if began is None:
        return
    paused = paused_days(was, view.day)
    due = closing_day(began, limits, paused)
    pauses = f", más {paused} días de pausa" if due != closing_day(began, limits) else ""
    ahead = " y el ".join(long_date(day) for _, day in closing_notices(began, limits, paused)[:-1])
    _, goes = reasons.delivered(view.method.calendar, due)
    yield Reason(
        "R36",
        due,
        f"R36: comenzó el {full_date(began)}; {limits.closing_months} meses{pauses} se cumplen el {full_date(due)}: se "
        f"propone el cierre {goes}; se avisa antes, el {ahead}. Lo confirman personas.",
    )


# --- an entity --------------------------------------------------------------------------------------------------------


def _of_entity(view: _View, entity: Entity) -> Iterator[Reason]:
    rows = [row for row in _rows(view, Action) if row["entity_id"] == entity.id and row["state"] == ActionState.OPEN]
    count = "1 acción vigente" if len(rows) == 1 else f"{len(rows)} acciones vigentes"
    yield Reason(STATE, None, f"{entity.name}, el {full_date(view.day)}: {count} a su cargo.")
    if entity.internal:
        sentence = "R14: es entidad interna; se consulta por su líder técnico y no genera alerta de no respuesta."
        yield Reason("R14", None, sentence)
        return
    told = [*_request(view), *_silences(view, entity)]
    yield from told
    about = select(Notice).where(Notice.entity_id == entity.id, Notice.action_id.is_(None))
    yield from _ledger(view, view.session.scalars(_until(view, about)).all())
    yield from _next(view, told)


def _request(view: _View) -> Iterator[Reason]:
    window = view.method.window(Month.of(view.day))
    if view.day > window.deadline:
        window = view.method.window(Month.of(view.day).plus(1))
    calendar, limits = view.method.calendar, view.method.thresholds
    passed_over = reasons.named(calendar, reasons.between(window.request_on, window.first - timedelta(days=1)))
    skipped = f" (no cuentan: {passed_over})" if passed_over else ""
    yield Reason(
        "R14",
        window.request_on,
        f"R14: la solicitud va {reasons.habiles(limits.request_habiles_before)} antes de la ventana, que abre el "
        f"{full_date(window.first)}{skipped}: el {full_date(window.request_on)}.",
    )
    yield Reason(
        "R14",
        window.reminder_on,
        f"R14: sin respuesta, se reitera {reasons.habiles(limits.reminder_habiles_before)} antes del plazo: el "
        f"{full_date(window.reminder_on)}; el plazo es el {full_date(window.deadline)}, último día hábil antes de la "
        "ventana.",
        "R14.reiteracion",
    )


def _silences(view: _View, entity: Entity) -> Iterator[Reason]:
    mine = [row for row in _rows(view, Silence) if row["entity_id"] == entity.id and row["first_on"] <= view.day]
    running = [row for row in mine if row["ended_on"] is None or row["ended_on"] > view.day]
    if not running:
        yield Reason("R16", None, "R16: no hay acercamientos sin respuesta: el conteo de silencio no corre.")
    if running and (since := unread_since(view.session)) and since <= view.day:
        closed = f"R16: el buzón no se puede leer desde el {long_date(since)}"
        yield Reason("R16", None, f"{closed}: mientras tanto no se reitera ni se alerta.")
    for row in running:
        yield from _silence(view, entity, row)


def _silence(view: _View, entity: Entity, row: dict[str, Any]) -> Iterator[Reason]:
    initiative = view.session.get_one(Initiative, row["initiative_id"])
    limits, calendar = view.method.of(initiative), view.method.calendar
    counting = reasons.silence(row["first_on"], row["outreaches"], calendar, limits)
    yield Reason(counting.rule, counting.on, counting.sentence.replace("R16:", f"R16, {initiative.name}:", 1))
    for said, day in (("prometió responder", row["delayed_until"]), ("su contacto vuelve", row.get("away_until"))):
        if day:
            held = calendar.add(day, 1)
            yield Reason("R16", held, f"R16: {said} el {long_date(day)}; la alerta espera al {full_date(held)}.")
    query = select(Alert).where(
        Alert.kind == AlertKind.NO_REPLY, Alert.entity_id == entity.id, Alert.initiative_id == initiative.id
    )
    alert = view.session.scalar(query.where(Alert.episode == row["first_on"].isoformat(), Alert.raised_on <= view.day))
    if alert is not None:
        yield from _alert_facts(view, alert, limits_of=initiative)


# --- what is common to all of them ------------------------------------------------------------------------------------


def _rows(view: _View, table: type[Any]) -> list[dict[str, Any]]:
    return rows_as_of(view.session, table, min(view.day, view.today))


def _until(view: _View, query: Any) -> Any:  # noqa: ANN401 - a select of notices
    """The last ones recorded up to the day."""
    return (
        query.where(Notice.recorded_on <= view.day).order_by(Notice.recorded_on.desc(), Notice.id.desc()).limit(_LAST)
    )


def _notices_of_action(view: _View, action: Action) -> Sequence[Notice]:
    raised = select(Alert.id).where(Alert.action_id == action.id)
    query = select(Notice).where((Notice.action_id == action.id) | Notice.alert_id.in_(raised))
    found: Sequence[Notice] = view.session.scalars(_until(view, query)).all()
    return found


def _ledger(view: _View, notices: Iterable[Notice]) -> Iterator[Reason]:
    """What was recorded up to the day, oldest first, with how its delivery stood."""
    for notice in reversed(list(notices)):
        sentence = f"{stored(notice)} {_delivery(view, notice)}"
        yield Reason(LEDGER, notice.recorded_on, f"El {long_date(notice.recorded_on)} se registró: {sentence}")


def _day_of(told: Reason) -> date:
    return told.on or date.min


def _delivery(view: _View, notice: Notice) -> str:
    sent_at = view.session.scalar(select(func.min(Delivery.sent_at)).where(Delivery.notice_id == notice.id))
    if sent_at is not None:
        sent_on = local(sent_at).date()
        return f"Se entregó el {long_date(sent_on)}." if sent_on <= view.day else "Estaba por entregarse."
    words = {
        NoticeState.PLANNED: "Está por entregarse.",
        NoticeState.SENDING: "Se está entregando.",
        NoticeState.SENT: "Se entregó.",
        NoticeState.UNCERTAIN: "No hay certeza de su entrega: lo decide Planeación en la bandeja.",
        NoticeState.DEAD: "No se pudo entregar: está en la bandeja de Planeación.",
        NoticeState.WITHDRAWN: f"Se retiró: {notice.withdrawn_reason}.",
    }
    return words[NoticeState(notice.state)]


def _next(view: _View, told: Iterable[Reason]) -> Iterator[Reason]:
    ahead = sorted((one.on, one.rule, one.notice) for one in told if one.on and one.on > view.day)
    if ahead:
        on, rule, notice = ahead[0]
        what = told_as(notice or rule)
        yield Reason(NEXT, on, f"Lo que sigue: {what[:1].lower()}{what[1:]}, el {full_date(on)}.")
    else:
        yield Reason(NEXT, None, "No hay fechas por cumplirse de las reglas mencionadas.")
