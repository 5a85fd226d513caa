"""R14, R16: approaches and answers that did not come by mail: a call, a meeting, an official letter."""

from __future__ import annotations

from methodology.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()
