"""A slip is undone within ten minutes: a heavy operation, in the middle of any life, leaves no trace but history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta
from random import Random
from typing import Any

import pytest
from core_world import Core, at
from databases import in_memory
from sqlalchemy import select

from methodology.actions import find
from methodology.alerts import SWEPT
from methodology.first_contact import report_outsider
from methodology.operation import Doing, Operation, Weight
from methodology.operations import OPERATIONS, perform
from methodology.operations import find as operation
from methodology.people import actor_of
from methodology.preview import preview
from methodology.refusals import NotAllowed, NotFound, NotNow
from methodology.script import Step, actor_for, doing_for, play_step
from methodology.suggestions import MARK
from methodology.sweep import record_due
from methodology.taking_back import UNDO_FOR, UNDONE, last_deed, take_back
from storage.history import Deed
from storage.ledger import Alert, HighLevelCase, TrayItem
from storage.matrix import Achievement, ActionVersion, Person
from storage.types import Base
from tests.methodology.test_life_machine import Life, walk

HEAVY = {one.id for one in OPERATIONS.values() if one.weight == Weight.HEAVY}
GROWS = ("change", "deed", "action_version", "delivery_day")
TRIED: Counter[str] = Counter()
DAY = "2026-11-03"
REASON = "Registrada por error en la matriz equivocada"
LIVES = 12


def everything(core: Core) -> dict[str, list[Any]]:
    """The whole database, but for what only grows and the marks by which the next sweep looks again."""
    core.session.flush()
    found = {}
    for table in Base.metadata.sorted_tables:
        if table.name in GROWS:
            continue
        columns = [column for column in table.columns if (table.name, column.name) != ("action", "version")]
        rows = core.session.execute(select(*columns).order_by(*table.primary_key)).all()
        found[table.name] = [row for row in map(tuple, rows) if not _mark(table.name, row)]
    return found


def _mark(table: str, row: tuple[Any, ...]) -> bool:
    return table == "setting" and (row[0] == SWEPT or row[0].startswith(MARK))


class Slips(Life):
    """Whatever weighs more is done by mistake first, and undone."""

    def _tries(self, operation: Operation, post: str, given: dict[str, str], subject: Any = None) -> bool:
        if operation.weight == Weight.HEAVY:
            self._slip(operation, post, given)
        return super()._tries(operation, post, given, subject)

    def _slip(self, operation: Operation, post: str, given: dict[str, str]) -> None:
        session, before, made = self.core.session, everything(self.core), len(self.made)
        doing = doing_for(session, self.core.method, self.now)
        line = play_step(session, Step(self.now, str(post), operation.id, given), replace(doing, undo_for=UNDO_FOR))
        if "refused" not in line:
            deed = session.scalars(select(Deed).order_by(Deed.id.desc())).first()
            assert deed is not None
            record_due(session, self.core.method, self.now)
            actor = actor_for(session, str(post), deed.initiative_id, self.now.date())
            take_back(replace(doing, actor=actor), deed)
            TRIED[operation.id] += 1
        del self.made[made:]
        after = everything(self.core)
        for table, rows in before.items():
            assert after[table] == rows, f"{operation.id} {given}: {table} is not as it was"


def test_every_heavy_operation_that_lives_come_upon_leaves_the_database_as_it_was() -> None:
    lives, wanted = 0, HEAVY - set(BY_THEMSELVES)
    while wanted - TRIED.keys() and lives < LIVES:
        walk(Random(lives), Slips)  # noqa: S311 - dice
        lives += 1
    assert wanted - TRIED.keys() == set()


@pytest.fixture
def core() -> Iterator[Core]:
    with in_memory() as database, database.begin() as session:
        yield Core(session)


def a_logro(core: Core) -> dict[str, Any]:
    core.action("BIO-01")
    told = {"logro": "Guía de biológicos expedida", "prioridad_logro": "Alta", "tipo_logro": "circular o guía"}
    given = {"accion": "BIO-01", "avance": "60", "texto": "La guía salió a consulta pública"} | told
    core.does(DAY, "LT", "accion.seguimiento", **given)
    return {"logro": core.all(Achievement)[0].id, "motivo": REASON}


def a_convened_meeting(core: Core) -> dict[str, Any]:
    core.initiative()
    core.does(
        DAY,
        "LT",
        "reunion.preparar",
        clase="logros",
        iniciativa="biologicos",
        fecha="2026-11-20",
        hora="09:00",
        lugar="Sala 1",
    )
    core.does(DAY, "LT", "reunion.convocar", reunion="logros biologicos", invitados="a@entidad.example")
    return {"reunion": "logros biologicos", "motivo": REASON}


def a_holder(core: Core) -> dict[str, Any]:
    core.person("Ana Gil", "LT", core.initiative())
    return {"persona": "Ana Gil", "cargo": "LT", "hasta": "2026-11-30"}


def an_outsider(core: Core) -> dict[str, Any]:
    core.person("Ana Gil")
    report_outsider(core.session, "aad-de-ana", "Ana Gil", "ana.gil@entidad.example", at(DAY))
    return {"asunto": core.all(TrayItem)[0].id, "persona": "Ana Gil"}


BY_THEMSELVES = {
    "logro.retirar": a_logro,
    "reunion.cancelar": a_convened_meeting,
    "persona.retiro": a_holder,
    "asunto.vincular": an_outsider,
}
"""What chance comes upon too seldom."""


@pytest.mark.parametrize("name", BY_THEMSELVES)
def test_the_others_too(core: Core, name: str) -> None:
    given, doing = BY_THEMSELVES[name](core), hand(core)
    before = everything(core)
    perform(doing, operation(name), given)
    assert everything(core) != before
    take_back(doing, last_deed(doing))
    assert everything(core) == before


def hand(core: Core, minutes: int = 0, who: str = "Carolina Suárez") -> Doing:
    """Somebody of Planning at the card, so many minutes after nine."""
    known = next((person for person in core.all(Person) if person.name == who), None)
    person = known or core.person(who, "PL")
    now = at(DAY, 9) + timedelta(minutes=minutes)
    doing = doing_for(core.session, core.method, now)
    return replace(doing, actor=actor_of(core.session, person, now.date()), undo_for=UNDO_FOR)


def annul(core: Core) -> dict[str, str]:
    core.action("BIO-01", due="2026-09-01")
    core.live("2026-10-02", "2026-10-05")
    given = {"accion": "BIO-01", "motivo": REASON}
    perform(hand(core), operation("accion.anular"), given)
    return given


def test_an_annulled_action_is_back_with_its_alert_in_a_version_of_its_own(core: Core) -> None:
    annul(core)
    assert (find(core.session, "BIO-01").state, core.alert().state) == ("anulada", "cerrada")
    assert take_back(hand(core, 9), last_deed(hand(core, 9))) == UNDONE.format(outcome="BIO-01 quedó anulada.")
    assert (find(core.session, "BIO-01").state, core.alert().state) == ("vigente", "abierta")
    versions = core.session.scalars(select(ActionVersion).order_by(ActionVersion.version)).all()
    assert [one.reason for one in versions] == [REASON, UNDONE.format(outcome="BIO-01 quedó anulada.")]
    core.live("2026-11-04", "2026-12-10")
    assert [one.kind for one in core.all(Alert)].count("VENCIDA_1_MES") == 1


def test_after_ten_minutes_it_is_too_late_and_nothing_is_offered(core: Core) -> None:
    annul(core)
    deed = core.all(Deed)[-1]
    with pytest.raises(NotNow, match="más de diez minutos"):
        take_back(hand(core, 10), deed)
    with pytest.raises(NotFound, match="No hay una operación suya"):
        last_deed(hand(core, 10))


def test_twice_and_by_somebody_else_it_is_refused(core: Core) -> None:
    annul(core)
    deed = core.all(Deed)[-1]
    with pytest.raises(NotAllowed, match="otra persona"):
        take_back(hand(core, 1, "Julián Soto"), deed)
    take_back(hand(core, 1), deed)
    with pytest.raises(NotNow, match="Ya se había deshecho"):
        take_back(hand(core, 2), deed)


def test_what_somebody_changed_since_is_not_overrun(core: Core) -> None:
    core.entity("Dimar")
    core.action("BIO-01", due="2027-09-01")
    perform(hand(core), operation("accion.reasignar"), {"accion": "BIO-01", "entidad": "Dimar", "motivo": REASON})
    deed = last_deed(hand(core, 1))
    given = {"accion": "BIO-01", "entidad": "Invima", "motivo": REASON}
    perform(hand(core, 2, "Julián Soto"), operation("accion.reasignar"), given)
    before = everything(core)
    with pytest.raises(NotNow, match=r"otros cambios \(Julián Soto\)"):
        take_back(hand(core, 3), deed)
    assert everything(core) == before


def test_what_it_tells_waits_as_long_as_it_can_be_undone(core: Core) -> None:
    given = a_convened_meeting(core)
    core.live(DAY)
    perform(hand(core), operation("reunion.cancelar"), given)
    assert [str(one.held_until) for one in core.notices("R24.cancelacion")] == [str(at(DAY, 9, 10).astimezone(UTC))]
    take_back(hand(core, 1), last_deed(hand(core, 1)))
    assert core.notices("R24.cancelacion") == []
    perform(hand(core, 2), operation("reunion.cancelar"), given)
    assert len(core.notices("R24.cancelacion")) == 1


def test_what_was_on_its_way_goes_on_when_it_is_undone(core: Core) -> None:
    core.action("BIO-01", due="2026-09-01")
    core.sweep("2026-10-02")
    waiting = [(one.rule, one.state) for one in core.notices()]
    assert ("R15", "planned") in waiting
    perform(hand(core), operation("accion.anular"), {"accion": "BIO-01", "motivo": REASON})
    assert ("R15", "withdrawn") in [(one.rule, one.state) for one in core.notices()]
    take_back(hand(core, 1), last_deed(hand(core, 1)))
    assert [(one.rule, one.state) for one in core.notices()] == waiting


def reopened(core: Core) -> None:
    """Met, two months overdue: reopened by mistake it would be alerted and open a case at once."""
    core.action("BIO-01", due="2026-08-01")
    core.does("2026-10-30", "LT", "accion.cumplida", accion="BIO-01", fecha="2026-07-30", evidencia="Acta")
    core.live("2026-10-31", DAY)
    perform(hand(core), operation("accion.reabrir"), {"accion": "BIO-01", "motivo": REASON})


def test_the_clock_concludes_nothing_from_what_may_still_be_undone(core: Core) -> None:
    reopened(core)
    core.sweep(DAY, 9, 5)
    take_back(hand(core, 6), last_deed(hand(core, 6)))
    core.live("2026-11-04", "2026-12-20")
    assert (core.all(Alert), core.all(HighLevelCase)) == ([], [])


def test_once_it_cannot_be_undone_any_more_the_clock_goes_on(core: Core) -> None:
    reopened(core)
    core.sweep(DAY, 9, 11)
    assert [one.kind for one in core.all(Alert)] == ["VENCIDA_1_MES"]
    assert len(core.all(HighLevelCase)) == 1


def test_a_preview_of_what_cannot_be_undone_says_what_follows_too(core: Core) -> None:
    initiative = core.initiative(launch="2025-01-15")
    core.action("BIO-01", due="2026-09-01", initiative=initiative)
    core.live("2026-10-02", "2026-10-05")
    core.does(DAY, "PL", "iniciativa.confirmar_cierre", iniciativa="biologicos", motivo=REASON)
    core.does(DAY, "PL", "cierre.informe", iniciativa="biologicos")
    lines = preview(hand(core), operation("iniciativa.cerrar"), {"iniciativa": "biologicos"}).lines
    assert lines == (
        "Se cierra la alerta de BIO-01.",
        "Nadie ocupa el cargo «Viceministerio»: no se le informa; Planeación lo ve en su bandeja.",
    )


def test_a_preview_says_what_would_follow_and_changes_nothing(core: Core) -> None:
    core.action("BIO-01", due="2026-09-01")
    core.live("2026-10-02", "2026-10-05")
    before = everything(core)
    seen = preview(hand(core), operation("accion.anular"), {"accion": "BIO-01", "motivo": REASON})
    assert seen.sentence == "BIO-01 quedó anulada."
    assert "Se cierra la alerta de BIO-01." in seen.lines
    assert {name: rows for name, rows in everything(core).items() if name not in ("person", "holding")} == {
        name: rows for name, rows in before.items() if name not in ("person", "holding")
    }


def test_a_preview_of_a_cancelled_meeting_says_who_would_be_told(core: Core) -> None:
    given = a_convened_meeting(core)
    core.live(DAY)
    assert "Se informa a: personas convocadas." in preview(hand(core), operation("reunion.cancelar"), given).lines


def test_a_script_does_what_it_says_at_once(core: Core) -> None:
    core.does(DAY, "PL", "reunion.cancelar", **a_convened_meeting(core))
    assert core.all(Deed)[-1].undo_until is None
    assert [one.held_until for one in core.notices("R24.cancelacion")] == [None] * len(core.notices("R24.cancelacion"))
