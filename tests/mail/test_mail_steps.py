"""The reader's small steps, one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from mail_clients import REQUEST
from mail_corpus import workbook
from mail_letters import letter
from openpyxl import Workbook

from mail.read import read
from mail.read.asks import asking, new_contact, wanted_until
from mail.read.codes import Codes
from mail.read.days import dates_in
from mail.read.figures import leading_percent, said_percent
from mail.read.leave import returns_on
from mail.read.parse import parse
from mail.read.tables import from_grid
from mail.read.workbook import MAX_ROWS, grids
from methodology.readings import LIKELY, SURE, Answer, Asked, Request
from methodology.rules.months import Month

NEAR = date(2026, 11, 18)
CODES = [one.code for one in REQUEST.actions]


def answers(text: str, request: Request | None = REQUEST) -> list[Answer]:
    raw = letter(text, Date="Wed, 18 Nov 2026 10:00:00 -0500")
    return list(read(raw, CODES, None, request).answers)


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("va en un 60 por ciento", 60),
        ("va en un sesenta y cinco por ciento", 65),
        ("el avance es del veintidós por ciento (22 %)", 22),
        ("pasó del 50 % al 65 %", 65),
        ("la meta es 60 % y vamos en 35 %", 35),
        ("se avanzó un 12 % más, para un total de 38 %", 38),
        ("se espera llegar al 70 %", None),
        ("entre el 60 y el 70 %", None),
        ("el 60 % de los usuarios respondió", None),
        ("el 180 % de lo previsto", None),
        ("quedó en 30 % y está en 40 %", None),
        ("el ciento por ciento", 100),
    ],
)
def test_the_progress_said_in_a_sentence(text: str, percent: float | None) -> None:
    said = said_percent(text)
    assert (said.percent if said else None) == percent


def test_words_at_the_head_are_a_percentage_too() -> None:
    assert leading_percent("sesenta por ciento (60 %), en curso").percent == 60
    assert leading_percent("sesenta por ciento (60 %), en curso").text == "en curso"
    assert leading_percent("sesenta inspectores").percent is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("el 3 de noviembre", date(2026, 11, 3)),
        ("el 12 de enero", date(2027, 1, 12)),
        ("el 3 de noviembre del 2025", date(2025, 11, 3)),
        ("03/04/2026", date(2026, 4, 3)),
        ("11/30/2026", date(2026, 11, 30)),
        ("2026-12-01", date(2026, 12, 1)),
        ("November 30th, 2026", date(2026, 11, 30)),
        ("30 Nov 2026", date(2026, 11, 30)),
        ("31 de noviembre", None),
        ("el número 20261234567", None),
    ],
)
def test_a_date_however_it_is_written(text: str, day: date | None) -> None:
    assert next((one.day for one in dates_in(text, NEAR)), None) == day


def test_without_a_day_to_be_near_to_no_year_is_guessed() -> None:
    assert list(dates_in("el 3 de noviembre", None)) == []


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Estaré ausente del 9 al 27 de noviembre.", date(2026, 11, 27)),
        ("De vacaciones hasta el 4 de diciembre; regreso el lunes 7 de diciembre.", date(2026, 12, 7)),
        ("En licencia hasta el 4 de diciembre inclusive.", date(2026, 12, 5)),
        ("I will return on December 2, 2026.", date(2026, 12, 2)),
        ("Escriba a la oficina desde el 3 de noviembre.", None),
        ("Estaré ausente del 16 al 20 de noviembre; regreso el lunes 23.", date(2026, 11, 23)),
        ("Regreso el martes 22.", date(2026, 12, 22)),
        ("De vacaciones del 14 de diciembre al 8 de enero. Me reintegro el 12.", date(2027, 1, 12)),
        ("Ausente hasta el 20 de noviembre. Vuelvo el domingo 23.", date(2026, 11, 20)),
        ("Vuelvo el martes 23. Ausente hasta el 30 de noviembre.", date(2026, 11, 30)),
        ("Estaré ausente. Vuelvo el domingo 23.", None),
        ("Regreso el 1° de febrero.", date(2027, 2, 1)),
        ("Regreso el 1º de febrero.", date(2027, 2, 1)),
        ("Regreso el 5 del mes de febrero.", date(2027, 2, 5)),
        ("Regreso el 5 del próximo mes.", None),
        ("Regreso el 23.", date(2026, 11, 23)),
        ("Regreso el 13.", None),
    ],
)
def test_when_somebody_comes_back(text: str, day: date | None) -> None:
    assert returns_on(text, NEAR) == day


def test_what_is_asked_instead_of_answering() -> None:
    for text, day in (
        ("Solicitamos nos amplíen el plazo hasta el 4 de diciembre.", date(2026, 12, 4)),
        ("El 4 de diciembre se entrega.", None),
        ("Solicitamos prórroga hasta el 10 de noviembre.", None),
        ("Prórroga a la solicitud del 11 de noviembre, hasta el 4 de diciembre", date(2026, 12, 4)),
        ("Pedimos ampliar el plazo de BIO-02, que vence el 30 de noviembre, hasta el 15 de enero", date(2027, 1, 15)),
        ("Pedimos ampliar el plazo, que vence el 30 de noviembre. El 4 de diciembre hay mesa.", None),
        ("Solicitamos modificar la fecha, prevista para el 30 de noviembre, al\n15 de enero.", date(2027, 1, 15)),
        ("Pedimos cambiar la fecha de vencimiento del 30 de noviembre al 15 de enero.", date(2027, 1, 15)),
        ("No proponemos cambiar la fecha: se cumple el 4 de diciembre.", None),
        ("No se requiere prórroga: el 4 de diciembre se entrega.", None),
        ("Pedimos mover la fecha de la reunión al 4 de diciembre.", None),
        ("Solicitamos modificar la fecha de entrega del estudio al 4 de diciembre.", None),
        ("Solicitamos al contratista modificar la fecha al 4 de diciembre.", None),
    ):
        assert wanted_until(asking(text), NEAR) == day, text
    assert (
        new_contact("A partir de la fecha el enlace es Ana, Ana@Invima.example.", "x@y.example") == "ana@invima.example"
    )
    assert new_contact("En adelante escriba a x@y.example.", "x@y.example") == ""
    assert new_contact("Cordialmente, ana@invima.example", "x@y.example") == ""


@pytest.mark.parametrize(
    ("until", "day"),
    [
        ("hasta el 20", date(2026, 11, 20)),
        ("hasta el martes 24", date(2026, 11, 24)),
        ("al próximo lunes 7", date(2026, 12, 7)),
        ("hasta el lunes 24", None),
        ("hasta el 15", None),
        ("del 20", None),
    ],
)
def test_time_to_answer_until_a_bare_day_is_believed_when_it_comes_soon(until: str, day: date | None) -> None:
    text = f"Solicitamos plazo {until} para dar respuesta."
    assert read(letter(text, Date="Wed, 18 Nov 2026 10:00:00 -0500"), CODES, None, REQUEST).answers_on == day


def test_time_to_answer_is_a_promise_and_no_new_date_of_an_action() -> None:
    asked = "Solicitamos plazo hasta el 24 de noviembre para responder sobre BIO-02."
    later = "Para DIM-03 pedimos ampliar el plazo hasta el 15 de enero."
    for text, until, code in (
        (asked, 24, ""),
        (f"BIO-05: 60 %\n\n{asked}", 24, ""),
        (f"{asked}\n{later}", 15, "DIM-03"),
    ):
        reading = read(letter(text, Date="Wed, 18 Nov 2026 10:00:00 -0500"), CODES, None, REQUEST)
        assert reading.answers_on == date(2026, 11, 24)
        assert (reading.wants_until and reading.wants_until.day, reading.wants_for) == (until, code)


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("80 %\nBIO-02\nSe expidió.\n\n60 %\nBIO-05\nSe publicó.", [(80, SURE), (60, SURE)]),
        ("Avance: 80 %\n\nBIO-02 Se expidió.\n\n- 60 %\n- BIO-05 Se publicó.", [(80, SURE), (60, SURE)]),
        ("BIO-02\nSe expidió.\n80 %\n\nBIO-05\nSe publicó.\n60 %", [(80, SURE), (60, SURE)]),
        ("BIO-02\n80 %\nBIO-05\n60 %\nDIM-03\nSin avance", [(80, SURE), (60, SURE), (None, SURE)]),
        ("BIO-02\nSe expidió.\n80 %\nBIO-05\nSin avance", [(80, SURE), (None, SURE)]),
        ("BIO-02: Se expidió.\n80 %\n\nBIO-05: En trámite.", [(80, SURE), (None, SURE)]),
        ("BIO-02\nSe expidió.\n\n60 %\nBIO-05\nSe publicó.", [(60, LIKELY), (None, LIKELY)]),
        ("BIO-02: 80 %. Se expidió.\n\n60 %\nBIO-05\nSe publicó.", [(80, SURE), (60, LIKELY)]),
        ("80 %\nBIO-02\nSe expidió.\n\nBIO-05\n60 %", [(80, LIKELY), (60, SURE)]),
        ("Avance: 70 %\n\nBIO-02: En revisión.\nBIO-05: 60 %\nDIM-03: 20 %", [(70, LIKELY), (60, SURE), (20, SURE)]),
        ("Avance: 70 %\nBIO-02: sin avance", [(70, LIKELY)]),
        ("BIO-02: 40 %\nSe avanzó.\n80 %\n\nBIO-05\nSe publicó.", [(40, LIKELY), (None, LIKELY)]),
        ("BIO-02: 40 % Se avanzó.\n\n80 %\n\nBIO-05\nSe publicó.", [(40, LIKELY), (None, LIKELY)]),
        ("BIO-02\n\n80 %\nBIO-05\nSe publicó.", [(80, LIKELY), (None, LIKELY)]),
    ],
)
def test_a_figure_alone_above_or_below_its_code(text: str, figures: list[tuple[float | None, float]]) -> None:
    assert [(one.percent, one.confidence) for one in answers(text)] == figures


@pytest.mark.parametrize(
    "text",
    [
        "1. BIO-02: 65 % Se publicó\n2. BIO-05 sin novedad\n3. DIM-03: 20%",
        "1.- BIO-02: 65 % Se publicó\n2.- BIO-05 sin novedad\n3.- DIM-03: 20%",
        "1. BIO-02: 65 % Se publicó; 2. BIO-05 sin novedad, 3. DIM-03: 20 %",
        "a) BIO-02: 65 % Se publicó\nb) BIO-05 sin novedad c) DIM-03: 20 %",
    ],
)
def test_the_mark_of_an_enumeration_opens_an_answer_and_is_in_none(text: str) -> None:
    told = [(one.code, one.percent, one.text, one.confidence) for one in answers(text)]
    assert told == [("BIO-02", 65, "Se publicó", SURE), ("BIO-05", None, "sin novedad", SURE), ("DIM-03", 20, "", SURE)]


@pytest.mark.parametrize("header", ["Código", "Acción"])
def test_a_code_among_the_words_of_its_cell_is_the_rows_unless_it_names_another(header: str) -> None:
    grid = f"{header}\tAvance\tDescripción\nTablero MSQ-01\t72%\tEn firma\nPanel (BIO-05)\t30%\tDepende de BIO-02"
    told = [(one.code, one.percent, one.confidence) for one in answers(grid)]
    assert told == [("MSQ-01", 72, SURE), ("BIO-05", 30, LIKELY)]


@pytest.mark.parametrize(
    "text",
    [
        "BIO-02 va al 80% y la BIO-05 al 90%.",
        "Buenos días: la BIO-02 va al 80 %, la BIO-05 al 90 %.",
        "BIO-02 al 80 % y la BIO-05 se encuentra en el 90 %",
    ],
)
def test_each_code_of_a_sentence_has_the_figure_behind_it(text: str) -> None:
    told = sorted((one.code, one.percent, one.confidence) for one in answers(text))
    assert told == [("BIO-02", 80, SURE), ("BIO-05", 90, SURE)]


def test_a_figure_of_another_code_is_not_what_the_first_has_risen_to() -> None:
    (only,) = answers("BIO-02 va al 80% mientras que la BIO-05 va al 90%")
    assert (only.percent, only.confidence) == (None, LIKELY)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Sin avance en ninguna de las acciones a cargo.", [("*", SURE)]),
        ("BIO-02: 80 %\nSin avance en ninguna de las demás acciones.", [("BIO-02", SURE), ("*", SURE)]),
        ("BIO-02: 80 %\nSin avance en ninguna de las acciones a cargo.", [("BIO-02", SURE), ("*", LIKELY)]),
        ("Sobre la BIO-02:\nrecibido.\nSin avance en ninguna de las acciones.", [("BIO-02", LIKELY), ("*", LIKELY)]),
        ("En relación con BIO-02, sin avance en ninguna de las acciones.", [("BIO-02", LIKELY), ("*", LIKELY)]),
    ],
)
def test_no_progress_in_any_action_is_of_all_also_below_one(text: str, told: list[tuple[str, float]]) -> None:
    assert [(one.code, one.confidence) for one in answers(text)] == told


def test_the_number_of_a_row_is_no_text() -> None:
    first, second = answers("No.\tCódigo\tAvance\n1.\tBIO-02\t65 %\n2.\tBIO-05\t30 %")
    assert (first.percent, first.text, second.percent, second.text) == (65, "", 30, "")


def test_a_wrapped_line_that_begins_with_a_figure_stays_in_its_text() -> None:
    first, second = answers("BIO-02: La cobertura llegó al\n80 %.\nBIO-05: sin avance")
    assert (first.percent, first.text) == (80, "La cobertura llegó al 80 %.")
    assert (second.percent, second.text) == (None, "sin avance")


@pytest.mark.parametrize(
    ("line", "confidence"),
    [
        ("La de cannabis la lleva Invima.", LIKELY),
        ("Por otra parte, sobre la iniciativa de cannabis, responde Invima.", LIKELY),
        ("Lo del listado lo informa otra dirección.", LIKELY),
        ("El manual de buenas prácticas lo lleva Operaciones.", SURE),
        ("Depende de la CYC-07, que lleva Justicia.", SURE),
    ],
)
def test_what_is_said_of_another_matter_is_no_part_of_an_answer(line: str, confidence: float) -> None:
    first = answers(f"BIO-02: 80 %. Se expidió la guía.\n\n{line}")[0]
    assert (first.percent, first.text, first.confidence) == (80, "Se expidió la guía.", confidence)


def test_below_what_is_left_out_the_answer_goes_on_and_is_not_sure() -> None:
    above = "BIO-05: 60 %. La guía pasó a firma.\n\nDepende de BIO-02.\n\n"
    first = answers(f"{above}El avance real es 65 %. Evidencia: https://invima.example/acta")[0]
    assert (first.percent, first.evidence, first.confidence) == (60, "https://invima.example/acta", LIKELY)
    done = answers("BIO-05: 100 %. x\n\nVa con la BIO-02.\n\nFecha de cumplimiento: 6 de noviembre")[0]
    assert (done.percent, done.day, done.confidence) == (100, date(2026, 11, 6), LIKELY)
    cut = answers("BIO-05: Se trabaja en ella.\n\nCon corte a hoy, junto con BIO-02, se llegó a\n80 %")[0]
    assert (cut.percent, cut.text, cut.confidence) == (None, "Se trabaja en ella.", LIKELY)
    matter = answers("BIO-05: En firma.\n\nLa de cannabis la lleva Invima.\n\nEl avance es del 80 %.")[0]
    assert (matter.percent, matter.confidence) == (80, LIKELY)
    assert answers(f"{above}Cordialmente,\nAna Ruiz")[0].confidence == SURE


@pytest.mark.parametrize(
    ("line", "confidence"),
    [
        ("De otra parte, solicitamos remitir el listado a planeacion@invima.example.", SURE),
        ("Finalmente, agradecemos copia del acta.", SURE),
        ("Por otro lado, el 20 % de las empresas no respondió.", LIKELY),
        ("Por otra parte, se hizo la mesa.", LIKELY),
    ],
)
def test_a_later_paragraph_that_turns_to_another_matter_is_left_out(line: str, confidence: float) -> None:
    for answer, text in (("BIO-02: 80 %", ""), ("BIO-02: 80 %, en consulta.", "en consulta.")):
        (only,) = answers(f"{answer}\n\n{line}")
        assert (only.percent, only.text, only.confidence) == (80, text, confidence)


def test_what_only_goes_on_is_left_in() -> None:
    for line in ("\nAdicionalmente, se expidió la circular.", "Por otro lado, se hizo la mesa."):
        (only,) = answers(f"BIO-02: 80 %, en consulta.\n{line}")
        assert (only.text.endswith(line.strip()), only.confidence) == (True, SURE)
    assert answers("BIO-02\n\nPor otro lado, va en 40 %")[0].percent == 40


@pytest.mark.parametrize(
    "line",
    [
        "La de biosimilares se publica en diciembre.",
        "Lo de este mes fue la consulta.",
        "Lo de la firma queda para enero.",
    ],
)
def test_what_goes_on_about_the_action_is(line: str) -> None:
    (only,) = answers(f"BIO-02: 80 %. Se expidió la guía.\n\n{line}")
    assert (only.text, only.confidence) == (f"Se expidió la guía.\n{line}", SURE)


def test_a_table_that_stops_at_the_asked_month_is_read_in_the_next_one() -> None:
    raw = letter("Código\tOctubre\tNoviembre\nBIO-02\t40 %\t60 %", Date="Thu, 3 Dec 2026 10:00:00 -0500")
    asked = replace(REQUEST, month=Month(2026, 11))
    assert [one.percent for one in read(raw, CODES, None, asked).answers] == [60]


def test_a_mail_without_its_date_is_of_the_day_it_was_received() -> None:
    text = "Estaré de vacaciones. Regreso el lunes 7."
    came = "from mx.invima.example by mx.operador.example; Wed, 25 Nov 2026 01:30:00 +0000"
    assert parse(letter(text, Received=came)).day == date(2026, 11, 24)
    assert parse(letter(text)).day is None
    assert parse(letter(text, Received="by mx; Fri, 31 Dec 9999 23:59:59 -1200")).day is None
    assert read(letter(text), CODES, None, None, date(2026, 11, 24)).returns_on == date(2026, 12, 7)
    assert read(letter(text), CODES, None, REQUEST, date(2027, 1, 20)).returns_on is None


def test_prose_is_matched_by_the_words_of_one_action_alone() -> None:
    (one,) = answers("La acción del manual de BPM va en un 60 por ciento.")
    assert (one.code, one.percent, one.confidence) == ("MSQ-01", 60.0, LIKELY)
    assert answers("La acción del manual de BPM va en un 60 por ciento.", None) == []
    assert answers("El manual y la guía van en un 40 %.") == []
    assert answers("Avance general del 45 %.") == []


def test_of_a_single_asked_action_everything_is_said() -> None:
    (one,) = answers("Vamos en un 60 %.", Request((Asked("BIO-02", "Expedir la guía"),)))
    assert (one.code, one.percent) == ("BIO-02", 60.0)
    assert one.confidence < SURE


def test_a_day_still_to_come_is_no_compliance() -> None:
    assert [one.percent for one in answers("BIO-02: cumplida el 15 de diciembre de 2026")] == [None]
    assert [(one.percent, one.day) for one in answers("BIO-02: cumplida el 3 de noviembre")] == [
        (100, date(2026, 11, 3))
    ]
    (whole,) = answers("BIO-02: se dio cumplimiento total el 12/11/2026")
    assert (whole.percent, whole.day, whole.confidence) == (100, date(2026, 11, 12), SURE)


def test_neither_a_question_nor_a_request_for_time_is_an_answer() -> None:
    assert answers("BIO-02: ¿a qué corte se reporta?") == []
    assert answers("BIO-02: solicitamos prórroga hasta el 4 de diciembre") == []


def test_a_last_report_written_over_is_compared_with_what_was_sent() -> None:
    head = "Código\tÚltimo avance reportado\tAvance (%)\tDescripción"
    (one,) = answers(f"{head}\nBIO-02\t50 % Guía en revisión\t\t\nDIM-03\t40 % En firmas\t\t")
    assert (one.code, one.percent, one.text) == ("DIM-03", 40.0, "En firmas")
    assert one.confidence < SURE


def test_a_workbook_shows_what_a_person_sees() -> None:
    book = Workbook()
    book.active.append(["Código", "Avance", "Fecha"])
    book.active.append(["BIO-02", 0.5, date(2026, 11, 3)])
    book.active["B2"].number_format = "0%"
    out = BytesIO()
    book.save(out)
    assert grids(out.getvalue()) == [[["Código", "Avance", "Fecha"], ["BIO-02", "50 %", "2026-11-03"]]]


def test_no_more_rows_than_a_report_has_are_read() -> None:
    (sheet,) = grids(workbook({"Hoja": [["x"]] * (MAX_ROWS + 50)}))
    assert len(sheet) == MAX_ROWS


def test_a_person_may_answer_under_an_automatic_subject() -> None:
    reading = read(letter("BIO-02: 80 % – Publicada", subject="Respuesta automática: solicitud"), CODES)
    assert (reading.kind, reading.automatic, len(reading.answers)) == ("reply", False, 1)
    away = read(letter("Estoy de vacaciones.", subject="Respuesta automática: solicitud"), CODES)
    assert (away.kind, away.automatic) == ("out_of_office", True)


@pytest.mark.parametrize(
    ("text", "percent", "sure"),
    [
        ("BIO-02: 80 %\n\nPerdón, la BIO-02 va en 60 %", 60, False),
        ("BIO-02: 80 %\nCorregimos el documento según las observaciones.", 80, True),
        ("BIO-02: Se expidió la guía y los comentarios serán remitidos a Jurídica.", None, True),
        ("BIO-02: 20 % pendiente", 20, False),
        ("BIO-02: 80 % no es correcto", 80, False),
        ("BIO-02: nunca llegó al 80 %", None, False),
        ("BIO-02: va a quedar en 80 %", None, False),
        ("BIO-02: casi terminada", None, True),
        ("BIO-02: cumplimos con la primera mesa", None, True),
        ("BIO-02: avance del mes 5 %", None, False),
        ("BIO-02: 45 % financiero, 60 % físico", 45, False),
        ("BIO-02: 1. Se expidió la guía", None, True),
        ("BIO-02: del 15% al 20%", 20, False),
        ("BIO-02: se informó 80 %, lo correcto es 70 %", 70, False),
        ("se informó BIO-02 80 %, lo correcto es 70 %", 70, False),
        ("BIO-02: 80 %, perdón, 70 %", 70, False),
        ("BIO-02: 80 %, en corrección de estilo el día 12", 80, True),
        ("BIO-02: lo correcto es esperar 15 días", None, True),
        ("BIO-02 se encuentra al 80 %, pendiente la publicación", 80, True),
        ("BIO-02 se encuentra al 80 % de la segunda fase", 80, False),
        ("BIO-02: se cumplió en su totalidad", 100, True),
        ("BIO-02: no se dio cumplimiento total", None, False),
        ("BIO-02: se dio cumplimiento", None, False),
        ("BIO-02: se dio cumplimiento total a la primera fase", None, False),
        ("BIO-02: avance de 8 puntos porcentuales", None, False),
        ("BIO-02: 80 %, avance de 8 puntos porcentuales", 80, True),
    ],
)
def test_what_may_be_misread_is_not_sure(text: str, percent: float | None, sure: bool) -> None:
    raw = f"From: a@invima.example\nSubject: RE: x\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode()
    [answer] = read(raw, ["BIO-02"]).answers
    assert answer.percent == percent
    assert (answer.confidence >= SURE) is sure


@pytest.mark.parametrize("header", ["Iniciativa", "Solución", "Entidad"])
def test_a_column_that_names_something_is_no_answer(header: str) -> None:
    grid = [["Código", header, "Avance (%)"], ["BIO-02", "Mejorar el marco", ""]]
    assert from_grid(grid, Codes(["BIO-02"]), None, {}) == []


def test_of_columns_that_are_months_the_one_asked_about_counts() -> None:
    grid = [["Código", "Octubre", "Noviembre", "Diciembre"], ["BIO-02", "50", "60", "100"]]
    [answer] = from_grid(grid, Codes(["BIO-02"]), None, {}, Month(2026, 11))
    assert (answer.percent, answer.text) == (60, "")
