"""What a card's inputs say, as a FollowUpInput. Values come from outside: anything may be missing or mistyped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from methodology.rules.followup import AchievementInput, FollowUpInput
from methodology.rules.spanish import parse_date, parse_percent

FIELDS = (
    "percent",
    "text",
    "reason",
    "met_on",
    "evidence",
    "confirmed_same",
    "blocker",
    "help_needed",
    "is_achievement",
    "achievement_text",
    "achievement_priority",
    "achievement_kind",
)
_LONGEST = 4000
_Value = TypeVar("_Value")


def typed(values: Mapping[str, Any]) -> dict[str, str]:
    """The known inputs as text, to be shown again; whatever else was sent is dropped."""
    texts = {name: values[name] for name in FIELDS if isinstance(values.get(name), str | int | float)}
    return {name: _text(value) for name, value in texts.items()}


def follow_up_of(values: Mapping[str, Any], today: date) -> tuple[FollowUpInput, dict[str, str]]:
    """The answer, and by input id what could not be read."""
    given = typed(values)
    problems: dict[str, str] = {}
    answer = FollowUpInput(
        percent=_read("percent", given, problems, parse_percent),
        text=given.get("text", "").strip(),
        met_on=_read("met_on", given, problems, lambda text: parse_date(text, today)),
        evidence=given.get("evidence", "").strip(),
        reason=given.get("reason", "").strip(),
        confirmed_same=given.get("confirmed_same") == "true",
        achievement=_achievement(given),
        blocker=given.get("blocker", "").strip(),
        help_needed=given.get("help_needed", "").strip(),
    )
    return answer, problems


def as_typed(answer: FollowUpInput) -> dict[str, str]:
    """An answer as the card's inputs would hold it."""
    logro = answer.achievement
    values = {
        "percent": "" if answer.percent is None else f"{answer.percent:g}",
        "text": answer.text,
        "reason": answer.reason,
        "met_on": answer.met_on.isoformat() if answer.met_on else "",
        "evidence": answer.evidence,
        "confirmed_same": "true" if answer.confirmed_same else "",
        "blocker": answer.blocker,
        "help_needed": answer.help_needed,
        "is_achievement": "true" if logro else "",
        "achievement_text": logro.text if logro else "",
        "achievement_priority": logro.priority if logro else "",
        "achievement_kind": logro.kind if logro else "",
    }
    return {name: values[name] for name in FIELDS if values[name]}


def _text(value: str | float) -> str:
    """A client may send a number or a truth value as itself; 85.0 is written 85."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float) else str(value)[:_LONGEST]


def _read(
    name: str, given: Mapping[str, str], problems: dict[str, str], parse: Callable[[str], _Value]
) -> _Value | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        return parse(text)
    except ValueError as error:
        problems[name] = f"{error}."
        return None


def _achievement(given: Mapping[str, str]) -> AchievementInput | None:
    """Marked as a logro, or its text written: whoever wrote one meant it."""
    text = given.get("achievement_text", "").strip()
    if given.get("is_achievement") != "true" and not text:
        return None
    return AchievementInput(text, given.get("achievement_priority", ""), given.get("achievement_kind", ""))
