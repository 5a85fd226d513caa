"""Step 6: is there no more in it than thanks, or a filing number? Neither is an answer (R16)."""

from __future__ import annotations

import re

from mail.read.answers import is_sign_off
from methodology.rules.spanish import plain

THANKS = (
    "recibido", "recibida", "acuso recibo", "acusamos recibo", "acusa recibo", "muy amable",
    "confirmo recibo", "confirmamos recibo", "enterad",
    "gracias", "quedo atent", "quedamos atent", "tomamos nota", "tomo nota", "con gusto", "de acuerdo", "ok",
    "daremos respuesta", "dare respuesta", "daremos tramite", "dare tramite", "se dara tramite", "damos traslado",
    "doy traslado", "se remite al area", "remitimos al area", "para su gestion", "para lo de su competencia",
    "reacciono a su mensaje", "reacciono a tu mensaje", "reacted to your message", "le gusto su mensaje", "\U0001f44d",
)  # fmt: skip
_FILED = re.compile(
    r"(?:su|la|el|esta|este)\s(?:solicitud|comunicacion|correo|peticion|requerimiento|mensaje|documento|oficio)"
    r"[^.]{0,80}?(?:recibid|radicad|registrad|asignad)|(?:numero|no\.?|nro\.?) de radica(?:do|cion)"
)
_CONTACT = re.compile(r"@|www\.|https?:|\b(?:tel|cel|pbx|ext)\b|\d{7}")
_NUMBER = re.compile(r"\d{5,}")
_ANSWERED = re.compile(
    r"\bya (?:\w{1,6} ){0,2}?(?:contest|respond|dimos|envi|remit|report|inform)"
    r"|\b(?:contestamos|respond(?:o|emos|imos)|(?:damos|dimos) respuesta|enviamos)\b"
)
_FILED_CAP = 900
_WORDS = 16
_GREETING = re.compile(r"^[^,.:;]{0,60}[,.:;]?\s?")
_GREETINGS = ("buen dia", "buenos dias", "buenas tardes", "respetad", "estimad", "cordial saludo", "senores", "doctor")


def is_courtesy(text: str) -> bool:
    """A few words of thanks, without anything of substance: that it was answered is for a person."""
    said = " ".join(before_signature(text))
    is_thanks = bool(said) and len(said.split()) <= _WORDS and any(word in said for word in THANKS)
    return is_thanks and not _ANSWERED.search(said)


def is_filing_number(text: str) -> bool:
    """The automatic «su solicitud fue radicada con el número …» of a document system."""
    shown = plain(text[: _FILED_CAP + 1])
    return len(text) <= _FILED_CAP and bool(_FILED.search(shown)) and bool(_NUMBER.search(shown))


def before_signature(text: str) -> list[str]:
    """The plain lines without greetings, up to the signature; «gracias» in the first is the message itself."""
    kept: list[str] = []
    for line in (plain(line) for line in text.split("\n") if line.strip()):
        if kept and is_sign_off(line):
            break
        said = _GREETING.sub("", line, count=1) if line.startswith(_GREETINGS) else line
        if said and not _CONTACT.search(said):
            kept.append(said)
    return kept
