"""A message without code, as what a pending answer lacks: its figure, a date, the evidence, a reason, a longer text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from dialogs.inputs import as_typed
from dialogs.lines import FollowUpLines, bare_figure, continues, parse_lines
from methodology.rules.followup import says_why
from methodology.rules.spanish import parse_date, plain

WORDS_LIKELY = 15
"""So many characters are meant; «gracias» is no reason."""
_ASKED_IN_WORDS = ("text", "reason", "evidence")
_CODE = "XX-01"
_DOUBTS = re.compile(r"¿|\?(?!\S)|\bno (?:le |lo |la |les |los )?(?:entiendo|entendi|comprendo)\b")
"""What asks back; the «?» inside a link does not."""
_BEFORE_DAY = re.compile(
    r"(?:(?:fue|se cumplio|el|dia|pasado|lunes|martes|miercoles|jueves|viernes|sabado|domingo)\b[ ,:]*)*"
)
_CONFIRMS = re.compile(r"(?:si|confirmo|confirmado|sigue vigente|continua vigente|correcto)\b")
_FIGURE = re.compile(r"(?P<word>si|no)?[ ,.:]*(?:(?:lo )?es)?[ ,.:]*(?P<figure>\d{1,3}(?:[.,]\d)?)?(?: ?%)?[ .]*")


def completed(
    values: Mapping[str, str], problems: Mapping[str, str], text: str, today: date, *, plainly: bool = True
) -> Mapping[str, str] | None:
    """The pending `values` with what the message adds to them; None when it adds nothing that was asked.

    Named parts («motivo: …», «cumplida el …») go where they say; a date is the compliance's, and other words are the
    first thing that is asked in words, where they may be an answer at all (`plainly`) and ask nothing back. A message
    that begins with a figure is another answer, except where the figure is what lacks.
    """
    plainly = plainly and not _DOUBTS.search(plain(text))
    if "percent" in problems:
        return _figured(values, text) or _reworded(values, problems, text.strip(), plainly=plainly)
    if not problems or not values.get("percent") or _begins_anew(text):
        return None
    if "confirmed_same" in problems and _CONFIRMS.match(plain(text)):
        return {**values, "confirmed_same": "true"}
    named = _named(values["percent"], text, today)
    if found := {name: value for name, value in named.items() if value and name not in ("percent", "text")}:
        return {**values, **found, **({"text": named["text"]} if "text" in problems and named.get("text") else {})}
    return _meant(values, problems, text.strip(), today, plainly=plainly)


def _figured(values: Mapping[str, str], text: str) -> Mapping[str, str] | None:
    """«75 %», «no, es 75»; «sí» means the figure that the text begins with, «no» leaves none: it is asked anew."""
    match = _FIGURE.fullmatch(plain(text))
    if match is None or not (match["word"] or match["figure"]):
        return None
    doubtful = bare_figure(values.get("text", ""))
    if doubtful and match["word"] == "si" and match["figure"] in (None, doubtful.number):
        return {**values, "percent": doubtful.number, "text": doubtful.rest}
    is_denied = match["word"] == "no" and doubtful and match["figure"] == doubtful.number  # «no es 70»
    return {**values, "percent": "" if is_denied else match["figure"] or ""}


def _reworded(
    values: Mapping[str, str], problems: Mapping[str, str], text: str, *, plainly: bool
) -> Mapping[str, str] | None:
    """While the figure lacks: words are the text that lacks too, or stand for the one whose figure was not clear."""
    is_open = "text" in problems or not values.get("text") or bare_figure(values["text"]) is not None
    meant = plainly and is_open and len(text) >= WORDS_LIKELY and not _begins_anew(text)
    return {**values, "text": text} if meant else None


def _begins_anew(text: str) -> bool:
    return continues(text) or bare_figure(text) is not None


def _named(percent: str, text: str, today: date) -> Mapping[str, str]:
    lines: FollowUpLines = parse_lines(f"{_CODE} {percent}% {text}", today)
    return as_typed(lines.lines[0].answer) if len(lines.lines) == 1 else {}


def _meant(
    values: Mapping[str, str], problems: Mapping[str, str], text: str, today: date, *, plainly: bool
) -> Mapping[str, str] | None:
    if "met_on" in problems and (day := _day(text, today)):
        return {**values, "met_on": day}
    if not plainly:
        return None
    if "reason" in problems and not says_why(text):
        return {**values, "reason": text}
    asked = next((name for name in _ASKED_IN_WORDS if name in problems), "")
    return {**values, asked: text} if asked and len(text) >= WORDS_LIKELY else None


def _day(text: str, today: date) -> str:
    """«22/11/2026», «el domingo 22 de noviembre»; empty for what is no date alone."""
    try:
        return parse_date(_BEFORE_DAY.sub("", plain(text).strip(" ."), count=1), today).isoformat()
    except ValueError:
        return ""
