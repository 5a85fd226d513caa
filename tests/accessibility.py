"""What axe and a keyboard find wrong in a page, as sentences; none is what WCAG 2.2 AA asks for."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
TWICE = """() => {
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  return [...new Set(ids.filter((id, n) => ids.indexOf(id) !== n))].map((id) => `the id ${id} stands twice`);
}"""
FOCUS = """() => {
  const node = document.activeElement;
  if (node === document.body) return "";
  const ring = getComputedStyle(node), box = node.getBoundingClientRect();
  const name = `${node.tagName} ${node.getAttribute("aria-label") ?? node.textContent.slice(0, 40)}`;
  if (ring.outlineStyle === "none" || parseFloat(ring.outlineWidth) < 2) return `no focus ring: ${name}`;
  const inside = (at, size, most) => Math.min(Math.max(at, 0) + 4, Math.min(at + size, most) - 4);
  const corner = [inside(box.left, box.width, innerWidth), inside(box.top, box.height, innerHeight)];
  const seen = document.elementFromPoint(...corner);
  return seen && (node.contains(seen) || seen.contains(node)) ? "" : `hidden by something: ${name}`;
}"""


def complaints(page: Page) -> list[str]:
    """What axe finds."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    return [
        f"{wrong['id']}: {wrong['help']}: {node['html'][:200]}"
        for wrong in found.response["violations"]
        for node in wrong["nodes"]
    ]


def twice(page: Page) -> list[str]:
    """Ids that stand twice, which axe looks at in some places only."""
    return page.evaluate(TWICE)


def focus_complaint(page: Page) -> str:
    """Whether a person sees where the keyboard is; «» when they do."""
    return page.evaluate(FOCUS)
