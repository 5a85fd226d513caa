"""What was done about an alert, what was decided and what follows (R17): for its decision card and «Ver detalle»."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import select

from bot.drawing.context import Desk
from cards.escalation import Decision, Step
from cards.parts import clip, count
from methodology.alerts import (
    ACKNOWLEDGED,
    ASSIGNED,
    HANDLED,
    INFORMATION,
    SECOND_MOMENT,
    TO_MINISTER,
    TOLD,
    is_acknowledged,
    is_managed,
    lapsed,
)
from methodology.answers import REJECTED, told_on
from methodology.clock import local, start_of
from methodology.notices import reason
from methodology.rules.months import Month
from methodology.rules.spanish import all_of, long_date, sentence, short_date, with_figure
from methodology.rules.states import OPEN_ALERTS, AlertState, NoticeState
from methodology.silence import REMINDER, answered_elsewhere, open_episode, unread_answer
from storage.ledger import Alert, Notice, Proposal, Silence

LEVELS = {
    AlertState.OPEN: "Con el líder técnico",
    AlertState.RAISED_1: "Elevada al Viceministerio",
    AlertState.RAISED_2: "Elevada al equipo de alto nivel",
}
DECISIONS = {
    ACKNOWLEDGED: "Acusó recibo",
    ASSIGNED: "Asignó gestión",
    TO_MINISTER: "Elevó al despacho ministerial",
    SECOND_MOMENT: "Llevó al Equipo de Alto Nivel",
    HANDLED: "Dio por atendida la alerta",
    INFORMATION: "Pidió más información",
}
ENDED = "Cerrada: {because}"
REGISTERED = "La alerta se registró el {day}"
ASSIGNMENT = "Gestión asignada a {person} para el {until}"
CORRECTED = "{line} Se corrigió el {day}."
ELSEWHERE = "La entidad respondió sobre {initiatives}, no sobre esta iniciativa."
WAITS = "Hay un correo de la entidad en revisión por Planeación."
SECOND = "Sin acuse, gestión ni avance, el segundo momento se propone el {day}"
_REPORTED_SHOWN = 200
Told = Mapping[str, str]


def decisions(desk: Desk, alert: Alert) -> tuple[Decision, ...]:
    """What holds: a lapsed acknowledgement or assignment is none any more, and stands among what was done."""
    made = [_made(told) for told in _last(desk, alert).values() if _holds(desk, alert, told["what"])]
    if alert.state == AlertState.CLOSED and alert.decided_at:
        made.append(Decision("Registro", f"Alerta cerrada ({alert.closed_because})", alert.decided_at))
    return tuple(made)


def steps(desk: Desk, alert: Alert) -> tuple[Step, ...]:
    """What was done about it, oldest first; with the decisions that were corrected, lapsed or led elsewhere."""
    found = []
    entity_id = alert.entity_id or (alert.action.entity_id if alert.action else None)
    if entity_id and (silence := open_episode(desk.session, entity_id, alert.initiative_id)):
        times = count(silence.outreaches, "acercamiento", "acercamientos")
        found.append(Step(silence.last_on, _approached(desk, silence, times)))
        if desk.session.scalar(select(unread_answer(entity_id))):
            found.append(Step(desk.today, WAITS))
        for on, names in answered_elsewhere(desk.session, silence).items():
            found.append(Step(on, ELSEWHERE.format(initiatives=all_of(names))))
    if alert.told_leader_on:
        found.append(Step(alert.told_leader_on, "Se informó al líder técnico."))
    if alert.note and (noted := alert.noted_on or alert.told_leader_on):
        found.append(Step(noted, f"Anotación: {alert.note}"))
    found += [*_reported(desk, alert), *_corrected(desk, alert)]
    for what, told in _last(desk, alert).items():
        if not _holds(desk, alert, what):
            found.append(Step(_day(told), _was(told)))
    return tuple(sorted(found, key=lambda step: step.on))


def _approached(desk: Desk, silence: Silence, times: str) -> str:
    """Nobody leaves unanswered what may still be answered: a request of several days, to its deadline."""
    asked = select(Notice.due).where(
        Notice.rule.in_(("R14", REMINDER)),
        Notice.entity_id == silence.entity_id,
        Notice.recorded_on <= silence.last_on,
        Notice.state != NoticeState.WITHDRAWN,
    )
    due = desk.session.scalar(asked.order_by(Notice.id.desc()).limit(1))
    if due and due >= desk.today:
        return f"{times} a la entidad; el plazo para responder es el {long_date(due)}."
    return f"{times} a la entidad sin respuesta de fondo."


def next_step(desk: Desk, alert: Alert) -> str:
    if is_acknowledged(alert, desk.today):
        return f"Acuse de recibo de {alert.acknowledged_by}"
    if alert.state == AlertState.OPEN and alert.told_leader_on:
        method = desk.studio.method
        rises = method.calendar.add(alert.told_leader_on, method.of(alert.initiative).hold_habiles)
        return f"Se eleva el {long_date(rises)}, salvo que se corrija"
    return ""


def standing(desk: Desk, alert: Alert) -> str:
    """`/alertas`: what was decided and holds, what has lapsed, and what follows."""
    held = [_in_words(alert)] if is_managed(alert, desk.today) else []
    if following := next_step(desk, alert):
        until = alert.acknowledged_until if is_acknowledged(alert, desk.today) else None
        held.append(f"{following}, con compromiso para el {long_date(until)}" if until else following)
    return ". ".join([*held, *lapsed(alert, desk.today)])


def _in_words(alert: Alert) -> str:
    """The assignment in force."""
    until = long_date(alert.managed_until) if alert.managed_until else ""
    return ASSIGNMENT.format(person=alert.managed_by, until=until)


def detail(desk: Desk, alert: Alert) -> str:
    """«Ver detalle», «¿Por qué?»: what made it, what was done, where it stands and what follows; a line a fact."""
    held = [told for told in _last(desk, alert).values() if _holds(desk, alert, told["what"])]
    done = [*steps(desk, alert), *(Step(_day(told), _in_a_line(told)) for told in held)]
    if alert.raised_told_on:
        done.append(Step(alert.raised_told_on, "Se entregó la tarjeta de decisión al Viceministerio."))
    dated = [f"{short_date(step.on)}: {step.text}" for step in sorted(done, key=lambda step: step.on)]
    return "\n\n".join(dict.fromkeys(sentence(line) for line in (_origin(desk, alert), *dated, *_stands(desk, alert))))


def _origin(desk: Desk, alert: Alert) -> str:
    """As it was recorded and told to the leader."""
    query = select(Notice).where(Notice.alert_id == alert.id, Notice.rule.in_(("R15", "R16"))).order_by(Notice.id)
    notice = desk.session.scalars(query.limit(1)).first()
    return reason(notice) if notice else REGISTERED.format(day=long_date(alert.raised_on))


def _stands(desk: Desk, alert: Alert) -> list[str]:
    if alert.state not in OPEN_ALERTS:
        return [ENDED.format(because=alert.closed_because.replace("_", " "))] if alert.closed_because else []
    following = "" if is_acknowledged(alert, desk.today) else next_step(desk, alert) or _second_moment(desk, alert)
    return [one for one in (LEVELS[AlertState(alert.state)], following) if one]


def _second_moment(desk: Desk, alert: Alert) -> str:
    """R18: the day of its proposal, while it is to come."""
    if alert.state != AlertState.RAISED_1 or alert.raised_told_on is None:
        return ""
    method = desk.studio.method
    on = method.calendar.add(alert.raised_told_on, method.of(alert.initiative).second_moment_habiles)
    return SECOND.format(day=long_date(on)) if on >= desk.today else ""


# --- decisions --------------------------------------------------------------------------------------------------------


def _all(desk: Desk, alert: Alert) -> list[Told]:
    """Every decision as it was taken, in their order (R50)."""
    query = select(Notice.inputs).where(Notice.alert_id == alert.id, Notice.rule == TOLD).order_by(Notice.id)
    return list(desk.session.scalars(query))


def _last(desk: Desk, alert: Alert) -> Mapping[str, Told]:
    """The last decision of each kind."""
    return {told["what"]: told for told in _all(desk, alert)}


def _holds(desk: Desk, alert: Alert, what: str) -> bool:
    over = alert.state not in OPEN_ALERTS
    if what == ACKNOWLEDGED:
        return is_acknowledged(alert, desk.today) or over
    return what == HANDLED or (what == ASSIGNED and (is_managed(alert, desk.today) or over))


def _made(told: Told) -> Decision:
    at, settles = datetime.fromisoformat(told["at"]), told["what"] != ACKNOWLEDGED
    if told["what"] == ASSIGNED:
        return Decision(f"por {told['by']}", _assignment(told), at, told["text"])
    return Decision(told["by"], DECISIONS[told["what"]], at, _detail(told), settles=settles)


def _assignment(told: Told) -> str:
    return ASSIGNMENT.format(person=told["person"], until=_until(told))


def _until(told: Told) -> str:
    return long_date(date.fromisoformat(told["until"])) if told.get("until") else ""


def _detail(told: Told) -> str:
    if told["what"] == ACKNOWLEDGED:
        return f"Compromiso para el {_until(told)}." if told.get("until") else ""
    return told.get("text", "")


def _in_a_line(told: Told) -> str:
    if told["what"] == ASSIGNED:
        return f"{_assignment(told)} por {told['by']}: {sentence(told['text'])}"
    return f"{DECISIONS[told['what']]}: {sentence(told['by'])} {_detail(told)}".strip()


def _corrected(desk: Desk, alert: Alert) -> list[Step]:
    """An assignment that another one replaced."""
    given = [told for told in _all(desk, alert) if told["what"] == ASSIGNED]
    return [
        Step(_day(told), CORRECTED.format(line=_in_a_line(told), day=short_date(_day(later))))
        for told, later in pairwise(given)
    ]


def _day(told: Told) -> date:
    return local(datetime.fromisoformat(told["at"])).date()


def _was(told: Told) -> str:
    """A decision that no longer holds, or that led elsewhere, as a line of what was done."""
    if not told.get("until"):
        return _in_a_line(told)
    if told["what"] == ASSIGNED:
        return f"{_assignment(told)} por {told['by']}; el compromiso venció."
    return f"{DECISIONS[told['what']]}: {told['by']}; el compromiso del {_until(told)} venció."


def _reported(desk: Desk, alert: Alert) -> list[Step]:
    """What the entity last said of the action in the alert's month or since; nothing once its leader set it aside."""
    newest = (
        select(Proposal)
        .where(Proposal.action_id == alert.action_id, Proposal.at >= start_of(Month.of(alert.raised_on).first))
        .order_by(Proposal.id.desc())
        .limit(1)
    )
    said = desk.session.scalar(newest) if alert.action_id else None
    if said is None or said.state == REJECTED:
        return []
    words = with_figure(said.percent, clip(said.text, _REPORTED_SHOWN))
    return [Step(told_on(desk.session, said), f"La entidad informó: {words}")]
