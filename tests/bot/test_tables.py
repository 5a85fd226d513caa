"""Several actions on one card (R11): what is written is registered, what is wrong stays, nobody is overwritten."""

from __future__ import annotations

from typing import Any

from bot import tables
from methodology.people import actor_of
from methodology.rules.states import Post
from tests.bot.stage import Stage, words
from tests.bot.test_road_leader import LEADER, OPENING, recorded
from tests.peers.desk_world import DeskWorld

FIRST = "El borrador pasó a revisión del equipo jurídico."


async def _table(stage: Stage) -> dict[str, Any]:
    await stage.on(OPENING)
    card = stage.card(LEADER, having="Varias a la vez")
    await stage.press(LEADER, card, "Varias a la vez")
    return _now(stage, card)


def _now(stage: Stage, card: dict[str, Any]) -> dict[str, Any]:
    return next(message for message in stage.cards(LEADER) if message["id"] == card["id"])


async def test_the_rows_that_were_written_are_registered_together(stage: Stage) -> None:
    card = await _table(stage)
    typed = {"percent_AST-03": 60, "text_AST-03": FIRST, "percent_AST-04": 75, "text_AST-04": FIRST + " Sin ajustes."}
    await stage.press(LEADER, card, "Guardar lo cambiado", **typed)
    assert (recorded(stage, "AST-03").percent, recorded(stage, "AST-04").percent) == (60, 75)
    said = words(_now(stage, card))
    assert "**Registrado.** AST-03, AST-04. 2 registradas. 3 quedaron como estaban." in said
    assert "AST-05" in said


async def test_a_wrong_row_keeps_what_was_typed_and_holds_no_other_back(stage: Stage) -> None:
    card = await _table(stage)
    typed = {"percent_AST-03": 160, "text_AST-03": FIRST, "percent_AST-04": 75, "text_AST-04": FIRST}
    await stage.press(LEADER, card, "Guardar lo cambiado", **typed)
    assert recorded(stage, "AST-03") is None
    assert recorded(stage, "AST-04").percent == 75
    said = words(_now(stage, card))
    assert "**Registrado.** AST-04." in said
    assert FIRST in said


async def test_a_row_that_the_method_refuses_is_not_called_registered(stage: Stage) -> None:
    card = await _table(stage)
    await stage.press(
        LEADER, card, "Guardar lo cambiado", **{"percent_AST-03": 10, "text_AST-03": FIRST}
    )  # a fall has no reason here
    assert recorded(stage, "AST-03") is None
    said = words(_now(stage, card))
    assert "Registrado" not in said
    assert "motivo" in said


async def test_what_somebody_else_registered_meanwhile_is_not_overwritten(stage: Stage) -> None:
    card = await _table(stage)
    await stage.sala.say("pl", "/ronda astilleros")
    other = stage.card("pl", having="AST-03")
    await stage.press(
        "pl", other, "Guardar y seguir", percent=60, text="Planeación registra lo que informó la entidad."
    )
    await stage.press(LEADER, card, "Guardar lo cambiado", **{"percent_AST-03": 70, "text_AST-03": FIRST})
    assert recorded(stage, "AST-03").percent == 60
    assert "**Ya estaba registrado; no se cambió.** AST-03." in words(_now(stage, card))


async def test_a_number_without_its_text_is_asked_for_and_kept(stage: Stage) -> None:
    card = await _table(stage)
    await stage.press(LEADER, card, "Guardar lo cambiado", **{"percent_AST-03": 61})
    assert recorded(stage, "AST-03") is None
    assert "Revise las filas señaladas" in words(_now(stage, card))
    assert "61" in words(_now(stage, card))


async def test_a_save_that_changes_nothing_says_so(stage: Stage) -> None:
    card = await _table(stage)
    await stage.press(LEADER, card, "Guardar lo cambiado")
    assert "**Sin cambios.** Ninguna fila se cambió ni se marcó." in words(_now(stage, card))


async def test_what_was_written_and_not_saved_is_kept_when_the_page_is_turned(stage: Stage) -> None:
    card = await _table(stage)
    await stage.press(LEADER, card, "Siguientes", **{"percent_AST-03": 60, "text_AST-03": FIRST})
    assert "**Aún no se registró.** AST-03: lo que escribió se conserva" in words(_now(stage, card))
    await stage.press(LEADER, card, "Anteriores")
    assert recorded(stage, "AST-03") is None
    said = words(_now(stage, card))
    assert FIRST in said
    assert "Lo escrito aquí aún no se registró" in said
    assert said.count("Lo escrito aquí") == 1
    await stage.press(LEADER, card, "Guardar lo cambiado", **{"percent_AST-03": 60, "text_AST-03": FIRST})
    assert recorded(stage, "AST-03").percent == 60


async def test_what_was_written_in_a_row_stands_on_the_card_of_its_action(stage: Stage) -> None:
    card = await _table(stage)
    await stage.press(LEADER, card, "Una por una", **{"text_AST-03": FIRST})
    said = words(_now(stage, card))
    assert FIRST in said
    assert "**AST-03 aún no se registró.**" in said
    assert "Anterior:" in said


def test_a_page_with_a_wrong_row_is_shown_again_though_another_row_was_registered(world: DeskWorld) -> None:
    own = world.initiative("biologicos")
    for number in range(1, 8):
        world.action(f"BIO-0{number}", due="2027-06-30", initiative=own)
    ana = actor_of(world.session, world.person("Ana Gil", Post.LEADER, own), OPENING)
    asked = {"initiative": own.id, "month": "2026-11", "first": 5}
    page = tables.show(world.turn(ana, OPENING.isoformat()), asked).card
    typed = {"percent_BIO-06": "160", "text_BIO-06": FIRST, "percent_BIO-07": "75", "text_BIO-07": FIRST}
    said = words(world.presses(ana, OPENING.isoformat(), page, "Guardar lo cambiado", **typed).card)
    assert "**Registrado.** BIO-07." in said
    assert "Revise las filas señaladas" in said
