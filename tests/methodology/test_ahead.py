"""What would be told if nobody answered, looked at in a copy: promises of `/simular`."""

from __future__ import annotations

from typing import Any

import pytest
from core_world import Core, at, day
from sqlalchemy import func, select

from methodology import ahead
from methodology.ahead import copy_of, look_ahead
from methodology.refusals import NotNow
from methodology.rules.table import RULES
from methodology.rules.titles import TITLES
from storage.history import Change
from storage.ledger import Alert, Notice


def _ahead(core: Core, now: str, last: str, slug: str = "", hour: int = 8) -> list[tuple[str, str, str]]:
    found = look_ahead(copy_of(core.session), core.method, at(now, hour), day(last), slug)
    return [(str(one.on), one.rule, one.subject) for one in found]


@pytest.fixture
def begun(both: Core) -> Core:
    """An action that is a month overdue on 30 November; lived until the 3rd."""
    both.action("BIO-01", due="2026-10-31")
    both.live("2026-11-03")
    return both


def test_it_tells_what_living_those_days_tells(begun: Core) -> None:
    seen = _ahead(begun, "2026-11-03", "2026-12-03", hour=9)
    begun.live("2026-11-04", "2026-12-03")
    lived = [n for n in begun.notices() if n.state == "sent" and n.recorded_on > day("2026-11-03")]
    assert sorted((on, rule) for on, rule, _ in seen) == sorted((str(n.deliver_on), n.rule) for n in lived)
    assert ("2026-11-30", "R15", "BIO-01") in seen


def test_nothing_of_it_is_written(begun: Core) -> None:
    tables: tuple[Any, ...] = (Notice, Alert, Change)
    before = [begun.session.scalar(select(func.count()).select_from(table)) for table in tables]
    assert _ahead(begun, "2026-11-03", "2026-12-31")
    assert [begun.session.scalar(select(func.count()).select_from(table)) for table in tables] == before


def test_what_was_told_already_is_not_told_again(begun: Core) -> None:
    begun.live("2026-11-04", "2026-11-30")
    assert ("R15", "BIO-01") not in {(rule, subject) for _, rule, subject in _ahead(begun, "2026-11-30", "2026-12-01")}


def test_one_initiative_has_its_own_notices_and_the_requests_to_its_entities(begun: Core) -> None:
    other = begun.initiative("astilleros")
    begun.action("AST-01", due="2026-10-31", initiative=other, entity="Dirección General Marítima (Dimar)")
    subjects = {subject for _, _, subject in _ahead(begun, "2026-11-03", "2026-12-01", "astilleros")}
    assert {"AST-01", "Dimar"} <= subjects
    assert not {"BIO-01", "Invima"} & subjects


def test_after_office_hours_the_rest_of_today_is_told_on_the_next_working_day(core: Core) -> None:
    core.action("BIO-01", due="2026-09-30")
    assert all(on >= "2026-11-04" for on, *_ in _ahead(core, "2026-11-03", "2026-11-05", hour=18))


def test_a_matrix_too_large_to_be_copied_is_refused_with_the_way_out(
    core: Core, monkeypatch: pytest.MonkeyPatch
) -> None:
    core.action("BIO-01")
    monkeypatch.setattr(ahead, "LARGEST", 0)
    with pytest.raises(NotNow, match="soluciones simulate"):
        copy_of(core.session)


def test_every_rule_has_its_title() -> None:
    assert set(TITLES) == set(RULES)
