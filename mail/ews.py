"""The Exchange edge: Exchange Web Services of a server of the organisation's own, through exchangelib.

The library blocks, so it works in two threads of this edge's; and it retries only what we tell it to, which is nothing:
its own repetition sends twice what a server accepted without being able to say so.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TypeVar
from urllib.parse import urlsplit

from exchangelib import (
    BASIC,
    DELEGATE,
    IMPERSONATION,
    NTLM,
    OAUTH2,
    Account,
    Configuration,
    Credentials,
    EWSTimeZone,
    ExtendedProperty,
    FailFast,
    FolderCollection,
    Message,
    OAuth2AuthorizationCodeCredentials,
    Version,
)
from exchangelib import errors as ews
from exchangelib.fields import FieldPath
from exchangelib.items import ID_ONLY, Item
from exchangelib.protocol import Protocol
from exchangelib.services import SyncFolderItems
from exchangelib.services.sync_folder_hierarchy import SyncFolder
from exchangelib.util import is_xml
from exchangelib.version import EXCHANGE_2016
from lxml.etree import _Element
from requests import Response, Session

from mail.ews_plain import Mark, Password, Tokens, is_exchange_online, scope_of
from mail.gateway import OutgoingMail, Page
from mail.mime import address_of, to_bytes
from mail.stand_in import Known, stand_in
from mail.tls import unreached, untrusted
from methodology.clock import Clock
from methodology.delivery import Ambiguous, DeliveryError, Misconfigured, Permanent, Receipt, Throttled

__all__ = ["EwsGateway", "Password", "Tokens", "is_exchange_online", "scope_of"]

RETRY_AFTER = timedelta(minutes=10)
MENDED_AFTER = timedelta(hours=1)
"""A refused password is not tried more often: a domain locks an account after a few."""
THREADS = 2
"""One that sends and one that reads: a long page holds no letter up."""
PAGE = 20
PAGE_BYTES = 20_000_000
LISTED = 1000
"""So many new messages are put in order of arrival at once; their ids wait in the mark, at most."""
_PER_REQUEST = 512
"""The most that Exchange answers to one SyncFolderItems."""

_T = TypeVar("_T")
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_OURS_TO_MEND = (
    ews.ErrorAccessDenied,
    ews.ErrorAccountDisabled,
    ews.ErrorFolderNotFound,
    ews.ErrorImpersonateUserDenied,
    ews.ErrorImpersonationDenied,
    ews.ErrorImpersonationFailed,
    ews.ErrorMailboxConfiguration,
    ews.ErrorMissingEmailAddress,
    ews.ErrorNonExistentMailbox,
    ews.ErrorQuotaExceeded,
    ews.ErrorSendAsDenied,
    ews.UnauthorizedError,
    PermissionError,  # requests_ntlm: the door does not even offer NTLM
)
_REFUSED_FOR_GOOD = (
    ews.ErrorInvalidRecipients,
    ews.ErrorMessageSizeExceeded,
    ews.ErrorMimeContentInvalid,
    ews.ErrorMimeContentInvalidBase64String,
    ews.ErrorSchemaValidation,
)
_UNREADABLE = (
    ews.ErrorCorruptData,
    ews.ErrorItemCorrupt,
    ews.ErrorMessageSizeExceeded,
    ews.ErrorMimeContentConversionFailed,
)
_HTTP_BUSY = (408, 429, 503)
_HTTP_TOO_LARGE = 413
_HTTP_OURS = range(300, 500)
_HTTP_FINE, _HTTP_FAULT = 200, 500


class _Answer(Exception):
    """An HTTP answer that is not EWS's: a door that is shut, a proxy, a balancer."""

    def __init__(self, status: int, retry_after: str) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.seconds = int(retry_after) if retry_after.isdigit() else 0


class _Policy(FailFast):  # type: ignore[misc]
    """Nothing is repeated, and every answer that is not EWS's keeps its status."""

    def raise_response_errors(self, response: Response) -> None:
        fault = response.status_code == _HTTP_FAULT and is_xml(response.content)
        if response.status_code != _HTTP_FINE and not fault:
            raise _Answer(response.status_code, response.headers.get("Retry-After", ""))


class _Connections(Protocol):  # type: ignore[misc]
    """A pool of our own; `ca_file` is a PEM file of authorities to trust, "" the machine's."""

    RETRY_WAIT = RETRY_AFTER.total_seconds()  # what a busy server is taken to mean that names no time

    def __init__(self, config: Configuration, timeout: float, ca_file: str) -> None:
        super().__init__(config)
        self.TIMEOUT = timeout
        self._ca_file = ca_file

    def create_session(self) -> Session:
        session: Session = super().create_session()
        if self._ca_file:
            session.verify, session.trust_env = self._ca_file, False  # the environment would overrule whom it trusts
        return session


class _SentToken(ExtendedProperty):  # type: ignore[misc]
    """Our Message-ID as a property of ours: it can be searched for, also where a server rewrites the header."""

    property_set_id = "6b1d1b7e-6f0c-4a55-9f0a-2f6c1a3c9d54"
    property_name = "SolucionesMessageId"
    property_type = "String"


class _Sync(SyncFolderItems):  # type: ignore[misc]
    """One page of a folder's changes. The library looks for the new state first, and an error may carry none."""

    def _get_element_container(self, message: _Element, name: str | None = None) -> object:
        if message.get("ResponseClass") == "Error":
            return super(SyncFolder, self)._get_element_container(message, name)
        return super()._get_element_container(message, name)


Message.register("soluciones_message_id", _SentToken)
logging.getLogger("exchangelib").setLevel(logging.CRITICAL)  # it writes whole mails into the log when a request fails


class EwsGateway:
    """Sends from a mailbox of Exchange and reads its Inbox: `MailGateway` and `Mailbox` in one.

    `endpoint` is the whole address (`https://correo.example.gov.co/EWS/Exchange.asmx`); `mailbox` the address it acts
    for; `login` its password, or tokens of an application that impersonates it; `sender` is `Name <address>`; `timeout`
    in seconds, for each request; `ca_file` a PEM file of the organisation's own authority, where it has one.

    Raises:
        ValueError: the endpoint is not https (loopback may be http).
    """

    def __init__(
        self,
        endpoint: str,
        mailbox: str,
        login: Password | Tokens,
        *,
        sender: str,
        clock: Clock,
        timeout: float = 60.0,
        ca_file: str = "",
    ) -> None:
        parts = urlsplit(endpoint)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ValueError(f"La dirección de EWS debe comenzar por https:// y es «{endpoint}»")
        self._endpoint = endpoint
        self._mailbox = address_of(mailbox)
        self._login = login
        self._sender = sender
        self._clock = clock
        self._timeout = timeout
        self._ca_file = ca_file
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="ews")
        self._lock = Lock()
        self._made: Account | None = None

    @property
    def name(self) -> str:
        return self._mailbox

    async def send(self, mail: OutgoingMail) -> Receipt:
        """See `MailGateway.send`. What the mailbox already sent under this Message-ID is not sent again."""
        raw = to_bytes(mail, self._sender, self._clock.now())
        await self._in_thread(lambda account: self._send(account, mail.message_id, raw))
        return Receipt(id=mail.message_id, place=", ".join(mail.to))

    async def find_sent(self, message_id: str) -> Receipt | None:
        """See `MailGateway.find_sent`.

        Raises:
            Throttled: it could not be looked up now.
        """
        taken = await self._in_thread(lambda account: self._taken(account, message_id))
        return Receipt(id=message_id, place=self._mailbox) if taken else None

    async def fetch(self, mark: str) -> Page:
        """See `Mailbox.fetch`."""
        return await self._in_thread(lambda account: self._fetch(account, Mark.read(mark)))

    async def wait(self, seconds: float) -> None:
        """Sleep: one small request a minute costs a server less than a subscription, and none can be lost."""
        await asyncio.sleep(seconds)

    async def remove(self, message_ids: Iterable[str]) -> int:
        """Delete the messages of these ids for good, what came and what was sent, nothing else; how many there were.

        Raises:
            Throttled: it could not be done now.
        """
        asked = tuple(message_ids)
        return await self._in_thread(lambda account: self._remove(account, asked))

    def close(self) -> None:
        """Let go of the threads and the connections; what is on the wire ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        if self._made is not None:
            self._made.protocol.close()

    async def _in_thread(self, work: Callable[[Account], _T]) -> _T:
        token = "" if isinstance(self._login, Password) else await self._login.get()
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(self._account(token)))

    # --- sending, in a thread -----------------------------------------------------------------------------------------

    def _send(self, account: Account, message_id: str, raw: bytes) -> None:
        with self._in_words():
            taken, left = _copies(account, message_id)
            if taken:
                return
            _checked(account.bulk_delete(left))  # of an attempt that was refused: its text may be out of date
            draft = Message(account=account, folder=account.drafts, mime_content=raw, is_read=True)
            draft.soluciones_message_id = message_id
            draft.save()
        try:
            with self._in_words(handing_over=True):
                draft.send(copy_to_folder=account.sent)
        except Permanent:
            with suppress(DeliveryError), self._in_words():
                draft.delete()
            raise

    def _taken(self, account: Account, message_id: str) -> bool:
        with self._in_words():
            taken, _ = _copies(account, message_id)
        return bool(taken)

    def _remove(self, account: Account, message_ids: Sequence[str]) -> int:
        with self._in_words():
            places = FolderCollection(account=account, folders=[account.inbox, account.sent])
            queries = [places.filter(message_id=one).only("id", "changekey") for one in message_ids]
            found = [item for query in queries for item in _checked(query)]
            return _checked(account.bulk_delete(found)).count(True)

    # --- reading, in a thread -----------------------------------------------------------------------------------------

    def _fetch(self, account: Account, mark: Mark) -> Page:
        with self._in_words():
            place, ended = (mark, False) if mark.rest else _news(account, mark.state)
            messages, count = _contents(account, place.rest[:PAGE])
        rest = place.rest[count:]
        return Page(tuple(messages), str(Mark(place.state, rest)), more=bool(rest) or not ended)

    # --- the account --------------------------------------------------------------------------------------------------

    def _account(self, token: str) -> Account:
        with self._lock:
            self._made = self._made or self._make()
            if token:
                _renew(self._made, token)
            return self._made

    def _make(self) -> Account:
        credentials, auth_type, access = self._way_in()
        config = Configuration(
            service_endpoint=self._endpoint,
            credentials=credentials,
            auth_type=auth_type,
            version=Version(build=EXCHANGE_2016),
            retry_policy=_Policy(),
            max_connections=THREADS,
        )
        with _uncached(config):
            account = Account(
                self._mailbox,
                config=config,
                autodiscover=False,
                access_type=access,
                default_timezone=EWSTimeZone("America/Bogota"),
            )
        with _uncached(config):
            account.protocol = _Connections(config=config, timeout=self._timeout, ca_file=self._ca_file)
        return account

    def _way_in(self) -> tuple[Credentials, str, str]:
        if isinstance(self._login, Password):
            credentials = Credentials(self._login.username, self._login.password)
            return credentials, BASIC if self._login.basic else NTLM, DELEGATE
        return OAuth2AuthorizationCodeCredentials(access_token=_bearer("")), OAUTH2, IMPERSONATION

    # --- failures -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _in_words(self, *, handing_over: bool = False) -> Iterator[None]:
        """Whatever fails inside is said in the family's words; `handing_over`: without an answer it may have gone."""
        try:
            yield
        except (ews.EWSError, _Answer, OSError) as exc:
            raise self._failure(exc, handing_over=handing_over) from exc

    def _failure(self, exc: Exception, *, handing_over: bool) -> DeliveryError:
        why = f"({type(exc).__name__}: {exc})"[:400]
        if isinstance(exc, _Answer):
            return self._of_http(exc, handing_over=handing_over)
        if wrong := untrusted(urlsplit(self._endpoint).netloc, exc):
            return Misconfigured(wrong, self._clock.now() + MENDED_AFTER)
        if isinstance(exc, _OURS_TO_MEND):
            return self._misconfigured(why)
        if isinstance(exc, _REFUSED_FOR_GOOD):
            return Permanent(f"Exchange rechazó el mensaje {why}")
        if isinstance(exc, ews.ErrorServerBusy) and exc.__context__ is None:  # else it is a lost connection in disguise
            return Throttled(f"Exchange pide esperar {why}", self._clock.now() + timedelta(seconds=exc.back_off))
        return self._lost(f"({known})" if (known := unreached(exc)) else why, handing_over=handing_over)

    def _of_http(self, answer: _Answer, *, handing_over: bool) -> DeliveryError:
        why = f"({answer})"
        if answer.status in _HTTP_BUSY:
            wait = timedelta(seconds=answer.seconds) or RETRY_AFTER
            return Throttled(f"Exchange pide esperar {why}", self._clock.now() + wait)
        if answer.status == _HTTP_TOO_LARGE:
            return Permanent(f"Exchange rechazó el mensaje por su tamaño {why}")
        if answer.status not in _HTTP_OURS:
            return self._lost(why, handing_over=handing_over)
        if not isinstance(self._login, Password):
            self._login.forget()
        return self._misconfigured(why)

    def _lost(self, why: str, *, handing_over: bool) -> DeliveryError:
        if handing_over:
            return Ambiguous(f"Exchange pudo recibir el mensaje y su respuesta no llegó {why}")
        return Throttled(f"Exchange no atendió {why}", self._clock.now() + RETRY_AFTER)

    def _misconfigured(self, why: str) -> Misconfigured:
        mend = "revise la dirección, el certificado, la cuenta y sus permisos sobre el buzón"
        return Misconfigured(f"Exchange no admite al servicio: {mend} {why}", self._clock.now() + MENDED_AFTER)


@contextmanager
def _uncached(config: Configuration) -> Iterator[None]:
    """The library keeps what it makes by endpoint and user, and hands the first one's policy and pool to everybody."""
    with suppress(KeyError):
        del Protocol[config]
    yield
    with suppress(KeyError):
        del Protocol[config]


def _copies(account: Account, message_id: str) -> tuple[list[Message], list[Message]]:
    """What the server took under this id (sent, or on its way out), and the drafts that never left."""
    places = FolderCollection(account=account, folders=[account.sent, account.outbox, account.drafts])
    query = places.filter(soluciones_message_id=message_id).only("id", "changekey", "is_draft", "is_submitted")
    found = _checked(query)
    left = [one for one in found if one.is_draft and not one.is_submitted]
    return [one for one in found if one not in left], left


def _news(account: Account, state: str) -> tuple[Mark, bool]:
    """See `_listed`; a state that the server no longer knows is begun anew."""
    try:
        return _listed(account, state)
    except ews.ErrorInvalidSyncStateData:
        return _listed(account, "")


def _listed(account: Account, state: str) -> tuple[Mark, bool]:
    """The messages that came after `state`, oldest first, and whether the server has told of all.

    In which order a server tells of them is not documented. A message that was moved into the folder counts as new.
    """
    found: list[tuple[datetime, str]] = []
    ended = False
    while not ended and len(found) < LISTED:
        sync = _Sync(account=account)
        received = FieldPath(field=Message.get_field_by_fieldname("datetime_received"))
        changes = sync.call(
            folder=account.inbox,
            shape=ID_ONLY,
            additional_fields={received},
            sync_state=state or None,
            ignore=None,
            max_changes_returned=_PER_REQUEST,
            sync_scope=None,
        )
        found += [(_moment(item), item.id) for kind, item in changes if kind == sync.CREATE]
        ended = sync.includes_last_item_in_range or sync.sync_state == state
        state = sync.sync_state  # known only now that the changes were consumed
    return Mark(state, tuple(one for _, one in sorted(found, key=lambda pair: pair[0]))), ended


def _moment(item: Item) -> datetime:
    return getattr(item, "datetime_received", None) or datetime.min.replace(tzinfo=UTC)


def _contents(account: Account, ids: Sequence[str]) -> tuple[list[bytes], int]:
    """The messages as they came, up to a page's bytes, and of how many ids they are; whoever is gone is left out."""
    messages: list[bytes] = []
    count = 0
    asked = [(one, None) for one in ids]
    for item in account.fetch(asked, folder=account.inbox, only_fields=["mime_content"], chunk_size=1):
        count += 1
        if not isinstance(item, ews.ErrorItemNotFound):
            messages.append(_raw(account, item, ids[count - 1]))
        if sum(map(len, messages)) > PAGE_BYTES:
            break
    return messages, count


def _raw(account: Account, item: Item, item_id: str) -> bytes:
    if isinstance(item, Exception) and not isinstance(item, _UNREADABLE):
        raise item
    content = None if isinstance(item, Exception) else item.mime_content
    return bytes(content) if content else stand_in(_known(account, item_id), item_id)


def _known(account: Account, item_id: str) -> Known:
    wanted = ["subject", "author", "message_id", "datetime_received", "text_body"]
    (item,) = account.fetch([(item_id, None)], folder=account.inbox, only_fields=wanted)
    if isinstance(item, Exception):
        return Known()
    author, received = getattr(item, "author", None), getattr(item, "datetime_received", None)
    return Known(
        message_id=getattr(item, "message_id", None) or "",
        sender=author.email_address or "" if author else "",
        subject=item.subject or "",
        received=received,
        text=item.text_body or "",
    )


def _checked(results: Iterable[Item]) -> list[Item]:
    """What the library gives back, in which a failure may lie as a value."""
    found = list(results)
    for one in found:
        if isinstance(one, Exception) and not isinstance(one, ews.ErrorItemNotFound):
            raise one
    return found


def _bearer(token: str) -> dict[str, str]:
    return {"access_token": token, "token_type": "Bearer"}


def _renew(account: Account, token: str) -> None:
    """The token for every session there is and will be: they share one client."""
    credentials = account.protocol.credentials
    if credentials.client.access_token != token:
        credentials.access_token = credentials.client.token = _bearer(token)
        credentials.client.populate_token_attributes(_bearer(token))
