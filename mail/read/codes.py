"""The codes of actions in a mail, as people type them. Only known ones: COVID-19 is none."""

from __future__ import annotations

import re
from collections.abc import Collection

from methodology.rules.codes import CODE, PATTERN, parts

_LEAD = re.compile(
    rf"(?:(?:la\s|las\s|el\s)?(?:acci[oó]n|acciones|c[oó]digos?|cod\.?)\s{{1,3}})?"
    rf"({PATTERN}(?:\s?(?:,|;|/|&|\sy|\se)\s?[A-Za-z]{{2,5}}\s?[-–—‑_]?\s?\d{{1,3}}(?![\d/])){{0,30}})",
    re.IGNORECASE,
)


class Codes:
    """The known codes, found however they are written."""

    def __init__(self, known: Collection[str]) -> None:
        self._by_parts = {parts(match): code for code in known if (match := CODE.fullmatch(code))}

    def exactly(self, text: str) -> str | None:
        """The code that is all of `text`."""
        match = CODE.fullmatch(text.strip(" .:*"))
        return self._by_parts.get(parts(match)) if match else None

    def leading(self, line: str) -> tuple[list[str], str]:
        """The codes that `line` begins with («AST-04», «AST-04 y AST-05», «Acción AST-04»), and what follows them."""
        match = _LEAD.match(line)
        if match is None:
            return [], line
        found = [self._by_parts.get(parts(one)) for one in CODE.finditer(match[1])]
        if found[0] is None:
            return [], line
        return [code for code in found if code is not None], line[match.end() :]
