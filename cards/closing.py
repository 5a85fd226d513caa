"""R35 and R36: an initiative nears its closing, or may be closed; people confirm, never the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cards.parts import Element, Reader, button, card, count, facts, figure, greeting, heading, open_url, safe, text
from methodology.rules.figures import Figures
from methodology.rules.spanish import long_date

NEARS = "Cierre en {days}"
PROPOSED = "Propuesta de cierre"
WHY_TERM = "La iniciativa cumple {months} meses en ejecución el {due}."
WHY_TERM_DONE = "La iniciativa cumplió {months} meses en ejecución el {due}."
WHY_MET = "Todas las acciones de la matriz están cumplidas."
UNTIL_CONFIRMED = "Hasta que se confirme, la iniciativa sigue en ejecución."
DECIDE = "Deciden Planeación o la Gerencia General: «/cierre {slug}»."
LAUNCH = "Lanzamiento"
FIRST_ACTION = "Inicio de la primera acción"
CONFIRM = "Iniciar el cierre"
KEEP = "Mantener en ejecución"
OPEN = "Abrir el cierre"
WHY = "¿Por qué?"
MATRIX = "Ver matriz"


@dataclass(frozen=True)
class Closing:
    """`days` are left until the term, 0 or less when it is reached; `all_met` is R35. Tokens for who may decide.

    `launch` is the day the term counts from: the first action's when `from_first_action`. With a `slug` the card says
    which command decides; `open` shows the initiative with what may be decided of it.
    """

    reader: Reader
    initiative: str
    launch: date
    due: date
    days: int
    figures: Figures
    months: int = 18
    all_met: bool = False
    confirm: str = ""
    keep: str = ""
    matrix_url: str = ""
    slug: str = ""
    open: str = ""
    why: str = ""
    from_first_action: bool = False


def closing(data: Closing) -> Element:
    return card(
        heading(_title(data), data.initiative),
        text(greeting(data.reader)),
        text(_why(data), spacing="Small"),
        facts(
            (FIRST_ACTION if data.from_first_action else LAUNCH, long_date(data.launch)),
            ("Cumplimiento", figure(data.figures.compliance, "Sin acciones")),
            ("Cumplidas", f"{data.figures.met} de {count(data.figures.counted, 'acción', 'acciones')}"),
            ("Salidas", str(data.figures.exits)),
        ),
        text(UNTIL_CONFIRMED, subtle=True),
        text(DECIDE.format(slug=safe(data.slug)), subtle=True, spacing="None") if data.slug else None,
        actions=[
            button(CONFIRM, data.confirm, style="positive"),
            button(KEEP, data.keep),
            button(OPEN, data.open, style="positive"),
            button(WHY, data.why),
            open_url(MATRIX, data.matrix_url),
        ],
    )


def summary(data: Closing) -> str:
    return f"{data.initiative}: {_title(data).lower()}"


def _title(data: Closing) -> str:
    return PROPOSED if data.all_met or data.days <= 0 else NEARS.format(days=count(data.days, "día", "días"))


def _why(data: Closing) -> str:
    if data.all_met:
        return WHY_MET
    term = WHY_TERM if data.days > 0 else WHY_TERM_DONE
    return term.format(months=data.months, due=long_date(data.due))
