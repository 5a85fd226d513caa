from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methodology.rules.figures import ActionFigures, Semaforo, figures_of, semaforo
from methodology.rules.thresholds import Thresholds

TODAY = date(2026, 11, 22)
STATES = st.sampled_from(["vigente", "cumplida", "salida", "anulada", "cerrada_sin_cumplir", "propuesta"])


def _action(
    state: str = "vigente", percent: float | None = None, due: str = "2026-12-01", met: str = ""
) -> ActionFigures:
    return ActionFigures(state, percent, date.fromisoformat(due), date.fromisoformat(met) if met else None)


def test_compliance_is_floored_so_that_100_means_all() -> None:
    nearly = [_action("cumplida", 100)] * 1999 + [_action()]
    assert figures_of(nearly).compliance == 99.9
    assert figures_of(nearly[:-1]).compliance == 100.0


def test_two_thirds_show_one_decimal() -> None:
    assert figures_of([_action("cumplida"), _action("cumplida"), _action()]).compliance == 66.6


@given(st.lists(STATES, max_size=12))
def test_100_is_never_shown_before_it_is_true(states: list[str]) -> None:
    shown = figures_of(_action(state) for state in states).compliance
    counted = [s for s in states if s in ("vigente", "cumplida", "cerrada_sin_cumplir")]
    assert (shown == 100) == (bool(counted) and set(counted) == {"cumplida"})


def test_exits_leave_the_denominator_and_are_stated() -> None:
    figures = figures_of([_action("cumplida"), _action("salida"), _action("salida")])
    assert (figures.compliance, figures.exits, figures.counted) == (100.0, 2, 1)


def test_a_matrix_of_exits_only_is_not_100() -> None:
    assert figures_of([_action("salida")]).compliance is None


def test_without_actions_there_is_nothing_to_divide() -> None:
    empty = figures_of([])
    assert (empty.compliance, empty.progress, empty.timely) == (None, None, None)


def test_closed_unmet_stays_in_the_denominator() -> None:
    assert figures_of([_action("cumplida"), _action("cerrada_sin_cumplir")]).compliance == 50.0


def test_proposals_count_in_no_figure() -> None:
    assert figures_of([_action("cumplida"), _action("propuesta"), _action("por_validar")]).counted == 1


def test_progress_is_the_mean_of_what_was_reported_never_of_a_missing_zero() -> None:
    assert figures_of([_action(percent=25.5), _action(percent=50), _action(percent=None)]).progress == 37.7


def test_timeliness_counts_those_met_on_or_before_their_date() -> None:
    actions = [
        _action("cumplida", due="2026-12-01", met="2026-12-01"),
        _action("cumplida", due="2026-12-01", met="2026-12-02"),
        _action("vigente", due="2026-12-01"),
        ActionFigures("cumplida", 100, None, TODAY),
    ]
    assert figures_of(actions).timely == 50.0


@pytest.mark.parametrize(
    ("due", "light"),
    [
        ("2026-12-08", Semaforo.ON_TRACK),
        ("2026-12-07", Semaforo.DUE_SOON),
        ("2026-11-22", Semaforo.DUE_SOON),
        ("2026-11-21", Semaforo.OVERDUE),
        ("2026-10-23", Semaforo.OVERDUE),
        ("2026-10-22", Semaforo.OVERDUE_MONTH),
        ("2026-09-22", Semaforo.OVERDUE_MONTH),  # two months exactly: not yet
        ("2026-09-21", Semaforo.HIGH_LEVEL),
    ],
)
def test_the_light_follows_the_date(due: str, light: Semaforo) -> None:
    assert semaforo("vigente", date.fromisoformat(due), TODAY) is light


@pytest.mark.parametrize(
    ("due", "light"),
    [
        ("2026-12-03", Semaforo.ON_TRACK),
        ("2026-12-02", Semaforo.DUE_SOON),
        ("2026-09-23", Semaforo.OVERDUE),
        ("2026-09-22", Semaforo.OVERDUE_MONTH),
        ("2026-08-22", Semaforo.OVERDUE_MONTH),
        ("2026-08-21", Semaforo.HIGH_LEVEL),
    ],
)
def test_the_light_follows_the_initiatives_own_pace(due: str, light: Semaforo) -> None:
    limits = Thresholds(due_soon_days=10, overdue_months=2, high_level_months=3)
    assert semaforo("vigente", date.fromisoformat(due), TODAY, limits=limits) is light


@pytest.mark.parametrize(
    ("state", "due", "paused", "light"),
    [
        ("salida", "2026-01-01", True, Semaforo.EXIT),
        ("cerrada_sin_cumplir", "2026-01-01", True, Semaforo.CLOSED_UNMET),
        ("anulada", "2026-01-01", True, Semaforo.ANNULLED),
        ("cumplida", "2026-01-01", True, Semaforo.MET),
        ("vigente", "2026-01-01", True, Semaforo.PAUSED),
        ("vigente", None, True, Semaforo.PAUSED),
        ("vigente", None, False, Semaforo.UNDATED),
    ],
)
def test_exit_met_paused_and_undated_come_before_dates(
    state: str, due: str | None, paused: bool, light: Semaforo
) -> None:
    when = date.fromisoformat(due) if due else None
    assert semaforo(state, when, TODAY, paused=paused) is light


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("light", Semaforo)
def test_every_light_has_a_word_and_aa_contrast(light: Semaforo) -> None:
    dark, bright = sorted((_luminance(light.value.background), _luminance(light.value.text)))
    assert light.value.word
    assert (bright + 0.05) / (dark + 0.05) >= 4.5
