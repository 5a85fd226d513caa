"""«Respondemos el 12»: the day on which the writer promises to answer. It is no answer, and no new date of an action.

Only what is said of the answer itself counts: that something will be sent to somebody is an action's own business.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from mail.read.days import dates_in
from mail.read.sentences import all_sentences
from methodology.rules.spanish import plain

_WEEKDAYS = ("lunes", "martes", "miercoles", "jueves", "viernes", "sabado", "domingo")
_ANSWERS = (
    r"respond(?:emos|eremos|ere|o)|contest(?:amos|aremos|are)|(?:dar(?:emos|e)|damos|se dara) respuesta"
    r"|(?:estar(?:emos|e) |vamos a |voy a )(?:respond\w{2,6}|contest\w{2,6}|da(?:r|ndo) respuesta)|se respondera"
)
_SENDS = (
    r"(?:envi|reenvi|entreg|report|inform|alleg|present)ar(?:emos|e)|remitir(?:emos|e)|har(?:emos|e) llegar"
    r"|se (?:enviar|remitir|allegar|entregar)a"
    r"|(?:estar(?:emos|e) |vamos a |voy a )(?:envia\w{1,5}|remit\w{2,6}|entrega\w{1,5}|report\w{2,6}|inform\w{2,6})"
)
_OURS = (
    r"avances?|informacion|reporte|respuestas?|solicitado|solicitada|requerido|requerida|solicitud|matriz|formato|libro"
)
_PROMISE = re.compile(rf"\b(?:(?:{_ANSWERS})\b|(?:{_SENDS})\b[^.;]{{0,60}}?\b(?:{_OURS})\b)")
_EARLIER = re.compile(rf"\b(?:{_OURS})\b[^.;]{{0,60}}?\b(?:{_SENDS})\b")
"""«El avance lo enviaremos el 20»."""
_BARE = re.compile(
    rf"\b(?:el|del|al|este)\s(?:(?:proximo|dia|{'|'.join(_WEEKDAYS)})\s){{0,3}}(\d{{1,2}})(?![\d%/:-]|[.,]\d|\s?%|\spor\sciento|\sde\s)"
)
_WEEKDAY = re.compile(rf"\b(?:el|este|proximo)\s(?:proximo\s)?({'|'.join(_WEEKDAYS)})\b")
_TOMORROW = re.compile(r"\bmanana\b(?! en la)")
_TO_ANSWER = re.compile(
    rf"\bpara\s(?:dar|emitir|brindar)\s(?:la\s|una\s)?respuesta\b|\bpara\s(?:la\s|su\s|poder\s)?(?:respuesta|responder|contestar)\b"
    rf"|\bpara\s(?:poder\s)?(?:enviar|remitir|reportar|entregar|allegar|presentar|informar)\b[^.;]{{0,30}}?\b(?:{_OURS})\b"
)
_NOT = re.compile(r"\b(?:no|tampoco|nunca)\s(?:\w{1,4}\s)?$")
_SHOWN = 8_000
_AHEAD = timedelta(days=120)
_MONTHS_TRIED = 3


def answers_on(text: str, near: date | None, is_of_one: Callable[[str], bool]) -> date | None:
    """The day promised, from `near` (the mail's day) on, else None; `is_of_one`: a sentence speaks of one action."""
    if near is None:
        return None
    for sentence in all_sentences(text[:_SHOWN]):
        if sentence.rstrip().endswith("?") or is_of_one(sentence):
            continue
        day = _promised(plain(sentence), near)
        if day is not None and near <= day <= near + _AHEAD:
            return day
    return None


def is_time_to_answer(text: str) -> bool:
    """Of a text that asks for more time: it is for the answer, not for the action."""
    return _TO_ANSWER.search(plain(text[:_SHOWN])) is not None


def _promised(shown: str, near: date) -> date | None:
    said = _PROMISE.search(shown) or _EARLIER.search(shown)
    if said is None or _NOT.search(shown[: said.start()]):
        return None
    rest = shown[said.start() :]
    whole = next((found.day for found in dates_in(rest, near)), None)
    return whole or _bare_day(rest, near) or _weekday(rest, near)


def _bare_day(shown: str, near: date) -> date | None:
    """«El 12»: the next twelfth."""
    match = _BARE.search(shown)
    if match is None:
        return None
    for ahead in range(_MONTHS_TRIED):
        years, month = divmod(near.month - 1 + ahead, 12)
        try:
            day = date(near.year + years, month + 1, int(match[1]))
        except ValueError:  # the 31st of a month of thirty days
            continue
        if day >= near:
            return day
    return None


def _weekday(shown: str, near: date) -> date | None:
    """«El viernes» is the next one, never today; «mañana» the day after."""
    if match := _WEEKDAY.search(shown):
        return near + timedelta(days=(_WEEKDAYS.index(match[1]) - near.weekday() - 1) % 7 + 1)
    return near + timedelta(days=1) if _TOMORROW.search(shown) else None
