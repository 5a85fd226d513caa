"""The pages of the front door: reports, matrices and meetings by signed link, the public site, health. GET only shows.

Who may see a matrix may see its past (R3): the signature is on the initiative, and the day only chooses what of it.
"""

from __future__ import annotations

import asyncio
import html
from datetime import date
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.core import Core
from bot.evidence import content
from bot.links import BadLink
from methodology.as_of import require_known
from methodology.clock import local
from methodology.contents import MATRIX, matrix_content
from methodology.meeting_content import meeting_content
from methodology.refusals import NotFound
from methodology.rules.spanish import full_date, time_of_day
from methodology.rules.states import NoticeState
from methodology.tray import UNREAD_MAILBOX
from reports.documents import Documents, render
from reports.formats import file_stem
from reports.html import Link, Place, page
from reports.pdf import pdf
from storage.ledger import Delivery, Job, Report, TrayItem
from storage.life import Meeting
from storage.matrix import Initiative

TYPES = {
    "html": ("text/html", "inline"),
    "pdf": ("application/pdf", "inline"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "attachment"),
}
STATES = {
    "planned": "por enviar",
    "sending": "en envío",
    "sent": "entregados",
    "uncertain": "sin certeza de entrega",
    "dead": "no entregados",
    "withdrawn": "retirados",
}
_SHOWN = 300
_CSP = "default-src 'none'; style-src 'unsafe-inline' 'self'; img-src 'self' data:; frame-ancestors 'none'"
_HEALTH = """<!doctype html><html lang="es"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Estado del servicio</title><style>body{{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}}
table{{border-collapse:collapse;width:100%}}
th,td{{text-align:left;padding:.5rem;border-bottom:1px solid #767676}}</style>
<main><h1>Estado del servicio</h1><p>{today}, {hour} Soluciones {version}. Base de datos: {database}.</p>
<table><caption>Entregas</caption>
<thead><tr><th scope="col">Estado</th><th scope="col">Mensajes</th></tr></thead><tbody>{deliveries}</tbody></table>
{waiting}{mail}<p>Trabajos en cola: {jobs}. Asuntos en la bandeja de Planeación: {tray}.</p>{items}</main></html>"""


def add_routes(app: web.Application, core: Core) -> None:
    """Mount the pages; every answer carries the security headers."""
    pages = Pages(core)
    app.router.add_get("/informes/{id:\\d+}.{extension:html|pdf|xlsx}", pages.report)
    app.router.add_get("/matriz/{slug:[a-z_]+}", pages.matrix)
    app.router.add_get("/reuniones/{id:\\d+}", pages.meeting)
    app.router.add_get("/evidencias/{id:\\d+}", pages.evidence)
    app.router.add_get("/salud", pages.health)
    app.router.add_get("/sitio", pages.to_site)
    app.router.add_get("/sitio/{path:.*}", pages.site)


def unsigned(core: Core, kind: str, ref: str, request: web.Request) -> web.Response | None:
    """What whoever comes without a valid signed link is told; None for everybody else."""
    try:
        core.links.check(kind, ref, request.query.get("t", ""))
    except BadLink as exc:
        return refused(str(exc))
    return None


class Pages:
    def __init__(self, core: Core) -> None:
        self._core = core

    async def report(self, request: web.Request) -> web.Response:
        """A report's page or file, for whoever holds its signed link."""
        report_id, extension = request.match_info["id"], request.match_info["extension"]
        if closed := unsigned(self._core, "informe", report_id, request):
            return closed
        found = await self._core.db.run(_content, int(report_id))
        if found is None:
            return refused("Ese informe no existe.", status=404)
        kind, content = found
        documents: Documents = await asyncio.to_thread(render, kind, content)
        return _file(documents, extension, file_stem(content))

    async def matrix(self, request: web.Request) -> web.Response:
        """The matrix as of today, or of the past day `al`, for whoever holds its signed link."""
        slug = request.match_info["slug"]
        if closed := unsigned(self._core, "matriz", slug, request):
            return closed
        today = local(self._core.clock.now()).date()
        day = _day_of(request.query.get("al"), today)
        if day is None:
            return refused("El día se escribe AAAA-MM-DD y no es posterior a hoy.", status=404)
        try:
            content = await self._core.db.run(self._matrix, slug, day, today)
        except NotFound as exc:
            return refused(str(exc), status=404)
        extension = request.query.get("formato", "html")
        if extension not in TYPES:
            return refused("El formato es html, pdf o xlsx.", status=404)
        if extension == "html":
            return _answer(await asyncio.to_thread(page, content), "html", "matriz")
        return _file(await asyncio.to_thread(render, MATRIX, content), extension, file_stem(content))

    def _matrix(self, session: Session, slug: str, day: date, today: date) -> dict[str, object]:
        initiative = session.scalar(select(Initiative).where(Initiative.slug == slug))
        if initiative is None:
            raise NotFound("Esa iniciativa no existe.")
        require_known(session, initiative, day, today)
        return dict(matrix_content(session, initiative, day, self._core.studio.published, as_of=day < today))

    async def meeting(self, request: web.Request) -> web.Response:
        """A meeting's document, for whoever holds its signed link; it is not published (R24)."""
        meeting_id, token = request.match_info["id"], request.query.get("t", "")
        if closed := unsigned(self._core, "reunion", meeting_id, request):
            return closed
        content = await self._core.db.run(self._meeting, int(meeting_id))
        if content is None:
            return refused("Esa reunión no existe.", status=404)
        extension = request.query.get("formato", "html")
        if extension == "html":
            place = Place(downloads=(Link(f"?t={token}&formato=pdf", "Documento PDF accesible"),))
            return _answer(await asyncio.to_thread(page, content, place), "html", "reunion")
        if extension != "pdf":
            return refused("El formato es html o pdf.", status=404)
        return _answer(await asyncio.to_thread(pdf, content), "pdf", file_stem(content))

    def _meeting(self, session: Session, meeting_id: int) -> dict[str, object] | None:
        meeting = session.get(Meeting, meeting_id)
        if meeting is None:
            return None
        today = local(self._core.clock.now()).date()
        return dict(meeting_content(session, meeting, today, self._core.studio.published))

    async def evidence(self, request: web.Request) -> web.Response:
        """A file that a leader sent, as it came, for whoever holds its signed link; it is downloaded, never shown."""
        file_id = request.match_info["id"]
        if closed := unsigned(self._core, "evidencia", file_id, request):
            return closed
        found = await self._core.db.run(content, int(file_id))
        if found is None:
            return refused("Ese archivo no existe.", status=404)
        name, data = found
        headers = page_headers() | {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
        return web.Response(body=data, content_type="application/octet-stream", headers=headers)

    async def to_site(self, _request: web.Request) -> web.Response:
        raise web.HTTPFound("/sitio/")

    async def site(self, request: web.Request) -> web.StreamResponse:
        """The public site's files; nothing outside its folder."""
        path = _inside(self._core.settings.site_folder, request.match_info["path"])
        if path is None:
            return refused("Esta página del sitio no existe.", status=404)
        return web.FileResponse(path, headers={"X-Content-Type-Options": "nosniff"})

    async def health(self, _request: web.Request) -> web.Response:
        """What a person looks at when something seems wrong: deliveries, the mailbox, what waits for somebody.

        503 while something must be mended: the database, or the mailbox that Planning was told of.
        """
        try:
            counts, jobs, items = await self._core.db.run(_health)
            waiting = await self._core.db.run(_waiting)
        except SQLAlchemyError:
            return refused("La base de datos no responde: revise DATABASE_URL, el disco y el servidor.", status=503)
        now = local(self._core.clock.now())
        rows = "".join(
            f"<tr><td>{html.escape(STATES.get(state, state))}</td><td>{number}</td></tr>" for state, number in counts
        )
        listed = "".join(f"<li>{html.escape(kind.replace('_', ' '))}: {number}</li>" for kind, number in items)
        text = _HEALTH.format(
            today=full_date(now.date()).capitalize(),
            hour=time_of_day(now),
            version=version("soluciones"),
            waiting=f"<p>{html.escape(waiting)}</p>" if waiting else "",
            database=html.escape(self._core.database_version),
            deliveries=rows,
            mail="".join(f"<p>{html.escape(told)}</p>" for told in self._core.mail_health()),
            jobs=jobs,
            tray=sum(number for _kind, number in items),
            items=f"<ul>{listed}</ul>" if listed else "",
        )
        response = _answer(text, "html", "salud")
        if UNREAD_MAILBOX in dict(items):
            response.set_status(503)
        return response


def _day_of(text: str | None, today: date) -> date | None:
    """The day that a matrix is asked for: today unless `text` names another; None when it cannot be shown."""
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        return None
    return day if day <= today else None


def _inside(folder: Path, name: str) -> Path | None:
    """The file of that name in the folder, or a folder's index; None for anything else, also what is no name at all."""
    root = folder.resolve()
    try:
        path = (root / name).resolve()
        path = path / "index.html" if path.is_dir() else path
        return path if path.is_relative_to(root) and path.is_file() else None
    except (OSError, ValueError):  # too long, or with a NUL
        return None


def _content(session: Session, report_id: int) -> tuple[str, dict[str, object]] | None:
    report = session.get(Report, report_id)
    return (report.kind, dict(report.content)) if report else None


def _health(session: Session) -> tuple[list[tuple[str, int]], int, list[tuple[str, int]]]:
    counts = session.execute(select(Delivery.state, func.count(func.distinct(Delivery.batch))).group_by(Delivery.state))
    jobs = session.scalar(select(func.count()).select_from(Job)) or 0
    kinds = session.execute(
        select(TrayItem.kind, func.count()).where(TrayItem.resolved_at.is_(None)).group_by(TrayItem.kind)
    )
    return [(row[0], row[1]) for row in counts], jobs, [(row[0], row[1]) for row in kinds]


def _waiting(session: Session) -> str:
    """Of what was tried in vain and is tried again: how much, and the newest cause."""
    failed = (Delivery.state == NoticeState.PLANNED, Delivery.attempts > 0, Delivery.error != "")
    count = session.scalar(select(func.count(func.distinct(Delivery.batch))).where(*failed)) or 0
    newest = select(Delivery.error).where(*failed).order_by(Delivery.retry_at.desc(), Delivery.id.desc()).limit(1)
    cause = session.scalar(newest) or ""
    return (
        f"Mensajes que esperan tras un intento fallido: {count}. La causa más reciente: {cause[:_SHOWN]}"
        if count
        else ""
    )


def _file(documents: Documents, extension: str, stem: str) -> web.Response:
    return _answer(getattr(documents, extension), extension, stem)


def _answer(body: str | bytes, extension: str, stem: str) -> web.Response:
    kind, disposition = TYPES[extension]
    headers = page_headers()
    if extension != "html":
        headers["Content-Disposition"] = f'{disposition}; filename="{stem}.{extension}"'
    data = body.encode() if isinstance(body, str) else body
    return web.Response(body=data, content_type=kind, charset="utf-8" if extension == "html" else None, headers=headers)


def page_headers(*, forms: bool = False) -> dict[str, str]:
    """What every page carries; `forms` lets it send its own form to us, and to nobody else."""
    target = "'self'" if forms else "'none'"
    return {
        "Content-Security-Policy": f"{_CSP}; form-action {target}",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "private, no-store",
    }


def refused(sentence: str, *, status: int = 403) -> web.Response:
    """A short page that says why not."""
    head = '<!doctype html><html lang="es"><meta charset="utf-8"><title>No disponible</title>'
    text = f"{head}<p>{html.escape(sentence)}</p>"
    response = _answer(text, "html", "aviso")
    response.set_status(status)
    return response
