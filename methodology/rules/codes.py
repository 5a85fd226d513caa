"""The codes of actions as people type them: «AST-04», «ast 4», «AST–04»."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches

from methodology.rules.spanish import one_of

PATTERN = r"(?<![A-Za-z0-9])([A-Za-z]{2,5})\s?[-–—‑_.]?\s?(\d{1,3})(?![\d/])"
CODE = re.compile(PATTERN)
_FEW = 3


def parts(match: re.Match[str]) -> tuple[str, int]:
    """The letters and the number of a match of CODE: what makes two writings the same code."""
    return match[1].upper(), int(match[2])


def letters(text: str) -> str:
    """«AST» of «ast-4»; nothing for what is not written like a code."""
    match = CODE.fullmatch(text.strip())
    return match[1].upper() if match else ""


def meant(text: str, known: Collection[str]) -> str | None:
    """The one known code that is all of `text`, as it is or as people type it; None for none and for several."""
    wanted = text.strip().upper()
    if wanted in known:
        return wanted
    if (match := CODE.fullmatch(wanted)) is None:
        return None
    same = [code for code in known if (one := CODE.fullmatch(code)) and parts(one) == parts(match)]
    return same[0] if len(same) == 1 else None


def nearest(text: str, known: Collection[str]) -> str:
    """«¿Quiso decir AST-04?» for what is written like a code; nothing for other words."""
    wanted = text.strip().upper()
    near = get_close_matches(wanted, sorted(known), n=_FEW) if CODE.fullmatch(wanted) else []
    return f"¿Quiso decir {one_of(near)}?" if near else ""
