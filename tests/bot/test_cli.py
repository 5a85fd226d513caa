"""The command line as a person runs it, in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

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
