"""Drawing the public site anew: after a start, an approval, and each day's sweep."""

from __future__ import annotations

import asyncio

from bot.core import Core
from methodology.clock import local
from methodology.publishing import site_content
from reports.site import build


async def publish_site(core: Core) -> None:
    """Read the published snapshots and the matrices' public part, and swap the site's folder."""
    async with core.publishing:
        await _publish(core)


async def _publish(core: Core) -> None:
    today = local(core.clock.now()).date()
    content = await core.db.run(site_content, today, core.studio.published)
    await asyncio.to_thread(build, core.settings.site_folder, content)
