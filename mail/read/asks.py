"""What a reply asks of us instead of answering: more time, and until when; or to write to somebody else from now on."""

from __future__ import annotations

import re
from datetime import date

from mail.read.days import dates_in
from mail.read.sentences import all_sentences
from methodology.rules.spanish import plain

_MORE_TIME = re.compile(
    r"\bprorroga|\bplazo adicional|\bampli\w{1,6} (?:el|del|de) (?:\w{1,8} )?plazo|\bexten\w{1,6} (?:el|del|de) plazo"
    r"|\b(?:solicit\w{1,6}|pedimos|pido|requerimos|necesitamos) (?:un |el )?plazo\b|\bmas plazo|\bmayor plazo"
    r"|\bmas tiempo|\bunos dias mas|\baplaza\w{0,4} la entrega|\bnuevo plazo"
    r"|\b(?:solicit\w{1,6}|pedimos|pido|requerimos|necesitamos|proponemos) (?:\w{1,12} ){0,2}"
    r"(?:reprogram|modific|cambi|aplaz|mov|corr)\w{1,5} (?:de )?(?:la |su )?fecha"
)
_LATER = re.compile(
    r"\b(?:escribo|envio|mando|respondo|reporto|confirmo|enviamos|respondemos|reportamos) "
    r"(?:manana|luego|despues|mas tarde|apenas|en cuanto|esta semana|el (?:lunes|martes|miercoles|jueves|viernes))"
    r"|\b(?:informacion|reporte|avances?|respuesta|datos)\b[^.;]{0,80}\b(?:sera(?:n)? |se )"
    r"(?:remitid[oa]s?|enviad[oa]s?|reportad[oa]s?|informad[oa]s?|remitiran?|enviaran?|reportaran?|informaran?)\b"
    r"|\bl[oa]s? (?:remit|envi|report|inform|respond)(?:ira|ara|era|e|a) (?:directamente|otr[oa]|el|la)\b"
)
CONTACT = (
    "el enlace es", "el enlace sera", "nuevo enlace", "nueva enlace", "nuevo contacto", "nueva persona de contacto",
    "la persona encargada es", "persona de contacto es", "dirigir est", "dirigir las", "dirigir los", "dirigir sus",
    "en adelante", "a partir de la fecha", "a partir de hoy", "remitir las", "remitir est", "remitir los",
    "enviar las solicitudes", "enviar estas", "actualizar el correo", "actualizar el contacto", "cambio de enlace",
)  # fmt: skip
_ADDRESS = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}", re.ASCII)
_SHOWN = 8_000


def is_later(text: str) -> bool:
    """«De la BIO-05 les escribo mañana», «la remitirá otra dependencia»: it is told that it will be told."""
    return _LATER.search(plain(text[:_SHOWN])) is not None


def is_only_later(text: str) -> bool:
    """`is_later` from the first word on: nothing else is told."""
    return _LATER.match(plain(text[:_SHOWN]).lstrip(" .,:;-")) is not None


def asks_for_time(text: str) -> bool:
    return _MORE_TIME.search(plain(text[:_SHOWN])) is not None


def wanted_until(text: str, near: date | None) -> date | None:
    """The first date after the request for more time, none before `near`; None when there is none, or no request."""
    shown = plain(text[:_SHOWN])
    asked = _MORE_TIME.search(shown)
    days = (found.day for found in dates_in(shown[asked.start() :], near)) if asked else ()
    return next((day for day in days if near is None or day >= near), None)


def new_contact(text: str, own: str) -> str:
    """The address that the entity wants to be written to from now on, «» when it names none; never the writer's own."""
    for sentence in all_sentences(text[:_SHOWN]):
        shown = plain(sentence) if "@" in sentence else ""
        if any(cue in shown for cue in CONTACT):
            found = next((one.lower().rstrip(".") for one in _ADDRESS.findall(sentence)), "")
            if found and found != own:
                return found
    return ""
