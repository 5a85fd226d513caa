"""E. Equipo de Alto Nivel: R41 to R44."""

from __future__ import annotations

from functools import partial

from methodology.rules.whole.rule import MethodRule

_rule = partial(MethodRule, letter="E")

HIGH_LEVEL: tuple[MethodRule, ...] = (
    _rule(
        id="R41",
        title="Integrantes",
        seed="los líderes técnicos de Colombia Productiva identificarán aquellos actores de Alto Nivel que son "
        "necesarios para el éxito de cada iniciativa sectorial",
        does="Por iniciativa se registran cargo, entidad, titular, vigencia y suplente. Los propone el líder técnico.",
        when="al conformar el equipo",
        whom="líder técnico",
        follows="el integrante queda propuesto",
    ),
    _rule(
        id="R42",
        title="Invitación del Viceministerio",
        seed="desde el Viceministerio de Desarrollo Empresarial se les enviará una invitación a participar como "
        "Equipo de Alto Nivel en cada iniciativa sectorial",
        does="La carta se redacta y la firma una persona. El integrante está activo solo después de enviada.",
        when="firmada la carta",
        whom="integrante del Equipo de Alto Nivel",
        follows="el integrante pasa a carta_firmada y, enviada la carta, a activa",
    ),
    _rule(
        id="R43",
        title="Sin periodicidad",
        seed="el Equipo de Alto Nivel no tendrá una periodicidad fija de reuniones",
        does="Ninguna tarea periódica se dirige al Equipo de Alto Nivel. Se exceptúan la Viceministra y el Ministro "
        "en sus propios cargos.",
        when="siempre",
        whom="Equipo de Alto Nivel",
    ),
    _rule(
        id="R44",
        title="Participación desde la tarjeta",
        seed="contribuya mediante su capacidad de decisión a la solución de barreras complejas o problemas que "
        "frenan el normal desarrollo de las iniciativas sectoriales, e impulse la convocatoria de las reuniones",
        does="Un integrante puede acusar recibo, asumir una medida o proponer una reunión.",
        when="llevada una alerta a segundo momento",
        whom="integrante del Equipo de Alto Nivel",
        follows="queda el acuse, la medida o la propuesta",
    ),
)
