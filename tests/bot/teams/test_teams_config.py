from __future__ import annotations

from typing import Any

import pytest

from bot.teams import TeamsConfig


def made(**changes: object) -> TeamsConfig:
    return TeamsConfig(**{"app_id": "app", "app_password": "secret", "tenant_id": "Tenant-1", **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("missing", ["", "   "])
def test_without_an_app_id_it_refuses_to_start(missing: Any) -> None:
    with pytest.raises(ValueError, match="Falta el identificador de la aplicación"):
        made(app_id=missing)


def test_without_a_tenant_it_refuses_to_start() -> None:
    with pytest.raises(ValueError, match="tenant_id"):
        made(tenant_id="")


def test_the_own_tenant_is_the_only_one_unless_told_otherwise() -> None:
    assert made().allowed_tenants == {"tenant-1"}
    assert made(allowed_tenants=frozenset({"A", "B"})).allowed_tenants == {"a", "b"}


def test_the_token_is_asked_of_the_own_tenant() -> None:
    assert made().oauth_url == "https://login.microsoftonline.com/Tenant-1/oauth2/v2.0/token"


def test_the_password_is_not_printed() -> None:
    assert "secret" not in repr(made())


@pytest.mark.parametrize(
    "url",
    [
        "https://smba.trafficmanager.net/amer/",
        "https://smba.infra.gcc.teams.microsoft.com/gcc/",
        "https://smba.infra.gov.teams.microsoft.us/gcch/",
        "https://SMBA.trafficmanager.net/teams/",
    ],
)
def test_teams_own_addresses_are_trusted(url: str) -> None:
    assert made().trusts(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://smba.trafficmanager.net/amer/",
        "https://evil.example/amer/",
        "https://smba.trafficmanager.net.evil.example/",
        "https://evilteams.microsoft.com.example/",
        "https://teams.microsoft.com@evil.example/",
        "https://smba.trafficmanager.net@evil.example/",
        "https://someone@smba.trafficmanager.net/",
        "https://evil.example#.teams.microsoft.com",
        "https://evil.example?x=.teams.microsoft.com",
        "https://smba.trafficmanager.net:port/",
        "http://127.0.0.1:3978/",
        "//smba.trafficmanager.net/",
        "smba.trafficmanager.net",
        "",
    ],
)
def test_no_other_address_is_trusted(url: str) -> None:
    assert not made().trusts(url)


def test_loopback_needs_no_https_but_must_be_allowed() -> None:
    demo = made(service_hosts=frozenset({"127.0.0.1"}))
    assert demo.trusts("http://127.0.0.1:56150")
    assert not demo.trusts("https://smba.trafficmanager.net/amer/")
