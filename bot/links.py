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
    "respuesta": "",  # its page says what to do
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

    def to(self, kind: str, subject: str, path: str, until: datetime | None = None) -> str:
        """The address of `path` with a token for (kind, subject), valid `until` then (for LIFE, if it is not said)."""
        expires = int((until or self._clock.now() + LIFE).timestamp())
        token = jwt.encode({"k": kind, "s": subject, "e": expires}, self._secret, algorithm=_ALGORITHM)
        return f"{self._base}{path}?t={token}"

    def seal(self, kind: str, subject: str, **said: str | int) -> str:
        """What a page of ours carries along and nobody else can make: for (kind, subject), with what it `said`."""
        return jwt.encode({"k": kind, "s": subject, "d": said}, self._secret, algorithm=_ALGORITHM)

    def unseal(self, kind: str, subject: str, token: str) -> dict[str, Any] | None:
        """What a seal of ours for (kind, subject) said; None for any other."""
        try:
            claims: dict[str, Any] = jwt.decode(token, self._secret, algorithms=[_ALGORITHM])
        except jwt.InvalidTokenError:
            return None
        return dict(claims["d"]) if (claims.get("k"), claims.get("s")) == (kind, subject) and "d" in claims else None

    def check(self, kind: str, subject: str, token: str) -> None:
        """Raise BadLink unless the token is ours, for this subject, and still valid."""
        again = _AGAIN.get(kind, "Solicite uno nuevo a Planeación.")
        try:
            claims: dict[str, Any] = jwt.decode(token, self._secret, algorithms=[_ALGORITHM])
        except jwt.InvalidTokenError as exc:
            raise BadLink(f"El enlace no es válido. {again}") from exc
        if (claims.get("k"), claims.get("s")) != (kind, subject) or "e" not in claims:
            raise BadLink("El enlace corresponde a otro documento.")
        if datetime.fromtimestamp(claims["e"], tz=self._clock.now().tzinfo) < self._clock.now():
            raise BadLink(f"El enlace venció. {again}")
