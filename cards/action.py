"""One action of the leader's month (R12): what is known, what the entity reported, and the fields to answer with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from cards.parts import (
    Element,
    button,
    buttons,
    card,
    clip,
    container,
    execute,
    facts,
    figure,
    input_choice,
    input_date,
    input_text,
    input_toggle,
    light,
    problem,
    quote,
    quoted,
    safe,
    said,
    text,
    titled,
    when,
)
from methodology.rules.figures import Semaforo
from methodology.rules.followup import ACHIEVEMENT_MAX, COMPLETE, DEFAULTS, text_length
from methodology.rules.months import Month
from methodology.rules.spanish import long_date, month_name
from methodology.rules.states import ACHIEVEMENT_KINDS, Priority
from methodology.rules.thresholds import Thresholds

PROGRESS = "{initiative} · {month} · {position} de {total}"
REPORTED = "Reportado por la entidad el {day}"
LAST = "**Anterior:** {report}"
PERCENT = "Avance en porcentaje, de 0 a 100"
TEXT = "Avance cualitativo, de {length}"
REASON = "Motivo de la disminución"
MET_ON = "Fecha de cumplimiento"
EVIDENCE = "Evidencia: enlace o nombre del documento"
SAME_LABEL = "Texto idéntico al del mes anterior"
SAME = "Confirmo que sigue vigente"
ACHIEVEMENT_LABEL = "Logro relevante"
ACHIEVEMENT = "Es un logro para el reporte"
ACHIEVEMENT_TEXT = "Texto del logro, para publicar"
ACHIEVEMENT_PRIORITY = "Prioridad del logro"
ACHIEVEMENT_KIND = "Tipo de resultado"
SHOW_ACHIEVEMENT = "Marcar un logro"
COMPLETE_HINT = "Con 100 % se piden también la fecha de cumplimiento y la evidencia."
BLOCKER = "Causa del atraso (opcional)"
HELP = "Apoyo que se requiere (opcional)"
BEHIND = "El avance está por debajo del plazo transcurrido: si conviene, indique la causa y el apoyo que se requiere."
FULL = "Ver respuesta completa"
REJECT = "No corresponde"
REPLY = "Respuesta de la entidad, del {day}"
SAVE = "Guardar y seguir"
SAME_BUTTON = "Sin cambios"
SKIP = "Saltar"
STOP = "Terminar por ahora"
RECORDED = "Registrado"
MISSING = "Aún no se registró"
MISSING_SENTENCE = "Complete lo señalado y guarde de nuevo; lo escrito se conserva."

ACHIEVEMENT_FIELDS = ("achievement_text", "achievement_priority", "achievement_kind")
_TEXT_SHOWN = 400
_ENTITY_SHOWN = 120
_REASON_MAX = 1000
_REPLY_SHOWN = 6000
_REPLY_LINES = 60


@dataclass(frozen=True)
class Last:
    """The last follow-up before this month; `month` is None when the matrix does not say."""

    percent: float | None
    text: str
    month: Month | None = None


@dataclass(frozen=True)
class Proposed:
    """What the entity reported, to be confirmed, corrected or rejected by the leader (R11, R14).

    `full` and `reject` are tokens; `reply` is the whole answer, once it was asked for.
    """

    percent: float | None
    text: str
    on: date
    full: str = ""
    reject: str = ""
    reply: str = ""


@dataclass(frozen=True)
class ActionItem:
    """`values` is what was typed before and `problems` what it lacked, both by input id.

    `notice` is the previous answer's receipt in one sentence; `limits` are the initiative's (R2, R12).
    """

    code: str
    text: str
    entity: str
    due: date | None
    light: Semaforo
    initiative: str
    month: Month
    position: int
    total: int
    save: str
    same: str
    skip: str
    stop: str
    last: Last | None = None
    proposal: Proposed | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    limits: Thresholds = DEFAULTS
    behind: bool = False


def action(item: ActionItem) -> Element:
    return card(
        _answer(item),
        _title(item),
        quote(clip(item.text, _TEXT_SHOWN)),
        facts(("Entidad", clip(item.entity, _ENTITY_SHOWN)), ("Vencimiento", when(item.due))),
        _last(item),
        _proposal(item),
        _number(item),
        _text(item),
        *_asked(item),
        *_achievement(item),
        actions=[
            execute(SAVE, item.save, style="positive"),
            button(SAME_BUTTON, item.same, inputs=True),
            button(SKIP, item.skip),
            button(STOP, item.stop),
        ],
    )


def _answer(item: ActionItem) -> Element | None:
    if item.problems:
        return said(MISSING, MISSING_SENTENCE, "attention")
    return said(RECORDED, item.notice, "good") if item.notice else None


def _title(item: ActionItem) -> Element:
    month = month_name(item.month.year, item.month.number)
    progress = PROGRESS.format(initiative=safe(item.initiative), month=month, position=item.position, total=item.total)
    code = text(safe(item.code), size="Large", weight="Bolder", spacing="None") | {"style": "heading"}
    return container(text(progress, size="Small", subtle=True), titled(code, light(item.light)))


def _last(item: ActionItem) -> Element:
    if (last := item.last) is None:
        return text(LAST.format(report=figure(None)), spacing="Small")
    month = f" ({month_name(last.month.year, last.month.number)})" if last.month else ""
    report = f"{figure(last.percent)}{month}. {safe(clip(last.text, _TEXT_SHOWN))}"
    return text(LAST.format(report=report), spacing="Small")


def _proposal(item: ActionItem) -> Element | None:
    if (proposal := item.proposal) is None:
        return None
    source = REPORTED.format(day=long_date(proposal.on))
    number = f": {figure(proposal.percent)}" if proposal.percent is not None else ""
    return container(
        text(f"**{source}**{number}"),
        quote(proposal.text),
        *_reply(proposal),
        buttons(button(FULL, "" if proposal.reply else proposal.full), button(REJECT, proposal.reject, inputs=True)),
        style="emphasis",
    )


def _reply(proposal: Proposed) -> list[Element]:
    if not proposal.reply:
        return []
    return [
        text(f"**{REPLY.format(day=long_date(proposal.on))}**"),
        *quoted(proposal.reply, _REPLY_SHOWN, _REPLY_LINES),
    ]


def _number(item: ActionItem) -> Element:
    made: Element = {
        "type": "Input.Number",
        "id": "percent",
        "label": PERCENT,
        "min": 0,
        "max": 100,
        "errorMessage": "Escriba un número de 0 a 100.",
    }
    value = _percent(item)
    fields = made if value is None else made | {"value": int(value) if value == int(value) else value}
    return container(fields, problem(item.problems.get("percent")))


def _percent(item: ActionItem) -> float | None:
    try:
        return float(item.values["percent"].replace(",", "."))
    except (KeyError, ValueError):
        known = (item.proposal.percent if item.proposal else None, item.last.percent if item.last else None)
        return next((value for value in known if value is not None), None)


def _text(item: ActionItem) -> Element:
    prefilled = item.proposal.text if item.proposal else ""
    value = item.values.get("text", prefilled)
    label = TEXT.format(length=text_length(item.limits))
    box = input_text("text", label, value=value, limit=item.limits.text_max, multiline=True)
    hint = None if _percent(item) == COMPLETE else text(COMPLETE_HINT, size="Small", subtle=True, spacing="Small")
    return container(box, problem(item.problems.get("text")), hint)


def _asked(item: ActionItem) -> list[Element]:
    """Fields that only some answers need: shown once the first attempt lacked them, or carried a value."""
    values, problems = item.values, item.problems
    fields = {
        "reason": input_text("reason", REASON, value=values.get("reason", ""), limit=_REASON_MAX, multiline=True),
        "met_on": input_date("met_on", MET_ON, values.get("met_on", "")),
        "evidence": input_text("evidence", EVIDENCE, value=values.get("evidence", ""), limit=500),
        "confirmed_same": input_toggle("confirmed_same", SAME, SAME_LABEL, on=values.get("confirmed_same") == "true"),
        "blocker": input_text("blocker", BLOCKER, value=values.get("blocker", ""), limit=_REASON_MAX, multiline=True),
        "help_needed": input_text(
            "help_needed", HELP, value=values.get("help_needed", ""), limit=_REASON_MAX, multiline=True
        ),
    }
    wanted = {name for name in fields if name in problems or values.get(name) not in (None, "", "false")}
    if _percent(item) == COMPLETE:
        wanted |= {"met_on", "evidence"}
    elif item.behind:
        wanted |= {"blocker", "help_needed"}
    made = [container(fields[name], problem(problems.get(name))) for name in fields if name in wanted]
    return [text(BEHIND, size="Small", subtle=True), *made] if item.behind and "blocker" in wanted else made


def _achievement(item: ActionItem) -> list[Element]:
    values = item.values
    marked = values.get("is_achievement") == "true"
    shown = marked or any(name in item.problems or values.get(name) for name in ACHIEVEMENT_FIELDS)
    fold = container(
        input_toggle("is_achievement", ACHIEVEMENT, ACHIEVEMENT_LABEL, on=marked),
        *_achievement_fields(item),
    ) | {"id": "achievement", "isVisible": shown}
    return [_reveal(), fold] if not shown else [fold]


def _achievement_fields(item: ActionItem) -> list[Element | None]:
    values, problems = item.values, item.problems
    words = values.get("achievement_text", "")
    priority = values.get("achievement_priority", "")
    kind = values.get("achievement_kind", "")
    return [
        input_text("achievement_text", ACHIEVEMENT_TEXT, value=words, limit=ACHIEVEMENT_MAX, multiline=True),
        problem(problems.get("achievement_text")),
        input_choice("achievement_priority", ACHIEVEMENT_PRIORITY, [(p, p) for p in Priority], priority),
        problem(problems.get("achievement_priority")),
        input_choice("achievement_kind", ACHIEVEMENT_KIND, [(k.capitalize(), k) for k in ACHIEVEMENT_KINDS], kind),
        problem(problems.get("achievement_kind")),
    ]


def _reveal() -> Element:
    toggle = {"type": "Action.ToggleVisibility", "title": SHOW_ACHIEVEMENT, "targetElements": ["achievement"]}
    return {"type": "ActionSet", "actions": [toggle]}
