"""Whatever people do, in whatever order and post: no forbidden transition is reachable (method.md, States).

Every operation of the table is tried with random subjects and values; every change of state that is ever made is noted
down as it is made, and must be one of the method's.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from core_world import INVIMA, Core
from databases import in_memory
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import event, select
from sqlalchemy.exc import SQLAlchemyError

from methodology.operation import Field, Kind
from methodology.operations import OPERATIONS
from methodology.rules.calendar import BOGOTA
from methodology.rules.states import OPEN_ALERTS, Post
from methodology.script import Step, doing_for, play_step
from methodology.simulation import live
from methodology.standing import standing
from storage.ledger import Alert, CaseAction, HighLevelCase, Notice
from storage.life import AgendaItem, Agreement, Measure, Meeting, Member
from storage.matrix import Action, Initiative, Solution

BEGIN = date(2026, 11, 3)
WORDS = "Concertación con la entidad responsable, según acta de la mesa técnica"
ALLOWED: dict[type, dict[str, set[str]]] = {
    Initiative: {
        "candidata": {"en_validacion_mincit", "en_construccion", "descartada"},
        "en_validacion_mincit": {"en_construccion", "descartada"},
        "en_construccion": {"en_ejecucion"},
        "en_ejecucion": {"pausada", "en_cierre"},
        "pausada": {"en_ejecucion"},
        "en_cierre": {"cerrada", "en_ejecucion"},
    },
    Action: {
        "propuesta": {"por_validar", "anulada"},
        "por_validar": {"vigente", "anulada"},
        "vigente": {"cumplida", "salida", "cerrada_sin_cumplir", "anulada"},
        "cumplida": {"vigente"},
    },
    Alert: {
        "abierta": {"elevada_1", "cerrada"},
        "elevada_1": {"elevada_2", "atendida", "cerrada"},
        "elevada_2": {"atendida", "cerrada"},
        "atendida": {"cerrada"},
    },
    HighLevelCase: {
        "abierta": {"medidas_definidas", "surtida"},
        "medidas_definidas": {"abierta", "medidas_ejecutadas", "surtida"},
        "medidas_ejecutadas": {"medidas_definidas", "surtida"},
    },
}
ROWS = {
    Kind.ALERT: Alert, Kind.CASE: HighLevelCase, Kind.MEASURE: Measure, Kind.SOLUTION: Solution, Kind.MEETING: Meeting,
    Kind.ITEM: AgendaItem, Kind.AGREEMENT: Agreement, Kind.MEMBER: Member,
}  # fmt: skip
BY_NOUN: dict[str, list[str]] = {}
for _id in sorted(OPERATIONS):
    BY_NOUN.setdefault(_id.partition(".")[0], []).append(_id)
NUMBER = st.integers(0, 10_000)


class Life(RuleBasedStateMachine):
    """One database, one calendar of days, everybody's operations in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime.combine(BEGIN, time(9), BOGOTA)
        self.made: list[tuple[type, str, str]] = []
        self._database = in_memory()
        self._open = self._database.__enter__().begin()
        self.core = Core(self._open.__enter__())
        for table in ALLOWED:
            event.listen(table.state, "set", self._note)

    def _note(self, row: Any, new: str, old: Any, _initiator: Any) -> None:
        if isinstance(old, str) and old != new:
            self.made.append((type(row), str(old), str(new)))

    def teardown(self) -> None:
        for table in ALLOWED:
            event.remove(table.state, "set", self._note)
        self.core.session.rollback()
        self._open.__exit__(None, None, None)
        self._database.__exit__(None, None, None)

    @initialize()
    def matrix(self) -> None:
        running = self.core.initiative("biologicos", launch="2025-08-29")
        self.core.initiative("nueva", launch=None, state="en_construccion", alerts_from=None)
        for number, due in enumerate(("2026-08-31", "2026-09-30", "2026-12-18", None)):
            self.core.action(f"BIO-{number:02d}", due, initiative=running)
        self.core.person("Eva Soto", "LT", running)

    # --- steps ---------------------------------------------------------------------------------------------------

    @rule(noun=st.sampled_from(sorted(BY_NOUN)), pick=NUMBER, post=st.sampled_from(Post), seed=NUMBER)
    def anything(self, noun: str, pick: int, post: Post, seed: int) -> None:
        """Any operation, by any post: most are refused."""
        self._try(BY_NOUN[noun][pick % len(BY_NOUN[noun])], post, seed)

    @rule(pick=NUMBER, seed=NUMBER)
    def by_whoever_may(self, pick: int, seed: int) -> None:
        """Any operation, by a post that may do it."""
        operation = OPERATIONS[sorted(OPERATIONS)[pick % len(OPERATIONS)]]
        self._try(operation.id, operation.posts[seed % len(operation.posts)], seed)

    @precondition(lambda self: self.core.all(HighLevelCase))
    @rule(seed=NUMBER)
    def a_case_goes_on(self, seed: int) -> None:
        """The road to an exit is long: it is walked more often than chance would."""
        steps = ("caso.medida", "medida.ejecutada", "caso.gestion", "caso.resultado", "caso.surtir", "accion.salida")
        for name in steps:
            operation = OPERATIONS[name]
            for post in operation.posts[:2]:
                self._try(name, post, seed)

    @rule(days=st.integers(1, 45))
    def days_pass(self, days: int) -> None:
        for _ in range(days):
            self.now += timedelta(days=1)
            live(self.core.session, self.core.method, self.now.replace(hour=8))

    def _try(self, operation_id: str, post: str, seed: int) -> None:
        given = {
            field.name: self._value(field, seed + 7 * n) for n, field in enumerate(OPERATIONS[operation_id].fields)
        }
        step = Step(self.now, str(post), operation_id, {name: value for name, value in given.items() if value})
        try:
            play_step(self.core.session, step, doing_for(self.core.session, self.core.method, self.now))
        except SQLAlchemyError as exc:
            raise AssertionError(f"{operation_id} {given}: the database had to refuse it") from exc

    def _value(self, field: Field, seed: int) -> str:
        if not field.required and seed % 3 == 0:
            return ""
        if field.kind in ROWS:
            return self._one_of([str(row.id) for row in self.core.all(ROWS[field.kind])], seed)
        if field.kind == Kind.ACTION:
            return self._one_of([row.code for row in self.core.all(Action)], seed)
        if field.kind == Kind.INITIATIVE:
            return self._one_of([row.slug for row in self.core.all(Initiative)], seed)
        values = {
            Kind.CHOICE: self._one_of(list(field.options), seed),
            Kind.DATE: str(self.now.date() + timedelta(days=seed % 90 - 20)),
            Kind.PERCENT: self._one_of(["100", "60", "20"], seed),
            Kind.NUMBER: str(1 + seed % 30),
            Kind.YES: self._one_of(["sí", "sí", "no"], seed),
            Kind.TIME: "09:30",
            Kind.ENTITY: INVIMA,
            Kind.PERSON: "Eva Soto",
        }
        return values.get(field.kind) or self._text(field)

    def _text(self, field: Field) -> str:
        return {"correo": "eva@x.example", "votos": "12 de 15", "mes": "", "integrantes": "1"}.get(field.name, WORDS)

    @staticmethod
    def _one_of(values: list[str], seed: int) -> str:
        return values[seed % len(values)] if values else "1"

    # --- what must always hold -------------------------------------------------------------------------------------

    @invariant()
    def every_change_of_state_is_the_methods(self) -> None:
        wrong = [(table.__name__, old, new) for table, old, new in self.made if new not in ALLOWED[table].get(old, ())]
        assert not wrong
        self.made.clear()

    @invariant()
    def nobody_is_alerted_about_what_is_over(self) -> None:
        query = select(Alert.id).join(Action, Action.id == Alert.action_id)
        over = query.where(Action.state != "vigente", Alert.state.in_(OPEN_ALERTS))
        assert self.core.session.scalars(over).all() == []

    @invariant()
    def an_exit_has_its_finished_case(self) -> None:
        for action in self.core.all(Action):
            if action.state == "salida":
                rows = select(HighLevelCase.state, CaseAction.outcome).join(
                    CaseAction, CaseAction.case_id == HighLevelCase.id
                )
                found = self.core.session.execute(rows.where(CaseAction.action_id == action.id)).all()
                assert ("surtida", "persiste") in [tuple(row) for row in found]

    @invariant()
    def what_is_closed_is_quiet(self) -> None:
        for initiative in self.core.all(Initiative):
            if initiative.state != "cerrada":
                continue
            session = self.core.session
            actions = select(Action.state).where(Action.initiative_id == initiative.id).distinct()
            alerts = select(Alert.id).where(Alert.initiative_id == initiative.id, Alert.state.in_(OPEN_ALERTS))
            waiting = select(Notice.rule).where(Notice.initiative_id == initiative.id, Notice.state == "planned")
            assert not set(session.scalars(actions)) & {"vigente", "propuesta", "por_validar"}
            assert session.scalars(alerts).all() == []
            assert set(session.scalars(waiting)) <= {"R23", "R37"}

    @invariant()
    def a_hundred_means_all(self) -> None:
        for initiative in self.core.all(Initiative):
            figures = standing(self.core.session, initiative, self.now.date()).figures
            assert (figures.compliance == 100.0) == (figures.met == figures.counted > 0)


QUICK = settings(stateful_step_count=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def test_no_forbidden_transition_is_reachable() -> None:
    run_state_machine_as_test(Life, settings=QUICK)
