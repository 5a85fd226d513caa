from __future__ import annotations

from email.headerregistry import Address

import pytest

from methodology.cells import mail
from methodology.rules.addresses import is_address, is_whole_address

GOOD = ("a@x.co", "a.b@x.co", "o'neil+sr7k@sub.x-y.gov.co", "a_b@x_y.co")
BAD = ("", "a", "@x.co", "a@", "a..b@x.co", ".a@x.co", "a.@x.co", "a@x..co", "a@.x.co", "a@x.co.", "a b@x.co")
ODD = ("año@x.co", "a@año.co", "a@x.co\n", "a@x.co\x00", "\ud83d@x.co", "a@b@x.co", "A <a@x.co>")
LONG = (f"{'a' * 65}@x.co", f"a@{'x' * 254}")


@pytest.mark.parametrize("text", GOOD)
def test_what_any_server_takes_is_an_address(text: str) -> None:
    assert is_whole_address(text)
    assert str(Address(addr_spec=text)) == text
    assert mail(text) == text


@pytest.mark.parametrize("text", [*BAD, *ODD, *LONG])
def test_nothing_else_is_kept(text: str) -> None:
    assert not is_address(text)
    with pytest.raises(ValueError, match="no es un correo"):
        mail(text)


def test_an_own_server_may_be_named_without_a_domain() -> None:
    assert is_address("soluciones@localhost")
    assert not is_whole_address("soluciones@localhost")
