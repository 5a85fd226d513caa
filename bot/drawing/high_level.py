"""The Minister's card, the second moment, cases and exits, and the letters to an Equipo de Alto Nivel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from bot.drawing import alerting
from bot.drawing.context import Desk, reader_for
from bot.drawing.decision_links import link
from bot.drawing.forms import about_button, open_button
from cards import case as case_card
from cards import exit as exit_card
from cards import measure as measure_news
from cards import minister, second_moment
from cards.parts import Element, Reader, count, greeting
from mail.gateway import OutgoingMail, message_id_for
from mail.writing.asked import SALUTATION
from mail.writing.high_level import VICE_MINISTRY, InvitationData, SecondMomentData, TakenAlert, invitation
from mail.writing.high_level import second_moment as second_moment_mail
from mail.writing.notice import Link, NoticeData
from mail.writing.notice import notice as written
from methodology import cases
from methodology.alerts import TOLD, lapsed, subject
from methodology.high_level import ON_BEHALF, active_members, titled
from methodology.notices import reason
from methodology.operation import Kind
from methodology.operations import find
from methodology.people import holders, is_acting
from methodology.posts import post_name
from methodology.rules.spanish import full_date, long_date
from methodology.rules.states import CASE_LABELS, AlertKind, Post
from scheduler.ports import Batch
from storage.ledger import Alert, HighLevelCase, Notice
from storage.life import Measure, Member
from storage.matrix import Entity, Initiative, Person

Drawn = tuple[Element, str]
SITUATIONS = {
    AlertKind.OVERDUE_MONTH: "Vencida hace {days}",
    AlertKind.NO_REPLY: "Sin respuesta hace {days}",
}


def minister_card(desk: Desk, reader: Reader, notices: Sequence[Notice], tries: alerting.Tries | None = None) -> Drawn:
    """R17: what was taken to the Minister, to whoever holds the post on the day of sending."""
    initiative = desk.session.get_one(Initiative, notices[0].initiative_id)
    taken = tuple(
        minister.TakenAlert(
            alerting.escalated(desk, desk.session.get_one(Alert, notice.alert_id), tries),
            str(notice.inputs["by"]),
            str(notice.inputs["reason"]),
        )
        for notice in notices
    )
    data = minister.Minister(reader, initiative.name, taken)
    return minister.minister(data), minister.summary(data)


def decision_of(desk: Desk, notices: Sequence[Notice], tries: alerting.Tries | None = None) -> Drawn:
    """The card on which somebody just decided, or tried to, drawn again: the Minister's own, or the channel's."""
    if notices[0].rule != "R17.ministro":
        return alerting.escalation_card(desk, notices, tries=tries)
    found = holders(desk.session, Post.MINISTER, notices[0].initiative_id, desk.today)
    reader = reader_for(found[0], Post.MINISTER) if found else Reader("", "m", Post.MINISTER)
    return minister_card(desk, reader, notices, tries)


def redrawn(desk: Desk, reader: str, notices: Sequence[Notice]) -> Drawn:
    """A posted card about decisions as it now stands: the leader's news of them, or the card they are taken on."""
    if notices[0].rule != TOLD:
        return decision_of(desk, notices)
    person = desk.session.get_one(Person, int(reader.partition(":")[2]))
    return alerting.decision_card(desk, reader_for(person, Post.LEADER), notices)


def proposal_card(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> Drawn:
    """R18: what may go to the Equipo de Alto Nivel, with the form that decides it."""
    initiative = desk.session.get_one(Initiative, notices[0].initiative_id)
    rows = [desk.session.get_one(Alert, notice.alert_id) for notice in notices]
    team = active_members(desk.session, initiative.id, desk.today)
    data = second_moment.SecondMoment(
        reader=reader,
        initiative=initiative.name,
        habiles=notices[-1].inputs["second_moment_habiles"],
        alerts=tuple(_waiting(desk, alert, decidable=bool(team)) for alert in rows),
        team=tuple(f"{one.holder}, {titled(one)}" for one in team),
    )
    return second_moment.second_moment(data), second_moment.summary(data)


def _waiting(desk: Desk, alert: Alert, *, decidable: bool) -> second_moment.WaitingAlert:
    return second_moment.WaitingAlert(
        subject=subject(alert),
        text=alerting.words_of(alert),
        entity=alerting.entity_of(alert),
        due=alert.action.due if alert.action else None,
        told_on=alert.raised_told_on or desk.today,
        decide=about_button(desk, find("alerta.segundo_momento"), Kind.ALERT, alert) if decidable else "",
        lapsed=tuple(lapsed(alert, desk.today)),
    )


def exit_news(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> Drawn:
    """R33: the exits of one initiative."""
    initiative = desk.session.get_one(Initiative, notices[0].initiative_id)
    lines = tuple(
        exit_card.ExitedAction(
            code=notice.action.code,
            text=notice.action.text,
            entity=notice.action.entity.short,
            due=notice.due,
            by=str(notice.inputs["by"]),
            on=notice.recorded_on,
            reason=str(notice.inputs["reason"]),
        )
        for notice in notices
        if notice.action
    )
    data = exit_card.ExitNews(reader, initiative.name, lines, desk.studio.matrix_url(initiative))
    return exit_card.exit_news(data), exit_card.summary(data)


def measure_card(desk: Desk, reader: Reader, notices: Sequence[Notice]) -> Drawn:
    """R32: a measure, to the person who answers for it."""
    data = _measure_news(desk, reader, notices[-1])
    return measure_news.measure(data), measure_news.summary(data)


def _measure_news(desk: Desk, reader: Reader, notice: Notice) -> measure_news.MeasureNews:
    row = desk.session.get_one(Measure, notice.inputs["measure"])
    return measure_news.MeasureNews(
        reader=reader,
        initiative=row.case.initiative.name,
        description=row.description,
        deadline=row.deadline,
        by=str(notice.inputs["by"]),
        was=date.fromisoformat(notice.inputs["was"]) if "was" in notice.inputs else None,
        open=open_button(desk, Kind.CASE, row.case) if reader.post in cases.OWNERS else "",
        why=desk.button("notice.why", {"notice": notice.id}),
    )


def case_state(desk: Desk, row: HighLevelCase) -> case_card.CaseView:
    """R31–R33: the parts of its owners, its measures and the outcomes, as they stand."""
    measures = cases.measures_of(desk.session, row)
    return case_card.CaseView(
        state=CASE_LABELS[row.state],
        leader_part=_signed(row.leader_part, row.leader_by),
        management_part=_signed(row.management_part, row.management_by),
        measures=tuple(
            case_card.CaseMeasure(m.description, m.responsible, m.deadline, _word(m.state)) for m in measures
        ),
        outcomes=tuple((one.action.code, _word(one.outcome)) for one in cases.actions_of(desk.session, row)),
    )


def _signed(words: str, who: str) -> str:
    return f"{words} ({who})" if words else ""


def _word(state: str) -> str:
    return state[:1].upper() + state[1:]


# --- letters ----------------------------------------------------------------------------------------------------------


def _member(desk: Desk, batch: Batch) -> Member:
    return desk.session.get_one(Member, int(batch.reader.partition(":")[2]))


def _salutation(member: Member) -> str:
    return greeting(Reader(member.holder, member.gender, Post.HIGH_LEVEL))


def _copies(member: Member) -> tuple[str, ...]:
    return (member.substitute_mail,) if member.substitute_mail else ()


def invitation_letter(desk: Desk, batch: Batch) -> OutgoingMail:
    """R42: the letter that was signed off, to the member it names."""
    member, notice = _member(desk, batch), batch.notices[-1]
    signer, post = _signer(desk, member)
    return invitation(
        InvitationData(
            to=(member.mail,),
            cc=_copies(member),
            salutation=_salutation(member),
            initiative=member.initiative.name,
            letter=member.letter,
            signer=signer,
            signer_post=post,
            why=reason(notice),
            message_id=message_id_for(f"{notice.key}|{member.id}", desk.studio.settings.mail_domain),
            letterhead=desk.studio.letterhead,
            illustrative=desk.studio.settings.illustrative,
        )
    )


def _signer(desk: Desk, member: Member) -> tuple[str, str]:
    """Who signs and under which post: the Vice Minister by name, with «(E)»; else the Viceministry."""
    if not member.signed_by.endswith(ON_BEHALF):
        where = member.initiative_id
        for person in holders(desk.session, Post.VICE_MINISTER, where, desk.today):
            if person.name == member.signed_by:
                acting = is_acting(desk.session, person.id, Post.VICE_MINISTER, where, desk.today)
                return person.name, post_name(Post.VICE_MINISTER, person.gender, acting=acting)
        return member.signed_by, VICE_MINISTRY
    return "", VICE_MINISTRY


def second_moment_letter(desk: Desk, batch: Batch) -> OutgoingMail:
    """R18: the alerts of one initiative that were taken to this member."""
    member, key = _member(desk, batch), batch.notices[-1].key
    rows = [desk.session.get_one(Alert, notice.alert_id) for notice in batch.notices]
    return second_moment_mail(
        SecondMomentData(
            to=(member.mail,),
            cc=_copies(member),
            salutation=_salutation(member),
            initiative=member.initiative.name,
            alerts=tuple(_taken(desk, alert) for alert in rows),
            links=() if member.substitute_mail else tuple(_decisions_of(desk, member, rows)),
            why=reason(batch.notices[-1]),
            message_id=message_id_for(f"{key}|{member.id}", desk.studio.settings.mail_domain),
            letterhead=desk.studio.letterhead,
            illustrative=desk.studio.settings.illustrative,
        )
    )


def measure_letter(desk: Desk, batch: Batch) -> OutgoingMail:
    """R32: the same to an entity, or to a member of the team, who has no chat with us."""
    told, (kind, _, ref) = batch.notices[-1], batch.reader.partition(":")
    if kind == "member":
        member = desk.session.get_one(Member, int(ref))
        to, copies, salutation = member.mail, _copies(member), _salutation(member)
    else:
        to, copies, salutation = desk.session.get_one(Entity, int(ref)).mail, (), SALUTATION
    news = _measure_news(desk, Reader("", "f", Post.HIGH_LEVEL), told)
    was = f" (antes, el {long_date(news.was)})" if news.was else ""
    return written(
        NoticeData(
            to=(to,),
            cc=copies,
            title=measure_news.summary(news),
            salutation=salutation,
            paragraphs=(measure_news.BODY, news.description, f"Plazo: {full_date(news.deadline)}{was}."),
            why=reason(told),
            message_id=message_id_for(f"{told.key}|{batch.reader}", desk.studio.settings.mail_domain),
            letterhead=desk.studio.letterhead,
            illustrative=desk.studio.settings.illustrative,
        )
    )


def _decisions_of(desk: Desk, member: Member, rows: Sequence[Alert]) -> Iterator[Link]:
    """R44: a member acknowledges, takes a measure or proposes a meeting from the letter itself.

    Not where a substitute reads a copy: a link decides in the name of the one it was written to.
    """
    who = f"member:{member.id}"
    for alert in rows:
        given = {"alerta": str(alert.id)}
        acknowledge = link(desk, "ean.acusar", given | {"integrante": str(member.id)}, who)
        yield Link(f"{subject(alert)}: Acusar recibo", acknowledge)
    if case := cases.open_case(desk.session, member.initiative_id):
        yield Link("Proponer una medida", link(desk, "caso.medida", {"caso": str(case.id)}, who))
    meeting = link(desk, "ean.reunion", {"iniciativa": member.initiative.slug}, who)
    yield Link("Proponer una reunión", meeting)


def _taken(desk: Desk, alert: Alert) -> TakenAlert:
    days, kind = alerting.days_of(desk, alert), AlertKind(alert.kind)
    unit = ("día", "días") if kind == AlertKind.OVERDUE_MONTH else ("día hábil", "días hábiles")
    words = alerting.words_of(alert)
    return TakenAlert(
        subject=f"{alert.action.code}: {words}" if alert.action else words,
        entity=alerting.entity_of(alert),
        due=alert.action.due if alert.action else None,
        situation=SITUATIONS[kind].format(days=count(days, *unit)),
        reason=alert.second_reason,
    )
