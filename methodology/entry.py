"""R7, R26–R29: how actions, obstacles and solutions come into a matrix."""

from __future__ import annotations

from methodology.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()
