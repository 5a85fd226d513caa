"""A card's linter: Microsoft's own models, walked so that an unknown property is an error, and our house rules."""

from __future__ import annotations

import json
import typing
from collections import Counter
from collections.abc import Iterator
from typing import Any

import microsoft_teams.cards as models
from pydantic import BaseModel, ValidationError

from cards.parts import VERB

MAX_BYTES = 28 * 1024
MAX_ACTIONS = 6
INPUTS = ("Input.Text", "Input.Number", "Input.Date", "Input.Time", "Input.Toggle", "Input.ChoiceSet")
WORDS = ("TextBlock", "TextRun")
OPAQUE = ("data",)
UNTYPED = {
    ("FactSet", "facts"): models.Fact,
    ("Input.ChoiceSet", "choices"): models.Choice,
    ("Table", "columns"): models.ColumnDefinition,
    ("AdaptiveCard", "msteams"): models.TeamsCardProperties,
}
NEEDS_FALLBACK = ("Table", "Badge", "ProgressBar", "Icon", "Action.Execute")


def _by_type() -> dict[str, type[BaseModel]]:
    found = {}
    for model in vars(models).values():
        if isinstance(model, type) and issubclass(model, BaseModel) and "type" in model.model_fields:
            for literal in typing.get_args(model.model_fields["type"].annotation):
                found[literal] = model
    return found


BY_TYPE = _by_type()


def problems(card: dict[str, Any]) -> list[str]:
    """Everything wrong with a card; empty when it may be sent."""
    size = len(json.dumps(card, ensure_ascii=False).encode())
    found = [] if size <= MAX_BYTES else [f"{size} bytes"]
    if card.get("version") != "1.5":
        found.append("version is not 1.5")
    ids = Counter(node["id"] for node in _walk(card) if node["type"] in INPUTS and "fallback" not in node)
    found += [f"input id {name} stands {number} times" for name, number in ids.items() if number > 1]
    for node in _walk(card):
        found += [f"{node['type']}: {sentence}" for sentence in _of(node)]
    return found


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for item in node:
            yield from _walk(item)
    elif isinstance(node, dict):
        if "type" in node:
            yield node
        for key, value in node.items():
            if key not in OPAQUE:
                yield from _walk(value)


def _of(node: dict[str, Any]) -> Iterator[str]:
    model = BY_TYPE.get(node["type"])
    if model is None:
        yield "unknown type"
        return
    yield from _properties(node, model)
    yield from _house(node)


def _properties(node: dict[str, Any], model: type[BaseModel]) -> Iterator[str]:
    yield from _unknown(node, model)
    for key, value in node.items():
        if inner := UNTYPED.get((node["type"], key)):
            for item in value if isinstance(value, list) else [value]:
                yield from _unknown(item, inner)
    try:
        model.model_validate({key: value for key, value in node.items() if key != "fallback"})
    except ValidationError as error:
        yield from (f"{e['loc']}: {e['msg']}" for e in error.errors())


def _unknown(node: dict[str, Any], model: type[BaseModel]) -> Iterator[str]:
    known = {_alias(name) for name in model.model_fields} | {"$schema"}
    yield from (f"unknown property {key}" for key in node.keys() - known)


def _alias(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _house(node: dict[str, Any]) -> Iterator[str]:
    kind = node["type"]
    if kind in INPUTS and not (node.get("id") and node.get("label")):
        yield "an input without id or label"
    if kind in NEEDS_FALLBACK and "fallback" not in node:
        yield "no fallback"
    if kind == "Action.Execute":
        yield from _execute(node)
    if kind in ("Container", "Column", "TableCell") and node.get("style", "default") != "default" and not _words(node):
        yield "a colour without a word"
    elements = [*node.get("body", []), *node.get("items", [])]
    if any(str(element.get("type")).startswith("Action.") for element in elements):
        yield "a button outside a row of buttons"
    if len(node.get("actions", [])) > MAX_ACTIONS:
        yield "too many buttons"
    if kind == "TextBlock" and not node["text"].strip():
        yield "an empty text"


def _execute(node: dict[str, Any]) -> Iterator[str]:
    fallback = node.get("fallback", {})
    if fallback.get("type") != "Action.Submit" or fallback.get("data") != node.get("data"):
        yield "its fallback does not submit the same"
    if set(node.get("data", {})) != {"a"} or node.get("verb") != VERB:
        yield "it carries more than an opaque id"


def _words(node: dict[str, Any]) -> bool:
    return any(inner["type"] in WORDS and inner["text"].strip() for inner in _walk(node.get("items", [])))
