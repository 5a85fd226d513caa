"""What an answer's words say beyond its percentage: that it was complied with and when, and what shows it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from mail.read.answers import is_no_progress
from mail.read.blocks import unlabelled
from mail.read.days import dates_in
from mail.read.figures import FULL, corrected_percent, is_doubtful, said_percent
from methodology.readings import LIKELY, SURE, Answer
from methodology.rules.spanish import plain

_EVIDENCE = re.compile(
    r"(?:^|(?<=[.;,)\s]))"
    r"(?:(?:evidencias?|soportes?|medio de verificaci[oó]n)\s?:\s?|(?:enlace|link)\s?:\s?(?=https?:))",
    re.IGNORECASE,
)
_URL = re.compile(r"https?://[^\s<>\"')\]]{3,500}")
_DONE = re.compile(
    r"\b(?:(?:accion|tarea|actividad|meta)\s)?(?:(?:ya|fue|quedo|esta|se encuentra|ha sido)\s){0,2}"
    r"(?:cumplid[ao]|finalizad[ao]|culminad[ao]|terminad[ao]|se cumplio|cumplimos"
    r"|se dio (?:(?:total|pleno) cumplimiento|cumplimiento (?:total|pleno|en su totalidad)))\b"
    r"(?:\sen su totalidad|\stotalmente)?"
)
_SAYS_WHOLE = re.compile(
    r"\bcumplimiento total|\bse dio (?:\w{1,8} )?cumplimiento|\ben su totalidad\b|\bal (?:cien|100)\b"
)
"""What without a figure leaves a doubt whether there is one."""
_AFTER_DONE = re.compile(
    r"\s?(?:$|[.,;:(–-]|el\s(?:dia\s)?(?:pasado\s)?(?:[a-z]{5,9}\s)?(?:[a-z]{2,12}\s\()?\d{1,2}"
    r"(?!\d?(?:[.,]\d)?\s?(?:%|por\s?ciento))|desde el \d|mediante"
    r"|con\s(?:la\s|el\s|l[oa]s\s)?"
    r"(?:resolucion|decreto|circular|acta|oficio|radicado|publicacion|expedicion|firma|evidencia|soporte)"
    r"|al cien|al 100|en (?:la|su) fecha|en [a-z]{3,10}bre\b)"
)
_UNDONE = re.compile(
    r"\b(?:no|nunca|casi|practicamente|proxim[ao]s?|aun|todavia|falta|sera|seria|por ser|parcialmente|cuando|una vez"
    r"|espera)\b[^.;]{0,40}$"
)
_EXCEPT = re.compile(r"[\s:,(–-]{0,3}(?:no\b|parcial|con excepcion|salvo|excepto|a excepcion|menos\b|en parte)")
_NEAR_WORD = 40
_BEFORE = 80


def complete(answer: Answer, near: date | None) -> Answer:
    """The answer with what its text says of its figure, the day of compliance and the evidence."""
    text, evidence = _evidence(unlabelled(answer.text))
    answer = replace(answer, text=text, evidence=answer.evidence or evidence)
    answer = _figure(answer)
    is_done, day = _compliance(answer.text, near)
    if is_done and answer.percent is None and not is_no_progress(answer.text):
        answer = replace(answer, percent=FULL)
    is_unsaid = answer.percent is None and _SAYS_WHOLE.search(plain(answer.text)) is not None
    if is_unsaid or is_doubtful(answer.text, answer.percent):
        answer = replace(answer, confidence=min(answer.confidence, LIKELY))
    if answer.percent != FULL:
        return answer
    return replace(answer, day=answer.day or day or _labelled_day(answer.passage, near))


def _figure(answer: Answer) -> Answer:
    """A figure said in the text: «la guía va en un 85 %», or the one that corrects the answer's own."""
    corrected = corrected_percent(answer.text) if answer.percent is not None else None
    if corrected is not None:
        return replace(answer, percent=corrected, confidence=min(answer.confidence, LIKELY))
    if answer.percent is not None or not answer.text:
        return answer
    said = said_percent(answer.text)
    if said is None or not said.has_cue:
        return answer
    return replace(
        answer,
        percent=said.percent,
        confidence=min(answer.confidence, SURE if "." not in answer.text.rstrip(".") else LIKELY),
    )


def _evidence(text: str) -> tuple[str, str]:
    """What «Evidencia:» names, taken out of the text; else the first address in it, which stays."""
    if match := _EVIDENCE.search(text):
        return text[: match.start()].rstrip(" ;,\n"), text[match.end() :].strip().rstrip(".")
    found = _URL.search(text)
    return text, found[0].rstrip(".,;") if found else ""


def _compliance(text: str, near: date | None) -> tuple[bool, date | None]:
    """Whether it says «cumplida» outright, and the day it gives."""
    shown = plain(text)
    for match in _DONE.finditer(shown):
        before = shown[max(0, match.start() - _BEFORE) : match.start()]
        undone = _UNDONE.search(before) or _EXCEPT.match(shown, match.end())
        if undone or not _AFTER_DONE.match(shown, match.end()):
            continue
        days = (found.day for found in dates_in(shown[match.end() : match.end() + _NEAR_WORD], near))
        day = next(days, None)
        return (False, None) if day and near and day > near else (True, day)
    return False, None


def _labelled_day(text: str, near: date | None) -> date | None:
    """«Fecha de cumplimiento: 6 de noviembre»."""
    _, label, rest = plain(text).partition("fecha de cumplimiento")
    return next((found.day for found in dates_in(rest[:_NEAR_WORD], near)), None) if label else None
