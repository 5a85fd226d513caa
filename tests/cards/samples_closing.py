"""More samples: a resumption's digest and the proposals to close. Names are invented."""

from __future__ import annotations

from datetime import date

from samples import FIGURES, HOSTILE, LEADER, LEADER_M, LONG, SENTENCE

from cards.closing import Closing, closing
from cards.resume import Resume, ResumeLine, resume

PAUSED, RESUMED = date(2026, 9, 1), date(2026, 11, 20)
WHY = "AST-04 venció el 9 de octubre de 2026 y cumplió 1 mes de vencida el 9 de noviembre de 2026."
CLOSING_SAMPLES = {
    "resume": resume(
        Resume(
            LEADER,
            "Astilleros",
            PAUSED,
            RESUMED,
            (ResumeLine("AST-04", SENTENCE, WHY), ResumeLine("Invima", "", "Invima no ha respondido.")),
            date(2026, 11, 24),
            "https://soluciones.example/",
        )
    ),
    "resume, nothing fell due": resume(Resume(LEADER_M, "Biológicos", PAUSED, RESUMED, ())),
    "resume, 60 long": resume(
        Resume(
            LEADER,
            LONG,
            PAUSED,
            RESUMED,
            tuple(ResumeLine(f"AST-{n:02d}", LONG, LONG) for n in range(60)),
            RESUMED,
            "https://soluciones.example/",
        )
    ),
    "resume, hostile": resume(
        Resume(LEADER, HOSTILE, PAUSED, RESUMED, (ResumeLine(HOSTILE, HOSTILE, HOSTILE),), RESUMED)
    ),
    "closing, from its first action": closing(
        Closing(
            LEADER, "Biológicos", date(2025, 8, 29), date(2027, 2, 28), 30, FIGURES, slug="biologicos",
            from_first_action=True,
        )
    ),
}  # fmt: skip
