from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from urllib.parse import urlsplit

TEAMS_HOSTS = frozenset(
    {
        "smba.trafficmanager.net",
        "*.teams.microsoft.com",  # GCC answers from smba.infra.gcc.teams.microsoft.com
        "*.teams.microsoft.us",  # GCC High and DoD
    }
)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class TeamsConfig:
    """Who the bot is and whom it believes. The demo uses its own metadata and hosts, never an empty identity.

    `max_body` in bytes; `skew` in seconds, granted to both ends of a token's life.

    Raises:
        ValueError: a setting is missing that would leave the entry open or the sender mute.
    """

    app_id: str
    app_password: str = field(repr=False)
    tenant_id: str
    allowed_tenants: frozenset[str] = frozenset()
    openid_metadata_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    token_issuer: str = "https://api.botframework.com"  # noqa: S105  an address, not a secret
    oauth_url: str = ""
    oauth_scope: str = "https://api.botframework.com/.default"
    service_hosts: frozenset[str] = TEAMS_HOSTS
    max_body: int = 256 * 1024
    skew: int = 300

    def __post_init__(self) -> None:
        if not self.app_id.strip():
            raise ValueError(
                "Falta el identificador de la aplicación (app_id): sin él no se verificaría a quien llama."
            )
        if not self.tenant_id.strip():
            raise ValueError("Falta el identificador de la organización (tenant_id) en la configuración de Teams.")
        tenants = self.allowed_tenants or {self.tenant_id}
        object.__setattr__(self, "allowed_tenants", frozenset(tenant.lower() for tenant in tenants))
        if not self.oauth_url:
            url = f"https://login.microsoftonline.com/{self.tenant_id}/oauth2/v2.0/token"
            object.__setattr__(self, "oauth_url", url)

    def trusts(self, service_url: str) -> bool:
        """Whether our bearer token may travel to this address: an allowed host, by https unless it is this machine."""
        return _trusted(service_url, self.service_hosts)


@lru_cache(maxsize=256)
def _trusted(service_url: str, hosts: frozenset[str]) -> bool:
    if not is_at(service_url, hosts):
        return False
    parts = urlsplit(service_url)
    return not (parts.query or parts.fragment)


def is_at(url: str, hosts: frozenset[str]) -> bool:
    """Whether the address is of one of these hosts (patterns), by https unless it is this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or set(parts.netloc) & set("@\\%;"):
        return False
    schemes = {"http", "https"} if host in LOOPBACK else {"https"}
    return parts.scheme in schemes and any(fnmatchcase(host, pattern) for pattern in hosts)
