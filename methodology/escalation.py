"""R17, R18: what people do about an alert: first moment, the Minister, second moment."""

from __future__ import annotations

from methodology.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()
