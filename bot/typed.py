"""Follow-ups that are typed: one line or several, each in its own month; what was asked in words is answered so."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date

from bot.answers import Answer, Turn, done, refused, said
from bot.drawing.month import LEADERS, is_closed, open_button
from bot.in_hand import Round, at_hand, state_of, take_in_hand
from bot.rounds import recorded, shown_of, start_of, step
from bot.unknown import WELCOME
from cards.which_month import WhichMonth, which_month
from dialogs import followup as dialog
from dialogs.commands import Unknown
from dialogs.completing import completed
from dialogs.inputs import follow_up_of
from dialogs.lines import BareFigure, FollowUpLines, ParsedLine, bare_figure, looks_like_follow_up, parse_lines
from dialogs.state import Draft, State
from methodology import followups
from methodology.actions import find
from methodology.people import led_initiatives
from methodology.refusals import NotFound, NotNow, Refusal
from methodology.rules.followup import NO_PERCENT
from methodology.rules.months import Month
from storage.matrix import Initiative

Placed = tuple[Initiative, Month | None, ParsedLine]
_LONGEST = 4000
IS_IT = "No es claro si {number} es el avance de {code}. Responda sí o no, o escriba el porcentaje."
IT_IS = "Sí, es {number} %"
IT_IS_NOT = "No"
IN_WORDS = "Puede responder con otro mensaje o en la tarjeta."
STILL = "Falta un dato para registrar. {question}"
NOT_RECORDED = "{what} no se registró. {why}"
LACKS = {
    "percent": "el porcentaje",
    "text": "el texto",
    "reason": "el motivo",
    "met_on": "la fecha de cumplimiento",
    "evidence": "la evidencia",
    "confirmed_same": "la confirmación del texto",
    "achievement_text": "el texto del logro",
    "achievement_priority": "la prioridad del logro",
    "achievement_kind": "el tipo de resultado",
}
OTHER = "un dato"
NO_CODE = "Lo escrito sin código"


def in_words(turn: Turn, meant: Unknown) -> list[Answer]:
    """Words that are no command and no line: the answer to what was just asked, else the question once more.

    Nothing when nothing was asked, for a greeting, and for a command that was misspelt.
    """
    if meant.greets or (month_round := at_hand(turn)) is None:
        return []
    state = state_of(turn, month_round)
    if not meant.thanks and (answers := _continue(turn, month_round, state, meant)):
        return answers
    draft = state.drafts.get(state.asked) if meant.free else None
    if draft and meant.thanks:
        return [said(f"{WELCOME} {_still_lacks(state.asked, draft.problems)}")]
    return [said(STILL.format(question=_asking(state.asked, draft.problems)))] if draft else []


def _continue(turn: Turn, month_round: Round, state: State, meant: Unknown) -> list[Answer]:
    """What the action asked about still lacked, or a figure without its sign."""
    code = state.asked
    if draft := state.drafts.get(code):
        plainly = not meant.misspelt
        if values := completed(draft.values, draft.problems, meant.text, turn.desk.today, plainly=plainly):
            answer, problems = follow_up_of(values, turn.desk.today)
            event = dialog.Refused(code, problems, values) if problems else dialog.Save(code, answer, values)
            state, shown = step(turn, month_round, event)
            return recorded(turn, [*_asked_in_words(shown), *shown_of(turn, month_round, state, shown)])
    return _bare(turn, month_round, state.at_hand, meant.text)


def _bare(turn: Turn, month_round: Round, code: str, text: str) -> list[Answer]:
    """«80 el proyecto …», while an action is asked for: its answer. What may count something is asked first."""
    figure = bare_figure(text)
    if figure is None or not code:
        return []
    line = f"{code} {figure.line}"
    if figure.clear:
        return type_lines(turn, parse_lines(line, turn.desk.today), line, month_round.month)
    return [_is_it(turn, month_round, code, figure, text)]


def _is_it(turn: Turn, month_round: Round, code: str, figure: BareFigure, text: str) -> Answer:
    """The question; what was written is kept as the action's text, which still lacks its figure."""
    kept = state_of(turn, month_round).drafts.get(code, Draft()).values
    step(
        turn,
        month_round,
        dialog.Refused(code, {"percent": NO_PERCENT}, {**kept, "percent": "", "text": text[:_LONGEST]}),
    )
    desk = turn.desk.anew("cifra")
    args = {"text": f"{code} {figure.line}"[:_LONGEST], "month": str(month_round.month)}
    asked = said(
        IS_IT.format(number=figure.number, code=code),
        next_title=IT_IS.format(number=figure.number),
        next_token=desk.button("lines.month", args, posts=LEADERS, initiative_id=month_round.initiative.id),
        other_title=IT_IS_NOT,
        other_token=open_button(desk, month_round.initiative, month_round.month, code),
    )
    return replace(asked, scope=desk.scope)


def type_lines(turn: Turn, lines: FollowUpLines, text: str, chosen: Month | None = None) -> list[Answer]:
    """`AST-04 80% …`: one or several answers without any card; each goes to its own action's month.

    `text` is what was written. Where R10 says that the leader must be asked, the question keeps the lines concerned
    (`chosen` answers it); the others are registered.
    """
    placed, answers = _placed(turn, lines)
    if any(line.code for line in lines.lines) and (asking := at_hand(turn)):
        step(turn, asking, dialog.Recode())
    for initiative, month, part in _by_month(placed, chosen):
        if month is None:
            concerned = _written_of(text, {line.code for line in part.lines}, turn.desk.today)
            answers.append(_ask_month(turn, initiative, concerned))
            continue
        month_round = Round(initiative, month, late=is_closed(turn.desk, initiative, month))
        answered = dialog.addressed(state_of(turn, month_round), part)
        step(turn, month_round, start_of(turn, month_round))
        take_in_hand(turn, month_round)
        state, shown = step(turn, month_round, dialog.Typed(answered))
        answers += [*_asked_in_words(shown), *shown_of(turn, month_round, state, shown)]
    answers += [said(error.sentence) for error in lines.errors]
    return recorded(turn, answers or [said(dialog.NO_LINES)])


def _asked_in_words(shown: Sequence[dialog.Effect]) -> list[Answer]:
    """Who types is asked by a sentence too, and may answer with another message; what was recorded is said first."""
    asked = [one for one in shown if isinstance(one, dialog.ShowItem) and one.problems]
    told = [done(f"{one.notice}.") for one in asked if one.notice]
    return [*told, *(said(_asking(one.code, one.problems)) for one in asked)]


def _still_lacks(code: str, problems: Mapping[str, str]) -> str:
    """«Faltan la fecha de cumplimiento y la evidencia de AST-05»."""
    *first, last = [LACKS.get(name, OTHER) for name in problems]
    return f"Faltan {', '.join(first)} y {last} de {code}." if first else f"Falta {last} de {code}."


def _asking(code: str, problems: Mapping[str, str]) -> str:
    return f"{code}: {' '.join(problems.values())} {IN_WORDS}"


def _placed(turn: Turn, lines: FollowUpLines) -> tuple[list[Placed], list[Answer]]:
    """The lines that some month may take, and a refusal for each other: one slip undoes no other line."""
    placed, refusals = [], []
    for line in lines.lines:
        try:
            placed.append(_place(turn, line))
        except Refusal as exc:
            refusals.append(refused(NOT_RECORDED.format(what=line.code or NO_CODE, why=exc)))
    return placed, refusals


def _ask_month(turn: Turn, initiative: Initiative, text: str) -> Answer:
    desk, current = turn.desk.anew("mes"), Month.of(turn.desk.today)

    def token(month: Month) -> str:
        args = {"text": text[:_LONGEST], "month": str(month)}
        return desk.button("lines.month", args, posts=LEADERS, initiative_id=initiative.id)

    former = current.plus(-1)
    card = which_month(WhichMonth(former, current, token(former), token(current)))
    return Answer(card=card, summary="¿A qué mes corresponde el reporte?", scope=desk.scope)


def _written_of(text: str, codes: Collection[str], today: date) -> str:
    """The lines of a message, with their continuations, that report those codes."""
    entries: list[str] = []
    for line in text.splitlines():
        if entries and not looks_like_follow_up(line):
            entries[-1] += f"\n{line}"
        else:
            entries.append(line)
    return "\n".join(one for one in entries if any(line.code in codes for line in parse_lines(one, today).lines))


def _by_month(placed: Sequence[Placed], chosen: Month | None) -> list[tuple[Initiative, Month | None, FollowUpLines]]:
    """The lines by initiative and month; the month is None where the leader must be asked (last, as the question)."""
    groups: dict[tuple[int, Month | None], tuple[Initiative, list[ParsedLine]]] = {}
    for initiative, due, line in placed:
        month = chosen or due
        groups.setdefault((initiative.id, month), (initiative, []))[1].append(line)
    found = [(initiative, month, FollowUpLines(tuple(part))) for (_, month), (initiative, part) in groups.items()]
    return sorted(found, key=lambda group: group[1] is None)


def _place(turn: Turn, line: ParsedLine) -> Placed:
    """R10 for one line; one without a code is about the action on the leader's screen.

    Raises:
        Refusal: nobody may report so, or it is not known of which action.
    """
    session, today, method = turn.desk.session, turn.desk.today, turn.desk.studio.method
    if line.code:
        named = find(session, line.code)
        followups.require_taken(session, named, line.answer, actor=turn.actor, today=today)
        return named.initiative, followups.due_month_of(session, named, today, method), replace(line, code=named.code)
    if month_round := at_hand(turn):
        if state_of(turn, month_round).stopped:
            raise NotNow(dialog.PAUSED)
        return month_round.initiative, month_round.month, line
    mine = led_initiatives(session, turn.actor)
    if len(mine) != 1:
        raise NotFound(dialog.WHICH)
    return mine[0], followups.due_month(session, mine[0], today, method), line
