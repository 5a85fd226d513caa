"""Typed lines: what cannot be registered is refused before anything is asked about it."""

from __future__ import annotations

from datetime import date

import pytest

from bot import evidence, rounds, tables, typed, unknown
from bot.answers import Answer
from bot.commands import initiative_names
from bot.teams.attachments import Fetched
from dialogs import followup as dialog
from dialogs.commands import Unknown, parse
from dialogs.lines import FollowUpLines, parse_lines
from methodology.actions import find
from methodology.followups import register
from methodology.people import Actor, actor_of
from methodology.rules.followup import FollowUpInput
from methodology.rules.months import Month
from methodology.rules.states import Post
from methodology.script import stand_in
from storage.matrix import FollowUp, Holding, Initiative, Person
from tests.bot.stage import words
from tests.peers.core_world import at, day
from tests.peers.desk_world import DeskWorld

ON = "2026-11-10"
LINE = "{code} 60% el trámite avanza en la mesa técnica"
TEXT = "Salió a comentarios del público y se recibieron observaciones"


@pytest.fixture
def leader(world: DeskWorld) -> Actor:
    """October is complete, so that on 10 November the month of a line has to be asked."""
    own, other = world.initiative("biologicos"), world.initiative("astilleros")
    for code, where in (("BIO-01", own), ("BIO-02", own), ("AST-01", other)):
        world.action(code, due="2027-06-30", initiative=where)
        register(
            world.session,
            code,
            FollowUpInput(50.0, TEXT),
            actor=world.actor("PL"),
            now=at("2026-10-30"),
            method=world.method,
            month=Month(2026, 10),
        )
    return actor_of(world.session, world.person("Ana Gil", Post.LEADER, own), day(ON))


def said(world: DeskWorld, who: Actor, text: str, on: str = ON) -> list[str]:
    answers = typed.type_lines(world.turn(who, on), parse_lines(text, date.fromisoformat(on)), text)
    return [words(answer.card) for answer in answers]


def test_the_month_is_asked_of_what_may_be_registered(world: DeskWorld, leader: Actor) -> None:
    [question] = said(world, leader, LINE.format(code="BIO-01"))
    assert "¿A qué mes corresponde" in question


def test_another_leaders_action_is_refused_first(world: DeskWorld, leader: Actor) -> None:
    [refusal] = said(world, leader, LINE.format(code="AST-01"))
    assert "AST-01 no se registró. Esta operación corresponde a: líder técnico" in refusal


def test_what_left_the_matrix_is_refused_first_and_the_other_line_is_still_asked(
    world: DeskWorld, leader: Actor
) -> None:
    world.does(ON, "PL", "accion.anular", accion="BIO-02", motivo="Se repite en otra acción de la matriz")
    both = said(world, leader, f"{LINE.format(code='BIO-02')}\n{LINE.format(code='BIO-01')}")
    assert "BIO-02 no se registró. BIO-02 no está vigente (estado: anulada)" in both[0]
    assert "¿A qué mes corresponde" in both[1]


IN_WINDOW = "2026-11-27"


def latest(world: DeskWorld, code: str) -> tuple[float, str]:
    row = [one for one in world.all(FollowUp) if one.action.code == code and one.superseded_at is None][-1]
    return row.percent, row.text


def continued(world: DeskWorld, who: Actor, text: str) -> list[Answer]:
    """A message without code: a figure with its sign is a line, the rest is words."""
    found = parse(text, initiative_names(world.session), day(IN_WINDOW))
    if isinstance(found, FollowUpLines):
        return typed.type_lines(world.turn(who, IN_WINDOW), found, text)
    assert isinstance(found, Unknown), found
    return typed.in_words(world.turn(who, IN_WINDOW), found)


def answered(world: DeskWorld, who: Actor, text: str) -> Answer:
    [answer] = continued(world, who, text)
    return answer


def test_a_figure_without_sign_answers_the_one_action_that_is_asked(world: DeskWorld, leader: Actor) -> None:
    bare = "70 el trámite avanza en la mesa técnica"
    assert continued(world, leader, bare) == []
    world.says(leader, IN_WINDOW, "/ronda")
    answered(world, leader, bare)
    assert latest(world, "BIO-01") == (70.0, "el trámite avanza en la mesa técnica")


def test_a_figure_that_may_count_something_is_asked_first(world: DeskWorld, leader: Actor) -> None:
    world.says(leader, IN_WINDOW, "/ronda")
    question = answered(world, leader, "70 actas firmadas por la mesa técnica")
    assert "No es claro si 70 es el avance de BIO-01" in words(question.card)
    assert latest(world, "BIO-01") == (50.0, TEXT)
    world.presses(leader, IN_WINDOW, question.card, "Sí, es 70 %")
    assert latest(world, "BIO-01") == (70.0, "actas firmadas por la mesa técnica")


ACTAS = "70 actas firmadas por la mesa técnica"


def asks_about_70(world: DeskWorld, leader: Actor) -> Answer:
    world.says(leader, IN_WINDOW, "/ronda")
    return answered(world, leader, ACTAS)


@pytest.mark.parametrize("no", ["no", "No.", "no lo es", "no es 70"])
def test_no_asks_for_the_figure_and_keeps_what_was_written(world: DeskWorld, leader: Actor, no: str) -> None:
    asks_about_70(world, leader)
    [sentence, item] = continued(world, leader, no)
    assert "Indique el avance en porcentaje, de 0 a 100." in words(sentence.card)
    assert ACTAS in str(item.card)
    continued(world, leader, "75 %")
    assert latest(world, "BIO-01") == (75.0, ACTAS)


def test_the_button_no_opens_the_action_with_what_was_written(world: DeskWorld, leader: Actor) -> None:
    question = asks_about_70(world, leader)
    card = world.presses(leader, IN_WINDOW, question.card, "No").card
    assert ACTAS in str(card)
    assert "Indique el avance en porcentaje, de 0 a 100." in words(card)
    world.presses(leader, IN_WINDOW, card, "Guardar y seguir", percent="75", text=ACTAS)
    assert latest(world, "BIO-01") == (75.0, ACTAS)


def test_no_registers_nothing_though_a_figure_was_left_in_the_table(world: DeskWorld, leader: Actor) -> None:
    asked = {"initiative": find(world.session, "BIO-01").initiative_id, "month": "2026-11"}
    page = tables.show(world.turn(leader, IN_WINDOW), asked).card
    world.presses(leader, IN_WINDOW, page, "Guardar lo cambiado", **{"percent_BIO-01": "55", "confirm_BIO-01": "true"})
    asks_about_70(world, leader)
    [question, _card] = continued(world, leader, "no")
    assert "Indique el avance en porcentaje" in words(question.card)
    assert latest(world, "BIO-01") == (50.0, TEXT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sí", (70.0, "actas firmadas por la mesa técnica")),
        ("Sí, es 70 %", (70.0, "actas firmadas por la mesa técnica")),
        ("no, es 80", (80.0, ACTAS)),
        ("85 el proyecto salió a comentarios", (85.0, "el proyecto salió a comentarios")),
    ],
)
def test_the_question_is_answered_in_words(
    world: DeskWorld, leader: Actor, text: str, expected: tuple[float, str]
) -> None:
    asks_about_70(world, leader)
    continued(world, leader, text)
    assert latest(world, "BIO-01") == expected


def test_what_is_not_understood_is_answered_by_post(world: DeskWorld, leader: Actor) -> None:
    for text, who, expected in (
        ("hola", leader, "Buenos días. Puede solicitar /ronda, /pendientes o /alertas; con /ayuda"),
        ("Buenos días", stand_in(Post.VICE_MINISTER), "Puede solicitar /estado, /alertas o /por-vencer"),
        ("El proyecto va muy bien en general", leader, "AST-04 80%"),
    ):
        found = parse(text, (), day(ON))
        assert isinstance(found, Unknown)
        assert expected in unknown.answer(world.turn(who, ON), found).summary
    free = unknown.answer(world.turn(Post.VICE_MINISTER, ON), Unknown("El proyecto va bien", free=True))
    assert "80%" not in free.summary


def test_thanks_are_answered_in_a_word(world: DeskWorld, leader: Actor) -> None:
    for text in ("gracias", "listo", "👍"):
        found = parse(text, (), day(ON))
        assert isinstance(found, Unknown)
        assert unknown.answer(world.turn(leader, ON), found).summary == "Con gusto."


SAID = "se certificaron los sesenta inspectores"


@pytest.mark.parametrize(
    "message",
    ["cumplida el 23/11/2026, evidencia: acta de la casa clasificadora", "evidencia: acta 12, cumplida el 23/11/2026"],
)
def test_a_message_brings_what_a_typed_line_lacked(world: DeskWorld, leader: Actor, message: str) -> None:
    asked = said(world, leader, f"BIO-01 100% {SAID}", IN_WINDOW)
    assert any("otro mensaje" in one for one in asked)
    continued(world, leader, message)
    assert latest(world, "BIO-01") == (100.0, SAID)


def test_a_bare_date_is_the_compliance_that_was_asked_and_the_rest_is_asked_again(
    world: DeskWorld, leader: Actor
) -> None:
    said(world, leader, f"BIO-01 100% {SAID}", IN_WINDOW)
    first, *_ = continued(world, leader, "23/11/2026")
    assert "evidencia" in words(first.card)
    assert "en qué fecha" not in words(first.card)
    continued(world, leader, "acta de la casa clasificadora")
    assert latest(world, "BIO-01") == (100.0, SAID)


@pytest.mark.parametrize("met", ["el domingo 22 de noviembre", "cumplida el 22/11/2026", "22/11/2026."])
def test_each_message_keeps_what_it_brings_and_only_the_rest_is_asked(
    world: DeskWorld, leader: Actor, met: str
) -> None:
    said(world, leader, "BIO-01 100%", IN_WINDOW)
    asked = [continued(world, leader, one)[0].summary for one in (SAID, met)]
    assert ["Describa" in one for one in asked] == [False, False]
    assert ["fecha de cumplimiento" in one for one in asked] == [True, False]
    continued(world, leader, "evidencia: acta 12")
    assert latest(world, "BIO-01") == (100.0, SAID)
    assert find(world.session, "BIO-01").met_on == day("2026-11-22")


def test_words_after_sin_cambios_are_its_text(world: DeskWorld, leader: Actor) -> None:
    world.says(leader, IN_WINDOW, "/ronda")
    said(world, leader, "sin cambios", IN_WINDOW)
    continued(world, leader, SAID)
    assert latest(world, "BIO-01") == (50.0, SAID)


def test_words_stand_for_the_sentence_whose_figure_was_denied(world: DeskWorld, leader: Actor) -> None:
    asks_about_70(world, leader)
    continued(world, leader, "no")
    [question, card] = continued(world, leader, SAID)
    assert "Indique el avance en porcentaje" in words(question.card)
    assert SAID in str(card.card)
    assert ACTAS not in str(card.card)
    assert "'value': 50" not in str(card.card)
    continued(world, leader, "75")
    assert latest(world, "BIO-01") == (75.0, SAID)


def test_a_reason_is_taken_in_plain_words_and_a_courtesy_is_not(world: DeskWorld, leader: Actor) -> None:
    said(world, leader, f"BIO-01 70% {SAID}", IN_WINDOW)
    said(world, leader, "BIO-01 40% el comité revisó la cifra del mes", "2026-11-28")
    [again] = continued(world, leader, "gracias")
    assert again.summary == "Con gusto. Falta el motivo de BIO-01."


def test_a_new_figure_after_a_short_line_is_a_new_answer(world: DeskWorld, leader: Actor) -> None:
    world.says(leader, IN_WINDOW, "/ronda")
    said(world, leader, "BIO-01 80 corto", IN_WINDOW)
    answered(world, leader, "80 el proyecto pasó a firma de la ministra")
    assert latest(world, "BIO-01") == (80.0, "el proyecto pasó a firma de la ministra")


DAY_AND_PROOF = "cumplida el 23/11/2026, evidencia: acta 12"


def test_the_answer_goes_to_what_was_asked_last(world: DeskWorld, leader: Actor) -> None:
    said(world, leader, f"BIO-01 100% {SAID}", IN_WINDOW)
    said(world, leader, f"BIO-02 100% {SAID}", IN_WINDOW)
    continued(world, leader, DAY_AND_PROOF)
    assert latest(world, "BIO-02") == (100.0, SAID)
    assert latest(world, "BIO-01") == (50.0, TEXT)


def test_words_after_something_else_was_recorded_answer_nothing(world: DeskWorld, leader: Actor) -> None:
    said(world, leader, f"BIO-01 100% {SAID}", IN_WINDOW)
    said(world, leader, "BIO-02 70% el trámite avanza en la mesa técnica", IN_WINDOW)
    assert continued(world, leader, DAY_AND_PROOF) == []
    assert latest(world, "BIO-01") == (50.0, TEXT)


def test_that_a_text_still_holds_is_confirmed_in_a_word(world: DeskWorld, leader: Actor) -> None:
    asked = said(world, leader, f"BIO-01 55% {TEXT}", IN_WINDOW)
    assert any("confirme que sigue vigente" in one for one in asked)
    continued(world, leader, "sí, sigue vigente")
    assert latest(world, "BIO-01") == (55.0, TEXT)


def test_a_line_has_its_own_receipt_where_another_action_is_wrong(world: DeskWorld, leader: Actor) -> None:
    world.says(leader, IN_WINDOW, "/ronda")
    said(world, leader, f"BIO-02 40% {SAID}", IN_WINDOW)
    receipt, question, card = said(world, leader, f"BIO-01 62% {SAID}", IN_WINDOW)
    assert "**Hecho.** BIO-01: 62 %, a tiempo." in receipt
    assert "BIO-02: El avance es menor" in question
    assert "**Registrado.** BIO-01: 62 %, a tiempo" in card
    assert "**BIO-02 aún no se registró.**" in card


@pytest.mark.parametrize("no", ["no", "Ninguno.", "no sé", "motivo: no"])
def test_no_is_no_reason_and_the_figure_may_stay_as_it_was(world: DeskWorld, leader: Actor, no: str) -> None:
    said(world, leader, f"BIO-01 40% {SAID}", IN_WINDOW)
    question, _card = continued(world, leader, no)
    assert "no es un motivo: indique por qué disminuyó el avance, o use «Sin cambios»" in words(question.card)
    assert latest(world, "BIO-01") == (50.0, TEXT)
    said(world, leader, "sin cambios", IN_WINDOW)
    assert latest(world, "BIO-01") == (50.0, SAID)


def test_a_figure_alone_answers_what_was_asked_last_with_the_text_that_was_written(
    world: DeskWorld, leader: Actor
) -> None:
    world.says(leader, IN_WINDOW, "/ronda")
    said(world, leader, f"BIO-02 40% {SAID}", IN_WINDOW)
    said(world, leader, "70 %", IN_WINDOW)
    assert latest(world, "BIO-02") == (70.0, SAID)
    assert latest(world, "BIO-01") == (50.0, TEXT)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Muchas gracias, muy amable", "Con gusto. Falta el motivo de BIO-01."),
        ("De acuerdo, muchas gracias", "Con gusto. Falta el motivo de BIO-01."),
        ("¿Por qué me pide motivo?", "Falta un dato para registrar. BIO-01: El avance es menor"),
        ("No entiendo la pregunta", "Falta un dato para registrar. BIO-01: El avance es menor"),
    ],
)
def test_a_courtesy_or_a_question_is_no_reason_and_is_asked_again(
    world: DeskWorld, leader: Actor, words: str, expected: str
) -> None:
    said(world, leader, f"BIO-01 40% {SAID}", IN_WINDOW)
    assert expected in answered(world, leader, words).summary
    assert latest(world, "BIO-01") == (50.0, TEXT)


@pytest.mark.parametrize("words", ["Hola, buenos días", "estadoo astilleros", "pendientez de biologicos"])
def test_a_greeting_or_a_misspelt_command_is_no_reason(world: DeskWorld, leader: Actor, words: str) -> None:
    said(world, leader, f"BIO-01 40% {SAID}", IN_WINDOW)
    assert continued(world, leader, words) == []
    assert latest(world, "BIO-01") == (50.0, TEXT)


@pytest.mark.parametrize("reason", ["retraso de la entidad", "cambio de ministro", "motivo: alertaz"])
def test_a_short_reason_is_taken_though_a_command_is_not_far(world: DeskWorld, leader: Actor, reason: str) -> None:
    said(world, leader, f"BIO-01 40% {SAID}", IN_WINDOW)
    continued(world, leader, reason)
    assert latest(world, "BIO-01") == (40.0, SAID)


def test_words_go_to_the_card_that_was_opened_last(world: DeskWorld, leader: Actor) -> None:
    world.says(leader, IN_WINDOW, "/ronda")
    receipt = typed.type_lines(world.turn(leader, IN_WINDOW), parse_lines(f"BIO-02 60% {SAID}", day(IN_WINDOW)), "")[0]
    world.presses(leader, IN_WINDOW, receipt.card, "Corregir")
    said(world, leader, f"75% {SAID}", IN_WINDOW)
    assert latest(world, "BIO-02") == (75.0, SAID)
    assert latest(world, "BIO-01") == (50.0, TEXT)


@pytest.mark.parametrize("code", ["", "BIO-02 "])
def test_a_file_waits_for_the_words_about_its_action(world: DeskWorld, leader: Actor, code: str) -> None:
    world.says(leader, IN_WINDOW, "/ronda")
    evidence.keep(world.turn(leader, IN_WINDOW), "BIO-02", [Fetched("acta.pdf", "application/pdf", b"acta")])
    said(world, leader, f"{code}75% {SAID}", IN_WINDOW)
    assert latest(world, "BIO-02") == (75.0, SAID)
    assert "acta.pdf" in world.all(FollowUp)[-1].evidence


def test_the_end_pauses_words_without_a_code(world: DeskWorld, leader: Actor) -> None:
    world.says(leader, IN_WINDOW, "/ronda")
    world.says(leader, IN_WINDOW, "/terminar")
    [refusal] = said(world, leader, f"80% {SAID}", IN_WINDOW)
    assert "El seguimiento está en pausa: retómelo con /ronda" in refusal
    assert continued(world, leader, "80 el proyecto pasó a firma") == []
    world.says(leader, IN_WINDOW, "/ronda")
    said(world, leader, f"80% {SAID}", IN_WINDOW)
    assert latest(world, "BIO-01") == (80.0, SAID)


def test_what_was_left_unsaved_in_the_table_is_registered_by_no_word(world: DeskWorld, leader: Actor) -> None:
    asked = {"initiative": find(world.session, "BIO-01").initiative_id, "month": "2026-11"}
    page = tables.show(world.turn(leader, IN_WINDOW), asked).card
    typed_in = {"percent_BIO-01": "60", "text_BIO-01": SAID}
    card = world.presses(leader, IN_WINDOW, page, "Una por una", **typed_in).card
    assert "Lo escrito aquí aún no se registró" in words(card)
    assert "Complete lo señalado" not in words(card)
    assert continued(world, leader, "evidencia: acta 12") == []
    assert latest(world, "BIO-01") == (50.0, TEXT)


@pytest.fixture
def of_two(world: DeskWorld, leader: Actor) -> Actor:
    """Ana leads both initiatives, and both ask."""
    other = next(one for one in world.all(Initiative) if one.slug == "astilleros")
    world.add(Holding(post=Post.LEADER, person_id=leader.person_id, initiative_id=other.id, since=day("2025-01-15")))
    return actor_of(world.session, world.session.get_one(Person, leader.person_id), day(IN_WINDOW))


def test_words_go_to_the_initiative_that_asked_last(world: DeskWorld, of_two: Actor) -> None:
    world.says(of_two, IN_WINDOW, "/ronda biologicos")
    said(world, of_two, f"BIO-01 40% {SAID}", IN_WINDOW)
    world.says(of_two, IN_WINDOW, "/ronda astilleros")
    reason = "la autoridad devolvió el expediente"
    assert continued(world, of_two, reason) == []
    said(world, of_two, f"AST-01 80% {SAID}", IN_WINDOW)
    world.says(of_two, IN_WINDOW, "/ronda biologicos")
    continued(world, of_two, reason)
    assert latest(world, "BIO-01") == (40.0, SAID)


def test_a_figure_without_code_goes_to_the_initiative_that_asked_last(world: DeskWorld, of_two: Actor) -> None:
    [refusal] = said(world, of_two, f"80% {SAID}", IN_WINDOW)
    assert "Lo escrito sin código no se registró. Indique el código" in refusal
    world.says(of_two, IN_WINDOW, "/ronda biologicos")
    world.says(of_two, IN_WINDOW, "/ronda astilleros")
    assert "AST-01" in said(world, of_two, f"80% {SAID}", IN_WINDOW)[-1]
    assert latest(world, "AST-01") == (80.0, SAID)
    assert latest(world, "BIO-01") == (50.0, TEXT)


def test_the_whole_reply_takes_its_initiative_in_hand(world: DeskWorld, of_two: Actor) -> None:
    world.says(of_two, IN_WINDOW, "/ronda astilleros")
    args = {"initiative": find(world.session, "BIO-01").initiative_id, "month": "2026-11", "code": "BIO-01"}
    rounds.full_reply(world.turn(of_two, IN_WINDOW), args)
    said(world, of_two, f"75% {SAID}", IN_WINDOW)
    assert latest(world, "BIO-01") == (75.0, SAID)
    assert latest(world, "AST-01") == (50.0, TEXT)


def test_a_line_without_its_action_undoes_no_other(world: DeskWorld, of_two: Actor) -> None:
    refusal, *_ = said(world, of_two, f"sin cambios\nBIO-01 70% {SAID}", IN_WINDOW)
    assert "Lo escrito sin código no se registró. Indique el código" in refusal
    assert latest(world, "BIO-01") == (70.0, SAID)


def test_a_sentence_without_code_is_dropped_once_codes_are_given(world: DeskWorld, of_two: Actor) -> None:
    world.says(of_two, IN_WINDOW, "/ronda astilleros")
    world.says(of_two, IN_WINDOW, "/ronda biologicos")
    [question] = continued(world, of_two, "60 se entregaron los planos")
    assert "60 es el avance de BIO-01" in words(question.card)
    said(world, of_two, f"AST-01 60% {SAID}\nBIO-02 70% {SAID}", IN_WINDOW)
    card = world.says(of_two, IN_WINDOW, "/ronda biologicos").card
    assert "BIO-01" in words(card)
    assert ("se entregaron los planos" in str(card), "Indique el avance" in words(card)) == (False, False)


def test_a_figure_alone_corrects_the_month_and_keeps_its_text(world: DeskWorld, leader: Actor) -> None:
    said(world, leader, f"BIO-01 70% {SAID}", IN_WINDOW)
    said(world, leader, "BIO-01 75", IN_WINDOW)
    assert latest(world, "BIO-01") == (75.0, SAID)
    assert world.all(FollowUp)[-1].correction
    [question, _card] = said(world, leader, "BIO-01 40", IN_WINDOW)
    assert "BIO-01: El avance es menor que el del seguimiento anterior: indique el motivo. Puede" in question
    continued(world, leader, "la autoridad devolvió el expediente")
    assert latest(world, "BIO-01") == (40.0, SAID)


def test_the_end_names_the_correction_that_was_not_saved(world: DeskWorld, leader: Actor) -> None:
    said(world, leader, f"BIO-01 70% {SAID}\nBIO-02 70% {SAID}", IN_WINDOW)
    said(world, leader, "BIO-01 40", IN_WINDOW)
    receipt = words(world.says(leader, IN_WINDOW, "/terminar").card)
    assert "**Corrección sin guardar:** BIO-01." in receipt
    assert "No queda ninguna acción pendiente" not in receipt


def test_the_end_names_its_initiative(world: DeskWorld, of_two: Actor) -> None:
    world.says(of_two, IN_WINDOW, "/ronda astilleros")
    world.says(of_two, IN_WINDOW, "/ronda biologicos")
    assert "Biologicos: seguimiento en pausa. Puede retomar" in world.says(of_two, IN_WINDOW, "/terminar").summary


def test_after_the_window_the_receipt_opens_the_next_action(world: DeskWorld, leader: Actor) -> None:
    world.action("BIO-03", due="2027-06-30", initiative=find(world.session, "BIO-01").initiative)
    world.action("BIO-04", due="2027-06-30", initiative=find(world.session, "BIO-01").initiative)
    late = "2026-12-04"
    asked = rounds.Round(find(world.session, "BIO-01").initiative, Month(2026, 11), late=True)
    turn = world.turn(leader, late)
    rounds.step(turn, asked, rounds.start_of(turn, asked))
    rounds.step(turn, asked, dialog.Typed(parse_lines(f"BIO-02 70% {SAID}", day(late))))
    receipt = rounds.run(turn, asked, dialog.Stop())[-1].card
    assert "Varias a la vez" not in words(receipt)
    assert "BIO-01" in words(world.presses(leader, late, receipt, "Continuar").card)
