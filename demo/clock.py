from __future__ import annotations

from datetime import UTC, datetime

import aiohttp

from demo.http import Http
from demo.hub import Hub, Json

QUICK = aiohttp.ClientTimeout(total=1)
STEP = aiohttp.ClientTimeout(total=300)
FROM_THE_SALA = {"X-Sala": "reloj"}  # no page stands behind this request, so it has no Origin to show
NO_CLOCK = "El reloj de la demostración no responde. Verifique que el servicio siga en marcha."


class ClockError(Exception):
    """The bot's clock door refused the step, or did not answer."""


class DemoClock:
    """What day it is, as the bot's demo-only door tells; the last known answer while the door is silent."""

    def __init__(self, url: str, http: Http, hub: Hub) -> None:
        self._url = url
        self._http = http
        self._hub = hub
        self.seen: Json | None = None
        self.busy = False

    async def read(self) -> Json | None:
        try:
            async with self._http.session.get(self._url, timeout=QUICK) as answer:
                if answer.ok:
                    self.seen = await answer.json()
        except (aiohttp.ClientError, TimeoutError):
            return self.seen
        return self.seen

    async def now(self) -> datetime:
        """The demo's time, aware; the wall clock until the door has answered once."""
        seen = await self.read()
        return datetime.fromisoformat(str(seen["now"])) if seen else datetime.now(UTC)

    async def step(self, key: str) -> Json:
        """Let the bot live through the days up to a stop; ClockError with a sentence for people otherwise."""
        if self.busy:
            raise ClockError("El reloj ya está avanzando. Espere a que termine.")
        self._busy(on=True)
        try:
            self.seen = await self._post(key)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ClockError(NO_CLOCK) from error
        finally:
            self._busy(on=False)
        return self.seen

    async def _post(self, key: str) -> Json:
        async with self._http.session.post(
            self._url, json={"step": key}, headers=FROM_THE_SALA, timeout=STEP
        ) as answer:
            if not answer.ok:
                raise ClockError(f"El reloj no pudo avanzar (respuesta {answer.status}).")
            seen: Json = await answer.json()
            return seen

    def _busy(self, *, on: bool) -> None:
        self.busy = on
        self._hub.publish("clock", busy=on)
