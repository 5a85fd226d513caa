"""R24: whose the meeting of all initiatives is, and whose an agreement."""

from __future__ import annotations

import pytest
from core_world import Core

from methodology.operations import initiative_of
from storage.life import AgendaItem, Agreement
from storage.matrix import Initiative

PROMISE = {"reunion": "seguimiento", "clase": "compromiso", "texto": "Enviar el acta.", "responsable": "LT"}


@pytest.fixture
def astilleros(core: Core) -> Initiative:
    return core.initiative("astilleros", "2026-07-15")


def test_a_leader_changes_nothing_of_the_internal_meeting(core: Core, astilleros: Initiative) -> None:
    core.does("2026-07-20", "GG", "reunion.preparar", clase="seguimiento", fecha="2026-07-20")
    which = {"reunion": "seguimiento"}
    core.does("2026-07-20", "GG", "reunion.acuerdo", **PROMISE)
    core.does("2026-07-20", "GG", "reunion.acuerdo", **PROMISE, iniciativa="astilleros")
    core.does("2026-07-20", "GG", "reunion.agregar_punto", **which, titulo="Convenio")
    own = {"punto": core.all(AgendaItem)[-1].id}
    for operation, given in (
        ("reunion.agenda", own | {"titulo": "Otro"}),
        ("reunion.agregar_punto", which | {"titulo": "Otro"}),
        ("reunion.punto", own | {"decision": "Otra"}),
        ("reunion.acuerdo", PROMISE | {"iniciativa": "astilleros"}),
        ("acuerdo.cumplido", {"acuerdo": "1"}),
        ("reunion.cancelar", which | {"motivo": "Otra agenda"}),
        ("reunion.realizada", which),
    ):
        told = core.refused("2026-07-20", "LT", operation, **given)
        assert told == "Esta operación corresponde a: Gerencia General o Planeación.", operation
    core.does("2026-07-20", "GG", "reunion.realizada", **which)
    assert "corresponde a" in core.refused("2026-07-20", "LT", "reunion.proxima", **which, fecha="2026-08-20")
    core.does("2026-07-20", "LT", "acuerdo.cumplido", acuerdo="2")


def test_an_agreement_is_of_its_own_initiative(core: Core, astilleros: Initiative) -> None:
    biologicos = core.initiative("biologicos", "2026-07-15")
    core.does("2026-07-20", "GG", "reunion.preparar", clase="seguimiento", fecha="2026-07-20")
    core.does("2026-07-20", "GG", "reunion.acuerdo", **PROMISE, iniciativa="astilleros")
    agreement = core.all(Agreement)[0]
    assert initiative_of(agreement) == astilleros.id != biologicos.id
    assert core.actor("LT", biologicos).holds(("LT",), initiative_of(agreement)) is None
