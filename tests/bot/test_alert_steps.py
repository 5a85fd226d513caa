"""«Ver detalle» of an alert: each fact once, a line each (R17); and an assignment that was corrected (R50)."""

from __future__ import annotations

import pytest

from bot.drawing.alert_steps import detail, standing, steps
from bot.drawing.alerting import words_of
from bot.drawing.high_level import proposal_card, redrawn
from cards.parts import Reader
from methodology import silence, tray
from methodology.replies import TO_CLASSIFY
from storage.ledger import Alert, InboundMail, Notice
from tests.bot.stage import words
from tests.peers.core_world import at, day
from tests.peers.desk_world import DeskWorld

ALERT = {"alerta": "BIO-01"}


@pytest.fixture
def alert(world: DeskWorld) -> Alert:
    world.action("BIO-01", due="2026-10-15")
    world.live("2026-11-15", "2026-11-19")
    return world.alert()


def told(world: DeskWorld, alert: Alert, on: str) -> list[str]:
    return detail(world.desk(on), alert).split("\n\n")


def test_each_fact_is_told_once_with_its_day(world: DeskWorld, alert: Alert) -> None:
    lines = told(world, alert, "2026-11-18")
    assert lines[0].startswith("BIO-01 venció el 15 de octubre de 2026 y cumplió 1 mes de vencida")
    assert "festivo (Independencia de Cartagena" in lines[0]
    assert lines[1:3] == [
        "17/11/2026: 1 acercamiento a la entidad; el plazo para responder es el 25 de noviembre de 2026.",
        "17/11/2026: Se informó al líder técnico.",
    ]
    assert lines[-1] == "Sin acuse, gestión ni avance, el segundo momento se propone el 3 de diciembre de 2026."
    assert len(lines) == len(set(lines))
    assert all(line.endswith(".") and not line.endswith("..") for line in lines)


def test_the_registration_is_no_step(world: DeskWorld, alert: Alert) -> None:
    assert [one.text for one in steps(world.desk("2026-11-19"), alert)] == [
        "1 acercamiento a la entidad; el plazo para responder es el 25 de noviembre de 2026.",
        "Se informó al líder técnico.",
    ]


def test_an_acknowledgement_that_lapsed_is_told_as_such(world: DeskWorld, alert: Alert) -> None:
    world.does("2026-11-20", "VM", "alerta.acusar", fecha="2026-11-25", **ALERT)
    assert "Compromiso para el 25 de noviembre de 2026." in detail(world.desk("2026-11-25"), alert)
    assert "el compromiso del 25 de noviembre de 2026 venció." in detail(world.desk("2026-11-26"), alert)


def test_a_silence_says_how_it_was_counted(world: DeskWorld) -> None:
    world.action("BIO-01", due="2027-06-30")
    world.live("2026-11-11", "2026-11-26")
    assert (
        "no ha respondido: 2 acercamientos; el primero, el 11 de noviembre"
        in told(world, world.alert(), "2026-11-26")[0]
    )


def test_an_answer_about_another_initiative_is_told_beside_the_silence(world: DeskWorld) -> None:
    silent = world.action("BIO-01", due="2027-06-30")
    other = world.initiative("astilleros")
    world.action("AST-01", due="2027-06-30", initiative=other)
    world.live("2026-11-11", "2026-11-13")
    silence.answered(world.session, silent.entity_id, [other.id], day("2026-11-13"))
    world.live("2026-11-14", "2026-11-26")
    lines = told(world, world.alert(), "2026-11-26")
    assert "13/11/2026: La entidad respondió sobre Astilleros, no sobre esta iniciativa." in lines
    assert words_of(world.alert()).endswith("no ha respondido a la solicitud de avance sobre Biologicos")


def test_a_correction_stays_on_the_channels_card_and_marks_the_leaders_older_one(
    world: DeskWorld, alert: Alert
) -> None:
    leader = world.person("Carolina Pérez", "LT", world.first_initiative())
    given = {"persona": "Ana", "fecha": "2026-12-11", "texto": "Citar a la entidad"}
    world.does("2026-11-20", "VM", "alerta.gestion", **given, **ALERT)
    [older] = world.notices("R17.decision")
    reader = f"person:{leader.id}"
    assert "Corregida" not in words(redrawn(world.desk("2026-11-20"), reader, [older])[0])
    world.does("2026-11-23", "VM", "alerta.gestion", **given | {"persona": "Luis"}, **ALERT)
    newer = world.notices("R17.decision")[-1]
    assert "**Corregida** el 23/11/2026" in words(redrawn(world.desk("2026-11-23"), reader, [older])[0])
    assert "Corregida" not in words(redrawn(world.desk("2026-11-23"), reader, [newer])[0])
    corrected = [one.text for one in steps(world.desk("2026-11-23"), alert) if "corrigió" in one.text]
    assert len(corrected) == 1
    made = "Gestión asignada a Ana para el 11 de diciembre de 2026 por Viceministra de Desarrollo Empresarial"
    assert corrected[0] == f"{made}: Citar a la entidad. Se corrigió el 23/11/2026."


def test_the_list_says_what_stands_and_what_has_lapsed(world: DeskWorld, alert: Alert) -> None:
    given = ALERT | {"persona": "Ana Ruiz", "texto": "Citar a la entidad"}
    world.does("2026-11-20", "VM", "alerta.gestion", fecha="2026-11-25", **given)
    world.does("2026-11-20", "VM", "alerta.acusar", fecha="2026-11-25", **ALERT)
    assert standing(world.desk("2026-11-25"), alert) == (
        "Gestión asignada a Ana Ruiz para el 25 de noviembre de 2026. "
        f"Acuse de recibo de {alert.acknowledged_by}, con compromiso para el 25 de noviembre de 2026"
    )
    over = f"El compromiso de {alert.acknowledged_by} venció el 25 de noviembre de 2026"
    assert standing(world.desk("2026-11-26"), alert) == (
        f"{over}. La gestión asignada a Ana Ruiz venció el 25 de noviembre de 2026"
    )
    card, _ = proposal_card(world.desk("2026-11-26"), Reader("Ana Gil", "f"), _proposed(world, alert))
    assert f"{over} sin avance." in words(card)


def _proposed(world: DeskWorld, alert: Alert) -> list[Notice]:
    world.live("2026-11-26", "2026-12-04")
    return [one for one in world.notices("R18.propuesta") if one.alert_id == alert.id]


def test_an_approach_is_unanswered_once_its_deadline_has_passed(world: DeskWorld, alert: Alert) -> None:
    def first(on: str) -> str:
        return steps(world.desk(on), alert)[0].text

    assert first("2026-11-25").endswith("el plazo para responder es el 25 de noviembre de 2026.")
    assert first("2026-11-26") == "1 acercamiento a la entidad sin respuesta de fondo."


def test_a_mail_that_waits_in_the_tray_is_said(world: DeskWorld, alert: Alert) -> None:
    assert alert.action is not None
    mail = world.add(
        InboundMail(
            message_id="<m@x>",
            envelope_from="a@b.example",
            raw=b"",
            received_at=at("2026-11-18"),
            kind="reply",
            entity_id=alert.action.entity_id,
        )
    )
    tray.put(world.session, TO_CLASSIFY, str(mail.id), "Correo por clasificar", {"mail_id": mail.id}, at("2026-11-18"))
    said = [one.text for one in steps(world.desk("2026-11-19"), alert)]
    assert said[-1] == "Hay un correo de la entidad en revisión por Planeación."
