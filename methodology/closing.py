"""R35–R37: the proposal to close, its confirmation, the closing report, the end.

The clock and the last compliance only propose (`methodology/completion.py`); people confirm, review the report and
close. At the end everything of the initiative stops: what was open of the matrix is cerrada sin cumplir, alerts and
silences end with the reason «cierre», and a Solución de alto nivel that was not surtida ends in the state it had.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import actions, alerts, meetings, silence
from methodology.case_ending import end_case
from methodology.completion import met_versions, propose_if_all_met, term
from methodology.contents import CLOSING, DRAFT
from methodology.method import Method
from methodology.notices import plan, withdraw
from methodology.operation import INITIATIVE, REASON, Doing, Operation, Weight
from methodology.pauses import DECIDERS, OPTIONAL_REASON, give_back, require_reason
from methodology.publishing import approve, draft
from methodology.refusals import NotNow
from methodology.rules.spanish import long_date, percent
from methodology.rules.states import ActionState, InitiativeState, NoticeState, Post
from methodology.standing import standing
from storage.ledger import HighLevelCase, Notice, Report, Silence
from storage.matrix import Action, Initiative

__all__ = ["OPERATIONS", "grounds_to_close", "propose_if_all_met"]

BECAUSE = "cierre"
NO_DRAFT = "Falta el borrador del informe de cierre de {name}: se elabora y se revisa primero."
_CLOSED = "la iniciativa se cerró"
_LASTING = ("R23", "R24.cancelacion", "R33", "R37")
_STOOD_STILL = "la iniciativa está en cierre"
_PROPOSALS = ("R35", "R36")
_ENDS = {
    ActionState.OPEN: ActionState.CLOSED_UNMET,
    ActionState.TO_VALIDATE: ActionState.ANNULLED,
    ActionState.PROPOSED: ActionState.ANNULLED,
}
_SHIFTING = ("cut_off", "version", "period")
"""What a closing report says otherwise only because it was drafted on another day."""


def grounds_to_close(session: Session, initiative: Initiative, method: Method, today: date) -> str | None:
    """R35 or R36 as they hold today, as a phrase; None when neither does."""
    if met := met_versions(session, initiative.id):
        return f"las {len(met)} acciones de la matriz están cumplidas" if len(met) > 1 else "la acción está cumplida"
    due = term(session, initiative, method, today)
    if due is not None and today >= due:
        return f"{_term_of(method, initiative)} se cumplieron el {long_date(due)}"
    return None


def _term_of(method: Method, initiative: Initiative) -> str:
    return f"los {method.of(initiative).closing_months} meses en ejecución"


def confirm(doing: Doing, *, initiative: Initiative, reason: str | None) -> str:
    """R35, R36: people confirm the proposal; from here on no monthly cycle opens."""
    del reason  # kept with the deed and with the change of the row
    if said := _not_yet(doing, initiative):
        raise NotNow(said)
    grounds = grounds_to_close(doing.session, initiative, doing.method, doing.today)
    initiative.state = InitiativeState.CLOSING
    return f"{initiative.name} pasa a cierre: {grounds}. Sigue el informe de cierre."


def _not_yet(doing: Doing, initiative: Initiative) -> str | None:
    """What keeps it from closing; nothing when R35 or R36 holds."""
    if grounds_to_close(doing.session, initiative, doing.method, doing.today):
        return None
    so_far = _so_far(doing.session, initiative, doing.method, doing.today)
    return f"{initiative.name} no cumple las condiciones de cierre: {so_far}."


def _so_far(session: Session, initiative: Initiative, method: Method, today: date) -> str:
    figures = standing(session, initiative, today, method).figures
    due = term(session, initiative, method, today)
    share = f" ({percent(figures.compliance)})" if figures.compliance is not None else ""
    met = f"{figures.met} de {figures.counted} acciones cumplidas{share}" if figures.counted else "sin acciones"
    return f"{met}; {_term_of(method, initiative)} se cumplen el {long_date(due)}" if due else met


def outlook(session: Session, initiative: Initiative, method: Method, today: date) -> list[str]:
    """R35–R37: what is still missing before the initiative is closed, in the order in which it comes; sentences."""
    if initiative.state == InitiativeState.CLOSED:
        day = f" desde el {long_date(initiative.closed_on)}" if initiative.closed_on else ""
        return [f"La iniciativa está cerrada{day}."]
    if initiative.state not in (InitiativeState.RUNNING, InitiativeState.CLOSING):
        return ["Solo una iniciativa en ejecución se cierra."]
    return [*_grounds(session, initiative, method, today), *_steps(session, initiative)]


def _grounds(session: Session, initiative: Initiative, method: Method, today: date) -> list[str]:
    if grounds := grounds_to_close(session, initiative, method, today):
        said = [f"Se cumple la condición de cierre: {grounds}."]
    else:
        said = [f"Todavía no se cumple la condición de cierre: {_so_far(session, initiative, method, today)}."]
    query = select(Action.code).where(Action.initiative_id == initiative.id, Action.state == ActionState.OPEN)
    if codes := session.scalars(query.order_by(Action.code)).all():
        said.append(f"Abiertas; al cerrar quedan cerradas sin cumplir: {', '.join(codes)}.")
    return said


def _steps(session: Session, initiative: Initiative) -> list[str]:
    if initiative.state == InitiativeState.RUNNING:
        return ["Sigue: Planeación o la Gerencia General confirman el cierre."]
    reviewed = _drafted(session, initiative)
    if reviewed is None:
        return ["Sigue: Planeación elabora el informe de cierre."]
    return [f"Sigue: Planeación revisa el borrador {reviewed.id} del informe y cierra la iniciativa."]


def keep_running(doing: Doing, *, initiative: Initiative, reason: str) -> str:
    """en_cierre → en_ejecucion: people decide otherwise; what was held meanwhile goes on, the proposal is settled."""
    require_reason(reason)
    initiative.state = InitiativeState.RUNNING
    doing.session.flush()
    give_back(doing, initiative, [_STOOD_STILL], but=_PROPOSALS)
    alerts.sweep_again(doing.session)
    return f"{initiative.name} sigue en ejecución."


def draft_report(doing: Doing, *, initiative: Initiative) -> str:
    """R37: the closing report as of today, to be looked at before closing."""
    report = draft(doing.session, CLOSING, initiative.id, None, doing.now, settings=doing.published)
    return (
        f"Borrador {report.id} del informe de cierre de {initiative.name}, versión {report.version}, con corte al "
        f"{long_date(report.cut_off)}: se revisa antes de cerrar la iniciativa."
    )


def close(doing: Doing, *, initiative: Initiative) -> str:
    """R37: the reviewed report is approved and mailed, and everything of the initiative stops."""
    report = _as_reviewed(doing, initiative)
    approve(doing.session, report.id, doing.actor.name, doing.now, settings=doing.published)
    initiative.state, initiative.closed_on = InitiativeState.CLOSED, doing.today
    doing.session.flush()
    ended = _stop(doing, initiative)
    plan(
        doing.session,
        "R37",
        subject=initiative.name,
        period=str(report.id),
        recorded_on=doing.today,
        due=None,
        initiative_id=initiative.id,
        inputs={"report": report.id},
    )
    unmet = "1 acción cerrada" if ended == 1 else f"{ended} acciones cerradas"
    return (
        f"{initiative.name} queda cerrada con {unmet} sin cumplir. Se publica el informe de cierre, versión "
        f"{report.version}, y se remite al Viceministerio."
    )


def _not_drafted(doing: Doing, initiative: Initiative) -> str | None:
    return None if _drafted(doing.session, initiative) else NO_DRAFT.format(name=initiative.name)


def _as_reviewed(doing: Doing, initiative: Initiative) -> Report:
    """Today's report, if it says what the draft that people looked at said.

    Raises:
        NotNow: there is no draft, or something changed since.
    """
    reviewed = _drafted(doing.session, initiative)
    if reviewed is None:
        raise NotNow(NO_DRAFT.format(name=initiative.name))
    said = _said(reviewed)
    report = draft(doing.session, CLOSING, initiative.id, None, doing.now, settings=doing.published)
    if _said(report) != said:
        raise NotNow(
            f"Después de elaborado el borrador del informe de cierre de {initiative.name} cambió la información: se "
            "elabora y se revisa de nuevo."
        )
    return report


def _drafted(session: Session, initiative: Initiative) -> Report | None:
    query = select(Report).where(Report.kind == CLOSING, Report.initiative_id == initiative.id, Report.state == DRAFT)
    return session.scalar(query.order_by(Report.version.desc()).limit(1))


def _said(report: Report) -> dict[str, Any]:
    return {key: value for key, value in report.content.items() if key not in _SHIFTING}


def _stop(doing: Doing, initiative: Initiative) -> int:
    """Nothing of it goes on; how many actions were still open."""
    session = doing.session
    meetings.cancel_ahead(doing, initiative, "Cierre de la iniciativa")
    for alert in alerts.open_alerts(session, initiative.id):
        alerts.close(session, alert, BECAUSE)
    _end_cases(session, initiative, doing.today)
    _end_silences(session, initiative, doing.today)
    planned = (Notice.initiative_id == initiative.id, Notice.state == NoticeState.PLANNED)
    for notice in session.scalars(select(Notice).where(*planned, Notice.rule.not_in(_LASTING))).all():
        withdraw(session, notice, _CLOSED)
    return _end_actions(doing, initiative)


def _end_cases(session: Session, initiative: Initiative, today: date) -> None:
    """A case that was not surtida stays what it was: nobody is made to say that it was exhausted."""
    query = select(HighLevelCase).where(HighLevelCase.initiative_id == initiative.id, HighLevelCase.live)
    for case in session.scalars(query).all():
        end_case(session, case, today, "Cierre de la iniciativa.")


def _end_silences(session: Session, initiative: Initiative, today: date) -> None:
    running = (Silence.initiative_id == initiative.id, Silence.ended_on.is_(None))
    for row in session.scalars(select(Silence).where(*running)).all():
        silence.end(session, row.entity_id, row.initiative_id, today, BECAUSE)


def _end_actions(doing: Doing, initiative: Initiative) -> int:
    query = select(Action).where(Action.initiative_id == initiative.id, Action.state.in_(_ENDS)).order_by(Action.code)
    unmet = 0
    for action in doing.session.scalars(query).all():
        before = actions.picture(action)
        action.state = _ENDS[ActionState(action.state)]
        actions.keep(doing.session, action, before, doing.actor.name, "Cierre de la iniciativa", doing.now)
        unmet += action.state == ActionState.CLOSED_UNMET
    return unmet


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="iniciativa.confirmar_cierre",
        title="Confirmar el cierre",
        rule="R35",
        posts=DECIDERS,
        fields=(INITIATIVE, OPTIONAL_REASON),
        do=confirm,
        states=(InitiativeState.RUNNING,),
        to=InitiativeState.CLOSING,
        weight=Weight.HEAVY,
        lacks=_not_yet,
    ),
    Operation(
        id="iniciativa.no_cerrar",
        title="Mantener en ejecución",
        rule="R36",
        posts=DECIDERS,
        fields=(INITIATIVE, REASON),
        do=keep_running,
        states=(InitiativeState.CLOSING,),
        to=InitiativeState.RUNNING,
    ),
    Operation(
        id="cierre.informe",
        title="Elaborar el informe de cierre",
        rule="R37",
        posts=(Post.PLANNING,),
        fields=(INITIATIVE,),
        do=draft_report,
        states=(InitiativeState.CLOSING,),
    ),
    Operation(
        id="iniciativa.cerrar",
        title="Cerrar y publicar informe",
        rule="R37",
        posts=(Post.PLANNING,),
        fields=(INITIATIVE,),
        do=close,
        states=(InitiativeState.CLOSING,),
        to=InitiativeState.CLOSED,
        weight=Weight.FINAL,
        lacks=_not_drafted,
    ),
)
