"""The command line as a person runs it, mostly in a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app

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


def _typed(*args: str) -> tuple[int, str]:
    """The same commands in this process."""
    outcome = CliRunner().invoke(app, list(args))
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
    _code, undone = _typed("import", "--undo")
    assert undone.startswith("Se deshizo la importación del ")
    assert "línea de comandos)" in undone
    assert "Acción nueva: AST-04" in _typed("import", "matrices")[1]


def test_import_wants_a_folder_or_undo_and_not_both() -> None:
    wanted = "Indique la carpeta de las matrices, o --undo para deshacer la última importación.\n"
    assert _typed("import") == (2, wanted)
    wanted = "Con --undo no se indica carpeta: se deshace la última importación.\n"
    assert _typed("import", "x", "--undo") == (2, wanted)


def test_a_rehearsal_tells_the_dates_that_follow(office: Path) -> None:
    _code, rehearsed = _typed("import", "matrices", "--dry-run")
    assert "Fechas que se siguen: AST-03: aviso de próximo vencimiento el 26/11/2026 (R19)" in rehearsed


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
    assert "El 26 de noviembre de 2026 se registró: R19" in told
    assert _typed("explain", "AST-03", "--on", "ayer", "--data", str(folder))[0] == 2
