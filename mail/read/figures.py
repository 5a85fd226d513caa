"""Percentages: at the head of an answer («80 %», «sesenta por ciento») or said in a sentence («va en un 60 %»)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from methodology.rules.spanish import plain

FULL = 100.0
SEPARATORS = " \t:;.,=|-–—_()%*>→"
_UNITS = {"un": 1, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9}
_TENS = {"treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90}
_WHOLE = {
    "cero": 0, "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15, "dieciseis": 16,
    "diecisiete": 17, "dieciocho": 18, "diecinueve": 19, "veinte": 20, "veintiuno": 21, "veintiun": 21,
    "veintidos": 22, "veintitres": 23, "veinticuatro": 24, "veinticinco": 25, "veintiseis": 26, "veintisiete": 27,
    "veintiocho": 28, "veintinueve": 29, "cien": 100, "ciento": 100,
}  # fmt: skip
_ACCENTED = {"a": "[aá]", "e": "[eé]", "i": "[ií]", "o": "[oó]", "u": "[uú]"}


def _written(words: dict[str, int]) -> str:
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join("".join(_ACCENTED.get(letter, letter) for letter in word) for word in longest_first)


_SPELLED = rf"(?:(?:{_written(_TENS)})(?:\s?y\s?(?:{_written(_UNITS)}))?|{_written(_WHOLE | _UNITS)})(?=\s?(?:%|por))"
_NUMBER = rf"\d{{1,3}}(?:[.,]\d{{1,4}})?(?![\d.,/]\d)(?!\d)|{_SPELLED}"
_SIGN = r"\s{0,3}(?:\(\d{1,3}\s?%?\)\s?)?(%|por\s?ciento)"
_HEAD = re.compile(
    r"(?:(?:porcentaje(?:\sde)?\s?)?(?:avance\s?)?(?:actual\s|acumulado\s|reportado\s|a la fecha\s)?"
    r"(?:es\s)?(?:del?\s|al\s|un\s)?[:=]?\s?)"
    rf"({_NUMBER})(?:{_SIGN})?(?:\s?\((?:\d{{1,3}}(?:[.,]\d)?\s?%|[^()\d]{{3,40}}por\s?ciento)\))?(?:\sde avance\b)?",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(rf"(?<![\w.,/-])({_NUMBER}){_SIGN}", re.IGNORECASE)
_ENDS = re.compile(r"\s*$|\s*[:;|)]|\s*[–—-](?!\d)|\.\s")
_CUES = re.compile(
    r"\b(?:avan\w{0,12}|va|vamos|van|lleva\w{0,4}|alcanz\w{0,6}|ejecu\w{0,8}|porcentaje|qued\w{1,3}|esta\w{0,3}|tenemos"
    r"|total|complet\w{0,6}|cumpli\w{0,8}|report\w{0,4}|paso|subio|llego|sigue|seguimos|continua\w{0,3}|mantiene|permanece)\b"
)
_AHEAD = re.compile(r"\b(?:meta|espera\w{0,4}|prev\w{1,6}|proyect(?:a|amos|an|ado) |llegar|alcanzar|lograr|objetivo)\b")
_OF_OTHERS = re.compile(
    r"\s{0,3}(?:m[aá]s\b|adicional|de\s(?:los|las|sus|dichos|empresas|usuarios)\b|de la meta\b)", re.IGNORECASE
)
_FROM_TO = re.compile(r"\s?,?\s?al?\s?$")
_BETWEEN = re.compile(r"\s{0,3}(?:y|o|a)\s(?:el\s)?$")
_CLAUSE = re.compile(r"[;.]\s|, (?:y|pero) ")
_RANGE = re.compile(r"\bentre (?:el )?\d")
_SHOWN = 4000
_BEFORE = 60


@dataclass(frozen=True)
class Head:
    """`percent` 0–100 with one decimal, None when the head is no percentage; `text` is what follows."""

    percent: float | None
    text: str


@dataclass(frozen=True)
class Said:
    """A percentage in a sentence; `has_cue` when its words say that it is the progress («va en», «avance del»)."""

    percent: float
    has_cue: bool


def leading_percent(text: str, *, bare: bool = False) -> Head:
    """`bare`: a number alone is a percentage whatever follows (a cell of the «%» column)."""
    rest = text[:_SHOWN].replace("_", " ").lstrip(SEPARATORS)
    match = _HEAD.match(rest)
    if match is None or not (match[2] or bare or _ENDS.match(rest, match.end())):
        return Head(None, rest.strip())
    value = _value(match[1])
    if value > FULL or (match[2] and _OF_OTHERS.match(rest, match.end())):
        return Head(None, rest.strip())
    return Head(value, rest[match.end() :].lstrip(SEPARATORS).strip())


def said_percent(sentence: str) -> Said | None:
    """The progress of a sentence, when exactly one figure can be it; goals, ranges and shares of others are not."""
    shown = sentence[:_SHOWN]
    matches = list(_ANYWHERE.finditer(shown))
    found: list[Said] = []
    for number, match in enumerate(matches):
        before = shown[matches[number - 1].end() if number else 0 : match.start()]
        clause = plain(_CLAUSE.split(before[-_BEFORE:])[-1])
        if number and _FROM_TO.search(before) and found:  # «pasó del 50 % al 65 %»
            found[-1] = Said(_value(match[1]), has_cue=True)
        elif number and _BETWEEN.fullmatch(before.lower()):
            return None
        elif _value(match[1]) <= FULL and not _AHEAD.search(clause) and not _OF_OTHERS.match(shown, match.end()):
            cue = bool(_CUES.search(clause)) or not clause.strip(" (,") or clause.rstrip().endswith(":")
            found.append(Said(_value(match[1]), has_cue=cue))
    if _RANGE.search(shown.lower()):
        return None
    with_cue = [one for one in found if one.has_cue] or found
    return with_cue[0] if len({one.percent for one in with_cue}) == 1 else None


def _value(written: str) -> float:
    if written[0].isdigit():
        return round(float(written.replace(",", ".")), 1)
    words = plain(written).replace(" y ", " ").split()
    return float(sum(_UNITS.get(word, 0) + _TENS.get(word, 0) + _WHOLE.get(word, 0) for word in words))
