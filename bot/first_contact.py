"""Somebody whom the directory of people does not know by identity: the connector says who they are, once an hour.

Of our own organisation they are matched by their mail; of another allowed one Planning is asked who they are.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

from botbuilder.schema import Activity

from bot.core import Core
from bot.teams.sender import ConnectorSender
from methodology.delivery import DeliveryError
from methodology.first_contact import recognise, report_outsider

HOUR = 3600.0
"""Seconds between two look-ups of one identity."""
PATIENCE = 2.0
"""Seconds for a look-up: an invoke is answered in under three."""
MOST_KEPT = 10_000
WRITTEN = frozenset({"message", "invoke"})
"""What somebody does; to install the bot for everybody is no question of theirs."""
_GUEST = "#ext#"
_log = logging.getLogger(__name__)


class FirstContact:
    """Matches a new identity of our own organisation with the one person of its mail. Whatever fails matches nobody.

    `_now` is in seconds.
    """

    def __init__(self, core: Core, connector: ConnectorSender, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._core = core
        self._connector = connector
        self._now = monotonic
        self._asked: dict[str, float] = {}

    async def meet(self, activity: Activity) -> bool:
        """Whether the speaker is known from now on."""
        aad_id = getattr(activity.from_property, "aad_object_id", None) or ""
        tenant = _tenant(activity).lower()  # admitted: an allowed one
        ours = tenant == self._core.settings.tenant_id.lower()
        if not aad_id or not (ours or activity.type in WRITTEN) or not self._may_ask(aad_id):
            return False
        member = await self._member(activity)
        if not _is_that(member, aad_id, tenant):
            return False
        now, mails = self._core.clock.now(), _mails(member)
        if ours:
            return bool(mails) and await self._core.db.run(recognise, aad_id, set(mails), now)
        name = str(member.get("name") or "")
        await self._core.db.run(report_outsider, aad_id, name, mails[0] if mails else "", now)
        return False

    def _may_ask(self, aad_id: str) -> bool:
        now = self._now()
        if now - self._asked.get(aad_id, now - HOUR) < HOUR:
            return False
        if len(self._asked) >= MOST_KEPT:
            self._asked = {key: at for key, at in self._asked.items() if now - at < HOUR}
        if len(self._asked) >= MOST_KEPT:
            return False
        self._asked[aad_id] = now
        return True

    async def _member(self, activity: Activity) -> dict[str, Any]:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._connector.member(activity.service_url, _roster(activity), activity.from_property.id)
        except (DeliveryError, TimeoutError) as exc:
            _log.warning("No se pudo consultar quién escribe: %s", exc)
            return {}


def _is_that(member: dict[str, Any], aad_id: str, tenant: str) -> bool:
    """Whether the connector speaks of this very identity, of that organisation, and not of a guest in it."""
    who = str(member.get("aadObjectId") or member.get("objectId") or "")
    guest = (
        str(member.get("userRole") or "").lower() == "guest"
        or _GUEST in str(member.get("userPrincipalName") or "").lower()
    )
    return who.lower() == aad_id.lower() and not guest and str(member.get("tenantId") or "").lower() == tenant


def _mails(member: dict[str, Any]) -> list[str]:
    """The mail and the principal name."""
    return [found for key in ("email", "userPrincipalName") if (found := str(member.get(key) or ""))]


def _tenant(activity: Activity) -> str:
    return str(activity.conversation.tenant_id or _named(activity, "tenant"))


def _roster(activity: Activity) -> str:
    """Where the speaker is a member: the team of a channel, else the conversation."""
    return _named(activity, "team") or str(activity.conversation.id.partition(";")[0])


def _named(activity: Activity, what: str) -> str:
    """The id of the tenant or team that Teams names beside the activity."""
    data = activity.channel_data if isinstance(activity.channel_data, dict) else {}
    part = data.get(what)
    return str(part.get("id") or "") if isinstance(part, dict) else ""
