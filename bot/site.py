"""Drawing the public site anew: after a start, an approval, and each day's sweep."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from methodology.clock import local
from methodology.publishing import site_content
from reports.site import build

if TYPE_CHECKING:
    from bot.service import Service


async def publish_site(service: Service) -> None:
    """Read the published snapshots and the matrices' public part, and swap the site's folder."""
    today = local(service.clock.now()).date()
    content = await service.db.run(site_content, today, service.studio.published)
    await asyncio.to_thread(build, service.settings.site_folder, content)
