"""Random matrices for the promises about days out of service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core_world import Core
from hypothesis import strategies as st

from storage.matrix import Initiative

DAY = timedelta(days=1)
INTERNAL = 2
"""The number of the entity that is the operator itself."""


@dataclass(frozen=True)
class Made:
    """A random matrix: launches by initiative; actions as (initiative, entity, due, state).

    `live_from` is the go-live (`arranque.fecha`), if any: an initiative's rules begin then, or at its later launch.
    """

    launches: tuple[date, ...]
    actions: tuple[tuple[int, int, date | None, str], ...]
    first: date
    days: int
    live_from: date | None = None

    @property
    def starts(self) -> tuple[date, ...]:
        """From when on each initiative's rules hold."""
        return tuple(max(launch, self.live_from or launch) for launch in self.launches)

    @property
    def open_actions(self) -> list[tuple[str, int, int, date | None]]:
        """(code, initiative, entity, due) of those that are vigente."""
        rows = enumerate(self.actions)
        return [(f"A-{n:02d}", where, entity, due) for n, (where, entity, due, state) in rows if state == "vigente"]


@st.composite
def matrices(draw: st.DrawFn, around: tuple[int, int] = (-100, 150)) -> Made:
    """Actions due so many days around the first one of the life, or undated."""
    first = draw(st.dates(date(2024, 1, 1), date(2035, 6, 30)))
    launches = tuple(draw(st.dates(first - 700 * DAY, first + 60 * DAY)) for _ in range(draw(st.integers(1, 3))))
    dues = st.none() | st.dates(first + around[0] * DAY, first + around[1] * DAY)
    state = st.sampled_from(["vigente", "vigente", "vigente", "vigente", "cumplida", "por_validar", "salida"])
    one = st.tuples(st.integers(0, len(launches) - 1), st.integers(0, INTERNAL), dues, state)
    actions = tuple(draw(st.lists(one, max_size=7)))
    live_from = draw(st.none() | st.dates(first - 40 * DAY, first + 60 * DAY))
    return Made(launches, actions, first, draw(st.integers(5, 130)), live_from)


def fill(core: Core, made: Made) -> None:
    for number, (launch, start) in enumerate(zip(made.launches, made.starts, strict=True)):
        core.initiative(f"i{number}", launch=str(launch), alerts_from=start)
    initiatives: Sequence[Initiative] = core.all(Initiative)
    for number in range(INTERNAL + 1):
        core.entity(f"Entidad {number}", internal=number == INTERNAL)
    for number, (where, entity, due, state) in enumerate(made.actions):
        core.action(
            f"A-{number:02d}",
            str(due) if due else None,
            initiative=initiatives[where],
            entity=f"Entidad {entity}",
            state=state,
        )
