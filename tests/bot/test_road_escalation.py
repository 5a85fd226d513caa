"""Road 1 to its end: alerts, the hold, the decision card, and what goes wrong on the wire."""

from __future__ import annotations

from datetime import date, datetime

from aiohttp import web

from demo import Drop
from methodology.alerts import open_alerts, subject
from methodology.rules.calendar import BOGOTA
from methodology.tray import waiting
from tests.bot.stage import Stage, words

CHANNEL = "escalamiento"
RAISED = date(2026, 11, 11)


def alert(stage: Stage, code: str):
    def find(session):
        return next(a for a in open_alerts(session) if subject(a) == code)

    return stage.read(find)


async def test_the_card_rises_two_habiles_after_the_leader_was_told(stage: Stage) -> None:
    await stage.on(date(2026, 11, 10))
    assert not any("AST-04" in words(m) for m in stage.cards("vm", CHANNEL))
    await stage.on(RAISED)
    assert "AST-04" in words(stage.card("vm", CHANNEL, having="Astilleros"))
    assert "Escalamiento" in words(stage.card("vm", having="Astilleros"))


async def test_only_the_vice_minister_acknowledges_and_the_leader_is_told(stage: Stage) -> None:
    await stage.on(RAISED)
    card = stage.card("vm", CHANNEL, having="AST-04")
    await stage.press("gg", card, "Acuso recibo")
    assert alert(stage, "AST-04").acknowledged_by == ""
    await stage.press("vm", card, "Acuso recibo")
    await stage.service.settled()
    assert alert(stage, "AST-04").acknowledged_by == "Beatriz Londoño Ortega"
    assert "Acusó recibo" in words(stage.card("gg", CHANNEL, having="AST-04"))
    assert "Acusó recibo" in words(stage.card("lt-astilleros", having="decisi"))


async def test_assigning_needs_who_when_and_what(stage: Stage) -> None:
    await stage.on(RAISED)
    card = stage.card("vm", CHANNEL, having="AST-04")
    await stage.press("vm", card, "Asignar", **{f"person_{_token_of(card, 'Asignar')}": "Dirección de Regulación"})
    assert alert(stage, "AST-04").managed_by == ""
    refused = stage.card("vm", CHANNEL, having="AST-04")
    assert words(refused).count("**Revise.**") == 2
    assert "Dirección de Regulación" in str(refused)
    assert "Dirección de Regulación" not in str(stage.card("gg", CHANNEL, having="AST-04"))
    token = _token_of(refused, "Asignar")
    values = {
        f"person_{token}": "Dirección de Regulación",
        f"until_{token}": "2026-11-20",
        f"text_{token}": "Llamar a Dimar",
    }
    await stage.press("vm", refused, "Asignar", **values)
    assert alert(stage, "AST-04").managed_by == "Dirección de Regulación"


async def test_what_is_decided_from_the_list_shows_on_the_channels_card(stage: Stage) -> None:
    await stage.on(RAISED)
    await stage.sala.say("vm", "/alertas astilleros")
    await stage.press("vm", stage.card("vm", having="Abrir"), "Abrir")
    await stage.press("vm", stage.card("vm", having="Acusar recibo"), "Acusar recibo")
    await stage.press("vm", stage.card("vm", having="Registrar"), "Registrar", fecha="2026-11-20")
    await stage.service.settled()
    assert alert(stage, "AST-04").acknowledged_by == "Beatriz Londoño Ortega"
    assert "Acusó recibo" in words(stage.card("gg", CHANNEL, having="AST-04"))


async def test_a_second_acknowledgement_is_harmless(stage: Stage) -> None:
    await stage.on(RAISED)
    card = stage.card("vm", CHANNEL, having="AST-04")
    data = _data_of(card, "Acuso recibo")
    await stage.sala.submit("vm", card["id"], "responder", data)
    first = alert(stage, "AST-04").acknowledged_at
    await stage.sala.submit("vm", card["id"], "responder", data)
    assert alert(stage, "AST-04").acknowledged_at == first
    await stage.service.settled()
    assert sum("decisi" in words(m) for m in stage.cards("lt-astilleros")) == 1


async def test_a_button_moved_to_another_conversation_does_nothing(stage: Stage) -> None:
    await stage.on(RAISED)
    data = _data_of(stage.card("vm", CHANNEL, having="AST-04"), "Acuso recibo")
    own = stage.card("vm", having="Astilleros")
    await stage.sala.submit("vm", own["id"], "responder", data)
    assert alert(stage, "AST-04").acknowledged_by == ""


async def test_a_corrected_alert_never_reaches_the_vice_minister(stage: Stage) -> None:
    await stage.on(date(2026, 11, 9))
    await stage.sala.say("lt-astilleros", "/cumplida AST-04 08/10/2026 Resolución 1203 publicada")
    await stage.press("lt-astilleros", stage.card("lt-astilleros", having="Todavía no se ha registrado"), "Confirmar")
    await stage.on(date(2026, 11, 13))
    assert not any("AST-04" in words(m) for m in stage.cards("vm", CHANNEL))


async def test_a_card_whose_cause_ended_says_so_in_the_channel_and_asks_nothing(stage: Stage) -> None:
    await stage.on(RAISED)
    assert "Acuso recibo" in str(stage.card("vm", CHANNEL, having="AST-04"))
    await stage.sala.say("lt-astilleros", "/cumplida AST-04 08/10/2026 Resolución 1203 publicada")
    await stage.press("lt-astilleros", stage.card("lt-astilleros", having="Todavía no se ha registrado"), "Confirmar")
    await stage.service.metronome.beat()
    await stage.service.settled()
    shown = stage.card("vm", CHANNEL, having="AST-04")
    assert "Acuso recibo" not in str(shown)
    assert "cerrada" in words(shown).lower()
    await stage.sala.say("lt-astilleros", "/deshacer")
    await stage.service.metronome.beat()
    await stage.service.settled()
    assert "Acuso recibo" in str(stage.card("vm", CHANNEL, having="AST-04"))


async def test_throttled_posts_are_tried_again_and_arrive_once(stage: Stage) -> None:
    refusals = iter([429, 429, 429, 429])

    async def faults(request: web.Request) -> web.Response | None:
        if request.method == "POST" and "conversations" in request.path and (status := next(refusals, None)):
            return web.json_response({"error": {"code": "Throttled"}}, status=status, headers={"Retry-After": "40"})
        return None

    stage.sala.connector.faults = faults
    await stage.on(RAISED)
    await stage.on(date(2026, 11, 13))
    assert sum("AST-04" in words(m) for m in stage.cards("vm", CHANNEL)) == 1


async def test_an_escalation_accepted_and_dropped_is_shown_to_planning_and_not_repeated(stage: Stage) -> None:
    await stage.on(date(2026, 11, 10))

    async def faults(request: web.Request) -> Drop | None:
        posting = request.method == "POST" and request.path.endswith("/v3/conversations")
        return Drop.AFTER if posting else None

    stage.sala.connector.faults = faults
    await stage.on(RAISED)
    stage.sala.connector.faults = None
    await stage.on(date(2026, 11, 13))
    assert sum("AST-04" in words(m) for m in stage.cards("vm", CHANNEL)) == 1
    assert any(item.kind == "entrega_incierta" and "AST-04" in item.title for item in stage.read(waiting))


async def test_who_blocked_the_bot_gets_the_same_by_mail(stage: Stage) -> None:
    await stage.sala.open("lt-astilleros")
    await stage.sala.block("lt-astilleros", blocked=True)
    await stage.on(date(2026, 11, 9))
    await stage.service.metronome.beat()
    mails = stage.sala.mails("lucia.bermudez@operador.example")
    assert any("alerta" in str(mail.message["Subject"]).lower() for mail in mails), [
        str(mail.message["Subject"]) for mail in mails
    ]
    assert any(item.kind == "sin_teams" for item in stage.read(waiting))


def _token_of(message: dict, title: str) -> str:
    return str(_data_of(message, title)["a"])


def _actions(element):
    if isinstance(element, list):
        for part in element:
            yield from _actions(part)
    elif isinstance(element, dict):
        if str(element.get("type", "")).startswith("Action."):
            yield element
        for key in ("cards", "body", "items", "columns", "actions", "card"):
            yield from _actions(element.get(key))


def _data_of(message: dict, title: str) -> dict:
    return next(action["data"] for action in _actions(message) if action.get("title") == title and "data" in action)


async def test_more_information_is_asked_of_the_leader_and_the_answer_shows_on_the_card(stage: Stage) -> None:
    await stage.on(RAISED)
    card = stage.card("vm", CHANNEL, having="AST-04")
    token = _token_of(card, "Solicitar")
    await stage.press("vm", card, "Solicitar", **{f"text_{token}": "¿Qué dijo la oficina jurídica de la entidad?"})
    await stage.service.settled()
    assert "Pidió más información" in words(stage.card("gg", CHANNEL, having="AST-04"))
    assert alert(stage, "AST-04").acknowledged_by == ""
    await stage.press("lt-astilleros", stage.card("lt-astilleros", having="oficina jurídica"), "Responder")
    form = stage.card("lt-astilleros", having="Anotar la gestión adelantada")
    await stage.press("lt-astilleros", form, "Registrar", nota="La oficina jurídica devolvió el texto con dos ajustes.")
    await stage.service.settled()
    assert "devolvió el texto con dos ajustes" in words(stage.card("gg", CHANNEL, having="AST-04"))
    told = [words(message) for message in stage.cards("vm") if "Se recibió la información solicitada" in words(message)]
    assert len(told) == 1
    assert "¿Qué dijo la oficina jurídica" in told[0]
    assert "devolvió el texto con dos ajustes. (Lucía Bermúdez Castro)" in told[0]


async def test_an_acknowledgement_may_be_given_a_date_with_which_it_lapses(stage: Stage) -> None:
    await stage.on(RAISED)
    card = stage.card("vm", CHANNEL, having="AST-04")
    await stage.press("vm", card, "Acuso recibo")
    await stage.service.settled()
    now = stage.card("vm", CHANNEL, having="Fijar compromiso")
    token = _token_of(now, "Registrar compromiso")
    await stage.press("vm", now, "Registrar compromiso", **{f"until_{token}": "2026-11-13"})
    await stage.service.settled()
    assert "Compromiso para el 13 de noviembre de 2026" in words(stage.card("gg", CHANNEL, having="AST-04"))
    assert alert(stage, "AST-04").acknowledged_until == date(2026, 11, 13)
    assert sum("Compromiso" in words(message) for message in stage.cards("lt-astilleros")) == 1


async def test_what_the_entity_answered_since_stands_on_the_decision_card(stage: Stage) -> None:
    await stage.on(date(2026, 11, 12))
    await stage.answer("enlace.soluciones@dimar.example", "AST-04: 90 % El proyecto pasa a firma del despacho")
    card = stage.card("vm", CHANNEL, having="AST-04")
    await stage.press("vm", card, "Acuso recibo")
    await stage.service.settled()
    shown = words(stage.card("gg", CHANNEL, having="AST-04"))
    assert "La entidad informó: 90 %. El proyecto pasa a firma" in shown


async def _after_a_day_out_of_service(stage: Stage) -> None:
    """What was due on the 10th and on the 11th rises on the same morning."""
    await stage.on(date(2026, 11, 9))
    stage.demo.clock.set(datetime(2026, 11, 11, 8, 5, tzinfo=BOGOTA))
    await stage.service.metronome.beat()


def test_the_channel_opens_as_somebody_who_may_decide_there(stage: Stage) -> None:
    assert stage.sala.state()["channels"][0]["members"][0] == "vm"


async def test_the_cards_of_one_morning_are_one_pointer_that_links_each(stage: Stage) -> None:
    await _after_a_day_out_of_service(stage)
    pointers = [message for message in stage.cards("vm") if "por decidir" in words(message)]
    assert len(pointers) == 1
    assert "las tarjetas de 2 iniciativas, con 2 alertas para su decisión" in words(pointers[0])
    assert all(name in words(pointers[0]) for name in ("Astilleros", "Dispositivos médicos"))
    assert [one["title"] for one in _actions(pointers[0])] == ["Ver la tarjeta", "Ver la tarjeta"]


async def test_without_teams_the_cards_of_one_morning_come_in_one_mail(stage: Stage) -> None:
    await stage.sala.open("vm")
    await stage.sala.block("vm", blocked=True)
    await _after_a_day_out_of_service(stage)
    await stage.service.metronome.beat()
    bodies = [mail.message.get_body(("plain",)) for mail in stage.sala.mails("despacho.viceministerio@mincit.example")]
    telling = [text for body in bodies if body and "AST-04" in (text := body.get_content())]
    assert len(telling) == 1
    assert "Dispositivos médicos" in telling[0]


async def test_a_correction_marks_the_leaders_older_card_and_stays_on_the_channels(stage: Stage) -> None:
    await stage.on(RAISED)
    for person, until in (("Dirección de Regulación", "2026-11-20"), ("Dirección de Comercio", "2026-11-24")):
        card = stage.card("vm", CHANNEL, having="AST-04")
        token = _token_of(card, "Asignar")
        given = {f"person_{token}": person, f"until_{token}": until, f"text_{token}": "Llamar a la entidad"}
        await stage.press("vm", card, "Asignar", **given)
        await stage.service.settled()
        assert alert(stage, "AST-04").managed_by == person
    await stage.on(date(2026, 11, 20))
    news = [words(card) for card in stage.cards("lt-astilleros") if "Asignó gestión" in words(card)]
    assert ["**Corregida** el" in card for card in news] == [True, False]
    assert "Gestión asignada a Dirección de Regulación para el" in words(stage.card("gg", CHANNEL, having="AST-04"))
