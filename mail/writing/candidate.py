"""R39: the formal letter that asks MinCIT to validate a candidate initiative before its matrix is built."""

from __future__ import annotations

from dataclasses import dataclass

from mail.gateway import OutgoingMail
from mail.writing.letterhead import PROGRAMME, Letterhead
from mail.writing.notice import NoticeData, notice
from mail.writing.report import SALUTATIONS

TITLE = "Solicitud de validación de la iniciativa candidata {name}"
OPENING = (
    "En el marco del instrumento {programme}, {operator} identificó la oportunidad de iniciar una nueva iniciativa "
    "sectorial: {name}{phase}."
)
PHASE_TWO = ", priorizada entre las enunciadas para la Fase II"
GROUNDS = "Motivo de la propuesta: {grounds}"
REQUEST = (
    "De acuerdo con la metodología del instrumento, de manera atenta solicitamos al Ministerio de Comercio, Industria "
    "y Turismo validar esta iniciativa. La construcción de su matriz comienza una vez se reciba la validación."
)
ANSWER = "La respuesta puede remitirse a este mismo correo, con el número o el enlace de la comunicación oficial."


@dataclass(frozen=True)
class CandidateData:
    """`gender` («f» or «m») is of whoever holds the Viceministry on the day of sending."""

    to: tuple[str, ...]
    gender: str
    name: str
    grounds: str
    why: str
    message_id: str
    letterhead: Letterhead
    phase_two: bool = False
    illustrative: bool = False


def candidate(data: CandidateData) -> OutgoingMail:
    """The letter to the holder of the Viceministry."""
    opening = OPENING.format(
        programme=PROGRAMME,
        operator=data.letterhead.organisation,
        name=data.name,
        phase=PHASE_TWO if data.phase_two else "",
    )
    return notice(
        NoticeData(
            to=data.to,
            title=TITLE.format(name=data.name),
            salutation=SALUTATIONS[data.gender],
            paragraphs=(opening, GROUNDS.format(grounds=data.grounds), REQUEST, ANSWER),
            why=data.why,
            message_id=data.message_id,
            letterhead=data.letterhead,
            illustrative=data.illustrative,
        )
    )
