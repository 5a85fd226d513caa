"""Which month of which initiative a leader is in the middle of, and which of several was shown last."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.answers import Turn
from bot.drawing.month import is_closed
from dialogs.state import State
from methodology import followups
from methodology.people import led_initiatives
from methodology.rules.months import Month
from methodology.rules.states import Post
from storage import conversations
from storage.matrix import Initiative

SHOWN = "shown"


@dataclass(frozen=True)
class Round:
    """One leader's month of one initiative; `late` once its window has closed (then only text and commands count)."""

    initiative: Initiative
    month: Month
    late: bool

    def fresh(self) -> State:
        return State(str(self.month), self.initiative.slug)

    def key(self, turn: Turn) -> str:
        return f"{_hand(turn)}:{self.initiative.slug}:{self.month}"


def state_of(turn: Turn, month_round: Round) -> State:
    return loaded(turn, month_round)[0]


def loaded(turn: Turn, month_round: Round) -> tuple[State, int]:
    """The state and its version; what was left half written before the entity reported anew is taken off."""
    stored = conversations.load(turn.desk.session, month_round.key(turn))
    state = State.from_json(stored.state) if stored.state else month_round.fresh()
    newest = _reported(turn, month_round, state)
    drafts = {code: draft.beside(newest.get(code, 0)) for code, draft in state.drafts.items()}
    return replace(state, drafts=drafts), stored.etag


def keep(turn: Turn, month_round: Round, state: State, etag: int) -> None:
    """Compare and set; a draft without a report's number is written beside the one that waits now."""
    newest = _reported(turn, month_round, state)
    drafts = {
        code: replace(draft, reported=draft.reported or newest.get(code, 0)) for code, draft in state.drafts.items()
    }
    conversations.save(turn.desk.session, month_round.key(turn), replace(state, drafts=drafts).to_json(), etag)


def _reported(turn: Turn, month_round: Round, state: State) -> dict[str, int]:
    """The newest report that waits for its leader, by the codes of the drafts."""
    return followups.newest_proposals(turn.desk.session, state.drafts, month_round.month) if state.drafts else {}


def open_rounds(turn: Turn) -> list[Round]:
    """The months that this leader could be in the middle of; of several, the one that was shown last comes first."""
    found = _due(turn)
    shown = _shown(turn) if len(found) > 1 else ""
    return sorted(found, key=lambda one: one.key(turn) != shown)


def at_hand(turn: Turn) -> Round | None:
    """The month that words without a code are about: the only one, or of several the one that was shown last."""
    found = _due(turn)
    if len(found) > 1:
        shown = _shown(turn)
        found = [one for one in found if one.key(turn) == shown]
    return found[0] if found else None


def _due(turn: Turn) -> list[Round]:
    session, method = turn.desk.session, turn.desk.studio.method
    led = led_initiatives(session, turn.actor)
    months = [(one, followups.due_month(session, one, turn.desk.today, method)) for one in led]
    return [Round(one, month, late=is_closed(turn.desk, one, month)) for one, month in months if month]


def take_in_hand(turn: Turn, month_round: Round) -> None:
    """This month is what its leader sees from here on; kept of who leads several initiatives."""
    key = month_round.key(turn)
    if len(turn.actor.initiatives(Post.LEADER)) > 1 and key != _shown(turn):
        stored = conversations.load(turn.desk.session, _hand(turn))
        conversations.save(turn.desk.session, _hand(turn), {SHOWN: key}, stored.etag)


def _shown(turn: Turn) -> str:
    return str(conversations.load(turn.desk.session, _hand(turn)).state.get(SHOWN, ""))


def _hand(turn: Turn) -> str:
    return f"ronda:{turn.actor.person_id}"
