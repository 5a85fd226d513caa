from __future__ import annotations

from datetime import date

import pytest
from core_world import INVIMA, Core, at, day

from methodology import tray
from methodology.method import Method
from methodology.people import Actor
from methodology.refusals import NotNow
from methodology.silence import answered, approaches, promise, reached_out, unreachable
from storage.ledger import Alert, InboundMail, Outreach, Silence
from storage.matrix import Action

DIAN = "Dirección de Impuestos y Aduanas Nacionales (DIAN)"


@pytest.fixture
def action(core: Core) -> Action:
    return core.action("BIO-01", due="2027-10-31")


def _reach(core: Core, *days: str, name: str = INVIMA) -> None:
    codes = [row.code for row in core.all(Action) if row.entity.name == name]
    for on in days:
        reached_out(core.session, core.entity(name).id, codes, day(on))


def _raised(core: Core) -> list[tuple[str, date]]:
    return [(row.initiative.slug, row.raised_on) for row in core.all(Alert)]


def test_two_outreaches_and_ten_habiles_since_the_first_raise_one_alert(core: Core, action: Action) -> None:
    _reach(core, "2026-11-11", "2026-11-20")
    core.sweep("2026-11-25")
    assert _raised(core) == []
    core.sweep("2026-11-26")
    core.sweep("2026-11-27")
    assert _raised(core) == [("biologicos", day("2026-11-26"))]
    assert core.told("R16") == [("Invima", "2026-11-26", "2026-11-26")]


def test_one_outreach_is_not_enough_however_long_ago(core: Core, action: Action) -> None:
    _reach(core, "2026-09-01")
    core.sweep("2026-11-26")
    assert _raised(core) == []


def test_a_second_outreach_after_the_ten_habiles_raises_it_that_day(core: Core, action: Action) -> None:
    _reach(core, "2026-11-03", "2026-11-27")
    core.sweep("2026-11-27")
    assert _raised(core) == [("biologicos", day("2026-11-27"))]


def test_a_day_the_service_was_down_is_caught_up_with_its_own_date(core: Core, action: Action) -> None:
    _reach(core, "2026-11-11", "2026-11-20")
    core.sweep("2026-12-02")
    assert core.told("R16") == [("Invima", "2026-11-26", "2026-11-26")]


PLANNING = Actor(99, "Carolina Suárez", "f", frozenset({("PL", None)}))


def _promise(core: Core, until: str, today: str) -> date:
    return promise(core.session, core.entity(INVIMA), day(until), actor=PLANNING, method=Method(), today=day(today))


def test_a_promised_date_delays_the_alert_to_the_habil_day_after_it(core: Core, action: Action) -> None:
    _reach(core, "2026-11-11", "2026-11-20")
    _promise(core, "2026-11-27", "2026-11-25")
    core.sweep("2026-11-27")
    assert _raised(core) == []
    core.sweep("2026-11-30")
    assert _raised(core) == [("biologicos", day("2026-11-30"))]


def test_a_promise_holds_five_habiles_at_most_and_only_twice(core: Core, action: Action) -> None:
    _reach(core, "2026-11-11", "2026-11-20")
    assert _promise(core, "2026-12-31", "2026-11-25") == day("2026-12-02")
    assert _promise(core, "2026-12-31", "2026-12-02") == day("2026-12-10")
    with pytest.raises(NotNow, match="dos veces"):
        _promise(core, "2026-12-31", "2026-12-10")


def test_a_promise_without_a_silence_is_refused(core: Core, action: Action) -> None:
    with pytest.raises(NotNow, match="no hay un silencio"):
        _promise(core, "2026-12-31", "2026-11-25")


def test_each_initiative_has_its_own_episode(core: Core, action: Action) -> None:
    core.action("AST-01", due="2027-10-31", initiative=core.initiative("astilleros"))
    _reach(core, "2026-11-11", "2026-11-20")
    answered(core.session, action.entity_id, [action.initiative_id], day("2026-11-24"))
    core.sweep("2026-11-26")
    assert _raised(core) == [("astilleros", day("2026-11-26"))]


def test_an_answer_ends_the_episode_and_the_next_starts_from_one(core: Core, action: Action) -> None:
    _reach(core, "2026-11-11")
    answered(core.session, action.entity_id, [action.initiative_id], day("2026-11-12"))
    _reach(core, "2026-11-20")
    core.sweep("2026-12-30")
    assert _raised(core) == []
    assert [row.outreaches for row in core.all(Silence)] == [1, 1]


def test_a_later_reply_closes_the_alert_as_respondida_tarde(core: Core, action: Action) -> None:
    _reach(core, "2026-11-11", "2026-11-20")
    core.sweep("2026-11-26")
    answered(core.session, action.entity_id, [action.initiative_id], day("2026-11-27"))
    assert (core.alert().state, core.alert().closed_because) == ("cerrada", "respondida_tarde")
    assert core.notices("R16")[0].state == "withdrawn"


def test_a_new_silence_after_an_answer_raises_a_second_alert(core: Core, action: Action) -> None:
    _reach(core, "2026-09-01", "2026-09-10")
    core.sweep("2026-09-30")
    answered(core.session, action.entity_id, [action.initiative_id], day("2026-10-01"))
    _reach(core, "2026-11-11", "2026-11-20")
    core.sweep("2026-11-26")
    assert [on for _, on in _raised(core)] == [day("2026-09-15"), day("2026-11-26")]


def _mailbox(core: Core, on: str, *, readable: bool) -> None:
    if readable:
        tray.settle(core.session, tray.UNREAD_MAILBOX, "buzon", "el buzón se volvió a leer", at(on))
    else:
        tray.put(core.session, tray.UNREAD_MAILBOX, "buzon", "El buzón no se puede leer", {}, at(on))


def test_nobody_is_called_silent_while_the_mailbox_cannot_be_read(core: Core, action: Action) -> None:
    _reach(core, "2026-11-11", "2026-11-20")
    _mailbox(core, "2026-11-25", readable=False)
    core.sweep("2026-11-27")
    assert _raised(core) == []
    _mailbox(core, "2026-11-30", readable=True)
    core.sweep("2026-11-30")
    assert _raised(core) == [("biologicos", day("2026-11-26"))]


def test_nobody_is_called_silent_while_stored_mail_was_not_read(core: Core, action: Action) -> None:
    _reach(core, "2026-11-11", "2026-11-20")
    values = {"message_id": "<a@b.example>", "envelope_from": "", "raw": b"", "received_at": at("2026-11-25")}
    mail = core.add(InboundMail(**values, state="new"))
    core.sweep("2026-11-26")
    assert _raised(core) == []
    mail.state = "processed"
    core.sweep("2026-11-26")
    assert _raised(core) == [("biologicos", day("2026-11-26"))]


def test_nothing_is_reiterated_while_the_mailbox_cannot_be_read(core: Core, action: Action) -> None:
    core.live("2026-11-11", "2026-11-19")
    _mailbox(core, "2026-11-19", readable=False)
    core.live("2026-11-20", "2026-11-23")
    assert core.notices("R14.reiteracion") == []
    _mailbox(core, "2026-11-24", readable=True)
    core.live("2026-11-24")
    assert [row.recorded_on for row in core.notices("R14.reiteracion")] == [day("2026-11-20")]


def test_a_bounce_stops_the_clock(core: Core, action: Action) -> None:
    _reach(core, "2026-11-11", "2026-11-20")
    unreachable(core.session, action.entity_id, day("2026-11-21"))
    core.sweep("2026-12-30")
    assert _raised(core) == []
    assert core.all(Silence)[0].ended_because == "contacto inválido"


def test_nobody_is_silent_about_what_is_over(core: Core, action: Action) -> None:
    _reach(core, "2026-11-11", "2026-11-20")
    action.state = "cumplida"
    core.sweep("2026-11-26")
    assert _raised(core) == []


def test_the_operator_itself_raises_no_silence_alert(core: Core) -> None:
    core.entity(DIAN, internal=True)
    core.action("BIO-02", due="2027-10-31", entity=DIAN)
    _reach(core, "2026-11-11", "2026-11-20", name=DIAN)
    core.sweep("2026-11-26")
    assert _raised(core) == []


def test_what_was_done_is_said_in_words(core: Core, action: Action) -> None:
    assert approaches(core.session, action.entity_id, action.initiative_id) == ""
    _reach(core, "2026-11-11", "2026-11-20")
    told = approaches(core.session, action.entity_id, action.initiative_id)
    assert told == "2 acercamientos, el último el 20/11/2026"


def test_an_initiative_not_launched_yet_has_no_silence(core: Core, action: Action) -> None:
    core.action("AST-01", due="2027-10-31", initiative=core.initiative("astilleros", launch="2027-01-20"))
    core.live("2026-11-11", "2026-11-27")
    assert _raised(core) == [("biologicos", day("2026-11-26"))]


def test_an_answer_about_one_initiative_leaves_the_reminder_of_the_others(core: Core, action: Action) -> None:
    other = core.action("AST-01", due="2027-10-31", initiative=core.initiative("astilleros"))
    core.live("2026-11-11")
    core.all(Outreach)[0].answered_on = day("2026-11-12")
    answered(core.session, action.entity_id, [action.initiative_id], day("2026-11-12"))
    core.live("2026-11-20")
    assert [notice.state for notice in core.notices("R14.reiteracion")] == ["sent"]
    assert core.all(Outreach)[-1].asked == ["AST-01"]
    running = [row.initiative_id for row in core.all(Silence) if row.ended_on is None]
    assert running == [other.initiative_id]


def test_nobody_is_silent_about_what_was_met(core: Core) -> None:
    core.action("BIO-01", due="2026-12-18")
    entity = core.entity()
    for on in ("2026-11-03", "2026-11-10"):
        reached_out(core.session, entity.id, ["BIO-01"], day(on))
    core.live("2026-11-18", "2026-11-19")
    assert core.alert().state == "abierta"
    core.does("2026-11-19", "LT", "accion.cumplida", accion="BIO-01", fecha="19/11/2026", evidencia="Acta 12")
    assert (core.alert().state, core.alert().closed_because) == ("cerrada", "sin_efecto")
    core.live("2026-11-20", "2026-11-30")
    assert core.told("R17") == []


def test_an_approach_told_late_counts_from_its_own_day(core: Core, action: Action) -> None:
    _reach(core, "2026-11-19", "2026-11-04")
    silence = core.all(Silence)[0]
    assert (silence.first_on, silence.last_on, silence.outreaches) == (day("2026-11-04"), day("2026-11-19"), 2)
    core.sweep("2026-11-20")
    assert _raised(core) == [("biologicos", day("2026-11-19"))]


def test_an_approach_told_after_the_answer_opens_no_new_silence(core: Core, action: Action) -> None:
    _reach(core, "2026-11-04")
    answered(core.session, core.entity().id, [action.initiative_id], day("2026-11-18"))
    _reach(core, "2026-11-05", "2026-11-06")
    core.sweep("2026-12-20")
    assert (_raised(core), len(core.all(Silence))) == ([], 1)
    _reach(core, "2026-11-19")
    assert [row.ended_on for row in core.all(Silence)] == [day("2026-11-18"), None]


def test_a_raised_alert_keeps_the_day_by_which_it_is_known(core: Core, action: Action) -> None:
    _reach(core, "2026-11-11", "2026-11-20")
    core.sweep("2026-11-26")
    _reach(core, "2026-11-04")
    core.sweep("2026-11-27")
    assert core.all(Silence)[0].first_on == day("2026-11-11")
    assert len(_raised(core)) == 1


def test_another_action_given_to_a_silent_entity_leaves_its_silence(core: Core, action: Action) -> None:
    core.action("BIO-02", due="2027-10-31", entity=DIAN)
    _reach(core, "2026-11-11", "2026-11-20")
    given = {"accion": "BIO-02", "entidad": "Invima", "motivo": "Cambio de competencia"}
    core.does("2026-11-24", "LT", "accion.reasignar", **given)
    core.sweep("2026-11-26")
    assert _raised(core) == [("biologicos", day("2026-11-26"))]
