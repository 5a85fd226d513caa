"""Samples drawn by the Sala's own renderer (`demo/static/cards.js`) on a page that needs nothing but itself."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

STATIC = Path(__file__).parents[2] / "demo" / "static"
PHONE = 360
DESKTOP = 720
EDGE = 10
STYLES = ("sala.css", "cards.css")
LIBRARIES = ("vendor/adaptivecards.min.js", "vendor/markdown-it.umd.min.js")
MODULES = ("dom", "cards")
LAYOUT = f"""
body {{ display: block; height: auto; overflow: visible; }}
main {{ display: block; overflow: visible; padding: {EDGE}px; max-width: {DESKTOP}px; }}
main .card {{ max-width: none; }}
"""
SCRIPT = """
import { renderCard } from "cards";

/** Draws these cards one below the other; says what the renderer did not understand. */
globalThis.show = (sources) => {
  const AC = globalThis.AdaptiveCards;
  const context = new AC.SerializationContext();
  const drawn = sources.map((source) => {
    new AC.AdaptiveCard().parse(source, context);
    const box = document.createElement("article");
    box.className = "card";
    box.append(renderCard(source, () => {}));
    return box;
  });
  document.querySelector("main").replaceChildren(...drawn);
  const lost = drawn.filter((box) => !box.firstChild.matches(".ac-adaptiveCard")).map(() => "not drawn at all");
  return [...Array.from({ length: context.eventCount }, (_, n) => context.getEventAt(n).message), ...lost];
};

/** Presses each button that only unfolds something; says how many there were. */
globalThis.unfold = () => {
  const folds = [...document.querySelectorAll(".card button:is([aria-expanded=false], [aria-controls])")];
  for (const button of folds) button.click();
  return folds.length;
};

const name = (node) => node.tagName.toLowerCase() + (node.textContent ? `: ${node.textContent.slice(0, 60)}` : "");

/** What stands out of its card at the sides, or is cut within it. */
globalThis.overflowing = () => {
  const shown = [...document.querySelectorAll(".card *")].filter((node) => node.checkVisibility());
  const out = shown.filter((node) => {
    const [own, card] = [node, node.closest(".card")].map((box) => box.getBoundingClientRect());
    return own.width && (own.right > card.right + 1 || own.left < card.left - 1);
  });
  const cut = shown.filter((node) => node.scrollWidth > node.clientWidth + 1
    && getComputedStyle(node).overflowX !== "visible" && !node.matches("input, select, textarea"));
  return [...new Set([...out, ...cut])].map(name);
};

/** Inputs that a screen reader could not name. */
globalThis.unnamed = () => [...document.querySelectorAll(".card :is(input, select, textarea)")].filter((input) => {
  const ids = (input.getAttribute("aria-labelledby") ?? "").split(" ");
  const labels = [...(input.labels ?? []), ...ids.map((id) => document.getElementById(id))];
  const words = labels.map((node) => node?.textContent);
  return ![input.getAttribute("aria-label"), ...words].some((label) => label?.trim());
}).map((input) => input.outerHTML);
"""


def document(title: str, body: str, *, style: str = "", script: str = "") -> str:
    """A whole page in which a module `script` may `import { renderCard } from "cards"`, with the Sala's styles."""
    return "\n".join(
        (
            '<!doctype html><html lang="es-CO"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">',
            f"<title>{title}</title><style>{''.join(map(_static, STYLES))}{style}</style>",
            *(f"<script>{_static(name)}</script>" for name in LIBRARIES),
            f'<script type="importmap">{json.dumps({"imports": {name: _module(name) for name in MODULES}})}</script>',
            f'<script type="module">{script}</script></head><body>{body}</body></html>',
        )
    )


def _static(name: str) -> str:
    return (STATIC / name).read_text("utf-8")


def _module(name: str) -> str:
    """The module as an address; what it imports beside it is found by the import map."""
    source = _static(f"{name}.js").replace('from "./dom.js"', 'from "dom"')
    return "data:text/javascript;base64," + base64.b64encode(source.encode()).decode()


def open_sheet(page: Page, width: int) -> None:
    """The empty sheet: PHONE fills the window, DESKTOP stands in a window wide enough for the styles of one."""
    page.set_viewport_size({"width": width if width == PHONE else width + 80, "height": 900})
    body = '<header class="hidden"><h1>Tarjetas</h1><h2>Muestras</h2></header><main></main>'
    page.set_content(document("Tarjetas", body, style=LAYOUT, script=SCRIPT))
    page.wait_for_function("globalThis.unnamed")


def show(page: Page, *cards: dict[str, Any]) -> list[str]:
    """Draws the cards; what the renderer did not understand of them."""
    return page.evaluate("cards => show(cards)", cards)


def unfold(page: Page) -> int:
    """Opens every form below a button; how many there were."""
    return page.evaluate("unfold()")


def overflowing(page: Page) -> list[str]:
    """What is wider than its card, or cut."""
    return page.evaluate("overflowing()")


def unnamed(page: Page) -> list[str]:
    """Inputs without a label that a screen reader would say."""
    return page.evaluate("unnamed()")
