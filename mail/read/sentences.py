"""A text in paragraphs and sentences; linear, and blind to the full stops of abbreviations and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

_END = re.compile(r"(?<=[.!?])\s{1,4}(?=[¿¡«\"(]?[A-ZÁÉÍÓÚÑ])")
_ABBREVIATED = ("Dr.", "Dra.", "Sr.", "Sra.", "Ing.", "No.", "Nro.", "Art.", "Av.", "Cra.")
_MOST = 2_000


def paragraphs(text: str) -> Iterator[list[str]]:
    """The blocks between blank lines, each its lines."""
    block: list[str] = []
    for line in text.split("\n"):
        if line.strip():
            block.append(line.strip())
        elif block:
            yield block
            block = []
    if block:
        yield block


def sentences(text: str) -> list[str]:
    """The sentences of one paragraph (at most two thousand)."""
    found: list[str] = []
    for piece in _END.split(text, maxsplit=_MOST):
        if found and found[-1].endswith(_ABBREVIATED):
            found[-1] = f"{found[-1]} {piece}"
        elif piece.strip():
            found.append(piece.strip())
    return found


def all_sentences(text: str) -> Iterator[str]:
    for block in paragraphs(text):
        for line in block:
            yield from sentences(line)
