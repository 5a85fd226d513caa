"""Road 4: the slash commands. Each reads or does one thing and answers with a card; the table is dialogs/commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import rounds
from bot.ahead_commands import AHEAD
from bot.answers import Answer, Turn, refused
from bot.drawing import alerting, planning
from bot.drawing.context import Desk
from bot.drawing.month import LEADERS, begin_button, undecided_of
from bot.drawing.paging import paged
from bot.drawing.troubles import tray_card
from bot.files import MATRIX, REPORT, file_buttons
from bot.life_commands import LIFE
from bot.operations import by_command, undo_last
from cards import why as why_card
from cards.help import MOST as HELP_MOST
from cards.help import Help, HelpLine, HelpTopic, help_card
from cards.parts import Element
from cards.pending import PAGE, Pending, PendingAction, Undecided, pending
from cards.report_ready import ReportReady, report_ready
from cards.status import Status, StatusRow, status
from dialogs.command_table import BY_NAME, MOST_USED, TOPICS, Spec
from dialogs.commands import Command, InitiativeName, help_for, may_use
from methodology import alerts, followups
from methodology.as_of import require_known
from methodology.contents import ACHIEVEMENTS, PUBLISHED
from methodology.explaining import LEDGER, NEXT, STATE, explain
from methodology.people import led_initiatives
from methodology.publishing import draft, name_of, period_of
from methodology.refusals import NotAllowed, NotFound
from methodology.rules.figures import semaforo
from methodology.rules.months import Month
from methodology.rules.periods import Period
from methodology.rules.spanish import long_date, month_name, one_of
from methodology.rules.states import POST_NAMES, POST_OFFICES, Post
from methodology.rules.table import RULES
from methodology.standing import running, standing
from storage.ledger import Report
from storage.matrix import Action, ActionVersion, Entity, Initiative

Run = Callable[[Turn, Mapping[str, str | date]], Answer]
WORKING_COPY = "Copia de trabajo, con alertas; no es la publicada"
AS_IT_STOOD = "Como estaba registrada ese día; no es la publicada"


def initiative_names(session: Session) -> list[InitiativeName]:
    """What initiatives may be called, with the prefix of their codes."""
    names = []
    for initiative in session.scalars(select(Initiative).order_by(Initiative.position)):
        code = session.scalar(select(Action.code).where(Action.initiative_id == initiative.id).limit(1)) or ""
        names.append(InitiativeName(initiative.slug, initiative.name, code.partition("-")[0]))
    return names


def entity_names(session: Session) -> list[str]:
    return list(session.scalars(select(Entity.name).order_by(Entity.name)))


def run(turn: Turn, command: Command) -> Answer:
    """Do what was asked, if this person's posts may use the command.

    Raises:
        Refusal: with the sentence to show.
    """
    posts = {post for post, _where in turn.actor.posts}
    if not may_use(command.name, posts):
        whose = one_of(POST_OFFICES[post] for post in BY_NAME[command.name].posts)
        raise NotAllowed(
            f"/{command.name} no está entre las opciones de su cargo; corresponde a: {whose}. "
            "Con /ayuda se ven las disponibles."
        )
    asked = command.name in IN_A_FORM and command.args and not command.unread
    if command.problem and not asked:
        return refused(command.problem)
    scoped = replace(turn, desk=turn.desk.anew("orden"))
    answer = COMMANDS[command.name](scoped, command.args)
    return answer if answer.scope else replace(answer, scope=scoped.desk.scope)


def _initiative(turn: Turn, args: Mapping[str, str | date]) -> Initiative | None:
    slug = args.get("initiative")
    if not slug:
        return None
    found = turn.desk.session.scalar(select(Initiative).where(Initiative.slug == slug))
    if found is None:
        raise NotFound(f"No hay una iniciativa «{slug}».")
    return found


def _status(turn: Turn, args: Mapping[str, str | date]) -> Answer:
    desk, one = turn.desk, _initiative(turn, args)
    rows = []
    for initiative in [one] if one else running(desk.session):
        stands = standing(desk.session, initiative, desk.today, desk.studio.method)
        rows.append(StatusRow(initiative.name, stands.figures, stands.lights))
    return Answer(card=status(Status(desk.today, tuple(rows))), summary="Estado de las iniciativas")


def _of_months(chosen: Sequence[Initiative], months: Mapping[int, Month]) -> list[str]:
    """The initiatives with the month that is asked of them, each month once."""
    return [
        f"{', '.join(one.name for one in chosen if months[one.id] == month)}: {month_name(month.year, month.number)}"
        for month in sorted(set(months.values()))
    ]


def pending_list(turn: Turn, args: Mapping[str, str | date], first: int = 0) -> Answer:
    """Whom the month still misses: the leader's own initiatives, or all of them for planning and management."""
    desk, one = turn.desk, _initiative(turn, args)
    chosen = [one] if one else _mine(turn)
    found, months = [], {}
    for initiative in chosen:
        month = followups.month_at_hand(desk.session, initiative, desk.today, desk.studio.method)
        months[initiative.id] = month
        found += followups.owed(desk.session, initiative.id, month)
    mine = [i for i in chosen if i.id in turn.actor.initiatives(Post.LEADER)]
    resume = begin_button(desk, mine[0], months[mine[0].id]) if mine and found else ""
    names, posts = " · ".join(_of_months(chosen, months)), BY_NAME["pendientes"].posts
    shown, page = paged(desk, "pending.page", found, first, PAGE, posts, initiative=one.slug if one else "")
    rows = tuple(_pending(desk, action) for action in shown)
    data = Pending(names, rows, resume, page, undecided=() if first else _undecided(turn, chosen))
    return Answer(card=pending(data), summary=f"{len(found)} acciones pendientes")


def _undecided(turn: Turn, chosen: Sequence[Initiative]) -> tuple[Undecided, ...]:
    """Whoever only looks on has no button."""
    found = ((one, bool(turn.actor.holds(LEADERS, one.id))) for one in chosen)
    return tuple(row for one, decides in found for row in undecided_of(turn.desk, one, decides=decides))


def _pending(desk: Desk, row: Action) -> PendingAction:
    light = semaforo(row.state, row.due, desk.today, limits=desk.studio.method.of(row.initiative))
    return PendingAction(row.code, row.text, row.entity.short, row.due, light)


def _mine(turn: Turn) -> list[Initiative]:
    led = turn.actor.initiatives(Post.LEADER)
    everyone = turn.actor.holds((Post.PLANNING, Post.MANAGEMENT))
    return [i for i in running(turn.desk.session) if everyone or i.id in led]


def alert_list(turn: Turn, args: Mapping[str, str | date], first: int = 0) -> Answer:
    """A leader sees the alerts of the own initiatives; the others, of all."""
    one = _initiative(turn, args)
    posts = BY_NAME["alertas"].posts
    if one:
        turn.actor.require(posts, one.id)
    found = alerts.open_alerts(turn.desk.session, one.id if one else None)
    rows = [row for row in found if turn.actor.holds(posts, row.initiative_id)]
    led = " · ".join(row.name for row in led_initiatives(turn.desk.session, turn.actor))
    everywhere = turn.actor.holds([post for post in posts if post != Post.LEADER])
    subtitle = one.name if one else "Todas las iniciativas" if everywhere else led
    slug = one.slug if one else ""
    card, summary = alerting.list_card(turn.desk, subtitle, rows, first=first, slug=slug)
    return Answer(card=card, summary=summary)


def _matrix(turn: Turn, args: Mapping[str, str | date]) -> Answer:
    desk, initiative = turn.desk, _initiative(turn, args)
    if initiative is None:
        raise NotFound("Indique la iniciativa: /matriz astilleros.")
    day = args.get("date")
    if isinstance(day, date):
        require_known(desk.session, initiative, day, desk.today)
    past = day if isinstance(day, date) and day < desk.today else None
    url = desk.studio.matrix_url(initiative, past)
    card = report_ready(
        ReportReady(
            title="Matriz de seguimiento",
            initiative=initiative.name,
            period=f"Al {long_date(past or desk.today)}",
            version=_matrix_version(desk.session, initiative),
            cut_off=past or desk.today,
            published=False,
            state=AS_IT_STOOD if past else WORKING_COPY,
            urls={"html": url, "pdf": f"{url}&formato=pdf", "excel": f"{url}&formato=xlsx"},
            files=file_buttons(desk, BY_NAME["matriz"].posts, MATRIX, initiative.slug, past),
        )
    )
    return Answer(card=card, summary=f"Matriz de {initiative.name}")


def _matrix_version(session: Session, initiative: Initiative) -> int:
    query = select(ActionVersion.id).join(Action, Action.id == ActionVersion.action_id)
    return 1 + len(session.scalars(query.where(Action.initiative_id == initiative.id)).all())


def _why(turn: Turn, args: Mapping[str, str | date]) -> Answer:
    """`/por-que CODE`: how it stands, every date with its rule, what was told, and what comes next."""
    desk, name = turn.desk, str(args["code"])
    told = explain(desk.session, name, desk.today, desk.studio.method, desk.today)
    dated = [one for one in told.reasons if one.rule not in (STATE, NEXT, LEDGER)]
    data = why_card.Why(
        subject=told.subject,
        state=" ".join(told.of(STATE)),
        following=" ".join(told.of(NEXT)),
        rules=tuple(one.words for one in dated),
        numbers=tuple(dict.fromkeys(one.rule for one in dated if one.rule in RULES)),
        told=tuple(reversed(told.of(LEDGER))),
    )
    return Answer(card=why_card.why(data), summary=why_card.summary(data))


def _date(turn: Turn, args: Mapping[str, str | date]) -> Answer:
    given = {"accion": _said(args, "code"), "fecha": _said(args, "date"), "motivo": _said(args, "reason")}
    return by_command(turn, "accion.fecha", **given)


def _reassign(turn: Turn, args: Mapping[str, str | date]) -> Answer:
    given = {"accion": _said(args, "code"), "entidad": _said(args, "entity"), "motivo": _said(args, "reason")}
    return by_command(turn, "accion.reasignar", **given)


def _met(turn: Turn, args: Mapping[str, str | date]) -> Answer:
    given = {"accion": _said(args, "code"), "fecha": _said(args, "date"), "evidencia": _said(args, "evidence")}
    return by_command(turn, "accion.cumplida", **given)


def _promise(turn: Turn, args: Mapping[str, str | date]) -> Answer:
    """R16: the date an entity promised."""
    return by_command(turn, "entidad.plazo", entidad=_said(args, "entity"), fecha=_said(args, "date"))


def _said(args: Mapping[str, str | date], name: str) -> str:
    value = args.get(name, "")
    return value.isoformat() if isinstance(value, date) else value


def _report(turn: Turn, args: Mapping[str, str | date]) -> Answer:
    """`/reporte logros`: the draft of the period (the last one that ended, unless another is named)."""
    desk, initiative = turn.desk, _initiative(turn, args)
    if initiative is None:
        raise NotFound("Indique la iniciativa: /reporte logros astilleros.")
    published = desk.studio.published
    periodicity = desk.studio.method.of(initiative).periodicity
    written = str(args.get("period") or "")
    try:
        period = Period.parse(written, periodicity) if written else Period.of(desk.today, periodicity).previous()
    except ValueError as exc:
        raise NotFound(f"{exc}.") from exc
    report = draft(desk.session, ACHIEVEMENTS, initiative.id, period, desk.now, settings=published)
    if report.state == PUBLISHED or not turn.actor.holds((Post.PLANNING,)):
        return Answer(card=report_card(turn, report), summary=name_of(report))
    card, summary = planning.draft_of(desk, report)
    return Answer(card=card, summary=summary)


def report_card(turn: Turn, report: Report) -> Element:
    """Links to one report's documents."""
    urls = {name: turn.desk.studio.report_url(report.id, extension) for name, extension in _FORMATS.items()}
    return report_ready(
        ReportReady(
            title=report.content["title"],
            initiative=report.initiative.name if report.initiative else "",
            period=period_of(report),
            version=report.version,
            cut_off=report.cut_off,
            published=report.state == PUBLISHED,
            urls=urls,
            digest=report.digest,
            files=file_buttons(turn.desk, BY_NAME["reporte"].posts, REPORT, str(report.id)),
        )
    )


_FORMATS = {"html": "html", "pdf": "pdf", "excel": "xlsx"}


def _approve(turn: Turn, args: Mapping[str, str | date]) -> Answer:
    number = str(args["report"]).lstrip("#")
    if not number.isdigit():
        raise NotFound("Indique el número del reporte, o use el botón «Aprobar y publicar» de su borrador.")
    card, summary = planning.approval_card(turn.desk, int(number), turn.actor)
    return Answer(card=card, summary=summary)


def _tray(turn: Turn, _args: Mapping[str, str | date]) -> Answer:
    card, summary = tray_card(turn.desk)
    return Answer(card=card, summary=summary)


def _help(turn: Turn, args: Mapping[str, str | date]) -> Answer:
    """Everything that this person may ask; or one option, whoever it belongs to."""
    posts = sorted({post for post, _where in turn.actor.posts}, key=[str(post) for post in Post].index)
    name = " y ".join(POST_NAMES[Post(post)][turn.actor.gender == "f"] for post in posts)
    if chosen := args.get("command"):
        return Answer(card=help_card(Help(name, (_help_of(BY_NAME[str(chosen)]),))), summary=f"/{chosen}")
    mine = {spec.name: HelpLine(spec.usage, spec.help) for spec in help_for(posts)}
    most = list(dict.fromkeys(name for post in posts for name in MOST_USED.get(Post(post), ())))[:HELP_MOST]
    topics = tuple(
        HelpTopic(title, tuple(mine[name] for name in names if name in mine and name not in most))
        for title, names in TOPICS.items()
    )
    lines = tuple(mine[name] for name in most)
    card = help_card(Help(name, lines, tuple(topic for topic in topics if topic.lines), reports=Post.LEADER in posts))
    return Answer(card=card, summary="Qué puede solicitar aquí")


def _help_of(spec: Spec) -> HelpLine:
    others = ", ".join(f"«{alias}»" for alias in spec.aliases)
    return HelpLine(spec.usage, spec.help, others, one_of(POST_OFFICES[post] for post in spec.posts))


IN_A_FORM = ("fecha", "reasignar", "cumplida", "plazo")
"""What they still lack is asked in their form."""
COMMANDS: Mapping[str, Run] = {
    "ronda": lambda turn, args: rounds.resume(turn, _initiative(turn, args)),
    "terminar": lambda turn, _args: rounds.stop(turn),
    "estado": _status,
    "pendientes": pending_list,
    "alertas": alert_list,
    "matriz": _matrix,
    "por-que": _why,
    "fecha": _date,
    "reasignar": _reassign,
    "cumplida": _met,
    "plazo": _promise,
    "deshacer": lambda turn, _args: undo_last(turn),
    "reporte": _report,
    "aprobar": _approve,
    "bandeja": _tray,
    "ayuda": _help,
    **AHEAD,
    **LIFE,
}
