"""Frozen contents as PDF/UA-1, by typst: it refuses what is not accessible; the bytes are identical (date: none).

Only the fonts inside typst are used, so that the bytes do not depend on the machine.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import typst

from methodology.rules.snapshot import digest_of
from reports import formats
from reports.formats import Content

FOLDER = Path(__file__).parent / "templates"
STANDARD: Final = "ua-1"


def pdf(content: Content) -> bytes:
    """The PDF of a «logros», «matriz», «cierre» or «reunion» content. The texts travel as data, never as markup."""
    compiled = typst.compile(
        str(FOLDER / f"{content['kind']}.typ"),
        root=str(FOLDER),
        format="pdf",
        pdf_standards=STANDARD,
        ignore_system_fonts=True,
        sys_inputs={"content": json.dumps(_read_aloud(content), ensure_ascii=False)},
    )
    return bytes(compiled)


def _read_aloud(content: Content) -> dict[str, Any]:
    """The content with its dates and numbers as people read them, which typst cannot do by itself."""
    spoken: dict[str, Any] = {
        **content,
        "subtitle": formats.subtitle(content),
        "digest": digest_of(content),
        "cut_off_text": formats.long_day(content["cut_off"]),
    }
    if "achievements" in content:
        spoken["achievements"] = [{**a, "on": formats.short_day(a["on"])} for a in content["achievements"]]
    if "obstacles" in content:
        spoken["obstacles"] = [_spoken_obstacle(o) for o in content["obstacles"]]
    if "closing" in content:
        spoken |= _spoken_closing(content)
    if "agreements" in content:
        spoken["agreements"] = [{**a, "due": formats.short_day(a["due"])} for a in content["agreements"]]
    spoken["as_of_text"] = formats.long_day(content["as_of"]) if content.get("as_of") else ""
    return spoken


def _spoken_closing(content: Content) -> dict[str, Any]:
    challenges, closing = content["challenges"], content["closing"]
    unmet = [
        {**a, "due": formats.short_day(a["due"]), "percent": formats.said(a["percent"])} for a in challenges["actions"]
    ]
    exits = [
        {**e, "on": formats.short_day(e["on"]), "told_on": formats.short_day(e["told_on"]) if e["told_on"] else ""}
        for e in challenges["exits"]
    ]
    return {
        "launch_text": formats.long_day(content["initiative"]["launch"]),
        "confirmed_text": formats.long_day(closing["confirmed_on"]) if closing["confirmed_on"] else "",
        "challenges": {**challenges, "actions": unmet, "exits": exits},
        "timeline": [{**event, "on": formats.long_day(event["on"])} for event in content["timeline"]],
    }


def _spoken_obstacle(obstacle: Content) -> dict[str, Any]:
    solutions = [{**s, "actions": [_spoken_action(a) for a in s["actions"]]} for s in obstacle["solutions"]]
    return {**obstacle, "solutions": solutions}


def _spoken_action(action: Content) -> dict[str, Any]:
    moved = f"Fecha original: {formats.short_day(action['original_due'])}; {formats.times(action['moves'])}"
    return {
        **action,
        "due": formats.short_day(action["due"]),
        "moved": moved if action["moves"] else "",
        "percent": formats.said(action["percent"]),
        "month": formats.month(action["month"]),
    }
