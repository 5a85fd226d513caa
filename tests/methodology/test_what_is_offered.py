"""What a card offers: the operations that can be done now, and in their forms only the rows that fit."""

from __future__ import annotations

from typing import Any

import pytest
from core_world import Core, at, day

from methodology import tray
from methodology.actions import find as find_action
from methodology.agendas import items_of
from methodology.operation import Doing, Kind
from methodology.operations import available, find, lacking
from methodology.people import Actor, actor_of
from methodology.rules.states import Post
from methodology.script import stand_in
from storage.ledger import HighLevelCase, InboundMail, TrayItem
from storage.life import Meeting
from storage.matrix import Entity, Person

DONE = "Se realizó la mesa y hay cronograma"
MEASURE = {"descripcion": "Mesa técnica con la entidad", "responsable": "Ana Ruiz", "fecha": "2026-12-11"}


def doing(core: Core, on: str, who: Actor | Post) -> Doing:
    return Doing(core.session, who if isinstance(who, Actor) else stand_in(who), at(on), core.method)


def titles(core: Core, on: str, who: Actor | Post, kind: Kind, row: Any) -> list[str]:
    return [one.title for one in available(doing(core, on, who), kind, row)]


def fitting(core: Core, on: str, who: Actor | Post, operation: str, name: str, **known: Any) -> list[Any]:
    """What the form's field offers."""
    field = next(one for one in find(operation).fields if one.name == name)
    assert field.among is not None
    return list(field.among(doing(core, on, who), known) or ())


def guess(core: Core, item: TrayItem) -> str | None:
    field = next(one for one in find("asunto.accion").fields if one.guess)
    assert field.guess is not None
    found = field.guess(doing(core, "2026-11-19", Post.PLANNING), {"item": item})
    return found.code if found else None


# --- a Solución de alto nivel -----------------------------------------------------------------------------------------


@pytest.fixture
def case(core: Core) -> HighLevelCase:
    core.action("BIO-01", due="2026-09-22")
    core.action("BIO-02", due="2026-09-22")
    core.action("BIO-09", due="2027-06-30")
    core.live("2026-11-22", "2026-11-23")
    return core.all(HighLevelCase)[0]


def test_the_outcome_is_asked_of_the_actions_of_the_case_alone(core: Core, case: HighLevelCase) -> None:
    found = fitting(core, "2026-12-01", Post.LEADER, "caso.resultado", "accion", case=case)
    assert [action.code for action in found] == ["BIO-01", "BIO-02"]
    core.does("2026-12-01", "PL", "accion.fecha", accion="BIO-02", fecha="2027-03-31", motivo="Nueva fecha concertada")
    found = fitting(core, "2026-12-01", Post.LEADER, "caso.resultado", "accion", case=case)
    assert [action.code for action in found] == ["BIO-01"], "the other one has a date that the case does not speak of"


def test_a_case_is_surtida_only_when_it_can_be_and_its_card_says_what_is_missing(
    core: Core, case: HighLevelCase
) -> None:
    assert "Dar por surtida" not in titles(core, "2026-12-01", Post.LEADER, Kind.CASE, case)
    [said] = lacking(doing(core, "2026-12-01", Post.LEADER), Kind.CASE, case)
    assert said.startswith("Para darla por surtida falta: al menos una medida; la gestión de: líder técnico")
    core.does("2026-12-01", "LT", "caso.medida", caso="biologicos", **MEASURE)
    core.does("2026-12-02", "LT", "medida.ejecutada", medida="Mesa técnica", resultado=DONE)
    for post in ("LT", "GG"):
        core.does("2026-12-02", post, "caso.gestion", caso="biologicos", texto="Acompañamiento a la entidad")
    for code in ("BIO-01", "BIO-02"):
        core.does("2026-12-03", "LT", "caso.resultado", caso="biologicos", accion=code, resultado="persiste")
    assert "Dar por surtida" in titles(core, "2026-12-03", Post.LEADER, Kind.CASE, case)
    assert lacking(doing(core, "2026-12-03", Post.LEADER), Kind.CASE, case) == []


def test_an_exit_is_offered_after_its_case_and_explained_only_within_one(core: Core, case: HighLevelCase) -> None:
    inside, outside = (find_action(core.session, code) for code in ("BIO-01", "BIO-09"))
    for action in (inside, outside):
        assert "Confirmar la salida" not in titles(core, "2026-12-01", Post.MANAGEMENT, Kind.ACTION, action)
    manager = doing(core, "2026-12-01", Post.MANAGEMENT)
    assert "la salida procede una vez surtida" in " ".join(lacking(manager, Kind.ACTION, inside))
    assert lacking(manager, Kind.ACTION, outside) == []


# --- closing, meetings, alerts ----------------------------------------------------------------------------------------


def test_the_closing_is_offered_when_its_condition_holds(core: Core) -> None:
    cafe = core.initiative("cafe", launch="2026-01-15")
    core.action("CAF-01", due="2027-06-30", initiative=cafe)
    assert "Confirmar el cierre" not in titles(core, "2026-11-18", Post.PLANNING, Kind.INITIATIVE, cafe)
    [said] = lacking(doing(core, "2026-11-18", Post.PLANNING), Kind.INITIATIVE, cafe)
    assert "no cumple las condiciones de cierre: 0 de 1 acciones cumplidas" in said
    assert "Cafe no cumple" in core.refused("2026-11-18", "PL", "iniciativa.confirmar_cierre", iniciativa="cafe")
    core.does("2026-11-18", "LT", "accion.cumplida", accion="CAF-01", fecha="2026-11-18", evidencia="Resolución 120")
    assert "Confirmar el cierre" in titles(core, "2026-11-18", Post.PLANNING, Kind.INITIATIVE, cafe)
    core.does("2026-11-18", "GG", "iniciativa.confirmar_cierre", iniciativa="cafe")
    assert "Cerrar y publicar informe" not in titles(core, "2026-11-18", Post.PLANNING, Kind.INITIATIVE, cafe)
    core.does("2026-11-18", "PL", "cierre.informe", iniciativa="cafe")
    assert "Cerrar y publicar informe" in titles(core, "2026-11-18", Post.PLANNING, Kind.INITIATIVE, cafe)


@pytest.mark.parametrize(
    ("state", "kinds"),
    [("en_construccion", ["lanzamiento"]), ("en_ejecucion", ["logros"]), ("candidata", [])],
)
def test_a_meeting_of_a_launched_initiative_is_no_launch(core: Core, state: str, kinds: list[str]) -> None:
    where = core.initiative("cafe", launch=None, state=state)
    assert fitting(core, "2026-11-18", Post.LEADER, "reunion.preparar", "clase", initiative=where) == kinds


def test_a_point_is_decided_once_its_meeting_was(core: Core) -> None:
    core.initiative("cafe")
    core.does("2026-11-18", "GG", "reunion.preparar", clase="logros", iniciativa="cafe", fecha="2026-11-25")
    meeting = core.all(Meeting)[0]
    core.does("2026-11-18", "GG", "reunion.agregar_punto", reunion=meeting.id, titulo="Varios del sector")
    item = items_of(core.session, meeting)[-1]
    assert "Registrar lo decidido" not in titles(core, "2026-11-18", Post.MANAGEMENT, Kind.ITEM, item)
    assert "Registrar lo decidido" in titles(core, "2026-11-25", Post.MANAGEMENT, Kind.ITEM, item)


# --- whom a month is handed to ----------------------------------------------------------------------------------------


def test_a_month_is_delegated_to_a_colleague(core: Core) -> None:
    where = core.initiative("biologicos")
    own = core.person("Ana Ruiz", Post.LEADER, where)
    core.person("Otra Líder", Post.LEADER, where)
    core.person("Luis Paz")
    core.person("Sara Vice", Post.VICE_MINISTER)
    core.add(Person(name="Inés Ministra", gender="f", mail="despacho@mincit.example"))
    me = actor_of(core.session, own, day("2026-11-26"))
    found = fitting(core, "2026-11-26", me, "ronda.delegar", "persona", initiative=where)
    assert [person.name for person in found] == ["Luis Paz"]


# --- the tray ---------------------------------------------------------------------------------------------------------


def _mail(core: Core, text: str, entity: Entity | None) -> TrayItem:
    mail = core.add(
        InboundMail(
            message_id=f"<{len(core.all(InboundMail))}@x>",
            envelope_from="otro@correo.example",
            raw=b"",
            received_at=at("2026-11-18"),
            text=text,
        )
    )
    detail = {"mail_id": mail.id, "guess": {"entity_id": entity.id} if entity else {}}
    tray.put(core.session, "correo_por_clasificar", str(mail.id), "Correo", detail, at("2026-11-18"))
    return core.all(TrayItem)[-1]


def test_a_mail_is_assigned_to_an_action_of_its_sender_first(core: Core) -> None:
    core.action("BIO-01", entity="Instituto Uno (Uno)")
    core.action("BIO-02", entity="Instituto Dos (Dos)")
    core.action("BIO-03", entity="Instituto Dos (Dos)", state="cumplida")
    item = _mail(core, "Ya está en firma.", core.entity("Instituto Dos (Dos)"))
    found = fitting(core, "2026-11-19", Post.PLANNING, "asunto.accion", "accion", item=item)
    assert [action.code for action in found] == ["BIO-02", "BIO-01"], "and none that takes no report"
    assert guess(core, item) == "BIO-02"


def test_the_action_that_a_mail_names_stands_in_the_form_until_it_was_assigned(core: Core) -> None:
    for code in ("BIO-01", "BIO-02", "BIO-010"):
        core.action(code, due="2027-01-31")
    assert guess(core, _mail(core, "Sin más detalle.", None)) is None
    item = _mail(core, "Sobre bio-010 y BIO-02: en trámite", None)
    assert guess(core, item) == "BIO-010"
    core.does("2026-11-19", "PL", "asunto.accion", asunto=item.id, accion="BIO-010", avance="40")
    assert guess(core, item) == "BIO-02"
