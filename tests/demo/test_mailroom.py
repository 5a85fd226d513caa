from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import aiohttp
import pytest
from sala_samples import request_mail
from sala_stub import StubBot

DIMAR = "enlace.soluciones@dimar.example"
INVIMA = "enlace.soluciones@invima.example"


@pytest.mark.parametrize(
    ("box", "mark"), [(DIMAR, "escribió:"), (INVIMA, "Enviado: miércoles, 11 de noviembre de 2026")]
)
async def test_a_reply_is_real_mail_in_the_thread_of_what_it_answers(bot: StubBot, box: str, mark: str) -> None:
    await bot.write(request_mail(box))
    mail = bot.sala.mails(box)[0]
    await bot.sala.reply(box, mail.id, "AST-04: 75 %.", (("oficio.pdf", b"%PDF"),))
    reply = parsed(bot.mail[0])
    assert reply["From"].addresses[0].addr_spec == box
    assert reply["To"] == "respuestas@productiva.example"
    assert reply["Subject"].startswith("RE: Soluciones por la Reindustrialización")
    assert reply["In-Reply-To"] == "<solicitud-1@productiva.example>"
    assert reply["References"] == "<hilo-0@productiva.example> <solicitud-1@productiva.example>"
    assert reply["Date"].startswith("Tue, 03 Nov 2026 08:00:00 -0500")
    text = reply.get_body(("plain",)).get_content()
    assert text.startswith("AST-04: 75 %.")
    assert mark in text
    assert "AST-07" in text
    assert [part.get_filename() for part in reply.iter_attachments()] == ["oficio.pdf"]
    assert bot.sala.mails(box)[0].answered


async def test_an_automatic_reply_says_so(bot: StubBot) -> None:
    await bot.write(request_mail())
    status, _ = await bot.page(
        "reply", {"mailbox": DIMAR, "message_id": "<solicitud-1@productiva.example>", "text": "Ausente", "auto": True}
    )
    assert status == 200
    assert parsed(bot.mail[0])["Auto-Submitted"] == "auto-replied"


async def test_whoever_gets_mail_has_a_mailbox(bot: StubBot) -> None:
    await bot.write(request_mail("vm@productiva.example"))
    boxes = {box["address"]: box for box in await bot.get("/sala/api/mailboxes")}
    assert boxes["vm@productiva.example"]["unread"] == 1
    assert boxes[DIMAR]["total"] == 0


async def test_a_mail_is_read_as_text_page_raw_and_attachment(bot: StubBot) -> None:
    await bot.write(request_mail())
    path = f"/sala/api/mailboxes/{DIMAR}"
    number = (await bot.get(path))["messages"][0]["id"]
    view = await bot.get(f"{path}/{number}")
    assert view["attachments"] == [{"name": "acciones.csv", "type": "text/csv"}]
    async with aiohttp.ClientSession() as http:
        async with http.get(f"{bot.base_url}{path}/{number}/html") as page:
            policy = page.headers["Content-Security-Policy"]
            assert "sandbox" in policy
            assert "allow-scripts" not in policy
        async with http.get(f"{bot.base_url}{path}/{number}/raw") as raw:
            assert parsed(await raw.read())["Message-ID"] == "<solicitud-1@productiva.example>"
        async with http.get(f"{bot.base_url}{path}/{number}/attachments/0") as file:
            assert await file.read() == b"codigo;accion\n"
        async with http.get(f"{bot.base_url}{path}/{number}/attachments/7") as none:
            assert none.status == 404


async def test_a_reply_to_nothing_is_explained(bot: StubBot) -> None:
    status, refused = await bot.page("reply", {"mailbox": DIMAR, "message_id": "m9", "text": "…"})
    assert (status, refused["error"]) == (400, "Ese mensaje ya no está en el buzón.")


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)
