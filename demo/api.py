from __future__ import annotations

import asyncio
import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from urllib.parse import quote, urlsplit

from aiohttp import web

from demo.clock import ClockError
from demo.desk import Desk, Files, mail_summary, mail_view
from demo.hub import Json
from demo.mailroom import Mail, MailError
from demo.teams import ActionError

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
HEARTBEAT = 15
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-same-origin; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
MAIL_HEAD = '<!doctype html><meta charset="utf-8"><base target="_blank">'
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def from_here(request: web.Request) -> bool:
    """The address asked for is this machine's own: another name means that a foreign page was rebound to it."""
    return urlsplit(f"//{request.host}").hostname in LOOPBACK


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not from_here(request):
        raise web.HTTPMisdirectedRequest(text="La Sala solo atiende en este equipo (127.0.0.1).")
    return await handler(request)


@web.middleware
async def same_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A change needs the page's own Origin; a script, which has none, says so with the header X-Sala."""
    origin = request.headers.get("Origin")
    own = origin == f"{request.scheme}://{request.host}" if origin else "X-Sala" in request.headers
    if request.method != "GET" and not own:
        raise web.HTTPForbidden(text="La solicitud no viene de la página de la Sala.")
    return await handler(request)


@web.middleware
async def explained(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (ActionError, MailError, ClockError) as error:
        return web.json_response({"error": str(error)}, status=400)


class Api:
    """The page's JSON endpoints, which scripts use too."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def app(self) -> web.Application:
        app = web.Application(middlewares=[same_origin, explained])
        box, mail = "/mailboxes/{address}", "/mailboxes/{address}/{mail}"
        app.add_routes(
            [
                web.get("/state", self._state),
                web.get("/events", self._events),
                web.get("/conversations", self._conversation),
                web.get("/clock", self._clock),
                web.post("/clock", self._step),
                web.post("/open", self._open),
                web.post("/seen", self._seen),
                web.post("/say", self._say),
                web.post("/submit", self._submit),
                web.post("/block", self._block),
                web.post("/reply", self._reply),
                web.get("/mailboxes", self._mailboxes),
                web.get(box, self._mailbox),
                web.get(mail, self._mail),
                web.get(f"{mail}/raw", self._raw),
                web.get(f"{mail}/html", self._html),
                web.get(f"{mail}/attachments/{{number:\\d+}}", self._attachment),
            ]
        )
        app.on_shutdown.append(self._hang_up)
        return app

    async def _hang_up(self, _: web.Application) -> None:
        """Open event streams would hold the server's shutdown for a minute."""
        self._desk.hub.close()

    async def _state(self, _: web.Request) -> web.Response:
        await self._desk.clock.read()
        return web.json_response(self._desk.state())

    async def _conversation(self, request: web.Request) -> web.Response:
        return web.json_response(self._desk.conversation(request.query.get("person", ""), request.query.get("channel")))

    async def _clock(self, _: web.Request) -> web.Response:
        return web.json_response({"clock": await self._desk.clock.read(), "busy": self._desk.clock.busy})

    async def _step(self, request: web.Request) -> web.Response:
        return web.json_response(await self._desk.step(_text(await _wanted(request), "step")))

    async def _open(self, request: web.Request) -> web.Response:
        await self._desk.open(_text(await _wanted(request), "person"))
        return web.json_response({})

    async def _seen(self, request: web.Request) -> web.Response:
        wanted = await _wanted(request)
        if "mailbox" in wanted:
            self._desk.mailroom.mark_read(_text(wanted, "mailbox"), _text(wanted, "message_id"))
        else:
            self._desk.seen(_text(wanted, "what"))
        return web.json_response({})

    async def _say(self, request: web.Request) -> web.Response:
        wanted = await _wanted(request)
        channel, reply_to, targeted = wanted.get("channel"), wanted.get("reply_to") or "", bool(wanted.get("targeted"))
        person, text = _text(wanted, "person"), _text(wanted, "text")
        outcome = await self._desk.say(person, text, channel, reply_to, targeted=targeted)
        return web.json_response(asdict(outcome))

    async def _submit(self, request: web.Request) -> web.Response:
        """With `data`: the complete data, as the page collects it. Without: the card's own data and `inputs`."""
        wanted = await _wanted(request)
        person, activity, verb = _text(wanted, "person"), _text(wanted, "activity_id"), wanted.get("verb")
        if isinstance(wanted.get("data"), dict):
            outcome = await self._desk.submit(person, activity, verb, wanted["data"])
        else:
            outcome = await self._desk.act(person, activity, verb, wanted.get("inputs"), title=wanted.get("title"))
        return web.json_response(asdict(outcome))

    async def _block(self, request: web.Request) -> web.Response:
        wanted = await _wanted(request)
        await self._desk.block(_text(wanted, "person"), blocked=bool(wanted.get("blocked")))
        return web.json_response({})

    async def _reply(self, request: web.Request) -> web.Response:
        wanted = await _wanted(request)
        box, message, text = (_text(wanted, name) for name in ("mailbox", "message_id", "text"))
        sent = await self._desk.reply(box, message, text, _files(wanted), auto=bool(wanted.get("auto")))
        return web.json_response({"message_id": sent})

    async def _mailboxes(self, _: web.Request) -> web.Response:
        return web.json_response(self._desk.state()["mailboxes"])

    async def _mailbox(self, request: web.Request) -> web.Response:
        address = request.match_info["address"].lower()
        messages = [mail_summary(mail) for mail in reversed(self._desk.mails(address))]
        return web.json_response(self._desk.mailbox(address) | {"messages": messages})

    async def _mail(self, request: web.Request) -> web.Response:
        return web.json_response(mail_view(self._found(request)))

    async def _raw(self, request: web.Request) -> web.Response:
        mail = self._found(request)
        return web.Response(body=mail.raw, content_type="message/rfc822", headers=_download(f"{mail.id}.eml"))

    async def _html(self, request: web.Request) -> web.Response:
        """The mail's own page for the sandboxed frame: no script, nothing fetched, links in a new tab."""
        page = MAIL_HEAD + self._found(request).page()
        return web.Response(text=page, content_type="text/html", headers={"Content-Security-Policy": MAIL_POLICY})

    async def _attachment(self, request: web.Request) -> web.Response:
        parts = self._found(request).attachments()
        number = int(request.match_info["number"])
        if number >= len(parts):
            raise web.HTTPNotFound
        body = parts[number].get_payload(decode=True)
        name = parts[number].get_filename() or f"adjunto-{number}"
        content = body if isinstance(body, bytes) else b""
        return web.Response(body=content, content_type="application/octet-stream", headers=_download(name))

    async def _events(self, request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        queue = self._desk.hub.listen()
        try:
            await stream.prepare(request)
            await stream.write(b": abierto\n\n")
            while (event := await _next(queue)) is not None:
                await stream.write(event)
        except ConnectionError:
            pass  # the page was closed
        finally:
            self._desk.hub.leave(queue)
        return stream

    def _found(self, request: web.Request) -> Mail:
        mail = self._desk.mailroom.find(request.match_info["address"], request.match_info["mail"])
        if mail is None:
            raise web.HTTPNotFound(text="Ese mensaje ya no está en el buzón.")
        return mail


async def _next(queue: asyncio.Queue[Json | None]) -> bytes | None:
    try:
        event = await asyncio.wait_for(queue.get(), HEARTBEAT)
    except TimeoutError:
        return b": sigo aqui\n\n"
    return None if event is None else f"data: {json.dumps(event)}\n\n".encode()


async def _wanted(request: web.Request) -> Json:
    try:
        wanted = await request.json()
    except ValueError:
        wanted = None
    if not isinstance(wanted, dict):
        raise ActionError("La solicitud no es un objeto JSON.")
    return wanted


def _text(wanted: Json, name: str) -> str:
    value = wanted.get(name)
    if not isinstance(value, str):
        raise ActionError(f"Falta el dato «{name}».")
    return value


def _files(wanted: Json) -> Files:
    """Attachments as `[{"name": …, "content": base64}]`."""
    try:
        return tuple((str(f["name"]), b64decode(f["content"], validate=True)) for f in wanted.get("files") or [])
    except (KeyError, TypeError, Base64Error) as error:
        raise ActionError("No se pudo leer el archivo adjunto.") from error


def _download(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
