"""Files into somebody's OneDrive, by Teams' consent: the two cards, what comes back, and the upload itself."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import aiohttp
from yarl import URL

from bot.teams.config import is_at
from bot.teams.limits import Sleep

CONSENT = "application/vnd.microsoft.teams.card.file.consent"
INFO = "application/vnd.microsoft.teams.card.file.info"
INVOKE = "fileConsent/invoke"
ACCEPT, DECLINE = "accept", "decline"
ONEDRIVE_HOSTS = frozenset({"*.sharepoint.com", "*.sharepoint.us", "*.sharepoint-mil.us"})
LARGEST = 25 * 1024 * 1024
TIMEOUT = aiohttp.ClientTimeout(total=90, connect=10, sock_connect=5, sock_read=60)
PAUSES = (1.0, 3.0)  # seconds before the second and the third attempt
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})

Json = dict[str, Any]


class NotUploaded(Exception):
    """The file is not in the person's OneDrive; the message says why."""


@dataclass(frozen=True)
class Consent:
    """What somebody answered to a consent card; the addresses are the client's word, and checked before any use."""

    accepted: bool
    token: str
    upload_url: str = ""
    content_url: str = ""
    name: str = ""
    unique_id: str = ""
    file_type: str = ""


def consent_activity(name: str, size: int, description: str, token: str) -> Json:
    """The card by which somebody lets a file of `size` bytes into their OneDrive."""
    content = {
        "description": description,
        "sizeInBytes": size,
        "acceptContext": {"a": token},
        "declineContext": {"a": token},
    }
    return {"type": "message", "attachments": [{"contentType": CONSENT, "name": name, "content": content}]}


def info_activity(consent: Consent) -> Json:
    """The card that opens the file that was uploaded."""
    content = {"uniqueId": consent.unique_id, "fileType": consent.file_type}
    attachment = {"contentType": INFO, "contentUrl": consent.content_url, "name": consent.name, "content": content}
    return {"type": "message", "attachments": [attachment]}


def read_consent(value: object) -> Consent | None:
    """A `fileConsent/invoke`'s value; None when it has another shape."""
    data = value if isinstance(value, dict) else {}
    action, token = data.get("action"), _text(data.get("context"), "a")
    if action not in (ACCEPT, DECLINE) or not token:
        return None
    info = data.get("uploadInfo")
    return Consent(
        action == ACCEPT,
        token,
        upload_url=_text(info, "uploadUrl"),
        content_url=_text(info, "contentUrl"),
        name=_text(info, "name"),
        unique_id=_text(info, "uniqueId"),
        file_type=_text(info, "fileType"),
    )


def _text(part: object, key: str) -> str:
    value = part.get(key) if isinstance(part, dict) else None
    return value if isinstance(value, str) else ""


class Uploader:
    """Puts bytes where OneDrive said. Our token never goes there: the address itself is the permission."""

    def __init__(
        self, session: aiohttp.ClientSession, hosts: frozenset[str] = ONEDRIVE_HOSTS, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._session = session
        self._hosts = hosts
        self._sleep = sleep

    async def put(self, consent: Consent, data: bytes) -> None:
        """Upload the whole file; the same bytes to the same place twice are one file.

        Raises:
            NotUploaded: an address that is not OneDrive's, too large, or refused in the end.
        """
        if not all(is_at(url, self._hosts) for url in (consent.upload_url, consent.content_url)):
            raise NotUploaded("la dirección no es de OneDrive")
        if not 0 < len(data) <= LARGEST:
            raise NotUploaded("el archivo supera los 25 MB")
        for pause in (*PAUSES, None):
            why = await self._once(consent.upload_url, data)
            if not why:
                return
            if pause is not None:
                await self._sleep(pause)
        raise NotUploaded(why)

    async def _once(self, url: str, data: bytes) -> str:
        """Why it did not arrive and may be tried again; empty when it arrived."""
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes 0-{len(data) - 1}/{len(data)}",
        }
        try:
            async with self._session.put(
                URL(url, encoded=True), data=data, headers=headers, timeout=TIMEOUT, allow_redirects=False
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            return "no hubo conexión con OneDrive"
        if status in (HTTPStatus.OK, HTTPStatus.CREATED):
            return ""
        if status in _AGAIN:
            return f"OneDrive respondió {status}"
        raise NotUploaded(f"OneDrive respondió {status}")
