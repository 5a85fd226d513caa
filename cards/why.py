"""«¿Por qué?» of an action, an initiative or an entity: how it stands, what follows, each rule, what was told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cards.parts import Element, card, clip, container, fitting, heading, listed, safe, text

TITLE = "¿Por qué? {subject}"
RULES = "Reglas y fechas"
TOLD = "Lo registrado y comunicado, lo más reciente primero"
LINES = "renglones"
MORE = "El resto está en el expediente que imprime Planeación."
_MOST = 12
_BYTES = 9_000
_CLIP = 420


@dataclass(frozen=True)
class Why:
    """`rules` and `told` are sentences; `state` says how it stands on the day, `following` what comes next."""

    subject: str
    state: str
    following: str
    rules: tuple[str, ...]
    told: tuple[str, ...] = ()


def why(data: Why) -> Element:
    return card(
        heading(TITLE.format(subject=data.subject)),
        text(safe(clip(data.state, 600))),
        container(text(safe(clip(data.following, 300)), weight="Bolder"), style="emphasis") if data.following else None,
        *_section(RULES, data.rules),
        *_section(TOLD, data.told),
    )


def _section(title: str, sentences: Sequence[str]) -> Sequence[Element | None]:
    """Each sentence with the rule that opens it in bold."""
    if not sentences:
        return ()
    shown = fitting([text(_ruled(one), spacing="Small") for one in sentences], _MOST, _BYTES)
    more = listed(len(shown), len(sentences), LINES, MORE)
    return (container(text(f"**{title}**"), *shown, more, separator=True),)


def _ruled(sentence: str) -> str:
    rule, colon, rest = clip(sentence, _CLIP).partition(": ")
    is_rule = bool(colon) and rule[:1] == "R" and rule[1:].split(",")[0].split(".")[0].isdigit()
    return f"**{safe(rule)}** · {safe(rest)}" if is_rule else safe(clip(sentence, _CLIP))


def summary(data: Why) -> str:
    return f"Por qué: {data.subject}"
