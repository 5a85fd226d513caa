"""R17: the decision card of one initiative and day. A block per alert: what it is, what was done, what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from cards.parts import (
    Element,
    badge,
    button,
    buttons,
    card,
    clip,
    container,
    count,
    execute,
    facts,
    figure,
    fitting,
    heading,
    input_date,
    input_text,
    moment,
    own,
    problem,
    safe,
    show_card,
    text,
    titled,
    when,
)
from methodology.rules.spanish import full_date, short_date
from methodology.rules.states import AlertKind

TITLE = "{initiative}: {alerts} por decidir"
TITLE_DECIDED = "{initiative}: decisiones registradas"
TITLE_RECEIVED = "{initiative}: acuse de recibo registrado"
TITLE_OVER = "{initiative}: sin alertas por decidir"
SUBTITLE = "Escalamiento del {day} · {office}"
OVERDUE = "Vencida hace"
DONE = "**Gestiones realizadas**"
EARLIER = "Y {steps}: están en «Ver detalle»."
AS_OF = "{days}, al {day}"
CORRECT = "Corregir gestión"
NOTHING_DONE = "Sin gestiones registradas."
ASKED = "**Se solicita:** {ask}"
DECIDED = "**{what}** · {who}, {at}"
ACKNOWLEDGE = "Acuso recibo"
ASSIGN = "Asignar gestión"
DETAIL = "Ver detalle"
PERSON = "Persona o dependencia encargada"
UNTIL = "Fecha de compromiso"
INSTRUCTION = "Instrucción"
CONFIRM = "Asignar"
ASK = "Pedir más información"
QUESTION = "Información que se requiere"
SEND = "Solicitar"
PROMISE = "Fijar compromiso"
COMMIT = "Registrar compromiso"
SHOWN = "Se muestran las alertas {first} a {last} de {total}."
NEXT = "Siguientes"
PREVIOUS = "Anteriores"
DECIDED_WORD = "Decidida"
RECEIVED_WORD = "Acuse recibido"
OVER_WORD = "Cerrada"
OVER = "**Alerta cerrada:** {because}. No se requiere decisión."
WORDS = {
    AlertKind.OVERDUE_MONTH: ("Vencida ≥ 1 mes", "attention"),
    AlertKind.NO_REPLY: ("Sin respuesta", "warning"),
}
ASSIGNING, ASKING, PROMISING = "assign", "ask", "promise"
PAGE = 5
_TEXT_SHOWN = 220
_STEP_SHOWN = 160
_STEPS_SHOWN = 4
_QUIET: dict[str, Any] = {"size": "Small", "subtle": True, "spacing": "Small"}


@dataclass(frozen=True)
class Step:
    """Something that was done about the alert, and the day."""

    on: date
    text: str


@dataclass(frozen=True)
class Decision:
    """Who decided what and when, as it is told; `detail` is the rest (date promised, instruction).

    What `settles` nothing is a mere acknowledgement.
    """

    who: str
    what: str
    at: datetime
    detail: str = ""
    settles: bool = True


@dataclass(frozen=True)
class Charge:
    """Who was charged with an alert, until when, to do what."""

    person: str
    until: date | None
    text: str


@dataclass(frozen=True)
class Tried:
    """A form that was refused: which (ASSIGNING, ASKING, PROMISING), what was typed, by field what it lacks."""

    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EscalatedAlert:
    """`days` are days overdue, or hábil days of silence, on the day `on`.

    A button whose token is empty is not shown: a decided alert is given its `decisions` and no token but `detail` and
    `correct`, which changes the assignment that stands in `charge`. `over` is why the alert ended: nothing is asked.
    The form that was `tried` stands open, each problem at its field; the others unfold.
    """

    kind: str
    code: str
    action: str
    entity: str
    due: date | None
    days: int
    percent: float | None
    asks: str
    steps: tuple[Step, ...] = ()
    acknowledge: str = ""
    assign: str = ""
    ask: str = ""
    promise: str = ""
    detail: str = ""
    decisions: tuple[Decision, ...] = ()
    on: date | None = None
    correct: str = ""
    charge: Charge | None = None
    over: str = ""
    tried: Tried = Tried()


@dataclass(frozen=True)
class Escalation:
    """`first` is the index of the first alert on this page; `following` and `previous` turn it (PAGE alerts each)."""

    initiative: str
    office: str
    day: date
    alerts: tuple[EscalatedAlert, ...]
    first: int = 0
    following: str = ""
    previous: str = ""


def escalation(data: Escalation) -> Element:
    page = data.alerts[data.first : data.first + PAGE]
    shown = fitting([block(alert) for alert in page], PAGE)
    return card(
        heading(summary(data), SUBTITLE.format(day=full_date(data.day), office=data.office)),
        *shown,
        _where(data, len(shown)),
        actions=[button(PREVIOUS, data.previous), button(NEXT, data.following)],
    )


def summary(data: Escalation) -> str:
    """The notification's line."""
    waiting = sum(not (alert.decisions or alert.over) for alert in data.alerts)
    if not waiting:
        made = [one for alert in data.alerts for one in alert.decisions]
        settled = TITLE_DECIDED if any(one.settles for one in made) else TITLE_RECEIVED
        return (settled if made else TITLE_OVER).format(initiative=data.initiative)
    return TITLE.format(initiative=data.initiative, alerts=count(waiting, "alerta", "alertas"))


def block(alert: EscalatedAlert, *said: Element) -> Element:
    """One alert with its buttons, on whichever card somebody decides about it; `said` stands under its text."""
    return container(
        titled(_subject(alert), _plate(alert)),
        text(safe(clip(alert.action, _TEXT_SHOWN)), spacing="Small"),
        *said,
        _facts(alert),
        *_done(alert),
        _asked(alert),
        *[_decision(one) for one in alert.decisions],
        _tried(alert),
        _buttons(alert),
        separator=True,
        spacing="Large",
    )


def _asked(alert: EscalatedAlert) -> Element | None:
    if alert.over:
        return text(OVER.format(because=safe(clip(alert.over, _TEXT_SHOWN))))
    return None if alert.decisions else text(ASKED.format(ask=safe(clip(alert.asks, _TEXT_SHOWN))))


def _subject(alert: EscalatedAlert) -> Element:
    return text(safe(alert.code or alert.entity), weight="Bolder", size="Medium")


def _plate(alert: EscalatedAlert) -> Element:
    word, style = WORDS[AlertKind(alert.kind)]
    if alert.over:
        return badge(f"{word} · {OVER_WORD}", "emphasis")
    if not alert.decisions:
        return badge(word, style)
    settled = any(one.settles for one in alert.decisions)
    return badge(f"{word} · {DECIDED_WORD if settled else RECEIVED_WORD}", "emphasis")


def _facts(alert: EscalatedAlert) -> Element:
    entity = ("Entidad", clip(alert.entity, 120)) if alert.code else None
    if alert.kind == AlertKind.NO_REPLY:
        return facts(entity, ("Silencio", _as_of(alert, count(alert.days, "día hábil", "días hábiles"))))
    return facts(
        entity,
        ("Vencimiento", when(alert.due)),
        (OVERDUE, _as_of(alert, count(alert.days, "día", "días"))),
        ("Avance", figure(alert.percent)),
    )


def _as_of(alert: EscalatedAlert, days: str) -> str:
    """A posted card stays as it was drawn: it says of which day its figures are."""
    return AS_OF.format(days=days, day=short_date(alert.on)) if alert.on else days


def _done(alert: EscalatedAlert) -> Sequence[Element]:
    if not alert.steps:
        return [text(NOTHING_DONE, subtle=True)]
    lines = [(short_date(step.on), clip(step.text, _STEP_SHOWN)) for step in alert.steps[-_STEPS_SHOWN:]]
    made = [text(DONE), facts(*lines) | {"spacing": "Small"}]
    left = len(alert.steps) - len(lines)
    return [*made, text(EARLIER.format(steps=count(left, "anterior", "anteriores")), **_QUIET)] if left else made


def _decision(one: Decision) -> Element:
    detail = text(safe(clip(one.detail, _TEXT_SHOWN)), spacing="Small") if one.detail else None
    return container(
        text(DECIDED.format(what=safe(one.what), who=safe(one.who), at=moment(one.at))), detail, style="good"
    )


@dataclass(frozen=True)
class _Form:
    """One form of an alert: the button that opens it, its inputs by field, the button that sends it."""

    name: str
    title: str
    inputs: Mapping[str, Element]
    send: Element


def _forms(alert: EscalatedAlert) -> Iterator[_Form]:
    if token := alert.promise:
        yield _Form(PROMISING, PROMISE, {"until": _until(alert, PROMISING, token)}, _send(COMMIT, token))
    if token := alert.assign or alert.correct:
        yield _Form(ASSIGNING, CORRECT if alert.correct else ASSIGN, _assignment(alert, token), _send(CONFIRM, token))
    if token := alert.ask:
        typed = _typed(alert, ASKING).get("text", "")
        question = input_text(own("text", token), QUESTION, value=typed, limit=500, multiline=True)
        yield _Form(ASKING, ASK, {"text": question}, _send(SEND, token))


def _send(title: str, token: str) -> Element:
    return execute(title, token, style="positive")


def _typed(alert: EscalatedAlert, form: str) -> Mapping[str, str]:
    return alert.tried.values if alert.tried.form == form else {}


def _until(alert: EscalatedAlert, form: str, token: str, otherwise: str = "") -> Element:
    return input_date(own("until", token), UNTIL, _typed(alert, form).get("until", otherwise))


def _assignment(alert: EscalatedAlert, token: str) -> Mapping[str, Element]:
    """What was typed; else what was assigned before, to be corrected."""
    now = alert.charge or Charge("", None, "")
    typed = {"person": now.person[:120], "text": now.text[:500], **_typed(alert, ASSIGNING)}
    until = _until(alert, ASSIGNING, token, now.until.isoformat() if now.until else "")
    return {
        "person": input_text(own("person", token), PERSON, value=typed["person"], limit=120),
        "until": until,
        "text": input_text(own("text", token), INSTRUCTION, value=typed["text"], limit=500, multiline=True),
    }


def _tried(alert: EscalatedAlert) -> Element | None:
    for form in _forms(alert):
        if form.name == alert.tried.form:
            fields = [(one, problem(alert.tried.problems.get(name))) for name, one in form.inputs.items()]
            parts = [part for pair in fields for part in pair]
            return container(text(f"**{form.title}**"), *parts, buttons(form.send), style="emphasis")
    return None


def _buttons(alert: EscalatedAlert) -> Element | None:
    folded = [form for form in _forms(alert) if form.name != alert.tried.form]
    return buttons(
        button(ACKNOWLEDGE, alert.acknowledge, style="positive"),
        *(show_card(form.title, *form.inputs.values(), action=form.send) for form in folded),
        button(DETAIL, alert.detail),
    )


def _where(data: Escalation, shown: int) -> Element | None:
    if shown == len(data.alerts):
        return None
    return text(SHOWN.format(first=data.first + 1, last=data.first + shown, total=len(data.alerts)), subtle=True)
