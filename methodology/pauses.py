"""An initiative pauses and goes on: silence, clocks that run, and one digest when it resumes.

While it is paused nothing is recorded of it and what was planned is withdrawn. The resumption records at once what
became due meanwhile, with its own dates, and plans one digest. As long as that waits, whatever else its readers would
be told is withdrawn into it; when it was told, they count as told with it: the hold of R17 begins.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from methodology import alerts
from methodology.clock import local
from methodology.completion import withdraw_former_term
from methodology.notices import notice_key, plan
from methodology.operation import INITIATIVE, REASON, Doing, Field, Kind, Operation, Weight
from methodology.refusals import Incomplete
from methodology.rules.spanish import long_date
from methodology.rules.states import InitiativeState, NoticeState, Post
from methodology.rules.table import RULES
from methodology.silence import record_silences
from methodology.sweeping.dates import due_soon, high_level, overdue_month, undated
from methodology.sweeping.life import closing
from methodology.sweeping.statements import Sweep, paces
from storage.ledger import Delivery, Notice
from storage.matrix import Initiative

DIGEST = "reanudacion"
OWN_CARDS = (DIGEST, "R10", "R10.preaviso", "R11", "R22")
"""What goes beside the digest: the month is reported, and a draft is approved, on cards of their own."""
_IN_DIGEST = "va en el resumen de la reanudación del "
_PAUSED = "la iniciativa está pausada"
_REASON_MIN = 10


def require_reason(reason: str) -> None:
    """A decision about an initiative says why."""
    if len(reason.strip()) < _REASON_MIN:
        raise Incomplete({"reason": f"Indique el motivo, en al menos {_REASON_MIN} caracteres."})


def pause(doing: Doing, *, initiative: Initiative, reason: str) -> str:
    """From today its notices do not go; its dates run on (R36: its term, too, unless `cierre.pausa_detiene` = si)."""
    require_reason(reason)
    initiative.state, initiative.paused_on = InitiativeState.PAUSED, doing.today
    return (
        f"{initiative.name} queda en pausa desde el {long_date(doing.today)}: no se envían avisos y los plazos siguen "
        "corriendo."
    )


def resume(doing: Doing, *, initiative: Initiative, reason: str | None) -> str:
    """It goes on: what fell due meanwhile is recorded now and told in one digest; a pause of no days has none."""
    del reason  # kept with the deed and with the change of the row
    session, today, since = doing.session, doing.today, initiative.paused_on or doing.today
    initiative.state, initiative.paused_on = InitiativeState.RUNNING, None
    days = (today - since).days
    if days:
        initiative.paused_days, initiative.resumed_on = initiative.paused_days + days, today
    session.flush()
    give_back(doing, initiative, [_PAUSED], but=(DIGEST,))
    withdraw_former_term(session, initiative, doing.method, today)
    _catch_up(doing)
    alerts.sweep_again(session)
    if days:
        plan(
            session,
            DIGEST,
            subject=initiative.slug,
            period=today.isoformat(),
            recorded_on=today,
            due=None,
            initiative_id=initiative.id,
            inputs={"paused_on": since.isoformat()},
        )
    return f"{initiative.name} se reanudó el {long_date(today)}, después de {_days(days)} de pausa."


def give_back(doing: Doing, initiative: Initiative, reasons: Sequence[str], *, but: Sequence[str] = ()) -> None:
    """What was withdrawn only because the initiative stood still is planned again, for the readers of its new day.

    Also what had been left to a digest that was never told. Whether each still holds is asked before it goes.
    """
    session = doing.session
    untold = or_(Notice.withdrawn_reason.in_(reasons), Notice.withdrawn_reason.startswith(_IN_DIGEST))
    query = select(Notice).where(
        Notice.initiative_id == initiative.id, Notice.state == NoticeState.WITHDRAWN, untold, Notice.rule.not_in(but)
    )
    goes_on = doing.method.calendar.on_or_after(doing.today)
    for notice in session.scalars(query).all():
        notice.state, notice.withdrawn_reason, notice.deliver_on = NoticeState.PLANNED, "", goes_on
        session.execute(
            delete(Delivery).where(Delivery.notice_id == notice.id, Delivery.state == NoticeState.WITHDRAWN)
        )
    session.flush()


def left_to_digest(session: Session, notice: Notice) -> str | None:
    """The reason to withdraw what its readers find in the resumption's digest, while that one waits to be told."""
    if notice.initiative_id is None or notice.rule in OWN_CARDS or not _readers(notice.rule) <= _readers(DIGEST):
        return None
    initiative = session.get_one(Initiative, notice.initiative_id)
    if initiative.resumed_on is None:
        return None
    slug = initiative.slug
    key = notice_key(DIGEST, slug, initiative.resumed_on.isoformat(), Post.LEADER, slug)
    waits = select(Notice.id).where(Notice.key == key, Notice.state == NoticeState.PLANNED)
    return _reason(initiative.resumed_on) if session.scalar(waits) else None


def in_digest(session: Session, digest: Notice) -> list[Notice]:
    """What was left to this digest, oldest first."""
    query = select(Notice).where(
        Notice.initiative_id == digest.initiative_id, Notice.withdrawn_reason == _reason(digest.recorded_on)
    )
    return list(session.scalars(query.order_by(Notice.recorded_on, Notice.id)))


def _catch_up(doing: Doing) -> None:
    """Everything that holds by now, with the day on which it began to hold."""
    slot = local(doing.method.calendar.next_slot(doing.now)).date()
    sweep = Sweep(doing.session, doing.method, doing.today, None, slot)
    for record in (due_soon, overdue_month, high_level, undated):
        record(sweep)
    record_silences(doing.session, doing.method, doing.today)
    for pace in paces(sweep):
        closing(sweep, pace)


def _readers(rule: str) -> set[Post]:
    return {RULES[rule].post, *RULES[rule].copies}


def _reason(resumed_on: date) -> str:
    return f"{_IN_DIGEST}{long_date(resumed_on)}"


def _days(days: int) -> str:
    return "menos de un día" if not days else "1 día" if days == 1 else f"{days} días"


DECIDERS = (Post.PLANNING, Post.MANAGEMENT)
OPTIONAL_REASON = Field("motivo", "reason", "Motivo", Kind.LONG, required=False)
OPERATIONS = (
    Operation(
        id="iniciativa.pausar",
        title="Pausar la iniciativa",
        rule="R2",
        posts=DECIDERS,
        fields=(INITIATIVE, REASON),
        do=pause,
        states=(InitiativeState.RUNNING,),
        to=InitiativeState.PAUSED,
        weight=Weight.HEAVY,
    ),
    Operation(
        id="iniciativa.reanudar",
        title="Reanudar la iniciativa",
        rule="R2",
        posts=DECIDERS,
        fields=(INITIATIVE, OPTIONAL_REASON),
        do=resume,
        states=(InitiativeState.PAUSED,),
        to=InitiativeState.RUNNING,
    ),
)
