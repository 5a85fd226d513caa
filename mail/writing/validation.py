"""R26 and R29: the letters that ask an entity to validate a new action, or the solution to a bottleneck."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from mail.gateway import OutgoingMail
from mail.writing.letterhead import PROGRAMME, Letterhead
from mail.writing.notice import Link, NoticeData, notice
from methodology.rules.spanish import long_date

SALUTATION = "Respetados señores:"
ACTION_TITLE = "Solicitud de validación de {what} – {entity}"
BOTTLENECK_TITLE = "Solicitud de validación de una solución prioritaria – {entity}"
ASK = (
    "En el marco del instrumento «{programme}», de manera atenta solicitamos a {entity}, como entidad responsable de "
    "su ejecución, validar {what} para la iniciativa {initiative}: la entidad responsable, el texto y la fecha de "
    "vencimiento, según se relaciona a continuación."
)
ASK_BOTTLENECK = (
    "En el marco del instrumento «{programme}», los actores públicos y privados de la iniciativa {initiative} "
    "identificaron un cuello de botella relevante para la mayoría. De manera atenta solicitamos a {entity} validar la "
    "solución propuesta, cuya ejecución le correspondería, según se relaciona a continuación."
)
HOW = (
    "Para responder basta contestar este correo, conservando su referencia, con el código de cada acción y la palabra "
    "«validada», o «no validada» y el motivo; por ejemplo: «{code}: validada». Si la entidad responsable, el texto o "
    "la fecha requieren un ajuste, agradecemos indicarlo junto al código."
)
HOW_BOTTLENECK = (
    "Para responder basta contestar este correo, conservando su referencia, con la palabra «validada», o «no validada» "
    "y el motivo. Si la ejecución corresponde a otra entidad, o la solución requiere un ajuste, agradecemos indicarlo."
)
ONLINE = "Responder en línea"
HOW_ONLINE = (
    "También puede responder en línea, sin usuario ni contraseña, con el enlace al final de este mensaje, que es de "
    "{entity}."
)
ANSWERED_TITLE = "Acuse de recibo de la respuesta de {entity} a una solicitud de validación"
ANSWERED = (
    "Agradecemos la respuesta de {entity}, remitida por el formulario en línea por {who}. Se recibió lo que se "
    "relaciona a continuación."
)
ANSWERED_HOW = "Si algo no corresponde a lo informado, basta responder este correo con la corrección."
ANSWERED_HEADERS = ("Asunto", "Respuesta", "Observación", "Qué sigue")
UNTIL_THEN = "Mientras {entity} no la valide, la propuesta no hace parte de la matriz ni se publica."
NO_DATE = "Por definir de manera conjunta"
ACTION_HEADERS = ("Código", "Acción", "Entidad responsable", "Entidades de apoyo", "Fecha de vencimiento")
BOTTLENECK_HEADERS = ("Eslabón o tema", "Cuello de botella", "Solución propuesta", "Relevancia")


@dataclass(frozen=True)
class AskedAction:
    """A new action as it is proposed; without `due` its date is built jointly (R9)."""

    code: str
    text: str
    entity: str
    supporting: str = ""
    due: date | None = None


@dataclass(frozen=True)
class AskedSolution:
    """The solution to a bottleneck; `evidence` is why it matters to the majority."""

    theme: str
    obstacle: str
    text: str
    evidence: str


@dataclass(frozen=True)
class ValidationData:
    """One letter to one entity about one initiative: new actions (R26), or solutions to bottlenecks (R29).

    `form_url` opens the page by which it is answered online.
    """

    to: tuple[str, ...]
    entity: str
    initiative: str
    reference: str
    message_id: str
    letterhead: Letterhead
    why: str
    actions: tuple[AskedAction, ...] = ()
    solutions: tuple[AskedSolution, ...] = ()
    illustrative: bool = False
    form_url: str = ""


@dataclass(frozen=True)
class AnsweredData:
    """What an entity answered by its page; `items` are (subject, answer, words, what follows)."""

    to: tuple[str, ...]
    entity: str
    items: tuple[tuple[str, str, str, str], ...]
    who: str
    why: str
    message_id: str
    letterhead: Letterhead
    reference: str
    in_reply_to: str = ""
    illustrative: bool = False


def answered(data: AnsweredData) -> OutgoingMail:
    """The acknowledgement, marked as automatic; no code stands alone in it that a quote could turn into an answer."""
    letter = notice(
        NoticeData(
            to=data.to,
            title=ANSWERED_TITLE.format(entity=data.entity),
            salutation=SALUTATION,
            paragraphs=(ANSWERED.format(entity=data.entity, who=data.who), ANSWERED_HOW),
            why=data.why,
            message_id=data.message_id,
            letterhead=data.letterhead,
            headers=ANSWERED_HEADERS,
            rows=tuple((title, verdict, words or "—", outcome) for title, verdict, words, outcome in data.items),
            illustrative=data.illustrative,
            reference=data.reference,
        )
    )
    thread = (data.in_reply_to,) if data.in_reply_to else ()
    headers = {"Auto-Submitted": "auto-replied"}
    return replace(letter, in_reply_to=data.in_reply_to, references=thread, headers=headers)


def validation(data: ValidationData) -> OutgoingMail:
    """R26: responsible, text and date of each new action, with its code, and how to answer."""
    code = data.actions[0].code
    named = f"la acción {code}" if len(data.actions) == 1 else f"{len(data.actions)} acciones nuevas"
    what = f"la acción {code}, propuesta" if len(data.actions) == 1 else f"{len(data.actions)} acciones propuestas"
    rows = tuple(
        (one.code, one.text, one.entity, one.supporting or "—", long_date(one.due) if one.due else NO_DATE)
        for one in data.actions
    )
    return _letter(data, ACTION_TITLE.format(what=named, entity=data.entity), ASK, what, HOW.format(code=code), rows)


def bottleneck(data: ValidationData) -> OutgoingMail:
    """R29: the bottleneck, why it matters to the majority, and the solution to validate."""
    rows = tuple((one.theme, one.obstacle, one.text, one.evidence) for one in data.solutions)
    return _letter(data, BOTTLENECK_TITLE.format(entity=data.entity), ASK_BOTTLENECK, "", HOW_BOTTLENECK, rows)


def _letter(
    data: ValidationData, title: str, ask: str, what: str, how: str, rows: tuple[tuple[str, ...], ...]
) -> OutgoingMail:
    asked = ask.format(programme=PROGRAMME, entity=data.entity, what=what, initiative=data.initiative)
    online = (HOW_ONLINE.format(entity=data.entity),) if data.form_url else ()
    return notice(
        NoticeData(
            to=data.to,
            title=title,
            salutation=SALUTATION,
            paragraphs=(asked, how, *online, UNTIL_THEN.format(entity=data.entity)),
            why=data.why,
            message_id=data.message_id,
            letterhead=data.letterhead,
            headers=ACTION_HEADERS if data.actions else BOTTLENECK_HEADERS,
            rows=rows,
            links=(Link(ONLINE, data.form_url),) if data.form_url else (),
            illustrative=data.illustrative,
            reference=data.reference,
        )
    )
