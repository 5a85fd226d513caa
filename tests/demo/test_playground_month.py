"""A leader's month in Microsoft's Agents Playground: what stands on the screen, and what our ledger holds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playground_chat import Chat
from playwright.sync_api import Browser, expect
from sala_threads import PlaygroundInThread
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.playground import is_installed
from methodology.actions import find
from storage.matrix import Achievement, Action, FollowUp
from tests.playground import INSTALLED, MISSING

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not is_installed(INSTALLED), reason=MISSING)]
OPENS, CLOSED = "2026-11-26", "2026-12-01"
PERCENT, TEXT = "Avance en porcentaje", "Avance cualitativo"
SAVE, SAME, SKIP, FIX, RESUME = "Guardar y seguir", "Sin cambios", "Saltar", "Corregir", "Continuar"
COMPLETE = "No queda ninguna acción pendiente"
OVER = "El periodo está cerrado"
GUIDE = "La guía quedó aprobada y pasa a publicación."
WELDERS = "Se certificaron los 60 soldadores previstos."
PROJECTS = "El banco de compensaciones devolvió uno de los proyectos."
FUND = "El análisis de riesgo fue aprobado por el comité del Fondo."
LOGRO = "El Fondo aprobó la garantía para contratos de construcción naval."


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlaygroundInThread]:
    thread = PlaygroundInThread(tmp_path_factory.mktemp("playground"), "lt-astilleros")
    yield thread
    thread.stop()


@pytest.fixture(scope="module")
def chat(playground: PlaygroundInThread, browser: Browser) -> Iterator[Chat]:
    chat = Chat(browser.new_page())
    chat.open(playground.url, OPENS)
    yield chat
    chat.page.close()


def reported(session: Session) -> list[tuple[str, float, bool]]:
    """Every November follow-up of the initiative ever written, and whether it holds."""
    query = select(FollowUp).join(Action).where(Action.code.startswith("AST-"), FollowUp.month == "2026-11")
    rows = session.scalars(query.order_by(Action.code, FollowUp.id))
    return [(row.action.code, row.percent, row.superseded_at is None) for row in rows]


def held(session: Session, code: str) -> FollowUp:
    query = select(FollowUp).where(FollowUp.month == "2026-11", FollowUp.superseded_at.is_(None))
    return session.scalars(query.where(FollowUp.action_id == find(session, code).id)).one()


def test_a_leader_lives_a_month_in_microsofts_playground(playground: PlaygroundInThread, chat: Chat) -> None:
    do = playground.demo.service.db.do
    expect(chat.cards("Por reportar")).to_have_count(0)
    playground.live_until(OPENS)
    chat.shows("Por reportar", "Seguimiento de noviembre de 2026", "6 acciones", "lunes 30 de noviembre de 2026")

    _the_first_half(chat)
    assert do(reported) == [("AST-04", 80, True), ("AST-05", 100, True), ("AST-06", 40, True)]
    _the_second_half(chat)
    _one_correction(chat)
    month = [
        ("AST-03", 60, False),
        ("AST-03", 65, True),
        ("AST-04", 80, True),
        ("AST-05", 100, True),
        ("AST-06", 40, True),
        ("AST-08", 65, True),
        ("AST-09", 55, True),
    ]
    assert do(reported) == month
    do(_what_was_asked_is_kept)

    playground.live_until(CLOSED)
    chat.press("2 de 6", SAVE, {TEXT: "Escrito en una tarjeta que se quedó abierta."})
    chat.shows(OVER)
    chat.press("Sin reporte todavía", RESUME)
    expect(chat.cards(OVER)).to_have_count(2)
    assert do(reported) == month


def _the_first_half(chat: Chat) -> None:
    """Begun from the card; one skipped, one typed, one at 100 %, one that falls; left half-way."""
    chat.press("Por reportar", "Comenzar")
    chat.shows("1 de 6", "AST-03", "Publicar guía de control")
    chat.press("1 de 6", SKIP)
    chat.shows("2 de 6", "AST-04")
    chat.say("AST-04 80% el proyecto salió a comentarios del sector")
    chat.shows("3 de 6", "AST-04: 80 %, a tiempo", "AST-05")
    chat.press("3 de 6", SAVE, {PERCENT: "100", TEXT: WELDERS})
    chat.shows("3 de 6", "aún no se registró", "indique la fecha de cumplimiento", "adjunte la evidencia")
    chat.pick_day("3 de 6", "Fecha de cumplimiento", 23)
    chat.press("3 de 6", SAVE, {"Evidencia": "Acta de la casa clasificadora"})
    chat.shows("4 de 6", "AST-05: 100 %, a tiempo", "AST-06")
    chat.press("4 de 6", SAVE, {PERCENT: "40", TEXT: PROJECTS})
    chat.shows("4 de 6", "aún no se registró", "indique el motivo")
    chat.press("4 de 6", SAVE, {"Motivo de la disminución": "Se pidió reformular el alcance del proyecto."})
    chat.shows("5 de 6", "AST-06: 40 %, a tiempo", "AST-08")
    chat.say("/terminar")
    chat.shows("Sin reporte todavía", "3 acciones", "AST-03, AST-08, AST-09")


def _the_second_half(chat: Chat) -> None:
    """Resumed; one without changes, which still asks for words, one logro, and the one that was skipped."""
    expect(chat.cards("5 de 6")).to_have_count(0)
    chat.say("/ronda")
    expect(chat.cards("5 de 6")).to_have_count(1)
    chat.press("5 de 6", SAME)
    chat.shows("5 de 6", "El porcentaje se conserva; describa en el texto")
    chat.press("5 de 6", SAME, {TEXT: "Continúa el acompañamiento con los mismos proveedores."})
    chat.shows("6 de 6", "AST-08: 65 %, a tiempo", "AST-09")
    chat.press("6 de 6", "Marcar un logro")
    chat.card("6 de 6").get_by_label("Es un logro para el reporte").check()
    chat.choose("6 de 6", "Prioridad del logro", "Alta")
    chat.choose("6 de 6", "Tipo de resultado", "Línea de crédito")
    chat.press("6 de 6", SAVE, {PERCENT: "55", TEXT: FUND, "Texto del logro": LOGRO})
    chat.shows("1 de 6", "AST-09: 55 %, a tiempo", "AST-03")
    chat.press("1 de 6", SAVE, {PERCENT: "60", TEXT: GUIDE})
    chat.shows(COMPLETE, "Seguimiento registrado", "AST-03 · 60 %", WELDERS, f"Se publica como logro: {LOGRO}")


def _one_correction(chat: Chat) -> None:
    chat.card(COMPLETE).get_by_role("button", name=FIX).last.click()
    chat.shows("1 de 6", "Registrado este mes: 60 %", GUIDE)
    chat.press("1 de 6", SAVE, {PERCENT: "65", TEXT: "La guía quedó publicada en el portal del beneficiario."})
    chat.shows(COMPLETE, "AST-03 · 65 %")


def _what_was_asked_is_kept(session: Session) -> None:
    welders, projects = held(session, "AST-05"), held(session, "AST-06")
    assert welders.evidence == "Acta de la casa clasificadora"
    assert str(welders.action.met_on) == "2026-11-23"
    assert projects.reason == "Se pidió reformular el alcance del proyecto."
    assert held(session, "AST-03").correction
    assert held(session, "AST-08").text == "Continúa el acompañamiento con los mismos proveedores."
    (logro,) = session.scalars(select(Achievement).where(Achievement.month == "2026-11"))
    assert (logro.action.code, logro.text, logro.priority, logro.kind) == ("AST-09", LOGRO, "Alta", "línea de crédito")


def test_commands_are_answered_in_microsofts_playground(chat: Chat) -> None:
    chat.say("/estado")
    chat.shows("Estado de las iniciativas", "Astilleros", "Cumplimiento")
    chat.say("/por-que AST-06")
    chat.shows("¿Por qué? AST-06", "Vence el martes 22 de septiembre de 2026", "Un mes después del vencimiento")
    chat.say("/estdao")
    chat.shows("No se reconoció «/estdao»", "Las opciones más cercanas son /estado y /entidad.")
    chat.say("/ayuda")
    chat.shows("Qué puede solicitar aquí", "/ronda [INICIATIVA]", "/pendientes [INICIATIVA]", "Ver todo")
    expect(chat.card("Qué puede solicitar aquí")).not_to_contain_text("/bandeja")
