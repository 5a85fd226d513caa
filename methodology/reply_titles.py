"""What a reply that a person must read is called in Planning's tray; and when a request for more time is one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from methodology.readings import Answer, Reading
from methodology.rules.spanish import long_date, percent, plain

_CONFIRMS = ("sin cambio", "no ha cambiado", "no hay cambios", "no presenta cambios", "son correctos", "es correcto",
             "siguen vigentes", "sigue vigente", "sigue siendo", "confirmo", "confirmamos")  # fmt: skip
_DENIES = re.compile(r"\b(?:no (?:es correcto|son correctos|sigue)|ya no|cambio de|nuevo|nueva|pero)\b")
_SHOWN, _PASSAGE = 1_000, 120
NOTHING = "Respuesta de {short} sin avance reconocible"
WANTS = "solicita plazo hasta el {day}"
WANTS_FOR = "solicita plazo hasta el {day} para {code}"


def wants_later(reading: Reading) -> date | None:
    """The new date that it asks for, when it is not the one on which it promises to answer."""
    return reading.wants_until if reading.wants_until != reading.answers_on else None


def confirms_contact(text: str) -> bool:
    """R14: the answer to a check of the contact that says no more than that it stands."""
    shown = plain(text[:_SHOWN])
    return any(one in shown for one in _CONFIRMS) and not _DENIES.search(shown)


def title_of(short: str, reading: Reading, left_over: Sequence[str], doubtful: Sequence[str]) -> str:
    """What weighs most comes first; a date that is asked for is always told. `left_over` and `doubtful` are codes."""
    first = next(_titles(short, reading, left_over, doubtful), NOTHING.format(short=short))
    wants = _wants(reading)
    return first if first.endswith(wants) else f"{first}; {wants}"


def _wants(reading: Reading) -> str:
    until = wants_later(reading)
    if until is None:
        return ""
    return (WANTS_FOR if reading.wants_for else WANTS).format(day=long_date(until), code=reading.wants_for)


def _titles(short: str, reading: Reading, left_over: Sequence[str], doubtful: Sequence[str]) -> Iterator[str]:
    if left_over:
        yield f"{short} informó de acciones que no están abiertas a su cargo: {', '.join(left_over)}"
    if doubtful:
        yield f"Respuesta de {short} por confirmar: {', '.join(doubtful)}"
    if reading.letter:
        yield f"Documento de {short} por clasificar: {reading.letter}"
    if reading.new_contact:
        yield f"{short} indica un nuevo contacto: {reading.new_contact}"
    if wants := _wants(reading):
        yield f"{short} {wants}"
    if reading.unreadable:
        yield f"La respuesta de {short} {reading.unreadable}"
    if reading.answers_on:
        more = "su alerta ya está en curso" if reading.promises_only else "el correo dice algo más"
        yield f"{short} promete responder el {long_date(reading.answers_on)}; {more}"


def as_understood(answer: Answer) -> str:
    """One answer as it was read, with the words that it rests on."""
    figure = "sin cifra" if answer.percent is None else percent(answer.percent)
    return f"{answer.code}: {figure} («{answer.passage[:_PASSAGE]}»)"
