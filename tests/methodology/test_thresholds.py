from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from core_world import INVIMA, Core, day

from bot.settings import BadSettings, load
from methodology.method import Method
from methodology.people import Actor
from methodology.refusals import NotNow
from methodology.rules.thresholds import GENERAL, KEYS, LABELS, Thresholds, UnknownThreshold, shown
from methodology.silence import promise, reached_out
from storage.matrix import Action, Initiative

GOOD = {
    "MicrosoftAppId": "app",
    "MicrosoftAppPassword": "clave",
    "MicrosoftAppTenantId": "propio",
    "SECRET_KEY": "x" * 32,
    "MAIL_SENDER": "soluciones@operador.example",
}


def test_every_key_overrides_one_default_and_has_a_label() -> None:
    assert len(set(KEYS.values())) == len(KEYS) == len(Thresholds.__dataclass_fields__)
    assert list(LABELS) == list(KEYS)


def test_a_value_is_laid_over_the_default_and_the_rest_stays() -> None:
    changed = Thresholds().override({"ventana.dias": 7, "ventana.tipo": "habil"}, "ajustes")
    assert (changed.window_days, changed.window_kind, changed.silence_habiles) == (7, "habil", 10)


@pytest.mark.parametrize("key", KEYS)
def test_the_methods_own_value_may_be_written_down(key: str) -> None:
    assert Thresholds().override({key: getattr(Thresholds(), KEYS[key])}, "ajustes") == Thresholds()


WRONG: list[tuple[dict[str, object], str]] = [
    ({"ventana.dia": 5}, "ajustes: la clave «ventana.dia» no existe"),
    ({"ventana.dias": 0}, "ajustes: ventana.dias es un número entero de 1 en adelante"),
    ({"ventana.dias": -3}, "ventana.dias es un número entero de 1 en adelante, no «-3»"),
    ({"ventana.dias": True}, "ventana.dias es un número entero"),
    ({"ventana.dias": "5"}, "ventana.dias es un número entero"),
    ({"ventana.dias": 2.5}, "ventana.dias es un número entero"),
    ({"ventana.dias": 29}, "ventana.dias es un número entero de 1 a 28"),
    ({"seguimiento.desde_dia": 29}, "seguimiento.desde_dia es un número entero de 1 a 28"),
    ({"ventana.tipo": "lunar"}, "ventana.tipo es calendario o habil"),
    ({"ventana.tipo": 1}, "ventana.tipo es calendario o habil"),
    ({"logros.periodicidad": "anual"}, "logros.periodicidad es bimestral o quincenal"),
    ({"cierre.pausa_detiene": True}, "cierre.pausa_detiene es no o si"),
    ({"reunion_logros.cumplimiento_pct": 101}, "reunion_logros.cumplimiento_pct es un número entero de 1 a 100"),
    ({"cierre.meses": 10**9}, "cierre.meses es un número entero de 1 a 120"),
    ({"seguimiento.texto_min": 50, "seguimiento.texto_max": 40}, "seguimiento.texto_min .50. es mayor que"),
    ({"seguimiento.texto_max": 14}, "seguimiento.texto_min .15. es mayor que seguimiento.texto_max .14."),
    ({"solicitud.reiteracion_habiles": 9}, "solicitud.reiteracion_habiles .9. deja la reiteración antes"),
    ({"vencida.meses": 3}, "vencida.meses .3. es mayor que alto_nivel.meses .2."),
    ({"cierre.segundo_aviso_dias": 60}, "cierre.segundo_aviso_dias .60. debe ser menor"),
    ({"cierre.meses": 1}, "cierre.primer_aviso_dias .60. precede al inicio"),
]


@pytest.mark.parametrize(("values", "sentence"), WRONG)
def test_what_makes_no_sense_is_refused_by_name(values: dict[str, object], sentence: str) -> None:
    with pytest.raises(UnknownThreshold, match=sentence):
        Thresholds().override(values, "ajustes")


def test_a_reminder_the_day_after_the_request_is_the_closest_there_is() -> None:
    assert Thresholds().override({"solicitud.reiteracion_habiles": 8}, "ajustes").reminder_habiles_before == 8


def test_everything_wrong_is_said_at_once() -> None:
    found = Thresholds().problems({"ventana.dias": 0, "ventana.tipo": "lunar"}, "ajustes")
    assert [problem.split()[1] for problem in found] == ["ventana.dias", "ventana.tipo"]


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[ventana]\ndias = 0", ["ventana.dias", "no «0»"]),
        ('[vencida]\nmeses = "uno"', ["vencida.meses", "no «uno»"]),
        ("[vencida]\nmes = 1", ["vencida.mes", "no existe"]),
        ("seguimiento.texto_max = 5", ["seguimiento.texto_min", "seguimiento.texto_max"]),
        ("solicitud.habiles_antes = 2", ["solicitud.reiteracion_habiles", "solicitud.habiles_antes"]),
    ],
)
def test_an_error_of_the_settings_names_file_and_key(tmp_path: Path, toml: str, words: list[str]) -> None:
    file = tmp_path / "otro.toml"
    file.write_text(toml, encoding="utf-8")
    with pytest.raises(BadSettings) as caught:
        load({**GOOD, "SOLUCIONES_CONFIG": str(file)})
    (problem,) = caught.value.problems
    assert problem.startswith(f"{file}: ")
    assert all(word in problem for word in words)


def test_every_threshold_of_the_settings_reaches_the_method(tmp_path: Path) -> None:
    file = tmp_path / "soluciones.toml"
    file.write_text('[vencida]\nmeses = 2\n[cierre]\ninicio = "primera_accion"\n', encoding="utf-8")
    settings = load({**GOOD, "SOLUCIONES_CONFIG": str(file)})
    laid = Thresholds().override(settings.thresholds, "x")
    assert (laid.overdue_months, laid.closing_from) == (2, "primera_accion")


# --- each initiative has its own pace (R2) ----------------------------------------------------------------------------


def test_each_initiative_has_its_own_pace(core: Core) -> None:
    quick = core.initiative("rapida", overrides={"nivel1.retencion_habiles": 1})
    method = Method()
    assert method.of(quick).hold_habiles == 1
    assert method.of(core.initiative("otra")).hold_habiles == 2


@pytest.mark.parametrize("key", GENERAL)
def test_a_request_spans_initiatives_so_none_has_its_own(key: str) -> None:
    with pytest.raises(UnknownThreshold, match=f"iniciativa rapida: {key} es un valor general"):
        Thresholds().own({key: 5}, "iniciativa rapida")


@pytest.fixture
def quick(core: Core) -> Initiative:
    """One that counts everything in its own way, beside an ordinary one."""
    core.initiative("biologicos")
    own = {"vencida.meses": 2, "alto_nivel.meses": 3, "por_vencer.dias": 20, "sin_fecha_aviso_meses": 1}
    return core.initiative("astilleros", overrides=own)


def _both(core: Core, quick: Initiative, due: str | None) -> tuple[Action, Action]:
    return core.action("BIO-01", due=due), core.action("AST-01", due=due, initiative=quick)


def test_the_early_notice_follows_each_initiatives_days(core: Core, quick: Initiative) -> None:
    _both(core, quick, "2026-12-11")  # −15 is Thursday 26-nov, −20 Saturday 21-nov
    core.live("2026-11-19", "2026-11-27")
    assert core.told("R19") == [("AST-01", "2026-11-20", "2026-11-20"), ("BIO-01", "2026-11-26", "2026-11-26")]
    assert [notice.inputs["due_soon_days"] for notice in core.notices("R19")] == [20, 15]


def test_the_alert_and_the_case_follow_each_initiatives_months(core: Core, quick: Initiative) -> None:
    _both(core, quick, "2026-09-22")
    core.live("2026-10-21", "2026-12-23")
    assert core.told("R15") == [("BIO-01", "2026-10-22", "2026-10-22"), ("AST-01", "2026-11-22", "2026-11-23")]
    assert core.told("R30") == [("biologicos", "2026-11-23", "2026-11-23"), ("astilleros", "2026-12-23", "2026-12-23")]
    assert [notice.inputs["overdue_months"] for notice in core.notices("R15")] == [1, 2]
    assert [notice.inputs["high_level_months"] for notice in core.notices("R30")] == [2, 3]


def test_initiatives_of_the_same_pace_are_one_pace(both: Core) -> None:
    own = {"por_vencer.dias": 20}
    for slug in ("uno", "dos"):
        where = both.initiative(slug, overrides=own)
        both.action(f"{slug[:3].upper()}-01", due="2026-12-11", initiative=where)
    both.sweep("2026-11-20")
    found = sorted((notice.subject, notice.inputs["due_soon_days"]) for notice in both.notices("R19"))
    assert found == [("DOS-01", 20), ("UNO-01", 20)]


def test_a_short_window_is_announced_as_each_initiative_says(core: Core) -> None:
    core.action("BIO-01", due=None)
    own = {"ventana.min_habiles": 4, "ventana.preaviso_habiles": 3}
    core.action("AST-01", due=None, initiative=core.initiative("astilleros", overrides=own))
    core.live("2026-11-20", "2026-11-25")  # 26–30 Nov 2026 holds three hábil days
    assert [(n.initiative.slug, str(n.recorded_on)) for n in core.notices("R10.preaviso") if n.initiative] == [
        ("astilleros", "2026-11-23")
    ]


LEADER = Actor(9, "Lina Rojas", "f", frozenset({("PL", None)}))


@pytest.mark.parametrize(("delays", "most"), [(1, "una vez"), (3, "3 veces")])
def test_how_often_a_promise_delays_the_alert_is_configured(core: Core, delays: int, most: str) -> None:
    where = core.initiative("rapida", overrides={"no_respuesta.aplazamientos": delays})
    core.action("RAP-01", due="2027-10-31", initiative=where)
    reached_out(core.session, core.entity(INVIMA).id, ["RAP-01"], day("2026-11-11"))

    def promised() -> object:
        until, today = day("2026-12-31"), day("2026-11-25")
        return promise(core.session, core.entity(INVIMA), until, actor=LEADER, method=core.method, today=today)

    for _ in range(delays):
        promised()
    with pytest.raises(NotNow, match=most):
        promised()


def test_how_long_a_promise_delays_the_alert_is_configured(core: Core) -> None:
    where = core.initiative("rapida", overrides={"no_respuesta.aplazamiento_habiles": 2})
    core.action("RAP-01", due="2027-10-31", initiative=where)
    reached_out(core.session, core.entity(INVIMA).id, ["RAP-01"], day("2026-11-11"))
    until, today = day("2026-12-31"), day("2026-11-25")
    held = promise(core.session, core.entity(INVIMA), until, actor=LEADER, method=core.method, today=today)
    assert held == day("2026-11-27")


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("vencida.meses", 1, "1 mes"),
        ("solicitud.habiles_antes", 10, "10 días hábiles"),
        ("seguimiento.texto_max", 1000, "1.000 caracteres"),
        ("cierre.pausa_detiene", "si", "sí"),
        ("cierre.inicio", "primera_accion", "primera acción"),
    ],
)
def test_a_value_is_said_with_its_unit(key: str, value: Any, words: str) -> None:
    assert shown(key, value) == words
