"""R3, R24: the matrix of a past day and a meeting's document, by signed link."""

from __future__ import annotations

from datetime import date, timedelta

import aiohttp
from sqlalchemy import select

from methodology.clock import local
from storage.life import Meeting
from storage.matrix import Initiative
from tests.bot.stage import Stage


async def test_a_matrix_opens_as_it_stood_on_a_past_day_and_on_no_day_to_come(stage: Stage) -> None:
    await stage.on(date(2026, 11, 6))
    studio, today = stage.service.studio, local(stage.demo.clock.now()).date()
    initiative = stage.read(lambda session: session.scalars(select(Initiative)).first())
    url = studio.matrix_url(initiative, today - timedelta(days=3))
    async with aiohttp.ClientSession() as http:
        said = await (await http.get(url)).text()
        assert "tal como estaba el" in said
        assert "tal como estaba el" not in await (await http.get(studio.matrix_url(initiative, today))).text()
        for day in ("mañana", date(2026, 10, 29).isoformat(), (today + timedelta(days=1)).isoformat()):
            assert (await http.get(f"{studio.matrix_url(initiative)}&al={day}")).status == 404
        assert (await http.get(url.replace("?t=", "?t=x"))).status == 403


async def test_a_meetings_document_opens_only_by_its_signed_link(stage: Stage) -> None:
    def prepared(session):
        row = Meeting(kind="seguimiento", state="preparada", prepared_by="GG", prepared_at=stage.demo.clock.now())
        session.add(row)
        session.flush()
        return row.id

    url = stage.service.studio.meeting_url(stage.read(prepared))
    async with aiohttp.ClientSession() as http:
        page = await http.get(url)
        assert "Reunión interna de seguimiento" in await page.text()
        assert page.headers["Cache-Control"] == "private, no-store"
        assert (await (await http.get(f"{url}&formato=pdf")).read()).startswith(b"%PDF")
        assert (await http.get(f"{url}&formato=xlsx")).status == 404
        assert (await http.get(url.split("?")[0])).status == 403
        other = stage.service.studio.meeting_url(9999)
        assert (await http.get(other)).status == 404
