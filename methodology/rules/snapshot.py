"""What makes a snapshot one thing for ever: its canonical bytes and their hash (R22)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

SHOWN = 12


def canonical(content: Mapping[str, Any]) -> bytes:
    """The same content gives the same bytes, whatever the order of its keys."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical bytes, in hexadecimal; documents show its first `SHOWN` characters."""
    return sha256(canonical(content)).hexdigest()
