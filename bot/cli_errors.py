"""What the command line says when something around it is wrong: one place, one sentence, exit code 2."""

from __future__ import annotations

import errno
import os
import socket
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from bot.cli_help import SpanishHelp
from bot.cli_usage import HELP_ITSELF, unknown_command, usage

BAD_URL = (
    "DATABASE_URL no es la dirección de una base de datos que este programa conozca: use sqlite:///var/soluciones.db o "
    "postgresql+psycopg://usuario:clave@servidor/base."
)
UNPREPARED = (
    "La base de datos está vacía o es de una versión anterior: «soluciones run» o «soluciones import» la preparan."
)
NO_DATABASE = "El archivo de DATABASE_URL no es una base de datos, o está dañado: revise la ruta o restaure la copia."
NO_FILE = "No se puede abrir el archivo de la base de datos: revise la ruta de DATABASE_URL y sus permisos."
LOCKED = "Otro proceso está usando la base de datos: detenga el servicio e intente de nuevo."
NO_CONNECTION = "No hay conexión con la base de datos: revise DATABASE_URL y que el servidor esté activo."
NO_SPACE = "No queda espacio en el disco de la base de datos: libere espacio e intente de nuevo."
READ_ONLY = "La base de datos está en un lugar de solo lectura: revise los permisos de su archivo y su carpeta."
PORT_TAKEN = "El puerto está ocupado por otro programa: elija otro (PORT, o --port en la demostración)."
NO_ACCESS = "No se puede leer ni escribir {what}: revise que exista y sus permisos."
_NOT_POSSIBLE = "no se puede usar «{value}»: revise que exista y sus permisos."
_REFUSED = {
    errno.EADDRINUSE: "otro programa ya ocupa «{value}»: detenga ese programa o elija otro.",
    errno.EADDRNOTAVAIL: "«{value}» no es una dirección de esta máquina.",
    errno.EACCES: "no hay permiso para usar «{value}»: revise los permisos, o elija otro (un puerto desde 1024).",
}
_OF_DATABASE = (
    (("no such table", "no such column", "does not exist"), UNPREPARED),
    (("not a database", "malformed"), NO_DATABASE),
    (("unable to open",), NO_FILE),
    (("locked",), LOCKED),
    (("disk is full", "no space left"), NO_SPACE),
    (("readonly", "read-only"), READ_ONLY),
)
_DRIVERS = ("MySQLdb", "pymysql", "psycopg2", "asyncpg", "pg8000", "pyodbc", "oracledb", "cx_Oracle")


INTERRUPTED = 130


class Unanswered(Exception):
    """The running service did not do what it was asked; the message says what to do."""


class NoPlace(Exception):
    """Nobody can listen there, or nothing can be written there; the message names the setting."""


@contextmanager
def at_setting(setting: str, value: object) -> Iterator[None]:
    """What the machine refuses at the place that a setting names, as one sentence that names it.

    Raises:
        NoPlace: with the sentence.
    """
    try:
        yield
    except socket.gaierror as exc:
        raise NoPlace(f"{setting}: «{value}» no es una dirección que esta máquina conozca.") from exc
    except OSError as exc:
        raise NoPlace(f"{setting}: {_REFUSED.get(exc.errno or 0, _NOT_POSSIBLE).format(value=value)}") from exc


class Group(SpanishHelp, TyperGroup):
    """The commands; what they run into outside, and what was typed wrong, becomes a sentence."""

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> Any:  # noqa: ANN401 - Typer keeps its context's type to itself
        try:
            return super().make_context(info_name, args, *rest, **extra)
        except typer.TyperException as exc:
            _mistyped(exc, info_name or "")

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - the same
        if self.get_command(ctx, args[0]) is None:
            fail(unknown_command(ctx.command_path, args[0], self.commands), f"Ayuda: {ctx.command_path} --help")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - the same
        try:
            return super().invoke(ctx)
        except (typer.Exit, typer.Abort):
            raise
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            _nobody_reads()
        except typer.TyperException as exc:
            _mistyped(exc, ctx.command_path)
        except _foreseen() as exc:
            if told := sentence(exc):
                fail(told)
            raise


def _nobody_reads() -> NoReturn:
    """Whoever read our output has gone (`… | head -1`): nothing is wrong, and nothing more is written at the end."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - a device
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    raise typer.Exit(0)


def _mistyped(exc: typer.TyperException, path: str) -> NoReturn:
    """The help of a command that was given nothing is no error of anybody's: it is shown as it is."""
    if type(exc).__name__ == HELP_ITSELF:
        raise exc
    fail(*usage(exc, path))


def fail(*lines: str, code: int = 2) -> NoReturn:
    """Say it on standard error and end."""
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(code)


def _foreseen() -> tuple[type[Exception], ...]:
    """What has a sentence. Loaded only once something was raised: commands load only what they use."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from bot.settings import BadSettings  # noqa: PLC0415
    from methodology.refusals import Refusal  # noqa: PLC0415
    from methodology.script import BadScript  # noqa: PLC0415
    from storage.db import DatabaseInUse  # noqa: PLC0415
    from storage.schema import NewerSchema  # noqa: PLC0415

    ours = (Unanswered, NoPlace, BadSettings, BadScript, Refusal, DatabaseInUse, NewerSchema)
    return (*ours, SQLAlchemyError, sqlite3.Error, ModuleNotFoundError, OSError)


def sentence(exc: Exception) -> str:
    """What happened and what to do; empty for a fault of the program itself, which is shown as it is."""
    from sqlalchemy.exc import (  # noqa: PLC0415
        ArgumentError,
        DBAPIError,
        InterfaceError,
        OperationalError,
        SQLAlchemyError,
    )

    if isinstance(exc, ArgumentError) or (isinstance(exc, ModuleNotFoundError) and exc.name in _DRIVERS):
        return BAD_URL
    if isinstance(exc, DBAPIError | sqlite3.Error):
        lost = isinstance(exc, OperationalError | InterfaceError | sqlite3.OperationalError)
        return _of_database(str(exc).lower()) or (NO_CONNECTION if lost else "")
    if isinstance(exc, SQLAlchemyError | ModuleNotFoundError):
        return ""
    if isinstance(exc, OSError):
        taken = exc.errno == errno.EADDRINUSE
        return PORT_TAKEN if taken else NO_ACCESS.format(what=exc.filename or "lo que se necesita")
    return str(exc)


def _of_database(said: str) -> str:
    return next((told for words, told in _OF_DATABASE if any(word in said for word in words)), "")
