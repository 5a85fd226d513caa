"""R14: which follow-up an entity was shown depends on the moment at which its mail went, whichever mail it was."""

from __future__ import annotations

import pytest
from core_world import INVIMA, Core, at, day

from methodology.shown import last_reports
from storage.ledger import Delivery, Notice, Outreach
from storage.matrix import FollowUp

SENT = at("2026-11-18", 9)


@pytest.mark.parametrize(
    ("rule", "period"),
    [
        ("R14", "2026-11"),
        ("R14.reiteracion", "2026-11"),
        ("R14.entrega", "2026-11-18:ana.ruiz@invima.example"),
    ],
)
def test_what_was_registered_after_the_mail_went_was_not_shown(core: Core, rule: str, period: str) -> None:
    action = core.action("BIO-01", due="2027-10-31")
    entity = core.entity(INVIMA)
    on = {"recorded_on": SENT.date(), "deliver_on": SENT.date()}
    about = {"rule": rule, "subject": INVIMA, "entity_id": entity.id, "period": period, "post": "ENT"}
    notice = core.add(Notice(key=rule, channel="mail", state="sent", **about, **on))
    where = {"batch": "b", "bundle": "b", "reader": f"entity:{entity.id}", "channel": "mail"}
    core.add(Delivery(notice_id=notice.id, state="sent", sent_at=SENT, **where))
    outreach = core.add(
        Outreach(entity_id=entity.id, month="2026-11", kind="entrega", on=day("2026-11-18"), token="SR", asked=[])
    )
    values = {
        "timeliness": "a_tiempo",
        "source": "formulario",
        "action_id": action.id,
        "percent": 40.0,
        "text": "En consulta",
        "author": "Ana",
    }
    before = core.add(FollowUp(month="2026-10", at=at("2026-11-18", 8), **values))
    core.add(FollowUp(month="2026-11", at=at("2026-11-18", 10), **values))
    assert last_reports(core.session, outreach, [action.id]) == {action.id: before}
