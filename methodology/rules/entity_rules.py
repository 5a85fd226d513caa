"""R14: what entities are written by mail, as rows of the visible table (`methodology/rules/table.py`)."""

from __future__ import annotations

from methodology.rules.row import MAIL, Rule
from methodology.rules.states import Post

ENTITY_RULES: tuple[Rule, ...] = (
    Rule(
        id="R14",
        seed="de acuerdo con la información reportada por las entidades responsables",
        when="10 días hábiles antes de abrir la ventana",
        post=Post.ENTITY,
        channel=MAIL,
        bundle="request",
        why="La solicitud de {period_name} sale {request_habiles_before_words} antes de la ventana; el plazo es el "
        "{due}.{moved}",
    ),
    Rule(
        id="R14.reiteracion",
        seed="cuando una Entidad responsable de la ejecución de acciones no responda a los acercamientos",
        when="3 días hábiles antes del plazo, si la entidad no ha respondido; con ausencia o fecha prometida, el "
        "día hábil siguiente",
        post=Post.ENTITY,
        channel=MAIL,
        bundle="reminder",
        why="A {reminder_habiles_before_words} del plazo ({due}) no había respuesta a la solicitud de "
        "{period_name}.{waited}{moved}",
    ),
    Rule(
        id="R14.acuse",
        seed="de acuerdo con la información reportada por las entidades responsables",
        when="recibida una respuesta con avances",
        post=Post.ENTITY,
        channel=MAIL,
        bundle="received",
        why="Se recibió la respuesta de {subject} a la solicitud de {period_name}.{moved}",
    ),
    Rule(
        id="R14.recibido",
        seed="de acuerdo con la información reportada por las entidades responsables",
        when="recibido de una entidad un correo que no se pudo asociar a una solicitud; uno por remitente y día",
        post=Post.ENTITY,
        channel=MAIL,
        bundle="unmatched",
        why="El {recorded_on} se recibió de {subject} un correo que no se pudo asociar a una solicitud.{moved}",
    ),
    Rule(
        id="R14.nota",
        seed="de acuerdo con la información reportada por las entidades responsables",
        when="recibida una respuesta que solo promete una fecha, pide plazo o revisa Planeación; una por solicitud y "
        "motivo",
        post=Post.ENTITY,
        channel=MAIL,
        bundle="noted",
        why="El {recorded_on} se recibió de {subject} un correo en respuesta a una solicitud.{moved}",
    ),
    Rule(
        id="R14.contacto",
        seed="de acuerdo con la información reportada por las entidades responsables",
        when="primer día hábil de cada trimestre, si la entidad tiene acciones vigentes",
        post=Post.ENTITY,
        channel=MAIL,
        bundle="contact",
        why="Al comenzar el periodo se verifica el contacto de {subject}, que tiene acciones vigentes.{moved}",
    ),
    Rule(
        id="R14.entrega",
        seed="de acuerdo con la información reportada por las entidades responsables",
        when="registrado otro correo de la entidad: al nuevo contacto, con lo que esté pendiente de respuesta",
        post=Post.ENTITY,
        channel=MAIL,
        bundle="handover",
        why="{by} registró el {recorded_on} esta dirección como el contacto de {subject}.{moved}",
    ),
    Rule(
        id="R14.relevo",
        seed="de acuerdo con la información reportada por las entidades responsables",
        when="registrado otro correo de la entidad: al contacto anterior, salvo que ya no reciba",
        post=Post.ENTITY,
        channel=MAIL,
        bundle="former-contact",
        why="{by} registró el {recorded_on} otra dirección como el contacto de {subject}.{moved}",
    ),
)
