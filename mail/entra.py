"""Access tokens of Microsoft Entra for a service of ours: client credentials, by a secret or by a certificate."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from msal import ConfidentialClientApplication
from msal.exceptions import MsalError

from mail.tls import unreached, untrusted
from methodology.clock import Clock
from methodology.delivery import Misconfigured, Throttled

Texts = Mapping[str, str]

GLOBAL_AUTHORITY = "https://login.microsoftonline.com"
RETRY_AFTER = timedelta(minutes=1)
MENDED_AFTER = timedelta(hours=1)
TIMEOUT = 30.0
_PASSING = frozenset({"temporarily_unavailable", "server_error"})
_ADVICE = {
    "invalid_client": "revise el secreto o el certificado, que pudo vencer o copiarse mal",
    "unauthorized_client": "revise el identificador de la aplicación; esa aplicación no existe en la organización",
    "invalid_scope": "revise la dirección del servicio",
}


@dataclass(frozen=True)
class Certificate:
    """A certificate registered for the application; both are PEM texts, the private key not encrypted."""

    private_key: str
    certificate: str


class EntraTokens:
    """Tokens for one `scope` (`https://…/.default`); MSAL keeps them until shortly before they end.

    `credential` is the secret or the certificate; `ca_file` a PEM file of authorities to trust, not the machine's.
    """

    def __init__(
        self,
        tenant: str,
        client_id: str,
        credential: str | Certificate,
        *,
        scope: str,
        clock: Clock,
        authority: str = GLOBAL_AUTHORITY,
        ca_file: str = "",
    ) -> None:
        self._authority = f"{authority.rstrip('/')}/{tenant}"
        self._client_id = client_id
        self._credential = credential
        self._scope = scope
        self._clock = clock
        self._http = _Http(ca_file)
        self._application: ConfidentialClientApplication | None = None
        self._asking = asyncio.Lock()

    async def get(self) -> str:
        """A token that is good now. Entra is asked once, however many wait for it.

        Raises:
            Throttled: Entra does not answer now.
            Misconfigured: Entra refuses this tenant, this application or this credential.
        """
        async with self._asking:
            try:
                answer = await asyncio.to_thread(self._ask)
            except (httpx.HTTPError, MsalError, json.JSONDecodeError) as exc:
                wrong = untrusted(httpx.URL(self._authority).host, exc)
                sentence = wrong or f"Microsoft Entra no responde: {unreached(exc) or exc}"
                raise Throttled(sentence, self._clock.now() + RETRY_AFTER) from exc
            except ValueError as exc:  # MSAL's word for a tenant that does not exist and for a key that is none
                raise self._refused(str(exc)) from exc
        return self._read(answer)

    def forget(self) -> None:
        """The service did not accept the token: the next one is asked for anew."""
        if self._application is not None:
            self._application.remove_tokens_for_client()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _ask(self) -> dict[str, Any]:
        """Blocks: the first time it reads the authority's addresses, later it asks only when its token ends."""
        if self._application is None:
            self._application = ConfidentialClientApplication(
                self._client_id,
                client_credential=_for_msal(self._credential),
                authority=self._authority,
                # The authority is a setting of ours; a national cloud must not be looked up at the global one.
                instance_discovery=False,
                http_client=self._http,
            )
        answer: dict[str, Any] = self._application.acquire_token_for_client(scopes=[self._scope])
        return answer

    def _read(self, answer: dict[str, Any]) -> str:
        if token := answer.get("access_token"):
            return str(token)
        error = str(answer.get("error") or "")
        if error in _PASSING:
            raise Throttled(f"Microsoft Entra no entrega el token ({error})", self._clock.now() + RETRY_AFTER)
        raise self._refused(f"{error} {answer.get('error_description') or ''}".strip(), _ADVICE.get(error, ""))

    def _refused(self, why: str, advice: str = "") -> Misconfigured:
        mend = advice or "revise la organización, la aplicación y su credencial"
        sentence = f"Microsoft Entra no entregó el token: {mend} ({' '.join(why.split())[:300]})"
        return Misconfigured(sentence, self._clock.now() + MENDED_AFTER)


class _Http:
    """What MSAL asks of a client. Its own would let the environment overrule whom it trusts."""

    def __init__(self, ca_file: str) -> None:
        self._client = httpx.Client(verify=trusting(ca_file), timeout=TIMEOUT, follow_redirects=False)

    def get(self, url: str, params: Texts | None = None, headers: Texts | None = None, **_: object) -> httpx.Response:
        return self._client.get(url, params=params, headers=headers)

    def post(
        self,
        url: str,
        params: Texts | None = None,
        data: Mapping[str, str | bytes] | None = None,
        headers: Texts | None = None,
        **_: object,
    ) -> httpx.Response:
        # A signed assertion comes as bytes, which httpx would write as Python shows them.
        form = {name: value.decode() if isinstance(value, bytes) else value for name, value in (data or {}).items()}
        return self._client.post(url, params=params, data=form, headers=headers)

    def close(self) -> None:
        self._client.close()


def trusting(ca_file: str) -> ssl.SSLContext | bool:
    """Whom to trust, in httpx's words: the authorities of that PEM file, or the machine's."""
    return ssl.create_default_context(cafile=ca_file) if ca_file else True


def _for_msal(credential: str | Certificate) -> str | dict[str, str]:
    if isinstance(credential, str):
        return credential
    return {"private_key": credential.private_key, "public_certificate": credential.certificate}
