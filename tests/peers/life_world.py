"""What a person would write into the fields of an operation, out of what exists: for lives lived at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, TypeVar

from core_world import Core
from sqlalchemy import select

from methodology.operation import Field, Kind, Operation
from methodology.operations import initiative_of
from storage.ledger import Alert, HighLevelCase
from storage.life import AgendaItem, Agreement, Measure, Meeting, Member
from storage.matrix import Action, Entity, Initiative, Solution

T = TypeVar("T")
WORDS = "Concertación con la entidad responsable, según acta de la mesa técnica"
ROWS: dict[Kind, type[Any]] = {
    Kind.INITIATIVE: Initiative, Kind.ACTION: Action, Kind.ENTITY: Entity, Kind.ALERT: Alert, Kind.CASE: HighLevelCase,
    Kind.MEASURE: Measure, Kind.SOLUTION: Solution, Kind.MEETING: Meeting, Kind.ITEM: AgendaItem,
    Kind.AGREEMENT: Agreement, Kind.MEMBER: Member,
}  # fmt: skip
HAPPENED = frozenset(
    {
        "accion.cumplida", "accion.seguimiento", "accion.validada", "cuello.validar", "iniciativa.validada",
        "entidad.acercamiento", "entidad.oficio", "entidad.respondio", "priorizacion.validar", "reunion.realizada",
    }
)  # fmt: skip
"""Operations that tell what has happened: their dates are of today, and not of tomorrow."""
LEFT_OUT = frozenset(
    {
        "mes", "confirma_igual", "solucion", "hasta", "aad", "encargado", "encargo", "alerta", "inicio", "excepcion",
        "suplente", "correo_suplente", "logro", "prioridad_logro", "tipo_logro", "por_definir",
    }
)  # fmt: skip
"""Optional values that say more than most people say: whoever wants them gives them."""


class Writer:
    """Fills the fields of operations on one day, by what `choose` picks out of a list."""

    def __init__(self, core: Core, choose: Callable[[Sequence[Any]], Any], today: date) -> None:
        self._core, self._choose, self._today = core, choose, today

    def one_of(self, values: Sequence[T]) -> T:
        return self._choose(list(values))  # type: ignore[no-any-return]

    def often(self) -> bool:
        """Three times out of four."""
        return self.one_of((True, True, True, False))

    def rows(self, kind: Kind) -> list[Any]:
        table = ROWS[kind]
        return list(self._core.session.scalars(select(table).order_by(table.id)))

    def subjects(self, operation: Operation) -> list[Any]:
        """The rows that this operation may be about, as their states stand now; [None] when it is about none."""
        field = operation.subject
        if field is None or field.kind not in ROWS:
            return [None]
        rows = [row for row in self.rows(field.kind) if getattr(row, "live", True)]
        return [row for row in rows if not operation.states or row.state in operation.states]

    def fill(self, operation: Operation, subject: Any) -> dict[str, str]:
        """Every field with a value that makes sense beside the subject."""
        given: dict[str, str] = {}
        for field in operation.fields:
            if subject is not None and field is operation.subject:
                given[field.name] = named(field.kind, subject)
            elif field.required or (field.name not in LEFT_OUT and self.often()):
                given[field.name] = self._value(operation, field, subject)
        return {name: value for name, value in given.items() if value}

    def _value(self, operation: Operation, field: Field, subject: Any) -> str:
        if field.kind in ROWS:
            rows = self._beside(field.kind, subject)
            return named(field.kind, self.one_of(rows)) if rows else ""
        if field.kind == Kind.DATE:
            return str(self._today + timedelta(days=0 if operation.id in HAPPENED else self.one_of((1, 9, 30, 60))))
        if field.kind == Kind.CHOICE:
            return str(self.one_of(field.options))
        plain = {
            Kind.PERCENT: ("100", "60,5", "20"),
            Kind.NUMBER: ("5", "15"),
            Kind.YES: ("sí", "sí", "no"),
            Kind.TIME: ("09:30",),
            Kind.PERSON: ("Eva Soto", "Luis Paz"),
        }
        return self.one_of(plain.get(field.kind) or self._words(field, subject))

    def _beside(self, kind: Kind, subject: Any) -> list[Any]:
        """The rows of that kind that belong to the subject's initiative."""
        where = initiative_of(subject)
        rows = self.rows(kind)
        return [row for row in rows if where is None or initiative_of(row) in (None, where)]

    def _words(self, field: Field, subject: Any) -> tuple[str, ...]:
        number = self.one_of(range(1, 1000))
        team = [str(row.id) for row in self._beside(Kind.MEMBER, subject) if row.state == "activa"]
        special = {
            "correo": f"persona{number}@entidad.example",
            "correo_suplente": f"suplente{number}@entidad.example",
            "invitados": "a@entidad.example; b@entidad.example",
            "adicionales": "c@entidad.example",
            "votos": "12 de 15",
            "integrantes": "; ".join(team),
            "valor": str(number % 30 + 1),
            "nombre": f"Cadena {'abcdefghijklmnopqrstuvwxyz'[number % 26]}{'abcdefghijklmnopqrstuvwxyz'[number // 40]}",
            "genero": "f",
            "fuente": "llamada",
        }
        return (special.get(field.name, f"{WORDS} {number}"),)


def named(kind: Kind, row: Any) -> str:
    """How the operation's field calls that row."""
    names = {Kind.INITIATIVE: "slug", Kind.ACTION: "code", Kind.ENTITY: "name"}
    return str(getattr(row, names.get(kind, "id")))
