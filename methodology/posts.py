"""Who holds which post from when, acting or not, and who is away (R11)."""

from __future__ import annotations

from methodology.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()
