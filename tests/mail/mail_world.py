"""A small ledger for the tests of mail: two initiatives, Invima and DIAN, one request to Invima for November 2026."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

import storage.tables  # noqa: F401 - its tables belong to the metadata
from mail.read import message_id, read
from mail.reference import token
from methodology.clock import SettableClock
from methodology.outreaches import record_outreach
from methodology.replies import MailState, asked_in, known_codes, record, store_raw
from methodology.silence import reached_out
from storage.db import Database
from storage.ledger import InboundMail, Outreach, Proposal, Silence, TrayItem
from storage.matrix import Action, DeliveryDay, Entity, Initiative
from storage.types import Base

T = TypeVar("T")
NOW = datetime(2026, 11, 18, 15, 0, tzinfo=UTC)
REQUEST_ID = "<sr.noviembre@operador.example>"
TOKEN = token(b"secreto", 1, "2026-11")
INVIMA = "enlace.soluciones@invima.example"


class World:
    def __init__(self) -> None:
        self.clock = SettableClock(NOW)
        self.db = Database("sqlite://")
        Base.metadata.create_all(self.db.engine)
        self.db.do(_fill)

    @property
    def answered(self) -> list[tuple[int, list[int]]]:
        """Per entity, the initiatives whose silence an answer has ended (R16)."""
        ended: dict[int, list[int]] = {}
        for row in self.all(Silence):
            if row.ended_because == "respuesta":
                ended.setdefault(row.entity_id, []).append(row.initiative_id)
        return list(ended.items())

    def take_in(self, raw: bytes, envelope_from: str = "x@invima.example") -> MailState:
        """Store, read and record one message."""

        def everything(session: Session) -> MailState:
            mail_id = store_raw(session, raw, message_id(raw), envelope_from, NOW)
            assert mail_id is not None
            codes = known_codes(session)
            reading = read(raw, codes, envelope_from)
            if (asked := asked_in(session, reading, NOW)) is not None:
                reading = read(raw, codes, envelope_from, asked)
            return record(session, mail_id, reading, NOW)

        return self.db.do(everything)

    def proposals(self) -> list[tuple[str, float | None, str, str]]:
        rows = self.all(Proposal)
        codes = {action.id: action.code for action in self.all(Action)}
        return [(codes[row.action_id], row.percent, row.text, row.state) for row in rows]

    @property
    def tray(self) -> list[TrayItem]:
        return self.all(TrayItem)

    @property
    def mails(self) -> list[InboundMail]:
        return self.all(InboundMail)

    @property
    def outreaches(self) -> list[Outreach]:
        return self.all(Outreach)

    def all(self, kind: type[T]) -> list[T]:
        def rows(session: Session) -> list[T]:
            return list(session.scalars(select(kind)))

        return self.db.do(rows)

    def outreach(self, **values: Any) -> None:
        given = {"entity_id": 1, "month": "2026-11", "kind": "reiteración", "on": date(2026, 11, 20), "token": TOKEN}
        self.db.do(lambda session: record_outreach(session, **(given | values)))


def _action(code: str, initiative: int, entity: int, state: str = "vigente") -> Action:
    return Action(
        code=code, initiative_id=initiative, entity_id=entity, text=f"Acción {code}", priority="Alta", state=state
    )


def _fill(session: Session) -> None:
    session.add_all(
        [
            Initiative(id=1, slug="biologicos", name="Biológicos", position=1, state="en_ejecucion"),
            Initiative(id=2, slug="dispositivos", name="Dispositivos médicos", position=2, state="en_ejecucion"),
            Entity(id=1, name="Instituto Nacional de Vigilancia (Invima)", mail=INVIMA),
            Entity(id=2, name="Dirección de Impuestos (DIAN)", mail="enlace@dian.example"),
            Entity(id=3, name="Cámara de ejemplo", mail="camara.ejemplo@gmail.com"),
        ]
    )
    session.flush()
    session.add_all(
        [
            _action("BIO-02", 1, 1),
            _action("BIO-05", 1, 1),
            _action("DIM-03", 2, 1),
            _action("DIM-09", 2, 1, "cumplida"),
            _action("AST-04", 2, 2),
        ]
    )
    session.flush()
    asked = ["BIO-02", "BIO-05", "DIM-03"]
    session.add(DeliveryDay(day=NOW.date(), deliver_on=NOW.date(), skipped={}))
    reached_out(session, 1, asked, date(2026, 11, 11))
    record_outreach(
        session, 1, "2026-11", "solicitud", date(2026, 11, 11), token=TOKEN, message_id=REQUEST_ID, asked=asked
    )
