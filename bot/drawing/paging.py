"""A list that is longer than a card: its page, and the buttons to the pages beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from bot.drawing.context import Desk
from cards.parts import Page
from methodology.rules.states import Post

T = TypeVar("T")


def paged(
    desk: Desk,
    verb: str,
    rows: Sequence[T],
    first: int,
    size: int,
    posts: tuple[Post, ...],
    **args: Any,  # noqa: ANN401 - what the verb needs to find the list again
) -> tuple[Sequence[T], Page]:
    """The rows from `first` on that one card holds, still to be drawn, and where they stand.

    `verb` draws another page, with `args` and its `first`; a list that has shrunk begins anew.
    """
    first = first if 0 <= first < len(rows) else 0

    def token(beginning: int) -> str:
        return desk.button(verb, {**args, "first": beginning}, posts=posts)

    page = Page(
        first=first,
        total=len(rows),
        previous=token(max(first - size, 0)) if first else "",
        following=token(first + size) if first + size < len(rows) else "",
    )
    return rows[first : first + size], page
