"""What an activity must be before anybody reads it: pure checks over its JSON, in the order they are made."""

from __future__ import annotations

from typing import Any

from bot.teams.config import TeamsConfig
from bot.teams.verifier import Refused

Json = dict[str, Any]

# These come from the channel itself, and a bot or the system may stand in their `from`. Whatever a person does (a
# message, a click, an edit, a reaction) and every kind unknown to us needs the person's directory identity.
FROM_THE_CHANNEL = frozenset({"conversationUpdate", "installationUpdate", "event", "endOfConversation", "typing"})


def admit(config: TeamsConfig, data: Json) -> None:
    """Raises Refused (400, 403) with the first reason why this activity is not served."""
    _address(data)
    _channel(data)
    _tenant(config, data)
    _person(data)
    _host(config, data)
    _shape(data)
    if data["type"] == "invoke" and data.get("name") == "adaptiveCard/action":
        _card_action(data.get("value"))


def text(data: Json, key: str) -> str:
    """The field if it is text, else the empty string."""
    value = data.get(key)
    return value if isinstance(value, str) else ""


def part(data: Json, key: str) -> Json:
    """The field if it is an object, else an empty one."""
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _address(data: Json) -> None:
    if not text(data, "channelId"):
        raise Refused(403, "Falta channelId.")
    if not text(data, "serviceUrl"):
        raise Refused(403, "Falta serviceUrl.")


def _channel(data: Json) -> None:
    if data["channelId"] != "msteams":
        raise Refused(403, "El canal no es Microsoft Teams.")


def _tenant(config: TeamsConfig, data: Json) -> None:
    named = {
        text(part(data, "conversation"), "tenantId").lower(),
        text(part(part(data, "channelData"), "tenant"), "id").lower(),
    } - {""}
    if not named:
        raise Refused(403, "Falta la organización.")
    if len(named) > 1:
        raise Refused(403, "La actividad nombra dos organizaciones distintas.")
    if not named <= config.allowed_tenants:
        raise Refused(403, "La organización no está autorizada.")


def _person(data: Json) -> None:
    if text(data, "type") not in FROM_THE_CHANNEL and not text(part(data, "from"), "aadObjectId"):
        raise Refused(403, "Falta la identidad de la persona (aadObjectId).")


def _host(config: TeamsConfig, data: Json) -> None:
    if not config.trusts(data["serviceUrl"]):
        raise Refused(403, "La dirección de servicio no está autorizada.")


def _shape(data: Json) -> None:
    if not text(data, "type") or not text(part(data, "conversation"), "id"):
        raise Refused(400, "El cuerpo no es una actividad.")


def _card_action(value: object) -> None:
    """B14: the SDK reads this under a bare `except`, which also eats a cancellation; so nothing is left to go wrong."""
    action = value.get("action") if isinstance(value, dict) else None
    if not isinstance(action, dict):
        raise Refused(400, "La acción de la tarjeta no tiene la forma esperada.")
    if action.get("type") != "Action.Execute" or not text(action, "verb") or not isinstance(action.get("data"), dict):
        raise Refused(400, "La acción de la tarjeta no tiene la forma esperada.")
