"""R30–R33: a Solución de alto nivel and its measures, its outcome, the exit of an action."""

from __future__ import annotations

from methodology.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()
