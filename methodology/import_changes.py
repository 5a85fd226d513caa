"""What an import did, in sentences, and how its files call what it changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from methodology.brought import Anew

NAMES: Mapping[str, str] = {
    "text": "accion",
    "supporting": "entidades_apoyo",
    "joint": "entidad_responsable (conjuntas)",
    "priority": "prioridad",
    "starts": "fecha_inicio",
    "nature": "naturaleza",
    "source": "fuente",
    "entity_id": "entidad_responsable",
    "due": "fecha_vencimiento",
    "state": "estado",
    "percent": "avance_cuantitativo_pct",
    "met_on": "fecha_cumplimiento",
    "narrative": "avance_cualitativo",
    "followed_on": "fecha_seguimiento",
    "theme": "eslabon_tema",
    "obstacle_kind": "tipo_obstaculo",
    "obstacle": "obstaculo",
    "solution": "solucion",
    "name": "nombre",
    "launch": "fecha_lanzamiento",
    "position": "orden",
    "escalation_channel": "canal_escalamiento",
    "communication": "comunicacion",
    "mail": "correo",
    "internal": "interna",
    "gender": "genero",
    "aad_id": "aad_object_id",
    "until": "hasta",
    "substitute_id": "suplente",
    "acting": "encargo",
}
"""How the files call the columns that an import reads."""
IN_WORDS: Mapping[str, str] = {
    "text": "el texto de la acción",
    "supporting": "las entidades de apoyo",
    "joint": "las entidades responsables conjuntas",
    "priority": "la prioridad",
    "starts": "la fecha de inicio",
    "nature": "la naturaleza",
    "source": "la fuente",
    "entity_id": "la entidad responsable",
    "due": "la fecha de vencimiento",
    "state": "el estado",
    "percent": "el avance cuantitativo",
    "met_on": "la fecha de cumplimiento",
    "narrative": "el avance cualitativo",
    "followed_on": "la fecha de seguimiento",
    "theme": "el eslabón o tema",
    "obstacle_kind": "el tipo de obstáculo",
    "obstacle": "el obstáculo",
    "solution": "la solución",
    "name": "el nombre",
    "launch": "la fecha de lanzamiento",
    "position": "el orden",
    "escalation_channel": "el canal de escalamiento",
    "communication": "la comunicación",
    "mail": "el correo",
    "internal": "si es interna",
    "gender": "el género",
    "aad_id": "su identidad en el directorio",
    "until": "la fecha final",
    "substitute_id": "el suplente",
    "acting": "el encargo",
}
"""How a person calls them."""


@dataclass
class Changes:
    """What the import did, or would do: sentences for a person. `dates` are the alerts that follow from new dates."""

    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)

    def add(self, line: str) -> None:
        self.lines.append(line)


def update(thing: object, anew: Anew, name: str, changes: Changes) -> None:
    changed = [key for key, value in anew.values.items() if getattr(thing, key) != value]
    replaced = list(anew.replaced(thing, name, NAMES))
    for key in changed:
        changes.add(f"{name}: cambia {IN_WORDS[key]}")
        setattr(thing, key, anew.values[key])
    changes.lines += replaced
