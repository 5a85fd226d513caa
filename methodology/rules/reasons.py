"""Why a rule falls on a day: one Spanish sentence with the rule, its inputs, the days that do not count, the result."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from methodology.rules.calendar import WorkCalendar
from methodology.rules.deadlines import deadlines_of
from methodology.rules.months import add_months
from methodology.rules.spanish import full_date, long_date, month_name, one_stop
from methodology.rules.table import RULES
from methodology.rules.thresholds import Thresholds, in_words, shown

_DAY = timedelta(days=1)
_NUMBER = re.compile(r"^R\d+[:,] ")
_A_MONTH = Thresholds().overdue_months
_IN_WORDS = {1: "un mes", 2: "dos meses"}


@dataclass(frozen=True)
class Reason:
    """One rule, the day it speaks of (None: no day), and why it is that day, after the rule's number.

    `notice` is what goes out that day, when it is not the rule's first one: «R14.reiteracion».
    """

    rule: str
    on: date | None
    sentence: str
    notice: str = ""

    @property
    def words(self) -> str:
        """The sentence for people, who know no numbers of rules."""
        told = _NUMBER.sub("", self.sentence)
        return told[:1].upper() + told[1:]


def months(count: int) -> str:
    """«un mes», «dos meses», «3 meses»."""
    return _IN_WORDS.get(count, f"{count} meses")


def habiles(count: int) -> str:
    return "1 día hábil" if count == 1 else f"{count} días hábiles"


def named(calendar: WorkCalendar, days: Iterable[date]) -> str:
    """«el 14 de noviembre de 2026 es sábado y el 16 de noviembre de 2026 es festivo (…)»; «» when all are hábiles."""
    told = [f"el {long_date(day)} es {why}" for day in days if (why := calendar.why_not(day))]
    return " y ".join(filter(None, (", ".join(told[:-1]), *told[-1:])))


def between(first: date, last: date) -> list[date]:
    """The days strictly after `first` and up to `last`."""
    return [first + _DAY * n for n in range(1, (last - first).days + 1)]


def counted(calendar: WorkCalendar, first: date, count: int) -> tuple[date, str]:
    """`count` hábil days after `first`: the day, and «(no cuentan: …)» with the days passed over."""
    reached = calendar.add(first, count)
    passed_over = named(calendar, between(first, reached))
    return reached, f" (no cuentan: {passed_over})" if passed_over else ""


def delivered(calendar: WorkCalendar, day: date) -> tuple[date, str]:
    """When what is recorded on `day` is handed over: the day, and the end of a sentence that says why."""
    goes = calendar.on_or_after(day)
    if goes == day:
        return goes, "y se entrega ese mismo día"
    why = named(calendar, [day, *between(day, goes - _DAY)])
    return goes, f"y, como {why}, se entrega el {full_date(goes)}"


def due_soon(due: date, set_on: date | None, calendar: WorkCalendar, limits: Thresholds) -> Reason:
    """R19: p, the last hábil day on or before due−15; a date set (or launched) after p counts from that day."""
    before = due - timedelta(days=limits.due_soon_days)
    goes = deadlines_of(due, calendar, limits).due_soon_on
    sentence = f"R19: {limits.due_soon_days} días antes del vencimiento es el {full_date(before)}"
    if goes == before:
        sentence += ", día hábil: ese día va el aviso de próximo vencimiento al líder técnico."
    else:
        why = named(calendar, reversed([goes + _DAY, *between(goes + _DAY, before)]))
        sentence += f"; {why}: el aviso de próximo vencimiento va el último día hábil anterior, el {full_date(goes)}."
    if set_on is None or set_on <= goes:
        return Reason("R19", goes, sentence)
    slot = calendar.on_or_after(set_on)
    late = f"La fecha rige desde después, el {long_date(set_on)}: "
    if slot > due:
        return Reason("R19", None, f"{sentence} {late}no queda un día hábil antes del vencimiento y no hay aviso.")
    return Reason("R19", slot, f"{sentence} {late}el aviso va en el primer momento hábil, el {full_date(slot)}.")


def overdue(due: date, set_on: date | None, calendar: WorkCalendar, limits: Thresholds) -> Reason:
    """R15: recorded on m(due, 1) itself, delivered on the next hábil day."""
    falls = deadlines_of(due, calendar, limits).overdue_month_on
    on = max(falls, set_on) if set_on else falls
    later = "" if on == falls else f" (pero la fecha rige desde el {long_date(on)})"
    _, goes = delivered(calendar, on)
    return Reason(
        "R15",
        on,
        f"R15: {months(limits.overdue_months)} después del vencimiento es el {full_date(falls)}{later}; si la acción "
        f"sigue vigente, el {long_date(on)} se registra la alerta de vencida {goes}.",
    )


def held(told_on: date, calendar: WorkCalendar, limits: Thresholds, *, is_fact: bool) -> Reason:
    """R17: what the leader has to annotate or correct, counted from the delivery."""
    rises, skipped = counted(calendar, told_on, limits.hold_habiles)
    told = "la alerta se entregó" if is_fact else "si la alerta se entrega"
    return Reason(
        "R17",
        rises,
        f"R17: {told} al líder técnico el {full_date(told_on)}: tiene {habiles(limits.hold_habiles)} para anotar o "
        f"corregir{skipped}; si sigue abierta, sube al Viceministerio el {full_date(rises)}.",
    )


def second_moment(told_on: date, calendar: WorkCalendar, limits: Thresholds) -> Reason:
    """R18: the proposal, when neither acknowledgement nor progress followed the decision card."""
    on, skipped = counted(calendar, told_on, limits.second_moment_habiles)
    return Reason(
        "R18",
        on,
        f"R18: la tarjeta de decisión se entregó el {full_date(told_on)}; sin acuse ni gestión vigentes, ni avance, "
        f"a los {habiles(limits.second_moment_habiles)}{skipped} se propone el segundo momento: el {full_date(on)}.",
        "R18.propuesta",
    )


def high_level(due: date, calendar: WorkCalendar, limits: Thresholds) -> Reason:
    """R30: strictly more than two months."""
    last, on = add_months(due, limits.high_level_months), deadlines_of(due, calendar, limits).high_level_on
    _, goes = delivered(calendar, on)
    return Reason(
        "R30",
        on,
        f"R30: {months(limits.high_level_months)} después del vencimiento es el {full_date(last)}; los supera el "
        f"{full_date(on)}: si sigue vigente, ese día hace parte de una Solución de alto nivel {goes}.",
    )


def silence(first_on: date, outreaches: int, calendar: WorkCalendar, limits: Thresholds) -> Reason:
    """R16: outreaches and hábil days since the first without a substantive reply."""
    on, skipped = counted(calendar, first_on, limits.silence_habiles)
    so_far = "va 1 acercamiento" if outreaches == 1 else f"van {outreaches} acercamientos"
    return Reason(
        "R16",
        on,
        f"R16: el primer acercamiento fue el {full_date(first_on)} y {so_far} (se requieren "
        f"{limits.silence_outreaches}); los {habiles(limits.silence_habiles)} sin respuesta de fondo{skipped} se "
        f"cumplen el {full_date(on)}.",
    )


def why(
    rule_id: str,
    *,
    subject: str,
    due: date | None,
    recorded_on: date,
    deliver_on: date,
    inputs: Mapping[str, Any],
    skipped: Mapping[str, str],
) -> str:
    """One Spanish sentence: inputs, days skipped (with their reason) and result.

    `inputs` is what was stored with the notice: thresholds and `period` (AAAA-MM); `skipped` maps the days that were
    passed over to why they are not hábiles.
    """
    values: dict[str, Any] = {**in_words(inputs), **inputs, "subject": subject, "recorded_on": long_date(recorded_on)}
    values["due"] = long_date(due) if due else ""
    values["overdue_on"] = long_date(add_months(due, inputs.get("overdue_months", _A_MONTH))) if due else ""
    values["outreaches_words"] = shown("no_respuesta.acercamientos", inputs.get("outreaches", 0))
    if period := inputs.get("period"):
        values["period_name"] = month_name(int(period[:4]), int(period[5:7]))
    for key in ("launch", "first_outreach", "told_on", "raised_told_on", "held_on", "paused_on"):
        if key in inputs:
            values[key] = long_date(date.fromisoformat(inputs[key]))
    values["waited"] = _waited(inputs)
    values["decision"] = _decision(inputs)
    values["until_day"] = _until_day(inputs)
    lapsed = inputs.get("lapsed")
    values["unattended"] = f". {lapsed} sin avance" if lapsed else " sin acuse ni avance"
    values["moved"] = _moved(recorded_on, deliver_on, skipped)
    return one_stop(RULES[rule_id].why.format_map(values))


def _waited(inputs: Mapping[str, Any]) -> str:
    """R14, R16: that it waited for a day, and why."""
    if "waited_until" not in inputs:
        return ""
    day = long_date(date.fromisoformat(inputs["waited_until"]))
    return f" Se esperó hasta el {day}: {_WAITED_FOR[inputs['waited_for']]}."


def _decision(inputs: Mapping[str, Any]) -> str:
    """R17: who decided what about the alert that is named next."""
    did = _DECIDED.get(inputs.get("what", ""), "registró una decisión sobre")
    return f"{inputs.get('by', '')} {did.format(person=inputs.get('person', ''))}".strip()


def _until_day(inputs: Mapping[str, Any]) -> str:
    if not inputs.get("until"):
        return ""
    promised = ", con compromiso" if inputs.get("what") == "acuso" else ""
    return f"{promised} para el {long_date(date.fromisoformat(inputs['until']))}"


_DECIDED = {
    "acuso": "acusó recibo de",
    "gestion": "asignó a {person} la gestión de",
    "ministro": "elevó al despacho ministerial",
    "segundo_momento": "llevó al Equipo de Alto Nivel",
    "atendida": "dio por atendida",
    "informacion": "pidió más información sobre",
}
_WAITED_FOR = {"ausencia": "el contacto informó su ausencia", "promesa": "la entidad prometió responder"}


def _moved(recorded_on: date, deliver_on: date, skipped: Mapping[str, str]) -> str:
    if deliver_on == recorded_on:
        return ""
    reasons = ", ".join(f"{long_date(date.fromisoformat(day))}: {reason}" for day, reason in skipped.items())
    return f" Se entrega el {full_date(deliver_on)}" + (f" ({reasons})." if reasons else ".")
