"""`soluciones doctor --mail`: the acceptance of a mail system, against the bot's own mailbox and nobody else's.

A message to itself, found where it was sent from, read back and compared; an answer to it, with its thread; a wrong
address; and what was made is deleted. The messages are named as the service's own, so that a service that runs beside
leaves them alone.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from bot.doctor import FINE, NOTED, WRONG, Check
from bot.mailing import Edge
from bot.settings import Settings
from mail.gateway import Attachment, OutgoingMail, Page, message_id_for
from mail.read import message_id, read
from methodology.delivery import Ambiguous, DeliveryError, Permanent, Receipt
from methodology.readings import ReadingKind

ATTACHED = Attachment("Prueba año 2026.pdf", "application/pdf", b"%PDF-1.7\n" + bytes(range(256)) * 8)
TEXT = "Mensaje de prueba de soluciones doctor: ñandú, á, €.\nNo requiere respuesta; se borra al terminar."
HTML = "<p>Mensaje de prueba de <b>soluciones doctor</b>: ñandú, á, €.</p><p>No requiere respuesta.</p>"
NOT_READ = "no se puede comprobar: sin IMAP, nadie puede leer el buzón desde aquí"
READ_BY_HAND = "Compruebe que el mensaje llegue al servicio, o configure IMAP_HOST y repita."
HISTORY = "el buzón ya tiene {count} mensajes, y la primera vez se leen todos"
FROM_A_DAY = "Indique en MAIL_SINCE el primer día que se debe leer, o comience con un buzón vacío."
MANY = 500
"""So many messages are no new mailbox."""
AGAIN = "Corrija la causa y repita la prueba."
BY_HAND = "Borre a mano, en el buzón, los mensajes cuyo asunto contiene «{mark}»."
LOOKS, SECONDS = 24, 5.0
"""So often a message is looked for, and so long is waited in between."""
_OLD_PAGES = 10_000
_BOUNCE_LOOKS = 6
Sleep = Callable[[float], Awaitable[None]]


@dataclass
class Acceptance:
    """One run. `steps` says what was found, one by one; `ids` are the messages it made, for whoever cleans up."""

    settings: Settings
    edge: Edge
    mark: str = ""
    """How far the mailbox was read already; "" reads it all first, to know what is new."""
    looks: int = LOOKS
    seconds: float = SECONDS
    nonce: str = field(default_factory=lambda: secrets.token_hex(5))
    ids: list[str] = field(default_factory=list)

    @property
    def subject(self) -> str:
        return f"Prueba de correo [{self.nonce}]"

    async def steps(self) -> AsyncIterator[Check]:
        """Everything, in order; whatever was made is deleted also when a step fails."""
        try:
            async for check in self._tried():
                yield check
        except DeliveryError as exc:
            yield Check("Interrupción", WRONG, str(exc), AGAIN)
        except Exception as exc:  # noqa: BLE001 - the edge: whatever fell, what was made is deleted
            yield Check("Interrupción", WRONG, f"{type(exc).__name__}: {exc}", AGAIN)
        if self.ids:
            yield await self._cleaned()

    async def _tried(self) -> AsyncIterator[Check]:
        if self.edge.mailbox is not None:
            is_new = not self.mark and self.settings.mail_since is None
            held = await self._read_what_was_there()
            if is_new and held > MANY:
                yield Check("Historia", NOTED, HISTORY.format(count=held), FROM_A_DAY)
        first = self._mail("primero", self.subject)
        yield await self._sent("Enviar", first)
        if self.edge.mailbox is None:
            yield Check("Leer", NOTED, NOT_READ, READ_BY_HAND)
            return
        yield await self._found_sent(first)
        received = await self._received(first)
        async for check in _compared(first, received):
            yield check
        if received is None:
            return
        answer = self._mail("respuesta", f"RE: {self.subject}", answering=first.message_id)
        yield await self._sent("Responder", answer)
        yield _threaded(answer, await self._received(answer))
        yield await self._wrong_address()

    def _mail(self, which: str, subject: str, answering: str = "", to: str = "") -> OutgoingMail:
        message_id = message_id_for(f"doctor|{self.nonce}|{which}", self.settings.mail_domain)
        return OutgoingMail(
            to=(to or self.settings.mail_sender,),
            subject=subject,
            text=TEXT,
            html=HTML,
            message_id=message_id,
            in_reply_to=answering,
            references=(answering,) if answering else (),
            attachments=() if answering or to else (ATTACHED,),
        )

    async def _sent(self, what: str, mail: OutgoingMail) -> Check:
        """Nothing else is worth trying when this fails, unless it may have gone out all the same.

        Raises:
            DeliveryError: it was not sent.
        """
        self.ids.append(mail.message_id)
        try:
            await self.edge.gateway.send(mail)
        except Ambiguous as exc:
            return Check(what, NOTED, f"no es seguro que saliera: {exc}", "Si no llega, repita la prueba.")
        return Check(what, FINE, f"de {self.settings.mail_sender} a sí mismo: «{mail.subject}»")

    async def _found_sent(self, mail: OutgoingMail) -> Check:
        """What resolves a lost answer: the edge finds what went out."""
        found: Receipt | None = None
        for _ in range(max(1, self.looks // 4)):
            found = await self.edge.gateway.find_sent(mail.message_id)
            if found is not None:
                return Check("Encontrar lo enviado", FINE, "por su Message-ID")
            await self._pause()
        told = "no se encuentra por su Message-ID: un envío dudoso esperaría siempre en la bandeja de Planeación"
        return Check("Encontrar lo enviado", WRONG, told, "Revise que el buzón guarde lo enviado.")

    async def _read_what_was_there(self) -> int:
        """How many messages there were since the mark."""
        count = 0
        for _ in range(_OLD_PAGES):
            page = await self._page()
            count += len(page.messages)
            if not page.more:
                break
        return count

    async def _page(self) -> Page:
        assert self.edge.mailbox is not None  # noqa: S101 - whoever calls has looked
        page = await self.edge.mailbox.fetch(self.mark)
        self.mark = page.mark
        return page

    async def _pause(self) -> None:
        if self.edge.mailbox is None:
            await asyncio.sleep(self.seconds)
        else:
            await self.edge.mailbox.wait(self.seconds)

    async def _received(self, mail: OutgoingMail) -> bytes | None:
        """The message as it came, known by its subject: a server may have changed its Message-ID."""

        def is_it(raw: bytes) -> bool:
            return " ".join(str(_parsed(raw)["Subject"]).split()) == mail.subject

        return await self._awaited(is_it, self.looks)

    async def _awaited(self, wanted: Callable[[bytes], bool], looks: int) -> bytes | None:
        for look in range(looks):
            while True:
                page = await self._page()
                for raw in page.messages:
                    if wanted(raw):
                        return raw
                if not page.more:
                    break
            if look < looks - 1:
                await self._pause()
        return None

    async def _wrong_address(self) -> Check:
        """Refused at once, or returned by a bounce that is understood; what is silently swallowed is worth knowing."""
        nobody = f"no-existe-{self.nonce}@{self.settings.mail_domain}"
        mail = self._mail("sin destinatario", f"{self.subject} a nadie", to=nobody)
        self.ids.append(mail.message_id)
        what = "Destinatario inexistente"
        try:
            await self.edge.gateway.send(mail)
        except Permanent as exc:
            return Check(what, FINE, f"rechazado al enviar: {exc}")
        except DeliveryError as exc:
            return Check(what, NOTED, f"no se pudo probar: {exc}")
        raw = await self._awaited(lambda raw: _is_bounce(raw, nobody), min(self.looks, _BOUNCE_LOOKS))
        if raw is None:
            told = f"el servidor aceptó {nobody} y no llegó ninguna devolución"
            return Check(what, NOTED, told, "Una dirección mal escrita se notaría solo por el silencio.")
        self.ids.append(message_id(raw))
        return Check(what, FINE, "el servidor lo devolvió, y la devolución se entiende")

    async def _cleaned(self) -> Check:
        by_hand = BY_HAND.format(mark=self.nonce)
        if self.edge.remove is None:
            return Check("Limpieza", NOTED, f"{self.edge.label} no borra mensajes desde aquí", by_hand)
        try:
            count = await self.edge.remove([one for one in self.ids if one])
        except Exception as exc:  # noqa: BLE001 - the edge: then a person is told what to delete
            return Check("Limpieza", NOTED, f"no se pudo borrar: {exc}", by_hand)
        return Check("Limpieza", FINE, f"{count} mensajes de prueba borrados")


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=default)


def _is_bounce(raw: bytes, address: str) -> bool:
    reading = read(raw, ())
    return reading.kind is ReadingKind.BOUNCE and address in reading.failed_recipients


async def _compared(mail: OutgoingMail, raw: bytes | None) -> AsyncIterator[Check]:
    if raw is None:
        told = "el mensaje no llegó al buzón"
        yield Check(
            "Leer", WRONG, told, "Revise el correo no deseado, las reglas del buzón y la dirección MAIL_SENDER."
        )
        return
    yield Check("Leer", FINE, "el mensaje llegó y se leyó, sin marcarlo como leído")
    came, received = message_id(raw), _parsed(raw)
    if came == mail.message_id:
        yield Check("Message-ID", FINE, "conservado")
    else:
        told = f"cambió: salió {mail.message_id} y llegó {came or 'sin él'}"
        yield Check("Message-ID", WRONG, told, "Las respuestas se reconocerían solo por la referencia del asunto.")
    body = received.get_body(("plain",))
    text = " ".join(body.get_content().split()) if body is not None else ""
    same = text.startswith(" ".join(TEXT.split()))
    yield Check("Texto", FINE if same else WRONG, "íntegro, con tildes y eñes" if same else f"llegó así: {text[:200]}")
    files = [(one.get_filename(), one.get_content()) for one in received.iter_attachments()]
    whole = (ATTACHED.name, ATTACHED.content) in files
    told = f"llegó otro: {', '.join(str(name) for name, _ in files) or 'ninguno'}"
    yield Check("Adjunto", FINE if whole else WRONG, "íntegro, byte a byte" if whole else told)


def _threaded(mail: OutgoingMail, raw: bytes | None) -> Check:
    if raw is None:
        return Check("Hilo", WRONG, "la respuesta no llegó al buzón")
    received = _parsed(raw)
    answering = str(received["In-Reply-To"] or "").split()
    referring = str(received["References"] or "").split()
    if answering == [mail.in_reply_to] and mail.in_reply_to in referring:
        return Check("Hilo", FINE, "In-Reply-To y References conservados")
    told = f"In-Reply-To llegó {answering or 'vacío'} y References {referring or 'vacío'}"
    return Check("Hilo", WRONG, told, "Las respuestas se reconocerían solo por la referencia del asunto.")
