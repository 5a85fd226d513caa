from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from core_world import Core, at, day
from sqlalchemy import insert, inspect, select, update

from methodology.actions import move_due
from methodology.as_of import as_of, rows_as_of
from methodology.clock import SettableClock
from methodology.history import CLOCK, KEPT, recording, unattended
from storage.history import Change
from storage.ledger import Alert, Silence
from storage.matrix import Action, ActionVersion, DayOff, Entity, Initiative, Person

WHO, WHY = "Ana Restrepo", "Concertado con la entidad"


def _changes(core: Core, **where: Any) -> list[Change]:
    return list(core.session.scalars(select(Change).filter_by(**where).order_by(Change.id)))


def _columns(row: Any) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}


def test_a_new_a_changed_and_a_removed_row_leave_one_change_each(core: Core) -> None:
    with recording(core.session, WHO, WHY, at("2026-11-03")):
        entity = core.entity("Dimar")
        number = entity.id
        entity.mail = "otro@dimar.example"
        core.session.flush()
        core.session.delete(entity)
    new, changed, removed = _changes(core)
    assert {(c.author, c.reason, c.table, c.row_id) for c in (new, changed, removed)} == {(WHO, WHY, "entity", number)}
    assert (new.before, new.after["mail"]) == ({}, "enlace@entidad.example")
    assert (changed.before, changed.after) == ({"mail": "enlace@entidad.example"}, {"mail": "otro@dimar.example"})
    assert (removed.before["mail"], removed.after) == ("otro@dimar.example", {})


def test_dates_lists_and_states_are_kept_as_they_are_read_back(core: Core) -> None:
    initiative = core.initiative()
    with recording(core.session, WHO, WHY, at("2026-11-03")):
        initiative.launch, initiative.overrides, initiative.state = day("2026-02-01"), {"vencida.meses": 2}, "pausada"
    (change,) = _changes(core)
    assert change.before == {"launch": "2026-01-15", "overrides": {}, "state": "en_ejecucion"}
    assert change.after == {"launch": "2026-02-01", "overrides": {"vencida.meses": 2}, "state": "pausada"}
    was = as_of(core.session, initiative, day("2026-11-02"))
    assert (was["launch"], was["overrides"], was["state"]) == (date(2026, 1, 15), {}, "en_ejecucion")


def test_what_is_set_to_what_it_was_is_no_change(core: Core) -> None:
    entity = core.entity()
    with recording(core.session, WHO, WHY, at("2026-11-03")):
        entity.mail = "otro@invima.example"
        entity.mail = "enlace@entidad.example"
        entity.name = str(entity.name)
    assert _changes(core) == []


def test_a_value_replaced_without_having_been_read_is_kept_too(core: Core) -> None:
    entity = core.entity()
    core.session.expire(entity)
    with recording(core.session, WHO, WHY, at("2026-11-03")):
        entity.mail = "otro@invima.example"
    assert _changes(core)[0].before == {"mail": "enlace@entidad.example"}


def test_an_inner_signature_speaks_for_its_own_changes_once(core: Core) -> None:
    entity = core.entity()
    with recording(core.session, WHO, "Botón", at("2026-11-03")):
        entity.mail = "uno@invima.example"
        with recording(core.session, WHO, WHY, at("2026-11-03")):
            entity.mail = "dos@invima.example"
        entity.mail = "tres@invima.example"
    assert [(c.reason, c.after["mail"]) for c in _changes(core)] == [
        ("Botón", "uno@invima.example"),
        (WHY, "dos@invima.example"),
        ("Botón", "tres@invima.example"),
    ]


def test_what_fails_is_not_signed_and_ends_the_signature(core: Core) -> None:
    entity = core.entity()
    with pytest.raises(ZeroDivisionError), recording(core.session, WHO, WHY, at("2026-11-03")):
        raise ZeroDivisionError
    entity.mail = "otro@invima.example"
    core.session.flush()
    assert _changes(core) == []


def test_what_the_days_bring_is_signed_by_the_clock(core: Core) -> None:
    core.action(due="2026-10-31")
    core.live("2026-11-30", "2026-12-02")
    states = [c.after["state"] for c in _changes(core, table="alert", author=CLOCK) if "state" in c.after]
    assert states == ["elevada_1"]


def test_nobody_signs_in_a_session_without_a_clock(core: Core) -> None:
    core.entity().mail = "otro@invima.example"
    core.session.flush()
    assert _changes(core) == []
    core.session.info.update(unattended(SettableClock(at("2026-11-03"))))
    core.entity().mail = "tres@invima.example"
    core.session.flush()
    assert [c.author for c in _changes(core)] == [CLOCK]


def test_a_day_off_goes_by_its_day(core: Core) -> None:
    with recording(core.session, WHO, WHY, at("2026-11-03")):
        row = core.add(DayOff(day=day("2026-12-24"), why="Jornada institucional"))
    assert _changes(core)[0].row_id == day("2026-12-24").toordinal()
    assert as_of(core.session, row, day("2026-11-02")) == {}
    assert as_of(core.session, row, day("2026-11-03"))["why"] == "Jornada institucional"


def test_a_past_day_ends_at_midnight_in_bogota(core: Core) -> None:
    entity = core.entity()
    with recording(core.session, WHO, WHY, at("2026-11-03", 23, 30)):  # 04:30 UTC of the next day
        entity.mail = "otro@invima.example"
    assert as_of(core.session, entity, day("2026-11-02"))["mail"] == "enlace@entidad.example"
    assert as_of(core.session, entity, day("2026-11-03"))["mail"] == "otro@invima.example"


def test_an_action_is_shown_as_it_was_by_its_versions_too(core: Core) -> None:
    action, planning = core.action(due="2026-12-11"), core.actor("PL")
    move_due(
        core.session, action.code, day("2027-01-15"), reason=WHY, actor=planning, now=at("2026-11-12"),
        method=core.method,
    )  # fmt: skip
    core.session.flush()
    assert core.all(ActionVersion)
    assert _changes(core) == []
    before = as_of(core.session, action, day("2026-11-11"))
    assert (before["due"], before["due_version"]) == (day("2026-12-11"), 1)
    assert as_of(core.session, action, day("2026-11-12"))["due"] == day("2027-01-15")


def test_an_alert_written_by_the_sweep_was_not_there_before_its_day(core: Core) -> None:
    core.action(due="2026-10-31")
    core.live("2026-11-30", "2026-12-02")
    assert rows_as_of(core.session, Alert, day("2026-11-29")) == []
    assert [row["state"] for row in rows_as_of(core.session, Alert, day("2026-12-01"))] == ["abierta"]
    assert [row["state"] for row in rows_as_of(core.session, Alert, day("2026-12-02"))] == ["elevada_1"]


def test_a_removed_row_is_still_shown_on_the_days_it_was_there(core: Core) -> None:
    with recording(core.session, WHO, WHY, at("2026-11-03")):
        entity = core.entity("Dimar")
    with recording(core.session, WHO, WHY, at("2026-11-05")):
        core.session.delete(entity)
    names = [[row["name"] for row in rows_as_of(core.session, Entity, day(f"2026-11-0{n}"))] for n in (2, 3, 4, 5)]
    assert names == [[], ["Dimar"], ["Dimar"], []]


@pytest.mark.parametrize("seed", range(8))
def test_any_past_day_is_shown_as_it_was(core: Core, seed: int) -> None:
    """Random edits by all doors, several a day and flush; a picture each night; every picture comes back."""
    dice, session = Random(seed), core.session  # noqa: S311 - a test's dice
    core.initiative()
    entities = [core.entity(name) for name in ("Invima", "Dimar", "DIAN")]
    tables: tuple[type, ...] = (Initiative, Entity, Action, Person, Silence)
    nights: dict[date, dict[str, list[dict[str, Any]]]] = {}
    first = day("2026-11-01")
    for on in (first + timedelta(days=n) for n in range(12)):
        for hour in sorted(dice.choices(range(24), k=dice.randrange(4))):
            with recording(session, WHO, WHY, at(on.isoformat(), hour, 59)):
                _edit(core, dice, on, entities)
        session.flush()
        nights[on] = {table.__tablename__: _picture(core, table) for table in tables}
    for on, pictures in nights.items():
        for table in tables:
            assert rows_as_of(session, table, on) == pictures[table.__tablename__]
            for row in core.all(table):
                picture = next((one for one in pictures[table.__tablename__] if one["id"] == row.id), {})
                assert as_of(session, row, on) == picture


def _picture(core: Core, table: type) -> list[dict[str, Any]]:
    return sorted((_columns(row) for row in core.all(table)), key=lambda row: row["id"])


def _edit(core: Core, dice: Random, on: date, entities: list[Entity]) -> None:
    actions = core.all(Action)
    kind = dice.randrange(6)
    if kind == 0 or not actions:
        core.action(f"BIO-{len(actions):02d}", due=dice.choice([None, "2026-12-11"]), entity=dice.choice(entities).name)
    elif kind == 1:
        core.person(f"Persona {dice.random()}")
    elif kind == 2:
        people = core.all(Person)
        if people and dice.random() < 0.5:
            core.session.delete(people[0])
            core.session.flush()
    elif kind == 3:
        core.first_initiative().overrides = {"por_vencer.dias": dice.randrange(10, 20)}
        core.session.flush()
        core.first_initiative().paused_days += 1
    elif kind == 4:
        entity = dice.choice(entities)
        core.session.flush()
        core.session.expire(entity)
        entity.mail = f"{dice.random()}@entidad.example"
    else:
        action = dice.choice(actions)
        action.text, action.percent = f"Texto {dice.random()}", float(dice.randrange(100))
        core.session.flush()
        action.due, action.joint = on + timedelta(days=dice.randrange(90)), dice.choice(entities).name


def test_whatever_a_post_can_change_is_kept() -> None:
    """Not kept: what keeps its own account (the ledger's messages, published snapshots, the queue, the technical)."""
    own_account = {
        "action_version", "answer_form", "card_action", "change", "conversation", "deed", "delivery", "delivery_day",
        "evidence_file", "form_file", "form_submission", "import_run", "inbound_mail", "job", "mailbox_mark", "notice",
        "outreach", "proposal", "report", "setting", "teams_place", "tick", "tray_item",
    }  # fmt: skip
    kept = {table.__tablename__ for table in KEPT}
    assert set(KEPT[0].metadata.tables) - own_account == kept


def test_statements_that_go_round_the_rows_are_only_the_sweeps(core: Core) -> None:
    """Bulk statements leave no change: the history speaks of rows. This is why operations change rows."""
    with recording(core.session, WHO, WHY, at("2026-11-03")):
        core.session.execute(insert(Entity).values(name="Dimar", mail="a@dimar.example", internal=False))
        core.session.execute(update(Entity).values(mail="b@dimar.example"))
    assert _changes(core) == []
