"""`soluciones mail`: what the reader understands of a message. It reads no settings and changes nothing."""

from __future__ import annotations

import json
import re
from datetime import date
from email import message_from_bytes
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli_errors import Group, fail
from bot.cli_help import OPTIONS, ORDERS, Orders

_HEADERS = 64 * 1024
_OF_A_MAIL = ("From", "To", "Subject", "Date", "Message-ID", "Received", "Return-Path", "Content-Type", "MIME-Version")
_ESCAPES = re.compile(
    r"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)?|\[[0-?]*[ -/]*[@-~]|.)?|[\x00-\x08\x0b-\x1f\x7f-\x9f]", re.DOTALL
)
"""What commands a terminal and says nothing: escape sequences (CSI, OSC), and the controls of C0 and C1."""
MAX_BYTES = 64 * 1024 * 1024
HELP_REQUEST = (
    'Lo que se solicitó, en JSON: {"token", "sent_on": "AAAA-MM-DD", "month": "AAAA-MM", "actions": [{"code", "text", '
    '"due", "percent", "narrative"}]}; de cada acción solo "code" es obligatorio. Sin ella, se reconocen códigos como '
    "AST-04."
)
app = Orders(
    cls=Group,
    options_metavar=OPTIONS,
    subcommand_metavar=ORDERS,
    no_args_is_help=True,
    help="Correo: qué entiende el lector de un mensaje.",
)


@app.callback()
def _group() -> None:
    """Without it a group of one command would be the command itself."""


@app.command()
def read(
    file: Annotated[Path, typer.Argument(metavar="ARCHIVO", help="Mensaje guardado como .eml, tal como llegó.")],
    request: Annotated[Path | None, typer.Option(help=HELP_REQUEST)] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Un objeto JSON.")] = False,
) -> None:
    """Leer un correo de respuesta: qué es, qué dice de cada acción y por qué se entiende así."""
    from mail.read import read as read_mail  # noqa: PLC0415 - commands load only what they use
    from mail.read import told  # noqa: PLC0415

    raw = _bytes(file)
    if not raw.strip():
        fail(f"{file} está vacío: no es un correo.")
    if not _is_mail(raw):
        fail(f"{file} no es un correo: no tiene encabezados. Guarde el mensaje completo, como .eml.")
    asked = _request(request) if request else None
    reading = read_mail(raw, [one.code for one in asked.actions] if asked else None, None, asked)
    shown = told.as_json(reading, asked)
    # In ASCII: a broken message may hold half a character, which no terminal can be given.
    typer.echo(json.dumps(shown) if as_json else _for_a_person(shown))


def _is_mail(raw: bytes) -> bool:
    """Whether it begins as RFC 5322 says: header fields, one of them of those that every mail has some of."""
    head = message_from_bytes(raw[:_HEADERS])
    return b"\0" not in raw[:_HEADERS] and any(name in head for name in _OF_A_MAIL)


def _bytes(file: Path) -> bytes:
    if file.is_dir():
        fail(f"{file} es una carpeta: indique el archivo del mensaje.")
    if not file.exists():
        fail(f"No existe el archivo {file}.")
    with file.open("rb") as stream:
        raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        fail(f"{file} supera {MAX_BYTES // 2**20} MB: no se lee.")
    return raw


def _request(file: Path) -> Any:  # noqa: ANN401 - methodology.readings.Request
    from mail.read.told import BadRequest, request_of  # noqa: PLC0415

    try:
        return request_of(json.loads(_bytes(file)))
    except BadRequest as exc:
        fail(f"{file}: {exc}")
    except (ValueError, RecursionError):  # not UTF-8, not JSON, or nested without end
        fail(f"{file} no es un archivo JSON.")


def _for_a_person(shown: dict[str, Any]) -> str:
    from methodology.readings import KIND_NAMES, ReadingKind  # noqa: PLC0415

    lines = [f"Es: {KIND_NAMES[ReadingKind(shown['kind'])]}", *(f"  {reason}" for reason in shown["reasons"])]
    lines += [_answer_line(one).replace("\n", " ") for one in shown["answers"]]
    if shown["letter"]:
        lines.append(f"Documento: {shown['letter']}")
    if shown["text"]:
        lines += ["Texto nuevo:", shown["text"]]
    return _ESCAPES.sub("", "\n".join(lines)).encode("utf-8", "replace").decode()


def _answer_line(one: dict[str, Any]) -> str:
    from methodology.readings import SURE  # noqa: PLC0415
    from methodology.rules.spanish import long_date, percent, sentence  # noqa: PLC0415

    parts = [
        f"{one['action']}: {'sin cifra' if one['percent'] is None else percent(one['percent'])}.",
        sentence(one["text"]) if one["text"] else "",
        f"Cumplida el {long_date(date.fromisoformat(one['date']))}." if one["date"] else "",
        f"Evidencia: {sentence(one['evidence'])}" if one["evidence"] else "",
        f"({'segura' if one['confidence'] >= SURE else 'por revisar'})",
    ]
    return " ".join(part for part in parts if part)
