"""More samples: who owes, what is about to be due, what would be told. Names are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from samples import ENTITY, HOSTILE, ITEM, LONG, MANY, NOVEMBER, token

from cards.due_soon import PAGE, DueAction, DueSoon, due_soon
from cards.looking_ahead import AheadLine, LookingAhead, looking_ahead
from cards.missing_list import MissingOf
from cards.parts import Page
from cards.who_owes import NotYet, SilentOf, WhoOwes, who_owes

FIRST = date(2026, 11, 26)
SILENT = SilentOf("Dimar", NOVEMBER, ("AST-04", "AST-06"), 2, date(2026, 11, 20))
DUE = DueAction("AST-09", ITEM.text, "Dimar", date(2026, 12, 4), 8, 40.0)
LINE = AheadLine(FIRST, "Solicitud de avance", "Entidad responsable", ("Dimar", "Invima"))
DAYS = tuple(replace(LINE, on=FIRST + timedelta(days=n)) for n in range(30))
AHEAD_SAMPLES: dict[str, dict[str, Any]] = {
    "who owes": who_owes(
        WhoOwes(
            "Astilleros · Biológicos",
            (
                MissingOf("Astilleros · noviembre de 2026", "Carolina Pérez Rojas", ("AST-07", "AST-08")),
                MissingOf("Biológicos", "Andrés de la Torre", ("BIO-02",), "Laura Niño", absent=True),
            ),
            (SILENT, replace(SILENT, entity="Invima"), replace(SILENT, entity="ANLA", approaches=1, waits=True)),
            (NotYet("Biológicos", date(2026, 12, 27)),),
        )
    ),
    "who owes, none": who_owes(WhoOwes("Astilleros", (), ())),
    "who owes, 30 long": who_owes(
        WhoOwes(
            LONG,
            tuple(MissingOf(LONG, LONG, MANY, LONG, absent=True) for _ in MANY),
            tuple(replace(SILENT, entity=HOSTILE, codes=MANY) for _ in MANY),
        )
    ),
    "due soon": due_soon(
        DueSoon(
            "Astilleros · en los próximos 15 días",
            (replace(DUE, days=0, percent=None), replace(DUE, days=1, entity=ENTITY), DUE),
        )
    ),
    "due soon, none": due_soon(DueSoon("Astilleros · en los próximos 15 días", ())),
    "due soon, 30 long": due_soon(
        DueSoon(LONG, (replace(DUE, text=HOSTILE, entity=LONG),) * PAGE, Page(0, 30, "", token(1)))
    ),
    "looking ahead": looking_ahead(
        LookingAhead("Astilleros", date(2026, 12, 31), (LINE, replace(LINE, subjects=("x",))))
    ),
    "looking ahead, none": looking_ahead(LookingAhead("Todas las iniciativas", date(2026, 11, 27), ())),
    "looking ahead, a later page": looking_ahead(
        LookingAhead("Todas", date(2027, 2, 26), DAYS, 12, 92, token(1), token(2))
    ),
    "looking ahead, long": looking_ahead(
        LookingAhead(LONG, date(2027, 2, 26), tuple(replace(one, subjects=(HOSTILE, *MANY)) for one in DAYS))
    ),
}
