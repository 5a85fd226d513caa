"""Why there was no connection with a server, in Spanish; libraries say it in English, somewhere below other errors."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

ADVICE = "si la organización tiene una autoridad propia, indíquela en MAIL_CA_FILE"
_UNKNOWN = f"no lo firma una autoridad conocida; {ADVICE}"
_CAUSES = {
    7: f"su firma no es de la autoridad que nombra; {ADVICE}",
    9: "todavía no está vigente",
    10: "venció",
    18: f"es autofirmado; {ADVICE}",
    19: _UNKNOWN,
    20: _UNKNOWN,
    21: _UNKNOWN,
    23: "fue revocado",
    62: "es de un servidor con otro nombre",
    64: "es de un servidor con otra dirección",
}
"""By OpenSSL's X509_V_ERR_… ."""


_LOST: tuple[tuple[type[OSError], str], ...] = (
    (ConnectionRefusedError, "rechazó la conexión"),
    (ConnectionError, "cortó la conexión"),
    (socket.gaierror, "su nombre no se encuentra en la red"),
    (TimeoutError, "no respondió a tiempo"),
    (ssl.SSLError, "no acepta una conexión cifrada (TLS) como la nuestra"),
)
_DEEPEST = 10


def untrusted(at: str, exc: BaseException | None) -> str:
    """What is wrong with the certificate of `at` that an error is about; «» when it is about none."""
    for one in _below(exc):
        if isinstance(one, ssl.SSLCertVerificationError):
            why = _CAUSES.get(one.verify_code, one.verify_message)
            return f"El certificado de {at} no se pudo verificar: {why}"
    return ""


def unreached(exc: BaseException | None) -> str:
    """What the server did instead of answering; «» when the error tells of nothing that has a name here."""
    return next((why for one in _below(exc) for kind, why in _LOST if isinstance(one, kind)), "")


def _below(exc: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came of."""
    for _ in range(_DEEPEST):
        if exc is None:
            return
        yield exc
        exc = exc.__cause__ or exc.__context__
