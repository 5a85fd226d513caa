"""What is about to be done and weighs more: its subject, what would be recorded, what follows, and one press.

Nothing has happened when this card is shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import Element, button, card, clip, container, execute, facts, heading, quote, safe, text

CONFIRM = "Confirmar"
BACK = "Volver"
NOT_YET = "Todavía no se ha registrado. Revise y confirme."
RESULT = "**Así quedará**"
UNDO = "Puede deshacerse durante diez minutos; los mensajes que siguen salen después de ese plazo."
FINAL = "No puede deshacerse."


@dataclass(frozen=True)
class Confirm:
    """`result` is the sentence that would be recorded, `lines` what follows; `final` says that there is no way back."""

    title: str
    about: str
    given: tuple[tuple[str, str], ...]
    result: str
    lines: tuple[str, ...]
    confirm: str
    back: str
    final: bool = False


def confirm(data: Confirm) -> Element:
    return card(
        heading(data.title),
        text(NOT_YET, subtle=True, spacing="None"),
        quote(clip(data.about, 400)) if data.about else None,
        facts(*[(name, clip(value, 240)) for name, value in data.given]) if data.given else None,
        container(
            text(RESULT),
            text(safe(clip(data.result, 600)), spacing="None"),
            *[text(f"- {safe(clip(line, 240))}", spacing="None") for line in data.lines],
            text(FINAL if data.final else UNDO, subtle=True, size="Small"),
            separator=True,
        ),
        actions=[
            execute(CONFIRM, data.confirm, style="destructive" if data.final else "positive"),
            button(BACK, data.back),
        ],
    )
