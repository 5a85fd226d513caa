"""What the month's pieces amount to: the figures of the summary and the facts that must have been seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from demo.album import Album, Piece, words_of
from demo.desk import Desk

MINISTRY, PLANNING, MANAGEMENT = "vm", "pl", "gg"
CHANNEL = "canal-escalamiento"
CODE = r"[A-Z]{3}-\d{2}"
RECORDED = re.compile(rf"^\*\*({CODE})\*\* · [\d,]+\s% · ")
NOTICED = re.compile(rf"({CODE}): [\d,]+\s%")
RAISED = "**Se solicita:**"
Row = tuple[str, str, str]


class Tally:
    """Reads the album; nothing here is known beforehand."""

    def __init__(self, album: Album, desk: Desk, site: Path) -> None:
        self._album = album
        self._desk = desk
        self._site = site

    def pieces(self, title: str, *, who: str = "", mail: bool = False, fresh: bool = True) -> list[Piece]:
        """Those whose title fits, by whom they reached."""
        found = (piece for piece in self._album.pieces if piece.is_mail == mail and (piece.fresh or not fresh))
        return [piece for piece in found if re.search(title, piece.title) and piece.who.startswith(who)]

    def told(self, who: str, *words: str) -> bool:
        """Whether one thing that reached them says all this; looks at the Sala first."""
        self._album_is_behind()
        return any(all(piece.says(word) for word in words) for piece in self._album.pieces if piece.who == who)

    def shows(self, who: str, code: str, button: str) -> bool:
        """Whether the last thing on somebody's screen is that action's card."""
        mine = [piece for piece in self._album.pieces if piece.who == who]
        return bool(mine) and mine[-1].says(code) and mine[-1].says(f"[{button}]")

    def letters(self, subject: str) -> list[Piece]:
        """Those with that subject, without the copies."""
        found = (piece for piece in self._album.pieces if piece.is_mail and not piece.is_copy)
        return [piece for piece in found if subject in piece.title]

    def replies(self, *, auto: bool) -> int:
        return sum(bool(mail.message["Auto-Submitted"]) == auto for mail in self._desk.mailroom.sent)

    def proposed(self) -> set[str]:
        """Actions whose leader was shown what the entity reported."""
        shown = (piece for piece in self._album.pieces if piece.says("Reportado por la entidad"))
        return {code for piece in shown for line in piece.words[:6] for code in re.findall(rf"^{CODE}$", line)}

    def recorded(self) -> set[str]:
        """Actions that a receipt, or the next card's first line, says were recorded."""
        found: set[str] = set()
        for piece in self._album.pieces:
            found |= {match[1] for line in piece.words if (match := RECORDED.match(line))}
            found |= {code for line in piece.words[:2] if "**Registrado.**" in line for code in NOTICED.findall(line)}
        return found

    def lines(self, words: str, pieces: Iterable[Piece]) -> int:
        return sum(words in line for piece in pieces for line in piece.words)

    def decisions(self, what: str) -> int:
        """Decisions that the channel's cards show now."""
        posts = self._desk.messages(PLANNING, "escalamiento")
        lines = (line for post in posts for card in post["cards"] for line in words_of(card))
        return sum(line.startswith(f"**{what}") for line in lines)

    def published(self) -> list[str]:
        return sorted(path.stem for path in (self._site / "reportes").glob("*.html"))

    def missing(self) -> int:
        lists = self.pieces("Acciones sin reporte", who=PLANNING)
        number = re.match(r"\d+", lists[-1].words[1]) if lists else None
        return int(number[0]) if number else 0

    def tray(self) -> int:
        answers = self.pieces(r"^Bandeja: \d+", who=PLANNING)
        return int(re.sub(r"\D", "", answers[-1].title)) if answers else 0

    def _album_is_behind(self) -> None:
        self._album.collect()


def rows(tally: Tally) -> Iterator[Row]:
    """The summary's lines: step, how many, and what."""
    alerts = tally.pieces("para su gestión", who="lt-")
    overdue, silent = tally.lines("Venció el", alerts), tally.lines("sin respuesta de fondo", alerts)
    soon, raised = tally.lines("Vence el", alerts), tally.pieces("por decidir", who=CHANNEL)
    nudged = {piece.who for piece in tally.pieces("^Seguimiento de .*: falta", who="lt-")}
    remitted = [piece for piece in tally.letters("eporte de logros") if piece.files]
    published = tally.published()
    yield _row(
        "Solicitado", len(tally.letters("Solicitud de avance")), "solicitud a una entidad", "solicitudes a entidades"
    )
    yield _row("", len(tally.letters("Reiteración")), "reiteración", "reiteraciones a quienes no habían respondido")
    yield _row("Respondido", tally.replies(auto=False), "correo de una entidad", "correos de las entidades")
    yield _row("", tally.replies(auto=True), "respuesta automática", "respuestas automáticas")
    yield _row(
        "", len(tally.proposed()), "propuesta en la tarjeta del líder", "propuestas en las tarjetas de los líderes"
    )
    yield _row("", tally.tray(), "asunto en la bandeja de Planeación", "asuntos en la bandeja de Planeación")
    yield _row("Registrado", len(tally.recorded()), "acción con seguimiento", "acciones con seguimiento de noviembre")
    yield _row("", len(nudged), "líder con recordatorio", "líderes con recordatorio")
    yield _row("", tally.missing(), "acción sin reporte", "acciones sin reporte el 1 de diciembre")
    yield _row("Alertado", overdue, "acción vencida hace un mes", "acciones vencidas hace un mes")
    yield _row("", silent, "silencio de una entidad en una iniciativa", "silencios de entidades, por iniciativa")
    yield _row("", soon, "vencimiento próximo", "vencimientos próximos")
    raised_lines = tally.lines(RAISED, raised)
    yield _row(
        "Elevado", raised_lines, "alerta al Viceministerio", f"alertas al Viceministerio, en {len(raised)} tarjetas"
    )
    yield _row("Decidido", tally.decisions("Acusó recibo"), "acuse de recibo", "acuses de recibo de la Viceministra")
    yield _row("", tally.decisions("Gestión asignada"), "gestión asignada", "gestiones asignadas")
    yield _row("Publicado", len(published), *[f"reporte de logros: {', '.join(published)}"] * 2)
    yield _row("", len(remitted), "reporte remitido al Viceministerio", "reportes remitidos al Viceministerio")


def _row(step: str, number: int, one: str, many: str) -> Row:
    return step, str(number), one if number == 1 else many


def expectations(tally: Tally, reports: Path) -> list[tuple[str, bool]]:
    """Each fact of the month and whether it was seen."""
    return [*_asked(tally), *_escalated(tally), *_round(tally), *_planning(tally, reports)]


def _on(pieces: Iterable[Piece], day: str) -> bool:
    return any(str(piece.day) == day for piece in pieces)


def _asked(tally: Tally) -> Iterator[tuple[str, bool]]:
    requests, reminders = tally.letters("Solicitud de avance"), tally.letters("Reiteración")
    asked, reminded = {piece.who for piece in requests}, {piece.who for piece in reminders}
    yield "El 11 de noviembre salió una sola solicitud por entidad", len(requests) == len(asked) > 0
    yield "Las solicitudes son del 11 de noviembre", {str(piece.day) for piece in requests} == {"2026-11-11"}
    days = {piece.who: str(piece.day) for piece in reminders}
    away = days.pop("enlace.soluciones@dian.example", "")
    yield "Las reiteraciones son del 20 de noviembre", set(days.values()) == {"2026-11-20"}
    yield "La de un contacto ausente esperó a su regreso", away > "2026-11-20"
    answered = {f"enlace.soluciones@{box}.example" for box in ("dimar", "cotecmar", "invima")}
    yield "A quien respondió no se le reiteró", reminded < asked and not reminded & answered
    courteous = {f"enlace.soluciones@{box}.example" for box in ("dian", "cce")}
    yield "Una respuesta automática y una cortesía no evitan la reiteración", courteous <= reminded
    yield "El correo sin avance reconocible quedó en la bandeja", tally.told(PLANNING, "Bandeja: ", "INM")
    yield "Lo respondido llegó como propuesta a la tarjeta del líder", {"AST-04", "AST-08"} <= tally.proposed()


def _escalated(tally: Tally) -> Iterator[tuple[str, bool]]:
    leader = [piece for piece in tally.pieces("para su gestión", who="lt-biologicos") if piece.says("BIO-07")]
    cards = [piece for piece in tally.pieces("por decidir", who=CHANNEL) if piece.says("BIO-07")]
    yield "La alerta de BIO-07 llegó al líder el 17 de noviembre", _on(leader, "2026-11-17")
    yield "La tarjeta de BIO-07 llegó al canal el 19 de noviembre", _on(cards, "2026-11-19")
    yield "La anotación del líder subió con la alerta", any(piece.says("Anotación:") for piece in cards)
    yield "La Viceministra recibió el aviso", bool(tally.pieces("por decidir", who=MINISTRY))
    yield "El acuse de recibo quedó en la tarjeta", tally.decisions("Acusó recibo") > 0
    yield "La gestión asignada quedó en la tarjeta", tally.decisions("Gestión asignada") > 0
    yield "Se informó al líder de la decisión", tally.told("lt-biologicos", "BIO-07", "Asignó gestión")
    silent = tally.pieces("para su gestión", who="lt-")
    cce = [piece for piece in silent if piece.says("sin respuesta de fondo") and piece.says("CCE")]
    yield "El silencio de CCE es alerta el 26 de noviembre", _on(cce, "2026-11-26")
    heard = [piece for piece in silent if piece.says("(MinSalud) no ha respondido")]
    yield "«Sin avance» es respuesta: MinSalud no es alerta", not heard


def _round(tally: Tally) -> Iterator[tuple[str, bool]]:
    opened = tally.pieces(r"^Seguimiento de \w+ de \d{4}$", who="lt-")
    nudged = tally.pieces("^Seguimiento de .*: falta", who="lt-")
    recorded = tally.recorded()
    yield "El registro se abrió el 26 de noviembre para cada líder", {str(p.day) for p in opened} == {"2026-11-26"}
    yield "Las seis acciones de Astilleros quedaron registradas", sum(c.startswith("AST") for c in recorded) == 6  # noqa: PLR2004
    yield "Las ocho de Biológicos quedaron registradas", sum(c.startswith("BIO") for c in recorded) == 8  # noqa: PLR2004
    yield "El logro quedó en el registro", tally.told("lt-astilleros", "Se simplificaron los requisitos de licencia")
    yield "El 100 % sin evidencia no se aceptó", tally.told("lt-astilleros", "AST-05", "**AST-05 aún no se registró.**")
    silent = [piece for piece in nudged if piece.who == "lt-medicamentos-sintesis-quimica"]
    yield "A quien calló se le recordó el 27 y el 30", _on(silent, "2026-11-27") and _on(silent, "2026-11-30")
    done = [piece for piece in nudged if piece.who in {"lt-astilleros", "lt-biologicos"}]
    yield "A quien completó no se le recordó", not done
    lists = [piece for piece in tally.pieces("Acciones sin reporte") if piece.who in {PLANNING, MANAGEMENT}]
    yield (
        "El 1 de diciembre llegó la lista de faltantes a Planeación y a la Gerencia",
        ({piece.who for piece in lists} == {PLANNING, MANAGEMENT} and _on(lists, "2026-12-01")),
    )


def _planning(tally: Tally, reports: Path) -> Iterator[tuple[str, bool]]:
    yield "Planeación recibió el balance de arranque", bool(tally.pieces("anteriores al arranque", who=PLANNING))
    drafts = [piece for piece in tally.pieces("^Borrador: reporte", who=PLANNING) if str(piece.day) == "2026-11-03"]
    yield "El 3 de noviembre llegaron los cinco borradores", len(drafts) == 5  # noqa: PLR2004
    for title in ("^Estado de", "^Pendientes:", "en curso$", "^Matriz de seguimiento"):
        yield f"Planeación obtuvo respuesta: {title.strip('^$')}", bool(tally.pieces(title, who=PLANNING))
    yield "Planeación obtuvo el porqué de BIO-07", tally.told(PLANNING, "R15")
    yield "Los dos reportes aprobados están en el sitio", len(tally.published()) == 2  # noqa: PLR2004
    remitted = [piece for piece in tally.letters("eporte de logros") if piece.files]
    yield "Los dos se remitieron al Viceministerio con sus documentos", len(remitted) == 2  # noqa: PLR2004
    kinds = {path.suffix for path in reports.iterdir()}
    yield "Los informes se abren en HTML, PDF y Excel", kinds == {".html", ".pdf", ".xlsx"}
