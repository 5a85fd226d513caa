"""The page of operations for whoever writes a script, docs/operaciones.md: drawn from the table of operations.

`python -m methodology.operation_page` writes the file; a test keeps it fresh.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from methodology.operation import Field, Kind, Operation
from methodology.operations import OPERATIONS
from methodology.rules.page import POSTS

FILE = Path(__file__).parents[1] / "docs" / "operaciones.md"
HEAD = """# Operaciones de un guion

Esta página se genera a partir de la tabla del programa (`python -m methodology.operation_page`); no se edita a mano.

Un guion es un archivo YAML con una lista de pasos: qué día (`on`), quién (`role`), qué hace (`does`) y con qué datos
(`with`). [`examples/guion.yaml`](../examples/guion.yaml) es uno completo; la [guía](guia.md) dice cómo se juega.

```yaml
- on: 2026-11-12
  at: "10:30"
  role: LT
  does: accion.fecha
  with: {accion: AST-04, fecha: 2027-01-15, motivo: Concertación con la entidad}
```

- `on`: la fecha, con el año: `2026-11-12`, `12/11/2026` o `12 de noviembre de 2026`. `at`, la hora, puede omitirse: son
  las 10:00.
- `role`: el correo de una persona, o un cargo: MARKED_POSTS.
- `does`: una de las operaciones de esta página. `with`: sus datos, por el nombre con que aparecen aquí; los que van
  entre corchetes pueden omitirse.
- Una acción se nombra por su código; una iniciativa, por su nombre; una alerta, por el código de la acción o la
  entidad que no responde; una reunión, por su clase y su iniciativa («logros astilleros»); un caso, por su
  iniciativa; lo demás, por su número o sus palabras.
- Una lista lleva `;` entre sus partes. Lo que no procede no se hace, y el guion dice por qué.
"""


def operation_page() -> str:
    """The whole page, in Markdown."""
    posts = ", ".join(f"`{post}` {name}" for post, name in POSTS.items())
    rows = sorted(OPERATIONS.values(), key=lambda one: one.id.partition(".")[0])
    parts = (_part(noun, list(some)) for noun, some in groupby(rows, key=lambda one: one.id.partition(".")[0]))
    return "\n".join([HEAD.replace("MARKED_POSTS", posts), *parts])


def _part(noun: str, rows: list[Operation]) -> str:
    head = "| `does` | Qué hace | Quién | Datos (`with`) | Regla |\n|---|---|---|---|---|"
    return "\n".join([f"## `{noun}`\n", head, *map(_row, rows), ""])


def _row(one: Operation) -> str:
    who = ", ".join(f"`{post}`" for post in one.posts)
    return f"| `{one.id}` | {one.title} | {who} | {'; '.join(map(_field, one.fields)) or '—'} | {one.rule} |"


def _field(one: Field) -> str:
    name = f"`{one.name}`" if one.required else f"[`{one.name}`]"
    return f"{name}: {', '.join(_said(one))}"


def _said(one: Field) -> Iterator[str]:
    yield one.label
    if one.kind == Kind.CHOICE:
        yield " o ".join(f"`{option}`" for option in one.options)
    elif one.kind not in (Kind.TEXT, Kind.LONG) and one.kind not in one.label.lower():
        yield str(one.kind)


def main() -> None:
    """Write docs/operaciones.md."""
    FILE.write_text(operation_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
