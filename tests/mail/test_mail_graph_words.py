from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from gateway_contract import MAIL, NOW
from graph import GraphPeer
from graph_client import Sleeper, file, gateway_to
from mailbox_contract import raw_of

from mail.graph import GraphGateway

CSDL = Path(__file__).parents[2].parent / "shared" / "schemas" / "graph-v1.0.csdl"
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
Types = dict[str, dict[str, str]]


@pytest.fixture
async def peer() -> AsyncIterator[GraphPeer]:
    async with GraphPeer(NOW) as made:
        yield made


@pytest.fixture
def sleeper() -> Sleeper:
    return Sleeper()


@pytest.fixture
async def gateway(peer: GraphPeer, sleeper: Sleeper) -> AsyncIterator[GraphGateway]:
    made = gateway_to(peer, sleeper)
    yield made
    await made.close()


def test_every_word_is_one_of_graphs_own(spoken: list[tuple[str, dict[str, Any]]]) -> None:
    types = schema_types()
    assert {kind for kind, _ in spoken} == {"message", "fileAttachment", "attachmentItem", "uploadSession"}
    strangers = [word for kind, body in spoken for word in unknown(types, kind, body)]
    assert strangers == []
    assert unknown(types, "message", {"toRecipients": [{"emailAddress": {"adress": "x"}}]}) == ["emailAddress.adress"]


def test_every_action_is_one_of_graphs_own() -> None:
    bound = {
        (one.get("Name"), next(iter(one.iter(f"{EDM}Parameter"))).get("Type"))
        for tag in ("Action", "Function")
        for one in graph_schema().iter(f"{EDM}{tag}")
        if one.get("IsBound") == "true"
    }
    assert {
        ("send", "graph.message"),
        ("delta", "Collection(graph.message)"),
        ("createUploadSession", "Collection(graph.attachment)"),
    } <= bound


@pytest.fixture
async def spoken(peer: GraphPeer, gateway: GraphGateway) -> list[tuple[str, dict[str, Any]]]:
    """All that is said in a sending with attachments of every size, a look and a reading."""
    peer.renames = True
    await gateway.send(replace(MAIL, attachments=(file(0.1), file(2.5), file(4))))
    await gateway.find_sent(MAIL.message_id)
    await peer.deliver(raw_of(1))
    await gateway.fetch("")
    return peer.spoken


def schema_types() -> Types:
    """Each type's properties with their types, those of its bases among them."""
    declared = {
        str(one.get("Name")): one for tag in ("EntityType", "ComplexType") for one in graph_schema().iter(f"{EDM}{tag}")
    }

    def properties(name: str) -> dict[str, str]:
        base = str(declared[name].get("BaseType") or "").removeprefix("graph.")
        own = {str(one.get("Name")): str(one.get("Type")) for one in declared[name].iter(f"{EDM}Property")}
        return {**(properties(base) if base else {}), **own}

    return {name: properties(name) for name in declared}


@cache
def graph_schema() -> ET.Element:
    if not CSDL.exists():
        pytest.skip(f"the schema of Graph is not at {CSDL}")
    schemas = ET.parse(CSDL).iter(f"{EDM}Schema")  # noqa: S314 - a file of ours
    return next(one for one in schemas if one.get("Namespace") == "microsoft.graph")


def unknown(types: Types, kind: str, body: dict[str, Any]) -> list[str]:
    found = []
    for name, value in body.items():
        declared = types[kind].get(name)
        if declared is None:
            found.append(f"{kind}.{name}")
            continue
        inner = declared.removeprefix("Collection(").removesuffix(")").removeprefix("graph.")
        for one in value if isinstance(value, list) else [value]:
            found += unknown(types, inner, one) if isinstance(one, dict) else []
    return found
