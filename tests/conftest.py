"""What all rooms' tests share: the browser. Sockets are confined to this machine by `addopts` in pyproject.toml."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser import ARGS, chromium_path


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The Chromium that `make browser` found, for pytest-playwright's `page`."""
    return {**browser_type_launch_args, "executable_path": chromium_path(), "args": list(ARGS)}
