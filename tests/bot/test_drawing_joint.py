"""Joint responsibles (method.md, edge cases): the first is responsible and asked, the others get a copy of the mail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

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


def test_supporting_entities_are_copied_by_name_or_acronym_and_the_operator_is_not(core: Core) -> None:
    _others(core)
    core.add(Entity(name="Instituto Nacional de Metrología (INM)", mail="enlace@inm.example", internal=False))
    core.add(Entity(name="Colombia Productiva", mail="pl@operador.example", internal=True))
    core.action("BIO-01", joint="DIAN", supporting="INM; Dimar; Colombia Productiva; Gremio de Laboratorios")
    assert _copies(core) == ("enlace@dian.example", "enlace@dimar.example", "enlace@inm.example")


def test_who_signs_and_the_privacy_notice_are_the_settings(core: Core) -> None:
    values = {
        "mail_office": "Oficina de Seguimiento",
        "mail_signer": "Carolina Suárez",
        "mail_signer_post": "Gerente",
        "privacy_notice": "Aviso propio, Ley 1581 de 2012.",
        "privacy_notice_url": "https://operador.example/datos",
    }
    core.action("BIO-01")
    settings = Settings("a", "b", "t", frozenset(), b"x" * 32, "soluciones@operador.example", "operador.example")
    clock = SettableClock(at("2026-11-11", 9))
    studio = Studio(replace(settings, **values), Links(b"x" * 32, settings.public_url, clock), core.method)
    core.live("2026-11-11")
    letter = request_letter(Desk(core.session, studio, "lote", clock.now()), core.notices("R14")[0])
    for body in (letter.text, letter.html):
        assert [value for value in values.values() if value not in body] == []
        assert "únicamente para el seguimiento" not in body


def test_a_mail_of_nobodys_request_is_acknowledged_in_its_thread(core: Core) -> None:
    invima, clock = core.entity(), SettableClock(at("2026-11-11", 9))
    mail = core.add(InboundMail(message_id="<mesa@invima.example>", envelope_from="", raw=b"", received_at=clock.now()))
    acknowledge(core.session, "ana@entidad.example", mail.id, day("2026-11-11"))
    (told,) = core.notices("R14.recibido")
    settings = Settings("a", "b", "t", frozenset(), b"x" * 32, "soluciones@operador.example", "operador.example")
    studio = Studio(settings, Links(b"x" * 32, settings.public_url, clock), core.method)
    letter = unmatched_letter(Desk(core.session, studio, "lote", clock.now()), [told])
    assert (letter.to, letter.in_reply_to) == (("ana@entidad.example",), "<mesa@invima.example>")
    assert invima.short in letter.text
