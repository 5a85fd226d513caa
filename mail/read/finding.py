"""Step 5: the answers, place by place: lines, tables, our form, workbooks, prose, and what was only forwarded."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from mail.read.answers import from_form, from_lines, is_no_progress
from mail.read.asks import asks_for_time, is_only_later
from mail.read.bodies import Body, new_text
from mail.read.codes import Codes
from mail.read.details import complete
from mail.read.figures import FULL, leading_percent
from mail.read.parse import Parsed, content_bytes, document_name
from mail.read.prose import Topics, from_prose, topics_of
from mail.read.tables import from_grid
from mail.read.workbook import Unreadable, grids, reference_of
from mail.writing.request import EXAMPLE_TEXT
from methodology.readings import LIKELY, Answer, Asked, Request
from methodology.rules.months import Month
from methodology.rules.spanish import plain

_PASSES_ON = (
    "reenv",
    "remito",
    "se remite",
    "traslado",
    "para su tramite",
    "respuesta de",
    "lo que responde",
    "anexo la",
    "adelante lo",
    "va lo de",
    "comparto lo",
    "este es el reporte de",
)
_FORWARD_RULE = re.compile(r"-{5,12}\s?(?:Mensaje reenviado|Forwarded message)\s?-{5,12}", re.IGNORECASE)
_FORWARD_SUBJECTS = ("rv:", "fwd:", "fw:", "rm:", "reenv:")


@dataclass(frozen=True)
class Sought:
    """What is looked for: the codes, the asked actions by their words (with a request), the mail's own day.

    `month` is the one that is reported: the request's, else the mail's own.
    """

    codes: Codes
    topics: Topics
    sent: Mapping[str, Asked]
    near: date | None
    month: Month | None

    @staticmethod
    def of(known: Collection[str] | None, request: Request | None, near: date | None) -> Sought:
        actions = request.actions if request else ()
        sent = {one.code: one for one in actions}
        month = (request.month if request else None) or (Month.of(near) if near else None)
        return Sought(Codes(known), topics_of(actions), sent, near, month)


@dataclass(frozen=True)
class Found:
    """`own` are the names of workbooks of ours that came back, `tokens` the references they keep."""

    answers: list[Answer]
    reasons: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()


def answers_in(mail: Parsed, bodies: list[Body], sought: Sought) -> Found:
    """Each action's first answer: the first body's lines, tables and form; the workbooks; prose; else a forward's."""
    coded, rest = _coded(bodies, sought)
    books = _in_workbooks(mail, sought)
    found = _first_of_each([*coded, *books.answers])
    found += [complete(one, sought.near) for one in _in_prose(rest, sought, {one.code for one in found})]
    if found or not (passed_on := _forwarded(mail, bodies, sought)):
        return replace(books, answers=found)
    return replace(books, answers=passed_on, reasons=(*books.reasons, "La respuesta está en un mensaje reenviado"))


def _coded(bodies: list[Body], sought: Sought) -> tuple[list[Answer], str]:
    """The answers of the first body that has any, and the new text that is in none of them."""
    left = ""
    for body in bodies:
        lines, rest = _lines(body.text, sought)
        left = left or rest
        if found := [*lines, *_in_tables(body, sought), *from_form(body.form, sought.codes, EXAMPLE_TEXT)]:
            whole = (_completed(one, sought) for one in found)
            return _first_of_each([one for one in whole if _answers(one)]), rest
    return [], left


def _answers(answer: Answer) -> bool:
    """A question about an action, a request for more time or a «later», is no answer about it (R16)."""
    asks = answer.text.rstrip().endswith("?") or asks_for_time(answer.text) or is_only_later(answer.text)
    return answer.percent is not None or not asks or is_no_progress(answer.text)


def _lines(text: str, sought: Sought) -> tuple[list[Answer], str]:
    return from_lines(text, sought.codes, sought.topics.about)


def _in_tables(body: Body, sought: Sought) -> Iterator[Answer]:
    for grid in body.grids:
        yield from from_grid(grid, sought.codes, sought.topics.in_cell, sought.sent, sought.month)


def _completed(answer: Answer, sought: Sought) -> Answer:
    """A table's day of compliance stands at the end of its passage."""
    whole = complete(_without_title(answer, sought), sought.near)
    if whole.percent == FULL and whole.day is None and "\n" in answer.passage:
        last = complete(replace(answer, text=answer.passage.rpartition("\n")[2]), sought.near)
        whole = replace(whole, day=last.day)
    return whole


def _without_title(answer: Answer, sought: Sought) -> Answer:
    """The answer without the action's own words, which people copy behind its code."""
    title = sought.sent[answer.code].text if answer.code in sought.sent else ""
    if not title or not answer.text.lower().startswith(title.lower()):
        return answer
    rest = answer.text[len(title) :].lstrip(" .:;,–-\n")
    head = leading_percent(rest) if answer.percent is None else None
    return replace(answer, percent=head.percent, text=head.text) if head else replace(answer, text=rest)


def _in_workbooks(mail: Parsed, sought: Sought) -> Found:
    answers: list[Answer] = []
    reasons: list[str] = []
    own: dict[str, str] = {}
    for part in mail.workbooks:
        name = document_name(part)
        try:
            sheets = grids(content_bytes(part))
        except Unreadable as exc:
            reasons.append(f"El libro {name} no se leyó: {exc}")
            continue
        token = reference_of(sheets)
        if token:
            own[name] = token
        sent = {} if token else sought.sent  # what ours showed is locked: nobody wrote over it
        found = [
            one for sheet in sheets for one in from_grid(sheet, sought.codes, sought.topics.in_cell, sent, sought.month)
        ]
        reasons.append(f"Respuestas del libro {name}: {len(found)}")
        answers += (_completed(one, sought) for one in found)
    return Found(answers, tuple(reasons), tuple(own), tuple(dict.fromkeys(own.values())))


def _in_prose(text: str, sought: Sought, taken: Collection[str]) -> list[Answer]:
    return from_prose(text, sought.topics, sought.codes, taken)


def _forwarded(mail: Parsed, bodies: list[Body], sought: Sought) -> list[Answer]:
    """What somebody else wrote and the sender passed on; only when the new text, or the subject, says so."""
    shown = plain(new_text(bodies)[:1000])
    is_forward = any(_FORWARD_RULE.search(body.whole) for body in bodies)
    if not (is_forward or any(one in shown for one in _PASSES_ON)) and not plain(mail.subject).startswith(
        _FORWARD_SUBJECTS
    ):
        return []
    texts = [body.forwarded for body in bodies]
    if sought.sent:
        texts.append(mail.forwarded)
    for text in texts:
        lines, rest = _lines(text, sought)
        found = [*lines, *_in_prose(rest, sought, {one.code for one in lines})]
        if found:
            return [replace(complete(one, sought.near), confidence=min(one.confidence, LIKELY)) for one in found]
    return []


def _first_of_each(answers: list[Answer]) -> list[Answer]:
    first: dict[str, Answer] = {}
    for answer in answers:
        first.setdefault(answer.code, answer)
    return list(first.values())
