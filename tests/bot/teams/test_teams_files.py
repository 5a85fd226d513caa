"""A file's way into OneDrive: what is believed of a consent, where bytes may go, and what a refusal means."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from teams_wire import Time

from bot.teams import files
from bot.teams.files import ONEDRIVE_HOSTS, Consent, NotUploaded, Uploader, read_consent

HERE = frozenset({"127.0.0.1"})


class Drive:
    """OneDrive's side: answers the statuses it is told, and then 201."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def put(self, request: web.Request) -> web.Response:
        self.seen.append((dict(request.headers), await request.read()))
        status = self.statuses.pop(0) if self.statuses else 201
        return web.Response(status=status, headers={"Location": self.url} if status == 302 else {})

    def consent(self) -> Consent:
        return Consent(accepted=True, token="t", upload_url=self.url, content_url=self.url)


@pytest.fixture
async def drive() -> AsyncIterator[Drive]:
    made = Drive()
    app = web.Application()
    app.router.add_put("/up", made.put)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/up?sig=a%2Fb"))
        yield made


@pytest.fixture
def uploader(session: aiohttp.ClientSession, time: Time) -> Uploader:
    return Uploader(session, HERE, time.sleep)


async def test_the_whole_file_goes_up_in_one_range_and_without_our_token(drive: Drive, uploader: Uploader) -> None:
    await uploader.put(drive.consent(), b"x" * 1000)
    ((headers, body),) = drive.seen
    assert (headers["Content-Range"], len(body)) == ("bytes 0-999/1000", 1000)
    assert "Authorization" not in headers


async def test_what_passes_is_tried_again_and_what_does_not_is_said(
    drive: Drive, uploader: Uploader, time: Time
) -> None:
    drive.statuses = [503, 429]
    await uploader.put(drive.consent(), b"x")
    assert time.slept == list(files.PAUSES)
    drive.statuses = [503, 503, 503]
    with pytest.raises(NotUploaded, match="503"):
        await uploader.put(drive.consent(), b"x")
    drive.seen.clear()
    for status in (403, 302, 202):
        drive.statuses = [status]
        with pytest.raises(NotUploaded, match=str(status)):
            await uploader.put(drive.consent(), b"x")
    assert len(drive.seen) == 3


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/up",
        "http://contoso-my.sharepoint.com/up",
        "https://contoso-my.sharepoint.com.evil.example/up",
        "https://contoso-my.sharepoint.com@evil.example/up",
        "https://sharepoint.com:port/up",
        "http://127.0.0.1:1/up",
        "file:///etc/passwd",
        "",
    ],
)
async def test_bytes_go_to_onedrive_and_nowhere_else(session: aiohttp.ClientSession, url: str) -> None:
    good = "https://contoso-my.sharepoint.com/personal/x"
    uploader = Uploader(session, ONEDRIVE_HOSTS)
    for consent in (Consent(True, "t", url, good), Consent(True, "t", good, url)):
        with pytest.raises(NotUploaded, match="no es de OneDrive"):
            await uploader.put(consent, b"x")


async def test_an_empty_or_too_large_file_is_not_sent(
    drive: Drive, uploader: Uploader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "LARGEST", 10)
    for data in (b"", b"x" * 11):
        with pytest.raises(NotUploaded):
            await uploader.put(drive.consent(), data)
    assert drive.seen == []


@pytest.mark.parametrize(
    "value",
    [None, [], {"action": "accept"}, {"action": "steal", "context": {"a": "t"}}, {"action": "accept", "context": "t"},
     {"action": "accept", "context": {"a": 7}}],
)  # fmt: skip
def test_a_consent_of_another_shape_is_none(value: object) -> None:
    assert read_consent(value) is None


def test_a_declined_consent_has_no_address() -> None:
    assert read_consent({"action": "decline", "context": {"a": "t"}}) == Consent(accepted=False, token="t")
    odd = read_consent({"action": "accept", "context": {"a": "t"}, "uploadInfo": {"uploadUrl": 7}})
    assert odd is not None
    assert odd.upload_url == ""
