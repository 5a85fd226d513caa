"""`soluciones demo --script FILE`: a fresh Sala in which a script of operations happens, day by day, as it would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from bot.demo import FOLDER, PORT, Demo, free_port, running
from bot.service import Service
from bot.site import publish_site
from methodology.script import Step, doing_for, play_step, read_script

DONE = "{on}  {role:<6} {does:<28} {outcome}"
REFUSED = "NO SE HIZO: {refused}"
PLAYED = "Guion terminado: {steps} pasos, {refused} no se hicieron."

Tell = Callable[[str], None]


async def play_script(
    path: Path,
    *,
    stay: bool = True,
    folder: Path = FOLDER,
    port: int = PORT,
    ready: Tell = print,
    tell: Tell = print,
) -> int:
    """Play the file in a fresh demonstration; `stay` leaves the Sala open. 1 when a step was refused, else 0.

    Raises:
        BadScript: the file cannot be read; nothing was started.
    """
    steps = await asyncio.to_thread(read_script, path)
    async with running(folder, port if stay else free_port()) as demo:
        ready(demo.sala.config.base_url)
        lines = await perform_all(demo, steps, lambda line: tell(told(line)))
        refused = sum("refused" in line for line in lines)
        tell(PLAYED.format(steps=len(lines), refused=refused))
        if stay:
            await asyncio.Event().wait()
        return 1 if refused else 0


async def perform_all(demo: Demo, steps: Sequence[Step], tell: Callable[[Mapping[str, Any]], None]) -> list[Any]:
    """Live to each step's day, do it through the running service, and let the clock do what follows from it."""
    lines = []
    for step in steps:
        await demo.live_until(step.day)
        now = max(step.at, demo.clock.now())
        demo.clock.set(now)
        line = await demo.service.db.run(_perform, demo.service, replace(step, at=now))
        await demo.service.metronome.beat()
        lines.append(line)
        tell(line)
    await publish_site(demo.service)
    return lines


def _perform(session: Session, service: Service, step: Step) -> dict[str, Any]:
    doing = doing_for(session, service.method, step.at)
    return play_step(session, step, replace(doing, published=service.studio.published))


def told(line: Mapping[str, Any]) -> str:
    """One step of the journal for a person."""
    outcome = line.get("done") or REFUSED.format(refused=line["refused"])
    return DONE.format(on=line["on"], role=line["role"], does=line["does"], outcome=outcome)
