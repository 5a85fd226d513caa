"""R14: the page is sent whole; what nobody touched is not said again, what came meanwhile is not replaced unseen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from bot.settings import Settings
from methodology import answers
from methodology.silence import reached_out
from storage.forms import AnswerForm, FormSubmission
from storage.ledger import Proposal, Silence
from storage.matrix import Action, EvidenceFile
from tests.bot import front as fronts
from tests.bot.front import Front, inputs, said
from tests.bot.house import copied
from tests.peers.core_world import at

TEXT = "Se publicó la guía en consulta"
BY_MAIL = "Por correo: ya quedó firmado el acto"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return fronts.prepared(tmp_path_factory.mktemp("vacio"))


@pytest.fixture
async def front(ledger: Settings, tmp_path: Path) -> AsyncIterator[Front]:
    async with fronts.opened(copied(ledger, tmp_path)) as made:
        yield made


def half(front: Front, code: str = "BIO-02", percent: str = "60,5", text: str = TEXT) -> dict[str, str]:
    number = front.number(code)
    return {f"a{number}-avance": percent, f"a{number}-descripcion": text}


async def sent(front: Front, page: str, *typed: dict[str, Any], order: str = "enviar") -> tuple[int, str]:
    """The page as it stands, with what was typed into it."""
    fields: dict[str, Any] = inputs(page) | {"orden": order}
    for one in typed:
        fields |= one
    return await front.post(fields)


def by_mail(front: Front, percent: float = 90) -> None:
    def mail(session: Session) -> None:
        action = session.query(Action).filter_by(code="BIO-02").one()
        now = at("2026-11-18")
        answers.propose(session, action, "2026-11", percent=percent, text=BY_MAIL, passage="", now=now)

    front.service.db.do(mail)


def decided(front: Front, state: str) -> None:
    def decide(session: Session) -> None:
        for row in session.query(Proposal):
            row.state = state

    front.service.db.do(decide)


async def test_what_the_leader_set_aside_is_not_proposed_again_with_the_rest(front: Front) -> None:
    await front.send(half(front))
    decided(front, answers.REJECTED)
    _, page = await front.open()
    status, _ = await sent(front, page, half(front, "DIM-03"))
    assert status == 200
    assert [(code, state) for code, *_, state in front.proposals()] == [
        ("BIO-02", "rechazada"),
        ("DIM-03", "pendiente"),
    ]
    assert [item["code"] for item in front.all(FormSubmission)[-1].items] == ["DIM-03"]


async def test_a_mail_that_came_meanwhile_stands_where_nobody_typed(front: Front) -> None:
    await front.send(half(front))
    _, page = await front.open()
    by_mail(front)
    assert (await sent(front, page, half(front, "DIM-03")))[0] == 200
    assert [(row[0], row[1]) for row in front.proposals() if row[3] == "pendiente"] == [
        ("BIO-02", 90),
        ("DIM-03", 60.5),
    ]


async def test_a_mail_that_came_meanwhile_is_shown_to_whoever_typed_and_what_was_typed_stays(front: Front) -> None:
    await front.send(half(front))
    _, page = await front.open()
    by_mail(front)
    status, again = await sent(front, page, half(front, percent="70"))
    assert status == 409
    assert f"se recibió otra respuesta de la entidad (BIO-02, «{BY_MAIL}»). Lo que usted escribió" in said(again)
    assert 'value="70"' in again
    assert front.proposals()[-1][1] == 90
    assert (await sent(front, again))[0] == 200
    assert front.proposals()[-1][1:] == (70, TEXT, "pendiente")


async def test_a_draft_knows_what_its_writer_had_not_seen(front: Front) -> None:
    _, page = await front.open()
    await sent(front, page, half(front), order="borrador")
    by_mail(front)
    _, page = await front.open()
    status, again = await sent(front, page)
    assert status == 409
    assert BY_MAIL in said(again)
    _, page = await front.open()
    assert (await sent(front, page))[0] == 200
    assert [(row[1], row[3]) for row in front.proposals()] == [(90, "reemplazada"), (60.5, "pendiente")]


async def test_an_accepted_date_leaves_the_confirmed_answer_alone(front: Front) -> None:
    await front.send(half(front) | {f"a{front.number('BIO-02')}-fecha": "2026-12-24"})

    def accept(session: Session) -> None:
        session.query(Action).filter_by(code="BIO-02").one().due = date(2026, 12, 24)

    front.service.db.do(accept)
    decided(front, "confirmada")
    _, page = await front.open()
    await sent(front, page, half(front, "DIM-03"))
    assert [(row[0], row[3]) for row in front.proposals()] == [("BIO-02", "confirmada"), ("DIM-03", "pendiente")]


async def test_a_new_silence_ends_only_where_something_was_answered(front: Front) -> None:
    await front.send(half(front))

    def again(session: Session) -> None:
        reached_out(session, session.query(AnswerForm).one().entity_id, ["BIO-02"], date(2026, 11, 19))

    front.service.db.do(again)
    front.on(date(2026, 11, 20))
    _, page = await front.open()
    await sent(front, page, half(front, "DIM-03"))
    assert [row.ended_on for row in front.all(Silence)] == [date(2026, 11, 18), date(2026, 11, 20), None]


async def test_what_nobody_touched_keeps_nobody_from_sending(front: Front) -> None:
    by_mail(front, percent=100)  # without its day and its evidence, as a mail may say it
    _, page = await front.open()
    assert (await sent(front, page, half(front, "DIM-03")))[0] == 200
    assert [row[0] for row in front.proposals()] == ["BIO-02", "DIM-03"]


async def test_a_proposed_date_that_passed_keeps_nobody_from_sending(front: Front) -> None:
    await front.send(half(front) | {f"a{front.number('BIO-02')}-fecha": "2026-11-24"})
    front.on(date(2026, 11, 25))
    _, page = await front.open()
    assert (await sent(front, page, half(front, "DIM-03")))[0] == 200
    status, again = await sent(front, (await front.open())[1], half(front, percent="70"))
    assert status == 422
    assert "debe ser posterior a hoy" in said(again)


@pytest.mark.parametrize("order", ["enviar", "borrador"])
async def test_a_colleagues_draft_stays(front: Front, order: str) -> None:
    _, mine = await front.open()
    _, theirs = await front.open()
    await sent(front, theirs, half(front, "DIM-03", text="Borrador largo de Ana sobre DIM-03"), order="borrador")
    assert (await sent(front, mine, half(front), order=order))[0] == 200
    _, page = await front.open()
    assert "Borrador largo de Ana sobre DIM-03" in page
    assert (await sent(front, page))[0] == 200
    assert {row[0] for row in front.proposals()} == {"BIO-02", "DIM-03"}
    assert front.all(AnswerForm)[0].draft == {}


async def test_a_colleagues_file_is_no_matter_of_mine(front: Front) -> None:
    _, mine = await front.open()
    _, theirs = await front.open()
    await sent(front, theirs, {f"a{front.number('DIM-03')}-archivos": ("acta.pdf", b"acta")}, order="borrador")
    assert (await sent(front, mine, half(front)))[0] == 200
    assert front.all(EvidenceFile) == []


async def test_a_draft_put_back_as_it_was_is_none(front: Front) -> None:
    await front.send(half(front))
    await sent(front, (await front.open())[1], half(front, percent="75"), order="borrador")
    _, page = await front.open()
    await sent(front, page, half(front), order="borrador")
    assert front.all(AnswerForm)[0].draft["actions"] == {}


async def test_a_file_alone_is_something_new_of_a_known_answer(front: Front) -> None:
    await front.send(half(front))
    _, page = await front.open()
    status, _ = await sent(front, page, {f"a{front.number('BIO-02')}-archivos": ("acta.pdf", b"acta")})
    assert status == 200
    assert [row.name for row in front.all(EvidenceFile)] == ["acta.pdf"]
    assert [row[3] for row in front.proposals()] == ["reemplazada", "pendiente"]


async def test_nothing_touched_is_nothing_new(front: Front) -> None:
    await front.send(half(front))
    status, page = await sent(front, (await front.open())[1])
    assert status == 200
    assert "no hubo cambios" in said(page)
    assert len(front.all(FormSubmission)) == 1


@pytest.mark.parametrize("mark", ["", "x", "1.2", "9.9.zz", f"{'9' * 18}.0.{'a' * 16}", "0.0.0123456789abcdef"])
async def test_a_mark_that_is_none_of_the_pages_changes_nothing(front: Front, mark: str) -> None:
    await front.send(half(front) | {f"a{front.number('BIO-02')}-visto": mark})
    assert front.proposals() == [("BIO-02", 60.5, TEXT, "pendiente")]
