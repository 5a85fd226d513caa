"""The page by which an entity answers, on the wire: GET shows, POST keeps or sends, and nothing typed is lost."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.form import body
from bot.form.rates import Rates
from bot.settings import Settings
from methodology import forms
from methodology.outreaches import record_outreach
from storage.forms import AnswerForm, FormFile, FormSubmission
from storage.history import Change
from storage.ledger import Notice, Outreach, Proposal, Silence, TrayItem
from storage.life import Validation
from storage.matrix import Action, EvidenceFile
from tests.bot import front as fronts
from tests.bot.front import Front, said, seal
from tests.bot.house import copied

TEXT = "Se publicó la guía en consulta"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return fronts.prepared(tmp_path_factory.mktemp("vacio"))


@pytest.fixture
async def front(ledger: Settings, tmp_path: Path) -> AsyncIterator[Front]:
    async with fronts.opened(copied(ledger, tmp_path)) as made:
        yield made


def half(front: Front, code: str = "BIO-02", percent: str = "60,5 %", text: str = TEXT) -> dict[str, str]:
    number = front.number(code)
    return {f"a{number}-avance": percent, f"a{number}-descripcion": text}


# --- showing ----------------------------------------------------------------------------------------------------------


async def test_the_page_asks_for_this_entitys_actions_alone(front: Front) -> None:
    status, page = await front.open()
    words = said(page)
    assert status == 200
    assert "Reporte de avance: noviembre de 2026" in words
    assert "Plazo: miércoles 25 de noviembre de 2026" in words
    assert "BIO-02" in words
    assert "Vencimiento 22 de septiembre de 2026 (acción vencida)" in words
    assert "AST-04" not in words
    assert "Dimar" not in words


async def test_opening_writes_nothing_however_often_and_by_whatever_scanner(front: Front) -> None:
    before = [front.all(kind) for kind in (AnswerForm, Outreach, Silence, Change, FormSubmission, Notice)]
    form = front.all(AnswerForm)[0]
    for _ in range(3):
        await front.open()
        assert (await front.http.head(front.link)).status == 200
        await front.open(f"{front.link}&r=1&d=borrador")
    after = [front.all(kind) for kind in (AnswerForm, Outreach, Silence, Change, FormSubmission, Notice)]
    assert [[row.id for row in rows] for rows in before] == [[row.id for row in rows] for rows in after]
    assert (form.draft, form.draft_at) == (front.all(AnswerForm)[0].draft, None)
    assert front.all(Outreach)[0].answered_on is None


async def test_the_page_carries_no_script_and_sends_nowhere_else(front: Front) -> None:
    answer = await front.http.get(front.link)
    page = await answer.text()
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert "<script" not in page
    assert "http" not in page.replace(front.link, "")


# --- sending ----------------------------------------------------------------------------------------------------------


async def test_what_was_sent_is_repeated_exactly_with_what_still_lacks(front: Front) -> None:
    fields = half(front) | {"quien": "Ana Ruiz, jefe de Planeación"}
    status, page = await front.send(fields)
    words = said(page)
    assert status == 200
    assert "Recibimos su respuesta" in words
    assert "Recibido el miércoles 18 de noviembre de 2026 a las 9:00 a. m. , con el número 1." in words
    assert f"BIO-02 60,5 % Descripción {TEXT}" in words
    assert "Respondió: Ana Ruiz, jefe de Planeación." in words
    assert "Acciones que aún no tienen respuesta DIM-03: Expedir la guía DIM-03" in words
    assert front.proposals() == [("BIO-02", 60.5, TEXT, "pendiente")]
    assert front.all(Outreach)[0].answered_on == date(2026, 11, 18)
    assert [row.rule for row in front.all(Notice)] == ["R14.acuse"]


async def test_the_confirmation_is_a_page_to_look_at_again(front: Front) -> None:
    await front.send(half(front))
    for _ in range(2):
        status, page = await front.open(f"{front.link}&r=1")
        assert status == 200
        assert f"BIO-02 60,5 % Descripción {TEXT}" in said(page)
    assert len(front.all(FormSubmission)) == 1
    assert "Reporte de avance" in said((await front.open(f"{front.link}&r=99"))[1])


async def test_a_draft_is_kept_and_stands_in_the_page_the_next_time(front: Front) -> None:
    _, page = await front.send(half(front, percent="sesenta"), order="borrador")
    assert "El borrador quedó guardado. Aún no se ha enviado" in said(page)
    assert 'value="sesenta"' in (await front.open())[1]
    assert front.proposals() == []
    assert front.all(Silence)[0].ended_on is None


async def test_what_is_wrong_is_listed_with_a_link_to_its_field_and_kept(front: Front) -> None:
    number = front.number("BIO-02")
    status, page = await front.send(half(front, percent="150") | half(front, "DIM-03"))
    assert status == 422
    assert "Hay un dato por corregir" in said(page)
    assert f'<a href="#a{number}-avance">BIO-02, avance acumulado (%)</a>' in page
    assert f'aria-describedby="a{number}-avance-ayuda a{number}-avance-mal" aria-invalid="true"' in page
    assert 'value="150"' in page
    assert page.count(TEXT) == 2
    assert "<title>Hay datos por corregir" in page
    assert front.proposals() == []
    assert 'value="150"' in (await front.open())[1]


async def test_a_lower_figure_is_asked_for_its_reason_beside_it(front: Front) -> None:
    def registered(session: Session) -> None:
        session.scalars(select(Action).where(Action.code == "BIO-02")).one().percent = 70.0

    front.read(registered)
    asked = f'id="a{front.number("BIO-02")}-motivo"'
    assert asked not in (await front.open())[1]
    status, page = await front.send(half(front))
    assert (status, asked in page) == (422, True)
    assert "El avance es menor que el último registrado (70 %): indique el motivo." in said(page)
    assert TEXT in page
    _, page = await front.send(half(front) | {f"a{front.number('BIO-02')}-motivo": "Se retiró una guía del conteo"})
    assert "Motivo del menor avance: Se retiró una guía del conteo" in said(page)


async def test_a_drafted_lower_figure_is_asked_for_its_reason_when_one_comes_back(front: Front) -> None:
    def registered(session: Session) -> None:
        session.scalars(select(Action).where(Action.code == "BIO-02")).one().percent = 70.0

    front.read(registered)
    asked = f'id="a{front.number("BIO-02")}-motivo"'
    assert asked in (await front.send(half(front), order="borrador"))[1]
    assert asked not in (await front.send(half(front, percent="70"), order="borrador"))[1]


async def test_the_first_without_an_answer_is_open_and_the_others_say_how_they_stand(front: Front) -> None:
    first, second = front.number("BIO-02"), front.number("DIM-03")
    assert _opened((await front.open())[1]) == {first}
    _, page = await front.send(half(front), order="borrador")
    assert _opened(page) == {second}
    assert "BIO-02 Borrador sin enviar Expedir la guía BIO-02 Último avance: sin reporte" in said(page)
    await front.send(half(front) | half(front, "DIM-03"))
    _, page = await front.open()
    assert _opened(page) == set()
    assert "Respondida el 18/11/2026" in said(page)


async def test_what_is_wrong_is_open_and_nothing_else(front: Front) -> None:
    _, page = await front.send(half(front) | half(front, "DIM-03", percent="150"))
    assert _opened(page) == {front.number("DIM-03")}
    assert "DIM-03 Por corregir" in said(page)


def _opened(page: str) -> set[int]:
    return {int(one) for one in re.findall(r'<details class="action" id="a(\d+)" open>', page)}


async def test_the_same_page_twice_does_nothing_twice(front: Front) -> None:
    _, page = await front.open()
    fields = {"sello": seal(page), "orden": "enviar"} | half(front)
    await front.post(fields)
    status, page = await front.post(fields)
    assert status == 200
    assert "ya se había recibido" in said(page)
    assert len(front.proposals()) == len(front.all(FormSubmission)) == len(front.all(Notice)) == 1


async def test_two_at_once_are_one(front: Front) -> None:
    _, page = await front.open()
    fields = {"sello": seal(page), "orden": "enviar"} | half(front)
    await asyncio.gather(*(front.post(fields) for _ in range(4)))
    assert len(front.proposals()) == 1


async def test_a_later_answer_corrects(front: Front) -> None:
    await front.send(half(front))
    _, page = await front.open()
    assert 'value="60,5"' in page
    assert "Respondida el 18/11/2026" in said(page)
    await front.send(half(front, percent="70"))
    assert [(row[1], row[3]) for row in front.proposals()] == [(60.5, "reemplazada"), (70, "pendiente")]


async def test_nothing_changed_is_said(front: Front) -> None:
    await front.send(half(front))
    _, page = await front.send(half(front))
    assert "no hubo cambios" in said(page)
    assert len(front.all(FormSubmission)) == 1


async def test_whoever_was_overtaken_keeps_what_was_typed_and_looks_again(front: Front) -> None:
    _, stale = await front.open()
    await front.send(half(front))
    fields = {"sello": seal(stale), "orden": "enviar"} | half(front, percent="10")
    status, page = await front.post(fields)
    assert status == 409
    assert "se recibió otra respuesta de la entidad" in said(page)
    assert 'value="10"' in page
    assert front.proposals()[0][1] == 60.5
    await front.post({"sello": seal(page), "orden": "enviar"} | half(front, percent="10"))
    assert front.proposals()[-1][1:] == (10, TEXT, "pendiente")


# --- files ------------------------------------------------------------------------------------------------------------


async def test_a_file_is_kept_under_its_own_name_and_downloaded_never_shown(front: Front) -> None:
    number = front.number("BIO-02")
    _, page = await front.send(half(front) | {f"a{number}-archivos": ("C:\\actas\\../<b>acta<i>.pdf", b"%PDF")})
    (kept,) = front.all(EvidenceFile)
    assert kept.name == "<b>acta<i>.pdf"
    assert f"&lt;b&gt;acta&lt;i&gt;.pdf (archivo {kept.id})" in page
    url = front.service.studio.evidence_url(kept.id)
    answer = await front.http.get(url)
    assert (await answer.read()) == b"%PDF"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.content_type == "application/octet-stream"


async def test_files_survive_what_is_wrong_elsewhere(front: Front) -> None:
    number = front.number("BIO-02")
    files = [("acta.pdf", b"acta"), ("foto.jpg", b"foto")]
    status, page = await front.send(half(front, percent="nada") | {f"a{number}-archivos": files})
    assert status == 422
    assert "Archivos recibidos acta.pdf (1 KB) Quitar acta.pdf foto.jpg (1 KB) Quitar foto.jpg" in said(page)
    first = front.all(FormFile)[0].id
    await front.post({"sello": seal(page), "orden": "enviar", f"quitar-{first}": "si"} | half(front))
    assert [row.name for row in front.all(EvidenceFile)] == ["foto.jpg"]


async def test_a_file_too_large_is_refused_and_all_the_rest_is_kept(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "LARGEST", 2 * 1024 * 1024)
    monkeypatch.setattr(body, "TOTAL", 3 * 1024 * 1024)
    number, other = front.number("BIO-02"), front.number("DIM-03")
    large, most = ("largo.pdf", b"x" * (2 * 1024 * 1024 + 1)), ("medio.pdf", b"y" * (2 * 1024 * 1024))
    more = ("otro.pdf", b"z" * (2 * 1024 * 1024))
    fields = {f"a{number}-archivos": large} | half(front) | {f"a{other}-archivos": [most, more]} | half(front, "DIM-03")
    status, page = await front.send(fields)
    assert status == 422
    assert "«largo.pdf» supera 2 MB" in said(page)
    assert "«otro.pdf» no se guardó: los archivos de un envío suman hasta 3 MB" in said(page)
    assert page.count(TEXT) == 2
    assert [row.name for row in front.all(FormFile)] == ["medio.pdf"]
    assert front.proposals() == []


async def test_a_body_without_end_is_not_read(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "DRAINED", 100_000)
    number = front.number("BIO-02")
    status, page = await front.send({f"a{number}-archivos": ("largo.pdf", b"x" * 200_000)})
    assert status == 413
    assert "lo escrito sigue en su navegador" in said(page)


# --- hostile input ----------------------------------------------------------------------------------------------------


async def test_what_is_typed_is_text_and_nothing_else(front: Front) -> None:
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>\x00\x08\u202e =HYPERLINK("http://x")'
    _, page = await front.send(half(front, text=hostile) | {"quien": "<b>Ana</b>"})
    assert "<script>" not in page
    assert "<img" not in page
    assert "&lt;b&gt;Ana" in page
    (row,) = front.all(Proposal)
    assert "\x00" not in row.text
    assert "\u202e" not in row.text
    assert row.text.startswith("<script>alert(1)</script>")


async def test_a_text_without_end_is_refused_and_kept_as_far_as_people_write(front: Front) -> None:
    status, page = await front.send(half(front, text="palabra " * 5000))
    assert status == 422
    assert "39.999 caracteres: resúmala en 4.000" in said(page)
    status, page = await front.send(half(front, text="x" * 2_000_000))
    assert status == 422
    assert "65.536 caracteres" in said(page)
    assert front.proposals() == []


async def test_another_entitys_action_is_neither_shown_nor_touched(front: Front) -> None:
    status, page = await front.send(half(front) | half(front, "AST-04", text="De otra entidad, sin permiso"))
    assert status == 422
    assert "no está a cargo de Invima" in said(page)
    assert "AST-04" not in page
    assert front.proposals() == []
    assert front.read(lambda s: s.get_one(Action, front.number("AST-04")).percent) is None


@pytest.mark.parametrize("name", ["a0-avance", "a999999999-avance", "a1-nada", "__proto__", "a1-archivos", "v1-valida"])
async def test_inputs_that_are_none_of_the_pages_are_passed_over(front: Front, name: str) -> None:
    status, _ = await front.send({name: ""} | half(front))
    assert status == 200
    assert len(front.proposals()) == 1


@pytest.mark.parametrize("forged", ["", "x", "eyJhbGciOiJub25lIn0.e30."])
async def test_without_the_seal_of_the_page_nothing_is_done_and_nothing_lost(front: Front, forged: str) -> None:
    status, page = await front.post({"sello": forged, "orden": "enviar"} | half(front))
    assert status == 403
    assert "No se pudo comprobar" in said(page)
    assert TEXT in page
    assert front.proposals() == []
    assert front.all(AnswerForm)[0].draft == {}


async def test_the_seal_of_another_page_is_none(front: Front) -> None:
    _, other = await front.open(front.validation("BIO-02"))
    assert 'name="sello"' not in other
    strange = front.service.links.seal("envio", "SR-AAAA-0000-1", nonce="n", seen=0)
    status, _ = await front.post({"sello": strange, "orden": "enviar"} | half(front))
    assert status == 403
    link_token = front.link.partition("?t=")[2]
    assert (await front.post({"sello": link_token, "orden": "enviar"} | half(front)))[0] == 403
    assert front.proposals() == []


async def test_a_page_of_another_site_sends_nothing(front: Front) -> None:
    status, _ = await front.send(half(front), headers={"Sec-Fetch-Site": "cross-site"})
    assert status == 403
    assert front.proposals() == []


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        (b"orden=enviar", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
        (b"{}", {"Content-Type": "application/json"}, 415),
        (b"nada", {"Content-Type": "multipart/form-data; boundary=x"}, 400),
        (b"nada", {"Content-Type": "multipart/form-data"}, 400),
        (b"--x\r\nContent-Disposition: form-data\r\n\r\nsin nombre\r\n--x--\r\n",
         {"Content-Type": "multipart/form-data; boundary=x"}, 400),
        (b'--x\r\nContent-Disposition: form-data; name="orden"\r\n\r\nenvi',
         {"Content-Type": "multipart/form-data; boundary=x"}, 400),
        (b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\na\r\n--y--\r\n--x--\r\n",
         {"Content-Type": "multipart/form-data; boundary=x"}, 400),
    ],
)  # fmt: skip
async def test_what_is_no_form_is_refused_in_words(
    front: Front, data: bytes, headers: dict[str, str], status: int
) -> None:
    answer = await front.http.post(front.link, data=data, headers=headers)
    assert answer.status == status
    assert "Vuelva a abrir el enlace del correo" in said(await answer.text())
    assert front.all(FormSubmission) == []


async def test_who_asks_too_often_waits_and_is_told_how_long(front: Front) -> None:
    front.service.forms.rates = Rates(opened=((2, 60.0),), by_link=((1, 60.0),))
    _, page = await front.open()
    fields = {"sello": seal(page), "orden": "enviar"} | half(front)
    await front.post(fields, allow_redirects=False)
    answer = await front.http.post(front.link, data=fronts.form_of(fields))
    assert (answer.status, int(answer.headers["Retry-After"]) > 0) == (429, True)
    assert "lo escrito sigue en su navegador" in said(await answer.text())
    assert (await front.open())[0] == 200
    assert (await front.open())[0] == 429
    assert len(front.proposals()) == 1


async def test_more_parts_than_any_page_has_are_not_read(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "PARTS", 10)
    status, _ = await front.post({f"x{number}": "y" for number in range(12)})
    assert status == 400


# --- the link ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [("?t=", "?t=x"), ("SR-7K3M", "SR-7K3N"), ("-1?t=", "-2?t="), ("?t=", "?u=")])
@pytest.mark.parametrize("way", ["get", "post"])
async def test_an_altered_link_opens_nothing_and_says_what_to_do(
    front: Front, change: tuple[str, str], way: str
) -> None:
    url = front.link.replace(*change)
    status, page = await (front.open(url) if way == "get" else front.post(half(front), url))
    assert status == 403
    assert "Puede responder contestando el correo de la solicitud, o escribir a Planeación" in said(page)
    assert front.proposals() == []


async def test_it_expires_at_the_end_of_the_following_month(front: Front) -> None:
    front.on(date(2026, 12, 31))
    assert (await front.open())[0] == 200
    front.on(date(2027, 1, 1))
    status, page = await front.open()
    assert status == 403
    assert "El enlace venció. Puede responder contestando el correo" in said(page)
    assert (await front.post(half(front)))[0] == 403


async def test_a_revoked_link_says_so_and_a_new_one_opens_the_same_page(front: Front) -> None:
    await front.send(half(front, percent="sesenta"), order="borrador")

    def revoke(session: Session) -> str:
        form = session.query(AnswerForm).one()
        forms.revoke(session, form.entity_id, date(2026, 11, 18), "Cambio de enlace")
        return fronts.month_link(front.desk(session), form.reference, form.entity_id, fronts.Month(2026, 11)).url

    _, page = await front.open()
    renewed = front.service.db.do(revoke)
    for status, words in (await front.open(), await front.post({"sello": seal(page), "orden": "enviar"} | half(front))):
        assert status == 403
        assert "Este enlace fue anulado. Puede responder contestando el correo" in said(words)
    assert 'value="sesenta"' in (await front.open(renewed))[1]
    assert front.proposals() == []


async def test_a_former_month_shows_what_was_received_and_takes_nothing_more(front: Front) -> None:
    await front.send(half(front))

    def next_month(session: Session) -> None:
        entity = session.query(AnswerForm).one().entity_id
        record_outreach(session, entity, "2026-12", "solicitud", date(2026, 12, 10), token="SR-OTRA-0000")

    _, page = await front.open()
    front.service.db.do(next_month)
    front.on(date(2026, 12, 11))
    status, shown = await front.open()
    assert status == 200
    assert "Esta solicitud ya cerró" in said(shown)
    assert f"BIO-02 60,5 % Descripción {TEXT}" in said(shown)
    assert "<form" not in shown
    status, _ = await front.post({"sello": seal(page), "orden": "enviar"} | half(front, percent="90"))
    assert status == 409
    assert len(front.proposals()) == 1


async def test_after_the_deadline_it_is_still_received_and_says_so(front: Front) -> None:
    front.on(date(2026, 12, 2))
    assert "El plazo ya pasó; la respuesta se recibe de todas formas." in said((await front.open())[1])
    await front.send(half(front))
    assert len(front.proposals()) == 1


async def test_who_takes_an_action_over_does_not_see_what_the_former_entity_reported(front: Front) -> None:
    await front.send(half(front))

    def move(session: Session) -> str:
        action = session.query(Action).filter_by(code="BIO-02").one()
        other = session.query(Action).filter_by(code="AST-04").one()
        action.entity = other.entity
        return fronts.month_link(front.desk(session), "SR-9K3M-Q2XZ", other.entity_id, fronts.Month(2026, 11)).url

    _, page = await front.open(front.service.db.do(move))
    assert "BIO-02" in page
    assert TEXT not in page
    assert "Faltan las respuestas de 2 de 2 acciones." in said(page)


# --- validation -------------------------------------------------------------------------------------------------------


def _to_validate(front: Front) -> str:
    def begin(session: Session) -> None:
        action = session.query(Action).filter_by(code="BIO-02").one()
        action.state = "por_validar"

    front.service.db.do(begin)
    return front.validation("BIO-02")


SIGNED = {"quien": "Ana Ruiz", "cargo": "Directora de Registros"}


async def test_an_entity_validates_by_the_page_of_its_letter(front: Front) -> None:
    url = _to_validate(front)
    _, page = await front.open(url)
    assert "¿La entidad valida esta propuesta? Sí Sí, con ajustes No" in said(page)
    status, page = await front.send({"v1-valida": "sí"} | SIGNED, url=url)
    assert status == 200
    assert "Acción BIO-02 Respuesta Sí Qué sigue Queda registrada la validación." in said(page)
    (row,) = front.all(Validation)
    assert (row.accepted, row.by) == (True, "Ana Ruiz, Directora de Registros")
    assert "Validada el 18 de noviembre de 2026." in said((await front.open(url))[1])


async def test_a_no_is_kept_word_for_word_and_waits_for_a_person(front: Front) -> None:
    url = _to_validate(front)
    status, page = await front.send({"v1-valida": "no", "v1-texto": "corto"} | SIGNED, url=url)
    assert status == 422
    assert '<a href="#v1-texto">Acción BIO-02</a>' in page
    assert "checked" in page
    await front.send({"v1-valida": "no", "v1-texto": "Corresponde al <INS>"} | SIGNED, url=url)
    assert front.all(Validation) == []
    assert front.all(TrayItem)[0].detail["motivo"] == "Corresponde al <INS>"
    assert {row.rule for row in front.all(Notice)} == {"R26.acuse", "R26.respuesta"}


async def test_a_stale_yes_does_not_stand_for_a_no_that_waits(front: Front) -> None:
    url = _to_validate(front)
    _, stale = await front.open(url)
    reason = "No es de nuestra competencia"
    await front.send({"v1-valida": "no", "v1-texto": reason} | SIGNED, url=url)
    assert "Respondida el 18 de noviembre de 2026: No." in said((await front.open(url))[1])
    status, page = await front.post({"sello": seal(stale), "orden": "enviar", "v1-valida": "sí"} | SIGNED, url)
    assert status == 409
    assert "se recibió otra respuesta de la entidad. Lo que usted escribió se conserva" in said(page)
    assert "Respondida el 18 de noviembre de 2026: No." in said(page)
    assert front.all(Validation) == []
    assert [row.resolved_at for row in front.all(TrayItem)] == [None]
    await front.post({"sello": seal(page), "orden": "enviar", "v1-valida": "sí"} | SIGNED, url)
    assert [row.accepted for row in front.all(Validation)] == [True]
