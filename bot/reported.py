"""What an entity reported of an action, on its leader's card (R11, R14): shown, offered, and never decided unseen."""

from __future__ import annotations

from collections.abc import Mapping

from bot.drawing.context import Desk
from cards.action import PROPOSAL_SHOWN, Proposed, prefilled
from methodology import followups
from methodology.answers import told_on
from methodology.form_answers import date_in_question, evidence_of
from methodology.form_page import parted
from methodology.rules.months import Month
from storage.ledger import InboundMail, Proposal
from storage.matrix import Action

CORRECTED = (
    "{entity} envió o corrigió su reporte mientras esta tarjeta estaba abierta. Lo que usted escribió se conserva: "
    "revise el reporte y decida de nuevo."
)
CORRECTED_ROW = (
    "{entity} envió o corrigió su reporte mientras esta tarjeta estaba abierta: «{text}». Revíselo y guarde de nuevo."
)


def waiting(desk: Desk, action: Action, month: Month) -> int:
    """The report that a card drawn now shows; 0 when none waits."""
    row = followups.proposal_for(desk.session, action.id, month)
    return row.id if row else 0


def corrected(desk: Desk, action: Action, month: Month, shown: int | None) -> Proposal | None:
    """What the entity reported since a card was drawn that `shown` that report (None: it does not say)."""
    row = followups.proposal_for(desk.session, action.id, month)
    return row if row is not None and shown is not None and row.id != shown else None


def given(desk: Desk, row: Proposal) -> dict[str, str]:
    """What the entity gave for the fields that only some answers need; figure and words stand with its report."""
    met_on = row.met_on.isoformat() if row.met_on else ""
    found = {"met_on": met_on, "evidence": evidence_of(desk.session, row), "reason": parted(row.text)[1]}
    return {name: value for name, value in found.items() if value}


def without(desk: Desk, action: Action, values: Mapping[str, str], shown: int | None) -> dict[str, str]:
    """What a leader typed: the inputs, less what that report had filled in."""
    row = desk.session.get(Proposal, shown or 0)
    if row is None:
        return dict(values)
    limits = desk.studio.method.of(action.initiative)
    theirs = given(desk, row) | {"text": prefilled(proposed(desk, row), limits)}
    if row.percent is not None:
        theirs["percent"] = f"{row.percent:g}"
    return {name: value for name, value in values.items() if value != theirs.get(name)}


def proposed(desk: Desk, row: Proposal, full: str = "", reject: str = "", *, with_reply: bool = False) -> Proposed:
    """The block of the card; `full` and `reject` are tokens."""
    mail = desk.session.get(InboundMail, row.mail_id) if row.mail_id else None
    words = mail.text if mail is not None else row.text
    whole = words.strip() not in ("", row.text.strip()) or len(words) > PROPOSAL_SHOWN
    return Proposed(
        row.percent,
        parted(row.text)[0],
        told_on(desk.session, row),
        full=full if whole else "",
        reject=reject,
        reply=words if with_reply else "",
        wants_due=date_in_question(desk.session, row),
        met_on=row.met_on,
        evidence=evidence_of(desk.session, row),
    )
