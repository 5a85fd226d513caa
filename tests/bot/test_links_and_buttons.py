from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.links import BadLink, Links
from methodology import buttons
from methodology.clock import SettableClock
from methodology.people import Actor
from methodology.refusals import NotAllowed, NotFound, NotNow
from storage.db import Database
from storage.types import Base

NOW = datetime(2026, 11, 11, 15, tzinfo=UTC)
LEADER = Actor(1, "Lucía Bermúdez", "f", frozenset({("LT", 5)}))
OTHER = Actor(2, "Felipe Arango", "m", frozenset({("LT", 4)}))


def link(clock: SettableClock) -> tuple[Links, str]:
    links = Links(b"s" * 32, "https://soluciones.example", clock)
    return links, links.to("informe", "7", "/informes/7.pdf").partition("?t=")[2]


def test_a_link_opens_its_own_document_until_it_expires() -> None:
    clock = SettableClock(NOW)
    links, token = link(clock)
    links.check("informe", "7", token)
    with pytest.raises(BadLink, match="otro documento"):
        links.check("informe", "8", token)
    clock.set(NOW + timedelta(days=61))
    with pytest.raises(BadLink, match="venció"):
        links.check("informe", "7", token)


def test_a_link_signed_with_another_key_is_none() -> None:
    _, token = link(SettableClock(NOW))
    with pytest.raises(BadLink, match="no es válido"):
        Links(b"o" * 32, "https://soluciones.example", SettableClock(NOW)).check("informe", "7", token)


@pytest.fixture
def db() -> Database:
    database = Database("sqlite://")
    Base.metadata.create_all(database.engine)
    return database


def issued(db: Database, **more: object) -> str:
    def issue(session):
        return buttons.issue(
            session, "lote", ["alert.note"], {"alert": 1}, NOW, posts=("LT",), initiative_id=5, **more
        )[0]

    return db.do(issue)


def pressed(
    db: Database, token: str, actor: Actor = LEADER, place: str = "chat", activity: str = "a1", at: datetime = NOW
):
    return db.do(lambda s: buttons.press(s, token, actor=actor, place=place, activity_id=activity, now=at).verb)


def test_a_button_drawn_again_keeps_its_token(db: Database) -> None:
    assert issued(db) == issued(db)


def test_a_button_is_pressed_where_it_was_posted_and_nowhere_else(db: Database) -> None:
    token = issued(db)
    db.do(buttons.bind, "lote", "19:canal;messageid=7", "7")
    assert pressed(db, token, place="19:canal", activity="7") == "alert.note"
    for place, activity in (("19:otro", "7"), ("19:canal", "8")):
        with pytest.raises(NotFound):
            pressed(db, token, place=place, activity=activity)


def test_a_button_is_for_its_post_and_initiative(db: Database) -> None:
    with pytest.raises(NotAllowed):
        pressed(db, issued(db), actor=OTHER)


def test_a_button_expires(db: Database) -> None:
    with pytest.raises(NotNow, match="venció"):
        pressed(db, issued(db), at=NOW + timedelta(days=46))


def test_a_button_that_is_good_once_says_who_pressed_it(db: Database) -> None:
    token = issued(db, once=True)
    pressed(db, token)
    with pytest.raises(NotNow, match="Lucía Bermúdez"):
        pressed(db, token)


def test_an_invented_token_is_no_button(db: Database) -> None:
    with pytest.raises(NotFound):
        pressed(db, "inventado")


def test_the_last_message_with_a_button_is_none_where_it_was_drawn_anew_without_it(db: Database) -> None:
    def draw(session, scope: str, verb: str, at: datetime) -> str:
        where = buttons.Where("chat", "a1")
        buttons.issue(session, scope, [verb], {"month": "2026-11"}, at, initiative_id=5, where=where)
        return buttons.last_message(session, "item.save", 5, "chat", month="2026-11")

    assert db.do(draw, "ronda:1", "item.save", NOW) == "a1"
    assert db.do(draw, "tabla:1", "table.save", NOW + timedelta(minutes=1)) == ""
    assert db.do(draw, "ronda:2", "item.save", NOW + timedelta(minutes=2)) == "a1"
