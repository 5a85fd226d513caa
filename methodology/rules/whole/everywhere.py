"""F. En todas partes: R45 to R50."""

from __future__ import annotations

from functools import partial

from methodology.rules.whole.rule import MethodRule

_rule = partial(MethodRule, letter="F", seed="")
_LAW_2191 = "Ley 2191 de 2022, de desconexión laboral."
_ACCESSIBLE = "WCAG 2.1, nivel AA; Ley 1712 de 2014, de transparencia y acceso a la información pública."
_DATA = "Ley 1581 de 2012, de protección de datos personales."

EVERYWHERE: tuple[MethodRule, ...] = (
    _rule(
        id="R45",
        title="Canal de cada quien",
        does="El líder técnico se atiende en Teams, las entidades por correo, el Viceministerio con tarjetas y "
        "Planeación con órdenes. Quien no tiene Teams recibe lo mismo por correo.",
        when="con cada mensaje",
        whom="todas las personas",
    ),
    _rule(
        id="R46",
        title="Una sola vez, y siempre",
        does="Todo aviso tiene una clave única: regla, asunto, fecha o periodo, cargo e iniciativa. Repetir o "
        "atrasar una tarea no repite ni omite mensajes; los días de interrupción se recuperan.",
        when="siempre",
        whom="todas las personas",
    ),
    _rule(
        id="R47",
        title="Días y horas de los mensajes",
        does="Los mensajes se envían en días hábiles, de 8:00 a 17:00, hora de Bogotá; uno retenido se reprograma. "
        "Planeación registra los días no hábiles institucionales y ve qué avisos cambian antes de aplicarlos.",
        when="con cada mensaje",
        whom="todas las personas",
        source=_LAW_2191,
    ),
    _rule(
        id="R48",
        title="Publicación accesible y datos abiertos",
        does="Lo publicado es accesible y viene con datos abiertos: CSV, JSON, diccionario, licencia, fecha de corte "
        "y versión.",
        when="con cada publicación",
        whom="el público",
        source=_ACCESSIBLE,
    ),
    _rule(
        id="R49",
        title="Entidades sí, personas no",
        does="Se publican los nombres de las entidades, nunca los de las personas.",
        when="con cada publicación",
        whom="el público",
        source=_DATA,
    ),
    _rule(
        id="R50",
        title="Registro de mensajes y decisiones",
        does="Se conserva cada mensaje, con su entrega, y cada decisión: quién, en qué cargo, cuándo, con qué datos "
        "y con qué resultado.",
        when="siempre",
        whom="Planeación",
    ),
)
