"""What stands in for a message that its server cannot hand over, whatever a stranger wrote into the original."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mail.read import message_id
from mail.stand_in import UNREADABLE, Known, stand_in


@pytest.mark.parametrize(
    "odd", ["", "<>", "<@>", "<a@[", "<a@[>", "<a@b\r\nBcc: x@y.example>", "<año@x.example>", "<\ud800@x>", "(" * 900]
)
def test_an_odd_id_or_sender_stops_nothing(odd: str) -> None:
    raw = stand_in(Known(message_id=odd, sender=odd, subject=odd, text=odd), odd)
    assert raw == stand_in(Known(message_id=odd, sender=odd, subject=odd, text=odd), odd)
    assert message_id(raw) == (odd if odd in {"<@>", "<a@[>"} else message_id(stand_in(Known(), odd)))
    assert b"\nBcc:" not in raw.partition(b"\r\n\r\n")[0]
    assert UNREADABLE[:40].encode() in raw


def test_what_is_known_is_told() -> None:
    at = datetime(2026, 11, 18, 15, tzinfo=UTC)
    raw = stand_in(
        Known("<1@invima.example>", "enlace@invima.example", "Año\n  1", at, "Va la respuesta"), "x"
    ).decode()
    assert "Message-ID: <1@invima.example>" in raw
    assert "From: enlace@invima.example" in raw
    assert "Subject: =?utf-8?q?A=C3=B1o?= 1" in raw
    assert "Date: Wed, 18 Nov 2026 15:00:00 +0000" in raw
    assert raw.rstrip().endswith("Va la respuesta")


def test_two_messages_without_an_id_are_two() -> None:
    assert message_id(stand_in(Known(), "uno")) != message_id(stand_in(Known(), "dos"))
