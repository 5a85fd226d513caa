from __future__ import annotations

import secrets
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from demo.config import SalaConfig
from demo.hub import Json

ISSUER = "https://api.botframework.com"
LIFE = 3600
SKEW = 300


class Tokens:
    """Both sides' proofs: what the bot must present to the connector, and what the Sala signs for the bot.

    They use the wall clock, not the demo's: neither side's library would accept days of difference.
    """

    def __init__(self, config: SalaConfig) -> None:
        self._config = config
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._kid = secrets.token_urlsafe(12)
        self._issued: dict[str, float] = {}

    def issue(self, client_id: str, client_secret: str) -> str | None:
        """A bearer token for the bot, or None when the credentials are not the configured ones."""
        known = secrets.compare_digest(client_id.encode(), self._config.app_id.encode())
        proved = secrets.compare_digest(client_secret.encode(), self._config.app_password.encode())
        if not (known and proved):
            return None
        token = secrets.token_urlsafe(32)
        self._issued[token] = time.time() + LIFE
        return token

    def accepts(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        return scheme == "Bearer" and self._issued.get(token, 0) > time.time()

    def revoke_all(self) -> None:
        self._issued.clear()

    def sign(self, service_url: str = "") -> str:
        """A fresh token for one activity, as the Bot Connector signs it; by default for the Sala's own connector."""
        now = int(time.time())
        claims = {
            "iss": ISSUER,
            "aud": self._config.app_id,
            "nbf": now - SKEW,
            "iat": now,
            "exp": now + LIFE,
            "serviceurl": service_url or self._config.service_url,
            "jti": secrets.token_hex(8),
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._kid, "x5t": self._kid})

    def metadata(self) -> Json:
        sala = f"{self._config.base_url}/sala"
        return {
            "issuer": ISSUER,
            "authorization_endpoint": f"{sala}/oauth/authorize",
            "token_endpoint": f"{sala}/oauth/token",
            "jwks_uri": f"{sala}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def jwks(self) -> Json:
        public = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        extra = {"kid": self._kid, "x5t": self._kid, "use": "sig", "alg": "RS256", "endorsements": ["msteams"]}
        return {"keys": [{**public, **extra}]}
