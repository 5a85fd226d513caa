"""A card and a mail as the product writes them, to see and to test the page with."""
# ruff: noqa: E501 - sentences as people read them

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

FOLLOW_UP: dict[str, Any] = {
    "type": "AdaptiveCard",
    "version": "1.5",
    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
    "body": [
        {
            "type": "ColumnSet",
            "columns": [
                {
                    "type": "Column",
                    "width": "stretch",
                    "items": [
                        {
                            "type": "TextBlock",
                            "text": "Seguimiento de noviembre de 2026",
                            "size": "large",
                            "weight": "bolder",
                            "wrap": True,
                            "style": "heading",
                        },
                        {
                            "type": "TextBlock",
                            "text": "Astilleros · acción AST-04",
                            "isSubtle": True,
                            "spacing": "none",
                            "wrap": True,
                        },
                    ],
                },
                {
                    "type": "Column",
                    "width": "auto",
                    "items": [{"type": "Badge", "text": "Vencida ≥ 1 mes", "style": "Attention"}],
                },
            ],
        },
        {
            "type": "Container",
            "style": "attention",
            "spacing": "medium",
            "items": [
                {
                    "type": "TextBlock",
                    "wrap": True,
                    "text": "Venció el **2 de octubre de 2026**. La alerta pasará al primer momento de escalamiento el jueves 19 de noviembre si no se anota una novedad.",
                }
            ],
        },
        {
            "type": "FactSet",
            "facts": [
                {"title": "Acción", "value": "Expedir la guía de inspección de embarcaciones construidas en el país"},
                {"title": "Entidad", "value": "Dirección General Marítima (Dimar)"},
                {"title": "Avance anterior", "value": "45 % (octubre de 2026)"},
            ],
        },
        {
            "type": "Container",
            "style": "good",
            "items": [
                {"type": "TextBlock", "text": "Respuesta de la entidad", "weight": "bolder"},
                {
                    "type": "TextBlock",
                    "wrap": True,
                    "spacing": "small",
                    "text": "«La guía se encuentra en revisión jurídica; se estima un avance del 75 %.»",
                },
            ],
        },
        {
            "type": "Input.Number",
            "id": "avance",
            "label": "Avance cuantitativo (%)",
            "isRequired": True,
            "min": 0,
            "max": 100,
            "value": 75,
            "errorMessage": "Indique un valor entre 0 y 100.",
        },
        {
            "type": "Input.Text",
            "id": "texto",
            "label": "Avance cualitativo",
            "isMultiline": True,
            "isRequired": True,
            "maxLength": 1000,
            "placeholder": "De 15 a 1.000 caracteres",
            "errorMessage": "Describa el avance.",
        },
        {
            "type": "Input.ChoiceSet",
            "id": "fuente",
            "label": "Fuente de la información",
            "value": "correo",
            "choices": [
                {"title": "Respuesta de la entidad por correo", "value": "correo"},
                {"title": "Reunión", "value": "reunion"},
                {"title": "Llamada", "value": "llamada"},
            ],
        },
        {"type": "Input.Toggle", "id": "logro", "title": "Es un logro relevante", "value": "false"},
        {
            "type": "ActionSet",
            "actions": [
                {
                    "type": "Action.Execute",
                    "title": "Registrar seguimiento",
                    "verb": "registrar",
                    "style": "positive",
                    "data": {"id": "a1b2c3"},
                },
                {"type": "Action.Submit", "title": "Sin cambios", "data": {"id": "d4e5f6"}, "associatedInputs": "none"},
            ],
        },
    ],
    "actions": [
        {"type": "Action.OpenUrl", "title": "Ver la matriz", "url": "https://example.org/matriz"},
        {
            "type": "Action.ShowCard",
            "title": "¿Por qué recibí esto?",
            "card": {
                "type": "AdaptiveCard",
                "body": [
                    {
                        "type": "TextBlock",
                        "wrap": True,
                        "text": "Usted es líder técnica titular de la iniciativa y la ventana de noviembre está abierta.",
                    }
                ],
            },
        },
    ],
}

SUMMARY: dict[str, Any] = {
    "type": "AdaptiveCard",
    "version": "1.5",
    "body": [
        {
            "type": "TextBlock",
            "text": "Estado de las iniciativas",
            "size": "large",
            "weight": "bolder",
            "style": "heading",
        },
        {
            "type": "Table",
            "firstRowAsHeaders": True,
            "columns": [{"width": 3}, {"width": 2}, {"width": 2}],
            "rows": [
                {
                    "type": "TableRow",
                    "cells": [
                        {
                            "type": "TableCell",
                            "items": [{"type": "TextBlock", "text": t, "wrap": True}],
                        }
                        for t in row
                    ],
                }
                for row in (
                    ("Iniciativa", "Cumplimiento", "Alertas"),
                    ("Astilleros", "45,4 %", "2"),
                    ("Biológicos", "30,0 %", "1"),
                )
            ],
        },
        {
            "type": "Chart.Donut",
            "title": "Acciones por estado",
            "data": [
                {"legend": "Cumplidas", "value": 18, "color": "good"},
                {"legend": "Al día", "value": 21, "color": "categoricalBlue"},
                {"legend": "Vencidas", "value": 9, "color": "attention"},
            ],
        },
        {
            "type": "Chart.HorizontalBar",
            "title": "Avance promedio (%)",
            "data": [{"x": "Astilleros", "y": 61.5}, {"x": "Biológicos", "y": 48}],
        },
        {"type": "ProgressBar", "value": 45.4, "max": 100},
    ],
}

DONE: dict[str, Any] = {
    "type": "AdaptiveCard",
    "version": "1.5",
    "body": [
        {
            "type": "Container",
            "style": "good",
            "bleed": True,
            "items": [
                {"type": "TextBlock", "text": "Seguimiento registrado", "weight": "bolder", "size": "medium"},
                {"type": "TextBlock", "text": "AST-04 · 75 % · a tiempo", "wrap": True, "spacing": "small"},
            ],
        }
    ],
}

DECISION: dict[str, Any] = {
    "type": "AdaptiveCard",
    "version": "1.5",
    "body": [
        {
            "type": "TextBlock",
            "text": "Alertas de Astilleros para decisión",
            "size": "large",
            "weight": "bolder",
            "wrap": True,
            "style": "heading",
        },
        {
            "type": "Container",
            "style": "warning",
            "items": [
                {
                    "type": "TextBlock",
                    "wrap": True,
                    "text": "**AST-04** venció hace 32 días. La entidad no ha respondido a dos acercamientos.",
                },
                {
                    "type": "ActionSet",
                    "actions": [
                        {
                            "type": "Action.Execute",
                            "title": "Tomar conocimiento",
                            "verb": "conocer",
                            "style": "positive",
                            "data": {"id": "k1"},
                        },
                        {
                            "type": "Action.Execute",
                            "title": "Proponer reunión",
                            "verb": "reunion",
                            "data": {"id": "k2"},
                        },
                    ],
                },
            ],
        },
    ],
}

TEXT = """Respetados señores:

Cordial saludo.

En el marco del instrumento «Soluciones por la Reindustrialización», de manera atenta solicitamos informar, a más tardar el miércoles 25 de noviembre de 2026, el avance de las siguientes acciones:

Astilleros
AST-04  Expedir la guía de inspección de embarcaciones  (vencida)
AST-07  Publicar el cronograma de certificación de astilleros  (15 de diciembre de 2026)

Quedamos atentos a su respuesta.

Atentamente,
Planeación
Las acciones, fechas, porcentajes y silencios son ilustrativos.
"""

PAGE = """<html><head><style>p{margin:0 0 12px}</style></head>
<body style="margin:0;font-family:Segoe UI,Liberation Sans,Arial,sans-serif;font-size:15px;line-height:1.5;color:#1b2433">
<div style="border-top:4px solid #3366CC;padding:20px 24px">
<p>Respetados señores:</p><p>Cordial saludo.</p>
<p>En el marco del instrumento «Soluciones por la Reindustrialización», de manera atenta solicitamos informar, a más
tardar el <b>miércoles 25 de noviembre de 2026</b>, el avance de las siguientes acciones:</p>
<table style="border-collapse:collapse;width:100%;font-size:14px;margin-bottom:12px" cellpadding="8">
<tr style="background:#3366CC;color:#fff;text-align:left"><th>Código</th><th>Acción</th><th>Vence</th></tr>
<tr><td style="border-bottom:1px solid #d8dfea">AST-04</td><td style="border-bottom:1px solid #d8dfea">Expedir la guía
de inspección de embarcaciones construidas en el país</td><td style="border-bottom:1px solid #d8dfea">2/10/2026</td></tr>
<tr><td style="border-bottom:1px solid #d8dfea">AST-07</td><td style="border-bottom:1px solid #d8dfea">Publicar el
cronograma de certificación de astilleros</td><td style="border-bottom:1px solid #d8dfea">15/12/2026</td></tr></table>
<p>Quedamos atentos a su respuesta.</p><p>Atentamente,<br>Planeación</p>
<p style="font-size:13px;color:#4a5568">Las acciones, fechas, porcentajes y silencios son ilustrativos.
<a href="https://example.org/sitio">Sitio del instrumento</a></p></div>
<script>document.title = "no"</script></body></html>"""


def request_mail(to: str = "enlace.soluciones@dimar.example") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Soluciones por la Reindustrialización <seguimiento@productiva.example>"
    mail["To"] = f'"Dirección General Marítima (Dimar)" <{to}>'
    mail["Subject"] = (
        "Soluciones por la Reindustrialización – Solicitud de avance noviembre de 2026 – Dimar [Ref. SR-2026-11-DIM]"
    )
    mail["Date"] = "Wed, 11 Nov 2026 08:00:00 -0500"
    mail["Message-ID"] = "<solicitud-1@productiva.example>"
    mail["References"] = "<hilo-0@productiva.example>"
    mail["Reply-To"] = "respuestas@productiva.example"
    mail.set_content(TEXT)
    mail.add_alternative(PAGE, subtype="html")
    mail.add_attachment(b"codigo;accion\n", maintype="text", subtype="csv", filename="acciones.csv")
    return mail
