"""R35–R37: the proposal to close, its confirmation, the closing report, the end."""

from __future__ import annotations

from methodology.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()
