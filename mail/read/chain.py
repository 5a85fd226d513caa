"""The chain: parsed → automatic? → delivery report? → away? → new text → answers → courtesy? → a `Reading`.

Each step leaves its reason. What is not certain keeps its best guess and says so by its confidence.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from mail.read.answers import of_everything
from mail.read.asks import asks_for_time, new_contact, wanted_until
from mail.read.automatic import is_away, is_receipt, says_away, why_automatic, why_header
from mail.read.bodies import Body, bodies_of, new_text
from mail.read.bounce import Report, delivery_report
from mail.read.courtesy import is_courtesy, is_filing_number
from mail.read.finding import Sought, answers_in
from mail.read.leave import returns_on
from mail.read.parse import Parsed, ids, parse
from mail.reference import find_all
from methodology.readings import SURE, Answer, Reading, ReadingKind, Request

MAX_IDS = 50
MAX_TEXT = 20_000


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
) -> Reading:
    """Read one message. `known` are all actions' codes (None: whatever has their form).

    `envelope_from` «» is a null sender, None unknown; `request` is what the entity was asked, if it is known.
    """
    mail = parse(raw)
    near = mail.day or (request.sent_on if request else None)
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
        back = returns_on(letter.text, letter.sought.near)
        reason = f"Avisa una ausencia{f' hasta el {back.isoformat()}' if back else ', sin fecha de regreso'}"
        return replace(_reading(ReadingKind.OUT_OF_OFFICE, letter.because(reason)), returns_on=back)
    found = answers_in(mail, letter.bodies, letter.sought)
    letter = letter.because("Es una respuesta automática", *found.reasons)
    return _reading(ReadingKind.AUTO_REPLY, letter, answers=found.answers, document=_document(letter))


def _human(letter: _Letter) -> Reading:
    mail, text, sought = letter.mail, letter.text, letter.sought
    found = answers_in(mail, letter.bodies, sought)
    rest = of_everything(text, lambda one: _names_one(one, sought), rest_only=bool(found.answers))
    answers = [*found.answers, *rest]
    contact, until = new_contact(text, mail.sender), wanted_until(text, sought.near)
    letter = letter.because(*found.reasons)
    if answers:
        letter = letter.because(
            f"Se reconocieron {len(answers)} respuesta(s): {', '.join(one.code for one in answers)}"
        )
        letter = letter.because(*(f"{one.code}: lectura dudosa" for one in answers if one.confidence < SURE))
    elif is_filing_number(text):
        return _reading(ReadingKind.COURTESY, letter.because("Es un número de radicado, no una respuesta"))
    elif not (mail.documents or contact or asks_for_time(text)) and is_courtesy(text):
        return _reading(ReadingKind.COURTESY, letter.because("Es una cortesía, no una respuesta"))
    if asks_for_time(text):
        letter = letter.because("Solicita más plazo: no es respuesta de fondo (R16)")
    if contact:
        letter = letter.because(f"Indica un nuevo contacto: {contact}")
    if not answers:
        letter = letter.because("No se reconoció ninguna línea ni fila con código y avance")
    reading = _reading(ReadingKind.REPLY, letter, answers=answers, document=_document(letter))
    return replace(reading, wants_until=until, new_contact=contact)


def _names_one(sentence: str, sought: Sought) -> bool:
    """Whether a sentence speaks of one action and not of all."""
    return bool(sought.codes.inside(sentence)) or (
        sought.topics is not None and sought.topics.about(sentence) is not None
    )


def _document(letter: _Letter) -> str:
    """An attached document is an official answer (R16), unless the mail only asks for more time."""
    documents = letter.mail.documents
    return documents[0] if documents and not asks_for_time(letter.text) else ""


def _reading(
    kind: ReadingKind,
    letter: _Letter,
    *,
    report: Report | None = None,
    answers: Collection[Answer] = (),
    document: str = "",
) -> Reading:
    mail = letter.mail
    replied = (*ids(mail.message, "In-Reply-To"), *ids(mail.message, "References"))
    originals = report.originals if report else ()
    subjects = (mail.subject, *(report.subjects if report else ()))
    texts = (*subjects, *(body.whole for body in letter.bodies))
    return Reading(
        kind=kind,
        sender=mail.sender,
        subject=mail.subject,
        text=letter.text[:MAX_TEXT],
        automatic=bool(letter.reasons) and letter.reasons[0].startswith("Mensaje automático"),
        tokens=tuple(dict.fromkeys(one for text in texts for one in find_all(text))),
        answering=tuple(dict.fromkeys((*originals, *replied)))[:MAX_IDS],
        failed_recipients=report.failed if report and report.is_failure else (),
        answers=tuple(answers),
        letter=document,
        reasons=letter.reasons,
    )
