"""The chain: parsed → automatic? → delivery report? → away? → new text → answers → courtesy? → a `Reading`.

Later steps (workbooks, free prose) take their place beside `_answers`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from mail.read.answers import from_form, from_lines, without_code
from mail.read.automatic import is_away, is_receipt, why_automatic
from mail.read.bounce import Report, delivery_report
from mail.read.codes import Codes
from mail.read.courtesy import asks_for_time, is_courtesy, is_filing_number
from mail.read.fresh import split
from mail.read.markup import open_page
from mail.read.parse import MAX_CHARS, Parsed, ids, parse
from mail.read.tables import Grid, from_grid, plain_grids
from mail.reference import find_all
from mail.writing.request import EXAMPLE_TEXT
from methodology.replies import Answer, Reading, ReadingKind

MAX_IDS = 50
MAX_TEXT = 20_000


@dataclass(frozen=True)
class _Body:
    """One way to see the message: `text` is new, `form` our quoted form, `grids` its tables, `whole` all of it."""

    text: str
    form: str
    grids: tuple[Grid, ...]
    whole: str


def read(raw: bytes, known: Collection[str], envelope_from: str | None = None) -> Reading:
    """Read one message. `known` are all actions' codes; `envelope_from` «» is a null sender, None unknown."""
    mail = parse(raw)
    bodies = _bodies(mail)
    automatic = why_automatic(mail, envelope_from)
    reasons = [f"Mensaje automático: {automatic}"] if automatic else []
    report = delivery_report(mail)
    if report is not None:
        return _delivery(mail, report, bodies, reasons)
    if automatic or is_receipt(mail):
        return _machine(mail, bodies, Codes(known), reasons)
    return _human(mail, bodies, Codes(known), reasons)


def _bodies(mail: Parsed) -> list[_Body]:
    """HTML first, for its structure; then the plain text."""
    found = []
    if mail.html.strip():
        page = open_page(mail.html)
        parts = split(page.text)
        found.append(_Body(parts.fresh, parts.form, page.grids, page.whole[:MAX_CHARS]))
    if mail.text.strip():
        grids, rest = plain_grids(mail.text)
        parts = split(rest)
        found.append(_Body(parts.fresh, parts.form, tuple(grids), mail.text))
    return found


def _delivery(mail: Parsed, report: Report, bodies: list[_Body], reasons: list[str]) -> Reading:
    if not report.is_failure:
        reasons.append("Es un aviso de entrega o de demora: el mensaje no se ha devuelto")
        return _reading(ReadingKind.RECEIPT, mail, bodies, reasons)
    shown = ", ".join(report.failed) or "sin destinatario identificado"
    reasons.append(f"Es un rebote: no se entregó a {shown}")
    return _reading(ReadingKind.BOUNCE, mail, bodies, reasons, report=report)


def _machine(mail: Parsed, bodies: list[_Body], codes: Codes, reasons: list[str]) -> Reading:
    if is_away(mail):
        kind, reason = ReadingKind.OUT_OF_OFFICE, "El asunto avisa una ausencia"
    elif is_receipt(mail):
        kind, reason = ReadingKind.RECEIPT, "Es un acuse de lectura o de entrega"
    else:
        kind, reason = ReadingKind.AUTO_REPLY, "Es una respuesta automática"
    answers = _coded(bodies, codes) if kind is ReadingKind.AUTO_REPLY else []
    letter = _letter(mail, _new_text(bodies))
    return _reading(kind, mail, bodies, [*reasons, reason], answers=answers, letter=letter)


def _human(mail: Parsed, bodies: list[_Body], codes: Codes, reasons: list[str]) -> Reading:
    text = _new_text(bodies)
    answers = _coded(bodies, codes) or without_code(text)
    if answers:
        reasons.append(f"Se reconocieron {len(answers)} respuesta(s): {', '.join(one.code for one in answers)}")
        return _reading(ReadingKind.REPLY, mail, bodies, reasons, answers=answers, letter=_letter(mail, text))
    if is_filing_number(text):
        return _reading(ReadingKind.COURTESY, mail, bodies, [*reasons, "Es un número de radicado, no una respuesta"])
    if not mail.documents and is_courtesy(text):
        return _reading(ReadingKind.COURTESY, mail, bodies, [*reasons, "Es una cortesía, no una respuesta"])
    if asks_for_time(text):
        reasons.append("Solicita más plazo: no es respuesta de fondo (R16)")
    reasons.append("No se reconoció ninguna línea ni fila con código y avance")
    return _reading(ReadingKind.REPLY, mail, bodies, reasons, letter=_letter(mail, text))


def _coded(bodies: list[_Body], codes: Codes) -> list[Answer]:
    """The answers of the first body that has any: lines over tables over our form filled in where it was quoted."""
    return next((found for body in bodies if (found := _answers(body, codes))), [])


def _answers(body: _Body, codes: Codes) -> list[Answer]:
    in_tables = [answer for grid in body.grids for answer in from_grid(grid, codes)]
    found = [*from_lines(body.text, codes), *in_tables, *from_form(body.form, codes, EXAMPLE_TEXT)]
    first: dict[str, Answer] = {}
    for answer in found:
        first.setdefault(answer.code, answer)
    return list(first.values())


def _new_text(bodies: list[_Body]) -> str:
    return next((body.text for body in bodies if body.text), "")


def _letter(mail: Parsed, text: str) -> str:
    """An attached document is an official answer (R16), unless the mail only asks for more time."""
    return mail.documents[0] if mail.documents and not asks_for_time(text) else ""


def _reading(
    kind: ReadingKind,
    mail: Parsed,
    bodies: list[_Body],
    reasons: list[str],
    *,
    report: Report | None = None,
    answers: Collection[Answer] = (),
    letter: str = "",
) -> Reading:
    replied = (*ids(mail.message, "In-Reply-To"), *ids(mail.message, "References"))
    originals = report.originals if report else ()
    subjects = (mail.subject, *(report.subjects if report else ()))
    return Reading(
        kind=kind,
        sender=mail.sender,
        subject=mail.subject,
        text=_new_text(bodies)[:MAX_TEXT],
        automatic=bool(reasons) and reasons[0].startswith("Mensaje automático"),
        tokens=tuple(
            dict.fromkeys(one for text in (*subjects, *(body.whole for body in bodies)) for one in find_all(text))
        ),
        answering=tuple(dict.fromkeys((*originals, *replied)))[:MAX_IDS],
        failed_recipients=report.failed if report else (),
        answers=tuple(answers),
        letter=letter,
        reasons=tuple(reasons),
    )
