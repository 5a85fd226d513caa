"""R3 behind every door of the running service: whoever acts signs what changes, and the clock signs the rest."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from methodology.history import CLOCK
from storage.history import Change
from tests.bot.stage import Stage

RAISED = date(2026, 11, 11)


def _signed(stage: Stage, table: str, column: str) -> list[tuple[str, str, Any]]:
    """(author, reason, value) of the changes of one column, oldest first."""
    query = select(Change).where(Change.table == table).order_by(Change.id)
    changes = stage.read(lambda session: list(session.scalars(query)))
    return [(c.author, c.reason, c.after[column]) for c in changes if c.before and column in c.after]


async def test_the_clock_a_button_a_line_and_a_mail_sign_what_they_change(stage: Stage) -> None:
    await stage.on(RAISED)
    assert {author for author, _, state in _signed(stage, "alert", "state") if state == "elevada_1"} == {CLOCK}
    assert {author for author, _, _ in _signed(stage, "alert", "told_leader_on")} == {CLOCK}

    await stage.press("vm", stage.card("vm", "escalamiento", having="AST-04"), "Acuso recibo")
    ((author, reason, _),) = _signed(stage, "alert", "acknowledged_by")
    assert (author, reason) == ("Beatriz Londoño Ortega", "Botón de una tarjeta (alert.ack)")

    await stage.answer("enlace.soluciones@dimar.example", "AST-04: 85 % – El proyecto salió a comentarios del sector")
    ended = _signed(stage, "silence", "ended_because")
    assert [author for author, _, because in ended if because == "respuesta"] == ["enlace.soluciones@dimar.example"]

    await stage.on(date(2026, 11, 26))
    line = "AST-04 80% La entidad terminó el concepto técnico y lo remitió a la oficina jurídica"
    await stage.sala.say("lt-astilleros", line)
    assert _signed(stage, "action", "percent")[-1] == ("Lucía Bermúdez Castro", line, 80.0)
