"""What every mailbox that is read must keep, as a mixin: a test class says only how to make it and its peer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Protocol

import pytest

from mail.gateway import Mailbox
from methodology.delivery import Misconfigured, Throttled

NOW = datetime(2026, 11, 11, 13, 0, tzinfo=UTC)
_RAW = (
    "From: Enlace <enlace@invima.example>\r\nTo: soluciones@operador.example\r\nSubject: =?utf-8?Q?a=C3=B1o?= {n}\r\n"
    "Message-ID: <{n}@invima.example>\r\nDate: Wed, 11 Nov 2026 08:00:{n:02d} -0500\r\nMIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nAST-{n:02d}: 80 % – ñandú\r\n"
)


def raw_of(number: int) -> bytes:
    """An ordinary reply, the `number`th."""
    return _RAW.format(n=number).encode()


class MailboxPeer(Protocol):
    """The mail system, seen by the contract."""

    async def deliver(self, raw: bytes) -> None: ...
    async def remove(self, message_id: str) -> None: ...
    async def forget_marks(self) -> None:
        """Whatever marks were given out are no longer understood."""

    def refuse_once(self) -> None:
        """The next request is told to come back later, or loses its connection."""

    def lock_out(self) -> None:
        """From now on the credentials are refused."""


class MailboxContract(ABC):
    @abstractmethod
    def reading(self) -> AbstractAsyncContextManager[tuple[Mailbox, MailboxPeer]]:
        """A mailbox at `NOW`, empty, and its peer."""

    @abstractmethod
    def again(self) -> Mailbox:
        """The same mailbox as after a restart: another object, which remembers nothing."""

    @pytest.fixture
    async def both(self) -> AsyncIterator[tuple[Mailbox, MailboxPeer]]:
        async with self.reading() as made:
            yield made

    async def test_an_empty_mailbox_gives_nothing_and_a_mark(self, both: tuple[Mailbox, MailboxPeer]) -> None:
        messages, mark = await everything(both[0])
        assert messages == []
        assert mark

    async def test_messages_come_as_they_were_oldest_first(self, both: tuple[Mailbox, MailboxPeer]) -> None:
        mailbox, peer = both
        for number in range(1, 4):
            await peer.deliver(raw_of(number))
        messages, _ = await everything(mailbox)
        assert [plain(one) for one in messages] == [plain(raw_of(number)) for number in range(1, 4)]

    async def test_each_comes_once_also_after_a_restart(self, both: tuple[Mailbox, MailboxPeer]) -> None:
        mailbox, peer = both
        await peer.deliver(raw_of(1))
        _, mark = await everything(mailbox)
        assert (await everything(mailbox, mark))[0] == []
        await peer.deliver(raw_of(2))
        messages, mark = await everything(self.again(), mark)
        assert [plain(one) for one in messages] == [plain(raw_of(2))]
        assert (await everything(self.again(), mark))[0] == []

    async def test_many_come_page_by_page_and_none_is_left_out(self, both: tuple[Mailbox, MailboxPeer]) -> None:
        mailbox, peer = both
        for number in range(35):
            await peer.deliver(raw_of(number))
        first = await mailbox.fetch("")
        assert first.more
        assert 0 < len(first.messages) < 35
        rest, _ = await everything(self.again(), first.mark)
        assert [plain(one) for one in (*first.messages, *rest)] == [plain(raw_of(number)) for number in range(35)]

    async def test_a_page_asked_for_again_is_the_same(self, both: tuple[Mailbox, MailboxPeer]) -> None:
        """The process died before its mark was kept."""
        mailbox, peer = both
        _, mark = await everything(mailbox)
        await peer.deliver(raw_of(1))
        first, again = await mailbox.fetch(mark), await self.again().fetch(mark)
        assert [plain(one) for one in first.messages] == [plain(one) for one in again.messages] == [plain(raw_of(1))]

    async def test_a_forgotten_mark_begins_anew_and_loses_nothing(self, both: tuple[Mailbox, MailboxPeer]) -> None:
        mailbox, peer = both
        await peer.deliver(raw_of(1))
        _, mark = await everything(mailbox)
        await peer.forget_marks()
        await peer.deliver(raw_of(2))
        messages, mark = await everything(self.again(), mark)
        assert plain(raw_of(2)) in [plain(one) for one in messages]
        assert (await everything(mailbox, mark))[0] == []

    async def test_a_mark_of_another_kind_begins_anew(self, both: tuple[Mailbox, MailboxPeer]) -> None:
        mailbox, peer = both
        await peer.deliver(raw_of(1))
        messages, _ = await everything(mailbox, "esto no es una marca")
        assert [plain(one) for one in messages] == [plain(raw_of(1))]

    async def test_a_message_that_somebody_removed_harms_nothing(self, both: tuple[Mailbox, MailboxPeer]) -> None:
        mailbox, peer = both
        for number in (1, 2):
            await peer.deliver(raw_of(number))
        _, mark = await everything(mailbox)
        await peer.remove("<1@invima.example>")
        await peer.deliver(raw_of(3))
        messages, _ = await everything(mailbox, mark)
        assert [plain(one) for one in messages] == [plain(raw_of(3))]

    async def test_not_now_says_when_and_loses_nothing(self, both: tuple[Mailbox, MailboxPeer]) -> None:
        mailbox, peer = both
        await peer.deliver(raw_of(1))
        peer.refuse_once()
        with pytest.raises(Throttled) as refused:
            await everything(mailbox)
        assert refused.value.retry_at > NOW
        messages, _ = await everything(mailbox)
        assert [plain(one) for one in messages] == [plain(raw_of(1))]

    async def test_refused_credentials_are_for_a_person(self, both: tuple[Mailbox, MailboxPeer]) -> None:
        both[1].lock_out()
        with pytest.raises(Misconfigured):
            await self.again().fetch("")

    async def test_waiting_ends_by_itself(self, both: tuple[Mailbox, MailboxPeer]) -> None:
        await both[0].wait(0.05)


async def everything(mailbox: Mailbox, mark: str = "") -> tuple[list[bytes], str]:
    """Page by page until there is no more; the messages and the last mark."""
    messages: list[bytes] = []
    for _ in range(100):
        page = await mailbox.fetch(mark)
        messages += page.messages
        mark = page.mark
        if not page.more:
            return messages, mark
    raise AssertionError("endless pages")


def plain(raw: bytes) -> bytes:
    """A message whatever its line ends are."""
    return raw.replace(b"\r\n", b"\n").strip()
