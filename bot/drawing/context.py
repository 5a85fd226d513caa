"""What every drawing reads: the moment, the method, the links and the settings that people see."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy.orm import Session

from bot.links import Links
from bot.settings import Settings
from cards.parts import ILLUSTRATIVE, Element, Reader, with_note
from mail.writing.letterhead import Letterhead
from methodology import buttons
from methodology.buttons import NOWHERE, Where
from methodology.clock import local
from methodology.contents import Published
from methodology.method import Method
from methodology.people import holders
from methodology.rules.states import Post
from storage.matrix import Initiative, Person

VICE_MINISTER_OFFICE = {"f": "de la Viceministra", "m": "del Viceministro"}


@dataclass(frozen=True)
class Studio:
    """The composition root's part of a drawing: what does not change from message to message."""

    settings: Settings
    links: Links
    method: Method

    @property
    def letterhead(self) -> Letterhead:
        return Letterhead(
            organisation=self.settings.operator,
            office=self.settings.mail_office,
            mail=self.settings.mail_sender,
            signer=self.settings.mail_signer,
            signer_post=self.settings.mail_signer_post,
            privacy=self.settings.privacy_notice,
            privacy_url=self.settings.privacy_notice_url,
            site=self.settings.microsite,
        )

    @property
    def published(self) -> Published:
        return Published(
            operator=self.settings.operator,
            microsite=self.settings.microsite or None,
            thresholds=self.method.thresholds,
        )

    def noted(self, card: Element) -> Element:
        """The card as it is posted: with the notice, where the data are illustrative."""
        return with_note(card, ILLUSTRATIVE) if self.settings.illustrative else card

    def matrix_url(self, initiative: Initiative, past: date | None = None) -> str:
        """The matrix of today, or as it stood at the end of a `past` day (R3)."""
        url = self.links.to("matriz", initiative.slug, f"/matriz/{initiative.slug}")
        return f"{url}&al={past.isoformat()}" if past else url

    def meeting_url(self, meeting_id: int) -> str:
        return self.links.to("reunion", str(meeting_id), f"/reuniones/{meeting_id}")

    def evidence_url(self, file_id: int) -> str:
        return self.links.to("evidencia", str(file_id), f"/evidencias/{file_id}")

    def report_url(self, report_id: int, extension: str) -> str:
        return self.links.to("informe", str(report_id), f"/informes/{report_id}.{extension}")


class Rights(TypedDict, total=False):
    """Who may press a button, about which initiative, and whether once only."""

    posts: tuple[Post, ...]
    initiative_id: int | None
    person_id: int | None
    once: bool


@dataclass(frozen=True)
class Desk:
    """One drawing: its session and moment, and the scope its buttons belong to.

    `fresh` are the tokens of a scope of its own (`anew`); `where` is the pressed message, which the answer replaces.
    """

    session: Session
    studio: Studio
    scope: str
    now: datetime
    fresh: dict[tuple[str, str], str] | None = None
    where: Where = NOWHERE

    def anew(self, prefix: str) -> Desk:
        """The same desk with a scope that nobody has drawn before."""
        return replace(self, scope=f"{prefix}:{secrets.token_hex(8)}", fresh={})

    def of(self, scope: str) -> Desk:
        """The same desk with a scope that may have been drawn."""
        return replace(self, scope=scope, fresh=None)

    @property
    def today(self) -> date:
        return local(self.now).date()

    def button(self, verb: str, args: Mapping[str, Any], **rights: Unpack[Rights]) -> str:
        """A button's token in this scope (see methodology.buttons)."""
        return self.buttons([verb], args, **rights)[0]

    def buttons(self, verbs: Sequence[str], args: Mapping[str, Any], **rights: Unpack[Rights]) -> list[str]:
        """The tokens of several buttons about the same."""
        return buttons.issue(
            self.session, self.scope, verbs, args, self.now, fresh=self.fresh, where=self.where, **rights
        )

    def office(self, initiative_id: int | None) -> str:
        """«de la Viceministra» or «del Viceministro», by who holds the post today."""
        found = holders(self.session, Post.VICE_MINISTER, initiative_id, self.today)
        return VICE_MINISTER_OFFICE[found[0].gender if found else "f"]


def reader_for(person: Person, post: str, *, acting: bool = False) -> Reader:
    return Reader(person.name, person.gender, post, acting=acting)
