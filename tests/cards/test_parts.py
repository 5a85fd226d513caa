from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cards.parts import (
    Reader,
    clip,
    count,
    execute,
    fitting,
    greeting,
    moment,
    own,
    own_inputs,
    quoted,
    safe,
    surname,
    text,
)  # fmt: skip
from methodology.rules.states import Post


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        (Reader("Carolina Pérez", "f"), "Respetada doctora Pérez:"),
        (Reader("Andrés Rojas Díaz", "m"), "Respetado doctor Rojas:"),
        (Reader("Luis Alberto Peña Ruiz", "m"), "Respetado doctor Peña:"),
        (Reader("María del Pilar Gómez", "f", surname="Gómez"), "Respetada doctora Gómez:"),
        (Reader("Marta Gómez", "f", Post.VICE_MINISTER), "Respetada Viceministra:"),
        (Reader("Juan Gómez", "m", Post.MINISTER), "Respetado Ministro:"),
        (Reader("Ana", "f"), "Respetada doctora Ana:"),
    ],
)
def test_everybody_is_addressed_in_form(reader: Reader, words: str) -> None:
    assert greeting(reader) == words


def test_a_surname_with_particles_is_whole() -> None:
    assert surname("Andrés de la Torre") == "de la Torre"
    assert surname("Juan de Castro") == "de Castro"
    assert surname("Luis Alberto de la Peña Ruiz") == "de la Peña"


def test_no_link_can_form_in_foreign_words() -> None:
    assert "](" not in safe("[Pulse aquí](https://ejemplo.example)")
    assert "]:" not in safe("[a]:\n https://ejemplo.example")
    assert safe("Línea uno\n\n# Título") == "Línea uno # Título"


def test_a_button_carries_only_its_token_and_its_fallback_sends_the_same() -> None:
    made = execute("Guardar", "t0k3n")
    assert made["data"] == made["fallback"]["data"] == {"a": "t0k3n"}


def test_inputs_of_a_neighbour_are_left_out() -> None:
    values = {own("note", "t1"): "mía", own("note", "t2"): "ajena", "a": "t1"}
    assert own_inputs(values, "t1") == {"note": "mía"}


def test_a_list_is_cut_before_it_is_too_long_and_shows_at_least_one() -> None:
    blocks = [text("x" * 1000)] * 9
    assert len(fitting(blocks, 5)) == 5
    assert len(fitting(blocks, 9, budget=3000)) == 2
    assert len(fitting(blocks, 9, budget=10)) == 1


def test_a_quoted_text_keeps_its_lines_and_says_where_it_was_cut() -> None:
    def lines(words: str, limit: int = 100, most: int = 9) -> list[str]:
        return [block["inlines"][0]["text"] for block in quoted(words, limit, most)]

    assert lines("BIO-01: 80 %\n\n  BIO-02: sin avance") == ["BIO-01: 80 %", "BIO-02: sin avance"]
    assert lines("a\nb\nc", most=2) == ["a", "b", "…"]
    assert lines("uno dos\ntres", limit=7) == ["uno dos", "…"]


def test_what_is_cut_says_so() -> None:
    assert clip("uno dos, tres", 9) == "uno dos…"
    assert clip("uno", 3) == "uno"


@pytest.mark.parametrize("words", ["1. Saludo", "12) Cierre", "- punto", "* punto", "# título", "> cita"])
def test_words_that_begin_like_a_list_stay_words(words: str) -> None:
    mark, _, rest = words.partition(" ")
    assert safe(words).replace("\u200b", "") == words
    assert safe(words) != words
    assert safe(words).endswith(f" {rest}")
    assert not safe(words).startswith(f"{mark} ")


def test_words_that_begin_with_a_number_are_left_alone() -> None:
    assert safe("2 acciones sin fecha") == "2 acciones sin fecha"


def test_numbers_agree_with_their_noun() -> None:
    assert count(1, "acción", "acciones") == "1 acción"
    assert count(0, "acción", "acciones") == "0 acciones"


def test_a_moment_is_told_in_bogota() -> None:
    assert moment(datetime(2026, 11, 21, 1, 5, tzinfo=UTC)) == "20/11/2026, 8:05 p. m."
    assert moment(datetime(2026, 11, 20, 13, 5, tzinfo=UTC)) == "20/11/2026, 8:05 a. m."


def test_a_day_without_an_hour_has_none() -> None:
    assert moment(datetime(2026, 11, 20, 5, tzinfo=UTC)) == "20/11/2026"


def test_a_name_with_a_point_ends_its_sentence() -> None:
    assert text("Se informó a Vecol S.A..")["text"] == "Se informó a Vecol S.A."
    assert text("Sigue…")["text"] == "Sigue…"
    assert text("Sigue...")["text"] == "Sigue..."


def test_what_is_too_long_is_cut_after_a_word() -> None:
    assert clip("La guía pasó a revisión jurídica", 20) == "La guía pasó a…"
    assert clip("La guía pasó", 12) == "La guía pasó"
    assert clip("x" * 50, 20) == "x" * 19 + "…"
