"""Planning looks around and ahead, over the wire: who owes, what falls due, what would be told."""

from __future__ import annotations

import asyncio
import re
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from storage.ledger import Notice
from storage.life import Absence
from storage.matrix import Person
from tests.bot.stage import Stage, words

LEADER = "lt-astilleros"


async def settled(stage: Stage) -> None:
    while stage.service.background:
        await asyncio.gather(*stage.service.background)


async def asked(stage: Stage, person: str, text: str) -> str:
    """What the last message says, once what goes on beside the turn is over."""
    await stage.sala.say(person, text)
    await settled(stage)
    return words(stage.cards(person)[-1])


async def test_who_owes_names_leaders_with_their_codes_and_entities_without_answer(stage: Stage) -> None:
    await stage.on(date(2026, 11, 26))
    said = await asked(stage, "pl", "/quien-falta astilleros")
    assert "Lucía Bermúdez" in said
    assert "AST-04" in said
    assert "Dimar" in said.partition("Entidades responsables")[2]
    await stage.answer("enlace.soluciones@dimar.example", "AST-04: 90 % El proyecto pasa a firma del despacho")
    said = await asked(stage, "pl", "quién falta en astilleros")
    assert "Dimar" not in said.partition("Entidades responsables")[2]


async def test_nobody_owes_a_month_whose_window_has_not_opened(stage: Stage) -> None:
    await stage.on(date(2026, 11, 12))
    said = await asked(stage, "pl", "/quien-falta astilleros")
    assert "Lucía Bermúdez" not in said
    assert "la ventana abre el 26/11/2026" in said


async def test_who_is_away_is_called_absent_with_the_substitute(stage: Stage) -> None:
    def away(session: Any) -> None:
        people = {person.name.split()[0]: person.id for person in session.scalars(select(Person))}
        today = date(2026, 11, 3)
        session.add(
            Absence(
                person_id=people["Lucía"],
                since=today,
                until=today + timedelta(days=29),
                substitute_id=people["Andrés"],
                recorded_by="Planeación",
            )
        )

    stage.read(away)
    await stage.on(date(2026, 11, 26))
    assert re.search(r"Lucía Bermúdez[^()]*\(ausente, responde Andrés", await asked(stage, "pl", "/quien-falta"))


async def test_a_leader_sees_only_the_own_initiatives(stage: Stage) -> None:
    await stage.on(date(2026, 11, 12))
    said = await asked(stage, LEADER, "/quien-falta")
    assert "AST-04" in said
    assert "BIO-" not in said


async def test_what_falls_due_comes_with_its_entity_and_the_days_left(stage: Stage) -> None:
    await stage.on(date(2026, 11, 17))
    said = await asked(stage, "vm", "/por-vencer")
    left = [int(days) for days in re.findall(r"faltan? (\d+) días?", said)]
    assert left == sorted(left)
    assert {10, 13} <= set(left)
    assert "vence el" in said


async def test_a_simulation_answers_at_once_and_its_message_becomes_the_result(stage: Stage) -> None:
    before = stage.read(lambda session: session.scalar(select(func.count()).select_from(Notice)))
    count = len(stage.cards("pl"))
    said = await asked(stage, "pl", "/simular 30/11/2026")
    assert len(stage.cards("pl")) == count + 1
    assert stage.cards("pl")[-1]["edited"]
    assert "Miércoles 11 de noviembre de 2026" in said
    assert "Solicitud de avance · Entidad responsable" in said
    assert stage.read(lambda session: session.scalar(select(func.count()).select_from(Notice))) == before


async def test_a_long_simulation_is_capped_and_has_pages(stage: Stage) -> None:
    said = await asked(stage, "pl", "/simular astilleros 31/12/2027")
    assert "como máximo 92 días: hasta el 3 de febrero de 2027" in said
    assert "Avisos 1 a 12 de " in said
    await stage.press("pl", stage.cards("pl")[-1], "Siguientes")
    await settled(stage)
    said = words(stage.cards("pl")[-1])
    assert "Avisos 13 a " in said
    await stage.press("pl", stage.cards("pl")[-1], "Anteriores")
    await settled(stage)
    assert "Avisos 1 a 12 de " in words(stage.cards("pl")[-1])


async def test_a_day_that_passed_and_other_posts_are_refused(stage: Stage) -> None:
    await stage.sala.say("pl", "/simular 1/11/2026")
    assert "Indique una fecha que no haya pasado" in words(stage.sala.messages("pl")[-1])
    await stage.sala.say(LEADER, "/simular 30/11/2026")
    assert "no está entre las opciones de su cargo" in words(stage.sala.messages(LEADER)[-1])


async def test_a_simulation_that_fails_says_so_and_reaches_planning(stage: Stage, monkeypatch: Any) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("bot.ahead_commands.look_ahead", broken)
    assert "No fue posible terminar" in await asked(stage, "pl", "/simular 30/11/2026")
    assert "trabajo" in (await asked(stage, "pl", "/bandeja")).lower()
