"""R14: what an entity is asked in one cycle: the data behind request, reminder, handover and workbook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from mail.writing.letterhead import Letterhead
from methodology.rules.months import Month

SALUTATION = "Respetados señores:"


@dataclass(frozen=True)
class AskedAction:
    """One row of the table. `percent` and `narrative` are the last reported ones; None and empty when there is none."""

    code: str
    text: str
    due: date | None
    percent: float | None = None
    narrative: str = ""
    overdue: bool = False


@dataclass(frozen=True)
class AskedInitiative:
    name: str
    actions: tuple[AskedAction, ...]


@dataclass(frozen=True)
class RequestData:
    """What the request says. `entity` is the short name, `addressee` the full one; `why` replaces the usual reason.

    `copied` are the names behind `cc`: joint responsibles and supporting entities. `form_url` opens the page by which
    it is answered online, until `form_until`.
    """

    to: tuple[str, ...]
    entity: str
    addressee: str
    month: Month
    deadline: date
    initiatives: tuple[AskedInitiative, ...]
    reference: str
    message_id: str
    letterhead: Letterhead
    cc: tuple[str, ...] = ()
    copied: tuple[str, ...] = ()
    salutation: str = SALUTATION
    why: str = ""
    illustrative: bool = False
    form_url: str = ""
    form_until: date | None = None

    @property
    def actions(self) -> Iterator[AskedAction]:
        return (action for initiative in self.initiatives for action in initiative.actions)
