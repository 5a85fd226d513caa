"""Teams' files in personal chat: the consent and file cards as people see them, and the OneDrive behind them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from demo.hub import Json

CONSENT = "application/vnd.microsoft.teams.card.file.consent"
INFO = "application/vnd.microsoft.teams.card.file.info"
DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"
INVOKE = "fileConsent/invoke"
CLICK = "sala.file"
LARGEST = 60 * 1024 * 1024
_RANGE = re.compile(r"bytes 0-(\d+)/(\d+)")
Faults = Callable[[web.Request], Awaitable[web.Response | None]]


@dataclass
class Stored:
    name: str
    data: bytes | None = None


class OneDrive:
    """One upload address a consent, good for one whole file; what was uploaded opens at its own address."""

    def __init__(self, base_url: str) -> None:
        self._base = f"{base_url}/sala/onedrive"
        self.files: dict[str, Stored] = {}
        self.faults: Faults | None = None

    def ticket(self, name: str) -> Json:
        """A consent's `uploadInfo`."""
        number = secrets.token_hex(8)
        self.files[number] = Stored(name)
        return {
            "uploadUrl": f"{self._base}/{number}?upload=1",
            "contentUrl": f"{self._base}/{number}",
            "name": name,
            "uniqueId": number,
            "fileType": name.rpartition(".")[2],
        }

    def sent(self, name: str, data: bytes) -> Json:
        """A file that a person sends in the chat, as its message carries it."""
        info = self.ticket(name)
        self.files[info["uniqueId"]].data = data
        content = {"downloadUrl": info["contentUrl"], "uniqueId": info["uniqueId"], "fileType": info["fileType"]}
        return {"contentType": DOWNLOAD, "contentUrl": info["contentUrl"], "name": name, "content": content}

    async def put(self, request: web.Request) -> web.Response:
        """One whole file, in one range; the bot's own token has no business here."""
        verdict = await self.faults(request) if self.faults else None
        if verdict is not None:
            return verdict
        stored = self.files.get(request.match_info["number"])
        if stored is None or "Authorization" in request.headers:
            return web.Response(status=404 if stored is None else 400)
        data = await request.read()
        match = _RANGE.fullmatch(request.headers.get("Content-Range", ""))
        if not match or (int(match[1]) + 1, int(match[2])) != (len(data), len(data)):
            return web.Response(status=416)
        stored.data = data
        return web.json_response({"name": stored.name, "size": len(data)}, status=201)

    async def get(self, request: web.Request) -> web.Response:
        verdict = await self.faults(request) if self.faults else None
        if verdict is not None:
            return verdict
        stored = self.files.get(request.match_info["number"])
        if stored is None or stored.data is None:
            raise web.HTTPNotFound(text="Ese archivo no está.")
        headers = {"Content-Disposition": f'attachment; filename="{stored.name}"'}
        return web.Response(body=stored.data, headers=headers, content_type="application/octet-stream")


def file_card(attachment: Json) -> Json | None:
    """How Teams shows a file's attachment: a question with two buttons, or the file that opens."""
    name = str(attachment.get("name", ""))
    if attachment.get("contentType") == CONSENT:
        size = int(attachment["content"].get("sizeInBytes", 0))
        words = f"{name} ({max(1, round(size / 1024))} KB)"
        return _card(words, str(attachment["content"].get("description", "")), _answer("accept"), _answer("decline"))
    if attachment.get("contentType") == INFO:
        url = str(attachment.get("contentUrl", ""))
        return _card(name, "Archivo en su OneDrive", {"type": "Action.OpenUrl", "title": "Abrir", "url": url})
    return None


def _answer(action: str) -> Json:
    title = {"accept": "Aceptar", "decline": "Rechazar"}[action]
    return {"type": "Action.Submit", "title": title, "data": {CLICK: action}}


def _card(title: str, words: str, *actions: Json) -> Json:
    body = [{"type": "TextBlock", "text": title, "weight": "Bolder", "wrap": True}]
    body.append({"type": "TextBlock", "text": words, "wrap": True})
    return {"type": "AdaptiveCard", "version": "1.5", "body": body, "actions": list(actions)}
