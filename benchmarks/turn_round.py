"""The whole product as one server of `benchmarks/turn.py`: leaders who answer their month, card by card.

Each of the 32 connections is one leader in their own chat; a leader has many initiatives of 30 actions, all in the open
window of November 2026. «Comenzar» is pressed once an initiative, then «Guardar y seguir» for each action, every time
with the token that the card before it brought: the answer to the invoke is read as a client reads it.
"""

from __future__ import annotations

import json
import secrets
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.drawing.month import LEADERS
from bot.service import Service
from bot.settings import Settings
from methodology import buttons
from methodology.actions import place_due
from methodology.method import Method
from methodology.rules.calendar import BOGOTA
from storage.matrix import Action, Entity, FollowUp, Holding, Initiative, Person

NOW = datetime(2026, 11, 27, 10, 0, tzinfo=BOGOTA)
MONTH = "2026-11"
ACTIONS = 30
SAVE, TEXT = "Guardar y seguir", "El proyecto salió a comentarios del público y se recibieron 42 observaciones."
STARTS, RECORDED = "/bench/starts", "/bench/recorded"


def service(url: str, folder: Path, peer: str, app_id: str, tenant: str) -> Service:
    """The product with its own database, believing the benchmark's keys and connector."""
    settings = Settings(
        app_id=app_id,
        app_password=secrets.token_urlsafe(24),
        tenant_id=tenant,
        allowed_tenants=frozenset({tenant}),
        secret_key=secrets.token_bytes(32),
        mail_sender="soluciones@operador.example",
        mail_domain="operador.example",
        database_url=url,
        public_url="http://127.0.0.1",
        openid_metadata_url=f"{peer}/openid",
        oauth_url=f"{peer}/{tenant}/oauth2/v2.0/token",
        teams_service_url=f"{peer}/",
        escalation_channel="19:escalamiento@thread.tacv2",
        inbound_port=0,
        admin_socket=folder / "admin.sock",
        site_folder=folder / "sitio",
        demo=True,  # loopback is allowed, and no clock runs beside the turns
        start=date(2026, 11, 3),
    )
    return Service(settings, Running())


class Running:
    """A clock that goes on from NOW."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def now(self) -> datetime:
        return NOW + timedelta(seconds=time.monotonic() - self._began)


def populate(session: Session, leaders: int, initiatives: int) -> list[list[str]]:
    """Each leader's initiatives with their actions; the «Comenzar» tokens by leader."""
    method, entities = Method(), [Entity(name=f"Entidad {n}", mail=f"e{n}@entidad.example") for n in range(8)]
    session.add_all(entities)
    starts = []
    for leader in range(leaders):
        person = Person(name=f"Líder {leader}", gender="f", mail=f"l{leader}@operador.example", aad_id=aad_of(leader))
        session.add(person)
        session.flush()
        starts.append([_initiative(session, method, person, leader, n, entities) for n in range(initiatives)])
    return starts


def _initiative(
    session: Session, method: Method, person: Person, leader: int, number: int, entities: list[Entity]
) -> str:
    row = Initiative(
        slug=f"i{leader}_{number}",
        name=f"Iniciativa {leader}.{number}",
        position=leader * 1000 + number,
        launch=date(2026, 1, 15),
        state="en_ejecucion",
        overrides={},
        alerts_from=date(2026, 11, 3),
    )
    session.add(row)
    session.flush()
    session.add(Holding(post="LT", person_id=person.id, initiative_id=row.id, since=date(2026, 1, 15)))
    for count in range(ACTIONS):
        due = date(2027, 6, 30)
        action = Action(
            code=f"I{leader}X{number}-{count:02d}",
            initiative=row,
            entity=entities[count % len(entities)],
            text="Publicar el proyecto de actualización de los requisitos de licencia",
            priority="Alta",
            state="vigente",
            percent=40.0,
            narrative="En elaboración.",
            original_due=due,
            due_version=1,
        )
        place_due(action, due, method)
        session.add(action)
    session.flush()
    args = {"initiative": row.id, "month": MONTH}
    about = {"posts": LEADERS, "initiative_id": row.id}
    return buttons.issue(session, f"bench:{row.slug}", ["round.start"], args, NOW, **about)[0]


def aad_of(leader: int) -> str:
    return f"00000000-0000-4000-8000-{leader:012d}"


def mount(made: Service, leaders: int, initiatives: int) -> web.Application:
    """The product's application, with what the load has to know and to check."""
    starts = made.db.do(populate, leaders, initiatives)

    async def told(_request: web.Request) -> web.Response:
        return web.json_response(starts)

    async def recorded(_request: web.Request) -> web.Response:
        count = select(func.count(FollowUp.id)).where(FollowUp.superseded_at.is_(None))
        return web.json_response(await made.db.run(lambda session: session.scalar(count)))

    made.app.router.add_get(STARTS, told)
    made.app.router.add_get(RECORDED, recorded)
    return made.app


def answer_of(number: int) -> dict[str, str | int]:
    """What stands in the inputs of an action's card when it is saved."""
    return {"percent": 50 + number % 40, "text": f"{TEXT} ({number})"}


def press_of(token: str, **inputs: str | int) -> dict[str, Any]:
    """What the invoke of a button carries."""
    data = {"a": token, **inputs}
    return {"action": {"type": "Action.Execute", "verb": "responder", "data": data}, "trigger": "manual"}


def next_token(body: bytes) -> str | None:
    """The token of the next «Guardar y seguir»; None on a receipt. Whatever else came back is an error."""
    answer = json.loads(body)
    card = answer["value"]
    assert answer["type"] == "application/vnd.microsoft.card.adaptive", answer
    found = [one["data"]["a"] for one in card.get("actions", []) if one.get("title") == SAVE]
    assert found or "Corregir" in body.decode(), body.decode()[:2000]
    return found[0] if found else None
