"""Step 4b: HTML → its tables, then, with the quoted part cut by its structure, its text (inscriptis).

Public systems send any HTML. The tree is walked by lxml, once a question, never by recursion of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from inscriptis import Inscriptis
from lxml import etree, html
from lxml.html import HtmlElement

from mail.read.tables import Grid, is_ours
from methodology.rules.spanish import plain

FROM_HERE = frozenset({"divRplyFwdMsg", "appendonsend", "zwchr"})
NODES = frozenset({"gmail_quote", "gmail_quote_container", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote"})
SIGNATURES = frozenset({"gmail_signature", "gmail_signature_prefix", "moz-signature"})
_UNSHOWN = ("script", "style", "head", "title", "template")
_BREAKS = frozenset({"br", "p", "div", "li"})
_HEADINGS = ("de:", "from:")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WORD_CANDIDATES = 10
_MOST_COLUMNS = 60
_SHOWN = 200


@dataclass(frozen=True)
class Page:
    """`grids` are the tables with a «Código» column, quoted ones too; `text` is what is new; `whole` everything."""

    grids: tuple[Grid, ...]
    text: str
    whole: str


@dataclass
class _Cell:
    columns: int
    rows: int
    pieces: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())


_Said = tuple[str, int]
"""A cell's text, and for how many rows more it stands."""


@dataclass
class _Open:
    """A table being read."""

    tag: HtmlElement
    rows: list[list[_Cell]] = field(default_factory=list)

    def grid(self) -> Grid:
        """Row by row; what a cell that spans several rows says, each of them says; of several columns, the first."""
        grid: Grid = []
        above: dict[int, _Said] = {}
        for row in self.rows:
            line: list[_Said] = []
            for cell in row:
                line += _carried(above, len(line))
                line += [(cell.text, cell.rows - 1), *[("", cell.rows - 1)] * (cell.columns - 1)]
            line = [*line, *_carried(above, len(line))][:_MOST_COLUMNS]
            above = {at: one for at, one in enumerate(line) if one[1] > 0}
            grid.append([text for text, _ in line])
        return grid

    def enter(self, element: HtmlElement) -> None:
        if element.tag == "tr":
            self.rows.append([])
        elif element.tag in ("td", "th") and self.rows:
            self.rows[-1].append(_Cell(_span(element, "colspan"), _span(element, "rowspan")))
        elif element.tag in _BREAKS:
            self.add(" ")

    def add(self, text: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1].pieces.append(text)


def _carried(above: dict[int, _Said], at: int) -> Iterator[_Said]:
    """What cells of earlier rows say in the columns from `at` on."""
    while at in above:
        text, left = above[at]
        yield text, left - 1
        at += 1


def _span(element: HtmlElement, name: str) -> int:
    written = element.get(name, "").strip()[:4]
    return min(max(int(written), 1), _MOST_COLUMNS) if written.isascii() and written.isdigit() else 1


def open_page(source: str) -> Page:
    root = _tree(source)
    if root is None:
        return Page((), "", "")
    whole = " ".join(root.itertext())
    if _NO_TEXT.search(whole):
        _drop_controls(root)
        whole = _NO_TEXT.sub(" ", whole)
    grids = _take_grids(root)
    _cut(root)
    return Page(tuple(grids), _text(root), whole)


def _tree(source: str) -> HtmlElement | None:
    """Without what nobody sees; None when there is nothing in it. In bytes: a text may not declare its encoding."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:
        return None
    etree.strip_elements(root, *_UNSHOWN, with_tail=False)
    return root


def _drop_controls(root: HtmlElement) -> None:
    """A parser lets them in, also as references (`&#1;`); a tree that is changed refuses them (XML 1.0, 2.2)."""
    for element in root.iter():
        element.text, element.tail = (_NO_TEXT.sub(" ", said or "") or None for said in (element.text, element.tail))


def _text(root: HtmlElement) -> str:
    lines = Inscriptis(root).get_text().replace("\u00a0", " ").split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def _take_grids(root: HtmlElement) -> list[Grid]:
    """Read the tables that have our header and take them out, so that their cells are not read again as lines."""
    grids: list[Grid] = []
    ours: list[HtmlElement] = []
    stack: list[_Open] = []
    for event, element in etree.iterwalk(root, events=("start", "end")) if root.find(".//table") is not None else ():
        if event == "start":
            if element.tag == "table":
                stack.append(_Open(element))
            elif stack:
                stack[-1].enter(element)
        elif element.tag == "table" and is_ours(grid := stack.pop().grid()):
            grids.append(grid)
            ours.append(element)
        text = element.text if event == "start" else element.tail
        if text and stack:
            stack[-1].add(text)
    for table in ours:  # an inner table was closed, and is removed, before the one around it
        table.drop_tree()
    return grids


def _cut(root: HtmlElement) -> None:
    """Take out the quoted parts and the signatures; from a divider on, everything."""
    candidates = _WORD_CANDIDATES
    walk = etree.iterwalk(root, events=("start",))
    quoted: list[HtmlElement] = []
    divider: HtmlElement | None = None
    for _, element in walk:
        if not element.attrib:
            continue
        if _is_node(element) and element is not root:
            quoted.append(element)
            walk.skip_subtree()
            continue
        is_word, candidates = _is_word_border(element, candidates)
        if is_word or _opens_quote(element):
            divider = element
            break
    for element in quoted:
        element.drop_tree()
    if divider is not None:
        _cut_from(divider)


def _is_node(tag: HtmlElement) -> bool:
    classes = frozenset(tag.get("class", "").split())
    cited = tag.tag == "blockquote" and tag.get("type") == "cite"
    hidden = "display:none" in tag.get("style", "").replace(" ", "").lower()
    return cited or hidden or not classes.isdisjoint(NODES) or not classes.isdisjoint(SIGNATURES)


def _opens_quote(tag: HtmlElement) -> bool:
    """Outlook's and Zimbra's dividers: everything after them is the earlier mail."""
    return tag.get("id", "").removeprefix("x_") in FROM_HERE or tag.get("data-marker") == "__DIVIDER__"


def _is_word_border(tag: HtmlElement, candidates: int) -> tuple[bool, int]:
    """Word's rule above «De:»; a signature may have a rule too, so what follows it is looked at."""
    if tag.tag != "div" or not candidates:
        return False, candidates
    if "border-top:solid" not in tag.get("style", "").replace(" ", "").lower():
        return False, candidates
    return plain(_first_text(tag)).startswith(_HEADINGS), candidates - 1


def _first_text(tag: HtmlElement) -> str:
    pieces: Any = islice(tag.itertext(), _SHOWN)
    return "".join(pieces)[:_SHOWN]


def _cut_from(tag: HtmlElement) -> None:
    """Remove `tag` and everything that follows it in the document."""
    above: HtmlElement | None = tag
    while above is not None:
        parent = above.getparent()
        above.tail = None
        if parent is not None:
            del parent[parent.index(above) + 1 :]
        above = parent
    parent = tag.getparent()
    if parent is not None:
        parent.remove(tag)
