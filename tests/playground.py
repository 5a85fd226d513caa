"""`make browser`: see to it that Microsoft's Agents Playground is there for the tests that play in it.

It comes by npm, which the developers' tools bring along. Where it cannot be had the tests go on without it, and say so.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bot.playground import FOLDER, NoPlayground, install

INSTALLED = Path(__file__).parents[1] / FOLDER
MISSING = "Agents Playground is not installed: `make browser` fetches it by npm"


def main() -> int:
    try:
        install(INSTALLED)
    except (NoPlayground, OSError) as reason:
        print(f"== No Agents Playground, so its tests are skipped: {reason}")  # noqa: T201 - a command line tool
    else:
        print(f"== Agents Playground for the tests: {INSTALLED}")  # noqa: T201 - a command line tool
    return 0


if __name__ == "__main__":
    sys.exit(main())
