"""Who has not answered, and what falls due: promises of the questions that planning asks."""

from __future__ import annotations

from core_world import INVIMA, Core, at, day

from methodology import tray
from methodology.answers import count
from methodology.outreaches import record_outreach
from methodology.owing import due_soon, silent_entities
from methodology.replies import TO_CLASSIFY, store_raw
from methodology.silence import reached_out
from storage.ledger import InboundMail

DIAN = "Dirección de Impuestos y Aduanas Nacionales (DIAN)"


def _asked(core: Core, name: str, on: str, *codes: str) -> None:
    entity = core.entity(name)
    record_outreach(core.session, entity.id, "2026-11", "solicitud", day(on), token=f"{name}{on}", asked=codes)
    reached_out(core.session, entity.id, codes, day(on))


def _silent(core: Core, *slugs: str) -> list[tuple[str, tuple[str, ...], int]]:
    ids = [core.initiative(slug).id for slug in slugs] if slugs else [core.first_initiative().id]
    return [(s.entity.short, s.codes, s.approaches) for s in silent_entities(core.session, ids, day("2026-11-26"))]


def test_an_entity_owes_an_answer_from_its_request_until_it_answers(core: Core) -> None:
    core.action("BIO-01")
    assert _silent(core) == []
    _asked(core, INVIMA, "2026-11-11", "BIO-01")
    _asked(core, INVIMA, "2026-11-20", "BIO-01")
    assert _silent(core) == [("Invima", ("BIO-01",), 2)]
    count(core.session, core.entity().id, "2026-11", [core.first_initiative().id], day("2026-11-24"))
    assert _silent(core) == []


def test_one_whose_mail_waits_in_the_tray_is_named_and_so_said(core: Core) -> None:
    core.action("BIO-01")
    _asked(core, INVIMA, "2026-11-11", "BIO-01")
    mail_id = store_raw(core.session, b"x", "<1@invima.example>", "a@invima.example", at("2026-11-12"))
    mail = core.session.get_one(InboundMail, mail_id)
    mail.kind, mail.entity_id = "reply", core.entity().id
    tray.put(core.session, TO_CLASSIFY, str(mail.id), "Por leer", {}, at("2026-11-12"))
    core.session.flush()
    [one] = silent_entities(core.session, [core.first_initiative().id], day("2026-11-26"))
    assert (one.entity.short, one.waits) == ("Invima", True)


def test_only_the_initiatives_that_were_named_are_looked_at(core: Core) -> None:
    core.action("BIO-01")
    _asked(core, INVIMA, "2026-11-11", "BIO-01")
    assert _silent(core, "astilleros") == []


def test_the_longest_silent_comes_first(core: Core) -> None:
    core.action("BIO-01")
    core.action("BIO-02", entity=DIAN)
    _asked(core, INVIMA, "2026-11-12", "BIO-01")
    _asked(core, DIAN, "2026-11-11", "BIO-02")
    assert [name for name, *_ in _silent(core)] == ["DIAN", "Invima"]


def test_what_falls_due_within_each_initiatives_own_days_comes_soonest_first(core: Core) -> None:
    biologics, yards = core.initiative(), core.initiative("astilleros", overrides={"por_vencer.dias": 5})
    for code, due in (("BIO-01", "2026-12-11"), ("BIO-02", "2026-11-26"), ("BIO-03", "2026-12-12")):
        core.action(code, due=due, initiative=biologics)
    core.action("BIO-04", due="2026-11-25", initiative=biologics)
    core.action("BIO-05", due="2026-11-30", state="cumplida", initiative=biologics)
    core.action("AST-01", due="2026-12-01", initiative=yards)
    core.action("AST-02", due="2026-12-02", initiative=yards)
    found = due_soon(core.session, [biologics, yards], day("2026-11-26"), core.method)
    assert [row.code for row in found] == ["BIO-02", "AST-01", "BIO-01"]
    assert due_soon(core.session, [], day("2026-11-26"), core.method) == []
