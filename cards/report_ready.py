"""A report is made: where it can be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from cards.parts import Element, button, card, facts, heading, open_url
from methodology.rules.spanish import long_date

PUBLISHED = "Publicado"
DRAFT = "Borrador"
FILES = (("pdf", "Enviar el archivo PDF"), ("xlsx", "Enviar el archivo Excel"))
LINKS = (("html", "Ver en línea"), ("pdf", "PDF"), ("excel", "Excel"), ("word", "Word"))


@dataclass(frozen=True)
class ReportReady:
    """`urls` by kind of document: html, pdf, excel, word. `digest` is the proof of what was published.

    `files` are the tokens that offer the file in the chat, by extension.
    `state` says what the document is when it is neither a draft nor published, such as a matrix of today.
    """

    title: str
    initiative: str
    period: str
    version: int
    cut_off: date
    published: bool
    urls: dict[str, str]
    digest: str = ""
    state: str = ""
    files: dict[str, str] = field(default_factory=dict)


def report_ready(data: ReportReady) -> Element:
    return card(
        heading(data.title, data.initiative),
        facts(
            ("Estado", data.state or (PUBLISHED if data.published else DRAFT)),
            ("Periodo", data.period) if data.period else None,
            ("Corte", long_date(data.cut_off)),
            ("Versión", str(data.version)),
            ("Huella", data.digest[:12]) if data.digest else None,
        ),
        actions=[
            *(open_url(title, data.urls.get(kind, "")) for kind, title in LINKS),
            *(button(title, data.files.get(kind, "")) for kind, title in FILES),
        ],
    )
