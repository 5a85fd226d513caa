"""How often the page may be opened and sent, and whose address that is."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from bot.form.body import clean
from bot.form.rates import REMEMBERED, Rates, address
from bot.links import Links
from methodology.clock import SettableClock
from tests.peers.core_world import at


class _Transport:
    def __init__(self, peer: str) -> None:
        self._peer = peer

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return (self._peer, 4711) if name == "peername" else default

    def is_closing(self) -> bool:
        return False


def _request(peer: str, **headers: str) -> Any:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request("GET", "/", headers=names, transport=_Transport(peer))  # type: ignore[arg-type]


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


def test_an_address_opens_so_many_pages_and_then_waits(clock: _Clock) -> None:
    rates, request = Rates(clock, opened=((2, 60.0),)), _request("192.0.2.1")
    assert [rates.opened(request) for _ in range(3)] == [0, 0, 61]
    assert rates.opened(_request("192.0.2.2")) == 0
    clock.now = 61
    assert rates.opened(request) == 0


def test_a_link_is_sent_by_so_often_from_wherever(clock: _Clock) -> None:
    rates = Rates(clock, by_link=((2, 60.0),))
    assert [rates.sent(_request(f"192.0.2.{n}"), "SR-7K3M-Q2XW-1") for n in range(3)] == [0, 0, 61]
    assert rates.sent(_request("192.0.2.9"), "SR-OTRO-0000-1") == 0


def test_an_address_sends_so_often_by_whatever_link(clock: _Clock) -> None:
    rates = Rates(clock, sent=((2, 60.0),))
    assert [rates.sent(_request("192.0.2.1"), f"SR-{n}") for n in range(3)] == [0, 0, 61]


def test_what_is_remembered_has_an_end(clock: _Clock) -> None:
    rates = Rates(clock)
    for number in range(REMEMBERED + 50):
        rates.opened(_request(f"10.{number // 65536}.{number // 256 % 256}.{number % 256}"))
    assert len(rates._meters) == REMEMBERED


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.5", "192.0.2.1"),  # anybody can write the header
        ("127.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "1.1.1.1, 203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "nada", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.5:51234", "203.0.113.5"),
        ("127.0.0.1", "[2001:db8:1:2::1]:443", "2001:db8:1:2::/64"),
        ("127.0.0.1", "203.0.113.5, 127.0.0.1", "203.0.113.5"),
        ("::ffff:127.0.0.1", "203.0.113.5", "203.0.113.5"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("2001:db8:1:2:3::4", "", "2001:db8:1:2::/64"),
    ],
)
def test_who_asks_is_the_peer_or_whom_the_own_proxy_names(peer: str, forwarded: str, expected: str) -> None:
    headers = {"X_Forwarded_For": forwarded} if forwarded else {}
    assert address(_request(peer, **headers)) == expected


def test_the_last_of_several_headers_counts() -> None:
    headers = CIMultiDict([("X-Forwarded-For", "6.6.6.6"), ("X-Forwarded-For", "203.0.113.5")])
    transport: Any = _Transport("127.0.0.1")
    assert address(make_mocked_request("GET", "/", headers=headers, transport=transport)) == "203.0.113.5"


def test_a_proxy_elsewhere_is_believed_where_the_settings_name_it() -> None:
    trusted = (ip_network("10.1.0.0/24"), ip_network("10.0.0.5"))
    for forwarded in ("203.0.113.5", "6.6.6.6, 203.0.113.5", "6.6.6.6, 203.0.113.5, 10.0.0.5"):
        assert address(_request("10.1.0.7", X_Forwarded_For=forwarded), trusted) == "203.0.113.5"
    assert address(_request("10.2.0.7", X_Forwarded_For="203.0.113.5"), trusted) == "10.2.0.7"
    rates = Rates(_Clock(), opened=((1, 60.0),), trusted=trusted)
    assert [rates.opened(_request("10.1.0.7", X_Forwarded_For=f"203.0.113.{n}")) for n in (1, 2, 1)] == [0, 0, 61]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" a\r\nb\rc ", "a\nb\nc"),
        ("dos\u00a0palabras\u2003más\u2028fin", "dos palabras más fin"),
        ("a\x00b\x1bc\u202ed\ufeff", "abcd"),
        ("«60,5\u00a0%» – sí\tno", "«60,5 %» – sí\tno"),
    ],
)
def test_text_is_kept_as_people_write_it(typed: str, kept: str) -> None:
    assert clean(typed) == kept


def test_a_link_is_no_seal_and_a_seal_no_link() -> None:
    links = Links(b"x" * 32, "https://bot.example", SettableClock(at("2026-11-18")))
    token = links.to("respuesta", "SR-1", "/responder/SR-1").partition("?t=")[2]
    assert links.unseal("respuesta", "SR-1", token) is None
    sealed = links.seal("respuesta", "SR-1", nonce="n", seen=4)
    assert links.unseal("respuesta", "SR-1", sealed) == {"nonce": "n", "seen": 4}
    assert links.unseal("respuesta", "SR-2", sealed) is None
    with pytest.raises(Exception, match="otro documento"):
        links.check("respuesta", "SR-1", sealed)
