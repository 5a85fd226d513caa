"""R14: an entity's answer to its monthly request by the page of its letter: drafted, sent, corrected.

What is sent becomes proposals, as by mail (R11: the leader decides), and counts as an answer (R16). A draft is seen by
nobody and ends no silence. A proposed due date is told to the leader and to Planning, and changes nothing by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from methodology import answers, evidence, forms, tray
from methodology.clock import local
from methodology.followups import last_percent
from methodology.form_item import SHORT_MAX, Item, Today, item_of
from methodology.form_page import Page, Seen, Typed, Upload, as_typed, draft, drafted, undraft
from methodology.forms import Sent
from methodology.history import recording
from methodology.method import Method
from methodology.notices import plan
from methodology.rules.spanish import long_date
from methodology.telling import asked_actions
from storage.forms import AnswerForm, FormFile, FormSubmission
from storage.ledger import Proposal
from storage.matrix import Action

RECEIPT = "R14.acuse"
PROPOSED_DATE = "fecha_propuesta"
FILES_MOST = 5
FILES_TOTAL = 100 * 1024 * 1024
"""Of one page, whatever became of the files."""
_EXCERPT = 300


@dataclass(frozen=True)
class Outcome:
    """What became of a page. `submission` is what was received (`again`: it had been before); else what it lacks.

    `unchanged`: all of it was known. `overtaken`: what came while the page was open, the words by action code.
    """

    submission: FormSubmission | None = None
    again: bool = False
    unchanged: bool = False
    overtaken: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


def is_current(session: Session, form: AnswerForm, today: date) -> bool:
    """Whether it still takes answers: until the next month is asked for."""
    return answers.current_cycle(session, form.entity_id, today) <= form.month


def actions_of(session: Session, form: AnswerForm, today: date) -> list[Action]:
    """The actions that the page asks about today, by initiative."""
    return asked_actions(session, form.entity_id, today)


def files_of(session: Session, form_id: int) -> dict[int, list[FormFile]]:
    """The page's files by action, in the order in which they came."""
    found: dict[int, list[FormFile]] = {}
    for row in session.scalars(select(FormFile).where(FormFile.form_id == form_id).order_by(FormFile.id)):
        found.setdefault(row.action_id, []).append(row)
    return found


def reported(session: Session, form: AnswerForm) -> dict[int, Proposal]:
    """What the entity reported of the page's month, by whichever road: the newest of each of its actions."""
    query = answers.reports_of(form.entity_id, form.month).where(Proposal.state != answers.REPLACED)
    return {row.action_id: row for row in session.scalars(query)}


def typed_before(session: Session, form: AnswerForm) -> dict[int, Typed]:
    """What stands in the inputs: the draft, else what was reported of the month."""
    return {number: as_typed(row) for number, row in reported(session, form).items()} | drafted(form)


def receive(session: Session, form: AnswerForm, page: Page, sent: Sent, *, now: datetime, method: Method) -> Outcome:
    """Keep a page as a draft, or take it as the answer; nothing that was typed is lost either way.

    The same page sent twice is one answer. Whoever sends a page that somebody else overtook is asked to look again.
    """
    if page.send and (former := forms.came_before(session, form.id, sent)):
        return Outcome(former, again=True)
    asked = {action.id: action for action in actions_of(session, form, local(now).date())}
    problems = dict(page.problems) | _keep_files(session, form, page, asked, now)
    known = reported(session, form)
    _draft(session, form, page, asked, known, now)
    if not page.send:
        return Outcome(problems=problems)
    fresh = _fresh(session, form, page, known)
    if late := _overtaken(session, form, page, fresh, known, sent):
        form.draft = draft(form, page.who, {}, {number: _newest(known, number) for number in fresh})
        return Outcome(overtaken=late)
    reading = Today(local(now).date(), method)
    items, wrong = _read(session, form, page, fresh, asked, reading)
    if problems := problems | wrong:
        return Outcome(problems=problems)
    return _take(session, form, page, items, sent, now)


def _draft(
    session: Session,
    form: AnswerForm,
    page: Page,
    asked: Mapping[int, Action],
    known: Mapping[int, Proposal],
    now: datetime,
) -> None:
    """Keep what was touched; what stands as it was reported is no draft, and a colleague's stays."""
    touched = {number: typed for number, typed in page.touched.items() if number in asked}
    written = {number: typed for number, typed in touched.items() if not _stands(session, page, number, known)}
    upon = {n: page.seen[n].proposal if n in page.seen else _newest(known, n) for n in written}
    form.draft, form.draft_at = draft(form, page.who, written, upon, without=touched.keys() - written.keys()), now


def _newest(known: Mapping[int, Proposal], number: int) -> int:
    return known[number].id if number in known else 0


def _stands(session: Session, page: Page, number: int, known: Mapping[int, Proposal]) -> bool:
    """Whether an action's inputs say what was reported, as the page showed it or as it is now."""
    if (seen := page.seen.get(number)) is None:
        return False
    shown = session.get(Proposal, seen.proposal)
    theirs = shown if shown is not None and shown.action_id == number else None
    return page.actions[number].digest in (as_typed(theirs).digest, as_typed(known.get(number)).digest)


def _fresh(session: Session, form: AnswerForm, page: Page, known: Mapping[int, Proposal]) -> dict[int, list[FormFile]]:
    """The actions of which the page says something of its own, with the files of it that were not sent yet."""
    sums = {upload.sha256 for upload in page.uploads}
    found: dict[int, list[FormFile]] = {}
    files = files_of(session, form.id)
    for number in page.actions:
        seen = page.seen.get(number)
        waiting = [row for row in files.get(number, []) if row.evidence_id is None and _is_of(row, seen, sums)]
        if waiting or not _stands(session, page, number, known):
            found[number] = waiting
    return found


def _is_of(row: FormFile, seen: Seen | None, sums: Collection[str]) -> bool:
    """Whether a file came by this page, or was shown by it; a colleague's that came meanwhile is not."""
    return seen is None or row.id <= seen.file or row.sha256 in sums


def _overtaken(
    session: Session,
    form: AnswerForm,
    page: Page,
    fresh: Collection[int],
    known: Mapping[int, Proposal],
    sent: Sent,
) -> dict[str, str]:
    """What came of these actions since the page was drawn, by whichever road; one's own, by the way back, did not."""
    if not page.seen:
        late = forms.overtaken(session, form.id, sent)
        return {str(item["code"]): str(item["text"]) for item in late.items} if late else {}
    newer = [known[n] for n in fresh if n in page.seen and _newest(known, n) not in (0, page.seen[n].proposal)]
    others = [row for row in newer if row.submission is None or row.submission.nonce != sent.nonce]
    return {row.action.code: row.text for row in others}


# --- files ------------------------------------------------------------------------------------------------------------


def _keep_files(
    session: Session, form: AnswerForm, page: Page, asked: Mapping[int, Action], now: datetime
) -> dict[str, str]:
    """Take off what was ticked, keep what came; the sentences for what could not be kept, by «action.files»."""
    for row in session.scalars(select(FormFile).where(FormFile.form_id == form.id, FormFile.id.in_(page.removed))):
        if row.evidence_id is None:
            session.delete(row)
    session.flush()
    problems: dict[str, str] = {}
    for upload in page.uploads:
        if upload.action_id in asked and (why := _keep_file(session, form, upload, now)):
            problems[f"{upload.action_id}.files"] = why
    return problems


def _keep_file(session: Session, form: AnswerForm, upload: Upload, now: datetime) -> str:
    """Why not, or «» when it is kept (the same bytes about the same action once)."""
    of_form = select(FormFile).where(FormFile.form_id == form.id)
    theirs = session.scalars(of_form.where(FormFile.action_id == upload.action_id)).all()
    if any(row.sha256 == upload.sha256 for row in theirs):
        return ""
    if len([row for row in theirs if row.evidence_id is None]) >= FILES_MOST:
        return f"«{upload.name}» no se guardó: se reciben hasta {FILES_MOST} archivos por acción en cada envío."
    total = session.scalar(select(func.coalesce(func.sum(FormFile.size), 0)).where(FormFile.form_id == form.id)) or 0
    if total + len(upload.data) > FILES_TOTAL:
        limit = FILES_TOTAL // 1024 // 1024
        return (
            f"«{upload.name}» no se guardó: los archivos de esta solicitud suman ya cerca de {limit} MB. Use un enlace."
        )
    session.add(
        FormFile(
            form_id=form.id,
            action_id=upload.action_id,
            name=upload.name,
            content_type=upload.content_type,
            size=len(upload.data),
            sha256=upload.sha256,
            data=upload.data,
            at=now,
        )
    )
    session.flush()
    return ""


def _become_evidence(session: Session, rows: Sequence[FormFile], by: str, now: datetime) -> list[str]:
    """The files of a sent answer, as the leader finds them beside the action; how a follow-up names them."""
    for row in rows:
        if row.evidence_id is None:
            kept = evidence.keep_from_entity(
                session,
                row.action,
                name=row.name,
                content_type=row.content_type,
                data=row.data or b"",
                by=by,
                now=now,
            )
            row.evidence_id, row.data = kept.id, None
    session.flush()
    return [evidence.called(row.evidence) for row in rows if row.evidence is not None]


def evidence_of(session: Session, proposal: Proposal) -> str:
    """What a proposal brings as evidence, in words: as it was typed, and the files that came by the same page."""
    if proposal.submission is None:
        return proposal.evidence
    rows = files_of(session, proposal.submission.form_id).get(proposal.action_id, [])
    names = [evidence.called(row.evidence) for row in rows if row.evidence is not None]
    return "; ".join(part for part in (proposal.evidence, *names) if part)


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(
    session: Session,
    form: AnswerForm,
    page: Page,
    fresh: Mapping[int, Sequence[FormFile]],
    asked: Mapping[int, Action],
    reading: Today,
) -> tuple[list[Item], dict[str, str]]:
    """What each action's inputs say, and the sentence for each input that says nothing clear."""
    files = files_of(session, form.id)
    items: list[Item] = []
    problems: dict[str, str] = {}
    for number, waiting in fresh.items():
        typed = page.actions[number]
        if number not in asked:
            if not typed.is_empty:
                problems[""] = _not_theirs(form, typed)
            continue
        if typed.is_empty and not waiting:
            continue
        before = last_percent(session, asked[number])
        item, wrong = item_of(typed, asked[number], reading, before, has_files=bool(files.get(number)))
        problems |= {f"{number}.{name}": sentence for name, sentence in wrong.items()}
        if item is not None:
            items.append(item)
    if len(page.who) > SHORT_MAX:
        problems["who"] = f"Escriba el nombre y el cargo en {SHORT_MAX} caracteres como máximo."
    if not items and not problems and not _says_the_known(page, fresh):
        problems[""] = "No hay avance para enviar: diligencie al menos una acción, o marque «Sin avance» y su motivo."
    return items, problems


def _says_the_known(page: Page, fresh: Collection[int]) -> bool:
    return any(not typed.is_empty for number, typed in page.actions.items() if number not in fresh)


def _not_theirs(form: AnswerForm, typed: Typed) -> str:
    said = f" Lo escrito fue: «{typed.text[:_EXCERPT]}»." if typed.text else ""
    return (
        f"El formulario traía una acción que hoy no está a cargo de {form.entity.short}; lo escrito sobre ella no se "
        f"registró.{said} Revise las demás acciones y envíe de nuevo."
    )


# --- taking -----------------------------------------------------------------------------------------------------------


def _take(session: Session, form: AnswerForm, page: Page, items: Sequence[Item], sent: Sent, now: datetime) -> Outcome:
    """Proposals of what is new, the end of the silence, the acknowledgement; in the entity's name."""
    known, files = reported(session, form), files_of(session, form.id)
    fresh = [item for item in items if _is_new(item, known.get(item.action.id), files.get(item.action.id, []))]
    undraft(form, page)
    if not fresh:
        return Outcome(forms.last_submission(session, form.id), unchanged=True)
    today, who = local(now).date(), forms.writer(form)
    row = FormSubmission(form_id=form.id, nonce=sent.nonce, digest=sent.digest, at=now, who=page.who)
    session.add(row)
    session.flush()
    with recording(session, who.name, "Respuesta por el formulario en línea", now):
        for item in fresh:
            _propose(session, form, row, item, known.get(item.action.id), now)
        named = {i.action.id: _become_evidence(session, files.get(i.action.id, []), who.name, now) for i in items}
        row.items = [_kept(item, named[item.action.id]) for item in items]
        initiatives = sorted({item.action.initiative_id for item in fresh})
        answers.count(session, form.entity_id, form.month, initiatives, today, how=forms.HOW)
    _acknowledge(session, form, row, today)
    return Outcome(row)


def _is_new(item: Item, known: Proposal | None, files: Sequence[FormFile]) -> bool:
    if known is None or known.state == answers.REJECTED or any(row.evidence_id is None for row in files):
        return True
    before = (known.percent, known.text, known.met_on, known.evidence, known.wants_due)
    return before != (item.percent, item.text, item.met_on, item.evidence, item.wants_due)


def _propose(
    session: Session, form: AnswerForm, row: FormSubmission, item: Item, known: Proposal | None, now: datetime
) -> None:
    answers.propose(
        session,
        item.action,
        form.month,
        percent=item.percent,
        text=item.text,
        passage=item.text,
        now=now,
        submission_id=row.id,
        met_on=item.met_on,
        evidence=item.evidence,
        wants_due=item.wants_due,
    )
    if item.wants_due != (known.wants_due if known else None):
        _tell_date(session, form, item, now)


def _tell_date(session: Session, form: AnswerForm, item: Item, now: datetime) -> None:
    """The entity would rather have another due date: a person decides (R3); the newest proposal stands alone."""
    key, short = f"{item.action.id}:{form.month}", form.entity.short
    tray.settle(session, PROPOSED_DATE, key, f"{short} cambió o retiró la fecha propuesta", now)
    if item.wants_due is None:
        return
    due = f", que vence el {long_date(item.action.due)}" if item.action.due else ", que no tiene fecha"
    title = f"{short} propone el {long_date(item.wants_due)} para {item.action.code}{due}"
    detail = {
        "entity_id": form.entity_id,
        "accion": item.action.code,
        "fecha": item.wants_due.isoformat(),
        "motivo": item.text[:_EXCERPT],
    }
    tray.put(session, PROPOSED_DATE, key, title, detail, now)


def date_in_question(session: Session, proposal: Proposal) -> date | None:
    """The due date that a proposal would rather have, until somebody decided about it."""
    waits = tray.open_item(session, PROPOSED_DATE, f"{proposal.action_id}:{proposal.month}")
    return proposal.wants_due if waits and proposal.wants_due != proposal.action.due else None


def settle_proposed_dates(session: Session, action: Action, because: str, now: datetime) -> None:
    """Whoever changed the date decided what was proposed."""
    for item in tray.waiting(session):
        if item.kind == PROPOSED_DATE and item.detail["accion"] == action.code:
            item.resolved_at, item.resolution = now, because
        elif (item.detail.get("wants") or {}).get("accion") == action.code:
            tray.decided(item, ("wants", "wants_until"), because, now)


def _kept(item: Item, files: Sequence[str]) -> dict[str, Any]:
    """One item of what was received, as it stays on record and is repeated to the entity."""
    return {
        "action": item.action.id,
        "code": item.action.code,
        "percent": item.percent,
        "text": item.text,
        "met_on": item.met_on.isoformat() if item.met_on else "",
        "evidence": item.evidence,
        "wants_due": item.wants_due.isoformat() if item.wants_due else "",
        "files": list(files),
    }


def _acknowledge(session: Session, form: AnswerForm, row: FormSubmission, today: date) -> None:
    plan(
        session,
        RECEIPT,
        subject=form.entity.name,
        period=f"{form.month}:formulario:{row.id}",
        recorded_on=today,
        due=None,
        entity_id=form.entity_id,
        inputs={"period": form.month, "submission": row.id},
    )
