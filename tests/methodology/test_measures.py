"""R32: the responsible of a measure is told when it is assigned to them, and when its date changes."""

from __future__ import annotations

from typing import Any

import pytest
from core_world import INVIMA, Core

from storage.ledger import HighLevelCase, Notice
from storage.life import Measure, Member

WORDS = {"caso": "biologicos", "descripcion": "Mesa técnica con la entidad", "fecha": "2026-12-11"}


@pytest.fixture
def case(core: Core) -> HighLevelCase:
    """Overdue more than two months on 23-nov-2026."""
    core.action("BIO-01", due="2026-09-22")
    core.live("2026-11-23")
    return core.all(HighLevelCase)[0]


def _assigned(core: Core, responsible: str, role: str = "GG", **more: Any) -> str:
    return core.does("2026-11-24", role, "caso.medida", responsable=responsible, **WORDS | more)


def _readers(core: Core) -> list[str]:
    return [notice.inputs["reader"] for notice in core.notices("R32")]


@pytest.mark.parametrize("written", ["Ana Ruiz", "ana ruiz", "ana.ruiz@operador.example"])
def test_a_person_of_the_directory_is_told_by_name_or_mail(core: Core, case: HighLevelCase, written: str) -> None:
    ana = core.person("Ana Ruiz")
    told = _assigned(core, written)
    assert _readers(core) == [f"person:{ana.id}"]
    assert "no figura en el directorio" not in told


def test_a_post_an_entity_and_a_member_of_the_team_are_told(core: Core, case: HighLevelCase) -> None:
    leader = core.person("Lina Rey", "LT", core.first_initiative())
    member = core.add(
        Member(
            initiative_id=case.initiative_id, post="Directora", entity="DIAN", holder="Eva Sol", gender="f",
            mail="eva@dian.example", since=core.all(HighLevelCase)[0].opened_on, state="activa", proposed_by="LT",
        )
    )  # fmt: skip
    for name in ("Líder técnico", INVIMA, "Eva Sol"):
        _assigned(core, name)
    assert _readers(core) == [f"person:{leader.id}", f"entity:{core.entity().id}", f"member:{member.id}"]


def test_who_records_their_own_measure_is_not_told_of_it(core: Core, case: HighLevelCase) -> None:
    leader = core.person("Lina Rey", "LT", core.first_initiative())
    _assigned(core, "Lina Rey", role=leader.mail)
    assert _readers(core) == []


def test_a_name_that_nobody_bears_is_said_to_whoever_records_it(core: Core, case: HighLevelCase) -> None:
    assert "No se le escribe: «Ana Ruiz» no figura en el directorio." in _assigned(core, "Ana Ruiz")
    assert _readers(core) == []


def test_another_date_is_told_with_the_one_it_had(core: Core, case: HighLevelCase) -> None:
    core.person("Ana Ruiz")
    _assigned(core, "Ana Ruiz")
    core.live("2026-11-24")
    measure = core.all(Measure)[0]
    move = {"medida": measure.id, "motivo": "La entidad pidió otra semana"}
    assert "otra fecha" in core.refused("2026-11-25", "LT", "medida.fecha", fecha="2026-12-11", **move)
    core.does("2026-11-25", "LT", "medida.fecha", fecha="2026-12-18", **move)
    core.live("2026-11-26")
    first, second = core.notices("R32")
    assert (first.state, first.inputs.get("was")) == ("sent", None)
    assert (second.state, str(second.due), second.inputs["was"]) == ("sent", "2026-12-18", "2026-12-11")


def test_a_measure_that_is_over_or_moved_by_then_is_not_told(core: Core, case: HighLevelCase) -> None:
    core.person("Ana Ruiz")
    _assigned(core, "Ana Ruiz", hour=19)
    core.does("2026-11-24", "LT", "medida.fecha", hour=20, medida=core.all(Measure)[0].id, fecha="2026-12-18",
              motivo="La entidad pidió otra semana")  # fmt: skip
    core.live("2026-11-25")
    states = {
        str(notice.due): (notice.state, notice.withdrawn_reason) for notice in core.all(Notice) if notice.rule == "R32"
    }
    assert states == {"2026-12-11": ("withdrawn", "la medida tiene otra fecha"), "2026-12-18": ("sent", "")}
