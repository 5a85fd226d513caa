"""Whatever people do, in whatever order and post: no forbidden transition is reachable, every named one is reached.

Most tries are plausible: an operation of the table, on a row in a state that it accepts, by a post that may, with
values of what exists. Some are whole roads, for what chance alone would never finish; some are hostile. Every change of
state that is ever made is noted down as it is made, and must be one of the method's (method.md, States).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from random import Random
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
from life_world import WORDS, Writer
from sqlalchemy import event, func, select
from sqlalchemy.exc import SQLAlchemyError

from methodology.cases import exit_candidates, open_actions
from methodology.closing import grounds_to_close
from methodology.operation import Operation
from methodology.operations import OPERATIONS
from methodology.rules.calendar import BOGOTA
from methodology.rules.states import OPEN_ALERTS, Post
from methodology.script import Step, doing_for, play_step
from methodology.simulation import live
from methodology.standing import standing
from storage.ledger import Alert, CaseAction, HighLevelCase, Notice
from storage.life import AgendaItem, Measure, Meeting, Member
from storage.matrix import Action, Initiative

BEGIN = date(2026, 11, 3)
DIAN = "Dirección de Impuestos y Aduanas Nacionales (DIAN)"
STATES: dict[type, dict[str, set[str]]] = {
    Initiative: {
        "candidata": {"en_validacion_mincit", "en_construccion", "descartada"},
        "en_validacion_mincit": {"en_construccion"},
        "en_construccion": {"en_ejecucion"},
        "en_ejecucion": {"pausada", "en_cierre"},
        "pausada": {"en_ejecucion"},
        "en_cierre": {"cerrada", "en_ejecucion"},
    },
    Action: {
        "propuesta": {"por_validar"},
        "por_validar": {"vigente", "anulada"},
        "vigente": {"cumplida", "salida", "cerrada_sin_cumplir", "anulada"},
        "cumplida": {"vigente"},
    },
    Alert: {
        "abierta": {"elevada_1", "cerrada"},
        "elevada_1": {"elevada_2", "atendida", "cerrada"},
        "elevada_2": {"atendida", "cerrada"},
    },
    HighLevelCase: {
        "abierta": {"medidas_definidas"},
        "medidas_definidas": {"medidas_ejecutadas"},
        "medidas_ejecutadas": {"surtida"},
    },
}
"""What method.md's «States» names; each of them must be seen. An alert's second moment is a person's decision (R18), so
that it may be attended to, or end, from the first one too."""
BESIDES: dict[type, dict[str, set[str]]] = {
    # R39: MinCIT may say no; a candidate that it does not validate is over.
    Initiative: {"en_validacion_mincit": {"descartada"}},
    # R7, R37: a discarded proposal takes its actions along, and the end of an initiative what was never validated.
    Action: {"propuesta": {"anulada"}},
    # Whatever an attended alert spoke of ends later: the cause is kept (method.md, edge cases: an action exits).
    Alert: {"atendida": {"cerrada"}},
    # R32: one measure more is defined again; when the last one is dropped, none is.
    HighLevelCase: {"medidas_ejecutadas": {"medidas_definidas"}, "medidas_definidas": {"abierta"}},
}
"""What follows from a rule beside the states' own sentence, each with the rule."""
ALLOWED = {
    (table, old, new) for told in (STATES, BESIDES) for table, by in told.items() for old in by for new in by[old]
}
NAMED = {(table, old, new) for table, by in STATES.items() for old in by for new in by[old]}
SEEN: Counter[tuple[type, str, str]] = Counter()
DONE: Counter[str] = Counter()
NEVER_BY_CHANCE = frozenset({"calendario.no_habil", "calendario.quitar", "calendario.aplicar"})
"""The whole calendar is laid out anew each time: `test_calendar_changes.py` does."""
CHOICES = [one for one in OPERATIONS.values() if one.id not in NEVER_BY_CHANCE]
OFTEN = (
    "accion.fecha", "accion.incorporar", "accion.reabrir", "accion.reasignar", "accion.salida", "accion.seguimiento",
    "alerta.segundo_momento", "caso.surtir", "iniciativa.cerrar", "iniciativa.confirmar_cierre", "iniciativa.reanudar",
    "reunion.acuerdo", "reunion.convocar", "reunion.preparar", "reunion.punto", "reunion.realizada",
)  # fmt: skip
"""What a search that proves anything has done: it stands at the end of a long way."""
MANY = 7
"""Initiatives, after which no further candidate comes up: each makes every day longer."""

Chooser = st.DataObject | Random
"""Hypothesis, which looks for trouble, or dice, which walk on until everything was seen."""
ROADS: dict[str, Callable[[Any], Any]] = {
    "a_case_goes_its_way": lambda self: self._cases(),
    "a_meeting_is_held": lambda self: self._in("en_ejecucion"),
    "an_action_comes_in": lambda self: self._in("en_ejecucion", "en_construccion"),
    "an_action_is_met": lambda self: self._actions("vigente"),
    "an_action_changes": lambda self: self._actions("vigente"),
    "an_alert_is_decided_about": lambda self: self._alerts("elevada_1"),
    "an_initiative_rests": lambda self: self._in("en_ejecucion"),
    "an_initiative_closes": lambda self: self._closable(),
    "an_initiative_is_launched": lambda self: self._in("en_construccion"),
    "a_candidate_comes_up": lambda self: len(self.core.all(Initiative)) < MANY,
}
"""What takes several people several days, and when it can begin."""
MOST_LIVES = 12


class Life(RuleBasedStateMachine):
    """One database, one calendar of days, everybody's operations in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime.combine(BEGIN, time(9), BOGOTA)
        self.made: list[tuple[type, str, str]] = []
        self._database = in_memory()
        self._open = self._database.__enter__().begin()
        self.core = Core(self._open.__enter__())
        for table in STATES:
            event.listen(table.state, "set", self._note)

    def _note(self, row: Any, new: str, old: Any, _initiator: Any) -> None:
        if isinstance(old, str) and old != new:
            self.made.append((type(row), str(old), str(new)))

    def teardown(self) -> None:
        for table in STATES:
            event.remove(table.state, "set", self._note)
        self.core.session.rollback()
        self._open.__exit__(None, None, None)
        self._database.__exit__(None, None, None)

    @initialize()
    def world(self) -> None:
        """One in full swing, one whose 18 months are over, one in construction, one candidate."""
        running = self.core.initiative("biologicos", launch="2025-08-29")
        ending = self.core.initiative("antigua", launch="2025-03-14")
        self.core.initiative("nueva", launch=None, state="en_construccion", alerts_from=None)
        self.core.initiative(
            "cafe", launch=None, state="candidata", alerts_from=None, origin="Colombia Productiva", grounds=WORDS
        )
        self.core.entity(DIAN)
        for number, due in enumerate(("2026-09-01", "2026-09-30", "2026-12-18", None)):
            self.core.action(f"BIO-{number:02d}", due, initiative=running, entity=(INVIMA, DIAN)[number % 2])
        self.core.action("ANT-01", "2026-10-09", initiative=ending)
        self.core.person("Eva Soto", "LT", running)
        self.core.person("Luis Paz")
        self._pass(7, 2)

    # --- single steps -------------------------------------------------------------------------------------------------

    @rule(data=st.data())
    def plausible(self, data: Chooser) -> None:
        """A few operations that can be done now, as far as states and posts say."""
        self._plausibly(self._writer(data), 6)

    @rule(data=st.data(), post=st.sampled_from(Post))
    def hostile(self, data: Chooser, post: Post) -> None:
        """Any operation by any post, on rows in any state, with a value too many or in the wrong place."""
        writer = self._writer(data)
        operation = writer.one_of(CHOICES)
        rows = writer.rows(operation.subject.kind) if writer.subjects(operation) != [None] and operation.subject else []
        given = writer.fill(operation, writer.one_of(rows) if rows else None)
        spoilt = writer.one_of([field.name for field in operation.fields])
        given[spoilt] = writer.one_of(["", "999", "'; --", "2019-01-01", WORDS * 20, given.get(spoilt, "")])
        self._tries(operation, post, {name: value for name, value in given.items() if value})

    @rule(days=st.sampled_from([2, 12, 60]))
    def days_pass(self, days: int) -> None:
        self._pass(days, max(2, days // 6))

    # --- roads: what takes several people several days ----------------------------------------------------------------

    @precondition(ROADS["a_case_goes_its_way"])
    @rule(data=st.data())
    def a_case_goes_its_way(self, data: Chooser) -> None:
        """R30–R33: measures, both parts, the outcome, surtida; perhaps an exit."""
        writer = self._writer(data)
        case = writer.one_of(self._cases())
        for drops in writer.one_of([(False,), (True, False), (False, True), (False, False)]):
            self._do("caso.medida", writer, case)
            measure = self.core.all(Measure)[-1]
            self._do("medida.descartada" if drops else "medida.ejecutada", writer, measure)
        for post in (Post.LEADER, Post.MANAGEMENT):
            self._do("caso.gestion", writer, case, post)
        for action in open_actions(self.core.session, case):
            self._do("caso.resultado", writer, case, accion=action.code, resultado="persiste")
        self._do("caso.surtir", writer, case)
        for action in exit_candidates(self.core.session, case.initiative_id):
            if writer.often():
                self._do("accion.salida", writer, action)
        self._plausibly(writer)

    @precondition(ROADS["a_meeting_is_held"])
    @rule(data=st.data())
    def a_meeting_is_held(self, data: Chooser) -> None:
        """R24–R28: prepared, convened, held; points decided, agreements made, actions brought in."""
        writer = self._writer(data)
        where = writer.one_of(self._in("en_ejecucion"))
        kind, on = writer.one_of(["logros", "logros", "seguimiento"]), self.now.date() + timedelta(days=2)
        given = {"clase": kind, "fecha": str(on)} | ({"iniciativa": where.slug} if kind == "logros" else {})
        prepared = self._tries(OPERATIONS["reunion.preparar"], Post.MANAGEMENT, given)
        meetings = [row for row in self.core.all(Meeting) if row.state in ("preparada", "convocada")]
        if not meetings:
            assert not prepared
            return
        meeting = meetings[-1]
        for name in ("reunion.agregar_punto", "reunion.convocar", "reunion.actualizar"):
            self._do(name, writer, meeting, Post.MANAGEMENT, fecha=str(on) if "convocar" in name else "")
        self._pass(2, 1)
        for action in self._actions("por_validar"):
            if action.initiative_id == meeting.initiative_id:
                self._do("accion.incorporar", writer, action, reunion=str(meeting.id))
        for item in [row for row in self.core.all(AgendaItem) if row.meeting_id == meeting.id][-2:]:
            self._do("reunion.punto", writer, item, Post.MANAGEMENT)
        self._do("reunion.acuerdo", writer, meeting, Post.MANAGEMENT)
        self._do("reunion.realizada", writer, meeting, Post.MANAGEMENT, fecha="", proxima_fecha="", por_definir="sí")
        self._plausibly(writer)

    @precondition(ROADS["an_action_comes_in"])
    @rule(data=st.data())
    def an_action_comes_in(self, data: Chooser) -> None:
        """R26, R27: proposed, asked about, validated or not, brought to a meeting of that day."""
        writer = self._writer(data)
        where = writer.one_of(self._in("en_ejecucion", "en_construccion"))
        before = len(self.core.all(Action))
        self._do("accion.proponer", writer, where, inicio="")
        if len(self.core.all(Action)) == before:
            return
        action = self.core.all(Action)[-1]
        self._do("accion.solicitar_validacion", writer, action)
        self._do("accion.validada", writer, action)
        if action.state == "por_validar" and where.state == "en_ejecucion":
            given = {"clase": "logros", "iniciativa": where.slug, "fecha": str(self.now.date())}
            self._tries(OPERATIONS["reunion.preparar"], Post.LEADER, given)
            self._do("accion.incorporar", writer, action, reunion=f"logros {where.slug}")
        self._plausibly(writer)

    @precondition(ROADS["an_action_is_met"])
    @rule(data=st.data())
    def an_action_is_met(self, data: Chooser) -> None:
        """R12: by its compliance or by a follow-up of 100; perhaps it is reopened."""
        writer = self._writer(data)
        action = writer.one_of(self._actions("vigente"))
        reported = {"avance": writer.one_of(["60", "100"]), "fecha_cumplimiento": str(self.now.date())}
        self._do("accion.seguimiento", writer, action, evidencia="Resolución 120", motivo=WORDS, **reported)
        if action.state == "vigente":
            self._do("accion.cumplida", writer, action)
        if action.state == "cumplida" and writer.often():
            self._do("accion.reabrir", writer, action)
        self._plausibly(writer)

    @precondition(ROADS["an_action_changes"])
    @rule(data=st.data())
    def an_action_changes(self, data: Chooser) -> None:
        """R3: another date, another entity, other words; perhaps it is annulled."""
        writer = self._writer(data)
        action = writer.one_of(self._actions("vigente"))
        self._do("accion.fecha", writer, action, Post.PLANNING, motivo=WORDS)
        self._do("accion.reasignar", writer, action, entidad=DIAN if action.entity.name == INVIMA else INVIMA)
        self._do("accion.editar", writer, action, prioridad="Baja")
        if not writer.often():
            self._do("accion.anular", writer, action)
        self._plausibly(writer)

    @precondition(ROADS["an_alert_is_decided_about"])
    @rule(data=st.data())
    def an_alert_is_decided_about(self, data: Chooser) -> None:
        """R17, R18: acknowledged, assigned, taken to the Minister or to the team, attended to."""
        writer = self._writer(data)
        alert = writer.one_of(self._alerts("elevada_1"))
        decisions = ("alerta.acusar", "alerta.gestion", "alerta.ministro", "alerta.segundo_momento", "alerta.atender")
        for name in decisions:
            if writer.often():
                if name == "alerta.segundo_momento":
                    self._ensure_member(writer, alert)
                self._do(name, writer, alert)
        if alert.action is not None and alert.state == "elevada_2":
            self._do("accion.cumplida", writer, alert.action)
        self._plausibly(writer)

    @precondition(ROADS["an_initiative_rests"])
    @rule(data=st.data())
    def an_initiative_rests(self, data: Chooser) -> None:
        writer = self._writer(data)
        where = writer.one_of(self._in("en_ejecucion"))
        self._do("iniciativa.pausar", writer, where)
        self._pass(9, 5)
        self._do("iniciativa.reanudar", writer, where)

    @precondition(ROADS["an_initiative_closes"])
    @rule(data=st.data())
    def an_initiative_closes(self, data: Chooser) -> None:
        """R35–R37: at its term or with everything met; perhaps people think better of it."""
        writer = self._writer(data)
        where = writer.one_of(self._closable())
        self._do("iniciativa.confirmar_cierre", writer, where)
        for name in writer.one_of([("cierre.informe", "iniciativa.cerrar"), ("iniciativa.no_cerrar",)]):
            self._do(name, writer, where)
        self._plausibly(writer)

    @precondition(ROADS["an_initiative_is_launched"])
    @rule(data=st.data())
    def an_initiative_is_launched(self, data: Chooser) -> None:
        """R4, R7, R8."""
        writer = self._writer(data)
        where = writer.one_of(self._in("en_construccion"))
        given = {"clase": "lanzamiento", "iniciativa": where.slug, "fecha": str(self.now.date())}
        self._tries(OPERATIONS["reunion.preparar"], Post.MANAGEMENT, given)
        self._do("propuesta.registrar", writer, where)
        for sector in ("público", "privado"):
            self._do("priorizacion.validar", writer, where, sector=sector, fecha="")
        given = {"reunion": f"lanzamiento {where.slug}", "por_definir": "sí"}
        self._tries(OPERATIONS["reunion.realizada"], Post.MANAGEMENT, given)
        self._plausibly(writer)

    @precondition(ROADS["a_candidate_comes_up"])
    @rule(data=st.data())
    def a_candidate_comes_up(self, data: Chooser) -> None:
        """R38–R40: proposed; validated, sent straight to construction or discarded."""
        writer = self._writer(data)
        self._do("iniciativa.proponer", writer, None)
        for where in self._in("candidata"):
            names = ("iniciativa.solicitar_validacion", "iniciativa.construir", "iniciativa.descartar")
            self._do(writer.one_of(names), writer, where)
            if where.state == "en_validacion_mincit":
                self._do("iniciativa.validada", writer, where)

    # --- how it is done -----------------------------------------------------------------------------------------------

    def _plausibly(self, writer: Writer, times: int = 3) -> None:
        for _ in range(times):
            ready = [(one, rows) for one in CHOICES if (rows := writer.subjects(one))]
            operation, rows = writer.one_of(ready)
            subject = writer.one_of(rows)
            self._tries(operation, writer.one_of(operation.posts), writer.fill(operation, subject), subject)

    def _writer(self, data: Chooser) -> Writer:
        by = data.choice if isinstance(data, Random) else lambda values: data.draw(st.sampled_from(values))
        return Writer(self.core, by, self.now.date())

    def _do(self, name: str, writer: Writer, subject: Any, post: Post | None = None, **fixed: str) -> bool:
        """One step of a road: filled in plausibly, but for what is `fixed`."""
        operation = OPERATIONS[name]
        if subject is not None and operation.states and subject.state not in operation.states:
            return False
        given = writer.fill(operation, subject) | fixed
        return self._tries(operation, post or operation.posts[0], {k: v for k, v in given.items() if v}, subject)

    def _tries(self, operation: Operation, post: str, given: dict[str, str], subject: Any = None) -> bool:
        before, stand, made = getattr(subject, "state", ""), self._stand(), len(self.made)
        step = Step(self.now, str(post), operation.id, given)
        try:
            line = play_step(self.core.session, step, doing_for(self.core.session, self.core.method, self.now))
        except SQLAlchemyError as exc:
            raise AssertionError(f"{operation.id} {given}: the database had to refuse it") from exc
        if "refused" in line:
            assert self._stand() == stand, f"{operation.id} {given}: refused, and yet a state changed"
            del self.made[made:]
            return False
        assert post in operation.posts
        DONE[operation.id] += 1
        if subject is not None and operation.to and given.get("acepta") != "no":
            assert before in operation.states or not operation.states
            assert subject.state == operation.to, f"{operation.id} {given}: {subject.state}"
        return True

    def _stand(self) -> list[tuple[Any, ...]]:
        """Every state of the four lives."""
        return [tuple(row) for table in STATES for row in self.core.session.execute(select(table.id, table.state))]

    def _pass(self, days: int, stride: int) -> None:
        """That many days, with the service up every `stride` of them and on the last."""
        last = self.now + timedelta(days=days)
        while self.now < last:
            self.now = min(last, self.now + timedelta(days=stride))
            live(self.core.session, self.core.method, self.now)

    def _in(self, *states: str) -> list[Initiative]:
        return [row for row in self.core.all(Initiative) if row.state in states]

    def _closable(self) -> list[Initiative]:
        session, today = self.core.session, self.now.date()
        return [row for row in self._in("en_ejecucion") if grounds_to_close(session, row, self.core.method, today)]

    def _actions(self, state: str) -> list[Action]:
        return [row for row in self.core.all(Action) if row.state == state and row.initiative.state == "en_ejecucion"]

    def _alerts(self, state: str) -> list[Alert]:
        return [row for row in self.core.all(Alert) if row.state == state and row.initiative.state == "en_ejecucion"]

    def _cases(self) -> list[HighLevelCase]:
        return [row for row in self.core.all(HighLevelCase) if row.live and row.initiative.state == "en_ejecucion"]

    def _ensure_member(self, writer: Writer, alert: Alert) -> None:
        """R41, R42: somebody of the initiative's team is invited, and the letter goes."""
        if any(row.initiative_id == alert.initiative_id and row.state == "activa" for row in self.core.all(Member)):
            return
        if self._do("ean.proponer", writer, alert.initiative, suplente="", correo_suplente="", desde=""):
            member = self.core.all(Member)[-1]
            self._do("ean.carta", writer, member, texto="")
            self._do("ean.firmar", writer, member, carta="2-2026-0412")
            self._pass(4, 1)

    # --- what must always hold ----------------------------------------------------------------------------------------

    @invariant()
    def every_change_of_state_is_the_methods(self) -> None:
        assert [one for one in self.made if one not in ALLOWED] == []
        SEEN.update(self.made)
        self.made.clear()

    @invariant()
    def nobody_is_alerted_about_what_is_over(self) -> None:
        query = select(Alert.id).join(Action, Action.id == Alert.action_id)
        over = query.where(Action.state != "vigente", Alert.state.in_(OPEN_ALERTS))
        assert self.core.session.scalars(over).all() == []

    @invariant()
    def an_exit_has_its_finished_case(self) -> None:
        session = self.core.session
        finished = (
            select(CaseAction.action_id)
            .join(HighLevelCase, HighLevelCase.id == CaseAction.case_id)
            .where(HighLevelCase.state == "surtida", CaseAction.outcome == "persiste")
        )
        exits = select(Action.code).where(Action.state == "salida", Action.id.not_in(finished))
        assert session.scalars(exits).all() == []

    @invariant()
    def what_is_closed_is_quiet(self) -> None:
        for initiative in self._in("cerrada"):
            session = self.core.session
            actions = select(Action.state).where(Action.initiative_id == initiative.id).distinct()
            alerts = select(Alert.id).where(Alert.initiative_id == initiative.id, Alert.state.in_(OPEN_ALERTS))
            waiting = select(Notice.rule).where(Notice.initiative_id == initiative.id, Notice.state == "planned")
            cases = select(HighLevelCase.id).where(HighLevelCase.initiative_id == initiative.id, HighLevelCase.live)
            assert not set(session.scalars(actions)) & {"vigente", "propuesta", "por_validar"}
            assert [*session.scalars(alerts), *session.scalars(cases)] == []
            assert set(session.scalars(waiting)) <= {"R23", "R24.cancelacion", "R33", "R37"}

    @invariant()
    def a_hundred_means_all(self) -> None:
        for initiative in self.core.all(Initiative):
            figures = standing(self.core.session, initiative, self.now.date()).figures
            assert (figures.compliance == 100.0) == (figures.met == figures.counted > 0)

    @invariant()
    def one_live_case_an_initiative_and_one_open_silence_an_entity(self) -> None:
        session = self.core.session
        cases = session.scalars(select(HighLevelCase.initiative_id).where(HighLevelCase.live)).all()
        silences = session.execute(
            select(Alert.entity_id, Alert.initiative_id).where(
                Alert.kind == "NO_RESPUESTA", Alert.state.in_(OPEN_ALERTS)
            )
        ).all()
        assert (len(cases), len(silences)) == (len(set(cases)), len(set(silences)))

    @invariant()
    def a_key_is_used_once(self) -> None:
        for table in (Notice, Alert):
            twice = select(table.key).group_by(table.key).having(func.count() > 1)
            assert self.core.session.scalars(twice).all() == []


SEARCH = settings(
    max_examples=2 + settings.default.max_examples,  # type: ignore[union-attr]
    stateful_step_count=25,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
HOLDS = [name for name, value in vars(Life).items() if hasattr(value, "hypothesis_stateful_invariant")]
assert HOLDS, "Hypothesis marks its invariants otherwise"


def walk(dice: Random, lives: type[Life] = Life) -> None:
    """One life on every road, in any order, again and again; what must hold is looked at after each."""
    life = lives()
    try:
        life.world()
        for name in [*dice.sample(list(ROADS), len(ROADS)), *dice.choices(list(ROADS), k=len(ROADS))]:
            if ROADS[name](life):
                getattr(life, name)(dice)
                life.days_pass(dice.choice([2, 2, 12, 60]))
            for promise in HOLDS:
                getattr(life, promise)()
    finally:
        life.teardown()


def unseen() -> list[str]:
    """What the method names and no life has shown yet: transitions, and the ends of long ways."""
    never = [f"{table.__name__}: {old} → {new}" for table, old, new in NAMED if not SEEN[table, old, new]]
    return sorted(never) + [name for name in OFTEN if not DONE[name]]


def test_no_forbidden_transition_is_reachable_and_every_named_one_is_reached() -> None:
    run_state_machine_as_test(Life, settings=SEARCH)
    lives = 0
    while unseen() and lives < MOST_LIVES:
        walk(Random(lives))  # noqa: S311 - dice
        lives += 1
    assert unseen() == []
