from __future__ import annotations

import pytest
from core_world import Core, at

from methodology.naming import FINDERS
from methodology.operation import Kind
from methodology.operations import find, read
from methodology.refusals import Incomplete, NotFound
from methodology.script import doing_for

NUMBERED = (
    Kind.ALERT, Kind.CASE, Kind.MEASURE, Kind.SOLUTION, Kind.MEETING, Kind.ITEM, Kind.AGREEMENT, Kind.MEMBER,
    Kind.REPORT,
)  # fmt: skip


@pytest.mark.parametrize("text", ["9" * 25, "²", "#" + "9" * 25])
@pytest.mark.parametrize("kind", NUMBERED)
def test_a_number_that_no_row_has_is_refused_with_a_sentence(core: Core, kind: Kind, text: str) -> None:
    with pytest.raises(NotFound):
        FINDERS[kind](core.session, text)


@pytest.mark.parametrize("text", ["9" * 25, "²", "-3", "2,5"])
def test_a_field_of_a_number_takes_whole_numbers_only(core: Core, text: str) -> None:
    doing = doing_for(core.session, core.method, at("2026-11-03"))
    with pytest.raises(Incomplete, match=f"«{text}» no es un número entero de hasta nueve cifras"):
        read(doing, find("reunion.agenda"), {"minutos": text})
