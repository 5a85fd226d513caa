from __future__ import annotations

import time
from datetime import date

import pytest
from mail_letters import letter

from mail.read import read
from mail.read.promises import answers_on
from methodology.readings import ReadingKind

NEAR = date(2026, 11, 11)  # a Wednesday


def of_none(_sentence: str) -> bool:
    return False


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Buenos días. Respondemos el 12.", date(2026, 11, 12)),
        ("Enviaremos el avance el 20 de noviembre.", date(2026, 11, 20)),
        ("Daremos respuesta a más tardar el viernes 20 de noviembre de 2026.", date(2026, 11, 20)),
        ("El reporte lo remitiremos el próximo 3.", date(2026, 12, 3)),
        ("Se remitirá la información solicitada el 18/11/2026.", date(2026, 11, 18)),
        ("Estaremos enviando la respuesta el lunes.", date(2026, 11, 16)),
        ("Responderé el miércoles.", date(2026, 11, 18)),
        ("Le damos respuesta mañana.", date(2026, 11, 12)),
        ("Responderemos antes del 14.", date(2026, 11, 14)),
        ("Contestaremos el día 31.", date(2026, 12, 31)),
        ("Respondo a más tardar el próximo viernes 20.", date(2026, 11, 20)),
        ("Damos respuesta antes del 18 de noviembre.", date(2026, 11, 18)),
        ("Daremos respuesta a su oficio 2026-114 del 11 de noviembre el día 20.", date(2026, 11, 20)),
    ],
)
def test_the_day_of_a_promise_to_answer(text: str, day: date) -> None:
    assert answers_on(text, NEAR, of_none) == day


@pytest.mark.parametrize(
    "text",
    [
        "Respondimos el 3 de noviembre.",
        "¿Respondemos el 12?",
        "No responderemos el 12.",
        "La entidad enviará el proyecto de decreto a la DIAN el 20 de noviembre.",
        "Enviaremos la guía a consulta pública el 20 de noviembre.",
        "Respondemos en los próximos días.",
        "Responderemos el 12 de noviembre de 2030.",
        "Responderemos con el 80 % de las acciones.",
        "Solicitamos prórroga hasta el 4 de diciembre.",
        "Ya contestamos el viernes.",
        "Contestamos el 12.",
        "Ya le respondemos el 12 de cada mes.",
        "Damos respuesta a su solicitud del 11.",
        "Daremos respuesta a su comunicación del 11.",
        "En atención a su comunicación del 11, damos respuesta: el decreto está en firma desde el lunes.",
        "Contestamos: la obra inició el 3 y va bien.",
        "Respondo a su solicitud: el decreto se expide el 15 de diciembre y la resolución el 20.",
        "Respondemos al requerimiento: el decreto salió el 12.",
        "",
    ],
)
def test_what_promises_no_answer(text: str) -> None:
    assert answers_on(text, NEAR, of_none) is None


def test_a_sentence_about_one_action_promises_nothing_of_the_answer() -> None:
    assert answers_on("BIO-02: enviaremos el avance el 20 de noviembre.", NEAR, lambda one: "BIO-02" in one) is None


def test_a_promise_beside_thanks_is_more_than_a_courtesy() -> None:
    reading = read(letter("Recibido, gracias. Respondemos el 20.", Date="Wed, 11 Nov 2026 10:00:00 -0500"), None)
    assert (reading.kind, reading.answers_on, reading.answers) == (ReadingKind.REPLY, date(2026, 11, 20), ())


SENT = "Wed, 11 Nov 2026 10:00:00 -0500"


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("Cordial saludo.\n\nResponderemos el 20 de noviembre. Gracias.\n\nAtentamente,\nAna Ruiz", True),
        ("Solicitamos ampliar el plazo hasta el 24 de noviembre de 2026 para dar respuesta.", True),
        ("El decreto salió ayer. Lo demás lo responderemos el 20 de noviembre.", False),
        ("Responderemos el 20 de noviembre lo que falta, " + "y así con todo lo demás del decreto " * 5, False),
    ],
)
def test_a_promise_beside_anything_else_is_for_a_person(text: str, alone: bool) -> None:
    reading = read(letter(text, Date=SENT), None)
    assert (reading.answers_on is not None, reading.promises_only) == (True, alone)


@pytest.mark.parametrize("text", ["Ya contestamos el viernes. Gracias.", "Damos respuesta a su solicitud. Gracias."])
def test_who_says_that_it_answered_is_more_than_courteous(text: str) -> None:
    assert read(letter(text, Date=SENT), None).kind is ReadingKind.REPLY


@pytest.mark.parametrize(
    "piece",
    [
        "respondemos el ",
        "enviaremos ",
        "avance lo enviaremos el ",
        "damos respuesta a ",
        "respondo el dia ",
        "daremos respuesta a la solicitud de ",
    ],
)
def test_no_text_can_stall_it(piece: str) -> None:
    began = time.process_time()
    answers_on(piece * (2**20 // len(piece)), NEAR, of_none)
    assert time.process_time() - began < 2


def test_what_outlook_packed_is_said_and_not_guessed() -> None:
    raw = letter("Recibido, gracias.").replace(b"Content-Type: text/plain", b"X-Was: text/plain")
    raw = raw.replace(b"MIME-Version: 1.0", b"MIME-Version: 1.0\r\nContent-Type: application/ms-tnef; name=winmail.dat")
    reading = read(raw, None)
    assert reading.kind is ReadingKind.REPLY
    assert "winmail.dat" in reading.unreadable
    assert reading.letter == ""
