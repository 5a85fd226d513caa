from __future__ import annotations

import pytest
from core_world import Core

from methodology.method import Method
from methodology.rules.thresholds import KEYS, Thresholds, UnknownThreshold


def test_every_key_overrides_one_default() -> None:
    assert len(set(KEYS.values())) == len(KEYS) == len(Thresholds.__dataclass_fields__)


def test_a_value_is_laid_over_the_default_and_the_rest_stays() -> None:
    changed = Thresholds().override({"ventana.dias": 7, "ventana.tipo": "habil"}, "ajustes")
    assert (changed.window_days, changed.window_kind, changed.silence_habiles) == (7, "habil", 10)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"ventana.dia": 5}, "ajustes: la clave «ventana.dia» no existe"),
        ({"ventana.dias": 0}, "ajustes: ventana.dias es un número entero de 1 en adelante"),
        ({"ventana.dias": True}, "ventana.dias es un número entero"),
        ({"ventana.dias": "5"}, "ventana.dias es un número entero"),
        ({"ventana.tipo": "lunar"}, "ventana.tipo es calendario o habil"),
        ({"logros.periodicidad": "anual"}, "logros.periodicidad es bimestral o quincenal"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(UnknownThreshold, match=sentence):
        Thresholds().override(values, "ajustes")


def test_each_initiative_has_its_own_pace(core: Core) -> None:
    quick = core.initiative("rapida", overrides={"nivel1.retencion_habiles": 1})
    method = Method()
    assert method.of(quick).hold_habiles == 1
    assert method.of(core.initiative("otra")).hold_habiles == 2
