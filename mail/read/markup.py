"""Step 4b: the same for HTML: its tables of answers, then the quoted part cut by its structure, then text (inscriptis).

Public systems send any HTML. The tree is walked with a stack of our own, once a question, never by recursion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, Tag
from inscriptis import get_text

from mail.read.tables import Grid, is_ours
from methodology.rules.spanish import plain

FROM_HERE = frozenset({"divRplyFwdMsg", "appendonsend", "zwchr"})
NODES = frozenset({"gmail_quote", "gmail_quote_container", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote"})
SIGNATURES = frozenset({"gmail_signature", "gmail_signature_prefix", "moz-signature"})
_HEADINGS = ("de:", "from:")
_WORD_CANDIDATES = 10
_SHOWN = 200


@dataclass(frozen=True)
class Page:
    """`grids` are the tables with a «Código» column, quoted ones too; `text` is what is new; `whole` everything."""

    grids: tuple[Grid, ...]
    text: str
    whole: str


@dataclass
class _Open:
    """A table being read."""

    tag: Tag
    rows: list[list[list[str]]] = field(default_factory=list)

    def grid(self) -> Grid:
        return [[" ".join("".join(cell).split()) for cell in row] for row in self.rows]


def open_page(html: str) -> Page:
    soup = BeautifulSoup(html, "lxml")
    for tag in soup(["script", "style", "head", "title", "template"]):
        tag.decompose()
    whole = soup.get_text(" ")
    grids = _take_grids(soup)
    _cut(soup)
    return Page(tuple(grids), _text(str(soup)), whole)


def _text(html: str) -> str:
    lines = get_text(html).replace("\u00a0", " ").split("\n") if html.strip() else []
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def _take_grids(soup: BeautifulSoup) -> list[Grid]:
    """Read the tables that have our header and take them out, so that their cells are not read again as lines."""
    grids: list[Grid] = []
    ours: list[Tag] = []
    stack: list[_Open] = []
    for element, entering in _walk(soup):
        if isinstance(element, Tag):
            if element.name == "table" and entering:
                stack.append(_Open(element))
            elif element.name == "table" and is_ours(grid := stack.pop().grid()):
                grids.append(grid)
                ours.append(element)
            elif entering and stack:
                _enter(stack[-1], element)
        elif stack and stack[-1].rows and stack[-1].rows[-1]:
            stack[-1].rows[-1][-1].append(str(element))
    for table in ours:  # an inner table was closed, and is removed, before the one around it
        table.decompose()
    return grids


def _enter(table: _Open, element: Tag) -> None:
    if element.name == "tr":
        table.rows.append([])
    elif element.name in ("td", "th") and table.rows:
        table.rows[-1].append([])
    elif element.name in ("br", "p", "div", "li") and table.rows and table.rows[-1]:
        table.rows[-1][-1].append(" ")


def _walk(root: Tag) -> Iterator[tuple[PageElement, bool]]:
    """Every element in document order, tags twice: entering and leaving. What is removed on entering is not entered."""
    stack: list[tuple[PageElement, bool]] = [(root, True)]
    while stack:
        element, entering = stack.pop()
        if isinstance(element, Tag):
            yield element, entering
            if entering:
                stack.append((element, False))
                stack.extend((child, True) for child in reversed(element.contents))
        elif type(element) is NavigableString:  # not a comment, a doctype or a CDATA section
            yield element, True


def _cut(soup: BeautifulSoup) -> None:
    candidates = _WORD_CANDIDATES
    for tag, entering in _walk(soup):
        if not isinstance(tag, Tag) or not entering:
            continue
        if _is_node(tag):
            tag.decompose()
            continue
        is_word, candidates = _is_word_border(tag, candidates)
        if is_word or _opens_quote(tag):
            _cut_from(tag)
            return


def _classes(tag: Tag) -> frozenset[str]:
    value = tag.get("class")
    return frozenset(value.split() if isinstance(value, str) else value or ())


def _is_node(tag: Tag) -> bool:
    classes = _classes(tag)
    cited = tag.name == "blockquote" and tag.get("type") == "cite"
    hidden = "display:none" in str(tag.get("style", "")).replace(" ", "").lower()
    return cited or hidden or bool(classes & NODES or classes & SIGNATURES)


def _opens_quote(tag: Tag) -> bool:
    """Outlook's and Zimbra's dividers: everything after them is the earlier mail."""
    name = str(tag.get("id", ""))
    return name.removeprefix("x_") in FROM_HERE or tag.get("data-marker") == "__DIVIDER__"


def _is_word_border(tag: Tag, candidates: int) -> tuple[bool, int]:
    """Word's rule above «De:»; a signature may have a rule too, so what follows it is looked at."""
    style = str(tag.get("style", "")).replace(" ", "").lower()
    if tag.name != "div" or "border-top:solid" not in style or not candidates:
        return False, candidates
    return plain(_first_text(tag)).startswith(_HEADINGS), candidates - 1


def _first_text(tag: Tag) -> str:
    text = ""
    for piece in tag.strings:
        text += piece
        if len(text) > _SHOWN:
            break
    return text


def _cut_from(tag: Tag) -> None:
    """Remove `tag` and everything that follows it in the document."""
    above: Tag | None = tag
    while above is not None:
        for sibling in list(above.next_siblings):
            sibling.extract()
        above = above.parent
    tag.extract()
