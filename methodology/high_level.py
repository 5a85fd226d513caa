"""R41–R44: the Equipo de Alto Nivel of an initiative: proposed, invited by the Viceministry, and what it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import alerts, tray
from methodology.actions import require_reason
from methodology.notices import plan, withdraw
from methodology.operation import INITIATIVE, REASON, Doing, Field, Kind, Operation, Weight
from methodology.people import member_ids
from methodology.refusals import Incomplete, NotAllowed, NotNow
from methodology.rules.addresses import is_whole_address
from methodology.rules.spanish import long_date, plain
from methodology.rules.states import AlertState, InitiativeState, MemberState, NoticeState, Post
from storage.ledger import Alert, Notice
from storage.life import Member
from storage.matrix import Initiative

OVER = (InitiativeState.CLOSED, InitiativeState.DISCARDED)
ON_BEHALF = " (por el Viceministerio de Desarrollo Empresarial)"
_LIVE = (MemberState.PROPOSED, MemberState.SIGNED, MemberState.ACTIVE)
_LETTER_MIN = 100
_TEXT_MIN = 10

LETTER = """El Viceministerio de Desarrollo Empresarial se permite invitar a usted, {honour} {name}, en su calidad de \
{post}, {entity}, a integrar el Equipo de Alto Nivel de la iniciativa sectorial {initiative}, en el marco del \
instrumento Soluciones por la Reindustrialización.

Con su capacidad de decisión, el Equipo de Alto Nivel contribuye a la solución de barreras complejas o problemas que \
frenan el normal desarrollo de la iniciativa, y a gestionar las alertas que se presenten en el cumplimiento de sus \
acciones. Así mismo, impulsa la convocatoria de las reuniones que se deban realizar según la evolución de la iniciativa.

El Equipo de Alto Nivel no tiene una periodicidad fija de reuniones: será {invited} a los espacios que se identifiquen \
como necesarios.{substitute}

De manera atenta agradecemos confirmar su participación en respuesta a esta comunicación."""
_SUBSTITUTE = " Para los casos en que no le sea posible asistir, figura como suplente: {name}."


def members_of(session: Session, initiative_id: int) -> list[Member]:
    """Everybody who was ever proposed, in that order (R41)."""
    return list(session.scalars(select(Member).where(Member.initiative_id == initiative_id).order_by(Member.id)))


def active_members(session: Session, initiative_id: int, today: date) -> list[Member]:
    """R42: those whose invitation was sent, within their dates."""
    return [row for row in members_of(session, initiative_id) if is_active(row, today)]


def is_active(member: Member, today: date) -> bool:
    ended = member.until is not None and member.until < today
    return member.state == MemberState.ACTIVE and member.since <= today and not ended


def named_members(session: Session, initiative: Initiative, names: Sequence[str], today: date) -> list[Member]:
    """The active members of that initiative's team by number, name or post, each once.

    Raises:
        Incomplete: none was named, or somebody who is not an active member there.
    """
    team = active_members(session, initiative.id, today)
    chosen = {found.id: found for name in names if (found := _named(team, name))}
    if unknown := [name for name in names if _named(team, name) is None]:
        known = ", ".join(member.holder for member in team) or "ninguno"
        sentence = f"«{', '.join(unknown)}» no identifica integrantes activos de {initiative.name}. Activos: {known}."
        raise Incomplete({"members": sentence})
    if not chosen:
        raise Incomplete({"members": "Indique a qué integrantes del Equipo de Alto Nivel."})
    return list(chosen.values())


def _named(team: Sequence[Member], name: str) -> Member | None:
    """The one that is called so; None when nobody or more than one is."""
    wanted = plain(name)
    exact = [row for row in team if wanted in (str(row.id), plain(row.holder), plain(row.post), plain(row.mail))]
    close = exact or [row for row in team if len(wanted) > 2 and wanted in plain(f"{row.holder} {row.post}")]  # noqa: PLR2004 - two letters name nobody
    return close[0] if len(close) == 1 else None


def _propose(
    doing: Doing,
    *,
    initiative: Initiative,
    post: str,
    entity: str,
    holder: str,
    gender: str,
    mail: str,
    since: date | None,
    until: date | None,
    substitute: str | None,
    substitute_mail: str | None,
    acting: bool | None,
) -> str:
    """R41: proposed by the leader; nobody is told anything yet."""
    if initiative.state in OVER:
        raise NotNow(f"La iniciativa {initiative.name} está {initiative.state}: no recibe integrantes.")
    begins = since or doing.today
    _require_whole(mail, begins, until, substitute, substitute_mail)
    address = mail.strip().lower()
    if any(row.mail == address and row.state in _LIVE for row in members_of(doing.session, initiative.id)):
        raise NotNow(f"{holder} ya figura en el Equipo de Alto Nivel de {initiative.name}.")
    member = Member(
        initiative_id=initiative.id,
        post=post,
        entity=entity,
        holder=holder,
        gender=gender,
        acting=bool(acting),
        mail=address,
        substitute=substitute or "",
        substitute_mail=(substitute_mail or "").strip().lower(),
        since=begins,
        until=until,
        state=MemberState.PROPOSED,
        proposed_by=doing.actor.name,
    )
    doing.session.add(member)
    doing.session.flush()
    return (
        f"Integrante {member.id} del Equipo de Alto Nivel de {initiative.name}: {holder}, {titled(member)} de {entity}."
    )


def _require_whole(
    mail: str, since: date, until: date | None, substitute: str | None, substitute_mail: str | None
) -> None:
    fields = {}
    if not is_whole_address(mail.strip()):
        fields["mail"] = f"«{mail}» no es un correo."
    if substitute_mail and not is_whole_address(substitute_mail.strip()):
        fields["substitute_mail"] = f"«{substitute_mail}» no es un correo."
    if bool(substitute) != bool(substitute_mail):
        fields["substitute_mail" if substitute else "substitute"] = "Indique el nombre y el correo del suplente."
    if until is not None and until < since:
        fields["until"] = "La fecha final no puede ser anterior a la inicial."
    if fields:
        raise Incomplete(fields)


def titled(member: Member) -> str:
    """The member's post, with «(E)» when acting."""
    return f"{member.post} (E)" if member.acting else member.post


def draft_letter(member: Member) -> str:
    """The formal invitation, as it is proposed to whoever signs it."""
    female = member.gender == "f"
    return LETTER.format(
        honour="doctora" if female else "doctor",
        invited="invitada" if female else "invitado",
        name=member.holder,
        post=titled(member),
        entity=member.entity,
        initiative=member.initiative.name,
        substitute=_SUBSTITUTE.format(name=member.substitute) if member.substitute else "",
    )


def _letter(doing: Doing, *, member: Member, text: str | None) -> str:
    _require_open(member, doing.today)
    if text is not None and len(text.strip()) < _LETTER_MIN:
        raise Incomplete({"text": f"Una carta de invitación tiene al menos {_LETTER_MIN} caracteres."})
    member.letter = text.strip() if text else draft_letter(member)
    return f"Quedó redactada la carta de invitación a {member.holder}; la firma el Viceministerio."


def _sign(doing: Doing, *, member: Member, number: str | None) -> str:
    """R42: a person signs it off, and it goes; the member is active once it went.

    Planning signs for the Viceministry only what the Viceministry signed: the number of that letter says which.
    """
    _require_open(member, doing.today)
    if not member.letter:
        raise NotNow(f"La carta de invitación a {member.holder} no se ha redactado (ean.carta).")
    by_ministry = doing.actor.holds((Post.VICE_MINISTER,), member.initiative_id)
    if not by_ministry and not number:
        raise Incomplete({"number": "Indique el número de la carta con que el Viceministerio la firmó."})
    member.state = MemberState.SIGNED
    member.signed_by = doing.actor.name if by_ministry else f"{doing.actor.name}, carta {number}{ON_BEHALF}"
    plan(
        doing.session,
        "R42",
        subject=member.holder,
        period=f"integrante {member.id}",
        recorded_on=doing.today,
        due=None,
        initiative_id=member.initiative_id,
        inputs={"members": [member.id], "by": member.signed_by},
    )
    return f"{member.signed_by} firmó la carta de invitación a {member.holder}; se remite por correo."


def _require_open(member: Member, today: date) -> None:
    if member.initiative.state in OVER:
        raise NotNow(f"La iniciativa {member.initiative.name} está {member.initiative.state}.")
    if member.until is not None and member.until < today:
        raise NotNow(f"La participación de {member.holder} terminó el {long_date(member.until)}.")


def invited(session: Session, ids: Sequence[int], today: date) -> None:
    """R42: the invitation was sent, so the members are active."""
    for number in ids:
        member = session.get_one(Member, number)
        if member.state == MemberState.SIGNED:
            member.state, member.invited_on = MemberState.ACTIVE, today


def _withdraw(doing: Doing, *, member: Member, reason: str) -> str:
    require_reason(reason)
    member.state = MemberState.WITHDRAWN
    member.until = max(member.since, doing.today) if member.until is None else min(member.until, doing.today)
    waiting = select(Notice).where(
        Notice.rule == "R42",
        Notice.initiative_id == member.initiative_id,
        Notice.period == f"integrante {member.id}",
        Notice.state == NoticeState.PLANNED,
    )
    for notice in doing.session.scalars(waiting).all():
        withdraw(doing.session, notice, "la persona ya no integra el Equipo de Alto Nivel")
    return f"{member.holder} ya no integra el Equipo de Alto Nivel de {member.initiative.name}."


def _acknowledge(doing: Doing, *, alert: Alert, member: Member | None) -> str:
    """R44: a member to whom the alert was taken acknowledges it; leader or planning record what came by other roads."""
    who = _acting(doing, alert, member)
    key = f"EAN:{alert.id}:{who.id}"
    if doing.session.scalar(select(Notice.id).where(Notice.rule == "R17.decision", Notice.period == key)):
        return f"{who.holder} ya había acusado recibo de la alerta de {alerts.subject(alert)}."
    told = {"what": alerts.ACKNOWLEDGED, "by": who.holder, "at": doing.now.isoformat()}
    alerts.tell_leader(doing.session, alert, key, told, doing.today)
    if not alerts.is_acknowledged(alert, doing.today):
        alert.acknowledged_by, alert.acknowledged_at, alert.acknowledged_until = who.holder, doing.now, None
    return f"Acuse de recibo de {who.holder}, {titled(who)}, de la alerta de {alerts.subject(alert)}."


def _acting(doing: Doing, alert: Alert, member: Member | None) -> Member:
    """Which member it is about: whoever acts, or the one that is named by whoever records it."""
    addressed = [doing.session.get_one(Member, number) for number in alert.second_members or []]
    own = set(member_ids(doing.session, doing.actor.person_id, doing.today))
    in_person = [row for row in addressed if row.id in own]
    may_record = not doing.actor.person_id or doing.actor.holds((Post.LEADER, Post.PLANNING), alert.initiative_id)
    if member is not None and member in addressed and (member in in_person or may_record):
        return member
    if member is None and in_person:
        return in_person[0]
    if member is None and may_record and len(addressed) == 1:
        return addressed[0]
    if member is None and may_record:
        raise Incomplete({"member": "Indique el integrante que acusó recibo."})
    raise NotAllowed(f"La alerta de {alerts.subject(alert)} se llevó a otros integrantes del Equipo de Alto Nivel.")


def _propose_meeting(doing: Doing, *, alert: Alert | None, initiative: Initiative | None, text: str) -> str:
    """R44: proposed, never convened by itself (R25): it waits in planning's tray."""
    where = alert.initiative if alert else initiative
    if where is None:
        raise Incomplete({"initiative": "Indique la iniciativa o la alerta."})
    if len(text.strip()) < _TEXT_MIN:
        raise Incomplete({"text": f"Indique para qué se propone la reunión, en al menos {_TEXT_MIN} caracteres."})
    about = f" por la alerta de {alerts.subject(alert)}" if alert else ""
    title = f"{doing.actor.name} propone una reunión de {where.name}{about}"
    detail: Mapping[str, str] = {"iniciativa": where.slug, "motivo": text.strip()}
    key = f"{where.slug}:{alert.id if alert else ''}:{doing.actor.name}:{doing.now.isoformat(timespec='seconds')}"
    tray.put(doing.session, "reunion_propuesta", key, title, detail, doing.now)
    return f"La propuesta de reunión de {where.name} queda en la bandeja de Planeación, que decide convocarla."


_PROPOSERS = (Post.LEADER, Post.PLANNING)
_MEMBER = Field("integrante", "member", "Integrante", Kind.MEMBER)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="ean.proponer",
        title="Proponer integrante",
        rule="R41",
        posts=_PROPOSERS,
        fields=(
            INITIATIVE,
            Field("cargo", "post", "Cargo"),
            Field("entidad", "entity", "Entidad"),
            Field("titular", "holder", "Titular"),
            Field("genero", "gender", "Género", Kind.CHOICE, options=("f", "m")),
            Field("correo", "mail", "Correo"),
            Field("desde", "since", "Desde", Kind.DATE, required=False),
            Field("hasta", "until", "Hasta", Kind.DATE, required=False),
            Field("suplente", "substitute", "Suplente", required=False),
            Field("correo_suplente", "substitute_mail", "Correo del suplente", required=False),
            Field("encargado", "acting", "En encargo (E)", Kind.YES, required=False),
        ),
        do=_propose,
    ),
    Operation(
        id="ean.carta",
        title="Redactar la carta",
        rule="R42",
        posts=(*_PROPOSERS, Post.VICE_MINISTER),
        fields=(_MEMBER, Field("texto", "text", "Texto de la carta", Kind.LONG, required=False)),
        do=_letter,
        states=(MemberState.PROPOSED,),
    ),
    Operation(
        id="ean.firmar",
        title="Firmar la invitación",
        rule="R42",
        posts=(Post.VICE_MINISTER, Post.PLANNING),
        fields=(
            _MEMBER,
            Field("carta", "number", "Número de la carta firmada (si firma por el Viceministerio)", required=False),
        ),
        do=_sign,
        states=(MemberState.PROPOSED,),
        to=MemberState.SIGNED,
    ),
    Operation(
        id="ean.retirar",
        title="Retirar del equipo",
        rule="R41",
        posts=(*_PROPOSERS, Post.VICE_MINISTER),
        fields=(_MEMBER, REASON),
        do=_withdraw,
        states=_LIVE,
        to=MemberState.WITHDRAWN,
        weight=Weight.HEAVY,
    ),
    Operation(
        id="ean.acusar",
        title="Acusar recibo (equipo)",
        rule="R44",
        posts=(Post.HIGH_LEVEL, *_PROPOSERS),
        fields=(
            Field("alerta", "alert", "Alerta", Kind.ALERT),
            Field("integrante", "member", "Integrante", Kind.MEMBER, required=False),
        ),
        do=_acknowledge,
        states=(AlertState.RAISED_2,),
    ),
    Operation(
        id="ean.reunion",
        title="Proponer una reunión",
        rule="R44",
        posts=(Post.HIGH_LEVEL,),
        fields=(
            Field("alerta", "alert", "Alerta", Kind.ALERT, required=False),
            Field("iniciativa", "initiative", "Iniciativa", Kind.INITIATIVE, required=False),
            Field("texto", "text", "Motivo de la reunión", Kind.LONG),
        ),
        do=_propose_meeting,
    ),
)
