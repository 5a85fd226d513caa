"""R22, R23: after the period planning gets the drafts; an approved one goes by mail to the Viceministry."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from methodology.clock import local
from methodology.contents import ACHIEVEMENTS, CLOSING, Published
from methodology.method import Method
from methodology.notices import plan
from methodology.people import Actor
from methodology.publishing import approvable, approve, draft, period_of
from methodology.refusals import NotNow
from methodology.rules.periods import Period
from methodology.rules.states import InitiativeState, Post
from methodology.standing import running
from storage.ledger import Report

_LOOK_BACK = timedelta(days=20)


def record_drafts(session: Session, method: Method, published: Published, now: datetime) -> int:
    """Draft the report of the period that just ended, one per initiative in execution; how many notices were new."""
    today = local(now).date()
    fresh = 0
    for initiative in running(session):
        period = Period.of(today, method.of(initiative).periodicity).previous()
        drafted_on = method.calendar.on_or_after(period.last + timedelta(days=1))
        began = initiative.alerts_from is not None and initiative.alerts_from <= drafted_on
        if initiative.state != InitiativeState.RUNNING or not began:
            continue
        if not drafted_on <= today <= drafted_on + _LOOK_BACK:
            continue
        try:
            draft(session, ACHIEVEMENTS, initiative.id, period, now, settings=published)
        except NotNow:  # it ended before anything of the initiative was known here
            continue
        fresh += plan(
            session,
            "R22",
            subject=period.label,
            period=str(period),
            recorded_on=drafted_on,
            due=period.last,
            initiative_id=initiative.id,
            inputs={"period_code": str(period)},
        )
    return fresh


def approve_and_send(session: Session, report_id: int, *, actor: Actor, now: datetime, published: Published) -> Report:
    """Planning approves: the snapshot is published and goes by mail to the Viceministry, once (R22, R23)."""
    actor.require([Post.PLANNING])
    _require_no_closing(session, report_id)
    report = approve(session, report_id, actor.name, now, settings=published)
    plan(
        session,
        "R23",
        subject=f"{report.kind} {period_of(report)}",
        period=f"{report.id}",
        recorded_on=local(now).date(),
        due=None,
        initiative_id=report.initiative_id,
        inputs={"report": report.id},
    )
    return report


def to_approve(session: Session, report_id: int, *, actor: Actor, now: datetime, published: Published) -> Report:
    """The draft that planning is about to approve; refused as the approval itself would be."""
    actor.require([Post.PLANNING])
    _require_no_closing(session, report_id)
    return approvable(session, report_id, now, settings=published)


def _require_no_closing(session: Session, report_id: int) -> None:
    """R37: a closing report is approved with the closing itself, which stops everything else."""
    report = session.get(Report, report_id)
    if report is not None and report.kind == CLOSING:
        raise NotNow("El informe de cierre se aprueba al cerrar la iniciativa, no por separado.")
