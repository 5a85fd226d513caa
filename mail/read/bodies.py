"""Step 4: each way to see a message (its HTML, its text): what is new in it, what it quotes, what it forwards."""

from __future__ import annotations

from dataclasses import dataclass

from mail.read.fresh import split
from mail.read.markup import open_page
from mail.read.parse import MAX_CHARS, Parsed
from mail.read.tables import Grid, plain_grids


@dataclass(frozen=True)
class Body:
    """`text` is new, `form` our quoted form, `forwarded` a message passed on, `grids` the tables, `whole` all of it."""

    text: str
    form: str
    forwarded: str
    grids: tuple[Grid, ...]
    whole: str


def bodies_of(mail: Parsed) -> list[Body]:
    """HTML first, for its structure; then the plain text."""
    found = []
    if mail.html.strip():
        page = open_page(mail.html)
        parts = split(page.text)
        found.append(Body(parts.fresh, parts.form, parts.forwarded, page.grids, page.whole[:MAX_CHARS]))
    if mail.text.strip():
        grids, rest = plain_grids(mail.text)
        parts = split(rest)
        found.append(Body(parts.fresh, parts.form, parts.forwarded, tuple(grids), mail.text))
    return found


def new_text(bodies: list[Body]) -> str:
    return next((body.text for body in bodies if body.text), "")
