"""What each button does: one table of verbs; a press is checked, done, and answered with the card as it now is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select

from bot import ahead_commands, commands, evidence, files, life_commands, operations, rounds, tables, typed
from bot.answers import Answer, Turn, done
from bot.drawing import alert_steps, alerting, high_level, planning
from bot.drawing.subjects import doing_of
from bot.drawing.troubles import matter_card, tray_card
from cards import escalation
from cards.message import EXPIRED
from cards.operation_list import TOPIC
from cards.parts import own_inputs
from dialogs.lines import parse_lines
from methodology import alerts, backlog, buttons, doubts, tray, tray_work
from methodology.buttons import Where
from methodology.drafts import approve_and_send
from methodology.history import recording
from methodology.notices import reason
from methodology.operations import find, perform
from methodology.publishing import name_of
from methodology.refusals import Incomplete, NotFound
from methodology.rules.months import Month
from methodology.rules.spanish import parse_date
from storage.ledger import CardAction, Delivery, Notice, Report, TrayItem

Verb = Callable[[Turn, CardAction], Answer]
PRESSED = "Botón de una tarjeta ({verb})"


def press(turn: Turn, token: str) -> Answer:
    """Check the button (place, person, post, expiry, once) and do what it stands for.

    Raises:
        Refusal: with the sentence to show; nothing was changed.
    """
    desk = turn.desk
    button = buttons.press(
        desk.session, token, actor=turn.actor, place=turn.place, activity_id=turn.activity_id, now=desk.now
    )
    scoped = replace(
        turn,
        desk=replace(desk.of(button.scope), where=_where(turn, button)),
        values={**turn.values, **own_inputs(turn.values, token)},
    )
    reason = _text(scoped, "reason") or PRESSED.format(verb=button.verb)
    with recording(desk.session, turn.actor.name, reason, desk.now):
        if verb := VERBS.get(button.verb):
            return verb(scoped, button)
        raise NotFound(EXPIRED)  # a card of a former version


def _where(turn: Turn, button: CardAction) -> Where:
    """What follows a press stands in its place, and is seen by whom it was."""
    return Where(turn.place, turn.activity_id, button.person_id if button.private else None)


def _note(turn: Turn, button: CardAction) -> Answer:
    alert = alerts.annotate(
        turn.desk.session, button.args["alert"], _text(turn, "note"), actor=turn.actor, today=turn.desk.today
    )
    told = done(f"Anotación registrada en la alerta de {alerts.subject(alert)}.")
    return replace(told, redraw=operations.posted_decision(turn.desk.session, alert), beat=True)


def _acknowledge(turn: Turn, button: CardAction) -> None:
    alerts.acknowledge(turn.desk.session, button.args["alert"], actor=turn.actor, now=turn.desk.now)


def _promise(turn: Turn, button: CardAction) -> None:
    """The acknowledgement gets a date, with which it lapses."""
    if (until := _date(turn, "until")) is None:
        raise Incomplete({"until": "Indique la fecha de compromiso."})
    alerts.acknowledge(turn.desk.session, button.args["alert"], actor=turn.actor, now=turn.desk.now, until=until)


def _ask(turn: Turn, button: CardAction) -> None:
    raw = {"alerta": str(button.args["alert"]), "texto": _text(turn, "text")}
    try:
        perform(doing_of(turn.desk, turn.actor), find("alerta.informacion"), raw)
    except Incomplete as exc:
        raise Incomplete({"text": str(exc)}) from exc


def _assign(turn: Turn, button: CardAction) -> None:
    until = _date(turn, "until")
    alerts.assign(
        turn.desk.session,
        button.args["alert"],
        person=_text(turn, "person"),
        until=until,
        text=_text(turn, "text"),
        actor=turn.actor,
        now=turn.desk.now,
    )


def _deciding(act: Callable[[Turn, CardAction], None]) -> Verb:
    """A decision about an alert; what its form lacks is said at the field, with what was typed, to whoever pressed."""

    def verb(turn: Turn, button: CardAction) -> Answer:
        try:
            act(turn, button)
        except Incomplete as exc:
            typed_in = {name: _text(turn, name) for name in ("person", "until", "text")}
            tried = escalation.Tried(button.verb.removeprefix("alert."), typed_in, exc.fields)
            tries = {button.args["alert"]: tried}
            card, summary = high_level.decision_of(turn.desk, _notices(turn, button.scope), tries)
            return Answer(card=card, summary=summary)
        return _decided(turn, button)

    return verb


def _decided(turn: Turn, button: CardAction) -> Answer:
    """The card shows who decided what, to whoever pressed and to everybody in the channel; the leader is told."""
    card, summary = high_level.decision_of(turn.desk, _notices(turn, button.scope))
    return Answer(card=card, summary=summary, redraw=button.scope, beat=True)


def _turn_page(turn: Turn, button: CardAction) -> Answer:
    card, summary = alerting.escalation_card(turn.desk, _notices(turn, button.scope), first=button.args["first"])
    return Answer(card=card, summary=summary)


def _notices(turn: Turn, batch: str) -> list[Notice]:
    query = select(Notice).join(Delivery, Delivery.notice_id == Notice.id).where(Delivery.batch == batch)
    found = list(turn.desk.session.scalars(query.order_by(Notice.id)))
    if not found:
        raise NotFound("El mensaje de este botón ya no existe.")
    return found


def _why_alert(turn: Turn, button: CardAction) -> Answer:
    alert = alerts.get(turn.desk.session, button.args["alert"])
    return Answer(text=alert_steps.detail(turn.desk, alert))


def _why_notice(turn: Turn, button: CardAction) -> Answer:
    notice = turn.desk.session.get_one(Notice, button.args["notice"])
    return Answer(text=reason(notice))


def _release(turn: Turn, button: CardAction) -> Answer:
    backlog.release(
        turn.desk.session, button.args["code"], actor=turn.actor, now=turn.desk.now, method=turn.desk.studio.method
    )
    card, summary = planning.backlog_card(turn.desk, first=0)
    return Answer(card=card, summary=summary, beat=True)


def _backlog_page(turn: Turn, button: CardAction) -> Answer:
    card, summary = planning.backlog_card(turn.desk, first=button.args["first"])
    return Answer(card=card, summary=summary)


def _approve(turn: Turn, button: CardAction) -> Answer:
    desk = turn.desk
    if not button.args.get("confirmed"):
        card, summary = planning.approval_card(desk, button.args["report"], turn.actor)
        return Answer(card=card, summary=summary)
    report = approve_and_send(
        desk.session, button.args["report"], actor=turn.actor, now=desk.now, published=desk.studio.published
    )
    sentence = f"Se publicó el {name_of(report)} y se remite al Viceministerio."
    url = desk.studio.report_url(report.id, "html")
    answer = done(sentence, url=url, url_title="Ver el reporte")
    return replace(answer, beat=True, publish=True)


def _draft(turn: Turn, button: CardAction) -> Answer:
    card, summary = planning.draft_of(turn.desk, turn.desk.session.get_one(Report, button.args["report"]))
    return Answer(card=card, summary=summary)


def _in_tray(act: Callable[[Turn, Mapping[str, Any]], str | None], *, beat: bool = False) -> Verb:
    """The tray drawn anew after it, with what was done; what somebody settled meanwhile is said, and stays as it is."""

    def verb(turn: Turn, button: CardAction) -> Answer:
        done_so = ""
        if not (settled := tray.settled(turn.desk.session, button.args["item"])):
            done_so = act(turn, button.args) or ""
        card, summary = tray_card(turn.desk, first=button.args.get("first", 0), notice=settled, done=done_so)
        return Answer(card=card, summary=settled or done_so or summary, beat=beat and not settled)

    return verb


def _open_matter(turn: Turn, button: CardAction) -> Answer:
    """One item of the tray; the tray again when somebody settled it meanwhile."""
    item_id, first = button.args["item"], button.args["first"]
    if settled := tray.settled(turn.desk.session, item_id):
        card, summary = tray_card(turn.desk, first=first, notice=settled)
    else:
        card, summary = matter_card(turn.desk, turn.desk.session.get_one(TrayItem, item_id), first)
    return Answer(card=card, summary=summary)


def _tray_page(turn: Turn, button: CardAction) -> Answer:
    card, summary = tray_card(turn.desk, first=button.args["first"])
    return Answer(card=card, summary=summary)


def _resolve(turn: Turn, args: Mapping[str, Any]) -> None:
    tray.resolve(turn.desk.session, args["item"], "Revisado", actor=turn.actor, now=turn.desk.now)


def _confirm(turn: Turn, args: Mapping[str, Any]) -> None:
    doubts.confirm(turn.desk.session, args["batch"], args["item"], actor=turn.actor, now=turn.desk.now)


def _send_again(turn: Turn, args: Mapping[str, Any]) -> None:
    doubts.send_again(turn.desk.session, args["batch"], args["item"], actor=turn.actor, now=turn.desk.now)


def _count_as_answer(turn: Turn, args: Mapping[str, Any]) -> str:
    return tray_work.count_as_answer(
        turn.desk.session, int(args["mail"]), args["item"], actor=turn.actor, now=turn.desk.now
    )


def _lines(turn: Turn, button: CardAction) -> Answer:
    text = button.args["text"]
    answers = typed.type_lines(turn, parse_lines(text, turn.desk.today), text, Month.parse(button.args["month"]))
    return answers[-1]


def _text(turn: Turn, name: str) -> str:
    value = turn.values.get(name, "")
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _date(turn: Turn, name: str) -> date | None:
    text = _text(turn, name)
    try:
        return parse_date(text, turn.desk.today) if text else None
    except ValueError as exc:
        raise Incomplete({name: f"{exc}."}) from exc


def _item(verb: str) -> Verb:
    return lambda turn, button: rounds.item(turn, verb, button.args)


VERBS: Mapping[str, Verb] = {
    "round.start": lambda turn, button: rounds.start(turn, button.args),
    "round.tomorrow": lambda turn, button: rounds.tomorrow(turn, button.args),
    "item.save": _item("save"),
    "item.same": _item("same"),
    "item.skip": _item("skip"),
    "item.stop": _item("stop"),
    "item.open": _item("open"),
    "evidence.open": evidence.open_file,
    "item.full": lambda turn, button: rounds.full_reply(turn, button.args),
    "item.reject": lambda turn, button: rounds.reject(turn, button.args),
    "round.table": lambda turn, button: tables.show(turn, button.args),
    tables.SAVE: lambda turn, button: tables.save(turn, button.args),
    "table.leave": lambda turn, button: tables.leave(turn, button.args),
    "lines.month": _lines,
    "alert.note": _note,
    "alert.ack": _deciding(_acknowledge),
    "alert.assign": _deciding(_assign),
    "alert.ask": _deciding(_ask),
    "alert.promise": _deciding(_promise),
    "alert.why": _why_alert,
    "notice.why": _why_notice,
    "escalation.page": _turn_page,
    "backlog.release": _release,
    "backlog.page": _backlog_page,
    "report.approve": _approve,
    "report.draft": _draft,
    "tray.resolve": _in_tray(_resolve),
    "tray.confirm": _in_tray(_confirm),
    "tray.again": _in_tray(_send_again, beat=True),
    "tray.answer": _in_tray(_count_as_answer, beat=True),
    "tray.open": _open_matter,
    "tray.page": _tray_page,
    "entities.page": lambda turn, button: life_commands.entity_list(turn, button.args["first"]),
    "pending.page": lambda turn, button: commands.pending_list(turn, button.args, button.args["first"]),
    "alerts.page": lambda turn, button: commands.alert_list(turn, button.args, button.args["first"]),
    "due.page": lambda turn, button: ahead_commands.due_soon(turn, button.args, button.args["first"]),
    files.OFFER: files.offer,
    "ahead.page": ahead_commands.turn_page,
    "op.open": operations.open_form,
    "op.choose": operations.choose,
    "op.topic": lambda turn, _button: life_commands.operations_list(turn, _text(turn, TOPIC)),
    "op.topics": lambda turn, _button: life_commands.operations_list(turn),
    "op.do": operations.submit,
    operations.UNDO: operations.undo,
    "subject.open": operations.show_subject,
}
