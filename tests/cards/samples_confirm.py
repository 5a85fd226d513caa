"""Samples of what is shown before it is done, and of what takes it back. Names are invented."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from samples import HOSTILE, LONG, token
from samples_of_life import SUBJECT

from cards.confirm import Confirm, confirm
from cards.subject import subject

ANNUL = Confirm(
    title="Anular una acción",
    about="Acción: AST-04 · Publicar proyecto de actualización de requisitos",
    given=(("Motivo", "Se registró dos veces en la matriz"),),
    result="AST-04 quedó anulada.",
    lines=("Se cierra la alerta de AST-04.", "No saldrán mensajes que estaban por enviarse: 1."),
    confirm=token(1),
    back=token(2),
)
CONFIRM_SAMPLES: dict[str, dict[str, Any]] = {
    "confirm": confirm(ANNUL),
    "confirm, final": confirm(
        replace(ANNUL, title="Cerrar y publicar informe", given=(), lines=("Se informa a: Viceministra.",), final=True)
    ),
    "confirm, longest": confirm(
        Confirm(LONG, LONG, ((LONG[:80], LONG),) * 14, LONG, (LONG,) * 8, token(1), token(2), final=True)
    ),
    "confirm, hostile": confirm(Confirm(HOSTILE, HOSTILE, ((HOSTILE, HOSTILE),), HOSTILE, (HOSTILE,), token(1), "")),
    "subject, done and undoable": subject(replace(SUBJECT, done="AST-04 quedó anulada.", undo=token(9))),
}
