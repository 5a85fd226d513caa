"""Every number the method leaves open: default, key and check (R2: a global value, an override per initiative)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

KEYS: Mapping[str, str] = {
    "ventana.dias": "window_days",
    "ventana.tipo": "window_kind",
    "solicitud.habiles_antes": "request_habiles_before",
    "solicitud.reiteracion_habiles": "reminder_habiles_before",
    "no_respuesta.acercamientos": "silence_outreaches",
    "no_respuesta.habiles": "silence_habiles",
    "nivel1.retencion_habiles": "hold_habiles",
    "por_vencer.dias": "due_soon_days",
    "cierre.meses": "closing_months",
    "logros.periodicidad": "periodicity",
}


class UnknownThreshold(ValueError):
    """A configuration key that no rule reads, or a value of the wrong kind."""


@dataclass(frozen=True)
class Thresholds:
    """The method's defaults. Days are calendar days unless the name says hábiles."""

    window_days: int = 5
    window_kind: str = "calendario"
    request_habiles_before: int = 10
    reminder_habiles_before: int = 3
    silence_outreaches: int = 2
    silence_habiles: int = 10
    hold_habiles: int = 2
    due_soon_days: int = 15
    closing_months: int = 18
    periodicity: str = "bimestral"

    def override(self, values: Mapping[str, Any], source: str) -> Thresholds:
        """These thresholds with `values` (by their Spanish key) laid over them; `source` names the file in errors.

        Raises:
            UnknownThreshold: an unknown key, a wrong type or a number that makes no sense.
        """
        changed: dict[str, Any] = {}
        kinds = {field.name: field.type for field in fields(self)}
        for key, value in values.items():
            if not (name := KEYS.get(key)):
                raise UnknownThreshold(f"{source}: la clave «{key}» no existe; use una de: {', '.join(KEYS)}")
            changed[name] = _word(key, value, source) if kinds[name] == "str" else _count(key, value, source)
        return replace(self, **changed)


WORDS: Mapping[str, tuple[str, ...]] = {
    "ventana.tipo": ("calendario", "habil"),
    "logros.periodicidad": ("bimestral", "quincenal"),
}


def _word(key: str, value: object, source: str) -> str:
    if value not in WORDS[key]:
        raise UnknownThreshold(f"{source}: {key} es {' o '.join(WORDS[key])}, no «{value}»")
    return str(value)


def _count(key: str, value: object, source: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UnknownThreshold(f"{source}: {key} es un número entero de 1 en adelante, no «{value}»")
    return value
