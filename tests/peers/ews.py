"""An Exchange Web Services server on a real socket: what our edge and DavMail need of it, with faults on purpose.

Requests and answers are held to Microsoft's schemas where those are kept (`ews_schema`): an invalid request is refused
as Exchange refuses it, an invalid answer fails the test that caused it.
"""

from __future__ import annotations

import base64
import os
import ssl
import sys
import tempfile
import threading
import traceback
from collections import deque
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import spnego
from ews_mailbox import Mailbox
from ews_operations import OPERATIONS, Refused, answer_of, envelope, fault_envelope
from ews_schema import faults_of
from lxml import etree
from spnego.exceptions import SpnegoError

USER, PASSWORD, TOKEN = "servicio", "clave-de-pruebas", "token-de-pruebas"
DOMAIN = "OPERADOR"
PATH = "/EWS/Exchange.asmx"
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"


@dataclass(frozen=True)
class Fault:
    """What happens to the next request of `operation`: exactly one of the others.

    `status` is a bare HTTP answer; `code` a response message's; `soap` a SOAP fault's, told to `back_off` milliseconds;
    `drops` closes the connection, before the operation or `after` it was done; `hangs` does it and answers nothing
    until the peer ends; `garbage` is answered instead of XML. `then` comes into the queue with it.
    """

    operation: str
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    code: str = ""
    soap: str = ""
    back_off: int = 0
    drops: bool = False
    hangs: bool = False
    after: bool = False
    garbage: bytes = b""
    then: Fault | None = None


@dataclass(frozen=True)
class Exchange:
    operation: str
    user: str
    headers: dict[str, str]
    request: etree._Element
    answer: etree._Element | None


@dataclass
class EwsPeer:
    """`with EwsPeer() as peer`: `peer.url`, its `mailbox`, its queue of `faults`, and every exchange in `seen`."""

    schemes: tuple[str, ...] = ("ntlm", "basic", "bearer")
    tls: ssl.SSLContext | None = None
    mailbox: Mailbox = field(default_factory=Mailbox)
    faults: deque[Fault] = field(default_factory=deque)
    seen: list[Exchange] = field(default_factory=list)
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    locked: bool = False
    port: int = 0

    def __enter__(self) -> Self:
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._invalid: list[str] = []
        self._users = tempfile.NamedTemporaryFile("w", suffix=".ntlm", delete=False)
        self._users.write(f"{DOMAIN}:{USER}:{PASSWORD}\n")
        self._users.close()
        self._before = os.environ.get("NTLM_USER_FILE")
        os.environ["NTLM_USER_FILE"] = self._users.name
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), type("Door", (_Door,), {"peer": self}))
        self._server.daemon_threads = True
        self._server.handle_error = _hung_up  # type: ignore[method-assign]
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        Path(self._users.name).unlink()
        if self._before is None:
            del os.environ["NTLM_USER_FILE"]
        else:
            os.environ["NTLM_USER_FILE"] = self._before
        assert self._invalid == [], "the peer answered what Exchange's schemas do not allow"

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}{PATH}"

    @property
    def messages(self) -> list[EmailMessage]:
        """What was sent, as it left."""
        return [message_from_bytes(raw, policy=default) for raw in self.mailbox.sent]  # type: ignore[misc]

    def operations(self) -> list[str]:
        return [one.operation for one in self.seen]

    # --- one request, under the lock ----------------------------------------------------------------------------------

    def serve(self, raw: bytes, user: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes] | None:
        """Status, headers and body; None drops the connection."""
        with self._lock:
            asked = etree.fromstring(raw)
            (body,) = asked.find(f"{SOAP}Body")
            operation = etree.QName(body).localname
            fault = self._fault(operation)
            if fault and fault.status:
                return fault.status, dict(fault.headers), fault.garbage
            if fault and fault.drops and not fault.after:
                return None
            answer = self._answer(asked, body, operation, fault)
            self.seen.append(Exchange(operation, user, headers, asked, answer))
            if fault and fault.hangs:
                self._ended.wait(30)
            if fault and (fault.drops or fault.hangs):
                return None
            if fault and fault.garbage:
                return 200, {"Content-Type": "text/xml"}, fault.garbage
            status = 500 if answer.find(f"{SOAP}Body/{SOAP}Fault") is not None else 200
            return status, {"Content-Type": "text/xml; charset=utf-8"}, etree.tostring(answer, xml_declaration=True)

    def _fault(self, operation: str) -> Fault | None:
        found = next((one for one in self.faults if one.operation == operation), None)
        if found:
            self.faults.remove(found)
            self.faults.extend([found.then] if found.then else [])
        return found

    def _answer(self, asked: etree._Element, body: Any, operation: str, fault: Fault | None) -> etree._Element:
        if wrong := faults_of(asked):
            return fault_envelope("ErrorSchemaValidation", "; ".join(wrong))
        if fault and fault.soap:
            return fault_envelope(fault.soap, "Scripted.", back_off=fault.back_off)
        if operation not in OPERATIONS:
            return fault_envelope("ErrorInvalidRequest", f"This server knows no {operation}.")
        try:
            answer = answer_of(operation, body, self.mailbox, fault.code if fault else "")
        except Refused as exc:
            return fault_envelope(exc.code, str(exc))
        made = envelope(answer)
        self._invalid += faults_of(made)
        return made


def _hung_up(request: object, address: object) -> None:
    """A client that breaks its connection is no trouble of the server's."""
    if not isinstance(sys.exc_info()[1], ConnectionError | ssl.SSLError):
        traceback.print_exc()


class _Door(BaseHTTPRequestHandler):
    """Who it is first; NTLM belongs to the connection, the other two to the request."""

    protocol_version = "HTTP/1.1"
    peer: EwsPeer
    user = ""
    context: Any = None

    def do_GET(self) -> None:
        self._say(200 if self._known() else 401, {}, b"")

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not self._known():
            return
        served = self.peer.serve(raw, self.user, dict(self.headers.items()))
        if served is None:
            self.close_connection = True
            return
        self._say(*served)

    def _known(self) -> bool:
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        if self.peer.locked or (scheme and scheme.lower() not in self.peer.schemes):
            return self._unknown()
        if scheme.lower() == "basic":
            user, _, password = base64.b64decode(value).decode().partition(":")
            self.user = user if password == PASSWORD else ""
        elif scheme.lower() == "bearer":
            self.user = "application" if value in self.peer.tokens else ""
        elif scheme.lower() == "ntlm":
            return self._ntlm(base64.b64decode(value))
        return bool(self.user) or self._unknown()

    def _ntlm(self, token: bytes) -> bool:
        if self.context is None:
            self.context = spnego.server(protocol="ntlm")
        try:
            challenge = self.context.step(token)
        except SpnegoError:
            self.context = None
            return self._unknown()
        if challenge:
            return self._unknown(f"NTLM {base64.b64encode(challenge).decode()}")
        self.user = str(self.context.client_principal)
        return True

    def _unknown(self, challenge: str = "") -> bool:
        self.user = ""
        offers = {"ntlm": "NTLM", "basic": 'Basic realm="peer"', "bearer": "Bearer"}
        names = [challenge] if challenge else [offers[one] for one in self.peer.schemes]
        self._say(401, {"WWW-Authenticate": names}, b"")
        return False

    def _say(self, status: int, headers: dict[str, Any], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers.items():
            for one in value if isinstance(value, list) else [value]:
                self.send_header(name, one)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass
