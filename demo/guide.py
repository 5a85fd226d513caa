from __future__ import annotations

from demo.config import Person, SalaConfig, Step

CLOCK = Step(
    "Avance el reloj",
    "El reloj de la Sala reemplaza al calendario. Con «Hasta la próxima ventana» pasan los días y el asistente hace "
    "lo que corresponde a cada uno: pide información a las entidades, recuerda y abre el registro mensual.",
)
ENTITY = Step(
    "Responda como una entidad",
    "Abra el buzón de una entidad, lea la solicitud y conteste en texto libre, o con «Responder en línea». Su "
    "respuesta llega al asistente de verdad y se convierte en una propuesta para el líder técnico.",
    "Ir a los buzones",
    "buzones",
)


def default_guide(config: SalaConfig) -> tuple[Step, ...]:
    """The five steps, with links to the persons that this configuration has."""
    planning, leader, minister = (_first(config, prefix) for prefix in ("pl", "lt", "vm"))
    return (
        Step(
            "Consulte el punto de partida",
            "Tome el lugar de Planeación y pida el estado de las iniciativas con una de las órdenes sugeridas.",
            *_link(planning),
        ),
        CLOCK,
        ENTITY,
        Step(
            "Registre el seguimiento",
            "Como líder técnico, complete en la tarjeta el avance cuantitativo y cualitativo de cada acción, a partir "
            "de lo que la entidad respondió.",
            *_link(leader),
        ),
        Step(
            "Atienda una alerta",
            "Cuando una acción vencida llega al primer momento de escalamiento, la Viceministra recibe un aviso y "
            "decide en el canal. Al final, consulte el reporte y el sitio público.",
            *_link(minister),
        ),
    )


def _first(config: SalaConfig, prefix: str) -> Person | None:
    return next((person for person in config.people if person.key.startswith(prefix)), None)


def _link(person: Person | None) -> tuple[str, str]:
    return (f"Tomar el lugar de {person.name}", f"persona={person.key}") if person else ("", "")
