"""«Respondemos el 12»: the day on which the writer promises to answer. It is no answer, and no new date of an action.

Only what is said of the answer itself counts: that something will be sent to somebody is an action's own business.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from mail.read.asks import wanted_until
from mail.read.courtesy import before_signature, is_courtesy
from mail.read.days import BARE_DAY, DAYS_OF_WEEK, SOON, dates_in, next_bare
from mail.read.sentences import all_sentences
from methodology.rules.spanish import plain

_ANSWERS = (
    r"respondere(?:mos)?|contestare(?:mos)?|(?:dar(?:emos|e)|se dara) respuesta"
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
_NOW = re.compile(
    r"\b(?:respond(?:emos|o)|damos respuesta)"
    r"(?=(?:\s(?:a mas tardar|antes|hasta|el|del|al|este|para|hacia|proximo|dia)){0,5}"
    rf"\s(?:\d|manana|{'|'.join(DAYS_OF_WEEK)}))[^,:;]{{0,45}}"
)
"""«Respondemos el 12»: in the present tense the day comes at once, or it introduces the answer itself."""
_EARLIER = re.compile(rf"\b(?:{_OURS})\b[^.;]{{0,60}}?\b(?:{_SENDS})\b")
"""«El avance lo enviaremos el 20»."""
_BARE = re.compile(BARE_DAY)
_UNTIL_BARE = re.compile(rf"(?:\b(?:hasta|para)\s|(?=\bal\s)){BARE_DAY}")
_WEEKDAY = re.compile(rf"\b(?:el|este|proximo)\s(?:proximo\s)?({'|'.join(DAYS_OF_WEEK)})\b")
_TOMORROW = re.compile(r"\bmanana\b(?! en la)")
_TO_ANSWER = re.compile(
    rf"\bpara\s(?:dar|emitir|brindar)\s(?:la\s|una\s)?respuesta\b|\bpara\s(?:la\s|su\s|poder\s)?(?:respuesta|responder|contestar)\b"
    rf"|\bpara\s(?:poder\s)?(?:enviar|remitir|reportar|entregar|allegar|presentar|informar)\b[^.;]{{0,30}}?\b(?:{_OURS})\b"
)
_CITED = re.compile(
    r"\b(?:solicitud|comunicacion|oficio|correo|mensaje|requerimiento|peticion|radicado)(?:\s(?:no\.?|nro\.?|numero)?\s?[\d-]+)?"
    r",?\s(?:de\sfecha|del?)\s(?:\w{1,9}\s){0,2}?\d{1,2}(?:\sde\s\w{1,10}|[/.-]\d{1,2}[/.-]\d{2,4})?"
)
"""«Su solicitud del 11»: the day of what is answered."""
_ALREADY = re.compile(r"\bya\b")
_NOT = re.compile(r"\b(?:no|tampoco|nunca)\s(?:\w{1,4}\s)?$")
_SHOWN = 8_000
_WORDS = 30
_PART = re.compile(r"[.!;]\s")
_AHEAD = timedelta(days=120)


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


def to_answer_until(asked: list[str], near: date | None) -> date | None:
    """The day until which sentences ask for time to answer; a bare one («hasta el 20») counts when it comes soon."""
    until = wanted_until(asked, near)
    if until or near is None:
        return until
    bare = next((match for one in asked if (match := _UNTIL_BARE.search(plain(one)))), None)
    day = next_bare(int(bare["bare"]), near, bare["weekday"] or "") if bare else None
    return day if day and day - near <= SOON else None


def says_no_more(text: str, near: date | None) -> bool:
    """Few words, and each sentence of them promises or is courteous: nobody need read it."""
    said = before_signature(text[:_SHOWN])
    parts = [part for line in said for part in _PART.split(line) if part.strip()]
    return sum(len(part.split()) for part in parts) <= _WORDS and all(
        is_courtesy(part) or is_time_to_answer(part) or (near and _promised(part, near)) for part in parts
    )


def _promised(shown: str, near: date) -> date | None:
    now = _NOW.search(shown)
    said = now or _PROMISE.search(shown) or _EARLIER.search(shown)
    before = shown[: said.start()] if said else ""
    if said is None or _NOT.search(before) or _ALREADY.search(before):
        return None
    rest = now[0] if now else _CITED.sub(" ", shown[said.start() :])
    whole = next((found.day for found in dates_in(rest, near)), None)
    return whole or _bare_day(rest, near) or _weekday(rest, near)


def _bare_day(shown: str, near: date) -> date | None:
    """«El 12»: the next twelfth."""
    match = _BARE.search(shown)
    return next_bare(int(match["bare"]), near) if match else None


def _weekday(shown: str, near: date) -> date | None:
    """«El viernes» is the next one, never today; «mañana» the day after."""
    if match := _WEEKDAY.search(shown):
        return near + timedelta(days=(DAYS_OF_WEEK.index(match[1]) - near.weekday() - 1) % 7 + 1)
    return near + timedelta(days=1) if _TOMORROW.search(shown) else None
