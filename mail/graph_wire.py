"""Requests to Microsoft Graph for one mailbox: token, limits, and what each way of failing means.

| what happened | a request that sends a mail | any other |
|---|---|---|
| no connection was made | Throttled: nothing was sent | the same |
| 429, 503, 507, 509 | Throttled, by its Retry-After | the same |
| 408, 500, 502, 504 | Ambiguous: it may be on its way | `Failing`: nothing is sent by it |
| a drop, a silence | Ambiguous: it may be on its way | Throttled: nothing is sent by it |
| 401 | Misconfigured; the token is forgotten | the same |
| a redirect, never followed | Misconfigured | the same |
| 403, 404 of the mailbox | Misconfigured | the same |
| 404 of a message | `Missing` | the same |
| 409, 412, 423 | Throttled: somebody else was at it | the same |
| 410, a lost synchronisation | `Gone` | the same |
| 400, 413 and others | Permanent | the same |
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from mail.entra import EntraTokens, trusting
from mail.tls import unreached, untrusted
from methodology.clock import Clock
from methodology.delivery import Ambiguous, DeliveryError, Misconfigured, Permanent, Throttled

Json = dict[str, Any]
Sleep = Callable[[float], Awaitable[None]]

AT_ONCE = 3
"""Exchange refuses a fifth request at the same time (`MailboxConcurrency`); one is left for people's own tools."""
SENDINGS, SENDING_WINDOW = 25, timedelta(minutes=1)
"""Exchange Online takes 30 messages a minute from a mailbox."""
CONNECT_SECONDS = 10.0
RETRY_AFTER = timedelta(minutes=1)
LONGEST_RETRY = 24 * 60 * 60
MENDED_AFTER = timedelta(hours=1)
IMMUTABLE = 'IdType="ImmutableId"'
JSON_BODY = {"Content-Type": "application/json"}

_NOT_TAKEN = frozenset({429, 503, 507, 509})
_PASSING = frozenset({409, 412, 423})
_SYNC_LOST = frozenset({"syncstatenotfound", "syncstateinvalid", "resyncrequired", "errorinvalidsyncstatedata"})
_NO_MESSAGE = frozenset({"erroritemnotfound", "errormessagenotfound"})
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class Missing(Throttled):
    """The message that was asked for is not there (any more)."""


class Gone(Throttled):
    """The state of a listing was lost: it must be begun anew."""


class Failing(Throttled):
    """The service itself failed over this request: perhaps for a moment, perhaps over this one message."""


class Pace:
    """At most `SENDINGS` turns in any minute; whoever comes too soon waits, in order."""

    def __init__(self, clock: Clock, sleep: Sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._turns: deque[datetime] = deque(maxlen=SENDINGS)
        self._queue = asyncio.Lock()

    async def turn(self) -> None:
        """Wait until one more fits."""
        async with self._queue:
            if len(self._turns) == SENDINGS:
                wait = self._turns[0] + SENDING_WINDOW - self._clock.now()
                # A clock that was set back would make it wait for ever.
                if timedelta() < wait <= SENDING_WINDOW:
                    await self._sleep(wait.total_seconds())
            self._turns.append(self._clock.now())


class GraphWire:
    """`base_url` is the service with its version; paths are relative to the mailbox, links must be the service's own.

    `ca_file`: a PEM file of authorities to trust instead of the machine's; `timeout` in seconds, for each answer.
    """

    def __init__(
        self, mailbox: str, tokens: EntraTokens, *, base_url: str, clock: Clock, ca_file: str, timeout: float
    ) -> None:
        self._base = httpx.URL(base_url.rstrip("/"))
        if self._base.scheme != "https":
            raise ValueError("La dirección de Microsoft Graph debe empezar por https://")
        self._user = f"{self._base}/users/{quote(mailbox, safe='@')}/"
        self._tokens = tokens
        self._clock = clock
        self._client = httpx.AsyncClient(
            verify=trusting(ca_file),
            timeout=httpx.Timeout(timeout, connect=CONNECT_SECONDS),
            follow_redirects=False,  # a redirect would carry the token to wherever it points
        )
        self._places = asyncio.Semaphore(AT_ONCE)

    async def close(self) -> None:
        await self._client.aclose()
        self._tokens.close()

    def owns(self, link: str) -> bool:
        """Whether a link leads to the service itself: only there does the token go."""
        try:
            url = httpx.URL(link)
        except httpx.InvalidURL:
            return False
        place, ours = (url.scheme, url.host, url.port), (self._base.scheme, self._base.host, self._base.port)
        return place == ours and not url.userinfo and url.path.startswith(f"{self._base.path}/")

    async def ask(self, method: str, path: str, body: Json | None = None, *, prefer: str = "") -> Json:
        """Send JSON (or nothing), get a JSON object."""
        content = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        return self.read(await self.call(method, path, content, JSON_BODY if content else {}, prefer=prefer))

    def read(self, answer: httpx.Response) -> Json:
        """The JSON object of an answer."""
        try:
            read = answer.json()
        except ValueError:
            read = None
        if not isinstance(read, dict):
            raise self.later("Microsoft Graph dio una respuesta que no se entiende")
        return read

    async def call(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        *,
        prefer: str = "",
        sends: bool = False,
    ) -> httpx.Response:
        """Ask the service; `path` is relative to the mailbox or a link of the service's own (`owns`).

        Raises:
            DeliveryError: by the table above; `sends` says that a mail goes out by this request.
        """
        own = {
            "Authorization": f"Bearer {await self._tokens.get()}",
            "Prefer": ", ".join(filter(None, (IMMUTABLE, prefer))),
            **(headers or {}),
        }
        url = path if self.owns(path) else self._user + path
        return self._checked(await self._exchange(method, url, content, own, sends=sends), sends=sends)

    async def upload(self, url: str, chunk: bytes, start: int, whole: int) -> httpx.Response:
        """One piece of a file, to the address of its upload session, which carries its own authorisation."""
        if not url.startswith("https://"):
            raise self.trouble("Microsoft Graph dio una dirección de carga que no es segura")
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes {start}-{start + len(chunk) - 1}/{whole}",
        }
        answer = await self._exchange("PUT", url, chunk, headers, sends=False)
        if answer.status_code in {401, 403, 404, 410}:
            raise self.later("Se perdió la sesión de carga de un archivo adjunto")
        return self._checked(answer, sends=False)

    def later(self, sentence: str) -> Throttled:
        return Throttled(sentence, self._clock.now() + RETRY_AFTER)

    def trouble(self, sentence: str) -> Misconfigured:
        """What only a person can mend."""
        return Misconfigured(sentence, self._clock.now() + MENDED_AFTER)

    async def _exchange(
        self, method: str, url: str, content: bytes, headers: Mapping[str, str], *, sends: bool
    ) -> httpx.Response:
        try:
            async with self._places:
                return await self._client.request(
                    method, url, content=content, headers=dict(headers), follow_redirects=False
                )
        except _NEVER_LEFT as exc:
            wrong = untrusted(self._base.host, exc)
            raise self.later(wrong or f"No hubo conexión con Microsoft Graph: {unreached(exc) or exc}") from exc
        except (httpx.HTTPError, httpx.InvalidURL) as exc:
            if sends:
                raise Ambiguous("Microsoft Graph recibió el envío y no llegó su respuesta") from exc
            raise self.later(f"Se perdió la respuesta de Microsoft Graph: {unreached(exc) or exc}") from exc

    def _checked(self, answer: httpx.Response, *, sends: bool) -> httpx.Response:
        if answer.is_success:
            return answer
        raise self._failure(answer, sends=sends)

    def _failure(self, answer: httpx.Response, *, sends: bool) -> DeliveryError:
        status, (code, message) = answer.status_code, _error_of(answer)
        sentence = " ".join(f"Microsoft Graph respondió {status} {code}: {message}".split())[:400].rstrip(": ")
        if status == HTTPStatus.GONE or code.lower() in _SYNC_LOST:
            return Gone(sentence, self._clock.now() + RETRY_AFTER)
        if status == HTTPStatus.NOT_FOUND and code.lower() in _NO_MESSAGE:
            return Missing(sentence, self._clock.now() + RETRY_AFTER)
        if status in _NOT_TAKEN:
            return Throttled(sentence, self._clock.now() + _retry_after(answer))
        if status == HTTPStatus.UNAUTHORIZED:
            self._tokens.forget()
        if status in {401, 403, 404} or status < HTTPStatus.BAD_REQUEST:
            return self.trouble(sentence)
        if status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return Ambiguous(sentence) if sends else Failing(sentence, self._clock.now() + RETRY_AFTER)
        return self.later(sentence) if status in _PASSING else Permanent(sentence)


def _error_of(answer: httpx.Response) -> tuple[str, str]:
    """Code and message of a refusal, as far as it is Graph's own; a proxy's page has none."""
    try:
        error = answer.json()["error"]
        return str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        return "", ""


def _retry_after(answer: httpx.Response) -> timedelta:
    written = answer.headers.get("Retry-After", "")
    seconds = int(written) if written.isascii() and written.isdigit() else 0
    return timedelta(seconds=min(seconds, LONGEST_RETRY)) or RETRY_AFTER
