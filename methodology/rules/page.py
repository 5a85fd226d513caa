"""The rules' page for people, docs/reglas.md: drawn from the visible table, so that it cannot say anything else.

`python -m methodology.rules.page` writes the file; a test keeps it fresh.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path

from methodology.rules.states import Post
from methodology.rules.table import MAIL, RULES, Rule
from methodology.rules.thresholds import KEYS, Thresholds

FILE = Path(__file__).parents[2] / "docs" / "reglas.md"
HEAD = """# Reglas del asistente

Esta página se genera a partir de la tabla de reglas del programa (`python -m methodology.rules.page`); no se edita a
mano. Cada aviso que el asistente envía corresponde a una de estas filas y guarda los datos con los que se decidió: de
ellos sale la respuesta a «¿Por qué?».

El número es el de la regla de la metodología; lo que sigue al punto es otro mensaje de la misma regla. Los avisos se
entregan en días hábiles, de 8:00 a 17:00, hora de Bogotá; la fecha de vencimiento no se corre por festivos.
`m(fecha, n)` es la fecha más n meses calendario, contados de una vez desde el vencimiento (31 de enero más un mes es el
último día de febrero)."""
POSTS: Mapping[Post, str] = {
    Post.LEADER: "Líder técnico",
    Post.MANAGEMENT: "Gerencia General",
    Post.PLANNING: "Planeación",
    Post.VICE_MINISTER: "Viceministerio",
    Post.MINISTER: "Despacho del Ministro",
    Post.ENTITY: "Entidad responsable",
    Post.HIGH_LEVEL: "Equipo de Alto Nivel",
    Post.GUESTS: "Personas convocadas",
}
# What a sentence is filled with, as its reader would call it.
FILLED: Mapping[str, str] = {
    "moved": "",
    "subject": "*[acción, entidad o periodo]*",
    "code": "*[código de la acción]*",
    "due": "*[fecha]*",
    "one_month": "*[un mes después del vencimiento]*",
    "recorded_on": "*[día en que se cumple]*",
    "period_name": "*[mes]*",
    "launch": "*[fecha de lanzamiento]*",
    "told_on": "*[día de entrega]*",
    "first_outreach": "*[fecha del primero]*",
    "outreaches": "*[número]*",
    "request_habiles_before": "*[número]*",
    "silence_habiles": "*[número]*",
    "hold_habiles": "*[número]*",
    "due_soon_days": "*[número]*",
    "next_meeting_days": "*[número]*",
    "second_moment_habiles": "*[número]*",
    "undated_months": "*[número]*",
    "met": "*[número]*",
    "held_on": "*[fecha de la reunión]*",
    "raised_told_on": "*[día de entrega]*",
    "paused_on": "*[inicio de la pausa]*",
    "by": "*[quien lo decidió]*",
    "reason": "*[motivo]*",
    "closing_months": "*[número]*",
}
REPEATED = "Si no hay certeza de que llegó, se envía una vez más; el segundo mensaje reemplaza al primero."
NOT_REPEATED = "Si no hay certeza de que llegó, no se repite: pasa a la bandeja de Planeación."


def rules_page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([HEAD, "", *_table(), *_details(), *_thresholds()])


def _table() -> Iterator[str]:
    yield "| Regla | Cuándo | A quién | Copia | Canal |"
    yield "|---|---|---|---|---|"
    for rule in RULES.values():
        copies = ", ".join(POSTS[post] for post in rule.copies) or "—"
        yield f"| [{rule.id}](#{_anchor(rule)}) | {rule.when} | {POSTS[rule.post]} | {copies} | {_channel(rule)} |"
    yield ""


def _details() -> Iterator[str]:
    yield "## Frase de la metodología y explicación de cada regla"
    yield ""
    for rule in RULES.values():
        yield f"### {rule.id}"
        yield ""
        yield f"- **Metodología:** «{rule.seed}»"
        yield f"- **Por qué se recibe:** {rule.why.format_map(FILLED)}"
        yield f"- **Entrega:** {REPEATED if rule.repeatable else NOT_REPEATED}"
        yield ""


def _thresholds() -> Iterator[str]:
    defaults = {field.name: field.default for field in fields(Thresholds)}
    yield "## Valores que se pueden ajustar"
    yield ""
    yield "Son globales (archivo de ajustes); una iniciativa puede tener los suyos."
    yield ""
    yield "| Clave | Valor inicial |"
    yield "|---|---|"
    for key, name in KEYS.items():
        yield f"| `{key}` | {defaults[name]} |"
    yield ""


def _channel(rule: Rule) -> str:
    if rule.channel == MAIL:
        return "Correo"
    return "Teams, canal de escalamiento" if rule.place == "escalation" else "Teams, conversación personal"


def _anchor(rule: Rule) -> str:
    return rule.id.lower().replace(".", "")


def main() -> None:
    """Write docs/reglas.md."""
    FILE.write_text(rules_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
