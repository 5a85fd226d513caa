from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from botbuilder.schema import Activity, Attachment, ChannelAccount, ConversationAccount
from teams_wire import CARD, Peer

from bot.teams import wire


def test_an_activity_reads_as_the_sdk_reads_it() -> None:
    data = Peer(base="https://x/").message(
        membersAdded=[{"id": "29:x", "name": "X"}],
        attachments=[{"contentType": "text/html", "content": "<p>hola</p>"}],
        reactionsAdded=[{"type": "like"}],
    )
    ours, theirs = wire.read_activity(data), Activity().deserialize(json.loads(json.dumps(data)))
    theirs.conversation.tenant_id = ours.conversation.tenant_id  # their map misspells its key
    theirs.conversation.additional_properties = {}
    theirs.timestamp = ours.timestamp  # theirs keeps no fraction beyond its own
    assert ours == theirs


def test_the_conversations_tenant_is_read_and_written_as_the_wire_spells_it() -> None:
    activity = wire.read_activity({"conversation": {"id": "c", "tenantId": "t"}})
    assert activity.conversation.tenant_id == "t"
    assert json.loads(wire.dumps(activity)) == {"conversation": {"id": "c", "tenantId": "t"}}


def test_a_mention_keeps_what_it_mentions() -> None:
    entity = {"type": "mention", "mentioned": {"id": "28:bot", "name": "Soluciones"}, "text": "<at>Soluciones</at>"}
    activity = wire.read_activity({"entities": [entity]})
    assert activity.entities[0].additional_properties["mentioned"]["id"] == "28:bot"
    assert json.loads(wire.dumps(activity)) == {"entities": [entity]}


@pytest.mark.parametrize(("said", "private"), [(True, True), (False, False), ("true", False), (None, False)])
def test_only_teams_own_word_makes_a_message_private(said: Any, *, private: bool) -> None:
    recipient = {"id": "28:bot"} if said is None else {"id": "28:bot", "isTargeted": said}
    assert wire.is_targeted(wire.read_activity({"recipient": recipient, "from": {"isTargeted": True}})) is private
    assert not wire.is_targeted(wire.read_activity({"text": "hola"}))


def test_the_caller_cannot_say_who_it_is_to_the_sdk() -> None:
    assert wire.read_activity({"callerId": "urn:botframework:azure"}).caller_id is None


def test_time_stamps_are_aware_and_a_bad_one_is_none() -> None:
    stamp = "2026-09-23T13:07:49.4714686-05:00"
    assert wire.read_activity({"timestamp": stamp}).timestamp == datetime(2026, 9, 23, 18, 7, 49, 471468, tzinfo=UTC)
    assert wire.read_activity({"timestamp": "ayer"}).timestamp is None


@pytest.mark.parametrize(
    "data",
    [
        {"from": "Ana"},
        {"text": {"a": 1}},
        {"membersAdded": {"id": "x"}},
        {"membersAdded": ["x"]},
        {"recipient": {"id": []}},
    ],
)
def test_what_is_not_shaped_like_an_activity_is_refused(data: Any) -> None:
    with pytest.raises(wire.Malformed):
        wire.read_activity(data)


def test_models_are_written_once_wherever_they_are() -> None:
    made = Activity(
        type="message",
        from_property=ChannelAccount(id="28:x"),
        conversation=ConversationAccount(id="c"),
        attachments=[Attachment(content_type="application/vnd.microsoft.card.adaptive", content=CARD)],
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert json.loads(wire.dumps({"inside": made})) == {
        "inside": {
            "type": "message",
            "from": {"id": "28:x"},
            "conversation": {"id": "c"},
            "attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": CARD}],
            "timestamp": "2026-01-01T00:00:00+00:00",
        }
    }


def test_what_cannot_be_written_says_so() -> None:
    with pytest.raises(TypeError, match="object"):
        wire.dumps({"a": object()})
