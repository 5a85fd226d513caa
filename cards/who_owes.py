"""/quien-falta: who has not reported this month, and which entities have not answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cards.missing_list import MissingOf, missing_block
from cards.parts import Element, card, clip, container, count, fitting, heading, listed, safe, text
from methodology.rules.months import Month
from methodology.rules.spanish import month_name, short_date

TITLE = "Quién falta"
LEADERS = "Líderes técnicos"
ENTITIES = "Entidades responsables"
ALL_REPORTED = "No falta ningún seguimiento de las ventanas abiertas."
NOT_YET = "**{initiative}:** la ventana abre el {first}."
ALL_ANSWERED = "Ninguna entidad tiene una solicitud sin responder."
WAITS = "Un correo suyo espera en la bandeja."
SILENT = "Solicitud de {month}: {approaches}, el último el {last}."
MORE = "Indique la iniciativa: /quien-falta y su nombre."
PAGE = 20
_HALF = 11 * 1024


@dataclass(frozen=True)
class SilentOf:
    """An entity that has not answered what it was asked about `month`; `waits`: a mail of theirs is in the tray."""

    entity: str
    month: Month
    codes: tuple[str, ...]
    approaches: int
    last_on: date
    waits: bool = False


@dataclass(frozen=True)
class NotYet:
    """An initiative of which nothing is owed before the window opens, on `first`."""

    initiative: str
    first: date


@dataclass(frozen=True)
class WhoOwes:
    """`rows` are the initiatives with something missing; `subtitle` says which were looked at."""

    subtitle: str
    rows: tuple[MissingOf, ...]
    silent: tuple[SilentOf, ...]
    not_yet: tuple[NotYet, ...] = ()


def who_owes(data: WhoOwes) -> Element:
    rows = fitting([missing_block(row) for row in data.rows], PAGE, _HALF)
    common = _common(data.silent)
    silent = fitting([_silent(one, common) for one in data.silent], PAGE, _HALF)
    not_yet = [
        NOT_YET.format(initiative=safe(clip(one.initiative, 80)), first=short_date(one.first)) for one in data.not_yet
    ]
    return card(
        heading(TITLE, data.subtitle),
        _section(LEADERS),
        *(rows or [text(ALL_REPORTED)]),
        listed(len(rows), len(data.rows), "iniciativas", MORE),
        *[text(line, size="Small", subtle=True) for line in not_yet[:PAGE]],
        _section(ENTITIES),
        text(common, size="Small", subtle=True) if common else None,
        *(silent or [text(ALL_ANSWERED)]),
        listed(len(silent), len(data.silent), "entidades", MORE),
    )


def summary(data: WhoOwes) -> str:
    owed = count(sum(len(row.codes) for row in data.rows), "acción sin reporte", "acciones sin reporte")
    return f"{owed}; {count(len(data.silent), 'entidad sin responder', 'entidades sin responder')}"


def _section(title: str) -> Element:
    return text(f"**{title}**", size="Medium", separator=True)


def _common(rows: Sequence[SilentOf]) -> str:
    """What is true of most, said once above them; nothing of one alone."""
    [(said, number)] = Counter(map(_approached, rows)).most_common(1) or [("", 0)]
    return said if number > 1 else ""


def _approached(one: SilentOf) -> str:
    approaches = count(one.approaches, "acercamiento", "acercamientos")
    return SILENT.format(
        month=month_name(one.month.year, one.month.number), approaches=approaches, last=short_date(one.last_on)
    )


def _silent(one: SilentOf, common: str) -> Element:
    """One entity, with what differs from what is `common`."""
    own = _approached(one)
    said = " ".join(filter(None, ("" if own == common else own, WAITS if one.waits else "")))
    return container(
        text(f"**{safe(clip(one.entity, 90))}** · {count(len(one.codes), 'acción', 'acciones')}"),
        text(said, subtle=True, spacing="None", size="Small") if said else None,
        text(clip(", ".join(one.codes), 300), spacing="Small"),
        separator=True,
    )
