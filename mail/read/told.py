"""A request read from JSON and a reading written as JSON: what support and the tests see of the chain."""

from __future__ import annotations

from datetime import date
from typing import Any

from methodology.readings import EVERY_ACTION, Answer, Asked, Reading, Request
from methodology.rules.months import Month

_SHAPE = (
    'La solicitud es un objeto {"token", "sent_on": "AAAA-MM-DD", "month": "AAAA-MM", '
    '"actions": [{"code", "text", "due", "percent", "narrative"}]}; de cada acción solo "code" es obligatorio'
)


class BadRequest(ValueError):
    """The JSON is no request; the message says what is wrong with it."""


def request_of(data: object) -> Request:
    """A request from its JSON.

    Raises:
        BadRequest: it does not have the shape.
    """
    if not isinstance(data, dict) or not isinstance(data.get("actions"), list):
        raise BadRequest(f"{_SHAPE}.")
    return Request(
        actions=tuple(_asked(one) for one in data["actions"]),
        token=_word(data, "token"),
        sent_on=_day(data, "sent_on"),
        month=_month(data, "month"),
    )


def as_json(reading: Reading, request: Request | None = None) -> dict[str, Any]:
    """The reading for a program; what was said of every action is written out when the request is known."""
    named = {one.code for one in reading.answers}
    rest = [one.code for one in request.actions if one.code not in named] if request else []
    answers = [line for one in reading.answers for line in _answer_lines(one, rest)]
    return {
        "kind": str(reading.kind),
        "text": reading.text,
        "automatic": reading.automatic,
        "returns_on": _iso(reading.returns_on),
        "failed_recipients": list(reading.failed_recipients),
        "token": next(iter(reading.tokens), None),
        "answers": answers,
        "letter": reading.letter or None,
        "wants_until": _iso(reading.wants_until),
        "new_contact": reading.new_contact or None,
        "answers_on": _iso(reading.answers_on),
        "reasons": list(reading.reasons),
    }


def _answer_lines(answer: Answer, rest: list[str]) -> list[dict[str, Any]]:
    codes = rest if rest and answer.code == EVERY_ACTION else [answer.code]
    return [
        {
            "action": code,
            "percent": answer.percent,
            "text": answer.text,
            "date": _iso(answer.day),
            "evidence": answer.evidence or None,
            "confidence": answer.confidence,
            "passage": answer.passage,
        }
        for code in codes
    ]


def _asked(data: object) -> Asked:
    if not isinstance(data, dict) or not _word(data, "code"):
        raise BadRequest(f"{_SHAPE}.")
    percent = data.get("percent")
    if percent is not None and (isinstance(percent, bool) or not isinstance(percent, int | float)):
        raise BadRequest(f"{data['code']}: «percent» es un número, o null si no hay avance anterior.")
    return Asked(_word(data, "code"), _word(data, "text"), _day(data, "due"), percent, _word(data, "narrative"))


def _word(data: dict[str, object], key: str) -> str:
    value = data.get(key)
    if value is not None and not isinstance(value, str):
        raise BadRequest(f"«{key}» es un texto. {_SHAPE}.")
    return (value or "").strip()


def _day(data: dict[str, object], key: str) -> date | None:
    text = _word(data, key)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as exc:
        raise BadRequest(f"«{key}» es una fecha AAAA-MM-DD: {text}.") from exc


def _month(data: dict[str, object], key: str) -> Month | None:
    text = _word(data, key)
    try:
        return Month.parse(text) if text else None
    except ValueError as exc:
        raise BadRequest(f"«{key}» es un mes AAAA-MM: {text}.") from exc


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
