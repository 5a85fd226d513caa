"""`make browser`: see to it that a Chromium is there for the tests that play in a real browser."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FAILED = (
    "No Chromium could be had: put one on PATH, name it in the variable CHROMIUM, "
    "or allow `apt-get install chromium` or `playwright install chromium`."
)


def chromium_path() -> str | None:
    """The browser to launch: CHROMIUM, then PATH, then Playwright's own; None when there is none."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in found if path), None) or _playwrights()


def _playwrights() -> str | None:
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache/ms-playwright")
    builds = sorted(home.glob("chromium-*/chrome-linux*/chrome")) + sorted(
        home.glob("chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
    )
    return str(builds[-1]) if builds else None


def _run(*command: str) -> bool:
    print("==", " ".join(command), flush=True)  # noqa: T201 - a command line tool
    try:
        return subprocess.run(command, check=False, stdout=sys.stderr).returncode == 0
    except OSError:
        return False


def _install() -> None:
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0 and _run(apt, "update", "-q") and _run(apt, "install", "-y", "-q", "chromium"):
        return
    _run(sys.executable, "-m", "playwright", "install", "chromium")


def main() -> int:
    if chromium_path() is None and "CHROMIUM" not in os.environ:
        _install()
    found = chromium_path()
    print(f"== Browser for the tests: {found}" if found else FAILED)  # noqa: T201 - a command line tool
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
