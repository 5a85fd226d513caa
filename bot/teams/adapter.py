from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from botbuilder.core import BotAdapter, InvokeResponse, TurnContext
from botbuilder.schema import Activity, ActivityTypes, ConversationReference, ResourceResponse
from botframework.connector.auth.authenticate_request_result import AuthenticateRequestResult

from bot.teams import wire
from bot.teams.limits import Sleep
from bot.teams.sender import ConnectorSender


class TeamsAdapter(BotAdapter):  # type: ignore[misc]  # the SDK is untyped
    """The SDK's middleware pipeline and turn, over our sender: no client, token or thread pool is made per turn."""

    def __init__(self, sender: ConnectorSender, sleep: Sleep = asyncio.sleep) -> None:
        super().__init__()
        self._sender = sender
        self._sleep = sleep

    async def process_activity(
        self,
        authenticated: AuthenticateRequestResult,
        activity: Activity,
        logic: Callable[[TurnContext], Awaitable[Any]],
    ) -> InvokeResponse | None:
        """Run a turn. An invoke's answer, or None for what is not an invoke. What the turn raises goes on upwards."""
        activity.caller_id = authenticated.caller_id
        # Teams never asks for the replies inside the answer, and the SDK would buffer them there for nobody.
        activity.delivery_mode = None
        context = TurnContext(self, activity)
        context.turn_state[self.BOT_IDENTITY_KEY] = authenticated.claims_identity
        context.turn_state[self.BOT_OAUTH_SCOPE_KEY] = authenticated.audience
        context.turn_state[self.BOT_CALLBACK_HANDLER_KEY] = logic
        await self.run_pipeline(context, logic)
        if activity.type != ActivityTypes.invoke:
            return None
        answer = context.turn_state.get(self._INVOKE_RESPONSE_KEY)
        return answer.value if answer else InvokeResponse(status=501)

    async def send_activities(self, context: TurnContext, activities: list[Activity]) -> list[ResourceResponse]:
        """Send in order. Raises DeliveryError, or ValueError for text and card in one activity."""
        return [await self._send(context, activity) for activity in activities]

    async def update_activity(self, context: TurnContext, activity: Activity) -> ResourceResponse:  # noqa: ARG002
        """Replace the activity whose id it carries."""
        place = activity.conversation.id
        receipt = await self._sender.update(activity.service_url, place, activity.id, wire.write_model(activity))
        return ResourceResponse(id=receipt.id)

    async def delete_activity(self, context: TurnContext, reference: ConversationReference) -> None:  # noqa: ARG002
        """Take an activity back."""
        await self._sender.delete(reference.service_url, reference.conversation.id, reference.activity_id)

    async def _send(self, context: TurnContext, activity: Activity) -> ResourceResponse:
        if activity.type == ActivityTypes.invoke_response:
            context.turn_state[self._INVOKE_RESPONSE_KEY] = activity
            return ResourceResponse()
        if activity.type == ActivityTypes.trace:
            return ResourceResponse()  # only the Emulator shows them
        if activity.type == "delay":
            await self._sleep((activity.value or 1000) / 1000)
            return ResourceResponse()
        # B15: the SDK makes a reply to whatever the turn's activity was, a made-up one when proactive. A channel's
        # thread is already in the conversation's id, so everything is sent to the conversation.
        activity.reply_to_id = None
        receipt = await self._sender.send(activity.service_url, activity.conversation.id, wire.write_model(activity))
        return ResourceResponse(id=receipt.id)
