"""R14: what comes by an entity's page, and what of it somebody touched.

The page is drawn with what is known standing in its inputs and sent whole; the mark that each action carries tells
what was typed from what stood there already. A draft is of what was touched, so that two people may write in one page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, astuple, dataclass, field
from hashlib import sha256
from typing import Any

from storage.forms import AnswerForm
from storage.ledger import Proposal

NOTHING = "Sin avance: "
LOWER = "Motivo del menor avance: "
_DIGITS = 16


def parted(text: str) -> tuple[str, str]:
    """What an entity reported, and its reason for a lower figure (R12)."""
    words, _, reason = text.partition(f"\n{LOWER}")
    return words, reason


@dataclass(frozen=True)
class Typed:
    """One action's inputs, as somebody typed them."""

    percent: str = ""
    text: str = ""
    nothing: bool = False
    met_on: str = ""
    evidence: str = ""
    due: str = ""
    reason: str = ""

    @property
    def is_empty(self) -> bool:
        return self == Typed()

    @property
    def digest(self) -> str:
        """The same for what a browser sends back of it untouched, whatever it makes of spaces and line ends."""
        words = [
            " ".join("".join(c for c in str(one) if c.isprintable() or c.isspace()).split()) for one in astuple(self)
        ]
        return sha256("\0".join(words).encode()).hexdigest()[:_DIGITS]


@dataclass(frozen=True)
class Seen:
    """What an action's inputs showed as the page was drawn: the newest report and unsent file (0: none), a digest."""

    proposal: int
    file: int
    digest: str


@dataclass(frozen=True)
class Upload:
    """A file that came with the page, about one action."""

    action_id: int
    name: str
    content_type: str
    data: bytes

    @property
    def sha256(self) -> str:
        return sha256(self.data).hexdigest()


@dataclass(frozen=True)
class Page:
    """What came: inputs, marks and files by action, the files to take off again; `send` or keep as a draft.

    `problems` were found while it was read (a file too large), by «action.field». An action without its mark counts as
    touched.
    """

    actions: Mapping[int, Typed]
    who: str = ""
    uploads: tuple[Upload, ...] = ()
    removed: frozenset[int] = frozenset()
    send: bool = False
    problems: Mapping[str, str] = field(default_factory=dict)
    seen: Mapping[int, Seen] = field(default_factory=dict)

    @property
    def touched(self) -> dict[int, Typed]:
        """What stands otherwise than it was shown."""
        return {
            number: typed
            for number, typed in self.actions.items()
            if number not in self.seen or self.seen[number].digest != typed.digest
        }


def as_typed(row: Proposal | None) -> Typed:
    """A report as the page shows it in its inputs; empty ones where there is none."""
    if row is None:
        return Typed()
    nothing = row.percent is None and row.text.startswith(NOTHING)
    text, reason = parted(row.text)
    return Typed(
        percent="" if row.percent is None else f"{row.percent:g}".replace(".", ","),
        text=text.removeprefix(NOTHING) if nothing else text,
        nothing=nothing,
        met_on=row.met_on.isoformat() if row.met_on else "",
        evidence=row.evidence,
        due=row.wants_due.isoformat() if row.wants_due else "",
        reason=reason,
    )


def drafted(form: AnswerForm) -> dict[int, Typed]:
    """What somebody typed and did not send, by action."""
    return {int(number): Typed(**values) for number, values in form.draft.get("actions", {}).items()}


def drafted_upon(form: AnswerForm) -> dict[int, int]:
    """The report that whoever drafted had before them, by action (0: none)."""
    return {int(number): int(proposal) for number, proposal in form.draft.get("seen", {}).items()}


def draft(
    form: AnswerForm, who: str, typed: Mapping[int, Typed], upon: Mapping[int, int], without: Collection[int] = ()
) -> dict[str, Any]:
    """The draft with what was typed now and `without` what is none any more; what it says of other actions stays."""
    actions = {n: one for n, one in (drafted(form) | dict(typed)).items() if n not in without}
    seen = {n: one for n, one in (drafted_upon(form) | dict(upon)).items() if n in actions}
    return {
        "who": who,
        "actions": {str(number): asdict(one) for number, one in actions.items()},
        "seen": {str(number): one for number, one in seen.items()},
    }


def undraft(form: AnswerForm, page: Page) -> None:
    """Take off the draft what the page brought; what a colleague writes meanwhile stays."""
    brought = {number for number, one in drafted(form).items() if page.actions.get(number) == one}
    if brought == drafted(form).keys():
        form.draft, form.draft_at = {}, None
    else:
        form.draft = draft(form, "", {}, {}, without=brought)
