from __future__ import annotations

from datetime import date, timedelta

import pytest
from core_world import Core, at
from office import Office, Wire, draw
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from methodology import alerts
from methodology.delivery import Ambiguous, Misconfigured, Permanent, Receipt, Throttled, Unreachable
from methodology.doubts import confirm, send_again
from methodology.notices import plan
from methodology.people import Actor
from methodology.rules.states import NoticeState
from methodology.sweep import record_due
from scheduler.ports import Batch, Outgoing
from storage.ledger import Alert, Delivery, Job, Notice, Outreach, TrayItem
from storage.matrix import Action, Holding

PLANNING = Actor(99, "Carolina Suárez", "f", frozenset({("PL", None)}))

LOST = "se perdió la respuesta"


def _world(core: Core) -> None:
    """BIO-01 is one month overdue on Sunday 15-nov-2026; its leader, planning and the vice-minister are there."""
    initiative = core.initiative(launch="2026-11-02")
    core.person("Lina Leal", "LT", initiative)
    core.person("Paz Plana", "PL")
    core.person("Vera Vico", "VM")
    core.action("BIO-01", due="2026-10-15")


@pytest.fixture
def staffed(office: Office) -> Office:
    office.fill(_world)
    return office


def _close(session: Session) -> None:
    alerts.close(session, session.scalars(select(Alert)).one(), "cumplimiento")


def _later(day: str, hour: int, minute: int = 0) -> Throttled:
    return Throttled("429", at(day, hour, minute))


# --- what goes into a message, and when ------------------------------------------------------------------------------


async def test_notices_of_one_moment_to_one_reader_are_one_message(staffed: Office) -> None:
    def more(core: Core) -> None:
        core.action("BIO-02", due="2026-10-16")
        core.action("BIO-03", due="2026-12-02")

    staffed.fill(more)
    await staffed.beat("2026-11-15")
    await staffed.beat("2026-11-17")
    alerting = [set(letter.subjects) for letter in staffed.teams.letters if letter.bundle == "alerts"]
    assert alerting == [{"BIO-01", "BIO-02", "BIO-03"}]


async def test_each_initiatives_window_opens_in_a_message_of_its_own(staffed: Office) -> None:
    def second(core: Core) -> None:
        other = core.initiative("astilleros")
        core.add(Holding(post="LT", person_id=1, initiative_id=other.id, since=date(2025, 1, 1)))
        core.action("AST-01", due="2027-10-15", initiative=other)

    staffed.fill(second)
    await staffed.beat("2026-11-26")
    openings = [letter for letter in staffed.teams.letters if letter.bundle == "opening"]
    assert [(letter.reader, len(letter.keys)) for letter in openings] == [("person:1", 1)] * 2


async def test_what_answers_one_writer_is_no_part_of_what_answers_another(staffed: Office) -> None:
    def wrote(core: Core) -> None:
        for number, writer in enumerate(("ana@invima.example", "luis@invima.example", "ana@invima.example")):
            plan(
                core.session,
                "R14.nota",
                subject="Invima",
                period=f"2026-11:{number}",
                recorded_on=date(2026, 11, 18),
                due=None,
                entity_id=core.entity("Invima").id,
                inputs={"period": "2026-11", "mail": number, "kind": "revisión", "to": writer},
            )

    staffed.fill(wrote)
    await staffed.beat("2026-11-18")
    assert sorted(len(letter.keys) for letter in staffed.mail.letters if letter.bundle == "noted") == [1, 2]


@pytest.mark.parametrize(
    ("day", "hour", "minute", "goes"),
    [
        ("2026-11-15", 10, 0, False),  # Sunday
        ("2026-11-16", 10, 0, False),  # holiday
        ("2026-11-17", 7, 59, False),
        ("2026-11-17", 8, 0, True),
        ("2026-11-17", 16, 59, True),
        ("2026-11-17", 17, 0, False),
    ],
)
async def test_messages_go_on_habil_days_from_eight_to_five(
    staffed: Office, day: str, hour: int, minute: int, goes: bool
) -> None:
    await staffed.beat("2026-11-15", 1)
    await staffed.beat(day, hour, minute)
    assert bool(staffed.teams.letters) is goes


async def test_a_held_message_is_not_consumed(staffed: Office) -> None:
    await staffed.beat("2026-11-17", 17, 30)
    assert staffed.states() == {("R15", "planned", ""), ("R14", "planned", "")}
    await staffed.beat("2026-11-18", 8)
    assert ("R15", "sent", "sent") in staffed.states()


async def test_a_retry_that_falls_after_five_waits_for_the_morning(staffed: Office) -> None:
    staffed.teams.errors = [_later("2026-11-17", 17, 5)]
    await staffed.beat("2026-11-17", 16, 58)
    await staffed.beat("2026-11-17", 17, 10)
    assert staffed.teams.letters == []
    await staffed.beat("2026-11-18", 8)
    assert [letter.subjects for letter in staffed.teams.letters] == [("BIO-01",)]


# --- the state is read again ------------------------------------------------------------------------------------------


async def test_what_is_no_longer_true_is_withdrawn_with_the_reason(staffed: Office) -> None:
    staffed.teams.errors = [_later("2026-11-17", 9)]
    await staffed.beat("2026-11-17")
    staffed.db.do(_close)
    await staffed.beat("2026-11-17", 9)
    assert [letter.bundle for letter in staffed.teams.letters] == []
    row = next(row for row in staffed.rows(Delivery) if row.reader == "person:1")
    assert (row.state, row.error) == (NoticeState.WITHDRAWN, "alerta cerrada: cumplimiento")


async def test_what_became_untrue_before_its_delivery_day_is_not_even_placed(staffed: Office) -> None:
    def met(core: Core) -> None:
        core.all(Action)[0].state = "cumplida"
        _close(core.session)

    await staffed.beat("2026-11-15")
    staffed.fill(met)
    await staffed.beat("2026-11-17")
    assert ("R15", "withdrawn", "") in staffed.states()
    assert staffed.teams.letters == []


async def test_nothing_left_to_say_is_withdrawn(staffed: Office) -> None:
    staffed.draw = lambda _session, _batch: None
    await staffed.beat("2026-11-17")
    assert ("R15", "withdrawn", "withdrawn") in staffed.states()
    assert [n.withdrawn_reason for n in staffed.rows(Notice) if n.rule == "R15"] == ["ya no había nada que decir"]


async def test_the_hold_begins_when_the_leader_was_told(staffed: Office) -> None:
    await staffed.beat("2026-11-15")
    assert staffed.rows(Alert)[0].told_leader_on is None
    await staffed.beat("2026-11-17")
    assert staffed.rows(Alert)[0].told_leader_on == date(2026, 11, 17)
    await staffed.beat("2026-11-19")
    told = [letter.reader for letter in staffed.teams.letters if set(letter.subjects) <= {"BIO-01", "biologicos"}]
    assert told == ["person:1", "channel:biologicos", "person:3"]


# --- how an attempt fails ---------------------------------------------------------------------------------------------


async def test_throttled_is_tried_again_at_the_time_it_says(staffed: Office) -> None:
    staffed.teams.errors = [_later("2026-11-17", 8, 20)]
    await staffed.beat("2026-11-17")
    row = next(row for row in staffed.rows(Delivery) if row.channel == "teams")
    assert (row.state, row.retry_at) == (NoticeState.PLANNED, at("2026-11-17", 8, 20))
    await staffed.beat("2026-11-17", 8, 19)
    assert staffed.teams.letters == []
    await staffed.beat("2026-11-17", 8, 20)
    assert len(staffed.teams.letters) == 1


async def test_throttled_for_long_is_told_to_a_person_and_never_given_up(staffed: Office) -> None:
    moment = at("2026-11-17")
    staffed.teams.errors = [Throttled("429", moment + timedelta(minutes=n)) for n in range(1, 30)]
    await staffed.beat("2026-11-17")
    for minute in range(1, 30):
        await staffed.beat("2026-11-17", 8, minute)
    assert ("R15", "planned", "planned") in staffed.states()
    assert "entrega_demorada" in staffed.tray()
    staffed.teams.errors = []
    await staffed.beat("2026-11-18")
    assert ("R15", "sent", "sent") in staffed.states()


async def test_a_refused_secret_is_told_at_once_and_the_message_waits_until_it_is_mended(staffed: Office) -> None:
    staffed.teams.errors = [Misconfigured("secreto vencido", at("2026-11-17", 9))]
    await staffed.beat("2026-11-17")
    assert "entrega_demorada" in staffed.tray()
    await staffed.beat("2026-11-17", 9, 5)
    assert ("R15", "sent", "sent") in staffed.states()


async def test_planning_says_that_a_message_in_doubt_arrived_and_its_hold_begins(staffed: Office) -> None:
    await _in_doubt(staffed)
    batch, item = staffed.db.do(_doubt_of, "R15")
    staffed.db.do(lambda session: confirm(session, batch, item, actor=PLANNING, now=at("2026-11-17", 10)))
    assert ("R15", "sent", "sent") in staffed.states()
    assert staffed.db.do(lambda session: session.scalars(select(Alert.told_leader_on)).first()) == date(2026, 11, 17)


async def test_planning_sends_a_message_in_doubt_again(staffed: Office) -> None:
    await _in_doubt(staffed)
    batch, item = staffed.db.do(_doubt_of, "R15")
    staffed.teams.errors = []
    staffed.db.do(lambda session: send_again(session, batch, item, actor=PLANNING, now=at("2026-11-17", 10)))
    await staffed.beat("2026-11-17", 10, 5)
    assert ("R15", "sent", "sent") in staffed.states()


async def _in_doubt(staffed: Office) -> None:
    staffed.teams.errors = [Ambiguous("se perdió la respuesta")] * 9
    await staffed.beat("2026-11-17")
    assert ("R15", "uncertain", "uncertain") in staffed.states()
    assert "No hay certeza de que llegara: Alerta de acción vencida (BIO-01)" in [
        item.title for item in staffed.rows(TrayItem)
    ]


def _doubt_of(session: Session, rule: str) -> tuple[str, int]:
    query = select(Delivery).join(Notice, Notice.id == Delivery.notice_id).where(Notice.rule == rule)
    batch = session.scalars(query).one().batch
    item = session.scalars(select(TrayItem).where(TrayItem.key == f"entrega_incierta:{batch}")).one()
    return batch, item.id


async def test_an_uncertain_prompt_is_sent_once_more_under_the_same_batch(staffed: Office) -> None:
    seen: list[str] = []

    def drawn(session: Session, batch: Batch) -> Outgoing | None:
        seen.extend([batch.id] if batch.bundle == "opening" else [])
        return draw(session, batch)

    await staffed.beat("2026-11-25")
    staffed.draw, staffed.teams.errors = drawn, [Ambiguous(LOST)]
    await staffed.beat("2026-11-26")
    assert len(seen) == 2
    assert len(set(seen)) == 1
    assert ("R10", "sent", "sent") in staffed.states()


async def test_a_prompt_uncertain_twice_waits_for_planning(staffed: Office) -> None:
    await staffed.beat("2026-11-25")
    staffed.teams.errors = [Ambiguous(LOST), Ambiguous(LOST)]
    await staffed.beat("2026-11-26")
    assert ("R10", "uncertain", "uncertain") in staffed.states()
    assert "entrega_incierta" in staffed.tray()


async def test_an_uncertain_alert_is_never_repeated(staffed: Office) -> None:
    staffed.teams.errors = [Ambiguous(LOST)]
    await staffed.beat("2026-11-17")
    await staffed.beat("2026-11-18")
    assert staffed.teams.letters == []
    assert ("R15", "uncertain", "uncertain") in staffed.states()
    assert staffed.tray() == ["entrega_incierta"]


async def test_an_uncertain_mail_is_never_repeated(staffed: Office) -> None:
    staffed.mail.errors = [Ambiguous(LOST)]
    await staffed.beat("2026-11-11")
    await staffed.beat("2026-11-12")
    assert staffed.mail.letters == []
    assert ("R14", "uncertain", "uncertain") in staffed.states()
    assert staffed.tray() == ["entrega_incierta"]


async def test_an_unforeseen_error_on_the_wire_leaves_the_message_in_doubt(staffed: Office) -> None:
    staffed.teams.errors = [KeyError("activity")]
    await staffed.beat("2026-11-17")
    assert ("R15", "uncertain", "uncertain") in staffed.states()
    assert "entrega_incierta" in staffed.tray()


async def test_a_message_that_cannot_be_drawn_stops_no_other_and_is_tried_again(staffed: Office) -> None:
    def broken(session: Session, batch: Batch) -> Outgoing | None:
        if batch.bundle == "alerts":
            raise KeyError("plantilla")
        return draw(session, batch)

    staffed.draw = broken
    await staffed.beat("2026-11-17")
    assert [letter.bundle for letter in staffed.mail.letters] == ["request"]
    assert staffed.tray() == ["trabajo_fallido"]
    staffed.draw = draw
    await staffed.beat("2026-11-17", 9, 5)
    assert [letter.bundle for letter in staffed.teams.letters] == ["alerts"]


async def test_a_permanent_failure_is_dead_and_in_the_tray(staffed: Office) -> None:
    staffed.teams.errors = [Permanent("tarjeta rechazada")]
    await staffed.beat("2026-11-17")
    assert ("R15", "dead", "dead") in staffed.states()
    assert staffed.tray() == ["entrega_fallida"]


async def test_whoever_has_no_teams_gets_the_same_by_mail(staffed: Office) -> None:
    staffed.teams.errors = [Unreachable("nunca instaló la aplicación")]
    await staffed.beat("2026-11-17")
    assert [(letter.reader, letter.subjects) for letter in staffed.mail.letters if letter.bundle == "alerts"] == [
        ("person:1", ("BIO-01",))
    ]
    assert staffed.tray() == ["sin_teams"]


async def test_a_channel_that_is_not_reached_is_dead_not_mailed(staffed: Office) -> None:
    await staffed.beat("2026-11-17")
    staffed.teams.errors = [Unreachable("sin canal")]
    await staffed.beat("2026-11-19")
    assert ("R17", "dead", "dead") in staffed.states()


async def test_nobody_in_the_post_is_seen_in_the_tray_and_told_when_somebody_comes(office: Office) -> None:
    office.fill(lambda core: core.action("BIO-01", due="2026-10-15", initiative=core.initiative(launch="2026-08-15")))
    await office.beat("2026-11-17")
    assert "sin_destinatario" in office.tray()
    office.fill(lambda core: core.person("Lina Leal", "LT", core.first_initiative()))
    await office.beat("2026-11-18")
    assert [letter.subjects for letter in office.teams.letters] == [("BIO-01",)]


async def test_the_message_goes_to_who_holds_the_post_on_the_day_of_sending(staffed: Office) -> None:
    def handover(core: Core) -> None:
        core.session.scalars(select(Holding).where(Holding.post == "LT")).one().until = date(2026, 11, 15)
        core.person("Nora Nueva", "LT", core.first_initiative(), since=date(2026, 11, 16))

    await staffed.beat("2026-11-15")
    staffed.fill(handover)
    await staffed.beat("2026-11-17")
    assert [letter.reader for letter in staffed.teams.letters] == ["person:4"]


async def test_one_person_in_two_posts_gets_the_case_once(staffed: Office) -> None:
    def both_posts(core: Core) -> None:
        core.add(Holding(post="GG", person_id=1, initiative_id=None, since=date(2025, 1, 1)))
        core.person("Gala Gil", "GG")

    staffed.fill(both_posts)
    await staffed.beat("2026-12-16")
    readers = [letter.reader for letter in staffed.teams.letters if letter.bundle == "cases"]
    assert sorted(readers) == ["person:1", "person:4"]


async def test_a_copy_withdrawn_late_leaves_the_notice_told(staffed: Office) -> None:
    staffed.fill(lambda core: core.person("Gala Gil", "GG"))
    await staffed.beat("2026-11-29")
    staffed.teams.errors = []
    await staffed.beat("2026-12-01")
    told = [letter.reader for letter in staffed.teams.letters if letter.bundle == "missing"]
    assert sorted(told) == ["person:2", "person:4"]
    assert ("R11.faltantes", "sent", "sent") in staffed.states()


# --- the queue is disposable ------------------------------------------------------------------------------------------


async def test_a_lost_queue_is_rebuilt_from_the_ledger(staffed: Office) -> None:
    staffed.teams.errors = [_later("2026-11-17", 9)]
    await staffed.beat("2026-11-17")
    staffed.db.do(lambda session: session.execute(delete(Job)))
    await staffed.beat("2026-11-17", 8, 30)
    assert staffed.teams.letters == []
    await staffed.beat("2026-11-17", 9)
    assert len(staffed.teams.letters) == 1


@pytest.mark.parametrize(
    ("rule", "day", "delivery"), [("R15", "2026-11-17", "uncertain"), ("R10", "2026-11-26", "planned")]
)
async def test_what_was_being_sent_when_the_process_ended_is_in_doubt(
    staffed: Office, rule: str, day: str, delivery: str
) -> None:
    await staffed.beat("2026-11-13")

    def sending(session: Session) -> None:
        for row in session.scalars(select(Delivery).where(Delivery.state == "planned")):
            row.state, row.attempts = "sending", 1

    staffed.clock.set(at(day))
    staffed.db.do(record_due, staffed.method, at(day))
    staffed.db.do(staffed.metronome._plan, at(day))
    staffed.db.do(sending)
    staffed.db.do(staffed.deliverer.recover, at(day))
    assert (rule, "uncertain" if delivery == "uncertain" else "planned", delivery) in staffed.states()


class Killed(BaseException):
    """The process is gone."""


class Searched(Wire):
    """A mail system that may be asked what it sent."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.trouble: Exception | None = None

    async def find(self, message_id: str) -> Receipt | None:
        self.asked.append(message_id)
        if self.trouble:
            raise self.trouble
        has_it = any(f"<{letter.batch}>" == message_id for letter in self.letters)
        return Receipt(message_id, "enlace@invima.example") if has_it else None


async def _died_sending(office: Office, *, arrived: bool) -> Searched:
    """A request to an entity was being sent when the process ended; the next life has recovered."""
    wire = Searched()

    async def dies(outgoing: Outgoing) -> Receipt:
        if arrived:
            wire.letters.append(outgoing.payload)
        raise Killed

    office.fill(lambda core: core.action("BIO-02", due="2027-01-15"))
    office.deliverer._ports.senders["mail"] = dies  # type: ignore[index]
    office.clock.set(at("2026-11-11"))
    with pytest.raises(Killed):
        await office.metronome.beat()
    office.deliverer._ports.senders["mail"] = wire  # type: ignore[index]
    await office.metronome.recover()
    return wire


async def test_a_mail_in_doubt_at_start_that_was_sent_is_found_and_counts_as_told(staffed: Office) -> None:
    wire = await _died_sending(staffed, arrived=True)
    assert staffed.tray() == ["entrega_incierta"]
    staffed.clock.set(at("2026-11-11", 9))
    assert await staffed.deliverer.look_for_doubts() == 1
    assert ("R14", "sent", "sent") in staffed.states()
    assert staffed.tray() == []
    (row,) = (one for one in staffed.rows(Delivery) if one.channel == "mail")
    assert (row.sent_at, row.receipt["id"]) == (at("2026-11-11", 9), wire.asked[0])
    (outreach,) = staffed.rows(Outreach)
    assert outreach.message_id == row.batch, (
        "what the letter said of itself is kept, as if it had been sent undisturbed"
    )


@pytest.mark.parametrize("trouble", [None, Throttled("IMAP no atiende", at("2026-11-11", 9)), TimeoutError()])
async def test_a_mail_that_is_not_found_or_cannot_be_looked_for_stays_in_doubt(
    staffed: Office, trouble: Exception | None
) -> None:
    wire = await _died_sending(staffed, arrived=trouble is not None)
    wire.trouble = trouble
    assert await staffed.deliverer.look_for_doubts() == 0
    assert len(wire.asked) == 1
    assert ("R14", "uncertain", "uncertain") in staffed.states()
    assert staffed.tray() == ["entrega_incierta"]


async def test_a_sender_that_cannot_look_leaves_the_doubt_to_a_person(staffed: Office) -> None:
    await _died_sending(staffed, arrived=True)
    staffed.deliverer._ports.senders["mail"] = staffed.mail  # type: ignore[index]
    assert await staffed.deliverer.look_for_doubts() == 0
    assert staffed.tray() == ["entrega_incierta"]


async def test_what_a_person_decided_while_it_was_looked_for_stands(staffed: Office) -> None:
    wire = await _died_sending(staffed, arrived=True)
    (row,) = (one for one in staffed.rows(Delivery) if one.channel == "mail")
    item = next(one for one in staffed.rows(TrayItem) if one.kind == "entrega_incierta")
    looked = wire.find

    async def decided_meanwhile(message_id: str) -> Receipt | None:
        staffed.db.do(lambda s: send_again(s, row.batch, item.id, actor=PLANNING, now=at("2026-11-11", 9)))
        return await looked(message_id)

    wire.find = decided_meanwhile  # type: ignore[method-assign]
    await staffed.deliverer.look_for_doubts()
    assert ("R14", "planned", "planned") in staffed.states()
