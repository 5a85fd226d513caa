"""What the page of an entity shows, as plain data: read in one transaction, drawn by the templates."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from bot.drawing.context import Desk
from bot.drawing.letters import received_item
from mail.writing.received import ReceivedItem
from methodology import form_answers, form_validations, forms
from methodology.clock import local
from methodology.followups import latest
from methodology.form_page import Page, Seen, Typed, as_typed, drafted_upon
from methodology.rules.months import Month
from methodology.rules.spanish import month_name, parse_percent
from storage.forms import AnswerForm, FormFile, FormSubmission
from storage.ledger import Proposal
from storage.matrix import Action

INPUTS: Mapping[str, str] = {
    "percent": "avance",
    "text": "descripcion",
    "nothing": "sin-avance",
    "met_on": "cumplida",
    "evidence": "evidencia",
    "files": "archivos",
    "due": "fecha",
    "reason": "motivo",
}
"""The inputs of one action, by what they hold; each is called «a17-avance» for action 17."""
LABELS: Mapping[str, str] = {
    "percent": "Avance acumulado (%)",
    "reason": "Motivo por el que el avance es menor",
    "text": "Descripción del avance",
    "met_on": "Cumplida el",
    "evidence": "Evidencia: enlace o número de documento",
    "files": "Archivos de evidencia",
    "due": "Fecha de vencimiento propuesta",
    "verdict": "¿La entidad valida?",
    "who": "Nombre de quien responde",
    "post": "Cargo de quien responde",
}
_MORE = ("met_on", "evidence", "files", "due")


_MARK = re.compile(r"([0-9]{1,18})\.([0-9]{1,18})\.([0-9a-f]{1,64})")


def mark_of(seen: Seen) -> str:
    """What an action showed, as a hidden input carries it."""
    return f"{seen.proposal}.{seen.file}.{seen.digest}"


def seen_of(mark: str) -> Seen | None:
    """What a mark tells; None where it is none of ours."""
    found = _MARK.fullmatch(mark)
    return Seen(int(found[1]), int(found[2]), found[3]) if found else None


def anchor(number: object, name: str) -> str:
    """The id (and name) of one action's input."""
    return f"a{number}-{INPUTS[name]}"


@dataclass(frozen=True)
class Problem:
    """One line of the summary at the top; `anchor` is the input it is about, empty for the whole page."""

    anchor: str
    label: str
    sentence: str


@dataclass(frozen=True)
class File:
    id: int
    name: str
    size: int
    sent: bool


@dataclass(frozen=True)
class ActionView:
    """One action with its inputs. `reported` says when something of the month was received, None when nothing was.

    `is_shown`: it is open from the start; the others show what they are, and open when they are asked to.
    """

    id: int
    code: str
    text: str
    due: date | None
    is_overdue: bool
    last_percent: float | None
    last_text: str
    last_month: str
    typed: Typed
    files: tuple[File, ...]
    reported: datetime | None
    problems: Mapping[str, str]
    seen: str
    is_drafted: bool = False
    is_shown: bool = False

    @property
    def is_wrong(self) -> bool:
        return any(self.problems.values())

    @property
    def asks_reason(self) -> bool:
        """Whether the figure that stands there is below the last one (R12)."""
        try:
            is_lower = parse_percent(self.typed.percent) < (self.last_percent or 0)
        except ValueError:
            is_lower = False
        return is_lower or bool(self.typed.reason or self.problems["reason"])

    @property
    def is_open(self) -> bool:
        """Whether the inputs that only some answers need are shown at once."""
        typed = self.typed
        return bool(typed.met_on or typed.evidence or typed.due or self.files) or any(
            self.problems[name] for name in _MORE
        )


@dataclass(frozen=True)
class Received:
    """What came by one sending, exactly; `pending` are the actions that still lack an answer."""

    number: int
    at: datetime
    who: str
    items: tuple[ReceivedItem, ...] = ()
    answers: tuple[Mapping[str, str], ...] = ()
    pending: tuple[str, ...] = ()


@dataclass(frozen=True)
class View:
    """The page. `state`: «escribir», «recibido», «consulta» (a former month), «validar», «aviso» (it says why not)."""

    state: str
    title: str
    entity: str = ""
    month: str = ""
    deadline: date | None = None
    is_late: bool = False
    until: date | None = None
    reference: str = ""
    groups: tuple[tuple[str, tuple[ActionView, ...]], ...] = ()
    subjects: tuple[Mapping[str, Any], ...] = ()
    who: str = ""
    post: str = ""
    problems: tuple[Problem, ...] = ()
    by_field: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    drafted: datetime | None = None
    received: Received | None = None
    seen: int = 0

    @property
    def actions(self) -> list[ActionView]:
        return [one for _name, group in self.groups for one in group]


def month_view(
    desk: Desk, form: AnswerForm, typed: Page | None = None, problems: Mapping[str, str] | None = None
) -> View:
    """The month's page: what is asked, what stands in it, what is wrong with it."""
    month, session = Month.parse(form.month), desk.session
    actions = form_answers.actions_of(session, form, desk.today)
    current = form_answers.is_current(session, form, desk.today)
    wrong = dict(problems or {})
    last = forms.last_submission(session, form.id)
    return View(
        state="escribir" if current else "consulta",
        title="Reporte de avance",
        entity=form.entity.name,
        month=month_name(month.year, month.number),
        deadline=(deadline := desk.studio.method.window(month).deadline),
        is_late=desk.today > deadline,
        until=form.expires_on,
        reference=form.reference,
        groups=_groups(desk, form, actions, typed, wrong) if current else (),
        who=typed.who if typed else str(form.draft.get("who") or (last.who if last else "")),
        problems=tuple(_listed(wrong, actions)),
        by_field={name: wrong.get(name, "") for name in ("who", "post")},
        drafted=local(form.draft_at) if form.draft and form.draft_at else None,
        received=None if current else _of_month(desk, form),
        seen=last.id if last else 0,
    )


def _groups(
    desk: Desk,
    form: AnswerForm,
    actions: Sequence[Action],
    typed: Page | None,
    problems: Mapping[str, str],
) -> tuple[tuple[str, tuple[ActionView, ...]], ...]:
    stands = form_answers.typed_before(desk.session, form) | (typed.touched if typed else {})
    files, known = form_answers.files_of(desk.session, form.id), form_answers.reported(desk.session, form)
    upon = {number: row.id for number, row in known.items()} | drafted_upon(form)
    views = [
        (
            action.initiative.name,
            _action(
                desk,
                action,
                stands.get(action.id, Typed()),
                files.get(action.id, []),
                known.get(action.id),
                upon.get(action.id, 0),
                problems,
            ),
        )
        for action in actions
    ]
    shown = _shown([view for _, view in views], typed)
    return tuple(
        (name, tuple(replace(view, is_shown=view.id in shown) for _, view in group))
        for name, group in groupby(views, key=lambda one: one[0])
    )


def _shown(views: Sequence[ActionView], typed: Page | None) -> Collection[int]:
    """The actions that are open: what to correct, else what was just typed, else the first without an answer."""
    if wrong := {one.id for one in views if one.is_wrong}:
        return wrong
    if typed and typed.touched:
        return typed.touched.keys()
    untouched = (one.id for one in views if not one.is_drafted and not one.reported)
    drafts = (one.id for one in views if one.is_drafted)
    first = next(untouched, next(drafts, None))
    return {first} if first else {one.id for one in views if len(views) == 1}


def _action(
    desk: Desk,
    action: Action,
    typed: Typed,
    files: Sequence[FormFile],
    known: Proposal | None,
    upon: int,
    problems: Mapping[str, str],
) -> ActionView:
    last = latest(desk.session, action.id)
    month = Month.parse(last.month) if last else None
    waiting = max((row.id for row in files if row.evidence_id is None), default=0)
    return ActionView(
        id=action.id,
        code=action.code,
        text=action.text,
        due=action.due,
        is_overdue=action.due is not None and action.due < desk.today,
        last_percent=last.percent if last else action.percent,
        last_text=last.text if last else "",
        last_month=month_name(month.year, month.number) if month else "",
        typed=typed,
        files=tuple(File(row.id, row.name, row.size, row.evidence_id is not None) for row in files),
        reported=local(known.at) if known else None,
        is_drafted=typed != as_typed(known),
        problems={name: problems.get(f"{action.id}.{name}", "") for name in LABELS},
        seen=mark_of(Seen(upon, waiting, typed.digest)),
    )  # fmt: skip


def _listed(problems: Mapping[str, str], actions: Sequence[Action]) -> Iterable[Problem]:
    """The summary, in the page's order: first what concerns all of it."""
    if "" in problems:
        yield Problem("", "", problems[""])
    for action in actions:
        for name, label in LABELS.items():
            if sentence := problems.get(f"{action.id}.{name}"):
                yield Problem(anchor(action.id, name), f"{action.code}, {label.lower()}", sentence)
    if "who" in problems:
        yield Problem("quien", LABELS["who"], problems["who"])


def received_view(desk: Desk, form: AnswerForm, row: FormSubmission) -> View:
    """The confirmation: exactly what one sending brought, and what is still missing."""
    if not form.month:
        return _validation_received(form, row)
    month, known = Month.parse(form.month), form_answers.reported(desk.session, form)
    actions = form_answers.actions_of(desk.session, form, desk.today)
    items = tuple(received_item(item) for item in row.items)
    pending = tuple(f"{one.code}: {one.text}" for one in actions if one.id not in known)
    return View(
        state="recibido",
        title="Recibimos su respuesta",
        entity=form.entity.name,
        month=month_name(month.year, month.number),
        until=form.expires_on,
        reference=form.reference,
        received=Received(row.id, local(row.at), row.who, items=items, pending=pending),
    )


def _of_month(desk: Desk, form: AnswerForm) -> Received | None:
    """Everything that the entity reported of a former month, by whichever road."""
    rows = sorted(form_answers.reported(desk.session, form).values(), key=lambda row: row.action.code)
    if not rows:
        return None
    files = form_answers.files_of(desk.session, form.id)
    return Received(0, local(max(row.at for row in rows)), "", items=tuple(_reported(row, files) for row in rows))


def _reported(row: Proposal, files: Mapping[int, Sequence[FormFile]]) -> ReceivedItem:
    return received_item(
        {
            "code": row.action.code,
            "percent": row.percent,
            "text": row.text,
            "met_on": row.met_on.isoformat() if row.met_on else "",
            "evidence": row.evidence,
            "wants_due": row.wants_due.isoformat() if row.wants_due else "",
            "files": [one.name for one in files.get(row.action_id, ()) if one.evidence_id],
        }
    )


# --- validation -------------------------------------------------------------------------------------------------------


def validation_view(
    desk: Desk, form: AnswerForm, typed: form_validations.Page | None = None, problems: Mapping[str, str] | None = None
) -> View:
    """R26, R29: what is to be validated, one question each."""
    wrong, drafted = dict(problems or {}), form.draft
    last = forms.last_submission(desk.session, form.id)
    subjects = form_validations.subjects_of(desk.session, form)
    stands = typed.answers if typed else {
        key: form_validations.Typed(**values) for key, values in drafted.get("answers", {}).items()
    }  # fmt: skip
    shown = [
        {
            "n": number,
            "subject": one,
            "typed": stands.get(one.key, form_validations.Typed()),
            "problems": {name: wrong.get(f"{one.key}.{name}", "") for name in ("verdict", "text")},
        }
        for number, one in enumerate(subjects, 1)
    ]  # fmt: skip
    return View(
        state="validar",
        title="Solicitud de validación",
        entity=form.entity.name,
        until=form.expires_on,
        reference=form.reference,
        subjects=tuple(shown),
        who=typed.who if typed else str(drafted.get("who", "")),
        post=typed.post if typed else str(drafted.get("post", "")),
        problems=tuple(_validation_problems(wrong, subjects)),
        by_field={name: wrong.get(name, "") for name in ("who", "post")},
        drafted=local(form.draft_at) if drafted and form.draft_at else None,
        seen=last.id if last else 0,
    )


def _validation_problems(
    problems: Mapping[str, str], subjects: Sequence[form_validations.Subject]
) -> Iterable[Problem]:
    if "" in problems:
        yield Problem("", "", problems[""])
    for number, one in enumerate(subjects, 1):
        for name, ends in (("verdict", "valida-1"), ("text", "texto")):
            if sentence := problems.get(f"{one.key}.{name}"):
                yield Problem(f"v{number}-{ends}", one.title, sentence)
    for name, ends in (("who", "quien"), ("post", "cargo")):
        if name in problems:
            yield Problem(ends, LABELS[name], problems[name])


def _validation_received(form: AnswerForm, row: FormSubmission) -> View:
    return View(
        state="recibido",
        title="Recibimos su respuesta",
        entity=form.entity.name,
        until=form.expires_on,
        reference=form.reference,
        received=Received(row.id, local(row.at), row.who, answers=tuple(row.items)),
    )
