"""Buttons: the card carries an opaque token; verb, arguments, posts, expiry and once-only stay in our table.

Card data is the client's to change, so everything is checked again at every press.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from methodology.people import Actor
from methodology.refusals import NotAllowed, NotFound, NotNow
from storage.db import ask
from storage.ledger import CardAction

LIFE = timedelta(days=45)


@dataclass(frozen=True)
class Where:
    """The conversation and the message that buttons stand in; empty while it is not posted.

    `only_for` is the one person who sees that message, where there are others.
    """

    place: str = ""
    activity_id: str = ""
    only_for: int | None = None


NOWHERE = Where()
_ISSUE = insert(CardAction)
_HELD = (
    select(CardAction)
    .where(CardAction.token == bindparam("token"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_ELSEWHERE = (
    select(CardAction.token)
    .where(
        CardAction.initiative_id.in_(bindparam("initiatives", expanding=True)),
        CardAction.verb == bindparam("verb"),
        CardAction.activity_id != "",
        CardAction.place != bindparam("place"),
    )
    .limit(1)
)


def issue(
    session: Session,
    scope: str,
    verbs: Sequence[str],
    args: Mapping[str, Any],
    now: datetime,
    *,
    posts: Sequence[str] = (),
    initiative_id: int | None = None,
    person_id: int | None = None,
    once: bool = False,
    fresh: dict[tuple[str, str], str] | None = None,
    where: Where = NOWHERE,
) -> list[str]:
    """The tokens of buttons, one a verb, about the same. Drawn again in the same scope, a button keeps its token.

    `fresh` are the tokens of a scope that nobody has drawn before: it is not asked for, and filled here. `where` the
    message stands is known at once of a card that replaces a pressed one; else `bind` says it later.
    """
    ref = json.dumps(args, sort_keys=True, ensure_ascii=False)
    tokens = {} if fresh is None else {verb: fresh[verb, ref] for verb in verbs if (verb, ref) in fresh}
    if fresh is None:
        for found in _found(session, scope, verbs, ref):
            found.expires_at = now + LIFE
            tokens[found.verb] = found.token
    if new := {verb: secrets.token_urlsafe(18) for verb in verbs if verb not in tokens}:
        row = {
            "scope": scope,
            "ref": ref,
            "args": dict(args),
            "posts": [str(post) for post in posts],
            "initiative_id": initiative_id,
            "person_id": person_id or where.only_for,
            "private": where.only_for is not None,
            "expires_at": now + LIFE,
            "once": once,
            "place": where.place,
            "activity_id": where.activity_id,
        }
        ask(session, _ISSUE, [row | {"verb": verb, "token": token} for verb, token in new.items()])
    tokens |= new
    if fresh is not None:
        fresh |= {(verb, ref): token for verb, token in new.items()}
    return [tokens[verb] for verb in verbs]


def _found(session: Session, scope: str, verbs: Sequence[str], ref: str) -> Sequence[CardAction]:
    drawn = (CardAction.scope == scope, CardAction.verb.in_(verbs), CardAction.ref == ref)
    return session.scalars(select(CardAction).where(*drawn)).all()


def press(session: Session, token: str, *, actor: Actor, place: str, activity_id: str, now: datetime) -> CardAction:
    """The button behind a token, if this person may press it here and now.

    Raises:
        NotFound: no such button, or it belongs to another conversation or message.
        NotAllowed: the person holds none of its posts today.
        NotNow: expired, or pressed before where once is enough.
    """
    button = session.scalar(_HELD, {"token": token})
    if button is None or not _is_there(button, place, activity_id):
        raise NotFound("Este botón no corresponde a un mensaje vigente de este asistente.")
    if button.person_id is not None and button.person_id != actor.person_id:
        raise NotAllowed("Este botón corresponde a otra persona.")
    if button.posts:
        actor.require(button.posts, button.initiative_id)
    if now >= button.expires_at:
        raise NotNow("Esta tarjeta ya venció. Solicite la vigente con /ayuda.")
    if button.once and button.used_at is not None:
        raise NotNow(f"Ya se registró ({button.used_by}).")
    if button.once:
        button.used_at, button.used_by = now, actor.name
    return button


def release(button: CardAction) -> None:
    """Nothing was done yet: it may be pressed again."""
    button.used_at, button.used_by = None, ""


def stand_elsewhere(session: Session, verb: str, initiative_ids: Collection[int], place: str) -> bool:
    """Whether a posted button of that verb about one of the initiatives stands in another conversation."""
    given = {"initiatives": list(initiative_ids), "verb": verb, "place": place}
    return ask(session, _ELSEWHERE, given).first() is not None


def last_message(session: Session, verb: str, initiative_id: int, place: str, **args: str) -> str:
    """The last message of a conversation with a button of that verb, initiative and arguments.

    Empty without one, and where that message was drawn anew since with other buttons.
    """
    query = select(CardAction).where(
        CardAction.verb == verb,
        CardAction.initiative_id == initiative_id,
        CardAction.place == place,
        CardAction.activity_id != "",
    )
    newest_first = query.order_by(CardAction.expires_at.desc(), CardAction.activity_id.desc())
    found = next((row for row in session.scalars(newest_first) if args.items() <= row.args.items()), None)
    if found is None:
        return ""
    anew = select(CardAction.token).where(
        CardAction.place == place,
        CardAction.activity_id == found.activity_id,
        CardAction.expires_at > found.expires_at,
    )
    return "" if session.scalar(anew.limit(1)) else found.activity_id


def bind(session: Session, scope: str, place: str, activity_id: str, only_for: int | None = None) -> None:
    """The message of a scope was posted: its buttons are pressed there and nowhere else.

    `only_for` is the one person who sees it, where others are: nobody else presses its buttons.
    """
    values: dict[str, Any] = {"place": place, "activity_id": activity_id}
    if only_for is not None:
        values |= {"person_id": only_for, "private": True}
    session.execute(update(CardAction).where(CardAction.scope == scope).values(values))


def is_private(session: Session, token: str) -> bool:
    """Whether the button stands in a message that one person sees."""
    button = session.get(CardAction, token)
    return button is not None and button.private


def _is_there(button: CardAction, place: str, activity_id: str) -> bool:
    """A channel post's conversation may come back with or without its `;messageid=`."""
    if button.place and button.place.partition(";")[0] != place.partition(";")[0]:
        return False
    return not (button.activity_id and activity_id) or button.activity_id == activity_id
