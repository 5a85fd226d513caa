"""R45: a Teams card's content as a letter, for whoever has no Teams."""

from __future__ import annotations

from dataclasses import dataclass

from mail.gateway import Attachment, OutgoingMail
from mail.writing.letterhead import Letterhead
from mail.writing.render import render, subject


@dataclass(frozen=True)
class Link:
    """`label` says where it leads or what it does; GET only shows, nothing is decided by opening it."""

    label: str
    url: str


@dataclass(frozen=True)
class NoticeData:
    """`rows` stand under `headers`, in as many columns; `why` is the notice's stored reason, shown as it is.

    A `reference` in the subject makes an answer recognisable.
    """

    to: tuple[str, ...]
    title: str
    salutation: str
    paragraphs: tuple[str, ...]
    why: str
    message_id: str
    letterhead: Letterhead
    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    links: tuple[Link, ...] = ()
    cc: tuple[str, ...] = ()
    illustrative: bool = False
    reference: str = ""
    attachments: tuple[Attachment, ...] = ()


def notice(data: NoticeData) -> OutgoingMail:
    """The letter that says what the card would have said."""
    text, html = render(
        "notice",
        data=data,
        letterhead=data.letterhead,
        reference=data.reference,
        illustrative=data.illustrative,
        why=data.why,
    )
    return OutgoingMail(
        to=data.to,
        cc=data.cc,
        subject=subject(data.title, reference=data.reference),
        text=text,
        html=html,
        message_id=data.message_id,
        reply_to=data.letterhead.mail,
        attachments=data.attachments,
    )
