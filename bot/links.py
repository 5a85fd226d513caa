"""Signed links that expire: to a report's file, for whoever holds the link; GET only shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import jwt

from methodology.clock import Clock

LIFE = timedelta(days=60)
_AGAIN = {
    "informe": "Solicite uno nuevo con /reporte.",
    "matriz": "Solicite uno nuevo con /matriz.",
    "decision": "La decisión puede informarse respondiendo el correo.",
}
_ALGORITHM = "HS256"


class BadLink(Exception):
    """The link was altered, belongs to something else, or expired; the message says which, in Spanish."""


class Links:
    """Makes and reads the product's links."""

    def __init__(self, secret: bytes, public_url: str, clock: Clock) -> None:
        self._secret = secret
        self._base = public_url.rstrip("/")
        self._clock = clock

    def to(self, kind: str, subject: str, path: str) -> str:
        """The address of `path` with a token for (kind, subject)."""
        expires = int((self._clock.now() + LIFE).timestamp())
        token = jwt.encode({"k": kind, "s": subject, "e": expires}, self._secret, algorithm=_ALGORITHM)
        return f"{self._base}{path}?t={token}"

    def check(self, kind: str, subject: str, token: str) -> None:
        """Raise BadLink unless the token is ours, for this subject, and still valid."""
        again = _AGAIN.get(kind, "Solicite uno nuevo a Planeación.")
        try:
            claims: dict[str, Any] = jwt.decode(token, self._secret, algorithms=[_ALGORITHM])
        except jwt.InvalidTokenError as exc:
            raise BadLink(f"El enlace no es válido. {again}") from exc
        if (claims.get("k"), claims.get("s")) != (kind, subject):
            raise BadLink("El enlace corresponde a otro documento.")
        if datetime.fromtimestamp(claims["e"], tz=self._clock.now().tzinfo) < self._clock.now():
            raise BadLink(f"El enlace venció. {again}")
