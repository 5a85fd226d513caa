"""R17, R18: the decisions about an alert: first moment, the Minister, second moment, and every way in which it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from core_world import Core, at, day

from methodology import alerts, tray
from methodology.actions import mark_met, move_due
from methodology.notices import reason
from methodology.rules.calendar import WorkCalendar
from methodology.silence import answered, reached_out
from methodology.sweeping.second_moment import cut_off
from methodology.telling import why_not_any_more
from scheduler.delivery import _readers
from storage.ledger import Alert
from storage.life import Member
from storage.matrix import FollowUp, Person

ALERT = {"alerta": "BIO-01"}
REASON = {"motivo": "Se requiere la decisión del despacho"}
MAIL = "ana.ruiz@invima.example"


@pytest.fixture
def alert(core: Core) -> Alert:
    """Recorded Sun 15-nov-2026, the leader was told on Tue 17; it rises, and is delivered, on Thu 19."""
    core.action("BIO-01", due="2026-10-15", percent=40.0)
    core.live("2026-11-15", "2026-11-18")
    return core.alert()


@pytest.fixture
def raised(core: Core, alert: Alert) -> Alert:
    core.live("2026-11-19")
    return alert


def _member(core: Core, holder: str = "Ana Ruiz", mail: str = MAIL, **more: Any) -> Member:
    values: dict[str, Any] = {
        "initiative_id": core.first_initiative().id,
        "post": "Directora General",
        "entity": "Invima",
        "holder": holder,
        "gender": "f",
        "mail": mail,
        "since": day("2026-01-01"),
        "state": "activa",
        "proposed_by": "LT",
    }
    return core.add(Member(**values | more))


def _second(core: Core, on: str = "2026-12-04", who: str = "LT", members: str = "Ana Ruiz") -> str:
    return core.does(on, who, "alerta.segundo_momento", integrantes=members, **ALERT, **REASON)


# --- first moment -----------------------------------------------------------------------------------------------------


def test_the_first_moment_is_dated_by_its_delivery(core: Core, alert: Alert) -> None:
    assert (alert.state, alert.raised_told_on) == ("abierta", None)
    core.sweep("2026-11-19")
    assert (alert.state, alert.raised_told_on) == ("elevada_1", None)
    core.live("2026-11-19")
    assert (alert.raised_told_on, alert.raised_percent) == (day("2026-11-19"), 40.0)


def test_an_acknowledgement_with_a_promised_date_lapses_and_may_be_given_again(core: Core, raised: Alert) -> None:
    core.does("2026-11-20", "VM", "alerta.acusar", fecha="2026-11-27", **ALERT)
    assert raised.acknowledged_until == day("2026-11-27")
    core.does("2026-11-23", "VM", "alerta.acusar", **ALERT)
    assert raised.acknowledged_at == at("2026-11-20", 10)
    assert alerts.is_acknowledged(raised, day("2026-11-27"))
    assert not alerts.is_acknowledged(raised, day("2026-11-28"))
    core.does("2026-11-30", "VM", "alerta.acusar", **ALERT)
    assert (raised.acknowledged_at, raised.acknowledged_until) == (at("2026-11-30", 10), None)
    assert len(core.notices("R17.decision")) == 2


def test_another_promised_date_is_another_decision_and_none_is_past(core: Core, raised: Alert) -> None:
    assert "anterior a hoy" in core.refused("2026-11-20", "VM", "alerta.acusar", fecha="2026-11-19", **ALERT)
    core.does("2026-11-20", "VM", "alerta.acusar", fecha="2026-11-20", **ALERT)
    core.does("2026-11-20", "VM", "alerta.acusar", hour=11, fecha="2026-12-01", **ALERT)
    assert raised.acknowledged_until == day("2026-12-01")
    assert [notice.inputs["until"] for notice in core.notices("R17.decision")] == ["2026-11-20", "2026-12-01"]


def test_notes_and_assignments_go_through_the_same_operations(core: Core, raised: Alert) -> None:
    core.does("2026-11-20", "LT", "alerta.anotar", nota="La entidad pidió una mesa", **ALERT)
    core.does("2026-11-20", "VM", "alerta.gestion", persona="Ana", fecha="2026-11-27", texto="Citar", **ALERT)
    assert raised.note.startswith("La entidad pidió una mesa")
    assert (raised.managed_by, raised.managed_until) == ("Ana", day("2026-11-27"))
    assert "anotación" in core.refused("2026-11-20", "LT", "alerta.anotar", nota="Ya", **ALERT)
    lacking = core.refused("2026-11-20", "VM", "alerta.gestion", persona="Ana", fecha="2026-11-19", texto="x", **ALERT)
    assert "de hoy en adelante" in lacking


@pytest.mark.parametrize("does", ["alerta.acusar", "alerta.ministro", "alerta.segundo_momento", "alerta.atender"])
def test_nothing_is_decided_about_what_has_not_risen(core: Core, alert: Alert, does: str) -> None:
    who = {"alerta.acusar": "VM", "alerta.ministro": "PL"}.get(does, "GG")
    given = {"alerta.ministro": REASON, "alerta.segundo_momento": REASON | {"integrantes": "1"}}.get(does, {})
    given |= {"texto": "Atendida por oficio"} if does == "alerta.atender" else {}
    assert "«abierta»" in core.refused("2026-11-18", who, does, **ALERT, **given)
    assert alert.state == "abierta"


# --- the Minister -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("post", ["PL", "GG", "VM"])
def test_a_person_takes_it_to_the_minister_who_may_then_decide(core: Core, raised: Alert, post: str) -> None:
    assert "corresponde" in core.refused("2026-11-20", "MIN", "alerta.acusar", **ALERT)
    core.does("2026-11-20", post, "alerta.ministro", **ALERT, **REASON)
    assert raised.minister_on == day("2026-11-20")
    assert core.told("R17.ministro") == [("BIO-01", "2026-11-20", "2026-11-20")]
    assert core.notices("R17.ministro")[0].post == "MIN"
    core.does("2026-11-23", "MIN", "alerta.acusar", **ALERT)
    core.does("2026-11-23", "MIN", "alerta.gestion", persona="Ana", fecha="2026-12-01", texto="Citar", **ALERT)
    assert raised.acknowledged_by == "Ministra de Comercio, Industria y Turismo"


@pytest.mark.parametrize("post", ["LT", "MIN", "EAN", "ENT"])
def test_nobody_else_takes_it_to_the_minister(core: Core, raised: Alert, post: str) -> None:
    assert "corresponde" in core.refused("2026-11-20", post, "alerta.ministro", **ALERT, **REASON)
    assert (raised.minister_on, core.notices("R17.ministro")) == (None, [])


def test_the_clock_takes_nothing_to_the_minister_nor_to_the_team(core: Core, raised: Alert) -> None:
    core.live("2026-11-20", "2026-12-31")
    assert (raised.minister_on, raised.state) == (None, "elevada_1")
    assert core.notices("R17.ministro", "R18") == []


def test_it_is_taken_there_once_with_a_reason_and_not_while_paused(core: Core, raised: Alert) -> None:
    assert "motivo" in core.refused("2026-11-20", "PL", "alerta.ministro", motivo="Ya", **ALERT)
    raised.initiative.state = "pausada"
    assert "pausada" in core.refused("2026-11-20", "PL", "alerta.ministro", **ALERT, **REASON)
    raised.initiative.state = "en_ejecucion"
    core.does("2026-11-20", "PL", "alerta.ministro", **ALERT, **REASON)
    assert "ya se elevó" in core.refused("2026-11-20", "GG", "alerta.ministro", **ALERT, **REASON)


# --- the proposal of the second moment --------------------------------------------------------------------------------


def test_it_is_proposed_ten_habiles_after_the_delivery(core: Core, raised: Alert) -> None:
    assert raised.raised_told_on == day("2026-11-19")
    core.live("2026-11-20", "2026-12-02")
    assert core.notices("R18.propuesta") == []
    core.live("2026-12-03", "2026-12-04")
    assert core.told("R18.propuesta") == [("BIO-01", "2026-12-03", "2026-12-03")]
    assert core.notices("R18.propuesta")[0].post == "LT"
    core.live("2026-12-05", "2026-12-16")
    assert [n.alert_id for n in core.notices("R18.propuesta")] == [raised.id]


def test_days_out_of_service_do_not_move_it(core: Core, raised: Alert) -> None:
    core.live("2026-12-21")
    assert core.told("R18.propuesta") == [("BIO-01", "2026-12-03", "2026-12-03")]
    assert raised.state == "elevada_1"


def test_an_initiative_has_its_own_term(core: Core, raised: Alert) -> None:
    raised.initiative.overrides = {"nivel2.propuesta_habiles": 3}
    core.live("2026-11-20", "2026-11-23")
    assert core.notices("R18.propuesta") == []
    core.live("2026-11-24")
    assert core.told("R18.propuesta") == [("BIO-01", "2026-11-24", "2026-11-24")]


def test_nothing_is_proposed_before_the_first_moment_was_delivered(core: Core, alert: Alert) -> None:
    core.sweep("2026-11-19")
    core.sweep("2026-12-30")
    assert (alert.state, core.notices("R18.propuesta")) == ("elevada_1", [])


def test_an_acknowledgement_in_force_holds_it_until_it_lapses(core: Core, raised: Alert) -> None:
    core.does("2026-11-20", "VM", "alerta.acusar", fecha="2026-12-10", **ALERT)
    core.live("2026-11-20", "2026-12-10")
    assert core.notices("R18.propuesta") == []
    core.live("2026-12-11")
    assert core.told("R18.propuesta") == [("BIO-01", "2026-12-11", "2026-12-11")]
    assert raised.state == "elevada_1"
    assert reason(core.notices("R18.propuesta")[0]).endswith(
        f"10 días hábiles. El compromiso de {raised.acknowledged_by} venció el 10 de diciembre de 2026 sin avance."
    )
    assert reason(core.notices("R17.decision")[0]) == (
        f"El 20 de noviembre de 2026 {raised.acknowledged_by} acusó recibo de la alerta de BIO-01, con compromiso "
        "para el 10 de diciembre de 2026."
    )


def test_an_acknowledgement_without_a_date_holds_it(core: Core, raised: Alert) -> None:
    core.does("2026-11-20", "VM", "alerta.acusar", **ALERT)
    core.live("2026-11-20", "2026-12-16")
    assert (raised.acknowledged_until, core.notices("R18.propuesta")) == (None, [])


def test_an_assignment_holds_it_up_to_its_date(core: Core, raised: Alert) -> None:
    core.does("2026-11-20", "VM", "alerta.gestion", persona="Ana", fecha="2026-12-11", texto="Citar", **ALERT)
    core.live("2026-11-20", "2026-12-11")
    assert core.notices("R18.propuesta") == []
    core.live("2026-12-12", "2026-12-14")
    assert core.told("R18.propuesta") == [("BIO-01", "2026-12-12", "2026-12-14")]
    assert raised.managed_by == "Ana"


@pytest.mark.parametrize(("percent", "proposed"), [(39.0, 1), (40.0, 1), (40.5, 0)])
def test_progress_is_a_higher_figure_than_at_the_delivery(
    core: Core, raised: Alert, percent: float, proposed: int
) -> None:
    if raised.action:
        raised.action.percent = percent
    core.live("2026-12-03")
    assert len(core.notices("R18.propuesta")) == proposed
    assert core.all(FollowUp) == []


def test_what_is_settled_between_friday_and_delivery_is_not_told(core: Core, raised: Alert) -> None:
    core.does("2026-11-20", "VM", "alerta.acusar", fecha="2026-12-11", **ALERT)
    core.live("2026-11-20", "2026-12-13")
    assert core.told("R18.propuesta") == [("BIO-01", "2026-12-12", "2026-12-14")]
    core.does("2026-12-14", "VM", "alerta.acusar", hour=7, **ALERT)
    core.live("2026-12-14")
    notice = core.notices("R18.propuesta")[0]
    assert (notice.state, notice.withdrawn_reason) == ("withdrawn", "la alerta ya tiene acuse, gestión o avance")
    assert raised.state == "elevada_1"


def test_a_paused_initiative_proposes_nothing(core: Core, raised: Alert) -> None:
    raised.initiative.state = "pausada"
    core.live("2026-12-03", "2026-12-10")
    assert core.notices("R18.propuesta") == []


def test_the_cut_off_is_the_last_day_that_is_long_enough_ago() -> None:
    calendar = WorkCalendar()
    for number in range(60):
        today = day("2026-11-01") + timedelta(days=number)
        last = cut_off(calendar, today, 10)
        assert calendar.add(last, 10) <= today < calendar.add(last + timedelta(days=1), 10)


# --- the second moment ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("post", ["LT", "GG"])
def test_a_person_takes_it_to_members_with_a_reason(core: Core, raised: Alert, post: str) -> None:
    ana, luis = _member(core), _member(core, "Luis Paz", "luis.paz@salud.example")
    sentence = _second(core, who=post, members=f"{ana.id}; luis paz; Ana Ruiz")
    assert "Ana Ruiz, Luis Paz" in sentence
    assert (raised.state, raised.second_on) == ("elevada_2", day("2026-12-04"))
    assert (raised.second_members, raised.second_reason) == ([ana.id, luis.id], REASON["motivo"])
    notice = core.notices("R18")[0]
    assert (notice.post, notice.channel, notice.inputs["members"]) == ("EAN", "mail", [ana.id, luis.id])


@pytest.mark.parametrize("post", ["PL", "VM", "MIN", "EAN"])
def test_nobody_else_takes_it_there(core: Core, raised: Alert, post: str) -> None:
    _member(core)
    refused = core.refused("2026-12-04", post, "alerta.segundo_momento", integrantes="Ana Ruiz", **ALERT, **REASON)
    assert "corresponde" in refused
    assert raised.state == "elevada_1"


def test_it_follows_the_delivery_of_the_first(core: Core, alert: Alert) -> None:
    _member(core)
    core.sweep("2026-11-19")
    given = ALERT | REASON | {"integrantes": "Ana Ruiz"}
    assert "aún no se ha entregado" in core.refused("2026-11-19", "LT", "alerta.segundo_momento", **given)
    core.live("2026-11-19")
    core.does("2026-11-19", "LT", "alerta.segundo_momento", hour=11, **given)
    assert alert.state == "elevada_2"
    assert "«elevada (segundo momento)»" in core.refused("2026-11-20", "LT", "alerta.segundo_momento", **given)


@pytest.mark.parametrize(
    "unfit",
    [
        {"state": "propuesta"},
        {"state": "carta_firmada"},
        {"state": "retirada"},
        {"until": day("2026-12-03")},
        {"since": day("2026-12-05")},
    ],
)
def test_only_active_members_are_addressed(core: Core, raised: Alert, unfit: dict[str, Any]) -> None:
    _member(core, **unfit)
    given = ALERT | REASON | {"integrantes": "Ana Ruiz"}
    assert "integrantes activos" in core.refused("2026-12-04", "LT", "alerta.segundo_momento", **given)
    assert raised.state == "elevada_1"


def test_only_that_initiatives_members_are_addressed(core: Core, raised: Alert) -> None:
    elsewhere = core.initiative("astilleros")
    _member(core, initiative_id=elsewhere.id)
    given = ALERT | REASON
    for names in ("Ana Ruiz", "99", ";"):
        core.refused("2026-12-04", "LT", "alerta.segundo_momento", integrantes=names, **given)
    assert "motivo" in core.refused(
        "2026-12-04", "LT", "alerta.segundo_momento", integrantes="Ana Ruiz", motivo="Ya", **ALERT
    )
    assert raised.state == "elevada_1"


def test_the_second_moment_ends_its_proposal_and_not_what_the_minister_is_told(core: Core, raised: Alert) -> None:
    _member(core)
    core.does("2026-11-20", "VM", "alerta.acusar", fecha="2026-12-11", **ALERT)
    core.live("2026-11-20", "2026-12-12")
    core.does("2026-12-12", "GG", "alerta.ministro", **ALERT, **REASON)
    _second(core, on="2026-12-12")
    core.live("2026-12-14")
    ended = {notice.rule: notice.state for notice in core.notices("R17.ministro", "R18", "R18.propuesta")}
    assert ended == {"R17.ministro": "sent", "R18": "sent", "R18.propuesta": "withdrawn"}
    assert core.notices("R18.propuesta")[0].withdrawn_reason == "la alerta ya está en segundo momento"
    assert raised.state == "elevada_2"


def test_a_named_member_acknowledges_and_the_leader_is_told_once(core: Core, raised: Alert) -> None:
    core.add(Person(name="Ana Ruiz", gender="f", mail=MAIL))
    core.add(Person(name="Luis Paz", gender="m", mail="luis.paz@salud.example"))
    _member(core)
    _member(core, "Luis Paz", "luis.paz@salud.example")
    _second(core)
    told = len(core.notices("R17.decision"))
    core.does("2026-12-07", MAIL, "ean.acusar", **ALERT)
    assert "ya había" in core.does("2026-12-07", MAIL, "ean.acusar", hour=11, **ALERT)
    assert raised.acknowledged_by == "Ana Ruiz"
    assert len(core.notices("R17.decision")) == told + 1
    assert "otros integrantes" in core.refused("2026-12-07", "luis.paz@salud.example", "ean.acusar", **ALERT)


def test_what_a_member_answered_by_mail_is_recorded_by_the_leader(core: Core, raised: Alert) -> None:
    _member(core)
    luis = _member(core, "Luis Paz", "luis.paz@salud.example")
    _second(core, members="Ana Ruiz; Luis Paz")
    assert "Indique el integrante" in core.refused("2026-12-07", "LT", "ean.acusar", **ALERT)
    core.does("2026-12-07", "LT", "ean.acusar", integrante=luis.id, **ALERT)
    assert raised.acknowledged_by == "Luis Paz"
    assert "corresponde" in core.refused("2026-12-07", "VM", "ean.acusar", integrante=luis.id, **ALERT)


def test_nobody_who_left_the_team_is_written_to(core: Core, raised: Alert) -> None:
    ana, luis = _member(core), _member(core, "Luis Paz", "luis.paz@salud.example")
    _second(core, members="Ana Ruiz; Luis Paz")
    notice = core.notices("R18")[0]
    ana.state = "retirada"
    assert list(_readers(core.session, notice, day("2026-12-07"))) == [(f"member:{luis.id}", "mail")]
    assert why_not_any_more(core.session, notice, day("2026-12-07")) is None
    luis.state = "retirada"
    assert "ningún integrante" in str(why_not_any_more(core.session, notice, day("2026-12-07")))


# --- how it ends ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("post", ["VM", "GG", "LT", "PL"])
def test_attended_to_it_is_told_no_more_and_keeps_how(core: Core, raised: Alert, post: str) -> None:
    core.does("2026-11-20", "PL", "alerta.ministro", **ALERT, **REASON)
    assert "10 caracteres" in core.refused("2026-11-20", post, "alerta.atender", texto="Lista", **ALERT)
    assert "corresponde" in core.refused("2026-11-20", "EAN", "alerta.atender", texto="Se expidió la guía", **ALERT)
    core.does("2026-11-20", post, "alerta.atender", hour=11, texto="Se acordó un cronograma", **ALERT)
    assert raised.state == "atendida"
    assert raised.handled_text.startswith("Se acordó un cronograma (")
    assert core.notices("R17.ministro")[0].withdrawn_reason == "la alerta ya fue atendida"
    core.live("2026-11-23", "2026-12-10")
    assert core.notices("R18.propuesta") == []
    assert "atendida" in core.refused("2026-11-23", "VM", "alerta.acusar", **ALERT)


@pytest.mark.parametrize("post", ["GG", "LT", "PL"])
def test_the_leaders_side_attends_to_nothing_before_the_vice_ministry_was_told(
    core: Core, alert: Alert, post: str
) -> None:
    core.sweep("2026-11-19")
    given = ALERT | {"texto": "Se acordó un cronograma"}
    assert "aún no se ha entregado" in core.refused("2026-11-19", post, "alerta.atender", **given)
    assert alert.state == "elevada_1"
    core.live("2026-11-19")
    core.does("2026-11-19", post, "alerta.atender", hour=11, **given)


def test_the_minister_attends_to_what_was_taken_there_alone(core: Core, raised: Alert) -> None:
    given = ALERT | {"texto": "Se acordó un cronograma"}
    assert "corresponde" in core.refused("2026-11-20", "MIN", "alerta.atender", **given)
    core.does("2026-11-20", "GG", "alerta.ministro", **ALERT, **REASON)
    core.does("2026-11-20", "MIN", "alerta.atender", **given)
    assert raised.state == "atendida"


@pytest.mark.parametrize("state", ["abierta", "elevada_1", "elevada_2", "atendida"])
def test_compliance_closes_it_late_as_such_and_on_time_without_effect(core: Core, alert: Alert, state: str) -> None:
    alert.state = state
    for met_on, because in (("2026-11-16", "cumplimiento"), ("2026-11-13", "sin_efecto")):
        alert.state = state
        if alert.action:
            alert.action.state = "vigente"
        mark_met(core.session, "BIO-01", day(met_on), evidence="https://guia.example", actor=core.actor("PL"),
                 now=at("2026-11-20"))  # fmt: skip
        assert (alert.state, alert.closed_because) == ("cerrada", because)


def test_another_date_closes_it_and_keeps_who_decided(core: Core, raised: Alert) -> None:
    core.does("2026-11-20", "VM", "alerta.acusar", **ALERT)
    move_due(core.session, "BIO-01", day("2026-12-18"), reason="Concertada con la entidad", actor=core.actor("GG"),
             now=at("2026-11-20"), method=core.method)  # fmt: skip
    assert (raised.state, raised.closed_because) == ("cerrada", "reprogramación")
    assert raised.acknowledged_by == "Viceministra de Desarrollo Empresarial"


def test_a_late_reply_closes_a_silence_even_in_its_second_moment(core: Core) -> None:
    action = core.action("BIO-01", due="2027-06-30")
    for on in ("2026-11-11", "2026-11-20"):
        reached_out(core.session, action.entity_id, ["BIO-01"], day(on))
    core.live("2026-11-26", "2026-12-01")
    alert = core.alert()
    assert (alert.kind, alert.raised_told_on, alert.raised_percent) == ("NO_RESPUESTA", day("2026-11-30"), None)
    _member(core)
    core.live("2026-12-02", "2026-12-15")
    assert core.told("R18.propuesta") == [("Invima", "2026-12-15", "2026-12-15")]
    core.does("2026-12-15", "GG", "alerta.segundo_momento", alerta="Invima", integrantes="Ana Ruiz", **REASON)
    answered(core.session, action.entity_id, [action.initiative_id], day("2026-12-15"))
    assert (alert.state, alert.closed_because) == ("cerrada", "respondida_tarde")
    assert core.notices("R18")[0].withdrawn_reason == "alerta cerrada: respondida_tarde"


def test_the_end_of_an_initiative_closes_it(core: Core, raised: Alert) -> None:
    core.does("2026-11-20", "PL", "alerta.ministro", **ALERT, **REASON)
    alerts.close(core.session, raised, "cierre")
    assert (raised.state, raised.closed_because) == ("cerrada", "cierre")
    assert core.notices("R17.ministro")[0].withdrawn_reason == "alerta cerrada: cierre"
    alerts.close(core.session, raised, "cumplimiento")
    assert raised.closed_because == "cierre"


def test_a_silence_is_not_proposed_again_while_the_mailbox_cannot_be_read(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    core.live("2026-11-11", "2026-12-04")
    assert core.alert().raised_told_on is not None
    tray.put(core.session, tray.UNREAD_MAILBOX, "buzon", "El buzón no se puede leer", {}, at("2026-12-04"))
    core.live("2026-12-05", "2026-12-21")
    assert core.notices("R18.propuesta") == []
    tray.settle(core.session, tray.UNREAD_MAILBOX, "buzon", "el buzón se volvió a leer", at("2026-12-22"))
    core.live("2026-12-22")
    assert len(core.notices("R18.propuesta")) == 1
