"""Why a server's certificate was not taken, in Spanish; OpenSSL says it in English, somewhere below other errors."""

from __future__ import annotations

import ssl

ADVICE = "si la organización tiene una autoridad propia, indíquela en MAIL_CA_FILE"
_UNKNOWN = f"no lo firma una autoridad conocida; {ADVICE}"
_CAUSES = {
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


def untrusted(exc: BaseException | None) -> str:
    """What is wrong with the certificate that an error is about; «» when it is about none."""
    seen = 0
    while exc is not None and seen < len(_CAUSES):
        if isinstance(exc, ssl.SSLCertVerificationError):
            return _CAUSES.get(exc.verify_code, exc.verify_message)
        exc, seen = exc.__cause__ or exc.__context__, seen + 1
    return ""
