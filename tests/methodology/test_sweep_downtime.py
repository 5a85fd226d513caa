"""R46: days on which the service was down lose nothing and repeat nothing, for any matrix and any year.

The set-based sweep on the days it was up, a reading of the rules row by row that knows those days, and a life without
any outage are compared. What follows from telling is read in `test_telling_downtime.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time

from core_world import Core, at
from databases import in_memory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_matrices import DAY, INTERNAL, Made, fill, matrices

from methodology.rules.calendar import BOGOTA, WorkCalendar
from methodology.rules.months import Month, add_months
from methodology.simulation import live
from methodology.sweep import record_due
from storage.ledger import Alert, CaseAction, HighLevelCase, Notice
from storage.matrix import Action

CALENDAR = WorkCalendar()
NEVER_LOST = ("R9", "R15", "R30", "R30.ingreso", "R36", "R25")
SEEN = (*NEVER_LOST, "R10", "R10.preaviso", "R11", "R11.faltantes", "R14", "R14.reiteracion", "R19")
Told = tuple[str, str, str, str]


def _after(made: Made, days: Iterable[date], *, twice: bool = False) -> tuple[set[Told], list[Notice], list[date]]:
    """What was recorded after the sweeps of those days; every notice; the days on which alerts rose."""
    with in_memory() as database, database.begin() as session:
        core = Core(session)
        fill(core, made)
        for day in days:
            for hour in (8, 14) if twice else (8,):
                record_due(session, core.method, at(str(day), hour))
        notices = core.notices()
        told = {(n.rule, n.key, str(n.recorded_on), str(n.deliver_on)) for n in notices if _dated(n)}
        session.expunge_all()
        return told, notices, sorted(alert.raised_on for alert in core.all(Alert))


def _dated(notice: Notice) -> bool:
    """R25 also follows from what people did (cumplimiento): here only its months count."""
    return notice.rule in SEEN and (notice.rule != "R25" or notice.subject == "tiempo")


def _all_days(made: Made) -> list[date]:
    return [made.first + n * DAY for n in range(made.days)]


# --- the slow reading ------------------------------------------------------------------------------------------------


def _expected(made: Made, up: Sequence[date]) -> set[tuple[str, str, str]]:
    """(rule, key without its post, recorded on), by looking at every row and every day the service was up."""
    return {*_of_actions(made, up), *_of_windows(made, up), *_of_launches(made, up)}


def _of_actions(made: Made, up: Sequence[date]) -> Iterator[tuple[str, str, str]]:
    cases: dict[int, list[tuple[date, date, str]]] = {}
    for code, where, _entity, due in made.open_actions:
        start = made.starts[where]
        if due is None:
            reminded = max(add_months(made.launches[where], 2), start)
            if _by(up, reminded):
                yield "R9", f"i{where}|{code}|v1", str(reminded)
            continue
        told = max(CALENDAR.on_or_before(due - 15 * DAY), start)
        if any(told <= day and _slot(day) <= due for day in up):
            yield "R19", f"i{where}|{code}|v1", str(told)
        alerted = add_months(due, 1) >= start
        if alerted and _by(up, add_months(due, 1)):
            yield "R15", f"i{where}|{code}|v1", str(add_months(due, 1))
        high = add_months(due, 2) + DAY
        if (high >= start or alerted) and _by(up, high):
            cases.setdefault(where, []).append((high, due, code))
    for where, joined in cases.items():
        opener, *later = sorted(joined)
        yield "R30", f"i{where}|i{where}", str(opener[0])
        yield from (("R30.ingreso", f"i{where}|{code}|v1", str(high)) for high, _due, code in later)


def _of_launches(made: Made, up: Sequence[date]) -> Iterator[tuple[str, str, str]]:
    """What was to be told before the start is not; the term itself, and the time since the launch, are told on it."""
    for where, (launch, start) in enumerate(zip(made.launches, made.starts, strict=True)):
        closing = add_months(launch, 18)
        for subject, before in (("aviso-60", 60), ("aviso-30", 30), ("18-meses", 0)):
            on = closing - before * DAY if before else max(closing, start)
            if on >= start and _by(up, on):
                yield "R36", f"i{where}|{subject}|{closing}", str(on)
        long_ago = max(add_months(launch, 4), start)
        if _by(up, long_ago):
            yield "R25", f"i{where}|tiempo|{launch}", str(long_ago)


def _of_windows(made: Made, up: Sequence[date]) -> Iterator[tuple[str, str, str]]:
    month = Month.of(made.first).plus(-1)
    while month.first <= made.first + made.days * DAY + 60 * DAY:
        first, last = month.last - 4 * DAY, month.last
        yield from _of_leaders(made, up, month, first, last)
        yield from _of_entities(made, up, month, first)
        month = month.plus(1)


def _of_leaders(
    made: Made, up: Sequence[date], month: Month, first: date, last: date
) -> Iterator[tuple[str, str, str]]:
    habiles = CALENDAR.habiles(first, last)
    missing = CALENDAR.on_or_after(last + DAY)
    nudges = [habiles[-1]] if len(habiles) > 1 else []
    nudges = sorted({*nudges, habiles[(len(habiles) + 1) // 2 - 1]}) if len(habiles) > 2 else nudges
    for where in sorted({where for _code, where, _entity, _due in made.open_actions}):
        start, name = made.starts[where], f"i{where}|{month}|{month}"
        announced = CALENDAR.add(first, -2)
        if len(habiles) < 3 and start <= announced and any(announced <= day < first for day in up):
            yield "R10.preaviso", name, str(announced)
        opens = max(first, start)
        if any(opens <= day <= last for day in up):
            yield "R10", name, str(opens)
        for number, nudge in enumerate(nudges, start=1):
            if start <= nudge and any(nudge <= day <= last for day in up):
                yield "R11", f"{name}#{number}", str(nudge)
        if start <= last and _caught_up(up, missing):
            yield "R11.faltantes", name, str(missing)


def _of_entities(made: Made, up: Sequence[date], month: Month, first: date) -> Iterator[tuple[str, str, str]]:
    request, deadline = CALENDAR.add(first, -10), CALENDAR.add(first, -1)
    reminder = CALENDAR.add(deadline, -3)
    asked = {
        entity
        for _code, where, entity, _due in made.open_actions
        if entity != INTERNAL and made.starts[where] <= request
    }
    for entity in sorted(asked):
        if any(request <= day <= deadline for day in up):
            yield "R14", f"|Entidad {entity}|{month}", str(request)
        if any(reminder <= day <= deadline for day in up):
            yield "R14.reiteracion", f"|Entidad {entity}|{month}", str(reminder)


def _by(up: Sequence[date], day: date) -> bool:
    return any(day <= one for one in up)


def _caught_up(up: Sequence[date], missing: date) -> bool:
    """A service that ran before tells it however late; one that begins, within two weeks."""
    later = [day for day in up if day >= missing]
    return bool(later) and (up[0] < missing or later[0] <= missing + 14 * DAY)


def _slot(day: date) -> date:
    return CALENDAR.next_slot(datetime.combine(day, time(8), BOGOTA)).astimezone(BOGOTA).date()


def _read(told: Iterable[Told]) -> set[tuple[str, str, str]]:
    """The same shape, from the ledger's keys: rule|initiative|subject|period|post."""
    found = set()
    for rule, key, recorded, _deliver in told:
        name = key.removeprefix(f"{rule}|").rpartition("|")[0]
        found.add((rule, name.rpartition("|")[0] if rule == "R30" else name, recorded))
    return found


# --- the promises ----------------------------------------------------------------------------------------------------

ANY = settings(derandomize=True, suppress_health_check=[HealthCheck.too_slow])
OUTAGES = st.lists(st.integers(0, 1), min_size=130, max_size=130)


def _up(made: Made, outages: Sequence[int]) -> list[date]:
    days = [day for day, down in zip(_all_days(made), outages, strict=False) if not down]
    last = _all_days(made)[-1]
    return days if days and days[-1] == last else [*days, last]


@ANY
@given(matrices(), OUTAGES)
def test_the_sweep_reads_the_rules_as_a_person_would_row_by_row(made: Made, outages: list[int]) -> None:
    up = _up(made, outages)
    told, notices, _raised = _after(made, up)
    assert _read(told) == _expected(made, up)
    assert len({notice.key for notice in notices}) == len(notices)


@ANY
@given(matrices(), OUTAGES)
def test_what_no_outage_may_lose_is_the_same_as_without_any(made: Made, outages: list[int]) -> None:
    lived, _, raised = _after(made, _all_days(made))
    caught_up, _, raised_late = _after(made, _up(made, outages))
    assert {one for one in caught_up if one[0] in NEVER_LOST} == {one for one in lived if one[0] in NEVER_LOST}
    assert caught_up <= lived
    assert raised_late == raised


@ANY
@given(matrices(), st.randoms(use_true_random=False))
def test_sweeping_again_or_with_a_clock_that_lags_adds_nothing(made: Made, chance: object) -> None:
    days = _all_days(made)
    lagging = [one for day in days for one in (day, day - DAY * chance.randint(0, 3))]  # type: ignore[attr-defined]
    assert _after(made, lagging, twice=True)[0] == _after(made, days)[0]


@ANY
@given(matrices(), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 23), st.integers(0, 59)), max_size=12))
def test_nothing_is_delivered_on_a_day_or_at_an_hour_that_is_not_habil(
    made: Made, moments: list[tuple[int, int, int]]
) -> None:
    with in_memory() as database, database.begin() as session:
        core = Core(session)
        fill(core, made)
        now = datetime.combine(made.first, time(8), BOGOTA)
        for days, hour, minute in moments:
            now = max(now, datetime.combine(now.date() + days * DAY, time(hour, minute), BOGOTA))
            before = {notice.id for notice in core.notices() if notice.state == "sent"}
            live(session, core.method, now)
            told = [notice for notice in core.notices() if notice.state == "sent" and notice.id not in before]
            in_hours = CALENDAR.is_habil(now.date()) and time(8) <= now.time() < time(17)
            assert in_hours or not told
            assert all(notice.deliver_on <= now.date() for notice in told)
        assert all(CALENDAR.is_habil(notice.deliver_on) for notice in core.notices())


@ANY
@given(matrices())
def test_no_case_and_no_place_in_one_comes_twice(made: Made) -> None:
    with in_memory() as database, database.begin() as session:
        core = Core(session)
        fill(core, made)
        for day in _all_days(made):
            record_due(session, core.method, at(str(day)))
        cases = [case.initiative_id for case in core.all(HighLevelCase)]
        places = [(row.action_id, row.due_version) for row in core.all(CaseAction)]
        assert (len(cases), len(places)) == (len(set(cases)), len(set(places)))
        assert {row.action_id for row in core.all(CaseAction)} <= {
            a.id for a in core.all(Action) if a.state == "vigente"
        }
