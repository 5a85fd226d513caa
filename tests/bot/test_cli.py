"""The command line as a person runs it, mostly in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.cli_errors import UNPREPARED
from bot.demo import free_port
from storage.db import Database

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "MicrosoftAppId": "app",
    "MicrosoftAppPassword": "clave",
    "MicrosoftAppTenantId": "propio",
    "SECRET_KEY": "x" * 32,
    "MAIL_SENDER": "soluciones@operador.example",
}


def soluciones(*args: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment}
    return subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", *args],
        capture_output=True, text=True, cwd=folder, env=env, check=False, timeout=120,
    )  # fmt: skip


def test_an_import_is_told_repeated_without_effect_and_rehearsed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "matrices")
    rehearsed = soluciones("import", "matrices", "--dry-run", folder=tmp_path, **SETTINGS)
    assert "por hacer (simulacro)" in rehearsed.stdout, rehearsed.stderr
    assert sorted(file.name for file in tmp_path.iterdir()) == ["matrices"], "a rehearsal makes no database"
    assert "Acción nueva: AST-04" in soluciones("import", "matrices", folder=tmp_path, **SETTINGS).stdout
    assert "Sin cambios." in soluciones("import", "matrices", folder=tmp_path, **SETTINGS).stdout


def test_errors_come_all_at_once_by_file_row_and_column_and_nothing_is_loaded(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "matrices")
    file = tmp_path / "matrices" / "astilleros.csv"
    file.write_text(
        file.read_text().replace("2026-12-11,2026-12-11", "31/02/2026,2026-12-11").replace(",Baja,", ",Mínima,")
    )
    outcome = soluciones("import", "matrices", folder=tmp_path, **SETTINGS)
    assert outcome.returncode == 2
    assert "astilleros.csv, fila 4, columna «fecha_vencimiento»" in outcome.stderr
    assert "columna «prioridad»: «Mínima»" in outcome.stderr
    file.write_text((ROOT / "examples" / "astilleros.csv").read_text())
    assert "Acción nueva: MSQ-01" in soluciones("import", "matrices", folder=tmp_path, **SETTINGS).stdout


def test_starting_without_settings_lists_all_of_them(tmp_path: Path) -> None:
    outcome = soluciones("run", folder=tmp_path)
    assert outcome.returncode == 2
    assert all(name in outcome.stderr for name in SETTINGS)


def _typed(*args: str, answer: str = "") -> tuple[int, str]:
    """The same commands in this process."""
    outcome = CliRunner().invoke(app, list(args), prog_name="soluciones", input=answer)
    return outcome.exit_code, outcome.output


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the sample matrices, in which commands find their settings."""
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "examples", tmp_path / "matrices")
    return tmp_path


def test_the_last_import_is_undone_rehearsed_first_and_may_be_repeated(office: Path) -> None:
    assert _typed("import", "--undo") == (2, "No hay una importación que deshacer.\n")
    _typed("import", "matrices")
    _code, rehearsed = _typed("import", "--undo", "--dry-run")
    assert "Acción AST-04: se retiró." in rehearsed
    assert "por hacer (simulacro)" in rehearsed
    assert _typed("import", "matrices")[1].endswith("Sin cambios.\n")
    code, asked = _typed("import", "--undo", answer="n\n")
    assert (code, "Acción AST-04: se retiró." in asked) == (2, True)
    assert asked.startswith("Esto se desharía:")
    assert "simulacro" not in asked.lower()
    assert asked.endswith("No se aplicó ningún cambio.\n")
    assert "use --yes. No se aplicó ningún cambio." in _typed("import", "--undo")[1]
    _code, undone = _typed("import", "--undo", "--si")
    assert undone.startswith("Se deshizo la importación del ")
    assert "línea de comandos)" in undone
    listed = undone.splitlines()[1:-1]
    assert undone.splitlines()[-1] == f"{len(listed)} cambios hechos."
    assert "Acción nueva: AST-04" in _typed("import", "matrices")[1]


def test_import_wants_a_folder_or_undo_and_not_both() -> None:
    wanted = "Indique la carpeta de las matrices, o --undo para deshacer la última importación.\n"
    assert _typed("import") == (2, wanted)
    wanted = "Con --undo no se indica carpeta: se deshace la última importación.\n"
    assert _typed("import", "x", "--undo") == (2, wanted)


def test_a_rehearsal_tells_the_dates_that_follow(office: Path) -> None:
    _code, rehearsed = _typed("import", "matrices", "--dry-run")
    assert "Fechas que se siguen: AST-03: aviso de próximo vencimiento el 26/11/2026" in rehearsed


def test_an_action_is_explained_from_the_services_database_which_is_only_read(office: Path) -> None:
    code, told = _typed("explain", "AST-03", "--on", "2026-11-12")
    assert (code, told.split(":")[0]) == (2, "No hay una base de datos en var/soluciones.db")
    assert _typed("import", "matrices")[0] == 0
    database = office / "var" / "soluciones.db"
    before = database.read_bytes()
    code, told = _typed("explain", "AST-03", "--on", "2099-12-31")
    assert (code, "R30: dos meses después del vencimiento" in told) == (0, True)
    code, told = _typed("explain", "AST-03", "--on", "2099-12-31", "--json")
    lines = [json.loads(line) for line in told.splitlines()]
    assert {"subject", "day", "rule", "on", "passed", "sentence"} == set(lines[0])
    assert [line["on"] for line in lines if line["rule"] == "R15"] == ["2027-01-11"]
    assert database.read_bytes() == before
    code, told = _typed("explain", "XX-9")
    assert (code, told.startswith("«XX-9» no es el código de una acción")) == (2, True)


def test_an_action_is_explained_from_a_folder_without_any_settings(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ROOT / "examples", tmp_path / "matrices"))
    text = (folder / "iniciativas.csv").read_text(encoding="utf-8").replace("2025-05-22", "2026-11-01")
    (folder / "iniciativas.csv").write_text(text, encoding="utf-8")
    code, told = _typed("explain", "AST-03", "--on", "2026-11-26", "--data", str(folder))
    assert code == 0
    assert "el aviso de próximo vencimiento va" in told or "ese día va el aviso" in told
    assert "El 26 de noviembre de 2026 se registró: AST-03 vence" in told
    assert _typed("explain", "AST-03", "--on", "ayer", "--data", str(folder))[0] == 2


# --- what is wrong around the command is said in a sentence -----------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("nada", "DATABASE_URL: no es la dirección de una base de datos"),
        ("mysql://x@localhost/y", "use sqlite:///var/soluciones.db o postgresql+psycopg://"),
        ("postgresql+psycopg://x@127.0.0.1:1/y", "No hay conexión con la base de datos"),
        ("sqlite:///LEEME.md", "no es una base de datos, o está dañado"),
        ("sqlite:///matrices", "No se puede abrir el archivo de la base de datos"),
    ],
)
@pytest.mark.parametrize("words", [("import", "matrices"), ("calendar", "list"), ("run",)])
def test_a_database_that_cannot_be_used_is_told(
    office: Path, monkeypatch: pytest.MonkeyPatch, url: str, why: str, words: tuple[str, ...]
) -> None:
    (office / "LEEME.md").write_text("Esto no es una base de datos.\n", encoding="utf-8")
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("PORT", str(free_port()))  # whatever runs on this machine
    code, said = _typed(*words)
    assert (code, why in said) == (2, True), said


def test_an_empty_a_newer_and_a_busy_database_are_told(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:///s.db")
    (office / "s.db").touch()
    assert _typed("explain", "AST-04") == (2, f"{UNPREPARED}\n")
    with closing(sqlite3.connect("s.db")) as base:
        base.executescript("create table alembic_version (version_num text); insert into alembic_version values ('z')")
    assert "es de una versión más nueva (z): actualice el programa" in _typed("import", "matrices")[1]
    monkeypatch.setenv("DATABASE_URL", "sqlite:///busy.db")
    busy = Database("sqlite:///busy.db")
    assert "Otro proceso está usando busy.db: detenga el servicio" in _typed("import", "matrices")[1]
    busy.close()


def test_a_file_is_no_folder_of_matrices(office: Path) -> None:
    code, said = _typed("import", "matrices/astilleros.csv")
    assert (code, "es un archivo: indique la carpeta que lo contiene" in said) == (2, True)


@pytest.mark.parametrize(
    "words",
    [("simulate", "--from", "2026-11-01", "--to", "9999-12-31"), ("explain", "X", "--on", "9999-12-31")],
)
def test_a_day_out_of_reach_is_refused_at_once(words: tuple[str, ...]) -> None:
    code, said = _typed(*words, "--data", str(ROOT / "examples"))
    assert (code, "«9999-12-31» está fuera del periodo admitido" in said) == (2, True)


def test_a_day_may_be_written_as_people_write_it_and_the_supposition_is_said() -> None:
    code, told = _typed("explain", "AST-04", "--on", "12/11/2026", "--data", str(ROOT / "examples"))
    assert code == 0
    assert "que hasta el 12 de noviembre de 2026 nadie respondió y que nada cambió desde los archivos." in told
    assert "AST-04, el jueves 12 de noviembre de 2026" in told


@pytest.mark.parametrize("subject", ["AST-04", "astilleros", "DIAN"])
def test_before_the_launch_there_is_nothing_to_explain(subject: str) -> None:
    _code, told = _typed("explain", subject, "--on", "2024-01-15", "--data", str(ROOT / "examples"))
    assert "El 15 de enero de 2024 Astilleros todavía no se había lanzado: su lanzamiento es el 22 de mayo" in told
    assert "R19" not in told


def _script(folder: Path, *days: str) -> str:
    step = "- {{on: {on}, role: LT, does: accion.anular, with: {{accion: BIO-05, motivo: No le corresponde}}}}\n"
    (folder / "guion.yaml").write_text("".join(step.format(on=on) for on in days), encoding="utf-8")
    return str(folder / "guion.yaml")


def test_the_steps_outside_the_days_are_counted_and_their_refusals_told(tmp_path: Path) -> None:
    script = _script(tmp_path, "2025-08-04", "2025-08-20", "2025-08-21")
    days = ("--from", "2025-08-05", "--to", "2025-08-08")
    code, told = _typed("simulate", "--data", str(ROOT / "examples"), *days, "--script", script)
    assert "Pasos del guion anteriores a --from: 1. Se hacen; solo" in told
    assert "Pasos del guion posteriores a --to: 2. No se hacen." in told
    assert (code, told.count("NO SE HIZO")) == (1, 1)


def test_a_withdrawn_notice_of_a_script_says_so(tmp_path: Path) -> None:
    script = _script(tmp_path, "2025-08-29")
    days = ("--from", "2025-08-29", "--to", "2025-08-29")
    _code, told = _typed("simulate", "--data", str(ROOT / "examples"), *days, "--script", script)
    assert "(retirado: la apertura de la ventana va ese mismo día)" in told


@pytest.mark.parametrize(
    ("words", "told", "helper"),
    [
        ("explain", "Falta el argumento «CÓDIGO»: código de una acción, iniciativa o entidad.", "explain"),
        ("explain A B", "Sobra: B.", "explain"),
        ("explain --dta x", "La opción «--dta» no existe. ¿Quiso decir «--data»?", "explain"),
        ("expalin", "La orden «expalin» no existe. ¿Quiso decir «soluciones explain»?", ""),
        ("calendar lst", "La orden «lst» no existe. ¿Quiso decir «soluciones calendar list»?", "calendar"),
        ("calendar list --year x", "«--year» lleva un número entero.", "calendar list"),
        ("calendar list --year 1999", "«--year» lleva 2020 o más.", "calendar list"),
        ("simulate --from", "La opción «--from» necesita un valor.", ""),
        ("simulate", "Falta la opción «--data»: carpeta de matrices.", "simulate"),
        ("demo --play=1", "La opción «--play» no lleva un valor.", ""),
        ("--nada", "La opción «--nada» no existe.", ""),
    ],
)
def test_what_is_typed_wrong_is_said_in_spanish(words: str, told: str, helper: str) -> None:
    assert _typed(*words.split()) == (2, f"{told}\nAyuda: {' '.join(f'soluciones {helper}'.split())} --help\n")


def test_a_command_of_nobody_names_them_all() -> None:
    assert "Órdenes: calendar, demo, doctor, explain, import," in _typed("zzz")[1]


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the sample matrices and no settings at all."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "examples", tmp_path / "matrices")
    return tmp_path


def test_what_only_reads_needs_no_secrets(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "por hacer (simulacro)." in _typed("import", "matrices", "--dry-run")[1]
    code, said = _typed("import", "matrices")
    assert (code, "falta MicrosoftAppPassword" in said) == (2, True)
    assert "festivo (Navidad)" in _typed("calendar", "list", "--year", "2026")[1]
    with monkeypatch.context() as given:
        for name, value in SETTINGS.items():
            given.setenv(name, value)
        _typed("import", "matrices")
    code, told = _typed("explain", "AST-03")
    assert (code, told.startswith("AST-03, el ")) == (0, True)


@pytest.mark.parametrize("typed", ["AST-4", "ast4", "AST 04"])
def test_a_code_is_understood_as_it_is_typed(typed: str) -> None:
    _code, told = _typed("explain", typed, "--on", "12/11/2026", "--data", str(ROOT / "examples"))
    assert "AST-04, el jueves 12 de noviembre de 2026" in told


def test_a_code_of_no_action_names_the_nearest() -> None:
    code, told = _typed("explain", "AST-44", "--on", "12/11/2026", "--data", str(ROOT / "examples"))
    assert (code, "ni una entidad. ¿Quiso decir AST-04" in told) == (2, True)


def test_the_days_of_a_simulation_are_written_as_people_write_them() -> None:
    days = ("--from", "29/8/2025", "--to", "30 de agosto de 2025")
    code, told = _typed("simulate", "--data", str(ROOT / "examples"), *days)
    assert (code, "2025-08-29  " in told) == (0, True)
    code, said = _typed("simulate", "--data", str(ROOT / "examples"), "--from", "ayer", "--to", "hoy")
    assert (code, "«ayer» no es una fecha: escríbala como 5/11/2026" in said) == (2, True)


def test_the_help_is_in_spanish_throughout(office: Path) -> None:
    for words in ("", "import", "calendar", "mail", "playground", "doctor"):
        _code, told = _typed(*words.split(), "--help")
        assert "Uso: soluciones" in told
        assert "Mostrar esta ayuda y terminar." in told
        for english in ("Usage", "Options", "OPTIONS", "Commands", "COMMAND", "Arguments", "default:", "Show this"):
            assert english not in told, (words, english)


def test_a_place_where_nobody_can_listen_names_its_setting(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        monkeypatch.setenv("PORT", port)
        told = f"HOST y PORT: otro programa ya ocupa «127.0.0.1:{port}»: detenga ese programa o elija otro.\n"
        assert _typed("run") == (2, told)
        monkeypatch.setenv("HOST", "203.0.113.7")
        assert _typed("run") == (2, f"HOST y PORT: «203.0.113.7:{port}» no es una dirección de esta máquina.\n")
    monkeypatch.setenv("HOST", "127.0.0.1")
    (office / "archivo").touch()
    monkeypatch.setenv("SITE_FOLDER", "archivo/sitio")
    assert _typed("run") == (
        2,
        "SITE_FOLDER: no se puede usar «archivo/sitio»: revise que exista y sus permisos.\n",
    )


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt, 130), (BrokenPipeError, 0)])
def test_an_interruption_and_a_reader_who_left_end_silently(
    tmp_path: Path, raised: type[BaseException], code: int
) -> None:
    """As with Ctrl+C in the first second, and with `| head -1`."""
    program = (
        "import sys, bot.cli_mail\n"
        f"def raised(*_): raise {raised.__name__}\n"
        "bot.cli_mail._bytes = raised\n"
        "sys.argv = ['soluciones', 'mail', 'read', 'm.eml']\n"
        "from bot.cli import main\nmain()"
    )
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, env=env, check=False
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (code, "", "")


def test_the_version_is_said() -> None:
    assert _typed("--version") == (0, f"Soluciones {version('soluciones')}\n")


def test_an_argument_is_named_in_spanish() -> None:
    assert "ARCHIVO" in _typed("mail", "read", "--help")[1]
