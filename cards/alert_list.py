"""/alertas: the open alerts with their level, acknowledgement and next step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.alerts import WORDS
from cards.parts import (
    WHOLE,
    Element,
    Page,
    badge,
    button,
    buttons,
    card,
    clip,
    container,
    count,
    heading,
    open_url,
    place,
    safe,
    text,
    titled,
    turning,
)
from methodology.rules.spanish import short_date

TITLE = "{alerts} en curso"
TITLE_NONE = "Alertas en curso"
NONE = "No hay alertas abiertas."
WHY = "¿Por qué?"
OPEN = "Ver el tablero"
OPEN_ONE = "Abrir"
PAGE = 8


@dataclass(frozen=True)
class ListedAlert:
    """`level` is where it stands («Con el líder técnico», «Elevada a la Viceministra»); `next_step` what comes."""

    kind: str
    code: str
    text: str
    initiative: str
    raised_on: date
    level: str
    next_step: str = ""
    why: str = ""
    open: str = ""


@dataclass(frozen=True)
class AlertList:
    """`alerts` are those of the page."""

    subtitle: str
    alerts: tuple[ListedAlert, ...]
    page: Page = WHOLE
    url: str = ""


def alert_list(data: AlertList) -> Element:
    return card(
        heading(summary(data), data.subtitle),
        *([_block(one) for one in data.alerts] or [text(NONE)]),
        place(data.page, len(data.alerts)),
        actions=[*turning(data.page), open_url(OPEN, data.url)],
    )


def summary(data: AlertList) -> str:
    number = max(data.page.total, len(data.alerts))
    return TITLE.format(alerts=count(number, "alerta", "alertas")) if number else TITLE_NONE


def _block(one: ListedAlert) -> Element:
    word, style = WORDS[one.kind]
    return container(
        titled(text(f"**{safe(one.code)}** · {safe(one.initiative)}"), badge(word, style)),
        text(safe(clip(one.text, 140)), spacing="Small"),
        text(
            f"{safe(clip(one.level, 80))} · registrada el {short_date(one.raised_on)}",
            size="Small",
            subtle=True,
            spacing="Small",
        ),
        text(safe(clip(one.next_step, 300)), spacing="None", size="Small") if one.next_step else None,
        buttons(button(WHY, one.why), button(OPEN_ONE, one.open)),
        separator=True,
    )
