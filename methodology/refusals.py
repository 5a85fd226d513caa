"""Why an operation was not done: one class a refusal; its message is the Spanish sentence a person reads."""

from __future__ import annotations


class Refusal(Exception):
    """The operation was understood and not done; the message says why and what to do."""


class NotAllowed(Refusal):
    """This person, today, holds no post that may do it."""


class Stranger(NotAllowed):
    """Nobody of the directory has this identity in Teams; the sentence is that of whoever has no post."""


class NotFound(Refusal):
    """No action, initiative, entity or report of that name."""


class Incomplete(Refusal):
    """Something the method requires is missing; `fields` maps the input's name to its sentence."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


class NotNow(Refusal):
    """The thing is not in a state that allows it."""
