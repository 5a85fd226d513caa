"""The workbook of a request, filled as Excel would and sent back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from io import BytesIO
from typing import Any

import mail_letters as letters
import pytest
from mail_letters import FORM, REQUEST
from mail_world import INVIMA, TOKEN, World
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from mail.read import read
from mail.writing.sheet import COLUMNS, XLSX, sheet
from methodology.readings import Asked, ReadingKind, Request
from methodology.replies import MailState

FILE = sheet(FORM)
SHOWN = Request(
    tuple(Asked(one.code, one.text, one.due, one.percent, one.narrative) for one in FORM.actions), token=TOKEN
)


def opened(content: bytes = FILE.content) -> Workbook:
    return load_workbook(BytesIO(content))


def saved(book: Workbook) -> bytes:
    buffer = BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def filled(**by_code: tuple[Any, ...]) -> bytes:
    """`BIO_02=(80, "texto", fecha, evidencia)`: written into the row in which that code stands."""
    book = opened()
    page = book["Avance"]
    for row in page.iter_rows(min_row=5):
        for column, value in enumerate(by_code.get(str(row[0].value).replace("-", "_"), ()), 4):
            row[column].value = value
    return saved(book)


def reply(content: bytes, text: str = "Adjunto lo solicitado.", *, thread: bool = True) -> bytes:
    subject = f"RE: {REQUEST.subject}" if thread else "Avance"
    message = message_from_bytes(letters.letter(text, subject=subject, thread=thread), policy=policy.SMTP)
    message.add_attachment(content, maintype="application", subtype=XLSX.partition("/")[2], filename="avance.xlsx")
    return message.as_bytes()


def test_request_and_reminder_carry_it() -> None:
    (attached,) = REQUEST.attachments
    assert (attached.name, attached.content_type) == ("avance-invima-noviembre-de-2026.xlsx", XLSX)
    assert attached.content == sheet(FORM).content


def test_what_is_known_is_locked_and_what_is_asked_is_open() -> None:
    page = opened()["Avance"]
    assert page.protection.sheet
    assert [cell.value for cell in page[4]] == [title for title, _ in COLUMNS]
    rows = {row[0].value: row for row in page.iter_rows(min_row=5)}
    assert list(rows) == ["Biológicos", "BIO-02", "BIO-05", "Dispositivos médicos", "DIM-03"]
    assert [cell.protection.locked for cell in rows["BIO-02"]] == [True] * 4 + [False] * 4
    assert rows["BIO-02"][2].value == datetime(2026, 12, 11)  # noqa: DTZ001 - Excel has no zones
    assert [rows[code][3].value for code in ("BIO-02", "BIO-05")] == ["50\u00a0% – Guía en revisión", "Sin reporte"]
    assert rows["BIO-05"][2].value == "Sin fecha"


def test_a_percentage_goes_from_0_to_100() -> None:
    checks = {str(one.sqref): one for one in opened()["Avance"].data_validations.dataValidation}
    percent = checks["E5:E9"]
    assert (percent.type, percent.formula1, percent.formula2) == ("decimal", "0", "100")
    assert "0 a 100" in percent.error


def test_no_text_of_an_action_becomes_a_formula() -> None:
    first = FORM.initiatives[0]
    evil = replace(first.actions[0], text='=HYPERLINK("http://x.example")', narrative="=1+1")
    form = replace(FORM, initiatives=(replace(first, name="=2+2", actions=(evil,)),))
    cells = [cell for row in opened(sheet(form).content)["Avance"].iter_rows() for cell in row]
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    assert [cell.coordinate for cell in cells if cell.data_type == "f"] == []


def test_the_reference_is_hidden_in_it() -> None:
    hidden = opened()["Referencia"]
    assert (hidden.sheet_state, hidden["B1"].value) == ("veryHidden", TOKEN)


def test_filled_and_sent_back_it_becomes_proposals(world: World) -> None:
    day = datetime(2026, 11, 6)  # noqa: DTZ001 - Excel has no zones
    content = filled(BIO_02=(80, "Se publicó la guía"), DIM_03=(100, "Decreto expedido", day, "Decreto 1 de 2026"))
    assert world.take_in(reply(content)) is MailState.PROCESSED
    assert world.proposals() == [
        ("BIO-02", 80.0, "Se publicó la guía", "pendiente"),
        ("DIM-03", 100.0, "Decreto expedido", "pendiente"),
    ]
    assert world.answered == [(1, [1, 2])]
    answers = {one.code: one for one in read(reply(content), None, request=SHOWN).answers}
    assert (answers["DIM-03"].day, answers["DIM-03"].evidence) == (day.date(), "Decreto 1 de 2026")


def test_it_is_read_by_the_codes_and_never_by_the_rows(world: World) -> None:
    book = opened(filled(DIM_03=(45, "En revisión")))
    page = book["Avance"]
    page.protection.sheet = False
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=5)]
    for range_ in list(page.merged_cells.ranges):
        page.unmerge_cells(str(range_))
    for number, row in enumerate(reversed(rows), 5):
        for column, value in enumerate(row, 1):
            page.cell(number, column).value = value
    assert world.take_in(reply(saved(book))) is MailState.PROCESSED
    assert world.proposals() == [("DIM-03", 45.0, "En revisión", "pendiente")]


def test_a_percentage_typed_with_its_sign_is_the_same(world: World) -> None:
    book = opened(filled(BIO_02=(0.8, "Publicada")))
    next(row for row in book["Avance"].iter_rows(min_row=5) if row[0].value == "BIO-02")[4].number_format = "0%"
    assert world.take_in(reply(saved(book))) is MailState.PROCESSED
    assert world.proposals() == [("BIO-02", 80.0, "Publicada", "pendiente")]


def test_untouched_it_is_no_answer_and_no_document(world: World) -> None:
    assert world.take_in(reply(FILE.content, "Quedamos en contacto.")) is MailState.TRAY
    assert (world.proposals(), world.answered) == ([], [])
    assert "sin avance reconocible" in world.tray[0].title


def test_untouched_beside_thanks_it_is_a_courtesy() -> None:
    assert read(reply(FILE.content, "Recibido, gracias."), None, request=SHOWN).kind is ReadingKind.COURTESY


def test_another_months_workbook_tells_nothing_by_its_last_reports(world: World) -> None:
    first = FORM.initiatives[0]
    old = replace(first, actions=(replace(first.actions[0], percent=20.0, narrative="Inicio"),))
    assert world.take_in(reply(sheet(replace(FORM, initiatives=(old,))).content, "Va adjunto.")) is MailState.TRAY
    assert world.tray[0].detail["understood"] == []


@pytest.mark.parametrize("month", ["2026-11", "2026-10"])
def test_a_new_mail_with_nothing_but_the_workbook_is_known_by_its_reference(world: World, month: str) -> None:
    world.outreach(month="2026-10", token="SR-VIEJ-AAAA", message_id="<oct@operador.example>")
    form = replace(FORM, reference=TOKEN if month == "2026-11" else "SR-VIEJ-AAAA")
    book = opened(sheet(form).content)
    next(row for row in book["Avance"].iter_rows(min_row=5) if row[0].value == "BIO-02")[4].value = 70
    assert read(reply(saved(book), thread=False), None).sender == INVIMA
    state = world.take_in(reply(saved(book), thread=False))
    known = month == "2026-11"  # the other one is no reference: its check character is wrong
    assert state is (MailState.PROCESSED if known else MailState.TRAY)
    assert [row[0] for row in world.proposals()] == (["BIO-02"] if known else [])
