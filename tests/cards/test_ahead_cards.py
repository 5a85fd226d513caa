from __future__ import annotations

import json

from samples_ahead import AHEAD_SAMPLES, DAYS, LINE

from cards.looking_ahead import PAGE, LookingAhead, looking_ahead


def written(name: str) -> str:
    return json.dumps(AHEAD_SAMPLES[name], ensure_ascii=False)


def test_an_absent_leader_is_said_to_be_absent_with_the_substitute() -> None:
    assert "Andrés de la Torre (ausente, responde Laura Niño)" in written("who owes")


def test_days_left_are_counted_in_words() -> None:
    said = written("due soon")
    assert "**vence hoy**" in said
    assert "**falta 1 día**" in said
    assert "**faltan 8 días**" in said
    assert "Sin reporte" in said


def test_a_list_that_was_cut_says_so() -> None:
    assert "Se muestran " in written("who owes, 30 long")
    assert "Se muestran " in written("due soon, 30 long")


def test_a_page_has_at_most_twelve_lines_grouped_by_date_and_says_which_they_are() -> None:
    said = written("looking ahead, a later page")
    assert said.count("Solicitud de avance") == PAGE == 12
    assert "Avisos 13 a 24 de 30." in said
    assert "como máximo 92 días: hasta el 26 de febrero de 2027" in said
    one_day = json.dumps(looking_ahead(LookingAhead("", DAYS[0].on, (LINE, LINE))), ensure_ascii=False)
    assert one_day.count("Jueves 26 de noviembre de 2026") == 1


def test_what_is_common_to_the_silent_is_said_once() -> None:
    told = written("who owes")
    assert told.count("2 acercamientos, el último el 20/11/2026") == 1
    assert told.count("1 acercamiento, el último el 20/11/2026") == 1
