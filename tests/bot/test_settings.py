from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import BadSettings, load

GOOD = {
    "MicrosoftAppId": "app",
    "MicrosoftAppPassword": "clave",
    "MicrosoftAppTenantId": "propio",
    "SECRET_KEY": "x" * 32,
    "MAIL_SENDER": "soluciones@operador.example",
}


def test_everything_missing_is_said_at_once() -> None:
    with pytest.raises(BadSettings) as caught:
        load({})
    assert [p.removeprefix("falta ") for p in caught.value.problems] == [*list(GOOD)[:3], "SECRET_KEY", "MAIL_SENDER"]


def test_what_is_wrong_is_said_with_what_was_written_but_never_a_secret() -> None:
    with pytest.raises(BadSettings) as caught:
        load({**GOOD, "PORT": "cien", "PUBLIC_URL": "sin esquema", "SECRET_KEY": "corta"})
    assert len(caught.value.problems) == 3
    assert "cien" in str(caught.value)
    assert "corta" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("MicrosoftAppId", "00000000-0000-0000-0000-000000000000"), ("MicrosoftAppPassword", "reemplazar")],
)
def test_what_the_example_says_is_no_value_of_anybodys(name: str, value: str) -> None:
    with pytest.raises(BadSettings) as caught:
        load({**GOOD, name: value})
    assert caught.value.problems == [f"{name}: todavía es el valor del ejemplo («{value}»); escriba el propio"]
    assert load({**GOOD, name: value}, reading=True).mail_sender == GOOD["MAIL_SENDER"]


def test_the_own_tenant_is_always_allowed_beside_the_others() -> None:
    assert load({**GOOD, "AllowedTenants": "ministerio, otro"}).allowed_tenants == {"propio", "ministerio", "otro"}


def test_the_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    file = tmp_path / "soluciones.toml"
    file.write_text('PORT = 4000\nOPERATOR = "Operador"\n[ventana]\ndias = 7\n')
    settings = load({**GOOD, "SOLUCIONES_CONFIG": str(file), "PORT": "4001"})
    assert (settings.port, settings.operator, dict(settings.thresholds)) == (4001, "Operador", {"ventana.dias": 7})


@pytest.mark.parametrize("line", ["[ventana]\ndias = 0", '[ventana]\ntipo = "lunar"', "desconocida = 1"])
def test_an_unknown_key_or_a_senseless_threshold_names_file_and_key(tmp_path: Path, line: str) -> None:
    file = tmp_path / "soluciones.toml"
    file.write_text(line)
    with pytest.raises(BadSettings) as caught:
        load({**GOOD, "SOLUCIONES_CONFIG": str(file)})
    assert "ventana." in str(caught.value) or "desconocida" in str(caught.value)


def test_the_proxies_that_are_believed_are_addresses_or_networks() -> None:
    settings = load({**GOOD, "TRUSTED_PROXIES": "10.0.0.5, 10.1.0.0/24"})
    assert [str(one) for one in settings.trusted_proxies] == ["10.0.0.5/32", "10.1.0.0/24"]
    with pytest.raises(BadSettings, match="TRUSTED_PROXIES: debe ser una lista de direcciones o redes"):
        load({**GOOD, "TRUSTED_PROXIES": "proxy.entidad.gov.co"})


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("SECRET_KEY", "diez letra", "SECRET_KEY: debe tener al menos 32 caracteres al azar; tiene 10"),
        ("PORT", "cien", "PORT: debe ser un puerto, un número de 1 a 65535 (dice «cien»)"),
        ("MAIL_GATEWAY", "fax", "MAIL_GATEWAY: debe ser una de estas palabras: smtp, ews, graph (dice «fax»)"),
    ],
)
def test_what_is_wrong_is_said_as_what_it_must_be(name: str, value: str, told: str) -> None:
    with pytest.raises(BadSettings) as caught:
        load({**GOOD, name: value})
    assert caught.value.problems == [told]


def test_a_database_of_an_unknown_kind_is_told_without_its_password() -> None:
    with pytest.raises(BadSettings) as caught:
        load({**GOOD, "DATABASE_URL": "mysql://ana:clave@servidor/base"})
    (told,) = caught.value.problems
    assert told.startswith("DATABASE_URL: no es la dirección de una base de datos que este programa conozca")
    assert "ana" not in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'EWS_USER = "DOMINIO\\usuario"', "va entre comillas simples: 'DOMINIO\\usuario'"),
        (b'OPERATOR = "sin cierre', "no es TOML válido"),
        ('OPERATOR = "Línea"'.encode("latin-1"), "guárdelo en UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_the_only_problem(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "soluciones.toml"
    file.write_bytes(content)
    with pytest.raises(BadSettings) as caught:
        load({"SOLUCIONES_CONFIG": str(file)})
    assert len(caught.value.problems) == 1
    assert told in caught.value.problems[0]
