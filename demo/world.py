from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime

from demo.config import Channel, Person, SalaConfig
from demo.hub import Hub, Json
from demo.onedrive import file_card

BOT = ""
THREAD = ";messageid="


def _opaque(prefix: str, seed: str) -> str:
    return prefix + urlsafe_b64encode(hashlib.sha256(seed.encode()).digest()).decode().rstrip("=")


def teams_id(person: Person) -> str:
    return _opaque("29:1", person.aad_id)


def personal_id(person: Person) -> str:
    return _opaque("a:1", person.aad_id)


@dataclass
class Post:
    """An activity as it stands in a conversation.

    `views` holds the card that one person got as the answer of an invoke: only that person sees it, until the bot
    edits the activity for everybody. `only_for` is a Teams targeted message.
    """

    id: str
    seq: int
    root: str
    author: str
    at: datetime
    activity: Json
    only_for: str = ""
    rev: int = 0
    edited: bool = False
    deleted: bool = False
    views: dict[str, Json] = field(default_factory=dict)

    def visible_to(self, aad_id: str) -> bool:
        return not self.deleted and self.only_for in {"", aad_id}

    def cards(self, aad_id: str) -> list[Json]:
        if aad_id in self.views:
            return [self.views[aad_id]]
        attached: list[Json] = self.activity.get("attachments") or []
        return [card for card in map(_shown, attached) if card is not None]


def _shown(attachment: Json) -> Json | None:
    if attachment.get("contentType") == "application/vnd.microsoft.card.adaptive":
        card: Json = attachment["content"]
        return card
    return file_card(attachment)


@dataclass
class Conversation:
    id: str
    kind: str
    name: str
    members: tuple[str, ...]
    team_id: str = ""
    posts: dict[str, Post] = field(default_factory=dict)


class World:
    """People, channels and what was posted; all in memory, new at each start."""

    def __init__(self, config: SalaConfig, hub: Hub) -> None:
        self._hub = hub
        self.people = config.people
        self.channels = config.channels
        self.blocked: set[str] = set()
        self.opened: set[str] = set()
        self.marks: dict[str, int] = {}
        self._last_id = 0
        self._people = {alias: p for p in config.people for alias in (p.key, p.aad_id, teams_id(p))}
        self._channels = {alias: c for c in config.channels for alias in (c.key, c.id)}
        personal = [Conversation(personal_id(p), "personal", p.name, (p.aad_id,)) for p in config.people]
        shared = [Conversation(c.id, "channel", c.name, c.members, c.team_id) for c in config.channels]
        self.conversations = {c.id: c for c in personal + shared}
        self._teams = {c.team_id: c for c in shared}

    def person(self, alias: str) -> Person | None:
        """By key, AAD object id or Teams id."""
        return self._people.get(alias)

    def channel(self, alias: str) -> Channel | None:
        return self._channels.get(alias)

    def personal(self, person: Person) -> Conversation:
        return self.conversations[personal_id(person)]

    def find(self, conversation_id: str) -> tuple[Conversation | None, str]:
        """A conversation and, for `C;messageid=N`, the thread's first post; a team is its channel."""
        base, _, root = conversation_id.partition(THREAD)
        return self.conversations.get(base) or self._teams.get(base), root

    def post_of(self, post_id: str) -> tuple[Conversation, Post] | None:
        found = ((c, c.posts[post_id]) for c in self.conversations.values() if post_id in c.posts)
        return next(found, None)

    def new_id(self, at: datetime) -> str:
        """Teams numbers its messages by the millisecond; two in one millisecond get two numbers."""
        self._last_id = max(self._last_id + 1, int(at.timestamp() * 1000))
        return str(self._last_id)

    def add(
        self,
        where: Conversation,
        activity: Json,
        *,
        at: datetime,
        author: str = BOT,
        root: str = "",
        only_for: str = "",
    ) -> Post:
        new = self.new_id(at)
        root = (root or new) if where.kind == "channel" else ""
        post = Post(new, self._tell(where), root, author, at, activity, only_for)
        where.posts[new] = post
        return post

    def edit(self, where: Conversation, post: Post, activity: Json) -> None:
        post.activity, post.edited = activity, True
        post.views.clear()
        self._touch(where, post)

    def show_to(self, where: Conversation, post: Post, aad_id: str, card: Json) -> None:
        post.views[aad_id] = card
        self._touch(where, post)

    def delete(self, where: Conversation, post: Post) -> None:
        post.deleted = True
        self._touch(where, post)

    def mark(self, what: str) -> None:
        """The visitor has seen `person:<key>`, `channel:<key>` or `mailbox:<address>` up to now."""
        if self.marks.get(what, 0) < self._hub.seq:
            self.marks[what] = self._hub.publish("seen", what=what)

    def unread(self, where: Conversation, what: str) -> int:
        seen = self.marks.get(what, 0)
        return sum(p.seq > seen and p.author == BOT and not p.deleted for p in where.posts.values())

    def _tell(self, where: Conversation) -> int:
        return self._hub.publish("post", conversation=where.id)

    def _touch(self, where: Conversation, post: Post) -> None:
        post.rev += 1
        self._tell(where)
