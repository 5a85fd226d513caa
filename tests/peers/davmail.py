"""DavMail, a client of Exchange that is not ours: it reads the EWS peer and shows it over IMAP and SMTP."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAM = shutil.which("davmail")
MISSING = "DavMail is not installed (Debian: apt-get install davmail)"
_SETTINGS = """\
davmail.server=true
davmail.mode=EWS
davmail.url={url}
davmail.imapPort={imap}
davmail.smtpPort={smtp}
davmail.popPort=
davmail.caldavPort=
davmail.ldapPort=
davmail.bindAddress=127.0.0.1
davmail.disableUpdateCheck=true
davmail.logFilePath={folder}/davmail.log
log4j.rootLogger=WARN
log4j.logger.davmail=INFO
log4j.logger.httpclient.wire=WARN
"""


@dataclass(frozen=True)
class Ports:
    imap: int
    smtp: int


@contextmanager
def davmail(url: str, folder: Path) -> Iterator[Ports]:
    """Run it until the block ends; it says itself when it listens."""
    ports = Ports(_free_port(), _free_port())
    settings = folder / "davmail.properties"
    settings.write_text(_SETTINGS.format(url=url, imap=ports.imap, smtp=ports.smtp, folder=folder))
    assert PROGRAM is not None
    with subprocess.Popen([PROGRAM, str(settings)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as it:
        try:
            assert it.stdout is not None
            said = next((line for line in it.stdout if "listening on" in line), "it ended")
            assert f"IMAP port {ports.imap}" in said, said
            yield ports
        finally:
            it.terminate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
