"""The commands about the life of an initiative: each shows a subject's card or opens an operation's form."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta

from sqlalchemy import select

from bot.answers import Answer, Turn
from bot.drawing.entities import in_a_line
from bot.drawing.forms import operation_button, settled
from bot.drawing.paging import paged
from bot.drawing.subjects import EVERYBODY, line_of, meetings_ahead, open_button, subject_card
from bot.operations import PREPARE, about, free_of_row, groups, show_form
from cards.operation_list import OperationGroup, OperationList, operation_list
from cards.parts import WHOLE, Page
from cards.subject import BUTTONS, Section, Subject, SubjectLine, subject
from dialogs.command_table import BY_NAME
from dialogs.commands import may_use
from methodology import actions, naming
from methodology.backlog import held_for_case
from methodology.closing import OPERATIONS as CLOSING
from methodology.closing import outlook
from methodology.entity_figures import figures
from methodology.operation import Kind, Operation
from methodology.operations import find
from methodology.refusals import NotFound
from methodology.rules.spanish import full_date, long_date
from methodology.rules.states import INITIATIVE_LABELS, MEETING_NAMES, POST_NAMES, InitiativeState, MeetingKind, Post
from storage.life import Member
from storage.matrix import Entity, Initiative

Args = Mapping[str, str | date]
CANDIDATES = (InitiativeState.CANDIDATE, InitiativeState.VALIDATING, InitiativeState.BUILDING)
AHEAD = timedelta(days=120)
PAGE = 10
LAUNCHED = "{name} se lanzó el {day}; la agenda de ese lanzamiento no se registró aquí."
NO_MEETINGS = "No hay reuniones registradas."
NO_MEMBERS = "No hay integrantes registrados."
NO_CANDIDATES = "No hay iniciativas candidatas ni en construcción."
TO_CLOSE = "Qué falta para el cierre"
HELD = (
    "Superan dos meses de vencidas, pero su alerta es anterior al arranque y Planeación no la ha liberado: {codes}. Se "
    "liberan desde el aviso de alertas anteriores al arranque."
)
NO_ENTITIES = "Todavía no se ha enviado una solicitud."
NO_DAYS_OFF = "No hay días no hábiles en los próximos meses."


def _initiative(turn: Turn, args: Args) -> Initiative:
    return naming.initiative(turn.desk.session, str(args["initiative"]))


def _show(
    turn: Turn, kind: Kind, row: object, first: Iterable[Operation] = (), above: tuple[Section, ...] = ()
) -> Answer:
    card, summary = subject_card(turn.desk, turn.actor, kind, row, first=first, above=above)
    return Answer(card=card, summary=summary)


def _action(turn: Turn, args: Args) -> Answer:
    return _show(turn, Kind.ACTION, actions.find(turn.desk.session, str(args["code"])))


def _open(turn: Turn, args: Args) -> Answer:
    return _show(turn, Kind.INITIATIVE, _initiative(turn, args))


def _closing(turn: Turn, args: Args) -> Answer:
    """The initiative with what is missing before it closes, and what closes it at hand."""
    initiative, desk = _initiative(turn, args), turn.desk
    said = outlook(desk.session, initiative, desk.studio.method, desk.today)
    section = Section(TO_CLOSE, tuple(SubjectLine(line) for line in said))
    return _show(turn, Kind.INITIATIVE, initiative, CLOSING, (section,))


def _case(turn: Turn, args: Args) -> Answer:
    """R30. Where none was opened because planning holds the alerts back, it says which."""
    session, where = turn.desk.session, str(args["initiative"])
    try:
        return _show(turn, Kind.CASE, naming.case(session, where))
    except NotFound as exc:
        held = held_for_case(session, _initiative(turn, args), turn.desk.today)
        if not held:
            raise
        raise NotFound(f"{exc} {HELD.format(codes=', '.join(held))}") from exc


def _pause(turn: Turn, args: Args) -> Answer:
    """Nothing happens until the form is sent."""
    given, typed = {"iniciativa": _initiative(turn, args).slug}, {"motivo": str(args.get("reason", ""))}
    return show_form(turn, find("iniciativa.pausar"), given, typed)


def _entity(turn: Turn, args: Args) -> Answer:
    """One entity, or all of them that are asked."""
    if name := args.get("entity"):
        return _show(turn, Kind.ENTITY, actions.find_entity(turn.desk.session, str(name)))
    return entity_list(turn)


def entity_list(turn: Turn, first: int = 0) -> Answer:
    """Those that left more cycles unanswered first, page by page."""
    desk = turn.desk
    known = figures(desk.session, desk.studio.method, desk.today)
    rows = desk.session.scalars(select(Entity).where(Entity.id.in_(known)).order_by(Entity.name)).all()
    ordered = sorted(rows, key=lambda row: -known[row.id].silent)
    shown, page = paged(desk, "entities.page", ordered, first, PAGE, BY_NAME["entidad"].posts)
    lines = tuple(line_of(desk, Kind.ENTITY, row, in_a_line(known[row.id])) for row in shown)
    sections = (Section("Solicitudes y respuestas", lines, NO_ENTITIES),)
    return _listed(turn, "Entidades responsables", "Más ciclos sin respuesta primero", sections, (), page=page)


def _letter(turn: Turn, args: Args) -> Answer:
    """An official letter whose number somebody told by phone."""
    entity = actions.find_entity(turn.desk.session, str(args["entity"]))
    return show_form(turn, find("entidad.oficio"), {"entidad": entity.name})


def _absence(turn: Turn, args: Args) -> Answer:
    days = {name: day.isoformat() for name, key in _DAYS if isinstance(day := args.get(key), date)}
    typed = days | {"suplente": str(args.get("substitute", ""))}
    return show_form(turn, find("persona.ausencia"), None, typed)


_DAYS = (("desde", "date"), ("hasta", "until"))


def _launch(turn: Turn, args: Args) -> Answer:
    """The launch's agenda; when there is none yet, the form that prepares it, unless it is past."""
    initiative = _initiative(turn, args)
    if initiative.launch and not meetings_ahead(turn.desk, initiative.id, MeetingKind.LAUNCH):
        told = SubjectLine(LAUNCHED.format(name=initiative.name, day=long_date(initiative.launch)))
        return _show(turn, Kind.INITIATIVE, initiative, above=(Section(MEETING_NAMES[MeetingKind.LAUNCH], (told,)),))
    return _meeting_or_form(turn, MeetingKind.LAUNCH, initiative)


def _internal(turn: Turn, _args: Args) -> Answer:
    return _meeting_or_form(turn, MeetingKind.INTERNAL, None)


def _meeting_or_form(turn: Turn, kind: MeetingKind, initiative: Initiative | None) -> Answer:
    meetings = meetings_ahead(turn.desk, initiative.id if initiative else None, kind)
    if meetings:
        return _show(turn, Kind.MEETING, meetings[0])
    given = {"clase": str(kind)} | ({"iniciativa": initiative.slug} if initiative else {})
    return show_form(turn, find(PREPARE), given)


def _meetings(turn: Turn, args: Args) -> Answer:
    """One initiative's meetings, or all of them."""
    initiative = _initiative(turn, args) if args.get("initiative") else None
    rows = meetings_ahead(turn.desk, initiative.id if initiative else None)
    sections = (Section("Reuniones", tuple(line_of(turn.desk, Kind.MEETING, row) for row in rows), NO_MEETINGS),)
    if initiative is None:
        return _listed(turn, "Reuniones", "Todas las iniciativas", sections, free_of_row(turn, "reunion"))
    operations = [one for one in about(Kind.INITIATIVE, "reunion") if _may(turn, one, initiative)]
    operations += free_of_row(turn, "reunion")
    return _listed(turn, "Reuniones", initiative.name, sections, operations, initiative)


def _team(turn: Turn, args: Args) -> Answer:
    """R41–R44: who belongs to the team, proposed, invited or active."""
    desk, initiative = turn.desk, _initiative(turn, args)
    rows = desk.session.scalars(select(Member).where(Member.initiative_id == initiative.id).order_by(Member.id))
    lines = tuple(line_of(desk, Kind.MEMBER, row) for row in rows)
    operations = [one for one in about(Kind.INITIATIVE, "ean") if _may(turn, one, initiative)]
    sections = (Section("Integrantes", lines, NO_MEMBERS),)
    return _listed(turn, "Equipo de Alto Nivel", initiative.name, sections, operations, initiative)


def _candidates(turn: Turn, _args: Args) -> Answer:
    """R38–R40: those of Fase II first."""
    query = select(Initiative).where(Initiative.state.in_(CANDIDATES))
    rows = turn.desk.session.scalars(query.order_by(Initiative.phase_two.desc(), Initiative.position))
    lines = tuple(line_of(turn.desk, Kind.INITIATIVE, row, _candidate(row)) for row in rows)
    sections = (Section("Iniciativas", lines, NO_CANDIDATES),)
    return _listed(turn, "Iniciativas candidatas", "Fase II primero", sections, free_of_row(turn, "iniciativa"))


def _candidate(row: Initiative) -> str:
    parts = ("Fase II" if row.phase_two else "", row.origin, INITIATIVE_LABELS.get(row.state, row.state))
    return " · ".join(part for part in parts if part)


def _calendar(turn: Turn, _args: Args) -> Answer:
    """The holidays and institutional days off of the next months."""
    calendar, today = turn.desk.studio.method.calendar, turn.desk.today
    days = [today + timedelta(days=n) for n in range(AHEAD.days)]
    weekend = 5
    found = [(day, why) for day in days if day.weekday() < weekend and (why := calendar.why_not(day))]
    lines = tuple(SubjectLine(full_date(day).capitalize(), why) for day, why in found)
    sections = (Section("Días no hábiles", lines, NO_DAYS_OFF),)
    return _listed(turn, "Calendario", "De lunes a viernes", sections, free_of_row(turn, "calendario"))


def _may(turn: Turn, operation: Operation, initiative: Initiative) -> bool:
    in_state = not operation.states or initiative.state in operation.states
    return operation.at_hand and in_state and bool(turn.actor.holds(operation.posts, initiative.id))


def _listed(
    turn: Turn,
    title: str,
    subtitle: str,
    sections: tuple[Section, ...],
    operations: Iterable[Operation],
    initiative: Initiative | None = None,
    page: Page = WHOLE,
) -> Answer:
    """A list, or a page of it, with the operations that add to it."""
    buttons = []
    for one in list(operations)[:BUTTONS]:
        given = settled(one, Kind.INITIATIVE, initiative.slug) if initiative else {}
        where = initiative.id if initiative else None
        buttons.append((one.title, operation_button(turn.desk, one, given, where, {})))
    words = f"Abrir {initiative.name}" if initiative else ""
    back = [(words, open_button(turn.desk, Kind.INITIATIVE, initiative))] if initiative else []
    data = Subject(title, subtitle, sections=sections, operations=tuple([*buttons, *back][:BUTTONS]), page=page)
    return Answer(card=subject(data), summary=title)


def operations_list(turn: Turn, topic: str = "") -> Answer:
    """What this person may do, by what it is about; of one `topic`, or to choose among them."""
    every = tuple(
        OperationGroup(NOUNS.get(noun, noun.capitalize()), tuple((one.title, one.id) for one in rows), noun)
        for noun, rows in groups(turn).items()
    )
    found = tuple(one for one in every if one.key == topic) or every
    posts = _in_order(turn)
    data = OperationList(
        " y ".join(POST_NAMES[Post(post)][turn.actor.gender == "f"] for post in posts),
        found,
        choose=turn.desk.button("op.choose", {"kind": "", "key": ""}, posts=EVERYBODY) if len(found) == 1 else "",
        turn=turn.desk.button("op.topic", {}, posts=EVERYBODY) if len(found) > 1 else "",
        back=turn.desk.button("op.topics", {}, posts=EVERYBODY) if len(found) < len(every) else "",
        commands=tuple(example for name, example in EXAMPLES if may_use(name, posts)),
    )
    return Answer(card=operation_list(data), summary="Operaciones")


def _in_order(turn: Turn) -> list[str]:
    held = {post for post, _where in turn.actor.posts}
    return [post for post in Post if post in held]


EXAMPLES = (
    ("accion", "/accion AST-04"),
    ("iniciativa", "/iniciativa astilleros"),
    ("reunion", "/reunion"),
    ("caso", "/caso astilleros"),
)
NOUNS = {
    "accion": "Acción",
    "asunto": "Bandeja",
    "caso": "Solución de alto nivel",
    "cuello": "Cuello de botella",
    "ean": "Equipo de Alto Nivel",
    "priorizacion": "Priorización",
    "reunion": "Reunión",
    "ronda": "Seguimiento del mes",
    "solucion": "Obstáculos y soluciones",
}
"""Where the noun of an operation's id is not the word that people read."""
LIFE: Mapping[str, Callable[[Turn, Args], Answer]] = {
    "accion": _action,
    "iniciativa": _open,
    "lanzamiento": _launch,
    "seguimiento": _internal,
    "reunion": _meetings,
    "caso": _case,
    "equipo": _team,
    "pausar": _pause,
    "cierre": _closing,
    "candidatas": _candidates,
    "entidad": _entity,
    "oficio": _letter,
    "ausencia": _absence,
    "calendario": _calendar,
    "operaciones": lambda turn, _args: operations_list(turn),
}
