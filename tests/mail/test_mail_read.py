from __future__ import annotations

import time
from collections.abc import Callable

import mail_letters as letters
import pytest
from mail_letters import CODES, REQUEST, letter
from mail_world import INVIMA, REQUEST_ID, TOKEN

from mail.read import message_id, read
from mail.read.codes import Codes
from mail.read.figures import leading_percent
from mail.read.fresh import split
from methodology.readings import EVERY_ACTION, Answer, ReadingKind

TWO = [("BIO-02", 80.0, "Se publicó la guía en consulta"), ("DIM-03", 40.5, "Proyecto en revisión jurídica")]
Expected = list[tuple[str, float | None, str]]


def answers(raw: bytes) -> Expected:
    return [(one.code, one.percent, one.text) for one in read(raw, CODES).answers]


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (letters.outlook_text, TWO),
        (letters.outlook_html, TWO),
        (letters.outlook_web, [("BIO-05", 10.0, "Se inició la recolección de información")]),
        (letters.gmail_text, TWO),
        (letters.gmail_html, TWO),
        (letters.iphone, [("BIO-02", 80.0, "se publicó la guía")]),
        (
            letters.table_filled,
            [("BIO-02", 80.0, "Guía publicada en consulta"), ("BIO-05", None, "Sin avance: falta presupuesto")],
        ),
        (letters.table_of_theirs, [("BIO-02", 80.5, "Guía publicada"), ("DIM-03", None, "Sin avance")]),
        (letters.table_pasted, [("BIO-02", 80.0, "Guía publicada"), ("BIO-05", None, "Sin avance")]),
        (letters.form_filled_in_quote, [("BIO-05", 15.0, "Se recibió el listado")]),
        (letters.token_with_typos, TWO),
        (letters.latin1, [("BIO-02", 80.0, "Se publicó la guía")]),
    ],
)
def test_a_reply_becomes_its_answers(made: Callable[[], bytes], expected: Expected) -> None:
    reading = read(made(), CODES)
    assert reading.kind is ReadingKind.REPLY
    assert not reading.automatic
    assert answers(made()) == expected


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (letters.auto_reply, ReadingKind.AUTO_REPLY),
        (letters.out_of_office, ReadingKind.OUT_OF_OFFICE),
        (letters.bounce, ReadingKind.BOUNCE),
        (letters.bounce_in_prose, ReadingKind.BOUNCE),
        (lambda: letters.bounce(action="delayed"), ReadingKind.RECEIPT),
        (letters.read_receipt, ReadingKind.RECEIPT),
        (letters.courtesy, ReadingKind.COURTESY),
        (letters.radicado, ReadingKind.COURTESY),
        (letters.official_letter, ReadingKind.REPLY),
        (letters.more_time, ReadingKind.REPLY),
        (letters.prose, ReadingKind.REPLY),
    ],
)
def test_what_is_no_answer_is_told_apart(made: Callable[[], bytes], kind: ReadingKind) -> None:
    reading = read(made(), CODES)
    assert reading.kind is kind
    assert reading.answers == ()
    assert reading.reasons


def test_a_bounce_names_whom_it_did_not_reach_and_what() -> None:
    reading = read(letters.bounce(), CODES)
    assert reading.failed_recipients == (INVIMA,)
    assert reading.answering[0] == REQUEST_ID
    assert read(letters.bounce_in_prose(), CODES).failed_recipients == (INVIMA,)


def test_a_null_sender_is_a_machine() -> None:
    assert read(letters.courtesy(), CODES, "").kind is ReadingKind.AUTO_REPLY
    assert read(letters.courtesy(), CODES, None).kind is ReadingKind.COURTESY


def test_an_official_letter_counts_and_one_that_asks_for_time_does_not() -> None:
    assert read(letters.official_letter(), CODES).letter == "Oficio 2026-100.pdf"
    assert read(letters.more_time(), CODES).letter == ""


def test_sin_avance_may_be_said_of_everything() -> None:
    said = "Sin avances en el periodo por cambio de administración."
    assert read(letters.no_progress_at_all(), CODES).answers == (Answer(EVERY_ACTION, None, said, said),)


def test_who_wrote_about_what_is_read_from_headers_and_footer() -> None:
    reading = read(letters.outlook_text(), CODES)
    assert (reading.sender, reading.answering, reading.tokens) == (INVIMA, (REQUEST_ID,), (TOKEN,))
    assert read(letters.token_with_typos(), CODES).tokens == (TOKEN,)
    footer = letter(f"Sin avance\n\n{letters.quoted(REQUEST.text)}", subject="Otro", thread=False)
    assert read(footer, CODES).tokens == (TOKEN,)


@pytest.mark.parametrize("written", [REQUEST.text, letters.quoted(REQUEST.text)])
def test_our_own_request_quoted_is_never_an_answer(written: str) -> None:
    assert answers(letter(f"Ver abajo.\n\n{written}")) == []
    assert answers(letter(html=f"<p>Ver abajo.</p>{REQUEST.html}")) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("AST-04: 80 % – El proyecto salió a comentarios", (80.0, "El proyecto salió a comentarios")),
        ("AST-04 80% texto", (80.0, "texto")),
        ("AST-04 - 80,5 % : texto", (80.5, "texto")),
        ("• AST-04: 80.5% texto", (80.5, "texto")),
        ("1. AST-04: 80 por ciento, texto", (80.0, "texto")),
        ("ast 04: 80 – texto", (80.0, "texto")),
        ("AST–4 : 80", (80.0, "")),
        ("Acción AST-04: avance del 80 %. Texto", (80.0, "Texto")),
        ("AST-04 (80 %): texto", (80.0, "texto")),
        ("*AST-04*: __80__ % – texto", (80.0, "texto")),
        ("AST-04: 100% cumplida", (100.0, "cumplida")),
        ("AST-04: sin avance", (None, "sin avance")),
        ("AST-04: __ % – falta presupuesto", (None, "falta presupuesto")),
        ("AST-04: 3 mesas de trabajo realizadas", (None, "3 mesas de trabajo realizadas")),
        ("AST-04: 12-11-2026 se radicó", (None, "12-11-2026 se radicó")),
        ("AST-04: 12/11/2026 se radicó", (None, "12/11/2026 se radicó")),
        ("AST-04: 180 % de la meta", (None, "180 % de la meta")),
        ("AST-04: el 60 % de las empresas asistió", (None, "el 60 % de las empresas asistió")),
        (
            "AST-04 es acompañada\nCOVID-19: afectó el cronograma",
            (None, "es acompañada COVID-19: afectó el cronograma"),
        ),
    ],
)
def test_a_line_is_understood_however_it_was_typed(line: str, expected: tuple[float | None, str]) -> None:
    assert answers(letter(line)) == [("AST-04", *expected)]


@pytest.mark.parametrize("line", ["AST-04: __ % – ", "AST-04:", "ZZZ-01: 80 % – otra", "La guía AST quedó lista"])
def test_what_says_nothing_is_no_answer(line: str) -> None:
    assert answers(letter(line)) == []


def test_continuation_lines_belong_to_the_code_above_until_goodbye() -> None:
    first = "BIO-02: 80 % – Se publicó\nla guía\n\nFalta la socialización."
    text = f"{first}\n\nDispositivos médicos\n\nDIM-03: sin avance\n\nAtentamente,\nAna Ruiz\nInvima"
    assert answers(letter(text)) == [
        ("BIO-02", 80.0, "Se publicó la guía\nFalta la socialización."),
        ("DIM-03", None, "sin avance"),
    ]


def test_several_codes_in_one_line() -> None:
    assert answers(letter("BIO-02 y BIO-05: sin avance\nDIM-03: 5 %; BIO-05: 7 %")) == [
        ("BIO-02", None, "sin avance"),
        ("BIO-05", None, "sin avance"),
        ("DIM-03", 5.0, ""),
    ]


def test_answers_written_between_quotes_are_kept() -> None:
    said = "El mié, 11 nov 2026 a las 8:00, X <soluciones@operador.example> escribió:"
    text = f"{said}\n> ¿Cómo va la guía?\n\nBIO-02: 60 % – En consulta\n\n> ¿Y el listado?\n"
    assert answers(letter(text)) == [("BIO-02", 60.0, "En consulta")]


def test_the_sender_s_own_heading_survives() -> None:
    own = "De: Dirección de Medicamentos\nPara: Operador\nAsunto: avance\n\nBIO-02: 60 % – En consulta"
    assert "Dirección de Medicamentos" in split(own).fresh
    assert answers(letter(own)) == [("BIO-02", 60.0, "En consulta")]


def test_the_filing_number_inside_a_real_answer_is_no_courtesy() -> None:
    raw = letter(
        "Mediante oficio con radicado 20261234567 se expidió la resolución y se comunicó al sector el 3 de noviembre."
    )
    assert read(raw, CODES).kind is ReadingKind.REPLY


def test_a_forwarded_message_is_not_the_sender_s_text() -> None:
    boundary = "x"
    raw = (
        f"From: {INVIMA}\r\nMessage-ID: <f@x>\r\nContent-Type: multipart/mixed; boundary={boundary}\r\n\r\n"
        f"--{boundary}\r\nContent-Type: text/plain\r\n\r\nReenvio.\r\n"
        f"--{boundary}\r\nContent-Type: message/rfc822\r\n\r\nFrom: otro@x\r\n\r\nBIO-02: 99 %\r\n--{boundary}--\r\n"
    )
    assert answers(raw.encode()) == []


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\xff\xfe", b"Subject: =?utf-8?b?###?=\r\nFrom: <<<\r\n\r\nx", b"Content-Type: text/html\r\n\r\n"]
)
def test_rubbish_is_read_without_a_fall(raw: bytes) -> None:
    assert read(raw, CODES).answers == ()
    assert message_id(raw) == ""


MEGA = 1024 * 1024
HOSTILE = {
    "quotes": ">" * MEGA,
    "quote lines": "> a\n" * (MEGA // 4),
    "labels": "De: \n" * (MEGA // 5),
    "attributions": "El lun, 3 nov 2026\n" * (MEGA // 19),
    "one attribution": "El " + "a " * (MEGA // 2),
    "codes": "AST-04 y " * (MEGA // 9),
    "code lines": "AST-04: \n" * (MEGA // 9),
    "percents": "AST-04: " + "avance " * (MEGA // 7),
    "references": "SR-" * (MEGA // 3),
    "nearly references": "SR 7K3MQ2X " * (MEGA // 11),
    "addresses": "a@" * (MEGA // 2),
    "spaces": " " * MEGA,
    "underscores": "AST-04: " + "_" * MEGA,
    "tables": "Código|Avance\n" + "AST-04|" * (MEGA // 7),
    "numbers": "su solicitud " * (MEGA // 13),
}
HOSTILE_HTML = {
    "divs": "<div>" * (MEGA // 5),
    "tables": "<table><tr><td>Código" * (MEGA // 21),
    "cites": "<blockquote type=cite>" * (MEGA // 22),
    "borders": '<div style="border-top:solid">' * (MEGA // 30),
    "paragraphs": "<p>AST-04: 80 %</p>" * (MEGA // 19),
    "attributes": "<a b='" * (MEGA // 6),
    "siblings": "<br>" * (MEGA // 4) + '<div id="appendonsend">',
    "comments": "<!--" * (MEGA // 4),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_read_in_linear_time(name: str) -> None:
    head = f"From: {INVIMA}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    _is_linear(head, HOSTILE[name])


@pytest.mark.parametrize("name", HOSTILE_HTML)
def test_hostile_html_is_read_in_linear_time(name: str) -> None:
    head = f"From: {INVIMA}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    _is_linear(head, HOSTILE_HTML[name])


def _is_linear(head: str, body: str) -> None:
    """Four times the input takes about four times as long, however busy the machine; squared, it would be sixteen."""
    short, whole = (_seconds(f"{head}{part}") for part in (body[: len(body) // 4], body))
    assert whole < 10 * max(short, 0.02)


def _seconds(message: str) -> float:
    """The best of three, in processor time."""
    return min(_timed(message.encode()) for _ in range(3))


def _timed(raw: bytes) -> float:
    started = time.process_time()
    read(raw, CODES)
    return time.process_time() - started


def test_codes_are_found_whole_only() -> None:
    codes = Codes(CODES)
    assert codes.exactly(" ast – 4. ") == "AST-04"
    assert codes.exactly("AST-041") is None
    assert codes.leading("AST-04, DIM-03 y BIO-02: sin avance") == (["AST-04", "DIM-03", "BIO-02"], ": sin avance")


def test_a_cell_of_the_percent_column_needs_no_sign() -> None:
    assert leading_percent("80 aprox.", bare=True).percent == 80.0
    assert leading_percent("80 aprox.").percent is None


@pytest.mark.parametrize(
    ("said", "percent"),
    [
        ("no ha avanzado por falta de presupuesto; sigue en 45 %.", 45.0),
        ("se publicó la guía, continúa en 45 %", 45.0),
        ("no ha avanzado; sigue en consulta del 45 % de los municipios", None),
    ],
)
def test_what_stands_still_keeps_its_figure(said: str, percent: float | None) -> None:
    (answer,) = read(letter(f"BIO-02 {said}"), CODES).answers
    assert (answer.code, answer.percent) == ("BIO-02", percent)


def test_a_folded_subject_keeps_the_space_after_its_encoded_word() -> None:
    assert b"=\r\n Solicitud" in letter("Hola")
    assert read(letter("Hola"), CODES).subject == f"RE: {REQUEST.subject}"
