"""The link by which an entity opens the page of its request: it names the request, and expires (R14, R26, R29)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bot.drawing.context import Desk
from methodology import forms
from methodology.clock import start_of
from methodology.rules.months import Month
from storage.forms import AnswerForm

KIND = "respuesta"
LIFE = timedelta(days=60)
"""How long a request for validation may be answered by its page."""


@dataclass(frozen=True)
class FormLink:
    """`until` is the last day on which it opens the page."""

    url: str
    until: date


def subject(reference: str, edition: int) -> str:
    """What a link is signed for, and how its path ends: revoked links name a former edition."""
    return f"{reference}-{edition}"


def month_link(desk: Desk, reference: str, entity_id: int, month: Month) -> FormLink:
    """To the page of a month's request; the same for its reminder."""
    return _link(desk, forms.opened(desk.session, reference, entity_id, str(month), forms.until(month)))


def validation_link(desk: Desk, reference: str, entity_id: int, subjects: Sequence[str]) -> FormLink:
    """To the page of a letter that asks to validate these."""
    return _link(desk, forms.opened(desk.session, reference, entity_id, "", desk.today + LIFE, subjects))


def _link(desk: Desk, form: AnswerForm) -> FormLink:
    named = subject(form.reference, form.edition)
    expires = start_of(form.expires_on + timedelta(days=1))
    return FormLink(desk.studio.links.to(KIND, named, f"/responder/{named}", expires), form.expires_on)
