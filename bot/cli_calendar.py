"""`soluciones calendar`: the days that are not hábiles. What a change moves is shown before it is applied."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bot.cli_confirm import UNCHANGED, Yes, confirmed
from bot.cli_errors import Group, fail
from bot.cli_help import OPTIONS, ORDERS, Orders

app = Orders(
    cls=Group,
    options_metavar=OPTIONS,
    subcommand_metavar=ORDERS,
    no_args_is_help=True,
    help="Días no hábiles: verlos, registrar uno institucional o retirarlo.",
)
Day = Annotated[str, typer.Argument(metavar="FECHA", help="Fecha: 24/12/2026 o 2026-12-24.")]


@app.command("list")
def list_(
    year: Annotated[int | None, typer.Option(min=2020, max=2060, help="Año; sin él, el actual.")] = None,
) -> None:
    """Los días no hábiles de un año, sin los fines de semana, con su motivo."""
    _tell(_ask({"list": year}))


@app.command()
def add(
    day: Day, reason: Annotated[str, typer.Argument(metavar="MOTIVO", help="Motivo.")], *, yes: Yes = False
) -> None:
    """Registrar día no hábil. Antes muestra qué avisos cambian de fecha."""
    _change("add", {"fecha": day, "motivo": reason}, yes=yes)


@app.command()
def remove(day: Day, *, yes: Yes = False) -> None:
    """Retirar día no hábil. Antes muestra qué avisos cambian de fecha."""
    _change("remove", {"fecha": day}, yes=yes)


@app.command()
def apply(*, yes: Yes = False) -> None:
    """Aplicar a lo programado un calendario de festivos que cambió. Antes muestra qué avisos cambian de fecha."""
    _change("apply", {}, yes=yes)


def _change(change: str, given: dict[str, str], *, yes: bool) -> None:
    outcome = _ask({"change": change, "given": given})
    if listed := outcome.get("to_confirm"):
        typer.echo(listed)
        if not (yes or confirmed("¿Aplicar?")):
            fail(UNCHANGED)
        outcome = _ask({"change": change, "given": {**given, "confirmo": "sí"}})
    _tell(outcome)


def _ask(order: dict[str, Any]) -> dict[str, Any]:
    """By the running service when there is one: SQLite has one writing process."""
    from bot.admin import ask_service, calendar_offline  # noqa: PLC0415
    from bot.settings import load  # noqa: PLC0415

    settings = load(reading="list" in order)
    return ask_service(settings.admin_socket, "calendar", order) or calendar_offline(settings, order)


def _tell(outcome: dict[str, Any]) -> None:
    if problems := outcome.get("problems"):
        fail(*problems)
    for line in outcome["lines"]:
        typer.echo(line)
