"""Asking before something is done; a script says --yes."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli_errors import fail

UNCHANGED = "No se aplicó ningún cambio."
Yes = Annotated[bool, typer.Option("--yes", "--si", help="Aplicar sin preguntar.")]
_YES, _NO = ("s", "si", "y", "yes"), ("n", "no")


def confirmed(question: str) -> bool:
    """Whether the person at the terminal says yes; asked again until it is yes or no."""
    from methodology.rules.spanish import plain  # noqa: PLC0415 - commands load only what they use

    while True:
        try:
            answer = plain(typer.prompt(f"{question} [s/n]", default="n", show_default=False))
        except typer.Abort:
            fail(f"No hay una terminal en la que preguntar: use --yes. {UNCHANGED}")
        if answer in (*_YES, *_NO):
            return answer in _YES
