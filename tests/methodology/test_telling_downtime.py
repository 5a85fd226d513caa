"""R14, R16, R17, R18 and R46: what follows from telling somebody, when the service was down on any days.

Requests and reminders are outreaches once they are told; a silence, the hold of an alert and the proposal of the second
moment are counted from what was told, and so from the days on which the service was up. A reading row by row that knows
those days must find the same as a life of `live` on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from core_world import Core
from databases import in_memory
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from made_matrices import DAY, INTERNAL, Made, fill, matrices

from methodology.outreaches import CONTACT_CHECK
from methodology.rules.calendar import WorkCalendar
from methodology.rules.months import Month, add_months
from storage.ledger import Alert, Outreach, Silence

CALENDAR = WorkCalendar()
FOLLOWS = ("R15", "R16", "R17", "R17.aviso", "R18.propuesta")
Row = tuple[str, str, str, str]
"""Rule, initiative, subject, recorded on."""


@dataclass(frozen=True)
class Life:
    """What a life led to: notices, outreaches, and when each alert was told."""

    notices: set[Row]
    outreaches: set[tuple[str, str, date]]
    told: set[tuple[str, str, date, date | None, date | None]]


def lived(made: Made, up: Sequence[date]) -> Life:
    with in_memory() as database, database.begin() as session:
        core = Core(session)
        fill(core, made)
        for day in up:
            core.live(str(day))
        notices = {
            (n.rule, n.initiative.slug if n.initiative else "", n.subject, str(n.recorded_on))
            for n in core.notices(*FOLLOWS)
        }
        assert len({n.key for n in core.notices()}) == len(core.notices())
        assert all(CALENDAR.is_habil(n.deliver_on) and n.deliver_on >= n.recorded_on for n in core.notices())
        names = {row.id: row.name for row in core.all(type(core.entity("Entidad 0")))}
        asked = [row for row in core.all(Outreach) if row.kind != CONTACT_CHECK]  # a check asks for no progress
        outreaches = {(names[row.entity_id], row.kind, row.on) for row in asked}
        told = {
            (a.initiative.slug, a.action.code if a.action else names[a.entity_id], a.raised_on, a.told_leader_on,
             a.raised_told_on)
            for a in core.all(Alert)
        }  # fmt: skip
        assert all(row.ended_on is None for row in core.all(Silence))
        return Life(notices, outreaches, told)


# --- the slow reading -------------------------------------------------------------------------------------------------


def first(days: Sequence[date], since: date) -> date | None:
    """The first of those days from `since` on."""
    return next((day for day in days if day >= since), None)


def read(made: Made, up: Sequence[date]) -> Life:
    letters = list(_letters(made, up))
    told, notices = set(), set()
    for rule, where, subject, since, noticed in [*_overdue(made, up), *_silent(made, up, letters)]:
        slug = f"i{where}"
        notices.add((rule, slug, subject, str(since)))
        leader, office, more = _rises(slug, subject, up, noticed)
        notices |= more
        told.add((slug, subject, since, leader, office))
    return Life(notices, {(f"Entidad {entity}", kind, on) for entity, kind, on, _ in letters}, told)


def _overdue(made: Made, up: Sequence[date]) -> Iterator[tuple[str, int, str, date, date]]:
    for code, where, _entity, due in made.open_actions:
        since = add_months(due, 1) if due else None
        if since and since >= made.starts[where] and (noticed := first(up, since)):
            yield "R15", where, code, since, noticed


def _letters(made: Made, up: Sequence[date]) -> Iterator[tuple[int, str, date, set[int]]]:
    """(entity, kind, told on, initiatives asked about): what left while its deadline had not passed."""
    habiles = [day for day in up if CALENDAR.is_habil(day)]
    asked_before: dict[int, set[int]] = {}
    month = Month.of(made.first)
    while month.first <= up[-1] + 60 * DAY:
        opens = month.last - 4 * DAY
        request, deadline = CALENDAR.add(opens, -10), CALENDAR.add(opens, -1)
        reminder = CALENDAR.add(deadline, -3)
        for entity in range(INTERNAL):
            own = {where for _code, where, one, _due in made.open_actions if one == entity}
            asked = any(made.starts[where] <= request for where in own) and first(up, request)
            sent, again = first(habiles, request), first(habiles, reminder)
            if not asked or sent is None or sent > deadline:
                continue
            launched = {where for where in own if made.launches[where] <= sent}
            asked_before[entity] = asked_before.get(entity, set()) | launched
            yield entity, "solicitud", sent, launched
            if again and sent < again <= deadline:
                yield entity, "reiteración", again, set(asked_before[entity])
        month = month.plus(1)


def _silent(
    made: Made, up: Sequence[date], letters: Sequence[tuple[int, str, date, set[int]]]
) -> Iterator[tuple[str, int, str, date, date]]:
    """Two outreaches, and ten hábil days since the first of them; seen on a day after the second was told."""
    for entity in range(INTERNAL):
        for where in range(len(made.launches)):
            days = sorted(on for one, _kind, on, about in letters if one == entity and where in about)
            if len(days) < 2:
                continue
            since = max(CALENDAR.add(days[0], 10), days[1])
            if noticed := first(up, max(since, days[1] + DAY)):
                yield "R16", where, f"Entidad {entity}", since, noticed


def _rises(slug: str, subject: str, up: Sequence[date], noticed: date) -> tuple[date | None, date | None, set[Row]]:
    """When leader and Viceministry were told, and the notices that follow from it."""
    habiles, found = [day for day in up if CALENDAR.is_habil(day)], set()
    leader = first(habiles, noticed)
    if leader is None or not (seen := first(up, hold := CALENDAR.add(leader, 2))):
        return leader, None, found
    found.add(("R17", slug, subject, str(hold)))
    office = first(habiles, seen)
    if office is None:
        return leader, None, found
    found.add(("R17.aviso", slug, slug, str(office)))
    proposed = CALENDAR.add(office, 10)
    if first(up, proposed):
        found.add(("R18.propuesta", slug, subject, str(proposed)))
    return leader, office, found


# --- the promise ------------------------------------------------------------------------------------------------------

BRIEF = settings(derandomize=True, suppress_health_check=[HealthCheck.too_slow])
GAPS = st.lists(st.sampled_from([1, 1, 1, 1, 2, 3, 8, 20]), min_size=10, max_size=40)
NOVEMBER = Made(
    launches=(date(2026, 1, 15), date(2026, 11, 18)),
    actions=((0, 0, date(2026, 10, 15), "vigente"), (0, 1, None, "vigente"), (1, 0, date(2027, 6, 30), "vigente")),
    first=date(2026, 11, 10),
    days=0,
)


def up_days(made: Made, gaps: Sequence[int]) -> list[date]:
    return [made.first + n * DAY for n in accumulate(gaps, initial=0)]


@BRIEF
@given(matrices(around=(-50, 20)), GAPS)
@example(NOVEMBER, [1] * 40)
@example(NOVEMBER, [1, 9, 6, 1, 1, 8, 1, 1, 15, 1, 12])
def test_what_follows_from_telling_is_counted_from_the_days_the_service_was_up(made: Made, gaps: list[int]) -> None:
    up = up_days(made, gaps)
    assert lived(made, up) == read(made, up)


def test_the_ordinary_november_has_every_step_of_it() -> None:
    found = read(NOVEMBER, up_days(NOVEMBER, [1] * 40))
    assert {rule for rule, *_ in found.notices} == set(FOLLOWS)
    assert ("R16", "i0", "Entidad 0", "2026-11-26") in found.notices
    assert ("i0", "A-00", date(2026, 11, 15), date(2026, 11, 17), date(2026, 11, 19)) in found.told
