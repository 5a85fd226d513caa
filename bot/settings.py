"""Settings, under the names the Bot Framework and the field use; from the environment or one TOML file.

Everything that is missing or wrong is said at start, all at once.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.mail_settings import BASIC, CERTIFICATE, EWS, GRAPH, NTLM, OAUTH2, SMTP, YES, mail_problems
from mail.writing.letterhead import PRIVACY_NOTICE
from methodology.rules.addresses import is_address
from methodology.rules.thresholds import KEYS, Thresholds

FILE_VARIABLE = "SOLUCIONES_CONFIG"
DEFAULT_FILE = "soluciones.toml"
Network = IPv4Network | IPv6Network
BACKSLASHES = ". Un valor con barras invertidas (\\) va entre comillas simples: 'DOMINIO\\usuario'"
_SECRET_MIN = 32
_LAST_PORT = 65535
_UNSHOWN = ("SECRET_KEY", "DATABASE_URL")
"""What is a secret, or has one in it."""
_PLACEHOLDERS = ("00000000-0000-0000-0000-000000000000", "reemplazar")
"""What soluciones.example.toml says where each must write their own."""


class BadSettings(Exception):
    """The service cannot start; the message lists everything that is missing or wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("No se puede iniciar:\n" + "\n".join(f"  - {problem}" for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Settings:
    """What the composition root reads. Names in capitals outside; here as Python names."""

    app_id: str
    app_password: str
    tenant_id: str
    allowed_tenants: frozenset[str]
    secret_key: bytes
    mail_sender: str
    mail_domain: str
    database_url: str = "sqlite:///var/soluciones.db"
    host: str = "127.0.0.1"
    port: int = 3978
    public_url: str = "http://127.0.0.1:3978"
    trusted_proxies: tuple[Network, ...] = ()
    openid_metadata_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    oauth_url: str = ""
    teams_service_url: str = "https://smba.trafficmanager.net/teams/"
    service_hosts: frozenset[str] = frozenset()
    escalation_channel: str = ""
    mail_gateway: str = SMTP
    mail_ca_file: str = ""
    mail_since: date | None = None
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: str = ""
    smtp_starttls: bool = False
    smtp_tls: bool = False
    inbound_host: str = "127.0.0.1"
    inbound_port: int = 2525
    inbound_lmtp: bool = False
    inbound_socket: Path | None = None
    imap_host: str = ""
    imap_port: int = 0
    imap_user: str = ""
    imap_password: str = ""
    imap_tls: str = "tls"
    ews_endpoint: str = ""
    ews_auth: str = NTLM
    ews_mailbox: str = ""
    ews_user: str = ""
    ews_password: str = ""
    ews_tenant: str = ""
    ews_client_id: str = ""
    ews_secret: str = ""
    ews_certificate: str = ""
    graph_mailbox: str = ""
    graph_tenant: str = ""
    graph_client_id: str = ""
    graph_secret: str = ""
    graph_certificate: str = ""
    graph_url: str = ""
    entra_url: str = ""
    admin_socket: Path = Path("var/admin.sock")
    site_folder: Path = Path("var/sitio")
    operator: str = "Colombia Productiva"
    mail_office: str = "Planeación"
    mail_signer: str = ""
    mail_signer_post: str = ""
    privacy_notice: str = PRIVACY_NOTICE
    privacy_notice_url: str = ""
    microsite: str = ""
    illustrative: bool = False
    demo: bool = False
    start: date | None = None
    thresholds: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Entry:
    field: str
    parse: Callable[[str], Any]
    required: bool = False
    empty: str | bytes = ""


def _text(value: str) -> str:
    return value


def _url(value: str) -> str:
    if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname:
        raise ValueError("debe ser una dirección que empiece por https:// (o http:// en la propia máquina)")
    return value


def _port(value: str) -> int:
    if not value.isdigit() or not 0 < int(value) <= _LAST_PORT:
        raise ValueError(f"debe ser un puerto, un número de 1 a {_LAST_PORT}")
    return int(value)


def _flag(value: str) -> bool:
    if value.lower() not in (*YES, "0", "false", "no"):
        raise ValueError("debe ser sí o no")
    return value.lower() in YES


def _list(value: str) -> frozenset[str]:
    return frozenset(part.strip() for part in value.replace(";", ",").split(",") if part.strip())


def _secret(value: str) -> bytes:
    if len(value) < _SECRET_MIN:
        raise ValueError(f"debe tener al menos {_SECRET_MIN} caracteres al azar; tiene {len(value)}")
    return value.encode()


def _mail(value: str) -> str:
    if not is_address(value):
        raise ValueError("debe ser una dirección de correo, como soluciones@entidad.gov.co")
    return value


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as exc:
        raise ValueError("debe ser una fecha AAAA-MM-DD") from exc


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(one, strict=False) for one in sorted(_list(value)))
    except ValueError as exc:
        raise ValueError("debe ser una lista de direcciones o redes, por ejemplo 10.0.0.5, 10.1.0.0/24") from exc


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value.lower() not in words:
            raise ValueError(f"debe ser una de estas palabras: {', '.join(words)}")
        return value.lower()

    return parse


def _database(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError(
            "no es la dirección de una base de datos que este programa conozca: use sqlite:///var/soluciones.db o "
            "postgresql+psycopg://usuario:clave@servidor/base"
        )
    return value


def _lmtp(value: str) -> bool:
    return _one_of("smtp", "lmtp")(value) == "lmtp"


def _path(value: str) -> Path | None:
    return Path(value) if value else None


TABLE: Mapping[str, _Entry] = {
    "MicrosoftAppId": _Entry("app_id", _text, required=True),
    "MicrosoftAppPassword": _Entry("app_password", _text, required=True),
    "MicrosoftAppTenantId": _Entry("tenant_id", _text, required=True),
    "AllowedTenants": _Entry("allowed_tenants", _list),
    "ToBotFromChannelOpenIdMetadataUrl": _Entry("openid_metadata_url", _url),
    "ToChannelFromBotLoginUrl": _Entry("oauth_url", _url),
    "TeamsServiceUrl": _Entry("teams_service_url", _url),
    "ServiceUrlHosts": _Entry("service_hosts", _list),
    "EscalationChannelId": _Entry("escalation_channel", _text),
    "DATABASE_URL": _Entry("database_url", _database),
    "HOST": _Entry("host", _text),
    "PORT": _Entry("port", _port),
    "PUBLIC_URL": _Entry("public_url", _url),
    "TRUSTED_PROXIES": _Entry("trusted_proxies", _networks),
    "SECRET_KEY": _Entry("secret_key", _secret, required=True, empty=b""),
    "MAIL_SENDER": _Entry("mail_sender", _mail, required=True),
    "MAIL_GATEWAY": _Entry("mail_gateway", _one_of(SMTP, EWS, GRAPH)),
    "MAIL_CA_FILE": _Entry("mail_ca_file", _text),
    "MAIL_SINCE": _Entry("mail_since", _day),
    "SMTP_HOST": _Entry("smtp_host", _text),
    "SMTP_PORT": _Entry("smtp_port", _port),
    "SMTP_USER": _Entry("smtp_user", _text),
    "SMTP_PASSWORD": _Entry("smtp_password", _text),
    "SMTP_STARTTLS": _Entry("smtp_starttls", _flag),
    "SMTP_TLS": _Entry("smtp_tls", _flag),
    "MAIL_INBOUND_HOST": _Entry("inbound_host", _text),
    "MAIL_INBOUND_PORT": _Entry("inbound_port", _port),
    "MAIL_INBOUND_PROTOCOL": _Entry("inbound_lmtp", _lmtp),
    "MAIL_INBOUND_SOCKET": _Entry("inbound_socket", _path),
    "IMAP_HOST": _Entry("imap_host", _text),
    "IMAP_PORT": _Entry("imap_port", _port),
    "IMAP_USER": _Entry("imap_user", _text),
    "IMAP_PASSWORD": _Entry("imap_password", _text),
    "IMAP_TLS": _Entry("imap_tls", _one_of("tls", "starttls", "no")),
    "EWS_ENDPOINT": _Entry("ews_endpoint", _url),
    "EWS_AUTH": _Entry("ews_auth", _one_of(NTLM, BASIC, OAUTH2, CERTIFICATE)),
    "EWS_MAILBOX": _Entry("ews_mailbox", _mail),
    "EWS_USER": _Entry("ews_user", _text),
    "EWS_PASSWORD": _Entry("ews_password", _text),
    "EWS_TENANT": _Entry("ews_tenant", _text),
    "EWS_CLIENT_ID": _Entry("ews_client_id", _text),
    "EWS_SECRET": _Entry("ews_secret", _text),
    "EWS_CERTIFICATE": _Entry("ews_certificate", _text),
    "GRAPH_MAILBOX": _Entry("graph_mailbox", _mail),
    "GRAPH_TENANT": _Entry("graph_tenant", _text),
    "GRAPH_CLIENT_ID": _Entry("graph_client_id", _text),
    "GRAPH_SECRET": _Entry("graph_secret", _text),
    "GRAPH_CERTIFICATE": _Entry("graph_certificate", _text),
    "GRAPH_URL": _Entry("graph_url", _url),
    "ENTRA_URL": _Entry("entra_url", _url),
    "ADMIN_SOCKET": _Entry("admin_socket", Path),
    "SITE_FOLDER": _Entry("site_folder", Path),
    "OPERATOR": _Entry("operator", _text),
    "MAIL_OFFICE": _Entry("mail_office", _text),
    "MAIL_SIGNER": _Entry("mail_signer", _text),
    "MAIL_SIGNER_POST": _Entry("mail_signer_post", _text),
    "PRIVACY_NOTICE": _Entry("privacy_notice", _text),
    "PRIVACY_NOTICE_URL": _Entry("privacy_notice_url", _url),
    "MICROSITE_URL": _Entry("microsite", _url),
    "ILLUSTRATIVE": _Entry("illustrative", _flag),
    "arranque.fecha": _Entry("start", _day),
}

_OWN: Mapping[str, str] = {
    "ews_mailbox": "mail_sender",
    "ews_tenant": "tenant_id",
    "graph_mailbox": "mail_sender",
    "graph_tenant": "tenant_id",
    "imap_user": "mail_sender",
}
"""What is the bot's own where no other is named."""


def load(environment: Mapping[str, str] | None = None, *, reading: bool = False) -> Settings:
    """Settings from the file (`SOLUCIONES_CONFIG`, or soluciones.toml if it is there) with the environment over it.

    What is only `reading` needs none of the secrets that a service starts with: those not given stay empty.

    Raises:
        BadSettings: with everything that is missing or wrong.
    """
    environment = os.environ if environment is None else environment
    problems: list[str] = []
    given, thresholds = _file(environment, problems)
    given |= {name: environment[name] for name in TABLE if environment.get(name)}
    values: dict[str, Any] = {"thresholds": thresholds}
    for name, entry in TABLE.items():
        if name not in given:
            if entry.required and reading:
                values[entry.field] = entry.empty
            elif entry.required:
                problems.append(f"falta {name}")
            continue
        if entry.required and not reading and given[name].lower() in _PLACEHOLDERS:
            problems.append(f"{name}: todavía es el valor del ejemplo («{given[name]}»); escriba el propio")
            continue
        try:
            values[entry.field] = entry.parse(given[name])
        except ValueError as exc:
            problems.append(f"{name}: {exc}{'' if name in _UNSHOWN else f' (dice «{given[name]}»)'}")
    if not reading:
        problems.extend(mail_problems(given))
    problems.extend(Thresholds().problems(thresholds, environment.get(FILE_VARIABLE, DEFAULT_FILE)))
    if problems:
        raise BadSettings(problems)
    for name, own in _OWN.items():
        values[name] = values.get(name) or values[own]
    values.setdefault("allowed_tenants", frozenset())
    values["allowed_tenants"] |= {values["tenant_id"]}
    values["mail_domain"] = values["mail_sender"].partition("@")[2]
    return Settings(**values)


def _file(environment: Mapping[str, str], problems: list[str]) -> tuple[dict[str, str], dict[str, Any]]:
    path = Path(environment.get(FILE_VARIABLE, DEFAULT_FILE))
    if not path.exists():
        if FILE_VARIABLE in environment:
            problems.append(f"{FILE_VARIABLE}: no existe el archivo {path}")
        return {}, {}
    try:
        content = _flat(tomllib.loads(path.read_text(encoding="utf-8")))
    except UnicodeDecodeError:
        raise BadSettings([f"{path}: no está en UTF-8; guárdelo en UTF-8"]) from None
    except tomllib.TOMLDecodeError as exc:
        hint = BACKSLASHES if "\\" in path.read_text(encoding="utf-8") else ""
        raise BadSettings([f"{path}: no es TOML válido ({exc}){hint}"]) from None
    problems.extend(f"{path}: la clave «{key}» no existe" for key in content if key not in TABLE and key not in KEYS)
    plain = {key: _as_text(value) for key, value in content.items() if key in TABLE}
    return plain, {key: value for key, value in content.items() if key in KEYS}


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """`[ventana] dias = 5` is `ventana.dias`."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
