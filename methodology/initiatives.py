"""R38–R40: candidates, their validation and construction; R2: the pace of an initiative; its pause and resumption."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from methodology import alerts, pauses
from methodology.actions import place_due
from methodology.completion import withdraw_former_term
from methodology.notices import plan
from methodology.operation import INITIATIVE, REASON, Doing, Field, Kind, Operation, Weight
from methodology.pauses import DECIDERS, require_reason
from methodology.refusals import Incomplete, NotNow
from methodology.rules.spanish import long_date, plain
from methodology.rules.states import INITIATIVE_LABELS, ActionState, InitiativeState, Origin, Post
from methodology.rules.thresholds import GENERAL, KEYS, LABELS, Thresholds, UnknownThreshold, shown
from storage.life import Validation
from storage.matrix import Action, Initiative

CANDIDATES = (InitiativeState.CANDIDATE, InitiativeState.VALIDATING)
_GOING = (InitiativeState.BUILDING, InitiativeState.RUNNING, InitiativeState.PAUSED, InitiativeState.CLOSING)
_COUNT = re.compile(r"[0-9]{1,9}")
_DATED = (ActionState.PROPOSED, ActionState.TO_VALIDATE, ActionState.OPEN)


def candidates(session: Session) -> list[Initiative]:
    """R38: the candidates, also those in validation: Fase II first, then as they were registered."""
    query = select(Initiative).where(Initiative.state.in_(CANDIDATES))
    return list(session.scalars(query.order_by(Initiative.phase_two.desc(), Initiative.id)))


def propose(
    doing: Doing, *, name: str, origin: str, grounds: str, phase_two: bool | None, communication: str | None
) -> str:
    """R38, R40: a candidate, also one that was discarded; what MinCIT asks for comes with its communication."""
    session, slug = doing.session, re.sub(r"[^a-z0-9]+", "_", plain(name)).strip("_")
    fields = {} if slug else {"name": "El nombre debe tener letras o números."}
    if origin == Origin.MINISTRY and not communication:
        fields["communication"] = "Indique el número o el enlace de la comunicación de MinCIT."
    if fields:
        raise Incomplete(fields)
    initiative = session.scalar(select(Initiative).where(Initiative.slug == slug))
    if initiative is None:
        last = session.scalar(select(func.max(Initiative.position))) or 0
        initiative = Initiative(slug=slug, position=last + 1, overrides={})
    elif initiative.state != InitiativeState.DISCARDED:
        raise NotNow(f"Ya existe la iniciativa {initiative.name} ({INITIATIVE_LABELS[initiative.state].lower()}).")
    initiative.name, initiative.state = name, InitiativeState.CANDIDATE
    initiative.origin, initiative.phase_two, initiative.grounds = origin, bool(phase_two), grounds
    initiative.communication = communication or ""
    session.add(initiative)
    session.flush()
    phase = ", Fase II" if initiative.phase_two else ""
    return f"{name} queda registrada como iniciativa candidata (origen: {origin}{phase})."


def ask_validation(doing: Doing, *, initiative: Initiative) -> str:
    """R39: a letter to the Viceministry; what MinCIT itself asked for needs none."""
    if initiative.origin == Origin.MINISTRY:
        raise NotNow(f"{initiative.name} es de origen MinCIT: no requiere validación y pasa a construcción.")
    initiative.state = InitiativeState.VALIDATING
    plan(
        doing.session,
        "R39",
        subject=initiative.name,
        period=doing.today.isoformat(),
        recorded_on=doing.today,
        due=None,
        initiative_id=initiative.id,
        inputs={"by": doing.actor.name},
    )
    return f"Se solicita a MinCIT la validación de la iniciativa candidata {initiative.name}."


def record_validation(doing: Doing, *, initiative: Initiative, accepted: bool, by: str, on: date, evidence: str) -> str:
    """R39: MinCIT's answer, as a person records it, with who gave it, when and where it can be read."""
    if on > doing.today:
        raise Incomplete({"on": "La fecha de la respuesta no puede ser posterior a hoy."})
    doing.session.add(
        Validation(
            subject=initiative.slug,
            initiative_id=initiative.id,
            accepted=accepted,
            by=by,
            on=on,
            evidence=evidence,
            recorded_by=doing.actor.name,
            detail={},
        )
    )
    initiative.state = InitiativeState.BUILDING if accepted else InitiativeState.DISCARDED
    came = "pasa a construcción" if accepted else "queda descartada"
    verb = "validó" if accepted else "no validó"
    return f"MinCIT {verb} la iniciativa el {long_date(on)} ({by}): {initiative.name} {came}."


def build(_doing: Doing, *, initiative: Initiative, communication: str | None) -> str:
    """R40: straight to construction, for what MinCIT asked for; its communication, unless it came with it."""
    if initiative.origin != Origin.MINISTRY:
        raise NotNow(f"{initiative.name} es de origen Colombia Productiva: requiere la validación de MinCIT.")
    initiative.communication = communication or initiative.communication
    if not initiative.communication:
        raise Incomplete({"communication": "Indique el número o el enlace de la comunicación de MinCIT."})
    initiative.state = InitiativeState.BUILDING
    return f"{initiative.name} pasa a construcción, con la comunicación {initiative.communication}."


def discard(_doing: Doing, *, initiative: Initiative, reason: str) -> str:
    require_reason(reason)
    initiative.state = InitiativeState.DISCARDED
    return f"La iniciativa candidata {initiative.name} queda descartada."


def set_pace(doing: Doing, *, initiative: Initiative, key: str, value: str | None) -> str:
    """R2: one threshold of its own, or the general one again; its dates are reckoned anew."""
    before, own = doing.method.of(initiative), dict(initiative.overrides)
    if value is None and own.pop(key, None) is None:
        raise NotNow(f"{initiative.name} no tiene un valor propio de {key}: rige el general.")
    if value is not None:
        own[key] = int(value) if _COUNT.fullmatch(value) else plain(value)
    try:
        after = doing.method.thresholds.own(own, initiative.name)
    except UnknownThreshold as exc:
        raise Incomplete({"value": f"{exc}."}) from exc
    if own == initiative.overrides:
        raise NotNow(f"{initiative.name} ya tiene ese valor: {_value(key, after)}.")
    initiative.overrides = own
    doing.session.flush()
    _reckon(doing, initiative)
    whose = "valor general" if value is None else "valor propio"
    return (
        f"{initiative.name}. {LABELS[key][0]}: antes, {_value(key, before)}; desde hoy, {_value(key, after)} ({whose})."
    )


def _value(key: str, limits: Thresholds) -> str:
    return shown(key, getattr(limits, KEYS[key]))


def _reckon(doing: Doing, initiative: Initiative) -> None:
    """The days that follow from its dates, by the pace it has now; the next sweep looks at everything."""
    session = doing.session
    query = select(Action).where(Action.initiative_id == initiative.id, Action.state.in_(_DATED))
    for action in session.scalars(query).all():
        place_due(action, action.due, doing.method)
    withdraw_former_term(session, initiative, doing.method, doing.today)
    alerts.sweep_again(session)


def set_channel(_doing: Doing, *, initiative: Initiative, channel: str | None) -> str:
    """R17: where its decision cards go; without its own, to the general one."""
    initiative.escalation_channel = channel or ""
    where = f"es {channel}" if channel else "es el general"
    return f"El canal de escalamiento de {initiative.name} {where}."


_NAME = Field("nombre", "name", "Nombre")
_ORIGIN = Field("origen", "origin", "Origen", Kind.CHOICE, options=tuple(Origin))
_GROUNDS = Field("motivo", "grounds", "Motivo", Kind.LONG)
_PHASE_TWO = Field("fase_ii", "phase_two", "Fase II", Kind.YES, required=False)
_COMMUNICATION = Field("comunicacion", "communication", "Comunicación de MinCIT (número o enlace)", required=False)
_ACCEPTED = Field("acepta", "accepted", "MinCIT valida la iniciativa", Kind.YES)
_BY = Field("quien", "by", "Quién respondió por MinCIT")
_ON = Field("fecha", "on", "Fecha de la respuesta", Kind.DATE)
_EVIDENCE = Field("evidencia", "evidence", "Evidencia (número o enlace)")
_KEY = Field("clave", "key", "Valor por ajustar", Kind.CHOICE, options=tuple(k for k in KEYS if k not in GENERAL))
_VALUE = Field("valor", "value", "Valor propio (vacío: el general)", required=False)
_CHANNEL = Field("canal", "channel", "Canal de escalamiento (vacío: el general)", required=False)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="iniciativa.proponer",
        title="Proponer iniciativa",
        rule="R38",
        posts=DECIDERS,
        fields=(_NAME, _ORIGIN, _GROUNDS, _PHASE_TWO, _COMMUNICATION),
        do=propose,
    ),
    Operation(
        id="iniciativa.solicitar_validacion",
        title="Solicitar validación",
        rule="R39",
        posts=DECIDERS,
        fields=(INITIATIVE,),
        do=ask_validation,
        states=(InitiativeState.CANDIDATE,),
        to=InitiativeState.VALIDATING,
    ),
    Operation(
        id="iniciativa.validada",
        title="Respuesta de MinCIT",
        rule="R39",
        posts=DECIDERS,
        fields=(INITIATIVE, _ACCEPTED, _BY, _ON, _EVIDENCE),
        do=record_validation,
        states=(InitiativeState.VALIDATING,),
        to=InitiativeState.BUILDING,
    ),
    Operation(
        id="iniciativa.construir",
        title="Iniciar construcción",
        rule="R40",
        posts=DECIDERS,
        fields=(INITIATIVE, _COMMUNICATION),
        do=build,
        states=(InitiativeState.CANDIDATE,),
        to=InitiativeState.BUILDING,
    ),
    Operation(
        id="iniciativa.descartar",
        title="Descartar candidata",
        rule="R38",
        posts=DECIDERS,
        fields=(INITIATIVE, REASON),
        do=discard,
        states=(InitiativeState.CANDIDATE,),
        to=InitiativeState.DISCARDED,
        weight=Weight.HEAVY,
    ),
    *pauses.OPERATIONS,
    Operation(
        id="iniciativa.ritmo",
        title="Ajustar el ritmo",
        rule="R2",
        posts=(Post.PLANNING, Post.MANAGEMENT),
        fields=(INITIATIVE, _KEY, _VALUE),
        do=set_pace,
        states=_GOING,
    ),
    Operation(
        id="iniciativa.canal",
        title="Fijar el canal de escalamiento",
        rule="R17",
        posts=(Post.PLANNING, Post.MANAGEMENT),
        fields=(INITIATIVE, _CHANNEL),
        do=set_channel,
        states=_GOING,
    ),
)
