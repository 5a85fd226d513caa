"""A form's body, read as a stream: nothing is held that is not kept, and nothing typed is lost to a file too large."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import BadHttpMessage

from bot.teams.attachments import LARGEST, file_name

TOTAL = 25 * 1024 * 1024
"""Of the files of one body that are kept."""
DRAINED = 100 * 1024 * 1024
"""What is read at most, so that the page can come back with what was typed."""
PARTS = 2000
FIELD = 64 * 1024
TEXT = 1024 * 1024
PATIENCE = 600.0
_CHUNK = 64 * 1024
_MB = 1024 * 1024
TOO_LARGE = f"El envío supera {DRAINED // _MB} MB y no se recibió. Vuelva atrás: lo escrito sigue en su navegador. "
TOO_LARGE += "Envíe los archivos por partes, o indique un enlace."
NOT_READ = "El formulario no se pudo leer. Vuelva a abrir el enlace del correo e inténtelo de nuevo."
FILE_LARGE = "«{name}» supera {most} MB y no se guardó: adjunte una versión más liviana o indique un enlace."
FILES_LARGE = "«{name}» no se guardó: los archivos de un envío suman hasta {most} MB. Adjúntelo en otro envío."
FILE_EMPTY = "«{name}» está vacío y no se guardó: adjúntelo de nuevo."


class BadBody(Exception):
    """The body was not taken; the message says why, and what to do. `status` is HTTP's."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Incoming:
    """One file of the body, and the input it came by."""

    field: str
    name: str
    content_type: str
    data: bytes


@dataclass
class Body:
    """What was typed, by input; the files that were kept, and why others were not, by input."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[Incoming] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass
class _Counts:
    parts: int = 0
    text: int = 0
    kept: int = 0
    read: int = 0


async def read_body(request: web.Request, is_ours: Callable[[str], bool]) -> Body:
    """The whole form; without the page's seal, which stands first in it, no file is kept.

    Raises:
        BadBody: it is no form, is far too large, or does not arrive.
    """
    if (request.content_length or 0) > DRAINED:
        raise BadBody(TOO_LARGE, 413)
    if request.content_type != "multipart/form-data":
        raise BadBody(NOT_READ, 415)
    try:
        async with asyncio.timeout(PATIENCE):
            return await _read(request, is_ours)
    except TimeoutError as exc:
        raise BadBody(NOT_READ, 408) from exc
    except (ValueError, AssertionError, RuntimeError, BadHttpMessage) as exc:  # aiohttp's, of a broken multipart
        raise BadBody(NOT_READ, 400) from exc


async def _read(request: web.Request, is_ours: Callable[[str], bool]) -> Body:
    body, counts = Body(), _Counts()
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        counts.parts += 1
        if counts.parts > PARTS or not isinstance(part, BodyPartReader) or not part.name:
            raise BadBody(NOT_READ, 400)
        if part.filename is None:
            body.fields[part.name] = await _text(part, counts)
        else:
            await _file(part, body, counts, most=TOTAL if is_ours(body.fields.get("sello", "")) else 0)
    return body


async def _text(part: BodyPartReader, counts: _Counts) -> str:
    """One input's text; cut where no person's text ends, so that the rest of the page survives."""
    held = bytearray()
    while chunk := await part.read_chunk(_CHUNK):
        _count(counts, chunk)
        if len(held) < FIELD:
            held += chunk[: FIELD - len(held)]
    counts.text += len(held)
    if counts.text > TEXT:
        raise BadBody(TOO_LARGE, 413)
    return clean(held.decode("utf-8", "replace"))


async def _file(part: BodyPartReader, body: Body, counts: _Counts, *, most: int) -> None:
    held, size = bytearray(), 0
    room = min(LARGEST, most - counts.kept)
    while chunk := await part.read_chunk(_CHUNK):
        _count(counts, chunk)
        size += len(chunk)
        if size <= room:
            held += chunk
        else:
            held.clear()
    if not part.filename and not size:
        return  # the input was left without a file
    field_name, name = part.name or "", file_name(part.filename, "archivo")
    if size > LARGEST:
        body.refused[field_name] = FILE_LARGE.format(name=name, most=LARGEST // _MB)
    elif size > room:
        body.refused[field_name] = FILES_LARGE.format(name=name, most=TOTAL // _MB)
    elif not size:
        body.refused[field_name] = FILE_EMPTY.format(name=name)
    else:
        counts.kept += size
        kind = part.headers.get("Content-Type", "application/octet-stream")[:100]
        body.files.append(Incoming(field_name, name, clean(kind), bytes(held)))


def _count(counts: _Counts, chunk: bytes) -> None:
    counts.read += len(chunk)
    if counts.read > DRAINED:
        raise BadBody(TOO_LARGE, 413)


def clean(text: str) -> str:
    """Text as people write it: no NUL, no control or direction signs; line ends as one sign, spaces as spaces."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (" " if c.isspace() and c not in "\n\t" else c for c in lines)
    return "".join(c for c in kept if c.isprintable() or c in "\n\t").strip()
