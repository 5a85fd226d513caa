from __future__ import annotations

import re
from dataclasses import replace

import pytest
from core_world import Core, at, day

from methodology import agendas
from methodology.contents import Published
from methodology.operations import find, perform
from methodology.rules.states import Post
from methodology.script import doing_for, stand_in
from storage.history import Change
from storage.life import AgendaItem, Meeting, Prioritisation
from storage.matrix import Holding, Initiative, Obstacle, Setting, Solution

MICROSITE = "https://www.ejemplo.example/soluciones"
DATE = re.compile(r"\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d{2}-\d{2}|\d de [a-z]+ de \d{4}")


@pytest.fixture
def astilleros(core: Core) -> Initiative:
    """In construction, with two obstacles; the less urgent comes first in the table."""
    initiative = core.initiative("astilleros", None, state="en_construccion", alerts_from=None)
    for number, (kind, priority) in enumerate((("brecha", "Media"), ("barrera", "Alta")), 1):
        obstacle = core.add(
            Obstacle(initiative_id=initiative.id, theme="Materias primas", kind=kind, text=f"O{number}")
        )
        solution = core.add(Solution(obstacle=obstacle, text=f"S{number}"))
        core.action(f"AST-0{number}", due="2026-12-01", priority=priority, initiative=initiative, solution=solution)
    core.action("AST-03", due=None, priority="Baja", initiative=initiative)
    return initiative


def prepared(core: Core, **more: str) -> Meeting:
    core.does("2026-08-03", "GG", "reunion.preparar", clase="lanzamiento", iniciativa="astilleros", **more)
    return core.all(Meeting)[-1]


def items(core: Core) -> list[AgendaItem]:
    return agendas.items_of(core.session, core.all(Meeting)[-1])


def test_the_launch_has_five_points_in_their_order_with_speaker_content_and_minutes(
    core: Core, astilleros: Initiative
) -> None:
    meeting = prepared(core)
    points = items(core)
    assert [(p.position, p.kind, p.post) for p in points] == [
        (1, "saludo", "VM"),
        (2, "instrumento", "GG"),
        (3, "obstaculos", "LT"),
        (4, "discusion", "LT"),
        (5, "cierre", "GG"),
    ]
    assert [p.minutes for p in points] == [5, 10, 20, 20, 5]
    assert meeting.minutes == 60
    assert all(p.content and p.speaker for p in points)


def test_the_close_speaks_of_thanks_actors_reports_the_high_level_team_and_the_next_meeting(
    core: Core, astilleros: Initiative
) -> None:
    prepared(core)
    said = " ".join(items(core)[4].content)
    for word in ("Agradecimiento", "relevancia", "Actores", "reporte", "Equipo de Alto Nivel", "Próxima reunión"):
        assert word in said


def test_the_speakers_are_the_holders_of_the_day_with_gender_and_acting(core: Core, astilleros: Initiative) -> None:
    core.person("Ana Ruiz", "VM", until=day("2026-08-10"))
    late = core.person("Juan Paz", "VM", since=day("2026-08-11"), acting=True)
    late.gender = "m"
    prepared(core, fecha="2026-08-20")
    assert items(core)[0].speaker == "Juan Paz, Viceministro de Desarrollo Empresarial (E)"


def test_a_change_of_holder_after_the_preparation_shows_at_the_convening(core: Core, astilleros: Initiative) -> None:
    ana = core.person("Ana Ruiz", "VM")
    prepared(core, fecha="2026-08-20")
    assert items(core)[0].speaker == "Ana Ruiz, Viceministra de Desarrollo Empresarial"
    core.session.query(Holding).filter_by(person_id=ana.id).one().until = day("2026-08-10")
    core.person("Eva Sol", "VM", since=day("2026-08-11"))
    core.does("2026-08-12", "GG", "reunion.convocar", reunion="lanzamiento astilleros", hora="09:00")
    assert items(core)[0].speaker.startswith("Eva Sol")


def test_a_vacant_post_is_named_as_an_office(core: Core, astilleros: Initiative) -> None:
    prepared(core)
    assert items(core)[0].speaker == "Viceministerio de Desarrollo Empresarial"


def test_the_leaders_point_goes_from_obstacle_to_action_by_priority_and_shows_no_date(
    core: Core, astilleros: Initiative
) -> None:
    prepared(core)
    lines = items(core)[2].content
    assert lines[1:7] == [
        "Barrera: O2 (Materias primas)",
        "– Solución: S2",
        "– – [Alta] AST-02: Expedir la guía AST-02 (Invima)",
        "Brecha: O1 (Materias primas)",
        "– Solución: S1",
        "– – [Media] AST-01: Expedir la guía AST-01 (Invima)",
    ]
    assert lines[7:9] == ["Sin obstáculo asociado", "– – [Baja] AST-03: Expedir la guía AST-03 (Invima)"]
    assert not DATE.search(" ".join(line for item in items(core) for line in item.content))


def test_the_schedule_says_who_how_and_by_when_dates_are_defined(core: Core, astilleros: Initiative) -> None:
    prepared(core)
    schedule = items(core)[2].content[-1]
    assert "Definición conjunta de fechas" in schedule
    for word in ("Quién:", "Cómo:", "Cuándo: dentro de los 2 meses"):
        assert word in schedule


def test_the_roadmap_counts_by_priority(core: Core, astilleros: Initiative) -> None:
    prepared(core)
    assert items(core)[2].content[-2] == (
        "Hoja de ruta: 3 acciones (1 de prioridad alta, 1 de prioridad media, 1 de prioridad baja), "
        "a cargo de 1 entidad."
    )


def test_without_a_microsite_the_agenda_warns_and_shows_no_link(core: Core, astilleros: Initiative) -> None:
    told = core.does("2026-08-03", "GG", "reunion.preparar", clase="lanzamiento", iniciativa="astilleros")
    said = " ".join(items(core)[1].content)
    assert "Advertencia: La dirección del micrositio no está configurada" in told
    assert "Advertencia" in said
    assert "http" not in said


def test_with_a_microsite_the_agenda_carries_it_and_warns_of_nothing(core: Core, astilleros: Initiative) -> None:
    doing = doing_for(core.session, core.method, at("2026-08-03"))
    doing = replace(doing, actor=stand_in(Post.MANAGEMENT), published=Published(microsite=MICROSITE))
    given = {"clase": "lanzamiento", "iniciativa": "astilleros"}
    told = perform(doing, find("reunion.preparar"), given).sentence
    assert f"Micrositio del instrumento: {MICROSITE}" in items(core)[1].content
    assert "Advertencia" not in told


def test_words_speaker_and_minutes_of_a_point_can_be_edited_and_stay(core: Core, astilleros: Initiative) -> None:
    meeting = prepared(core, fecha="2026-08-20")
    point = items(core)[0]
    told = core.does(
        "2026-08-04", "LT", "reunion.agenda", punto=str(point.id), titulo="Apertura", ponente="Sara Díaz", minutos="8"
    )
    assert told.startswith("Punto 1: Apertura, Sara Díaz, 8 minutos. Advertencia: La agenda suma 63 minutos")
    core.does("2026-08-05", "GG", "reunion.convocar", reunion=str(meeting.id), hora="9:00")
    assert (point.title, point.speaker, point.minutes) == ("Apertura", "Sara Díaz", 8)
    assert len(items(core)) == 5


def test_a_launch_takes_no_sixth_point(core: Core, astilleros: Initiative) -> None:
    meeting = prepared(core)
    assert "cinco puntos" in core.refused(
        "2026-08-04", "GG", "reunion.agregar_punto", reunion=meeting.id, titulo="Varios"
    )


def test_only_an_initiative_in_construction_is_launched_and_once_at_a_time(core: Core, astilleros: Initiative) -> None:
    prepared(core)
    again = core.refused("2026-08-03", "LT", "reunion.preparar", clase="lanzamiento", iniciativa="astilleros")
    assert "Ya hay una reunión de esta clase sin realizar" in again
    core.initiative("biologicos")
    told = core.refused("2026-08-03", "LT", "reunion.preparar", clase="lanzamiento", iniciativa="biologicos")
    assert "en ejecución" in told
    assert "Indique la iniciativa" in core.refused("2026-08-03", "LT", "reunion.preparar", clase="lanzamiento")


# --- R7 ---------------------------------------------------------------------------------------------------------------


def validated(core: Core, sector: str, on: str = "2026-08-20", **more: str) -> str:
    values = {"quien": "Cámara de la Industria Naval"} | more
    return core.does(on, "LT", "priorizacion.validar", iniciativa="astilleros", sector=sector, **values)


def test_each_sector_validates_and_the_launch_shows_which_is_missing(core: Core, astilleros: Initiative) -> None:
    prepared(core)
    assert items(core)[3].content[-2:] == [
        "Priorización, sector público: pendiente de validar.",
        "Priorización, sector privado: pendiente de validar.",
    ]
    assert validated(core, "privado").endswith("Falta el sector público.")
    assert items(core)[3].content[-2:] == [
        "Priorización, sector público: pendiente de validar.",
        "Priorización, sector privado: validada el 20 de agosto de 2026 por Cámara de la Industria Naval.",
    ]
    assert validated(core, "público").endswith("La validaron los dos sectores.")


def test_a_validation_is_corrected_with_its_history(core: Core, astilleros: Initiative) -> None:
    validated(core, "privado")
    validated(core, "privado", "2026-08-21", quien="Asociación de Astilleros", observaciones="Con salvedad")
    [row] = core.all(Prioritisation)
    assert (row.by, row.remarks, row.on) == ("Asociación de Astilleros", "Con salvedad", day("2026-08-21"))
    changes = [row for row in core.all(Change) if row.table == "prioritisation"]
    assert changes[-1].before["by"] == "Cámara de la Industria Naval"


def test_a_validation_is_not_of_a_day_to_come(core: Core, astilleros: Initiative) -> None:
    given = {"iniciativa": "astilleros", "sector": "privado", "quien": "Gremio", "fecha": "2026-08-22"}
    assert "posterior a hoy" in core.refused("2026-08-21", "LT", "priorizacion.validar", **given)


# --- R8 and what follows ----------------------------------------------------------------------------------------------


def close(core: Core, on: str = "2026-08-20", **more: str) -> str:
    return core.does(on, "GG", "reunion.realizada", reunion="lanzamiento astilleros", **more)


def test_a_launch_is_not_closed_without_its_next_date_or_por_definir(core: Core, astilleros: Initiative) -> None:
    prepared(core, fecha="2026-08-20")
    refused = core.refused("2026-08-20", "GG", "reunion.realizada", reunion="lanzamiento astilleros")
    assert "por definir" in refused
    given = {"reunion": "lanzamiento astilleros", "proxima_fecha": "2026-11-20", "por_definir": "sí"}
    assert "no ambas" in core.refused("2026-08-20", "GG", "reunion.realizada", **given)
    given = {"reunion": "lanzamiento astilleros", "proxima_fecha": "2026-08-20"}
    assert "posterior a esta" in core.refused("2026-08-20", "GG", "reunion.realizada", **given)
    given = {"reunion": "lanzamiento astilleros", "por_definir": "sí", "fecha": "2026-08-21"}
    assert "posterior a hoy" in core.refused("2026-08-20", "GG", "reunion.realizada", **given)
    assert astilleros.state == "en_construccion"
    assert "Próxima reunión: viernes 20 de noviembre de 2026." in close(core, proxima_fecha="2026-11-20")


def test_the_held_launch_puts_the_initiative_into_execution_from_that_day(core: Core, astilleros: Initiative) -> None:
    prepared(core, fecha="2026-08-20")
    told = close(core, on="2026-08-24", por_definir="sí")
    assert (astilleros.state, astilleros.launch) == ("en_ejecucion", day("2026-08-20"))
    assert (astilleros.alerts_from, astilleros.met_last_on) == (day("2026-08-20"), day("2026-08-20"))
    assert "Falta que valide la priorización el sector público y el privado." in told


def test_alerts_begin_with_the_service_when_that_is_later(core: Core, astilleros: Initiative) -> None:
    core.add(Setting(key="arranque.fecha", value="2026-09-01"))
    prepared(core, fecha="2026-08-20")
    close(core, por_definir="sí")
    assert astilleros.alerts_from == day("2026-09-01")


def test_what_is_due_within_15_days_of_the_launch_is_told_from_that_day(core: Core, astilleros: Initiative) -> None:
    core.action("AST-08", due="2026-08-28", initiative=astilleros)
    core.action("AST-09", due="2026-08-19", initiative=astilleros)
    core.sweep("2026-08-19")
    prepared(core, fecha="2026-08-20")
    close(core, por_definir="sí")
    core.sweep("2026-08-20", 11)
    core.live("2026-08-21", "2026-09-25")
    assert core.told("R19") == [("AST-08", "2026-08-20", "2026-08-20")]
    assert core.told("R15") == [("AST-09", "2026-09-19", "2026-09-21")]


def test_the_undated_action_is_reminded_two_months_after_the_launch(core: Core, astilleros: Initiative) -> None:
    prepared(core, fecha="2026-08-20")
    close(core, por_definir="sí")
    core.sweep("2026-10-19")
    assert core.notices("R9") == []
    core.sweep("2026-10-20")
    assert core.told("R9") == [("AST-03", "2026-10-20", "2026-10-20")]


def test_only_the_discussion_of_a_launch_comes_back_in_the_first_reunion_de_logros(
    core: Core, astilleros: Initiative
) -> None:
    prepared(core, fecha="2026-08-20")
    assert "Vuelven en la siguiente agenda: 1." in close(core, por_definir="sí")
    core.does("2026-09-01", "LT", "reunion.preparar", clase="logros", iniciativa="astilleros")
    assert [(p.kind, p.returns_id is not None) for p in items(core)] == [
        ("avances", False),
        ("logros", False),
        ("discusion", True),
    ]


def test_fifteen_days_after_por_definir_the_leader_is_reminded(core: Core, astilleros: Initiative) -> None:
    prepared(core, fecha="2026-08-20")
    close(core, por_definir="sí")
    core.sweep("2026-09-03")
    assert core.notices("R8") == []
    core.sweep("2026-09-04")
    assert core.told("R8") == [("lanzamiento", "2026-09-04", "2026-09-04")]
    core.sweep("2026-09-05")
    assert len(core.notices("R8")) == 1


def test_the_reminder_is_caught_up_and_keeps_its_own_days(core: Core, astilleros: Initiative) -> None:
    astilleros.overrides = {"proxima_reunion.dias": 20}
    prepared(core, fecha="2026-08-20")
    close(core, por_definir="sí")
    core.sweep("2026-08-21")
    core.sweep("2026-09-14")
    assert core.told("R8") == [("lanzamiento", "2026-09-09", "2026-09-09")]


def test_with_its_date_or_another_meeting_the_leader_is_not_reminded(core: Core, astilleros: Initiative) -> None:
    prepared(core, fecha="2026-08-20")
    close(core, por_definir="sí")
    core.does("2026-08-25", "LT", "reunion.proxima", reunion="lanzamiento astilleros", fecha="2026-11-20")
    core.sweep("2026-09-04")
    assert core.notices("R8") == []


def test_what_waits_is_withdrawn_when_the_next_date_is_known(core: Core, astilleros: Initiative) -> None:
    prepared(core, fecha="2026-08-20")
    close(core, por_definir="sí")
    core.sweep("2026-09-04")
    assert "posterior a hoy" in core.refused(
        "2026-09-04", "LT", "reunion.proxima", reunion="lanzamiento astilleros", fecha="2026-09-04"
    )
    core.does("2026-09-04", "LT", "reunion.proxima", reunion="lanzamiento astilleros", fecha="2026-11-20")
    assert core.notices("R8")[0].withdrawn_reason == "la próxima reunión ya tiene fecha"


def test_a_next_meeting_being_prepared_withdraws_the_reminder_and_takes_the_agreed_date(
    core: Core, astilleros: Initiative
) -> None:
    prepared(core, fecha="2026-08-20")
    close(core, proxima_fecha="2026-11-20")
    core.does("2026-09-01", "LT", "reunion.preparar", clase="logros", iniciativa="astilleros")
    assert core.all(Meeting)[-1].on == day("2026-11-20")
    core.sweep("2026-09-04")
    assert core.notices("R8") == []


def test_nobody_else_may(core: Core, astilleros: Initiative) -> None:
    assert "corresponde a" in core.refused(
        "2026-08-03", "VM", "reunion.preparar", clase="lanzamiento", iniciativa="astilleros"
    )
    other = core.initiative("otra", "2026-01-15")
    mail = core.person("Otra Persona", "LT", other).mail
    assert "corresponde a" in core.refused(
        "2026-08-03", mail, "reunion.preparar", clase="lanzamiento", iniciativa="astilleros"
    )
