"""R17, R18: what people do about an alert: first moment, the Minister, second moment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from methodology import alerts
from methodology.actions import require_reason
from methodology.answers import REJECTED
from methodology.clock import local
from methodology.high_level import active_members, named_members
from methodology.notices import plan, withdraw_for_alert
from methodology.operation import REASON, Doing, Field, Given, Kind, Operation, Weight
from methodology.refusals import Incomplete, NotNow
from methodology.rules.spanish import long_date, with_figure
from methodology.rules.states import OPEN_ALERTS, AlertState, InitiativeState, Post, state_words
from storage.ledger import Alert, Proposal
from storage.matrix import FollowUp

_RAISED = (AlertState.RAISED_1, AlertState.RAISED_2)
_TEXT_MIN = 10
_UNTOLD = (
    "La alerta de {subject} aún no se ha entregado al Viceministerio: se atiende, o se lleva al Equipo de Alto Nivel, "
    "después de ese primer momento."
)


def _note(doing: Doing, *, alert: Alert, note: str) -> str:
    alerts.annotate(doing.session, alert.id, note, actor=doing.actor, today=doing.today)
    return f"Anotación registrada en la alerta de {alerts.subject(alert)}."


def progress_since(doing: Doing, alert: Alert) -> str | None:
    """What was reported of the alert's action after the first open question about it: its answer, as a first draft."""
    asked = alerts.open_questions(doing.session, alert)
    if not asked or alert.action_id is None:
        return None
    since = datetime.fromisoformat(asked[0].inputs["at"])
    registered = select(FollowUp).where(
        FollowUp.action_id == alert.action_id, FollowUp.at >= since, FollowUp.superseded_at.is_(None)
    )
    if row := doing.session.scalars(registered.order_by(FollowUp.id.desc())).first():
        return f"Avance registrado el {long_date(local(row.at).date())}: {with_figure(row.percent, row.text)}"
    reported = select(Proposal).where(
        Proposal.action_id == alert.action_id, Proposal.at >= since, Proposal.state != REJECTED
    )
    if said := doing.session.scalars(reported.order_by(Proposal.id.desc())).first():
        told = with_figure(said.percent, said.text)
        return f"La entidad informó el {long_date(local(said.at).date())}: {told}"
    return None


def _draft(doing: Doing, given: Given) -> str | None:
    alert = given.get("alert")
    return progress_since(doing, alert) if alert is not None else None


def _acknowledge(doing: Doing, *, alert: Alert, until: date | None) -> str:
    alerts.acknowledge(doing.session, alert.id, actor=doing.actor, now=doing.now, until=until)
    promised = f", con compromiso para el {long_date(alert.acknowledged_until)}" if alert.acknowledged_until else ""
    return f"Acuse de recibo de {alert.acknowledged_by} de la alerta de {alerts.subject(alert)}{promised}."


def _manage(doing: Doing, *, alert: Alert, person: str, until: date, text: str) -> str:
    alerts.assign(doing.session, alert.id, person=person, until=until, text=text, actor=doing.actor, now=doing.now)
    return f"La gestión de la alerta de {alerts.subject(alert)} queda a cargo de {alert.managed_by}."


def _ask(doing: Doing, *, alert: Alert, text: str) -> str:
    """R17: more is asked of the leader, who answers with an annotation; it is no acknowledgement."""
    if len(text.strip()) < _TEXT_MIN:
        raise Incomplete({"text": f"Indique qué información requiere, en al menos {_TEXT_MIN} caracteres."})
    actor = doing.actor
    asked = {"what": alerts.INFORMATION, "text": text.strip(), "asker": str(actor.person_id), "gender": actor.gender}
    if post := actor.holds(alerts.DECIDERS, alert.initiative_id):
        asked["post"] = post
    alerts.decided(doing.session, alert, doing.actor, doing.now, asked)
    return f"Se solicitó al líder técnico más información sobre {alerts.subject(alert)}."


def _to_minister(doing: Doing, *, alert: Alert, reason: str) -> str:
    """R17: only by a person's decision; the Minister may then decide too."""
    require_reason(reason)
    _require_running(alert)
    if alert.minister_on is not None:
        raise NotNow(f"La alerta de {alerts.subject(alert)} ya se elevó al despacho ministerial ({alert.minister_by}).")
    alert.minister_on, alert.minister_by = doing.today, doing.actor.name
    _tell(doing, "R17.ministro", alert, {"reason": reason.strip()})
    alerts.decided(doing.session, alert, doing.actor, doing.now, {"what": alerts.TO_MINISTER, "text": reason.strip()})
    return f"La alerta de {alerts.subject(alert)} se eleva al despacho ministerial."


def _second_moment(doing: Doing, *, alert: Alert, members: list[str], reason: str) -> str:
    """R18: only after the first moment was delivered; to active members of that initiative's team, with a reason."""
    require_reason(reason)
    _require_running(alert)
    if alert.raised_told_on is None:
        raise NotNow(_UNTOLD.format(subject=alerts.subject(alert)))
    chosen = named_members(doing.session, alert.initiative, members, doing.today)
    alert.state, alert.second_on, alert.second_by = AlertState.RAISED_2, doing.today, doing.actor.name
    alert.second_reason, alert.second_members = reason.strip(), [member.id for member in chosen]
    _tell(doing, "R18", alert, {"reason": reason.strip(), "members": alert.second_members})
    names = ", ".join(member.holder for member in chosen)
    alerts.decided(doing.session, alert, doing.actor, doing.now, {"what": alerts.SECOND_MOMENT, "text": names})
    return f"La alerta de {alerts.subject(alert)} se lleva al Equipo de Alto Nivel: {names}."


def _handle(doing: Doing, *, alert: Alert, text: str) -> str:
    """Attended to: nobody is told about it any more; it still closes by what happens to its action.

    The leader's side says so only after the Vice Ministry was told (R17).
    """
    if doing.actor.holds((Post.VICE_MINISTER, *_ATTENDING), alert.initiative_id) is None:
        alerts.require_decider(alert, doing.actor)
    if said := _unattended(doing, alert):
        raise NotNow(said)
    if len(text.strip()) < _TEXT_MIN:
        raise Incomplete({"text": f"Indique cómo se atendió, en al menos {_TEXT_MIN} caracteres."})
    alert.state, alert.handled_text = AlertState.HANDLED, f"{text.strip()} ({doing.actor.name})"
    withdraw_for_alert(doing.session, alert.id, "la alerta ya fue atendida")
    alerts.decided(doing.session, alert, doing.actor, doing.now, {"what": alerts.HANDLED, "text": text.strip()})
    return f"La alerta de {alerts.subject(alert)} queda atendida."


def _unattended(doing: Doing, alert: Alert) -> str | None:
    told = alert.raised_told_on is not None or doing.actor.holds(alerts.DECIDERS, alert.initiative_id)
    return None if told else _UNTOLD.format(subject=alerts.subject(alert))


def _not_to_the_team(doing: Doing, alert: Alert) -> str | None:
    if alert.raised_told_on is None:
        return _UNTOLD.format(subject=alerts.subject(alert))
    if active_members(doing.session, alert.initiative_id, doing.today):
        return None
    return f"El Equipo de Alto Nivel de {alert.initiative.name} no tiene integrantes activos."


def _with_the_minister(_doing: Doing, alert: Alert) -> str | None:
    """Its own card says since when."""
    return "" if alert.minister_on else None


def _tell(doing: Doing, rule: str, alert: Alert, inputs: dict[str, Any]) -> None:
    plan(
        doing.session,
        rule,
        subject=alerts.subject(alert),
        period=alert.key,
        recorded_on=doing.today,
        due=alert.action.due if alert.action else None,
        initiative_id=alert.initiative_id,
        action_id=alert.action_id,
        entity_id=alert.entity_id,
        alert_id=alert.id,
        inputs={"by": doing.actor.name, **inputs},
    )


def _require_running(alert: Alert) -> None:
    """What nobody may be told now is not decided now either."""
    if alert.initiative.state != InitiativeState.RUNNING:
        state = state_words(alert.initiative.state)
        raise NotNow(f"La iniciativa {alert.initiative.name} está en estado «{state}»: sus alertas no se elevan.")


_ALERT = Field("alerta", "alert", "Alerta", Kind.ALERT)
_TEXT = Field("texto", "text", "Instrucción", Kind.LONG)
_ATTENDING = (Post.MANAGEMENT, Post.LEADER, Post.PLANNING)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="alerta.anotar",
        title="Anotar la gestión adelantada",
        rule="R17",
        posts=(Post.LEADER, Post.PLANNING),
        fields=(_ALERT, Field("nota", "note", "Anotación", Kind.LONG, guess=_draft)),
        do=_note,
        states=OPEN_ALERTS,
    ),
    Operation(
        id="alerta.acusar",
        title="Acusar recibo",
        rule="R17",
        posts=alerts.DECIDERS,
        fields=(_ALERT, Field("fecha", "until", "Fecha de compromiso", Kind.DATE, required=False, committed=True)),
        do=_acknowledge,
        states=_RAISED,
    ),
    Operation(
        id="alerta.gestion",
        title="Asignar gestión",
        rule="R17",
        posts=alerts.DECIDERS,
        fields=(
            _ALERT,
            Field("persona", "person", "Persona o dependencia encargada"),
            Field("fecha", "until", "Fecha de compromiso", Kind.DATE, committed=True),
            _TEXT,
        ),
        do=_manage,
        states=_RAISED,
    ),
    Operation(
        id="alerta.informacion",
        title="Pedir más información",
        rule="R17",
        posts=alerts.DECIDERS,
        fields=(_ALERT, Field("texto", "text", "Información que se requiere", Kind.LONG)),
        do=_ask,
        states=_RAISED,
    ),
    Operation(
        id="alerta.ministro",
        title="Elevar al despacho ministerial",
        rule="R17",
        posts=(Post.PLANNING, Post.MANAGEMENT, Post.VICE_MINISTER),
        fields=(_ALERT, REASON),
        do=_to_minister,
        states=_RAISED,
        weight=Weight.HEAVY,
        lacks=_with_the_minister,
    ),
    Operation(
        id="alerta.segundo_momento",
        title="Llevar al Equipo de Alto Nivel",
        rule="R18",
        posts=(Post.LEADER, Post.MANAGEMENT),
        fields=(_ALERT, Field("integrantes", "members", "Integrantes, separados por «;»", Kind.LIST), REASON),
        do=_second_moment,
        states=(AlertState.RAISED_1,),
        to=AlertState.RAISED_2,
        weight=Weight.HEAVY,
        lacks=_not_to_the_team,
    ),
    Operation(
        id="alerta.atender",
        title="Dar por atendida la alerta",
        rule="R17",
        posts=(*alerts.DECIDERS, *_ATTENDING),
        fields=(_ALERT, Field("texto", "text", "Cómo se atendió", Kind.LONG)),
        do=_handle,
        states=_RAISED,
        to=AlertState.HANDLED,
        weight=Weight.HEAVY,
        lacks=_unattended,
    ),
)
