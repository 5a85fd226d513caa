"""Road 3 by the page of the letter: the entity answers, the leader confirms, and whoever asked is told."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import aiohttp
import pytest

from storage.ledger import InboundMail, Proposal, TrayItem
from storage.life import Validation
from storage.matrix import Action, EvidenceFile, FollowUp
from tests.bot.front import form_of, said, seal
from tests.bot.stage import Stage, words
from tests.bot.test_decisions import _planning

DIMAR = "enlace.soluciones@dimar.example"
LEADER = "lt-astilleros"
TEXT = "El proyecto pasó a firma del director"


class Visitor:
    """A person of the entity with the link of a letter."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def send(self, url: str, order: str = "enviar", **fields: Any) -> str:
        page = await (await self._http.get(url)).text()
        numbers = re.findall(r'<details class="action" id="a(\d+)"', page)
        named = {name.replace("_", "-").replace("a0-", f"a{(numbers or ['0'])[0]}-"): v for name, v in fields.items()}
        answer = await self._http.post(url, data=form_of({"sello": seal(page), "orden": order} | named))
        return said(await answer.text())


@pytest.fixture
async def visitor() -> AsyncIterator[Visitor]:
    async with aiohttp.ClientSession() as http:
        yield Visitor(http)


def link(stage: Stage, mailbox: str, number: int = -1) -> str:
    """The link of a letter, the same in both of its parts."""
    message = stage.sala.mails(mailbox)[number].message
    html = message.get_body(("html",)).get_content()
    found = re.search(r'<a href="([^"]+)"[^>]*>Responder en línea</a>', html)
    assert found
    url = found[1].replace("&amp;", "&")
    assert url in message.get_body(("plain",)).get_content()
    return url


async def test_the_entity_answers_by_its_letter_and_the_leader_confirms(stage: Stage, visitor: Visitor) -> None:
    await stage.on(date(2026, 11, 12))
    url = link(stage, DIMAR)
    assert url.startswith(stage.service.settings.public_url)
    page = await visitor.send(
        url,
        a0_avance="100",
        a0_descripcion=TEXT,
        a0_cumplida="2026-11-10",
        a0_archivos=("resolución.pdf", b"%PDF"),
        a0_fecha="2026-12-18",
        quien="Ana Ruiz, capitán de puerto",
    )
    assert "Recibimos su respuesta" in page
    await stage.service.settled()
    _acknowledged(stage)
    item = next(row for row in stage.read(_all, TrayItem) if row.kind == "fecha_propuesta")
    assert item.title.startswith("Dimar propone el 18 de diciembre de 2026 para AST-04")
    await stage.on(date(2026, 11, 26))
    card = await _open(stage, "AST-04")
    assert "**Reportado por la entidad el 12 de noviembre de 2026**: 100" in words(card)
    assert "Propone como nueva fecha de vencimiento" in words(card)
    assert "resolución.pdf (archivo 1)" in words(card)
    await stage.press(LEADER, card, "Guardar y seguir", **_shown(card))
    (proposal,) = stage.read(_all, Proposal)
    of_action = [one for one in stage.read(_all, FollowUp) if one.action_id == proposal.action_id]
    (row,) = [one for one in of_action if one.month == "2026-11" and one.superseded_at is None]
    assert (row.percent, row.text, row.source) == (100, TEXT, "respuesta de la entidad")
    assert row.evidence == "resolución.pdf (archivo 1)"
    assert stage.read(_all, EvidenceFile)[0].by == "Dimar (formulario en línea)"
    assert proposal.state == "confirmada"


def _acknowledged(stage: Stage) -> None:
    """The letter repeats what came, in the thread of the request."""
    asked, told = (mail.message for mail in stage.sala.mails(DIMAR)[-2:])
    text = told.get_body(("plain",)).get_content()
    assert "Acuse de recibo del avance noviembre de 2026" in told["Subject"]
    assert told["In-Reply-To"] == asked["Message-ID"]
    assert told["Auto-Submitted"] == "auto-replied"
    for part in (
        "Registramos como propuesta:", "acción AST-04, 100", TEXT, "Fecha de cumplimiento: 10 de noviembre de 2026",
        "Evidencia: resolución.pdf (archivo 1)", "Fecha propuesta: 18 de diciembre de 2026",
        "Respondió: Ana Ruiz, capitán de puerto.", "por el formulario en línea",
    ):  # fmt: skip
        assert part in text


async def _open(stage: Stage, code: str) -> dict[str, Any]:
    """The month's card where it stands at that action, however many come before it."""
    begun = stage.card(LEADER, having="Comenzar")
    await stage.press(LEADER, begun, "Comenzar")
    for _ in range(12):
        card = next(one for one in stage.cards(LEADER) if one["id"] == begun["id"])
        if code in words(card):
            return card
        await stage.press(LEADER, card, "Saltar")
    raise AssertionError(f"no card of {code}")


def _shown(element: Any) -> dict[str, Any]:
    """What stands in the card's inputs."""
    if isinstance(element, list):
        return {name: value for part in element for name, value in _shown(part).items()}
    if not isinstance(element, dict):
        return {}
    own = (
        {element["id"]: element["value"]}
        if str(element.get("type", "")).startswith("Input.") and "value" in element
        else {}
    )
    return {name: value for part in element.values() for name, value in _shown(part).items()} | own


def _all(session: Any, kind: type) -> list[Any]:
    return list(session.query(kind).order_by(kind.id))


async def test_the_request_and_its_acknowledgement_are_answered_by_mail_as_before(
    stage: Stage, visitor: Visitor
) -> None:
    await stage.on(date(2026, 11, 12))
    await visitor.send(link(stage, DIMAR), a0_avance="80", a0_descripcion=TEXT)
    await stage.service.settled()
    await stage.answer(DIMAR, "Recibido, muchas gracias.")
    assert stage.read(_all, InboundMail)[-1].kind == "courtesy"
    assert len(stage.read(_all, Proposal)) == 1
    await stage.answer(DIMAR, "AST-04: 85 % – Se corrige lo informado en línea.")
    rows = stage.read(_all, Proposal)
    assert [(row.percent, row.state) for row in rows] == [(80, "reemplazada"), (85, "pendiente")]


async def test_the_reminder_carries_the_same_page_and_a_draft_is_no_answer(stage: Stage, visitor: Visitor) -> None:
    await stage.on(date(2026, 11, 12))
    first = link(stage, DIMAR)
    await visitor.send(first, order="borrador", a0_avance="60", a0_descripcion=TEXT)
    await stage.on(date(2026, 11, 20))
    reminder = stage.sala.mails(DIMAR)[-1].message
    assert "Reiteración" in reminder["Subject"]
    assert link(stage, DIMAR).partition("?")[0] == first.partition("?")[0]
    assert stage.read(_all, Proposal) == []


async def test_after_an_answer_by_the_page_no_reminder_goes(stage: Stage, visitor: Visitor) -> None:
    await stage.on(date(2026, 11, 12))
    await visitor.send(link(stage, DIMAR), a0_sin_avance="si", a0_descripcion="Falta el concepto jurídico")
    await stage.on(date(2026, 11, 25))
    assert [
        mail.message["Subject"] for mail in stage.sala.mails(DIMAR) if "Reiteración" in mail.message["Subject"]
    ] == []


async def test_an_entity_validates_by_its_letter_and_whoever_asked_is_told(stage: Stage, visitor: Visitor) -> None:
    await stage.on(date(2026, 11, 4))
    new = {
        "iniciativa": "astilleros",
        "texto": "Habilitar la ventanilla única",
        "entidad": "Dimar",
        "prioridad": "Alta",
    }
    await _planning(stage, "accion.proponer", who="LT", **new)
    code = stage.read(_all, Action)[-1].code
    await _planning(stage, "accion.solicitar_validacion", who="LT", accion=code)
    await stage.service.metronome.beat()
    url = link(stage, DIMAR)
    fields = {"quien": "Ana Ruiz", "cargo": "Directora de Marina Mercante"}
    page = await visitor.send(url, v1_valida="no", v1_texto="Corresponde al Ministerio de Transporte", **fields)
    assert f"Acción {code} Respuesta No" in page
    await stage.service.settled()
    receipt = stage.sala.mails(DIMAR)[-1].message
    assert "Acuse de recibo de la respuesta de Dimar" in receipt["Subject"]
    assert "Corresponde al Ministerio de Transporte" in receipt.get_body(("plain",)).get_content()
    card = stage.card(LEADER, having="Respuesta a la solicitud de validación")
    assert "Responde: Ana Ruiz, Directora de Marina Mercante, por Dimar." in words(card)
    form = await stage.press(LEADER, card, "Registrar validación")
    assert form is not None
    shown = _shown(stage.cards(LEADER)[-1])
    assert shown["quien"] == "Ana Ruiz, Directora de Marina Mercante"
    await visitor.send(url, v1_valida="sí", v1_texto="", **fields)
    await stage.service.settled()
    assert stage.read(_all, Validation)[-1].recorded_by == "Dimar (formulario en línea)"
    assert stage.read(_all, TrayItem)[-1].resolution == "Dimar la validó en línea"
