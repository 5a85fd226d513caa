"""What each notice of the table is called, in a few words, for people who look at many of them at once."""

from __future__ import annotations

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "R10": "Apertura de la ventana",
    "R10.preaviso": "Preaviso de una ventana corta",
    "R11": "Recordatorio de lo pendiente",
    "R11.faltantes": "Lista de acciones sin reporte",
    "R11.recordatorio": "Recordatorio pedido por el líder técnico",
    "R11.delegacion": "Seguimiento delegado",
    "R14": "Solicitud de avance",
    "R14.reiteracion": "Reiteración de la solicitud",
    "R14.acuse": "Acuse de lo recibido",
    "R14.recibido": "Acuse de un correo sin asociar",
    "R14.nota": "Acuse de un correo por revisar",
    "R14.contacto": "Verificación del contacto",
    "R14.entrega": "Entrega al nuevo contacto",
    "R14.relevo": "Aviso al contacto anterior",
    "R15": "Alerta de acción vencida",
    "R16": "Alerta de no respuesta",
    "R17": "Tarjeta de decisión",
    "R17.aviso": "Aviso de la tarjeta de decisión",
    "R17.decision": "Decisión informada",
    "R17.respuesta": "Información recibida",
    "R17.ministro": "Alerta al despacho ministerial",
    "R18.propuesta": "Propuesta del segundo momento",
    "R18": "Alerta al Equipo de Alto Nivel",
    "R19": "Acción por vencer",
    "R30": "Apertura de Solución de alto nivel",
    "R30.ingreso": "Ingreso a la Solución de alto nivel",
    "R32": "Medida asignada",
    "R36": "Término de la iniciativa",
    "R23": "Reporte publicado",
    "R22": "Borrador de reporte",
    "R8": "Próxima reunión por definir",
    "R9": "Acción sin fecha",
    "R24.convocatoria": "Convocatoria a una reunión",
    "R24.cancelacion": "Cancelación de una reunión",
    "R24.resultado": "Reunión por registrar",
    "R25": "Sugerencia de reunión de logros",
    "R26": "Validación de una acción nueva",
    "R26.acuse": "Acuse de la respuesta a una validación",
    "R26.respuesta": "Respuesta a una validación",
    "R28": "Publicación de la matriz actualizada",
    "R29": "Acercamiento por un cuello de botella",
    "R33": "Salida de una acción",
    "R35": "Propuesta de cierre",
    "R37": "Informe de cierre",
    "R39": "Validación de una iniciativa candidata",
    "R42": "Invitación al Equipo de Alto Nivel",
    "reanudacion": "Resumen de la reanudación",
    "bandeja": "Novedades de la bandeja",
    "arranque": "Alertas anteriores al arranque",
}


def told_as(rule: str) -> str:
    """«Reiteración de la solicitud»; what is no rule of the table by its own name."""
    return TITLES.get(rule, rule)
