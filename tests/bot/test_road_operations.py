"""The table of operations through the front door: a form, its mistakes, what it does, who may, and once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from methodology.actions import find
from methodology.operations import OPERATIONS
from storage.history import Deed
from storage.ledger import Alert, Notice
from tests.bot.stage import Stage, words

DATE_TITLE = OPERATIONS["accion.fecha"].title
SAVE = "Registrar"
GO_ON = "Continuar"
CHANNEL = "escalamiento"
REASON = "Se amplió la consulta pública por solicitud de los gremios"


async def form_of(stage: Stage, person: str, order: str, title: str) -> dict[str, Any]:
    await stage.sala.say(person, order)
    await stage.press(person, stage.cards(person)[-1], title)
    return stage.cards(person)[-1]


def deeds(stage: Stage) -> list[tuple[str, str, str]]:
    return stage.read(lambda session: [(row.operation, row.author, row.post) for row in session.scalars(select(Deed))])


async def test_a_form_shows_what_it_lacks_keeps_what_was_typed_and_then_does_it(stage: Stage) -> None:
    form = await form_of(stage, "pl", "/accion AST-04", DATE_TITLE)
    assert "Publicar proyecto de actualización" in words(form)
    await stage.press("pl", form, SAVE, fecha="2026-10-20", motivo=REASON)
    again = stage.cards("pl")[-1]
    assert "Revise." in words(again)
    assert "no puede ser anterior a hoy" in words(again)
    assert REASON in str(again)
    assert deeds(stage) == []
    await stage.press("pl", again, SAVE, fecha="2026-12-18", motivo=REASON)
    assert "Registrado" in words(stage.cards("pl")[-1])
    assert stage.read(find, "AST-04").due == date(2026, 12, 18)
    assert deeds(stage) == [("accion.fecha", "Carolina Suárez Peña", "PL")]


async def test_a_pressed_form_pressed_again_does_nothing_twice(stage: Stage) -> None:
    form = await form_of(stage, "pl", "/accion CYC-10", DATE_TITLE)
    planning = next(person for person in stage.sala.config.people if person.key == "pl")
    verb, data = stage.sala.teams.own_data(planning, form["id"], None, SAVE)
    await stage.sala.teams.act(planning, form["id"], verb, data | {"fecha": "2026-12-18"})
    version = stage.read(find, "CYC-10").due_version
    outcome = await stage.sala.teams.act(planning, form["id"], verb, data | {"fecha": "2026-12-29"})
    assert "Ya se registró (Carolina Suárez Peña)" in str(outcome)
    action = stage.read(find, "CYC-10")
    assert (action.due, action.due_version, len(deeds(stage))) == (date(2026, 12, 18), version, 1)


async def test_who_does_not_hold_the_post_is_told_to_whom_it_belongs(stage: Stage) -> None:
    await stage.sala.say("lt-astilleros", "/accion BIO-07")
    card = stage.cards("lt-astilleros")[-1]
    assert DATE_TITLE not in words(card)
    await stage.sala.say("lt-astilleros", "/pausar biológicos por transición")
    assert "corresponde a: Gerencia General o Planeación" in words(stage.sala.messages("lt-astilleros")[-1])
    await stage.sala.say("vm", "/oficio Invima")
    assert "corresponde a: líder técnico o Planeación" in words(stage.sala.messages("vm")[-1])


async def test_the_leader_of_another_initiative_is_refused_by_the_form_itself(stage: Stage) -> None:
    await stage.sala.say("lt-astilleros", "/operaciones")
    listed = stage.cards("lt-astilleros")[-1]
    await stage.press("lt-astilleros", listed, "Continuar", topic="accion")
    assert "Seleccione una operación" in str(await stage.press("lt-astilleros", listed, "Continuar"))
    await stage.press("lt-astilleros", listed, "Continuar", operation="accion.fecha")
    form = stage.cards("lt-astilleros")[-1]
    outcome = await stage.press("lt-astilleros", form, SAVE, accion="BIO-05", fecha="2026-12-18")
    assert "corresponde a: líder técnico de esa iniciativa, Planeación o Gerencia General" in str(outcome)
    assert (stage.read(find, "BIO-05").due, deeds(stage)) == (None, [])


async def test_a_letter_told_by_phone_is_recorded_from_its_command(stage: Stage) -> None:
    await stage.sala.say("lt-biologicos", "/oficio Invima")
    await stage.press("lt-biologicos", stage.cards("lt-biologicos")[-1], SAVE, numero="", iniciativa="biologicos")
    assert "Revise." in words(stage.cards("lt-biologicos")[-1])
    form = stage.cards("lt-biologicos")[-1]
    await stage.press("lt-biologicos", form, SAVE, numero="2026-114-0087", iniciativa="biologicos")
    assert [deed[0] for deed in deeds(stage)] == ["entidad.oficio"]


async def test_a_command_leaves_its_deed_too(stage: Stage) -> None:
    await stage.sala.say("lt-biologicos", "/fecha BIO-05 18/12/2026 acordada en mesa técnica")
    assert deeds(stage) == [("accion.fecha", "Andrés Quintero Mesa", "LT")]


async def test_an_absence_opens_its_form_with_what_was_typed(stage: Stage) -> None:
    await stage.sala.say("lt-astilleros", "/ausencia 10/11/2026 20/11/2026 Felipe Arango")
    form = stage.cards("lt-astilleros")[-1]
    assert "2026-11-20" in str(form)
    assert deeds(stage) == []
    given = {"desde": "2026-11-10", "hasta": "2026-11-20", "suplente": "felipe.arango@operador.example"}
    await stage.press("lt-astilleros", form, SAVE, **given)
    assert [deed[0] for deed in deeds(stage)] == ["persona.ausencia"]


@pytest.mark.parametrize(
    "order",
    [
        "/iniciativa astilleros",
        "/lanzamiento astilleros",
        "/seguimiento",
        "/reunion",
        "/reunion astilleros",
        "/cierre astilleros",
        "/equipo astilleros",
        "/candidatas",
        "/calendario",
        "/operaciones",
        "/pausar astilleros por la transición institucional",
        "/oficio Dimar",
        "/accion AST-04",
        "/matriz astilleros 3/11/2026",
    ],
)
async def test_every_command_of_the_life_answers_planning_with_a_card(stage: Stage, order: str) -> None:
    await stage.sala.open("pl")
    before = len(stage.cards("pl"))
    await stage.sala.say("pl", order)
    assert len(stage.cards("pl")) == before + 1
    assert "No se realizó" not in words(stage.cards("pl")[-1])


async def chosen(stage: Stage, person: str, operation: str) -> None:
    """An operation's form, by way of its topic."""
    await stage.sala.say(person, "/operaciones")
    await stage.press(person, stage.cards(person)[-1], "Continuar", topic=operation.partition(".")[0])
    await stage.press(person, stage.cards(person)[-1], "Continuar", operation=operation)


async def test_the_topics_are_chosen_again_and_one_that_is_not_ones_own_shows_them_all(stage: Stage) -> None:
    await stage.sala.say("vm", "/operaciones")
    listed = stage.cards("vm")[-1]
    assert "/reunion" not in words(listed)
    assert "/caso astilleros" in words(listed)
    await stage.press("vm", listed, "Continuar", topic="alerta")
    assert "Otros temas" in words(stage.cards("vm")[-1])
    await stage.press("vm", listed, "Otros temas")
    await stage.press("vm", listed, "Continuar", topic="calendario")
    assert "Sobre qué" in words(stage.cards("vm")[-1])


async def shown_first(stage: Stage, person: str = "pl") -> dict[str, Any]:
    """An annulment that was filled in: what it would do, before it is done."""
    title = OPERATIONS["accion.anular"].title
    await chosen(stage, person, "accion.anular")
    form = stage.card(person, having=title)
    await stage.press(person, form, GO_ON, accion="AST-04", motivo=REASON)
    return stage.card(person, having="Todavía no se ha registrado")


async def test_what_weighs_more_is_shown_first_and_done_when_it_is_confirmed(stage: Stage) -> None:
    card = await shown_first(stage)
    assert "AST-04 quedó anulada" in words(card)
    assert REASON in words(card)
    assert "Puede deshacerse durante diez minutos" in words(card)
    assert (stage.read(find, "AST-04").state, deeds(stage)) == ("vigente", [])
    await stage.press("pl", card, "Confirmar")
    assert (stage.read(find, "AST-04").state, [deed[0] for deed in deeds(stage)]) == ("anulada", ["accion.anular"])


async def test_a_form_sent_twice_shows_again_what_it_would_do(stage: Stage) -> None:
    await stage.press("pl", await shown_first(stage), "Volver")
    await stage.press("pl", stage.cards("pl")[-1], GO_ON, accion="AST-04", motivo=REASON)
    assert "AST-04 quedó anulada" in words(stage.card("pl", having="Todavía no se ha registrado"))


async def test_a_decision_undone_by_its_command_stands_again_on_the_channels_card(stage: Stage) -> None:
    await stage.on(date(2026, 11, 13))
    alert = stage.read(lambda session: session.scalars(select(Alert).where(Alert.state == "elevada_1")).first())
    await chosen(stage, "vm", "alerta.atender")
    await stage.press("vm", stage.cards("vm")[-1], GO_ON, alerta=str(alert.id), texto=REASON)
    await stage.press("vm", stage.card("vm", having="Todavía no se ha registrado"), "Confirmar")
    await stage.service.settled()
    posted = next(one["id"] for one in stage.cards("vm", CHANNEL) if "Dio por atendida" in words(one))
    await stage.sala.say("vm", "/deshacer")
    await stage.service.settled()
    again = next(one for one in stage.cards("vm", CHANNEL) if one["id"] == posted)
    assert "Dio por atendida" not in words(again)
    assert "Acuso recibo" in words(again)


async def test_going_back_from_what_was_shown_keeps_what_was_typed(stage: Stage) -> None:
    await stage.press("pl", await shown_first(stage), "Volver")
    assert REASON in str(stage.cards("pl")[-1])
    assert deeds(stage) == []


async def test_a_slip_is_undone_on_the_card_that_says_it_was_done(stage: Stage) -> None:
    await stage.press("pl", await shown_first(stage), "Confirmar")
    await stage.press("pl", stage.card("pl", having="Deshacer"), "Deshacer")
    assert "Se deshizo lo anterior" in words(stage.cards("pl")[-1])
    assert stage.read(find, "AST-04").state == "vigente"


async def test_a_slip_is_undone_by_its_command_within_ten_minutes(stage: Stage) -> None:
    await stage.press("pl", await shown_first(stage), "Confirmar")
    stage.demo.clock.set(stage.demo.clock.now() + timedelta(minutes=9))
    await stage.sala.say("pl", "deshacer")
    assert stage.read(find, "AST-04").state == "vigente"
    await stage.sala.say("pl", "/deshacer")
    assert "No hay una operación suya" in words(stage.sala.messages("pl")[-1])


async def test_after_ten_minutes_the_button_says_that_it_is_too_late(stage: Stage) -> None:
    await stage.press("pl", await shown_first(stage), "Confirmar")
    done = stage.card("pl", having="Deshacer")
    stage.demo.clock.set(stage.demo.clock.now() + timedelta(minutes=11))
    assert "Pasaron más de diez minutos" in str(await stage.press("pl", done, "Deshacer"))
    assert stage.read(find, "AST-04").state == "anulada"


async def test_a_typed_line_that_weighs_is_shown_first_too(stage: Stage) -> None:
    await stage.sala.say("lt-astilleros", "/cumplida AST-04 30/10/2026 Resolución 1203")
    card = stage.card("lt-astilleros", having="Todavía no se ha registrado")
    assert "Publicar proyecto de actualización" in words(card)
    assert stage.read(find, "AST-04").state == "vigente"
    await stage.press("lt-astilleros", card, "Confirmar")
    assert stage.read(find, "AST-04").state == "cumplida"


async def test_what_a_mistaken_escalation_would_tell_the_minister_never_goes(stage: Stage) -> None:
    await stage.on(date(2026, 11, 13))
    alert = stage.read(lambda session: session.scalars(select(Alert).where(Alert.state == "elevada_1")).first())
    await chosen(stage, "pl", "alerta.ministro")
    form = stage.card("pl", having=OPERATIONS["alerta.ministro"].title)
    await stage.press("pl", form, GO_ON, alerta=str(alert.id), motivo=REASON)
    shown = stage.card("pl", having="Todavía no se ha registrado")
    assert "Nadie ocupa el cargo «despacho ministerial»" in words(shown)
    await stage.press("pl", shown, "Confirmar")
    to_minister = select(Notice.state).where(Notice.rule == "R17.ministro")
    assert stage.read(lambda session: session.scalars(to_minister).all()) == ["planned"]
    await stage.sala.say("pl", "/deshacer")
    await stage.on(date(2026, 11, 17))
    assert stage.read(lambda session: session.scalars(to_minister).all()) == []


async def test_a_command_that_still_lacks_something_asks_for_it_in_its_form(stage: Stage) -> None:
    await stage.sala.say("lt-astilleros", "/cumplida AST-04")
    form = stage.card("lt-astilleros", having=OPERATIONS["accion.cumplida"].title)
    assert "AST-04" in str(form)
    assert "Indique" in words(form)
