"""The mailbox behind the EWS peer: folders, items with their MIME, and what changed since a state. It knows no XML."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

BEGIN = datetime(2026, 11, 11, 13, 0, tzinfo=UTC)
FOLDERS = {  # distinguished id -> (name, class, parent)
    "root": ("", "", ""),
    "msgfolderroot": ("Top of Information Store", "IPF", "root"),
    "inbox": ("Bandeja de entrada", "IPF.Note", "msgfolderroot"),
    "sentitems": ("Elementos enviados", "IPF.Note", "msgfolderroot"),
    "drafts": ("Borradores", "IPF.Note", "msgfolderroot"),
    "outbox": ("Bandeja de salida", "IPF.Note", "msgfolderroot"),
    "deleteditems": ("Elementos eliminados", "IPF.Note", "msgfolderroot"),
    "junkemail": ("Correo no deseado", "IPF.Note", "msgfolderroot"),
    "calendar": ("Calendario", "IPF.Appointment", "msgfolderroot"),
    "contacts": ("Contactos", "IPF.Contact", "msgfolderroot"),
    "tasks": ("Tareas", "IPF.Task", "msgfolderroot"),
}


class NoSuchItem(LookupError):
    pass


class UnknownState(ValueError):
    pass


@dataclass
class Item:
    raw: bytes
    folder: str
    received: datetime
    born: int
    """When it came into its folder, and when it last changed: numbers of the mailbox's own counting."""
    changed: int
    draft: bool = False
    submitted: bool = False
    read: bool = False
    properties: dict[tuple[tuple[str, str], ...], str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: base64.b64encode(uuid.uuid4().bytes * 4).decode())

    @property
    def key(self) -> str:
        return base64.b64encode(f"{self.changed}".encode()).decode()

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=default)  # type: ignore[return-value]


class Mailbox:
    """`arrived` puts a message into the Inbox, a minute after the one before; `sent` are those that left, in order."""

    def __init__(self) -> None:
        self.address = "soluciones@operador.example"
        self.items: dict[str, Item] = {}
        self.sent: list[bytes] = []
        self.newest_first = True  # nothing says in which order a server tells of a folder's changes
        self._gone: list[tuple[int, str, str]] = []
        self._count = 0
        self._epoch = "1"

    def arrived(self, raw: bytes) -> Item:
        return self.add(raw, "inbox")

    def add(self, raw: bytes, folder: str, *, draft: bool = False) -> Item:
        number = self._next()
        item = Item(raw, folder, BEGIN + timedelta(minutes=number), number, number, draft=draft)
        self.items[item.id] = item
        return item

    def item(self, item_id: str) -> Item:
        if item_id not in self.items:
            raise NoSuchItem(item_id)
        return self.items[item_id]

    def in_folder(self, folder: str) -> list[Item]:
        return [one for one in self.items.values() if one.folder == folder]

    def touch(self, item: Item) -> None:
        item.changed = self._next()

    def remove(self, item: Item) -> None:
        self._gone.append((self._next(), item.id, item.folder))
        del self.items[item.id]

    def move(self, item: Item, folder: str) -> Item:
        """A moved item has a new id, as in Exchange."""
        self.remove(item)
        moved = self.add(item.raw, folder, draft=item.draft)
        moved.received, moved.read, moved.properties = item.received, item.read, item.properties
        return moved

    def submit(self, item: Item, copy_to: str | None) -> None:
        """Send it; what it sends to its own address comes back into the Inbox."""
        self.sent.append(item.raw)
        if self.address in f"{item.message['To']} {item.message['Cc']}":
            self.arrived(item.raw)
        item.draft = False
        if copy_to:
            self.move(item, copy_to)
        else:
            self.remove(item)

    def forget_states(self) -> None:
        self._epoch += "1"

    # --- SyncFolderItems ----------------------------------------------------------------------------------------------

    def changes(self, folder: str, state: str, most: int) -> tuple[list[tuple[str, str]], str, bool]:
        """(kind, item id) of what changed since, the new state, and whether that is all."""
        since = self._since(state)
        found = sorted(self._changed(folder, since))
        page, rest = found[:most], found[most:]
        seen = page[-1][0] if rest else self._count
        told = [(kind, item_id) for _, kind, item_id in page]
        return told[::-1] if self.newest_first else told, self._state(seen), not rest

    def _changed(self, folder: str, since: int) -> Iterator[tuple[int, str, str]]:
        for item in self.in_folder(folder):
            if item.changed > since:
                yield item.changed, "Create" if item.born > since else "Update", item.id
        for number, item_id, place in self._gone:
            if number > since > 0 and place == folder:
                yield number, "Delete", item_id

    def _state(self, number: int) -> str:
        return base64.b64encode(f"{self._epoch}:{number}".encode()).decode()

    def _since(self, state: str) -> int:
        if not state:
            return 0
        try:
            epoch, number = base64.b64decode(state, validate=True).decode().split(":")
        except ValueError as exc:
            raise UnknownState(state) from exc
        if epoch != self._epoch:
            raise UnknownState(state)
        return int(number)

    def _next(self) -> int:
        self._count += 1
        return self._count
