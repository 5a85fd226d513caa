"""Joint responsibles (method.md, edge cases): the first is responsible and asked, the others get a copy of the mail."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import storage.tables  # noqa: F401 - its tables belong to the metadata
from bot.drawing.context import Desk, Studio
from bot.drawing.letters import request_letter, unmatched_letter
from bot.links import Links
from bot.settings import Settings
from methodology.clock import SettableClock
from methodology.unmatched import acknowledge
from storage.db import Database
from storage.ledger import InboundMail, Notice
from storage.matrix import Entity
from storage.types import Base
from tests.peers.core_world import Core, at, day


@pytest.fixture
def core() -> Iterator[Core]:
    database = Database("sqlite://")
    Base.metadata.create_all(database.engine)
    with database.begin() as session:
        yield Core(session)
    database.close()


def _copies(core: Core, rule: str = "R14") -> tuple[str, ...]:
    """Who is copied on Invima's request of November."""
    invima = core.entity()
    told = core.add(
        Notice(
            key=rule, rule=rule, subject=invima.name, entity_id=invima.id, period="2026-11", due=day("2026-11-25"),
            recorded_on=day("2026-11-11"), deliver_on=day("2026-11-11"), post="ENT", channel="mail",
            inputs={"period": "2026-11"},
        )
    )  # fmt: skip
    clock, secret = SettableClock(at("2026-11-11", 9)), b"x" * 32
    settings = Settings("a", "b", "t", frozenset(), secret, "soluciones@operador.example", "operador.example")
    studio = Studio(settings, Links(secret, settings.public_url, clock), core.method)
    letter = request_letter(Desk(core.session, studio, "lote", clock.now()), told)
    assert letter.to == (invima.mail,)
    return letter.cc


def _others(core: Core) -> None:
    for name in ("Dimar", "DIAN", "INS"):
        core.add(Entity(name=name, mail=f"enlace@{name.lower()}.example", internal=False))


def test_a_request_without_joint_responsibles_has_no_copies(core: Core) -> None:
    _others(core)
    core.action()
    assert _copies(core) == ()


def test_joint_responsibles_are_copied_once_whatever_the_actions(core: Core) -> None:
    _others(core)
    core.action("BIO-01", joint="Dimar; DIAN")
    core.action("BIO-02", joint="Dimar")
    assert _copies(core) == ("enlace@dian.example", "enlace@dimar.example")
    assert _copies(core, "R14.reiteracion") == ("enlace@dian.example", "enlace@dimar.example")


def test_those_of_actions_that_are_not_asked_about_are_not_copied(core: Core) -> None:
    _others(core)
    core.action("BIO-01", joint="Dimar")
    core.action("BIO-02", joint="INS", state="cumplida")
    core.action("BIO-03", joint="DIAN", entity="Dimar")
    assert _copies(core) == ("enlace@dimar.example",)


def test_a_mail_of_nobodys_request_is_acknowledged_in_its_thread(core: Core) -> None:
    invima, clock = core.entity(), SettableClock(at("2026-11-11", 9))
    mail = core.add(InboundMail(message_id="<mesa@invima.example>", envelope_from="", raw=b"", received_at=clock.now()))
    acknowledge(core.session, "ana@entidad.example", mail.id, day("2026-11-11"), frozenset())
    (told,) = core.notices("R14.recibido")
    settings = Settings("a", "b", "t", frozenset(), b"x" * 32, "soluciones@operador.example", "operador.example")
    studio = Studio(settings, Links(b"x" * 32, settings.public_url, clock), core.method)
    letter = unmatched_letter(Desk(core.session, studio, "lote", clock.now()), [told])
    assert (letter.to, letter.in_reply_to) == (("ana@entidad.example",), "<mesa@invima.example>")
    assert invima.short in letter.text
