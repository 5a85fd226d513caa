"""What all rooms' tests share: the browser. Sockets are confined to this machine by `addopts` in pyproject.toml."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import settings

from tests.browser import ARGS, chromium_path

settings.register_profile("brief", max_examples=4, deadline=None)
settings.register_profile("long", max_examples=80, deadline=None)
settings.load_profile("brief")
"""How long Hypothesis looks for a counterexample: briefly in `make test`, long in `make test-all`.

No test is timed.
"""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium that `make browser` found, for pytest-playwright's `page`."""
    return {**browser_type_launch_args, "executable_path": chromium_path(), "args": list(ARGS)}
