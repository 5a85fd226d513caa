from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import jwt
from jwt.algorithms import RSAAlgorithm

from bot.teams.config import TeamsConfig
from methodology.clock import Clock, SystemClock

Claims = dict[str, Any]
KEYS_LIVE = timedelta(hours=24)
KEYS_AT_MOST_EVERY = timedelta(minutes=1)
FETCH_TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=5)
REMEMBERED = 512
_CHECKS: Any = {"require": ["exp", "iss", "aud"], "verify_exp": False, "verify_nbf": False, "verify_iat": False}


class Refused(Exception):
    """The caller is not believed (401), has no business here (403), or cannot be judged now (503: no keys)."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True)
class Key:
    key: Any
    endorsements: tuple[str, ...]


@dataclass(frozen=True)
class Verified:
    claims: Claims
    key: Key


class TokenVerifier:
    """Says whose word a request is: RS256 by a published key, our issuer, our application, now.

    A token's life is judged by `wall`, the real time: the demo's own clock may stand in another month. The keys are
    fetched when first needed, daily, and when a token names an unknown one; never twice at the same time and at most
    once a minute, so that made-up key names cannot make us hammer the issuer.
    """

    def __init__(self, config: TeamsConfig, session: aiohttp.ClientSession, wall: Clock | None = None) -> None:
        self._config = config
        self._session = session
        self._wall = wall or SystemClock()
        self._keys: dict[str, Key] = {}
        self._fetched: datetime | None = None
        self._tried: datetime | None = None
        self._reachable = True
        self._fetching = asyncio.Lock()
        self._remembered: OrderedDict[str, Verified] = OrderedDict()

    async def verify(self, authorization: str | None, service_url: str | None, channel_id: str | None) -> Claims:
        """The token's claims.

        `service_url` and `channel_id` are the activity's own: a token speaks for one address, a key for some channels.

        Raises:
            Refused: 401 for the token itself, 403 for one that is good but for something else.
        """
        token = _bearer(authorization)
        verified = self._remembered.get(token) if self._fresh() else None
        if verified is None:
            verified = await self._check(token)
            self._remember(token, verified)
        self._check_life(verified.claims)
        self._check_reach(verified, service_url, channel_id)
        return verified.claims

    async def _check(self, token: str) -> Verified:
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError as error:
            raise Refused(401, "El token no se puede leer.") from error
        if header.get("alg") != "RS256":
            raise Refused(401, "El token no está firmado con RS256.")
        key = await self._key(str(header.get("kid") or ""))
        try:
            claims = jwt.decode(
                token,
                key.key,
                algorithms=["RS256"],
                audience=self._config.app_id,
                issuer=self._config.token_issuer,
                options=_CHECKS,
            )
        except jwt.PyJWTError as error:
            raise Refused(401, _spanish(error)) from error
        return Verified(claims, key)

    def _check_life(self, claims: Claims) -> None:
        now, skew = self._wall.now().timestamp(), self._config.skew
        expires, starts = claims["exp"], claims.get("nbf", 0)
        if not isinstance(expires, int | float) or not isinstance(starts, int | float):
            raise Refused(401, "Las fechas del token no son válidas.")
        if now > expires + skew:
            raise Refused(401, "El token venció.")
        if now < starts - skew:
            raise Refused(401, "El token aún no es válido.")

    def _check_reach(self, verified: Verified, service_url: str | None, channel_id: str | None) -> None:
        spoken_for = verified.claims.get("serviceurl")
        if spoken_for and service_url and spoken_for != service_url:
            raise Refused(403, "El token es de otra dirección de servicio.")
        if verified.key.endorsements and channel_id and channel_id not in verified.key.endorsements:
            raise Refused(403, "La clave del token no respalda este canal.")

    def _remember(self, token: str, verified: Verified) -> None:
        self._remembered[token] = verified
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)

    async def _key(self, kid: str) -> Key:
        if kid not in self._keys or not self._fresh():
            async with self._fetching:
                # Whoever waited here while another fetched finds the key already known.
                if (kid not in self._keys or not self._fresh()) and self._may_fetch():
                    await self._fetch()
        if kid in self._keys:
            return self._keys[kid]
        if not self._reachable:
            raise Refused(503, "No fue posible obtener las claves del emisor.")
        raise Refused(401, "El token está firmado con una clave desconocida.")

    def _fresh(self) -> bool:
        return self._fetched is not None and self._wall.now() - self._fetched < KEYS_LIVE

    def _may_fetch(self) -> bool:
        return self._tried is None or self._wall.now() - self._tried >= KEYS_AT_MOST_EVERY

    async def _fetch(self) -> None:
        self._tried = self._wall.now()
        try:
            metadata = await self._json(self._config.openid_metadata_url)
            keys = _read_keys(await self._json(str(metadata["jwks_uri"])))
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError):
            self._reachable = False  # the keys at hand go on serving
            return
        self._keys, self._reachable, self._fetched = keys, True, self._tried
        self._remembered.clear()  # what a withdrawn key signed is no longer good

    async def _json(self, url: str) -> Any:  # noqa: ANN401
        async with self._session.get(url, timeout=FETCH_TIMEOUT, raise_for_status=True) as answer:
            return json.loads(await answer.read())


def _bearer(authorization: str | None) -> str:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Refused(401, "Falta el token.")
    return token.strip()


def _read_keys(document: Any) -> dict[str, Key]:  # noqa: ANN401
    return {
        jwk["kid"]: Key(RSAAlgorithm.from_jwk(jwk), tuple(jwk.get("endorsements") or ()))
        for jwk in document["keys"]
        if jwk.get("kty") == "RSA" and jwk.get("kid")
    }


def _spanish(error: jwt.PyJWTError) -> str:
    if isinstance(error, jwt.MissingRequiredClaimError):
        return f"Al token le falta «{error.claim}»."
    sentences: dict[type[jwt.PyJWTError], str] = {
        jwt.InvalidAudienceError: "El token es de otra aplicación.",
        jwt.InvalidIssuerError: "El token es de otro emisor.",
        jwt.InvalidSignatureError: "La firma del token no es válida.",
    }
    return sentences.get(type(error), "El token no es válido.")
