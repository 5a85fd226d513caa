"""The handlers of the entity's page. GET and HEAD only show, so that link scanners do no harm; POST keeps or sends.

The link is the key: signed, of one request, expiring, revocable. A POST carries a seal that only a page opened by that
link has, with the page's own nonce, so that what is sent twice is done once.
"""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from bot.core import Core
from bot.drawing.context import Desk
from bot.drawing.form_links import KIND
from bot.form import drawing
from bot.form.body import TEXT, TOTAL, BadBody, Body, read_body
from bot.form.drawing import INPUTS, View, month_view, received_view, validation_view
from bot.form.rates import Rates
from bot.links import BadLink
from bot.web import page_headers
from cards.parts import clip, count
from methodology import form_answers, form_validations, forms
from methodology.form_page import Page, Typed, Upload
from methodology.form_validations import Verdict
from methodology.forms import Sent
from methodology.operation import Doing
from methodology.refusals import Refusal
from methodology.rules.spanish import full_date, long_date, percent, short_date, time_of_day
from storage.forms import AnswerForm

SEAL = "envio"
KEPT_BACK = "private, no-cache"
"""With no-store a browser forgets what was typed when one goes back to the page; it is asked for anew all the same."""
SEND = "enviar"
SEEN = "visto"
PATH = "/responder/{link:SR-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9]{1,4}}"
NOT_OURS = "No se pudo comprobar que el envío viniera de esta página. Revise lo escrito y envíe de nuevo."
OVERTAKEN = (
    "Mientras esta página estaba abierta se recibió otra respuesta de la entidad{about}. Lo que usted escribió se "
    "conserva: revíselo y envíelo de nuevo si debe reemplazarla."
)
OVER = (
    "Esta solicitud ya no recibe respuestas por este enlace: está vigente la de un mes posterior. Si necesita copiar "
    "lo escrito, vuelva atrás."
)
UNCHANGED = "Lo enviado ya se había recibido; no hubo cambios."
DRAFT_KEPT = "El borrador quedó guardado. Aún no se ha enviado: solo se ve en esta página y no cuenta como respuesta."
AGAIN = "Esta respuesta ya se había recibido; no se registró dos veces."
BUSY = (
    "Se recibieron muchas solicitudes seguidas. Espere {wait}, vuelva atrás e inténtelo de nuevo: lo escrito sigue en "
    "su navegador."
)
UPLOADS = 4
"""Bodies with files that are read at a time."""
MANY_UPLOADS = (
    "Hay varios envíos con archivos en curso. Espere un minuto, vuelva atrás e inténtelo de nuevo: lo escrito sigue en "
    "su navegador."
)
NOT_AVAILABLE = "El formulario no está disponible"
_NAME = re.compile(r"a([0-9]{1,9})-([a-z-]{1,20})")
_NUMBER = re.compile(r"[0-9]{1,9}")
_REMOVE = re.compile(r"quitar-([0-9]{1,9})")
_FIELDS = {name: field for field, name in INPUTS.items()}
_SAID = {"borrador": DRAFT_KEPT, "igual": UNCHANGED, "repetida": AGAIN}
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters |= {"full_date": full_date, "long_date": long_date, "short_date": short_date, "percent": percent}
_TEMPLATES.filters["time_of_day"] = time_of_day
_TEMPLATES.globals |= {"anchor": drawing.anchor, "labels": drawing.LABELS, "verdicts": tuple(Verdict)}
_KB, _MB = 1024, 1024 * 1024
_SHORT = 90
_EXCERPT = 300
Beat = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class _Answer:
    """What a request comes to: a page with its status, or where to look (the query of the same page)."""

    view: View
    status: int = 200
    see: str = ""
    beat: bool = False


class Forms:
    """The page's two handlers."""

    def __init__(self, core: Core, beat: Beat) -> None:
        self._core = core
        self.beat = beat
        self.rates = Rates(trusted=core.settings.trusted_proxies)
        self.uploads = asyncio.Semaphore(UPLOADS)
        self.patience = 10.0

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get(PATH, self.show)
        app.router.add_post(PATH, self.act)

    async def show(self, request: web.Request) -> web.Response:
        """The page as it stands, or the confirmation of one sending (`r`); nothing is written."""
        link = request.match_info["link"]
        if wait := self.rates.opened(request):
            return self._busy(wait)
        if closed := self._closed(request, link):
            return closed
        answer = await self._core.db.run(self._shown, link, dict(request.query))
        return self._page(answer, link, again=_query(request))

    async def act(self, request: web.Request) -> web.Response:
        """Keep the draft, or take the answer; then the browser looks at the page anew."""
        link = request.match_info["link"]
        closed = self._closed(request, link)
        if wait := self.rates.sent(request, "" if closed else link):
            return self._busy(wait)
        if closed:
            return closed
        try:
            body = await self._body(request, link)
        except BadBody as exc:
            return self._page(_Answer(_notice(str(exc), self._mail), exc.status), link)
        sealed = self._core.links.unseal(SEAL, link, body.fields.get("sello", ""))
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            sealed = None
        answer = await self._core.db.run(self._acted, link, body, sealed)
        if answer.beat:
            self._core.later(self.beat())
        if answer.see:
            where = f"{_query(request)}&{answer.see}"
            return web.Response(status=303, headers=page_headers(forms=True) | {"Location": where})
        return self._page(answer, link)

    async def _body(self, request: web.Request, link: str) -> Body:
        """What came. Few large ones at a time: what each may hold, the machine must have."""

        def is_ours(seal: str) -> bool:
            return self._core.links.unseal(SEAL, link, seal) is not None

        if (request.content_length or TOTAL) <= TEXT:
            return await read_body(request, is_ours)
        try:
            await asyncio.wait_for(self.uploads.acquire(), self.patience)
        except TimeoutError as exc:
            raise BadBody(MANY_UPLOADS, 503) from exc
        try:
            return await read_body(request, is_ours)
        finally:
            self.uploads.release()

    def _closed(self, request: web.Request, link: str) -> web.Response | None:
        """The page that says why the link opens nothing; None while it does."""
        try:
            self._core.links.check(KIND, link, request.query.get("t", ""))
        except BadLink as exc:
            return self._page(_Answer(_notice(str(exc), self._mail), 403), link)
        return None

    def _busy(self, seconds: int) -> web.Response:
        minutes = -(-seconds // 60)
        wait = count(seconds, "segundo", "segundos") if seconds <= _SHORT else f"{minutes} minutos"
        made = self._page(_Answer(_notice(BUSY.format(wait=wait), ""), 429), "")
        made.headers["Retry-After"] = str(seconds)
        return made

    def _page(self, answer: _Answer, link: str, again: str = "") -> web.Response:
        """`again` is where the page stands that can be filled in."""
        seal = self._core.links.seal(SEAL, link, nonce=secrets.token_urlsafe(12), seen=answer.view.seen)
        text = _TEMPLATES.get_template("form.html.j2").render(
            view=answer.view,
            organisation=self._core.settings.operator,
            illustrative=self._core.settings.illustrative,
            mail=self._mail,
            seal=seal,
            again=again,
        )
        headers = page_headers(forms=True) | {"X-Robots-Tag": "noindex, nofollow", "Cache-Control": KEPT_BACK}
        return web.Response(text=text, content_type="text/html", status=answer.status, headers=headers)

    @property
    def _mail(self) -> str:
        return self._core.settings.mail_sender

    # --- in one transaction -------------------------------------------------------------------------------------------

    def _shown(self, session: Session, link: str, query: Mapping[str, str]) -> _Answer:
        desk = self._desk(session)
        try:
            form = _form(session, link)
        except Refusal as exc:
            return _Answer(_notice(str(exc), self._mail), 403)
        number = query.get("r", "")
        if _NUMBER.fullmatch(number) and (row := forms.submission(session, form.id, int(number))):
            view = received_view(desk, form, row)
        else:
            view = month_view(desk, form) if form.month else validation_view(desk, form)
        return _Answer(replace(view, notice=_SAID.get(query.get("d", ""), "")))

    def _acted(self, session: Session, link: str, body: Body, sealed: dict[str, Any] | None) -> _Answer:
        desk = self._desk(session)
        try:
            form = _form(session, link, to_write=True)
        except Refusal as exc:
            return _Answer(_notice(str(exc), self._mail), 403)
        sent = Sent(str(sealed["nonce"]), _digest(body), int(sealed["seen"])) if sealed else None
        if not form.month:
            return _validated(desk, form, body, sent)
        return _answered(desk, form, body, sent)

    def _desk(self, session: Session) -> Desk:
        return Desk(session, self._core.studio, "formulario", self._core.clock.now())


def _query(request: web.Request) -> str:
    """The page's own address without what was said on it; relative, so that it holds behind any proxy."""
    return f"?t={quote(request.query.get('t', ''))}"


def _form(session: Session, link: str, *, to_write: bool = False) -> AnswerForm:
    reference, _, edition = link.rpartition("-")
    return forms.find(session, reference, int(edition), to_write=to_write)


def _see(query: str, *, beat: bool = False) -> _Answer:
    return _Answer(View("aviso", ""), see=query, beat=beat)


def _notice(sentence: str, mail: str) -> View:
    """A page that says why not, and what to do."""
    way_out = forms.ANSWER_BY_MAIL.format(mail=mail) if mail else ""
    return View(state="aviso", title=NOT_AVAILABLE, notice=" ".join(f"{sentence} {way_out}".split()))


def _size(size: int) -> str:
    """«35 KB», «2 MB»."""
    return f"{max(1, round(size / _KB))} KB" if size < _MB else f"{round(size / _MB)} MB"


_TEMPLATES.filters["size"] = _size


def _digest(body: Body) -> str:
    """What was sent, in one word: without the seal, which every page has of its own."""
    typed = {name: value for name, value in body.fields.items() if name != "sello"}
    files = [(one.field, one.name, sha256(one.data).hexdigest()) for one in body.files]
    return sha256(json.dumps([sorted(typed.items()), sorted(files)]).encode()).hexdigest()


def _answered(desk: Desk, form: AnswerForm, body: Body, sent: Sent | None) -> _Answer:
    page = _month_page(body)
    if not form_answers.is_current(desk.session, form, desk.today):
        return _Answer(replace(month_view(desk, form), notice=OVER), 409)
    if sent is None:
        return _Answer(replace(month_view(desk, form, page), notice=NOT_OURS), 403)
    outcome = form_answers.receive(desk.session, form, page, sent, now=desk.now, method=desk.studio.method)
    if outcome.overtaken:
        about = "; ".join(f"{code}, «{clip(text, _EXCERPT)}»" for code, text in outcome.overtaken.items())
        notice = OVERTAKEN.format(about=f" ({about})")
        return _Answer(replace(month_view(desk, form, page), notice=notice), 409)
    if outcome.problems:
        return _Answer(month_view(desk, form, page, outcome.problems), 422)
    if outcome.submission is not None and not outcome.unchanged:
        said = "&d=repetida" if outcome.again else ""
        return _see(f"r={outcome.submission.id}{said}", beat=not outcome.again)
    return _see("d=igual" if outcome.unchanged else "d=borrador")


def _month_page(body: Body) -> Page:
    """The inputs by action; what is no input of the page is passed over."""
    typed: dict[int, dict[str, Any]] = {}
    for name, value in body.fields.items():
        if (found := _NAME.fullmatch(name)) and (field := _FIELDS.get(found[2])) and field != "files":
            typed.setdefault(int(found[1]), {})[field] = bool(value) if field == "nothing" else value
    marks = {
        int(found[1]): seen
        for name, value in body.fields.items()
        if (found := _NAME.fullmatch(name)) and found[2] == SEEN and (seen := drawing.seen_of(value))
    }
    uploads = [
        Upload(int(found[1]), one.name, one.content_type, one.data)
        for one in body.files
        if (found := _NAME.fullmatch(one.field)) and found[2] == INPUTS["files"]
    ]
    refused = {found[1]: why for name, why in body.refused.items() if (found := _NAME.fullmatch(name))}
    removed = (int(found[1]) for name in body.fields if (found := _REMOVE.fullmatch(name)))
    return Page(
        actions={number: Typed(**values) for number, values in typed.items()},
        who=body.fields.get("quien", ""),
        uploads=tuple(uploads),
        removed=frozenset(removed),
        send=body.fields.get("orden") == SEND,
        problems={f"{int(number)}.files": sentence for number, sentence in refused.items()},
        seen=marks,
    )


def _validated(desk: Desk, form: AnswerForm, body: Body, sent: Sent | None) -> _Answer:
    subjects = form_validations.subjects_of(desk.session, form)
    answers = {
        one.key: form_validations.Typed(body.fields.get(f"v{n}-valida", ""), body.fields.get(f"v{n}-texto", ""))
        for n, one in enumerate(subjects, 1)
    }
    page = form_validations.Page(
        answers, body.fields.get("quien", ""), body.fields.get("cargo", ""), send=body.fields.get("orden") == SEND
    )
    if sent is None:
        return _Answer(replace(validation_view(desk, form, page), notice=NOT_OURS), 403)
    doing = Doing(desk.session, forms.writer(form), desk.now, desk.studio.method, desk.studio.published)
    outcome = form_validations.receive(doing, form, page, sent)
    if outcome.overtaken:
        return _Answer(replace(validation_view(desk, form, page), notice=OVERTAKEN.format(about="")), 409)
    if outcome.problems:
        return _Answer(validation_view(desk, form, page, outcome.problems), 422)
    if outcome.submission is None:
        return _see("d=borrador")
    said = "&d=repetida" if outcome.again else ""
    return _see(f"r={outcome.submission.id}{said}", beat=not outcome.again)
