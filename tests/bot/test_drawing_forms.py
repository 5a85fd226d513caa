"""What a form offers, and what a card offers to be done: only what fits, prefilled with the best guess."""

from __future__ import annotations

from typing import Any

import pytest

from methodology import tray
from methodology.rules.states import Post
from storage.ledger import HighLevelCase, InboundMail
from tests.bot.stage import words
from tests.peers.core_world import at
from tests.peers.desk_world import DeskWorld, titles

ON = "2026-11-24"


def choice(card: Any, name: str) -> dict[str, Any]:
    """The drop-down of that name."""
    return next(one for one in card["body"] if one.get("id") == name)


def keys(card: Any, name: str) -> list[str]:
    return [one["value"] for one in choice(card, name)["choices"]]


@pytest.fixture
def case(world: DeskWorld) -> HighLevelCase:
    world.action("BIO-01", due="2026-09-22")
    world.action("BIO-09", due="2027-06-30")
    world.live("2026-11-22", "2026-11-23")
    return world.all(HighLevelCase)[0]


def test_the_outcome_of_a_case_offers_its_own_actions(world: DeskWorld, case: HighLevelCase) -> None:
    case.state = "medidas_ejecutadas"
    card = world.says(Post.LEADER, ON, "/caso biologicos").card
    form = world.presses(Post.LEADER, ON, card, "Registrar resultado").card
    assert keys(form, "accion") == ["BIO-01"]


def test_a_case_card_says_what_is_missing_instead_of_a_button_that_would_only_explain_it(
    world: DeskWorld, case: HighLevelCase
) -> None:
    card = world.says(Post.MANAGEMENT, ON, "/caso biologicos").card
    assert "Dar por surtida" not in titles(card)
    assert "Todavía no procede" in words(card)
    assert "Para darla por surtida falta: al menos una medida" in words(card)
    assert "Definir una medida" in titles(card)


def test_a_launched_initiative_is_not_launched_again(world: DeskWorld) -> None:
    world.initiative("biologicos")
    card = world.says(Post.PLANNING, ON, "/lanzamiento biologicos").card
    assert "Biologicos se lanzó el 15 de enero de 2026" in words(card)
    form = world.presses(Post.PLANNING, ON, card, "Continuar", operation="reunion.preparar").card
    assert keys(form, "clase") == ["logros"]


def test_a_mail_of_the_tray_is_assigned_with_its_senders_action_at_hand(world: DeskWorld) -> None:
    world.action("BIO-01", entity="Instituto Uno (Uno)")
    world.action("BIO-02", entity="Instituto Dos (Dos)")
    values = {"message_id": "<m@x>", "envelope_from": "a@b.example", "raw": b"", "text": "Ya está en firma."}
    mail = world.add(InboundMail(received_at=at(ON), entity_id=world.entity("Instituto Dos (Dos)").id, **values))
    tray.put(world.session, "correo_por_clasificar", "1", "Correo", {"mail_id": mail.id}, at(ON))
    card = world.says(Post.PLANNING, ON, "/bandeja").card
    card = world.presses(Post.PLANNING, ON, card, "Abrir").card
    form = world.presses(Post.PLANNING, ON, card, "Asignar a una acción").card
    assert keys(form, "accion") == ["BIO-02", "BIO-01"]
    assert choice(form, "accion")["value"] == "BIO-02"
