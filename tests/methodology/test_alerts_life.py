from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from core_world import Core, at
from sqlalchemy import select

from methodology.alerts import acknowledge, annotate, assign
from methodology.refusals import Incomplete, NotAllowed, NotFound, NotNow
from storage.ledger import Alert
from storage.matrix import Holding


@pytest.fixture
def alert(core: Core) -> Alert:
    """Recorded Sunday 15-nov-2026, told to the leader Tuesday 17 (Monday is a holiday), risen Thursday 19."""
    core.action("BIO-01", due="2026-10-15")
    core.live("2026-11-15", "2026-11-18")
    return core.alert()


def _assign(core: Core, alert: Alert, **more: Any) -> Alert:
    values = {"person": "Ana Ruiz", "until": date(2026, 11, 30), "text": "Citar a la entidad"} | more
    actor = values.pop("actor", None) or core.actor("VM")
    return assign(core.session, alert.id, actor=actor, now=at("2026-11-20"), **values)


def test_the_leader_has_two_habiles_from_the_delivery_before_it_rises(core: Core, alert: Alert) -> None:
    assert (alert.raised_on, alert.told_leader_on, alert.state) == (date(2026, 11, 15), date(2026, 11, 17), "abierta")
    assert core.notices("R17") == []
    core.sweep("2026-11-19")
    assert alert.state == "elevada_1"
    assert core.told("R17") == [("BIO-01", "2026-11-19", "2026-11-19")]
    assert core.notices("R17")[0].post == "VM"


def test_an_alert_nobody_was_told_of_does_not_rise(core: Core) -> None:
    core.action("BIO-01", due="2026-10-15")
    core.sweep("2026-11-15")
    core.sweep("2026-12-15")
    assert core.alert().state == "abierta"


def test_an_alert_closed_within_the_hold_never_rises(core: Core, alert: Alert) -> None:
    alert.state, alert.closed_because = "cerrada", "cumplimiento"
    core.live("2026-11-19", "2026-11-25")
    assert core.notices("R17") == []


def test_an_alert_of_a_paused_initiative_waits_and_rises_when_it_goes_on(core: Core, alert: Alert) -> None:
    alert.initiative.state = "pausada"
    core.live("2026-11-19", "2026-11-20")
    assert alert.state == "abierta"
    alert.initiative.state = "en_ejecucion"
    core.sweep("2026-11-23")
    assert alert.state == "elevada_1"


def test_the_holder_gets_one_pointer_a_day_and_initiative(core: Core) -> None:
    core.action("BIO-01", due="2026-10-15")
    core.action("BIO-02", due="2026-10-15")
    core.live("2026-11-15", "2026-11-20")
    assert len(core.notices("R17")) == 2
    assert core.told("R17.aviso") == [("biologicos", "2026-11-19", "2026-11-19")]


def test_within_the_hold_the_leader_annotates_and_signs(core: Core, alert: Alert) -> None:
    leader = core.actor("LT", alert.initiative)
    annotate(core.session, alert.id, "La entidad ya radicó el proyecto", actor=leader, today=date(2026, 11, 20))
    assert alert.note == f"La entidad ya radicó el proyecto ({leader.name})"
    with pytest.raises(Incomplete):
        annotate(core.session, alert.id, "Listo", actor=leader, today=date(2026, 11, 20))


def test_before_it_rises_the_vice_minister_has_nothing_to_decide(core: Core, alert: Alert) -> None:
    with pytest.raises(NotNow, match="no ha sido elevada"):
        acknowledge(core.session, alert.id, actor=core.actor("VM"), now=at("2026-11-18"))


def test_acknowledged_twice_it_stays_the_first(core: Core, alert: Alert) -> None:
    core.sweep("2026-11-19")
    first, second = core.actor("VM"), core.actor("VM")
    acknowledge(core.session, alert.id, actor=first, now=at("2026-11-19", 10))
    acknowledge(core.session, alert.id, actor=second, now=at("2026-11-20", 10))
    assert (alert.acknowledged_by, alert.acknowledged_at) == (first.name, at("2026-11-19", 10))
    assert len(core.notices("R17.decision")) == 1


@pytest.mark.parametrize("post", ["LT", "PL", "GG", "MIN"])
def test_the_first_moment_is_the_vice_ministers_alone(core: Core, alert: Alert, post: str) -> None:
    core.sweep("2026-11-19")
    with pytest.raises(NotAllowed):
        acknowledge(core.session, alert.id, actor=core.actor(post), now=at("2026-11-19"))


def test_once_raised_to_the_minister_the_minister_decides_too(core: Core, alert: Alert) -> None:
    alert.state, alert.minister_on = "elevada_1", date(2026, 11, 19)
    minister = core.actor("MIN")
    assert acknowledge(core.session, alert.id, actor=minister, now=at("2026-11-19")).acknowledged_by == minister.name


def test_management_is_assigned_to_somebody_by_a_day_and_the_leader_is_told(core: Core, alert: Alert) -> None:
    core.sweep("2026-11-19")
    _assign(core, alert)
    assert (alert.managed_by, alert.managed_until) == ("Ana Ruiz", date(2026, 11, 30))
    assert [n.post for n in core.notices("R17.decision")] == ["LT"]


def test_an_assignment_says_all_that_it_lacks(core: Core, alert: Alert) -> None:
    core.sweep("2026-11-19")
    with pytest.raises(Incomplete) as refused:
        _assign(core, alert, person=" ", until=date(2026, 11, 19), text="")
    assert set(refused.value.fields) == {"person", "until", "text"}


def test_a_closed_alert_takes_no_decision(core: Core, alert: Alert) -> None:
    core.sweep("2026-11-19")
    alert.state, alert.closed_because = "cerrada", "cumplimiento"
    with pytest.raises(NotNow, match="cerrada"):
        _assign(core, alert)
    with pytest.raises(NotFound):
        acknowledge(core.session, 999, actor=core.actor("VM"), now=at("2026-11-19"))


def test_the_same_assignment_again_changes_nothing_and_another_keeps_the_former_words(core: Core, alert: Alert) -> None:
    core.sweep("2026-11-19")
    first = core.actor("VM")
    _assign(core, alert, actor=first)
    _assign(core, alert)
    assert (alert.decided_by, len(core.notices("R17.decision"))) == (first.name, 1)
    assign(
        core.session,
        alert.id,
        person="Luis Paz",
        until=date(2026, 12, 4),
        text="Convocar mesa",
        actor=core.actor("VM"),
        now=at("2026-11-23"),
    )
    former, later = (notice.inputs for notice in core.notices("R17.decision"))
    assert (former["by"], former["person"], former["until"]) == (first.name, "Ana Ruiz", "2026-11-30")
    assert (later["person"], later["text"]) == ("Luis Paz", "Convocar mesa")


def test_what_is_decided_again_before_the_leader_was_told_is_told_once(core: Core, alert: Alert) -> None:
    core.sweep("2026-11-19")
    evening = at("2026-11-19", 19)
    acknowledge(core.session, alert.id, actor=core.actor("VM"), now=evening)
    for day in (date(2026, 11, 27), date(2026, 11, 30)):
        acknowledge(core.session, alert.id, actor=core.actor("VM"), now=evening, until=day)
    core.live("2026-11-20", "2026-11-20")
    told = [notice.inputs.get("until") for notice in core.notices("R17.decision") if notice.state == "sent"]
    assert told == ["2026-11-30"]


def test_who_asked_for_information_is_told_once_that_it_was_given(core: Core, alert: Alert) -> None:
    core.live("2026-11-19", "2026-11-19")
    vice = core.person("Marta Gómez", "VM")
    core.does("2026-11-20", vice.mail, "alerta.informacion", alerta="BIO-01", texto="¿Qué dijo la oficina jurídica?")
    assert core.notices("R17.respuesta") == []
    for note in ("La oficina jurídica pidió dos ajustes", "Los dos ajustes ya se hicieron"):
        core.does("2026-11-23", "LT", "alerta.anotar", alerta="BIO-01", nota=note)
    (told,) = core.notices("R17.respuesta")
    assert told.inputs["reader"] == vice.id
    assert told.inputs["answer"].startswith("La oficina jurídica pidió dos ajustes (")


def test_the_answer_goes_to_the_post_when_who_asked_has_left_it(core: Core, alert: Alert) -> None:
    core.live("2026-11-19", "2026-11-19")
    vice = core.person("Marta Gómez", "VM")
    core.does("2026-11-20", vice.mail, "alerta.informacion", alerta="BIO-01", texto="¿Qué dijo la oficina jurídica?")
    holding = core.session.scalars(select(Holding).where(Holding.person_id == vice.id)).one()
    holding.until = date(2026, 11, 20)
    core.session.flush()
    core.does("2026-11-23", "LT", "alerta.anotar", alerta="BIO-01", nota="La oficina jurídica pidió dos ajustes")
    (told,) = core.notices("R17.respuesta")
    assert "reader" not in told.inputs


def test_a_note_that_nobody_asked_for_tells_nobody(core: Core, alert: Alert) -> None:
    core.does("2026-11-18", "LT", "alerta.anotar", alerta="BIO-01", nota="Se citó a la entidad")
    assert core.notices("R17.respuesta") == []
