"""Posts and dated holders, «(E)», absences with substitutes, several leaders (R11; method.md, edge cases)."""

from __future__ import annotations

import pytest
from core_world import Core, day

from methodology.people import absence_of, actor_by_aad, actor_of, holders, is_acting
from storage.life import Absence
from storage.matrix import Holding, Person

NEW = {"nombre": "Luisa Peña Mora", "genero": "f", "correo": "luisa.pena@mincit.example"}


def _names(core: Core, post: str, on: str) -> list[str]:
    initiative = core.first_initiative()
    return [person.name for person in holders(core.session, post, initiative.id, day(on))]


@pytest.fixture
def staffed(core: Core) -> Core:
    core.initiative()
    core.person("Pedro Ruiz", "VM")
    core.person("Ana Gil", "LT", core.first_initiative())
    core.person("Eva Soto")
    return core


def test_a_new_vice_minister_takes_over_on_the_day_and_acting_is_said(staffed: Core) -> None:
    said = staffed.does("2026-11-10", "PL", "persona.cargo", cargo="VM", desde="16/11/2026", encargo="sí", **NEW)
    assert said == "Luisa Peña Mora: Viceministra de Desarrollo Empresarial (E) desde el 16 de noviembre de 2026."
    assert (_names(staffed, "VM", "2026-11-15"), _names(staffed, "VM", "2026-11-16")) == (
        ["Pedro Ruiz"],
        ["Luisa Peña Mora"],
    )
    luisa = staffed.all(Person)[-1]
    assert is_acting(staffed.session, luisa.id, "VM", None, day("2026-11-16"))


def _takes(core: Core, since: str, until: str = "", **who: str) -> str:
    given = {"cargo": "VM", "desde": since} | ({"hasta": until} if until else {}) | NEW | who
    return core.does("2026-11-10", "PL", "persona.cargo", **given)


OTHER = {"nombre": "Marta Ríos", "correo": "marta.rios@mincit.example"}


def test_after_somebody_with_a_last_day_the_former_is_back(staffed: Core) -> None:
    _takes(staffed, "16/11/2026", "20/11/2026", encargo="sí")
    around = [_names(staffed, "VM", f"2026-11-{n}") for n in (15, 16, 20, 21)]
    assert around == [["Pedro Ruiz"], ["Luisa Peña Mora"], ["Luisa Peña Mora"], ["Pedro Ruiz"]]


@pytest.mark.parametrize("since", ["16/11/2026", "13/11/2026", "18/11/2026"])
def test_a_second_appointment_leaves_one_holder_a_day(staffed: Core, since: str) -> None:
    """The same day, before or during the first: whoever is named last holds the post from then on."""
    _takes(staffed, "16/11/2026", "20/11/2026", encargo="sí")
    _takes(staffed, since, **OTHER)
    assert [len(_names(staffed, "VM", f"2026-11-{n}")) for n in range(12, 26)] == [1] * 14
    assert [_names(staffed, "VM", f"2026-11-{n}") for n in (18, 25)] == [["Marta Ríos"], ["Marta Ríos"]]


def test_time_in_a_post_that_is_over_is_not_lost(staffed: Core) -> None:
    _takes(staffed, "2/11/2026", "6/11/2026")
    refused = staffed.refused("2026-11-10", "PL", "persona.cargo", cargo="VM", desde="2/11/2026", **(NEW | OTHER))
    assert "Luisa Peña Mora ocupó el cargo del 2/11/2026 al 6/11/2026" in refused


def test_somebody_elses_teams_identity_is_refused(staffed: Core) -> None:
    staffed.all(Person)[0].aad_id = "aad-1"
    refused = staffed.refused("2026-11-10", "PL", "persona.cargo", cargo="VM", desde="16/11/2026", aad="aad-1", **NEW)
    assert "es de Pedro Ruiz" in refused


def test_an_initiative_may_have_several_leaders(staffed: Core) -> None:
    staffed.does("2026-11-10", "PL", "persona.cargo", cargo="LT", desde="10/11/2026", iniciativa="biologicos", **NEW)
    assert _names(staffed, "LT", "2026-11-10") == ["Ana Gil", "Luisa Peña Mora"]


def test_a_leader_leads_an_initiative(staffed: Core) -> None:
    assert "Indique la iniciativa" in staffed.refused(
        "2026-11-10", "PL", "persona.cargo", cargo="LT", desde="10/11/2026", **NEW
    )


def test_only_planning_appoints(staffed: Core) -> None:
    refused = staffed.refused("2026-11-10", "LT", "persona.cargo", cargo="VM", desde="16/11/2026", **NEW)
    assert "corresponde a" in refused


def test_whoever_is_away_is_answered_for_by_the_substitute_on_those_days_alone(staffed: Core) -> None:
    staffed.does(
        "2026-11-10",
        "ana.gil@operador.example",
        "persona.ausencia",
        desde="24/11/2026",
        hasta="27/11/2026",
        suplente="Eva Soto",
    )
    around = [_names(staffed, "LT", f"2026-11-{n}") for n in (23, 24, 27, 28)]
    assert around == [["Ana Gil"], ["Eva Soto"], ["Eva Soto"], ["Ana Gil"]]
    eva = staffed.session.query(Person).filter_by(name="Eva Soto").one()
    assert actor_of(staffed.session, eva, day("2026-11-24")).holds(["LT"])
    assert not actor_of(staffed.session, eva, day("2026-11-28")).holds(["LT"])


def test_without_a_substitute_the_holder_still_reads_and_shows_as_away(staffed: Core) -> None:
    staffed.does("2026-11-10", "ana.gil@operador.example", "persona.ausencia", desde="24/11/2026", hasta="27/11/2026")
    ana = staffed.session.query(Person).filter_by(name="Ana Gil").one()
    assert absence_of(staffed.session, ana.id, day("2026-11-24")) is not None
    assert _names(staffed, "LT", "2026-11-24") == ["Ana Gil"]


def test_the_listed_substitute_answers_unless_the_absence_names_another(staffed: Core) -> None:
    eva, pedro = (staffed.session.query(Person).filter_by(name=name).one() for name in ("Eva Soto", "Pedro Ruiz"))
    ana = staffed.session.query(Person).filter_by(name="Ana Gil").one()
    for holding in staffed.session.query(Holding).filter_by(person_id=ana.id):
        holding.substitute = eva
    mail = "ana.gil@operador.example"
    staffed.does("2026-11-10", mail, "persona.ausencia", desde="24/11/2026", hasta="25/11/2026")
    staffed.does("2026-11-10", mail, "persona.ausencia", desde="26/11/2026", hasta="27/11/2026", suplente="Pedro Ruiz")
    assert [_names(staffed, "LT", f"2026-11-{n}") for n in (23, 24, 26)] == [["Ana Gil"], ["Eva Soto"], ["Pedro Ruiz"]]
    leads = [
        [bool(actor_of(staffed.session, who, day(f"2026-11-{n}")).initiatives("LT")) for n in (23, 24, 26)]
        for who in (eva, pedro)
    ]
    assert leads == [[False, True, False], [False, False, True]]


def test_somebody_elses_absence_is_plannings_to_record(staffed: Core) -> None:
    span = {"desde": "24/11/2026", "hasta": "27/11/2026", "persona": "Ana Gil"}
    assert "corresponde a" in staffed.refused("2026-11-10", "pedro.ruiz@operador.example", "persona.ausencia", **span)
    staffed.does("2026-11-10", "PL", "persona.ausencia", **span)


@pytest.mark.parametrize(
    ("span", "sentence"),
    [
        ({"desde": "27/11/2026", "hasta": "24/11/2026"}, "no puede ser anterior"),
        ({"desde": "24/11/2026", "hasta": "27/11/2026", "suplente": "Ana Gil"}, "El suplente es otra persona"),
    ],
)
def test_an_absence_that_makes_no_sense_is_refused(staffed: Core, span: dict[str, str], sentence: str) -> None:
    assert sentence in staffed.refused("2026-11-10", "ana.gil@operador.example", "persona.ausencia", **span)


def test_two_absences_do_not_overlap(staffed: Core) -> None:
    ana = "ana.gil@operador.example"
    staffed.does("2026-11-10", ana, "persona.ausencia", desde="24/11/2026", hasta="27/11/2026")
    refused = staffed.refused("2026-11-10", ana, "persona.ausencia", desde="26/11/2026", hasta="30/11/2026")
    assert "24/11/2026 al 27/11/2026" in refused
    around = staffed.refused("2026-11-10", ana, "persona.ausencia", desde="20/11/2026", hasta="30/11/2026")
    assert "24/11/2026 al 27/11/2026" in around


def test_back_earlier_than_said(staffed: Core) -> None:
    ana = "ana.gil@operador.example"
    staffed.does("2026-11-10", ana, "persona.ausencia", desde="24/11/2026", hasta="27/11/2026", suplente="Eva Soto")
    staffed.does("2026-11-26", ana, "persona.regreso")
    assert [_names(staffed, "LT", f"2026-11-{n}") for n in (25, 26)] == [["Eva Soto"], ["Ana Gil"]]
    assert "no tiene una ausencia" in staffed.refused("2026-11-26", ana, "persona.regreso")


def test_an_absence_that_had_not_begun_is_forgotten(staffed: Core) -> None:
    ana = "ana.gil@operador.example"
    staffed.does("2026-11-10", ana, "persona.ausencia", desde="24/11/2026", hasta="27/11/2026")
    staffed.does("2026-11-12", ana, "persona.regreso")
    assert staffed.all(Absence) == []


def test_whoever_leaves_a_post_holds_it_to_the_last_day(staffed: Core) -> None:
    staffed.does("2026-11-10", "PL", "persona.retiro", persona="Ana Gil", cargo="LT", hasta="20/11/2026")
    assert [_names(staffed, "LT", f"2026-11-{n}") for n in (20, 21)] == [["Ana Gil"], []]


def test_one_identity_in_two_spellings_lends_nobody_the_posts_of_another(staffed: Core) -> None:
    for name, identity in (("Ana Gil", "ABC-def"), ("Pedro Ruiz", "abc-DEF")):
        staffed.session.query(Person).filter(Person.name == name).one().aad_id = identity
    pedro = actor_by_aad(staffed.session, "abc-def", day("2026-11-10"))
    assert (pedro.name, {post for post, _ in pedro.posts}) == ("Pedro Ruiz", {"VM"})


def test_an_identity_is_refused_however_it_is_spelt(staffed: Core) -> None:
    staffed.session.query(Person).filter(Person.name == "Ana Gil").one().aad_id = "ABC-def"
    refused = staffed.refused("2026-11-10", "PL", "persona.cargo", cargo="VM", desde="16/11/2026", aad="abc-DEF", **NEW)
    assert "es de Ana Gil" in refused
