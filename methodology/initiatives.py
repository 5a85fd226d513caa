"""The life of an initiative: candidate, validation, construction, pause, own pace (R2, R38–R40)."""

from __future__ import annotations

from methodology.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()
