"""The reference of a request, `SR-7K3M-Q2XW`: identifies it in subject and footer, and never authenticates (R14).

Crockford's base32 (no I, L, O, U) with a check character, so that a reference typed by hand is either right or none.
"""

from __future__ import annotations

import hmac
import re

HIDDEN_SHEET = "Referencia"
HIDDEN_TITLE = "Referencia de la solicitud"
"""Where the workbook that travels with a request keeps its reference; by it the workbook is known to be ours."""
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BASE = len(ALPHABET)
_SYMBOLS = 7
_ALIKE = str.maketrans("OILU", "011V")
_GAP = r"[\s\-‐‑–—_]{0,3}"
_WRITTEN = re.compile(rf"(?<![A-Za-z0-9])[Ss]{_GAP}[Rr]{_GAP}((?:[0-9A-Za-z]{_GAP}){{7}}[0-9A-Za-z])(?![0-9A-Za-z])")


def token(secret: bytes, entity_id: int, month: str) -> str:
    """The reference of one entity's request of `month` (AAAA-MM); the same every time."""
    digest = hmac.digest(secret, f"{entity_id}:{month}".encode(), "sha256")
    number = int.from_bytes(digest[:8], "big")
    symbols = "".join(ALPHABET[(number >> (5 * place)) % _BASE] for place in range(_SYMBOLS))
    return _shown(symbols + ALPHABET[-_luhn(symbols, 2) % _BASE])


def find_all(text: str) -> tuple[str, ...]:
    """Every valid reference in `text`, in order, each once; O/0 and I/1/L are alike, gaps and case do not matter."""
    found = (_canonical(match[1]) for match in _WRITTEN.finditer(text))
    return tuple(dict.fromkeys(_shown(symbols) for symbols in found if _holds(symbols)))


def find(text: str) -> str | None:
    """The first valid reference in `text`."""
    return next(iter(find_all(text)), None)


def _canonical(written: str) -> str:
    return "".join(c for c in written.upper() if c.isalnum()).translate(_ALIKE)


def _holds(symbols: str) -> bool:
    return all(c in ALPHABET for c in symbols) and _luhn(symbols, 1) % _BASE == 0


def _luhn(symbols: str, factor: int) -> int:
    """Luhn's sum in base 32: catches every single wrong symbol and nearly every swap of two neighbours."""
    total = 0
    for symbol in reversed(symbols):
        total += sum(divmod(ALPHABET.index(symbol) * factor, _BASE))
        factor = 3 - factor
    return total


def _shown(symbols: str) -> str:
    return f"SR-{symbols[:4]}-{symbols[4:]}"
