"""The chain: parsed → automatic? → delivery report? → away? → new text → answers → courtesy? → a `Reading`.

Each step leaves its reason. What is not certain keeps its best guess and says so by its confidence.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date

from mail.read.answers import of_everything
from mail.read.asks import asking, asks_for_time, new_contact, wanted_until
from mail.read.automatic import is_away, is_receipt, says_away, why_automatic, why_header
from mail.read.bodies import Body, bodies_of, new_text
from mail.read.bounce import Report, delivery_report
from mail.read.courtesy import is_courtesy, is_filing_number
from mail.read.finding import Found, Sought, answers_in
from mail.read.leave import is_only_absence, returns_on
from mail.read.parse import Parsed, ids, parse
from mail.read.promises import answers_on, is_time_to_answer, says_no_more, to_answer_until
from mail.reference import find_all
from methodology.readings import SURE, Answer, Reading, ReadingKind, Request
from methodology.rules.spanish import long_date

MAX_IDS = 50
MAX_TEXT = 20_000
PACKED = "llegó en formato de Outlook que no se puede leer (winmail.dat): pida reenviarlo en HTML o en texto"


@dataclass(frozen=True)
class _Letter:
    """One message on its way through the steps."""

    mail: Parsed
    bodies: list[Body]
    sought: Sought
    reasons: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return new_text(self.bodies)

    def because(self, *reasons: str) -> _Letter:
        return replace(self, reasons=(*self.reasons, *reasons))


def read(
    raw: bytes,
    known: Collection[str] | None,
    envelope_from: str | None = None,
    request: Request | None = None,
    received: date | None = None,
) -> Reading:
    """Read one message. `known` are all actions' codes (None: whatever has their form).

    `envelope_from` «» is a null sender, None unknown; `request` is what the entity was asked, if it is known;
    `received` the day on which the message reached us, for one that gives no day itself.
    """
    mail = parse(raw)
    near = mail.day or received or (request.sent_on if request else None)
    letter = _Letter(mail, bodies_of(mail), Sought.of(known, request, near))
    report = delivery_report(mail)
    automatic = why_automatic(mail, envelope_from)
    if automatic:
        letter = letter.because(f"Mensaje automático: {automatic}")
    if report is not None:
        return _delivery(letter, report)
    if why_header(mail, envelope_from):
        return _machine(letter)
    if automatic or is_receipt(mail):
        return _by_its_subject(letter)
    return _human(letter)


def _by_its_subject(letter: _Letter) -> Reading:
    """Only the subject says that a machine wrote: a person who answers under such a subject is believed."""
    if answers_in(letter.mail, letter.bodies, letter.sought).answers:
        return _human(replace(letter, reasons=("El asunto parece automático, pero el texto responde",)))
    return _machine(letter)


def _delivery(letter: _Letter, report: Report) -> Reading:
    if not report.is_failure:
        reason = "Es un aviso de entrega o de demora: el mensaje no se ha devuelto"
        return _reading(ReadingKind.RECEIPT, letter.because(reason), report=report)
    shown = ", ".join(report.failed) or "sin destinatario identificado"
    return _reading(ReadingKind.BOUNCE, letter.because(f"Es un rebote: no se entregó a {shown}"), report=report)


def _machine(letter: _Letter) -> Reading:
    mail = letter.mail
    if is_receipt(mail):
        return _reading(ReadingKind.RECEIPT, letter.because("Es un acuse de lectura o de entrega"))
    if is_away(mail) or says_away(letter.text):
        return _absence(letter)
    found = answers_in(mail, letter.bodies, letter.sought)
    letter = letter.because("Es una respuesta automática", *found.reasons)
    return _reading(ReadingKind.AUTO_REPLY, letter, found=found, answers=found.answers)


def _absence(letter: _Letter) -> Reading:
    back = returns_on(letter.text, letter.sought.near)
    reason = f"Avisa una ausencia{f' hasta el {long_date(back)}' if back else ', sin fecha de regreso'}"
    return replace(_reading(ReadingKind.OUT_OF_OFFICE, letter.because(reason)), returns_on=back)


def _human(letter: _Letter) -> Reading:
    mail, text, sought = letter.mail, letter.text, letter.sought
    found = answers_in(mail, letter.bodies, sought)
    rest = of_everything(text, lambda one: _names_one(one, sought), rest_only=bool(found.answers))
    answers = [*found.answers, *rest]
    contact = new_contact(text, mail.sender)
    to_answer, later = _asked_time(text, sought, beside_others=bool(answers))
    wanted, answered_by = wanted_until(later, sought.near), to_answer_until(to_answer, sought.near)
    until = wanted or answered_by
    promised = answers_on(text, sought.near, lambda one: _names_one(one, sought)) or answered_by
    letter = letter.because(*found.reasons)
    if answers:
        letter = letter.because(f"Respuestas reconocidas: {', '.join(one.code for one in answers)}")
        letter = letter.because(*(f"{one.code}: lectura dudosa" for one in answers if one.confidence < SURE))
    elif nothing := _nothing(letter, says_more=bool(_documents(mail, found) or contact or promised)):
        return nothing
    if asks_for_time(text):
        time = f"plazo hasta el {long_date(until)}" if until else "más plazo"
        letter = letter.because(f"Solicita {time}: no es respuesta de fondo")
    if contact:
        letter = letter.because(f"Indica un nuevo contacto: {contact}")
    if not answers:
        letter = letter.because("No se reconoció ninguna línea ni fila con código y avance")
    if promised:
        letter = letter.because(f"Promete responder el {long_date(promised)}: no es respuesta de fondo")
    packed = PACKED if mail.is_packed and not answers else ""
    if packed:
        letter = letter.because(f"El mensaje {packed}")
    reading = _reading(ReadingKind.REPLY, letter, found=found, answers=answers)
    only = bool(promised) and not _documents(mail, found) and says_no_more(text, sought.near)
    return replace(
        reading,
        wants_until=until,
        wants_for=_wanted_for(later, sought) if wanted else "",
        new_contact=contact,
        answers_on=promised,
        promises_only=only,
        unreadable=packed,
    )


def _wanted_for(later: list[str], sought: Sought) -> str:
    """The one action that is named where a later date is asked for; «» when there are none or several."""
    named = {code for one in later for code in sought.codes.inside(one)}
    return named.pop() if len(named) == 1 else ""


def _asked_time(text: str, sought: Sought, *, beside_others: bool) -> tuple[list[str], list[str]]:
    """The sentences that ask for time to answer, and those that ask for an action's later date.

    Where nothing is answered and no action named, any sentence may say that the time is for the answer.
    """
    asked = asking(text)
    if not beside_others and is_time_to_answer(text) and not any(_names_one(one, sought) for one in asked):
        return asked, []
    to_answer = [one for one in asked if is_time_to_answer(one)]
    return to_answer, [one for one in asked if one not in to_answer]


def _nothing(letter: _Letter, *, says_more: bool) -> Reading | None:
    """The reading of a person's mail that neither answers nor asks for anything, None when it may."""
    if is_filing_number(letter.text):
        return _reading(ReadingKind.COURTESY, letter.because("Es un número de radicado, no una respuesta"))
    if says_more or asks_for_time(letter.text):
        return None
    if is_only_absence(letter.text):
        return _absence(letter)
    if is_courtesy(letter.text):
        return _reading(ReadingKind.COURTESY, letter.because("Es una cortesía, no una respuesta"))
    return None


def _names_one(sentence: str, sought: Sought) -> bool:
    """Whether a sentence speaks of one action and not of all."""
    return bool(sought.codes.inside(sentence)) or sought.topics.about(sentence) is not None


def _documents(mail: Parsed, found: Found) -> list[str]:
    """What was attached, without our own workbook: empty, it is no document. What Outlook packed may hold one."""
    attached = [name for name in mail.documents if name not in found.own]
    return attached or (["winmail.dat"] if mail.is_packed else [])


def _document(letter: _Letter, found: Found) -> str:
    """An attached document is an official answer (R16), unless the mail only asks for more time."""
    documents = [name for name in letter.mail.documents if name not in found.own]
    return documents[0] if documents and not asks_for_time(letter.text) else ""


def _reading(
    kind: ReadingKind,
    letter: _Letter,
    *,
    report: Report | None = None,
    answers: Collection[Answer] = (),
    found: Found | None = None,
) -> Reading:
    mail = letter.mail
    replied = (*ids(mail.message, "In-Reply-To"), *ids(mail.message, "References"))
    originals = report.originals if report else ()
    subjects = (mail.subject, *(report.subjects if report else ()))
    texts = (*subjects, *(body.whole for body in letter.bodies))
    kept = found.tokens if found else ()
    return Reading(
        kind=kind,
        sender=mail.sender,
        subject=mail.subject,
        text=letter.text[:MAX_TEXT],
        automatic=bool(letter.reasons) and letter.reasons[0].startswith("Mensaje automático"),
        tokens=tuple(dict.fromkeys((*(one for text in texts for one in find_all(text)), *kept))),
        answering=tuple(dict.fromkeys((*originals, *replied)))[:MAX_IDS],
        failed_recipients=report.failed if report and report.is_failure else (),
        answers=tuple(answers),
        letter=_document(letter, found) if found else "",
        reasons=letter.reasons,
    )
