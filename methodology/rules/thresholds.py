"""Every number the method leaves open: default, key, label, check (R2: a global value, an override per initiative)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
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
    "contacto.verificacion_meses": "contact_check_months",
    "no_respuesta.acercamientos": "silence_outreaches",
    "no_respuesta.habiles": "silence_habiles",
    "no_respuesta.aplazamientos": "silence_delays",
    "no_respuesta.aplazamiento_habiles": "silence_delay_habiles",
    "no_respuesta.ausencia_dias": "absence_days",
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


LABELS: Mapping[str, tuple[str, str]] = {
    "ventana.dias": ("Duración de la ventana mensual de registro", "días"),
    "ventana.tipo": ("Clase de días de la ventana", ""),
    "ventana.min_habiles": ("Días hábiles con los que una ventana no requiere preaviso", "días hábiles"),
    "ventana.preaviso_habiles": ("Preaviso de una ventana con pocos días hábiles", "días hábiles"),
    "seguimiento.desde_dia": ("Día desde el que un seguimiento es del mes en curso", ""),
    "seguimiento.texto_min": ("Extensión mínima del avance cualitativo", "caracteres"),
    "seguimiento.texto_max": ("Extensión máxima del avance cualitativo", "caracteres"),
    "solicitud.habiles_antes": ("Solicitud a las entidades antes de la ventana", "días hábiles"),
    "solicitud.reiteracion_habiles": ("Reiteración antes de la fecha límite", "días hábiles"),
    "contacto.verificacion_meses": ("Periodicidad de la verificación del contacto", "meses"),
    "no_respuesta.acercamientos": ("Acercamientos previos a la alerta de no respuesta", "acercamientos"),
    "no_respuesta.habiles": ("Espera previa a la alerta de no respuesta", "días hábiles"),
    "no_respuesta.aplazamientos": ("Aplazamientos de la alerta por una fecha prometida", "aplazamientos"),
    "no_respuesta.aplazamiento_habiles": ("Duración máxima de cada aplazamiento", "días hábiles"),
    "no_respuesta.ausencia_dias": ("Espera máxima por la ausencia del contacto, desde la primera solicitud", "días"),
    "vencida.meses": ("Vencimiento que origina una alerta", "meses"),
    "nivel1.retencion_habiles": ("Revisión del líder técnico antes de elevar una alerta", "días hábiles"),
    "nivel2.propuesta_habiles": ("Espera previa a proponer el segundo momento", "días hábiles"),
    "por_vencer.dias": ("Aviso de acción próxima a vencer", "días"),
    "sin_fecha_aviso_meses": ("Espera previa al recordatorio de una acción sin fecha", "meses"),
    "proxima_reunion.dias": ("Espera previa al recordatorio de la próxima reunión", "días"),
    "reunion_logros.cumplimiento_pct": ("Cumplimiento con el que se sugiere una reunión de logros", "%"),
    "reunion_logros.paso_pct": ("Cumplimiento adicional con el que se sugiere la siguiente", "puntos"),
    "reunion_logros.meses": ("Tiempo máximo entre reuniones de logros", "meses"),
    "altas.max_reuniones": ("Reuniones de logros en que pueden ingresar acciones", "reuniones"),
    "altas.publicacion_habiles": ("Plazo para publicar la matriz actualizada", "días hábiles"),
    "alto_nivel.meses": ("Vencimiento que origina una Solución de alto nivel", "meses"),
    "cierre.meses": ("Plazo de ejecución de la matriz", "meses"),
    "cierre.inicio": ("Inicio del plazo de ejecución", ""),
    "cierre.pausa_detiene": ("Las pausas suspenden el plazo de ejecución", ""),
    "cierre.primer_aviso_dias": ("Primer aviso antes de cumplirse el plazo", "días"),
    "cierre.segundo_aviso_dias": ("Segundo aviso antes de cumplirse el plazo", "días"),
    "logros.periodicidad": ("Periodicidad del reporte de logros", ""),
}
"""What people read: the label and the unit of a value."""
GENERAL = ("solicitud.habiles_antes", "solicitud.reiteracion_habiles", "contacto.verificacion_meses")
"""R14: one mail covers an entity's actions of every initiative, so no initiative has its own days for it."""
WORDS: Mapping[str, tuple[str, ...]] = {
    "ventana.tipo": ("calendario", "habil"),
    "logros.periodicidad": ("bimestral", "quincenal"),
    "cierre.inicio": ("lanzamiento", "primera_accion"),
    "cierre.pausa_detiene": ("no", "si"),
}
_MOST_MONTHS = 120
_MOST_DAYS = 366
_MOST: Mapping[str, int] = {
    "ventana.dias": 28,
    "seguimiento.desde_dia": 28,
    "seguimiento.texto_min": 4000,
    "seguimiento.texto_max": 4000,
    "contacto.verificacion_meses": 12,
    "vencida.meses": _MOST_MONTHS,
    "sin_fecha_aviso_meses": _MOST_MONTHS,
    "reunion_logros.cumplimiento_pct": 100,
    "reunion_logros.paso_pct": 100,
    "reunion_logros.meses": _MOST_MONTHS,
    "alto_nivel.meses": _MOST_MONTHS,
    "cierre.meses": _MOST_MONTHS,
}
"""The largest value that makes sense: every month has 28 days, and a deadline must fall inside the calendar."""
_LONGEST_MONTH = 31


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
    contact_check_months: int = 3
    silence_outreaches: int = 2
    silence_habiles: int = 10
    silence_delays: int = 2
    silence_delay_habiles: int = 5
    absence_days: int = 15
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
            UnknownThreshold: everything that is wrong: an unknown key, a wrong type, values that contradict each other.
        """
        if problems := self.problems(values, source):
            raise UnknownThreshold("; ".join(problems))
        return replace(self, **{KEYS[key]: value for key, value in values.items()})

    def own(self, values: Mapping[str, Any], source: str) -> Thresholds:
        """The same for one initiative, which cannot have its own value of what spans several (R2, R14).

        Raises:
            UnknownThreshold: as `override`, or a key of `GENERAL`.
        """
        if general := [key for key in values if key in GENERAL]:
            names = " y ".join(general)
            raise UnknownThreshold(
                f"{source}: {names} es un valor general: una solicitud reúne las acciones de varias iniciativas"
            )
        return self.override(values, source)

    def problems(self, values: Mapping[str, Any], source: str) -> list[str]:
        """All that is wrong with `values`, each with its key; empty when they may be laid over these."""
        found = [f"{source}: {problem}" for key, value in values.items() if (problem := _wrong(key, value))]
        if found:
            return found
        laid = replace(self, **{KEYS[key]: value for key, value in values.items()})
        return [f"{source}: {problem}" for problem in laid.contradictions()]

    def contradictions(self) -> Iterator[str]:
        """What no single value shows: pairs that cannot both hold."""
        if self.text_min > self.text_max:
            yield f"seguimiento.texto_min ({self.text_min}) es mayor que seguimiento.texto_max ({self.text_max})"
        if self.reminder_habiles_before + 1 >= self.request_habiles_before:
            yield (
                f"solicitud.reiteracion_habiles ({self.reminder_habiles_before}) deja la reiteración antes de la "
                f"solicitud o en el mismo día: solicitud.habiles_antes ({self.request_habiles_before}) debe superarla "
                "en 2 o más"
            )
        if self.overdue_months > self.high_level_months:
            yield (
                f"vencida.meses ({self.overdue_months}) es mayor que alto_nivel.meses ({self.high_level_months}): la "
                "alerta precede a la Solución de alto nivel"
            )
        yield from self._closing_contradictions()

    def _closing_contradictions(self) -> Iterator[str]:
        first, second = self.closing_first_notice_days, self.closing_second_notice_days
        if second >= first:
            yield (
                f"cierre.segundo_aviso_dias ({second}) debe ser menor que cierre.primer_aviso_dias ({first}): el "
                "segundo aviso va más cerca del cierre"
            )
        if first > self.closing_months * _LONGEST_MONTH:
            yield (
                f"cierre.primer_aviso_dias ({first}) precede al inicio: supera el plazo de cierre.meses "
                f"({self.closing_months})"
            )


_ONE: Mapping[str, str] = {
    "días": "día",
    "días hábiles": "día hábil",
    "meses": "mes",
    "caracteres": "carácter",
    "acercamientos": "acercamiento",
    "aplazamientos": "aplazamiento",
    "reuniones": "reunión",
    "puntos": "punto",
}
_SAID: Mapping[object, str] = {"si": "sí", "habil": "hábil", "primera_accion": "primera acción"}


def shown(key: str, value: object) -> str:
    """A value with its unit, as people read it: «10 días hábiles», «1 mes», «sí»."""
    unit = LABELS[key][1]
    said = f"{value:,}".replace(",", ".") if isinstance(value, int) else _SAID.get(value, value)
    return f"{said} {_ONE.get(unit, unit) if value == 1 else unit}".strip()


def in_words(values: Mapping[str, Any]) -> dict[str, str]:
    """By `<name>_words`, the thresholds among `values` with their unit; the method's own where a value is missing."""
    defaults = Thresholds()
    return {f"{name}_words": shown(key, values.get(name, getattr(defaults, name))) for key, name in KEYS.items()}


def _wrong(key: str, value: object) -> str | None:
    """The Spanish reason why `value` cannot stand under `key`, or None."""
    if key not in KEYS:
        return f"la clave «{key}» no existe; use una de: {', '.join(KEYS)}"
    if key in WORDS:
        return None if value in WORDS[key] else f"{key} es {' o '.join(WORDS[key])}, no «{value}»"
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        return f"{key} es un número entero de 1 en adelante, no «{value}»"
    most = _MOST.get(key, _MOST_DAYS)
    return None if value <= most else f"{key} es un número entero de 1 a {most}, no «{value}»"
