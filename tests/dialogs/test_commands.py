from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.command_page import command_page
from dialogs.command_table import BY_NAME, MOST_IN_MANIFEST, MOST_USED, TOPICS
from dialogs.commands import COMMANDS, Command, InitiativeName, Unknown, help_for, match_initiative, may_use, parse
from dialogs.lines import FollowUpLines
from methodology.rules.states import Post

TODAY = date(2026, 11, 26)
INITIATIVES = (
    InitiativeName("medicamentos_sintesis_quimica", "Medicamentos de síntesis química", "MSQ"),
    InitiativeName("biologicos", "Biológicos", "BIO"),
    InitiativeName("dispositivos_medicos", "Dispositivos médicos", "DME"),
    InitiativeName("cannabis_canamo", "Cannabis-cáñamo", "CYC"),
    InitiativeName("astilleros", "Astilleros", "AST"),
)
INVIMA = "Instituto Nacional de Vigilancia de Medicamentos y Alimentos (Invima)"
HEALTH = "Ministerio de Salud y Protección Social (MinSalud)"


def read(text: str) -> Command | FollowUpLines | Unknown:
    return parse(text, INITIATIVES, TODAY, (INVIMA, HEALTH))


def command(text: str) -> Command:
    found = read(text)
    assert isinstance(found, Command)
    return found


@pytest.mark.parametrize(
    "text", ["/estado", "estado", "ESTADO", " /Estado ", "<at>Soluciones</at>&nbsp;estado", "/ estado"]
)
def test_slash_capitals_and_mention_are_optional(text: str) -> None:
    assert read(text) == Command("estado")


@pytest.mark.parametrize("spec", COMMANDS, ids=lambda spec: spec.name)
def test_every_command_is_found_by_every_name(spec: object) -> None:
    for name in (spec.name, *spec.aliases):  # type: ignore[attr-defined]
        assert command(f"/{name}").name == spec.name  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("said", "slug"),
    [
        ("astilleros", "astilleros"),
        ("ASTILERO", "astilleros"),
        ("ast", "astilleros"),
        ("biologicos", "biologicos"),
        ("medic", "medicamentos_sintesis_quimica"),
        ("dispositivos_medicos", "dispositivos_medicos"),
        ("cáñamo", "cannabis_canamo"),
        ("sintesis quimica", "medicamentos_sintesis_quimica"),
        ("marte", ""),
        ("", ""),
    ],
)
def test_an_initiative_is_found_by_what_people_call_it(said: str, slug: str) -> None:
    assert match_initiative(said, INITIATIVES) == slug


def test_a_name_that_fits_two_initiatives_fits_none() -> None:
    two = (InitiativeName("a", "Textiles"), InitiativeName("b", "Textos"))
    assert match_initiative("text", two) == ""


@pytest.mark.parametrize(
    ("text", "args"),
    [
        ("/alertas de la iniciativa astilleros", {"initiative": "astilleros"}),
        ("/reporte logros dispositivos médicos sep-oct 2026",
         {"kind": "logros", "initiative": "dispositivos_medicos", "period": "sep-oct 2026"}),
        ("reporte de logros de astilleros", {"kind": "logros", "initiative": "astilleros"}),
        ("¿Por qué AST-04?", {"code": "AST-04"}),
        ("/fecha ast 4 18/12/2026 nueva concertación",
         {"code": "AST-04", "date": date(2026, 12, 18), "reason": "nueva concertación"}),
        ("/fecha AST-04 para el 5 de diciembre: por concertación",
         {"code": "AST-04", "date": date(2026, 12, 5), "reason": "por concertación"}),
        ("/reasignar BIO-03 invima cambio de competencia",
         {"code": "BIO-03", "entity": INVIMA, "reason": "cambio de competencia"}),
        ("/reasignar BIO-03 Ministerio de Salud y Protección Social por competencia",
         {"code": "BIO-03", "entity": HEALTH, "reason": "por competencia"}),
        ("/reasignar BIO-03 «Otra entidad» por competencia",
         {"code": "BIO-03", "entity": "Otra entidad", "reason": "por competencia"}),
        ("/cumplida AST-04 3/11/2026 https://x.example/acta.pdf",
         {"code": "AST-04", "date": date(2026, 11, 3), "evidence": "https://x.example/acta.pdf"}),
        ("/accion ast4", {"code": "AST-04"}),
        ("/matriz astilleros 3/11/2026", {"initiative": "astilleros", "date": date(2026, 11, 3)}),
        ("/matriz dispositivos médicos", {"initiative": "dispositivos_medicos"}),
        ("/pausar cannabis cáñamo por la transición institucional",
         {"initiative": "cannabis_canamo", "reason": "por la transición institucional"}),
        ("/pausar astilleros", {"initiative": "astilleros"}),
        ("/ausencia del 14/12/2026 al 31/12/2026 Felipe Arango",
         {"date": date(2026, 12, 14), "until": date(2026, 12, 31), "substitute": "Felipe Arango"}),
        ("/ausencia 14/12/2026 31/12/2026", {"date": date(2026, 12, 14), "until": date(2026, 12, 31)}),
        ("/oficio invima", {"entity": INVIMA}),
        ("reunión de logros astilleros", {"initiative": "astilleros"}),
        ("/quien-falta", {}),
        ("¿Quién falta en astilleros?", {"initiative": "astilleros"}),
        ("por vencer biológicos", {"initiative": "biologicos"}),
        ("/simular 31/12/2026", {"date": date(2026, 12, 31)}),
        ("/simular astilleros hasta el 15 de diciembre", {"initiative": "astilleros", "date": date(2026, 12, 15)}),
        ("/aprobar logros-astilleros-2026-5", {"report": "logros-astilleros-2026-5"}),
    ],
)  # fmt: skip
def test_arguments_are_read_in_their_order(text: str, args: dict[str, object]) -> None:
    found = command(text)
    assert (dict(found.args), found.problem) == (args, "")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("/matriz", "Indique la iniciativa"),
        ("/estado marte", "Indique la iniciativa"),
        ("/fecha AST-04 31/02/2026 x", "Indique la fecha"),
        ("/fecha AST-04 18/12/2026", "Indique el motivo"),
        ("/cumplida AST-04 3/11/2026", "Indique la evidencia"),
        ("/reporte metas astilleros", "logros"),
        ("/ausencia 14/12/2026", "Indique también hasta qué día"),
        ("/ausencia 14/12/2026 a 10/12/2026", "termina antes de empezar"),
        ("/matriz astilleros marte", "Indique la fecha"),
        ("/cierre", "Indique la iniciativa"),
        ("/simular astilleros", "Indique la fecha"),
        ("/ayuda completa", "No se reconoció «completa»"),
    ],
)
def test_a_command_that_lacks_something_says_what_and_how_it_is_written(text: str, asked: str) -> None:
    problem = command(text).problem
    assert asked in problem
    assert "Se escribe así: /" in problem


def test_an_unknown_command_gets_the_nearest_two() -> None:
    found = read("/estdo")
    assert isinstance(found, Unknown)
    assert found.suggestions[0].name == "estado"
    assert "/estado" in found.sentence(set(Post))
    assert found.sentence(set(Post)).count("/") == 4
    assert not found.free


@pytest.mark.parametrize(
    "text",
    [
        "estado de la acción: va muy bien y sin novedad",
        "gracias",
        "hola, buenas tardes",
        "",
        "tengo 3 dudas",
        "no",
        "Sí, es 70 %",
    ],
)
def test_free_text_is_known_as_such(text: str) -> None:
    found = read(text)
    assert isinstance(found, Unknown)
    assert found.free


@pytest.mark.parametrize("text", ["AST-04 80% salió a comentarios", "/AST-04 80% salió", "<at>Bot</at> ast 4 80 salió"])
def test_a_follow_up_is_told_from_a_command(text: str) -> None:
    found = read(text)
    assert isinstance(found, FollowUpLines)
    assert found.lines[0].code == "AST-04"


def test_help_shows_each_post_only_what_it_may_use() -> None:
    assert not may_use("aprobar", [Post.LEADER])
    assert may_use("aprobar", [Post.LEADER, Post.PLANNING])
    assert "bandeja" not in {spec.name for spec in help_for([Post.LEADER])}
    assert {"estado", "alertas", "ayuda"} <= {spec.name for spec in help_for([Post.VICE_MINISTER])}


def test_the_table_fits_the_manifest_and_names_nothing_twice() -> None:
    names = [name for spec in COMMANDS for name in (spec.name, *spec.aliases)]
    assert len(names) == len(set(names))
    assert all(len(spec.help) <= 128 and len(spec.name) <= 32 for spec in COMMANDS)
    assert 0 < sum(spec.manifest for spec in COMMANDS) <= MOST_IN_MANIFEST


def test_what_the_methodology_asks_for_is_in_the_table() -> None:
    wanted = (
        "ayuda estado pendientes quien-falta alertas por-vencer reporte matriz ronda por-que bandeja ausencia "
        "lanzamiento seguimiento reunion caso cierre simular pausar"
    )
    assert set(wanted.split()) <= {spec.name for spec in COMMANDS}


def test_the_page_of_commands_has_a_line_of_each_with_whoever_may_use_it() -> None:
    page = command_page()
    assert all(f"`{spec.usage}`" in page for spec in COMMANDS)
    (simulate,) = [line for line in page.splitlines() if "/simular" in line]
    assert "Planeación" in simulate
    assert "Líder" not in simulate


@given(
    st.text() | st.lists(st.sampled_from(["/fecha", "reporte", "AST-04", "5 de", "<at>", "logros", "«"])).map(" ".join)
)
def test_no_text_makes_the_parser_raise(text: str) -> None:
    assert isinstance(read(text), Command | FollowUpLines | Unknown)


@pytest.mark.parametrize(
    ("text", "name", "args"),
    [
        (
            "/ausencia 24/12 a 10/1 suplente Felipe Arango",
            "ausencia",
            {"date": date(2026, 12, 24), "until": date(2027, 1, 10), "substitute": "Felipe Arango"},
        ),
        (
            "ausencia del 24 de diciembre al 10 de enero",
            "ausencia",
            {"date": date(2026, 12, 24), "until": date(2027, 1, 10)},
        ),
        ("estado canabis", "estado", {"initiative": "cannabis_canamo"}),
        ("Buenos días, estado por favor", "estado", {}),
        ("ast 4", "accion", {"code": "AST-04"}),
        ("reporte astilleros", "reporte", {"initiative": "astilleros"}),
        ("cancelar", "terminar", {}),
        ("salir", "terminar", {}),
    ],
)
def test_what_people_write_in_a_hurry_is_understood(text: str, name: str, args: dict[str, object]) -> None:
    meant = parse(text, INITIATIVES, date(2026, 11, 28))
    assert isinstance(meant, Command)
    assert (meant.name, dict(meant.args), meant.problem) == (name, args, "")


@pytest.mark.parametrize("text", ["80% el proyecto salió a comentarios", "80,5 %", "sin cambios continúa la consulta"])
def test_an_answer_without_code_is_about_the_action_on_the_screen(text: str) -> None:
    meant = parse(text, INITIATIVES, date(2026, 11, 28))
    assert isinstance(meant, FollowUpLines)
    assert [line.code for line in meant.lines] == [""]


@pytest.mark.parametrize(
    "text", ["/matriz xyz", "/matriz xyz 3/11/2026", "/estado xyz", "/simular xyz 31/12/2026", "/reporte logros xyz"]
)
def test_a_name_that_is_not_recognised_is_said_with_the_initiatives_there_are(text: str) -> None:
    problem = command(text).problem
    assert "No se reconoció «xyz" in problem
    assert "Indique la iniciativa: " in problem
    assert "Astilleros" in problem


@pytest.mark.parametrize(
    ("text", "asked"), [("/ayuda reunion", "reunion"), ("ayuda /matriz", "matriz"), ("/ayuda por que", "por-que")]
)
def test_help_is_asked_of_one_option_too(text: str, asked: str) -> None:
    found = command(text)
    assert (found.name, dict(found.args), found.problem) == ("ayuda", {"command": asked}, "")
    assert "No se reconoció «xyz»" in command("/ayuda xyz").problem


def test_every_command_stands_under_one_topic_of_the_help() -> None:
    under = [name for names in TOPICS.values() for name in names]
    assert sorted(under) == sorted(BY_NAME)


@pytest.mark.parametrize("post", list(MOST_USED))
def test_the_help_begins_with_what_a_post_may_use(post: Post) -> None:
    assert 3 <= len(MOST_USED[post]) <= 4
    assert [name for name in MOST_USED[post] if not may_use(name, {post})] == []


@pytest.mark.parametrize(
    "text", ["hola", "Hola…", "Buenos días", "hola, ¿cómo está?", "Cordial saludo.", "Buenos días, muchas gracias"]
)
def test_a_greeting_is_a_greeting_and_no_command(text: str) -> None:
    assert parse(text, INITIATIVES, TODAY) == Unknown(text, free=True, greets=True)


@pytest.mark.parametrize(
    "text", ["gracias", "Muchas gracias.", "ok", "Listo, gracias", "👍", "👍🏽", "De acuerdo", "Gracias, buen día"]
)
def test_thanks_ask_for_nothing(text: str) -> None:
    assert parse(text, INITIATIVES, TODAY) == Unknown(text, free=True, thanks=True)


@pytest.mark.parametrize("text", ["todo bien", "…", "", "listo el decreto de la mesa"])
def test_other_words_are_no_thanks(text: str) -> None:
    found = parse(text, INITIATIVES, TODAY)
    assert isinstance(found, Unknown)
    assert not found.thanks


@pytest.mark.parametrize(
    "text",
    ["¿Qué me falta?", "que me falta", "¿qué falta?", "que tengo pendiente", "¿Qué me falta por reportar, por favor?"],
)
def test_what_is_left_is_asked_in_free_words(text: str) -> None:
    assert parse(text, INITIATIVES, TODAY) == Command("pendientes")


def test_a_greeting_before_a_command_is_let_go() -> None:
    assert parse("hola, estado por favor", INITIATIVES, TODAY) == Command("estado")


def test_only_commands_of_the_own_posts_are_suggested() -> None:
    found = parse("/ocalendario", INITIATIVES, TODAY)
    assert isinstance(found, Unknown)
    assert "/calendario" in found.sentence({Post.PLANNING})
    assert "/calendario" not in found.sentence({Post.VICE_MINISTER})
