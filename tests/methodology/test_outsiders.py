"""People of another allowed organisation: Planning's tray asks who they are, and Planning says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from core_world import Core, at
from sqlalchemy import select

from methodology.first_contact import MOST_A_DAY, OUTSIDER_TITLE, QUIET, report_outsider
from methodology.people import actor_by_aad
from methodology.refusals import Stranger
from methodology.tray import waiting
from storage.history import Change, Deed
from storage.ledger import TrayItem
from storage.matrix import Person

AAD = "BBBBBBBB-0000-4000-8000-000000000001"
DAY = "2026-11-03"
NOW = at(DAY)


def wrote(core: Core, aad_id: str = AAD, days: int = 0, name: str = "Rosa\nMejía") -> bool:
    moment = NOW + timedelta(days=days)
    return report_outsider(core.session, aad_id, name, "rosa.mejia@entidad.example", moment)


def the_item(core: Core) -> TrayItem:
    (item,) = waiting(core.session)
    return item


def test_an_identity_is_listed_once_with_name_and_mail_and_nothing_else(both: Core) -> None:
    assert wrote(both)
    assert not wrote(both)
    assert not wrote(both, AAD.lower())
    item = the_item(both)
    assert item.title == OUTSIDER_TITLE
    assert item.detail == {"nombre": "Rosa Mejía", "mail": "rosa.mejia@entidad.example", "aad_id": AAD}


def test_planning_says_who_it_is_and_they_are_known_from_then_on(both: Core) -> None:
    person = both.person("Rosa Mejía", "LT", both.initiative())
    wrote(both)
    item = the_item(both)
    with pytest.raises(Stranger):
        actor_by_aad(both.session, AAD, NOW.date())
    said = both.does(DAY, "PL", "asunto.vincular", asunto=item.id, persona=person.mail)
    assert said.startswith("La cuenta de Teams queda vinculada con Rosa Mejía")
    assert actor_by_aad(both.session, AAD.lower(), NOW.date()).person_id == person.id
    assert (waiting(both.session), item.resolution.startswith("Vinculada con Rosa Mejía")) == ([], True)
    deed = both.session.scalars(select(Deed)).one()
    assert (deed.operation, deed.post, deed.given["persona"]) == ("asunto.vincular", "PL", person.mail)
    change = both.session.scalars(select(Change).where(Change.table == "person", Change.deed_id == deed.id)).one()
    assert (change.row_id, change.before["aad_id"], change.after["aad_id"]) == (person.id, None, AAD)


def test_neither_of_the_two_may_be_linked_already(core: Core) -> None:
    wrote(core)
    item = the_item(core).id
    taken, free = core.person("Ana Ruiz"), core.person("Luis Mora")
    taken.aad_id = "the-first-one"
    core.session.flush()
    assert "ya tiene" in core.refused(DAY, "PL", "asunto.vincular", asunto=item, persona="Ana Ruiz")
    taken.aad_id = AAD.lower()
    core.session.flush()
    assert "ya es de Ana Ruiz" in core.refused(DAY, "PL", "asunto.vincular", asunto=item, persona="Luis Mora")
    assert free.aad_id is None


def test_only_planning_links_and_only_this_kind_of_item_that_still_waits(core: Core) -> None:
    core.person("Luis Mora")
    wrote(core)
    outsider = the_item(core)
    given = {"asunto": outsider.id, "persona": "Luis Mora"}
    assert "corresponde a" in core.refused(DAY, "LT", "asunto.vincular", **given)
    outsider.kind = "turno_fallido"
    assert "no es de una persona" in core.refused(DAY, "PL", "asunto.vincular", **given)
    outsider.kind = "persona_externa"
    core.does(DAY, "PL", "asunto.resolver", asunto=outsider.id, motivo="No participa en el instrumento")
    assert "ya se resolvió" in core.refused(DAY, "PL", "asunto.vincular", **given)
    assert core.session.scalars(select(Person.aad_id).where(Person.name == "Luis Mora")).one() is None


def test_a_dismissed_person_is_not_listed_again_for_a_month(core: Core) -> None:
    wrote(core)
    core.does(DAY, "PL", "asunto.resolver", asunto=the_item(core).id, motivo="No participa en el instrumento")
    assert not wrote(core, days=QUIET.days - 1)
    assert waiting(core.session) == []
    assert wrote(core, days=QUIET.days + 1)
    assert len(core.all(TrayItem)) == 1


def test_a_flood_fills_the_tray_up_to_the_days_measure_and_says_so_once(core: Core) -> None:
    listed = [wrote(core, f"aad-{number}") for number in range(MOST_A_DAY + 5)]
    assert sum(listed) == MOST_A_DAY
    assert [item.kind for item in waiting(core.session)].count("personas_externas") == 1
    assert wrote(core, "aad-otro", days=1)
