"""Every table: importing this registers them all with `Base.metadata`."""

from __future__ import annotations

from storage import forms, history, ledger, life, matrix

__all__ = ["forms", "history", "ledger", "life", "matrix"]
