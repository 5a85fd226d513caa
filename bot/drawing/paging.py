"""A list that is longer than a card: its page, and the buttons to the pages beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from bot.drawing.context import Desk
from cards.parts import Page
from methodology.rules.states import Post

T = TypeVar("T")


def paged(
    desk: Desk,
    verb: str,
    lines: Sequence[T],
    first: int,
    page_of: Callable[[Sequence[T]], tuple[T, ...]],
    posts: tuple[Post, ...],
    **args: Any,  # noqa: ANN401 - what the verb needs to find the list again
) -> tuple[tuple[T, ...], Page]:
    """The lines from `first` on that one card holds, and where they stand; a list that has shrunk begins anew.

    `verb` draws another page, with `args` and its `first`. The page before ends where this one begins.
    """
    first = first if 0 <= first < len(lines) else 0
    shown = page_of(lines[first:])

    def token(beginning: int) -> str:
        return desk.button(verb, {**args, "first": beginning}, posts=posts)

    last = first + len(shown)
    page = Page(
        first=first,
        total=len(lines),
        previous=token(first - len(page_of(lines[:first][::-1]))) if first else "",
        following=token(last) if last < len(lines) else "",
    )
    return shown, page
