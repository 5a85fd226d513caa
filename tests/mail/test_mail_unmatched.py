"""A mail that could not be matched is acknowledged: to people of known entities, once a day, and to nobody else."""

from __future__ import annotations

import pytest
from mail_letters import LETTERHEAD, letter
from mail_world import World

from mail.writing.acknowledged import HOW, RECEIVED, AcknowledgedData, acknowledged
from methodology.replies import MailState
from storage.ledger import Notice

JURIDICA = "Jurídica <juridica@dian.example>"


def _write(world: World, sender: str = JURIDICA, **headers: str) -> None:
    raw = letter("Adjuntamos lo que se habló en la mesa.", sender=sender, subject="Mesa", thread=False, **headers)
    world.take_in(raw, sender.partition("<")[2].removesuffix(">"))


def _told(world: World) -> list[tuple[str, str]]:
    return [(row.subject, row.inputs["to"]) for row in world.all(Notice) if row.rule == "R14.recibido"]


def test_a_person_of_a_known_entity_is_told_that_it_came_and_planning_has_it(world: World) -> None:
    _write(world)
    assert _told(world) == [("Dirección de Impuestos (DIAN)", "juridica@dian.example")]
    assert world.mails[0].state == MailState.TRAY
    assert any("Se acusa recibo a juridica@dian.example" in reason for reason in world.mails[0].reasons)
    assert world.tray[0].title == "Correo de juridica@dian.example sin solicitud reconocida"


def test_one_a_day_and_entity_so_that_no_forged_sender_makes_us_write_to_many(world: World) -> None:
    for _ in range(3):
        _write(world)
    _write(world, "Otra <otra@dian.example>")
    assert [to for _entity, to in _told(world)] == ["juridica@dian.example"]


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}],
)
def test_a_machine_is_never_answered(world: World, headers: dict[str, str]) -> None:
    _write(world, **headers)
    assert _told(world) == []


@pytest.mark.parametrize(
    "sender", ["Nadie <nadie@lejos.example>", "Otra <otra@gmail.com>", "Falso <x@malodian.example>"]
)
def test_a_stranger_is_never_answered(world: World, sender: str) -> None:
    _write(world, sender)
    assert _told(world) == []


def test_the_letter_repeats_nothing_of_the_mail_and_says_that_it_is_automatic() -> None:
    said = (RECEIVED.format(day="18 de noviembre de 2026"), HOW)
    mail = acknowledged(
        AcknowledgedData(("x@dian.example",), said, "R14: …", "<a@b>", LETTERHEAD, "<mesa@dian.example>")
    )
    assert "Recibimos su correo del 18 de noviembre de 2026. Planeación lo revisará" in " ".join(mail.text.split())
    assert (mail.in_reply_to, mail.references) == ("<mesa@dian.example>", ("<mesa@dian.example>",))
    assert mail.headers["Auto-Submitted"] == "auto-replied"
    assert "Acuse de recibo" in mail.subject
