from __future__ import annotations

import pytest
from core_world import INVIMA, Core, day
from sqlalchemy import event

from methodology.entity_figures import EntityFigures, figures
from methodology.outreaches import record_outreach
from storage.ledger import Outreach

TODAY = "2026-11-19"


def _told(core: Core, month: str, kind: str, on: str, answered: str | None = None, name: str = INVIMA) -> None:
    row = record_outreach(core.session, core.entity(name).id, month, kind, day(on), token="")
    row.answered_on = day(answered) if answered else None
    core.session.flush()


def _of(core: Core, name: str = INVIMA) -> EntityFigures | None:
    return figures(core.session, core.method, day(TODAY)).get(core.entity(name).id)


def test_an_entity_that_was_never_asked_has_none(core: Core) -> None:
    _told(core, "", "validación", "2026-11-03")
    _told(core, "2026-11", "llamada", "2026-11-03")
    assert _of(core) is None


def test_cycles_reminders_and_the_median_of_days(core: Core) -> None:
    _told(core, "2026-08", "solicitud", "2026-08-13", "2026-08-15")
    _told(core, "2026-09", "solicitud", "2026-09-11", "2026-09-22")
    _told(core, "2026-09", "reiteración", "2026-09-21", "2026-09-22")
    _told(core, "2026-10", "solicitud", "2026-10-13")
    _told(core, "2026-10", "reiteración", "2026-10-21")
    _told(core, "2026-10", "llamada", "2026-10-22")
    _told(core, "2026-11", "solicitud", "2026-11-11")
    assert _of(core) == EntityFigures(asked=4, answered=2, silent=1, reminders=2, days=6.5)


def test_an_answer_to_the_reminder_alone_counts_from_the_request(core: Core) -> None:
    _told(core, "2026-10", "solicitud", "2026-10-13")
    _told(core, "2026-10", "reiteración", "2026-10-21", "2026-10-23")
    assert _of(core) == EntityFigures(asked=1, answered=1, reminders=1, days=10)


def test_a_request_that_bounced_was_not_asked(core: Core) -> None:
    _told(core, "2026-10", "rebotado", "2026-10-13")
    assert _of(core) is None


@pytest.mark.parametrize(("today", "silent"), [("2026-11-25", 0), ("2026-11-26", 1)])
def test_a_cycle_is_silent_after_its_deadline(core: Core, today: str, silent: int) -> None:
    _told(core, "2026-11", "solicitud", "2026-11-11")
    assert figures(core.session, core.method, day(today))[core.entity().id].silent == silent


def test_however_many_entities_it_is_one_question(core: Core) -> None:
    for number in range(12):
        _told(core, "2026-11", "solicitud", "2026-11-11", name=f"Entidad {number}")
    asked: list[str] = []
    connection = core.session.connection()
    event.listen(connection, "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert len(figures(core.session, core.method, day(TODAY))) == 12
    assert len(asked) == 1


def test_a_year_of_the_clock_is_counted(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    core.live("2026-11-11", "2026-12-15")
    assert len(core.all(Outreach)) == 3
    found = figures(core.session, core.method, day("2026-12-15"))[core.entity().id]
    assert found == EntityFigures(asked=2, answered=0, silent=1, reminders=1, days=None)
