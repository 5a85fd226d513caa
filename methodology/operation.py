"""What an operation is: a named thing that somebody may do, its fields, and the state it asks of its subject.

The table of all of them is `methodology/operations.py`; the script player, the cards and the documentation are drawn
from it. An operation's function checks again whatever is more than post and state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from methodology.clock import local
from methodology.contents import DEFAULTS, Published
from methodology.method import Method
from methodology.people import Actor
from methodology.rules.states import Post

Given = Mapping[str, Any]


class Kind(StrEnum):
    """What a field holds. From INITIATIVE on it names a row: the operation is handed the row itself."""

    TEXT = "texto"
    LONG = "párrafo"
    DATE = "fecha"
    TIME = "hora"
    PERCENT = "porcentaje"
    NUMBER = "número"
    YES = "sí o no"
    CHOICE = "opción"
    LIST = "lista"
    INITIATIVE = "iniciativa"
    ACTION = "acción"
    ENTITY = "entidad"
    PERSON = "persona"
    ALERT = "alerta"
    CASE = "caso"
    MEASURE = "medida"
    SOLUTION = "solución"
    MEETING = "reunión"
    ITEM = "punto"
    AGREEMENT = "acuerdo"
    MEMBER = "integrante"
    REPORT = "reporte"
    ACHIEVEMENT = "logro"
    TRAY = "asunto"


class Weight(StrEnum):
    """How much is lost by a slip: a HEAVY one is shown before it is done, and can be undone; a FINAL one only shown."""

    LIGHT = "leve"
    HEAVY = "grave"
    FINAL = "definitiva"


@dataclass(frozen=True)
class Field:
    """One value of an operation: its Spanish name in scripts and forms, the function's argument, its label.

    A CHOICE has `options`; a LIST is text with `;` between its parts; what is not `required` may be left out (None).
    `among` narrows what a form offers (rows, or options) to what fits beside the values already settled, by argument
    name; None is everything. `guess` is the one that stands in the form. Both are for forms only: what is written
    some other way is refused by the operation itself, in its own words. A DATE to which somebody is `committed` may be
    no hábil day: it stands, and that is told.
    """

    name: str
    arg: str
    label: str
    kind: Kind = Kind.TEXT
    required: bool = True
    options: tuple[str, ...] = ()
    among: Callable[[Doing, Given], Iterable[Any] | None] | None = None
    guess: Callable[[Doing, Given], Any] | None = None
    committed: bool = False


@dataclass(frozen=True)
class Doing:
    """Who does it, when, by which method; `published` is what documents say of their publisher.

    `undo_for` is how long a HEAVY deed may be undone, and what follows from it waits: a person's hand, not a script's.
    """

    session: Session
    actor: Actor
    now: datetime
    method: Method
    published: Published = DEFAULTS
    undo_for: timedelta = timedelta(0)

    @property
    def today(self) -> date:
        return local(self.now).date()


@dataclass(frozen=True)
class Operation:
    """One row of the table.

    `id` is «cosa.verbo»; the first of `fields` is its subject. `states` are those its subject may be in (empty: any),
    `to` the one it has afterwards (empty: the same). `do` is called with the fields' arguments by name and answers
    with the Spanish sentence of what was done. `at_hand` says whether a person is offered it on a card; the others are
    what happens elsewhere (a mail that arrives), for scripts. `weight` says what a slip would cost, and `follows` what
    its preview tells beside what the database moves at once. `lacks` says of a subject in the right state what it still
    lacks: None when nothing, else a sentence for its card, empty where it would be said on too many cards. While
    something lacks, no card offers the operation; asked for all the same, it refuses in its own words.
    """

    id: str
    title: str
    rule: str
    posts: tuple[Post, ...]
    fields: tuple[Field, ...]
    do: Callable[..., str]
    states: tuple[str, ...] = ()
    to: str = ""
    at_hand: bool = True
    weight: Weight = Weight.LIGHT
    follows: str = ""
    lacks: Callable[[Doing, Any], str | None] | None = None

    @property
    def subject(self) -> Field | None:
        return self.fields[0] if self.fields else None


REASON = Field("motivo", "reason", "Motivo", Kind.LONG)
INITIATIVE = Field("iniciativa", "initiative", "Iniciativa", Kind.INITIATIVE)
ACTION = Field("accion", "action", "Acción", Kind.ACTION)
