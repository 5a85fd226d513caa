"""The demonstration as a visitor plays it: the real bot, its page, a browser, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from storage.matrix import Achievement
from tests.accessibility import complaints, focus_complaint, twice

pytestmark = pytest.mark.browser
DIMAR = "enlace.soluciones@dimar.example"
LEADER, OFFICE, MINISTRY = "persona=lt-astilleros", "persona=pl", "canal=escalamiento&persona=vm"
SAVE = "Guardar y seguir"
expect.set_options(timeout=20_000)


@pytest.fixture
def errors(page: Page) -> list[str]:
    """Script errors and violations of the page's policy; a test ends by finding none."""
    found: list[str] = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda line: found.append(line.text) if line.type == "error" else None)
    return found


def visit(page: Page, live: Any, place: str) -> None:
    page.goto(f"{live.url}/#{place}")
    expect(page.locator("main > *").first).to_be_attached()


def cards(page: Page, words: str) -> Locator:
    return page.locator(".card").filter(has_text=words)


def move(page: Page, stop: str, day: str) -> None:
    page.get_by_test_id(f"avanzar-{stop}").click()
    expect(page.get_by_test_id("today")).to_have_text(day)
    expect(page.get_by_test_id(f"avanzar-{stop}")).to_be_enabled()


def report(page: Page, code: str, percent: str, text: str) -> None:
    card = cards(page, code).filter(has=page.get_by_role("button", name=SAVE)).last
    card.get_by_label(re.compile("Avance en porcentaje")).fill(percent)
    card.get_by_label(re.compile("Avance cualitativo")).fill(text)
    card.get_by_role("button", name=SAVE).click()


def test_a_month_is_played_in_the_page(live: Any, page: Page, errors: list[str]) -> None:
    visit(page, live, "inicio")
    expect(page.get_by_test_id("guide")).to_be_visible()
    move(page, "ventana", "jueves 26 de noviembre de 2026")
    _the_entity_answers(page, live)
    _the_leader_reports(page, live)
    _the_vice_minister_acknowledges(page, live)
    _the_leader_sees_the_decision(page, live)
    move(page, "cierre", "martes 1 de diciembre de 2026")
    _planning_opens_the_report(page, live)
    assert errors == []


def _the_entity_answers(page: Page, live: Any) -> None:
    visit(page, live, f"buzon={DIMAR}")
    page.get_by_test_id("inbox").get_by_role("link").last.click()
    frame = page.frame_locator("[data-testid=html]")
    expect(frame.get_by_text("a más tardar el miércoles 25 de noviembre de 2026").first).to_be_visible()
    page.get_by_test_id("respuesta").fill("AST-04: 90 %. El proyecto pasa a firma.\n\nDimar")
    page.get_by_test_id("responder").click()
    expect(page.get_by_test_id("respondido")).to_contain_text("Ya se envió una respuesta")


def _the_leader_reports(page: Page, live: Any) -> None:
    visit(page, live, LEADER)
    cards(page, "Por reportar").get_by_role("button", name="Comenzar").click()
    report(page, "AST-03", "60", "La guía quedó aprobada y pasa a publicación.")
    expect(page.get_by_text("AST-03: 60 %")).to_be_visible()
    expect(page.get_by_text("Reportado por la entidad el 26 de noviembre de 2026")).to_be_visible()
    report(page, "AST-04", "90", "Observaciones atendidas; el proyecto pasa a firma.")
    report(page, "AST-05", "90", "Cincuenta y cuatro de sesenta soldadores certificados.")
    expect(page.get_by_text("AST-05: 90 %")).to_be_visible()
    page.get_by_role("button", name="Terminar por ahora").last.click()
    expect(cards(page, "Seguimiento registrado")).to_contain_text("AST-04")


def _the_vice_minister_acknowledges(page: Page, live: Any) -> None:
    visit(page, live, "persona=vm")
    cards(page, "tarjeta de Astilleros").first.get_by_role("link", name="Ver la tarjeta").click()
    page.wait_for_url(re.compile(MINISTRY))
    card = cards(page, "AST-04")
    card.get_by_role("button", name="Acuso recibo").click()
    expect(card).to_contain_text("Acusó recibo · Beatriz Londoño Ortega")


def _the_leader_sees_the_decision(page: Page, live: Any) -> None:
    visit(page, live, LEADER)
    expect(cards(page, "1 decisión sobre sus alertas")).to_contain_text("Acusó recibo")


def _planning_opens_the_report(page: Page, live: Any) -> None:
    visit(page, live, OFFICE)
    expect(cards(page, "Acciones sin reporte de noviembre de 2026")).to_contain_text("AST-06")
    page.get_by_test_id("escribir").fill("/reporte logros dispositivos jul-ago 2026")
    page.get_by_test_id("enviar").click()
    draft = cards(page, "julio–agosto de 2026").last
    with page.context.expect_page() as opened:
        draft.get_by_role("link", name="Ver borrador").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Dispositivos médicos")
    expect(opened.value.locator("body")).to_contain_text("Reto abierto, 37 postulaciones")


def test_a_leader_takes_the_first_step_with_the_keyboard_alone(later: Any, page: Page, errors: list[str]) -> None:
    visit(page, later, "inicio")
    _tab_to(page, page.get_by_test_id("persona-lt-astilleros"))
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("titulo")).to_be_focused()
    next_day = page.get_by_test_id("avanzar-dia")
    _tab_to(page, next_day, back=True)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("today")).to_have_text("viernes 27 de noviembre de 2026")
    expect(next_day).to_be_focused()
    _tab_to(page, cards(page, "Por reportar").get_by_role("button", name="Comenzar"))
    page.keyboard.press("Space")
    expect(page.locator("article:focus")).to_contain_text("1 de 6")
    _the_item_is_filled(page, cards(page, "1 de 6"))
    page.keyboard.press("Enter")
    expect(page.locator("article:focus")).to_contain_text("AST-03: 60 %, a tiempo")
    assert focus_complaint(page) == ""
    logro = later.demo.service.db.do(lambda session: session.scalars(select(Achievement)).all()[-1].priority)
    assert logro == "Alta"
    assert errors == []


def _the_item_is_filled(page: Page, card: Locator) -> None:
    """Arrows for the number and the lists, space for the fold and the mark, letters for the texts."""
    _tab_to(page, card.get_by_label(re.compile("Avance en porcentaje")))
    for _step in range(10):
        page.keyboard.press("ArrowUp")
    _tab_to(page, card.get_by_label(re.compile("Avance cualitativo")))
    page.keyboard.type("La guía quedó aprobada y pasa a publicación.")
    fold = card.get_by_role("button", name="Marcar un logro")
    _tab_to(page, fold)
    expect(fold).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Space")
    expect(fold).to_have_attribute("aria-expanded", "true")
    _tab_to(page, card.get_by_role("checkbox", name=re.compile("Es un logro")))
    page.keyboard.press("Space")
    _tab_to(page, card.get_by_label("Texto del logro"))
    page.keyboard.type("Se publicó la guía de control para los astilleros.")
    for label in ("Prioridad del logro", "Tipo de resultado"):
        _tab_to(page, card.get_by_label(label))
        page.keyboard.press("ArrowDown")
    _tab_to(page, card.get_by_role("button", name=SAVE))


def _tab_to(page: Page, goal: Locator, *, back: bool = False) -> None:
    """Step by step, seeing at each step where the keyboard is."""
    expect(goal).to_be_visible()
    for _press in range(150):
        if goal.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
        assert focus_complaint(page) == ""
    raise AssertionError("the keyboard does not get there")


PLACES = ["inicio", OFFICE, "persona=lt-biologicos", MINISTRY, f"buzon={DIMAR}"]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("place", PLACES)
def test_the_page_is_accessible_with_real_cards(later: Any, page: Page, place: str, width: int, tmp_path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 844 if width < 500 else 800})
    visit(page, later, place)
    expect(page.locator("article, .inbox a, .steps").first).to_be_attached()
    if page.get_by_test_id("inbox").count():
        page.get_by_test_id("inbox").get_by_role("link").first.click()
        expect(page.locator(".letter h3")).to_be_focused()
    page.evaluate("for (const fold of document.querySelectorAll('.card button[aria-expanded=false]')) fold.click()")
    assert complaints(page) + twice(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("document.body.scrollHeight <= innerHeight"), "only the inner regions scroll"
    page.screenshot(path=tmp_path / "vista.png")
    assert (tmp_path / "vista.png").stat().st_size > 10_000
