"""The page as a visitor uses it, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sala_samples import DECISION, DONE, FOLLOW_UP, SUMMARY, request_mail
from sala_stub import CARD, CHANNEL, with_card

from tests.accessibility import complaints, twice

pytestmark = pytest.mark.browser
# The sample mail carries a script, to see that it does not run.
EXPECTED = "Blocked script execution"
DIMAR = "enlace.soluciones@dimar.example"


@pytest.fixture
def site(served: Any, page: Page) -> Page:
    """The page with something of everything in it; a script error or a CSP violation fails the test."""
    stub, errors = served.stub, []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on(
        "console", lambda line: errors.append(line.text) if line.type == "error" and EXPECTED not in line.text else None
    )
    served(
        stub.send(
            served(stub.chat()), {"type": "message", "text": "Respetada doctora Rincón: **la ventana está abierta**."}
        )
    )
    served(stub.send(served(stub.chat()), with_card(FOLLOW_UP)))
    served(stub.send(served(stub.chat(5)), with_card(SUMMARY)))
    served(stub.call("POST", "", {"channelData": {"channel": {"id": CHANNEL}}, "activity": with_card(DECISION)}))
    served(stub.write(request_mail()))
    page.goto(stub.base_url)
    expect(page.get_by_test_id("guide")).to_be_visible()
    yield page
    assert errors == []


def visit(page: Page, place: str) -> None:
    page.goto(page.url.split("#")[0] + f"#{place}")
    expect(page.get_by_test_id("titulo")).to_be_visible()


def test_a_slash_command_in_a_channel_is_seen_by_whoever_wrote_it_alone(site: Page, served: Any) -> None:
    channel = served.stub.sala.config.channels[0].key
    visit(site, f"canal={channel}&persona=vm")
    site.get_by_test_id("escribir").fill("/estado")
    site.get_by_test_id("enviar").click()
    expect(site.get_by_text("Solo usted puede ver este mensaje")).to_be_visible()
    assert served.stub.activities[-1]["recipient"]["isTargeted"] is True
    site.get_by_test_id("escribir").fill("estado de las iniciativas")
    site.get_by_test_id("enviar").click()
    expect(site.locator(".post.mine")).to_have_count(2)
    assert "isTargeted" not in served.stub.activities[-1]["recipient"]
    visit(site, f"canal={channel}&persona=gg")
    expect(site.get_by_text("estado de las iniciativas")).to_be_visible()
    expect(site.get_by_text("/estado", exact=True)).to_have_count(0)


def test_a_leader_fills_the_card_and_it_is_replaced(site: Page, served: Any) -> None:
    served.stub.answer = (200, {"statusCode": 200, "type": CARD, "value": DONE})
    site.get_by_test_id("persona-lt-astilleros").click()
    site.locator(".card").get_by_role("button", name="Registrar seguimiento").click()
    expect(site.get_by_text("Describa el avance.")).to_be_visible()
    site.get_by_label("Avance cualitativo").fill("La guía quedó en revisión jurídica.")
    site.locator(".card").get_by_role("button", name="Registrar seguimiento").click()
    expect(site.get_by_text("Seguimiento registrado")).to_be_visible()
    data = served.stub.activities[-1]["value"]["action"]["data"]
    assert data == {
        "id": "a1b2c3",
        "avance": "75",
        "texto": "La guía quedó en revisión jurídica.",
        "fuente": "correo",
        "logro": "false",
    }


def test_a_message_that_arrives_leaves_alone_what_is_being_filled(site: Page, served: Any) -> None:
    visit(site, "persona=lt-astilleros")
    site.get_by_label("Avance cualitativo").fill("A medio escribir")
    served(served.stub.send(served(served.stub.chat()), {"type": "message", "text": "Otra novedad"}))
    expect(site.get_by_text("Otra novedad")).to_be_visible()
    expect(site.get_by_label("Avance cualitativo")).to_have_value("A medio escribir")
    expect(site.get_by_test_id("live")).to_have_text("Mensaje nuevo de Soluciones")


def test_planning_asks_with_a_suggested_command_by_keyboard(site: Page, served: Any) -> None:
    visit(site, "persona=pl")
    site.get_by_role("button", name="/estado").press("Enter")
    expect(site.get_by_test_id("log").get_by_text("/estado")).to_be_visible()
    site.get_by_test_id("escribir").fill("/alertas")
    site.get_by_test_id("escribir").press("Enter")
    expect(site.get_by_test_id("log").get_by_text("/alertas")).to_be_visible()
    assert [a["text"] for a in served.stub.activities if a["type"] == "message"] == ["/estado", "/alertas"]


def test_a_member_acts_in_the_channel_as_the_chosen_person(site: Page, served: Any) -> None:
    visit(site, "canal=escalamiento-astilleros")
    site.get_by_test_id("actuar-como").select_option("vm")
    site.wait_for_url("**persona=vm")
    site.get_by_role("button", name="Tomar conocimiento").click()
    expect(site.locator("[aria-busy=true]")).to_have_count(0)
    assert served.stub.activities[-1]["from"]["name"] == "María Fernanda Ossa"


def test_an_entity_reads_its_mail_and_answers(site: Page, served: Any) -> None:
    visit(site, f"buzon={DIMAR}")
    site.get_by_test_id("inbox").get_by_role("link").click()
    expect(site.frame_locator("[data-testid=html]").get_by_text("Quedamos atentos a su respuesta.")).to_be_visible()
    site.get_by_test_id("ver-texto").click()
    expect(site.get_by_test_id("texto")).to_contain_text("AST-07")
    expect(site.get_by_test_id("respuesta")).to_have_value(re.compile("AST-04: avance"))
    site.get_by_test_id("responder").click()
    expect(site.get_by_test_id("respondido")).to_contain_text("Ya se envió una respuesta")
    assert len(served.stub.mail) == 1


def test_the_clock_moves_on(site: Page) -> None:
    site.get_by_test_id("avanzar-dia").click()
    expect(site.get_by_test_id("today")).to_have_text("miércoles 4 de noviembre de 2026")
    expect(site.get_by_test_id("avanzar-dia")).to_be_enabled()


PLACES = ["inicio", "persona=lt-astilleros", "persona=pl", "canal=escalamiento-astilleros", f"buzon={DIMAR}&mensaje=m1"]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("place", [*PLACES, "personas", "buzones"])
def test_every_view_is_accessible_and_fits(site: Page, place: str, width: int, tmp_path: Path) -> None:
    site.set_viewport_size({"width": width, "height": 844 if width < 500 else 800})
    site.goto(site.url.split("#")[0] + f"#{place}")
    expect(site.locator("main > *").first).to_be_attached()
    site.wait_for_timeout(300)
    assert complaints(site) + twice(site) == []
    assert site.evaluate("document.documentElement.scrollWidth <= innerWidth")
    site.screenshot(path=tmp_path / "vista.png")
