from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

PRODUCT = "Soluciones por la Reindustrialización"


def slug(text: str) -> str:
    """«Escalamiento · Astilleros» → `escalamiento-astilleros`, for the page's address."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


@dataclass(frozen=True)
class Person:
    """Somebody the visitor can be. `role` is a label; `key` goes into the page's address."""

    aad_id: str
    name: str
    role: str
    mail: str
    key: str
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Channel:
    """A Teams channel; `members` are AAD object ids: the page opens it as the first of them."""

    id: str
    name: str
    team_id: str
    members: tuple[str, ...]

    @property
    def key(self) -> str:
        return slug(self.name)


@dataclass(frozen=True)
class Step:
    """One step of the guide; `target` is where its link leads, as written after the `#` (`persona=pl`)."""

    title: str
    text: str
    link: str = ""
    target: str = ""


@dataclass(frozen=True)
class SalaConfig:
    """All that the Sala knows of the bot and of the world it plays.

    `bot_smtp` is the bot's inbound SMTP door, where the entities' replies go; `smtp_port` is where the Sala's own
    sink listens for what the bot sends; `clock_url` is the bot's demo-only clock door.
    """

    base_url: str
    bot_url: str
    app_id: str
    app_password: str
    tenant_id: str
    bot_smtp: tuple[str, int]
    smtp_port: int
    clock_url: str
    people: tuple[Person, ...]
    channels: tuple[Channel, ...]
    entities: tuple[tuple[str, str], ...]
    links: tuple[tuple[str, str], ...] = ()
    guide: tuple[Step, ...] = ()
    bot_name: str = "Soluciones"

    @property
    def service_url(self) -> str:
        return f"{self.base_url}/sala/connector/"
