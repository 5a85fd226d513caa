"""The leader's month as a conversation: action after action, at their own pace, resumable at any point (R11, R12).

`step` decides nothing about the method: it hands every answer on (`Register`) and shows what came back. An answer is
never held here only: whatever order the events come in, it is on its way to the ledger, or its words are in a draft.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import singledispatch

from dialogs.inputs import as_typed
from dialogs.lines import FollowUpLines, ParsedLine, bare_figure
from dialogs.state import Draft, State
from methodology.rules.followup import FollowUpInput

LEADER = "LT"
SAID = "{code}: {result}"
NO_ACTIONS = "No hay acciones por reportar."
SAME_TEXT = "El porcentaje se conserva; describa en el texto el estado de la acción."
NOT_CURRENT = "{code} no es la acción en curso."
NO_LINES = "No se encontró ningún avance. Escriba, por ejemplo: AST-04 80% el proyecto salió a comentarios."
WHICH = "Indique el código de la acción. Por ejemplo: AST-04 80% el proyecto salió a comentarios."
ATTACHED = "Se recibió {file}: queda como evidencia de {code} al guardar."
STOPPED = "Puede retomar en cualquier momento con /ronda."
PAUSED = "El seguimiento está en pausa: retómelo con /ronda o escriba el código de la acción."


@dataclass(frozen=True)
class Start:
    """Begin or resume. `codes` are the month's actions now (None: as before), `done` what the ledger already has.

    Both win over the state, so that a registration by somebody else, or a crash, leaves nothing to ask twice.
    """

    codes: tuple[str, ...] | None = None
    done: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Save:
    """«Guardar y seguir». `values` are the card's inputs as typed, to be shown again if refused."""

    code: str
    answer: FollowUpInput
    values: Mapping[str, str] = field(default_factory=dict)
    source: str = LEADER


@dataclass(frozen=True)
class Same:
    """«Sin cambios»: the number stays, the text is still asked for (R12)."""

    code: str
    text: str
    confirmed_same: bool = False
    values: Mapping[str, str] = field(default_factory=dict)
    source: str = LEADER


@dataclass(frozen=True)
class Open:
    """Show one action out of its turn: to answer it now, or to correct what was recorded."""

    code: str


@dataclass(frozen=True)
class Look:
    """The card of an action is drawn again as it is said here; nothing of it is kept."""

    item: ShowItem


@dataclass(frozen=True)
class Leave:
    """What was written elsewhere and not saved stands on its action's card, which says so (`warning`)."""

    code: str
    values: Mapping[str, str]
    warning: str


@dataclass(frozen=True)
class Attach:
    """A file came about an action: `evidence` names it, and stands in the field until the answer is saved."""

    code: str
    evidence: str


@dataclass(frozen=True)
class Recode:
    """Lines came with their codes: the sentence without code whose figure was asked about is dropped."""


@dataclass(frozen=True)
class Skip:
    code: str


@dataclass(frozen=True)
class Stop:
    pass


@dataclass(frozen=True)
class Typed:
    lines: FollowUpLines
    source: str = LEADER


def addressed(state: State, lines: FollowUpLines) -> FollowUpLines:
    """A line without code is about what is at hand; a figure alone goes with the text that was written before.

    Every line takes along the evidence that waits for its action to be saved.
    """
    return replace(lines, lines=tuple(_filled(state, line) for line in lines.lines))


def _filled(state: State, line: ParsedLine) -> ParsedLine:
    code, answer = line.code or state.at_hand, line.answer
    kept = state.drafts.get(code, Draft()).values
    text = answer.text if line.code else answer.text or kept.get("text", "")
    return replace(
        line, code=code, answer=replace(answer, text=text, evidence=answer.evidence or kept.get("evidence", ""))
    )


@dataclass(frozen=True)
class Registered:
    """The operation recorded the answer; `result` says it in a few words («85 %, a tiempo»)."""

    code: str
    result: str


@dataclass(frozen=True)
class Refused:
    """The operation asks for more: `fields` maps an input to its sentence, `values` is what was typed.

    A refusal without fields (the action is not this leader's) says why in `sentence`.
    """

    code: str
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    sentence: str = ""


Event = Start | Save | Same | Open | Look | Leave | Attach | Recode | Skip | Stop | Typed | Registered | Refused


@dataclass(frozen=True)
class Register:
    """Hand the answer to the operation, then report `Registered` or `Refused`. `keep_percent`: the last number holds.

    `keep_text`: without a text of its own it corrects the figure alone, and the month's text holds (R13).
    `values` go back into `Refused`, so that what was typed is shown again.
    """

    code: str
    answer: FollowUpInput
    source: str
    keep_percent: bool = False
    keep_text: bool = False
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ShowItem:
    """The card of one action; `notice` is what was recorded just before, `warning` why this was not.

    `with_reply`: the entity's whole answer stands on it.
    """

    code: str
    problems: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    warning: str = ""
    with_reply: bool = False


@dataclass(frozen=True)
class ShowReceipt:
    """The receipt of these actions, from the ledger."""

    codes: tuple[str, ...]


@dataclass(frozen=True)
class ShowText:
    sentence: str


Effect = Register | ShowItem | ShowReceipt | ShowText
_CARDS = (ShowItem, ShowReceipt)
Step = tuple[State, list[Effect]]


@singledispatch
def _on(event: object, state: State) -> Step:
    raise TypeError(event, state)


def step(state: State, event: Event) -> Step:
    """The next state and what is to be done; every event is answered by at least one effect."""
    state, effects = _on(event, replace(state, stopped=False))
    return _remembering(state, effects), effects


def _remembering(state: State, effects: Sequence[Effect]) -> State:
    """What is shown last is what the next words are about, and what they may answer where it asks for something."""
    last = effects[-1] if effects else None
    asked = last.code if isinstance(last, ShowItem) and last.problems else ""
    cards = [effect.code if isinstance(effect, ShowItem) else "" for effect in effects if isinstance(effect, _CARDS)]
    return replace(state, asked=asked, shown=cards[-1] if cards else state.shown)


def answered(state: State, results: Sequence[Registered | Refused]) -> Step:
    """What came back for one event's answers; several are told together: one receipt, one text, the next action."""
    if len(results) == 1:
        return step(state, results[0])
    for result in results:
        state, _ = step(state, result)
    codes = tuple(dict.fromkeys(one.code for one in results if isinstance(one, Registered)))
    refusals = [_refusal(one) for one in results if isinstance(one, Refused)]
    receipt: list[Effect] = [ShowReceipt(codes)] if codes else []
    texts: list[Effect] = [ShowText("\n\n".join(refusals))] if refusals else []
    effects = [*receipt, *texts, *(_here(state) if state.current else [])]
    return _remembering(state, effects), effects


def _refusal(one: Refused) -> str:
    return SAID.format(code=one.code, result=one.sentence or " ".join(one.fields.values()))


@_on.register
def _start(event: Start, state: State) -> Step:
    state = replace(state, done={**state.done, **event.done})
    if event.codes is not None and set(event.codes) != set(state.codes):
        state = _requeued(state, event.codes)
    state = _to_open(state)
    if state.current is None and state.missing:
        state = _to_open(replace(state, queue=(*state.queue, *state.missing), skipped=()))
    return state, _here(state)


@_on.register
def _save(event: Save, state: State) -> Step:
    values = dict(event.values) or as_typed(event.answer)
    return state, [Register(event.code, event.answer, event.source, values=values)]


@_on.register
def _same(event: Same, state: State) -> Step:
    text = event.text.strip()
    if not text:
        kept = state.drafts.get(event.code, Draft()).values
        draft = Draft({**kept, **event.values, "text": ""}, {"text": SAME_TEXT})
        return _drafted(state, event.code, draft)
    answer = FollowUpInput(None, text, confirmed_same=event.confirmed_same)
    values = {**event.values, **as_typed(answer)}
    return state, [Register(event.code, answer, event.source, keep_percent=True, values=values)]


@_on.register
def _open(event: Open, state: State) -> Step:
    if event.code not in state.queue:
        return state, [ShowText(NOT_CURRENT.format(code=event.code)), *_here(state)]
    if event.code not in state.done:
        behind, ahead = state.queue[: state.position], state.queue[state.position :]
        rest = tuple(code for code in ahead if code != event.code)
        state = replace(state, queue=(*behind, event.code, *rest))
    return state, [_item(state, event.code)]


@_on.register
def _look(event: Look, state: State) -> Step:
    return state, [event.item]


@_on.register
def _leave(event: Leave, state: State) -> Step:
    return _drafted(state, event.code, Draft(dict(event.values), warning=event.warning))


@_on.register
def _attach(event: Attach, state: State) -> Step:
    draft = state.drafts.get(event.code, Draft())
    evidence = "; ".join(filter(None, (draft.values.get("evidence", ""), event.evidence)))
    problems = {name: sentence for name, sentence in draft.problems.items() if name != "evidence"}
    draft = replace(draft, values={**draft.values, "evidence": evidence}, problems=problems)
    return _drafted(state, event.code, draft, ATTACHED.format(file=event.evidence, code=event.code))


@_on.register
def _recode(_event: Recode, state: State) -> Step:
    draft = state.drafts.get(state.at_hand, Draft())
    if "percent" not in draft.problems or bare_figure(draft.values.get("text", "")) is None:
        return state, []
    return replace(state, drafts={**state.drafts, state.at_hand: draft.without_report()}), []


@_on.register
def _skip(event: Skip, state: State) -> Step:
    if event.code != state.current:
        return state, [ShowText(NOT_CURRENT.format(code=event.code)), *_here(state)]
    if event.code not in state.skipped:
        state = replace(state, queue=(*state.queue, event.code), skipped=(*state.skipped, event.code))
    state = _to_open(replace(state, position=state.position + 1))
    return state, _here(state)


@_on.register
def _stop(_event: Stop, state: State) -> Step:
    receipt: list[Effect] = [ShowReceipt(tuple(state.done))] if state.done else []
    return replace(state, stopped=True), [*receipt, *([ShowText(STOPPED)] if state.missing or not receipt else [])]


@_on.register
def _typed_lines(event: Typed, state: State) -> Step:
    effects = [_line(line, event.source, state) for line in event.lines.lines]
    effects += [ShowText(error.sentence) for error in event.lines.errors]
    return state, effects or [ShowText(NO_LINES)]


def _line(line: ParsedLine, source: str, state: State) -> Effect:
    code = line.code or state.current
    if code is None:
        return ShowText(WHICH)
    return Register(code, line.answer, source, keep_percent=line.same, keep_text=True, values=as_typed(line.answer))


@_on.register
def _registered(event: Registered, state: State) -> Step:
    was_current = event.code == state.current
    drafts = {code: draft for code, draft in state.drafts.items() if code != event.code}
    done = {**state.done, event.code: event.result} if event.code in state.queue else state.done
    state = _to_open(replace(state, done=done, drafts=drafts))
    if not was_current:
        return state, [ShowReceipt((event.code,))]
    return state, _here(state, SAID.format(code=event.code, result=event.result))


@_on.register
def _refused(event: Refused, state: State) -> Step:
    if not event.fields:
        return state, [ShowText(event.sentence or NOT_CURRENT.format(code=event.code))]
    return _drafted(state, event.code, Draft(dict(event.values), dict(event.fields)))


def _drafted(state: State, code: str, draft: Draft, notice: str = "") -> Step:
    state = replace(state, drafts={**state.drafts, code: draft})
    return state, [_item(state, code, notice)]


def _item(state: State, code: str, notice: str = "") -> ShowItem:
    draft = state.drafts.get(code, Draft())
    return ShowItem(code, draft.problems, draft.values, notice, draft.warning)


def _here(state: State, notice: str = "") -> list[Effect]:
    """What a leader sees at this point: the current action, or at the end the receipt."""
    if state.current is None:
        return [ShowReceipt(tuple(state.done)) if state.done else ShowText(NO_ACTIONS)]
    return [_item(state, state.current, notice)]


def _to_open(state: State) -> State:
    """Past everything that is recorded."""
    position = state.position
    while position < len(state.queue) and state.queue[position] in state.done:
        position += 1
    return replace(state, position=position)


def _requeued(state: State, codes: tuple[str, ...]) -> State:
    """The queue for the actions of now: those ahead keep their order, new ones follow, closed ones are gone."""
    ahead = [code for code in state.queue[state.position :] if code in codes]
    behind = [code for code in state.queue[: state.position] if code in codes]
    fresh = [code for code in codes if code not in state.queue]
    skipped = tuple(code for code in state.skipped if code in codes)
    return replace(state, queue=(*behind, *ahead, *fresh), position=len(behind), skipped=skipped)
