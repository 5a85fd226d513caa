"""Reading the corpus end to end, against the bare parse by the standard library's `email`, in the same run.

End to end: bytes → kind, new text, answers, reasons. Bare: the same bytes by `email` with its own policy
(`policy.default`): headers decoded, every part's content decoded. Rounds alternate; medians; only the ratio counts.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "mail"))
from mail_clients import REQUEST
from mail_corpus import cases

from mail.read import read

GOAL = 0.25
ROUNDS = 7
MOST_BYTES = 1_000_000
CODES = [one.code for one in REQUEST.actions]
Work = Callable[[bytes], object]


def _end_to_end(raw: bytes) -> object:
    return read(raw, CODES, None, REQUEST)


def _bare(raw: bytes) -> object:
    message = message_from_bytes(raw, policy=default)
    assert isinstance(message, EmailMessage)
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    return [str(value) for _, value in message.items()], parts


def _parsed(raw: bytes) -> object:
    message = message_from_bytes(raw)
    return [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]


def _seconds(work: Work, mails: list[bytes]) -> float:
    began = perf_counter()
    for raw in mails:
        work(raw)
    return perf_counter() - began


def main() -> int:
    mails = [case.raw for case in cases() if len(case.raw) < MOST_BYTES]
    ours, bare, older = [], [], []
    for _ in range(ROUNDS):
        ours.append(_seconds(_end_to_end, mails))
        bare.append(_seconds(_bare, mails))
        older.append(_seconds(_parsed, mails))
    ratio = statistics.median(b / o for o, b in zip(ours, bare, strict=True))
    per_second = [len(mails) / statistics.median(times) for times in (ours, bare)]
    size = sum(map(len, mails)) / len(mails) / 1024
    print(f"{len(mails)} messages of {size:.0f} KB: read {per_second[0]:.0f}/s, bare parse {per_second[1]:.0f}/s")
    compat = statistics.median(b / o for o, b in zip(ours, older, strict=True))
    outcome = {"name": "reading", "baseline": "email (policy.default), parsed and decoded", "ratio": round(ratio, 2)}
    print(
        json.dumps(
            outcome
            | {"goal": GOAL, "ok": ratio >= GOAL, "with the older policy, headers as they came": round(compat, 2)}
        )
    )
    return 0 if ratio >= GOAL else 1


if __name__ == "__main__":
    raise SystemExit(main())
