from __future__ import annotations

import enum
import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from demo.clock import DemoClock
from demo.config import Person, SalaConfig
from demo.hub import Json
from demo.tokens import LIFE, Tokens
from demo.world import BOT, THREAD, Conversation, Post, World, teams_id

MAX_MESSAGE = 100_000


class Drop(enum.Enum):
    """A fault that no answer can express: the connection dies before the work, or after it was done."""

    BEFORE = enum.auto()
    AFTER = enum.auto()


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Faults = Callable[[web.Request], Awaitable[web.Response | Drop | None]]


def error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> web.Response:
    """An error in the Bot Connector's own form."""
    return web.json_response({"error": {"code": code, "message": message}}, status=status, headers=headers)


class Refusal(Exception):
    """The connector's answer when a request cannot be served."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.response = error(status, code, message)


NO_CONVERSATION = (404, "ConversationNotFound", "Conversation not found.")
NO_ACTIVITY = (404, "ActivityNotFoundInConversation", "The activity was not found in the conversation.")
BLOCKED = (403, "ConversationBlockedByUser", "User blocked the conversation with the bot.")


class Connector:
    """The Bot Connector's REST API, version 3, over the Sala's world. `faults` stands in front of every route."""

    def __init__(self, config: SalaConfig, world: World, tokens: Tokens, clock: DemoClock) -> None:
        self._config = config
        self._world = world
        self._tokens = tokens
        self._clock = clock
        self.faults: Faults | None = None

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._scripted, self._guarded])
        one = "/v3/conversations/{conversation}"
        app.add_routes(
            [
                web.post("/v3/conversations", self._create),
                web.post(f"{one}/activities", self._post),
                web.post(f"{one}/activities/{{activity}}", self._post),
                web.put(f"{one}/activities/{{activity}}", self._put),
                web.delete(f"{one}/activities/{{activity}}", self._delete),
                web.get(f"{one}/members", self._members),
                web.get(f"{one}/pagedmembers", self._paged),
                web.get(f"{one}/members/{{member}}", self._member),
            ]
        )
        return app

    async def token(self, request: web.Request) -> web.Response:
        """The login server's token endpoint: client_credentials only."""
        form = await request.post()
        token = self._tokens.issue(str(form.get("client_id", "")), str(form.get("client_secret", "")))
        if form.get("grant_type") != "client_credentials":
            return _oauth_error("unsupported_grant_type", "Only client_credentials is served here.")
        if token is None:
            return _oauth_error("invalid_client", "AADSTS7000215: Invalid client secret provided.")
        return web.json_response(
            {"token_type": "Bearer", "expires_in": LIFE, "ext_expires_in": LIFE, "access_token": token}
        )

    async def metadata(self, _: web.Request) -> web.Response:
        return web.json_response(self._tokens.metadata())

    async def jwks(self, _: web.Request) -> web.Response:
        return web.json_response(self._tokens.jwks())

    @web.middleware
    async def _scripted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        verdict = await self.faults(request) if self.faults else None
        if isinstance(verdict, web.Response):
            return verdict
        if verdict is Drop.BEFORE:
            return _dropped(request)
        response = await handler(request)
        return _dropped(request) if verdict is Drop.AFTER else response

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._tokens.accepts(request.headers.get("Authorization", "")):
            message = "Authorization has been denied for this request."
            return error(401, "Unauthorized", message, {"WWW-Authenticate": "Bearer"})
        try:
            return await handler(request)
        except Refusal as refusal:
            return refusal.response

    async def _create(self, request: web.Request) -> web.Response:
        wanted = await _body(request)
        channel = ((wanted.get("channelData") or {}).get("channel") or {}).get("id")
        if channel:
            return await self._create_thread(str(channel), wanted)
        person = self._wanted_person(wanted)
        where = self._world.personal(person)
        opening = wanted.get("activity")
        extra = {"activityId": (await self._store(where, opening, "", "")).id} if isinstance(opening, dict) else {}
        return web.json_response({"id": where.id, "serviceUrl": self._config.service_url, **extra}, status=201)

    async def _create_thread(self, channel: str, wanted: Json) -> web.Response:
        where = self._world.conversations.get(channel)
        if where is None or where.kind != "channel":
            raise Refusal(*NO_CONVERSATION)
        opening = wanted.get("activity")
        if not isinstance(opening, dict):
            raise Refusal(400, "BadSyntax", "Incorrect conversation creation parameters")
        post = await self._store(where, opening, "", "")
        return web.json_response({"id": f"{channel}{THREAD}{post.id}", "activityId": post.id}, status=201)

    def _wanted_person(self, wanted: Json) -> Person:
        tenant = wanted.get("tenantId") or ((wanted.get("channelData") or {}).get("tenant") or {}).get("id")
        if tenant != self._config.tenant_id:
            raise Refusal(400, "BadArgument", "Unknown tenant id in the conversation parameters.")
        members = wanted.get("members") or [{}]
        person = self._world.person(str(members[0].get("id", "")))
        if person is None:
            raise Refusal(400, "BadArgument", "Failed to decrypt pairwise id")
        return person

    async def _post(self, request: web.Request) -> web.Response:
        where, root = self._conversation(request)
        activity = await _body(request)
        only_for = self._target(where, activity) if _is_targeted(request) else ""
        if activity.get("type") == "typing":
            return web.json_response({"id": self._world.new_id(await self._clock.now())}, status=202)
        thread = root or self._thread_of(where, request.match_info.get("activity", ""))
        if activity.get("text") and activity.get("attachments"):
            return await self._split(where, activity, thread, only_for)
        post = await self._store(where, activity, thread, only_for)
        return web.json_response({"id": post.id}, status=201)

    async def _split(self, where: Conversation, activity: Json, root: str, only_for: str) -> web.Response:
        """Teams shows text and card of one activity as two messages, and gives no number back."""
        words = {key: value for key, value in activity.items() if key != "attachments"}
        cards = {key: value for key, value in activity.items() if key != "text"}
        await self._store(where, words, root, only_for)
        await self._store(where, cards, root, only_for)
        return web.json_response({}, status=201)

    async def _put(self, request: web.Request) -> web.Response:
        where, _ = self._conversation(request)
        post = self._own_post(where, request)
        activity = await _body(request)
        if post.only_for and activity.get("recipient"):
            raise Refusal(400, "BadArgument", "Cannot edit Recipient of Targeted Message")
        self._allowed(where, activity)
        self._world.edit(where, post, activity)
        return web.json_response({"id": post.id})

    async def _delete(self, request: web.Request) -> web.Response:
        where, _ = self._conversation(request)
        self._world.delete(where, self._own_post(where, request))
        return web.json_response({})

    async def _members(self, request: web.Request) -> web.Response:
        return web.json_response(self._roster(self._conversation(request)[0]))

    async def _paged(self, request: web.Request) -> web.Response:
        return web.json_response({"members": self._roster(self._conversation(request)[0])})

    async def _member(self, request: web.Request) -> web.Response:
        where, _ = self._conversation(request)
        person = self._world.person(request.match_info["member"])
        if person is None or person.aad_id not in where.members:
            raise Refusal(404, "MemberNotFoundInConversation", "Member not found in conversation.")
        return web.json_response(self._account(person))

    async def _store(self, where: Conversation, activity: Json, root: str, only_for: str) -> Post:
        self._allowed(where, activity)
        return self._world.add(where, activity, at=await self._clock.now(), root=root, only_for=only_for)

    def _allowed(self, where: Conversation, activity: Json) -> None:
        if where.kind == "personal" and where.members[0] in self._world.blocked:
            raise Refusal(*BLOCKED)
        if len(json.dumps(activity, ensure_ascii=False).encode("utf-16-le")) > MAX_MESSAGE:
            raise Refusal(413, "MessageSizeTooBig", "Message size too large.")

    def _conversation(self, request: web.Request) -> tuple[Conversation, str]:
        where, root = self._world.find(request.match_info["conversation"])
        if where is None or (root and root not in where.posts):
            raise Refusal(*NO_CONVERSATION)
        return where, root

    def _own_post(self, where: Conversation, request: web.Request) -> Post:
        """The bot's message of that number; a targeted one is only there for whoever says that it is targeted."""
        post = where.posts.get(request.match_info["activity"])
        if post is None or post.deleted or bool(post.only_for) != _is_targeted(request):
            raise Refusal(*NO_ACTIVITY)
        if post.author != BOT:
            raise Refusal(403, "Forbidden", "The bot is not allowed to change another sender's message.")
        return post

    def _thread_of(self, where: Conversation, replied: str) -> str:
        post = where.posts.get(replied)
        return post.root if post else ""

    def _target(self, where: Conversation, activity: Json) -> str:
        person = self._world.person(str((activity.get("recipient") or {}).get("id", "")))
        if where.kind == "personal" or person is None or person.aad_id not in where.members:
            raise Refusal(400, "BadArgument", "A targeted activity needs a recipient of the conversation.")
        return person.aad_id

    def _roster(self, where: Conversation) -> list[Json]:
        return [self._account(p) for p in self._world.people if p.aad_id in where.members]

    def _account(self, person: Person) -> Json:
        given, _, surname = person.name.partition(" ")
        return {
            "id": teams_id(person),
            "objectId": person.aad_id,
            "aadObjectId": person.aad_id,
            "name": person.name,
            "givenName": given,
            "surname": surname,
            "email": person.mail,
            "userPrincipalName": person.mail,
            "tenantId": self._config.tenant_id,
            "userRole": "user",
        }


def _is_targeted(request: web.Request) -> bool:
    return request.query.get("isTargetedActivity") == "true"


async def _body(request: web.Request) -> Json:
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "BadSyntax", "The request body is not a JSON object.")
    return body


def _oauth_error(code: str, description: str) -> web.Response:
    return web.json_response({"error": code, "error_description": description}, status=400 if "grant" in code else 401)


def _dropped(request: web.Request) -> web.Response:
    """Hang up without a word; what is returned never reaches the other side."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=499)
