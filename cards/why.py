"""«¿Por qué?» of an action, an initiative or an entity: how it stands, what follows, each date, what was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cards.parts import Element, card, clip, container, fitting, heading, listed, safe, text

TITLE = "¿Por qué? {subject}"
RULES = "Fechas y motivos"
NUMBERS = "Reglas de la metodología: {rules}."
TOLD = "Lo registrado y comunicado, lo más reciente primero"
LINES = "renglones"
MORE = "El resto está en el expediente que imprime Planeación."
_MOST = 12
_BYTES = 9_000
_CLIP = 420


@dataclass(frozen=True)
class Why:
    """`rules` and `told` are sentences; `state` says how it stands on the day, `following` what comes next.

    `numbers` are those of the rules, named once at the end.
    """

    subject: str
    state: str
    following: str
    rules: tuple[str, ...]
    told: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()


def why(data: Why) -> Element:
    return card(
        heading(TITLE.format(subject=data.subject)),
        text(safe(clip(data.state, 600))),
        container(text(safe(clip(data.following, 300)), weight="Bolder"), style="emphasis") if data.following else None,
        *_section(RULES, data.rules),
        *_section(TOLD, data.told),
        text(NUMBERS.format(rules=", ".join(data.numbers)), size="Small", subtle=True) if data.numbers else None,
    )


def _section(title: str, sentences: Sequence[str]) -> Sequence[Element | None]:
    if not sentences:
        return ()
    shown = fitting([text(safe(clip(one, _CLIP)), spacing="Small") for one in sentences], _MOST, _BYTES)
    more = listed(len(shown), len(sentences), LINES, MORE)
    return (container(text(f"**{title}**"), *shown, more, separator=True),)


def summary(data: Why) -> str:
    return f"Por qué: {data.subject}"
