"""Jinja2 as the letters use it: HTML is escaped always, plain text never, and an unknown name is an error."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from mail.writing.letterhead import PROGRAMME
from methodology.rules.spanish import full_date, long_date, percent, short_date

REPLY_MARKER = "Por favor responda por encima de esta línea."
BLANK = "__"


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=select_autoescape(enabled_extensions=("html.j2",), default=False),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_ENVIRONMENT.filters |= {
    "full_date": full_date,
    "long_date": long_date,
    "short_date": short_date,
    "percent": percent,
}
_ENVIRONMENT.globals |= {"programme": PROGRAMME, "reply_marker": REPLY_MARKER, "blank": BLANK}


def render(name: str, **values: object) -> tuple[str, str]:
    """(text, html) of the letter `name`."""
    text = _ENVIRONMENT.get_template(f"{name}.txt.j2").render(values)
    html = _ENVIRONMENT.get_template(f"{name}.html.j2").render(values)
    return text.strip() + "\n", html


def subject(*parts: str, reference: str = "") -> str:
    """«Soluciones por la Reindustrialización – … – … [Ref. SR-…]», in one line."""
    line = " – ".join(part for part in (PROGRAMME, *parts) if part)
    return " ".join(f"{line} [Ref. {reference}]".split() if reference else line.split())
