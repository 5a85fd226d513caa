"""R9, R26 and R29 from the row to the message, and back: what an entity answers to a letter that asks to validate."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select

import storage.tables  # noqa: F401 - its tables belong to the metadata
from bot.drawing.context import Studio
from bot.drawing.renderer import Renderer
from bot.links import Links
from bot.settings import Settings
from mail.gateway import OutgoingMail
from mail.read import message_id, read
from methodology.clock import SettableClock
from methodology.doubts import settle
from methodology.replies import MailState, known_codes, record, store_raw
from methodology.rules.table import RULES
from scheduler.ports import Batch, Outgoing
from storage.db import Database
from storage.ledger import InboundMail, Notice, Outreach, Proposal, Silence, TrayItem
from storage.matrix import DeliveryDay, Person
from storage.types import Base
from tests.bot.stage import words
from tests.peers.core_world import INVIMA, Core, at, day

NOW = at("2026-11-05", 9)
ASK = {"iniciativa": "astilleros", "entidad": "Invima", "prioridad": "Alta"}
NECK = {"obstaculo": "Demora en licencias", "eslabon": "Licencias", "solucion": "Plan de choque", "votos": "12 de 15"}


class World(Core):
    """The small world with a renderer over it."""

    def draw(self, *notices: Notice, reader: str = "") -> Outgoing | None:
        clock, secret = SettableClock(NOW), b"x" * 32
        settings = Settings("a", "b", "t", frozenset(), secret, "soluciones@operador.example", "operador.example")
        studio = Studio(settings, Links(secret, settings.public_url, clock), self.method)
        rule = RULES[notices[0].rule]
        to = reader or f"entity:{notices[0].entity_id}"
        return Renderer(studio)(self.session, Batch("lote", rule.bundle, to, rule.channel, notices, NOW))

    def letter(self, *notices: Notice) -> OutgoingMail:
        """The mail of a batch, told."""
        outgoing = self.draw(*notices)
        assert outgoing is not None
        for notice in notices:
            settle(self.session, notice, outgoing.facts, NOW.date())
        assert isinstance(outgoing.payload, OutgoingMail)
        return outgoing.payload

    def reply(self, text: str, *, to: str = "", subject: str = "RE: Solicitud", sender: str = "") -> MailState:
        message = EmailMessage()
        message["From"], message["To"] = sender or "enlace@entidad.example", "soluciones@operador.example"
        message["Subject"], message["Message-ID"] = subject, f"<r{len(self.all(InboundMail))}@entidad.example>"
        if to:
            message["In-Reply-To"] = to
        message.set_content(text)
        raw = message.as_bytes()
        mail_id = store_raw(self.session, raw, message_id(raw), "enlace@entidad.example", NOW)
        assert mail_id is not None
        return record(self.session, mail_id, read(raw, known_codes(self.session), "enlace@entidad.example"), NOW)


@pytest.fixture
def world() -> Iterator[World]:
    database = Database("sqlite://")
    Base.metadata.create_all(database.engine)
    with database.begin() as session:
        made = World(session)
        made.entity(INVIMA)
        made.initiative("astilleros")
        made.add(DeliveryDay(day=day("2026-03-15"), deliver_on=day("2026-03-16"), skipped={}))
        yield made
    database.close()


def _asked(world: World, *texts: str, **more: Any) -> list[Notice]:
    for number, text in enumerate(texts, 1):
        world.does("2026-11-05", "LT", "accion.proponer", texto=text, **ASK, **more)
        world.does("2026-11-05", "LT", "accion.solicitar_validacion", accion=f"AST-{number:02d}")
    return world.notices("R26")


def test_the_letter_asks_formally_for_responsible_text_and_date_with_the_code(world: World) -> None:
    letter = world.letter(*_asked(world, "Habilitar la ventanilla única", vence="30/06/2027", apoyo="Dimar"))
    assert letter.to == ("enlace@entidad.example",)
    assert letter.subject.startswith(
        "Soluciones por la Reindustrialización – Solicitud de validación de la acción AST-01 – Invima [Ref. SR-"
    )
    for said in (
        "Respetados señores:", "de manera atenta solicitamos a Invima", "AST-01", "Habilitar la ventanilla única",
        "Dimar", "30 de junio de 2027", "«AST-01: validada»", "no hace parte de la matriz ni se publica", "Atentamente",
    ):  # fmt: skip
        assert said in letter.text
        assert said in letter.html or "«" in said


def test_an_action_without_a_date_says_that_it_is_built_jointly_and_two_go_in_one_letter(world: World) -> None:
    letter = world.letter(*_asked(world, "Habilitar la ventanilla única", "Expedir la guía"))
    assert "2 acciones nuevas" in letter.subject
    assert letter.text.count("Por definir de manera conjunta") == 2
    assert [row.asked for row in world.all(Outreach)] == [["AST-01", "AST-02"]]


def test_the_letter_of_a_bottleneck_says_why_it_matters_to_the_majority(world: World) -> None:
    world.does("2026-11-05", "LT", "cuello.agregar", iniciativa="astilleros", **NECK)
    world.does("2026-11-05", "LT", "cuello.acercamiento", solucion="1", entidad="Invima")
    letter = world.letter(*world.notices("R29"))
    for said in ("Demora en licencias", "Plan de choque", "12 de 15 votos a favor", "Astilleros"):
        assert said in letter.text
    assert world.all(Outreach)[0].asked == ["solución 1"]
    assert "R29" not in letter.text


@pytest.mark.parametrize("how", ["thread", "reference"])
def test_an_answer_to_it_is_recognised_and_waits_for_a_person(world: World, how: str) -> None:
    letter = world.letter(*_asked(world, "Habilitar la ventanilla única"))
    given = {"to": letter.message_id} if how == "thread" else {"subject": f"RE: {letter.subject}"}
    state = world.reply("AST-01: validada. La Dirección de Registros está de acuerdo con el texto.", **given)
    assert state is MailState.TRAY
    assert world.all(TrayItem)[0].title == "Invima responde a la solicitud de validación: AST-01"
    assert "de la solicitud de validación a Invima" in " ".join(world.all(InboundMail)[0].reasons) or how == "thread"
    assert world.all(Outreach)[0].answered_on == day("2026-11-05")
    assert world.session.scalars(select(Proposal)).all() == []


def test_an_answer_to_it_ends_no_silence_and_a_stranger_is_not_believed(world: World) -> None:
    action = world.action("AST-90", due="2027-06-30")
    values = {"entity_id": action.entity_id, "initiative_id": action.initiative_id}
    silence = world.add(Silence(first_on=day("2026-11-03"), last_on=day("2026-11-04"), outreaches=2, **values))
    world.does("2026-11-05", "LT", "accion.proponer", texto="Habilitar la ventanilla única", **ASK)
    world.does("2026-11-05", "LT", "accion.solicitar_validacion", accion="AST-91")
    letter = world.letter(*world.notices("R26"))
    assert silence.outreaches == 2
    world.reply("AST-91: validada, según lo acordado en la mesa técnica.", to=letter.message_id)
    assert silence.ended_on is None
    world.reply("AST-91: validada, según lo acordado.", to=letter.message_id, sender="otro@afuera.example")
    assert "Remitente dudoso" in world.all(TrayItem)[1].title


def test_it_does_not_make_the_months_request_ambiguous(world: World) -> None:
    world.action("AST-90", due="2027-06-30")
    world.live("2026-11-11")
    world.does("2026-11-12", "LT", "accion.proponer", texto="Habilitar la ventanilla única", **ASK)
    world.does("2026-11-12", "LT", "accion.solicitar_validacion", accion="AST-91")
    world.live("2026-11-12")
    assert [row.kind for row in world.all(Outreach)] == ["solicitud", "validación"]
    assert world.reply("AST-90: 80 % – El proyecto salió a comentarios") is MailState.PROCESSED
    assert len(world.all(Proposal)) == 1


def test_the_undated_actions_of_an_initiative_are_one_card(world: World) -> None:
    person = world.person("Carolina Pérez Rojas", "LT", world.first_initiative())
    for number in (1, 2):
        world.action(f"AST-0{number}", due=None)
    world.sweep("2026-03-15")
    outgoing = world.draw(*world.notices("R9"), reader=f"person:{person.id}")
    assert outgoing is not None
    said = words(outgoing.payload.card)
    for part in ("2 acciones sin fecha de vencimiento", "AST-01, AST-02", "manera conjunta", "/fecha AST-01"):
        assert part in said


def test_when_all_of_them_got_a_date_no_card_goes(world: World) -> None:
    person: Person = world.person("Carolina Pérez Rojas", "LT", world.first_initiative())
    world.action("AST-01", due=None)
    world.sweep("2026-03-15")
    world.does("2026-03-15", "LT", "accion.fecha", accion="AST-01", fecha="2026-12-01")
    assert world.draw(*world.notices("R9"), reader=f"person:{person.id}") is None
