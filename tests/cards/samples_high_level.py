"""More samples: the Minister, the second moment, exits, and a case with its state. Names are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from samples import DECIDED, ENTITY, HOSTILE, ITEM, LEADER, LEADER_M, LONG, MANY, OVERDUE, SENTENCE, SILENT, token

from cards.case import CaseAction, CaseMeasure, CaseNews, CaseView, case
from cards.exit import ExitedAction, ExitNews, exit_news
from cards.measure import MeasureNews, measure
from cards.minister import Minister, TakenAlert, minister
from cards.parts import Reader
from cards.second_moment import SecondMoment, WaitingAlert, second_moment
from methodology.rules.states import Post

MINISTER = Reader("Jorge Iván Prieto Salas", "m", Post.MINISTER)
WAITING = WaitingAlert(
    "AST-04",
    ITEM.text,
    ITEM.entity,
    date(2026, 10, 9),
    date(2026, 11, 19),
    token(1),
    ("El compromiso de Laura Niño venció el 29 de noviembre de 2026",),
)
EXITED = ExitedAction("AST-04", ITEM.text, ITEM.entity, date(2026, 9, 22), "Gerencia", date(2026, 12, 18), SENTENCE)
VIEW = CaseView(
    "Medidas definidas",
    f"{SENTENCE} (Carolina Pérez Rojas)",
    "",
    (CaseMeasure("Mesa técnica con la entidad", "Dirección de Regulación", date(2026, 12, 11), "Pendiente"),),
    (("AST-04", "Persiste"), ("AST-05", "")),
)
LONG_VIEW = CaseView(
    "Medidas ejecutadas",
    LONG,
    HOSTILE,
    tuple(CaseMeasure(LONG, LONG, date(2026, 12, 11), "Ejecutada") for _ in range(30)),
    tuple((code, "Persiste") for code in MANY),
)
LONG_ALERT = replace(OVERDUE, action=LONG, entity=LONG, asks=LONG)
JOINING = tuple(CaseAction(code, LONG, LONG, date(2026, 9, 22), 62) for code in MANY)

HIGH_LEVEL_SAMPLES: dict[str, dict[str, Any]] = {
    "measure": measure(
        MeasureNews(LEADER, "Astilleros", SENTENCE, date(2026, 12, 11), "Gerencia", open=token(1), why=token(2))
    ),
    "measure, moved, long": measure(
        MeasureNews(LEADER_M, LONG[:60], HOSTILE + LONG, date(2026, 12, 11), HOSTILE, date(2026, 11, 30))
    ),
    "minister": minister(Minister(MINISTER, "Astilleros", (TakenAlert(OVERDUE, "Beatriz Londoño", SENTENCE),))),
    "minister, decided and silent": minister(
        Minister(
            MINISTER,
            "Astilleros",
            (TakenAlert(DECIDED, "Planeación", SENTENCE), TakenAlert(SILENT, "Planeación", SENTENCE)),
        )
    ),
    "minister, 8 long": minister(
        Minister(
            MINISTER,
            LONG[:60],
            tuple(
                TakenAlert(replace(LONG_ALERT, acknowledge=token(3 * n), assign=token(3 * n + 1)), LONG[:60], HOSTILE)
                for n in range(8)
            ),
        )
    ),
    "second moment": second_moment(
        SecondMoment(LEADER, "Astilleros", 10, (WAITING,), ("Ana Ruiz, Directora General (E)",))
    ),
    "second moment, no team": second_moment(
        SecondMoment(LEADER_M, "Astilleros", 1, (replace(WAITING, due=None, decide=""),))
    ),
    "second moment, 12 long": second_moment(
        SecondMoment(
            LEADER,
            LONG[:60],
            10,
            tuple(replace(WAITING, subject=LONG, text=HOSTILE, entity=LONG, decide=token(n)) for n in range(12)),
            (LONG, HOSTILE),
        )
    ),
    "exit": exit_news(ExitNews(LEADER, "Astilleros", (EXITED,), "https://soluciones.example/")),
    "exit, 30 long": exit_news(
        ExitNews(
            LEADER, LONG[:60], tuple(replace(EXITED, code=c, text=LONG, entity=ENTITY, reason=HOSTILE) for c in MANY)
        )
    ),
    "case, joined, with its state": case(
        CaseNews(LEADER, "Biológicos", JOINING[:1], joined=True, view=VIEW),
    ),
    "case, joined, nothing defined": case(
        CaseNews(LEADER, "Biológicos", JOINING[:1], joined=True, view=CaseView("Abierta", "", "", (), ()))
    ),
    "case, joined by 30, long state": case(CaseNews(LEADER, LONG[:60], JOINING, joined=True, view=LONG_VIEW)),
}
