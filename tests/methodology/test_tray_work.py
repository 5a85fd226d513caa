"""Planning's tray: an unmatched mail becomes an answer, an item is dismissed with a reason, silence settles itself."""

from __future__ import annotations

from typing import Any

import pytest
from core_world import Core, at, day

from methodology import tray
from methodology.followups import proposal_for
from methodology.rules.months import Month
from methodology.silence import answered, reached_out
from methodology.tray_work import count_as_answer
from storage.ledger import InboundMail, Outreach, Silence, TrayItem
from storage.matrix import Action

TEXT = "Buenas tardes, la circular ya está en firma del director."


@pytest.fixture
def action(core: Core) -> Action:
    return core.action("BIO-01", due="2027-01-31")


@pytest.fixture
def item(core: Core, action: Action) -> TrayItem:
    """A mail that nobody could match, while its entity was asked on 11-nov."""
    reached_out(core.session, action.entity_id, ["BIO-01"], day("2026-11-11"))
    mail = core.add(
        InboundMail(
            message_id="<m@x>", envelope_from="otro@correo.example", raw=b"", received_at=at("2026-11-18"), text=TEXT
        )
    )
    tray.put(
        core.session,
        "correo_por_clasificar",
        str(mail.id),
        "Correo sin solicitud reconocida",
        {"mail_id": mail.id},
        at("2026-11-18"),
    )
    return core.all(TrayItem)[0]


def _does(core: Core, what: str, item: TrayItem, **given: Any) -> str:
    return core.does("2026-11-19", "PL", what, asunto=item.id, **given)


def test_an_unmatched_mail_becomes_the_entitys_answer_about_an_action(
    core: Core, item: TrayItem, action: Action
) -> None:
    said = _does(core, "asunto.accion", item, accion="BIO-01", avance="80")
    told = "BIO-01: queda como propuesta de Invima (80\u00a0%), por confirmar por su líder técnico."
    assert said == f"{told} El asunto queda resuelto."
    proposal = proposal_for(core.session, action.id, Month(2026, 11))
    assert proposal is not None
    assert (proposal.percent, proposal.text, action.percent) == (80.0, TEXT, None)
    assert [row.ended_because for row in core.all(Silence)] == ["respuesta"]
    assert item.resolution.startswith("Asignado a BIO-01")


def test_a_mail_that_names_another_action_stays_until_that_one_is_assigned_too(core: Core, item: TrayItem) -> None:
    core.action("BIO-02")
    core.all(InboundMail)[0].text = "BIO-01 ya se expidió y BIO-02 sigue en consulta."
    said = _does(core, "asunto.accion", item, accion="BIO-01")
    assert said.endswith("El asunto sigue en la bandeja: el correo nombra también BIO-02.")
    assert _does(core, "asunto.accion", item, accion="BIO-02").endswith("El asunto queda resuelto.")
    assert item.resolution.startswith("Asignado a BIO-01, BIO-02")


def test_whoever_assigns_says_whether_something_is_left(core: Core, item: TrayItem) -> None:
    assert _does(core, "asunto.accion", item, accion="BIO-01", mas="sí").endswith("El asunto sigue en la bandeja.")
    assert item.resolved_at is None


def test_an_item_is_dismissed_with_a_reason_once(core: Core, item: TrayItem) -> None:
    assert "motivo" in core.refused("2026-11-19", "PL", "asunto.resolver", asunto=item.id, motivo="no")
    _does(core, "asunto.resolver", item, motivo="Es publicidad del remitente")
    assert item.resolution.startswith("Es publicidad del remitente")
    given = {"asunto": item.id, "accion": "BIO-01"}
    assert "ya se resolvió" in core.refused("2026-11-20", "PL", "asunto.accion", **given)


def test_the_tray_is_plannings(core: Core, item: TrayItem) -> None:
    assert "corresponde a" in core.refused("2026-11-19", "LT", "asunto.accion", asunto=item.id, accion="BIO-01")


def test_a_silent_entity_stands_in_the_tray_until_it_answers(core: Core, action: Action) -> None:
    reached_out(core.session, action.entity_id, ["BIO-01"], day("2026-11-11"))
    reached_out(core.session, action.entity_id, ["BIO-01"], day("2026-11-20"))
    core.sweep("2026-11-26")
    assert [one.title for one in tray.waiting(core.session)] == ["Invima no ha respondido en Biologicos"]
    answered(core.session, action.entity_id, [action.initiative_id], day("2026-11-30"))
    assert tray.waiting(core.session) == []


def test_an_entity_silent_in_several_initiatives_is_one_item(core: Core, action: Action) -> None:
    other = core.initiative("astilleros")
    core.action("AST-01", initiative=other)
    for on in ("2026-11-11", "2026-11-20"):
        reached_out(core.session, action.entity_id, ["BIO-01", "AST-01"], day(on))
    core.sweep("2026-11-26")
    [one] = tray.waiting(core.session)
    assert one.title == "Invima no ha respondido en Biologicos y Astilleros"
    assert one.detail["motivo"] == "Biologicos: 2 acercamientos; Astilleros: 2 acercamientos"
    answered(core.session, action.entity_id, [action.initiative_id], day("2026-11-30"))
    assert [one.title for one in tray.waiting(core.session)] == ["Invima no ha respondido en Astilleros"]
    answered(core.session, action.entity_id, [other.id], day("2026-11-30"))
    assert tray.waiting(core.session) == []


def _doubtful(core: Core, item: TrayItem) -> Outreach:
    """The same mail, correlated: 55 % was understood of it, without certainty."""
    outreach = core.add(
        Outreach(
            entity_id=core.all(Action)[0].entity_id,
            month="2026-11",
            kind="solicitud",
            on=day("2026-11-11"),
            token="SR-1",
            asked=["BIO-01"],
        )
    )
    mail = core.all(InboundMail)[0]
    mail.entity_id, mail.outreach_id = outreach.entity_id, outreach.id
    item.detail = {**item.detail, "figures": {"BIO-01": 55.0}, "texts": {"BIO-01": "Vamos en un 55 por ciento"}}
    core.session.flush()
    return outreach


def test_what_was_understood_of_a_mail_that_counts_as_the_answer_is_proposed_and_acknowledged(
    core: Core, item: TrayItem, action: Action
) -> None:
    outreach = _doubtful(core, item)
    planning, mail = core.actor("PL"), core.all(InboundMail)[0]
    said = count_as_answer(core.session, mail.id, item.id, actor=planning, now=at("2026-11-19"))
    assert said == "Cuenta como respuesta de Invima: BIO-01, por confirmar por su líder técnico."
    proposal = proposal_for(core.session, action.id, Month(2026, 11))
    assert proposal is not None
    assert (proposal.percent, proposal.text, proposal.mail_id) == (55.0, "Vamos en un 55 por ciento", mail.id)
    assert outreach.answered_on == day("2026-11-19")
    assert len(core.notices("R14.acuse")) == 1


def test_an_assigned_mail_proposes_what_was_understood_and_not_its_greetings(
    core: Core, item: TrayItem, action: Action
) -> None:
    _doubtful(core, item)
    _does(core, "asunto.accion", item, accion="BIO-01", avance="55")
    proposal = proposal_for(core.session, action.id, Month(2026, 11))
    assert proposal is not None
    assert proposal.text == "Vamos en un 55 por ciento"
    assert len(core.notices("R14.acuse")) == 1


NEW = "nuevo@invima.example"


def _asking_more(core: Core, item: TrayItem) -> None:
    """It names another contact and another date for the action beside its figure."""
    _doubtful(core, item)
    wants = {"accion": "BIO-01", "fecha": "2027-03-31", "motivo": "El contrato se firma en marzo"}
    asks = {"new_contact": NEW, "wants_until": "31 de marzo de 2027", "wants": wants}
    item.detail = {**item.detail, "understood": ["BIO-01: 55 %"], **asks}


def test_what_else_a_counted_mail_asks_waits_for_its_own_decision(core: Core, item: TrayItem, action: Action) -> None:
    _asking_more(core, item)
    said = count_as_answer(core.session, item.detail["mail_id"], item.id, actor=core.actor("PL"), now=at("2026-11-19"))
    assert said.endswith("sigue en la bandeja: falta decidir sobre el nuevo contacto y la fecha que solicita.")
    assert item.title == "Por decidir: el nuevo contacto y la fecha que solicita"
    core.does("2026-11-19", "PL", "entidad.contacto", entidad=action.entity.name, correo=NEW)
    assert (item.title, item.resolved_at) == ("Por decidir: la fecha que solicita", None)
    core.does("2026-11-19", "PL", "accion.fecha", accion="BIO-01", fecha="2027-03-31", motivo="Contrato en marzo")
    assert item.resolution.startswith("La fecha pasó al 31 de marzo de 2027")


def test_assigning_the_only_action_leaves_what_else_it_asks(core: Core, item: TrayItem, action: Action) -> None:
    _asking_more(core, item)
    assert "falta decidir" in _does(core, "asunto.accion", item, accion=action.code, avance="55")
    _does(core, "asunto.resolver", item, motivo="Se respondió por teléfono")
    assert item.resolution.startswith("Se respondió por teléfono")
