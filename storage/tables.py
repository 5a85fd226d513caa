"""Every table: importing this registers them all with `Base.metadata`."""

from __future__ import annotations

from storage import history, ledger, life, matrix

__all__ = ["history", "ledger", "life", "matrix"]
