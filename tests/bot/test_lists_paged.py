"""Lists that are longer than a card: every line is on one page, and the pages lead to each other."""

from __future__ import annotations

from typing import Any

import pytest

from cards.tray import PAGE
from methodology import tray
from methodology.entity_figures import EntityFigures
from methodology.people import actor_of
from methodology.refusals import NotAllowed
from methodology.rules.states import Post
from storage.ledger import CardAction, TrayItem
from storage.matrix import Entity
from tests.bot.stage import words
from tests.peers.core_world import at, day
from tests.peers.desk_world import DeskWorld, titles, tokens

ON = "2026-11-26"
LONG = "Expedir la guía de buenas prácticas de manufactura, con su consulta pública y su divulgación entre los gremios"


def pages(world: DeskWorld, first: Any, title: str) -> list[str]:
    """What each page says, turned by that button to the end."""
    found = [first]
    while title in titles(found[-1]):
        found.append(world.presses(Post.PLANNING, ON, found[-1], title).card)
    return [words(page) for page in found]


@pytest.fixture
def many(world: DeskWorld) -> list[str]:
    """Forty actions, all overdue by a month on the 26th, and some still to come."""
    world.initiative("biologicos")
    codes = [f"BIO-{number:02}" for number in range(1, 41)]
    for code in codes:
        world.action(code, due="2026-10-15", text=f"{LONG} {code}.")
    world.live("2026-11-15", "2026-11-16")
    return codes


@pytest.mark.parametrize("order", ["/pendientes", "/alertas", "/alertas biologicos"])
def test_every_line_of_a_long_list_stands_on_one_of_its_pages(world: DeskWorld, many: list[str], order: str) -> None:
    card = world.says(Post.PLANNING, ON, order).card
    there = pages(world, card, "Siguientes")
    assert len(there) > 1
    assert [sum(f"**{code}**" in page for page in there) for code in many] == [1] * 40
    assert f"Se muestran 1 a {sum(f'**{code}**' in there[0] for code in many)} de 40." in there[0]
    last = world.presses(Post.PLANNING, ON, card, "Siguientes").card
    assert words(world.presses(Post.PLANNING, ON, last, "Anteriores").card) == there[0]


def test_every_entity_stands_on_one_page(world: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = [world.add(Entity(name=f"Entidad {n:02}", mail=f"e{n}@entidad.example")) for n in range(23)]
    world.session.flush()
    own = {one.id: EntityFigures(asked=2, answered=1, days=3.0, silent=1, reminders=0) for one in asked}
    monkeypatch.setattr("bot.life_commands.figures", lambda *_: own)
    card = world.says(Post.PLANNING, ON, "/entidad").card
    there = pages(world, card, "Siguientes")
    assert [sum(one.name in page for page in there) for one in asked] == [1] * 23
    assert "Se muestran 1 a 10 de 23." in there[0]
    assert "matriz" not in there[0]


def _items(world: DeskWorld, number: int) -> list[TrayItem]:
    for one in range(number):
        detail = {"motivo": f"{LONG} {one:02}"}
        tray.put(world.session, "entrega_parada", str(one), f"Asunto {one:02}", detail, at(ON))
    return world.all(TrayItem)


def test_the_tray_turns_its_pages_and_stays_on_the_page_where_something_was_settled(world: DeskWorld) -> None:
    _items(world, 30)
    card = world.says(Post.PLANNING, ON, "/bandeja").card
    there = pages(world, card, "Siguientes")
    assert [sum(f"Asunto {one:02}" in page for page in there) for one in range(30)] == [1] * 30
    second = world.presses(Post.PLANNING, ON, card, "Siguientes").card
    one = world.presses(Post.PLANNING, ON, second, "Abrir").card
    assert f"{LONG} 10" in words(one)
    assert words(world.presses(Post.PLANNING, ON, one, "Volver a la bandeja").card) == there[1]
    after = world.presses(Post.PLANNING, ON, one, "Marcar resuelto").card
    assert "Bandeja: 29 asuntos" in words(after)
    assert "Se muestran 11 a 20 de 29." in words(after)


def test_only_the_lines_of_the_page_are_drawn(world: DeskWorld) -> None:
    _items(world, 30)
    card = world.says(Post.PLANNING, ON, "/bandeja").card
    made = world.all(CardAction)
    assert len([one for one in made if one.verb == "tray.open"]) == len(tokens(card, "Abrir")) == PAGE
    assert len(made) == PAGE + 1


def test_an_old_card_of_the_tray_changes_nothing_and_says_so(world: DeskWorld) -> None:
    item, _other = _items(world, 2)
    listed = world.says(Post.PLANNING, ON, "/bandeja").card
    old = world.presses(Post.PLANNING, ON, listed, "Abrir").card
    tray.resolve(world.session, item.id, "Se corrigió", actor=world.actor(Post.PLANNING), now=at(ON))
    resolution = item.resolution
    for card, title in ((old, "Marcar resuelto"), (listed, "Abrir")):
        again = world.presses(Post.PLANNING, ON, card, title).card
        assert f"Sin cambios.** Ese asunto ya se resolvió: {resolution}." in words(again)
        assert "Asunto 01" in words(again)
        assert "Asunto 00" not in words(again)
    assert item.resolution == resolution


def test_a_mail_without_a_subject_says_so(world: DeskWorld) -> None:
    detail = {"mail_id": 1, "from": "ana@invima.example", "subject": ""}
    tray.put(world.session, "correo_por_clasificar", "1", "Respuesta por confirmar", detail, at(ON))
    tray.put(world.session, "correo_por_clasificar", "2", "Correo que no se pudo leer", {"mail_id": 2}, at(ON))
    listed = words(world.says(Post.PLANNING, ON, "/bandeja").card)
    assert listed.count("(sin asunto)") == 1
    assert "ana@invima.example · (sin asunto)" in listed


def test_a_mail_that_asks_for_a_new_date_opens_its_form(world: DeskWorld) -> None:
    world.action("BIO-01", due="2026-12-15")
    wants = {"accion": "BIO-01", "fecha": "2027-03-30", "motivo": "Para la BIO-01 solicitamos plazo"}
    tray.put(world.session, "correo_por_clasificar", "1", "Invima solicita plazo", {"wants": wants}, at(ON))
    shown = world.presses(Post.PLANNING, ON, world.says(Post.PLANNING, ON, "/bandeja").card, "Abrir").card
    form = str(world.presses(Post.PLANNING, ON, shown, "Cambiar la fecha").card)
    assert "2027-03-30" in form
    assert "Para la BIO-01 solicitamos plazo" in form


def test_a_form_is_not_opened_about_what_is_settled(world: DeskWorld) -> None:
    person = world.person("Carolina Suárez", Post.PLANNING)
    tray.put(world.session, "correo_por_clasificar", "1", "Correo sin solicitud reconocida", {}, at(ON))
    item = world.all(TrayItem)[0]
    old = world.presses(Post.PLANNING, ON, world.says(Post.PLANNING, ON, "/bandeja").card, "Abrir").card
    tray.resolve(world.session, item.id, "Publicidad", actor=actor_of(world.session, person, day(ON)), now=at(ON))
    answer = world.presses(Post.PLANNING, ON, old, "Descartar")
    assert "No se realizó.** Ese asunto ya se resolvió: Publicidad" in words(answer.card)
    assert "Registrar" not in titles(answer.card)


def test_a_leader_sees_the_alerts_of_the_own_initiatives(world: DeskWorld) -> None:
    own, other = world.initiative("biologicos"), world.initiative("astilleros")
    world.action("BIO-01", due="2026-10-15", initiative=own)
    world.action("AST-01", due="2026-10-15", initiative=other)
    world.live("2026-11-15", "2026-11-16")
    leader = actor_of(world.session, world.person("Ana Gil", Post.LEADER, own), day(ON))
    card = world.says(leader, ON, "/alertas").card
    assert "1 alerta en curso Biologicos" in " ".join(words(card).split())
    assert "AST-01" not in words(card)
    with pytest.raises(NotAllowed, match="de esa iniciativa"):
        world.says(leader, ON, "/alertas astilleros")
    assert "2 alertas en curso" in words(world.says(Post.VICE_MINISTER, ON, "/alertas").card)
