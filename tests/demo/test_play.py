"""`make demo PLAY=1` from the outside."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest
from rich.console import Console

from bot.demo import CLOCK_PATH, free_port, running
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


STEP = '{"step": "dia"}'
JSON = {"Content-Type": "application/json"}


async def test_only_the_page_or_a_declared_script_moves_the_clock_a_bounded_step(tmp_path: Path) -> None:
    async with running(tmp_path / "demo", free_port()) as demo, aiohttp.ClientSession() as http:
        base = demo.sala.config.base_url

        async def post(body: str = STEP, **headers: str) -> int:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            async with http.post(base + CLOCK_PATH, data=body, headers=JSON | named) as answer:
                return answer.status

        before = demo.clock.now()
        assert await post() == 403
        assert await post(Origin="https://ajeno.example") == 403
        assert await post(Origin=base, Host="ajeno.example") == 421
        assert await post(X_Sala="1", Content_Type="text/plain") == 415
        for step in ("2027-03-04", "9999-12-31", "ayer"):
            assert await post(json.dumps({"step": step}), X_Sala="1") == 400
        assert await post("[]", X_Sala="1") == 400
        assert demo.clock.now() == before
        async with http.get(base + CLOCK_PATH, headers={"Host": "ajeno.example"}) as answer:
            assert answer.status == 421
        assert await post(Origin=base) == 200
        await demo.sala.step("dia")
        assert (demo.clock.now() - before).days == 2


async def _lost(*_: object, **__: object) -> str:
    return ""
