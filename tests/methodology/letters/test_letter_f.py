"""Letter F of the method, R45–R50: everywhere. A promise a rule; the wires stand in the files of the doors."""

from __future__ import annotations

import json
from datetime import date

import pytest
from core_world import Core, at
from databases import in_memory
from matrix_rows import LEADER, Matrix, ledger
from matrix_rows import at as utc

from dialogs.commands import help_for
from methodology.delivery import Unreachable
from methodology.publishing import approve, draft, site_content
from methodology.replies import store_raw
from methodology.rules.figures import Semaforo
from methodology.rules.periods import Period
from methodology.rules.states import Post
from methodology.rules.table import MAIL, RULES, TEAMS
from methodology.simulation import live
from reports.site import files
from storage.history import Change, Deed
from storage.ledger import Delivery, InboundMail
from storage.matrix import FollowUp
from tests.scheduler.office import Office

TEXT = "Se radicó el proyecto de resolución."
DATA_SETS = ("acciones", "cifras", "logros")


@pytest.fixture(scope="module")
def site() -> dict[str, bytes]:
    """The public site of one initiative with a follow-up and a published report."""
    with ledger() as session:
        matrix = Matrix(session)
        action = matrix.action("BIO-01", text=f"Mesa convocada por {LEADER}")
        matrix.follow_up(action, "2026-10", 45.5, f"Según {LEADER}, en revisión", "2026-10-30")
        matrix.achievement(action, "Guía adoptada", on="2026-10-30")
        report = draft(session, "logros", matrix.initiative.id, Period(2026, 5), utc("2026-11-03"))
        approve(session, report.id, LEADER, utc("2026-11-03"))
        return dict(files(json.loads(json.dumps(site_content(session, date(2026, 11, 20))))))


def roads(*posts: Post) -> set[str]:
    return {rule.channel for rule in RULES.values() if rule.post in posts}


def staffed(core: Core) -> None:
    initiative = core.initiative(launch="2026-11-02")
    core.person("Lina Leal", "LT", initiative)
    core.action("BIO-01", due="2026-10-15")


# --- R45: the roads ---------------------------------------------------------------------------------------------------


def test_r45_leaders_are_told_in_teams_entities_by_mail_and_the_escalation_in_its_channel() -> None:
    assert (roads(Post.LEADER), roads(Post.ENTITY), roads(Post.PLANNING)) == ({TEAMS}, {MAIL}, {TEAMS})
    assert (RULES["R17"].post, RULES["R17"].place, RULES["R17"].channel) == (Post.VICE_MINISTER, "escalation", TEAMS)


def test_r45_planning_asks_by_slash_command() -> None:
    assert {"reporte", "aprobar", "bandeja"} <= {spec.name for spec in help_for([Post.PLANNING])}
    assert "aprobar" not in {spec.name for spec in help_for([Post.LEADER])}


async def test_r45_whoever_has_no_teams_gets_the_same_by_mail() -> None:
    with in_memory() as database:
        office = Office(database)
        office.fill(staffed)
        office.teams.errors = [Unreachable("nunca instaló la aplicación")]
        await office.beat("2026-11-17")
        assert [(one.reader, one.subjects) for one in office.mail.letters if one.bundle == "alerts"] == [
            ("person:1", ("BIO-01",))
        ]


# --- R46: once, whatever happens --------------------------------------------------------------------------------------


def test_r46_a_job_that_runs_twice_or_late_repeats_nothing_and_loses_nothing(core: Core) -> None:
    core.action("BIO-01", due="2026-10-14")
    for on in ("2026-11-13", "2026-11-13", "2026-11-30", "2026-11-25", "2026-11-30"):
        core.sweep(on)
    keys = [notice.key for notice in core.notices()]
    assert len(keys) == len(set(keys))
    assert [(n.rule, str(n.recorded_on)) for n in core.notices("R15")] == [("R15", "2026-11-14")]


async def test_r46_two_machines_send_one_message() -> None:
    with in_memory() as database:
        one, other = Office(database), Office(database)
        one.fill(staffed)
        await one.beat("2026-11-17")
        await other.beat("2026-11-17")
        assert [len(one.teams.letters), len(other.teams.letters)] == [1, 0]


async def test_r46_what_fell_on_days_out_of_service_is_one_message() -> None:
    with in_memory() as database:
        office = Office(database)
        office.fill(staffed)
        office.fill(lambda core: [core.action(f"BIO-1{n}", due=f"2026-10-{15 + n}") for n in (1, 2, 3)])
        await office.beat("2026-11-10")
        await office.beat("2026-11-20")
        assert [one.subjects for one in office.teams.letters if one.bundle == "alerts"] == [
            ("BIO-01", "BIO-11", "BIO-12", "BIO-13")
        ]
        assert len({row.batch for row in office.rows(Delivery) if row.bundle == "alerts"}) == 1


# --- R47: hábil hours -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "hour", "goes"),
    [
        ("2026-11-15", 10, False),  # a Sunday
        ("2026-11-16", 10, False),  # a holiday
        ("2026-11-17", 7, False),
        ("2026-11-17", 8, True),
        ("2026-11-17", 16, True),
        ("2026-11-17", 17, False),
    ],
)
def test_r47_messages_leave_only_on_habil_days_from_eight_to_five(core: Core, on: str, hour: int, goes: bool) -> None:
    core.action("BIO-01", due="2026-10-15")
    live(core.session, core.method, at(on, hour))
    assert [notice.state for notice in core.notices("R15")] == ["sent" if goes else "planned"]


def test_r47_a_held_message_is_rescheduled_and_not_consumed(core: Core) -> None:
    core.action("BIO-01", due="2026-10-15")
    live(core.session, core.method, at("2026-11-17", 17, 30))
    live(core.session, core.method, at("2026-11-18", 8))
    assert [(n.state, str(n.recorded_on)) for n in core.notices("R15")] == [("sent", "2026-11-15")]


def test_r47_answers_are_taken_at_any_hour(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    core.does("2026-11-29", "LT", "accion.seguimiento", 23, accion="BIO-01", avance="40", texto=TEXT)
    assert [row.at for row in core.all(FollowUp)] == [at("2026-11-29", 23)]


# --- R48, R49: what is published --------------------------------------------------------------------------------------


def test_r48_every_page_says_its_language_and_every_light_its_word_with_contrast(site: dict[str, bytes]) -> None:
    pages = [body.decode() for name, body in site.items() if name.endswith(".html")]
    assert pages
    assert all('lang="es-CO"' in page and "<h1" in page and "<title>" in page for page in pages)
    assert all(light.value.word and contrast(light) >= 4.5 for light in Semaforo)


def contrast(light: Semaforo) -> float:
    dark, bright = sorted(luminance(colour) for colour in (light.value.background, light.value.text))
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    full = colour if len(colour) == 7 else "#" + "".join(2 * one for one in colour[1:])
    channels = [int(full[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_r48_it_comes_with_open_data_dictionary_licence_cut_off_and_version(site: dict[str, bytes]) -> None:
    assert {f"datos/{name}.{kind}" for name in DATA_SETS for kind in ("csv", "json")} <= set(site)
    assert {"datos/diccionario.csv", "datos/licencia.txt"} <= set(site)
    said = json.loads(site["datos/acciones.json"])
    assert (said["fecha_corte"], said["version"][:14]) == ("2026-11-20", "1.1-2026-11-20")
    assert "CC BY 4.0" in said["licencia"]


def test_r49_entities_are_published_and_persons_never(site: dict[str, bytes]) -> None:
    public = "".join(body.decode() for name, body in site.items() if not name.endswith((".pdf", ".xlsx")))
    assert LEADER not in public
    assert "Invima" in public


# --- R50: kept --------------------------------------------------------------------------------------------------------


def test_r50_every_decision_is_kept_with_who_when_and_what_it_changed(core: Core) -> None:
    core.action("BIO-01", due="2027-10-31")
    given = {"accion": "BIO-01", "prioridad": "Baja", "motivo": "Acuerdo de la mesa técnica"}
    said = core.does("2026-11-12", "LT", "accion.editar", **given)
    [deed] = core.all(Deed)
    assert (deed.operation, deed.author, deed.post, deed.at) == (
        "accion.editar",
        "Líder técnica",
        "LT",
        at("2026-11-12", 10),
    )
    assert (deed.given, deed.outcome) == (given, said)
    assert [row.after for row in core.all(Change) if row.table == "action"] == [{"priority": "Baja", "version": 2}]


def test_r50_a_mail_is_kept_as_it_came_and_once(core: Core) -> None:
    raw = "Subject: RE: Solicitud\r\n\r\nBIO-02: 80 % – Publicada".encode()
    store_raw(core.session, raw, "<uno@invima.example>", "enlace@invima.example", at("2026-11-18"))
    assert store_raw(core.session, raw, "<uno@invima.example>", "enlace@invima.example", at("2026-11-19")) is None
    assert [(row.raw, row.received_at) for row in core.all(InboundMail)] == [(raw, at("2026-11-18"))]


def test_r50_a_notice_keeps_how_it_ended_also_when_it_was_withdrawn(core: Core) -> None:
    core.action("BIO-01", due="2026-10-15")
    core.sweep("2026-11-15")
    core.does("2026-11-16", "LT", "accion.cumplida", accion="BIO-01", fecha="2026-11-16", evidencia="Acta 12")
    assert [(n.state, n.withdrawn_reason) for n in core.notices("R15")] == [
        ("withdrawn", "alerta cerrada: cumplimiento")
    ]
