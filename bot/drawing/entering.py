"""What comes into a matrix: the letters that ask an entity to validate (R26, R29), the card of undated actions (R9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from bot.drawing.context import Desk
from bot.drawing.form_links import validation_link
from bot.drawing.forms import open_button, operation_button
from bot.drawing.letters import request_id, token_for
from cards import undated, validated
from cards.parts import Element, Reader
from mail.gateway import OutgoingMail
from mail.writing.validation import (
    AnsweredData,
    AskedAction,
    AskedSolution,
    ValidationData,
    answered,
    bottleneck,
    validation,
)
from methodology import tray
from methodology.notices import reason
from methodology.operation import Kind
from methodology.operations import find
from methodology.validations import TO_RECORD
from storage.forms import FormSubmission
from storage.ledger import Notice, Outreach
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


def receipt_letter(desk: Desk, notices: Sequence[Notice]) -> OutgoingMail:
    """R26, R29: to the entity, exactly what its page said; it answers the letter that asked."""
    last, settings = notices[-1], desk.studio.settings
    rows = [desk.session.get_one(FormSubmission, told.inputs["submission"]) for told in notices]
    row = rows[-1]
    asked = desk.session.scalar(select(Outreach.message_id).where(Outreach.token == row.form.reference))
    data = AnsweredData(
        to=(row.form.entity.mail,),
        entity=row.form.entity.short,
        items=tuple((i["title"], i["verdict"], i["text"], i["outcome"]) for one in rows for i in one.items),
        who="; ".join(dict.fromkeys(one.who for one in rows)),
        why=reason(last),
        message_id=request_id(desk, last),
        letterhead=desk.studio.letterhead,
        reference=row.form.reference,
        in_reply_to=asked or "",
        illustrative=settings.illustrative,
    )
    return answered(data)


def answered_card(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> tuple[Element, str]:
    """R26, R29: to whoever asked: what the entity answered; what is left to a person has its button."""
    data = validated.Validated(reader, tuple(answer for told in notices for answer in _answers(desk, told)))
    return validated.validated(data), validated.summary(data)


def _answers(desk: Desk, told: Notice) -> Iterator[validated.Answer]:
    row = desk.session.get_one(FormSubmission, told.inputs["submission"])
    initiative = desk.session.get_one(Initiative, told.initiative_id).name
    for item in row.items:
        if item["key"] in told.inputs["about"]:
            yield _answer(desk, row, initiative, item)


def _answer(desk: Desk, row: FormSubmission, initiative: str, item: Mapping[str, str]) -> validated.Answer:
    action = desk.session.scalar(select(Action).where(Action.code == item["key"]))
    waits = tray.open_item(desk.session, TO_RECORD, item["key"])
    return validated.Answer(
        title=item["title"],
        entity=row.form.entity.short,
        initiative=initiative,
        who=row.who,
        answer=item["verdict"],
        words=item["text"],
        outcome=item["outcome"],
        record=record_button(desk, waits.detail) if waits else "",
        open=open_button(desk, Kind.ACTION, action) if action else "",
    )


def record_button(desk: Desk, detail: Mapping[str, Any]) -> str:
    """The form by which a person records what an entity said of a validation; its words stand in it."""
    key = str(detail["asunto"])
    typed = {"acepta": "no" if detail["respuesta"] == "no" else "", "quien": detail["quien"]}
    typed |= {"fecha": detail["fecha"], "evidencia": detail["evidencia"]}
    if key.startswith("solución "):
        return operation_button(desk, find("cuello.validar"), {"solucion": key.removeprefix("solución ")}, None, typed)
    return operation_button(desk, find("accion.validada"), {"accion": key}, None, typed)


def _data(
    desk: Desk,
    notices: Sequence[Notice],
    *,
    actions: tuple[AskedAction, ...] = (),
    solutions: tuple[AskedSolution, ...] = (),
) -> ValidationData:
    last, settings = notices[-1], desk.studio.settings
    entity = desk.session.get_one(Entity, last.entity_id)
    reference = validation_reference(desk, last)
    page = validation_link(desk, reference, entity.id, [one.subject for one in notices])
    return ValidationData(
        to=(entity.mail,),
        entity=entity.short,
        initiative=desk.session.get_one(Initiative, last.initiative_id).name,
        reference=reference,
        message_id=request_id(desk, last),
        letterhead=desk.studio.letterhead,
        why=reason(last),
        actions=actions,
        solutions=solutions,
        illustrative=settings.illustrative,
        form_url=page.url,
    )


def _asked(action: Action) -> AskedAction:
    return AskedAction(action.code, action.text, action.entity.short, action.supporting, action.due)
