"""/ayuda: what this person may ask, from the table of commands."""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import Element, card, container, heading, text

TITLE = "Qué puede solicitar aquí"
INTRO = "Puede escribir con o sin barra y sin tildes."
OTHERS = "También se escribe: {others}."
POSTS = "Corresponde a: {posts}."
FOLLOW_UP = "Para reportar un avance basta una línea: **AST-04 80% el proyecto salió a comentarios**."


@dataclass(frozen=True)
class HelpLine:
    """`others` are the other ways to write it, `posts` whose it is; both are said of one option alone."""

    usage: str
    help: str
    others: str = ""
    posts: str = ""


@dataclass(frozen=True)
class Help:
    """`reports` says whether this reader registers follow-ups; `post` is how the reader is called."""

    post: str
    lines: tuple[HelpLine, ...]
    reports: bool = False


def help_card(data: Help) -> Element:
    return card(
        heading(TITLE, data.post),
        text(INTRO, subtle=True),
        *[_line(line) for line in data.lines],
        text(FOLLOW_UP, separator=True) if data.reports else None,
    )


def _line(line: HelpLine) -> Element:
    return container(
        text(f"**{line.usage}**"),
        text(line.help, spacing="None"),
        text(OTHERS.format(others=line.others), subtle=True, size="Small") if line.others else None,
        text(POSTS.format(posts=line.posts), subtle=True, size="Small") if line.posts else None,
    )
