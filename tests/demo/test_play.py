"""`make demo PLAY=1` from the outside."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from bot.demo import free_port, running
from demo.play import play


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    return tmp_path_factory.mktemp("obra") / "demo"


async def test_a_month_plays_by_itself_and_leaves_what_was_seen(folder: Path) -> None:
    told = io.StringIO()
    async with running(folder, free_port()) as demo:
        outcome = await play(demo.sala, folder, Console(file=told, width=120))
    assert outcome == 0, told.getvalue()
    assert "Se comprobaron" in told.getvalue()
    letters = [path.read_text(errors="replace") for path in sorted((folder / "correos").glob("*.eml"))]
    assert any("Auto-Submitted: auto-replied" in letter for letter in letters)
    assert any(path.name.endswith("canal-escalamiento.json") for path in (folder / "tarjetas").iterdir())
    assert all(json.loads(path.read_text())["type"] == "AdaptiveCard" for path in (folder / "tarjetas").iterdir())
    assert {path.suffix for path in (folder / "informes").iterdir()} == {".html", ".pdf", ".xlsx"}
    assert len(list((folder / "sitio" / "reportes").glob("*.html"))) == 2


async def test_what_was_not_seen_is_said_and_fails(tmp_path: Path) -> None:
    """Without the entities' answers half of the month cannot be seen."""
    told = io.StringIO()
    async with running(tmp_path / "demo", free_port()) as demo:
        demo.sala.mailroom.reply = _lost  # type: ignore[method-assign]
        outcome = await play(demo.sala, tmp_path / "demo", Console(file=told, width=120))
    assert outcome == 1
    assert "No se vio lo esperado" in told.getvalue()
    assert "propuesta" in told.getvalue()


async def _lost(*_: object, **__: object) -> str:
    return ""
