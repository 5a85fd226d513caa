"""What the chosen mail gateway needs of the settings, and what of it is missing: said at start, all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

SMTP, EWS, GRAPH = "smtp", "ews", "graph"
BASIC, NTLM, OAUTH2, CERTIFICATE = "basic", "ntlm", "oauth2", "certificate"
YES = ("1", "true", "sí", "si")
LOOPBACK = ("127.0.0.1", "::1", "localhost")
_EWS_NEEDS: Mapping[str, tuple[str, ...]] = {
    NTLM: ("EWS_USER", "EWS_PASSWORD"),
    BASIC: ("EWS_USER", "EWS_PASSWORD"),
    OAUTH2: ("EWS_CLIENT_ID", "EWS_SECRET"),
    CERTIFICATE: ("EWS_CLIENT_ID", "EWS_CERTIFICATE"),
}
_KEY, _PUBLIC = "PRIVATE KEY-----", "-----BEGIN CERTIFICATE-----"
Given = Mapping[str, str]


def mail_problems(given: Given) -> list[str]:
    """What is missing or does not fit, of the settings by their outside names; a word that is none has been told."""
    kinds = {SMTP: _of_smtp, EWS: _of_ews, GRAPH: _of_graph}
    chosen = kinds.get(given.get("MAIL_GATEWAY", SMTP).lower() or SMTP)
    found = list(chosen(given)) if chosen else []
    return [*found, *_of_file("MAIL_CA_FILE", given, _PUBLIC)]


def _of_smtp(given: Given) -> Iterator[str]:
    relay = given.get("SMTP_HOST") or LOOPBACK[0]
    encrypted = [name for name in ("SMTP_STARTTLS", "SMTP_TLS") if given.get(name, "").lower() in YES]
    if len(encrypted) > 1:
        yield "SMTP_STARTTLS y SMTP_TLS: indique solo uno (STARTTLS suele ser el puerto 587; TLS, el 465)"
    if given.get("SMTP_USER") and not encrypted and relay not in LOOPBACK:
        without = "SMTP_STARTTLS (o SMTP_TLS): sin él, la clave de SMTP_USER iría sin cifrar"
        yield f"{without}; solo se admite en la propia máquina"
    host = given.get("IMAP_HOST", "")
    if not host:
        if given.get("IMAP_PASSWORD"):
            yield "falta IMAP_HOST: sin él no se lee ningún buzón, y se indicó IMAP_PASSWORD"
        return
    if not given.get("IMAP_PASSWORD"):
        yield "falta IMAP_PASSWORD (se indicó IMAP_HOST)"
    if given.get("IMAP_TLS", "").lower() == "no" and host not in LOOPBACK:
        yield "IMAP_TLS: «no» enviaría la clave sin cifrar por la red; solo se admite en la propia máquina"


def _of_ews(given: Given) -> Iterator[str]:
    auth = given.get("EWS_AUTH", NTLM).lower() or NTLM
    yield from _missing("MAIL_GATEWAY = ews", given, "EWS_ENDPOINT")
    yield from _missing(f"EWS_AUTH = {auth}", given, *_EWS_NEEDS.get(auth, ()))
    address = urlsplit(given.get("EWS_ENDPOINT", ""))
    if given.get("EWS_ENDPOINT") and address.scheme != "https" and address.hostname not in LOOPBACK:
        yield "EWS_ENDPOINT: comienza por https:// (http:// enviaría la clave sin cifrar)"
    if auth == CERTIFICATE:
        yield from _of_file("EWS_CERTIFICATE", given, _KEY, _PUBLIC)


def _of_graph(given: Given) -> Iterator[str]:
    yield from _missing("MAIL_GATEWAY = graph", given, "GRAPH_CLIENT_ID")
    ways = [name for name in ("GRAPH_SECRET", "GRAPH_CERTIFICATE") if given.get(name)]
    if not ways:
        yield "falta GRAPH_SECRET o GRAPH_CERTIFICATE (MAIL_GATEWAY = graph)"
    if len(ways) > 1:
        yield "GRAPH_SECRET y GRAPH_CERTIFICATE: indique solo uno"
    for name in ("GRAPH_URL", "ENTRA_URL"):
        if given.get(name) and not given[name].startswith("https://"):
            yield f"{name}: comienza por https:// (http:// enviaría el token sin cifrar)"
    yield from _of_file("GRAPH_CERTIFICATE", given, _KEY, _PUBLIC)


def _missing(because: str, given: Given, *names: str) -> Iterator[str]:
    for name in names:
        if not given.get(name):
            yield f"falta {name} ({because})"


def _of_file(name: str, given: Given, *parts: str) -> Iterator[str]:
    """A PEM file that is named must be there, with what it is for."""
    if not given.get(name):
        return
    try:
        text = Path(given[name]).read_text(encoding="ascii")
    except (OSError, ValueError):
        yield f"{name}: no se puede leer el archivo {given[name]}"
        return
    if "ENCRYPTED" in text:
        yield f"{name}: la clave privada de {given[name]} está cifrada; el servicio la necesita sin contraseña"
    if any(part not in text for part in parts):
        told = "la clave privada y el certificado" if len(parts) > 1 else "un certificado"
        yield f"{name}: el archivo {given[name]} no contiene {told}, en formato PEM"
