"""Road 4: planning asks; frozen reports, signed links, changes of the matrix, the admin socket."""

from __future__ import annotations

import asyncio
import shutil
from datetime import date, timedelta
from pathlib import Path

import aiohttp
import pytest

from methodology.actions import find
from methodology.operations import OPERATIONS
from methodology.publishing import published
from tests.bot.stage import Stage, words

DATE_TITLE = OPERATIONS["accion.fecha"].title
REPORT = "/reporte logros dispositivos jul-ago 2026"


async def test_an_approved_report_is_published_mailed_once_and_on_the_site(stage: Stage) -> None:
    await stage.sala.say("pl", REPORT)
    await stage.press("pl", stage.card("pl", having="julio–agosto"), "Aprobar y publicar")
    assert stage.read(published) == []
    await stage.press("pl", stage.card("pl", having="se remitirá por correo a 1 destinatario"), "Confirmar")
    await settled(stage)
    assert [report.period for report in stage.read(published)] == ["2026-B4"]
    letters = [
        m for m in stage.sala.mails("despacho.viceministerio@mincit.example") if "logros" in str(m.message["Subject"])
    ]
    assert len(letters) == 1
    assert b"application/pdf" in letters[0].raw
    index = (stage.service.settings.site_folder / "index.html").read_text()
    assert "julio–agosto de 2026" in index
    await stage.sala.say("pl", REPORT)
    assert "Publicado" in words(stage.card("pl", having="Reporte de logros"))


async def test_a_report_opens_only_by_its_signed_link_and_until_it_expires(stage: Stage) -> None:
    await stage.sala.say("pl", REPORT)
    url = _link(stage.card("pl", having="julio–agosto"), "Ver borrador")
    async with aiohttp.ClientSession() as http:
        assert "Dispositivos médicos" in await (await http.get(url)).text()
        assert (await http.get(url.split("?")[0])).status == 403
        assert (await http.get(url.replace("?t=", "?t=x"))).status == 403
        pdf = await http.get(url.replace(".html", ".pdf"))
        assert (await pdf.read()).startswith(b"%PDF")
        stage.demo.clock.set(stage.demo.clock.now() + timedelta(days=61))
        assert (await http.get(url)).status == 403


async def test_the_site_serves_nothing_outside_its_folder(stage: Stage) -> None:
    base = stage.service.settings.public_url
    async with aiohttp.ClientSession() as http:
        assert (await http.get(f"{base}/sitio/")).status == 200
        escape = await http.get(f"{base}/sitio/%2e%2e/soluciones.db")
        assert escape.status in (403, 404)
        for odd in ("%00", "a%00b.html", "a" * 300, "%FF"):
            assert (await http.get(f"{base}/sitio/{odd}")).status == 404


async def test_an_undated_action_gets_its_date_by_command_and_the_rules_follow(stage: Stage) -> None:
    await stage.sala.say("lt-biologicos", "/fecha BIO-05 18/12/2026 acordada en mesa técnica")
    action = stage.read(find, "BIO-05")
    assert (action.due, action.due_version, action.due_soon_on) == (date(2026, 12, 18), 2, date(2026, 12, 3))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("/fecha BIO-02 31/12/9999", "No se reconoció «31/12/9999». Indique la fecha, por ejemplo 18/12/2026."),
        ("/reporte logros astilleros 0000-B1", "use un año entre 2000 y 2099"),
    ],
)
async def test_a_year_out_of_reach_is_refused_with_a_sentence(stage: Stage, line: str, sentence: str) -> None:
    before = stage.read(find, "BIO-02").due
    await stage.sala.say("pl", line)
    assert sentence in words(stage.sala.messages("pl")[-1])
    assert stage.read(find, "BIO-02").due == before


async def test_an_overdue_date_is_moved_by_planning_with_a_reason_and_not_by_the_leader(stage: Stage) -> None:
    await stage.sala.say("lt-astilleros", "/fecha AST-04 18/12/2026 se amplió la consulta pública")
    assert stage.read(find, "AST-04").due == date(2026, 10, 9)
    await stage.sala.say("pl", "/fecha AST-04 18/12/2026 se amplió la consulta pública")
    action = stage.read(find, "AST-04")
    assert (action.due, action.due_moves, action.original_due) == (date(2026, 12, 18), 1, date(2026, 10, 9))


async def test_an_action_is_reassigned_and_met_from_its_card(stage: Stage) -> None:
    await stage.sala.say("pl", "/accion CYC-10")
    entity = "Ministerio de Salud y Protección Social (MinSalud)"
    await stage.press("pl", stage.card("pl", having="CYC-10"), DATE_TITLE)
    await stage.press("pl", stage.card("pl", having="CYC-10"), "Registrar", fecha="2026-12-18")
    assert stage.read(find, "CYC-10").due == date(2026, 12, 18)
    await stage.sala.say("pl", f'/reasignar CYC-10 "{entity}" acuerdo entre entidades')
    assert stage.read(find, "CYC-10").entity.name != entity
    await stage.press("pl", stage.card("pl", having="Todavía no se ha registrado"), "Confirmar")
    assert stage.read(find, "CYC-10").entity.name == entity


@pytest.mark.parametrize(
    "order", ["/estado", "/pendientes", "/alertas", "/por-que AST-04", "/matriz astilleros", "/ayuda"]
)
async def test_every_reading_command_answers_planning_with_a_card(stage: Stage, order: str) -> None:
    await stage.sala.open("pl")
    before = len(stage.cards("pl"))
    await stage.sala.say("pl", order)
    assert len(stage.cards("pl")) == before + 1


async def test_the_closing_says_what_is_missing_before_it(stage: Stage) -> None:
    await stage.sala.open("pl")
    await stage.sala.say("pl", "/cierre astilleros")
    said = words(stage.card("pl", having="Qué falta para el cierre"))
    assert "Todavía no se cumple la condición de cierre" in said
    assert "los 18 meses en ejecución se cumplen el 22 de noviembre de 2026" in said


async def test_a_case_that_planning_holds_back_is_named(stage: Stage) -> None:
    await stage.sala.say("pl", "/caso cannabis")
    said = words(stage.sala.messages("pl"))
    assert "no tiene una Solución de alto nivel" in said
    assert "Planeación no la ha liberado: CYC-08" in said


async def test_why_is_told_rule_by_rule_with_what_follows_first(stage: Stage) -> None:
    await stage.sala.open("pl")
    await stage.sala.say("pl", "/por-que AST-04")
    said = words(stage.card("pl", having="¿Por qué? AST-04"))
    assert (
        said.index("Lo que sigue") < said.index("Fechas y motivos") < said.index("Reglas de la metodología: R19, R15")
    )


async def test_what_is_asked_in_the_channel_is_answered_in_private_and_noted_once(stage: Stage) -> None:
    await stage.sala.open("pl")
    await stage.sala.say("pl", "/estado", channel="escalamiento")
    assert words(stage.card("pl", having="Estado de las iniciativas")).count("avances ilustrativos") == 1
    assert stage.cards("pl", "escalamiento") == []


async def test_a_leader_cannot_approve_and_is_told_so(stage: Stage) -> None:
    await stage.sala.say("lt-astilleros", "/aprobar 1")
    assert "no está entre las opciones de su cargo" in words(stage.sala.messages("lt-astilleros"))
    assert stage.read(published) == []


async def test_the_backlog_reaches_only_planning_who_releases_line_by_line(stage: Stage) -> None:
    digest = stage.card("pl", having="anteriores al arranque")
    assert not any("MSQ-03" in words(m) for m in stage.cards("lt-medicamentos-sintesis-quimica"))
    await stage.press("pl", digest, "Liberar")
    await settled(stage)
    leaders = [person.key for person in stage.sala.config.people if person.key.startswith("lt-")]
    released = [key for key in leaders if any("para su gestión" in words(card) for card in stage.cards(key))]
    assert len(released) == 1
    assert stage.cards("vm", "escalamiento") == []


async def test_an_import_reaches_the_running_service_and_a_second_one_changes_nothing(
    stage: Stage, tmp_path: Path
) -> None:
    from bot.admin import ask_service  # noqa: PLC0415

    folder = tmp_path / "matrices"
    shutil.copytree("examples", folder)
    socket = stage.service.settings.admin_socket

    def order(*, dry_run: bool) -> dict:
        return ask_service(socket, "import", {"folder": str(folder), "dry_run": dry_run}) or {}

    assert (await asyncio.to_thread(order, dry_run=False))["changes"] == []
    text = (folder / "astilleros.csv").read_text()
    (folder / "astilleros.csv").write_text(text.replace("2026-12-18,2026-12-18", "2026-12-22,2026-12-18"))
    assert (await asyncio.to_thread(order, dry_run=True))["changes"] == [
        "Acción AST-08: cambia la fecha de vencimiento"
    ]
    assert stage.read(find, "AST-08").due == date(2026, 12, 18)
    assert (await asyncio.to_thread(order, dry_run=False))["changes"] == [
        "Acción AST-08: cambia la fecha de vencimiento"
    ]
    assert stage.read(find, "AST-08").due == date(2026, 12, 22)


async def settled(stage: Stage) -> None:
    while stage.service.background:
        await asyncio.gather(*stage.service.background)


def _link(element, title: str) -> str:
    if isinstance(element, list):
        return next((url for part in element if (url := _link(part, title))), "")
    if isinstance(element, dict):
        if element.get("title") == title and "url" in element:
            return element["url"]
        return next((u for key in ("cards", "body", "items", "actions") if (u := _link(element.get(key), title))), "")
    return ""
