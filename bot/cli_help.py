"""The help's own words in Spanish: its usage line, its headings, and what stands beside an option."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand
from typer.models import CommandFunctionType

OPTIONS = "[OPCIONES]"
ORDERS = "ORDEN [ARGUMENTOS]..."
HELP = "Mostrar esta ayuda y terminar."
_WORDS = {
    "ARGUMENTS_PANEL_TITLE": "Argumentos",
    "OPTIONS_PANEL_TITLE": "Opciones",
    "COMMANDS_PANEL_TITLE": "Órdenes",
    "DEFAULT_STRING": "[si no se indica: {}]",
    "REQUIRED_LONG_STRING": "[obligatorio]",
}


class SpanishHelp:
    """Beside a command or a group of Typer's, before it in the order of its classes."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - Typer keeps its context's type to itself
        from typer import rich_utils  # noqa: PLC0415 - only the help needs it

        for name, word in _WORDS.items():
            setattr(rich_utils, name, word)
        super().format_help(ctx, formatter)  # type: ignore[misc] # Typer's

    def get_usage(self, ctx: Any) -> str:  # noqa: ANN401 - the same
        usage: str = super().get_usage(ctx)  # type: ignore[misc] # Typer's
        return usage.replace("Usage: ", "Uso: ", 1)

    def get_help_option(self, ctx: Any) -> Any:  # noqa: ANN401 - the same
        option: Any = super().get_help_option(ctx)  # type: ignore[misc] # Typer's
        if option is not None:
            option.help = HELP
        return option


class Order(SpanishHelp, TyperCommand):
    """One command."""


class Orders(typer.Typer):
    """A Typer whose commands have their help in Spanish."""

    def command(
        self,
        name: str | None = None,
        **more: Any,  # noqa: ANN401 - Typer's own
    ) -> Callable[[CommandFunctionType], CommandFunctionType]:
        return super().command(name, **{"cls": Order, "options_metavar": OPTIONS, **more})
