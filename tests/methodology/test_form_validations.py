"""R26 and R29 by the page of the letter: «sí» is the validation; what changes or ends a proposal waits for a person."""

from __future__ import annotations

from typing import Any

import pytest

from methodology import forms
from methodology.form_validations import Outcome, Page, Typed, receive, subjects_of
from methodology.forms import Sent
from methodology.operation import Doing
from methodology.refusals import NotNow
from storage.forms import AnswerForm, FormSubmission
from storage.ledger import Outreach, TrayItem
from storage.life import Validation
from storage.matrix import Action, Solution
from tests.peers.core_world import INVIMA, Core, at, day

REFERENCE = "SR-7K3M-Q2XW"
WHO, POST = "Ana Ruiz", "Directora de Registros"
PROPOSED = {"iniciativa": "biologicos", "entidad": "Invima", "prioridad": "Alta"}
NECK = {"obstaculo": "Demora en licencias", "eslabon": "Licencias", "solucion": "Plan de choque", "votos": "12 de 15"}


class Desk:
    """Two actions asked of an entity on 5 November, and its page on 9 November."""

    def __init__(self, core: Core, state: str = "en_ejecucion") -> None:
        self.core, self.session = core, core.session
        core.initiative("biologicos", state=state)
        self.entity = core.entity(INVIMA)
        for number, text in enumerate(("Habilitar la ventanilla única", "Expedir la guía de registro"), 1):
            core.does("2026-11-05", "LT", "accion.proponer", texto=text, **PROPOSED)
            core.does("2026-11-05", "LT", "accion.solicitar_validacion", accion=f"BIO-{number:02d}")
        core.live("2026-11-05")
        self.form = self.page("BIO-01", "BIO-02")
        self.count = 0

    def page(self, *keys: str) -> AnswerForm:
        return forms.opened(self.session, f"{REFERENCE}{keys[0]}", self.entity.id, "", day("2027-01-04"), keys)

    def send(self, sent: Sent | None = None, *, send: bool = True, who: str = WHO, **answers: Typed) -> Outcome:
        self.count += 1
        given = {key.replace("_", "-"): typed for key, typed in answers.items()}
        last = forms.last_submission(self.session, self.form.id)
        fresh = Sent(f"n{self.count}", f"d{self.count}", last.id if last else 0)
        return self.receive(Page(given, who, POST, send=send), sent or fresh)

    def receive(self, page: Page, sent: Sent, form: AnswerForm | None = None) -> Outcome:
        form = form or self.form
        doing = Doing(self.session, forms.writer(form), at("2026-11-09", 10), self.core.method)
        return receive(doing, form, page, sent)

    def action(self, code: str) -> Action:
        return next(row for row in self.core.all(Action) if row.code == code)


@pytest.fixture
def desk(core: Core) -> Desk:
    return Desk(core)


YES, NO, ADJUSTED = (
    Typed("sí"),
    Typed("no", "Corresponde al INS, no a Invima"),
    Typed("sí, con ajustes", "Otra fecha: junio"),
)


def test_yes_is_the_validation_who_when_and_with_what_evidence(desk: Desk) -> None:
    assert desk.send(BIO_01=YES).problems == {}
    (row,) = desk.core.all(Validation)
    assert (row.subject, row.accepted, row.by, row.on) == ("BIO-01", True, f"{WHO}, {POST}", day("2026-11-09"))
    assert row.evidence.startswith("Formulario en línea SR-7K3M-Q2XW")
    assert row.recorded_by == "Invima (formulario en línea)"
    action = desk.action("BIO-01")
    assert (action.state, action.validated_on) == ("por_validar", day("2026-11-09"))
    assert desk.core.all(TrayItem) == []


def test_it_still_counts_only_once_it_is_incorporated(desk: Desk) -> None:
    desk.send(BIO_01=YES)
    assert desk.action("BIO-01").incorporated_on is None


def test_a_matrix_in_construction_takes_it_at_once(core: Core) -> None:
    desk = Desk(core, state="en_construccion")
    desk.send(BIO_01=YES)
    assert desk.action("BIO-01").state == "vigente"


@pytest.mark.parametrize(("typed", "said"), [(NO, "no valida"), (ADJUSTED, "valida con ajustes")])
def test_what_changes_or_ends_a_proposal_waits_for_a_person(desk: Desk, typed: Typed, said: str) -> None:
    desk.send(BIO_01=typed)
    assert desk.core.all(Validation) == []
    assert desk.action("BIO-01").state == "por_validar"
    (item,) = desk.core.all(TrayItem)
    assert item.title == f"Invima {said}: Acción BIO-01"
    assert (item.detail["motivo"], item.detail["quien"]) == (typed.text, f"{WHO}, {POST}")
    assert typed.text in item.detail["evidencia"]


def test_a_person_records_it_and_the_tray_is_settled(desk: Desk) -> None:
    desk.send(BIO_01=NO)
    detail = desk.core.all(TrayItem)[0].detail
    given = {"quien": detail["quien"], "fecha": detail["fecha"], "evidencia": detail["evidencia"]}
    desk.core.does("2026-11-10", "PL", "accion.validada", accion="BIO-01", acepta="no", **given)
    assert desk.action("BIO-01").state == "anulada"
    assert desk.core.all(TrayItem)[0].resolved_at is not None
    assert NO.text in desk.core.all(Validation)[0].evidence


def test_the_entity_may_think_again_until_then(desk: Desk) -> None:
    desk.send(BIO_01=NO)
    desk.send(BIO_01=ADJUSTED)
    (item,) = desk.core.all(TrayItem)
    assert (item.title, item.resolved_at) == ("Invima valida con ajustes: Acción BIO-01", None)
    desk.send(BIO_01=YES)
    assert desk.core.all(TrayItem)[0].resolution == "Invima la validó en línea"
    assert desk.action("BIO-01").validated_on == day("2026-11-09")


def test_the_entity_gets_a_receipt_and_whoever_asked_is_told(desk: Desk) -> None:
    desk.send(BIO_01=YES, BIO_02=NO)
    (row,) = desk.core.all(FormSubmission)
    assert [(item["key"], item["verdict"], item["text"]) for item in row.items] == [
        ("BIO-01", "sí", ""),
        ("BIO-02", "no", NO.text),
    ]
    (receipt,) = desk.core.notices("R26.acuse")
    assert (receipt.post, receipt.channel, receipt.inputs) == ("ENT", "mail", {"submission": row.id})
    (told,) = desk.core.notices("R26.respuesta")
    assert (told.post, told.inputs["about"]) == ("LT", ["BIO-01", "BIO-02"])


def test_the_person_who_asked_is_told_while_it_is_still_theirs(core: Core) -> None:
    desk = Desk(core)
    person = core.person("Carolina Pérez Rojas", "LT", core.first_initiative())
    core.notices("R26")[0].inputs = {"by": person.name, "asker": person.id}
    desk.send(BIO_01=YES)
    assert core.notices("R26.respuesta")[0].inputs["reader"] == person.id


def test_the_letters_approach_is_answered(desk: Desk) -> None:
    first, second = desk.core.all(Outreach)
    first.token, second.token = desk.form.reference, "SR-OTRA-0000"
    desk.send(BIO_02=ADJUSTED)
    assert (first.answered_on, first.answer) == (day("2026-11-09"), "formulario en línea")
    assert second.answered_on is None


@pytest.mark.parametrize(
    ("answers", "who", "field", "sentence"),
    [
        ({}, WHO, "", "seleccione una opción"),
        ({"BIO_01": Typed("no")}, WHO, "BIO-01.text", "Indique el motivo"),
        ({"BIO_01": Typed("sí, con ajustes", "corto")}, WHO, "BIO-01.text", "qué ajuste se requiere"),
        ({"BIO_01": Typed("tal vez")}, WHO, "BIO-01.verdict", "Seleccione"),
        ({"BIO_01": Typed("", "Un texto sin opción")}, WHO, "BIO-01.verdict", "Seleccione"),
        ({"BIO_01": Typed("sí", "x" * 4001)}, WHO, "BIO-01.text", "resúmalo"),
        ({"BIO_01": YES}, "Ana", "who", "Indique el nombre"),
    ],
)
def test_what_lacks_is_said_and_nothing_is_recorded(
    desk: Desk, answers: dict[str, Typed], who: str, field: str, sentence: str
) -> None:
    outcome = desk.send(who=who, **answers)
    assert sentence in outcome.problems[field]
    assert desk.core.all(FormSubmission) == desk.core.all(Validation) == []
    assert desk.form.draft["who"] == who


def test_a_draft_says_nothing_to_anybody(desk: Desk) -> None:
    desk.send(send=False, BIO_01=NO)
    assert desk.form.draft["answers"]["BIO-01"] == {"verdict": "no", "text": NO.text}
    assert desk.core.all(TrayItem) == desk.core.all(FormSubmission) == []


def test_the_same_page_twice_is_one_answer(desk: Desk) -> None:
    sent = Sent("n", "d", 0)
    assert not desk.send(sent, BIO_01=YES).again
    assert desk.send(sent, BIO_01=YES).again
    assert len(desk.core.all(Validation)) == 1


def test_what_was_settled_is_shown_and_not_asked_again(desk: Desk) -> None:
    desk.send(BIO_01=YES)
    first, second = subjects_of(desk.session, desk.form)
    assert first.settled == "Validada el 9 de noviembre de 2026."
    assert second.settled == ""
    assert "seleccione una opción" in desk.send(BIO_01=NO).problems[""]


def test_what_was_reassigned_is_not_this_entitys_any_more(desk: Desk) -> None:
    desk.action("BIO-01").entity = desk.core.entity("Instituto Nacional de Salud (INS)")
    desk.session.flush()
    assert "Ya no está en validación" in subjects_of(desk.session, desk.form)[0].settled
    assert desk.send(BIO_01=YES).problems
    assert desk.core.all(Validation) == []


def test_the_solution_to_a_bottleneck_is_validated_and_part_of_the_matrix(desk: Desk) -> None:
    desk.core.does("2026-11-06", "LT", "cuello.agregar", iniciativa="biologicos", **NECK)
    desk.core.does("2026-11-06", "LT", "cuello.acercamiento", solucion="1", entidad="Invima")
    form = desk.page("solución 1")
    (subject,) = subjects_of(desk.session, form)
    assert "Demora en licencias" in subject.text
    desk.receive(Page({"solución 1": YES}, WHO, POST, send=True), Sent("n", "d", 0), form)
    assert desk.core.all(Solution)[0].state == "vigente"
    assert desk.core.all(Validation)[0].subject == "solución 1"


def test_a_refusal_of_the_method_is_said_and_nothing_half_done_stays(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from methodology import entry  # noqa: PLC0415 - only to be replaced

    def refuse(*_args: Any, **_more: Any) -> str:
        raise NotNow("La iniciativa ya cerró.")

    monkeypatch.setattr(entry, "answered", refuse)
    outcome = desk.send(BIO_01=YES, BIO_02=NO)
    assert outcome.problems == {"BIO-01.verdict": "La iniciativa ya cerró."}
    assert desk.core.all(FormSubmission) == desk.core.all(TrayItem) == []
    assert desk.core.notices("R26.acuse") == []
