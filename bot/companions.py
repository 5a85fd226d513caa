"""Several leaders of one initiative: what one registers, the others' open cards show (method.md, edge cases)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import rounds
from bot.answers import Turn
from bot.core import Core
from bot.drawing.context import Desk
from bot.drawing.month import LEADERS
from bot.in_hand import Round
from cards.parts import Element
from dialogs import followup as dialog
from methodology import buttons
from methodology.people import Actor, actor_of
from methodology.rules.months import Month
from storage.ledger import CardAction, TeamsPlace
from storage.matrix import Action, FollowUp, Initiative, Person

PERSON = "person:"


@dataclass(frozen=True)
class Redrawn:
    """A posted card as it has to stand now."""

    service_url: str
    place: str
    activity_id: str
    card: Element
    summary: str


def redrawn(session: Session, core: Core, registered: Sequence[int], own_place: str) -> list[Redrawn]:
    """The month's cards in other chats that ask for what was just registered; each goes on to its next action."""
    rows = session.scalars(select(FollowUp).where(FollowUp.id.in_(registered))).all()
    found: list[Redrawn] = []
    for initiative_id, month in sorted({(row.action.initiative_id, row.month) for row in rows}):
        of_month = [row for row in rows if (row.action.initiative_id, row.month) == (initiative_id, month)]
        initiative = session.get_one(Initiative, initiative_id)
        for button in _asking(session, initiative, month, [row.action for row in of_month], own_place):
            drawn = _draw(session, core, Round(initiative, Month.parse(month), late=False), button, of_month)
            found += [drawn] if drawn else []
    return found


def _asking(
    session: Session, initiative: Initiative, month: str, actions: Sequence[Action], own_place: str
) -> Iterator[CardAction]:
    """In each other chat the last posted card of the month, if it shows one of these actions."""
    query = select(CardAction).where(
        CardAction.verb == rounds.ASKING, CardAction.initiative_id == initiative.id, CardAction.activity_id != ""
    )
    codes, seen = {action.code for action in actions}, {own_place}
    for button in session.scalars(query.order_by(CardAction.expires_at.desc())):
        if button.place in seen or button.args["month"] != month:
            continue
        seen.add(button.place)
        if button.args["code"] in codes and not button.args["late"]:
            yield button


def _draw(
    session: Session, core: Core, month_round: Round, button: CardAction, registered: Sequence[FollowUp]
) -> Redrawn | None:
    place = session.scalar(select(TeamsPlace).where(TeamsPlace.conversation_id == button.place))
    if place is None or not place.reader.startswith(PERSON):
        return None
    person = session.get_one(Person, int(place.reader.removeprefix(PERSON)))
    desk = Desk(session, core.studio, "", core.clock.now()).anew("ronda")
    actor: Actor = actor_of(session, person, desk.today)
    if not actor.holds(LEADERS, month_round.initiative.id):
        return None
    turn = Turn(desk, actor, button.place, button.activity_id)
    state, shown = rounds.step(turn, month_round, rounds.start_of(turn, month_round))
    told = [replace(one, notice=_told(registered)) if isinstance(one, dialog.ShowItem) else one for one in shown]
    answer = rounds.shown_of(turn, month_round, state, told)[-1]
    if answer.card is None:
        return None
    buttons.bind(session, answer.scope, button.place, button.activity_id)
    return Redrawn(place.service_url, button.place, button.activity_id, answer.card, answer.summary)


def _told(registered: Sequence[FollowUp]) -> str:
    codes = ", ".join(row.action.code for row in registered)
    return rounds.MEANWHILE.format(who=registered[0].author, codes=codes)
