"""`make gallery`: every sample as the Sala draws it, on a phone and on a desktop, on one page to look through.

It stands beside the samples, and not in `demo/`: it is a developer's tool over the tests' samples and browser.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from every_sample import EVERY, by_card
from playwright.sync_api import Page, sync_playwright
from readable import read
from rendered import DESKTOP, EDGE, PHONE, document, open_sheet, show, unfold

from tests.browser import ARGS, chromium_path

FOLDER = Path("var/gallery")
STYLE = f"""
body {{ display: block; height: auto; overflow: visible; padding: 1.5rem; }}
nav {{ columns: 12rem; margin: 1rem 0 2rem; }}
nav a {{ display: block; }}
h1 {{ font-size: 1.6rem; }}
h2 {{ margin-top: 3rem; border-top: 3px solid var(--blue); padding-top: 1rem; }}
h3 {{ margin: 1.75rem 0 .75rem; }}
h3 small {{ font-weight: 400; color: var(--muted); }}
.views {{ display: flex; gap: 1.25rem; align-items: flex-start; flex-wrap: wrap; }}
.views .card {{ max-width: none; width: {DESKTOP - 2 * EDGE}px; }}
.views .card.phone {{ width: {PHONE - 2 * EDGE}px; }}
.phone .ac-fact-title {{ white-space: normal; }}
details {{ margin-top: .75rem; }}
pre {{ white-space: pre-wrap; background: #fff; padding: 1rem; border: 1px solid var(--line); }}
"""
SCRIPT = """
import { renderCard } from "cards";

const samples = JSON.parse(document.getElementById("samples").textContent);
for (const box of document.querySelectorAll("[data-sample]")) {
  box.append(renderCard(samples[box.dataset.sample], () => {}));
}
"""


def main() -> int:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(ARGS))
        for width in (PHONE, DESKTOP):
            page = browser.new_page()
            open_sheet(page, width)
            for name, card in EVERY.items():
                _photograph(page, name, card, width)
        browser.close()
    index = FOLDER / "index.html"
    index.write_text(_page(), encoding="utf-8")
    print(f"{len(EVERY)} tarjetas: {index.resolve()}")  # noqa: T201 - a command line tool
    return 0


def _photograph(page: Page, name: str, card: dict[str, Any], width: int) -> None:
    show(page, card)
    page.locator("main").screenshot(path=_file(name, str(width)))
    if width == PHONE and unfold(page):
        page.locator("main").screenshot(path=_file(name, "desplegada"))


def _file(name: str, view: str) -> Path:
    return FOLDER / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.{view}.png"


def _page() -> str:
    samples = json.dumps(EVERY, ensure_ascii=False).replace("<", "\\u003c")
    body = [
        "<h1>Galería de tarjetas</h1>",
        f"<p>{len(EVERY)} muestras con datos inventados, a {PHONE} y a {DESKTOP} px. Los botones no envían nada.</p>",
        f"<nav>{''.join(_link(card) for card in by_card())}</nav>",
        *(line for card, made in by_card().items() for line in _card(card, made)),
        f'<script type="application/json" id="samples">{samples}</script>',
    ]
    return document("Galería de tarjetas", "\n".join(body), style=STYLE, script=SCRIPT)


def _link(card: str) -> str:
    return f'<a href="#{card}">{card.replace("_", " ")}</a>'


def _card(card: str, samples: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield f'<h2 id="{card}">cards/{card}.py</h2>'
    for name, made in samples.items():
        size = len(json.dumps(made, ensure_ascii=False).encode())
        yield f"<h3>{escape(name)} <small>{size} bytes</small></h3>"
        yield f"""<div class="views">{_view(name, "phone")}{_view(name, "desktop")}</div>"""
        yield f"<details><summary>Como texto</summary><pre>{escape(chr(10).join(read(made)))}</pre></details>"


def _view(name: str, width: str) -> str:
    return f'<article class="card {width}" data-sample="{escape(name)}"></article>'


if __name__ == "__main__":
    sys.exit(main())
