"""Microsoft Graph for one mailbox, over TLS on the loopback, with its token endpoint and a queue of scripted faults.

It is as strict as the real one where a client could err: a token on every request and none on an upload, bodies of at
most 4 MiB, pieces in order, links that only it understands. `spoken` keeps every JSON object by its type.
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from base64 import b64decode
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import format_datetime, getaddresses
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import jwt
from aiohttp import web
from certificates import loopback_certificate
from cryptography.hazmat.primitives import serialization
from cryptography.x509 import load_pem_x509_certificate

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

TENANT = "00000000-0000-4000-8000-0000000000aa"
CLIENT_ID = "00000000-0000-4000-8000-0000000000c1"
SECRET = "secreto-solo-para-pruebas"
MAILBOX = "soluciones@operador.example"
MOST_BODY = 4 * 1024 * 1024
LEAST_UPLOAD = 3_000_000


@dataclass
class Fault:
    """For the next request whose `METHOD path` matches: refused with `status`, or (0) its connection is dropped.

    `after`: it had been carried out before; `hangs`: nothing is ever answered; `skips`: so many pass untouched before.
    """

    match: str
    status: int = 0
    code: str = "ServiceUnavailable"
    headers: Mapping[str, str] = field(default_factory=dict)
    after: bool = False
    hangs: bool = False
    skips: int = 0

    def meets(self, line: str) -> bool:
        if not re.search(self.match, line):
            return False
        self.skips -= 1
        return self.skips < 0


@dataclass
class Item:
    id: str
    mime: EmailMessage
    folder: str
    received: datetime
    modified: datetime
    raw: bytes = b""
    internet_id: str = ""


@dataclass
class Upload:
    item: Item
    name: str
    content_type: str
    size: int
    content: bytearray = field(default_factory=bytearray)


def refusal(status: int, code: str, message: str = "", headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"code": code, "message": message}}, status=status, headers=headers)


def no_item() -> web.Response:
    return refusal(404, "ErrorItemNotFound", "The specified object was not found in the store.")


class GraphPeer:
    """`async with GraphPeer(now) as peer`: `base_url`, `authority` and `ca_file` lead to it."""

    def __init__(self, now: datetime, *faults: Fault) -> None:
        self.now = now
        self.faults = deque(faults)
        self.seen: list[str] = []
        self.prefers: list[str] = []
        self.spoken: list[tuple[str, Json]] = []
        self.items: list[Item] = []
        self.tokens: set[str] = set()
        self.certificate: bytes = b""  # PEM, registered for the application beside its secret
        self.locked = False
        self.renames = False
        self.link_base = ""
        self.gate = asyncio.Event()
        self.gate.set()
        self.running = 0
        self.most_running = 0
        self._more_running = asyncio.Condition()
        self._changes: list[str] = []
        self._states: dict[str, tuple[list[Json], int]] = {}
        self._uploads: dict[str, Upload] = {}
        self._count = 0
        self._folder = TemporaryDirectory()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024, middlewares=[self._faulty, self._guarded])
        user = "/v1.0/users/{user}"
        app.add_routes(
            [
                web.get("/{tenant}/v2.0/.well-known/openid-configuration", self._discovery),
                web.post("/{tenant}/oauth2/v2.0/token", self._token),
                web.post(f"{user}/messages", self._create),
                web.patch(f"{user}/messages/{{id}}", self._update),
                web.post(f"{user}/messages/{{id}}/send", self._send),
                web.get(f"{user}/messages/{{id}}/$value", self._value),
                web.get(f"{user}/messages/{{id}}", self._one),
                web.post(f"{user}/messages/{{id}}/attachments", self._attach),
                web.post(f"{user}/messages/{{id}}/attachments/createUploadSession", self._session),
                web.get(f"{user}/mailFolders/inbox/messages/delta", self._delta),
                web.get(f"{user}/mailFolders/{{folder}}/messages", self._list),
                web.delete(f"{user}/mailFolders/{{folder}}/messages/{{id}}", self._delete),
                web.get("/v1.0/users('{user}')/mailFolders('inbox')/messages/delta", self._delta),
                web.put("/subidas/{session}", self._upload),
            ]
        )
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=self._tls()).start()
        self.host = f"https://127.0.0.1:{self._runner.addresses[0][1]}"
        self.base_url, self.authority = f"{self.host}/v1.0", self.host
        self.link_base = self.base_url
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        self._folder.cleanup()

    def _tls(self) -> ssl.SSLContext:
        made, folder = loopback_certificate(), Path(self._folder.name)
        for name, content in (("chain", made.chain), ("key", made.key), ("authority", made.authority)):
            (folder / name).write_bytes(content)
        self.ca_file = str(folder / "authority")
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(folder / "chain", folder / "key")
        return context

    # --- what tests look at and do

    @property
    def messages(self) -> list[EmailMessage]:
        """What was sent, in order."""
        return [item.mime for item in self.items if item.folder == "sentitems"]

    @property
    def drafts(self) -> list[EmailMessage]:
        return [item.mime for item in self.items if item.folder == "drafts"]

    def asked(self, match: str) -> int:
        return sum(1 for line in self.seen if re.search(match, line))

    async def deliver(self, raw: bytes, received: datetime | None = None, modified: datetime | None = None) -> Item:
        self._count += 1
        at = received or self.now + timedelta(seconds=self._count)
        item = self._made(raw, "inbox", at, modified or at)
        self._changes.append(item.id)
        return item

    async def remove(self, message_id: str) -> None:
        for item in [one for one in self.items if one.internet_id == message_id]:
            self.items.remove(item)
            self._changes.append(item.id)

    async def reached(self, count: int) -> None:
        """Return when so many requests are being served."""
        async with self._more_running:
            await self._more_running.wait_for(lambda: self.running >= count)

    def touch(self, item: Item, at: datetime) -> None:
        """Somebody marks a message."""
        item.modified = at
        self._changes.append(item.id)

    async def forget_marks(self) -> None:
        self._states.clear()

    def lock_out(self) -> None:
        self.locked = True
        self.tokens.clear()

    # --- faults, the token, and what every request must carry

    @web.middleware
    async def _faulty(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        line = f"{request.method} {request.path}"
        self.seen.append(line)
        fault = next((one for one in self.faults if one.meets(line)), None)
        if fault is None:
            return await handler(request)
        self.faults.remove(fault)
        if fault.after:
            await handler(request)
        if fault.hangs:
            await asyncio.Event().wait()
        if fault.status:
            return refusal(fault.status, fault.code, "Un fallo del guion.", fault.headers)
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith("/subidas/") and "Authorization" in request.headers:
            return refusal(401, "InvalidAuthenticationToken", "The session carries its own authorization.")
        if not request.path.startswith("/v1.0/"):
            return await handler(request)
        self.prefers.append(request.headers.get("Prefer", ""))
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return refusal(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.")
        if (request.content_length or 0) > MOST_BODY:
            return refusal(413, "RequestBodyTooLarge", "The maximum request length supported is 4 MB.")
        async with self._more_running:
            self.running += 1
            self.most_running = max(self.most_running, self.running)
            self._more_running.notify_all()
        try:
            await self.gate.wait()
            return await handler(request)
        finally:
            self.running -= 1

    async def _discovery(self, request: web.Request) -> web.Response:
        tenant = request.match_info["tenant"]
        if tenant != TENANT:
            told = {"error": "invalid_tenant", "error_description": f"AADSTS90002: Tenant '{tenant}' not found."}
            return web.json_response(told, status=400)
        place = f"{self.host}/{tenant}"
        return web.json_response(
            {
                "issuer": f"{place}/v2.0",
                "authorization_endpoint": f"{place}/oauth2/v2.0/authorize",
                "token_endpoint": f"{place}/oauth2/v2.0/token",
            }
        )

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        if form.get("client_id") != CLIENT_ID:
            return _no_token("unauthorized_client", "AADSTS700016: Application was not found in the directory.", 400)
        if form.get("scope") != f"{self.host}/.default" or form.get("grant_type") != "client_credentials":
            return _no_token("invalid_scope", "AADSTS1002012: The provided value for scope is not valid.", 400)
        if self.locked:
            return _no_token("invalid_client", "AADSTS7000222: The provided client secret keys are expired.", 401)
        if form.get("client_secret") != SECRET and not self._signed(str(form.get("client_assertion") or "")):
            return _no_token("invalid_client", "AADSTS7000215: Invalid client secret provided.", 401)
        token = f"token-{self._fresh()}"
        self.tokens.add(token)
        return web.json_response({"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    def _signed(self, assertion: str) -> bool:
        """An assertion signed with the registered certificate, which it names by its SHA-256 thumbprint."""
        if not self.certificate or not assertion:
            return False
        certificate = load_pem_x509_certificate(self.certificate)
        print_ = sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()
        audience = f"{self.host}/{TENANT}/oauth2/v2.0/token"
        try:
            claims = jwt.decode(assertion, certificate.public_key(), algorithms=["PS256"], audience=audience)  # type: ignore[arg-type]
        except jwt.InvalidTokenError:
            return False
        named = jwt.get_unverified_header(assertion)["x5t#S256"]
        return claims["sub"] == CLIENT_ID and b64decode(named.translate({45: 43, 95: 47}) + "==") == print_

    # --- messages

    async def _create(self, request: web.Request) -> web.Response:
        if request.content_type != "text/plain":
            return refusal(415, "UnsupportedMediaType")
        try:
            raw = b64decode(await request.read(), validate=True)
        except ValueError:
            return refusal(400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content.")
        item = self._made(raw, "drafts", self.now, self.now)
        if self.renames:
            item.internet_id = "<propio-de-exchange@prod.outlook.com>"
        return self._answer("message", self._json(item), 201)

    async def _update(self, request: web.Request) -> web.Response:
        item, change = self._asked_for(request), self._note("message", await request.json())
        if item is None:
            return no_item()
        item.internet_id = change["internetMessageId"]
        return self._answer("message", self._json(item))

    async def _send(self, request: web.Request) -> web.Response:
        item = self._asked_for(request)
        if item is None or item.folder != "drafts":
            return no_item()
        item.folder = "sentitems"  # under the same id: it is an immutable one
        for name, value in (("Date", format_datetime(self.now)), ("Message-ID", item.internet_id)):
            del item.mime[name]
            item.mime[name] = value
        self.items.remove(item)
        self.items.append(item)
        return web.Response(status=202)

    async def _delete(self, request: web.Request) -> web.Response:
        item = self._asked_for(request)
        if item is None or item.folder != request.match_info["folder"]:
            return no_item()
        self.items.remove(item)
        return web.Response(status=204)

    async def _value(self, request: web.Request) -> web.Response:
        item = self._asked_for(request)
        return no_item() if item is None else web.Response(body=item.raw, content_type="text/plain")

    async def _one(self, request: web.Request) -> web.Response:
        """What `$select` asks for, its body as text."""
        item = self._asked_for(request)
        if item is None:
            return no_item()
        select = request.query["$select"].split(",")
        self._note("message", dict.fromkeys(select))
        assert "outlook.body-content-type" in self.prefers[-1]
        body = item.mime.get_body(("plain",))
        known = {
            "internetMessageId": item.internet_id or str(item.mime["Message-ID"]),
            "from": {"emailAddress": {"address": getaddresses([str(item.mime["From"])])[0][1]}},
            "subject": str(item.mime["Subject"]),
            "receivedDateTime": item.received.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "body": {"contentType": "text", "content": body.get_content() if body is not None else ""},
        }
        return self._answer("message", {name: known[name] for name in select})

    async def _list(self, request: web.Request) -> web.Response:
        wanted = re.fullmatch(r"internetMessageId eq '(.*)'", request.query["$filter"])
        assert wanted is not None
        select = request.query["$select"].split(",")
        self._note("message", dict.fromkeys(["internetMessageId", *select]))
        found = [
            item
            for item in self.items
            if item.folder == request.match_info["folder"] and item.internet_id == wanted[1].replace("''", "'")
        ]
        return self._collection([_selected(self._json(item), select) for item in found])

    # --- attachments

    async def _attach(self, request: web.Request) -> web.Response:
        item, body = self._asked_for(request), self._note("fileAttachment", await request.json())
        if item is None:
            return no_item()
        if body.pop("@odata.type") != "#microsoft.graph.fileAttachment":
            return refusal(400, "BadRequest")
        _add(item, body["name"], body["contentType"], b64decode(body["contentBytes"]))
        return self._answer("fileAttachment", {"id": f"adjunto-{self._fresh()}", "name": body["name"]}, 201)

    async def _session(self, request: web.Request) -> web.Response:
        item, wanted = self._asked_for(request), self._note("attachmentItem", (await request.json())["AttachmentItem"])
        if item is None:
            return no_item()
        if wanted["size"] < LEAST_UPLOAD:
            return refusal(400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize")
        key = f"sesion-{self._fresh()}"
        self._uploads[key] = Upload(item, wanted["name"], wanted["contentType"], wanted["size"])
        url = f"{self.host}/subidas/{key}?authtoken=abc"
        until = _moment(self.now + timedelta(days=1))
        session = {"uploadUrl": url, "expirationDateTime": until, "nextExpectedRanges": ["0-"]}
        return self._answer("uploadSession", session, 201)

    async def _upload(self, request: web.Request) -> web.Response:
        upload = self._uploads.get(request.match_info["session"])
        if upload is None or request.query["authtoken"] != "abc":
            return refusal(404, "ErrorItemNotFound")
        piece = await request.read()
        start = len(upload.content)
        if request.headers["Content-Range"] != f"bytes {start}-{start + len(piece) - 1}/{upload.size}":
            return refusal(400, "ErrorInvalidContentRange")
        upload.content += piece
        if len(upload.content) < upload.size:
            following = [str(len(upload.content))]
            return self._answer("uploadSession", {"nextExpectedRanges": following})
        _add(upload.item, upload.name, upload.content_type, bytes(upload.content))
        return web.Response(status=201, headers={"Location": f"{self.host}/adjunto"})

    # --- delta

    async def _delta(self, request: web.Request) -> web.Response:
        token = request.query.get("$skiptoken") or request.query.get("$deltatoken") or ""
        if token and not token.startswith("estado-"):
            return refusal(400, "BadRequest", "Badly formed token.")
        if token and token not in self._states:
            return refusal(410, "SyncStateNotFound", "The sync state generation is not found.")
        if not token:
            self._note("message", dict.fromkeys(request.query["$select"].split(",")))
        entries, end = self._states.get(token, ([], 0))
        if "$skiptoken" not in request.query:
            entries, end = self._round(end), len(self._changes)
        most = re.search(r"odata\.maxpagesize=(\d+)", request.headers.get("Prefer", ""))
        size = int(most[1]) if most else 10
        rest = entries[size:]
        kind, name = ("$skiptoken", "@odata.nextLink") if rest else ("$deltatoken", "@odata.deltaLink")
        state = f"estado-{self._fresh()}"
        self._states[state] = (rest, end)
        link = f"{self.link_base}/users('{TENANT}')/mailFolders('inbox')/messages/delta?{kind}={state}"
        return self._collection(entries[:size], **{name: link})

    def _round(self, start: int) -> list[Json]:
        """What changed since, newest first: an order that a client must not rely on."""
        known = {item.id: item for item in self.items if item.folder == "inbox"}
        changed = list(dict.fromkeys(self._changes[start:]))
        there = sorted((known[one] for one in changed if one in known), key=lambda item: item.received, reverse=True)
        gone = [{"id": one, "@removed": {"reason": "deleted"}} for one in changed if one not in known] if start else []
        select = ["receivedDateTime", "lastModifiedDateTime"]
        return [*gone, *(_selected(self._json(item), select) for item in there)]

    # --- small

    def _fresh(self) -> int:
        self._count += 1
        return self._count

    def _made(self, raw: bytes, folder: str, received: datetime, modified: datetime) -> Item:
        mime = message_from_bytes(raw, policy=default)
        assert isinstance(mime, EmailMessage)
        # Ids of Graph may hold what a path does not.
        item = Item(f"AAkALgAA/{self._fresh()}+==", mime, folder, received, modified, raw, str(mime["Message-ID"]))
        self.items.append(item)
        return item

    def _asked_for(self, request: web.Request) -> Item | None:
        if request.match_info["user"] != MAILBOX:
            raise web.HTTPNotFound(text='{"error": {"code": "ErrorInvalidUser", "message": "x"}}')
        return next((item for item in self.items if item.id == request.match_info["id"]), None)

    def _json(self, item: Item) -> Json:
        to = [
            {"emailAddress": {"name": name, "address": address}}
            for name, address in getaddresses([str(item.mime["To"] or "")])
        ]
        return {
            "id": item.id,
            "internetMessageId": item.internet_id,
            "subject": str(item.mime["Subject"]),
            "isDraft": item.folder == "drafts",
            "parentFolderId": item.folder,
            "receivedDateTime": _moment(item.received),
            "lastModifiedDateTime": _moment(item.modified),
            "toRecipients": to,
        }

    def _note(self, kind: str, body: Json) -> Json:
        self.spoken.append((kind, {name: value for name, value in body.items() if "@" not in name}))
        return body

    def _answer(self, kind: str, body: Json, status: int = 200) -> web.Response:
        return web.json_response(self._note(kind, body), status=status)

    def _collection(self, entries: list[Json], **annotations: str) -> web.Response:
        for entry in entries:
            self._note("message", entry)
        return web.Response(text=json.dumps({**annotations, "value": entries}), content_type="application/json")


def _no_token(error: str, description: str, status: int) -> web.Response:
    return web.json_response({"error": error, "error_description": description}, status=status)


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _selected(body: Json, select: list[str]) -> Json:
    return {name: value for name, value in body.items() if name in {"id", *select}}


def _add(item: Item, name: str, content_type: str, content: bytes) -> None:
    main, _, sub = content_type.partition(";")[0].partition("/")
    item.mime.add_attachment(content, maintype=main, subtype=sub, filename=name)
