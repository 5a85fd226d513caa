"""`soluciones calendar`: by itself, and through the door of the running service."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from test_cli import SETTINGS
from typer.testing import CliRunner

from bot.admin import AdminDoor, ask_service
from bot.cli import app
from bot.cli_errors import Unanswered
from bot.core import Core
from bot.settings import load
from methodology.clock import SettableClock

Order = Callable[..., tuple[int, str]]


@pytest.fixture
def calendar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Order:
    monkeypatch.chdir(tmp_path)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)

    def run(*args: str, answer: str = "") -> tuple[int, str]:
        done = CliRunner().invoke(app, ["calendar", *args], input=answer)
        return done.exit_code, done.output

    return run


def test_a_day_off_is_shown_before_it_is_applied_listed_and_taken_away(calendar: Order) -> None:
    code, said = calendar("add", "2059-12-24", "Jornada institucional", answer="n\n")
    assert code == 2
    assert "no cambia la fecha de ningún aviso. Para aplicarlo, confirme." in said
    assert "2059-12-24" not in calendar("list", "--year", "2059")[1]
    assert "es no hábil: Jornada" in calendar("add", "24/12/2059", "Jornada institucional", answer="quizás\nsí\n")[1]
    listed = calendar("list", "--year", "2059")[1]
    assert "2059-12-24  miércoles 24 de diciembre de 2059: Jornada institucional" in listed
    assert "2059-12-25  jueves 25 de diciembre de 2059: festivo (Navidad)" in listed
    assert "ya es un día no hábil" in calendar("add", "2059-12-24", "otra vez", "--yes")[1]
    assert "se retiró" in calendar("remove", "2059-12-24", "--yes")[1]


@pytest.mark.parametrize(("answer", "done"), [("s", True), ("SI", True), ("Sí", True), ("n", False), ("", False)])
def test_the_question_is_answered_in_spanish(calendar: Order, answer: str, done: bool) -> None:
    code, said = calendar("add", "2059-12-24", "Jornada", answer=f"{answer}\n")
    assert (code, "es no hábil: Jornada" in said) == ((0, True) if done else (2, False))


def test_without_a_terminal_it_says_how_to_do_it(calendar: Order) -> None:
    code, said = calendar("add", "2059-12-24", "Jornada")
    assert (code, "use --yes. No se aplicó ningún cambio." in said) == (2, True)


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("add", "31/02/2059", "x"), "«31/02/2059» no es una fecha"),
        (("add", "2059-12-27", "x", "--yes"), "ya es un día no hábil (sábado)"),
        (("remove", "2059-12-24", "--yes"), "no está en la tabla"),
    ],
)
def test_what_cannot_be_done_says_why(calendar: Order, args: tuple[str, ...], why: str) -> None:
    code, said = calendar(*args)
    assert (code, why in said) == (2, True), said


async def test_the_running_service_learns_the_day_at_once(tmp_path: Path) -> None:
    settings = load({**SETTINGS, "DATABASE_URL": f"sqlite:///{tmp_path}/s.db"})
    core = Core(settings, SettableClock(datetime(2026, 11, 3, 13, tzinfo=UTC)))
    door = AdminDoor(core, _nothing)
    await door.start(tmp_path / "a.sock")
    order = {"change": "add", "given": {"fecha": "2026-11-18", "motivo": "Jornada institucional"}}
    listed = await asyncio.to_thread(ask_service, tmp_path / "a.sock", "calendar", order)
    assert listed is not None
    assert "solicitud de noviembre de 2026" in listed["to_confirm"]
    assert core.method.calendar.is_habil(date(2026, 11, 18))
    order["given"] = {**order["given"], "confirmo": "sí"}  # type: ignore[dict-item]
    await asyncio.to_thread(ask_service, tmp_path / "a.sock", "calendar", order)
    assert core.method.calendar.why_not(date(2026, 11, 18)) == "Jornada institucional"
    await door.stop()
    await core.stop_background()
    core.db.close()


async def test_what_the_service_could_not_do_is_told(tmp_path: Path) -> None:
    settings = load({**SETTINGS, "DATABASE_URL": f"sqlite:///{tmp_path}/s.db"})
    core = Core(settings, SettableClock(datetime(2026, 11, 3, 13, tzinfo=UTC)))
    door = AdminDoor(core, _nothing)
    await door.start(tmp_path / "a.sock")
    with pytest.raises(Unanswered, match="respondió 500"):
        await asyncio.to_thread(ask_service, tmp_path / "a.sock", "import", {})
    missing = {"folder": str(tmp_path / "nada"), "dry_run": True}
    outcome = await asyncio.to_thread(ask_service, tmp_path / "a.sock", "import", missing)
    assert outcome is not None
    assert "la carpeta no se puede abrir" in outcome["problems"][0]
    await door.stop()
    await core.stop_background()
    core.db.close()


async def _nothing() -> None:
    pass
