"""Samples of what is told of meetings: no next date, a suggestion, a matrix to publish. Names are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from samples import ENTITY, FIGURES, HOSTILE, ITEM, LEADER, LEADER_M, LONG, token

from cards.matrix_update import MatrixUpdate, NewAction, matrix_update
from cards.meeting_outcome import MeetingOutcome, UnrecordedMeeting, meeting_outcome
from cards.meeting_suggestion import MeetingSuggestion, Suggested, meeting_suggestion
from cards.next_meeting import NextMeeting, next_meeting

NEXT = NextMeeting(LEADER, "Astilleros", "Lanzamiento", date(2026, 8, 20), 15, token(1), token(2))
SUGGESTED = Suggested(
    "Astilleros",
    ("el cumplimiento llegó a 50 % (5 de 10 acciones)", "se elevó la alerta de AST-04"),
    FIGURES,
    raised=1,
    exits=1,
    new_actions=2,
    prepare=token(1),
    matrix_url="https://soluciones.example/astilleros",
)
UPDATE = MatrixUpdate(
    LEADER,
    "Astilleros",
    date(2026, 11, 20),
    date(2026, 11, 27),
    (NewAction("AST-12", ITEM.text, ENTITY), NewAction("AST-13", ITEM.text, "Dimar")),
    published=3,
    publish=token(1),
    matrix_url="https://soluciones.example/astilleros",
)

MEETING_SAMPLES: dict[str, dict[str, Any]] = {
    "meeting outcome": meeting_outcome(
        MeetingOutcome(
            LEADER, (UnrecordedMeeting("Lanzamiento de Café", date(2026, 11, 12), token(1), token(2), token(3)),)
        )
    ),
    "meeting outcome, 20 long": meeting_outcome(
        MeetingOutcome(LEADER_M, tuple(UnrecordedMeeting(HOSTILE, date(2026, 11, 12), token(n)) for n in range(20)))
    ),
    "next meeting": next_meeting(NEXT),
    "next meeting, without buttons": next_meeting(replace(NEXT, reader=LEADER_M, days=1, set_date="", prepare="")),
    "next meeting, hostile": next_meeting(replace(NEXT, initiative=HOSTILE, meeting=HOSTILE)),
    "meeting suggestion": meeting_suggestion(MeetingSuggestion(LEADER, (SUGGESTED,))),
    "meeting suggestion, nothing to bring": meeting_suggestion(
        MeetingSuggestion(
            LEADER,
            (
                replace(
                    SUGGESTED, reasons=("pasaron 4 meses",), raised=0, exits=0, new_actions=0, prepare="", matrix_url=""
                ),
            ),
        )
    ),
    "meeting suggestions, three initiatives": meeting_suggestion(
        MeetingSuggestion(
            LEADER_M,
            (
                SUGGESTED,
                replace(SUGGESTED, initiative="Biológicos", raised=0, exits=0, new_actions=0),
                replace(SUGGESTED, initiative="Cannabis y cáñamo", prepare="", matrix_url=""),
            ),
        )
    ),
    "meeting suggestions, 40 long": meeting_suggestion(
        MeetingSuggestion(LEADER, (replace(SUGGESTED, initiative=LONG, reasons=(LONG, LONG)),) * 40)
    ),
    "meeting suggestion, hostile": meeting_suggestion(
        MeetingSuggestion(LEADER, (replace(SUGGESTED, initiative=HOSTILE, reasons=(HOSTILE, LONG)),) * 2)
    ),
    "matrix update": matrix_update(UPDATE),
    "matrix update, last day": matrix_update(
        replace(UPDATE, actions=UPDATE.actions[:1], published=0, last_day=True, publish="", matrix_url="")
    ),
    "matrix update, 40 long": matrix_update(
        replace(UPDATE, initiative=LONG, actions=tuple(NewAction(f"AST-{n:02d}", LONG, LONG) for n in range(40)))
    ),
    "matrix update, hostile": matrix_update(
        replace(UPDATE, initiative=HOSTILE, actions=(NewAction(HOSTILE, HOSTILE, HOSTILE),))
    ),
}
