"""A percentage at the head of an answer: «80 %», «80,5», «avance del 80 por ciento»; dates and counts are not."""

from __future__ import annotations

import re
from dataclasses import dataclass

FULL = 100.0
SEPARATORS = " \t:;.,=|-–—_()%*"
_HEAD = re.compile(
    r"(?:(?:porcentaje\s(?:de\s)?)?(?:avance\s?)?(?:actual\s|acumulado\s|reportado\s|a la fecha\s)?"
    r"(?:es\s)?(?:del?\s|al\s|un\s)?[:=]?\s?)"
    r"(\d{1,3}(?:[.,]\d{1,4})?)(?![\d.,/]\d)(?!\d)\s{0,3}(%|por\s?ciento)?",
    re.IGNORECASE,
)
_ENDS = re.compile(r"\s*$|\s*[:;|)]|\s*[–—-](?!\d)|\.\s")
_SHOWN = 4000


@dataclass(frozen=True)
class Head:
    """`percent` 0–100 with one decimal, None when the head is no percentage; `text` is what follows."""

    percent: float | None
    text: str


def leading_percent(text: str, *, bare: bool = False) -> Head:
    """`bare`: a number alone is a percentage whatever follows (a cell of the «%» column)."""
    rest = text[:_SHOWN].replace("_", " ").lstrip(SEPARATORS)
    match = _HEAD.match(rest)
    if match is None or not (match[2] or bare or _ENDS.match(rest, match.end())):
        return Head(None, rest.strip())
    value = round(float(match[1].replace(",", ".")), 1)
    if value > FULL:
        return Head(None, rest.strip())
    return Head(value, rest[match.end() :].lstrip(SEPARATORS).strip())
