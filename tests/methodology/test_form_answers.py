"""R14: what an entity answers by the page of its request: drafted, sent, corrected; proposals, never records (R11)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from methodology import answers, forms, silence
from methodology.followups import proposal_for
from methodology.form_answers import (
    FILES_MOST,
    Outcome,
    actions_of,
    date_in_question,
    evidence_of,
    files_of,
    is_current,
    receive,
    typed_before,
)
from methodology.form_item import TEXT_MAX
from methodology.form_page import Page, Typed, Upload
from methodology.forms import Sent
from methodology.outreaches import record_outreach
from methodology.refusals import NotFound, NotNow
from methodology.rules.months import Month
from storage.forms import AnswerForm, FormFile, FormSubmission
from storage.history import Change
from storage.ledger import Outreach, Proposal, Silence, TrayItem
from storage.matrix import Action, EvidenceFile, FollowUp, Initiative
from tests.peers.core_world import INVIMA, Core, at, day

REFERENCE = "SR-7K3M-Q2XW"
NOVEMBER = Month(2026, 11)
TEXT = "Se publicó la guía en consulta"
HALF = Typed(percent="60,5 %", text=TEXT)
ACTA = b"%PDF-1.7 acta"


class Desk:
    """One entity with a request of November, and its page; everything happens on 18 November."""

    def __init__(self, core: Core) -> None:
        self.core, self.session = core, core.session
        core.initiative("biologicos")
        devices = core.initiative("dispositivos")
        self.first = core.action("BIO-02", due="2026-12-11")
        self.second = core.action("DIM-03", due="2026-09-22", initiative=devices)
        self.entity = core.entity(INVIMA)
        asked = ["BIO-02", "DIM-03"]
        record_outreach(
            core.session, self.entity.id, "2026-11", "solicitud", day("2026-11-11"), token=REFERENCE, asked=asked
        )
        silence.reached_out(core.session, self.entity.id, asked, day("2026-11-11"))
        self.form = forms.opened(core.session, REFERENCE, self.entity.id, "2026-11", forms.until(NOVEMBER))
        self.count = 0

    def send(self, *, on: str = "2026-11-18", sent: Sent | None = None, **page: Any) -> Outcome:
        """The page, sent (or kept, with `send=False`) as a browser that has just opened it would."""
        given = Page(**{"actions": {}, "send": True} | page)
        self.count += 1
        last = forms.last_submission(self.session, self.form.id)
        fresh = Sent(f"n{self.count}", f"d{self.count}", last.id if last else 0)
        return receive(self.session, self.form, given, sent or fresh, now=at(on, 10), method=self.core.method)

    def proposals(self) -> list[tuple[str, float | None, str, str]]:
        return [(row.action.code, row.percent, row.text, row.state) for row in self.core.all(Proposal)]


@pytest.fixture
def desk(core: Core) -> Desk:
    return Desk(core)


def test_what_is_sent_is_a_proposal_and_the_silence_ends_where_it_speaks_of(desk: Desk) -> None:
    outcome = desk.send(actions={desk.first.id: HALF}, who="Ana Ruiz, jefe de Planeación")
    assert outcome.problems == {}
    assert desk.proposals() == [("BIO-02", 60.5, TEXT, "pendiente")]
    assert desk.core.all(FollowUp) == []
    assert desk.core.all(Outreach)[0].answered_on == day("2026-11-18")
    assert desk.core.all(Outreach)[0].answer == "formulario en línea"
    assert _episodes(desk) == [("biologicos", "respuesta"), ("dispositivos", "")]
    (row,) = desk.core.all(FormSubmission)
    assert (row.who, [item["code"] for item in row.items]) == ("Ana Ruiz, jefe de Planeación", ["BIO-02"])
    (told,) = desk.core.notices("R14.acuse")
    assert told.inputs == {"period": "2026-11", "submission": row.id}


def test_a_lower_figure_says_why_and_stands_in_the_report_with_its_reason(desk: Desk) -> None:
    desk.first.percent = 70.0
    outcome = desk.send(actions={desk.first.id: HALF})
    assert outcome.problems == {
        f"{desk.first.id}.reason": "El avance es menor que el último registrado (70\u00a0%): indique el motivo."
    }
    assert desk.proposals() == []
    assert typed_before(desk.session, desk.form)[desk.first.id] == HALF
    told = replace(HALF, reason="El conteo anterior incluía una guía retirada")
    assert desk.send(actions={desk.first.id: told}).problems == {}
    (row,) = desk.core.all(Proposal)
    assert row.text == f"{TEXT}\nMotivo del menor avance: {told.reason}"
    assert typed_before(desk.session, desk.form)[desk.first.id] == replace(told, percent="60,5")


@pytest.mark.parametrize("before", [60.5, 50.0, None])
def test_a_figure_that_is_not_lower_needs_no_reason(desk: Desk, before: float | None) -> None:
    desk.first.percent = before
    assert desk.send(actions={desk.first.id: HALF}).problems == {}
    assert desk.core.all(Proposal)[0].text == TEXT


def _episodes(desk: Desk) -> list[tuple[str, str]]:
    query = select(Initiative.slug, Silence.ended_because).join(Initiative, Initiative.id == Silence.initiative_id)
    return [(slug, because) for slug, because in desk.session.execute(query.order_by(Initiative.id))]


def test_the_leader_confirms_it_and_the_follow_up_says_where_it_came_from(desk: Desk) -> None:
    desk.send(actions={desk.first.id: HALF})
    proposal = proposal_for(desk.session, desk.first.id, NOVEMBER)
    assert proposal is not None
    assert proposal.confidence == 1
    given = {"accion": "BIO-02", "avance": "60,5", "texto": TEXT}
    desk.core.does("2026-11-26", "LT", "accion.seguimiento", **given)
    assert desk.core.all(FollowUp)[0].source == "respuesta de la entidad"
    assert proposal.state == "confirmada"


def test_the_entity_signs_what_its_answer_moved(desk: Desk) -> None:
    desk.send(actions={desk.first.id: HALF})
    assert {row.author for row in desk.core.all(Change)} == {"Invima (formulario en línea)"}


def test_a_draft_is_seen_by_nobody_and_ends_no_silence(desk: Desk) -> None:
    outcome = desk.send(send=False, actions={desk.first.id: Typed(percent="sesenta", text="A medias")}, who="Ana")
    assert outcome == Outcome()
    assert desk.proposals() == []
    assert desk.core.all(Silence)[0].ended_on is None
    assert desk.core.all(Outreach)[0].answered_on is None
    assert typed_before(desk.session, desk.form)[desk.first.id] == Typed(percent="sesenta", text="A medias")
    assert desk.form.draft["who"] == "Ana"


def test_what_is_wrong_is_said_by_its_field_and_stays_as_a_draft(desk: Desk) -> None:
    bad = Typed(percent="150", text="corto", met_on="2026-11-31", due="2026-11-01", evidence="x" * 501)
    outcome = desk.send(actions={desk.first.id: bad, desk.second.id: HALF})
    assert set(outcome.problems) == {
        f"{desk.first.id}.{name}" for name in ("percent", "text", "met_on", "due", "evidence")
    }
    assert "0 a 100" in outcome.problems[f"{desk.first.id}.percent"]
    assert "van 5" in outcome.problems[f"{desk.first.id}.text"]
    assert desk.proposals() == []
    assert typed_before(desk.session, desk.form) == {desk.first.id: bad, desk.second.id: HALF}


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        (Typed(text=TEXT), "percent", "o marque «Sin avance este mes»"),
        (Typed(percent="60"), "text", "Describa el avance, en al menos 15 caracteres."),
        (Typed(percent="60", nothing=True, text=TEXT), "percent", "deje el porcentaje en blanco"),
        (Typed(nothing=True), "text", "Escriba el motivo"),
        (Typed(percent="60", text="x" * (TEXT_MAX + 1)), "text", "4.001 caracteres: resúmala en 4.000"),
        (Typed(percent="100", text=TEXT, evidence="Res. 12"), "met_on", "en qué fecha se cumplió"),
        (Typed(percent="100", text=TEXT, met_on="2026-11-19", evidence="Res. 12"), "met_on", "posterior a hoy"),
        (Typed(percent="100", text=TEXT, met_on="2026-11-10"), "evidence", "indique la evidencia"),
        (Typed(percent="90", text=TEXT, met_on="2026-11-10"), "met_on", "va con un avance de 100 %"),
        (Typed(percent="60", text=TEXT, due="2026-11-18"), "due", "posterior a hoy"),
        (Typed(percent="60", text=TEXT, due="mañana"), "due", "no es una fecha"),
    ],
)
def test_every_refusal_says_what_to_do(desk: Desk, typed: Typed, field: str, sentence: str) -> None:
    problems = desk.send(actions={desk.first.id: typed}).problems
    assert set(problems) == {f"{desk.first.id}.{field}"}
    assert sentence in problems[f"{desk.first.id}.{field}"]


@pytest.mark.parametrize("written", ["60", "60 %", "60%", "60,0", "60.0", " 60 "])
def test_a_percentage_is_read_as_people_write_it(desk: Desk, written: str) -> None:
    assert desk.send(actions={desk.first.id: Typed(percent=written, text=TEXT)}).submission is not None
    assert desk.proposals()[0][1] == 60


def test_an_empty_page_is_no_answer(desk: Desk) -> None:
    outcome = desk.send(actions={desk.first.id: Typed(), desk.second.id: Typed()})
    assert "No hay avance para enviar" in outcome.problems[""]
    assert desk.core.all(Outreach)[0].answered_on is None


def test_sin_avance_with_its_reason_is_an_answer(desk: Desk) -> None:
    desk.send(actions={desk.first.id: Typed(nothing=True, text="Falta presupuesto")})
    assert desk.proposals() == [("BIO-02", None, "Sin avance: Falta presupuesto", "pendiente")]
    assert desk.core.all(Silence)[0].ended_on == day("2026-11-18")
    assert typed_before(desk.session, desk.form)[desk.first.id] == Typed(nothing=True, text="Falta presupuesto")


def test_a_later_page_corrects_and_says_the_same_of_the_rest_once(desk: Desk) -> None:
    desk.send(actions={desk.first.id: HALF, desk.second.id: HALF})
    more = replace(HALF, percent="70")
    outcome = desk.send(actions={desk.first.id: more, desk.second.id: HALF})
    assert desk.proposals() == [
        ("BIO-02", 60.5, TEXT, "reemplazada"),
        ("DIM-03", 60.5, TEXT, "pendiente"),
        ("BIO-02", 70, TEXT, "pendiente"),
    ]
    assert outcome.submission is not None
    assert [item["percent"] for item in outcome.submission.items] == [70, 60.5]
    assert len(desk.core.notices("R14.acuse")) == 2


def test_the_same_page_twice_is_one_answer(desk: Desk) -> None:
    sent = Sent("nonce", "digest", 0)
    first = desk.send(actions={desk.first.id: HALF}, sent=sent)
    again = desk.send(actions={desk.first.id: HALF}, sent=sent)
    assert (again.submission, again.again) == (first.submission, True)
    assert len(desk.proposals()) == len(desk.core.all(FormSubmission)) == len(desk.core.notices("R14.acuse")) == 1


def test_an_old_page_sent_again_does_not_undo_a_correction(desk: Desk) -> None:
    sent = Sent("nonce", "digest", 0)
    desk.send(actions={desk.first.id: HALF}, sent=sent)
    desk.send(actions={desk.first.id: replace(HALF, percent="70")})
    assert desk.send(actions={desk.first.id: HALF}, sent=sent).again
    assert [row[1] for row in desk.proposals() if row[3] == "pendiente"] == [70]


def test_the_way_back_and_another_figure_is_a_correction_of_ones_own(desk: Desk) -> None:
    desk.send(actions={desk.first.id: HALF}, sent=Sent("nonce", "digest", 0))
    outcome = desk.send(actions={desk.first.id: replace(HALF, percent="70")}, sent=Sent("nonce", "other", 0))
    assert outcome.submission is not None
    assert [row[1] for row in desk.proposals() if row[3] == "pendiente"] == [70]


def test_whoever_was_overtaken_looks_again_before_anything_is_replaced(desk: Desk) -> None:
    desk.send(actions={desk.first.id: HALF})
    stale = Sent("late", "late", 0)
    late = {desk.first.id: replace(HALF, percent="10")}
    outcome = desk.send(actions=late, sent=stale)
    assert outcome.overtaken == {"BIO-02": TEXT}
    assert desk.proposals() == [("BIO-02", 60.5, TEXT, "pendiente")]
    assert typed_before(desk.session, desk.form)[desk.first.id].percent == "10"


def test_nothing_new_is_said_so(desk: Desk) -> None:
    desk.send(actions={desk.first.id: HALF})
    outcome = desk.send(actions={desk.first.id: HALF})
    assert outcome.unchanged
    assert len(desk.core.all(FormSubmission)) == 1
    assert desk.form.draft == {}


def test_what_came_by_mail_stands_in_the_page(desk: Desk) -> None:
    answers.propose(
        desk.session,
        desk.first,
        "2026-11",
        percent=40,
        text="Por correo, en revisión",
        passage="",
        now=at("2026-11-17"),
    )
    assert typed_before(desk.session, desk.form)[desk.first.id] == Typed(percent="40", text="Por correo, en revisión")


def test_what_the_leader_set_aside_may_be_said_again(desk: Desk) -> None:
    desk.send(actions={desk.first.id: HALF})
    desk.core.all(Proposal)[0].state = answers.REJECTED
    assert desk.send(actions={desk.first.id: HALF}).submission is not None
    assert [row[3] for row in desk.proposals()] == ["rechazada", "pendiente"]


def test_another_date_is_told_to_planning_and_changes_nothing(desk: Desk) -> None:
    desk.send(actions={desk.first.id: replace(HALF, due="2027-01-29")})
    (item,) = desk.core.all(TrayItem)
    assert item.title == "Invima propone el 29 de enero de 2027 para BIO-02, que vence el 11 de diciembre de 2026"
    assert (item.kind, item.detail["fecha"], item.detail["motivo"]) == ("fecha_propuesta", "2027-01-29", TEXT)
    assert desk.first.due == date(2026, 12, 11)
    assert desk.core.all(Proposal)[0].wants_due == date(2027, 1, 29)
    desk.send(actions={desk.first.id: replace(HALF, percent="70", due="2027-01-29")})
    assert len(desk.core.all(TrayItem)) == 1
    desk.send(actions={desk.first.id: replace(HALF, percent="70")})
    assert desk.core.all(TrayItem)[0].resolution == "Invima cambió o retiró la fecha propuesta"


@pytest.mark.parametrize("chosen", ["2027-01-29", "2027-02-26"])
def test_changing_the_date_settles_what_was_proposed(desk: Desk, chosen: str) -> None:
    desk.send(actions={desk.first.id: replace(HALF, due="2027-01-29"), desk.second.id: replace(HALF, due="2027-03-01")})
    desk.core.does("2026-11-19", "PL", "accion.fecha", accion="BIO-02", fecha=chosen, motivo="La propuso la entidad")
    settled = {row.detail["accion"]: row.resolution for row in desk.core.all(TrayItem) if row.resolved_at is not None}
    assert list(settled) == ["BIO-02"]
    assert settled["BIO-02"].startswith("La fecha pasó al ")
    questions = {row.action.code: date_in_question(desk.session, row) for row in desk.core.all(Proposal)}
    assert questions == {"BIO-02": None, desk.second.code: date(2027, 3, 1)}


def test_a_proposed_date_is_in_question_until_planning_resolves_it(desk: Desk) -> None:
    desk.send(actions={desk.first.id: replace(HALF, due="2027-01-29")})
    (row,) = desk.core.all(Proposal)
    assert date_in_question(desk.session, row) == date(2027, 1, 29)
    desk.core.all(TrayItem)[0].resolved_at = at("2026-11-19")
    assert date_in_question(desk.session, row) is None


def test_a_date_proposed_twice_stays_resolved_once_planning_resolved_it(desk: Desk) -> None:
    desk.send(actions={desk.first.id: replace(HALF, due="2027-01-29")})
    desk.core.all(TrayItem)[0].resolved_at = at("2026-11-19")
    desk.send(actions={desk.first.id: replace(HALF, percent="70", due="2027-01-29")})
    assert desk.core.all(TrayItem)[0].resolved_at is not None


def test_the_date_in_force_is_no_proposal(desk: Desk) -> None:
    desk.send(actions={desk.first.id: replace(HALF, due="2026-12-11")})
    assert desk.core.all(TrayItem) == []
    assert desk.core.all(Proposal)[0].wants_due is None


def test_an_action_of_another_entity_is_never_touched(desk: Desk) -> None:
    other = desk.core.action("AST-04", entity="Dirección General Marítima (Dimar)")
    outcome = desk.send(actions={other.id: HALF, desk.first.id: HALF})
    assert "no está a cargo de Invima" in outcome.problems[""]
    assert TEXT in outcome.problems[""]
    assert "AST-04" not in outcome.problems[""]
    assert desk.proposals() == []
    assert str(other.id) not in desk.form.draft["actions"]
    upload = Upload(other.id, "acta.pdf", "application/pdf", ACTA)
    desk.send(send=False, uploads=(upload,))
    assert desk.core.all(FormFile) == []


def test_actions_that_are_not_asked_about_are_not_on_the_page(desk: Desk) -> None:
    desk.core.action("BIO-09", state="cumplida")
    paused = desk.core.initiative("astilleros", state="pausada")
    desk.core.action("AST-01", initiative=paused)
    assert [row.code for row in actions_of(desk.session, desk.form, day("2026-11-18"))] == ["BIO-02", "DIM-03"]


# --- evidence ---------------------------------------------------------------------------------------------------------


def _acta(desk: Desk, data: bytes = ACTA, name: str = "acta.pdf") -> Upload:
    return Upload(desk.first.id, name, "application/pdf", data)


def test_a_file_waits_with_the_draft_and_becomes_evidence_with_the_answer(desk: Desk) -> None:
    desk.send(send=False, uploads=(_acta(desk),))
    assert desk.core.all(EvidenceFile) == []
    done = Typed(percent="100", text=TEXT, met_on="2026-11-10")
    assert desk.send(actions={desk.first.id: done}).problems == {}
    (kept,) = desk.core.all(EvidenceFile)
    assert (kept.name, kept.data, kept.by) == ("acta.pdf", ACTA, "Invima (formulario en línea)")
    (row,) = desk.core.all(FormFile)
    assert (row.evidence_id, row.data) == (kept.id, None)
    proposal = desk.core.all(Proposal)[0]
    assert (proposal.met_on, evidence_of(desk.session, proposal)) == (
        day("2026-11-10"),
        f"acta.pdf (archivo {kept.id})",
    )
    assert desk.core.all(FormSubmission)[0].items[0]["files"] == [f"acta.pdf (archivo {kept.id})"]


def test_a_file_is_taken_off_while_it_was_not_sent_and_not_after(desk: Desk) -> None:
    desk.send(send=False, uploads=(_acta(desk), _acta(desk, b"otra", "otra.pdf")))
    first, second = desk.core.all(FormFile)
    desk.send(actions={desk.first.id: HALF}, removed=frozenset({first.id}))
    assert [row.name for row in desk.core.all(FormFile)] == ["otra.pdf"]
    desk.send(send=False, removed=frozenset({second.id}))
    assert [row.name for row in desk.core.all(FormFile)] == ["otra.pdf"]


def test_the_same_file_is_kept_once_and_their_number_has_an_end(desk: Desk) -> None:
    desk.send(send=False, uploads=(_acta(desk), _acta(desk)))
    assert len(desk.core.all(FormFile)) == 1
    many = tuple(_acta(desk, b"%d" % number, f"{number}.pdf") for number in range(FILES_MOST))
    problems = desk.send(send=False, uploads=many).problems
    assert f"hasta {FILES_MOST} archivos por acción" in problems[f"{desk.first.id}.files"]
    assert len(files_of(desk.session, desk.form.id)[desk.first.id]) == FILES_MOST


def test_a_further_file_with_the_same_words_is_something_new(desk: Desk) -> None:
    desk.send(actions={desk.first.id: HALF})
    outcome = desk.send(actions={desk.first.id: HALF}, uploads=(_acta(desk),))
    assert outcome.submission is not None
    assert not outcome.unchanged
    assert len(desk.core.all(EvidenceFile)) == 1


# --- the link ---------------------------------------------------------------------------------------------------------


def test_a_page_lives_until_the_end_of_the_following_month(desk: Desk) -> None:
    assert forms.until(NOVEMBER) == date(2026, 12, 31)
    assert forms.until(Month(2026, 12)) == date(2027, 1, 31)
    assert forms.opened(desk.session, REFERENCE, desk.entity.id, "2026-11", date(2030, 1, 1)) is desk.form


def test_a_former_months_page_takes_no_answers_once_the_next_is_asked(desk: Desk) -> None:
    assert is_current(desk.session, desk.form, day("2026-12-05"))
    record_outreach(desk.session, desk.entity.id, "2026-12", "solicitud", day("2026-12-10"), token="SR-OTRA-0000")
    assert not is_current(desk.session, desk.form, day("2026-12-10"))


def test_planning_revokes_the_links_and_the_next_letter_has_another(desk: Desk) -> None:
    reason = "El correo llegó a otra persona"
    said = desk.core.does("2026-11-18", "PL", "entidad.enlaces", entidad="Invima", motivo=reason)
    assert "quedaron anulados" in said
    with pytest.raises(NotNow, match="anulado"):
        forms.find(desk.session, REFERENCE, 1)
    assert forms.find(desk.session, REFERENCE, 2) is desk.form
    assert desk.form.revoked_because.startswith(reason)


def test_a_leader_does_not_revoke_and_there_must_be_something_to_revoke(desk: Desk) -> None:
    given = {"entidad": "Invima", "motivo": "El correo llegó a otra persona"}
    assert "Planeación" in desk.core.refused("2026-11-18", "LT", "entidad.enlaces", **given)
    assert "no tiene enlaces vigentes" in desk.core.refused("2027-01-18", "PL", "entidad.enlaces", **given)


def test_a_new_contact_voids_the_links_of_the_former(desk: Desk) -> None:
    desk.core.does("2026-11-18", "PL", "entidad.contacto", entidad="Invima", correo="enlace@entidad.example")
    assert desk.form.edition == 1
    desk.core.does("2026-11-18", "PL", "entidad.contacto", entidad="Invima", correo="nuevo@invima.example")
    assert desk.core.all(AnswerForm)[0].edition == 2


def test_an_unknown_reference_is_no_page(desk: Desk) -> None:
    with pytest.raises(NotFound, match="no corresponde"):
        forms.find(desk.session, "SR-0000-0000", 1)


def test_it_holds_on_each_database(both: Core) -> None:
    desk = Desk(both)
    desk.send(actions={desk.first.id: HALF}, uploads=(_acta(desk),))
    assert forms.find(desk.session, REFERENCE, 1, to_write=True) is desk.form
    assert desk.proposals() == [("BIO-02", 60.5, TEXT, "pendiente")]
    assert len(both.all(EvidenceFile)) == 1
    assert both.session.get_one(Action, desk.first.id).percent is None
