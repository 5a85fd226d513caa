from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from samples import (
    DECIDED,
    ESCALATION,
    FRESH_ITEM,
    ITEM,
    LEADER,
    LINES,
    LONG_ALERTS,
    OPENING,
    OVERDUE,
    RECEIPT,
    REFUSED_ITEM,
    SAMPLES,
    SILENT,
    TOKEN,
)

from cards.action import action
from cards.alerts import AlertDigest, alerts
from cards.escalation import ASSIGNING, PAGE, Charge, Step, Tried, escalation
from cards.escalation import summary as escalation_summary
from cards.opening import estimated_minutes, summary
from cards.parts import own
from cards.receipt import receipt


def written(card: dict[str, Any]) -> str:
    return json.dumps(card, ensure_ascii=False)


def nodes(card: Any, kind: str) -> Iterator[dict[str, Any]]:
    if isinstance(card, dict):
        if card.get("type") == kind:
            yield card
        for value in card.values():
            yield from nodes(value, kind)
    elif isinstance(card, list):
        for value in card:
            yield from nodes(value, kind)


def titles(card: dict[str, Any]) -> list[str]:
    kinds = ("Action.Execute", "Action.ShowCard", "Action.OpenUrl", "Action.ToggleVisibility")
    return [node["title"] for kind in kinds for node in nodes(card, kind)]


def inputs(card: dict[str, Any]) -> dict[str, Any]:
    kinds = ("Input.Text", "Input.Number", "Input.Date", "Input.Toggle", "Input.ChoiceSet")
    return {node["id"]: node.get("value") for kind in kinds for node in nodes(card, kind)}


def test_the_opening_notification_says_what_how_many_and_until_when() -> None:
    assert summary(OPENING) == (
        "Seguimiento de noviembre de 2026, Astilleros: 10 acciones, plazo lunes 30 de noviembre de 2026"
    )


@pytest.mark.parametrize(("actions", "minutes"), [(0, 5), (1, 5), (10, 15), (11, 20)])
def test_the_estimate_is_a_minute_and_a_half_an_action(actions: int, minutes: int) -> None:
    assert estimated_minutes(actions) == minutes


def test_the_entitys_report_is_prefilled_and_its_source_is_said() -> None:
    card = action(ITEM)
    assert inputs(card)["percent"] == 85
    assert inputs(card)["text"] == ITEM.proposal.text  # type: ignore[union-attr]
    assert "Reportado por la entidad el 24 de noviembre de 2026" in written(card)


def test_without_a_report_the_last_number_is_offered_and_the_text_is_empty() -> None:
    values = inputs(action(replace(ITEM, proposal=None)))
    assert (values["percent"], values["text"]) == (75, None)


def test_what_was_typed_wins_over_what_was_known() -> None:
    assert inputs(action(REFUSED_ITEM))["percent"] == 60


def test_reason_date_and_evidence_are_asked_only_when_they_were_lacking() -> None:
    extra = {"reason", "met_on", "evidence", "confirmed_same"}
    assert not extra & inputs(action(FRESH_ITEM)).keys()
    assert extra & inputs(action(REFUSED_ITEM)).keys() == {"reason"}
    assert extra & inputs(SAMPLES["action, at 100 and incomplete"]).keys() == {"met_on", "evidence", "confirmed_same"}


def test_a_proposal_of_one_hundred_asks_for_date_and_evidence_at_once() -> None:
    assert ITEM.proposal
    card = action(replace(ITEM, proposal=replace(ITEM.proposal, percent=100.0)))
    assert {"met_on", "evidence"} <= inputs(card).keys()


def test_each_lack_stands_in_words_on_the_card() -> None:
    card = written(action(REFUSED_ITEM))
    assert all(sentence in card for sentence in REFUSED_ITEM.problems.values())


def test_skipping_sends_no_inputs_and_saving_does() -> None:
    made = {node["title"]: node for node in nodes(action(ITEM), "Action.Execute")}
    assert made["Saltar"]["associatedInputs"] == "none"
    assert "associatedInputs" not in made["Guardar y seguir"]
    assert "associatedInputs" not in made["Sin cambios"]


def test_an_achievement_is_folded_away_until_somebody_marks_one() -> None:
    (fold,) = [node for node in nodes(action(ITEM), "Container") if node.get("id") == "achievement"]
    assert fold["isVisible"] is False
    (fold,) = [node for node in nodes(action(REFUSED_ITEM), "Container") if node.get("id") == "achievement"]
    assert fold["isVisible"] is True


def test_the_receipt_says_what_was_recorded_what_is_missing_and_how_to_correct() -> None:
    card = written(receipt(RECEIPT))
    for words in ("**AST-04** · 85\u00a0% · a tiempo", "extemporánea", "AST-07, AST-08", "«AST-04 85% nuevo texto»"):
        assert words in card
    assert "Se publica como logro" in card


def test_the_digest_goes_from_grave_to_light_and_says_when_each_rises() -> None:
    card = written(alerts(AlertDigest(LEADER, "Astilleros", LINES)))
    assert card.index("Vencida ≥ 1 mes") < card.index("Sin respuesta") < card.index("Por vencer")
    assert "Se eleva al despacho de la Viceministra el jueves 19 de noviembre de 2026, salvo que se corrija." in card


def test_every_note_has_its_own_input() -> None:
    card = alerts(AlertDigest(LEADER, "Astilleros", LINES))
    assert inputs(card).keys() == {own("note", line.note) for line in LINES if line.note}


def test_a_decided_alert_shows_who_what_and_when_in_place_of_its_buttons() -> None:
    card = escalation(replace(ESCALATION, alerts=(DECIDED,)))
    assert "Acuso recibo" not in titles(card)
    assert "**Acuso recibo** · Marta Lucía Gómez Ruiz, Viceministra, 19/11/2026, 9:12 a. m." in written(card)
    assert "Asignar gestión" not in titles(card)


def test_an_alert_that_was_only_acknowledged_is_not_called_decided() -> None:
    receipt_alone = replace(DECIDED, decisions=DECIDED.decisions[:1])
    assert "Acuse recibido" in written(escalation(replace(ESCALATION, alerts=(receipt_alone,))))
    assert "Decidida" not in written(escalation(replace(ESCALATION, alerts=(receipt_alone,))))
    assert "Decidida" in written(escalation(replace(ESCALATION, alerts=(DECIDED,))))


def test_what_was_assigned_is_corrected_from_the_card_beginning_with_what_stands() -> None:
    charge = Charge("Dirección de Productividad", date(2026, 11, 27), "Convocar a la entidad")
    card = escalation(replace(ESCALATION, alerts=(replace(OVERDUE, assign="", correct=TOKEN, charge=charge),)))
    assert "Corregir gestión" in titles(card)
    for part in ("Dirección de Productividad", "2026-11-27", "Convocar a la entidad"):
        assert part in str(card)


def test_a_form_that_was_refused_stands_open_with_each_problem_at_its_field() -> None:
    tried = Tried(ASSIGNING, {"person": "Dirección de Regulación"}, {"until": "Indique una fecha de hoy en adelante."})
    card = escalation(replace(ESCALATION, alerts=(replace(OVERDUE, tried=tried),)))
    block = next(one for one in card["body"] if "Dirección de Regulación" in str(one))
    form = next(one for one in block["items"] if one.get("style") == "emphasis")
    at = [one.get("label") or one.get("text", "") for one in form["items"]]
    assert at[2:4] == ["Fecha de compromiso", "**Revise.** Indique una fecha de hoy en adelante."]
    assert "Asignar gestión" not in titles(card)


def test_a_decision_card_says_of_which_day_its_figures_are_and_how_many_steps_it_leaves_out() -> None:
    steps = tuple(Step(date(2026, 11, day), f"Gestión {day}") for day in range(1, 7))
    said = str(escalation(replace(ESCALATION, alerts=(replace(OVERDUE, steps=steps, on=date(2026, 11, 12)),))))
    assert "días, al 12/11/2026" in said
    assert "Y 2 anteriores: están en «Ver detalle»." in said


def test_an_alert_has_at_most_six_facts() -> None:
    for alert in (OVERDUE, SILENT):
        first = next(nodes(escalation(replace(ESCALATION, alerts=(alert,))), "FactSet"))
        assert len(first["facts"]) <= 6


def test_the_notification_counts_only_what_is_undecided() -> None:
    assert escalation_summary(replace(ESCALATION, alerts=(DECIDED, SILENT))) == "Astilleros: 1 alerta por decidir"
    assert "decisiones registradas" in escalation_summary(replace(ESCALATION, alerts=(DECIDED,)))


def test_no_alert_of_a_long_escalation_is_out_of_reach() -> None:
    seen: set[str] = set()
    for first in range(0, len(LONG_ALERTS), PAGE):
        card = escalation(replace(ESCALATION, alerts=LONG_ALERTS, first=first))
        seen |= {node["data"]["a"] for node in nodes(card, "Action.Execute") if node["title"] == "Acuso recibo"}
    assert seen == {alert.acknowledge for alert in LONG_ALERTS}


@pytest.mark.parametrize(
    "name",
    [
        "receipt, 30 long",
        "pending, 30 long",
        "alerts, 12 long",
        "alert list, 30 long",
        "tray, 30 long",
        "status of 30",
        "escalation, 12 long",
        "backlog, 30 long",
    ],
)
def test_a_list_that_was_cut_says_so(name: str) -> None:
    assert "Se muestran " in written(SAMPLES[name])


def test_an_initiative_without_actions_is_not_at_zero() -> None:
    assert "Sin acciones" in written(SAMPLES["status"])
    assert '"0\u00a0%"' not in written(SAMPLES["status"])
