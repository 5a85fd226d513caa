"""`make demo PLAY=1`: November 2026 by itself, over the wires that people and entities use, and nothing else.

Everything asked here is what a person could do in the page; everything counted was seen by the Sala. The names, the
entities and their answers are illustrative, as the examples are.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from rich.console import Console

from demo.album import CARDS, MAILS, Album, Piece
from demo.clock import ClockError
from demo.hands import Hands, links, until
from demo.hub import Json
from demo.mailroom import MailError
from demo.sala import Sala
from demo.screen import Screen
from demo.teams import ActionError
from demo.tellings import Tally, expectations, rows

TITLE = "Un mes de Soluciones por la Reindustrialización: del 3 de noviembre al 1 de diciembre de 2026"
REPORTS, SITE = "informes", "sitio"
TICK = 0.15
STOPPED = (ActionError, MailError, ClockError, aiohttp.ClientError, TimeoutError)
CHANNEL = "escalamiento"
PLANNING, MINISTRY, MANAGEMENT = "pl", "vm", "gg"
BIOLOGICS, SHIPYARDS, CHEMICALS = "lt-biologicos", "lt-astilleros", "lt-medicamentos-sintesis-quimica"
DEVICES, HEMP = "lt-dispositivos-medicos", "lt-cannabis-canamo"
ADDRESS = "enlace.soluciones@{}.example"
ASKED, REMINDED = "Solicitud de avance", "Reiteración"

DIMAR = """Respetados señores:

En atención a su solicitud, de manera atenta informamos:

AST-04: 90 %. Se atendieron las observaciones de la consulta y el proyecto pasa a firma del Director General.

Cordialmente,
Enlace sectorial
Dimar"""
COTECMAR = """Respetados señores:

Remitimos el avance en la siguiente tabla:

Código\tAvance (%)\tDescripción
AST-08\t70\tOnce proveedores en acompañamiento y dos planes de mejora terminados

Cordialmente,
Cotecmar"""
INVIMA = """Cordial saludo.

Informamos el avance de las acciones a cargo del Instituto:

BIO-03: 60 % El memorando quedó acordado y está en firma de las partes.
BIO-06: 85 % Se seleccionaron los evaluadores; falta el acto de conformación.
DME-02: 20 % Se circuló el primer borrador del lineamiento.
DME-04: 55 % La propuesta de trámite simplificado está en revisión jurídica.
MSQ-02: 75 % El indicador se publicó en su versión de prueba.
MSQ-06: 25 % Se recibió la respuesta de la autoridad de México.
MSQ-07: 10 % Se conformó el equipo que redacta la guía.
CYC-10: 5 % Se definió el alcance de la acción.

Atentamente,
Invima"""
HEALTH = """Respetados señores:

No se presentaron avances en el periodo en las acciones consultadas, por el cierre presupuestal de la vigencia.

Cordialmente,
Ministerio de Salud y Protección Social"""
SENA = """AST-05: 100 %. Se certificaron los 60 soldadores; la casa clasificadora entregó el acta.
MSQ-10: 95 %. El programa quedó aprobado y se abre la inscripción."""
METROLOGY = (
    "Con relación al asunto, los equipos siguen su trámite ordinario y en próximos días se remitirá el informe "
    "consolidado de la subdirección, una vez surta las revisiones internas del caso."
)
AWAY = "Me encuentro fuera de la oficina hasta el 30 de noviembre. Este es un mensaje automático."
# day of November, mailbox, the letter, whether a machine wrote it, and how the terminal tells it
REPLIES: tuple[tuple[int, str, str, bool, str], ...] = (
    (12, "dimar", DIMAR, False, "responde por correo con código y porcentaje"),
    (12, "dian", AWAY, True, "devuelve una respuesta automática: no es respuesta de fondo"),
    (12, "cce", "Recibido, muchas gracias.", False, "acusa recibo por cortesía: no es respuesta de fondo"),
    (13, "cotecmar", COTECMAR, False, "responde con una tabla"),
    (13, "invima", INVIMA, False, "responde de una vez sobre cuatro iniciativas"),
    (18, "inm", METROLOGY, False, "responde sin avance reconocible: pasa a la bandeja de Planeación"),
    (20, "minsalud", HEALTH, False, "responde «sin avance» a sus acciones tras la reiteración"),
    (23, "sena", SENA, False, "responde sobre dos iniciativas"),
)
NUMBER, TEXT = "Avance en porcentaje", "Avance cualitativo"
SAVE, SAME, SKIP, START, RESUME = "Guardar y seguir", "Sin cambios", "Saltar", "Comenzar", "Continuar"
TYPED = """BIO-02 50% se contrató la interventoría de los diseños de detalle
BIO-03 60% memorando acordado y en firma de las partes
BIO-04 80% convocatoria lista para apertura en diciembre
BIO-05 5% se concertó el calendario de trabajo con el aliado
BIO-06 85% evaluadores seleccionados; falta el acto de conformación
BIO-07 15% se sostuvo la primera mesa con la entidad, por gestión del despacho
BIO-08 35% diagnóstico de brechas concluido en dos ensayos
BIO-10 60% versión dos de la guía lista para consulta"""
SOME = """DME-05 100% las 20 empresas tienen auditoría interna, cumplida el 20/11/2026, evidencia: actas de auditoría
DME-04 55% la propuesta está en revisión jurídica del Instituto"""


class Month:
    """The script. One method a stretch of days; `tally` is what the Sala saw."""

    def __init__(self, sala: Sala, folder: Path, screen: Screen) -> None:
        self._sala = sala
        self._folder = folder
        self._screen = screen
        self._hands = Hands(sala)
        self._album = Album(sala, folder)
        self._names = {person.key: person.name for person in sala.config.people}
        self._entities = {address: _short(name) for name, address in sala.config.entities}
        self._waiting: list[Piece] = []
        self._today = date(2026, 11, 3)
        self.tally = Tally(self._album, sala, folder / SITE)
        (folder / REPORTS).mkdir(exist_ok=True)

    async def play(self) -> None:
        await self._first_day()
        await self._requests()
        await self._escalation()
        await self._silences()
        await self._round()
        await self._last_days()

    # --- the days -------------------------------------------------------------------------------------------------

    async def _first_day(self) -> None:
        """R22, R23: the drafts wait for Planning; what she approves is published and sent."""
        self._tell()
        await self._press(PLANNING, "Aprobar y publicar", on="Astilleros")
        await self._press(PLANNING, "Confirmar", on="Astilleros")
        await until(lambda: self._mailed(MINISTRY))
        self._deed(PLANNING, "aprueba el reporte de logros de Astilleros, septiembre–octubre: se publica y se remite")

    async def _requests(self) -> None:
        """R14: on 11 November the entities are asked; answers become proposals, or nothing, or the tray's."""
        await self._until(11)
        await self._replies(13)

    async def _escalation(self) -> None:
        """R15, R17: BIO-07 is a month overdue on the 15th, a Sunday: leader on the 17th, Vice Minister on the 19th."""
        await self._until(17)
        note = {"Gestión adelantada": "Se solicitó mesa de trabajo a la entidad para la primera semana de diciembre."}
        await self._press(BIOLOGICS, "Guardar anotación", note, on="BIO-07")
        self._deed(BIOLOGICS, "anota la gestión adelantada en la alerta de BIO-07")
        await self._replies(18)
        await self._until(19)
        await self._press(MINISTRY, "Acuso recibo", on="BIO-07", channel=CHANNEL)
        self._deed(MINISTRY, "acusa recibo de la alerta de BIO-07 en el canal de escalamiento")
        order = {"Persona": "Dirección de Regulación", "Fecha": "2026-11-27", "Instrucción": "Convocar a la entidad."}
        await self._press(MINISTRY, "Asignar", order, on="BIO-07", channel=CHANNEL)
        await until(lambda: self.tally.told(BIOLOGICS, "BIO-07", "Asignó gestión"))
        self._deed(MINISTRY, "asigna la gestión de BIO-07 a la Dirección de Regulación; se informa al líder")

    async def _silences(self) -> None:
        """R14, R16: the reminder on the 20th; whoever stays silent is an alert on the 26th."""
        await self._replies(23)
        await self._ask(PLANNING, "/bandeja", "consulta la bandeja")
        await self._ask(PLANNING, "/alertas", "consulta las alertas en curso")
        await self._ask(PLANNING, "/por-que BIO-07", "pregunta por qué se elevó BIO-07")

    async def _round(self) -> None:
        """R10–R13, R20: one leader by cards, one by lines, one in part, two not at all."""
        await self._until(26)
        await self._by_cards()
        await self._hands.say(BIOLOGICS, TYPED)
        self._deed(BIOLOGICS, "reporta sus ocho acciones en un solo mensaje de texto")
        await self._hands.say(DEVICES, SOME)
        self._deed(DEVICES, "reporta dos acciones y deja las demás pendientes")

    async def _by_cards(self) -> None:
        who = SHIPYARDS
        await self._press(who, START, on="Por reportar")
        await self._item("AST-03", SAVE, "60", "La guía quedó aprobada y pasa a publicación en el portal.")
        achievement = {
            "Logro relevante": "true",
            "Texto del logro": "Se simplificaron los requisitos de licencia de explotación comercial de astilleros.",
            "Prioridad del logro": "Alta",
            "Tipo de resultado": "resolución",
        }
        await self._item("AST-04", SAVE, "90", "Observaciones atendidas; el proyecto pasa a firma.", achievement)
        await self._item("AST-05", SAVE, "100", "Se certificaron los 60 soldadores previstos.")
        proof = {"Fecha de cumplimiento": "2026-11-23", "Evidencia": "Acta de la casa clasificadora"}
        await self._item("AST-05", SAVE, "100", "Se certificaron los 60 soldadores previstos.", proof)
        await self._item("AST-06", SKIP)
        await self._item("AST-08", SAME, "", "Continúa el acompañamiento con los mismos proveedores.")
        await self._item("AST-09", SAVE, "55", "El análisis de riesgo fue aprobado por el comité del Fondo.")
        if not self.tally.shows(who, "AST-06", SAVE):
            await self._press(who, RESUME)
        await self._item("AST-06", SAVE, "60", "Se presentó la documentación del segundo proyecto naval civil.")
        self._deed(who, "reporta sus seis acciones por tarjeta: un logro, una al 100 %, una sin cambios, una retomada")

    async def _last_days(self) -> None:
        """R11: nudges on the 27th and the 30th; on 1 December Planning and Management get what is missing."""
        await self._until(30)
        await self._ask(PLANNING, "/estado", "consulta el estado de las iniciativas")
        await self._ask(PLANNING, "/pendientes", "consulta las acciones pendientes de reporte")
        await self._until(31)
        await self._report()
        await self._fetch(await self._ask(PLANNING, "/matriz astilleros", "solicita la matriz de Astilleros"))

    async def _report(self) -> None:
        order = "/reporte logros dispositivos jul-ago 2026"
        await self._fetch(await self._ask(PLANNING, order, "solicita el reporte de logros de Dispositivos médicos"))
        before = self._mails(MINISTRY)
        await self._press(PLANNING, "Aprobar y publicar", on="Dispositivos médicos")
        await self._press(PLANNING, "Confirmar", on="Dispositivos médicos")
        await until(lambda: self._mails(MINISTRY) > before)
        self._deed(PLANNING, "lo aprueba: se publica, con su logro, y se remite al Viceministerio")
        await self._fetch(await self._ask(PLANNING, order, "abre el reporte publicado"))

    # --- what people do -------------------------------------------------------------------------------------------

    async def _replies(self, last: int) -> None:
        """Live on to each day on which an entity answers, and let it."""
        due = [reply for reply in REPLIES if self._today.day < reply[0] <= last]
        for day, answers in groupby(due, key=lambda reply: reply[0]):
            await self._until(day)
            for _day, box, text, auto, telling in answers:
                address = ADDRESS.format(box)
                await self._hands.answer(address, text, auto=auto)
                self._album.collect()
                self._screen.deed(self._today, self._entities[address], telling)

    async def _item(
        self, code: str, button: str, percent: str = "", text: str = "", more: dict[str, str] | None = None
    ) -> None:
        given = {NUMBER: percent, TEXT: text} if text else {}
        if not percent:
            given.pop(NUMBER, None)
        await self._press(SHIPYARDS, button, {**given, **(more or {})}, on=code)

    async def _press(
        self, who: str, button: str, answers: dict[str, str] | None = None, *, on: str = "", channel: str | None = None
    ) -> None:
        await self._hands.press(who, button, answers, on=on, channel=channel)
        self._waiting += self._album.collect()

    async def _ask(self, who: str, order: str, telling: str) -> Json:
        card = await self._hands.say(who, order)
        self._deed(who, f"{telling} [dim]({order})[/]")
        return card

    async def _fetch(self, card: Json) -> None:
        """Open a card's links to documents and keep what they give."""
        for url in links(card).values():
            if urlsplit(url).path.split("/")[1] not in {"informes", "matriz"}:
                continue
            async with self._sala.http.session.get(url) as answer:
                answer.raise_for_status()
                extension = {"text/html": "html", "application/pdf": "pdf"}.get(answer.content_type, "xlsx")
                found = re.search(r'filename="([^"]+)"', answer.headers.get("Content-Disposition", ""))
                name = found[1] if found else f"{urlsplit(url).path.strip('/').replace('/', '-')}"
                (self._folder / REPORTS / f"{Path(name).stem}.{extension}").write_bytes(await answer.read())

    # --- time, and telling ----------------------------------------------------------------------------------------

    async def _until(self, day: int) -> None:
        """Live on to a day of November; 31 is 1 December."""
        self._today = date(2026, 11, day) if day <= 30 else date(2026, 12, day - 30)  # noqa: PLR2004 - November
        moving = asyncio.create_task(self._sala.step(self._today.isoformat()))
        while not moving.done():
            await asyncio.wait({moving}, timeout=TICK)
            clock = await self._sala.clock.read()
            passing = date.fromisoformat(clock["today"]) if clock else self._today
            self._screen.passing(passing)
            self._tell(before=passing)
        await moving
        self._tell()

    def _tell(self, before: date | None = None) -> None:
        """Show what arrived, day by day; a day that is not over waits."""
        self._waiting += self._album.collect()
        self._waiting.sort(key=lambda piece: piece.day)
        over = [piece for piece in self._waiting if before is None or piece.day < before]
        self._waiting = self._waiting[len(over) :]
        for day, pieces in groupby(over, key=lambda piece: piece.day):
            self._screen.day(day, pieces)

    def _deed(self, who: str, telling: str) -> None:
        """What somebody did, and what it set off: answers in the same chat are part of the deed."""
        self._screen.deed(self._today, self._names[who], telling)
        self._waiting += self._album.collect()
        self._waiting = [piece for piece in self._waiting if piece.who != who and not piece.in_channel]
        self._tell()

    def _mails(self, who: str) -> int:
        address = next(person.mail for person in self._sala.config.people if person.key == who)
        return sum(bool(mail.attachments()) for mail in self._sala.mails(address))

    def _mailed(self, who: str) -> bool:
        return self._mails(who) > 0


def _short(name: str) -> str:
    """«Dirección General Marítima (Dimar)» is Dimar."""
    found = re.search(r"\(([^)]+)\)$", name)
    return found[1] if found else name


async def play(sala: Sala, folder: Path, console: Console | None = None) -> int:
    """Play the month and say what was seen; 0 when all that was expected was seen."""
    console = console or Console()
    started, screen = time.monotonic(), Screen(console)
    month = Month(sala, folder, screen)
    screen.open(TITLE, folder)
    failed: list[str] = []
    try:
        await month.play()
    except STOPPED as error:
        failed.append(f"La obra se detuvo: {error}")
    finally:
        screen.close()
    checks = expectations(month.tally, folder / REPORTS)
    failed += [sentence for sentence, seen in checks if not seen]
    screen.summary(rows(month.tally), _paths(folder))
    if failed:
        screen.missing(failed)
        return 1
    screen.complete(len(checks), time.monotonic() - started)
    return 0


def _paths(folder: Path) -> Iterator[tuple[str, str]]:
    for name, what in ((MAILS, "*.eml"), (CARDS, "*.json"), (REPORTS, "*"), (SITE, "**/*.html")):
        number = sum(1 for _ in (folder / name).glob(what))
        yield f"{folder / name}/", f"{number} archivos" if name != SITE else f"{number} páginas"
