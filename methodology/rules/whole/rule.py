"""One rule of the method as people read it: what the methodology says, and what the product does about it."""

from __future__ import annotations

from dataclasses import dataclass

from methodology.rules.table import RULES, Rule

DEFAULT = "La metodología no lo precisa: se aplica el valor por defecto del método."
LETTERS = {
    "A": "Alcance y lanzamiento",
    "B": "Reportes periódicos",
    "C": "Seguimiento, entrada y salida de acciones",
    "D": "Cierre y apertura de iniciativas",
    "E": "Equipo de Alto Nivel",
    "F": "En todas partes",
}


@dataclass(frozen=True)
class MethodRule:
    """R1 to R50.

    `seed` is the methodology's own phrase, verbatim, «[…]» where something was left out; empty where it is silent:
    `source` then says what the rule rests on. `does` is what the product does with its defaults, `when` it is due,
    `whom` it addresses, `follows` the change of state that goes with it, `keys` the thresholds it reads.
    """

    id: str
    letter: str
    title: str
    seed: str
    does: str
    when: str
    whom: str
    follows: str = ""
    keys: tuple[str, ...] = ()
    source: str = DEFAULT

    @property
    def notices(self) -> tuple[Rule, ...]:
        """The messages of this rule: those of its number, whatever follows the dot."""
        return tuple(rule for rule in RULES.values() if rule.id.partition(".")[0] == self.id)
