from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from methodology.rules.page import rules_page
from methodology.rules.reasons import why
from methodology.rules.states import Post
from methodology.rules.table import RULES
from methodology.rules.thresholds import KEYS
from methodology.rules.whole import LETTERS, METHOD

SEED = Path(__file__).parents[3] / "shared" / "seed" / "metodologia.txt"
BESIDE = {"bandeja", "arranque", "reanudacion"}
PAGE = rules_page()
FACTS = {
    "period": "2026-11",
    "launch": "2026-01-15",
    "first_outreach": "2026-11-11",
    "told_on": "2026-11-17",
    "raised_told_on": "2026-11-19",
    "held_on": "2026-11-19",
    "paused_on": "2026-11-19",
    "outreaches": 2,
    "by": "Carolina Suárez",
    "reason": "lo acordado en la reunión",
    "met": 10,
    "code": "AST-04",
}


def test_the_fifty_rules_are_there_once_and_in_order() -> None:
    assert [rule.id for rule in METHOD] == [f"R{number}" for number in range(1, 51)]


def test_they_stand_under_the_methods_letters() -> None:
    firsts = {letter: next(rule.id for rule in METHOD if rule.letter == letter) for letter in LETTERS}
    assert firsts == {"A": "R1", "B": "R10", "C": "R24", "D": "R35", "E": "R41", "F": "R45"}


def test_every_notice_belongs_to_a_rule_of_the_method() -> None:
    told = {notice.id for rule in METHOD for notice in rule.notices}
    assert set(RULES) - told == BESIDE


def test_every_threshold_is_read_by_a_rule_and_no_rule_reads_another() -> None:
    assert {key for rule in METHOD for key in rule.keys} == set(KEYS)


@pytest.mark.skipif(not SEED.exists(), reason="the methodology's text is not beside the project")
def test_every_phrase_is_the_methodologys_own() -> None:
    text = " ".join(SEED.read_text("utf-8").split())
    phrases = [(rule.id, part) for rule in (*METHOD, *RULES.values()) for part in re.split(r"\[…\]|;", rule.seed)]
    assert [(number, part) for number, part in phrases if " ".join(part.split()) not in text] == []


def test_where_the_methodology_is_silent_it_is_said_what_the_rule_rests_on() -> None:
    assert {rule.id for rule in METHOD if not rule.seed} == {"R45", "R46", "R47", "R48", "R49", "R50"}
    assert "- **Fundamento:** Ley 2191 de 2022" in PAGE


@pytest.mark.parametrize("rule", METHOD, ids=lambda rule: rule.id)
def test_the_page_shows_every_rule(rule: object) -> None:
    assert f"### {rule.id} · {rule.title}\n" in PAGE  # type: ignore[attr-defined]
    assert rule.does in PAGE  # type: ignore[attr-defined]


def test_the_page_says_which_change_of_state_follows_a_notice() -> None:
    assert "la alerta pasa a segundo momento (elevada_2)" in PAGE


def test_every_link_of_the_page_leads_somewhere() -> None:
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in PAGE.splitlines()
        if line.startswith("#")
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= headings


def test_the_page_shows_every_value_with_its_default_and_its_readers() -> None:
    assert "| `vencida.meses` | Vencimiento que origina una alerta | 1 mes | R15 | sí |" in PAGE
    assert "| `seguimiento.texto_max` | Extensión máxima del avance cualitativo | 1.000 caracteres | R12 | sí |" in PAGE
    assert (
        "| `solicitud.habiles_antes` | Solicitud a las entidades antes de la ventana | 10 días hábiles | R14 | no |"
        in PAGE
    )


# --- «¿Por qué?» ------------------------------------------------------------------------------------------------------


def _said(rule: str, **inputs: object) -> str:
    return why(
        rule,
        subject="AST-04",
        due=date(2026, 10, 15),
        recorded_on=date(2026, 11, 15),
        deliver_on=date(2026, 11, 17),
        inputs={**FACTS, **inputs},
        skipped={"2026-11-15": "domingo", "2026-11-16": "festivo (Independencia de Cartagena)"},
    )


@pytest.mark.parametrize("rule", RULES)
def test_every_sentence_names_the_days_passed_over_and_no_rule(rule: str) -> None:
    said = _said(rule)
    assert not said.startswith(rule.partition(".")[0])
    assert "Se entrega el martes 17 de noviembre de 2026 (15 de noviembre de 2026: domingo, 16" in said
    assert "{" not in said


@pytest.mark.parametrize(
    ("rule", "inputs", "words"),
    [
        (
            "R10.preaviso",
            {"window_min_habiles": 4, "heads_up_habiles": 1},
            "menos de 4 días hábiles; se avisa con 1 día",
        ),
        ("R14", {"request_habiles_before": 12}, "sale 12 días hábiles antes de la ventana"),
        ("R14.reiteracion", {"reminder_habiles_before": 1}, "A 1 día hábil del plazo (15 de octubre de 2026)"),
        ("R15", {"overdue_months": 2}, "cumplió 2 meses de vencida el 15 de diciembre de 2026"),
        ("R16", {"outreaches": 1, "silence_habiles": 5}, "1 acercamiento; el primero, el 11 de noviembre de 2026"),
        ("R17", {"hold_habiles": 1}, "el 17 de noviembre de 2026; pasaron 1 día hábil"),
        ("R18.propuesta", {"second_moment_habiles": 7}, "pasaron 7 días hábiles sin acuse"),
        ("R19", {"due_soon_days": 20}, "el aviso va 20 días antes"),
        ("R30", {"high_level_months": 3}, "superó 3 meses de vencida"),
        ("R30.ingreso", {"high_level_months": 1}, "superó 1 mes de vencida"),
        ("R8", {"next_meeting_days": 10}, "pasaron 10 días"),
        ("R9", {"undated_months": 1}, "1 mes después de su entrada"),
        ("R36", {"closing_months": 12}, "12 meses"),
    ],
)
def test_a_sentence_shows_the_value_that_was_used(rule: str, inputs: dict[str, object], words: str) -> None:
    assert words in _said(rule, **inputs)


def test_a_notice_of_before_its_value_was_kept_shows_the_methods_own() -> None:
    assert "cumplió 1 mes de vencida el 15 de noviembre de 2026" in _said("R15")


@pytest.mark.parametrize("post", Post)
def test_every_post_has_its_name_on_the_page(post: Post) -> None:
    addressed = {rule.post for rule in RULES.values()} | {copy for rule in RULES.values() for copy in rule.copies}
    assert post in addressed
