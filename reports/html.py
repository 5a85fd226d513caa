"""Frozen contents as accessible pages (R48, WCAG 2.1 AA): one file each, no script, nothing fetched from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports import formats
from reports.formats import Content

FOLDER = Path(__file__).parent / "templates"
TEMPLATES = {
    "logros": "logros.html.j2",
    "matriz": "matriz.html.j2",
    "cierre": "cierre.html.j2",
    "reunion": "reunion.html.j2",
}


@dataclass(frozen=True)
class Link:
    """An address and the text that names it."""

    href: str
    text: str


@dataclass(frozen=True)
class Place:
    """Where a page stands: the way back to the index, and the same content in other formats."""

    trail: tuple[Link, ...] = ()
    downloads: tuple[Link, ...] = ()


NOWHERE = Place()


def page(content: Content, place: Place = NOWHERE) -> str:
    """The page of a content of any of these kinds; on the site, `place` gives its trail and downloads."""
    return rendered(TEMPLATES[content["kind"]], content, place)


def rendered(template: str, content: Content, place: Place = NOWHERE, **more: Any) -> str:  # noqa: ANN401 - template values
    """A template of this room filled with `c` (the content), `place` and whatever else the template reads."""
    return environment().get_template(template).render(c=content, place=place, **more)


@lru_cache(maxsize=1)
def environment() -> Environment:
    env = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters |= {
        "long_day": formats.long_day,
        "short_day": formats.short_day,
        "said": formats.said,
        "month": formats.month,
        "times": formats.times,
        "from_capital": formats.from_capital,
    }
    env.globals |= {"fingerprint": formats.fingerprint, "subtitle": formats.subtitle}
    return env
