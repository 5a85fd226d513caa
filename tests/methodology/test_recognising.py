"""A new identity in Teams and the directory of people: who is recognised, and who never is."""

from __future__ import annotations

from core_world import Core, at
from sqlalchemy import select

from methodology.first_contact import SYSTEM, recognise
from methodology.people import actor_by_aad
from methodology.refusals import Stranger
from methodology.tray import waiting
from storage.history import Change

AAD = "aaaaaaaa-0000-4000-8000-000000000001"
NOW = at("2026-11-03")


def test_the_one_person_of_that_mail_is_known_from_then_on_and_planning_sees_it(both: Core) -> None:
    person = both.person("Ana Ruiz", "PL")
    assert recognise(both.session, AAD, {"ANA.RUIZ@operador.example", "otro@operador.example"}, NOW)
    assert actor_by_aad(both.session, AAD, NOW.date()).name == "Ana Ruiz"
    change = both.session.scalars(select(Change).where(Change.table == "person")).one()
    assert (change.author, change.row_id, change.after["aad_id"]) == (SYSTEM, person.id, AAD)
    assert [item.title for item in waiting(both.session)] == [
        "Ana Ruiz escribió por primera vez en Teams y se le reconoció por su correo"
    ]


def test_an_identity_is_never_replaced_nor_given_twice(core: Core) -> None:
    known = core.person("Ana Ruiz")
    known.aad_id = "the-first-one"
    core.session.flush()
    assert not recognise(core.session, AAD, {known.mail}, NOW)
    other = core.person("Luis Mora")
    assert not recognise(core.session, "THE-FIRST-ONE", {other.mail}, NOW)
    assert (known.aad_id, other.aad_id) == ("the-first-one", None)


def test_nobody_is_guessed_from_two_people_or_from_nothing(core: Core) -> None:
    one, two = core.person("Ana Ruiz"), core.person("Luis Mora")
    assert not recognise(core.session, AAD, {one.mail, two.mail}, NOW)
    assert not recognise(core.session, AAD, {"", " "}, NOW)
    assert not recognise(core.session, AAD, {"nadie@operador.example"}, NOW)
    assert waiting(core.session) == []


def test_a_stranger_and_somebody_without_a_post_read_the_same_words(core: Core) -> None:
    nobody = core.person("Ana Ruiz")
    nobody.aad_id = AAD
    core.session.flush()
    said = []
    for aad_id in (AAD, "unknown"):
        try:
            actor_by_aad(core.session, aad_id, NOW.date())
        except Exception as exc:  # noqa: BLE001 - both kinds are compared
            said.append((str(exc), isinstance(exc, Stranger)))
    assert said == [(said[0][0], False), (said[0][0], True)]
