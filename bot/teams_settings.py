"""What the settings say to the edge of Teams."""

from __future__ import annotations

from bot.settings import Settings
from bot.teams.config import LOOPBACK, TEAMS_HOSTS, TeamsConfig


def teams_config(settings: Settings) -> TeamsConfig:
    """The configuration of our bot in Teams; the demonstration's Teams is on this machine."""
    local_hosts = LOOPBACK if settings.demo else frozenset()
    return TeamsConfig(
        app_id=settings.app_id,
        app_password=settings.app_password,
        tenant_id=settings.tenant_id,
        allowed_tenants=settings.allowed_tenants,
        openid_metadata_url=settings.openid_metadata_url,
        oauth_url=settings.oauth_url,
        service_hosts=TEAMS_HOSTS | settings.service_hosts | local_hosts,
    )
