"""What people change in a matrix by hand (R3, R10–R13), as rows of the table of operations."""

from __future__ import annotations

from methodology.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()
