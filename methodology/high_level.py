"""R41–R44: the Equipo de Alto Nivel of an initiative."""

from __future__ import annotations

from methodology.operation import Operation

OPERATIONS: tuple[Operation, ...] = ()
