"""The page of commands for people, docs/comandos.md: drawn from the table, so that it cannot say anything else.

`python -m dialogs.command_page` writes the file; a test keeps it fresh.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from dialogs.command_table import COMMANDS, EVERYBODY, Spec
from methodology.rules.page import POSTS

FILE = Path(__file__).parents[1] / "docs" / "comandos.md"
HEAD = """# Comandos

Esta página se genera a partir de la tabla del programa (`python -m dialogs.command_page`); no se edita a mano.

La barra inicial, las tildes y las mayúsculas son opcionales, y el nombre de la iniciativa puede abreviarse. Lo que va
entre corchetes puede omitirse. Los marcados con • aparecen además en la lista de comandos de Teams, al mencionar al
asistente o al escribir una barra. La [guía](guia.md) los explica por cargo, con ejemplos.

| Comando | Qué hace | Quién puede usarlo | También se escribe |
|---|---|---|---|"""


def command_page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([HEAD, *(_row(spec) for spec in COMMANDS), ""])


def _row(spec: Spec) -> str:
    mark = " •" if spec.manifest else ""
    who = "Todos los cargos" if spec.posts == EVERYBODY else ", ".join(POSTS[post] for post in spec.posts)
    return f"| {' | '.join((f'`{spec.usage}`{mark}', spec.help, who, ', '.join(_aliases(spec)) or '—'))} |"


def _aliases(spec: Spec) -> Iterator[str]:
    return (f"`{alias}`" for alias in spec.aliases)


def main() -> None:
    """Write docs/comandos.md."""
    FILE.write_text(command_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
