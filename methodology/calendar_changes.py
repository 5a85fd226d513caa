"""The institutional days off: what a change moves, shown before it is applied (R47)."""

from __future__ import annotations

from methodology.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()
