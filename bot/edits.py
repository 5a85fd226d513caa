"""Changes of an action by hand: the same three operations behind the commands and the card's buttons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.answers import Answer, Turn, done
from methodology import actions
from methodology.refusals import Incomplete
from methodology.rules.spanish import long_date


def move(turn: Turn, code: str, due: date | None, reason: str) -> Answer:
    """Set or move a date; the clock looks at once at what follows from it."""
    if due is None:
        raise Incomplete({"due": "Indique la nueva fecha de vencimiento, por ejemplo 18/12/2026."})
    desk = turn.desk
    action = actions.move_due(
        desk.session, code, due, reason=reason, actor=turn.actor, now=desk.now, method=desk.studio.method
    )
    return replace(done(f"{action.code} vence el {long_date(due)}."), beat=True)


def reassign(turn: Turn, code: str, entity: str, reason: str) -> Answer:
    action = actions.reassign(turn.desk.session, code, entity, reason=reason, actor=turn.actor, now=turn.desk.now)
    return done(f"{action.code} queda a cargo de {action.entity.name}.")


def meet(turn: Turn, code: str, met_on: date | None, evidence: str) -> Answer:
    if met_on is None:
        raise Incomplete({"met_on": "Indique la fecha de cumplimiento, por ejemplo 18/11/2026."})
    action = actions.mark_met(turn.desk.session, code, met_on, evidence=evidence, actor=turn.actor, now=turn.desk.now)
    return done(f"{action.code} queda cumplida con fecha {long_date(met_on)}.")
