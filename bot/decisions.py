"""Deciding from a mail: a signed link that is used once opens a small page; GET shows, POST does (R17, R44, R45).

The link names an operation of the table, what it is about and who it was written to. It is performed under the posts
that person holds on the day, and the record says that it came from a mail. Opening the link decides nothing, so that
link scanners do no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from bot.core import Core
from bot.drawing.context import Desk
from bot.drawing.decision_links import KIND, VERB
from bot.drawing.forms import about, asked
from bot.drawing.subjects import doing_of
from bot.operations import posted_decision, published_now
from bot.sending import REDRAW
from bot.site import publish_site
from bot.web import page_headers, refused, unsigned
from cards.form import FormField
from methodology import alerts
from methodology.clock import local
from methodology.high_level import is_active
from methodology.operations import find, perform
from methodology.people import Actor, actor_of
from methodology.refusals import Incomplete, NotAllowed, Refusal
from methodology.rules.spanish import full_date
from methodology.rules.states import Post
from scheduler.jobs import NewJob
from storage.ledger import CardAction
from storage.life import Member
from storage.matrix import Person

BY_MAIL = "{name} (por correo)"
USED = "Ya se registró desde este enlace ({who})."
EXPIRED = "El enlace venció. La decisión puede informarse respondiendo el correo, o a Planeación."
GONE = "Este enlace ya no corresponde a un asunto vigente."
Defer = Callable[[Session, NewJob], bool]
_LARGEST = 64 * 1024
_LONGEST = 2000
_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined
)
_PAGES.filters["full_date"] = full_date


@dataclass(frozen=True)
class _Page:
    """`fields` None: nothing is asked (any more)."""

    title: str
    about: str = ""
    who: str = ""
    expires: date | None = None
    fields: tuple[FormField, ...] | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    done: str = ""
    refused: str = ""
    publish: bool = False


class Decisions:
    """The two handlers of the page."""

    def __init__(self, core: Core, beat: Callable[[], Coroutine[Any, Any, None]], defer: Defer) -> None:
        self._core = core
        self._beat = beat
        self._defer = defer

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/decidir/{token:[\\w-]{10,64}}", self.show)
        app.router.add_post("/decidir/{token:[\\w-]{10,64}}", self.act)

    async def show(self, request: web.Request) -> web.Response:
        """What would be done, and the form; nothing is written."""
        if closed := unsigned(self._core, KIND, request.match_info["token"], request):
            return closed
        return self._answer(await self._core.db.run(self._shown, request.match_info["token"]))

    async def act(self, request: web.Request) -> web.Response:
        """Do it, once."""
        if closed := unsigned(self._core, KIND, request.match_info["token"], request):
            return closed
        if (request.content_length or 0) > _LARGEST:
            return refused("El formulario es demasiado grande.", status=413)
        form = await request.post()
        typed = {name: str(value).strip()[:_LONGEST] for name, value in form.items() if isinstance(value, str)}
        page = await self._core.db.run(self._acted, request.match_info["token"], typed)
        if page.done:
            self._core.later(self._beat())
        if page.publish:
            self._core.later(publish_site(self._core))
        return self._answer(page)

    def _answer(self, page: _Page) -> web.Response:
        text = _PAGES.get_template("decision.html.j2").render(
            organisation=self._core.settings.operator,
            **{name: getattr(page, name) for name in _Page.__dataclass_fields__},
        )
        return web.Response(text=text, content_type="text/html", headers=page_headers(forms=True))

    # --- in one transaction -------------------------------------------------------------------------------------------

    def _shown(self, session: Session, token: str, typed: Mapping[str, str] | None = None) -> _Page:
        button = session.get(CardAction, token)
        if button is None or button.verb != VERB:
            return _Page("Enlace sin asunto", refused=GONE)
        desk, operation = self._desk(session), find(button.args["op"])
        try:
            page = _Page(operation.title, about(desk, operation, button.args["given"]))
            actor = acting(session, button.args["who"], desk.today)
        except Refusal as exc:
            return _Page(operation.title, refused=str(exc))
        if button.used_at is not None:
            return replace(page, refused=USED.format(who=button.used_by))
        if desk.now >= button.expires_at:
            return replace(page, refused=EXPIRED)
        fields = asked(doing_of(desk, actor), operation, button.args["given"], typed or {})
        return replace(page, who=actor.name, expires=local(button.expires_at).date(), fields=fields)

    def _acted(self, session: Session, token: str, typed: Mapping[str, str]) -> _Page:
        page = self._shown(session, token, typed)
        if page.fields is None:
            return page
        # Claimed before it is done: of two presses at once, one waits here and then finds it used.
        button, desk = session.get_one(CardAction, token, with_for_update=True), self._desk(session)
        if button.used_at is not None:
            return replace(page, fields=None, refused=USED.format(who=button.used_by))
        operation, given = find(button.args["op"]), button.args["given"]
        names = {one.name for one in page.fields}
        raw: dict[str, Any] = {**{name: value for name, value in typed.items() if name in names}, **given}
        point = session.begin_nested()
        try:
            actor = acting(session, button.args["who"], desk.today)
            outcome = perform(doing_of(desk, actor), operation, raw)
        except Incomplete as exc:
            point.rollback()
            elsewhere = " ".join(sentence for name, sentence in exc.fields.items() if name not in names)
            return replace(page, problems=exc.fields, refused=elsewhere or "Revise los datos señalados.")
        except Refusal as exc:
            point.rollback()
            return replace(page, fields=None, refused=str(exc))
        point.commit()
        button.used_at, button.used_by = desk.now, actor.name
        self._redraw(session, raw, token)
        return replace(page, fields=None, done=outcome.sentence, publish=published_now(session, desk.now))

    def _redraw(self, session: Session, raw: Mapping[str, Any], token: str) -> None:
        """The posted decision card shows what was decided from a mail, too."""
        if not str(raw.get("alerta", "")).isdigit():
            return
        if batch := posted_decision(session, alerts.get(session, int(raw["alerta"]))):
            key = f"{REDRAW}:{batch}:{token}"
            self._defer(session, NewJob(REDRAW, batch, key, {"batch": batch}, self._core.clock.now()))

    def _desk(self, session: Session) -> Desk:
        return Desk(session, self._core.studio, "correo", self._core.clock.now())


def acting(session: Session, who: str, today: date) -> Actor:
    """Who decides, with the posts of today; of a member of the Equipo de Alto Nivel, that one post (R44).

    Raises:
        NotAllowed: the person is not there any more, or holds no post.
    """
    kind, _, ref = who.partition(":")
    if kind == "member":
        member = session.get(Member, int(ref))
        if member is None or not is_active(member, today):
            raise NotAllowed("Este enlace corresponde a una persona que ya no integra el Equipo de Alto Nivel.")
        posts = frozenset({(str(Post.HIGH_LEVEL), member.initiative_id)})
        return Actor(0, BY_MAIL.format(name=member.holder), member.gender, posts)
    person = session.get(Person, int(ref))
    found = actor_of(session, person, today) if person else None
    if found is None or not found.posts:
        raise NotAllowed("Este enlace corresponde a una persona que hoy no ocupa un cargo del instrumento.")
    return replace(found, name=BY_MAIL.format(name=found.name))
