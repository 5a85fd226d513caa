"""`make demo PLAY=1`: a fresh demonstration on a free port, and the Sala's own script of a month in it."""

from __future__ import annotations

from pathlib import Path

from bot.demo import FOLDER, free_port, running
from demo.play import play


async def play_month(folder: Path = FOLDER) -> int:
    """0 when all that the month should bring was seen, else 1; what was seen stays in `folder`."""
    async with running(folder, free_port()) as demo:
        return await play(demo.sala, folder)
