"""Rows of the table of rules: an entity is asked to validate a new action (R26), and answers by its page."""

from __future__ import annotations

from methodology.rules.row import MAIL, TEAMS, Rule
from methodology.rules.states import Post

VALIDATING: tuple[Rule, ...] = (
    Rule(
        id="R26",
        seed="nuevas acciones validadas por los responsables de su ejecución",
        when="solicitada a la entidad la validación de una acción nueva",
        post=Post.ENTITY,
        channel=MAIL,
        bundle="validation",
        apart=True,
        why="{by} solicitó validar la acción {subject}.{moved}",
        follows="la acción pasa a por validar",
    ),
    Rule(
        id="R26.acuse",
        seed="nuevas acciones validadas por los responsables de su ejecución",
        when="recibida por el formulario en línea la respuesta a una solicitud de validación",
        post=Post.ENTITY,
        channel=MAIL,
        bundle="validation-received",
        apart=True,
        why="El {recorded_on} se recibió de {subject} la respuesta a una solicitud de validación.{moved}",
    ),
    Rule(
        id="R26.respuesta",
        seed="nuevas acciones validadas por los responsables de su ejecución",
        when="recibida por el formulario en línea la respuesta a una solicitud de validación, a quien la solicitó",
        post=Post.LEADER,
        whom="Quien la solicitó",
        channel=TEAMS,
        bundle="validation-answered",
        why="{subject} respondió el {recorded_on} a la solicitud de validación que se le hizo.{moved}",
        repeatable=True,
    ),
)
