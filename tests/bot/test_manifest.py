"""The Teams app package: what Teams takes, drawn from the settings and the table of commands."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.icons import colour_icon, outline_icon
from bot.manifest import NotForTeams, manifest, package
from bot.settings import Settings, load
from dialogs.command_table import BY_NAME, COMMANDS, MOST_IN_MANIFEST

SCHEMA = Path(__file__).parents[3] / "shared" / "schemas" / "teams-manifest-v1.30.json"
SETTINGS = {
    "MicrosoftAppId": "11111111-2222-4333-8444-555555555555",
    "MicrosoftAppPassword": "secreto",
    "MicrosoftAppTenantId": "99999999-2222-4333-8444-555555555555",
    "SECRET_KEY": "k" * 40,
    "MAIL_SENDER": "soluciones@operador.example",
    "PUBLIC_URL": "https://soluciones.operador.example",
}


@pytest.fixture
def settings() -> Settings:
    return load(SETTINGS)


def _opened(made: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(made)) as files:
        return {name: files.read(name) for name in files.namelist()}


def _pixels(png: bytes) -> tuple[int, int, list[tuple[int, ...]]]:
    """Width, height and (red, green, blue, opacity) of each pixel, by the PNG's own structure."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, parts = 8, {}
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        data = png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + data)
        parts[kind], at = data, at + 12 + length
    width, height = struct.unpack(">II", parts[b"IHDR"][:8])
    rows = zlib.decompress(parts[b"IDAT"])
    line = width * 4 + 1
    flat = b"".join(rows[n * line + 1 : (n + 1) * line] for n in range(height))
    return width, height, [tuple(flat[n : n + 4]) for n in range(0, len(flat), 4)]


@pytest.mark.skipif(not SCHEMA.exists(), reason="Microsoft's schema of the manifest is not beside this folder")
def test_the_manifest_is_what_microsofts_schema_wants(settings: Settings) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.Draft4Validator(schema).validate(manifest(settings, "1.2.3"))


def test_the_commands_are_those_flagged_in_the_table_by_mention_and_by_slash(settings: Settings) -> None:
    (bot,) = manifest(settings, "1.2.3")["bots"]
    flagged = [spec.name for spec in COMMANDS if spec.manifest]
    assert [one["scopes"] for one in bot["commandLists"]] == [["personal"], ["team"]]
    for listed in bot["commandLists"]:
        assert listed["triggers"] == ["mention", "slash"]
        assert [one["title"] for one in listed["commands"]] == flagged
        assert len(listed["commands"]) <= MOST_IN_MANIFEST
        assert listed["commands"][0]["description"] == BY_NAME[flagged[0]].help
    assert (bot["supportsTargetedMessages"], bot["supportsFiles"], bot["botId"]) == (
        True,
        True,
        SETTINGS["MicrosoftAppId"],
    )


def test_the_settings_say_whose_it_is_and_where_it_lives(settings: Settings) -> None:
    made = manifest(replace(settings, operator="Una entidad con un nombre bastante más largo de lo que cabe"), "1.2.3")
    assert made["validDomains"] == ["soluciones.operador.example"]
    assert len(made["developer"]["name"]) <= 32
    assert made["developer"]["websiteUrl"] == "https://soluciones.operador.example/sitio/"
    assert made["version"] == "1.2.3"


def test_the_package_holds_the_manifest_and_both_icons_and_is_always_the_same(settings: Settings) -> None:
    made = package(settings, "1.2.3")
    files = _opened(made)
    named = json.loads(files["manifest.json"])
    assert set(files) == {"manifest.json", *named["icons"].values()}
    assert package(settings, "1.2.3") == made


def test_the_icons_are_192_in_colour_and_32_in_white_on_nothing() -> None:
    width, height, pixels = _pixels(colour_icon())
    assert (width, height) == (192, 192)
    assert {opacity for *_, opacity in pixels} == {255}
    assert len({pixel[:3] for pixel in pixels}) > 3
    width, height, pixels = _pixels(outline_icon())
    assert (width, height) == (32, 32)
    assert {pixel[:3] for pixel in pixels} == {(255, 255, 255)}
    assert {0, 255} <= {opacity for *_, opacity in pixels}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [({"app_id": "app-1"}, "MicrosoftAppId"), ({"public_url": "http://127.0.0.1:3978"}, "PUBLIC_URL")],
)
def test_settings_that_teams_would_refuse_make_no_package(
    settings: Settings, changes: dict[str, Any], problem: str
) -> None:
    with pytest.raises(NotForTeams) as caught:
        package(replace(settings, **changes), "1.2.3")
    assert [one.split(":")[0] for one in caught.value.problems] == [problem]


def test_the_command_writes_the_package_where_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    outcome = CliRunner().invoke(app, ["manifest", "--out", "app.zip"])
    assert outcome.exit_code == 0, outcome.output
    assert "app.zip" in outcome.output
    assert "manifest.json" in _opened((tmp_path / "app.zip").read_bytes())
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:3978")
    outcome = CliRunner().invoke(app, ["manifest", "--out", "otro.zip"])
    assert (outcome.exit_code, (tmp_path / "otro.zip").exists()) == (2, False)
    assert "PUBLIC_URL" in outcome.output
    monkeypatch.setenv("PUBLIC_URL", SETTINGS["PUBLIC_URL"])
    outcome = CliRunner().invoke(app, ["manifest", "--out", "no/existe.zip"])
    assert outcome.exit_code == 2
    assert "No se pudo escribir" in outcome.output
