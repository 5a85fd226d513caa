"""A real IMAP server for the tests: Debian's dovecot on loopback, and a proxy before it for the faults it cannot play.

One server, any number of mailboxes: each is a user of its own. Mail is put there by IMAP or delivered by LMTP.
"""

from __future__ import annotations

import asyncio
import grp
import itertools
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from imap_tools import AND, BaseMailBox, H, MailBoxUnencrypted

from tests.dovecot import Dovecot, found
from tests.peers.certificates import Certificate, loopback_certificate

DOMAIN = "operador.example"
PASSWORD = "clave de prueba"
_CONFIG = """
protocols = imap lmtp
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
libexec_dir = {dovecot.programs}
mail_plugin_dir = {dovecot.programs}/modules
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
import_environment = {libraries}
ssl = yes
ssl_cert = <{folder}/cert.pem
ssl_key = <{folder}/key.pem
ssl_dh =
disable_plaintext_auth = no
mail_location = maildir:~/Maildir
recipient_delimiter = +
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users/%u
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  mailbox Sent {{
    special_use = \\Sent
    auto = create
  }}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"""


class DovecotServer:
    """The running server; `mailbox` makes an empty mailbox in it."""

    def __init__(self, folder: Path, ports: tuple[int, int, int], certificate: Certificate) -> None:
        self.imap, self.imaps, self.lmtp = ports
        self.folder = folder
        self.certificate = certificate
        self._numbers = itertools.count(1)

    def mailbox(self) -> DovecotMailbox:
        address = f"soluciones{next(self._numbers)}@{DOMAIN}"
        self.set_password(address, PASSWORD)
        return DovecotMailbox(self, address)

    def set_password(self, address: str, password: str) -> None:
        """A file for each: dovecot looks at one that it knows already at most once a second."""
        (self.folder / "users" / address).write_text(f"{address}:{{PLAIN}}{password}::::::\n")


@dataclass
class DovecotMailbox:
    """One mailbox: the peer of `tests/mail/mailbox_contract.py`. `port` is where the gateway connects: the proxy."""

    server: DovecotServer
    address: str
    password: str = PASSWORD
    port: int = 0
    faults: deque[Fault] = field(default_factory=deque)

    async def deliver(self, raw: bytes) -> None:
        """Put there as it is, to the byte: what comes by mail gets headers of the delivery's."""
        await asyncio.to_thread(self._append, raw)

    async def receive(self, raw: bytes, to: str = "") -> None:
        """Delivered as mail is, by LMTP."""
        await asyncio.to_thread(self._deliver, raw, to or self.address)

    async def remove(self, message_id: str) -> None:
        await asyncio.to_thread(self._remove, message_id)

    async def forget_marks(self) -> None:
        """A new UIDVALIDITY, as after a restored backup."""
        for path in self._maildir.glob("dovecot[-.]*"):
            if path.name.startswith(("dovecot-uidlist", "dovecot.index")):
                path.unlink()

    def refuse_once(self) -> None:
        self.faults.append(Fault("LOGIN", "NO [UNAVAILABLE] Temporary authentication failure."))

    def lock_out(self) -> None:
        self.server.set_password(self.address, "otra clave")

    def flags(self) -> list[str]:
        """What is marked in the inbox, message by message."""
        with self._session() as box:
            return [" ".join(sorted(one.flags)) for one in box.fetch(mark_seen=False)]

    def folder_ids(self, folder: str) -> list[str]:
        """The Message-IDs in a folder."""
        with self._session() as box:
            box.folder.set(folder)
            return [one.headers["message-id"][0].strip() for one in box.fetch(mark_seen=False)]

    @property
    def _maildir(self) -> Path:
        return self.server.folder / "mail" / self.address / "Maildir"

    @contextmanager
    def _session(self) -> Iterator[BaseMailBox]:
        with MailBoxUnencrypted("127.0.0.1", self.server.imap, 10).login(self.address, self.password) as box:
            yield box

    def _append(self, raw: bytes) -> None:
        with self._session() as box:
            box.append(raw, "INBOX")

    def _deliver(self, raw: bytes, to: str) -> None:
        with smtplib.LMTP("127.0.0.1", self.server.lmtp, timeout=10) as lmtp:
            lmtp.sendmail("enlace@invima.example", [to], raw)

    def _remove(self, message_id: str) -> None:
        with self._session() as box:
            box.delete(box.uids(AND(header=[H("Message-ID", message_id)])))


@contextmanager
def dovecot() -> Iterator[DovecotServer]:
    """A server of its own in a temporary folder; it is ended by its own process."""
    installed = found()
    assert installed is not None
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        server = DovecotServer(folder, (_free_port(), _free_port(), _free_port()), loopback_certificate())
        process = _started(installed, server)
        yield server
    finally:
        if process is not None:
            process.terminate()
            process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _started(installed: Dovecot, server: DovecotServer) -> subprocess.Popen[bytes]:
    """As root it runs as `nobody`: dovecot reads no mail for root, and needs no rights for this."""
    uid = os.geteuid() or pwd.getpwnam("nobody").pw_uid
    user = pwd.getpwuid(uid)
    folder = server.folder
    _write_config(installed, server, user)
    (folder / "mail").mkdir()
    (folder / "users").mkdir()
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, uid, user.pw_gid)
    rights = {"user": uid, "group": user.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    command = (str(installed.server), "-F", "-c", str(folder / "dovecot.conf"))
    process = subprocess.Popen(
        command, env=installed.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **rights
    )  # type: ignore[call-overload]
    _wait_for(process, server)
    return process


def _write_config(installed: Dovecot, server: DovecotServer, user: pwd.struct_passwd) -> None:
    folder = server.folder
    (folder / "cert.pem").write_bytes(server.certificate.chain)
    (folder / "key.pem").write_bytes(server.certificate.key)
    text = _CONFIG.format(
        folder=folder,
        dovecot=installed,
        user=user.pw_name,
        group=grp.getgrgid(user.pw_gid).gr_name,
        libraries="LD_LIBRARY_PATH",
        imap=server.imap,
        imaps=server.imaps,
        lmtp=server.lmtp,
    )
    (folder / "dovecot.conf").write_text(text)


def _wait_for(process: subprocess.Popen[bytes], server: DovecotServer) -> None:
    """Until it takes connections; at the latest in ten seconds."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with suppress(OSError), socket.create_connection(("127.0.0.1", server.imap), 1):
            return
    log = server.folder / "log"
    said = (process.stderr.read() if process.stderr and process.poll() is not None else b"").decode()
    raise RuntimeError(f"dovecot did not start: {said} {log.read_text() if log.exists() else ''}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- the proxy --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """When the client says `verb`: answer it so in dovecot's place, or drop the connection when `reply` is empty.

    `after` bytes of dovecot's answer still go through before the connection is dropped.
    """

    verb: str
    reply: str = ""
    after: int = -1


@asynccontextmanager
async def behind_proxy(mailbox: DovecotMailbox) -> AsyncIterator[DovecotMailbox]:
    """The mailbox with its `port` at a proxy, which takes its `faults` in order, each once."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        with suppress(OSError, asyncio.IncompleteReadError):
            await _relay(mailbox, reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    mailbox.port = server.sockets[0].getsockname()[1]
    try:
        yield mailbox
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _relay(mailbox: DovecotMailbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    upstream, to_dovecot = await asyncio.open_connection("127.0.0.1", mailbox.server.imap)
    allowed = [-1]
    back = asyncio.create_task(_back(upstream, writer, allowed))
    try:
        while line := await reader.readline():
            tag, _, command = line.decode().partition(" ")
            fault = mailbox.faults[0] if mailbox.faults and command.startswith(mailbox.faults[0].verb) else None
            if fault is not None:
                mailbox.faults.popleft()
                if fault.reply:
                    writer.write(f"{tag} {fault.reply}\r\n".encode())
                    continue
                if fault.after < 0:
                    return
                allowed[0] = fault.after
            to_dovecot.write(line)
    finally:
        back.cancel()
        to_dovecot.transport.abort()


async def _back(upstream: asyncio.StreamReader, writer: asyncio.StreamWriter, allowed: list[int]) -> None:
    while data := await upstream.read(65536):
        if allowed[0] < 0:
            writer.write(data)
            continue
        writer.write(data[: allowed[0]])
        await writer.drain()
        writer.transport.close()
        return
    writer.close()
