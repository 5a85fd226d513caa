"""The local admin socket: commands that write go through the running service (SQLite has one writing process)."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import socket
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import make_url
from sqlalchemy.orm import Session

from bot import calendar_orders
from bot.cli_errors import Unanswered
from bot.core import Core
from bot.settings import Settings
from methodology.clock import SystemClock, local
from methodology.importing import IMPORTED, import_dataset
from methodology.matrix_files import BadFiles, read_folder
from methodology.refusals import Refusal
from methodology.undo import undo_last

CUT_OFF = "El servicio cortó la conexión antes de responder: revise que siga activo y su registro, e intente de nuevo."
NOT_DONE = "El servicio no pudo hacerlo (respondió {status}): revise su registro e intente de nuevo."


class DryRun(Exception):
    """Carries what an import would change out of the transaction that is rolled back."""

    def __init__(self, outcome: dict[str, Any]) -> None:
        super().__init__("dry run")
        self.outcome = outcome


class AdminDoor:
    """A Unix socket, readable by the service's own user alone."""

    def __init__(self, core: Core, imported: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._core = core
        self._imported = imported
        self._runner: web.AppRunner | None = None
        self._path: Path | None = None

    async def start(self, path: Path) -> None:
        await asyncio.to_thread(_clear, path)
        app = web.Application()
        app.router.add_post("/import", self._import)
        app.router.add_post("/undo", self._undo)
        app.router.add_post("/calendar", self._calendar)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.UnixSite(self._runner, str(path)).start()
        await asyncio.to_thread(path.chmod, 0o600)
        self._path = path

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()
        if self._path:
            self._path.unlink(missing_ok=True)

    async def _import(self, request: web.Request) -> web.Response:
        order = await request.json()
        core = self._core
        try:
            outcome = await core.db.run(
                import_folder, core, Path(order["folder"]), dry_run=order["dry_run"], author=order.get("author", "")
            )
        except DryRun as dry:
            outcome = dry.outcome
        except BadFiles as exc:
            outcome = {"problems": [str(problem) for problem in exc.problems]}
        if not order["dry_run"]:
            core.later(self._imported())
        return web.json_response(outcome)

    async def _undo(self, request: web.Request) -> web.Response:
        order = await request.json()
        core = self._core
        try:
            outcome = await core.db.run(undo_import, core, order["author"], dry_run=order["dry_run"])
        except DryRun as dry:
            outcome = dry.outcome
        except Refusal as exc:
            outcome = {"problems": [str(exc)]}
        if not order["dry_run"]:
            core.later(self._imported())
        return web.json_response(outcome)

    async def _calendar(self, request: web.Request) -> web.Response:
        order = await request.json()
        core = self._core
        try:
            outcome = await core.db.run(calendar_order, core, order)
        except Refusal as exc:
            outcome = calendar_orders.refused(exc)
        else:
            core.later(self._imported())
        return web.json_response(outcome)


def calendar_order(session: Session, core: Core, order: Mapping[str, Any]) -> dict[str, Any]:
    """`{"list": year}`, or a change of the calendar.

    Raises:
        Refusal: why it is not done.
    """
    if "list" in order:
        return calendar_orders.list_days(session, core, order["list"])
    return calendar_orders.change(session, core, order)


def calendar_offline(settings: Settings, order: Mapping[str, Any]) -> dict[str, Any]:
    """The same when no service runs."""

    def work(core: Core) -> dict[str, Any]:
        try:
            return core.db.do(calendar_order, core, order)
        except Refusal as exc:
            return calendar_orders.refused(exc)

    return _offline(settings, work)


def _clear(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)


def import_folder(session: Session, core: Core, folder: Path, *, dry_run: bool, author: str = "") -> dict[str, Any]:
    """Load a folder in one transaction; a dry run raises DryRun so that it is rolled back."""
    now = core.clock.now()
    data = read_folder(folder, local(now).date())
    changes = import_dataset(
        session,
        data,
        now=now,
        method=core.method,
        start=core.settings.start,
        folder=str(folder),
        author=author or IMPORTED,
    )
    outcome = {"changes": changes.lines, "warnings": changes.warnings, "dates": changes.dates}
    if dry_run:
        raise DryRun(outcome)
    return outcome


def undo_import(session: Session, core: Core, author: str, *, dry_run: bool) -> dict[str, Any]:
    """Undo the last import in one transaction; a dry run raises DryRun so that it is rolled back."""
    which, *changes = undo_last(session, author, core.clock.now(), core.method)
    outcome = {"which": which, "changes": changes, "warnings": [], "dates": []}
    if dry_run:
        raise DryRun(outcome)
    return outcome


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(str(self._path))


def ask_service(path: Path, order: str, body: dict[str, Any]) -> dict[str, Any] | None:
    """Send an order to the running service; None when none is running.

    Raises:
        Unanswered: it did not do it; its own log says why.
    """
    if not path.exists() or not os.access(path, os.W_OK):
        return None
    connection = _UnixConnection(path)
    try:
        connection.request("POST", f"/{order}", json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        content = response.read()
    except ConnectionRefusedError:
        return None
    except (http.client.HTTPException, ConnectionError) as exc:
        raise Unanswered(CUT_OFF) from exc
    finally:
        connection.close()
    if response.status != http.HTTPStatus.OK:
        raise Unanswered(NOT_DONE.format(status=response.status))
    answer: dict[str, Any] = json.loads(content)
    return answer


def import_offline(settings: Settings, folder: Path, *, dry_run: bool, author: str = "") -> dict[str, Any]:
    """The same when no service runs: this process opens the database itself, and writes alone."""
    opened = _rehearsed(settings) if dry_run else settings
    return _offline(opened, lambda core: core.db.do(import_folder, core, folder, dry_run=dry_run, author=author))


def undo_offline(settings: Settings, author: str, *, dry_run: bool) -> dict[str, Any]:
    opened = _rehearsed(settings) if dry_run else settings
    return _offline(opened, lambda core: core.db.do(undo_import, core, author, dry_run=dry_run))


def _rehearsed(settings: Settings) -> Settings:
    """A rehearsal makes no database: where there is none, it goes on in memory."""
    url = make_url(settings.database_url)
    missing = url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file()
    return replace(settings, database_url="sqlite://") if missing else settings


def _offline(settings: Settings, work: Callable[[Core], dict[str, Any]]) -> dict[str, Any]:
    core = Core(settings, SystemClock())
    try:
        return work(core)
    except DryRun as dry:
        return dry.outcome
    except BadFiles as exc:
        return {"problems": [str(problem) for problem in exc.problems]}
    except Refusal as exc:
        return {"problems": [str(exc)]}
    finally:
        core.db.close()
