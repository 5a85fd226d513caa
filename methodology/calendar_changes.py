"""The institutional days off: what a change moves, shown before it is applied (R47).

Only what was not told yet moves: a planned notice goes on the new hábil day, an early notice (R19) is counted back
anew. A record keeps its date. The `holidays` package may change as well: then the list goes to Planning's tray.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from methodology import alerts, tray
from methodology.actions import place_again
from methodology.method import Method, days_off, fill_calendar, refill_calendar, teach
from methodology.operation import REASON, Doing, Field, Kind, Operation
from methodology.refusals import Incomplete, NotFound, NotNow
from methodology.rules.calendar import WorkCalendar
from methodology.rules.deadlines import deadlines_of
from methodology.rules.months import Month
from methodology.rules.spanish import full_date, month_name
from methodology.rules.states import ActionState, InitiativeState, NoticeState, Post
from methodology.rules.thresholds import Thresholds
from methodology.rules.titles import told_as
from methodology.sweeping.statements import Sweep, paces, version
from storage.ledger import Delivery, Notice, TrayItem
from storage.matrix import Action, DayOff, Initiative, Setting

CHANGED = "calendario_cambio"
TITLE = "Cambió el calendario de festivos: {count} por mover con calendario.aplicar"
NOTHING = "no cambia la fecha de ningún aviso"
PACE = "umbrales.huella"
_SHOWN = 40
_IN_TRAY = 10
Day = tuple[str, str, date, date]
_DATING = ("due_soon_days", "overdue_months", "high_level_months", "undated_months")


@dataclass(frozen=True)
class Move:
    """One day that changes, and why: of a planned notice, of an action's early notice, of the month's cycle."""

    rule: str
    subject: str
    old: date
    new: date
    why: str

    def __str__(self) -> str:
        return f"{told_as(self.rule)} · {self.subject}: del {full_date(self.old)} al {full_date(self.new)} ({self.why})"


def preview(session: Session, method: Method, days_off_after: Mapping[date, str], today: date) -> list[Move]:
    """What would move if the institutional days off were these; nothing is changed."""
    after = Method(method.calendar.with_days_off(days_off_after), method.thresholds)
    days = [*_notice_days(session, after), *_action_days(session, after, today), *_cycle_days(method, after, today)]
    return [Move(*day, _why(method.calendar, after.calendar, *day[2:])) for day in days]


def add(doing: Doing, *, day: date, reason: str, confirm: bool | None) -> str:
    """A day off, from today on. Without confirmation it answers with what would move."""
    if day < doing.today:
        raise NotNow(f"El {full_date(day)} ya pasó: lo registrado conserva su fecha.")
    if why := doing.method.calendar.why_not(day):
        raise NotNow(f"El {full_date(day)} ya es un día no hábil ({why}).")
    after = {**days_off(doing.session), day: reason}
    moves = _confirmed(doing, after, f"Si el {full_date(day)} es no hábil", confirm=confirm)
    doing.session.add(DayOff(day=day, why=reason))
    _apply(doing, after)
    return f"El {full_date(day)} es no hábil: {reason.rstrip('.')}. {_told(moves)}"


def remove(doing: Doing, *, day: date, confirm: bool | None) -> str:
    """A day of the table is hábil again. Without confirmation it answers with what would move."""
    row = doing.session.get(DayOff, day)
    if row is None:
        raise NotFound(f"El {full_date(day)} no está en la tabla de días no hábiles institucionales.")
    if day < doing.today:
        raise NotNow(f"El {full_date(day)} ya pasó: lo registrado conserva su fecha.")
    after = {known: why for known, why in days_off(doing.session).items() if known != day}
    moves = _confirmed(doing, after, f"Si el {full_date(day)} vuelve a ser hábil", confirm=confirm)
    doing.session.delete(row)
    _apply(doing, after)
    return f"El {full_date(day)} se retiró de los días no hábiles institucionales. {_told(moves)}"


def apply_new(doing: Doing, *, confirm: bool | None) -> str:
    """Planning lets the new holidays move what is planned; the list in the tray is settled."""
    after = days_off(doing.session)
    moves = _confirmed(doing, after, "Con el calendario vigente", confirm=confirm)
    _apply(doing, after)
    listed = select(TrayItem).where(TrayItem.kind == CHANGED, TrayItem.resolved_at.is_(None))
    for item in doing.session.scalars(listed).all():
        tray.resolve(doing.session, item.id, "Calendario aplicado", actor=doing.actor, now=doing.now)
    return f"El calendario vigente se aplicó. {_told(moves)}"


def settle(session: Session, method: Method, now: datetime, today: date) -> None:
    """At start: the calendar is laid out, dates follow thresholds that changed, holidays that changed are told.

    What is planned is not moved by itself: the list of what would move stands in the tray until it is applied.

    Raises:
        UnknownThreshold: an initiative's own values contradict the general ones as they are now.
    """
    for initiative in session.scalars(select(Initiative).order_by(Initiative.position)).all():
        method.of(initiative)
    laid_out_anew = fill_calendar(session, method)
    _follow_thresholds(session, method)
    if not laid_out_anew:
        return
    moves = preview(session, method, days_off(session), today)
    if moves:
        detail = {"cambios": "; ".join(map(str, moves[:_IN_TRAY])) + _more(moves, _IN_TRAY)}
        title = TITLE.format(count=_count(moves))
        tray.put(session, CHANGED, method.calendar.fingerprint[:16], title, detail, now)


def _follow_thresholds(session: Session, method: Method) -> None:
    """R2: the derived days of actions are columns; where the general thresholds changed they are placed anew."""
    used = asdict(method.thresholds)
    mark = ",".join(f"{name}={used[name]}" for name in _DATING)
    known = session.get(Setting, PACE)
    if known is not None and known.value == mark:
        return
    for initiative in session.scalars(select(Initiative).where(Initiative.state != InitiativeState.CLOSED)).all():
        place_again(session, initiative, method)
    if known is None:
        session.add(Setting(key=PACE, value=mark))
    else:
        known.value = mark


# --- what moves -------------------------------------------------------------------------------------------------------


def _why(before: WorkCalendar, after: WorkCalendar, old: date, new: date) -> str:
    if reason := after.why_not(old):
        return reason
    if before.why_not(new):
        return f"vuelve a ser hábil el {full_date(new)}"
    return "cambian los días hábiles intermedios"


def _notice_days(session: Session, after: Method) -> Iterator[Day]:
    for notice in _planned_elsewhere(session, after):
        yield notice.rule, notice.subject, notice.deliver_on, after.calendar.on_or_after(notice.recorded_on)


def _planned_elsewhere(session: Session, after: Method) -> list[Notice]:
    """The planned notices whose delivery day is not the one of that calendar."""
    planned = Notice.state == NoticeState.PLANNED
    pairs = session.execute(select(Notice.recorded_on, Notice.deliver_on).where(planned).distinct()).tuples()
    days = {recorded for recorded, deliver in pairs if after.calendar.on_or_after(recorded) != deliver}
    if not days:
        return []
    query = select(Notice).where(planned, Notice.recorded_on.in_(days)).order_by(Notice.deliver_on, Notice.id)
    return [row for row in session.scalars(query) if row.deliver_on != after.calendar.on_or_after(row.recorded_on)]


def _action_days(session: Session, after: Method, today: date) -> Iterator[Day]:
    for action, new in _early_elsewhere(session, after, today):
        if action.due_soon_on is not None:
            yield "R19", action.code, action.due_soon_on, new


def _early_elsewhere(session: Session, after: Method, today: date) -> list[tuple[Action, date]]:
    """The open actions not yet due whose early notice was not recorded and falls on another day (R19).

    Asked by distinct dates, of which there are few however many actions there are.
    """
    found: list[tuple[Action, date]] = []
    open_ = select(Action).join(Initiative, Initiative.id == Action.initiative_id)
    untold = ~exists().where(Notice.action_id == Action.id, Notice.rule == "R19", Notice.period == version())
    for pace in paces(Sweep(session, after, today, None, today)):
        here = open_.where(pace.which, Action.state == ActionState.OPEN)
        dated = here.where(Action.due >= today).with_only_columns(
            Action.due, Action.due_soon_on, maintain_column_froms=True
        )
        days = dict(_early_days(session.execute(dated.distinct()).tuples(), after, pace.thresholds, today))
        if days:
            rows = session.scalars(here.where(Action.due.in_(days), untold).order_by(Action.due, Action.code))
            found += [(row, days[row.due]) for row in rows if row.due is not None and row.due_soon_on != days[row.due]]
    return found


def _early_days(
    dated: Iterable[tuple[date | None, date | None]], after: Method, limits: Thresholds, today: date
) -> Iterator[tuple[date, date]]:
    """(due, new day of its early notice) where that is not what stands, and one of the two is still to come."""
    for due, early in dated:
        new = deadlines_of(due, after.calendar, limits).due_soon_on if due else None
        if due and new and new != early and max(new, early or new) >= today:
            yield due, new


def _cycle_days(method: Method, after: Method, today: date) -> Iterator[Day]:
    """The days of this month's cycle and the next one's, of those not reached yet (R10, R11, R14)."""
    for month in (Month.of(today), Month.of(today).plus(1)):
        was, now = method.window(month), after.window(month)
        days = [
            ("R14", "solicitud", was.request_on, now.request_on),
            ("R14.reiteracion", "reiteración", was.reminder_on, now.reminder_on),
            ("R14", "plazo", was.deadline, now.deadline),
            ("R10", "apertura", was.first, now.first),
            *(("R11", "recordatorio", *pair) for pair in zip(was.nudges, now.nudges, strict=False)),
            ("R11.faltantes", "lista de faltantes", was.missing_on, now.missing_on),
        ]
        for rule, what, old, new in days:
            if old != new and old > today:
                yield rule, f"{what} de {month_name(month.year, month.number)}", old, max(new, today)


# --- applying ---------------------------------------------------------------------------------------------------------


def _confirmed(doing: Doing, after: Mapping[date, str], what: str, *, confirm: bool | None) -> list[Move]:
    """The moves, if the person saw and confirmed them.

    Raises:
        Incomplete: not confirmed yet; the sentence is the list.
    """
    moves = preview(doing.session, doing.method, after, doing.today)
    if not confirm:
        listed = "; ".join(map(str, moves[:_SHOWN])) + _more(moves, _SHOWN)
        told = f"cambian {_count(moves)}: {listed}" if moves else NOTHING
        raise Incomplete({"confirm": f"{what}, {told}. Para aplicarlo, confirme."})
    return moves


def _apply(doing: Doing, after: Mapping[date, str]) -> None:
    """The calendar in rows and in memory, then what hangs on it; what was told or recorded stays."""
    session, method = doing.session, doing.method
    session.flush()
    changed = set(after.items()) ^ set(method.calendar.days_off.items())
    teach(session, method.calendar, after)
    refill_calendar(session, method, {day for day, _why in changed})
    for notice in _planned_elsewhere(session, method):
        day = method.delivery_day(notice.recorded_on)
        notice.deliver_on, notice.skipped = day["deliver_on"], day["skipped"]
    for delivery in session.scalars(_WAITING_TO_RETRY).all():
        delivery.retry_at = method.calendar.next_slot(delivery.retry_at) if delivery.retry_at else None
    for action, early in _early_elsewhere(session, method, doing.today):
        action.due_soon_on = early
    session.flush()
    alerts.sweep_again(session)


_WAITING_TO_RETRY = select(Delivery).where(Delivery.state == NoticeState.PLANNED, Delivery.retry_at.is_not(None))


def _told(moves: Sequence[Move]) -> str:
    return f"Se movieron {_count(moves)}." if moves else f"{NOTHING.capitalize()}."


def _count(moves: Sequence[Move]) -> str:
    return "1 fecha" if len(moves) == 1 else f"{len(moves)} fechas"


def _more(moves: Sequence[Move], shown: int) -> str:
    return f"; y {len(moves) - shown} más" if len(moves) > shown else ""


DAY = Field("fecha", "day", "Fecha", Kind.DATE)
CONFIRM = Field("confirmo", "confirm", "Confirmo los cambios", Kind.YES, required=False)
OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "calendario.no_habil",
        "Registrar día no hábil",
        "R47",
        (Post.PLANNING,),
        (DAY, REASON, CONFIRM),
        add,
    ),
    Operation(
        "calendario.quitar",
        "Retirar día no hábil",
        "R47",
        (Post.PLANNING,),
        (DAY, CONFIRM),
        remove,
    ),
    Operation(
        "calendario.aplicar",
        "Aplicar el calendario",
        "R47",
        (Post.PLANNING,),
        (CONFIRM,),
        apply_new,
    ),
)
