"""Somebody whom the directory of people does not know by identity: the connector says their mail, once an hour."""

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
from methodology.first_contact import recognise

HOUR = 3600.0
"""Seconds between two look-ups of one identity."""
PATIENCE = 2.0
"""Seconds for a look-up: an invoke is answered in under three."""
MOST_KEPT = 10_000
_GUEST = "#ext#"
_log = logging.getLogger(__name__)


class FirstContact:
    """Matches a new identity of our own organisation with the one person of its mail. Whatever fails matches nobody."""

    def __init__(self, core: Core, connector: ConnectorSender, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._core = core
        self._connector = connector
        self._now = monotonic
        self._asked: dict[str, float] = {}

    async def meet(self, activity: Activity) -> bool:
        """Whether the speaker is known from now on."""
        aad_id = getattr(activity.from_property, "aad_object_id", None) or ""
        if not aad_id or not self._is_ours(_tenant(activity)) or not self._may_ask(aad_id):
            return False
        member = await self._member(activity)
        mails = self._mails(member, aad_id)
        return bool(mails) and await self._core.db.run(recognise, aad_id, mails, self._core.clock.now())

    def _is_ours(self, tenant: object) -> bool:
        return str(tenant or "").lower() == self._core.settings.tenant_id.lower()

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

    def _mails(self, member: dict[str, Any], aad_id: str) -> set[str]:
        """The mail and the principal name of a member of our organisation; none of a guest's, nor of anybody else."""
        who = str(member.get("aadObjectId") or member.get("objectId") or "")
        name = str(member.get("userPrincipalName") or "")
        guest = str(member.get("userRole") or "").lower() == "guest" or _GUEST in name.lower()
        if who.lower() != aad_id.lower() or guest or not self._is_ours(member.get("tenantId")):
            return set()
        return {str(member.get("email") or ""), name} - {""}


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
