"""The command line: `soluciones …`. Commands that write go to the running service when there is one."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import os
import sys
import webbrowser
from collections.abc import Coroutine, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

HELP = "Seguimiento de Soluciones por la Reindustrialización."
app = typer.Typer(no_args_is_help=True, add_completion=False, help=HELP)


def main() -> None:
    """The console script's entry."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    app()


@app.command()
def run() -> None:
    """Iniciar el servicio con los ajustes del entorno o de soluciones.toml."""
    from aiohttp import web  # noqa: PLC0415 - commands load only what they use

    from bot.service import Service  # noqa: PLC0415
    from methodology.clock import SystemClock  # noqa: PLC0415

    settings = _settings()
    service = Service(settings, SystemClock())
    typer.echo(f"{service.database_version}. Escuchando en http://{settings.host}:{settings.port}/")
    web.run_app(service.app, host=settings.host, port=settings.port, print=None, access_log=None)


@app.command()
def demo(
    *,
    play: Annotated[bool, typer.Option("--play", help="Jugar un mes completo en la terminal y terminar.")] = False,
    port: Annotated[int, typer.Option(help="Puerto de la Sala de demostración.")] = 3978,
) -> None:
    """Abrir la Sala de demostración en http://127.0.0.1:3978/ (solo en esta máquina)."""
    from bot import demo as sala  # noqa: PLC0415
    from bot.playing import play_month  # noqa: PLC0415

    def ready(url: str) -> None:
        typer.echo(f"Sala de demostración: {url}/   (Ctrl+C para terminar)")
        if sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
            webbrowser.open(f"{url}/")

    outcome = _until_interrupted(play_month() if play else sala.serve(port=port, ready=ready))
    raise typer.Exit(outcome or 0)


def _until_interrupted(work: Coroutine[Any, Any, int | None]) -> int | None:
    from storage.db import DatabaseInUse  # noqa: PLC0415

    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        typer.echo("Sala cerrada.")
        return None
    except DatabaseInUse:
        _fail(["La Sala ya está abierta en otra terminal. Ciérrela allí (Ctrl+C) e intente de nuevo."])
    except OSError as exc:
        if exc.errno != errno.EADDRINUSE:
            raise
        _fail(["El puerto está ocupado por otro programa. Con --port se usa otro."])


@app.command("import")
def import_(
    folder: Annotated[Path, typer.Argument(help="Carpeta con las matrices y sus directorios.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Mostrar qué cambiaría, sin cambiarlo.")] = False,
) -> None:
    """Cargar las matrices de una carpeta. Repetirla no cambia nada; con errores no se carga nada."""
    from bot.admin import ask_service  # noqa: PLC0415

    if not folder.is_dir():
        _fail([f"No existe la carpeta {folder}."])
    settings = _settings()
    order = {"folder": str(folder.resolve()), "dry_run": dry_run}
    outcome = ask_service(settings.admin_socket, "import", order) or _import_here(settings, folder, dry_run=dry_run)
    if problems := outcome.get("problems"):
        _fail(["No se cargó nada. Corrija lo siguiente:", *(f"  - {problem}" for problem in problems)])
    for warning in outcome["warnings"]:
        typer.echo(f"Aviso: {warning}")
    for line in outcome["changes"]:
        typer.echo(line)
    count = len(outcome["changes"])
    typer.echo(f"{count} cambios {'por hacer (simulacro)' if dry_run else 'hechos'}." if count else "Sin cambios.")


def _import_here(settings: Any, folder: Path, *, dry_run: bool) -> dict[str, Any]:  # noqa: ANN401 - bot.settings.Settings
    from bot.admin import import_offline  # noqa: PLC0415

    return import_offline(settings, folder, dry_run=dry_run)


@app.command()
def simulate(
    data: Annotated[Path, typer.Option(help="Carpeta de matrices.")],
    first: Annotated[str, typer.Option("--from", help="Primer día, AAAA-MM-DD.")],
    last: Annotated[str, typer.Option("--to", help="Último día, AAAA-MM-DD.")],
    *,
    script: Annotated[Path | None, typer.Option(help="Guion YAML: qué hace cada quien, y qué día.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Un objeto JSON por línea.")] = False,
) -> None:
    """Qué avisos habría si nadie respondiera, o con lo que dice un guion. No envía nada ni necesita el servicio."""
    days = _days(first, last)
    for line in _simulated(data, *days, script):
        if as_json:
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
        else:
            typer.echo(_told(line))


def _told(line: dict[str, Any]) -> str:
    """One line of the journal for a person."""
    if line.get("event") == "operation":
        outcome = line.get("done") or f"NO SE HIZO: {line['refused']}"
        return f"{line['on']}  {line['role']:<15} {line['does']:<30} {outcome}"
    if line.get("event") == "state":
        return f"{line['on']}  {'estado':<15} {line['initiative']:<30} {line['state']}: {line['actions']}"
    return f"{line['recorded_on']}  {line['rule']:<15} {line['initiative'] or '—':<30} {line['why']}"


def _days(first: str, last: str) -> tuple[date, date]:
    try:
        return date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as exc:
        _fail([f"Las fechas se escriben AAAA-MM-DD: {exc}."])
        raise


def _simulated(folder: Path, first: date, last: date, script: Path | None) -> Iterator[dict[str, Any]]:
    import storage.tables  # noqa: F401, PLC0415 - they register themselves
    from methodology.matrix_files import BadFiles, read_folder  # noqa: PLC0415
    from methodology.method import Method  # noqa: PLC0415
    from methodology.script import BadScript, read_script  # noqa: PLC0415
    from methodology.simulation import simulate as replay  # noqa: PLC0415
    from storage.db import Database  # noqa: PLC0415
    from storage.types import Base  # noqa: PLC0415

    if not folder.is_dir():
        _fail([f"No existe la carpeta {folder}."])
    try:
        steps = read_script(script) if script else []
        dataset = read_folder(folder, last)
    except (BadScript, OSError) as exc:
        _fail([str(exc)])
        raise
    except BadFiles as exc:
        _fail(["La carpeta tiene errores:", *(f"  - {problem}" for problem in exc.problems)])
        raise
    for warning in dataset.warnings:
        typer.echo(f"Aviso: {warning}", err=True)
    db = Database("sqlite://")
    Base.metadata.create_all(db.engine)
    with db.begin() as session:
        yield from list(replay(session, dataset, Method(), first, last, steps))
    db.close()


@app.command()
def playground(
    persona: Annotated[str, typer.Option(help="Quién habla: pl, gg, vm o lt-astilleros, como en la Sala.")] = "pl",
) -> None:
    """Abrir el Agents Playground de Microsoft contra el asistente (para desarrolladores)."""
    from bot.playground import NoPlayground, open_playground  # noqa: PLC0415

    try:
        _until_interrupted(open_playground(persona))
    except NoPlayground as exc:
        _fail([str(exc)])


def _settings() -> Any:  # noqa: ANN401 - bot.settings.Settings, loaded when it is needed
    from bot.settings import BadSettings, load  # noqa: PLC0415

    try:
        return load()
    except BadSettings as exc:
        _fail([str(exc)])
        raise


def _fail(lines: list[str]) -> NoReturn:
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(2)
