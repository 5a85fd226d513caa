"""R11: the first hábil day after the window, Planning and the management see who did not report what."""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import Element, card, clip, container, count, fitting, heading, listed, open_url, safe, text
from methodology.rules.months import Month
from methodology.rules.spanish import month_name

TITLE = "Acciones sin reporte de {month}"
SUMMARY = "{number} sin reporte de {month}"
INTRO = "La ventana cerró. Lo que se registre desde hoy queda como extemporáneo."
NONE = "Todas las acciones vigentes tienen seguimiento."
AWAY = "ausente, responde {substitute}"
ALONE = "ausente, sin suplente"
DELEGATED = "delegó el mes en {to}"
MORE = "El detalle está en /pendientes."
OPEN = "Ver el tablero"
PAGE = 30
_NAME_SHOWN = 100


@dataclass(frozen=True)
class MissingOf:
    """One initiative and its leader; an absent one is not a silent one. `away` names the substitute, if any.

    `delegated` is to whom the leader delegated the month, and until when.
    """

    initiative: str
    leader: str
    codes: tuple[str, ...]
    away: str = ""
    absent: bool = False
    delegated: str = ""


@dataclass(frozen=True)
class MissingList:
    month: Month
    rows: tuple[MissingOf, ...]
    url: str = ""


def missing_list(data: MissingList) -> Element:
    shown = fitting([missing_block(row) for row in data.rows], PAGE)
    return card(
        heading(TITLE.format(month=_month(data)), _number(data) if data.rows else ""),
        text(INTRO if data.rows else NONE),
        *shown,
        listed(len(shown), len(data.rows), "iniciativas", MORE),
        actions=[open_url(OPEN, data.url)],
    )


def summary(data: MissingList) -> str:
    return SUMMARY.format(number=_number(data), month=_month(data))


def missing_block(row: MissingOf) -> Element:
    """One initiative: its leader, absent or not, and the codes that are owed."""
    away = AWAY.format(substitute=safe(clip(row.away, _NAME_SHOWN))) if row.away else ALONE if row.absent else ""
    delegated = DELEGATED.format(to=safe(clip(row.delegated, _NAME_SHOWN))) if row.delegated else ""
    why = "; ".join(part for part in (away, delegated) if part)
    who = safe(clip(row.leader, _NAME_SHOWN)) + (f" ({why})" if why else "")
    return container(
        text(f"**{safe(clip(row.initiative, _NAME_SHOWN))}** · {count(len(row.codes), 'acción', 'acciones')}"),
        text(who, subtle=True, spacing="None"),
        text(clip(", ".join(row.codes), 600), spacing="Small"),
        separator=True,
    )


def _month(data: MissingList) -> str:
    return month_name(data.month.year, data.month.number)


def _number(data: MissingList) -> str:
    return count(sum(len(row.codes) for row in data.rows), "acción", "acciones")
