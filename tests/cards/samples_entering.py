"""Samples of what comes into a matrix and of what it still lacks. Names are invented."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from samples import ENTITY, HOSTILE, LEADER, LEADER_M, LONG

from cards.undated import Undated, UndatedAction, undated

UNDATED = Undated(
    reader=LEADER,
    initiative="Astilleros",
    months=2,
    actions=(
        UndatedAction("AST-12", "Habilitar la ventanilla única de licencias", "Dimar"),
        UndatedAction("AST-13", "Expedir la guía de homologación", ENTITY),
    ),
    url="https://soluciones.example/astilleros",
)

ENTERING_SAMPLES: dict[str, dict[str, Any]] = {
    "undated": undated(UNDATED),
    "undated, one": undated(replace(UNDATED, reader=LEADER_M, months=1, actions=UNDATED.actions[:1], url="")),
    "undated, 40 long": undated(
        replace(UNDATED, initiative=LONG, actions=tuple(UndatedAction(f"AST-{n:02d}", LONG, LONG) for n in range(40)))
    ),
    "undated, hostile": undated(
        replace(UNDATED, initiative=HOSTILE, actions=(UndatedAction(HOSTILE, HOSTILE, HOSTILE),))
    ),
}
