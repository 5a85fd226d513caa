from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.followup import (
    Open,
    Refused,
    Register,
    Registered,
    Same,
    Save,
    ShowItem,
    ShowReceipt,
    ShowText,
    Skip,
    Start,
    Stop,
    Typed,
    answered,
    step,
)
from dialogs.lines import FollowUpLines, parse_lines
from dialogs.state import State
from methodology.rules.followup import AchievementInput, FollowUpInput

CODES = ("AST-03", "AST-04", "AST-07")
TODAY = date(2026, 11, 26)
ANSWER = FollowUpInput(85.0, "El proyecto salió a comentarios del público")


def begun(*codes: str) -> State:
    return step(State("2026-11", "astilleros"), Start(codes or CODES))[0]


def after(state: State, *events: object) -> State:
    for event in events:
        state, _ = step(state, event)  # type: ignore[arg-type]
    return state


def test_the_first_action_is_shown_on_starting() -> None:
    _, effects = step(State("2026-11", "astilleros"), Start(CODES))
    assert effects == [ShowItem("AST-03")]


def test_saving_hands_the_answer_on_and_waits_for_the_ledger() -> None:
    state, effects = step(begun(), Save("AST-03", ANSWER, {"percent": "85"}))
    assert effects == [Register("AST-03", ANSWER, "LT", values={"percent": "85"})]
    assert state.current == "AST-03"


def test_a_registered_answer_is_said_on_the_next_action() -> None:
    state, effects = step(begun(), Registered("AST-03", "85 %, a tiempo"))
    assert effects == [ShowItem("AST-04", notice="AST-03: 85 %, a tiempo")]
    assert state.number("AST-04") == 2


def test_the_last_answer_brings_the_receipt_of_all() -> None:
    state, effects = step(after(begun("A", "B"), Registered("A", "1 %")), Registered("B", "2 %"))
    assert effects == [ShowReceipt(("A", "B"))]
    assert state.missing == ()


def test_a_refused_answer_is_shown_again_with_what_was_typed() -> None:
    refused = Refused("AST-03", {"text": "Describa el avance."}, {"text": "Va"})
    state, effects = step(begun(), refused)
    assert effects == [ShowItem("AST-03", {"text": "Describa el avance."}, {"text": "Va"})]
    assert state.problems == {"text": "Describa el avance."}


def test_what_was_typed_survives_a_pause() -> None:
    state = after(begun(), Refused("AST-03", {"text": "Falta."}, {"text": "Va"}), Stop())
    assert step(state, Start(CODES))[1] == [ShowItem("AST-03", {"text": "Falta."}, {"text": "Va"})]


def test_no_change_keeps_the_number_and_needs_a_text() -> None:
    _, effects = step(begun(), Same("AST-03", "Sigue en concepto jurídico"))
    assert effects[0].keep_percent  # type: ignore[union-attr]
    state, effects = step(begun(), Same("AST-03", "  "))
    assert effects[0].problems.keys() == {"text"}  # type: ignore[union-attr]
    assert state.current == "AST-03"


def test_no_change_without_text_keeps_the_rest_of_what_was_typed() -> None:
    _, effects = step(begun(), Same("AST-03", "", values={"achievement_text": "Logro", "text": " "}))
    assert effects[0].values == {"achievement_text": "Logro", "text": ""}  # type: ignore[union-attr]


def test_a_skipped_action_comes_round_once_at_the_end() -> None:
    state = after(begun("A", "B"), Skip("A"), Registered("B", "ok"))
    assert state.current == "A"
    state, effects = step(state, Skip("A"))
    assert state.current is None
    assert effects == [ShowReceipt(("B",))]
    assert state.missing == ("A",)


def test_starting_again_after_the_end_asks_only_for_what_is_missing() -> None:
    state = after(begun("A", "B"), Skip("A"), Registered("B", "ok"), Skip("A"))
    state, effects = step(state, Start(("A", "B")))
    assert effects == [ShowItem("A")]
    assert state.number("A") == 1


def test_skipping_from_an_old_card_is_answered_and_changes_nothing() -> None:
    before = after(begun(), Registered("AST-03", "ok"))
    state, effects = step(before, Skip("AST-03"))
    assert state == before
    assert isinstance(effects[0], ShowText)
    assert effects[1] == ShowItem("AST-04")


def test_saving_from_an_old_card_registers_and_leaves_the_leader_where_they_were() -> None:
    before = after(begun(), Registered("AST-03", "ok"))
    state, effects = step(before, Save("AST-03", ANSWER))
    assert isinstance(effects[0], Register)
    state, effects = step(state, Registered("AST-03", "85 %, a tiempo"))
    assert (state.current, effects) == ("AST-04", [ShowReceipt(("AST-03",))])


def test_an_action_registered_by_somebody_else_is_not_asked_again() -> None:
    state, effects = step(begun(), Start(CODES, {"AST-03": "80 %, a tiempo", "AST-04": "70 %, a tiempo"}))
    assert effects == [ShowItem("AST-07")]
    assert state.missing == ("AST-07",)


def test_an_action_that_is_new_or_gone_changes_the_queue_only_there() -> None:
    state = after(begun(), Registered("AST-03", "ok"))
    state, effects = step(state, Start(("AST-03", "AST-07", "AST-09")))
    assert effects == [ShowItem("AST-07")]
    assert state.codes == ("AST-03", "AST-07", "AST-09")


def test_typed_lines_are_handed_on_wherever_the_leader_is() -> None:
    lines = parse_lines("AST-07 60% reunión sostenida con la entidad\n\n85% el proyecto salió a comentarios", TODAY)
    typed = FollowUpLines(lines.lines)
    _, effects = step(begun(), Typed(typed))
    assert [one.code for one in effects] == ["AST-07"]  # type: ignore[union-attr]


def test_a_line_without_code_is_about_the_action_on_the_screen() -> None:
    _, effects = step(begun(), Typed(parse_lines("85% el proyecto salió a comentarios", TODAY)))
    assert effects[0].code == "AST-03"  # type: ignore[union-attr]


def test_a_line_without_code_outside_the_month_is_asked_for_its_code() -> None:
    _, effects = step(State("2026-11", "astilleros"), Typed(parse_lines("85% va bien", TODAY)))
    assert isinstance(effects[0], ShowText)


def test_many_lines_get_one_receipt_and_one_text() -> None:
    results = [Registered("AST-03", "ok"), Refused("AST-04", {"text": "Describa el avance."}, {"text": "Va"})]
    state, effects = answered(begun(), results)
    assert effects == [
        ShowReceipt(("AST-03",)),
        ShowText("AST-04: Describa el avance."),
        ShowItem("AST-04", {"text": "Describa el avance."}, {"text": "Va"}),
    ]
    assert state.current == "AST-04"


def test_a_refusal_that_no_field_can_mend_is_told() -> None:
    state, effects = step(begun(), Refused("DME-01", sentence="Esa acción no está a su cargo."))
    assert (state, effects) == (begun(), [ShowText("Esa acción no está a su cargo.")])


def test_nothing_to_report_is_said() -> None:
    assert isinstance(step(State("2026-11", "astilleros"), Start(()))[1][0], ShowText)


def test_stopping_says_how_to_come_back() -> None:
    _, effects = step(after(begun(), Registered("AST-03", "ok")), Stop())
    assert effects[0] == ShowReceipt(("AST-03",))
    assert "/ronda" in effects[1].sentence  # type: ignore[union-attr]


def test_an_unknown_event_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError):
        step(begun(), "hola")  # type: ignore[arg-type]


codes = st.sampled_from(["A-01", "A-02", "A-03", "A-04", "Z-99"])
texts = st.text(max_size=30)
fields = st.dictionaries(st.sampled_from(["text", "percent", "reason"]), texts, min_size=1, max_size=2)
achievements = st.none() | st.builds(AchievementInput, texts, texts, texts)
answers = st.builds(
    FollowUpInput, st.none() | st.floats(0, 100), texts, st.none() | st.dates(), achievement=achievements
)
events = st.one_of(
    st.builds(Start, st.none() | st.permutations(["A-01", "A-02", "A-03", "A-04"]).map(lambda p: tuple(p[:3]))),
    st.builds(Save, codes, answers, fields),
    st.builds(Same, codes, texts),
    st.builds(Skip, codes),
    st.just(Stop()),
    st.builds(Typed, st.text(max_size=80).map(lambda text: parse_lines(text, TODAY))),
    st.builds(Registered, codes, texts),
    st.builds(Refused, codes, fields, fields),
    st.builds(Refused, codes, sentence=texts),
)


@given(st.lists(events, max_size=25))
def test_no_sequence_of_events_loses_an_answer(happened: list[object]) -> None:
    state = begun("A-01", "A-02", "A-03")
    for event in happened:
        before = state
        state, effects = step(state, event)  # type: ignore[arg-type]
        assert effects, "every event is answered"
        assert State.from_json(json.loads(json.dumps(state.to_json()))) == state
        assert before.done.keys() <= state.done.keys()
        if isinstance(event, Save) or (isinstance(event, Same) and event.text.strip()):
            assert [effect.code for effect in effects if isinstance(effect, Register)] == [event.code]
        if isinstance(event, Typed):
            assert len(effects) >= len(event.lines.lines)
        if isinstance(event, Refused) and event.fields:
            assert state.drafts[event.code].values == event.values
        gone = before.drafts.keys() - state.drafts.keys()
        assert not gone or (isinstance(event, Registered) and gone == {event.code})


@given(st.lists(events, max_size=25))
def test_no_sequence_of_events_leaves_the_leader_stuck(happened: list[object]) -> None:
    state = after(begun("A-01", "A-02", "A-03"), *happened, Start())
    for _ in range(len(state.codes)):
        if state.current:
            state = after(state, Save(state.current, ANSWER), Registered(state.current, "ok"))
    state = after(state, Start())
    for _ in range(len(state.codes)):
        if state.current:
            state = after(state, Registered(state.current, "ok"))
    assert state.missing == ()
    assert state.current is None


def test_what_is_shown_last_is_at_hand_until_a_receipt_or_the_end() -> None:
    opened = after(begun(), Registered("AST-03", "ok"), Open("AST-03"))
    assert (opened.at_hand, after(opened, Refused("X-1", sentence="No")).at_hand) == ("AST-03", "AST-03")
    assert after(opened, Registered("AST-03", "ok")).at_hand == "AST-04"
    assert after(opened, Stop()).at_hand == ""
    assert after(opened, Stop(), Start()).at_hand == "AST-04"


def test_an_older_stored_state_is_read() -> None:
    stored = {name: value for name, value in begun().to_json().items() if name not in ("shown", "stopped")}
    assert State.from_json(stored | {"drafts": {"AST-04": {"values": {}, "problems": {}}}}).at_hand == "AST-03"


@given(st.lists(codes.map(Skip), max_size=30))
def test_skipping_for_ever_comes_to_an_end(skips: list[Skip]) -> None:
    state = after(begun("A-01", "A-02", "A-03"), *skips)
    assert len(state.queue) <= 2 * len(state.codes)
    for _ in range(6):
        if state.current:
            state = after(state, Skip(state.current))
    assert state.current is None
    assert set(state.missing) == {"A-01", "A-02", "A-03"}
