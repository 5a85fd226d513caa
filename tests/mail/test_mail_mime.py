"""What a message of ours says is what the standard library reads in its bytes."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.gateway import Attachment, OutgoingMail
from mail.mime import to_bytes
from methodology.delivery import Permanent

NOW = datetime(2026, 11, 17, 13, 0, tzinfo=UTC)
SENDER = '"Planeación, Soluciones" <soluciones@operador.example>'
MAIL = OutgoingMail(
    ("Enlace Número Uno <enlace@entidad.example>",),
    "Solicitud de avance – Ñ",
    "Texto\n",
    "<p>Texto</p>",
    "<sr.1@o.example>",
)
LINES = st.lists(
    st.text(st.characters(exclude_categories=("Cs",)), max_size=1200)
    | st.sampled_from(("", ".", "..", "From ayer", "--=_soluciones_mixed", "--=_soluciones_alternative--", "fin \t"))
)


def read(mail: OutgoingMail) -> EmailMessage:
    message = cast("EmailMessage", message_from_bytes(to_bytes(mail, SENDER, NOW), policy=policy.default))
    assert [part.defects for part in message.walk() if part.defects] == []
    return message


def content(message: EmailMessage, kind: str) -> str:
    [part] = [part for part in message.walk() if part.get_content_type() == kind]
    return str(part.get_content())


@given(LINES)
def test_every_text_arrives_as_it_was_written(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    message = read(
        replace(MAIL, text=text, html=text, attachments=(Attachment("a.bin", "application/x-a", text.encode()),))
    )
    said = re.sub("\r\n?", "\n", text)
    for kind in ("text/plain", "text/html"):
        assert content(message, kind).replace("\r\n", "\n") == said
    [attached] = message.iter_attachments()
    assert attached.get_payload(decode=True) == text.encode()


@given(LINES)
def test_no_line_is_longer_than_the_wire_allows(lines: list[str]) -> None:
    raw = to_bytes(replace(MAIL, text="\n".join(lines)), SENDER, NOW)
    assert raw.isascii()
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_the_head_names_people_and_subject() -> None:
    message = read(MAIL)
    assert message.get_content_type() == "multipart/alternative"
    assert (message["From"], message["To"], message["Subject"]) == (
        '"Planeación, Soluciones" <soluciones@operador.example>', MAIL.to[0], MAIL.subject,
    )  # fmt: skip
    assert (message["Message-ID"], message["MIME-Version"]) == (MAIL.message_id, "1.0")


def test_the_same_words_in_two_mails_are_read_alike() -> None:
    """Headers that were parsed once are used again: by nobody else."""
    first, second = read(MAIL), read(replace(MAIL, subject="Otra", to=("otro@entidad.example",)))
    assert (first["From"], first["Subject"]) == (second["From"], MAIL.subject)
    assert (second["Subject"], second["To"]) == ("Otra", "otro@entidad.example")


@pytest.mark.parametrize(
    "name", ["informe ñandú.pdf", 'con "comillas".pdf', "a" * 300 + "ñ.pdf", "dos\r\nBcc: x@y.example"]
)
def test_an_attachments_name_is_one_line(name: str) -> None:
    [attached] = read(replace(MAIL, attachments=(Attachment(name, "application/pdf", b"x"),))).iter_attachments()
    assert attached.get_filename() == " ".join(name.split())


def test_half_a_character_is_refused() -> None:
    with pytest.raises(Permanent, match="carácter"):
        to_bytes(replace(MAIL, text="\ud800"), SENDER, NOW)
