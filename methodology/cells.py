"""What one cell of a matrix may say. Every parser raises ValueError with a Spanish sentence that says what to write."""

from __future__ import annotations

from methodology.rules.addresses import is_whole_address
from methodology.rules.spanish import plain
from methodology.rules.states import (
    ACTION_STATES_AS_WRITTEN,
    INITIATIVE_LABELS,
    InitiativeState,
    Origin,
    Post,
    Priority,
)

POSTS_ELSEWHERE = {
    Post.ENTITY: "las entidades van en entidades.csv",
    Post.HIGH_LEVEL: "los integrantes del Equipo de Alto Nivel se registran en el servicio",
    Post.GUESTS: "los invitados se registran en cada reunión",
}
LISTED_POSTS = tuple(str(one) for one in Post if one not in POSTS_ELSEWHERE)
_LISTED = f"use {', '.join(LISTED_POSTS)}"
OBSTACLE_KINDS = ("Barrera", "Brecha", "Cuello de botella")


def mail(text: str) -> str:
    if not is_whole_address(text):
        raise ValueError(f"«{text}» no es un correo")
    return text.lower()


def yes(text: str) -> bool:
    if (word := plain(text)) not in ("si", "no", "s", "n", "true", "false", "1", "0"):
        raise ValueError(f"«{text}» no es sí ni no")
    return word in ("si", "s", "true", "1")


def priority(text: str) -> str:
    for one in Priority:
        if plain(one) == plain(text):
            return str(one)
    raise ValueError(f"«{text}» no es una prioridad; use {', '.join(Priority)}")


def initiative_state(text: str) -> str:
    """How a new initiative comes in; what follows (pause, closing) is done in the service."""
    entered = (InitiativeState.CANDIDATE, InitiativeState.BUILDING, InitiativeState.RUNNING)
    for one in entered:
        if plain(text).replace(" ", "_") in (one, plain(INITIATIVE_LABELS[one]).replace(" ", "_")):
            return str(one)
    words = ", ".join(INITIATIVE_LABELS[one].lower() for one in entered)
    raise ValueError(f"«{text}» no es un estado con el que entra una iniciativa; use {words}")


def origin(text: str) -> str:
    for one in Origin:
        if plain(one) == plain(text):
            return str(one)
    raise ValueError(f"«{text}» no es un origen; use {' o '.join(Origin)}")


def action_state(text: str) -> str:
    if not (found := ACTION_STATES_AS_WRITTEN.get(text.lower().strip())):
        raise ValueError(f"«{text}» no es un estado; use {', '.join(sorted(set(ACTION_STATES_AS_WRITTEN)))}")
    return str(found)


def post(text: str) -> str:
    if (written := text.upper()) in LISTED_POSTS:
        return written
    where = POSTS_ELSEWHERE.get(Post(written)) if written in set(Post) else None
    raise ValueError(f"«{text}» no es un cargo de este archivo: {where or _LISTED}")


def obstacle_kind(text: str) -> str:
    for one in OBSTACLE_KINDS:
        if plain(one) == plain(text):
            return one
    raise ValueError(f"«{text}» no es un tipo de obstáculo; use {', '.join(OBSTACLE_KINDS)}")
