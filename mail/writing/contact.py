"""R14: the letters about an entity's contact: its check every quarter, its handover, and a word to the former one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mail.gateway import OutgoingMail
from mail.writing.asked import SALUTATION, RequestData
from mail.writing.letterhead import PROGRAMME, Letterhead
from mail.writing.notice import NoticeData, notice
from mail.writing.render import render, subject
from mail.writing.request import form_values
from mail.writing.sheet import sheet
from methodology.rules.spanish import month_name

ABOUT = (
    "El instrumento «{programme}» reúne, por iniciativa sectorial, las acciones que las entidades responsables "
    "adelantan para superar barreras, brechas y cuellos de botella. Una vez al mes se solicita el avance de cada "
    "acción; la respuesta se envía por este mismo medio y no requiere usuario ni contraseña."
)
CHECK_TITLE = "Verificación del contacto de {entity}"
CHECK = (
    "En el marco del instrumento «{programme}», las solicitudes de avance de {actions} a cargo de {name} se remiten a "
    "{mail}. De manera atenta solicitamos confirmar que esa dirección y la persona que la atiende siguen vigentes."
)
CHECK_HOW = (
    "Si no hay cambios, basta responder «sin cambios». Si la dirección o la persona encargada cambió, agradecemos "
    "indicarlo con la expresión «nuevo contacto», seguida del nombre y del correo."
)
HANDOVER_TITLE = "Contacto de {entity} para el seguimiento"
HANDED = (
    "A partir de la fecha, las solicitudes de avance de las acciones a cargo de {entity} se remiten a esta dirección."
)
NOTHING_PENDING = (
    "Hoy no hay solicitudes pendientes de respuesta. La próxima llegará antes de la ventana de seguimiento del mes. A "
    "continuación se relacionan las acciones a cargo de {entity}."
)
NO_ACTIONS = "Hoy no hay solicitudes pendientes de respuesta."
NOT_THIS_ONE = "Si esta dirección no es la indicada, agradecemos informarlo en respuesta a este correo."
ACTION_HEADERS = ("Código", "Acción", "Fecha de vencimiento")
FORMER_TITLE = "Cambio de contacto de {entity}"
FORMER = (
    "A partir de la fecha, las solicitudes de avance de las acciones a cargo de {entity} se remiten a otra dirección, "
    "registrada como su nuevo contacto. Este buzón no recibirá más solicitudes."
)
FORMER_THANKS = (
    "Agradecemos su colaboración en el seguimiento. Si este cambio no corresponde a lo dispuesto por la entidad, "
    "agradecemos informarlo en respuesta a este correo."
)


@dataclass(frozen=True)
class ContactData:
    """`entity` is the short name. `actions` are (code, text, due in words) of what it is responsible for."""

    to: tuple[str, ...]
    entity: str
    name: str
    message_id: str
    letterhead: Letterhead
    why: str
    reference: str = ""
    actions: tuple[tuple[str, str, str], ...] = ()
    illustrative: bool = False


def contact_check(data: ContactData) -> OutgoingMail:
    """«Sus datos de contacto son…»: what is known, and how to say that it changed."""
    count = len(data.actions)
    actions = "la acción vigente" if count == 1 else f"las {count} acciones vigentes"
    asked = CHECK.format(programme=PROGRAMME, actions=actions, name=data.name, mail=data.to[0])
    return _letter(data, CHECK_TITLE, (asked, CHECK_HOW))


def handover(data: ContactData) -> OutgoingMail:
    """To a new contact, when nothing is pending: what this is, and what the entity is responsible for."""
    told = NOTHING_PENDING.format(entity=data.entity) if data.actions else NO_ACTIONS
    paragraphs = (HANDED.format(entity=data.entity), ABOUT.format(programme=PROGRAMME), told, NOT_THIS_ONE)
    return _letter(data, HANDOVER_TITLE, paragraphs, ACTION_HEADERS, data.actions)


def former_contact(data: ContactData) -> OutgoingMail:
    """A courtesy, and a way to say that the change is wrong; the new address is not told."""
    return _letter(data, FORMER_TITLE, (FORMER.format(entity=data.entity), FORMER_THANKS))


def handover_with_request(form: RequestData) -> OutgoingMail:
    """To a new contact: what this is, and the request that is pending, under the same reference."""
    period = month_name(form.month.year, form.month.number)
    text, html = render(
        "handover",
        **form_values(form),
        handed=HANDED.format(entity=form.entity),
        about=ABOUT.format(programme=PROGRAMME),
        not_this_one=NOT_THIS_ONE,
    )
    return OutgoingMail(
        to=form.to,
        cc=form.cc,
        subject=subject(f"Entrega de la solicitud de avance {period}", form.entity, reference=form.reference),
        text=text,
        html=html,
        message_id=form.message_id,
        reply_to=form.letterhead.mail,
        attachments=(sheet(form),),
    )


def _letter(
    data: ContactData,
    title: str,
    paragraphs: tuple[str, ...],
    headers: tuple[str, ...] = (),
    rows: tuple[tuple[str, ...], ...] = (),
) -> OutgoingMail:
    letter = NoticeData(
        to=data.to,
        title=title.format(entity=data.entity),
        salutation=SALUTATION,
        paragraphs=paragraphs,
        why=data.why,
        message_id=data.message_id,
        letterhead=data.letterhead,
        illustrative=data.illustrative,
        reference=data.reference,
    )
    return notice(replace(letter, headers=headers, rows=rows))
