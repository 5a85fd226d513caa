"""How a frozen content's values are read aloud: ISO dates and floats become what officials write."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from methodology.rules.months import Month
from methodology.rules.snapshot import SHOWN, digest_of
from methodology.rules.spanish import long_date, month_name, percent, short_date

Content = Mapping[str, Any]
UNDATED = "Sin fecha"
NO_REPORT = "Sin reporte"
TOLD_HERE = "Se informa en este documento"


def long_day(iso: str | None) -> str:
    """«5 de noviembre de 2026», or «Sin fecha»."""
    return long_date(date.fromisoformat(iso)) if iso else UNDATED


def short_day(iso: str | None) -> str:
    """«5/11/2026», or «Sin fecha»."""
    return short_date(date.fromisoformat(iso)) if iso else UNDATED


def said(value: float | None) -> str:
    """«25,5 %», or «Sin reporte»."""
    return NO_REPORT if value is None else percent(value)


def month(iso: str | None) -> str:
    """«octubre de 2026» of `2026-10`; nothing for a report that came with the matrix."""
    if not iso:
        return ""
    found = Month.parse(iso)
    return month_name(found.year, found.number)


def times(moves: int) -> str:
    """«reprogramada una vez», «reprogramada 2 veces»."""
    return "reprogramada una vez" if moves == 1 else f"reprogramada {moves} veces"


def fingerprint(content: Content) -> str:
    """The hash's first characters, as documents show it."""
    return digest_of(content)[:SHOWN]


def subtitle(content: Content) -> str:
    """The line under a document's title: its own, its period, or the matrix's version."""
    if "subtitle" in content:
        return str(content["subtitle"])
    period = content.get("period")
    return period["label"] if period else f"Versión {content['initiative']['matrix_version']} de la matriz"


def file_stem(content: Content) -> str:
    """`logros-biologicos-2026-B5-v1`, `cierre-biologicos-v1`, `matriz-biologicos` for the current matrix.

    `matriz-biologicos-2026-10-03` for that of a past day, `reunion-biologicos-7` for a meeting's document.
    """
    stem = f"{content['kind']}-{content['initiative']['slug'].replace('_', '-')}"
    period = content.get("period")
    if period:
        code = "" if period["code"] == content["kind"] else f"-{period['code']}"
        return f"{stem}{code}-v{content['version']}"
    mark = content.get("number") or content.get("as_of")
    return f"{stem}-{mark}" if mark else stem


def from_capital(text: str) -> str:
    """With its first letter in upper case, and the others as they are."""
    return text[:1].upper() + text[1:]
