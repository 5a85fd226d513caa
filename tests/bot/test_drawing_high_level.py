"""R17, R18, R30, R33 and R42 from the row to the message: the Minister's card, exits, cases, letters to the team."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

import storage.tables  # noqa: F401 - its tables belong to the metadata
from bot.drawing.context import Desk, Studio
from bot.drawing.high_level import case_state, decision_of
from bot.drawing.renderer import Renderer, TeamsPost
from bot.links import Links
from bot.settings import Settings
from mail.gateway import OutgoingMail
from methodology.clock import SettableClock
from methodology.method import Method
from methodology.rules.table import RULES
from scheduler.ports import Batch
from storage.db import Database
from storage.ledger import Alert, HighLevelCase, Notice
from storage.life import Measure, Member
from storage.matrix import DeliveryDay, Initiative
from storage.types import Base
from tests.bot.stage import words
from tests.peers.core_world import Core, at, day

REASON = "Se requiere la decisión del despacho"
ALERT = {"alerta": "BIO-01"}
NEVER = ("hola", "incumplida", "none", "undefined", "{")


class World(Core):
    """The small world with a studio over it."""

    def studio(self) -> Studio:
        clock, secret = SettableClock(at("2026-12-04", 9)), b"x" * 32
        settings = Settings("a", "b", "t", frozenset(), secret, "soluciones@operador.example", "operador.example")
        return Studio(settings, Links(secret, settings.public_url, clock), self.method)

    def desk(self, on: str = "2026-12-04") -> Desk:
        return Desk(self.session, self.studio(), "lote", at(on, 9))

    def _payload(self, reader: str, notices: tuple[Notice, ...], on: str) -> Any:
        rule = RULES[notices[0].rule]
        outgoing = Renderer(self.studio())(
            self.session, Batch("lote", rule.bundle, reader, rule.channel, notices, at(on, 9))
        )
        assert outgoing is not None
        return outgoing.payload

    def card(self, reader: str, *notices: Notice, on: str = "2026-12-04") -> str:
        post = self._payload(reader, notices, on)
        assert isinstance(post, TeamsPost)
        return words(post.card)

    def letter(self, member: Member, *notices: Notice, on: str = "2026-12-04") -> OutgoingMail:
        mail = self._payload(f"member:{member.id}", notices, on)
        assert isinstance(mail, OutgoingMail)
        assert not any(word in mail.text.lower() for word in NEVER)
        return mail


@pytest.fixture
def world() -> Iterator[World]:
    """One alert, recorded on 15-nov-2026 and delivered to the Viceministry on the 19th."""
    database = Database("sqlite://")
    Base.metadata.create_all(database.engine)
    with database.begin() as session:
        for number in range(80):
            session.add(DeliveryDay(**Method().delivery_day(day("2026-10-15") + timedelta(days=number))))
        made = World(session)
        made.initiative("biologicos")
        made.action("BIO-01", due="2026-10-15", percent=40.0)
        made.live("2026-11-15", "2026-11-19")
        yield made
    database.close()


def _member(world: World, **more: Any) -> Member:
    values: dict[str, Any] = {
        "initiative_id": world.first_initiative().id,
        "post": "Directora General",
        "entity": "Invima",
        "holder": "Ana María Ruiz Gómez",
        "gender": "f",
        "mail": "ana.ruiz@invima.example",
        "substitute": "Eva Sol",
        "substitute_mail": "eva@invima.example",
        "since": day("2026-01-01"),
        "state": "activa",
        "proposed_by": "LT",
    }
    return world.add(Member(**values | more))


def test_the_ministers_card_says_who_why_and_carries_the_buttons(world: World) -> None:
    minister = world.person("Jorge Prieto", "MIN")
    world.does("2026-11-20", "PL", "alerta.ministro", motivo=REASON, **ALERT)
    said = world.card(f"person:{minister.id}", *world.notices("R17.ministro"))
    for part in ("Respetada Ministra:", REASON, "BIO-01", "Acuso recibo", "Asignar gestión"):
        assert part in said


def test_the_card_drawn_again_shows_what_was_decided_and_by_whom(world: World) -> None:
    world.person("Jorge Prieto", "MIN")
    world.does("2026-11-20", "PL", "alerta.ministro", motivo=REASON, **ALERT)
    world.does("2026-11-23", "MIN", "alerta.acusar", fecha="2026-12-04", **ALERT)
    world.session.flush()
    said = words(decision_of(world.desk(), world.notices("R17.ministro"))[0])
    assert "Acusó recibo" in said
    assert "Compromiso para el 4 de diciembre de 2026" in said
    assert "Acuso recibo" not in said
    lapsed = words(decision_of(world.desk("2026-12-07"), world.notices("R17.ministro"))[0])
    assert "Acuso recibo" in lapsed
    assert "el compromiso del 4 de diciembre de 2026 venció" in lapsed


def test_each_decision_keeps_its_own_author(world: World) -> None:
    vice = world.person("Marta Gómez Ruiz", "VM")
    leader = world.person("Carolina Pérez", "LT", world.first_initiative())
    world.does("2026-11-20", vice.mail, "alerta.gestion", persona="Ana", fecha="2026-12-11", texto="Citar", **ALERT)
    world.does("2026-11-23", leader.mail, "alerta.atender", texto="Se acordó un cronograma", **ALERT)
    said = words(decision_of(world.desk(), world.notices("R17"))[0])
    assert "Gestión asignada a Ana para el 11 de diciembre de 2026** · por Marta Gómez Ruiz" in said
    assert "Dio por atendida la alerta** · Carolina Pérez" in said
    told = world.card(f"person:{leader.id}", *world.notices("R17.decision"))
    assert "Dio por atendida la alerta" in told
    assert "Se acordó un cronograma" in told


def test_the_proposal_names_the_team_and_opens_the_form(world: World) -> None:
    leader = world.person("Carolina Pérez", "LT", world.first_initiative())
    world.live("2026-11-20", "2026-12-03")
    notices = world.notices("R18.propuesta")
    without = world.card(f"person:{leader.id}", *notices)
    assert "no tiene integrantes activos" in without
    assert "Llevar al Equipo de Alto Nivel" not in without
    _member(world)
    said = world.card(f"person:{leader.id}", *notices)
    for part in ("10 días hábiles", "Ana María Ruiz Gómez, Directora General", "Llevar al Equipo de Alto Nivel"):
        assert part in said


def test_the_letter_of_the_second_moment_says_what_and_why_and_copies_the_substitute(world: World) -> None:
    member = _member(world)
    world.does("2026-12-04", "LT", "alerta.segundo_momento", integrantes=str(member.id), motivo=REASON, **ALERT)
    mail = world.letter(member, *world.notices("R18"))
    assert (mail.to, mail.cc) == (("ana.ruiz@invima.example",), ("eva@invima.example",))
    for part in ("Respetada doctora Ruiz:", "BIO-01", "15 de octubre de 2026", "Vencida hace 50 días", REASON):
        assert part in mail.text
        assert part in mail.html
    assert "Alertas de Biologicos" in mail.subject


def test_the_invitation_goes_as_it_was_signed_under_the_viceministry(world: World) -> None:
    vice = world.person("Marta Gómez Ruiz", "VM", acting=True)
    member = _member(world, state="propuesta")
    world.does("2026-12-03", "LT", "ean.carta", integrante=member.id)
    world.does("2026-12-03", vice.mail, "ean.firmar", integrante=member.id)
    mail = world.letter(member, *world.notices("R42"))
    flat = " ".join(mail.text.split())
    assert all(" ".join(part.split()) in flat for part in member.letter.split("\n\n"))
    for part in (
        "Respetada doctora Ruiz:", "Marta Gómez Ruiz", "Viceministra de Desarrollo Empresarial (E)",
        "Ministerio de Comercio, Industria y Turismo",
    ):  # fmt: skip
        assert part in mail.text


def test_signed_on_behalf_no_holder_is_named(world: World) -> None:
    world.person("Marta Gómez Ruiz", "VM")
    member = _member(world, state="propuesta")
    world.does("2026-12-03", "LT", "ean.carta", integrante=member.id)
    world.does("2026-12-03", "PL", "ean.firmar", integrante=member.id, carta="2-2026-0412")
    mail = world.letter(member, *world.notices("R42"))
    assert "Marta" not in mail.text
    assert "Atentamente,\n\nViceministerio de Desarrollo Empresarial" in mail.text


def test_the_exit_is_told_with_its_reason(world: World) -> None:
    leader = world.person("Carolina Pérez", "LT", world.first_initiative())
    world.live("2026-12-14", "2026-12-16")
    case = {"caso": "biologicos"}
    world.does(
        "2026-12-16", "LT", "caso.medida", descripcion="Mesa técnica", responsable="Ana", fecha="2026-12-18", **case
    )
    measure = world.all(Measure)[0]
    world.does("2026-12-18", "LT", "medida.ejecutada", medida=measure.id, resultado="Se realizó la mesa")
    world.does("2026-12-18", "LT", "caso.gestion", texto="Acompañamiento a la entidad", **case)
    view = case_state(world.desk("2026-12-18"), world.all(HighLevelCase)[0])
    assert (view.state, view.management_part, view.outcomes) == ("Medidas ejecutadas", "", (("BIO-01", ""),))
    assert view.leader_part == "Acompañamiento a la entidad (Carolina Pérez)"
    assert [one.state for one in view.measures] == ["Ejecutada"]
    world.does("2026-12-18", "GG", "caso.gestion", texto="Oficio a la dirección", **case)
    world.does("2026-12-18", "LT", "caso.resultado", accion="BIO-01", resultado="persiste", **case)
    world.does("2026-12-18", "LT", "caso.surtir", **case)
    world.does("2026-12-18", "GG", "accion.salida", accion="BIO-01", motivo=REASON)
    said = world.card(f"person:{leader.id}", *world.notices("R33"), on="2026-12-18")
    for part in ("Salida de BIO-01", REASON, "Gerente General, 18 de diciembre de 2026", "próxima reunión de logros"):
        assert part in said


def test_who_joins_an_open_case_sees_how_it_stands(world: World) -> None:
    leader = world.person("Carolina Pérez", "LT", world.first_initiative())
    world.action("BIO-02", due="2026-10-20")
    world.live("2026-12-16")
    world.does("2026-12-17", "LT", "caso.medida", caso="biologicos", descripcion="Mesa técnica con la entidad",
               responsable="Ana", fecha="2026-12-18")  # fmt: skip
    world.live("2026-12-21")
    said = world.card(f"person:{leader.id}", *world.notices("R30.ingreso"), on="2026-12-21")
    for part in ("Estado del caso:** Medidas definidas", "Mesa técnica con la entidad", "Por registrar"):
        assert part in said
    assert "Abrir el caso ¿Por qué?" in " ".join(said.split())
    assert world.all(Alert)[0].initiative_id == world.all(Initiative)[0].id
    assert date(2026, 12, 21) == world.notices("R30.ingreso")[0].recorded_on


def test_a_measure_is_a_card_for_a_person_and_a_letter_for_an_entity(world: World) -> None:
    leader = world.person("Carolina Pérez", "LT", world.first_initiative())
    world.live("2026-12-16")
    for who in ("Carolina Pérez", world.entity().name):
        world.does("2026-12-17", "GG", "caso.medida", caso="biologicos", descripcion="Mesa técnica con la entidad",
                   responsable=who, fecha="2026-12-18")  # fmt: skip
    first, second = world.notices("R32")
    said = world.card(f"person:{leader.id}", first)
    for part in (
        "Medida a su cargo",
        "Mesa técnica con la entidad",
        "viernes 18 de diciembre de 2026",
        "Abrir el caso",
    ):
        assert part in said
    mail = world._payload(f"entity:{world.entity().id}", (second,), "2026-12-17")
    assert isinstance(mail, OutgoingMail)
    assert mail.to == (world.entity().mail,)
    assert "Plazo: viernes 18 de diciembre de 2026." in mail.text
