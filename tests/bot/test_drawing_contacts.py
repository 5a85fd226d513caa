"""The letters about an entity's contact, as they go, and the button that hands over (R14)."""

from __future__ import annotations

import pytest

from bot.drawing.contact_letters import check_letter, contact_reference, former_letter, handover_letter
from bot.drawing.letters import noted_letter, request_letter, token_for
from bot.drawing.renderer import LETTERS
from bot.drawing.troubles import tray_card
from cards.parts import Element
from mail.gateway import OutgoingMail
from methodology import noting, tray
from methodology.holds import AWAY
from methodology.outreaches import record_outreach
from methodology.replies import TO_CLASSIFY
from methodology.rules.states import Post
from methodology.rules.table import RULES
from storage.ledger import InboundMail
from tests.bot.stage import words
from tests.peers.core_world import at, day
from tests.peers.desk_world import DeskWorld, titles

NEW, FORMER = "ana.ruiz@invima.example", "enlace@entidad.example"


@pytest.fixture
def asked(world: DeskWorld) -> DeskWorld:
    world.action("BIO-01", due="2027-10-31")
    world.action("BIO-02", due=None)
    world.live("2026-11-11")
    return world


def _hand_over(world: DeskWorld, on: str = "2026-11-17") -> None:
    world.does(on, "PL", "entidad.contacto", entidad="Invima", correo=NEW)


def _handed(world: DeskWorld, on: str = "2026-11-17") -> OutgoingMail:
    _hand_over(world, on)
    return handover_letter(world.desk(on), world.notices("R14.entrega")[0])


def test_the_pending_request_goes_to_the_new_contact_under_the_same_reference(asked: DeskWorld) -> None:
    first = request_letter(asked.desk("2026-11-11"), asked.notices("R14")[0])
    letter = _handed(asked)
    reference = token_for(asked.desk("2026-11-17"), asked.entity().id, "2026-11")
    assert reference in first.subject
    assert reference in letter.subject
    assert (letter.to, len(letter.attachments), letter.message_id != first.message_id) == ((NEW,), 1, True)
    for said in ("se remiten a esta dirección", "a más tardar el miércoles 25 de noviembre de 2026", "BIO-01"):
        assert said in letter.text
    assert "Si esta dirección no es la indicada" in letter.html


def test_near_the_deadline_the_new_contact_has_three_habil_days(asked: DeskWorld) -> None:
    assert "a más tardar el viernes 27 de noviembre de 2026" in _handed(asked, "2026-11-24").text


def test_with_nothing_pending_it_says_what_the_entity_answers_for(world: DeskWorld) -> None:
    world.action("BIO-01", due="2027-10-31")
    letter = _handed(world)
    assert letter.attachments == ()
    assert "Hoy no hay solicitudes pendientes de respuesta" in letter.text
    assert "31/10/2027" in letter.text


def test_the_former_contact_is_thanked_and_not_told_the_new_address(asked: DeskWorld) -> None:
    _hand_over(asked)
    letter = former_letter(asked.desk("2026-11-17"), asked.notices("R14.relevo"))
    assert letter.to == (FORMER,)
    assert NEW not in letter.text + letter.html
    assert "[Ref." not in letter.subject


def test_the_check_shows_what_is_known_and_how_to_answer(asked: DeskWorld) -> None:
    asked.live("2026-12-30", "2027-01-04")
    told = asked.notices("R14.contacto")[0]
    letter = check_letter(asked.desk("2027-01-04"), told)
    assert contact_reference(asked.desk("2027-01-04"), told) in letter.subject
    for said in ("las 2 acciones vigentes", "se remiten a enlace@entidad.example", "«sin cambios»"):
        assert said in letter.text
    assert "R14" not in letter.text + letter.html


@pytest.mark.parametrize("rule", ["R14.contacto", "R14.entrega", "R14.relevo", "R14.nota"])
def test_each_of_them_has_its_letter(rule: str) -> None:
    assert RULES[rule].bundle in LETTERS


def test_a_noted_promise_goes_to_the_contact_with_the_page_of_its_request(asked: DeskWorld) -> None:
    request = record_outreach(asked.session, asked.entity().id, "2026-11", "solicitud", day("2026-11-11"), token="SR-1")
    mail = InboundMail(message_id="<r@invima.example>", envelope_from="", raw=b"", received_at=at("2026-11-17"))
    asked.session.add(mail)
    asked.session.flush()
    until = {"day": "2026-11-24", "until": "2026-11-24"}
    noting.acknowledge(asked.session, request, noting.Noted.PROMISE, mail.id, FORMER, day("2026-11-17"), **until)
    (told,) = asked.notices("R14.nota")
    letter = noted_letter(asked.desk("2026-11-17"), [told])
    assert (letter.to, letter.cc, letter.in_reply_to) == ((FORMER,), (), "<r@invima.example>")
    assert "esperamos su respuesta el 24 de noviembre de 2026" in letter.text
    assert "/responder/" in letter.text
    assert noting.no_longer(asked.session, told, day("2026-11-17")) is None
    request.answered_on = day("2026-11-17")
    assert noting.no_longer(asked.session, told, day("2026-11-17")) == "la entidad ya respondió"


def test_a_colleague_who_wrote_is_told_without_the_page_and_the_contact_is_copied(asked: DeskWorld) -> None:
    request = record_outreach(asked.session, asked.entity().id, "2026-11", "solicitud", day("2026-11-11"), token="SR-1")
    mail = InboundMail(message_id="<r@entidad.example>", envelope_from="", raw=b"", received_at=at("2026-11-17"))
    asked.session.add(mail)
    asked.session.flush()
    colleague = "ana@entidad.example"
    noting.acknowledge(asked.session, request, noting.Noted.REVIEW, mail.id, colleague, day("2026-11-17"))
    letter = noted_letter(asked.desk("2026-11-17"), asked.notices("R14.nota"))
    assert (letter.to, letter.cc) == ((colleague,), (FORMER,))
    assert "/responder/" not in letter.text + letter.html


def _opened(asked: DeskWorld) -> Element:
    """The one matter of the tray, as «Abrir» shows it."""
    card, _summary = tray_card(asked.desk("2026-11-17"))
    opened = asked.presses(Post.PLANNING, "2026-11-17", card, "Abrir").card
    assert opened is not None
    return opened


def test_a_new_contact_in_the_tray_is_handed_over_with_a_button(asked: DeskWorld) -> None:
    entity = asked.entity()
    detail = {"guess": {"entity_id": entity.id, "entity": entity.name}, "new_contact": NEW, "mail_id": 0}
    tray.put(asked.session, TO_CLASSIFY, "1", "Invima indica un nuevo contacto", detail, at("2026-11-17"))
    form = asked.presses(Post.PLANNING, "2026-11-17", _opened(asked), "Entregar al nuevo contacto").card
    assert NEW in str(form)
    assert f"Correo actual: {FORMER}" in words(form)
    assert "Los enlaces ya enviados quedan anulados" in words(form)
    assert entity.name in words(form)


def test_an_absent_contact_in_the_tray_may_be_changed(asked: DeskWorld) -> None:
    detail = {"entity_id": asked.entity().id, "mail": FORMER, "motivo": "Se espera hasta el 26 de noviembre de 2026"}
    tray.put(asked.session, AWAY, str(asked.entity().id), "Invima: ausente", detail, at("2026-11-17"))
    assert {"Corregir contacto", "Registrar llamada o reunión"} <= set(titles(_opened(asked)))
