"""`soluciones doctor`: a table of what is right and what is not, with what to do; 0 when nothing is wrong, else 1."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli_confirm import Yes, confirmed
from bot.cli_errors import fail

if TYPE_CHECKING:
    from bot.doctor import Check
    from bot.settings import Settings

ASKED = (
    "Se enviarán hasta tres mensajes de prueba desde {mailbox}: dos a sí mismo y uno a una dirección inexistente de su "
    "dominio. Se leerá el buzón sin marcar nada, y al final se borra lo que se pueda."
)
NOT_DONE = "No se envió nada."
_WIDTH = 26


def doctor(
    *,
    mail: Annotated[bool, typer.Option("--mail", help="Probar el correo de verdad, contra el propio buzón.")] = False,
    yes: Yes = False,
) -> None:
    """Comprobar ajustes, base de datos, reloj, Teams y correo: qué está bien, qué no y qué hacer."""
    from bot.doctor import settings_checks  # noqa: PLC0415 - commands load only what they use

    settings, checks = settings_checks()
    if settings is None:
        for check in checks:
            _tell(check)
        raise typer.Exit(1)
    if mail:
        typer.echo(ASKED.format(mailbox=settings.mail_sender))
        if not (yes or confirmed("¿Continuar?")):
            fail(NOT_DONE)
    marks = asyncio.run(_told(_mail(settings) if mail else _everything(settings, checks)))
    _conclude(marks)


async def _told(checks: AsyncIterator[Check]) -> list[str]:
    """Each as soon as it is known."""
    marks = []
    async for check in checks:
        _tell(check)
        marks.append(check.mark)
    return marks


async def _everything(settings: Settings, checks: list[Check]) -> AsyncIterator[Check]:
    from bot.doctor import clock_check, database_checks, mail_checks, teams_check  # noqa: PLC0415 - the same
    from bot.mailing import edge_of  # noqa: PLC0415 - the same
    from methodology.clock import SystemClock  # noqa: PLC0415 - the same

    clock = SystemClock()
    for check in (*checks, clock_check(clock), *database_checks(settings)):
        yield check
    yield await teams_check(settings, clock)
    edge = edge_of(settings, clock)
    try:
        async for check in mail_checks(settings, edge):
            yield check
    finally:
        await edge.close()


async def _mail(settings: Settings) -> AsyncIterator[Check]:
    from bot.acceptance import Acceptance  # noqa: PLC0415 - the same
    from bot.doctor import known_mark  # noqa: PLC0415 - the same
    from bot.mailing import edge_of  # noqa: PLC0415 - the same
    from methodology.clock import SystemClock  # noqa: PLC0415 - the same

    edge = edge_of(settings, SystemClock())
    try:
        mark = known_mark(settings, edge.mailbox.name) if edge.mailbox is not None else ""
        async for check in Acceptance(settings, edge, mark).steps():
            yield check
    finally:
        await edge.close()


def _tell(check: Check) -> None:
    typer.echo(f"{check.mark} {check.what:<{_WIDTH}} {check.found}")
    if check.advice:
        typer.echo(f"  {'':<{_WIDTH}} → {check.advice}")


def _conclude(marks: list[str]) -> None:
    from bot.doctor import NOTED, WRONG  # noqa: PLC0415 - the same

    wrong, noted = marks.count(WRONG), marks.count(NOTED)
    remarks = f" Advertencias: {noted}." if noted else ""
    if wrong:
        typer.echo(f"Por corregir: {wrong}.{remarks}")
        raise typer.Exit(1)
    typer.echo(f"Todo en orden.{remarks}")
