from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest
from bs4 import BeautifulSoup
from mail_letters import FORM, LETTERHEAD, REQUEST
from mail_world import TOKEN

from mail.gateway import Attachment, OutgoingMail
from mail.writing import (
    Link,
    NoticeData,
    ReceivedData,
    ReceivedItem,
    ReminderData,
    ReportData,
    notice,
    received,
    reminder,
    report,
)
from methodology.rules.months import Month

REMINDER = reminder(
    ReminderData(replace(FORM, message_id="<dos@operador.example>"), FORM.message_id, date(2026, 11, 11))
)
REPORT_DATA = ReportData(
    to=("vm@ministerio.example",),
    holder="Laura Pérez",
    gender="f",
    title="Reporte de logros de Biológicos, septiembre–octubre de 2026",
    summary=("En el periodo se registraron tres logros.",),
    attachments=(
        Attachment("reporte.pdf", "application/pdf", b"%PDF"),
        Attachment("reporte.xlsx", "application/zip", b"PK"),
    ),
    message_id="<tres@operador.example>",
    letterhead=LETTERHEAD,
    link="https://sitio.example/r/1",
)
NOTICE = notice(
    NoticeData(
        to=("lt@operador.example",),
        title="Alertas del 13 de noviembre de 2026",
        salutation="Respetada doctora Gómez:",
        paragraphs=("Se registraron dos alertas.",),
        why="R15: AST-04 venció el 13 de octubre de 2026.",
        message_id="<cuatro@operador.example>",
        letterhead=LETTERHEAD,
        headers=("Acción", "Semáforo"),
        rows=(("AST-04", "Vencida ≥ 1 mes"),),
        links=(Link("Consultar el tablero", "https://sitio.example/t"),),
    )
)
RECEIVED_DATA = ReceivedData(
    to=("enlace@invima.example",),
    entity="Invima",
    month=Month(2026, 11),
    items=(ReceivedItem("BIO-02", 80.0, "Se publicó"), ReceivedItem("BIO-05", None, "Sin avance")),
    reference=TOKEN,
    message_id="<cinco@operador.example>",
    letterhead=LETTERHEAD,
    in_reply_to="<carta@invima.example>",
    pending=("DIM-03",),
)
RECEIVED = received(RECEIVED_DATA)
ALL = {"request": REQUEST, "reminder": REMINDER, "report": report(REPORT_DATA), "notice": NOTICE, "received": RECEIVED}


def words(html: str) -> str:
    return " ".join(BeautifulSoup(html, "lxml").get_text(" ").split())


def test_the_subject_is_the_methods() -> None:
    expected = "Soluciones por la Reindustrialización – Solicitud de avance noviembre de 2026 – Invima [Ref. {}]"
    assert REQUEST.subject == expected.format(TOKEN)


@pytest.mark.parametrize("body", [REQUEST.text, words(REQUEST.html)])
def test_the_request_says_what_by_when_and_why(body: str) -> None:
    for said in (
        "Respetados señores:",
        "Cordial saludo.",
        "de manera atenta solicitamos informar, a más tardar el miércoles 25 de noviembre de 2026",
        "11/12/2026",
        "Sin fecha",
        "Sin reporte",
        "BIO-02: 80 % – El proyecto salió a comentarios",
        "Ley 1581 de 2012",
        "¿Por qué se recibe este mensaje?",
        f"Referencia {TOKEN}",
        "Quedamos atentos a su respuesta.",
        "Atentamente,",
    ):
        assert said in " ".join(body.split())
    assert body.lstrip("_ ").startswith(("Por favor responda por encima de esta línea.", "Soluciones"))


def test_the_marker_is_the_first_line_people_see() -> None:
    body = BeautifulSoup(REQUEST.html, "lxml").body
    assert body is not None
    assert next(body.stripped_strings) == "Por favor responda por encima de esta línea."
    assert REQUEST.text.splitlines()[0].strip("_ ") == "Por favor responda por encima de esta línea."


def test_one_table_one_row_an_action_grouped_by_initiative() -> None:
    rows = BeautifulSoup(REQUEST.html, "lxml").select("table[summary] tr")
    cells = [[cell.get_text(" ", strip=True) for cell in row.find_all(["td", "th"])] for row in rows]
    assert cells[0] == [
        "Código",
        "Acción",
        "Fecha de vencimiento",
        "Último avance reportado",
        "Avance (%)",
        "Descripción del avance",
    ]
    assert [row[0] for row in cells[1:]] == ["Biológicos", "BIO-02", "BIO-05", "Dispositivos médicos", "DIM-03"]
    assert cells[2][3:] == ["50\u00a0% Guía en revisión", "", ""]


def test_the_plain_version_can_be_filled() -> None:
    lines = [line for line in REQUEST.text.splitlines() if "__ %" in line]
    assert lines == ["BIO-02: __ % – ", "BIO-05: __ % – ", "DIM-03: __ % – "]


def test_what_comes_from_the_matrix_is_escaped() -> None:
    assert "<fase I>" not in REQUEST.html
    assert "&lt;fase I&gt;" in REQUEST.html
    assert "<fase I>" in REQUEST.text


def test_an_overdue_action_is_called_that() -> None:
    assert "acción vencida" in REQUEST.text
    assert "Acción vencida" in REQUEST.html


def test_illustrative_data_says_so_and_real_data_does_not() -> None:
    shown = ALL["report"], report(replace(REPORT_DATA, illustrative=True))
    assert "ilustrativa" not in shown[0].html.lower() + shown[0].text.lower()
    assert "Información ilustrativa." in shown[1].html
    assert "INFORMACIÓN ILUSTRATIVA." in shown[1].text


def test_the_reminder_is_a_reiteration_in_the_same_thread() -> None:
    assert "Reiteración" in REMINDER.subject
    assert (REMINDER.in_reply_to, REMINDER.references) == (FORM.message_id, (FORM.message_id,))
    assert "reiteramos la solicitud remitida el miércoles 11 de noviembre de 2026" in REMINDER.text
    assert "BIO-05: __ % – " in REMINDER.text


@pytest.mark.parametrize(
    ("gender", "salutation"),
    [("f", "Respetada señora Viceministra:"), ("m", "Respetado señor Viceministro:")],
)
def test_the_report_greets_whoever_holds_the_post(gender: str, salutation: str) -> None:
    mail = report(replace(REPORT_DATA, gender=gender, acting=True))
    assert salutation in mail.text
    assert salutation in mail.html
    assert "(E)" in mail.text
    assert [one.name for one in mail.attachments] == ["reporte.pdf", "reporte.xlsx"]


def test_without_a_microsite_no_link_is_invented() -> None:
    mail = report(replace(REPORT_DATA, link="", letterhead=replace(LETTERHEAD, site="")))
    assert "http" not in mail.text
    assert "href" not in mail.html


def test_a_notice_shows_its_rows_links_and_reason() -> None:
    for body in (NOTICE.text, NOTICE.html):
        for said in ("Vencida ≥ 1 mes", "https://sitio.example/t", "R15: AST-04 venció el 13 de octubre de 2026."):
            assert said in body


def test_the_acknowledgement_says_what_was_understood() -> None:
    assert "Registramos como propuesta:" in RECEIVED.text
    assert "acción BIO-02, 80\u00a0%: Se publicó" in RECEIVED.text
    assert "acción BIO-05: Sin avance" in RECEIVED.text
    assert "sin cifra" not in RECEIVED.text.lower()
    assert "no se encontró un porcentaje" not in RECEIVED.text
    assert RECEIVED.headers["Auto-Submitted"] == "auto-replied"
    assert RECEIVED.references == ("<carta@invima.example>",)


def test_a_text_without_figure_is_told_that_none_was_found() -> None:
    mail = received(replace(RECEIVED_DATA, items=(ReceivedItem("BIO-05", None, "Se publicó la guía"),)))
    assert "acción BIO-05: Se publicó la guía" in mail.text
    assert "Donde no figura el avance no se encontró un porcentaje" in mail.text


def test_an_answer_that_came_without_message_id_is_acknowledged_outside_any_thread() -> None:
    unthreaded = received(replace(RECEIVED_DATA, in_reply_to=""))
    assert (unthreaded.in_reply_to, unthreaded.references) == ("", ())


@pytest.mark.parametrize("name", ALL)
def test_every_letter_is_formal(name: str) -> None:
    mail: OutgoingMail = ALL[name]
    everything = f"{mail.subject} {mail.text} {words(mail.html)}".lower()
    for never in ("hola", "incumplid", "none", "undefined", "{{", "  –  –"):
        assert never not in everything
    assert not re.search("[\U0001f300-\U0001faff\u2600-\u27bf]", everything)
    assert "\n" not in mail.subject


@pytest.mark.parametrize("name", ALL)
def test_every_letter_survives_outlook(name: str) -> None:
    html = ALL[name].html
    for never in ("flex", "grid", "<style", "<script", "<img", "position:"):
        assert never not in html
    assert 'lang="es-CO"' in html
