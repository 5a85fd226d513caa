"""Files into the chat: offered with Teams' consent card, uploaded when accepted, by signed link when that fails."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from botbuilder.schema import Activity
from sqlalchemy.orm import Session

from bot.answers import Answer, FileOffer, Turn, said
from bot.core import Core
from bot.drawing.context import Desk
from bot.sending import card_activity
from bot.teams.files import Consent, NotUploaded, Uploader, consent_activity, info_activity
from bot.teams.sender import ConnectorSender
from cards.message import REFUSED
from methodology import buttons, naming
from methodology.buttons import NOWHERE
from methodology.clock import local
from methodology.contents import matrix_content
from methodology.refusals import NotFound
from methodology.rules.states import Post
from reports.excel import workbook
from reports.formats import file_stem
from reports.pdf import pdf
from storage.ledger import CardAction, Report

OFFER, SEND = "file.offer", "file.send"
PDF, EXCEL = "pdf", "xlsx"
MATRIX, REPORT = "matriz", "informe"
OFFERED = "El archivo se ofrece en su conversación con el asistente: al aceptarlo queda en su OneDrive."
DESCRIPTION = "Documento de Soluciones por la Reindustrialización"
DECLINED = "No se envió el archivo. Puede solicitarlo de nuevo cuando lo necesite."
FAILED = (
    "No fue posible dejar el archivo en su OneDrive: {why}. Puede descargarlo con este enlace, que vence en 60 días."
)
DOWNLOAD = "Descargar el archivo"
GONE = "Ese documento ya no existe."


def file_buttons(desk: Desk, posts: tuple[Post, ...], kind: str, key: str, past: date | None = None) -> dict[str, str]:
    """The tokens that offer a matrix (by slug) or a report (by number) as a file, by extension."""
    args = {"kind": kind, "key": key, "past": past.isoformat() if past else ""}
    return {one: desk.button(OFFER, {**args, "extension": one}, posts=posts) for one in (PDF, EXCEL)}


def offer(turn: Turn, button: CardAction) -> Answer:
    """Only the person who asked may accept, once."""
    desk = replace(turn.desk.anew("archivo"), where=NOWHERE)  # its card is another message
    posts = tuple(Post(post) for post in button.posts)
    token = desk.button(SEND, dict(button.args), posts=posts, person_id=turn.actor.person_id, once=True)
    return Answer(text=OFFERED, summary=OFFERED, offer=FileOffer(desk.scope, token, button.args))


class Files:
    """What goes over the wire about files, after the turn's transaction."""

    def __init__(self, core: Core, connector: ConnectorSender, uploader: Uploader) -> None:
        self._core = core
        self._connector = connector
        self._uploader = uploader

    async def offer(self, service_url: str, chat: str, made: FileOffer) -> None:
        """Send the consent card into a personal chat, where alone Teams takes it.

        It names the file and its size, so the file is drawn for it.
        """
        name, data = await self._drawn(made.args)
        card = consent_activity(name, len(data), DESCRIPTION, made.token)
        receipt = await self._connector.send(service_url, chat, card)
        await self._core.db.run(buttons.bind, made.scope, receipt.place, receipt.id)

    async def settle(self, activity: Activity, consent: Consent, args: Mapping[str, Any]) -> None:
        """Accepted: the file as it is now goes up, and its card follows; declined, or failed: that is said."""
        if not consent.accepted:
            await self._say(activity, said(DECLINED))
            return
        _name, data = await self._drawn(args)
        try:
            await self._uploader.put(consent, data)
        except NotUploaded as exc:
            url = await self._core.db.run(self._link, args)
            await self._say(activity, said(FAILED.format(why=exc), REFUSED, url=url, url_title=DOWNLOAD))
            return
        await self._connector.send(activity.service_url, activity.conversation.id, info_activity(consent))

    async def _say(self, activity: Activity, answer: Answer) -> None:
        message = card_activity(self._core.studio.noted(answer.card or {}), answer.summary)
        await self._connector.send(activity.service_url, activity.conversation.id, message)

    async def _drawn(self, args: Mapping[str, Any]) -> tuple[str, bytes]:
        content = await self._core.db.run(self._content, args)
        draw = pdf if args["extension"] == PDF else workbook
        return f"{file_stem(content)}.{args['extension']}", await asyncio.to_thread(draw, content)

    def _content(self, session: Session, args: Mapping[str, Any]) -> dict[str, Any]:
        if args["kind"] == REPORT:
            report = session.get(Report, int(args["key"]))
            if report is None:
                raise NotFound(GONE)
            return dict(report.content)
        today = local(self._core.clock.now()).date()
        past = date.fromisoformat(args["past"]) if args["past"] else None
        initiative = naming.initiative(session, args["key"])
        published = self._core.studio.published
        return dict(matrix_content(session, initiative, past or today, published, as_of=past is not None))

    def _link(self, session: Session, args: Mapping[str, Any]) -> str:
        if args["kind"] == REPORT:
            return self._core.studio.report_url(int(args["key"]), args["extension"])
        past = date.fromisoformat(args["past"]) if args["past"] else None
        url = self._core.studio.matrix_url(naming.initiative(session, args["key"]), past)
        return f"{url}&formato={args['extension']}"
