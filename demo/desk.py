from __future__ import annotations

from datetime import datetime

from demo.clock import DemoClock
from demo.config import PRODUCT, Channel, Person, SalaConfig
from demo.guide import default_guide
from demo.http import Http
from demo.hub import Hub, Json
from demo.mailroom import Mail, Mailroom
from demo.teams import BOGOTA, ActionError, Outcome, Teams
from demo.tokens import Tokens
from demo.world import BOT, Conversation, Post, World

Files = tuple[tuple[str, bytes], ...]


class Desk:
    """What a visitor or a script can do in the Sala: the page's API and `make demo PLAY=1` share these methods.

    A person is named by key, a channel by key or id, a mailbox by address. Whatever does not exist raises
    `ActionError` with a sentence for people.
    """

    def __init__(self, config: SalaConfig) -> None:
        self.config = config
        self.hub = Hub()
        self.http = Http()
        self.tokens = Tokens(config)
        self.world = World(config, self.hub)
        self.clock = DemoClock(config.clock_url, self.http, self.hub)
        self.teams = Teams(config, self.world, self.tokens, self.clock, self.http)
        self.mailroom = Mailroom(config, self.clock, self.hub)

    async def open(self, person: str) -> None:
        await self.teams.open(self._person(person))

    async def block(self, person: str, *, blocked: bool) -> None:
        """The person blocks the bot in Teams, or lets it back in."""
        await self.teams.block(self._person(person), blocked=blocked)

    async def say(
        self, person: str, text: str, channel: str | None = None, reply_to: str = "", *, targeted: bool = False
    ) -> Outcome:
        """Type a message to the bot; `reply_to` is any message of the channel's thread to answer in.

        `targeted`: as a slash command of Teams' list, which the channel's other members do not see.
        """
        if not text.strip():
            raise ActionError("El mensaje está vacío.")
        who = self._person(person)
        where = self._conversation(who, channel)
        answered = where.posts.get(reply_to)
        root = answered.root if answered else ""
        return await self.teams.say(who, text.strip(), where, root, targeted=targeted)

    async def send_file(self, person: str, name: str, data: bytes, text: str = "") -> Outcome:
        """Send a file in the personal chat."""
        who = self._person(person)
        return await self.teams.send_file(who, self._conversation(who, None), name, data, text)

    async def submit(self, person: str, activity_id: str, verb: str | None, data: Json) -> Outcome:
        """Click on a card with the complete data, as the page does; no verb means Action.Submit."""
        return await self.teams.act(self._person(person), activity_id, verb, data)

    async def act(
        self,
        person: str,
        activity_id: str,
        verb: str | None = None,
        inputs: Json | None = None,
        *,
        title: str | None = None,
    ) -> Outcome:
        """Click on the card's action of that verb or title, filling these inputs: the card's own data goes along."""
        who = self._person(person)
        named, data = self.teams.own_data(who, activity_id, verb, title)
        return await self.teams.act(who, activity_id, named, {**data, **(inputs or {})})

    async def reply(self, mailbox: str, message_id: str, text: str, files: Files = (), *, auto: bool = False) -> str:
        """Answer a mail from a mailbox; returns the reply's Message-ID."""
        if not text.strip():
            raise ActionError("La respuesta está vacía.")
        return await self.mailroom.reply(mailbox, message_id, text.strip(), files, auto=auto)

    async def step(self, key: str) -> Json:
        """Move the demo's clock to one of its stops."""
        return await self.clock.step(key)

    def messages(self, person: str, channel: str | None = None) -> list[Json]:
        """What that person sees in the chat with the bot, or in a channel, oldest first."""
        who = self._person(person)
        posts = self._conversation(who, channel).posts.values()
        return [self._post_view(who, post) for post in posts if post.visible_to(who.aad_id)]

    def mails(self, address: str) -> list[Mail]:
        return self.mailroom.mails(address)

    def seen(self, what: str) -> None:
        self.world.mark(what)

    def state(self) -> Json:
        """Everything but the conversations and the mails themselves."""
        return {
            "product": PRODUCT,
            "bot": self.config.bot_name,
            "seq": self.hub.seq,
            "clock": self.clock.seen,
            "busy": self.clock.busy,
            "people": [self._person_view(person) for person in self.config.people],
            "channels": [self._channel_view(channel) for channel in self.config.channels],
            "mailboxes": [self.mailbox(address) for address in self.mailroom.addresses()],
            "links": [{"label": label, "url": url} for label, url in self.config.links],
            "guide": [vars(step) for step in self.config.guide or default_guide(self.config)],
        }

    def conversation(self, person: str, channel: str | None = None) -> Json:
        where = self._conversation(self._person(person), channel)
        return {
            "id": where.id,
            "kind": where.kind,
            "name": where.name,
            "activities": self.messages(person, channel),
        }

    def mailbox(self, address: str) -> Json:
        mails = self.mails(address)
        return {
            "address": address,
            "name": self.mailroom.name(address),
            "entity": self.mailroom.is_entity(address),
            "unread": sum(not mail.read for mail in mails),
            "total": len(mails),
        }

    def _person(self, key: str) -> Person:
        person = self.world.person(key)
        if person is None:
            raise ActionError("Esa persona no existe en la Sala.")
        return person

    def _conversation(self, person: Person, channel: str | None) -> Conversation:
        if not channel:
            return self.world.personal(person)
        found = self.world.channel(channel)
        if found is None or person.aad_id not in found.members:
            raise ActionError("Esa persona no es miembro del canal.")
        return self.world.conversations[found.id]

    def _person_view(self, person: Person) -> Json:
        return {
            "key": person.key,
            "name": person.name,
            "role": person.role,
            "mail": person.mail,
            "suggestions": list(person.suggestions),
            "blocked": person.aad_id in self.world.blocked,
            "unread": self.world.unread(self.world.personal(person), f"person:{person.key}"),
        }

    def _channel_view(self, channel: Channel) -> Json:
        keys = {person.aad_id: person.key for person in self.config.people}
        members = [keys[one] for one in channel.members if one in keys]
        unread = self.world.unread(self.world.conversations[channel.id], f"channel:{channel.key}")
        return {"key": channel.key, "id": channel.id, "name": channel.name, "members": members, "unread": unread}

    def _post_view(self, who: Person, post: Post) -> Json:
        author = self.world.person(post.author) if post.author != BOT else None
        return {
            "id": post.id,
            "rev": post.rev,
            "seq": post.seq,
            "root": post.root,
            "author": author.key if author else "",
            "name": author.name if author else self.config.bot_name,
            "mine": post.author == who.aad_id,
            "text": str(post.activity.get("text") or ""),
            "format": str(post.activity.get("textFormat") or "markdown"),
            "cards": post.cards(who.aad_id),
            "time": _local(post.at),
            "edited": post.edited,
            "targeted": bool(post.only_for),
        }


def mail_summary(mail: Mail) -> Json:
    message = mail.message
    return {
        "id": mail.id,
        "message_id": str(message["Message-ID"] or ""),
        "subject": str(message["Subject"] or "(sin asunto)"),
        "from": str(message["From"] or ""),
        "date": _local(mail.date),
        "read": mail.read,
        "answered": mail.answered,
    }


def mail_view(mail: Mail) -> Json:
    message = mail.message
    files = [
        {"name": part.get_filename() or f"adjunto-{n}", "type": part.get_content_type()}
        for n, part in enumerate(mail.attachments())
    ]
    return mail_summary(mail) | {
        "to": str(message["To"] or ""),
        "cc": str(message["Cc"] or ""),
        "text": mail.part("plain"),
        "html": bool(mail.part("html")),
        "attachments": files,
    }


def _local(moment: datetime) -> str:
    return moment.astimezone(BOGOTA).isoformat(timespec="seconds")
