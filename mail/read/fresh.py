"""Step 4a: what is new in a text, and what it quotes. One pass over the lines; a human's own «De:/Para:» survives."""

from __future__ import annotations

import re
from dataclasses import dataclass

from methodology.rules.spanish import plain

MARKER = "responda por encima de esta linea"
ORIGINAL = ("mensaje original", "original message", "mensaje reenviado", "forwarded message")
SENT_FROM = ("enviado desde mi ", "enviado desde outlook", "sent from my ", "get outlook for", "obtener outlook para",
             "descargar outlook para", "obten outlook para")  # fmt: skip
_WRITERS = ("de", "from")
_LABELS = frozenset({
    "de", "from", "enviado", "enviado el", "sent", "fecha", "date", "para", "to", "cc", "asunto", "subject",
})  # fmt: skip
_LABEL = re.compile(r"\s{0,8}[*_]{0,2}([A-Za-zÁÉÍÓÚáéíóú ]{2,12})[*_]{0,2}:")
_EVIDENCE = re.compile(
    r"[\w.+-]@[\w-]|\b\d{1,2}(?:/|\sde\s|\s)[\wáéíóú.]{1,12}(?:/|\sde\s|\s)\d{4}\b|\b\d{4}-\d{2}-\d{2}\b"
)
_ASKED = re.compile(r"[>\s]{1,8}([A-Z]{2,5}-\d{1,3}): __ %")
_SHOWN = 400
_BLOCK_LINES = 10
_BLOCK_LABELS = 3
_WRAPPED = 4


@dataclass(frozen=True)
class Split:
    """`fresh` is what the sender wrote now; `form` what stands under our own reply marker, unquoted.

    `forwarded` is the message below a forward's heading, as far as it is not our own; «» when nothing was forwarded.
    """

    fresh: str
    form: str
    forwarded: str = ""


def split(text: str) -> Split:
    lines = [line.rstrip() for line in text.replace("\u00a0", " ").replace("\ufeff", "").split("\n")]
    end, quoted_only = _end(lines)
    fresh = [line for line in lines[:end] if not line.lstrip().startswith(">")]
    if quoted_only:
        fresh += _between_quotes(lines[end:])[1:]
    kept = [line for line in fresh if not plain(line[:_SHOWN]).startswith(SENT_FROM)]
    tail = [] if quoted_only else lines[end:]
    return Split("\n".join(_until_signature(kept)).strip(), "\n".join(_form(lines)), "\n".join(_below_heading(tail)))


def _between_quotes(lines: list[str]) -> list[str]:
    """What stands unquoted among `>` lines; under an empty line of our own form, with the code that it asks for."""
    kept: list[str] = []
    for number, line in enumerate(lines):
        if not line.lstrip().startswith(">"):
            kept.append(line)
        elif (asked := _ASKED.match(line)) and number + 1 < len(lines):
            following = next((one for one in lines[number + 1 : number + 4] if one.strip()), "")
            if following and not following.lstrip().startswith(">"):
                kept.append(f"{asked[1]}:")
    return kept


def _below_heading(tail: list[str]) -> list[str]:
    """The text under «De: / Enviado: / Para: / Asunto:», up to the next heading or our own form."""
    start = next((n for n, line in enumerate(tail[:_BLOCK_LINES]) if _label(line)), -1)
    if start < 0:
        return []
    while start < len(tail) and tail[start].strip():
        start += 1
    below = tail[start:]
    return below[: _end(list(below))[0]]


def _end(lines: list[str]) -> tuple[int, bool]:
    """Where the quoted part begins; True when it is all in `>` lines, so that answers written between them stay."""
    for number, line in enumerate(lines):
        if _is_marker(line) or _is_original(line) or _is_block(lines, number):
            return number, False
        if after := _attribution(lines, number):
            following = next((one for one in lines[after:] if one.strip()), "")
            if following.lstrip().startswith(">"):
                lines[number:after] = [""] * (after - number)
                return number, True
            return number, False
    return len(lines), False


def _is_marker(line: str) -> bool:
    return not line.lstrip().startswith(">") and MARKER in plain(line[:_SHOWN])


def _is_original(line: str) -> bool:
    shown = plain(line[:_SHOWN]).strip("-_ ")
    return line.lstrip().startswith("-----") and shown.startswith(ORIGINAL)


def _is_block(lines: list[str], number: int) -> bool:
    """«De: / Enviado: / Para: / Asunto:» with a date or an address in it."""
    if _label(lines[number]) not in _WRITERS:
        return False
    block = [line[:_SHOWN] for line in lines[number : number + _BLOCK_LINES]]
    labels = {label for line in block if (label := _label(line))}
    labelled = [line for line in block if _label(line)]
    return len(labels) >= _BLOCK_LABELS and any(_EVIDENCE.search(line) for line in labelled)


def _label(line: str) -> str:
    match = _LABEL.match(line)
    label = match[1].strip().lower() if match else ""
    return label if label in _LABELS else ""


def _attribution(lines: list[str], number: int) -> int:
    """The line after «El …, X escribió:» (which may be wrapped), 0 when there is none."""
    if not lines[number].lstrip("* ").startswith(("El ", "On ", "Em ", "Le ")):
        return 0
    joined = ""
    for after in range(number + 1, min(number + _WRAPPED, len(lines)) + 1):
        joined += " " + lines[after - 1][:_SHOWN]
        if joined.rstrip(" *").endswith(("escribió:", "wrote:", "escreveu:")):
            return after if _EVIDENCE.search(joined) else 0
    return 0


def _until_signature(lines: list[str]) -> list[str]:
    """Cut at the signature separator of RFC 3676; `rstrip` has taken its trailing space."""
    return lines[: lines.index("--")] if "--" in lines else lines


def _form(lines: list[str]) -> list[str]:
    """What stands under our marker, wherever it is quoted, without its `>`."""
    for number, line in enumerate(lines):
        if MARKER in plain(line[:_SHOWN]):
            return [one.lstrip("> ") for one in lines[number + 1 :]]
    return []
