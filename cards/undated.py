"""R9: the actions of one initiative that still have no date; dates are built jointly, so this only reminds."""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import (
    Element,
    Reader,
    card,
    clip,
    container,
    count,
    fitting,
    greeting,
    heading,
    listed,
    open_url,
    safe,
    text,
)

TITLE = "{actions} sin fecha de vencimiento"
BODY = (
    "Han pasado {months} desde la entrada a la matriz y {codes} sigue sin fecha. Las fechas se construyen de manera "
    "conjunta con las entidades responsables; una acción sin fecha nunca se considera vencida."
)
BODY_MANY = (
    "Han pasado {months} desde la entrada a la matriz y siguen sin fecha: {codes}. Las fechas se construyen de manera "
    "conjunta con las entidades responsables; una acción sin fecha nunca se considera vencida."
)
HINT = "Acordada la fecha, se registra con una línea: /fecha {code} dd/mm/aaaa y el motivo."
MORE = "Las demás están en la matriz."
OPEN = "Ver la matriz"
PAGE = 30
_NAMED = 12


@dataclass(frozen=True)
class UndatedAction:
    code: str
    text: str
    entity: str


@dataclass(frozen=True)
class Undated:
    """`actions` is never empty; `months` is the initiative's own threshold (R2)."""

    reader: Reader
    initiative: str
    months: int
    actions: tuple[UndatedAction, ...]
    url: str = ""


def undated(data: Undated) -> Element:
    shown = fitting([_block(action) for action in data.actions], PAGE)
    return card(
        heading(summary(data), data.initiative),
        text(greeting(data.reader)),
        text(_body(data), spacing="Small"),
        *shown,
        listed(len(shown), len(data.actions), "acciones", MORE),
        text(HINT.format(code=safe(data.actions[0].code)), separator=True),
        actions=[open_url(OPEN, data.url)],
    )


def summary(data: Undated) -> str:
    return TITLE.format(actions=count(len(data.actions), "acción", "acciones"))


def _body(data: Undated) -> str:
    codes = [safe(clip(action.code, 24)) for action in data.actions[:_NAMED]]
    rest = len(data.actions) - len(codes)
    named = ", ".join(codes) + (f" y {rest} más" if rest else "")
    sentence = BODY if len(data.actions) == 1 else BODY_MANY
    return sentence.format(months=count(data.months, "mes", "meses"), codes=named)


def _block(action: UndatedAction) -> Element:
    return container(
        text(f"**{safe(action.code)}** {safe(clip(action.text, 160))}"),
        text(safe(clip(action.entity, 100)), subtle=True, size="Small", spacing="Small"),
        separator=True,
    )
