"""Files and photos that somebody sends in the chat: what came, and its bytes from where Teams keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import Any

import aiohttp
from yarl import URL

from bot.teams.config import TeamsConfig, is_at
from bot.teams.files import ONEDRIVE_HOSTS
from bot.teams.tokens import TokenSource

DOWNLOAD = "application/vnd.microsoft.teams.file.download.info"
LARGEST = 20 * 1024 * 1024
MOST = 5
TIMEOUT = aiohttp.ClientTimeout(total=60, connect=10, sock_read=30)
_NAME_MOST = 120


class NotFetched(Exception):
    """The file could not be had; the message says why, in Spanish."""


@dataclass(frozen=True)
class Sent:
    """One file as Teams names it. `ours` says that the address is the connector's and wants our token."""

    name: str
    url: str
    content_type: str
    ours: bool


@dataclass(frozen=True)
class Fetched:
    name: str
    content_type: str
    data: bytes


def sent_files(attachments: Sequence[Any] | None) -> list[Sent]:
    """The files of a message: uploads to OneDrive, and pictures pasted into the chat; the rest is not for us."""
    found = []
    for one in attachments or ():
        kind, content = str(one.content_type or ""), one.content if isinstance(one.content, dict) else {}
        if kind == DOWNLOAD and isinstance(content.get("downloadUrl"), str):
            found.append(
                Sent(file_name(one.name, "archivo"), content["downloadUrl"], "application/octet-stream", ours=False)
            )
        elif kind.startswith("image/") and isinstance(one.content_url, str):
            extension = kind.removeprefix("image/").partition("+")[0].strip("*") or "png"
            found.append(Sent(file_name(one.name, f"foto.{extension}"), one.content_url, kind, ours=True))
    return found[:MOST]


def file_name(given: object, otherwise: str) -> str:
    """A file's own name, without folders or characters that are no text."""
    last = PurePosixPath(str(given or "").replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable()).strip()[:_NAME_MOST] or otherwise


class Downloader:
    """Fetches what a message carries. Our token goes to the connector's own address and nowhere else."""

    def __init__(
        self,
        config: TeamsConfig,
        session: aiohttp.ClientSession,
        tokens: TokenSource,
        drives: frozenset[str] = ONEDRIVE_HOSTS,
    ) -> None:
        self._config = config
        self._session = session
        self._tokens = tokens
        self._drives = drives

    async def fetch(self, sent: Sent) -> Fetched:
        """The file's bytes.

        Raises:
            NotFetched: from an address that is not Teams', too large, or not to be had now.
        """
        if not is_at(sent.url, self._config.service_hosts if sent.ours else self._drives):
            raise NotFetched("la dirección no es de Teams")
        headers = {"Authorization": f"Bearer {await self._tokens.get()}"} if sent.ours else {}
        try:
            async with self._session.get(
                URL(sent.url, encoded=True), headers=headers, timeout=TIMEOUT, allow_redirects=False
            ) as answer:
                if answer.status != HTTPStatus.OK:
                    raise NotFetched(f"Teams respondió {answer.status}")
                data = await answer.content.read(LARGEST + 1)
                while len(data) <= LARGEST and (more := await answer.content.read(LARGEST + 1 - len(data))):
                    data += more
        except (aiohttp.ClientError, TimeoutError) as exc:
            raise NotFetched("no hubo conexión con Teams") from exc
        if not 0 < len(data) <= LARGEST:
            raise NotFetched("el archivo está vacío o supera los 20 MB")
        return Fetched(sent.name, sent.content_type, data)
