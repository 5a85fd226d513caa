"""`/entidad`: how an entity has answered, its silence, and what may be recorded of it."""

from __future__ import annotations

import pytest

from methodology.outreaches import record_outreach
from methodology.rules.states import Post
from storage.ledger import Silence
from storage.matrix import Entity
from tests.bot.stage import words
from tests.peers.core_world import day
from tests.peers.desk_world import DeskWorld, titles

ON = "2026-11-23"
DIAN = "Dirección de Impuestos y Aduanas Nacionales (DIAN)"


@pytest.fixture
def asked(world: DeskWorld) -> DeskWorld:
    """October was answered in two days, September not at all; November is being asked."""
    world.action("BIO-01", due="2027-10-31")
    world.action("BIO-02", due="2027-10-31", entity=DIAN)
    world.action("BIO-03", due="2027-10-31", entity="Operador", initiative=world.first_initiative())
    for month, on, answered in (("2026-09", "2026-09-11", None), ("2026-10", "2026-10-13", "2026-10-15")):
        row = record_outreach(world.session, world.entity().id, month, "solicitud", day(on), token="")
        row.answered_on = day(answered) if answered else None
    world.live("2026-11-11", "2026-11-20")
    return world


def test_one_entitys_card_counts_and_offers(asked: DeskWorld) -> None:
    card = asked.says(Post.PLANNING, ON, "/entidad Invima").card
    said = words(card)
    for part in ("enlace@entidad.example", "2 días (mediana)", "2 acercamientos, el último el 20/11/2026"):
        assert part in said
    assert {"Registrar un acercamiento", "Corregir el correo", "Registrar la fecha prometida"} <= set(titles(card))


def test_what_waits_says_until_when(asked: DeskWorld) -> None:
    asked.all(Silence)[0].away_until = day("2026-11-25")
    assert "se espera hasta el 25 de noviembre de 2026" in words(asked.says(Post.PLANNING, ON, "/entidad Invima").card)


def test_all_of_them_the_most_silent_first_and_each_opens(asked: DeskWorld) -> None:
    card = asked.says(Post.PLANNING, ON, "/entidad").card
    said = words(card)
    assert "3 solicitudes · 1 respondida · mediana 2 días · 1 ciclo sin respuesta · 1 reiteración" in said
    assert said.index("Invima") < said.index("DIAN")
    assert "enlace@entidad.example" in words(asked.presses(Post.PLANNING, ON, card, "Abrir").card)


def test_the_operator_itself_has_no_figures(asked: DeskWorld) -> None:
    asked.add(Entity(name="Colombia Productiva", mail="pl@operador.example", internal=True))
    said = words(asked.says(Post.PLANNING, ON, "/entidad Colombia Productiva").card)
    assert "Se consulta por su líder técnico" in said
    assert "mediana" not in said


def test_before_any_request_it_says_so(world: DeskWorld) -> None:
    world.action("BIO-01", due="2027-10-31")
    assert "Todavía no se le ha enviado una solicitud." in words(world.says(Post.LEADER, ON, "/entidad Invima").card)
    assert "Todavía no se ha enviado una solicitud." in words(world.says(Post.PLANNING, ON, "/entidades").card)
