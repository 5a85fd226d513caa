"""What a reply asks of us instead of answering: more time, and until when; or to write to somebody else from now on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from mail.read.days import DAYS_OF_WEEK, dates_in
from mail.read.sentences import all_sentences
from methodology.rules.spanish import plain

_MORE_TIME = re.compile(
    r"\bprorroga|\bplazo adicional|\bampli\w{1,6} (?:el|del|de) (?:\w{1,8} )?plazo|\bexten\w{1,6} (?:el|del|de) plazo"
    r"|\b(?:solicit\w{1,6}|pedimos|pido|requerimos|necesitamos) (?:un |el )?plazo\b|\bmas plazo|\bmayor plazo"
    r"|\bmas tiempo|\bunos dias mas|\baplaza\w{0,4} la entrega|\bnuevo plazo"
    r"|\b(?:solicit\w{1,6}|pedimos|pido|requerimos|necesitamos|proponemos) (?!al |a l[ao]s? )(?:\w{1,12} ){0,2}"
    r"(?:reprogram|modific|cambi|aplaz|mov|corr)\w{1,5} (?:de )?(?:la |su )?fecha"
)
_NOT = re.compile(
    r"\b(?:no|tampoco|sin)\s(?:(?:se|nos|les?|estamos|es|sera|necesari[oa]|necesidad|solicit\w{1,6}|pedimos|pido"
    r"|requ\w{1,8}|necesit\w{1,6}|propo\w{1,6}|de|una?|ningun[ao]?|otr[ao]|el|la)\s){0,5}$"
)
_OF_ELSE = re.compile(
    r"(?: de \w{5,12})? (?:del?|para) (?:l[ao]s? |el |un[ao]? )?(?:reunion|mesa|sesion|comite|taller|visita|audiencia"
    r"|evento|foro|cita|encuentro|capacitacion|estudio|contrat|convenio|consultor|producto|entregable|licitacion|obra)"
)
"""«Mover la fecha de la reunión»: of what no deadline of ours is."""
_UNTIL = re.compile(rf"\b(?:hasta|al?|para)(?:\s(?:el|dia|proximo|{'|'.join(DAYS_OF_WEEK)})){{0,4}}\s?$")
_AS_IT_IS = re.compile(
    r"\b(?:venc\w{1,8}|previst[oa]|programad[oa]|pactad[oa]|inicial\w{0,5}|actual\w{0,5})\b"
    r"(?:(?!\b(?:al|hasta)\b)[^,;\d]){0,25}$"
)
"""«Que vence el 30 de noviembre»: the day that is to be changed."""
_WRAPPED = re.compile(r"(?<![.:;!?\n])\n(?=[a-záéíóúñ]|\d{1,2} de )")
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
    shown = plain(text[:_SHOWN])
    return any(
        not _NOT.search(shown[: one.start()]) and not _OF_ELSE.match(shown, one.end())
        for one in _MORE_TIME.finditer(shown)
    )


def asking(text: str) -> list[str]:
    """The sentences that ask for more time, each whole, also over two lines."""
    return [one for one in all_sentences(_WRAPPED.sub(" ", text[:_SHOWN])) if asks_for_time(one)]


def wanted_until(asked: Iterable[str], near: date | None) -> date | None:
    """The day that the first of the asking sentences wants, «hasta», «al» or «para» before any other one.

    It is none before `near`, and not the one on which the action is due as it stands. None: none gives such a day.
    """
    for sentence in asked:
        found = [one for one in dates_in(sentence, near) if not _AS_IT_IS.search(one.before)]
        ahead = [one for one in found if near is None or one.day >= near]
        if day := next((one.day for one in sorted(ahead, key=lambda one: _UNTIL.search(one.before) is None)), None):
            return day
    return None


def new_contact(text: str, own: str) -> str:
    """The address that the entity wants to be written to from now on, «» when it names none; never the writer's own."""
    for sentence in all_sentences(text[:_SHOWN]):
        shown = plain(sentence) if "@" in sentence else ""
        if any(cue in shown for cue in CONTACT):
            found = next((one.lower().rstrip(".") for one in _ADDRESS.findall(sentence)), "")
            if found and found != own:
                return found
    return ""
