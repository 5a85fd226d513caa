"""One action of the leader's month (R12): what is known, what the entity reported, and the fields to answer with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from cards.parts import (
    Element,
    button,
    buttons,
    card,
    clip,
    container,
    due_on,
    execute,
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
)
from methodology.rules.figures import Semaforo
from methodology.rules.followup import ACHIEVEMENT_MAX, COMPLETE, DEFAULTS, as_reported, text_length
from methodology.rules.months import Month
from methodology.rules.spanish import capital, long_date, month_name
from methodology.rules.states import ACHIEVEMENT_KINDS, Priority
from methodology.rules.thresholds import Thresholds

PROGRESS = "{initiative} · {month} · {position} de {total}"
REPORTED = "Reportado por la entidad el {day}"
LAST = "**Anterior:** {report}"
THIS_MONTH = "**Registrado este mes:** {percent}"
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
SHOW_CAUSE = "Causa o apoyo"
COMPLETE_HINT = "Con 100 % se piden también la fecha de cumplimiento y la evidencia."
BLOCKER = "Causa del atraso (opcional)"
HELP = "Apoyo que se requiere (opcional)"
WHOSE = "{entity} · {due}"
BEHIND = "El avance está por debajo del plazo transcurrido: si conviene, indique la causa y el apoyo que se requiere."
WANTS_DUE = "**Propone como nueva fecha de vencimiento:** {day}. La fecha solo cambia si usted o Planeación la cambian."
GIVEN = "**{what}:** {value}"
EVIDENCE_GIVEN = "Evidencia"
FULL = "Ver respuesta completa"
REJECT = "No corresponde"
REPLY = "Respuesta de la entidad, del {day}"
SAVE = "Guardar y seguir"
SAME_BUTTON = "Sin cambios"
SKIP = "Saltar"
STOP = "Terminar por ahora"
RECORDED = "Registrado"
MISSING = "{code} aún no se registró"
MISSING_SENTENCE = "Complete lo señalado y guarde de nuevo; lo escrito se conserva."

ACHIEVEMENT_FIELDS = ("is_achievement", "achievement_text", "achievement_priority", "achievement_kind")
CAUSE_FIELDS = ("blocker", "help_needed")
PROPOSAL_SHOWN = 1000
_NEARLY = 75
_TEXT_SHOWN = 400
_BRIEFLY = 160
_ENTITY_SHOWN = 120
_EVIDENCE_SHOWN = 300
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

    `full` and `reject` are tokens; `reply` is the whole answer, once it was asked for. `wants_due` is the due date that
    the entity would rather have, while nobody decided about it; `met_on` and `evidence` are what it says of compliance.
    """

    percent: float | None
    text: str
    on: date
    full: str = ""
    reject: str = ""
    reply: str = ""
    wants_due: date | None = None
    met_on: date | None = None
    evidence: str = ""


@dataclass(frozen=True)
class ActionItem:
    """`values` is what was typed before and `problems` what it lacked, both by input id.

    `current` is the percentage that this month already has: the answer corrects it. `notice` is the previous answer's
    receipt in one sentence, `warning` why this one was not taken; `limits` are the initiative's (R2, R12).
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
    current: float | None = None
    proposal: Proposed | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    notice: str = ""
    warning: str = ""
    limits: Thresholds = DEFAULTS
    behind: bool = False


def action(item: ActionItem) -> Element:
    return card(
        _recorded(item),
        _not_yet(item),
        _title(item),
        quote(clip(item.text, _TEXT_SHOWN)),
        text(WHOSE.format(entity=safe(clip(item.entity, _ENTITY_SHOWN)), due=due_on(item.due)), spacing="Small"),
        _last(item),
        _this_month(item),
        _proposal(item),
        _number(item),
        _text(item),
        *_asked(item),
        _reveals(item),
        _achievement(item),
        _cause(item),
        actions=[
            execute(SAVE, item.save, style="positive"),
            button(SAME_BUTTON, item.same, inputs=True),
            button(SKIP, item.skip),
            button(STOP, item.stop),
        ],
    )


def _recorded(item: ActionItem) -> Element | None:
    return said(RECORDED, item.notice, "good") if item.notice else None


def _not_yet(item: ActionItem) -> Element | None:
    sentence = item.warning or (MISSING_SENTENCE if item.problems else "")
    return said(MISSING.format(code=item.code), sentence, "attention") if sentence else None


def _title(item: ActionItem) -> Element:
    month = month_name(item.month.year, item.month.number)
    progress = PROGRESS.format(initiative=safe(item.initiative), month=month, position=item.position, total=item.total)
    code = text(safe(item.code), size="Large", weight="Bolder", spacing="None") | {"style": "heading"}
    return container(text(progress, size="Small", subtle=True), titled(code, light(item.light)))


def _last(item: ActionItem) -> Element:
    if (last := item.last) is None:
        return text(LAST.format(report=figure(None)), spacing="Small")
    month = f" ({month_name(last.month.year, last.month.number)})" if last.month else ""
    words = f". {safe(clip(capital(last.text), _TEXT_SHOWN))}" if last.text else ""
    return text(LAST.format(report=f"{figure(last.percent)}{month}{words}"), spacing="Small")


def _this_month(item: ActionItem) -> Element | None:
    if item.current is None:
        return None
    return text(THIS_MONTH.format(percent=figure(item.current)), spacing="Small")


def _proposal(item: ActionItem) -> Element | None:
    if (proposal := item.proposal) is None:
        return None
    source = REPORTED.format(day=long_date(proposal.on))
    number = f": {figure(proposal.percent)}" if proposal.percent is not None else ""
    return container(
        text(f"**{source}**{number}"),
        quote(_quoted(item, proposal)),
        text(GIVEN.format(what=MET_ON, value=long_date(proposal.met_on)), spacing="Small") if proposal.met_on else None,
        _evidence(proposal),
        text(WANTS_DUE.format(day=long_date(proposal.wants_due)), spacing="Small") if proposal.wants_due else None,
        *_reply(proposal),
        buttons(button(FULL, "" if proposal.reply else proposal.full), button(REJECT, proposal.reject, inputs=True)),
        style="emphasis",
    )


def _evidence(proposal: Proposed) -> Element | None:
    if not proposal.evidence:
        return None
    return text(
        GIVEN.format(what=EVIDENCE_GIVEN, value=safe(clip(proposal.evidence, _EVIDENCE_SHOWN))), spacing="Small"
    )


def _quoted(item: ActionItem, proposal: Proposed) -> str:
    """Briefly where the input below has it too."""
    whole = proposal.reply or "text" in item.values
    return _within(proposal.text, PROPOSAL_SHOWN) if whole else clip(proposal.text, _BRIEFLY)


def prefilled(proposal: Proposed, limits: Thresholds) -> str:
    """What of it stands in the input below."""
    return _within(as_reported(proposal.text, proposal.on, limits), limits.text_max)


def _within(words: str, limit: int) -> str:
    """As written where it fits."""
    return words if len(words) <= limit else clip(words, limit)


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
        if "percent" in item.problems:
            return None
        known = (item.proposal.percent if item.proposal else None, item.last.percent if item.last else None)
        return next((value for value in known if value is not None), None)


def _text(item: ActionItem) -> Element:
    reported = prefilled(item.proposal, item.limits) if item.proposal else ""
    value = item.values.get("text", reported)
    label = TEXT.format(length=text_length(item.limits))
    box = input_text("text", label, value=value, limit=item.limits.text_max, multiline=True)
    near = _NEARLY <= (_percent(item) or 0) < COMPLETE
    hint = text(COMPLETE_HINT, size="Small", subtle=True, spacing="Small") if near else None
    return container(box, problem(item.problems.get("text")), hint)


def _asked(item: ActionItem) -> list[Element]:
    """Fields that only some answers need: shown once the first attempt lacked them, or carried a value."""
    values, problems = item.values, item.problems
    fields = {
        "reason": input_text("reason", REASON, value=values.get("reason", ""), limit=_REASON_MAX, multiline=True),
        "met_on": input_date("met_on", MET_ON, values.get("met_on", "")),
        "evidence": input_text("evidence", EVIDENCE, value=values.get("evidence", ""), limit=500),
        "confirmed_same": input_toggle("confirmed_same", SAME, SAME_LABEL, on=values.get("confirmed_same") == "true"),
    }
    wanted = {name for name in fields if name in problems or values.get(name) not in (None, "", "false")}
    if _percent(item) == COMPLETE:
        wanted |= {"met_on", "evidence"}
    return [container(fields[name], problem(problems.get(name))) for name in fields if name in wanted]


def _reveals(item: ActionItem) -> Element | None:
    """One row of what unfolds: what few answers need takes no room on a phone."""
    return buttons(
        None if _shows(item, ACHIEVEMENT_FIELDS) else _reveal(SHOW_ACHIEVEMENT, "achievement"),
        _reveal(SHOW_CAUSE, "cause") if _asks_cause(item) and not _shows(item, CAUSE_FIELDS) else None,
    )


def _shows(item: ActionItem, fields: Sequence[str]) -> bool:
    """Whether something was typed there, or lacks."""
    return any(name in item.problems or item.values.get(name) not in (None, "", "false") for name in fields)


def _asks_cause(item: ActionItem) -> bool:
    """Behind its time, and not met: the cause and the support are asked for, without obliging."""
    return item.behind and _percent(item) != COMPLETE


def _cause(item: ActionItem) -> Element | None:
    shown = _shows(item, CAUSE_FIELDS)
    if not (shown or _asks_cause(item)):
        return None
    values, problems = item.values, item.problems
    return container(
        text(BEHIND, size="Small", subtle=True) if _asks_cause(item) else None,
        input_text("blocker", BLOCKER, value=values.get("blocker", ""), limit=_REASON_MAX, multiline=True),
        problem(problems.get("blocker")),
        input_text("help_needed", HELP, value=values.get("help_needed", ""), limit=_REASON_MAX, multiline=True),
        problem(problems.get("help_needed")),
    ) | {"id": "cause", "isVisible": shown}


def _achievement(item: ActionItem) -> Element:
    marked = item.values.get("is_achievement") == "true"
    return container(
        input_toggle("is_achievement", ACHIEVEMENT, ACHIEVEMENT_LABEL, on=marked),
        *_achievement_fields(item),
    ) | {"id": "achievement", "isVisible": _shows(item, ACHIEVEMENT_FIELDS)}


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


def _reveal(title: str, name: str) -> Element:
    return {"type": "Action.ToggleVisibility", "title": title, "targetElements": [name]}
