"""R12, R14: what an entity typed about one action, understood; else a sentence for each input that is not clear."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from methodology.form_page import LOWER, NOTHING, Typed
from methodology.method import Method
from methodology.rules.followup import COMPLETE
from methodology.rules.spanish import parse_date, parse_percent
from methodology.rules.spanish import percent as shown_percent
from storage.matrix import Action

TEXT_MAX = 4000
SHORT_MAX = 500
_MOTIVE_MIN = 5


@dataclass(frozen=True)
class Item:
    """One action's answer, understood. `evidence` is as typed; files are named apart."""

    action: Action
    percent: float | None
    text: str
    met_on: date | None
    evidence: str
    wants_due: date | None


@dataclass(frozen=True)
class Today:
    """The day and the limits that one page is read by."""

    today: date
    method: Method


def item_of(
    typed: Typed, action: Action, reading: Today, before: float | None, *, has_files: bool
) -> tuple[Item | None, dict[str, str]]:
    """The answer, or what it lacks by input; below `before`, the last percentage in force, it gives a reason."""
    problems: dict[str, str] = {}
    percent = _percent(typed, problems)
    met_on = _day(typed.met_on, "met_on", reading, problems)
    due = _day(typed.due, "due", reading, problems)
    _check_text(typed, reading.method.of(action.initiative).text_min, problems)
    _check_compliance(typed, percent, met_on, reading, problems, has_files=has_files)
    is_lower = percent is not None and before is not None and percent < before
    if is_lower:
        _check_reason(typed, before, problems)
    if due is not None and due <= reading.today and "due" not in problems:
        problems["due"] = "La fecha propuesta debe ser posterior a hoy."
    if len(typed.evidence) > SHORT_MAX:
        problems["evidence"] = f"Escriba el enlace o el nombre en {SHORT_MAX} caracteres como máximo."
    if problems:
        return None, problems
    text = f"{NOTHING}{typed.text}" if typed.nothing else typed.text
    text = f"{text}\n{LOWER}{typed.reason}" if is_lower else text
    wants_due = due if due != action.due else None
    return Item(action, percent, text, met_on if percent == COMPLETE else None, typed.evidence, wants_due), {}


def _percent(typed: Typed, problems: dict[str, str]) -> float | None:
    if typed.nothing:
        if typed.percent:
            problems["percent"] = "Marcó «Sin avance este mes»: deje el porcentaje en blanco, o quite la marca."
        return None
    if not typed.percent:
        problems["percent"] = "Indique el avance acumulado, de 0 a 100, o marque «Sin avance este mes»."
        return None
    try:
        return parse_percent(typed.percent)
    except ValueError as exc:
        problems["percent"] = f"{exc}."
        return None


def _day(text: str, name: str, reading: Today, problems: dict[str, str]) -> date | None:
    try:
        return parse_date(text, reading.today) if text else None
    except ValueError as exc:
        problems[name] = f"{exc}."
        return None


def _check_text(typed: Typed, least: int, problems: dict[str, str]) -> None:
    length = len(typed.text)
    so_far = f" (van {length})" if length else ""
    if length > TEXT_MAX:
        problems["text"] = f"La descripción tiene {_number(length)} caracteres: resúmala en {_number(TEXT_MAX)}."
    elif typed.nothing and length < _MOTIVE_MIN:
        problems["text"] = "Escriba el motivo por el que no hubo avance este mes."
    elif not typed.nothing and length < least:
        problems["text"] = f"Describa el avance, en al menos {least} caracteres{so_far}."


def _check_reason(typed: Typed, before: float | None, problems: dict[str, str]) -> None:
    """R12: a progress below the one before says why."""
    if len(typed.reason) < _MOTIVE_MIN:
        shown = shown_percent(before or 0)
        problems["reason"] = f"El avance es menor que el último registrado ({shown}): indique el motivo."
    elif len(typed.reason) > SHORT_MAX:
        problems["reason"] = f"Escriba el motivo en {SHORT_MAX} caracteres como máximo."


def _check_compliance(
    typed: Typed,
    percent: float | None,
    met_on: date | None,
    reading: Today,
    problems: dict[str, str],
    *,
    has_files: bool,
) -> None:
    """R12: 100 % says since when, and with what evidence."""
    if percent != COMPLETE:
        if met_on is not None and "percent" not in problems:
            problems["met_on"] = (
                "La fecha de cumplimiento va con un avance de 100 %: corrija el avance o quite la fecha."
            )
        return
    if met_on is None:
        problems.setdefault("met_on", "Con 100 % indique en qué fecha se cumplió la acción.")
    elif met_on > reading.today:
        problems["met_on"] = "La fecha de cumplimiento no puede ser posterior a hoy."
    if not typed.evidence and not has_files:
        problems["evidence"] = "Con 100 % indique la evidencia: un enlace, un número de documento o un archivo."


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")
