"""The Teams app package: manifest, commands and icons, from the settings and the one table of commands."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from bot.icons import colour_icon, outline_icon
from bot.settings import Settings
from dialogs.command_table import COMMANDS, Spec

SCHEMA = "https://developer.microsoft.com/json-schemas/teams/v1.30/MicrosoftTeams.schema.json"
VERSION = "1.30"
SCOPES = ("personal", "team")
NAME = "Soluciones"
FULL_NAME = "Soluciones por la Reindustrialización"
SHORT = "Seguimiento de las iniciativas: avances, alertas, decisiones y reportes."
FULL = (
    "Acompaña el seguimiento de «Soluciones por la Reindustrialización»: solicita el avance, recuerda, registra lo que "
    "informa el líder técnico, alerta, eleva y elabora los reportes. No decide por nadie: registra lo que las personas "
    "deciden y explica cada aviso. Con /ayuda se ven las opciones de su cargo."
)
ACCENT = "#3366CC"
COLOUR, OUTLINE = "color.png", "outline.png"
_NAME_MOST = 32
_DAWN = (1980, 1, 1, 0, 0, 0)  # the earliest a zip can say: the same settings make the same file


class NotForTeams(Exception):
    """Teams would refuse the package; the message lists what is wrong with the settings."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def package(settings: Settings, version: str) -> bytes:
    """The zip file that Teams' administration takes.

    Raises:
        NotForTeams: the settings are good for a trial on this machine, and not for Teams.
    """
    text = json.dumps(manifest(settings, version), ensure_ascii=False, indent=2)
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as files:
        for name, data in (("manifest.json", text.encode()), (COLOUR, colour_icon()), (OUTLINE, outline_icon())):
            files.writestr(zipfile.ZipInfo(name, _DAWN), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def manifest(settings: Settings, version: str) -> dict[str, Any]:
    """The package's description, as Microsoft's schema 1.30 wants it.

    Raises:
        NotForTeams: as in `package`.
    """
    if problems := _problems(settings):
        raise NotForTeams(problems)
    return {
        "$schema": SCHEMA,
        "manifestVersion": VERSION,
        "version": version,
        "id": settings.app_id,
        "localizationInfo": {"defaultLanguageTag": "es"},
        "developer": _developer(settings),
        "name": {"short": NAME, "full": FULL_NAME},
        "description": {"short": SHORT, "full": FULL},
        "icons": {"color": COLOUR, "outline": OUTLINE},
        "accentColor": ACCENT,
        "bots": [_bot(settings.app_id)],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [urlsplit(settings.public_url).hostname],
        "defaultInstallScope": "personal",
    }


def _developer(settings: Settings) -> dict[str, str]:
    """Teams wants three pages: the microsite when there is one, else the public site."""
    page = settings.microsite or f"{settings.public_url.rstrip('/')}/sitio/"
    name = settings.operator[:_NAME_MOST].strip()
    return {"name": name, "websiteUrl": page, "privacyUrl": page, "termsOfUseUrl": page}


def _bot(app_id: str) -> dict[str, Any]:
    return {
        "botId": app_id,
        "scopes": list(SCOPES),
        "isNotificationOnly": False,
        "supportsFiles": True,
        "supportsTargetedMessages": True,
        "commandLists": [_commands(scope) for scope in SCOPES],
    }


def _commands(scope: str) -> dict[str, Any]:
    listed = [_command(spec) for spec in COMMANDS if spec.manifest]
    return {"scopes": [scope], "triggers": ["mention", "slash"], "commands": listed}


def _command(spec: Spec) -> dict[str, str]:
    return {"title": spec.name, "description": spec.help}


def _problems(settings: Settings) -> list[str]:
    found = []
    if not _is_guid(settings.app_id):
        found.append("MicrosoftAppId: Teams espera un identificador como 1f2e3d4c-0000-4000-8000-123456789abc.")
    if urlsplit(settings.public_url).scheme != "https":
        found.append("PUBLIC_URL: Teams solo abre direcciones https://.")
    return found


def _is_guid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
