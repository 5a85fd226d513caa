"""A file or photo sent in the chat is the evidence of the action on the screen, or of the one that is named (R12)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from bot import rounds, typed
from bot.answers import Answer, Turn, refused, said
from bot.in_hand import Round, at_hand, state_of
from bot.teams.attachments import Downloader, Fetched, NotFetched, Sent
from dialogs import followup as dialog
from dialogs.lines import normal_code, parse_lines
from methodology import evidence, followups
from methodology.actions import find
from methodology.rules.months import Month
from storage.ledger import CardAction
from storage.matrix import Action, EvidenceFile

WHICH = "Para guardar el archivo como evidencia, envíelo con el código de la acción. Por ejemplo: AST-05."
NOT_KEPT = "«{name}» no se pudo guardar: {why}. Envíelo de nuevo o indique un enlace."


async def fetched(downloader: Downloader, files: Sequence[Sent]) -> tuple[list[Fetched], list[Answer]]:
    """What could be had, and a sentence for each file that could not."""
    had: list[Fetched] = []
    problems: list[Answer] = []
    for one in files:
        try:
            had.append(await downloader.fetch(one))
        except NotFetched as exc:
            problems.append(refused(NOT_KEPT.format(name=one.name, why=exc)))
    return had, problems


def meant(turn: Turn, text: str) -> Action | None:
    """The action that the message names, else the one on this leader's screen."""
    session = turn.desk.session
    lines = parse_lines(text, turn.desk.today).lines
    code = normal_code(text) or (lines[0].code if len(lines) == 1 else "")
    if code:
        return find(session, code)
    month_round = at_hand(turn)
    current = state_of(turn, month_round).at_hand if month_round else ""
    return find(session, current) if current else None


def keep(turn: Turn, text: str, files: Sequence[Fetched]) -> list[Answer]:
    """Store the files; a line that reports takes them along, else the action's card shows them in its field."""
    session, action = turn.desk.session, meant(turn, text)
    if action is None:
        return [refused(WHICH)]
    rows = [
        evidence.keep(
            session, action, name=one.name, content_type=one.content_type, data=one.data, actor=turn.actor,
            now=turn.desk.now,
        )
        for one in files
    ]  # fmt: skip
    names = ", ".join(evidence.called(row) for row in rows)
    lines = parse_lines(text, turn.desk.today)
    if lines.lines and not lines.errors:
        return typed.type_lines(turn, lines.with_evidence(names), text)
    month = followups.due_month_of(session, action, turn.desk.today, turn.desk.studio.method)
    month_round = Round(action.initiative, month or Month.of(turn.desk.today), late=False)
    rounds.step(turn, month_round, rounds.start_of(turn, month_round))
    return rounds.run(turn, month_round, dialog.Attach(action.code, names))


def open_file(turn: Turn, button: CardAction) -> Answer:
    """`evidence.open`: the file by its signed link."""
    row = turn.desk.session.get_one(EvidenceFile, button.args["file"])
    url = turn.desk.studio.evidence_url(row.id)
    return said(f"{row.name}, enviado por {row.by}", url=url, url_title="Descargar")


def content(session: Session, file_id: int) -> tuple[str, bytes] | None:
    """Name and bytes of a file, for whoever holds its signed link."""
    row = session.get(EvidenceFile, file_id)
    return (row.name, row.data) if row else None
