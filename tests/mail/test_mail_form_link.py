"""The page's link in the letters, what they repeat of it, and that neither disturbs the reading of a reply."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from mail_letters import CODES, FORM, LETTERHEAD, letter, quoted
from mail_world import TOKEN

from mail.read import read
from mail.writing import ReceivedData, ReceivedItem, ReminderData, received, reminder, request
from mail.writing.received import BY_FORM
from mail.writing.validation import AnsweredData, AskedAction, ValidationData, answered, validation
from methodology.readings import ReadingKind
from methodology.rules.months import Month

URL = "https://bot.example/responder/SR-7K3M-Q2XW-1?t=eyJhbGciOiJIUzI1NiJ9.eyJrIjoicmVzcHVlc3RhIn0.AST-04_BIO-02_90"
LINKED = replace(FORM, form_url=URL, form_until=date(2026, 12, 31))
ITEM = ReceivedItem(
    "BIO-02",
    60.5,
    "Se publicó la guía",
    (("Evidencia", "Resolución 12 de 2026"), ("Fecha propuesta", "18 de diciembre de 2026")),
)
RECEIVED = received(
    ReceivedData(
        to=("enlace@invima.example",),
        entity="Invima",
        month=Month(2026, 11),
        items=(ITEM, ReceivedItem("DIM-03", None, "Sin avance: falta presupuesto")),
        reference=TOKEN,
        message_id="<acuse@operador.example>",
        letterhead=LETTERHEAD,
        in_reply_to="",
        road=BY_FORM,
        signed="Ana Ruiz, jefe de Planeación",
    )
)


def test_request_and_reminder_carry_the_link_in_both_parts_and_say_until_when() -> None:
    again = reminder(ReminderData(replace(LINKED, message_id="<dos@operador.example>"), "<uno@x>", date(2026, 11, 11)))
    for mail in (request(LINKED), again):
        for part in (mail.text, mail.html):
            assert URL in part
            assert "vence el 31 de diciembre de 2026" in part
            assert "También puede responder este correo" in part


def test_who_is_copied_reads_that_the_link_is_not_theirs() -> None:
    copied = replace(LINKED, cc=("enlace@minsalud.example",), copied=("MinSalud",))
    for part in (request(copied).text, request(copied).html):
        words = " ".join(part.split())
        assert "entidad responsable: las entidades copiadas no responden por él. Permite guardar" in words
        assert "vence el 31 de diciembre de 2026" in words
    assert "entidades copiadas no responden" not in request(replace(LINKED, cc=())).text


def test_without_a_page_no_letter_speaks_of_one() -> None:
    assert "Responder en línea" not in request(FORM).html
    assert "RESPONDER EN LÍNEA" not in request(FORM).text


def test_the_validation_letter_has_it_too() -> None:
    data = ValidationData(
        to=("enlace@invima.example",),
        entity="Invima",
        initiative="Biológicos",
        reference=TOKEN,
        message_id="<v@operador.example>",
        letterhead=LETTERHEAD,
        why="R26",
        actions=(AskedAction("BIO-09", "Expedir la guía", "Invima"),),
        form_url=URL,
    )
    for part in (validation(data).text, validation(data).html):
        assert URL in part
        assert "sin usuario ni contraseña" in part
    assert "en línea" not in validation(replace(data, form_url="")).text


def test_the_acknowledgement_of_a_page_repeats_it_exactly() -> None:
    for part in (RECEIVED.text, RECEIVED.html):
        for said in ("60,5", "Resolución 12 de 2026", "18 de diciembre de 2026", "Sin avance: falta presupuesto"):
            assert said in part
        assert "Respondió: Ana Ruiz, jefe de Planeación." in part
        assert "por el formulario en línea" in part
        assert "no se encontró un porcentaje" not in part


def test_the_acknowledgement_of_a_validation_threads_and_is_automatic() -> None:
    mail = answered(
        AnsweredData(
            to=("enlace@invima.example",),
            entity="Invima",
            items=(("Acción BIO-09", "no", "Corresponde al <INS>", "Se revisa."),),
            who="Ana Ruiz, Directora",
            why="R26",
            message_id="<a@operador.example>",
            letterhead=LETTERHEAD,
            reference=TOKEN,
            in_reply_to="<v@operador.example>",
        )
    )
    assert (mail.in_reply_to, mail.headers["Auto-Submitted"]) == ("<v@operador.example>", "auto-replied")
    assert "Corresponde al &lt;INS&gt;" in mail.html


@pytest.mark.parametrize("answer", ["BIO-02: 80 % – Se publicó la guía", "Recibido, muchas gracias."])
@pytest.mark.parametrize("sent", [request(LINKED), RECEIVED], ids=["request", "acknowledgement"])
@pytest.mark.parametrize("way", ["quoted", "html", "below"])
def test_a_reply_that_carries_our_letter_says_what_it_says_alone(answer: str, sent: object, way: str) -> None:
    text, html = sent.text, sent.html  # type: ignore[attr-defined]
    head = "El mié, 18 nov 2026 a las 8:00, Soluciones (<soluciones@operador.example>) escribió:"
    raw = {
        "quoted": letter(f"{answer}\n\n{head}\n\n{quoted(text)}"),
        "html": letter(html=f'<div>{answer}</div><div id="divRplyFwdMsg">De: X</div>{html}'),
        "below": letter(f"{answer}\n\n{text}"),
    }[way]
    alone, found = (read(one, CODES, "x@invima.example") for one in (letter(answer), raw))
    told = [(one.code, one.percent, one.text) for one in found.answers]
    assert told == [(one.code, one.percent, one.text) for one in alone.answers]
    assert (found.kind is ReadingKind.COURTESY) == (alone.kind is ReadingKind.COURTESY)
