"""Every number the method leaves open: default, key and check (R2: a global value, an override per initiative)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

KEYS: Mapping[str, str] = {
    "ventana.dias": "window_days",
    "ventana.tipo": "window_kind",
    "ventana.min_habiles": "window_min_habiles",
    "ventana.preaviso_habiles": "heads_up_habiles",
    "seguimiento.desde_dia": "report_from_day",
    "seguimiento.texto_min": "text_min",
    "seguimiento.texto_max": "text_max",
    "solicitud.habiles_antes": "request_habiles_before",
    "solicitud.reiteracion_habiles": "reminder_habiles_before",
    "no_respuesta.acercamientos": "silence_outreaches",
    "no_respuesta.habiles": "silence_habiles",
    "no_respuesta.aplazamientos": "silence_delays",
    "no_respuesta.aplazamiento_habiles": "silence_delay_habiles",
    "vencida.meses": "overdue_months",
    "nivel1.retencion_habiles": "hold_habiles",
    "nivel2.propuesta_habiles": "second_moment_habiles",
    "por_vencer.dias": "due_soon_days",
    "sin_fecha_aviso_meses": "undated_months",
    "proxima_reunion.dias": "next_meeting_days",
    "reunion_logros.cumplimiento_pct": "meeting_first_percent",
    "reunion_logros.paso_pct": "meeting_step_percent",
    "reunion_logros.meses": "meeting_months",
    "altas.max_reuniones": "max_entry_meetings",
    "altas.publicacion_habiles": "publish_habiles",
    "alto_nivel.meses": "high_level_months",
    "cierre.meses": "closing_months",
    "cierre.inicio": "closing_from",
    "cierre.pausa_detiene": "pause_stops",
    "cierre.primer_aviso_dias": "closing_first_notice_days",
    "cierre.segundo_aviso_dias": "closing_second_notice_days",
    "logros.periodicidad": "periodicity",
}


class UnknownThreshold(ValueError):
    """A configuration key that no rule reads, or a value of the wrong kind."""


@dataclass(frozen=True)
class Thresholds:
    """The method's defaults. Days are calendar days unless the name says hábiles."""

    window_days: int = 5
    window_kind: str = "calendario"
    window_min_habiles: int = 3
    heads_up_habiles: int = 2
    report_from_day: int = 20
    text_min: int = 15
    text_max: int = 1000
    request_habiles_before: int = 10
    reminder_habiles_before: int = 3
    silence_outreaches: int = 2
    silence_habiles: int = 10
    silence_delays: int = 2
    silence_delay_habiles: int = 5
    overdue_months: int = 1
    hold_habiles: int = 2
    second_moment_habiles: int = 10
    due_soon_days: int = 15
    undated_months: int = 2
    next_meeting_days: int = 15
    meeting_first_percent: int = 50
    meeting_step_percent: int = 25
    meeting_months: int = 4
    max_entry_meetings: int = 2
    publish_habiles: int = 5
    high_level_months: int = 2
    closing_months: int = 18
    closing_from: str = "lanzamiento"
    pause_stops: str = "no"
    closing_first_notice_days: int = 60
    closing_second_notice_days: int = 30
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
    "cierre.inicio": ("lanzamiento", "primera_accion"),
    "cierre.pausa_detiene": ("no", "si"),
}


def _word(key: str, value: object, source: str) -> str:
    if value not in WORDS[key]:
        raise UnknownThreshold(f"{source}: {key} es {' o '.join(WORDS[key])}, no «{value}»")
    return str(value)


def _count(key: str, value: object, source: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise UnknownThreshold(f"{source}: {key} es un número entero de 1 en adelante, no «{value}»")
    return value
