from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.lines import MAX_CHARS, MAX_LINES, bare_figure, looks_like_follow_up, normal_code, parse_lines
from methodology.rules.followup import AchievementInput, FollowUpInput

TODAY = date(2026, 11, 26)


def one(text: str) -> tuple[str, FollowUpInput]:
    found = parse_lines(text, TODAY)
    assert found.errors == ()
    assert len(found.lines) == 1
    return found.lines[0].code, found.lines[0].answer


@pytest.mark.parametrize(
    ("text", "percent", "words"),
    [
        ("AST-04 80% el proyecto salió a comentarios", 80.0, "el proyecto salió a comentarios"),
        ("AST-04: 80,5 % – el proyecto salió", 80.5, "el proyecto salió"),
        ("ast 4 80 el proyecto salió", 80.0, "el proyecto salió"),
        ("- AST-04 - 80.5% El proyecto, salió.", 80.5, "El proyecto, salió."),
        ("Ast.04 0 sin novedad todavía", 0.0, "sin novedad todavía"),
        ("AST-04 75% 2 de 3 municipios firmaron", 75.0, "2 de 3 municipios firmaron"),
        ("AST-04 85% fue cumplida el 3/11/2026 la primera etapa", 85.0, "fue cumplida el 3/11/2026 la primera etapa"),
        ("AST-04 85", 85.0, ""),
    ],
)
def test_a_line_is_read_as_people_write_it(text: str, percent: float, words: str) -> None:
    assert one(text) == ("AST-04", FollowUpInput(percent, words))


def test_compliance_brings_its_date_and_its_evidence() -> None:
    expected = FollowUpInput(100.0, "circular expedida", date(2026, 11, 3), "acta 12.pdf")
    assert one("AST-04 100% circular expedida, cumplida el 3/11/2026 evidencia: acta 12.pdf")[1] == expected
    assert one("AST-04 100% circular expedida cumplida el 3 de noviembre, evidencia: acta 12.pdf")[1] == expected


def test_a_compliance_date_stands_for_one_hundred() -> None:
    assert one("AST-04 cumplida el 3/11/2026 evidencia: acta.pdf")[1].percent == 100


def test_words_after_the_compliance_date_are_still_the_text() -> None:
    assert one("AST-04 100% cumplida el 3/11/2026 con la circular 12")[1].text == "con la circular 12"


def test_an_achievement_comes_with_its_priority_and_kind() -> None:
    _, answer = one("AST-04 85% va bien logro: Se publicó la guía; prioridad: alta; tipo: Circular o guia")
    assert answer.achievement == AchievementInput("Se publicó la guía", "Alta", "circular o guía")


def test_an_achievement_without_priority_is_kept_and_asked_for_later() -> None:
    assert one("AST-04 85% va bien. Logro: Se publicó la guía")[1].achievement == AchievementInput(
        "Se publicó la guía", "", ""
    )


def test_the_word_type_alone_is_part_of_the_text() -> None:
    assert one("AST-04 85% se definió el tipo: resolución")[1].text == "se definió el tipo: resolución"


def test_a_fall_brings_its_reason_and_a_repeated_text_its_confirmation() -> None:
    assert one("AST-04 60% cambió el alcance motivo: nueva norma")[1].reason == "nueva norma"
    answer = one("AST-04 60% Proyecto en consulta. Confirmo.")[1]
    assert (answer.text, answer.confirmed_same) == ("Proyecto en consulta.", True)


def test_no_change_is_understood_without_a_number() -> None:
    line = parse_lines("AST-04 sin cambios: sigue en consulta pública", TODAY).lines[0]
    assert (line.same, line.answer.percent, line.answer.text) == (True, None, "sigue en consulta pública")


def test_a_paragraph_under_a_line_continues_it() -> None:
    found = parse_lines("AST-04 80% salió a comentarios\nel 3 de noviembre\n\nAST-05: 70% en revisión", TODAY)
    assert [line.answer.text for line in found.lines] == ["salió a comentarios el 3 de noviembre", "en revisión"]


def test_a_greeting_before_the_first_answer_is_let_go() -> None:
    text = "Buenos días:\nAST-04 80% salió a comentarios"
    found = parse_lines(text, TODAY)
    assert (len(found.lines), found.errors) == (1, ())
    assert looks_like_follow_up(text, ["AST"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("AST-04 180% avanzó", "«180» no es un porcentaje"),
        ("AST-04 -5% avanzó", "«-5» no es un porcentaje"),
        ("AST-04 80,55% avanzó", "«80,55» no es un porcentaje"),
        ("AST-04 avanzó bastante", "Falta el avance"),
        ("AST-04 3/11/2026 reunión", "Falta el avance"),
        ("AST-04 2 de 3 municipios", "No es claro si «2» es el avance"),
        ("AST-03 80 actas firmadas", "No es claro si «80» es el avance"),
        ("AST-05 88 53 de 60 certificados", "No es claro si «88» es el avance"),
        ("AST-04 100% listo cumplida el 31/02/2026", "«31/02/2026» no es una fecha"),
        ("el proyecto avanzó", "Falta el código"),
    ],
)
def test_a_line_that_says_too_little_is_told_so(text: str, sentence: str) -> None:
    found = parse_lines(text, TODAY)
    assert found.lines == ()
    assert sentence in found.errors[0].sentence


def test_one_bad_line_does_not_cost_the_others() -> None:
    found = parse_lines("AST-04 80% salió\nAST-05 180% mal\nAST-06 30% en curso", TODAY)
    assert [line.code for line in found.lines] == ["AST-04", "AST-06"]
    assert [error.number for error in found.errors] == [2]


def test_too_many_lines_are_said_to_be_too_many() -> None:
    found = parse_lines("\n".join(f"AST-{n:02d} 80% en curso" for n in range(MAX_LINES + 5)), TODAY)
    assert len(found.lines) == MAX_LINES
    assert found.errors


def test_a_line_cut_by_the_limit_is_not_half_an_answer() -> None:
    text = "AST-04 80% salió a comentarios\nAST-05 70% " + "x" * MAX_CHARS
    assert [line.code for line in parse_lines(text, TODAY).lines] == ["AST-04"]


@pytest.mark.parametrize(
    "text", ["tengo 3 dudas", "hace 5 días", "estado", "Reunión 2 80", "van 3 80", "AST-04", "", "a 4"]
)
def test_free_text_is_not_taken_for_a_follow_up(text: str) -> None:
    assert not looks_like_follow_up(text, ["AST", "BIO"])


@pytest.mark.parametrize("text", ["ast 4", "AST-04", "Ast.4", "ast04", "AST – 4"])
def test_a_code_has_one_form(text: str) -> None:
    assert normal_code(text) == "AST-04"


PIECES = [
    "AST-04",
    "ast 4",
    "80%",
    "80,5 %",
    "100",
    "cumplida el ",
    "3/11/2026",
    "logro:",
    "tipo:",
    "evidencia:",
    "\n",
    "-",
]


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES) | st.text(max_size=5)).map(" ".join)))
def test_no_text_makes_the_parser_raise(text: str) -> None:
    found = parse_lines(text, TODAY)
    looks_like_follow_up(text, ["AST"])
    for line in found.lines:
        assert line.answer.percent is None or 0 <= line.answer.percent <= 100


@given(
    st.sampled_from(["AST-01", "BIO-12", "CYC-03"]),
    st.integers(0, 1000).map(lambda n: n / 10),
    st.from_regex(r"[a-záéíóúñ]{4,9}( [a-záéíóúñ]{4,9}){2,8}", fullmatch=True),
)
def test_what_is_written_in_the_plain_form_comes_back_word_for_word(code: str, percent: float, words: str) -> None:
    found = parse_lines(f"{code} {percent}% {words}", TODAY)
    if not words.startswith("sin cambio") and "confirmo" not in words:
        assert [(line.code, line.answer) for line in found.lines] == [(code, FollowUpInput(percent, words))]


@pytest.mark.parametrize(
    "piece", ["logro: ", "cumplida el ", "AST-04 ", "AST-04 80% x\n", "\n", " ", "1", "sin cambios ", "confirmo ", "- "]
)
def test_the_time_grows_with_the_length(piece: str) -> None:
    text = "AST-04 100% " + piece * (MAX_CHARS // len(piece))
    begun = time.perf_counter()
    parse_lines(text, TODAY)
    looks_like_follow_up(text)
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize(
    ("text", "number", "clear"),
    [
        ("80 el proyecto salió a comentarios", "80", True),
        ("80,5 la guía se publicó", "80,5", True),
        ("80: consulta pública abierta", "80", True),
        ("80, consulta pública abierta", "80", True),
        ("80", "80", True),
        ("80 actas firmadas en noviembre", "80", False),
        ("80 de las 100 actas", "80", False),
        ("60 están en revisión jurídica", "60", False),
        ("70. Se presentó el proyecto", "70", False),
        ("3. Se firmó el convenio", "3", False),
        ("20 se firmaron y 5 faltan", "20", False),
    ],
)
def test_a_figure_without_code_and_sign_is_clear_or_is_to_be_confirmed(text: str, number: str, clear: bool) -> None:
    figure = bare_figure(text)
    assert figure is not None
    assert (figure.number, figure.clear) == (number, clear)
    assert figure.line.startswith(f"{number}%")


@pytest.mark.parametrize(
    "text",
    [
        "120 el proyecto",
        "15/11/2026 se firmó",
        "3 de noviembre",
        "2026 fue el año",
        "80% el texto",
        "el 80",
        "10:30 reunión",
        "30 - 11",
    ],
)
def test_what_can_be_no_percentage_is_left_alone(text: str) -> None:
    assert bare_figure(text) is None
