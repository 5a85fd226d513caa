from __future__ import annotations

from typing import Any

from botbuilder.core import TurnContext
from botbuilder.schema import Activity, Attachment, ConversationAccount, ConversationReference
from teams_wire import CARD, Caller, Peer, Start, Time

from methodology.delivery import Unreachable

ADAPTIVE = "application/vnd.microsoft.card.adaptive"


async def test_a_reply_gives_back_its_id(start: Start, peer: Peer) -> None:
    ids = []

    async def logic(context: TurnContext) -> None:
        ids.append((await context.send_activity("uno")).id)
        ids.append((await context.send_activity("dos")).id)

    caller = await start(logic)
    assert (await caller.post(peer.message()))[0] == 200
    assert ids == ["sent-1", "sent-2"]
    assert [seen.body["text"] for seen in peer.seen] == ["uno", "dos"]


async def test_a_card_is_sent_as_it_was_made(start: Start, peer: Peer) -> None:
    async def logic(context: TurnContext) -> None:
        await context.send_activity(Activity(attachments=[Attachment(content_type=ADAPTIVE, content=CARD)]))

    await (await start(logic)).post(peer.message())
    assert peer.seen[0].body["attachments"] == [{"contentType": ADAPTIVE, "content": CARD}]


async def test_an_activity_is_edited_and_taken_back_in_its_turn(start: Start, peer: Peer) -> None:
    async def logic(context: TurnContext) -> None:
        await context.update_activity(Activity(id="16", type="message", text="corregido"))
        await context.delete_activity("17")

    await (await start(logic)).post(peer.message())
    assert [(seen.method, seen.path.rpartition("/")[2]) for seen in peer.seen] == [("PUT", "16"), ("DELETE", "17")]


async def test_the_middleware_runs_around_the_turn(start: Start, peer: Peer) -> None:
    order = []

    class Middleware:
        async def on_turn(self, _context: TurnContext, following: Any) -> None:
            order.append("before")
            await following()
            order.append("after")

    async def logic(_context: TurnContext) -> None:
        order.append("turn")

    caller = await start(logic)
    caller.edge.adapter.use(Middleware())
    await caller.post(peer.message())
    assert order == ["before", "turn", "after"]


async def test_the_turn_knows_who_was_believed(start: Start, peer: Peer) -> None:
    seen = []

    async def logic(context: TurnContext) -> None:
        identity = context.turn_state[context.adapter.BOT_IDENTITY_KEY]
        seen.append((identity.is_authenticated, identity.get_claim_value("aud")))

    await (await start(logic)).post(peer.message())
    assert seen == [(True, "app-1")]


async def test_traces_stay_at_home_and_delays_are_slept(start: Start, peer: Peer, time: Time) -> None:
    async def logic(context: TurnContext) -> None:
        await context.send_trace_activity("trace")
        await context.send_activity(Activity(type="delay", value=1500))

    assert (await (await start(logic)).post(peer.message()))[0] == 200
    assert (peer.seen, time.slept) == ([], [1.5])


async def test_replies_are_sent_even_if_the_activity_asks_to_buffer_them(echo: Caller, peer: Peer) -> None:
    await echo.post(peer.message(deliveryMode="expectReplies"))
    assert [seen.body["text"] for seen in peer.seen] == ["hola"]


async def test_an_invoke_nobody_answers_is_501(start: Start, peer: Peer) -> None:
    async def logic(_context: TurnContext) -> None:
        return

    assert (await (await start(logic)).post(peer.click()))[0] == 501


async def test_what_the_sender_cannot_deliver_reaches_the_turn(start: Start, peer: Peer) -> None:
    from teams_wire import Answer  # noqa: PLC0415

    caught = []

    async def logic(context: TurnContext) -> None:
        try:
            await context.send_activity("hola")
        except Unreachable as error:
            caught.append(error)

    peer.next.append(Answer(403, {"error": {"code": "BotNotInConversationRoster"}}))
    assert (await (await start(logic)).post(peer.message()))[0] == 200
    assert len(caught) == 1


async def test_text_and_card_in_one_activity_is_a_fault_of_the_turn(start: Start, peer: Peer) -> None:
    async def logic(context: TurnContext) -> None:
        await context.send_activity(Activity(text="x", attachments=[Attachment(content_type=ADAPTIVE, content=CARD)]))

    caller = await start(logic)
    assert (await caller.post(peer.message()))[0] == 500
    assert isinstance(caller.errors[0][1], ValueError)


async def test_a_known_chat_is_continued_without_an_activity(start: Start, peer: Peer) -> None:
    async def logic(_context: TurnContext) -> None:
        return

    async def later(context: TurnContext) -> None:
        await context.send_activity("recordatorio")

    caller = await start(logic)
    reference = ConversationReference(
        activity_id="old",
        channel_id="msteams",
        service_url=peer.base,
        conversation=ConversationAccount(id="a:chat"),
    )
    await caller.edge.adapter.continue_conversation(reference, later)
    assert peer.seen[0].path == "/v3/conversations/a%3Achat/activities"
    assert peer.seen[0].body["text"] == "recordatorio"
