"""The rules' page for people, docs/reglas.md: drawn from the method's tables, so that it cannot say anything else.

`python -m methodology.rules.page` writes the file; a test keeps it fresh.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from methodology.rules.states import POST_OFFICES, Post
from methodology.rules.table import MAIL, RULES, Rule
from methodology.rules.thresholds import GENERAL, KEYS, LABELS, Thresholds, in_words, shown
from methodology.rules.whole import LETTERS, METHOD, MethodRule

FILE = Path(__file__).parents[2] / "docs" / "reglas.md"
HEAD = """# Reglas del asistente

Esta página se genera a partir de las tablas del programa (`python -m methodology.rules.page`); no se edita a mano.
Tiene tres partes: el método completo, de R1 a R50; los avisos que se envían; y los valores que se pueden ajustar.

Los avisos se entregan en días hábiles, de 8:00 a 17:00, hora de Bogotá; la fecha de vencimiento no se corre por
festivos. Los meses son calendario y se cuentan de una vez desde el vencimiento: el 31 de enero más un mes es el último
día de febrero."""
MESSAGES = """## Avisos

Cada aviso guarda los datos con los que se decidió: de ellos sale la respuesta a «¿Por qué?». El número es el de la
regla; lo que sigue al punto es otro mensaje de la misma regla. `m(fecha, n)` es la fecha más n meses."""
VALUES = """## Valores que se pueden ajustar

El valor general está en el archivo de ajustes. Una iniciativa puede tener el suyo, salvo donde se indica: la
solicitud a una entidad (R14) reúne sus acciones de todas las iniciativas. Los reportes indican cuáles se aplicaron
(R2)."""
POSTS: Mapping[Post, str] = {post: f"{office[:1].upper()}{office[1:]}" for post, office in POST_OFFICES.items()}
# What a sentence is filled with, as its reader would call it.
FILLED: Mapping[str, str] = {
    "moved": "",
    "waited": "",
    "until_day": "",
    "unattended": " sin acuse ni avance",
    "decision": "*[quien decidió]* *[acusó recibo de, asignó la gestión de, …]*",
    "subject": "*[acción, entidad o periodo]*",
    "code": "*[código de la acción]*",
    "due": "*[fecha]*",
    "overdue_on": "*[día en que lo cumplió]*",
    "recorded_on": "*[día en que se cumple]*",
    "period_name": "*[mes]*",
    "launch": "*[fecha de lanzamiento]*",
    "told_on": "*[día de entrega]*",
    "outreaches_words": "*[número]* acercamientos",
    "first_outreach": "*[fecha del primero]*",
    "met": "*[número]*",
    "held_on": "*[fecha de la reunión]*",
    "raised_told_on": "*[día de entrega]*",
    "paused_on": "*[inicio de la pausa]*",
    "by": "*[quien lo decidió]*",
    "reason": "*[motivo]*",
}
REPEATED = "Si no hay certeza de que llegó, se envía una vez más; el segundo mensaje reemplaza al primero."
NOT_REPEATED = "Si no hay certeza de que llegó, no se repite: pasa a la bandeja de Planeación."


def rules_page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([HEAD, "", *_method(), MESSAGES, "", *_table(), *_details(), VALUES, "", *_thresholds()])


def _method() -> Iterator[str]:
    for letter, name in LETTERS.items():
        yield f"## {letter}. {name}"
        yield ""
        for rule in METHOD:
            if rule.letter == letter:
                yield from _rule(rule)


def _rule(rule: MethodRule) -> Iterator[str]:
    yield f"### {rule.id} · {rule.title}"
    yield ""
    yield f"- **Metodología:** «{rule.seed}»." if rule.seed else f"- **Fundamento:** {rule.source}"
    yield f"- **Qué hace el asistente:** {rule.does}"
    yield f"- **Cuándo:** {rule.when}."
    yield f"- **A quién:** {rule.whom}."
    if rule.notices:
        yield f"- **Avisos:** {', '.join(f'[{one.id}](#{_anchor(one)})' for one in rule.notices)}."
    if rule.follows:
        yield f"- **Cambio de estado:** {rule.follows}."
    if rule.keys:
        yield f"- **Valores:** {', '.join(f'`{key}`' for key in rule.keys)}."
    yield ""


def _table() -> Iterator[str]:
    yield "| Aviso | Cuándo | A quién | Copia | Canal | Cambio de estado |"
    yield "|---|---|---|---|---|---|"
    for rule in RULES.values():
        copies = ", ".join(POSTS[post] for post in rule.copies) or "—"
        cells = (rule.when, rule.whom or POSTS[rule.post], copies, _channel(rule), rule.follows or "—")
        yield f"| [{rule.id}](#{_anchor(rule)}) | {' | '.join(cells)} |"
    yield ""


def _details() -> Iterator[str]:
    filled = {**in_words({}), **FILLED}
    for rule in RULES.values():
        yield f"### Aviso {rule.id}"
        yield ""
        yield f"- **Metodología:** «{rule.seed}»"
        yield f"- **Por qué se recibe:** {rule.why.format_map(filled)}"
        yield f"- **Entrega:** {REPEATED if rule.repeatable else NOT_REPEATED}"
        yield ""


def _thresholds() -> Iterator[str]:
    defaults = Thresholds()
    yield "| Clave | Qué ajusta | Valor inicial | Reglas | Propio de una iniciativa |"
    yield "|---|---|---|---|---|"
    for key, name in KEYS.items():
        readers = ", ".join(rule.id for rule in METHOD if key in rule.keys)
        own = "no" if key in GENERAL else "sí"
        yield f"| `{key}` | {LABELS[key][0]} | {shown(key, getattr(defaults, name))} | {readers} | {own} |"
    yield ""


def _channel(rule: Rule) -> str:
    if rule.channel == MAIL:
        return "Correo"
    return "Teams, canal de escalamiento" if rule.place == "escalation" else "Teams, conversación personal"


def _anchor(rule: Rule) -> str:
    return f"aviso-{rule.id.lower().replace('.', '')}"


def main() -> None:
    """Write docs/reglas.md."""
    FILE.write_text(rules_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
