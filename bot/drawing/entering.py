"""What comes into a matrix: the letters that ask an entity to validate (R26, R29), the card of undated actions (R9)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.drawing.context import Desk
from bot.drawing.letters import request_id, token_for
from cards import undated
from cards.parts import Element, Reader
from mail.gateway import OutgoingMail
from mail.writing.validation import AskedAction, AskedSolution, ValidationData, bottleneck, validation
from methodology.notices import explain
from storage.ledger import Notice
from storage.matrix import Action, Entity, Initiative, Solution


def undated_card(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> tuple[Element, str] | None:
    """R9: one card per initiative with every action that the reminder is about."""
    initiative = desk.session.get_one(Initiative, notices[0].initiative_id)
    rows = [action for one in notices if (action := one.action) is not None and action.due is None]
    if not rows:
        return None
    data = undated.Undated(
        reader=reader,
        initiative=initiative.name,
        months=notices[-1].inputs["undated_months"],
        actions=tuple(undated.UndatedAction(row.code, row.text, row.entity.short) for row in rows),
        url=desk.studio.matrix_url(initiative),
    )
    return undated.undated(data), undated.summary(data)


def validation_reference(desk: Desk, told: Notice) -> str:
    """The reference of a letter that asks for validation: of its own, unlike the month's request (R14)."""
    return token_for(desk, told.entity_id or 0, told.key)


def validation_letter(desk: Desk, notices: Sequence[Notice]) -> OutgoingMail:
    """R26: one letter about every new action asked of an entity in one initiative at one time."""
    actions = [desk.session.get_one(Action, told.action_id) for told in notices]
    return validation(_data(desk, notices, actions=tuple(_asked(action) for action in actions)))


def bottleneck_letter(desk: Desk, notices: Sequence[Notice]) -> OutgoingMail:
    """R29: the approach to the entity that would carry out the solution."""
    solutions = [desk.session.get_one(Solution, told.inputs["solution"]) for told in notices]
    asked = tuple(AskedSolution(s.obstacle.theme, s.obstacle.text, s.text, s.obstacle.evidence) for s in solutions)
    return bottleneck(_data(desk, notices, solutions=asked))


def _data(
    desk: Desk,
    notices: Sequence[Notice],
    *,
    actions: tuple[AskedAction, ...] = (),
    solutions: tuple[AskedSolution, ...] = (),
) -> ValidationData:
    last, settings = notices[-1], desk.studio.settings
    entity = desk.session.get_one(Entity, last.entity_id)
    return ValidationData(
        to=(entity.mail,),
        entity=entity.short,
        initiative=desk.session.get_one(Initiative, last.initiative_id).name,
        reference=validation_reference(desk, last),
        message_id=request_id(desk, last),
        letterhead=desk.studio.letterhead,
        why=explain(last),
        actions=actions,
        solutions=solutions,
        illustrative=settings.illustrative,
    )


def _asked(action: Action) -> AskedAction:
    return AskedAction(action.code, action.text, action.entity.short, action.supporting, action.due)
