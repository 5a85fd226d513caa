"""The entity's page as a person meets it: on a phone, without scripts, by keyboard; and what axe says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sala_threads import DemoInThread
from sqlalchemy.orm import Session

from bot.form.rates import Rates
from methodology.script import Step, doing_for, play_step
from storage.ledger import Proposal
from storage.matrix import Action
from tests.accessibility import complaints, focus_complaint, twice

pytestmark = pytest.mark.browser
INVIMA, DIMAR = "enlace.soluciones@invima.example", "enlace.soluciones@dimar.example"
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1000, "height": 800}
TEXT = "Se publicó la guía en consulta y se atienden las observaciones."
expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoInThread]:
    """A demonstration on the day after the entities were asked; Dimar was asked to validate an action, too."""
    thread = DemoInThread(tmp_path_factory.mktemp("formulario") / "demo")
    thread(thread.demo.live_until(date(2026, 11, 12)))
    yield thread
    thread.stop()


def links(demo: DemoInThread, mailbox: str) -> list[str]:
    """The links of a mailbox's own letters (not of its copies), as they stand in them, the newest last."""
    own = (mail.message for mail in demo.demo.sala.mails(mailbox) if mailbox in str(mail.message["To"]))
    pages = (message.get_body(("html",)).get_content() for message in own)
    found = (re.search(r'<a href="([^"]+)"[^>]*>Responder en línea</a>', page) for page in pages)
    return [one[1].replace("&amp;", "&") for one in found if one]


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    """A small telephone on which no script runs; a policy that is broken fails the test."""
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)
    page, errors = context.new_page(), []
    page.on(
        "console", lambda line: errors.append(line.text) if line.type == "error" and "422" not in line.text else None
    )
    yield page
    context.close()
    assert errors == []


def test_a_month_is_answered_on_a_phone_without_scripts(asked: DemoInThread, phone: Page) -> None:
    phone.goto(links(asked, INVIMA)[0])
    expect(phone.get_by_role("heading", name="Reporte de avance: noviembre de 2026")).to_be_visible()
    first, second = _action(phone, 0), _action(phone, 1)
    first.get_by_label("Avance acumulado (%)").fill("ciento")
    first.get_by_label("Descripción del avance").fill(TEXT)
    phone.get_by_role("button", name="Enviar respuesta").click()
    expect(phone.get_by_role("alert")).to_contain_text("Hay un dato por corregir")
    expect(first.get_by_label("Descripción del avance")).to_have_value(TEXT)
    phone.get_by_role("alert").get_by_role("link").click()
    expect(first.get_by_label("Avance acumulado (%)")).to_be_in_viewport()
    first.get_by_label("Avance acumulado (%)").fill("60,5")
    _open(second).get_by_label("Sin avance este mes").check()
    second.get_by_label("Descripción del avance").fill("Falta el concepto jurídico")
    second.get_by_text("Cumplimiento, evidencia y otra fecha").click()
    second.get_by_label("Archivos de evidencia").set_input_files(
        [{"name": "oficio.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}]
    )
    phone.get_by_role("button", name="Guardar borrador").click()
    expect(phone.get_by_role("status").first).to_contain_text("El borrador quedó guardado")
    expect(second.locator("> summary")).to_contain_text("Borrador sin enviar")
    expect(_open(second).get_by_text("oficio.pdf").first).to_be_visible()
    expect(second.get_by_label("Sin avance este mes")).to_be_checked()
    phone.get_by_role("button", name="Enviar respuesta").click()
    expect(phone.get_by_role("heading", name="Recibimos su respuesta")).to_be_visible()
    expect(phone.get_by_text("Sin avance: Falta el concepto jurídico")).to_be_visible()
    expect(phone.get_by_role("heading", name="Acciones que aún no tienen respuesta")).to_be_visible()
    phone.reload()
    phone.get_by_role("link", name="Completar o corregir la respuesta").click()
    expect(_open(first).get_by_label("Avance acumulado (%)")).to_have_value("60,5")
    assert [row[0] for row in asked.demo.service.db.do(_proposals)] == [60.5, None]


def _action(page: Page, number: int) -> Locator:
    """One action of the month, folded or not."""
    return page.locator("details.action").nth(number)


def _open(action: Locator) -> Locator:
    """The action, unfolded by keyboard."""
    if action.get_attribute("open") is None:
        action.locator("> summary").press("Enter")
    return action


def _proposals(session: Session) -> list[tuple[float | None]]:
    return [(row.percent,) for row in session.query(Proposal).order_by(Proposal.id)]


def test_the_page_is_reached_from_the_sala_s_mailbox(asked: DemoInThread, page: Page) -> None:
    page.goto(f"{asked.url}/#buzon={DIMAR}")
    page.get_by_test_id("inbox").get_by_role("link").first.click()
    letter = page.frame_locator("[data-testid=html]")
    with page.expect_popup() as opened:
        letter.get_by_role("link", name="Responder en línea").click()
    expect(opened.value.get_by_role("heading", name="Reporte de avance")).to_be_visible()


def test_it_is_filled_in_by_keyboard_alone_and_one_sees_where_one_is(asked: DemoInThread, page: Page) -> None:
    page.set_viewport_size(PHONE)
    page.goto(links(asked, DIMAR)[0])
    page.keyboard.press("Tab")
    assert "Ir al contenido" in page.evaluate("document.activeElement.textContent")
    seen, wrong = [], []
    for _ in range(40):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name ?? document.activeElement.textContent.trim()")
        if name == page.evaluate("document.body.textContent.trim()") or name in seen[:1]:
            break
        seen.append(name)
        wrong.append(focus_complaint(page))
        if str(name).endswith("-avance"):
            page.keyboard.type("70")
        if str(name).endswith("-descripcion"):
            page.keyboard.type(TEXT)
        if name == "orden" and page.evaluate("document.activeElement.value") == "borrador":
            page.keyboard.press("Enter")
            break
    assert [one for one in wrong if one] == []
    expect(page.get_by_role("status").first).to_contain_text("El borrador quedó guardado")
    expect(page.get_by_label("Descripción del avance").first).to_have_value(TEXT)


def _states(asked: DemoInThread) -> dict[str, Any]:
    """Each state of the page, and how to come to it."""

    def wrong(page: Page) -> None:
        first = _open(_action(page, 0))
        first.get_by_label("Avance acumulado (%)").fill("150")
        first.locator("details").evaluate("node => node.open = true")
        page.get_by_role("button", name="Enviar respuesta").click()
        expect(page.get_by_role("alert")).to_be_visible()

    def nothing(_page: Page) -> None:
        return

    minsalud = links(asked, "enlace.soluciones@minsalud.example")[0]
    return {
        "blank": (minsalud, nothing),
        "wrong": (minsalud, wrong),
        "received": (f"{links(asked, INVIMA)[0]}&r=1", nothing),
        "validation": (_validation(asked), nothing),
        "closed": (minsalud.replace("?t=", "?t=x"), nothing),
    }


def _validation(asked: DemoInThread) -> str:
    known = links(asked, DIMAR)
    if len(known) == 1:
        asked.demo.service.db.do(_ask, asked)
        asked(asked.demo.service.metronome.beat())
    return links(asked, DIMAR)[-1]


def _ask(session: Session, asked: DemoInThread) -> None:
    now, new = asked.demo.clock.now(), {"iniciativa": "astilleros", "entidad": "Dimar", "prioridad": "Alta"}
    doing = doing_for(session, asked.demo.service.method, now)
    text = {"texto": "Habilitar la ventanilla única de zarpe", "vence": "2027-06-30"}
    play_step(session, Step(now, "LT", "accion.proponer", text | new), doing)
    code = session.query(Action).order_by(Action.id.desc()).first().code
    play_step(session, Step(now, "LT", "accion.solicitar_validacion", {"accion": code}), doing)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["360", "1000"])
def test_axe_and_the_ruler_find_nothing(asked: DemoInThread, page: Page, size: Any, tmp_path: Path) -> None:
    page.set_viewport_size(size)
    found = {}
    for name, (url, act) in _states(asked).items():
        page.goto(url)
        act(page)
        page.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        wide = page.evaluate("document.documentElement.scrollWidth") > size["width"]
        found[name] = [*complaints(page), *twice(page), *(["wider than the screen"] if wide else [])]
    assert found == {name: [] for name in found}


def test_who_sent_too_often_goes_back_to_what_was_typed(asked: DemoInThread, page: Page) -> None:
    forms = asked.demo.service.forms
    usual, forms.rates = forms.rates, Rates(sent=((1, 600.0),))
    forms.rates._taken("sent", "127.0.0.1")
    page.goto(links(asked, "enlace.soluciones@minsalud.example")[0])
    box = _open(_action(page, 2)).get_by_label("Descripción del avance")
    box.fill(TEXT)
    page.get_by_role("button", name="Enviar respuesta").click()
    expect(page.get_by_role("alert")).to_contain_text("lo escrito sigue en su navegador")
    forms.rates = usual
    page.go_back()
    expect(box).to_have_value(TEXT)


def test_the_error_summary_has_the_focus_and_its_links_lead_to_the_inputs(asked: DemoInThread, page: Page) -> None:
    page.goto(links(asked, "enlace.soluciones@minsalud.example")[0])
    _open(_action(page, 1)).get_by_label("Avance acumulado (%)").fill("200")
    page.get_by_role("button", name="Enviar respuesta").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_role("alert").get_by_role("link").first.press("Enter")
    box = _action(page, 1).get_by_label("Avance acumulado (%)")
    expect(box).to_have_attribute("aria-invalid", "true")
    expect(box).to_have_accessible_description(re.compile("no es un porcentaje"))
