"""The command line: `soluciones …`. Commands that write go to the running service when there is one."""

from __future__ import annotations

import asyncio
import errno
import getpass
import json
import logging
import os
import socket
import sys
import webbrowser
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import cli_calendar, cli_doctor, cli_mail
from bot.cli_confirm import UNCHANGED, Yes, confirmed
from bot.cli_errors import Group, at_setting, fail
from bot.cli_help import OPTIONS, ORDERS, Orders

SUPPOSED = (
    "Se supone que desde el lanzamiento se solicitó cada mes el avance, que hasta el {day} nadie respondió y que nada "
    "cambió desde los archivos."
)
NOT_LAUNCHED = "El {day} {name} todavía no se había lanzado: su lanzamiento es el {launch}."
BEFORE = "Pasos del guion anteriores a --from: {count}. Se hacen; solo se muestran los que no se pudieron hacer."
AFTER = "Pasos del guion posteriores a --to: {count}. No se hacen."
TO_UNDO = "Esto se desharía:"
REHEARSAL = "Simulacro: nada cambia. Esto es lo que se haría:"
HELP = "Seguimiento de Soluciones por la Reindustrialización."
app = Orders(
    cls=Group,
    no_args_is_help=True,
    add_completion=False,
    help=HELP,
    options_metavar=OPTIONS,
    subcommand_metavar=ORDERS,
)
app.add_typer(cli_calendar.app, name="calendar")
app.add_typer(cli_mail.app, name="mail")
app.command()(cli_doctor.doctor)


def _version(*, asked: bool) -> None:
    if asked:
        from importlib.metadata import version  # noqa: PLC0415 - commands load only what they use

        typer.echo(f"Soluciones {version('soluciones')}")
        raise typer.Exit


@app.callback()
def _top(
    *,
    _asked: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            help="Mostrar la versión y terminar.",
            callback=lambda asked: _version(asked=asked),
        ),
    ] = False,
) -> None:
    """What stands before an order."""


def main() -> None:
    """The console script's entry."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    app()


@app.command()
def run() -> None:
    """Iniciar el servicio con los ajustes del entorno o de soluciones.toml."""
    from aiohttp import web  # noqa: PLC0415 - commands load only what they use

    from bot.service import Service  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415
    from methodology.clock import SystemClock  # noqa: PLC0415

    logging.getLogger("bot").setLevel(logging.INFO)
    settings = load()
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with at_setting("HOST y PORT", f"{settings.host}:{settings.port}"):
        door = socket.create_server((settings.host, settings.port), family=family)
    with door:
        with at_setting("SITE_FOLDER", settings.site_folder):
            settings.site_folder.parent.mkdir(parents=True, exist_ok=True)
        service = Service(settings, SystemClock())
        typer.echo(f"{service.database_version}. Escuchando en http://{settings.host}:{settings.port}/")
        web.run_app(service.app, sock=door, print=None, access_log=None)


@app.command()
def demo(
    *,
    play: Annotated[bool, typer.Option("--play", help="Jugar un mes completo en la terminal y terminar.")] = False,
    script: Annotated[Path | None, typer.Option(help="Guion YAML que se juega en la Sala, día por día.")] = None,
    port: Annotated[int, typer.Option(help="Puerto de la Sala de demostración.")] = 3978,
) -> None:
    """Abrir la Sala de demostración en http://127.0.0.1:3978/ (solo en esta máquina)."""
    from bot import demo as sala  # noqa: PLC0415
    from bot.playing import play_month  # noqa: PLC0415

    def ready(url: str) -> None:
        typer.echo(f"Sala de demostración: {url}/   (Ctrl+C para terminar)")
        if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            webbrowser.open(f"{url}/")

    work: Coroutine[Any, Any, int | None]
    if script:
        work = _scripted(script, port, ready, stay=not play)
    else:
        work = play_month() if play else sala.serve(port=port, ready=ready)
    raise typer.Exit(_until_interrupted(work) or 0)


async def _scripted(script: Path, port: int, ready: Callable[[str], None], *, stay: bool) -> int:
    from bot.script import play_script  # noqa: PLC0415

    return await play_script(script, stay=stay, port=port, ready=ready, tell=typer.echo)


def _until_interrupted(work: Coroutine[Any, Any, int | None]) -> int | None:
    from storage.db import DatabaseInUse  # noqa: PLC0415

    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        typer.echo("Sala cerrada.")
        return None
    except DatabaseInUse:
        fail("La Sala ya está abierta en otra terminal. Ciérrela allí (Ctrl+C) e intente de nuevo.")
    except OSError as exc:
        if exc.errno != errno.EADDRINUSE:
            raise
        fail("El puerto está ocupado por otro programa. Con --port se usa otro.")


@app.command("import")
def import_(
    folder: Annotated[
        Path | None, typer.Argument(metavar="CARPETA", help="Carpeta con las matrices y sus directorios.")
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Mostrar qué cambiaría, sin cambiarlo.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Deshacer la última importación, sin carpeta.")] = False,
    yes: Yes = False,
) -> None:
    """Cargar las matrices de una carpeta. Repetirla no cambia nada; con errores no se carga nada."""
    if undo:
        if folder is not None:
            fail("Con --undo no se indica carpeta: se deshace la última importación.")
        _undo(dry_run=dry_run, yes=yes)
        return
    if folder is None:
        fail("Indique la carpeta de las matrices, o --undo para deshacer la última importación.")
    _tell_changes(_imported(folder, dry_run=dry_run), dry_run=dry_run)


def _undo(*, dry_run: bool, yes: bool) -> None:
    """What it would undo is shown and asked for first; a script says --yes."""
    if dry_run:
        _tell_changes(_undone(dry_run=True), dry_run=True)
        return
    if not yes:
        _tell_changes(_undone(dry_run=True), dry_run=True, first=(TO_UNDO, "por deshacer"))
    if not (yes or confirmed("¿Deshacer?")):
        fail(UNCHANGED)
    outcome = _undone(dry_run=False)
    if yes:
        _tell_changes(outcome, dry_run=False)
    else:
        typer.echo(f"{outcome['which']} {_counted(outcome)}")


def _tell_changes(
    outcome: dict[str, Any], *, dry_run: bool, first: tuple[str, str] = (REHEARSAL, "por hacer (simulacro)")
) -> None:
    """What was done, or would be: then `first` says so, and what its number is called."""
    if dry_run:
        typer.echo(first[0])
    if which := outcome.get("which"):
        typer.echo(which)
    for warning in outcome["warnings"]:
        typer.echo(f"Aviso: {warning}")
    for line in outcome["changes"]:
        typer.echo(line)
    for line in outcome.get("dates", []) if dry_run else ():
        typer.echo(f"Fechas que se siguen: {line}")
    typer.echo(_counted(outcome, first[1] if dry_run else ""))


def _counted(outcome: dict[str, Any], to_do: str = "") -> str:
    """As many as the lines that were listed."""
    count = len(outcome["changes"])
    done = to_do or f"hecho{'' if count == 1 else 's'}"
    return f"{count} cambio{'' if count == 1 else 's'} {done}." if count else "Sin cambios."


def _imported(folder: Path, *, dry_run: bool) -> dict[str, Any]:
    from bot.admin import ask_service, import_offline  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    _require_folder(folder)
    settings, author = load(reading=dry_run), _whoever_runs_this()
    order = {"folder": str(folder.resolve()), "dry_run": dry_run, "author": author}
    outcome = ask_service(settings.admin_socket, "import", order)
    if outcome is None:
        outcome = import_offline(settings, folder.resolve(), dry_run=dry_run, author=author)
    if problems := outcome.get("problems"):
        fail("No se cargó nada. Corrija lo siguiente:", *(f"  - {problem}" for problem in problems))
    return outcome


def _undone(*, dry_run: bool) -> dict[str, Any]:
    from bot.admin import ask_service, undo_offline  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    settings, author = load(reading=dry_run), _whoever_runs_this()
    outcome = ask_service(settings.admin_socket, "undo", {"author": author, "dry_run": dry_run})
    if outcome is None:
        outcome = undo_offline(settings, author, dry_run=dry_run)
    if problems := outcome.get("problems"):
        fail(*problems)
    return outcome


def _whoever_runs_this() -> str:
    """R3 wants a name: the account that runs the command (nobody's, in a container without one)."""
    try:
        return f"{getpass.getuser()} (línea de comandos)"
    except (KeyError, OSError):
        return "línea de comandos"


@app.command()
def simulate(
    data: Annotated[Path, typer.Option(help="Carpeta de matrices.")],
    first: Annotated[str, typer.Option("--from", help="Primer día, AAAA-MM-DD o DD/MM/AAAA.")],
    last: Annotated[str, typer.Option("--to", help="Último día, AAAA-MM-DD o DD/MM/AAAA.")],
    *,
    script: Annotated[Path | None, typer.Option(help="Guion YAML: qué hace cada quien, y qué día.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Un objeto JSON por línea.")] = False,
) -> None:
    """Qué avisos habría si nadie respondiera, o con lo que dice un guion. No envía nada ni necesita el servicio."""
    days = _days(first, last)
    refused = False
    for line in _simulated(data, *days, script):
        refused = refused or "refused" in line
        if as_json:
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        else:
            typer.echo(_told(line))
    if refused:
        fail("Al menos un paso del guion no se hizo.", code=1)


@app.command()
def explain(
    code: Annotated[str, typer.Argument(metavar="CÓDIGO", help="Código de una acción, iniciativa o entidad.")],
    on: Annotated[str, typer.Option("--on", help="Día, AAAA-MM-DD o DD/MM/AAAA; sin él, hoy.")] = "",
    data: Annotated[Path | None, typer.Option(help="Carpeta de matrices, en lugar de la base del servicio.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Un objeto JSON por frase.")] = False,
) -> None:
    """Qué dice la metodología de una acción, iniciativa o entidad en un día, y por qué. No cambia nada."""
    from methodology.clock import SystemClock, today  # noqa: PLC0415
    from methodology.rules.spanish import long_date  # noqa: PLC0415

    now = today(SystemClock())
    day = _day(on, now) if on else now
    told = _explained_in_folder(data, code, day) if data else _explained(code, day, now)
    if data:
        typer.echo(SUPPOSED.format(day=long_date(day)), err=as_json)
    for line, sentence in zip(told.as_json(), told.sentences, strict=True):
        typer.echo(json.dumps(line, ensure_ascii=False) if as_json else sentence)


def _day(text: str, today: date) -> date:
    from methodology.rules.spanish import parse_date  # noqa: PLC0415

    try:
        return parse_date(text, today)
    except ValueError as exc:
        fail(f"{exc}.")


def _explained(code: str, day: date, now: date) -> Any:  # noqa: ANN401 - methodology.explaining.Explanation
    """From the service's own database, which is only read."""
    from sqlalchemy import make_url  # noqa: PLC0415

    import storage.tables  # noqa: F401, PLC0415 - they register themselves
    from bot.settings import load  # noqa: PLC0415
    from methodology.explaining import explain as tell  # noqa: PLC0415
    from methodology.method import load_method  # noqa: PLC0415
    from storage.db import Database  # noqa: PLC0415

    settings = load(reading=True)
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        fail(f"No hay una base de datos en {url.database}: cargue las matrices con import, o use --data.")
    db = Database(settings.database_url, read_only=True)
    try:
        with db.begin() as session:
            return tell(session, code, day, load_method(session, settings.thresholds), now)
    finally:
        db.close()


def _explained_in_folder(folder: Path, code: str, day: date) -> Any:  # noqa: ANN401 - methodology.explaining.Explanation
    """As if nobody had done anything up to that day, like `simulate`; only what bears on the subject is replayed."""
    from methodology.explaining import bearing_on  # noqa: PLC0415
    from methodology.explaining import explain as tell  # noqa: PLC0415
    from methodology.method import Method  # noqa: PLC0415
    from methodology.simulation import replay  # noqa: PLC0415

    dataset = bearing_on(_dataset(folder, day), code)
    with _in_memory() as session:
        replay(session, dataset, Method(), day)
        told = tell(session, code, day, Method(), day)
    return _not_launched(dataset, told) or told


def _not_launched(data: Any, told: Any) -> Any:  # noqa: ANN401 - Dataset, Explanation; None when it was launched
    """The files tell of no day before the launch of what they hold."""
    from methodology.explaining import STATE  # noqa: PLC0415
    from methodology.rules.reasons import Reason  # noqa: PLC0415
    from methodology.rules.spanish import long_date  # noqa: PLC0415

    launches = [row.launch for row in data.initiatives if row.launch]
    if not launches or min(launches) <= told.day:
        return None
    first = min((row for row in data.initiatives if row.launch), key=lambda row: row.launch)
    sentence = NOT_LAUNCHED.format(day=long_date(told.day), name=first.name, launch=long_date(first.launch))
    return replace(told, reasons=(Reason(STATE, None, sentence),))


@contextmanager
def _in_memory() -> Iterator[Any]:
    """A session on an empty ledger that nobody keeps."""
    import storage.tables  # noqa: F401, PLC0415 - they register themselves
    from storage.db import Database  # noqa: PLC0415
    from storage.types import Base  # noqa: PLC0415

    db = Database("sqlite://")
    Base.metadata.create_all(db.engine)
    with db.begin() as session:
        yield session
    db.close()


def _dataset(folder: Path, today: date) -> Any:  # noqa: ANN401 - methodology.matrix_files.Dataset
    from methodology.matrix_files import BadFiles, read_folder  # noqa: PLC0415

    _require_folder(folder)
    try:
        dataset = read_folder(folder, today, replayed=True)
    except BadFiles as exc:
        fail("La carpeta tiene errores:", *(f"  - {problem}" for problem in exc.problems))
    for warning in dataset.warnings:
        typer.echo(f"Aviso: {warning}", err=True)
    return dataset


def _require_folder(folder: Path) -> None:
    if folder.is_file():
        fail(f"{folder} es un archivo: indique la carpeta que lo contiene, con iniciativas.csv y entidades.csv.")
    if not folder.is_dir():
        fail(f"No existe la carpeta {folder}.")


def _told(line: dict[str, Any]) -> str:
    """One line of the journal for a person."""
    if line.get("event") == "operation":
        outcome = line.get("done") or f"NO SE HIZO: {line['refused']}"
        return f"{line['on']}  {line['role']:<15} {line['does']:<30} {outcome}"
    if line.get("event") == "state":
        counts = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in line["actions"].items())
        return f"{line['on']}  {'estado':<15} {line['initiative']:<30} {line['state'].replace('_', ' ')}: {counts}"
    told = f"{line['recorded_on']}  {line['rule']:<15} {line['initiative'] or line['subject']:<30} {line['why']}"
    return f"{told} (retirado: {line['withdrawn']})" if line.get("withdrawn") else told


def _days(first: str, last: str) -> tuple[date, date]:
    from methodology.clock import SystemClock, today  # noqa: PLC0415

    now = today(SystemClock())
    days = _day(first, now), _day(last, now)
    if days[0] > days[1]:
        fail(f"El primer día ({first}) es posterior al último ({last}).")
    return days


def _simulated(folder: Path, first: date, last: date, script: Path | None) -> Iterator[dict[str, Any]]:
    from methodology.method import Method  # noqa: PLC0415
    from methodology.script import read_script  # noqa: PLC0415
    from methodology.simulation import simulate as replay  # noqa: PLC0415

    steps = read_script(script) if script else []
    for told, outside in ((BEFORE, [s for s in steps if s.day < first]), (AFTER, [s for s in steps if s.day > last])):
        if outside:
            typer.echo(told.format(count=len(outside)), err=True)
    dataset = _dataset(folder, last)
    with _in_memory() as session:
        yield from list(replay(session, dataset, Method(), first, last, steps))


@app.command()
def manifest(
    out: Annotated[Path, typer.Option(help="Archivo que se escribe.")] = Path("soluciones-teams.zip"),
) -> None:
    """Crear el paquete de la aplicación de Teams (manifiesto, comandos e iconos) con los ajustes del servicio."""
    from importlib.metadata import version  # noqa: PLC0415 - commands load only what they use

    from bot.manifest import NotForTeams, package  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    try:
        made = package(load(), version("soluciones"))
        out.write_bytes(made)
    except NotForTeams as exc:
        fail("No se creó el paquete. Corrija lo siguiente:", *(f"  - {problem}" for problem in exc.problems))
    except OSError as exc:
        fail(f"No se pudo escribir {out}: {exc.strerror}.")
    typer.echo(f"Paquete de la aplicación de Teams: {out}. Se carga en el centro de administración de Teams.")


@app.command()
def playground(
    persona: Annotated[str, typer.Option(help="Quién habla: pl, gg, vm o lt-astilleros, como en la Sala.")] = "pl",
) -> None:
    """Abrir el Agents Playground de Microsoft contra el asistente (para desarrolladores)."""
    from bot.playground import NoPlayground, open_playground  # noqa: PLC0415

    try:
        _until_interrupted(open_playground(persona))
    except NoPlayground as exc:
        fail(str(exc))
