"""R14, R16: approaches and answers that did not come by mail: a call, a meeting, an official letter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import select

from methodology import answers, forms, handovers, silence, tray
from methodology.holds import AWAY
from methodology.operation import Doing, Field, Kind, Operation
from methodology.outreaches import record_outreach
from methodology.refusals import Incomplete, NotAllowed, NotNow
from methodology.replies import INVALID_CONTACT, TO_CLASSIFY
from methodology.rules.addresses import is_whole_address
from methodology.rules.spanish import long_date
from methodology.rules.states import ActionState, InitiativeState, Post
from storage.ledger import Outreach, TrayItem
from storage.matrix import Action, Entity, Initiative

LEADER_SIDE = (Post.LEADER, Post.PLANNING)
MEANS = ("llamada", "reunión", "oficio", "visita")
_TEXT_MIN = 10
_BACK = timedelta(days=60)


def _concerned(doing: Doing, entity: Entity, initiative: Initiative | None) -> list[Action]:
    """The entity's open actions in running initiatives that this person answers for (or in the one that was named).

    Raises:
        NotAllowed: none of them is this person's.
        NotNow: the entity has none.
    """
    query = (
        select(Action)
        .join(Initiative, Initiative.id == Action.initiative_id)
        .where(
            Action.entity_id == entity.id,
            Action.state == ActionState.OPEN,
            Initiative.state == InitiativeState.RUNNING,
        )
        .order_by(Action.code)
    )
    theirs = [a for a in doing.session.scalars(query) if initiative is None or a.initiative_id == initiative.id]
    mine = [action for action in theirs if doing.actor.holds(LEADER_SIDE, action.initiative_id)]
    if theirs and not mine:
        raise NotAllowed(f"Las acciones de {entity.short} corresponden a otro líder técnico.")
    if not mine:
        raise NotNow(f"{entity.short} no tiene acciones vigentes{f' en {initiative.name}' if initiative else ''}.")
    return mine


def approach(
    doing: Doing, *, entity: Entity, means: str, on: date | None, initiative: Initiative | None, note: str | None
) -> str:
    """R16: an approach by another road counts as an outreach, in the initiatives of whoever made it.

    One day's approaches by the same means count once in each initiative; they are told within `_BACK` days.
    """
    concerned, day = _concerned(doing, entity, initiative), _past(doing, on)
    if day < doing.today - _BACK:
        raise Incomplete({"on": f"El acercamiento se registra con una fecha de no más de {_BACK.days} días atrás."})
    codes = _not_counted(doing, entity, concerned, means, day)
    if not codes:
        raise NotNow(f"Ese acercamiento a {entity.short} ({means}, {long_date(day)}) ya está registrado.")
    kind = f"{means}: {note}" if note else means
    month = answers.current_cycle(doing.session, entity.id, doing.today)
    record_outreach(doing.session, entity.id, month, kind, day, token="", asked=codes)
    silence.reached_out(doing.session, entity.id, codes, day)
    return f"Se registró el acercamiento a {entity.short} ({means}, {long_date(day)})."


def _not_counted(doing: Doing, entity: Entity, concerned: Sequence[Action], means: str, day: date) -> list[str]:
    """The codes in whose initiatives no approach of that day by that means was counted yet."""
    that_day = select(Outreach).where(Outreach.entity_id == entity.id, Outreach.on == day)
    same = [row for row in doing.session.scalars(that_day) if row.kind.partition(":")[0] == means]
    codes = {code for row in same for code in row.asked}
    counted = set(doing.session.scalars(select(Action.initiative_id).where(Action.code.in_(codes))))
    return [action.code for action in concerned if action.initiative_id not in counted]


def official_letter(
    doing: Doing, *, entity: Entity, number: str, on: date | None, initiative: Initiative | None, text: str | None
) -> str:
    """R16: an official letter is an answer, also when only its number is told by phone."""
    day = _past(doing, on)
    how = f"oficio {number} del {long_date(day)}" + (f": {text}" if text else "")
    return _answered(doing, entity, _concerned(doing, entity, initiative), how)


def answered_otherwise(
    doing: Doing, *, entity: Entity, means: str, text: str, on: date | None, initiative: Initiative | None
) -> str:
    """R16: the entity answered by phone or in a meeting; the leader records it, and it counts."""
    if len(text.strip()) < _TEXT_MIN:
        raise Incomplete({"text": f"Resuma lo que respondió la entidad, en al menos {_TEXT_MIN} caracteres."})
    how = f"{means} del {long_date(_past(doing, on))}: {text.strip()}"
    return _answered(doing, entity, _concerned(doing, entity, initiative), how)


def _answered(doing: Doing, entity: Entity, concerned: Sequence[Action], how: str) -> str:
    month = answers.current_cycle(doing.session, entity.id, doing.today)
    where = sorted({action.initiative_id for action in concerned})
    answers.count(doing.session, entity.id, month, where, doing.today, how=how)
    return f"Se registró la respuesta de {entity.short} ({how})."


MOST = (
    "La alerta de silencio de {entity} espera como máximo hasta el {held}, y no hasta el {day}, porque la regla R16 "
    "limita los días hábiles de cada aplazamiento."
)


def promise(doing: Doing, *, entity: Entity, until: date) -> str:
    """R16: a promised date delays the alert, twice at most."""
    held = silence.promise(doing.session, entity, until, actor=doing.actor, method=doing.method, today=doing.today)
    if held < until:
        return MOST.format(entity=entity.short, held=long_date(held), day=long_date(until))
    return f"La alerta de silencio de {entity.short} espera hasta el {long_date(held)}."


def correct_contact(doing: Doing, *, entity: Entity, mail: str) -> str:
    """R14, R16: a new address ends «contacto inválido»; the new contact gets what is pending, and silence counts anew.

    The links in letters to the former address open nothing any more.

    Raises:
        NotAllowed, NotNow: neither planning nor the leader of an initiative in which the entity has open actions.
    """
    if not is_whole_address(mail.strip()):
        raise Incomplete({"mail": f"«{mail}» no es un correo."})
    if not doing.actor.holds((Post.PLANNING,)):
        _concerned(doing, entity, None)
    former, received = entity.mail, not handovers.is_invalid(doing.session, entity.id)
    entity.mail = mail.strip().lower()
    if entity.mail != former.lower():
        forms.revoke(doing.session, entity.id, doing.today, f"Nuevo contacto: {entity.mail} ({doing.actor.name})")
    for item in _about_contact(doing, entity):
        asks = ("new_contact",) if item.kind == TO_CLASSIFY else tray.ASKS
        tray.decided(item, asks, f"Nuevo contacto: {entity.mail} ({doing.actor.name})", doing.now)
    if entity.internal or former.lower() == entity.mail:
        return f"{entity.short} recibe ahora en {entity.mail}."
    handovers.hand_over(doing, entity, former, former_receives=received)
    return f"{entity.short} recibe ahora en {entity.mail}; se le escribe con lo que tenga pendiente de respuesta."


def _about_contact(doing: Doing, entity: Entity) -> Iterator[TrayItem]:
    """What waits in the tray for this change: a bounce, an absence, and a mail that gives this address."""
    query = select(TrayItem).where(
        TrayItem.kind.in_((INVALID_CONTACT, AWAY, TO_CLASSIFY)), TrayItem.resolved_at.is_(None)
    )
    for item in doing.session.scalars(query):
        if item.kind != TO_CLASSIFY:
            if item.key.partition(":")[2] == str(entity.id):
                yield item
        elif item.detail.get("new_contact") == entity.mail:
            yield item


def entity_reports(doing: Doing, *, action: Action, percent: float | None, text: str) -> str:
    """What an entity's reply does (scripts and tests; the real ones come by mail): a proposal, and its silence ends."""
    if action.state != ActionState.OPEN:
        raise NotNow(f"{action.code} no está vigente.")
    month = answers.current_cycle(doing.session, action.entity_id, doing.today)
    answers.propose(doing.session, action, month, percent=percent, text=text, passage=text, now=doing.now)
    answers.count(doing.session, action.entity_id, month, [action.initiative_id], doing.today)
    return f"{action.entity.short} informó de {action.code}; queda como propuesta para el líder técnico."


def _past(doing: Doing, on: date | None) -> date:
    if on is not None and on > doing.today:
        raise Incomplete({"on": "La fecha no puede ser posterior a hoy."})
    return on or doing.today


_ENTITY = Field("entidad", "entity", "Entidad", Kind.ENTITY)
_ON = Field("fecha", "on", "Fecha", Kind.DATE, required=False)
_WHERE = Field("iniciativa", "initiative", "Iniciativa (si es de una sola)", Kind.INITIATIVE, required=False)
_MEANS = Field("medio", "means", "Medio", Kind.CHOICE, options=MEANS)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "entidad.acercamiento",
        "Registrar un acercamiento",
        "R16",
        LEADER_SIDE,
        (_ENTITY, _MEANS, _ON, _WHERE, Field("nota", "note", "Nota", Kind.LONG, required=False)),
        approach,
    ),
    Operation(
        "entidad.oficio",
        "Registrar oficio",
        "R16",
        LEADER_SIDE,
        (
            _ENTITY,
            Field("numero", "number", "Número del oficio"),
            _ON,
            _WHERE,
            Field("texto", "text", "De qué trata", Kind.LONG, required=False),
        ),
        official_letter,
    ),
    Operation(
        "entidad.respondio",
        "Registrar otra respuesta",
        "R16",
        LEADER_SIDE,
        (_ENTITY, _MEANS, Field("texto", "text", "Qué respondió", Kind.LONG), _ON, _WHERE),
        answered_otherwise,
    ),
    Operation(
        "entidad.plazo",
        "Registrar la fecha prometida",
        "R16",
        LEADER_SIDE,
        (_ENTITY, Field("fecha", "until", "Fecha prometida", Kind.DATE, committed=True)),
        promise,
    ),
    Operation(
        "entidad.contacto",
        "Corregir el correo",
        "R16",
        LEADER_SIDE,
        (_ENTITY, Field("correo", "mail", "Correo nuevo")),
        correct_contact,
    ),
    Operation(
        "entidad.respuesta",
        "La entidad responde la solicitud",
        "R14",
        (Post.ENTITY,),
        (
            Field("accion", "action", "Acción", Kind.ACTION),
            Field("avance", "percent", "Avance", Kind.PERCENT, required=False),
            Field("texto", "text", "Texto", Kind.LONG),
        ),
        entity_reports,
        at_hand=False,
    ),
)
