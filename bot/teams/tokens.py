from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import aiohttp

from bot.teams.config import TeamsConfig
from methodology.clock import Clock
from methodology.delivery import Misconfigured, Throttled

EARLY = 300.0  # seconds before its end at which a token is renewed
MENDED_AFTER = timedelta(hours=1)
RETRY_AFTER = timedelta(seconds=60)
_log = logging.getLogger(__name__)
TIMEOUT = aiohttp.ClientTimeout(total=15, sock_connect=5)


class TokenSource:
    """The bot's own access token towards the connector: one for the whole process, renewed before it ends.

    Microsoft Entra is asked once however many turns wait for it. `clock` dates `Throttled.retry_at`; a token's age is
    measured with `now` (monotonic seconds).
    """

    def __init__(
        self,
        config: TeamsConfig,
        session: aiohttp.ClientSession,
        clock: Clock,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._config = config
        self._session = session
        self._clock = clock
        self._now = now
        self._token = ""
        self._renew_at = 0.0
        self._asking = asyncio.Lock()
        self._failing = False

    async def get(self) -> str:
        """A token with at least five minutes ahead (less only if it was issued so).

        Raises:
            Throttled: Entra does not answer now.
            Misconfigured: Entra refuses these credentials.
        """
        if self._stale():
            async with self._asking:
                if self._stale():
                    await self._renew()
        return self._token

    def drop(self) -> None:
        """The connector did not accept the token: the next one is asked for anew."""
        self._token = ""

    def _stale(self) -> bool:
        return not self._token or self._now() >= self._renew_at

    async def _renew(self) -> None:
        asked = self._now()
        try:
            grant = await self._ask()
        except Throttled as exc:
            if not self._failing:
                _log.info("Teams: %s Se sigue intentando.", exc)
            self._failing = True
            raise
        if self._failing:
            _log.info("Teams: Microsoft Entra volvió a entregar el token.")
        self._failing = False
        lives = float(grant.get("expires_in") or 0)
        self._token = str(grant["access_token"])
        self._renew_at = asked + max(lives - EARLY, lives / 2)

    async def _ask(self) -> dict[str, Any]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._config.app_id,
            "client_secret": self._config.app_password,
            "scope": self._config.oauth_scope,
        }
        try:
            async with self._session.post(
                self._config.oauth_url, data=form, timeout=TIMEOUT, allow_redirects=False
            ) as answer:
                return self._read(answer.status, await answer.read())
        except (aiohttp.ClientError, TimeoutError) as error:
            raise self._later("Microsoft Entra no responde.") from error

    def _read(self, status: int, body: bytes) -> dict[str, Any]:
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS:
            raise self._later(f"Microsoft Entra respondió {status}.")
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        answer = answer if isinstance(answer, dict) else {}
        if status == HTTPStatus.OK and answer.get("access_token"):
            return answer
        raise Misconfigured(_advice(status, str(answer.get("error") or "")), self._clock.now() + MENDED_AFTER)

    def _later(self, why: str) -> Throttled:
        return Throttled(why, self._clock.now() + RETRY_AFTER)


def _advice(status: int, error: str) -> str:
    named = f"Microsoft Entra no entregó el token ({status} {error})".replace(" )", ")")
    if error == "invalid_client":
        return f"{named}: revise MicrosoftAppPassword, que pudo vencer o copiarse mal."
    if error == "unauthorized_client":
        return f"{named}: revise MicrosoftAppId; esa aplicación no existe en la organización."
    if error == "invalid_scope":
        return f"{named}: revise oauth_scope."
    return f"{named}: revise MicrosoftAppId, MicrosoftAppPassword y MicrosoftAppTenantId."
