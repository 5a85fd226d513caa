"""/ayuda: what this person asks most, and by topic what else there is, from the table of commands."""

from __future__ import annotations

from dataclasses import dataclass

from cards.parts import Element, buttons, card, container, heading, text
from methodology.rules.spanish import capital

TITLE = "Qué puede solicitar aquí"
INTRO = "Puede escribir con o sin barra y sin tildes."
OTHERS = "También se escribe: {others}."
POSTS = "Corresponde a: {posts}."
FOLLOW_UP = "Para reportar un avance basta una línea: **AST-04 80% el proyecto salió a comentarios**."
ALL = "Ver todo"
MOST = 5


@dataclass(frozen=True)
class HelpLine:
    """`others` are the other ways to write it, `posts` whose it is; both are said of one option alone."""

    usage: str
    help: str
    others: str = ""
    posts: str = ""


@dataclass(frozen=True)
class HelpTopic:
    """Options that are shown when their topic is pressed."""

    title: str
    lines: tuple[HelpLine, ...]


@dataclass(frozen=True)
class Help:
    """`lines` are what the reader needs most, the others stand under `topics`.

    `reports` says whether this reader registers follow-ups; `post` is how the reader is called.
    """

    post: str
    lines: tuple[HelpLine, ...]
    topics: tuple[HelpTopic, ...] = ()
    reports: bool = False


def help_card(data: Help) -> Element:
    return card(
        heading(TITLE, capital(data.post)),
        text(FOLLOW_UP) if data.reports else None,
        *[_line(line) for line in data.lines],
        *_topics(data),
        text(INTRO, subtle=True, size="Small"),
    )


def _line(line: HelpLine) -> Element:
    return container(
        text(f"**{line.usage}**"),
        text(line.help, spacing="None"),
        text(OTHERS.format(others=line.others), subtle=True, size="Small") if line.others else None,
        text(POSTS.format(posts=line.posts), subtle=True, size="Small") if line.posts else None,
    )


def _topics(data: Help) -> list[Element | None]:
    """«Ver todo» shows the topics, each of them its own options."""
    if not data.topics:
        return []
    names = [f"topic_{number}" for number, _topic in enumerate(data.topics)]
    titles = zip(data.topics, names, strict=True)
    fold = container(
        buttons(*[_toggle(topic.title, name) for topic, name in titles]),
        *[_topic(topic, name) for topic, name in zip(data.topics, names, strict=True)],
    )
    return [buttons(_toggle(ALL, "topics")), fold | {"id": "topics", "isVisible": False}]


def _topic(topic: HelpTopic, name: str) -> Element:
    lines = [text(f"**{line.usage}** {line.help}", size="Small", spacing="Small") for line in topic.lines]
    block = container(text(f"**{topic.title}**"), *lines, separator=True)
    return block | {"id": name, "isVisible": False}


def _toggle(title: str, name: str) -> Element:
    return {"type": "Action.ToggleVisibility", "title": title, "targetElements": [name]}
