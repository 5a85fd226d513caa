"""`make browser`: see to it that Debian's dovecot is there: the IMAP server that the mailbox tests meet.

As root on Debian (or Ubuntu) it is installed; as anybody else there its packages are unpacked into `var/dovecot`, which
needs no rights. Where it cannot be had the tests go on without it, and say so.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

UNPACKED = Path(__file__).parents[1] / "var" / "dovecot"
PACKAGES = ("dovecot-imapd", "dovecot-lmtpd")
# Without it the package would start a mail server of its own on this machine.
POLICY = Path("/usr/sbin/policy-rc.d")
# The configuration of 2.4 is another language.
KNOWN = "2.3."
MISSING = "no dovecot 2.3 here: `apt-get install dovecot-imapd dovecot-lmtpd`, or `make browser`, on Debian 12"


@dataclass(frozen=True)
class Dovecot:
    """Where its programs are. `libraries` are the folders that an unpacked one needs to be told of."""

    root: Path

    @property
    def server(self) -> Path:
        return self.root / "usr/sbin/dovecot"

    @property
    def programs(self) -> Path:
        return self.root / "usr/lib/dovecot"

    @property
    def libraries(self) -> tuple[Path, ...]:
        if self.root == Path("/"):
            return ()
        return (self.programs, *sorted(self.root.glob("usr/lib/*-linux-*")), *sorted(self.root.glob("lib/*-linux-*")))

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", ""), "LD_LIBRARY_PATH": ":".join(map(str, self.libraries))}

    def fits(self) -> bool:
        """Whether it is there with all that the tests need, in the version whose configuration they write."""
        if not all(one.is_file() for one in (self.server, self.programs / "imap", self.programs / "lmtp")):
            return False
        command = (str(self.server), "--version")
        said = subprocess.run(command, check=False, capture_output=True, text=True, env=self.environment)
        return said.stdout.startswith(KNOWN)


def found() -> Dovecot | None:
    """The system's own, else the unpacked one; None when there is none."""
    return next((one for one in (Dovecot(Path("/")), Dovecot(UNPACKED)) if one.fits()), None)


def _run(*command: str, cwd: Path | None = None) -> bool:
    print("==", " ".join(command), flush=True)  # noqa: T201 - a command line tool
    try:
        return subprocess.run(command, check=False, stdout=sys.stderr, cwd=cwd).returncode == 0
    except OSError:
        return False


def _install(apt: str) -> None:
    mine = not POLICY.exists()
    if mine:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        _run(apt, "install", "-y", "-q", "--no-install-recommends", *PACKAGES)
    finally:
        if mine:
            POLICY.unlink()


def _unpack(apt: str) -> None:
    """What an installation would bring here, taken apart into a folder of ours; no script of a package is run."""
    planned = subprocess.run(
        [apt, "-s", "install", "--no-install-recommends", *PACKAGES], check=False, capture_output=True, text=True
    )
    names = re.findall(r"^Inst (\S+)", planned.stdout, re.MULTILINE)
    downloads = UNPACKED / "debs"
    downloads.mkdir(parents=True, exist_ok=True)
    if names and _run(apt, "download", "-q", *names, cwd=downloads):
        for package in sorted(downloads.glob("*.deb")):
            _run("dpkg", "-x", str(package), str(UNPACKED))
    shutil.rmtree(downloads)


def main() -> int:
    apt = shutil.which("apt-get")
    if found() is None and apt:
        if os.geteuid() == 0:
            _run(apt, "update", "-q")
            _install(apt)
        else:
            _unpack(apt)
    ready = found()
    said = f"Dovecot for the tests: {ready.server}" if ready else f"The tests of IMAP are skipped: {MISSING}"
    print(f"== {said}")  # noqa: T201 - a command line tool
    return 0


if __name__ == "__main__":
    sys.exit(main())
