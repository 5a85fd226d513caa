from __future__ import annotations

import asyncio
from datetime import timedelta

from core_world import Core, at
from office import Office
from sqlalchemy import func, select

from methodology.clock import local
from methodology.delivery import Throttled
from scheduler.metronome import BEAT_MINUTES, Metronome, scheduled
from storage.ledger import Delivery, Tick


def _replicas(office: Office, beats: list[str], count: int = 5) -> list[Metronome]:
    def extra(name: str) -> Metronome:
        return Metronome(
            office.db, office.clock, office.method, office.deliverer, office.jobs,
            (lambda _session, _method, _now: beats.append(name),),
        )  # fmt: skip

    return [extra(str(number)) for number in range(count)]


async def test_several_replicas_one_beat(either_office: Office) -> None:
    beats: list[str] = []
    replicas = _replicas(either_office, beats)
    await asyncio.gather(*(replica.tick() for replica in replicas))
    await asyncio.gather(*(replica.tick() for replica in replicas))
    assert len(beats) == 1


async def test_the_next_five_minutes_are_won_anew(office: Office) -> None:
    beats: list[str] = []
    replicas = _replicas(office, beats, 2)
    for minute in (0, 4, 5, 9, 10):
        office.clock.set(at("2026-11-03", 8, minute))
        for replica in replicas:
            await replica.tick()
    assert len(beats) == 3


async def test_slots_are_forgotten_after_a_week(office: Office) -> None:
    replica = _replicas(office, [], 1)[0]
    for days in range(10):
        office.clock.set(at("2026-11-03") + timedelta(days=days))
        await replica.tick()
    kept = office.db.do(lambda session: session.scalar(select(func.count()).select_from(Tick)))
    assert kept == 8


def _overdue(core: Core) -> None:
    core.person("Lina Leal", "LT", core.initiative(launch="2026-11-02"))
    core.action("BIO-01", due="2026-10-15")
    core.action("BIO-02", due="2026-10-20")
    core.action("BIO-03", due="2026-12-04")


async def test_days_the_service_was_down_are_one_consolidated_message(office: Office) -> None:
    office.fill(_overdue)
    await office.beat("2026-11-10")
    office.clock.set(at("2026-11-24", 9))
    await office.metronome.start_up()
    assert [set(letter.subjects) for letter in office.teams.letters] == [{"BIO-01", "BIO-02", "BIO-03"}]


async def test_a_service_down_through_the_window_opens_it_in_one_message(office: Office) -> None:
    office.fill(_overdue)
    await office.beat("2026-11-25")
    office.teams.letters.clear()
    await office.beat("2026-11-30")
    theirs = [letter.bundle for letter in office.teams.letters if letter.reader == "person:1"]
    assert theirs == ["opening", "meeting-suggestion"], "one message of the window; the other is R25's, about the alert"


async def test_beating_twice_or_late_sends_nothing_twice(office: Office) -> None:
    office.fill(_overdue)
    for minute in (0, 1, 5, 5, 59):
        await office.beat("2026-11-24", 9, minute)
    assert len(office.teams.letters) == 1
    assert len(office.mail.letters) == 1


async def test_what_follows_from_a_message_goes_in_the_same_beat(either_office: Office) -> None:
    office = either_office
    office.fill(_overdue)
    office.fill(lambda core: core.person("Vera Vico", "VM"))
    await office.beat("2026-11-16")
    await office.beat("2026-11-17")
    await office.beat("2026-11-19")
    bundles = [letter.bundle for letter in office.teams.letters]
    assert bundles.count("escalation") == 1
    assert bundles[-1] == "pointer"


async def test_start_up_accounts_for_doubt_before_it_sends(office: Office) -> None:
    office.fill(_overdue)
    office.teams.errors = [Throttled("429", at("2026-11-17", 9))]
    await office.beat("2026-11-17")

    def dying(core: Core) -> None:
        row = core.session.scalars(select(Delivery).where(Delivery.state == "planned")).one()
        row.state = "sending"

    office.fill(dying)
    office.clock.set(at("2026-11-17", 10))
    await office.metronome.start_up()
    assert office.teams.letters == []
    assert "entrega_incierta" in office.tray()


async def test_the_clock_beats_every_five_minutes_in_bogota_and_keeps_nothing() -> None:
    async def tick() -> None: ...

    scheduler = scheduled(tick)
    job = scheduler.get_jobs()[0] if scheduler.running else scheduler._pending_jobs[0][0]
    first = job.trigger.get_next_fire_time(None, at("2026-11-03", 8, 1))
    second = job.trigger.get_next_fire_time(first, first + timedelta(seconds=1))
    assert local(first) == at("2026-11-03", 8, 5)
    assert second - first == timedelta(minutes=BEAT_MINUTES)
    assert (job.coalesce, job.max_instances) == (True, 1)
