"""A verified activity becomes an answer: who speaks, what they want, one transaction, then the wire."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import Any

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.core.teams import TeamsActivityHandler
from botbuilder.schema import Activity
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot import commands, presses, typed, unknown
from bot.answers import Answer, FileOffer, LongWork, Turn, refused, said
from bot.companions import redrawn
from bot.core import Core
from bot.drawing.context import Desk
from bot.drawing.month import LEADERS
from bot.drawing.renderer import TeamsPost
from bot.evidence import WHICH, fetched, keep, meant
from bot.files import OFFERED, SEND, Files
from bot.first_contact import FirstContact
from bot.sending import REDRAW, TeamsSender, card_activity, remember_place
from bot.site import publish_site
from bot.teams import wire
from bot.teams.attachments import Downloader, Fetched, sent_files
from bot.teams.files import INVOKE as FILE_INVOKE
from bot.teams.files import Consent, read_consent
from cards.message import EXPIRED
from cards.parts import Element
from dialogs.commands import Command, parse
from dialogs.followup import STOPPED
from dialogs.lines import FollowUpLines
from methodology import buttons
from methodology.clock import local
from methodology.delivery import DeliveryError, Misconfigured, Permanent, Receipt
from methodology.history import recording
from methodology.people import UNKNOWN, Actor, actor_by_aad, person_by_aad
from methodology.refusals import NotAllowed, NotFound, Refusal, Stranger
from scheduler.jobs import NewJob
from storage.conversations import Overtaken

ADAPTIVE = "application/vnd.microsoft.card.adaptive"
MESSAGE = "application/vnd.microsoft.activity.message"
INVOKE = "adaptiveCard/action"
NOT_YOURS = "Los archivos se reciben como evidencia de quien lidera una iniciativa o de Planeación."
WELCOME = "Asistente de Soluciones por la Reindustrialización. Con /ayuda se ven las opciones de su cargo."
NOT_DONE = "No fue posible terminar. Intente de nuevo; Planeación ya lo ve en su bandeja."
_TRIES = 3
_REASON_MOST = 300


Defer = Callable[[Session, NewJob], bool]


class Turns(TeamsActivityHandler):  # type: ignore[misc] # botbuilder is untyped
    """The bot's logic, handed to the adapter."""

    def __init__(
        self,
        core: Core,
        teams: TeamsSender,
        beat: Callable[[], Coroutine[Any, Any, None]],
        defer: Defer,
        files: Files,
        downloader: Downloader,
    ) -> None:
        super().__init__()
        self._defer = defer
        self._core = core
        self._teams = teams
        self._beat = beat
        self._files = files
        self._downloader = downloader
        self._one_work = asyncio.Lock()
        self._first = FirstContact(core, teams.connector)

    # --- what the SDK calls -------------------------------------------------------------------------------------------

    async def on_message_activity(self, turn_context: TurnContext) -> None:
        activity: Activity = turn_context.activity
        if isinstance(activity.value, dict) and "a" in activity.value:
            answers = await self._work(_pressed, activity, activity.value, self._defer)
            await self._core.guarded(self._replace(activity, answers))
            self._offer(activity, answers[-1])
        else:
            answers = await self._heard(activity)
            await self._core.guarded(self._send(activity, answers))
        await self._after(answers, activity.conversation.id)

    async def _heard(self, activity: Activity) -> Sequence[Answer]:
        """Words, or files with or without words: those are the evidence of an action."""
        files = sent_files(activity.attachments) if _is_personal(activity) else []
        if not files:
            return await self._work(_written, activity, self._defer)
        if refusal := await self._work(_may_send, activity):
            return refusal
        had, problems = await fetched(self._downloader, files)
        return [*(await self._work(_sent, activity, had) if had else ()), *problems]

    async def on_invoke_activity(self, turn_context: TurnContext) -> InvokeResponse:
        activity: Activity = turn_context.activity
        if activity.name == FILE_INVOKE:
            return await self._file_answered(activity)
        if activity.name != INVOKE:
            return InvokeResponse(status=501)
        answers = await self._work(_pressed, activity, activity.value["action"]["data"], self._defer)
        self._core.later(self._follow(activity, answers))
        return InvokeResponse(status=200, body=self._invoke_body(answers[-1]))

    async def _file_answered(self, activity: Activity) -> InvokeResponse:
        """A consent card was accepted or declined: Teams hears at once that it arrived; the file follows."""
        consent = read_consent(activity.value)
        if consent is None:
            return InvokeResponse(status=400)
        answers = await self._work(_consented, activity, consent)
        if agreed := answers[-1].offer:
            self._core.later(self._files.settle(activity, consent, agreed.args))
        else:
            self._core.later(self._send(activity, answers))
        return InvokeResponse(status=200)

    def _offer(self, activity: Activity, answer: Answer) -> None:
        if answer.offer is not None:
            self._core.later(self._offer_in_chat(activity, answer.offer))

    async def _offer_in_chat(self, activity: Activity, offer: FileOffer) -> None:
        """Whatever was pressed in a channel, a file is one person's."""
        if _is_personal(activity):
            await self._files.offer(activity.service_url, activity.conversation.id, offer)
        else:
            post = await self._core.db.run(self._to_person, activity, said(OFFERED).card or {}, OFFERED)
            await self._files.offer(post.service_url, await self._teams.chat(post), offer)

    async def _follow(self, activity: Activity, answers: Sequence[Answer]) -> None:
        """After the invoke was answered: the posted message is edited too, for other devices and people."""
        last = answers[-1]
        own = bool(last.scope) or not last.redraw  # a pressed decision card is edited by its redraw alone
        if last.card is not None and own and (_is_personal(activity) or await self._is_private(activity)):
            await self._core.guarded(self._edit(activity, last))
        self._offer(activity, last)
        await self._after(answers, activity.conversation.id)

    async def on_conversation_update_activity(self, turn_context: TurnContext) -> None:
        await self._core.db.run(_remember, self._core, turn_context.activity)

    async def on_installation_update(self, turn_context: TurnContext) -> None:
        """A person who installs the bot is reachable again, and greeted once."""
        activity = turn_context.activity
        added = activity.action == "add" and _is_personal(activity)
        known = await self._core.db.run(_remember, self._core, activity)
        if added and not known and await self._first.meet(activity):
            known = await self._core.db.run(_remember, self._core, activity)
        if known and added:
            await self._send(activity, [said(WELCOME)])

    # --- one transaction --------------------------------------------------------------------------------------------

    async def _work(self, work: Callable[..., Sequence[Answer]], activity: Activity, *more: Any) -> Sequence[Answer]:  # noqa: ANN401 - passed through
        """Run the turn; a dialog that somebody else moved in between is read again."""
        for _attempt in range(_TRIES):
            try:
                return await self._core.db.at_once(work, self._core, activity, *more)
            except (Overtaken, IntegrityError):
                continue
            except Stranger as exc:
                if not await self._first.meet(activity):
                    return [_no(exc)]
            except Refusal as exc:
                return [_no(exc)]
        return [refused("Otra respuesta llegó al mismo tiempo. Intente de nuevo.")]

    # --- the wire ---------------------------------------------------------------------------------------------------

    def _invoke_body(self, answer: Answer) -> dict[str, Any]:
        if answer.card is None:
            return {"statusCode": 200, "type": MESSAGE, "value": answer.text}
        return {"statusCode": 200, "type": ADAPTIVE, "value": self._core.studio.noted(answer.card)}

    async def _send(self, activity: Activity, answers: Sequence[Answer]) -> None:
        """Post each answer where it was asked; what was asked in a channel is answered to that person alone."""
        private = await self._is_private(activity)
        for answer in answers:
            receipt = await self._whispered(activity, answer) if private else None
            only_for = await self._core.db.run(_speaker, activity) if receipt else None
            if receipt is None:
                receipt = await self._posted(activity, said(answer.text) if private and not answer.card else answer)
            if answer.scope:
                await self._core.db.run(buttons.bind, answer.scope, receipt.place, receipt.id, only_for)
            if answer.work:
                self._core.later(self._finish(answer.work, receipt, only_for))
            if answer.closes:
                await self._close(activity, answer.closes)

    async def _close(self, activity: Activity, posted: str) -> None:
        """An open card of this chat says that it is over."""
        message, place = self._message(said(STOPPED)), activity.conversation.id
        with contextlib.suppress(DeliveryError):  # it is a courtesy: what it asked is answered below it
            await self._teams.connector.update(activity.service_url, place, posted, message)

    async def _posted(self, activity: Activity, answer: Answer) -> Receipt:
        """In the chat it was asked in; from a channel, a card goes to the person's own chat."""
        if answer.card is not None and not _is_personal(activity):
            post = await self._core.db.run(self._to_person, activity, answer.card, answer.summary)
            return await self._teams.post(post)
        message = self._message(answer)
        return await self._teams.connector.send(activity.service_url, activity.conversation.id, message)

    async def _whispered(self, activity: Activity, answer: Answer) -> Receipt | None:
        """In the channel, for the asker's eyes; None when Teams refuses that. A lost answer is not repeated."""
        asker = activity.from_property
        message = self._message(answer) | {"recipient": {"id": asker.id, "name": asker.name}}
        if wire.is_targeted(activity):
            message["entities"] = [{"type": "targetedMessageInfo", "messageId": activity.id}]  # quotes the question
        place = activity.conversation.id
        try:
            return await self._teams.connector.send(activity.service_url, place, message, targeted=True)
        except (Permanent, Misconfigured):
            return None

    def _message(self, answer: Answer) -> dict[str, object]:
        if answer.card is None:
            return {"type": "message", "text": answer.text}
        return card_activity(self._core.studio.noted(answer.card), answer.summary)

    async def _is_private(self, activity: Activity) -> bool:
        """Whether only the speaker sees this: Teams says so of the message, we of the card that was pressed."""
        if _is_personal(activity):
            return False
        return wire.is_targeted(activity) or await self._core.db.run(buttons.is_private, _token(activity))

    def _to_person(self, session: Session, activity: Activity, card: Element, summary: str) -> TeamsPost:
        person = person_by_aad(session, activity.from_property.aad_object_id)
        if person is None:
            raise Stranger(UNKNOWN)
        return self._core.renderer.personal(session, person, card, summary)

    async def _replace(self, activity: Activity, answers: Sequence[Answer]) -> None:
        """Action.Submit, the fallback: the pressed card is edited in place; a sentence is sent."""
        if answers[-1].card is not None:
            await self._edit(activity, answers[-1])
        else:
            await self._send(activity, answers)

    async def _edit(self, activity: Activity, answer: Answer) -> None:
        if answer.card is None or not activity.reply_to_id:
            return
        targeted = await self._is_private(activity)
        message, place = self._message(answer), activity.conversation.id
        receipt = await self._teams.connector.update(
            activity.service_url, place, activity.reply_to_id, message, targeted=targeted
        )
        if answer.work:
            only_for = await self._core.db.run(_speaker, activity) if targeted else None
            self._core.later(self._finish(answer.work, receipt, only_for))

    async def _finish(self, work: LongWork, posted: Receipt, only_for: int | None) -> None:
        """Long work: its message says that it goes on, and is edited with what came of it, or that nothing did."""
        answer = said(NOT_DONE)
        try:
            async with self._one_work:
                found = await asyncio.to_thread(work.compute)
            answer = await self._core.db.run(self._drawn, work, found)
        finally:
            message = card_activity(self._core.studio.noted(answer.card or {}), answer.summary)
            targeted = only_for is not None
            await self._teams.connector.update(posted.service_url, posted.place, posted.id, message, targeted=targeted)
        await self._core.db.run(buttons.bind, work.scope, posted.place, posted.id, only_for)

    def _drawn(self, session: Session, work: LongWork, found: Any) -> Answer:  # noqa: ANN401 - what the work computed
        desk = Desk(session, self._core.studio, work.scope, self._core.clock.now())
        card, summary = work.draw(desk, found)
        return Answer(card=card, summary=summary)

    async def _after(self, answers: Sequence[Answer], place: str) -> None:
        """What the committed turn asks for; a failure here is told to a person and undoes nothing."""
        if any(answer.publish for answer in answers):
            await self._core.guarded(publish_site(self._core))
        if any(answer.beat or answer.redraw for answer in answers):
            await self._core.guarded(self._beat())
        for answer in answers:
            if answer.recorded:
                await self._core.guarded(self._tell_companions(answer.recorded, place))

    async def _tell_companions(self, recorded: Sequence[int], place: str) -> None:
        """Other leaders' open cards go on; one that cannot be edited refuses a second registration by itself."""
        for card in await self._core.db.run(redrawn, self._core, recorded, place):
            message = card_activity(self._core.studio.noted(card.card), card.summary)
            with contextlib.suppress(DeliveryError):  # it is a courtesy: the buttons refuse by themselves
                await self._teams.connector.update(card.service_url, card.place, card.activity_id, message)


def _no(refusal: Refusal) -> Answer:
    return replace(refused(str(refusal)), text=str(refusal), card=None)


def _turn(session: Session, core: Core, activity: Activity, values: dict[str, Any]) -> Turn:
    """Who speaks, by directory and date.

    Raises:
        NotAllowed: a stranger, or nobody with a post today.
    """
    now = core.clock.now()
    actor = actor_by_aad(session, activity.from_property.aad_object_id, local(now).date())
    _remember_person(session, core, activity, actor)
    desk = Desk(session, core.studio, f"turno:{activity.id}", now)
    return Turn(desk, actor, activity.conversation.id, activity.reply_to_id or "", values)


def _pressed(
    session: Session, core: Core, activity: Activity, values: dict[str, Any], defer: Defer
) -> Sequence[Answer]:
    turn = _turn(session, core, activity, values)
    answers = [presses.press(turn, str(values.get("a", "")))]
    _owe_redraws(session, core, activity, answers, defer)
    return answers


def _owe_redraws(session: Session, core: Core, activity: Activity, answers: Sequence[Answer], defer: Defer) -> None:
    """The edit of a posted decision card is one commit with what was decided."""
    for batch in {answer.redraw for answer in answers if answer.redraw}:
        defer(session, NewJob(REDRAW, batch, f"{REDRAW}:{batch}:{activity.id}", {"batch": batch}, core.clock.now()))


def _consented(session: Session, core: Core, activity: Activity, consent: Consent) -> Sequence[Answer]:
    """The token of a consent card is a button's: this person, here, once; it knows which file was offered."""
    turn = _turn(session, core, activity, {})
    button = buttons.press(
        session, consent.token, actor=turn.actor, place=turn.place, activity_id=turn.activity_id, now=turn.desk.now
    )
    if button.verb != SEND:
        raise NotFound(EXPIRED)
    return [Answer(offer=FileOffer(button.scope, consent.token, button.args))]


def _may_send(session: Session, core: Core, activity: Activity) -> Sequence[Answer]:
    """A stranger's file is not even fetched; nor is one that belongs to no action."""
    turn = _turn(session, core, activity, {})
    if not turn.actor.holds(LEADERS):
        return [refused(NOT_YOURS)]
    return [] if meant(turn, activity.text or "") else [refused(WHICH)]


def _sent(session: Session, core: Core, activity: Activity, files: Sequence[Fetched]) -> Sequence[Answer]:
    turn = _turn(session, core, activity, {})
    with recording(session, turn.actor.name, "Archivo enviado en el chat", turn.desk.now):
        return keep(turn, (activity.text or "").strip(), files)


def _written(session: Session, core: Core, activity: Activity, defer: Defer) -> Sequence[Answer]:
    answers = _understood(session, core, activity)
    _owe_redraws(session, core, activity, answers, defer)
    return answers


def _understood(session: Session, core: Core, activity: Activity) -> Sequence[Answer]:
    turn = _turn(session, core, activity, {})
    text = activity.text or ""
    names, entities = commands.initiative_names(session), commands.entity_names(session)
    meant = parse(text, names, turn.desk.today, entities)
    with recording(session, turn.actor.name, text.strip()[:_REASON_MOST], turn.desk.now):
        if isinstance(meant, Command):
            return [commands.run(turn, meant)]
        if isinstance(meant, FollowUpLines):
            return typed.type_lines(turn, meant, text)
        return typed.in_words(turn, meant) or [unknown.answer(turn, meant)]


def _remember(session: Session, core: Core, activity: Activity) -> bool:
    """Where the channel or the person is reached; whether the person is known."""
    if not _is_personal(activity):
        channel = activity.conversation.id.partition(";")[0]
        _remember_place(session, core, f"channel:{channel}", channel, activity)
        return False
    aad_id = getattr(activity.from_property, "aad_object_id", None)
    if not aad_id:
        return False
    try:
        actor = actor_by_aad(session, aad_id, local(core.clock.now()).date())
    except NotAllowed:
        return False
    _remember_person(session, core, activity, actor)
    return True


def _remember_person(session: Session, core: Core, activity: Activity, actor: Actor) -> None:
    if _is_personal(activity):
        _remember_place(session, core, f"person:{actor.person_id}", activity.conversation.id, activity)


def _remember_place(session: Session, core: Core, reader: str, place: str, activity: Activity) -> None:
    tenant = activity.conversation.tenant_id or core.settings.tenant_id
    remember_place(session, reader, place, activity.service_url, tenant, core.clock)


def _speaker(session: Session, activity: Activity) -> int | None:
    person = person_by_aad(session, activity.from_property.aad_object_id)
    return person.id if person else None


def _token(activity: Activity) -> str:
    """The pressed button's token, as the two ways of pressing carry it; empty for words."""
    value = activity.value if isinstance(activity.value, dict) else {}
    pressed = value["action"]["data"] if activity.name == INVOKE else value
    return str(pressed.get("a", ""))


def _is_personal(activity: Activity) -> bool:
    return (activity.conversation.conversation_type or "personal") == "personal"
