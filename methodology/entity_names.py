"""Which entity of the directory a cell means, however it was written; and what to do when it is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from methodology.rules.spanish import plain

_BETWEEN = re.compile(r"\s*[/,]\s*|\s+y\s+", re.IGNORECASE)
_ALIKE = 0.8


class EntityNames:
    """The directory's names, by the whole name or the acronym in parentheses: accents, case and spaces do not count."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[str, list[str]] = {}
        for name in dict.fromkeys(names):
            for key in {plain(name), plain(_acronym(name))} - {""}:
                self._names.setdefault(key, []).append(name)

    def __bool__(self) -> bool:
        """Without a directory nothing can be said of a name: that it is missing was said of the file."""
        return bool(self._names)

    def find(self, text: str) -> str | None:
        """The one name that is meant, as the directory has it."""
        found = self._names.get(plain(text), [])
        return found[0] if len(found) == 1 else None

    def unknown(self, text: str) -> str:
        """Why `text` is no entity, and what to write instead."""
        if self._several(text):
            return f"«{text}» nombra varias entidades: sepárelas con punto y coma"
        near = did_you_mean(text, {key: names[0] for key, names in self._names.items()})
        return f"«{text}» no está en entidades.csv{near}"

    def _several(self, text: str) -> bool:
        for between in _BETWEEN.finditer(text):
            rest = text[between.end() :]
            if self.find(text[: between.start()]) and (self.find(rest) or self._several(rest)):
                return True
        return False


def did_you_mean(text: str, known: Mapping[str, str]) -> str:
    """«: ¿quiso decir «…»?» with the nearest of the known (plain words → as it is written), or nothing."""
    near = get_close_matches(plain(text), known, n=1, cutoff=_ALIKE)
    return f": ¿quiso decir «{known[near[0]]}»?" if near else ""


def _acronym(name: str) -> str:
    head, _, tail = name.rpartition("(")
    return tail.removesuffix(")") if head and tail.endswith(")") else ""
