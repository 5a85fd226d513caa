"""What planning and management receive by themselves: the backlog, drafts, cases, closing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from bot.drawing.context import Desk
from bot.drawing.forms import open_button
from bot.drawing.high_level import case_state
from bot.drawing.paging import paged
from cards import backlog, case, draft_report
from cards.confirm import Confirm, confirm
from cards.parts import Element, Reader, count
from methodology.backlog import held_back
from methodology.cases import open_actions, open_case
from methodology.drafts import to_approve
from methodology.importing import START
from methodology.operation import Kind
from methodology.people import Actor, holders
from methodology.publishing import ACHIEVEMENTS, DRAFT, name_of, period_of
from methodology.rules.figures import Figures
from methodology.rules.states import AlertKind, Post
from storage.ledger import Notice, Report
from storage.matrix import Initiative, Setting

PLANNING = (Post.PLANNING,)


def backlog_card(desk: Desk, *, first: int = 0) -> tuple[Element, str]:
    """The digest of `arranque.fecha`, with a button per line."""
    start = desk.session.get(Setting, START)
    shown, page = paged(desk, "backlog.page", held_back(desk.session), first, backlog.PAGE, PLANNING)
    lines = tuple(
        backlog.BacklogLine(
            code=action.code,
            text=action.text,
            initiative=action.initiative.name,
            kind=AlertKind.OVERDUE_MONTH,
            due=action.due,
            days=(desk.today - action.due).days if action.due else 0,
            release=desk.button("backlog.release", {"code": action.code, "first": first}, posts=PLANNING),
        )
        for action in shown
    )
    data = backlog.Backlog(date.fromisoformat(start.value) if start else desk.today, lines, page)
    return backlog.backlog(data), backlog.summary(data)


def case_card(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> tuple[Element, str] | None:
    """R30, R31: the case was opened, or actions joined it; leader and management are both told."""
    initiative = desk.session.get_one(Initiative, notices[0].initiative_id)
    row = open_case(desk.session, initiative.id)
    if row is None:
        return None
    opened = any(notice.rule == "R30" for notice in notices)
    told_of = {notice.action_id for notice in notices}
    actions = tuple(
        case.CaseAction(a.code, a.text, a.entity.short, a.due, (desk.today - a.due).days)
        for a in open_actions(desk.session, row)
        if a.due and (opened or a.id in told_of)
    )
    view = None if opened else case_state(desk, row)
    data = case.CaseNews(
        reader,
        initiative.name,
        actions,
        joined=not opened,
        open=open_button(desk, Kind.CASE, row),
        why=desk.button("notice.why", {"notice": notices[0].id}),
        view=view,
    )
    return case.case(data), case.summary(data)


def draft_card(desk: Desk, notice: Notice) -> tuple[Element, str] | None:
    """R22: the draft of one initiative's report, for planning to look at and approve."""
    query = (
        select(Report)
        .where(
            Report.kind == ACHIEVEMENTS,
            Report.initiative_id == notice.initiative_id,
            Report.period == notice.inputs["period_code"],
            Report.state == DRAFT,
        )
        .order_by(Report.version.desc())
    )
    report = desk.session.scalars(query).first()
    return draft_of(desk, report) if report else None


def _figures(frozen: Mapping[str, Any]) -> Figures:
    """The report's own figures, as of its cut-off: what planning approves is what the card says."""
    return Figures(**{name: frozen[name] for name in Figures.__dataclass_fields__})


def draft_of(desk: Desk, report: Report) -> tuple[Element, str]:
    """The draft card of one report."""
    initiative = desk.session.get_one(Initiative, report.initiative_id)
    warnings = report.content.get("warnings") or []
    data = draft_report.DraftReport(
        initiative=initiative.name,
        period=period_of(report),
        version=report.version,
        cut_off=report.cut_off,
        achievements=len(report.content.get("achievements", [])),
        figures=_figures(report.content["figures"]),
        url=desk.studio.report_url(report.id, "html"),
        approve=desk.button("report.approve", {"report": report.id}, posts=PLANNING),
        warning=" ".join(warnings),
        number=report.id,
        without=str(report.content["figures"]["compliance_text"]),
    )
    return draft_report.draft_report(data), draft_report.summary(data)


PUBLISHES = "Se publicará el {name} en el sitio y se remitirá por correo a {told}."
FROZEN = "Lo publicado ya no cambia: lo que se corrija después se informa en la fe de erratas del siguiente reporte."


def approval_card(desk: Desk, report_id: int, actor: Actor) -> tuple[Element, str]:
    """R22, R23: what follows of the approval, before it is given; refused as the approval would be."""
    report = to_approve(desk.session, report_id, actor=actor, now=desk.now, published=desk.studio.published)
    told = count(
        len(holders(desk.session, Post.VICE_MINISTER, report.initiative_id, desk.today)),
        "destinatario",
        "destinatarios",
    )
    data = Confirm(
        title=draft_report.APPROVE,
        about="",
        given=(),
        result=PUBLISHES.format(name=name_of(report), told=told),
        lines=(FROZEN,),
        confirm=desk.button("report.approve", {"report": report.id, "confirmed": True}, posts=PLANNING),
        back=desk.button("report.draft", {"report": report.id}, posts=PLANNING),
        final=True,
    )
    return confirm(data), f"{draft_report.APPROVE}: confirme"
