"""What one row of the table of rules says (`methodology/rules/table.py`)."""

from __future__ import annotations

from dataclasses import dataclass

from methodology.rules.states import Post

TEAMS = "teams"
MAIL = "mail"


@dataclass(frozen=True)
class Rule:
    """One row of the table.

    `seed` is the methodology's own phrase; `when` says when it holds; `post` is whom it addresses, or `whom` where that
    is no post, and `copies` who is told the same; `channel` is the road (R45); `bundle` joins notices of one moment to
    one reader into one message; `place` is where a Teams message goes: the reader's own chat, or the initiative's
    escalation channel; `why` is the sentence, filled with the notice's inputs; `repeatable` says whether an uncertain
    message may be sent again; `apart` keeps each initiative in a message of its own; `follows` is the change of state
    that goes with it.
    """

    id: str
    seed: str
    when: str
    post: Post
    channel: str
    bundle: str
    why: str
    copies: tuple[Post, ...] = ()
    place: str = "chat"
    repeatable: bool = False
    apart: bool = False
    whom: str = ""
    follows: str = ""
