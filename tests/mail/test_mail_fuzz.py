"""Whatever comes in is read: no fall, no hang, nothing lost, nothing sure that was not written."""

from __future__ import annotations

import gc
import json
import random
import time
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_clients import HTML, REQUEST, SENT
from mail_corpus import BOMBS, XLSX, cases, with_sheet, workbook
from mail_letters import letter
from mail_world import INVIMA

from mail.read import read, told
from mail.read.parse import parse
from mail.read.workbook import Unreadable, grids
from methodology.readings import SURE, Reading

CODES = [one.code for one in REQUEST.actions]
MEGA = 1024 * 1024
PIECES = st.sampled_from([
    "BIO-02", "MSQ-01:", "80 %", "sesenta por ciento", "sin avance", "cumplida el 3 de noviembre", "31/02/2026", ";",
    "\n", "\n\n", "> ", "De: x@y.example", "El lun, 3 nov 2026, X escribió:", "|", "\t", "Código", "Avance (%)",
    "manual de BPM", "las demás acciones", "plazo adicional hasta el", "el enlace es", "a@b.example", "—", "\u200b",
    "https://x.example", "%", "Evidencia:", "--", "Recibido, gracias", "radicado No. 123456", "______", "por ciento",
    "SR-1YXE-RPTV", "\ud800", "\x00",
])  # fmt: skip
TEXTS = st.lists(st.one_of(PIECES, st.text(max_size=30)), max_size=40).map(" ".join)
HEADERS = st.lists(
    st.sampled_from([
        b"Content-Type: multipart/mixed; boundary=b", b"Content-Type: text/html; charset=utf-7", b"Date: ayer",
        b"Content-Transfer-Encoding: base64", b"Content-Type: message/rfc822", b"Subject: =?utf-8?b?###?=",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b", b"Auto-Submitted: auto-replied",
        b"Content-Disposition: attachment; filename*=utf-8''%ff.xlsx", b"Date: 1 Jan 99999 00:00:00 +0000",
        b"Return-Path: <>", b"From: <<",
    ]),
    max_size=6,
)  # fmt: skip


def _written(pieces: list[str]) -> str:
    """What can stand in a message: half a surrogate cannot."""
    return " ".join(pieces).encode("utf-8", "replace").decode()


def read_it(raw: bytes) -> Reading:
    reading = read(raw, CODES, None, REQUEST)
    json.dumps(told.as_json(reading, REQUEST))
    assert reading.kind
    return reading


@given(HEADERS, st.binary(max_size=2000))
def test_any_bytes_are_read(headers: list[bytes], body: bytes) -> None:
    read_it(b"\r\n".join([*headers, b"", body]))


@given(st.data())
def test_a_message_cut_or_changed_anywhere_is_read(data: st.DataObject) -> None:
    raw = data.draw(st.sampled_from([case.raw for case in cases() if len(case.raw) < 100_000]))
    at = data.draw(st.integers(0, len(raw)))
    read_it(raw[:at] + data.draw(st.binary(max_size=40)) + raw[at + data.draw(st.integers(0, 200)) :])


@given(TEXTS)
def test_any_words_are_read_and_what_is_sure_was_written(words: str) -> None:
    raw = f"From: {INVIMA}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}".encode("utf-8", "replace")
    reading = read_it(raw)
    for one in reading.answers:
        assert one.code in CODES or one.code == "*"
        assert one.percent is None or 0 <= one.percent <= 100
        if one.code != "*" and one.confidence >= SURE:
            assert one.code.replace("-", "") in "".join(c for c in parse(raw).text.upper() if c.isalnum())


@given(st.sampled_from(sorted(HTML)), st.sampled_from(CODES), st.integers(0, 100), st.booleans())
def test_a_plain_answer_is_never_lost_in_any_client(client: str, code: str, percent: int, quotes: bool) -> None:
    html = HTML[client](f"Buenos días\n\n{code}: {percent} % – En trámite\n", (), SENT.html if quotes else "")
    (answer,) = read_it(letter(html=html)).answers
    assert (answer.code, answer.percent, answer.text) == (code, float(percent), "En trámite")


@given(
    st.lists(PIECES, max_size=12).map(_written), st.sampled_from(["\x01", "&#1;", "&#xffff;", "\ufffe", "\x0b", "\0"])
)
def test_a_table_is_read_between_characters_that_are_none(words: str, control: str) -> None:
    row = "<tr><td>BIO-02</td><td>80 %</td><td>En trámite</td></tr>"
    table = f"<table><tr><td>Código</td><td>Avance</td><td>Qué se hizo</td></tr>{row}</table>"
    (answer,) = [one for one in read_it(letter(html=f"<div>{control}{table}{control}</div>")).answers if one.code]
    assert (answer.code, answer.percent, answer.text) == ("BIO-02", 80.0, "En trámite")
    read_it(letter(html=f"<div>{words}{control}<div class=gmail_quote>{words}</div>{control}{words}</div>"))


@given(st.lists(st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=20)), max_size=6), max_size=8))
def test_any_workbook_is_read(rows: list[list[object]]) -> None:
    clean = [[c if not isinstance(c, str) else "".join(x for x in c if x.isprintable()) for c in row] for row in rows]
    assert isinstance(grids(workbook({"Hoja": [["Código", "Avance"], *clean]})), list)


@given(st.binary(max_size=300), st.integers(0, 5000))
def test_a_broken_workbook_says_so_and_nothing_else(noise: bytes, at: int) -> None:
    whole = workbook({"Hoja": [["Código", "Avance"], ["BIO-02", 80]]})
    with suppress(Unreadable):
        grids(whole[:at] + noise + whole[at + len(noise) :])


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_not_unpacked(name: str) -> None:
    with pytest.raises(Unreadable):
        grids(BOMBS[name]())


def test_entities_are_refused_before_they_are_read() -> None:
    with pytest.raises(Unreadable, match="entidades"):
        grids(with_sheet('<!DOCTYPE x [<!ENTITY a "aaaa">]>'))


# --- time -------------------------------------------------------------------------------------------------------------

HOSTILE: dict[str, Callable[[int], str]] = {
    "done": lambda n: "BIO-02: " + "cumplida " * (n // 9),
    "dates": lambda n: "Solicitamos plazo adicional " + "el 3 de noviembre " * (n // 18),
    "percents": lambda n: "el manual va en un 60 por ciento y " * (n // 35),
    "one sentence": lambda n: "manual de BPM " * (n // 14),
    "sentences": lambda n: "El manual de BPM va en 60 %. " * (n // 29),
    "tens": lambda n: "treinta y " * (n // 10),
    "no progress": lambda n: "no se registraron " * (n // 18),
    "others": lambda n: "BIO-02: 80 %\n" + "Las demás acciones\n" * (n // 19),
    "evidence": lambda n: "BIO-02: " + "evidencia: " * (n // 11),
    "contacts": lambda n: "el enlace es a@b\n" * (n // 17),
    "between": lambda n: "El lun, 3 nov 2026, X <a@b.c> escribió:\n" + "> BIO-02: __ %\nx\n" * (n // 17),
    "forwards": lambda n: "Reenvío\n\n" + "De: a@b.c\nEnviado: 3/11/2026\nPara: x\nAsunto: y\n\nz\n" * (n // 50),
    "titles": lambda n: "Actualizar el manual de buenas prácticas de manufactura (BPM):\n\n" * (n // 67),
    "bars": lambda n: "Acción|Avance\n" + "Actualizar el manual de BPM|60\n" * (n // 31),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_words_are_read_in_linear_time(name: str) -> None:
    """Four times the input takes about four times as long; squared, it would be sixteen."""
    short, whole = (_seconds(HOSTILE[name](size)) for size in (MEGA // 16, MEGA // 4))
    assert whole < 10 * max(short, 0.02)


@pytest.mark.parametrize("name", [*HOSTILE, *(f"bomb of {name}" for name in BOMBS)])
def test_a_megabyte_takes_less_than_two_seconds(name: str) -> None:
    text = HOSTILE[name](MEGA) if name in HOSTILE else ""
    raw = text.encode() if text else BOMBS[name.removeprefix("bomb of ")]()
    assert _timed(raw if text else _attached(raw)) < 2


def _seconds(text: str) -> float:
    return min(_timed(text.encode()) for _ in range(2))


def _timed(body: bytes) -> float:
    """Processor time: the machine may have other work."""
    raw = (
        body
        if body.startswith(b"From:")
        else b"From: a@b.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body
    )
    gc.collect()
    gc.freeze()  # what other tests left in this process is not the reader's to walk through
    try:
        began = time.process_time()
        read(raw, CODES, None, REQUEST)
        return time.process_time() - began
    finally:
        gc.unfreeze()


def _attached(book: bytes) -> bytes:
    message = EmailMessage()
    message["From"] = INVIMA
    message.set_content("Adjunto")
    message.add_attachment(book, maintype="application", subtype=XLSX, filename="a.xlsx")
    return message.as_bytes()


def test_a_sheet_of_as_many_cells_as_are_let_in_is_read_at_once() -> None:
    cells = "<c><v>1</v></c>" * 125_000
    chance = random.Random(1)  # noqa: S311 - noise that packs badly, or the sheet would be refused for its ratio
    noise = "".join(f"<!--{chance.getrandbits(64):x}-->" for _ in range(4_000))
    began = time.process_time()
    grids(with_sheet(f'<sheetData><row r="1">{cells}</row>{noise}</sheetData>'))
    assert time.process_time() - began < 2


BROKEN: dict[str, Callable[[int], str]] = {
    "semicolons": lambda n: "Content-Type: text/plain" + ";" * n + "\r\n\r\nx",
    "folded parameters": lambda n: "Content-Type: text/plain" + ";\r\n a=b" * (n // 8) + "\r\n\r\nx",
    "numbered names": lambda n: (
        "Content-Disposition: attachment" + "".join(f"; filename*{i}*=b" for i in range(n // 18)) + "\r\n\r\nx"
    ),
    "nested messages": lambda n: "Content-Type: message/rfc822\r\n\r\n" * (n // 32),
    "nested multiparts": lambda n: "".join(
        f"Content-Type: multipart/mixed; boundary=b{i}\r\n\r\n--b{i}\r\n" for i in range(n // 56)
    ),
    "parts": lambda n: "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + "--b\r\n\r\nx\r\n" * (n // 10),
    "nested comments": lambda n: "From: " + "(" * n + "\r\n\r\nx",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_frame_is_read_within_two_seconds(name: str) -> None:
    raw = BROKEN[name](MEGA).encode()
    began = time.process_time()
    assert read_it(raw).kind == "reply"
    assert time.process_time() - began < 2


def test_a_subject_cut_in_its_encoding_is_shown_as_it_came() -> None:
    raw = b"From: a@b.example\r\nSubject: =?utf-8?b?UkU6I?=\r\n\r\nBIO-02: 80 % se expidio la guia"
    assert [one.percent for one in read(raw, CODES, None, REQUEST).answers] == [80.0]
