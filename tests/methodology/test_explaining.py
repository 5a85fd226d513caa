from __future__ import annotations

from pathlib import Path

import pytest
from core_world import Core, at, day

from methodology import tray
from methodology.explaining import Explanation, bearing_on, explain
from methodology.history import recording
from methodology.matrix_files import read_folder
from methodology.refusals import NotFound
from storage.ledger import Silence

EXAMPLES = Path(__file__).parents[2] / "examples"


def _told(core: Core, name: str, on: str, today: str = "") -> Explanation:
    return explain(core.session, name, day(on), core.method, day(today or on))


def _of(told: Explanation, rule: str) -> str:
    return " ".join(one.sentence for one in told.reasons if one.rule == rule)


def test_a_notice_before_a_holiday_names_the_days_that_do_not_count(core: Core) -> None:
    core.action(due="2026-12-01")
    assert _of(_told(core, "bio-01", "2026-11-03"), "R19") == (
        "R19: 15 días antes del vencimiento es el lunes 16 de noviembre de 2026; el 16 de noviembre de 2026 es festivo "
        "(Independencia de Cartagena), el 15 de noviembre de 2026 es domingo y el 14 de noviembre de 2026 "
        "es sábado: el aviso de próximo vencimiento va el último día hábil anterior, el viernes 13 de noviembre de "
        "2026."
    )


def test_a_notice_on_a_habil_day_needs_no_excuse(core: Core) -> None:
    core.action(due="2026-12-18")
    told = _told(core, "BIO-01", "2026-11-03")
    assert "es el jueves 3 de diciembre de 2026, día hábil: ese día va el aviso" in _of(told, "R19")


def test_a_date_set_too_late_has_no_notice_left(core: Core) -> None:
    core.action(due="2026-12-08", due_set_on=day("2026-12-08"))
    assert "no queda un día hábil antes del vencimiento y no hay aviso." in _of(
        _told(core, "BIO-01", "2026-12-08"), "R19"
    )


def test_a_month_that_ends_on_a_sunday_is_recorded_then_and_delivered_after(core: Core) -> None:
    core.action(due="2026-10-15")
    assert _of(_told(core, "BIO-01", "2026-11-03"), "R15") == (
        "R15: un mes después del vencimiento es el domingo 15 de noviembre de 2026; si la acción sigue vigente, el 15 "
        "de noviembre de 2026 se registra la alerta de vencida y, como el 15 de noviembre de 2026 es domingo y el 16 "
        "de noviembre de 2026 es festivo (Independencia de Cartagena), se entrega el martes 17 de "
        "noviembre de 2026."
    )


def test_the_hold_is_counted_from_the_delivery(core: Core) -> None:
    core.action(due="2026-10-15")
    assert "sube al Viceministerio el jueves 19 de noviembre de 2026" in _of(_told(core, "BIO-01", "2026-11-03"), "R17")
    core.live("2026-11-15", "2026-11-19")
    told = _told(core, "BIO-01", "2026-11-19")
    assert "R17: la alerta se entregó al líder técnico el martes 17 de noviembre de 2026" in _of(told, "R17")
    assert "al 19 de noviembre de 2026 está elevada al Viceministerio" in _of(told, "Registro")


def test_two_months_are_exceeded_the_day_after(core: Core) -> None:
    core.action(due="2026-09-22")
    told = _of(_told(core, "BIO-01", "2026-11-03"), "R30")
    assert "es el domingo 22 de noviembre de 2026; los supera el lunes 23 de noviembre de 2026" in told


@pytest.mark.parametrize(
    ("on", "light", "following"),
    [
        ("2026-10-30", "Por vencer", "vencimiento, el sábado 31 de octubre de 2026"),
        ("2026-10-31", "Por vencer", "alerta de acción vencida, el lunes 30 de noviembre de 2026"),
        ("2026-11-01", "Vencida", "alerta de acción vencida, el lunes 30 de noviembre de 2026"),
        ("2026-11-30", "Vencida ≥ 1 mes", "tarjeta de decisión, el miércoles 2 de diciembre de 2026"),
        ("2027-01-01", "Solución de alto nivel", ""),
    ],
)
def test_the_light_and_what_follows_are_those_of_the_day(core: Core, on: str, light: str, following: str) -> None:
    core.action(due="2026-10-31")
    told = _told(core, "BIO-01", on)
    assert f"semáforo «{light}»" in _of(told, "Estado")
    assert _of(told, "Sigue") == (f"Lo que sigue: {following}." if following else _of(told, "Sigue"))
    assert [one["passed"] for one in told.as_json() if one["rule"] == "R15"] == [on >= "2026-11-30"]


def test_a_future_day_supposes_that_nothing_changes(core: Core) -> None:
    core.action(due="2026-10-31")
    assert "si nada cambia desde hoy" in _of(_told(core, "BIO-01", "2026-12-24", today="2026-11-03"), "Estado")


def test_a_past_day_is_explained_as_it_was(core: Core) -> None:
    core.action(due="2026-12-11")
    core.person("Ana", "PL")
    core.does("2026-11-12", "PL", "accion.fecha", accion="BIO-01", fecha="2027-01-15", motivo="Concertado con ellos")
    assert _of(_told(core, "BIO-01", "2026-11-11", today="2026-11-20"), "Vencimiento") == (
        "Vence el viernes 11 de diciembre de 2026 (versión 1 de la fecha)."
    )
    assert _of(_told(core, "BIO-01", "2026-11-12", today="2026-11-20"), "Vencimiento") == (
        "Vence el viernes 15 de enero de 2027 (versión 2 de la fecha; la original era el 11 de diciembre de 2026 y se "
        "ha movido 1 vez)."
    )


def test_before_it_was_there_nothing_is_said_of_it(core: Core) -> None:
    core.initiative()
    with recording(core.session, "Ana", "Alta", at("2026-11-12")):
        core.action()
    told = _told(core, "BIO-01", "2026-11-11", today="2026-11-20")
    assert told.sentences == ["El 11 de noviembre de 2026 la acción BIO-01 todavía no estaba en la matriz."]


def test_what_is_met_is_watched_by_no_rule(core: Core) -> None:
    core.action(state="cumplida", met_on=day("2026-10-20"), percent=100.0)
    told = _told(core, "BIO-01", "2026-11-03")
    assert _of(told, "R15") == "BIO-01 está cumplida desde el 20 de octubre de 2026: ninguna regla de fechas la vigila."


def test_an_undated_action_does_not_fall_due(core: Core) -> None:
    core.action(due=None)
    assert "sin fecha no vence; si sigue sin fecha, el" in _of(_told(core, "BIO-01", "2026-02-01"), "R9")


def test_old_backlog_waits_for_planning(core: Core) -> None:
    core.initiative(alerts_from=day("2026-11-03"))
    core.action(due="2026-08-15")
    assert "Planeación decide si la libera." in _of(_told(core, "BIO-01", "2026-11-03"), "arranque")


def test_what_was_recorded_is_told_with_its_delivery(core: Core) -> None:
    core.action(due="2026-10-31")
    core.live("2026-11-30")
    told = _of(_told(core, "BIO-01", "2026-11-30"), "Registro")
    assert "El 30 de noviembre de 2026 se registró: BIO-01 venció el 31 de octubre de 2026" in told
    assert told.endswith("Se entregó.")
    assert "BIO-01 venció" not in _of(_told(core, "BIO-01", "2026-11-29", today="2026-11-30"), "Registro")


def test_an_entity_is_told_its_requests_and_its_silence(core: Core) -> None:
    core.action()
    core.live("2026-11-11", "2026-11-20")
    told = _told(core, "Invima", "2026-11-20")
    assert "1 acción vigente a su cargo" in _of(told, "Estado")
    assert "el miércoles 11 de noviembre de 2026" in _of(told, "R14")
    assert "el plazo es el miércoles 25 de noviembre de 2026" in _of(told, "R14")
    assert _of(told, "R16") == (
        "R16, Biologicos: el primer acercamiento fue el miércoles 11 de noviembre de 2026 y van 2 acercamientos (se "
        "requieren 2); los 10 días hábiles sin respuesta de fondo (no cuentan: el 14 de noviembre de 2026 es sábado, "
        "el 15 de noviembre de 2026 es domingo, el 16 de noviembre de 2026 es festivo (Independencia de Cartagena"
        "), el 21 de noviembre de 2026 es sábado y el 22 de noviembre de 2026 es domingo) se cumplen el "
        "jueves 26 de noviembre de 2026."
    )
    before = _told(core, "Invima", "2026-11-19", today="2026-11-20")
    assert "va 1 acercamiento" in _of(before, "R16")


def test_what_follows_is_called_by_what_goes_out_that_day(core: Core) -> None:
    core.action(due="2026-10-15")
    core.live("2026-11-11", "2026-11-23")
    assert "Lo que sigue: solicitud de avance" in _of(_told(core, "Invima", "2026-11-10", today="2026-11-23"), "Sigue")
    asked = _of(_told(core, "Invima", "2026-11-13", today="2026-11-23"), "Sigue")
    assert asked == "Lo que sigue: reiteración de la solicitud, el viernes 20 de noviembre de 2026."
    raised = _of(_told(core, "BIO-01", "2026-11-23"), "Sigue")
    assert raised == "Lo que sigue: propuesta del segundo momento, el jueves 3 de diciembre de 2026."


def test_an_answered_entity_has_no_silence_running(core: Core) -> None:
    action = core.action()
    about = {"entity_id": action.entity_id, "initiative_id": action.initiative_id, "outreaches": 1}
    core.add(Silence(first_on=day("2026-11-11"), last_on=day("2026-11-11"), ended_on=day("2026-11-13"), **about))
    assert "no corre" in _of(_told(core, "Invima", "2026-11-13"), "R16")
    assert "va 1 acercamiento" in _of(_told(core, "Invima", "2026-11-12"), "R16")


def test_the_operator_itself_is_asked_through_its_leader(core: Core) -> None:
    core.entity("Colombia Productiva", internal=True)
    assert "por su líder técnico" in _of(_told(core, "Colombia Productiva", "2026-11-03"), "R14")


def test_an_initiative_is_told_its_window_and_its_term(core: Core) -> None:
    core.initiative(launch="2025-05-22", overrides={"por_vencer.dias": 20})
    core.action()
    told = _told(core, "biologicos", "2026-11-03")
    assert "1 acción (Vencida: 1); umbrales propios: por_vencer.dias = 20." in _of(told, "Estado")
    assert "va del jueves 26 de noviembre de 2026 al lunes 30 de noviembre de 2026" in _of(told, "R10")
    assert "18 meses se cumplen el domingo 22 de noviembre de 2026" in _of(told, "R36")
    assert "se entrega el lunes 23 de noviembre de 2026" in _of(told, "R36")
    assert _of(told, "Sigue") == "Lo que sigue: término de la iniciativa, el domingo 22 de noviembre de 2026."


def test_after_a_window_the_next_one_is_told(core: Core) -> None:
    core.initiative()
    assert "va del domingo 27 de diciembre de 2026" in _of(_told(core, "biologicos", "2026-12-01"), "R10")
    assert "va del jueves 26 de noviembre de 2026" in _of(_told(core, "biologicos", "2026-11-30"), "R10")


def test_what_nothing_is_called_is_refused(core: Core) -> None:
    core.action()
    with pytest.raises(NotFound, match="«XX-9» no es el código de una acción, ni una iniciativa, ni una entidad"):
        _told(core, "XX-9", "2026-11-03")


def test_a_change_of_date_and_the_end_of_an_action_are_told(core: Core) -> None:
    core.action(due="2026-12-01")
    why = {"accion": "BIO-01", "motivo": "La entidad solicitó ampliar el plazo"}
    core.does("2026-11-03", "PL", "accion.fecha", fecha="2027-01-29", **why)
    core.does("2026-11-10", "PL", "accion.anular", accion="BIO-01", motivo="Se repite en otra acción de la matriz")
    told = _told(core, "BIO-01", "2026-11-11").of("Registro")
    assert "cambió el vencimiento del 1 de diciembre de 2026 al 29 de enero de 2027: «La entidad" in told[0]
    assert "registró el paso de «Vigente» a «Anulada»: «Se repite" in told[1]
    assert "«Anulada»" not in " ".join(_told(core, "BIO-01", "2026-11-04", "2026-11-11").of("Registro"))


def test_the_closing_of_an_initiative_is_told(core: Core) -> None:
    initiative = core.initiative()
    core.does("2026-11-03", "PL", "iniciativa.pausar", iniciativa=initiative.slug, motivo="Por solicitud del sector")
    told = _told(core, initiative.slug, "2026-11-04").of("Registro")
    assert any("registró el paso de «En ejecución» a «Pausada»: «Por solicitud del sector»." in one for one in told)


def test_only_its_own_matrix_bears_on_an_action() -> None:
    data = read_folder(EXAMPLES, day("2026-11-03"))
    assert {row.initiative for row in bearing_on(data, "ast-04").actions} == {"astilleros"}
    assert bearing_on(data, "Invima") == data


def test_while_the_mailbox_cannot_be_read_it_says_why_nobody_is_called_silent(core: Core) -> None:
    core.action(due="2027-10-31")
    core.live("2026-11-11")
    tray.put(core.session, tray.UNREAD_MAILBOX, "buzon", "El buzón no se puede leer", {}, at("2026-11-18"))
    said = "R16: el buzón no se puede leer desde el 18 de noviembre de 2026: mientras tanto no se reitera ni se alerta."
    assert said in _of(_told(core, "Invima", "2026-11-20"), "R16")
    assert said not in _of(_told(core, "Invima", "2026-11-17", "2026-11-20"), "R16")
    tray.settle(core.session, tray.UNREAD_MAILBOX, "buzon", "el buzón se volvió a leer", at("2026-11-20"))
    assert said not in _of(_told(core, "Invima", "2026-11-20"), "R16")
