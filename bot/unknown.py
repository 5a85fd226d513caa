"""What was not understood is answered with what this reader may ask; a greeting with a greeting, thanks in a word."""

from __future__ import annotations

from datetime import datetime

from bot.answers import Answer, Turn, said
from bot.drawing.month import LEADERS
from dialogs.command_table import MOST_USED
from dialogs.commands import Unknown
from methodology.clock import local

FREE = "Con /ayuda se ven las opciones."
LINE = "Para reportar un avance basta una línea: AST-04 80% y el texto."
WELCOME = "Con gusto."
GREETING = "{greeting}. Puede solicitar {most}; con /ayuda se ven todas las opciones."
NOON, EVENING = 12, 18


def answer(turn: Turn, unknown: Unknown) -> Answer:
    posts = {post for post, _where in turn.actor.posts}
    if unknown.thanks:
        return said(WELCOME)
    if unknown.greets:
        return said(_greeting(turn.desk.now, posts))
    if not unknown.free:
        return said(unknown.sentence(posts))
    return said(f"{FREE} {LINE}" if turn.actor.holds(LEADERS) else FREE)


def _greeting(now: datetime, posts: set[str]) -> str:
    hour = local(now).hour
    greeting = "Buenos días" if hour < NOON else "Buenas tardes" if hour < EVENING else "Buenas noches"
    mine = next((names for post, names in MOST_USED.items() if post in posts), ())
    if not mine:
        return f"{greeting}. {FREE}"
    *first, last = [f"/{name}" for name in mine[:3]]
    return GREETING.format(greeting=greeting, most=f"{', '.join(first)} o {last}")
