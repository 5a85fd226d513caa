from __future__ import annotations

import pytest
from core_world import Core

from methodology import agendas
from storage.life import Meeting
from storage.matrix import Entity, Initiative

DIMAR = "Dirección General Marítima (Dimar)"


@pytest.fixture
def astilleros(core: Core) -> Initiative:
    """In execution since 15-jul-2026, with one action far from due."""
    initiative = core.initiative("astilleros", "2026-07-15")
    core.action("AST-01", due="2028-03-01", initiative=initiative)
    return initiative


def last(core: Core) -> Meeting:
    return core.all(Meeting)[-1]


def convened(core: Core, on: str = "2026-08-12", hour: int = 10, **more: str) -> str:
    given = {"reunion": "logros astilleros", "fecha": "2026-08-20", "hora": "9:00"} | more
    return core.does(on, "GG", "reunion.convocar", hour, **given)


@pytest.fixture
def prepared(core: Core, astilleros: Initiative) -> Meeting:
    core.person("Lina Rey", "LT", astilleros)
    core.person("Gil Rivas", "GG")
    core.person("Paz Pardo", "PL")
    core.person("Vera Mora", "VM")
    core.action("AST-02", due="2028-03-01", entity=DIMAR)
    core.all(Entity)[-1].mail = "enlace@dimar.example"
    core.session.add(Entity(name="Operador", mail="yo@operador.example", internal=True))
    core.action("AST-03", due="2028-03-01", entity="Operador")
    core.does("2026-08-10", "LT", "reunion.preparar", clase="logros", iniciativa="astilleros")
    return last(core)


def test_the_guests_are_the_holders_of_that_day_and_the_entities(core: Core, prepared: Meeting) -> None:
    told = convened(core)
    assert told == (
        "Se convocó la reunión 1, Reunión de logros de Astilleros: jueves 20 de agosto de 2026, 9:00 a. m.; "
        "6 invitados."
    )
    assert prepared.guests == [
        "lina.rey@operador.example",
        "gil.rivas@operador.example",
        "paz.pardo@operador.example",
        "vera.mora@operador.example",
        "enlace@dimar.example",
        "enlace@entidad.example",
    ]
    [notice] = core.notices("R24.convocatoria")
    assert (notice.inputs["meeting"], notice.inputs["sequence"], notice.inputs["by"]) == (1, 0, "Gil Rivas")
    assert (prepared.state, notice.post) == ("convocada", "INV")


def test_convening_needs_a_date_and_an_hour_and_real_addresses(core: Core, prepared: Meeting) -> None:
    which = {"reunion": "logros astilleros"}
    assert core.refused("2026-08-12", "LT", "reunion.convocar", **which) == (
        "Indique la fecha de la reunión. Indique la hora de la reunión."
    )
    whole = which | {"fecha": "2026-08-20", "hora": "9:00"}
    assert "No es una dirección" in core.refused("2026-08-12", "LT", "reunion.convocar", **whole, invitados="a@b; Ana")
    assert "anterior a hoy" in core.refused("2026-08-12", "LT", "reunion.convocar", **(whole | {"fecha": "2026-08-11"}))
    assert "corresponde a" in core.refused("2026-08-12", "VM", "reunion.convocar", **whole)
    assert (prepared.state, prepared.on) == ("preparada", None)


def test_a_letter_that_would_leave_too_late_is_not_planned(core: Core, prepared: Meeting) -> None:
    given = {"reunion": "logros astilleros", "fecha": "2026-08-18", "hora": "8:00"}
    late = core.refused("2026-08-14", "GG", "reunion.convocar", 18, **given)  # Friday evening; Monday is a holiday
    assert "saldría el martes 18 de agosto de 2026 a las 8:00 a. m." in late
    convened(core, "2026-08-14", 18, fecha="2026-08-18", hora="8:01")


def test_guests_may_be_named_or_added(core: Core, prepared: Meeting) -> None:
    convened(core, invitados="gremio@ejemplo.example; Gremio@ejemplo.example", adicionales="otro@ejemplo.example")
    assert prepared.guests == ["gremio@ejemplo.example", "otro@ejemplo.example"]


def test_convened_again_with_another_date_is_the_next_sequence(core: Core, prepared: Meeting) -> None:
    convened(core)
    assert "nada cambió" in core.refused("2026-08-12", "GG", "reunion.convocar", reunion="logros astilleros")
    core.live("2026-08-13")
    told = convened(core, "2026-08-13", fecha="2026-08-27")
    assert told.startswith("Se actualizó la convocatoria")
    assert [(n.period, n.state) for n in core.notices("R24.convocatoria")] == [("1.0", "sent"), ("1.1", "planned")]
    assert len(prepared.guests) == 6


def test_an_update_replaces_what_still_waits(core: Core, prepared: Meeting) -> None:
    convened(core, hour=18)
    convened(core, hour=19, fecha="2026-08-27")
    core.live("2026-08-13")
    assert [(n.state, n.withdrawn_reason) for n in core.notices("R24.convocatoria")] == [
        ("withdrawn", "la convocatoria se actualizó después"),
        ("sent", ""),
    ]


def test_a_cancelled_meeting_is_told_to_whoever_heard_of_it(core: Core, prepared: Meeting) -> None:
    convened(core)
    core.live("2026-08-13")
    told = core.does("2026-08-13", "LT", "reunion.cancelar", reunion="logros astilleros", motivo="Sin quórum")
    assert told.endswith("Se comunica a los convocados.")
    [notice] = core.notices("R24.cancelacion")
    assert (notice.inputs["sequence"], notice.inputs["reason"]) == (1, "Sin quórum")
    core.live("2026-08-14")
    assert notice.state == "sent"


def test_a_guest_who_is_none_any_more_is_told_once(core: Core, prepared: Meeting) -> None:
    convened(core, invitados="ana@ejemplo.example; eva@ejemplo.example")
    core.live("2026-08-13")
    convened(core, "2026-08-13", invitados="eva@ejemplo.example")
    [notice] = core.notices("R24.cancelacion")
    assert notice.inputs["guests"] == ["ana@ejemplo.example"]
    core.live("2026-08-14")
    assert (notice.state, core.notices("R24.convocatoria")[-1].state) == ("sent", "sent")
    convened(core, "2026-08-14", fecha="2026-08-27")
    assert core.notices("R24.cancelacion") == [notice]


def test_a_guest_who_never_heard_of_it_is_told_nothing(core: Core, prepared: Meeting) -> None:
    convened(core, hour=18, invitados="ana@ejemplo.example; eva@ejemplo.example")
    convened(core, hour=19, invitados="eva@ejemplo.example")
    assert core.notices("R24.cancelacion") == []


def test_invited_again_before_the_letter_left_nobody_is_told_otherwise(core: Core, prepared: Meeting) -> None:
    convened(core, invitados="ana@ejemplo.example; eva@ejemplo.example")
    core.live("2026-08-13")
    convened(core, "2026-08-13", 18, invitados="eva@ejemplo.example")
    convened(core, "2026-08-13", 19, adicionales="ana@ejemplo.example")
    core.live("2026-08-14")
    assert [n.state for n in core.notices("R24.cancelacion")] == ["withdrawn"]


@pytest.mark.parametrize("with_letter", [True, False])
def test_nobody_is_told_of_the_cancelling_of_what_nobody_heard(
    core: Core, prepared: Meeting, *, with_letter: bool
) -> None:
    if with_letter:
        convened(core, hour=18)
    core.does("2026-08-12", "LT", "reunion.cancelar", 19, reunion="logros astilleros", motivo="Sin quórum")
    core.live("2026-08-13")
    assert core.notices("R24.cancelacion") == []
    assert [n.state for n in core.notices("R24.convocatoria")] == (["withdrawn"] if with_letter else [])


def test_the_convening_of_a_launch_or_of_all_initiatives_is_delivered(core: Core, prepared: Meeting) -> None:
    core.initiative("biologicos", None, state="en_construccion", alerts_from=None)
    core.does("2026-08-11", "GG", "reunion.preparar", clase="lanzamiento", iniciativa="biologicos")
    core.does("2026-08-11", "GG", "reunion.preparar", clase="seguimiento")
    convened(core, "2026-08-11", reunion="lanzamiento biologicos")
    convened(core, "2026-08-11", reunion="seguimiento")
    core.live("2026-08-11")
    assert [(n.subject, n.state) for n in core.notices("R24.convocatoria")] == [
        ("lanzamiento", "sent"),
        ("seguimiento", "sent"),
    ]
    assert last(core).guests == [
        "lina.rey@operador.example",
        "gil.rivas@operador.example",
        "paz.pardo@operador.example",
    ]


def test_after_the_day_the_letter_is_not_sent(core: Core, prepared: Meeting) -> None:
    convened(core, "2026-08-12", 18)
    core.live("2026-08-21")
    assert core.notices("R24.convocatoria")[0].withdrawn_reason == "la fecha de la reunión ya pasó"


def test_a_paused_initiative_convenes_nobody(core: Core, prepared: Meeting, astilleros: Initiative) -> None:
    astilleros.state = "pausada"
    given = {"reunion": "logros astilleros", "fecha": "2026-08-20", "hora": "9:00"}
    assert "«pausada»" in core.refused("2026-08-12", "GG", "reunion.convocar", **given)


def test_the_minutes_follow_one_another(core: Core, prepared: Meeting) -> None:
    convened(core)
    assert agendas.times(prepared, agendas.items_of(core.session, prepared)) == ["09:00", "09:15"]


def test_a_letter_without_microsite_warns_whoever_convenes_a_launch(core: Core, prepared: Meeting) -> None:
    core.initiative("biologicos", None, state="en_construccion", alerts_from=None)
    core.does("2026-08-12", "GG", "reunion.preparar", clase="lanzamiento", iniciativa="biologicos")
    assert "Advertencia: La dirección del micrositio" in convened(core, reunion="lanzamiento biologicos")


def test_a_meeting_that_passed_without_an_outcome_is_reminded_once(core: Core, prepared: Meeting) -> None:
    convened(core, fecha="2026-08-21")
    core.live("2026-08-13", "2026-08-23")
    assert core.notices("R24.resultado") == []
    core.live("2026-08-24", "2026-08-28")
    assert core.told("R24.resultado") == [("logros", "2026-08-24", "2026-08-24")]
    [notice] = core.notices("R24.resultado")
    assert (notice.post, notice.state, notice.due) == ("PL", "sent", prepared.on)


def test_what_was_recorded_or_moved_is_not_reminded(core: Core, prepared: Meeting) -> None:
    convened(core, fecha="2026-08-20")
    core.does(
        "2026-08-20", "GG", "reunion.realizada", reunion="logros astilleros", fecha="2026-08-20", por_definir="sí"
    )
    core.live("2026-08-21", "2026-08-25")
    assert core.notices("R24.resultado") == []


def test_a_meeting_with_another_date_by_then_is_not_told(core: Core, prepared: Meeting) -> None:
    convened(core, fecha="2026-08-20")
    core.sweep("2026-08-21", 7)
    convened(core, on="2026-08-21", hour=7, fecha="2026-08-27")
    core.live("2026-08-21")
    [notice] = core.notices("R24.resultado")
    assert notice.withdrawn_reason == "la reunión cambió de fecha"
