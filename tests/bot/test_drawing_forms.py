"""What a form offers, and what a card offers to be done: only what fits, prefilled with the best guess."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.operations import show_form
from methodology import tray
from methodology.operations import find
from methodology.rules.states import Post
from storage.ledger import Alert, HighLevelCase, InboundMail, TrayItem
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


def test_the_form_that_answers_a_question_shows_it_and_proposes_the_progress_since(world: DeskWorld) -> None:
    world.action("BIO-01", due="2026-10-15")
    world.live("2026-11-15", "2026-11-19")
    world.does("2026-11-20", "VM", "alerta.informacion", alerta="BIO-01", texto="¿Qué falta para la firma?")
    given = {"alerta": str(world.all(Alert)[0].id)}

    def note() -> dict[str, Any]:
        return show_form(world.turn(Post.PLANNING, "2026-11-24"), find("alerta.anotar"), given).card or {}

    assert "¿Qué falta para la firma?" in words(note())
    assert "Avance registrado" not in words(note())
    answer = {"avance": "80", "texto": "La guía está para la firma del director."}
    world.does("2026-11-23", "PL", "accion.seguimiento", accion="BIO-01", mes="2026-11", **answer)
    proposed = "Avance registrado el 23 de noviembre de 2026: 80\u00a0%. La guía está para la firma del director."
    assert proposed in words(note())
    world.does("2026-11-24", "PL", "alerta.anotar", alerta="BIO-01", nota=proposed)
    assert "¿Qué falta para la firma?" not in words(note())


def test_a_form_that_assigns_a_mail_shows_it_with_its_figure(world: DeskWorld) -> None:
    world.action("BIO-01", entity="Instituto Uno (Uno)")
    values = {"message_id": "<m@x>", "envelope_from": "a@b.example", "raw": b"", "text": "BIO-01 va en 60 %, en firma."}
    mail = world.add(InboundMail(received_at=at(ON), **values))
    detail = {"mail_id": mail.id, "from": "a@b.example", "subject": "Avance", "figures": {"BIO-01": 60.0}}
    tray.put(world.session, "correo_por_clasificar", "1", "Correo", detail, at(ON))
    item = world.all(TrayItem)[0]
    form = show_form(world.turn(Post.PLANNING, ON), find("asunto.accion"), {"asunto": str(item.id)}).card
    for part in ("De: a@b.example", "Asunto: Avance", "BIO-01 va en 60 %, en firma."):
        assert part in words(form)
    assert choice(form, "accion")["value"] == "BIO-01"
    assert '"value": "60"' in json.dumps(form)
