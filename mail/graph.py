"""The Microsoft Graph edge, for a mailbox of Exchange Online: sends, looks up what was sent, and reads the inbox.

The application needs Mail.ReadWrite and Mail.Send on the one mailbox. A mail is a draft made from our own MIME, so that
it keeps Message-ID, threads and headers (Exchange stamps Date itself); then it is sent in a request of its own. Graph
keeps that draft when the second request fails: it is withdrawn, at once or before the next attempt.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import quote, urlencode

from mail.entra import GLOBAL_AUTHORITY, Certificate, EntraTokens
from mail.gateway import LOOKS, Attachment, OutgoingMail, Page
from mail.graph_wire import Failing, Gone, GraphWire, Json, Missing, Pace, Sleep
from mail.mime import to_bytes
from mail.stand_in import Known, stand_in
from methodology.clock import Clock
from methodology.delivery import Ambiguous, DeliveryError, Misconfigured, Permanent, Receipt

GLOBAL_SERVICE = "https://graph.microsoft.com/v1.0"
PAGE = 10
PAGE_BYTES = 16 * 1024 * 1024
TRIES = 3
"""So often a message over which the service fails is asked for again, a minute apart; then something stands in."""
LISTINGS, LISTED = 10, 100
"""So many listings of so many entries are put in order at once."""
MIME_BODY = {"Content-Type": "text/plain"}
MOST_MIME = 2_900_000
"""Bytes of MIME in a draft: a request of Graph's ends at 4 MiB, and it travels as base64."""
MOST_POSTED = 3_140_000
"""Bytes of an attachment in one request; from about 3 MiB on it needs an upload session."""
CHUNK = 3 * 1024 * 1024
_FIRST = "mailFolders/inbox/messages/delta?$select=receivedDateTime,lastModifiedDateTime"
_TOLD = "internetMessageId,from,subject,receivedDateTime,body"
_OVERLAP = timedelta(days=1)


class GraphGateway:
    """A `MailGateway` and a `Mailbox` over one mailbox, in one process: its limits are kept for both together.

    `sender` is `Name <address>`, the mailbox's own address; `base_url` and `authority` change in national clouds;
    `ca_file` is a PEM file of authorities to trust instead of the machine's; `timeout` in seconds, for each answer.
    Whoever made it calls `close`.
    """

    def __init__(
        self,
        *,
        tenant: str,
        client_id: str,
        credential: str | Certificate,
        mailbox: str,
        sender: str,
        clock: Clock,
        base_url: str = GLOBAL_SERVICE,
        authority: str = GLOBAL_AUTHORITY,
        ca_file: str = "",
        timeout: float = 60.0,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        scope = f"https://{base_url.removeprefix('https://').split('/')[0]}/.default"
        tokens = EntraTokens(
            tenant, client_id, credential, scope=scope, clock=clock, authority=authority, ca_file=ca_file
        )
        self._wire = GraphWire(mailbox, tokens, base_url=base_url, clock=clock, ca_file=ca_file, timeout=timeout)
        self._pace = Pace(clock, sleep)
        self._mailbox = mailbox
        self._sender = sender
        self._clock = clock
        self._sleep = sleep
        self._failed: Counter[str] = Counter()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._wire.close()

    # --- sending

    async def send(self, mail: OutgoingMail) -> Receipt:
        """See `MailGateway.send`. What Exchange sent already under this Message-ID is not sent again (R46)."""
        raw, apart = _draft_of(mail, self._sender, self._clock.now())
        if found := await self._sent_copy(mail.message_id):
            return found
        await self._withdraw(mail.message_id)
        draft = self._wire.read(await self._wire.call("POST", "messages", b64encode(raw), MIME_BODY))
        try:
            named = await self._named(draft, mail.message_id)
            await self._complete_and_send(_path(draft), apart)
        except Ambiguous as lost:
            if await self._never_left(mail.message_id):
                raise self._wire.later("Microsoft Graph no recibió el envío; su borrador se retiró") from lost
            raise
        except DeliveryError:
            with suppress(DeliveryError):
                await self._remove(draft)
            raise
        return Receipt(id=named, place=", ".join(mail.to))

    async def find_sent(self, message_id: str) -> Receipt | None:
        """See `MailGateway.find_sent`. It looks several times, for Exchange files what it sends a moment later."""
        for pause in LOOKS:
            await self._sleep(pause)
            with suppress(DeliveryError):
                if found := await self._sent_copy(message_id):
                    return found
        return None

    async def remove(self, message_ids: Iterable[str]) -> int:
        """Delete the messages of these ids, what came and what was sent, nothing else; how many there were.

        Raises:
            Throttled: it could not be done now.
        """
        found = [
            (folder, item)
            for one in message_ids
            for folder in ("inbox", "sentitems", "drafts")
            for item in await self._in_folder(folder, one)
        ]
        for folder, item in found:
            with suppress(Missing):
                await self._wire.call("DELETE", f"mailFolders/{folder}/{_path(item)}")
        return len(found)

    async def _complete_and_send(self, path: str, apart: tuple[Attachment, ...]) -> None:
        for attachment in apart:
            await self._attach(path, attachment)
        await self._pace.turn()
        await self._wire.call("POST", f"{path}/send", sends=True)

    async def _named(self, draft: Json, message_id: str) -> str:
        """The draft's Message-ID: ours. Exchange takes it from the MIME; should it ever choose its own, it is told."""
        if draft.get("internetMessageId") != message_id:
            draft = await self._wire.ask("PATCH", _path(draft), {"internetMessageId": message_id})
        return str(draft.get("internetMessageId") or message_id)

    async def _sent_copy(self, message_id: str) -> Receipt | None:
        for item in await self._in_folder("sentitems", message_id):
            addresses = (to["emailAddress"].get("address") or "" for to in item.get("toRecipients") or ())
            return Receipt(id=message_id, place=", ".join(addresses))
        return None

    async def _in_folder(self, folder: str, message_id: str) -> list[Json]:
        escaped = message_id.replace("'", "''")
        query = {"$filter": f"internetMessageId eq '{escaped}'", "$select": "internetMessageId,toRecipients"}
        path = f"mailFolders/{folder}/messages?{urlencode(query, safe='$,', quote_via=quote)}"
        return list((await self._wire.ask("GET", path)).get("value") or ())

    async def _never_left(self, message_id: str) -> bool:
        """Whether the draft stays where it is although its sending was asked for; then it is withdrawn for good."""
        try:
            drafts: list[Json] = []
            for pause in LOOKS:
                await self._sleep(pause)
                if not (drafts := await self._in_folder("drafts", message_id)):
                    return False
            for draft in drafts:
                await self._remove(draft)
        except DeliveryError:  # also `Missing`: it left at the last moment
            return False
        return True

    async def _withdraw(self, message_id: str) -> None:
        """Remove the drafts that earlier attempts left."""
        for draft in await self._in_folder("drafts", message_id):
            with suppress(Missing):
                await self._remove(draft)

    async def _remove(self, draft: Json) -> None:
        # Named within its folder: its id stays the same when it is sent, and a sent mail is never removed.
        await self._wire.call("DELETE", f"mailFolders/drafts/{_path(draft)}")

    async def _attach(self, path: str, attachment: Attachment) -> None:
        if len(attachment.content) > MOST_POSTED:
            await self._upload(path, attachment)
            return
        body = {
            "@odata.type": "#microsoft.graph.fileAttachment",
            "name": attachment.name,
            "contentType": attachment.content_type,
            "contentBytes": b64encode(attachment.content).decode(),
        }
        await self._wire.ask("POST", f"{path}/attachments", body)

    async def _upload(self, path: str, attachment: Attachment) -> None:
        """A large attachment, piece by piece. A session that is lost begins anew with the next attempt."""
        whole, start = len(attachment.content), 0
        item = {
            "attachmentType": "file",
            "name": attachment.name,
            "size": whole,
            "contentType": attachment.content_type,
        }
        session = await self._wire.ask("POST", f"{path}/attachments/createUploadSession", {"AttachmentItem": item})
        while True:
            piece = attachment.content[start : start + CHUNK]
            answer = await self._wire.upload(str(session.get("uploadUrl")), piece, start, whole)
            if answer.status_code == HTTPStatus.CREATED:
                return
            start = self._next_start(self._wire.read(answer), start, whole)

    def _next_start(self, session: Json, start: int, whole: int) -> int:
        """Where the service wants the next piece to begin: a place further on, and not the end."""
        wanted = str(next(iter(session.get("nextExpectedRanges") or ()), "")).partition("-")[0]
        if not wanted.isdecimal() or not start < int(wanted) < whole:
            raise self._wire.later("Microsoft Graph no completó un archivo adjunto")
        return int(wanted)

    # --- reading

    @property
    def name(self) -> str:
        """See `Mailbox.name`."""
        return self._mailbox

    async def wait(self, seconds: float) -> None:
        """See `Mailbox.wait`: it asks again after so many seconds."""
        await self._sleep(seconds)

    async def fetch(self, mark: str) -> Page:
        """See `Mailbox.fetch`. A message that a person marks, or moves back in, comes again."""
        state = _Mark.read(mark)
        if state.link and not self._wire.owns(state.link):
            state = state.anew()
        try:
            state = state if state.pending else await self._listed(state)
            messages, state = await self._take(state)
        except Permanent as exc:
            raise self._wire.trouble(str(exc)) from exc
        return Page(messages, state.written(), more=bool(state.pending) or state.open)

    async def _take(self, state: _Mark) -> tuple[tuple[bytes, ...], _Mark]:
        """The next messages of those that are pending, and what is pending then."""
        messages: list[bytes] = []
        pending = list(state.pending)
        since = state.since
        for received, item in state.pending[:PAGE]:
            if sum(map(len, messages)) > PAGE_BYTES:
                break
            with suppress(Missing):  # removed since it was listed
                messages.append(await self._original(item))
            pending.pop(0)
            since = max(since, received)
        return tuple(messages), replace(state, pending=tuple(pending), since=since)

    async def _original(self, item: str) -> bytes:
        """The message as it came; one that Exchange cannot write as MIME, made of what it tells of it."""
        path = _path({"id": item})
        try:
            raw = (await self._wire.call("GET", f"{path}/$value")).content
        except Failing:
            self._failed[item] += 1
            if self._failed[item] <= TRIES:
                raise
            raw = stand_in(await self._known(path), item)
        except Permanent:
            raw = stand_in(await self._known(path), item)
        self._failed.pop(item, None)
        return raw

    async def _known(self, path: str) -> Known:
        try:
            told = await self._wire.ask("GET", f"{path}?$select={_TOLD}", prefer='outlook.body-content-type="text"')
        except Permanent:
            return Known()
        return Known(
            message_id=str(told.get("internetMessageId") or ""),
            sender=str(((told.get("from") or {}).get("emailAddress") or {}).get("address") or ""),
            subject=str(told.get("subject") or ""),
            received=_moment(str(told.get("receivedDateTime") or "")),
            text=str((told.get("body") or {}).get("content") or ""),
        )

    async def _listed(self, state: _Mark) -> _Mark:
        """List what came, as far as one go allows, and put it in order: delta promises none."""
        found: dict[str, str] = {}
        state, begun_anew = replace(state, open=True), False
        for _ in range(LISTINGS):
            try:
                answer = await self._wire.ask("GET", state.link or _FIRST, prefer=f"odata.maxpagesize={LISTED}")
            except (Gone, Permanent):
                if begun_anew or not state.link:
                    raise
                state, found, begun_anew = state.anew(), {}, True
                continue
            found |= {item["id"]: item.get("receivedDateTime") or "" for item in _new(answer, state.floor)}
            state = self._further(state, answer)
            if not state.open:
                break
        return replace(state, pending=tuple(sorted((received, item) for item, received in found.items())))

    def _further(self, state: _Mark, answer: Json) -> _Mark:
        following = answer.get("@odata.nextLink")
        link = str(following or answer.get("@odata.deltaLink"))
        if not self._wire.owns(link):
            raise self._foreign(link)
        return replace(state, link=link, open=True) if following else replace(state, link=link, open=False, floor="")

    def _foreign(self, link: str) -> Misconfigured:
        return self._wire.trouble(f"Microsoft Graph dio un enlace que no es suyo ({link[:200]}): no se sigue")


@dataclass(frozen=True)
class _Mark:
    """How far the inbox was read. Moments are Graph's own texts, which sort as they are.

    `link`: where the listing goes on ("" begins); `open`: it has more already. `pending`: listed and not yet handed out
    (received, id), oldest first. `since`: the newest one handed out. `floor`: in a listing begun anew, what neither
    came nor changed after it was handed out before.
    """

    link: str = ""
    open: bool = True
    pending: tuple[tuple[str, str], ...] = ()
    since: str = ""
    floor: str = ""

    @classmethod
    def read(cls, text: str) -> _Mark:
        """The mark that was written; a text of another kind begins anew."""
        try:
            kept = json.loads(text)
            pending = tuple((str(received), str(item)) for received, item in kept["pending"])
            return cls(str(kept["link"]), bool(kept["open"]), pending, str(kept["since"]), str(kept["floor"]))
        except (ValueError, TypeError, KeyError):
            return cls()

    def written(self) -> str:
        return json.dumps(asdict(self))

    def anew(self) -> _Mark:
        """A listing from the beginning, which passes over what was surely handed out."""
        if (newest := _moment(self.since)) is None:
            return _Mark()
        return _Mark(since=self.since, floor=(newest - _OVERLAP).strftime("%Y-%m-%dT%H:%M:%SZ"))


def _new(answer: Json, floor: str) -> list[Json]:
    """The entries of a listing that are there. A message moved in keeps the day it was received: its change tells."""
    return [
        item
        for item in answer.get("value") or ()
        if "@removed" not in item
        and max(item.get("receivedDateTime") or "", item.get("lastModifiedDateTime") or "") >= floor
    ]


def _moment(written: str) -> datetime | None:
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None


def _path(item: Json) -> str:
    return f"messages/{quote(str(item['id']), safe='')}"


def _draft_of(mail: OutgoingMail, sender: str, at: datetime) -> tuple[bytes, tuple[Attachment, ...]]:
    """The MIME of the draft, and the attachments that do not fit into it."""
    bare = to_bytes(replace(mail, attachments=()), sender, at)
    room, inside, apart = MOST_MIME - len(bare), [], []
    for attachment in mail.attachments:
        size = len(attachment.content) * 7 // 5 + 2_000  # base64 in lines, and its headers
        if size <= room:
            inside.append(attachment)
            room -= size
        else:
            apart.append(attachment)
    whole = to_bytes(replace(mail, attachments=tuple(inside)), sender, at) if inside else bare
    return whole, tuple(apart)
