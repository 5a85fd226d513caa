"""Subject cards: any row of the method as it stands, its short lists, and what this person may do to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import time
from typing import Any

from sqlalchemy import select

from bot.drawing.context import Desk
from bot.drawing.entities import entity_facts
from bot.drawing.forms import about_button
from bot.drawing.month import LEADERS, begin_button, undecided_of
from bot.drawing.rows import NOUNS, find_row, key_of, label_of
from cards.parts import Element, count, figure, when
from cards.pending import DECIDE, TO_DECIDE, reported
from cards.subject import BUTTONS, Section, Subject, SubjectLine, subject
from cards.tray import BACK
from methodology.alerts import open_alerts
from methodology.alerts import subject as alert_subject
from methodology.clock import local
from methodology.evidence import files_of
from methodology.followups import month_at_hand, owes
from methodology.naming import FINDERS
from methodology.operation import Doing, Field, Kind, Operation
from methodology.operations import OPERATIONS, available, lacking
from methodology.people import Actor, holders
from methodology.rules.figures import semaforo
from methodology.rules.spanish import long_date, short_date, time_of_day
from methodology.rules.states import (
    ACTION_LABELS,
    CASE_LABELS,
    OPEN_ALERTS,
    ActionState,
    IdeaState,
    InitiativeState,
    MeetingState,
    Post,
    state_label,
)
from methodology.standing import standing
from storage.ledger import Alert, CaseAction, HighLevelCase, InboundMail, TrayItem
from storage.life import AgendaItem, Agreement, Measure, Meeting, Member
from storage.matrix import Achievement, Action, EvidenceFile, Initiative, Obstacle, Solution

EVERYBODY = (Post.LEADER, Post.MANAGEMENT, Post.PLANNING, Post.VICE_MINISTER, Post.MINISTER)
REPORT = "Registrar el seguimiento"
_FIRST, _PLURAL = re.compile(r"^(\w+a)\b"), r"\1s"
MATRIX = "Ver la matriz"
DOCUMENT = "Ver la agenda y sus documentos"
CASE_ENDED = "Terminada sin surtirse"
_GOOD = ("cumplida", "realizada", "activa", "ejecutada", "surtida", "tratado", "atendida", "vigente", "en_ejecucion")
_ATTENTION = ("elevada_1", "elevada_2", "abierta", "cerrada_sin_cumplir", "rechazada")
Facts = list[tuple[str, str]]
Drawn = tuple[Facts, Sequence[Section]]


def subject_card(
    desk: Desk,
    actor: Actor,
    kind: Kind,
    row: Any,  # noqa: ANN401 - any mapped row
    *,
    done: str = "",
    undo: str = "",
    refused: str = "",
    first: Iterable[Operation] = (),
    above: Sequence[Section] = (),
) -> tuple[Element, str]:
    """The card and its summary. `done` is what was just done to it, `undo` what takes it back, `refused` why not.

    The operations in `first` get the buttons; the sections in `above` stand before its own.
    """
    doing = doing_of(desk, actor)
    operations = _ordered([*available(doing, kind, row), *_beside(doing, kind, row)], first)
    found, sections = _DRAWERS.get(kind, _plain)(desk, row)
    state, style = _state(desk, row)
    args = {"kind": kind.name, "key": key_of(kind, row)}
    url, url_title = _page(desk, row)
    month = [*_month(desk, actor, row), *_to_tray(desk, actor, row)]
    shown = BUTTONS - bool(url) - len(month)  # a client draws six in all
    rest = operations[shown:]
    data = Subject(
        title=_title(kind, row),
        subtitle=_subtitle(kind, row),
        state=state,
        style=style,
        words=_words(kind, row),
        facts=tuple((name, value) for name, value in found if value),
        sections=(*above, *sections),
        operations=(*month, *((one.title, about_button(desk, one, kind, row)) for one in operations[:shown])),
        more=tuple((one.title, one.id) for one in rest),
        choose=desk.button("op.choose", args, posts=EVERYBODY) if rest else "",
        lacks=() if done else tuple(lacking(doing, kind, row)),
        done=done,
        undo=undo,
        refused=refused,
        url=url,
        url_title=url_title,
    )
    return subject(data), f"{NOUNS[kind]}: {label_of(kind, row)}"


def _month(desk: Desk, actor: Actor, row: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - any mapped row
    """A leader comes back from here to the month that is still asked for, or to what waits for a decision."""
    if isinstance(row, Action) and actor.holds(LEADERS, row.initiative_id):
        return [(DECIDE, one.open) for one in undecided_of(desk, row.initiative, row.code)][:1]
    if not isinstance(row, Initiative) or row.state != InitiativeState.RUNNING:
        return []
    if row.id not in actor.initiatives(Post.LEADER):
        return []
    method = desk.studio.method
    month = month_at_hand(desk.session, row, desk.today, method)
    opened = method.window(month, method.of(row)).first <= desk.today
    return [(REPORT, begin_button(desk, row, month))] if opened and owes(desk.session, row.id, month) else []


def _to_tray(desk: Desk, actor: Actor, row: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - any mapped row
    """Planning goes on with the next matter."""
    if not isinstance(row, TrayItem) or not actor.holds((Post.PLANNING,)):
        return []
    return [(BACK, desk.button("tray.page", {"first": 0}, posts=(Post.PLANNING,)))]


def _page(desk: Desk, row: Any) -> tuple[str, str]:  # noqa: ANN401 - any mapped row
    """The page where all of it stands, and its title."""
    if isinstance(row, Meeting):
        return desk.studio.meeting_url(row.id), DOCUMENT
    if isinstance(row, Initiative) and row.launch:
        return desk.studio.matrix_url(row), MATRIX
    return "", ""


def doing_of(desk: Desk, actor: Actor) -> Doing:
    return Doing(desk.session, actor, desk.now, desk.studio.method, desk.studio.published)


def open_button(desk: Desk, kind: Kind, row: Any) -> str:  # noqa: ANN401 - any mapped row
    """The token that shows the row by itself."""
    return desk.button("subject.open", {"kind": kind.name, "key": key_of(kind, row)}, posts=EVERYBODY)


def line_of(desk: Desk, kind: Kind, row: Any, detail: str = "") -> SubjectLine:  # noqa: ANN401 - any mapped row
    """The row in another one's list, with its button."""
    return SubjectLine(label_of(kind, row), detail or state_in_words(row), open_button(desk, kind, row))


def state_in_words(row: Any) -> str:  # noqa: ANN401 - any mapped row
    """«Carta firmada», «En validación de MinCIT»; empty for what has no state."""
    stored = getattr(row, "state", "")
    if isinstance(row, HighLevelCase):
        return CASE_LABELS.get(stored, stored) if row.closed_on is None else CASE_ENDED
    return state_label(str(stored))


def _beside(doing: Doing, kind: Kind, row: Any) -> list[Operation]:  # noqa: ANN401 - any mapped row
    """What begins without a row and may be about this initiative: to prepare a meeting of it."""
    if kind != Kind.INITIATIVE:
        return []
    return [
        one
        for one in OPERATIONS.values()
        if one.at_hand
        and not (one.subject and one.subject.kind in FINDERS)
        and any(field.kind == kind for field in one.fields)
        and doing.actor.holds(one.posts, row.id)
        and all(_has_choice(doing, field, row) for field in one.fields)
    ]


def _has_choice(doing: Doing, field: Field, initiative: Initiative) -> bool:
    return field.among is None or field.among(doing, {"initiative": initiative}) != []


def _ordered(operations: Sequence[Operation], first: Iterable[Operation]) -> list[Operation]:
    chosen = {one.id for one in first}
    return sorted(operations, key=lambda one: one.id not in chosen)


def _state(desk: Desk, row: Any) -> tuple[str, str]:  # noqa: ANN401 - any mapped row
    if isinstance(row, Action) and row.state == ActionState.OPEN:
        paused = row.initiative.state == InitiativeState.PAUSED
        limits = desk.studio.method.of(row.initiative)
        light = semaforo(row.state, row.due, desk.today, paused=paused, limits=limits).value
        return light.word, light.style
    stored = getattr(row, "state", "")
    return state_in_words(row), "good" if stored in _GOOD else "attention" if stored in _ATTENTION else "emphasis"


def _title(kind: Kind, row: Any) -> str:  # noqa: ANN401 - any mapped row
    """Its name alone: state, day and initiative stand beside it."""
    if kind == Kind.CASE:
        return str(row.initiative.name)
    if kind == Kind.ALERT:
        return alert_subject(row)
    return row.code if kind == Kind.ACTION else label_of(kind, row)


def _subtitle(kind: Kind, row: Any) -> str:  # noqa: ANN401 - any mapped row
    if kind == Kind.CASE:
        return NOUNS[kind]
    where = getattr(row, "initiative", None) or getattr(getattr(row, "case", None), "initiative", None)
    return f"{NOUNS[kind]} · {where.name}" if where else NOUNS[kind]


def _words(kind: Kind, row: Any) -> str:  # noqa: ANN401 - any mapped row
    if kind == Kind.ALERT:
        return row.action.text if row.action else ""
    return row.text if kind in (Kind.ACTION, Kind.SOLUTION, Kind.AGREEMENT, Kind.ACHIEVEMENT) else ""


# --- what each kind tells -----------------------------------------------------------------------------------------


def _plain(_desk: Desk, _row: Any) -> Drawn:  # noqa: ANN401 - any mapped row
    return [], ()


def _action(desk: Desk, row: Action) -> Drawn:
    moved = f"{when(row.original_due)}, {count(row.due_moves, 'cambio', 'cambios')}" if row.due_moves else ""
    alerts = desk.session.scalars(select(Alert).where(Alert.action_id == row.id, Alert.state.in_(OPEN_ALERTS)))
    found = [
        ("Entidad", row.entity.name),
        ("Con copia a", row.joint),
        ("Apoyo", row.supporting),
        ("Prioridad", row.priority),
        ("Estado", ACTION_LABELS.get(row.state, row.state)),
        ("Vencimiento", when(row.due)),
        ("Fecha original", moved),
        ("Avance", figure(row.percent)),
        ("Último reporte", row.narrative),
        (TO_DECIDE, " ".join(map(reported, undecided_of(desk, row.initiative, row.code, decides=False)))),
        ("Cumplida el", when(row.met_on) if row.met_on else ""),
        ("Validada por la entidad", when(row.validated_on) if row.validated_on else ""),
        ("Incorporada el", when(row.incorporated_on) if row.incorporated_on else ""),
        ("Salida el", when(row.exited_on) if row.exited_on else ""),
    ]
    logros = desk.session.scalars(
        select(Achievement).where(Achievement.action_id == row.id, Achievement.withdrawn_at.is_(None))
    )
    return found, [
        _section(desk, "Alertas en curso", Kind.ALERT, alerts),
        Section("Evidencias", tuple(_evidence_line(desk, one) for one in files_of(desk.session, row))),
        Section("Logros", tuple(line_of(desk, Kind.ACHIEVEMENT, one, _logro_detail(one)) for one in logros)),
    ]


def _evidence_line(desk: Desk, row: EvidenceFile) -> SubjectLine:
    token = desk.button("evidence.open", {"file": row.id}, posts=EVERYBODY, initiative_id=row.action.initiative_id)
    return SubjectLine(row.name, f"{row.by} · {when(local(row.at).date())}", token)


def _logro_detail(row: Achievement) -> str:
    told = f"informado en el reporte {row.report_id}" if row.report_id else "por informar"
    return f"{row.priority} · {row.kind} · {told}"


def _achievement(_desk: Desk, row: Achievement) -> Drawn:
    told = f"Reporte {row.report_id}" if row.report_id else "Por informar"
    state = "Retirado o reemplazado" if row.withdrawn_at else told
    return [("Prioridad", row.priority), ("Tipo de resultado", row.kind), ("Mes", row.month), ("Reporte", state)], ()


def _initiative(desk: Desk, row: Initiative) -> Drawn:
    session, stands = desk.session, standing(desk.session, row, desk.today, desk.studio.method)
    leaders = ", ".join(person.name for person in holders(session, Post.LEADER, row.id, desk.today))
    lights = ", ".join(_counted(light.value.word.lower(), number) for light, number in stands.lights.items())
    found = [
        ("Líder técnico", leaders),
        ("Lanzamiento", when(row.launch) if row.launch else ""),
        ("Origen", f"{row.origin}{', Fase II' if row.phase_two else ''}" if row.origin else ""),
        ("Sustento", row.grounds),
        ("Comunicación", row.communication),
        ("Cumplimiento", figure(stands.figures.compliance, "Sin acciones")),
        ("Avance promedio", figure(stands.figures.progress) if stands.figures.counted else ""),
        ("Acciones", lights),
        ("En pausa desde", when(row.paused_on) if row.paused_on else ""),
        ("Cerrada el", when(row.closed_on) if row.closed_on else ""),
    ]
    return found, [
        _section(desk, "Solución de alto nivel", Kind.CASE, _open_cases(desk, row.id)),
        _section(desk, "Acciones por incorporar", Kind.ACTION, _coming_actions(desk, row.id)),
        _section(desk, "Barreras y soluciones por validar", Kind.SOLUTION, coming_solutions(desk, row.id)),
        _section(desk, "Reuniones", Kind.MEETING, meetings_ahead(desk, row.id)),
        _section(desk, "Alertas en curso", Kind.ALERT, open_alerts(session, row.id)),
    ]


def _counted(word: str, number: int) -> str:
    """«1 vencida», «2 próximas a vencer», «3 al día», «2 en solución de alto nivel»."""
    if word.startswith("solución"):
        return f"{number} en {word}"
    return f"{number} {word if number == 1 else _FIRST.sub(_PLURAL, word)}"


def _section(desk: Desk, title: str, kind: Kind, rows: Iterable[Any], none: str = "") -> Section:
    return Section(title, tuple(line_of(desk, kind, row) for row in rows), none)


def _open_cases(desk: Desk, initiative_id: int) -> Iterable[HighLevelCase]:
    query = select(HighLevelCase).where(HighLevelCase.initiative_id == initiative_id)
    return desk.session.scalars(query.order_by(HighLevelCase.id.desc()).limit(3))


def _coming_actions(desk: Desk, initiative_id: int) -> Iterable[Action]:
    coming = (ActionState.PROPOSED, ActionState.TO_VALIDATE)
    query = select(Action).where(Action.initiative_id == initiative_id, Action.state.in_(coming))
    return desk.session.scalars(query.order_by(Action.code))


def coming_solutions(desk: Desk, initiative_id: int) -> Iterable[Solution]:
    """Proposals that are not part of the matrix yet (R7, R29)."""
    coming = (IdeaState.PROPOSED, IdeaState.TO_VALIDATE)
    query = select(Solution).join(Obstacle).where(Obstacle.initiative_id == initiative_id, Solution.state.in_(coming))
    return desk.session.scalars(query.order_by(Solution.id))


def meetings_ahead(desk: Desk, initiative_id: int | None, *kinds: str) -> list[Meeting]:
    """Those prepared or convened, then the last ones held; of one initiative, or of all."""
    query = select(Meeting).where(Meeting.state != MeetingState.CANCELLED).order_by(Meeting.id.desc()).limit(8)
    if initiative_id is not None:
        query = query.where(Meeting.initiative_id == initiative_id)
    if kinds:
        query = query.where(Meeting.kind.in_(kinds))
    return sorted(desk.session.scalars(query), key=lambda one: one.state == MeetingState.HELD)


def _case(desk: Desk, row: HighLevelCase) -> Drawn:
    found = [
        ("Abierta el", long_date(row.opened_on)),
        ("Parte del líder técnico", _part(row.leader_part, row.leader_by)),
        ("Parte de la Gerencia General", _part(row.management_part, row.management_by)),
        ("Surtida el", when(row.exhausted_on) if row.exhausted_on else ""),
        ("Terminada el", when(row.closed_on) if row.closed_on else ""),
    ]
    joined = desk.session.scalars(select(CaseAction).where(CaseAction.case_id == row.id).order_by(CaseAction.id))
    measures = desk.session.scalars(select(Measure).where(Measure.case_id == row.id).order_by(Measure.deadline))
    actions = tuple(
        line_of(desk, Kind.ACTION, one.action, one.outcome or ACTION_LABELS.get(one.action.state, "")) for one in joined
    )
    lines = tuple(
        line_of(desk, Kind.MEASURE, one, f"{one.responsible} · {short_date(one.deadline)} · {state_in_words(one)}")
        for one in measures
    )
    none = "No se ha definido ninguna medida; se requiere al menos una."
    return found, [Section("Acciones", actions), Section("Medidas", lines, none)]


def _part(words: str, who: str) -> str:
    return f"{words} ({who})" if words else "Por registrar"


def _measure(_desk: Desk, row: Measure) -> Drawn:
    found = [("Responsable", row.responsible), ("Plazo", long_date(row.deadline)), ("Resultado", row.result)]
    return found, ()


def _meeting(desk: Desk, row: Meeting) -> Drawn:
    begins = f", {time_of_day(time.fromisoformat(row.begins))}" if row.begins else ""
    following = when(row.next_on) if row.next_on else "Por definir" if row.next_undefined else ""
    found = [
        ("Fecha", f"{long_date(row.on)}{begins}" if row.on else "Por definir"),
        ("Duración", count(row.minutes, "minuto", "minutos")),
        ("Lugar", row.place),
        ("Convocados", "; ".join(row.guests)),
        ("Realizada el", when(row.held_on) if row.held_on else ""),
        ("Resumen", row.summary),
        ("Próxima reunión", following),
        ("Excepción", row.exception),
    ]
    items = desk.session.scalars(
        select(AgendaItem).where(AgendaItem.meeting_id == row.id).order_by(AgendaItem.position)
    )
    agreed = desk.session.scalars(select(Agreement).where(Agreement.meeting_id == row.id).order_by(Agreement.id))
    agenda = tuple(line_of(desk, Kind.ITEM, one, _item_detail(one)) for one in items)
    agreements = tuple(line_of(desk, Kind.AGREEMENT, one, _agreement_detail(one)) for one in agreed)
    return found, [Section("Agenda", agenda, "Sin puntos."), Section("Acuerdos", agreements)]


def _item_detail(row: AgendaItem) -> str:
    parts = (row.speaker, f"{row.minutes} min", state_in_words(row), row.decision)
    return " · ".join(part for part in parts if part)


def _agreement_detail(row: Agreement) -> str:
    parts = (row.owner, when(row.due) if row.due else "", state_in_words(row), row.became)
    return " · ".join(part for part in parts if part)


def _item(_desk: Desk, row: AgendaItem) -> Drawn:
    found = [("Expone", row.speaker), ("Duración", f"{row.minutes} minutos"), ("Decisión", row.decision)]
    lines = tuple(SubjectLine(line) for line in row.content)
    return found, [Section("Contenido", lines)]


def _agreement(_desk: Desk, row: Agreement) -> Drawn:
    due = when(row.due) if row.due else ""
    return [("Clase", row.kind), ("Responsable", row.owner), ("Plazo", due), ("Se convirtió en", row.became)], ()


def _member(_desk: Desk, row: Member) -> Drawn:
    found = [
        ("Cargo", f"{row.post}{' (E)' if row.acting else ''}"),
        ("Entidad", row.entity),
        ("Correo", row.mail),
        ("Suplente", row.substitute),
        ("Desde", when(row.since)),
        ("Hasta", when(row.until) if row.until else ""),
        ("Propuesto por", row.proposed_by),
        ("Invitación firmada por", row.signed_by),
        ("Invitación enviada el", when(row.invited_on) if row.invited_on else ""),
    ]
    return found, [Section("Invitación", (SubjectLine(row.letter),) if row.letter else ())]


def _alert(_desk: Desk, row: Alert) -> Drawn:
    entity = row.action.entity if row.action else row.entity
    found = [
        ("Entidad", entity.name if entity else ""),
        ("Registrada el", long_date(row.raised_on)),
        ("Vencimiento", when(row.action.due) if row.action else ""),
        ("Anotación", row.note),
        ("Acuse de recibo", row.acknowledged_by),
        ("Compromiso", when(row.acknowledged_until) if row.acknowledged_until else ""),
        ("Gestión asignada a", f"{row.managed_by}: {row.managed_text}" if row.managed_by else ""),
        ("Elevada al despacho ministerial por", row.minister_by),
        ("Segundo momento", f"{row.second_by}: {row.second_reason}" if row.second_by else ""),
        ("Atendida", row.handled_text),
        ("Cerrada por", row.closed_because.replace("_", " ")),
    ]
    return found, ()


def _solution(_desk: Desk, row: Solution) -> Drawn:
    obstacle = row.obstacle
    found = [
        (obstacle.kind[:1].upper() + obstacle.kind[1:], obstacle.text),
        ("Tema", obstacle.theme),
        ("Origen", obstacle.origin),
        ("Presentada por", obstacle.brought_by),
        ("Sustento de la mayoría", obstacle.evidence),
        ("Acercamiento a la entidad", when(row.approached_on) if row.approached_on else ""),
    ]
    return found, ()


def _tray(desk: Desk, row: TrayItem) -> Drawn:
    """A mail as it came, and what was made of it."""
    mail = desk.session.get(InboundMail, row.detail.get("mail_id") or 0)
    found = [
        ("De", str(row.detail.get("from", ""))),
        ("Asunto", str(row.detail.get("subject", ""))),
        ("Nombre", str(row.detail.get("nombre", ""))),
        ("Correo", str(row.detail.get("mail", ""))),
        ("Motivo", str(row.detail.get("motivo", ""))),
        ("Resuelto", row.resolution),
    ]
    if mail is None:
        return found, ()
    paragraphs = tuple(SubjectLine(line) for line in mail.text.splitlines() if line.strip())
    return found, [
        Section("Texto del correo", paragraphs, "El correo no trae texto legible."),
        Section("Lo que se hizo con él", tuple(SubjectLine(reason) for reason in mail.reasons)),
    ]


_DRAWERS: Mapping[Kind, Callable[[Desk, Any], Drawn]] = {
    Kind.ACTION: _action,
    Kind.ENTITY: entity_facts,
    Kind.INITIATIVE: _initiative,
    Kind.CASE: _case,
    Kind.MEASURE: _measure,
    Kind.MEETING: _meeting,
    Kind.ITEM: _item,
    Kind.AGREEMENT: _agreement,
    Kind.MEMBER: _member,
    Kind.ALERT: _alert,
    Kind.SOLUTION: _solution,
    Kind.ACHIEVEMENT: _achievement,
    Kind.TRAY: _tray,
}


def found_subject(
    desk: Desk, actor: Actor, kind_name: str, key: str, done: str = "", undo: str = "", refused: str = ""
) -> tuple[Element, str]:
    """The card of the row that a button named.

    Raises:
        NotFound: it is not there any more.
    """
    kind = Kind[kind_name]
    row = find_row(desk.session, kind, key)
    return subject_card(desk, actor, kind, row, done=done, undo=undo, refused=refused)
