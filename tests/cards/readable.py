"""A card as a person reads it, in plain text: `make snapshots` keeps every sample so, and a test compares.

`# ` is the heading, `‹word›` a badge, `[Label: value]` an input, `(Title)` a button, `▸` what it unfolds; a bar at the
left is a coloured block. An element that is not known here is an error, so that nothing is left out unseen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from every_sample import by_card

SNAPSHOTS = Path(__file__).parent / "snapshots"
LINE = 140
CHOICES = 4

Element = dict[str, Any]


def read(card: Element) -> list[str]:
    """The lines of a card; one longer than LINE ends with how many characters were left out."""
    return [_cut(line) for line in _card(card)]


def snapshot(samples: dict[str, Element]) -> str:
    """The file of one card: each sample under its name."""
    return "\n\n".join("\n".join([f"=== {name}", *read(card)]) for name, card in samples.items()) + "\n"


def _cut(line: str) -> str:
    return line if len(line) <= LINE else f"{line[:LINE]}…+{len(line) - LINE}"


def _card(card: Element) -> Iterator[str]:
    yield from _elements(card.get("body", []))
    yield from _row(card.get("actions", []))


def _elements(elements: list[Element]) -> Iterator[str]:
    for element in elements:
        if element.get("separator"):
            yield ""
        yield from _folded(element) if element.get("isVisible") is False else READERS[element["type"]](element)


def _folded(element: Element) -> Iterator[str]:
    yield "▸ desplegable:"
    yield from _indented(READERS[element["type"]](element))


def _indented(lines: Iterator[str], mark: str = "  ") -> Iterator[str]:
    return (f"{mark}{line}".rstrip() for line in lines)


def _text(element: Element) -> Iterator[str]:
    yield ("# " if element.get("style") == "heading" else "") + element["text"]


def _runs(element: Element) -> Iterator[str]:
    yield from "".join(run["text"] for run in element["inlines"]).splitlines()


def _facts(element: Element) -> Iterator[str]:
    yield from (f"{fact['title']}: {fact['value']}" for fact in element["facts"])


def _block(element: Element) -> Iterator[str]:
    lines = _elements(element["items"])
    yield from _indented(lines, "│ ") if element.get("style", "default") != "default" else lines


def _columns(element: Element) -> Iterator[str]:
    columns = [list(_elements(column["items"])) for column in element["columns"]]
    if all(len(lines) == 1 for lines in columns):
        yield "  ".join(line for lines in columns for line in lines)
    else:
        yield from (line for lines in columns for line in lines)


def _table(element: Element) -> Iterator[str]:
    for row in element["rows"]:
        yield " | ".join(" / ".join(_elements(cell["items"])) for cell in row["cells"])


def _input(element: Element) -> Iterator[str]:
    value = element.get("value", "")
    hint = f" «{element['placeholder']}»" if element.get("placeholder") and value == "" else ""
    yield f"[{element['label']}: {str(value).strip()}{hint}]".replace(": ]", ":]")


def _toggle(element: Element) -> Iterator[str]:
    yield f"[{element['label']}: {'☑' if element['value'] == 'true' else '☐'} {element['title']}]"


def _choice(element: Element) -> Iterator[str]:
    titles = [choice["title"] for choice in element["choices"]]
    chosen = [choice["title"] for choice in element["choices"] if choice["value"] == element.get("value")]
    more = f" | … {len(titles)} en total" if len(titles) > CHOICES else ""
    yield f"[{' '.join([element['label'] + ':', *chosen])} ▾ {' | '.join(titles[:CHOICES])}{more}]"


def _row(actions: list[Element]) -> Iterator[str]:
    if actions:
        yield " ".join(_button(action) for action in actions)
    for action in actions:
        if action["type"] == "Action.ShowCard":
            yield f"▸ {action['title']}:"
            yield from _indented(_card(action["card"]))


def _button(action: Element) -> str:
    unfolds = " ▸" if action["type"] in ("Action.ShowCard", "Action.ToggleVisibility") else ""
    return f"({action['title']}{unfolds}{' → ' + action['url'] if 'url' in action else ''})"


READERS: dict[str, Callable[[Element], Iterator[str]]] = {
    "TextBlock": _text,
    "RichTextBlock": _runs,
    "FactSet": _facts,
    "Container": _block,
    "ColumnSet": _columns,
    "Table": _table,
    "Badge": lambda element: iter([f"‹{element['text']}›"]),
    "ActionSet": lambda element: _row(element["actions"]),
    "Input.Text": _input,
    "Input.Number": _input,
    "Input.Date": _input,
    "Input.Toggle": _toggle,
    "Input.ChoiceSet": _choice,
}


def write() -> None:
    """The snapshots anew; those of cards that are gone are removed."""
    SNAPSHOTS.mkdir(exist_ok=True)
    for file in SNAPSHOTS.glob("*.txt"):
        file.unlink()
    for card, samples in by_card().items():
        (SNAPSHOTS / f"{card}.txt").write_text(snapshot(samples), encoding="utf-8")


if __name__ == "__main__":
    write()
