"""The codes of actions in a mail, as people type them. Only known ones: COVID-19 is none."""

from __future__ import annotations

import re
from collections.abc import Collection

from methodology.rules.codes import CODE, PATTERN, parts

_FORM = re.compile(r"[A-Za-z]{3}[-–—‑]\d{2}")
_LEAD = re.compile(
    rf"(?:(?:la\s|las\s|el\s)?(?:acci[oó]n|acciones|c[oó]digos?|cod\.?)\s{{1,3}})?"
    rf"({PATTERN}(?:\s?(?:,|;|/|&|\sy|\se)\s?[A-Za-z]{{2,5}}\s?[-–—‑_]?\s?\d{{1,3}}(?![\d/])){{0,30}})",
    re.IGNORECASE,
)


class Codes:
    """The known codes, found however they are written; without a list (None), whatever has their form, `AAA-NN`."""

    def __init__(self, known: Collection[str] | None) -> None:
        self._by_form = known is None
        self._by_parts = {parts(match): code for code in known or () if (match := CODE.fullmatch(code))}

    def exactly(self, text: str) -> str | None:
        """The code that is all of `text`."""
        match = CODE.fullmatch(text.strip(" .:*"))
        return self._named(match) if match else None

    def leading(self, line: str) -> tuple[list[str], str]:
        """The codes that `line` begins with («AST-04», «AST-04 y AST-05», «Acción AST-04»), and what follows them."""
        match = _LEAD.match(line)
        if match is None:
            return [], line
        found = [self._named(one) for one in CODE.finditer(match[1])]
        if found[0] is None:
            return [], line
        return [code for code in found if code is not None], line[match.end() :]

    def inside(self, text: str) -> list[str]:
        """The codes named anywhere in `text`, each once."""
        found = (self._named(match) for match in CODE.finditer(text))
        return list(dict.fromkeys(code for code in found if code is not None))

    def _named(self, match: re.Match[str]) -> str | None:
        if not self._by_form:
            return self._by_parts.get(parts(match))
        return f"{match[1].upper()}-{match[2]}" if _FORM.fullmatch(match[0]) else None
