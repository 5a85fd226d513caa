"""A reply that is no answer yet is acknowledged, once a request and kind. It is 18 November 2026."""

from __future__ import annotations

from datetime import date

import pytest
from mail_letters import LETTERHEAD, letter
from mail_world import World

from mail.writing.acknowledged import PACKED, AcknowledgedData, acknowledged, expected
from storage.ledger import Notice

DATE = "Wed, 18 Nov 2026 10:00:00 -0500"
PROMISE = "Buenas tardes. Respondemos el 24."


def _write(world: World, text: str, **headers: str) -> None:
    world.take_in(letter(text, Date=DATE, **headers))


def _noted(world: World) -> list[tuple[str, str | None]]:
    rows = [row for row in world.all(Notice) if row.rule == "R14.nota"]
    return [(row.inputs["kind"], row.inputs.get("day")) for row in rows]


def test_a_promised_date_is_noted_once_however_often_it_is_promised(world: World) -> None:
    for text in (PROMISE, PROMISE, "Respondemos el 25."):
        _write(world, text)
    assert _noted(world) == [("promesa", "2026-11-24")]
    assert world.tray == []


@pytest.mark.parametrize(
    "text",
    [
        "Solicitamos ampliar el plazo de la acción hasta el 30 de noviembre.",
        "El proyecto de guía avanza según lo previsto, una vez revisado.",
        "A partir de la fecha el enlace es Laura Gil, correo laura.gil@invima.example.",
    ],
    ids=["pide plazo", "sin avance reconocible", "nuevo contacto"],
)
def test_what_waits_in_the_tray_is_acknowledged_once(world: World, text: str) -> None:
    _write(world, text)
    _write(world, text)
    assert _noted(world) == [("revisión", None)]
    assert len(world.tray) == 2
    assert any(reason == "Se acusa recibo a Invima" for reason in world.mails[0].reasons)


@pytest.mark.parametrize(
    "text",
    ["Recibido, muchas gracias.", "Me encuentro fuera de la oficina hasta el 24 de noviembre.", "BIO-02: 80 % – Guía"],
    ids=["cortesía", "ausencia", "respuesta"],
)
def test_a_courtesy_an_absence_and_an_answer_get_no_such_word(world: World, text: str) -> None:
    _write(world, text)
    assert _noted(world) == []


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}],
)
def test_a_machine_is_never_answered(world: World, headers: dict[str, str]) -> None:
    _write(world, PROMISE, **headers)
    assert _noted(world) == []


def test_a_colleague_of_the_contact_is_answered_in_person(world: World) -> None:
    world.take_in(letter(PROMISE, sender="Ana <Ana@invima.example>", Date=DATE))
    (told,) = [row for row in world.all(Notice) if row.rule == "R14.nota"]
    assert told.inputs["to"] == "ana@invima.example"


def test_who_is_not_of_the_entity_is_never_answered(world: World) -> None:
    world.take_in(letter(PROMISE, sender="Ana <ana@otro.example>", Date=DATE))
    assert _noted(world) == []


def test_the_letter_says_the_day_and_how_to_answer_online() -> None:
    data = AcknowledgedData(
        ("x@invima.example",),
        (expected(date(2026, 12, 12), date(2026, 12, 12)), PACKED.format(day="18 de noviembre de 2026")),
        "…", "<a@b>", LETTERHEAD, reference="SR-1YXE-RPTV",
        form_url="https://x.example/r", form_until=date(2026, 12, 31), deadline=date(2026, 11, 25),
    )  # fmt: skip
    mail = acknowledged(data)
    for said in (
        "Tomamos nota: esperamos su respuesta el 12 de diciembre de 2026.",
        "a más tardar el 25 de noviembre de 2026",
        "abre hasta el 31 de diciembre de 2026",
        "https://x.example/r",
        "winmail.dat",
    ):
        assert said in mail.text
    assert (mail.headers["Auto-Submitted"], "[Ref. SR-1YXE-RPTV]" in mail.subject) == ("auto-replied", True)


def test_a_promise_beyond_what_the_request_may_wait_is_told_so() -> None:
    said = expected(date(2026, 12, 12), date(2026, 11, 25))
    assert "responderán el 12 de diciembre de 2026" in said
    assert "puede esperar hasta el 25 de noviembre de 2026" in said
