"""What was typed wrong, in Spanish. Typer carries a click of its own, whose sentences no gettext catalogue reaches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

import typer

from methodology.rules.spanish import sentence

HELP_ITSELF = "NoArgsIsHelpError"
NOT_UNDERSTOOD = "No se entendió la orden."
_NUMBER = {
    r"valid integer": "lleva un número entero",
    r"greater than or equal to (\d+)": "lleva {} o más",
    r"less than or equal to (\d+)": "lleva {} o menos",
}


def unknown_command(path: str, name: str, known: Iterable[str]) -> str:
    """A command that is none, with the nearest, or with all of them."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    meant = f"¿Quiso decir «{path} {near[0]}»?" if near else f"Órdenes: {', '.join(names)}."
    return f"La orden «{name}» no existe. {meant}"


def usage(exc: typer.TyperException, path: str) -> list[str]:
    """What is wrong, and where the help is. The kinds of error are told by their names: their module is private."""
    told = _SENTENCES.get(type(exc).__name__, _otherwise)(exc)
    context = getattr(exc, "ctx", None)
    return [told, f"Ayuda: {context.command_path if context else path} --help"]


def _named(exc: Any) -> str:  # noqa: ANN401 - an error of click's
    if exc.param is None:
        return ""
    name: str = max(exc.param.opts, key=len)
    return name if name.startswith("-") else exc.param.metavar or name


def _missing(exc: Any) -> str:  # noqa: ANN401 - an error of click's
    kind = "la opción" if _named(exc).startswith("-") else "el argumento"
    help_ = getattr(exc.param, "help", None)
    return f"Falta {kind} «{_named(exc)}»" + (f": {sentence(help_[:1].lower() + help_[1:])}" if help_ else ".")


def _bad_value(exc: Any) -> str:  # noqa: ANN401 - an error of click's
    for said, told in _NUMBER.items():
        if match := re.search(said, exc.message):
            return f"«{_named(exc)}» {told.format(*match.groups())}."
    return f"El valor de «{_named(exc)}» no es válido."


def _no_option(exc: Any) -> str:  # noqa: ANN401 - an error of click's
    near = f" ¿Quiso decir «{exc.possibilities[0]}»?" if exc.possibilities else ""
    return f"La opción «{exc.option_name}» no existe.{near}"


def _option_misused(exc: Any) -> str:  # noqa: ANN401 - an error of click's
    needs = "no lleva un valor" if "does not take" in exc.message else "necesita un valor"
    return f"La opción «{exc.option_name}» {needs}."


def _otherwise(exc: Any) -> str:  # noqa: ANN401 - an error of click's
    surplus = re.search(r"unexpected extra arguments?(?:\(s\))? \((.+)\)", exc.message)
    return f"Sobra: {surplus[1]}." if surplus else NOT_UNDERSTOOD


_SENTENCES: Mapping[str, Any] = {
    "MissingParameter": _missing,
    "BadParameter": _bad_value,
    "NoSuchOption": _no_option,
    "BadOptionUsage": _option_misused,
}
