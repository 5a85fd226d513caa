from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import aiohttp

from demo.clock import DemoClock
from demo.config import Person, SalaConfig
from demo.http import Http
from demo.hub import Json
from demo.onedrive import CLICK, CONSENT, OneDrive
from demo.onedrive import INVOKE as FILE_INVOKE
from demo.tokens import Tokens
from demo.world import THREAD, Conversation, Post, World, teams_id

BOGOTA = ZoneInfo("America/Bogota")
PATIENCE = aiohttp.ClientTimeout(total=15)
CARD = "application/vnd.microsoft.card.adaptive"
MESSAGE = "application/vnd.microsoft.activity.message"
NO_ANSWER = "El asistente no respondió a tiempo. Inténtelo de nuevo en unos momentos."
REFUSED = "El asistente no pudo atender la solicitud"


class ActionError(Exception):
    """What was asked of the Sala does not exist or is not allowed; the sentence is for people."""


@dataclass(frozen=True)
class Outcome:
    """What came of a message or a click: `kind` is ok, card, message or error; `text` is for people."""

    kind: str
    text: str = ""


class Teams:
    """What people do in Teams, sent to the bot exactly as Teams would."""

    def __init__(self, config: SalaConfig, world: World, tokens: Tokens, clock: DemoClock, http: Http) -> None:
        self._config = config
        self._world = world
        self._tokens = tokens
        self._clock = clock
        self._http = http
        self.onedrive = OneDrive(config.base_url)

    async def open(self, person: Person) -> None:
        """The first time a person opens the chat, Teams tells the bot that it was installed there."""
        if person.aad_id in self._world.opened:
            return
        self._world.opened.add(person.aad_id)
        where = self._world.personal(person)
        added = [{"id": self._bot["id"]}, {"id": teams_id(person), "aadObjectId": person.aad_id}]
        await self._send(person, where, {"type": "installationUpdate", "action": "add"})
        await self._send(person, where, {"type": "conversationUpdate", "membersAdded": added})

    async def block(self, person: Person, *, blocked: bool) -> None:
        change = self._world.blocked.add if blocked else self._world.blocked.discard
        change(person.aad_id)
        if person.aad_id in self._world.opened:
            action = {"type": "installationUpdate", "action": "remove" if blocked else "add"}
            await self._send(person, self._world.personal(person), action)

    async def say(
        self, person: Person, text: str, where: Conversation, root: str = "", *, targeted: bool = False
    ) -> Outcome:
        """A typed message; in a channel it mentions the bot, as Teams requires. `root` is the thread answered.

        `targeted`: a slash command in a channel, which its sender and the bot see and nobody else.
        """
        await self.open(person)
        private = targeted and where.kind == "channel"
        shown = {"type": "message", "text": text, "textFormat": "plain"}
        at, only_for = await self._clock.now(), person.aad_id if private else ""
        post = self._world.add(where, shown, at=at, author=person.aad_id, root=root, only_for=only_for)
        if private:
            return await self._send(person, where, {**shown, "recipient": {**self._bot, "isTargeted": True}}, post)
        mention = self._mention() if where.kind == "channel" else {}
        said = f"<at>{self._config.bot_name}</at> {text}" if mention else text
        return await self._send(person, where, {**shown, "text": said, **mention}, post)

    async def send_file(self, person: Person, where: Conversation, name: str, data: bytes, text: str = "") -> Outcome:
        """A file from the person's OneDrive, with or without words."""
        await self.open(person)
        shown = {"type": "message", "text": text or name, "textFormat": "plain"}
        post = self._world.add(where, shown, at=await self._clock.now(), author=person.aad_id)
        message = {"type": "message", "text": text, "attachments": [self.onedrive.sent(name, data)]}
        return await self._send(person, where, message, post)

    async def act(self, person: Person, post_id: str, verb: str | None, data: Json) -> Outcome:
        """A click on a card: Action.Execute when there is a verb, else Action.Submit."""
        where, post = self._card(person, post_id)
        await self.open(person)
        if verb is None and CLICK in data:
            return await self._consent(person, where, post, str(data[CLICK]))
        if verb is None:
            return await self._submit(person, where, post, data)
        action = {"type": "Action.Execute", "verb": verb, "data": data}
        invoke = {
            "type": "invoke",
            "name": "adaptiveCard/action",
            "value": {"action": action, "trigger": "manual"},
            "replyToId": post.id,
        }
        return await self._send(person, where, invoke, post)

    async def _consent(self, person: Person, where: Conversation, post: Post, action: str) -> Outcome:
        """The answer to a file's consent card: accepted, it says where to upload it."""
        offered = next(a for a in post.activity["attachments"] if a.get("contentType") == CONSENT)
        value: Json = {"type": "fileUpload", "action": action, "context": offered["content"][f"{action}Context"]}
        if action == "accept":
            value["uploadInfo"] = self.onedrive.ticket(str(offered.get("name", "")))
        invoke = {"type": "invoke", "name": FILE_INVOKE, "value": value, "replyToId": post.id}
        return await self._send(person, where, invoke, post)

    def own_data(self, person: Person, post_id: str, verb: str | None, title: str | None) -> tuple[str | None, Json]:
        """The verb and data that a card gives to its action, so that a script only names it and fills the inputs."""
        _, post = self._card(person, post_id)
        for action in (a for card in post.cards(person.aad_id) for a in actions(card)):
            if verb in {None, action.get("verb")} and title in {None, action.get("title")}:
                data = action.get("data")
                return _verb(action), dict(data) if isinstance(data, dict) else {}
        raise ActionError("La tarjeta no tiene esa acción.")

    def _card(self, person: Person, post_id: str) -> tuple[Conversation, Post]:
        found = self._world.post_of(post_id)
        if found is None or person.aad_id not in found[0].members or not found[1].visible_to(person.aad_id):
            raise ActionError("La tarjeta ya no está en la conversación.")
        return found

    async def _submit(self, person: Person, where: Conversation, post: Post, data: Json) -> Outcome:
        extras = data.get("msteams")
        extras = extras if isinstance(extras, dict) else {}
        if extras.get("type") == "imBack":
            words, private = str(extras.get("value", "")), bool(post.only_for)
            return await self.say(person, words, where, post.root, targeted=private)
        activity: Json = {"type": "message", "value": data, "replyToId": post.id}
        if extras.get("type") == "messageBack":
            activity |= {"text": str(extras.get("text", "")), "value": extras.get("value", data)}
        return await self._send(person, where, activity, post, fresh=True)

    @property
    def _bot(self) -> Json:
        return {"id": f"28:{self._config.app_id}", "name": self._config.bot_name}

    def _mention(self) -> Json:
        at = f"<at>{self._config.bot_name}</at>"
        return {"entities": [{"type": "mention", "mentioned": self._bot, "text": at}]}

    async def _send(
        self, person: Person, where: Conversation, activity: Json, post: Post | None = None, *, fresh: bool = False
    ) -> Outcome:
        at = await self._clock.now()
        if activity["type"] == "message" and post and not fresh:
            number = post.id
        else:
            # An invoke has no number of its own in the chat: Teams sends one that matches no message.
            number = self._world.new_id(at) if fresh else f"f:{uuid.uuid4()}"
        full = {**self._envelope(person, where, post, at), "id": number, **activity}
        full["entities"] = [*activity.get("entities", []), _client()]
        return await self._deliver(person, where, post, full)

    def _envelope(self, person: Person, where: Conversation, post: Post | None, at: datetime) -> Json:
        tenant = self._config.tenant_id
        base: Json = {
            "channelId": "msteams",
            "serviceUrl": self._config.service_url,
            "timestamp": at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "localTimestamp": at.astimezone(BOGOTA).isoformat(timespec="milliseconds"),
            "localTimezone": "America/Bogota",
            "locale": "es-CO",
            "from": {"id": teams_id(person), "name": person.name, "aadObjectId": person.aad_id},
            "recipient": self._bot,
            "conversation": {"id": where.id, "conversationType": where.kind, "tenantId": tenant},
            "channelData": {"tenant": {"id": tenant}},
        }
        return _in_channel(base, where, post) if where.kind == "channel" else base

    async def _deliver(self, person: Person, where: Conversation, post: Post | None, activity: Json) -> Outcome:
        headers = {"Authorization": f"Bearer {self._tokens.sign()}"}
        url = self._config.bot_url
        try:
            async with self._http.session.post(url, json=activity, headers=headers, timeout=PATIENCE) as answer:
                status, body = answer.status, await _json(answer)
        except (aiohttp.ClientError, TimeoutError):
            return Outcome("error", NO_ANSWER)
        if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's own numbers
            return Outcome("error", f"{REFUSED} (respuesta {status}).")
        if activity["type"] != "invoke" or post is None:
            return Outcome("ok")
        return self._invoked(person, where, post, body)

    def _invoked(self, person: Person, where: Conversation, post: Post, body: Json) -> Outcome:
        kind, value = body.get("type"), body.get("value")
        if kind == CARD and isinstance(value, dict):
            self._world.show_to(where, post, person.aad_id, value)
            return Outcome("card")
        if kind == MESSAGE:
            return Outcome("message", str(value))
        if kind is None:
            return Outcome("ok")
        detail = value.get("message") if isinstance(value, dict) else None
        return Outcome("error", f"{REFUSED}: {detail}" if detail else f"{REFUSED}.")


def actions(node: object) -> Iterator[Json]:
    """Every Action.Execute and Action.Submit of a card, wherever it stands."""
    if isinstance(node, list):
        for item in node:
            yield from actions(item)
    elif isinstance(node, dict):
        if node.get("type") in {"Action.Execute", "Action.Submit"}:
            yield node
        for child in node.values():
            yield from actions(child)


def _verb(action: Json) -> str | None:
    return str(action.get("verb", "")) if action["type"] == "Action.Execute" else None


def _client() -> Json:
    return {"type": "clientInfo", "locale": "es-CO", "country": "CO", "platform": "Web", "timezone": "America/Bogota"}


def _in_channel(base: Json, where: Conversation, post: Post | None) -> Json:
    thread = {"id": f"{where.id}{THREAD}{post.root}"} if post else {}
    base["conversation"] |= {"isGroup": True, **thread}
    base["channelData"] |= {
        "teamsChannelId": where.id,
        "teamsTeamId": where.team_id,
        "channel": {"id": where.id},
        "team": {"id": where.team_id},
    }
    return base


async def _json(answer: aiohttp.ClientResponse) -> Json:
    """The body as an object; an empty or foreign body is an empty object."""
    try:
        body = await answer.json(content_type=None)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
