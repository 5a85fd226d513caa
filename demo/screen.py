"""What a person sees in the terminal while the month plays: a line per day and per deed, and a table at the end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

from babel.dates import format_date
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from demo.album import Piece

CHANNEL = "canal"
# The first that fits names the piece: what it must say, where, and how it is counted.
KINDS: tuple[tuple[str, str, str, str], ...] = (
    (r"Reiteración: solicitud", "@", "reiteración a una entidad", "reiteraciones a entidades"),
    (r"Solicitud de avance", "@", "solicitud de avance por correo", "solicitudes de avance por correo"),
    (r"eporte de logros", "@", "reporte remitido al Viceministerio", "reportes remitidos al Viceministerio"),
    (r"por decidir", CHANNEL, "tarjeta de decisión en el canal", "tarjetas de decisión en el canal"),
    (r"por decidir", "", "aviso a la Viceministra", "avisos a la Viceministra"),
    (r"anteriores al arranque", "", "balance de arranque", "balances de arranque"),
    (r"^Borrador: reporte", "", "borrador de reporte", "borradores de reporte"),
    (r"para su gestión", "", "aviso de alertas a su líder", "avisos de alertas a sus líderes"),
    (r"Solución de alto nivel", "", "aviso de alto nivel", "avisos de alto nivel"),
    (r"sobre sus alertas", "", "decisión informada a su líder", "decisiones informadas a sus líderes"),
    (r"^Seguimiento de .*: falta", "", "recordatorio a un líder", "recordatorios a líderes"),
    (r"^Seguimiento de", "", "apertura del registro mensual", "aperturas del registro mensual"),
    (r"^Propuesta de cierre", "", "propuesta de cierre", "propuestas de cierre"),
    (r"Acciones sin reporte", "", "lista de acciones sin reporte", "listas de acciones sin reporte"),
    (r"", "@", "correo", "correos"),
    (r"", "", "mensaje", "mensajes"),
    (r"", CHANNEL, "mensaje en el canal", "mensajes en el canal"),
)


class Screen:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._status = console.status("", spinner="dots")
        self._last: date | None = None

    def open(self, title: str, folder: Path) -> None:
        words = Text.assemble(
            (title, "bold"), f"\nLo que ocurra queda en {folder}/. ", ("Datos ilustrativos.", "italic")
        )
        self._console.print(Panel(words, border_style="blue", expand=False, padding=(0, 2)))
        self._status.start()

    def passing(self, day: date) -> None:
        """The day that the bot is living now."""
        self._status.update(f"[blue]El asistente recorre el {format_date(day, 'EEEE d MMMM', locale='es_CO')}[/]")

    def day(self, day: date, pieces: Iterable[Piece]) -> None:
        if what := _counted(piece for piece in pieces if piece.fresh):
            self._line(day, "●", "blue", what)

    def deed(self, day: date, who: str, what: str) -> None:
        self._line(day, "›", "green", f"[bold]{who}[/] {what}")

    def _line(self, day: date, mark: str, color: str, what: str) -> None:
        label = format_date(day, "EEE d MMM", locale="es_CO").replace(".", "") if day != self._last else ""
        self._last = day
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=11, style="bold blue", justify="right")
        grid.add_column(width=1, style=color)
        grid.add_column(overflow="fold")
        grid.add_row(label, mark, what)
        self._console.print(grid)

    def close(self) -> None:
        self._status.stop()

    def summary(self, rows: Iterable[tuple[str, str, str]], paths: Iterable[tuple[str, str]]) -> None:
        table = Table(title="El mes en cifras", title_style="bold", border_style="blue", header_style="bold")
        for name, justify in (("Paso", "left"), ("Cantidad", "right"), ("Detalle", "left")):
            table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type] # a Literal of rich's
        for row in rows:
            table.add_row(*row)
        places = Table.grid(padding=(0, 2))
        for name, path in paths:
            places.add_row(f"[bold]{name}[/]", path)
        self._console.print("", table, Padding(places, (1, 0, 0, 1)))

    def missing(self, sentences: Sequence[str]) -> None:
        lines = "\n".join(f"✗ {sentence}" for sentence in sentences)
        self._console.print(Panel(lines, title="No se vio lo esperado", border_style="red", expand=False))

    def complete(self, number: int, seconds: float) -> None:
        took = f"{seconds:.1f}".replace(".", ",")
        self._console.print(f"\n[bold green]✓[/] Se comprobaron {number} hechos del mes en {took} segundos.")


def _counted(pieces: Iterable[Piece]) -> str:
    counts = sorted(Counter(_kind(piece) for piece in pieces).items())
    return " · ".join(f"{number} {KINDS[kind][2 if number == 1 else 3]}" for kind, number in counts)


def _kind(piece: Piece) -> int:
    where = "@" if piece.is_mail else CHANNEL if piece.in_channel else ""
    fits = (n for n, kind in enumerate(KINDS) if kind[1] == where and re.search(kind[0], piece.title))
    return next(fits)
