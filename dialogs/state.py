"""Where a leader stands in the month of one initiative, and what of their answers was not accepted; kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REPORTED = ("percent", "text")


@dataclass(frozen=True)
class Draft:
    """An answer that was not accepted: what was typed, and by field what it lacks; `warning` says it was not tried.

    `reported` is the number of the entity's report that stood beside it, 0 for none.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    warning: str = ""
    reported: int = 0

    def without_report(self) -> Draft:
        """Neither a figure nor a text: what else was given is kept."""
        return Draft({name: value for name, value in self.values.items() if name not in REPORTED})

    def beside(self, reported: int) -> Draft:
        """Once the entity reported anew: half a report is not mixed with the entity's, a whole one stands (R11)."""
        is_whole = all(self.values.get(name) for name in REPORTED)
        return self if reported <= self.reported or is_whole else self.without_report()


@dataclass(frozen=True)
class State:
    """Where a leader stands in the month of one initiative.

    `queue` is what is asked in order; a skipped code stands in it once more, at its end. `done` maps a code to the
    sentence that says what was recorded. `drafts` are refused answers, shown again wherever their action is. `shown` is
    the action of the last card, «» of a receipt, and `asked` that of the last question, «» when something else was said
    since; `stopped` from «Terminar por ahora» until anything else happens.
    """

    month: str
    initiative: str
    queue: tuple[str, ...] = ()
    position: int = 0
    done: Mapping[str, str] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    drafts: Mapping[str, Draft] = field(default_factory=dict)
    asked: str = ""
    shown: str = ""
    stopped: bool = False

    @property
    def current(self) -> str | None:
        return self.queue[self.position] if self.position < len(self.queue) else None

    @property
    def at_hand(self) -> str:
        """The action that words without a code are about: what was shown last, else what is asked in turn."""
        return "" if self.stopped else self.shown or self.current or ""

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.queue))

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(code for code in self.codes if code not in self.done)

    @property
    def unsaved(self) -> tuple[str, ...]:
        """The actions of which something was written that was not recorded."""
        return tuple(code for code, draft in self.drafts.items() if draft.problems or draft.warning)

    @property
    def problems(self) -> Mapping[str, str]:
        """What the current answer lacks."""
        return self.drafts.get(self.current or "", Draft()).problems

    def number(self, code: str) -> int:
        """«3» of «3 de 10»; 0 for an action that is not in the queue."""
        return self.codes.index(code) + 1 if code in self.codes else 0

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "drafts": {code: vars(draft) for code, draft in self.drafts.items()}}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> State:
        drafts = {code: Draft(**draft) for code, draft in stored["drafts"].items()}
        return cls(
            month=stored["month"],
            initiative=stored["initiative"],
            queue=tuple(stored["queue"]),
            position=stored["position"],
            done=dict(stored["done"]),
            skipped=tuple(stored["skipped"]),
            drafts=drafts,
            asked=stored.get("asked", ""),
            shown=stored.get("shown", stored.get("asked", "")),
            stopped=stored.get("stopped", False),
        )
