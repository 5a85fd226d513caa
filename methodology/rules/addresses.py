"""What a mail address is: one that any server takes, so that none is kept to which nothing could be sent."""

from __future__ import annotations

import re

_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@.{{1,253}}$){_ATOM}(\.{_ATOM})*@[\w-]+(\.[\w-]+)*", re.ASCII)


def is_address(text: str) -> bool:
    """Whether mail can be sent to it: ASCII, unquoted, its points between letters."""
    return bool(_ADDRESS.fullmatch(text))


def is_whole_address(text: str) -> bool:
    """The same, with a domain that others can find."""
    return is_address(text) and "." in text.rpartition("@")[2]
