"""R23: the approved report to the Viceministerio, with its documents and the published address."""

from __future__ import annotations

from dataclasses import dataclass

from mail.gateway import Attachment, OutgoingMail
from mail.writing.letterhead import Letterhead
from mail.writing.render import render, subject

SALUTATIONS = {"f": "Respetada señora Viceministra:", "m": "Respetado señor Viceministro:"}
POSTS = {"f": "Viceministra de Desarrollo Empresarial", "m": "Viceministro de Desarrollo Empresarial"}
WHY = (
    "La metodología del instrumento dispone que cada reporte aprobado por Planeación se remita al Viceministerio "
    "de Desarrollo Empresarial."
)


@dataclass(frozen=True)
class ReportData:
    """`holder` and `gender` («f» or «m») are of whoever holds the post on the day of sending; `acting` adds «(E)».

    `title` is the report's own («Reporte de logros de Astilleros, septiembre–octubre de 2026»), `summary` its
    paragraphs, `link` the published page («» when the microsite has no address: then no link is invented, R5).
    """

    to: tuple[str, ...]
    holder: str
    gender: str
    title: str
    summary: tuple[str, ...]
    attachments: tuple[Attachment, ...]
    message_id: str
    letterhead: Letterhead
    link: str = ""
    acting: bool = False
    cc: tuple[str, ...] = ()
    why: str = ""
    illustrative: bool = False


def report(data: ReportData) -> OutgoingMail:
    """The letter that carries one report, once (R23)."""
    text, html = render(
        "report",
        data=data,
        letterhead=data.letterhead,
        reference="",
        illustrative=data.illustrative,
        salutation=SALUTATIONS[data.gender],
        post=POSTS[data.gender] + (" (E)" if data.acting else ""),
        why=data.why or WHY,
    )
    return OutgoingMail(
        to=data.to,
        cc=data.cc,
        subject=subject(data.title),
        text=text,
        html=html,
        message_id=data.message_id,
        attachments=data.attachments,
        reply_to=data.letterhead.mail,
    )
