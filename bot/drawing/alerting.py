"""Cards about alerts: the leader's digest, the decision card, its pointer, the decision told back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select

from bot.drawing import alert_steps
from bot.drawing.context import Desk
from bot.drawing.forms import about_button
from bot.drawing.paging import paged
from cards import alert_list, alerts, answered, decision, escalation, pointer
from cards.parts import Element, Reader
from methodology.alerts import (
    ACKNOWLEDGED,
    ASSIGNED,
    HANDLED,
    INFORMATION,
    SECOND_MOMENT,
    TO_MINISTER,
    TOLD,
    is_acknowledged,
    is_managed,
    subject,
)
from methodology.clock import local, start_of
from methodology.operation import Kind
from methodology.operations import find
from methodology.rules.states import OPEN_ALERTS, POST_NAMES, AlertKind, AlertState, Post
from storage.ledger import Alert, Delivery, Notice
from storage.matrix import Initiative

LEADER_SIDE = (Post.LEADER, Post.PLANNING)
SEERS = (Post.VICE_MINISTER, Post.MINISTER, Post.MANAGEMENT, Post.PLANNING, Post.LEADER)
DECIDERS = (Post.VICE_MINISTER, Post.MINISTER)
CHANNEL = "Escalamiento"
ASKS = {
    AlertKind.OVERDUE_MONTH: "gestionar ante {entity} el cumplimiento de la acción",
    AlertKind.NO_REPLY: "gestionar la respuesta de {entity} a la solicitud de avance",
}


_WORDS = {
    ACKNOWLEDGED: decision.INSTRUCTION,
    ASSIGNED: decision.INSTRUCTION,
    INFORMATION: "Pregunta",
    TO_MINISTER: "Motivo",
    SECOND_MOMENT: "Integrantes",
    HANDLED: "Cómo se atendió",
}


def digest(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> tuple[Element, str]:
    """R15, R16 and R19 of one moment to one leader: one message."""
    lines = tuple(_line(desk, notice) for notice in notices)
    names = {notice.initiative.name for notice in notices if notice.initiative}
    first = notices[0].initiative_id
    data = alerts.AlertDigest(reader, " · ".join(sorted(names)), lines, desk.office(first))
    return alerts.alerts(data), alerts.summary(data)


def _line(desk: Desk, notice: Notice) -> alerts.AlertLine:
    why = desk.button("notice.why", {"notice": notice.id})
    name = notice.initiative.name if notice.initiative else ""
    alert = desk.session.get(Alert, notice.alert_id) if notice.alert_id else None
    if alert is None:
        due = notice.due or desk.today
        return alerts.AlertLine(
            kind=alerts.DUE_SOON,
            code=notice.subject,
            text=notice.action.text if notice.action else "",
            entity=notice.action.entity.short if notice.action else "",
            due=notice.due,
            days=(due - desk.today).days,
            why=why,
            initiative=name,
        )
    method = desk.studio.method
    hold = method.of(alert.initiative).hold_habiles
    return alerts.AlertLine(
        kind=alert.kind,
        code=subject(alert),
        text=words_of(alert),
        entity=entity_of(alert),
        due=alert.action.due if alert.action else None,
        days=days_of(desk, alert),
        why=why,
        rises_on=method.calendar.add(alert.told_leader_on or desk.today, hold),
        note=desk.button("alert.note", {"alert": alert.id}, posts=LEADER_SIDE, initiative_id=alert.initiative_id),
        noted=alert.note,
        initiative=name,
    )


Tries = Mapping[int, escalation.Tried]
"""By alert, the form that was refused."""


def escalation_card(
    desk: Desk, notices: Sequence[Notice], *, first: int = 0, tries: Tries | None = None
) -> tuple[Element, str]:
    """R17: one decision card per initiative and day, a line and its buttons per alert; decided lines say by whom.

    `first` begins the page; that of the alert whose form was refused is shown.
    """
    initiative = desk.session.get_one(Initiative, notices[0].initiative_id)
    rows = [desk.session.get_one(Alert, notice.alert_id) for notice in notices if notice.alert_id]
    for alert_id in tries or ():
        first = [row.id for row in rows].index(alert_id) // escalation.PAGE * escalation.PAGE
    day = _posted_on(desk, notices)
    data = escalation.Escalation(
        initiative=initiative.name,
        office=f"Despacho {desk.office(initiative.id)}",
        day=day,
        alerts=tuple(escalated(desk, alert, tries) for alert in rows),
        first=first,
        following=_page(desk, initiative, first + escalation.PAGE, len(rows)),
        previous=_page(desk, initiative, first - escalation.PAGE, len(rows)),
    )
    return escalation.escalation(data), escalation.summary(data)


def _page(desk: Desk, initiative: Initiative, first: int, total: int) -> str:
    if not 0 <= first < total:
        return ""
    return desk.button("escalation.page", {"first": first}, posts=SEERS, initiative_id=initiative.id)


def _posted_on(desk: Desk, notices: Sequence[Notice]) -> date:
    query = select(Delivery.sent_at).where(Delivery.notice_id == notices[0].id, Delivery.sent_at.is_not(None))
    sent_at = desk.session.scalars(query).first()
    return local(sent_at).date() if sent_at else desk.today


def escalated(desk: Desk, alert: Alert, tries: Tries | None = None) -> escalation.EscalatedAlert:
    """One alert as a decision card shows it: what was decided and holds, and the buttons of what may still be."""
    closed = alert.state not in OPEN_ALERTS

    def decide(verb: str) -> str:
        return desk.button(verb, {"alert": alert.id}, posts=DECIDERS, initiative_id=alert.initiative_id)

    managed = is_managed(alert, desk.today)
    acknowledged = is_acknowledged(alert, desk.today) or managed or closed
    entity = entity_of(alert)
    return escalation.EscalatedAlert(
        kind=alert.kind,
        code=subject(alert),
        action=words_of(alert),
        entity=entity,
        due=alert.action.due if alert.action else None,
        days=days_of(desk, alert),
        percent=alert.action.percent if alert.action else None,
        asks=ASKS[AlertKind(alert.kind)].format(entity=entity),
        steps=alert_steps.steps(desk, alert),
        acknowledge="" if acknowledged else decide("alert.ack"),
        assign="" if managed or closed else decide("alert.assign"),
        correct=decide("alert.assign") if managed and not closed else "",
        charge=escalation.Charge(alert.managed_by, alert.managed_until, alert.managed_text) if managed else None,
        ask="" if closed else decide("alert.ask"),
        promise=decide("alert.promise") if _may_promise(desk, alert, closed=closed) else "",
        detail=desk.button("alert.why", {"alert": alert.id}, posts=SEERS, initiative_id=alert.initiative_id),
        decisions=alert_steps.decisions(desk, alert),
        on=desk.today,
        over=alert.closed_because.replace("_", " ") if closed else "",
        tried=(tries or {}).get(alert.id, escalation.Tried()),
    )


def _may_promise(desk: Desk, alert: Alert, *, closed: bool) -> bool:
    """An acknowledgement without a date may be given one."""
    return not closed and is_acknowledged(alert, desk.today) and alert.acknowledged_until is None


def pointer_card(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> tuple[Element, str]:
    """R17: the holder in person gets a short pointer to the channel's cards of a moment, one message for all."""
    data = pointer.Pointer(reader, CHANNEL, tuple(_pointed(desk, notice) for notice in notices))
    return pointer.pointer(data), pointer.summary(data)


def _pointed(desk: Desk, notice: Notice) -> pointer.Pointed:
    initiative = desk.session.get_one(Initiative, notice.initiative_id)
    on_card = desk.session.scalar(
        select(func.count(Notice.id)).where(
            Notice.rule == "R17", Notice.initiative_id == initiative.id, Notice.id.in_(_posted_that_day(notice))
        )
    )
    return pointer.Pointed(initiative.name, on_card or 1, _card_url(desk, notice))


def pointed_cards(desk: Desk, notices: Sequence[Notice]) -> tuple[Element, str] | None:
    """What a pointer points to: the decision cards of that day, all their pages, for whoever decides by mail."""
    pages = [page for notice in notices for page in _pages(desk, notice)]
    if not pages:
        return None
    card, _summary = pages[0]
    body = [part for page, _summary in pages for part in page["body"]]
    return {**card, "body": body}, "; ".join(dict.fromkeys(summary for _page, summary in pages))


def _pages(desk: Desk, notice: Notice) -> Iterator[tuple[Element, str]]:
    """The pages of one initiative's decision card; its heading stands on the first."""
    query = select(Notice).where(
        Notice.rule == "R17", Notice.initiative_id == notice.initiative_id, Notice.id.in_(_posted_that_day(notice))
    )
    rows = desk.session.scalars(query.order_by(Notice.id)).all()
    for first in range(0, len(rows), escalation.PAGE):
        card, summary = escalation_card(desk, rows, first=first)
        yield {**card, "body": card["body"][min(first, 1) :]}, summary


def _posted_that_day(notice: Notice) -> Select[int]:
    """The notices that were posted on the day the pointer speaks of."""
    begins = start_of(date.fromisoformat(notice.period))
    return select(Delivery.notice_id).where(Delivery.sent_at >= begins, Delivery.sent_at < begins + timedelta(days=1))


def _card_url(desk: Desk, about: Notice) -> str:
    """Teams' deep link to the channel's message about the same alert; the Sala's own page in the demonstration."""
    settings = desk.studio.settings
    if settings.demo:
        return f"{settings.public_url}/#canal=escalamiento"
    query = (
        select(Delivery)
        .join(Notice, Notice.id == Delivery.notice_id)
        .where(Notice.rule == "R17", _same_card(about), Delivery.state == "sent")
        .order_by(Delivery.id.desc())
        .limit(1)
    )
    sent = desk.session.scalar(query)
    if sent is None:
        return ""
    channel = sent.receipt.get("place", "").partition(";")[0]
    return f"https://teams.microsoft.com/l/message/{channel}/{sent.receipt.get('id', '')}"


def _same_card(about: Notice) -> ColumnElement[bool]:
    """The alert's own card; where a notice names none, the newest of its initiative."""
    if about.alert_id is not None:
        return Notice.alert_id == about.alert_id
    return Notice.initiative_id == about.initiative_id


def answered_card(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> tuple[Element, str]:
    """What was asked for was given: told to whoever asked, with the channel's card (R17)."""
    rows = [(notice, desk.session.get_one(Initiative, notice.initiative_id)) for notice in notices]
    questions = tuple(
        answered.AnsweredQuestion(
            notice.subject, initiative.name, notice.inputs["text"], notice.inputs["answer"], _card_url(desk, notice)
        )
        for notice, initiative in rows
    )
    data = answered.Answered(reader, questions)
    return answered.answered(data), answered.summary(data)


def decision_card(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> tuple[Element, str]:
    """What was decided, told to the leader (R17)."""
    names = sorted({notice.initiative.name for notice in notices if notice.initiative})
    lines = tuple(_decided(desk, desk.session.get_one(Alert, n.alert_id), n) for n in notices if n.alert_id)
    data = decision.DecisionNews(reader, " · ".join(names), lines)
    return decision.decision(data), decision.summary(data)


def _decided(desk: Desk, alert: Alert, notice: Notice) -> decision.DecisionLine:
    """One decision as it was taken, from what its notice kept; an assignment that was corrected says when.

    Where more information was asked for, its button opens the annotation that answers it.
    """
    told: Mapping[str, str] = notice.inputs
    asked = told["what"] == INFORMATION and alert.state in OPEN_ALERTS
    return decision.DecisionLine(
        subject=subject(alert),
        text=words_of(alert),
        what=alert_steps.DECISIONS[told["what"]],
        who=told["by"],
        at=datetime.fromisoformat(told["at"]),
        charged=told.get("person", ""),
        until=date.fromisoformat(told["until"]) if told.get("until") else None,
        words=told.get("text", ""),
        name=_name_of_words(told),
        answer=about_button(desk, find("alerta.anotar"), Kind.ALERT, alert) if asked else "",
        corrected=_corrected(desk, notice) if told["what"] == ASSIGNED else None,
    )


def _name_of_words(told: Mapping[str, str]) -> str:
    """«Instrucción», «Pregunta de la Viceministra»; what was asked before posts were kept is a question alone."""
    if told["what"] != INFORMATION or "post" not in told:
        return _WORDS[told["what"]]
    female = told["gender"] == "f"
    post = POST_NAMES[Post(told["post"])][female].split()[0]
    return f"{_WORDS[INFORMATION]} {'de la' if female else 'del'} {post}"


def _corrected(desk: Desk, notice: Notice) -> datetime | None:
    """When another assignment replaced this one."""
    later = select(Notice.inputs).where(Notice.alert_id == notice.alert_id, Notice.rule == TOLD, Notice.id > notice.id)
    given = [told for told in desk.session.scalars(later.order_by(Notice.id)) if told["what"] == ASSIGNED]
    return datetime.fromisoformat(given[-1]["at"]) if given else None


def list_card(desk: Desk, subtitle: str, rows: Sequence[Alert], *, first: int, slug: str) -> tuple[Element, str]:
    """`/alertas`, of one initiative (`slug`) or of all that are the reader's."""
    shown, page = paged(desk, "alerts.page", rows, first, alert_list.PAGE, SEERS, initiative=slug)
    lines = tuple(
        alert_list.ListedAlert(
            kind=alert.kind,
            code=subject(alert),
            text=words_of(alert),
            initiative=alert.initiative.name,
            raised_on=alert.raised_on,
            level=alert_steps.LEVELS[AlertState(alert.state)],
            next_step=alert_steps.standing(desk, alert),
            why=desk.button("alert.why", {"alert": alert.id}, posts=SEERS, initiative_id=alert.initiative_id),
            open=desk.button("subject.open", {"kind": "ALERT", "key": str(alert.id)}, posts=SEERS),
        )
        for alert in shown
    )
    data = alert_list.AlertList(subtitle, lines, page)
    return alert_list.alert_list(data), alert_list.summary(data)


def words_of(alert: Alert) -> str:
    """What the alert is about: the action's words, or the silence."""
    if alert.action is not None:
        return alert.action.text
    name = alert.entity.name if alert.entity else ""
    return f"{name} no ha respondido a la solicitud de avance sobre {alert.initiative.name}"


def entity_of(alert: Alert) -> str:
    """The responsible, or silent, entity's short name."""
    entity = alert.action.entity if alert.action else alert.entity
    return entity.short if entity else ""


def days_of(desk: Desk, alert: Alert) -> int:
    """Days overdue, or hábil days of silence."""
    if alert.action is not None and alert.action.due is not None:
        return (desk.today - alert.action.due).days
    first = date.fromisoformat(alert.episode)
    return len(desk.studio.method.calendar.habiles(first, desk.today)) - 1
