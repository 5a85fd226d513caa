"""What people read is in their words: offices, states, receipts, reasons in lines."""

from __future__ import annotations

import re

import pytest

from bot.life_commands import NOUNS
from bot.typed import type_lines
from dialogs.lines import parse_lines
from methodology.operations import OPERATIONS
from methodology.people import actor_of
from methodology.refusals import NotAllowed
from methodology.rules.spanish import plain
from methodology.rules.states import InitiativeState, Post
from tests.bot.stage import words
from tests.peers.core_world import day
from tests.peers.desk_world import DeskWorld

ON = "2026-11-26"


def test_a_post_is_told_by_its_office_whoever_holds_it(world: DeskWorld) -> None:
    world.person("Beatriz Londoño", Post.VICE_MINISTER)
    with pytest.raises(NotAllowed, match="corresponde a: líder técnico, Gerencia General o Planeación") as refused:
        world.says(Post.VICE_MINISTER, ON, "/reunion")
    assert "Viceministro" not in str(refused.value)
    world.action("BIO-01", due="2026-10-15")
    world.live("2026-11-15", "2026-11-19")
    said = world.refused("2026-11-20", "PL", "alerta.acusar", alerta="BIO-01")
    assert said == "Esta operación corresponde a: Viceministerio o despacho ministerial."


def test_a_state_is_told_in_words(world: DeskWorld) -> None:
    world.initiative("biologicos", state=InitiativeState.VALIDATING)
    said = world.refused(ON, "GG", "iniciativa.pausar", iniciativa="biologicos", motivo="Transición de la entidad")
    assert said.endswith("está en estado «en validación de MinCIT»; se requiere en ejecución.")


def test_the_list_of_operations_is_headed_in_words(world: DeskWorld) -> None:
    card = world.says(Post.PLANNING, ON, "/operaciones").card
    said = words(card) + str(card)
    for word in ("Priorización", "Equipo de Alto Nivel", "Cuello de botella"):
        assert word in said
    assert not re.search(r"\b(Priorizacion|Ean|Cuello|Accion|Reunion)\b(?! de)", said)
    assert {one.partition(".")[0] for one in OPERATIONS} >= set(NOUNS)


def test_no_rule_is_named_by_its_number(world: DeskWorld) -> None:
    world.action("BIO-01", due="2026-11-30")
    answer = world.says(Post.PLANNING, ON, "/simular 31/12/2026")
    assert answer.work is not None
    card, _summary = answer.work.draw(world.desk(ON), answer.work.compute())
    assert not re.search(r"\bR\d", words(card))


def test_the_reasons_of_an_alert_stand_in_lines_of_their_own(world: DeskWorld) -> None:
    world.action("BIO-01", due="2026-10-15")
    world.live("2026-11-15", "2026-11-19")
    card = world.says(Post.PLANNING, ON, "/alertas").card
    told = world.presses(Post.PLANNING, ON, card, "¿Por qué?").text.split("\n\n")
    assert len(told) > 1
    assert all(one.endswith(".") for one in told)


def test_the_receipt_lists_what_was_recorded(world: DeskWorld) -> None:
    where = world.initiative("biologicos")
    world.action("BIO-01", due="2027-06-30", initiative=where)
    leader = actor_of(world.session, world.person("Ana Gil", Post.LEADER, where), day(ON))
    line = "BIO-01 100% la guía quedó expedida y publicada, cumplida el 20/11/2026, evidencia: Resolución 120 de 2026"
    answers = type_lines(world.turn(leader, ON), parse_lines(line, day(ON)), line)
    said = " ".join(words(answers[-1].card).split())
    assert "Fecha de cumplimiento 20 de noviembre de 2026" in said
    assert "Evidencia Resolución 120 de 2026" in said


def test_help_of_one_option_says_how_it_is_written_and_whose_it_is(world: DeskWorld) -> None:
    said = words(world.says(Post.LEADER, ON, "/ayuda reunion").card)
    assert "/reunion [INICIATIVA]" in said
    assert "También se escribe: «" in said
    assert "Corresponde a: líder técnico, Gerencia General o Planeación." in said
    assert plain(said).count("/estado") == 0
