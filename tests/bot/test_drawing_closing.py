"""R35, R36, R39 and the resumption, from the row to what a person reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from bot.drawing.context import Studio
from bot.drawing.renderer import Renderer, TeamsPost
from bot.links import Links
from bot.settings import Settings
from mail.gateway import OutgoingMail
from methodology.clock import SettableClock
from methodology.rules.table import RULES
from scheduler.ports import Batch
from storage.ledger import Alert, Notice
from storage.matrix import Initiative, Person
from tests.bot.stage import words
from tests.peers.core_world import Core, at, day
from tests.peers.databases import in_memory

NOW = at("2026-11-18", 9)


class World(Core):
    """The small world with a renderer over it."""

    def draw(self, person: Person, *notices: Notice) -> Any:
        clock, secret = SettableClock(NOW), b"x" * 32
        settings = Settings("a", "b", "t", frozenset(), secret, "soluciones@operador.example", "operador.example")
        studio = Studio(settings, Links(secret, settings.public_url, clock), self.method)
        rule = RULES[notices[0].rule]
        batch = Batch("lote", rule.bundle, f"person:{person.id}", rule.channel, notices, NOW)
        outgoing = Renderer(studio)(self.session, batch)
        assert outgoing is not None
        return outgoing.payload

    def card(self, person: Person, *notices: Notice) -> str:
        post = self.draw(person, *notices)
        assert isinstance(post, TeamsPost)
        return words(post.card)


@pytest.fixture
def world() -> Iterator[World]:
    with in_memory() as database, database.begin() as session:
        yield World(session)


@pytest.fixture
def cafe(world: World) -> Initiative:
    return world.initiative("cafe", launch="2025-05-27")


@pytest.fixture
def planner(world: World) -> Person:
    return world.person("Paz Plana Gómez", "PL")


def test_everything_met_is_a_proposal_that_says_which_command_decides(
    world: World, cafe: Initiative, planner: Person
) -> None:
    world.action("CAF-01", due="2027-06-30", initiative=cafe)
    world.does("2026-11-18", "PL", "accion.cumplida", accion="CAF-01", fecha="2026-11-18", evidencia="Resolución 120")
    said = world.card(planner, *world.notices("R35"))
    assert "Propuesta de cierre" in said
    assert "Todas las acciones de la matriz están cumplidas." in said
    assert "1 de 1 acción" in said
    for part in ("«/cierre cafe»", "Abrir el cierre", "¿Por qué?"):
        assert part in said


def test_the_term_is_announced_with_its_day_and_its_beginning(world: World, cafe: Initiative, planner: Person) -> None:
    world.action("CAF-01", due="2027-06-30", starts=day("2025-06-15"), initiative=cafe)
    world.sweep("2026-09-28")
    said = world.card(planner, *world.notices("R36"))
    assert "Cierre en 9 días" in said
    assert "cumple 18 meses en ejecución el 27 de noviembre de 2026" in said
    assert "Lanzamiento 27 de mayo de 2025" in said
    cafe.overrides = {"cierre.inicio": "primera_accion"}
    assert "Inicio de la primera acción 15 de junio de 2025" in world.card(planner, *world.notices("R36"))


def _resumed(world: World, cafe: Initiative) -> Notice:
    world.action("CAF-01", due="2026-09-30", initiative=cafe)
    world.does("2026-10-20", "GG", "iniciativa.pausar", iniciativa="cafe", motivo="Cambio de estructura")
    world.does("2026-11-18", "GG", "iniciativa.reanudar", iniciativa="cafe", hour=8)
    world.live("2026-11-18")
    return world.notices("reanudacion")[0]


def test_the_digest_of_a_pause_carries_what_fell_due_and_when_it_rises(world: World, cafe: Initiative) -> None:
    leader = world.person("Lina Leal Ortiz", "LT", cafe)
    said = world.card(leader, _resumed(world, cafe))
    assert "Respetada doctora Leal:" in said
    assert "20 de octubre de 2026" in said
    assert "29 días" in said
    assert "Expedir la guía CAF-01" in said
    assert "CAF-01 venció el 30 de septiembre de 2026" in said
    assert "a partir del 20 de noviembre de 2026" in said


def test_the_copy_that_goes_later_carries_the_same(world: World, cafe: Initiative, planner: Person) -> None:
    """The leader's was told by now: what it carried counts as sent and stays in the digest."""
    digest = _resumed(world, cafe)
    assert digest.state == "sent"
    assert "CAF-01" in world.card(planner, digest)


def test_an_alert_closed_before_the_digest_goes_is_left_out(world: World, cafe: Initiative, planner: Person) -> None:
    digest = _resumed(world, cafe)
    for alert in world.all(Alert):
        alert.state = "cerrada"
    assert "R15" not in world.card(planner, digest)


def test_mincit_is_asked_formally_to_validate_a_candidate(world: World) -> None:
    holder = world.person("Vera Vico Ruiz", "VM")
    given = {"nombre": "Hidrógeno verde", "origen": "Colombia Productiva", "motivo": "Cadena con potencial exportador."}
    world.does("2026-11-18", "GG", "iniciativa.proponer", **given, fase_ii="sí")
    world.does("2026-11-18", "GG", "iniciativa.solicitar_validacion", iniciativa="hidrogeno_verde")
    letter = world.draw(holder, *world.notices("R39"))
    assert isinstance(letter, OutgoingMail)
    assert letter.to == (holder.mail,)
    assert letter.subject == (
        "Soluciones por la Reindustrialización – Solicitud de validación de la iniciativa candidata Hidrógeno verde"
    )
    for said in (
        "Respetada señora Viceministra:", "Cordial saludo.", "Hidrógeno verde", "Fase II",
        "Cadena con potencial exportador.", "de manera atenta solicitamos", "Atentamente,",
    ):  # fmt: skip
        assert said in letter.text
        assert said in letter.html
