"""One sentence as a card: a confirmation, a refusal with its reason, or a question closed in the meantime."""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import Element, button, card, open_url, quote, said

DONE = "Hecho"
REFUSED = "No se realizó"
NOTE = "Aviso"
CLOSED = "El periodo está cerrado. Puede reportar con una línea: código, porcentaje y texto; quedará como extemporáneo."
CURRENT = "Ir al seguimiento actual"
USED = "Esta acción ya se había registrado."
EXPIRED = "Esta tarjeta ya no está vigente. Con /ayuda se ven las opciones disponibles."
_STYLES = {DONE: "good", REFUSED: "attention", NOTE: "emphasis"}


@dataclass(frozen=True)
class Message:
    """`word` is DONE, REFUSED or NOTE. `detail` is shown as written; `next_title`, `other_title` name buttons."""

    sentence: str
    word: str = NOTE
    detail: str = ""
    next_title: str = ""
    next_token: str = ""
    other_title: str = ""
    other_token: str = ""
    url: str = ""
    url_title: str = ""


def message(data: Message) -> Element:
    return card(
        said(data.word, data.sentence, _STYLES[data.word]),
        quote(data.detail) if data.detail else None,
        actions=[
            button(data.next_title, data.next_token),
            button(data.other_title, data.other_token),
            open_url(data.url_title, data.url),
        ],
    )
