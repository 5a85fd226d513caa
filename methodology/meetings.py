"""R4–R8, R24, R25, R27, R28, R34: launches, internal meetings and reuniones de logros."""

from __future__ import annotations

from methodology.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()
