"""What the page takes in: only from whoever holds its link and its seal, and few large bodies at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.form import pages
from bot.form.body import Body, read_body
from bot.form.rates import Rates
from bot.settings import Settings
from storage.forms import FormFile
from tests.bot import front as fronts
from tests.bot.front import MANY, Front, said, seal
from tests.bot.house import copied

BIG = b"x" * 1024 * 1024


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return fronts.prepared(tmp_path_factory.mktemp("vacio"))


@pytest.fixture
async def front(ledger: Settings, tmp_path: Path) -> AsyncIterator[Front]:
    async with fronts.opened(copied(ledger, tmp_path)) as made:
        yield made


async def test_who_has_not_the_link_uses_up_nothing_of_it(front: Front) -> None:
    front.service.forms.rates = Rates(opened=MANY, sent=MANY, by_link=((2, 60.0),))
    bare = front.link.partition("?")[0]
    assert [(await front.http.post(bare, data=b"x")).status for _ in range(3)] == [403, 403, 403]
    assert (await front.send({}, order="borrador"))[0] == 200


async def test_who_has_no_link_is_counted_by_address(front: Front) -> None:
    front.service.forms.rates = Rates(opened=MANY, sent=((2, 60.0),))
    bare = front.link.partition("?")[0]
    assert [(await front.http.post(bare, data=b"x")).status for _ in range(3)] == [403, 403, 429]


async def test_one_second_is_said_as_one(front: Front) -> None:
    front.service.forms.rates = Rates(lambda: 0.0, opened=((1, 0.5),))
    await front.open()
    assert "Espere 1 segundo, vuelva" in said((await front.open())[1])


async def test_too_many_uploads_at_once_are_asked_to_come_again_and_text_is_not(front: Front) -> None:
    forms = front.service.forms
    forms.patience = 0.01
    for _ in range(pages.UPLOADS):
        await forms.uploads.acquire()
    name = f"a{front.number('BIO-02')}-archivos"
    status, page = await front.send({name: ("acta.pdf", BIG)}, order="borrador")
    assert status == 503
    assert "lo escrito sigue en su navegador" in said(page)
    assert (await front.send({}, order="borrador"))[0] == 200
    forms.uploads.release()
    for _ in range(2):  # it is given back each time
        assert (await front.send({name: ("acta.pdf", BIG)}, order="borrador"))[0] == 200
    assert [row.name for row in front.all(FormFile)] == ["acta.pdf"]


@pytest.mark.parametrize(("forged", "kept"), [(True, 0), (False, 1)])
async def test_without_the_seal_no_file_is_held(
    front: Front, monkeypatch: pytest.MonkeyPatch, forged: bool, kept: int
) -> None:
    bodies: list[Body] = []

    async def watched(*given: object) -> Body:
        bodies.append(await read_body(*given))  # type: ignore[arg-type]
        return bodies[-1]

    monkeypatch.setattr(pages, "read_body", watched)
    _, page = await front.open()
    name = f"a{front.number('BIO-02')}-archivos"
    await front.post({"sello": "x" if forged else seal(page), "orden": "borrador", name: ("acta.pdf", b"acta")})
    assert [len(one.files) for one in bodies] == [kept]


async def test_a_number_that_is_none_shows_the_page(front: Front) -> None:
    for number in ("²", "-1", "9" * 30):
        assert (await front.http.get(f"{front.link}&r={number}")).status == 200
