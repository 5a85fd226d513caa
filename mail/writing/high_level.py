"""R42, R18: to members of an Equipo de Alto Nivel: the invitation of the Viceministry, and an alert that needs them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from mail.gateway import OutgoingMail
from mail.writing.letterhead import Letterhead
from mail.writing.notice import Link, NoticeData, notice
from methodology.rules.spanish import long_date

INVITATION = "Invitación al Equipo de Alto Nivel de {initiative}"
VICE_MINISTRY = "Viceministerio de Desarrollo Empresarial"
MINISTRY = "Ministerio de Comercio, Industria y Turismo"
ALERTS = "Alertas de {initiative} a consideración del Equipo de Alto Nivel"
OPENS = (
    "De manera atenta se pone en su consideración, como integrante del Equipo de Alto Nivel de la iniciativa "
    "{initiative}, lo que a continuación se relaciona. En un primer momento se elevó al Viceministerio de Desarrollo "
    "Empresarial."
)
ASKS = (
    "Con su capacidad de decisión se solicita contribuir a superar la situación. En respuesta a este mensaje puede "
    "acusar recibo, indicar una medida con su responsable y fecha, o proponer una reunión."
)
HEADERS = ("Asunto", "Entidad", "Vencimiento", "Situación", "Motivo")
UNDATED = "Sin fecha"


@dataclass(frozen=True)
class InvitationData:
    """`letter` is the text as it was signed off, its paragraphs apart; `signer` may be empty when signed on behalf."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    salutation: str
    initiative: str
    letter: str
    signer: str
    signer_post: str
    why: str
    message_id: str
    letterhead: Letterhead
    illustrative: bool = False


def invitation(data: InvitationData) -> OutgoingMail:
    """R42: the letter goes as a person signed it, under the Viceministry's name."""
    head = replace(
        data.letterhead,
        signer=data.signer,
        signer_post=data.signer_post,
        office=VICE_MINISTRY if data.signer_post != VICE_MINISTRY else "",
        organisation=MINISTRY,
    )
    return notice(
        NoticeData(
            to=data.to,
            cc=data.cc,
            title=INVITATION.format(initiative=data.initiative),
            salutation=data.salutation,
            paragraphs=tuple(" ".join(part.split()) for part in data.letter.split("\n\n") if part.strip()),
            why=data.why,
            message_id=data.message_id,
            letterhead=head,
            illustrative=data.illustrative,
        )
    )


@dataclass(frozen=True)
class TakenAlert:
    """What it is about (the action with its code, or the silence), and why it comes to this team."""

    subject: str
    entity: str
    due: date | None
    situation: str
    reason: str


@dataclass(frozen=True)
class SecondMomentData:
    to: tuple[str, ...]
    cc: tuple[str, ...]
    salutation: str
    initiative: str
    alerts: tuple[TakenAlert, ...]
    why: str
    message_id: str
    letterhead: Letterhead
    links: tuple[Link, ...] = ()
    illustrative: bool = False


def second_moment(data: SecondMomentData) -> OutgoingMail:
    """R18: what a person decided to take to these members."""
    return notice(
        NoticeData(
            to=data.to,
            cc=data.cc,
            title=ALERTS.format(initiative=data.initiative),
            salutation=data.salutation,
            paragraphs=(OPENS.format(initiative=data.initiative), ASKS),
            why=data.why,
            message_id=data.message_id,
            letterhead=data.letterhead,
            headers=HEADERS,
            rows=tuple(_row(one) for one in data.alerts),
            links=data.links,
            illustrative=data.illustrative,
        )
    )


def _row(one: TakenAlert) -> tuple[str, ...]:
    due = long_date(one.due) if one.due else UNDATED
    return one.subject, one.entity, due, one.situation, one.reason
