"""R26 and R29: an entity's answer, by the page of its letter, to whether it validates a new action or a solution.

«Sí» is the validation itself: who, when, with what evidence, as the method asks. «Sí, con ajustes» and «no» change or
end what somebody proposed: they are kept word for word, and a person records what follows, with one button of the
tray. Either way whoever asked is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from methodology import entry, forms, ideas, tray, validations
from methodology.clock import local
from methodology.forms import Sent
from methodology.history import recording
from methodology.notices import plan
from methodology.operation import Doing
from methodology.outreaches import VALIDATION
from methodology.people import actor_of
from methodology.refusals import Refusal
from methodology.rules.spanish import long_date
from methodology.rules.states import ActionState, IdeaState
from methodology.validations import TO_RECORD
from storage.forms import AnswerForm, FormSubmission
from storage.ledger import Notice, Outreach
from storage.matrix import Action, Initiative, Person, Solution

RECEIPT, TOLD = "R26.acuse", "R26.respuesta"
TEXT_MAX, WHO_MAX, WHO_MIN = 4000, 200, 5
_SOLUTION = "solución "
_REASON_MIN = 10


class Verdict(StrEnum):
    YES = "sí"
    ADJUSTED = "sí, con ajustes"
    NO = "no"


@dataclass(frozen=True)
class Subject:
    """What is asked about. `settled` is what became of it, as a sentence; empty while an answer is awaited.

    `answered` tells of an answer of the entity that waits for a person; another one still stands in its place.
    """

    key: str
    title: str
    text: str
    initiative: Initiative
    due: date | None = None
    supporting: str = ""
    settled: str = ""
    row: Action | Solution | None = None
    answered: str = ""


@dataclass(frozen=True)
class Typed:
    verdict: str = ""
    text: str = ""


@dataclass(frozen=True)
class Page:
    """What came, by subject; `who` is the name and `post` the office of the person who validates."""

    answers: Mapping[str, Typed]
    who: str = ""
    post: str = ""
    send: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a page: received (`again`: it had been before), or what it lacks, by «subject.field».

    `overtaken`: somebody else's answer came while the page was open.
    """

    submission: FormSubmission | None = None
    again: bool = False
    overtaken: bool = False
    problems: Mapping[str, str] = field(default_factory=dict)


def subjects_of(session: Session, form: AnswerForm) -> list[Subject]:
    """What the letter asked about, as it stands now."""
    found = (_subject(session, form, key) for key in form.subjects)
    return [replace(one, answered=_answered(session, form, one)) for one in found if one is not None]


def _answered(session: Session, form: AnswerForm, subject: Subject) -> str:
    waits = tray.open_item(session, TO_RECORD, subject.key)
    if subject.settled or waits is None or waits.detail["entity_id"] != form.entity_id:
        return ""
    return f"Respondida el {long_date(local(waits.at).date())}: {str(waits.detail['respuesta']).capitalize()}."


def _subject(session: Session, form: AnswerForm, key: str) -> Subject | None:
    if key.startswith(_SOLUTION):
        solution = session.get(Solution, int(key.removeprefix(_SOLUTION)))
        return _of_solution(session, form, solution) if solution else None
    action = session.scalar(select(Action).where(Action.code == key))
    return _of_action(form, action) if action else None


def _of_action(form: AnswerForm, action: Action) -> Subject:
    settled = ""
    if action.validated_on is not None:
        settled = f"Validada el {long_date(action.validated_on)}."
    elif action.state != ActionState.TO_VALIDATE or action.entity_id != form.entity_id:
        settled = "Ya no está en validación por su entidad."
    title, supporting = f"Acción {action.code}", action.supporting
    return Subject(action.code, title, action.text, action.initiative, action.due, supporting, settled, action)


def _of_solution(session: Session, form: AnswerForm, solution: Solution) -> Subject:
    initiative = session.get_one(Initiative, solution.obstacle.initiative_id)
    waits = solution.state == IdeaState.TO_VALIDATE and solution.entity_id == form.entity_id
    settled = "" if waits else "Ya no está en validación por su entidad."
    text = f"Cuello de botella: {solution.obstacle.text} Solución propuesta: {solution.text}"
    key = validations.named(solution)
    return Subject(key, f"Solución al cuello de botella ({key})", text, initiative, settled=settled, row=solution)


def receive(doing: Doing, form: AnswerForm, page: Page, sent: Sent) -> Outcome:
    """Keep what was typed, or take it as the entity's answer. The same page sent twice is one answer."""
    session = doing.session
    if page.send and (known := forms.came_before(session, form.id, sent)):
        return Outcome(known, again=True)
    drafted = {key: asdict(typed) for key, typed in page.answers.items()}
    form.draft, form.draft_at = {"who": page.who, "post": page.post, "answers": drafted}, doing.now
    if not page.send:
        return Outcome()
    if forms.overtaken(session, form.id, sent):
        return Outcome(overtaken=True)
    asked = {one.key: one for one in subjects_of(session, form) if not one.settled}
    given = {key: typed for key, typed in page.answers.items() if key in asked and typed != Typed()}
    if problems := _problems(page, given):
        return Outcome(problems=problems)
    row = FormSubmission(form_id=form.id, nonce=sent.nonce, digest=sent.digest, at=doing.now, who=_signed(page))
    session.add(row)
    session.flush()
    point = session.begin_nested()
    with recording(session, doing.actor.name, "Respuesta por el formulario en línea", doing.now):
        problems, outcomes = _record(doing, form, page, {key: (asked[key], typed) for key, typed in given.items()})
    if problems:
        point.rollback()
        session.delete(row)
        return Outcome(problems=problems)
    point.commit()
    row.items = outcomes
    _settle_outreach(doing, form)
    _tell(doing, form, row, [asked[key] for key in given])
    form.draft, form.draft_at = {}, None
    return Outcome(row)


def _problems(page: Page, given: Mapping[str, Typed]) -> dict[str, str]:
    problems: dict[str, str] = {}
    for key, typed in given.items():
        if typed.verdict not in set(Verdict):
            problems[f"{key}.verdict"] = "Seleccione si la entidad valida: sí; sí, con ajustes; o no."
        if len(typed.text) > TEXT_MAX:
            problems[f"{key}.text"] = f"El texto supera {TEXT_MAX} caracteres: resúmalo."
        elif typed.verdict in (Verdict.ADJUSTED, Verdict.NO) and len(typed.text) < _REASON_MIN:
            what = "qué ajuste se requiere" if typed.verdict == Verdict.ADJUSTED else "el motivo"
            problems[f"{key}.text"] = f"Indique {what}, en al menos {_REASON_MIN} caracteres."
    if not given:
        problems[""] = "No hay respuesta para enviar: seleccione una opción en al menos una propuesta."
    for name, value, label in (("who", page.who, "el nombre"), ("post", page.post, "el cargo")):
        if not WHO_MIN <= len(value) <= WHO_MAX:
            problems[name] = f"Indique {label} de quien responde, en {WHO_MIN} a {WHO_MAX} caracteres."
    return problems


def _signed(page: Page) -> str:
    return f"{page.who}, {page.post}"


def _record(
    doing: Doing, form: AnswerForm, page: Page, given: Mapping[str, tuple[Subject, Typed]]
) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Each answer done or put before a person; the sentences of those that the method does not take now."""
    problems: dict[str, str] = {}
    outcomes = []
    for key, (subject, typed) in given.items():
        try:
            outcome = _one(doing, form, page, subject, typed)
        except Refusal as exc:
            problems[f"{key}.verdict"] = str(exc)
            continue
        outcomes.append({"key": key, "title": subject.title, **asdict(typed), "outcome": outcome})
    return problems, outcomes


def _one(doing: Doing, form: AnswerForm, page: Page, subject: Subject, typed: Typed) -> str:
    words = f": «{typed.text}»" if typed.text else ""
    evidence = f"Formulario en línea {form.reference}, {long_date(doing.today)}{words}"
    if typed.verdict != Verdict.YES:
        _put(doing, form, page, subject, typed, evidence)
        return "Planeación y el equipo de la iniciativa lo revisan antes de continuar."
    tray.settle(doing.session, TO_RECORD, subject.key, f"{form.entity.short} la validó en línea", doing.now)
    who, today = _signed(page), doing.today
    if isinstance(subject.row, Action):
        entry.answered(doing, subject.row, accepts=True, who=who, on=today, evidence=evidence)
    elif isinstance(subject.row, Solution):
        ideas.validate(doing, subject.row, accepts=True, who=who, on=today, evidence=evidence)
    return "Queda registrada la validación."


def _put(doing: Doing, form: AnswerForm, page: Page, subject: Subject, typed: Typed, evidence: str) -> None:
    """A person records what follows; a later answer of the entity stands in its place."""
    short = form.entity.short
    said = "valida con ajustes" if typed.verdict == Verdict.ADJUSTED else "no valida"
    tray.settle(doing.session, TO_RECORD, subject.key, f"{short} envió otra respuesta", doing.now)
    detail = {
        "entity_id": form.entity_id,
        "asunto": subject.key,
        "respuesta": typed.verdict,
        "quien": _signed(page),
        "fecha": doing.today.isoformat(),
        "evidencia": evidence,
        "motivo": typed.text,
    }
    tray.put(doing.session, TO_RECORD, subject.key, f"{short} {said}: {subject.title}", detail, doing.now)


def _settle_outreach(doing: Doing, form: AnswerForm) -> None:
    letters = select(Outreach).where(
        Outreach.kind == VALIDATION, Outreach.token == form.reference, Outreach.answered_on.is_(None)
    )
    for outreach in doing.session.scalars(letters):
        outreach.answered_on, outreach.answer = doing.today, forms.HOW


def _tell(doing: Doing, form: AnswerForm, row: FormSubmission, subjects: Sequence[Subject]) -> None:
    """The entity gets what it sent; whoever asked, of each initiative, what was answered."""
    plan(
        doing.session,
        RECEIPT,
        subject=form.entity.name,
        period=f"formulario:{row.id}",
        recorded_on=doing.today,
        due=None,
        entity_id=form.entity_id,
        inputs={"submission": row.id},
    )
    for initiative in {one.initiative.id: one.initiative for one in subjects}.values():
        keys = [one.key for one in subjects if one.initiative.id == initiative.id]
        plan(
            doing.session,
            TOLD,
            subject=form.entity.short,
            period=f"formulario:{row.id}",
            recorded_on=doing.today,
            due=None,
            initiative_id=initiative.id,
            entity_id=form.entity_id,
            inputs={"submission": row.id, "about": keys} | _asker(doing, form, keys),
        )


def _asker(doing: Doing, form: AnswerForm, keys: Sequence[str]) -> dict[str, int]:
    """Whoever asked last about one of them, while it is still theirs to ask; else its leaders are told."""
    asked = select(Notice).where(
        Notice.rule.in_(("R26", "R29")), Notice.subject.in_(keys), Notice.entity_id == form.entity_id
    )
    last = doing.session.scalars(asked.order_by(Notice.id.desc())).first()
    person = doing.session.get(Person, int(last.inputs.get("asker", 0))) if last else None
    if person is None or last is None:
        return {}
    still = actor_of(doing.session, person, doing.today).holds(ideas.TEAM, last.initiative_id)
    return {"reader": person.id} if still else {}
