"""Road 2: a leader answers, by card and by typing; the server enforces the method (R10–R13, R20)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from methodology.actions import find
from methodology.alerts import open_alerts, subject
from methodology.delivery import Ambiguous
from methodology.followups import effective, proposal_for
from methodology.rules.months import Month
from methodology.silence import approaches
from storage.ledger import Notice
from storage.matrix import Holding, Initiative, Person
from tests.bot.stage import Stage, words

NOVEMBER = Month(2026, 11)
OPENING = date(2026, 11, 26)
LEADER = "lt-astilleros"


def recorded(stage: Stage, code: str, month: Month = NOVEMBER):
    return stage.read(lambda session: effective(session, find(session, code).id, month))


def notices_of(session: Session, rule: str) -> list[Notice]:
    return list(session.scalars(select(Notice).where(Notice.rule == rule)))


def mail_of(session: Session, name: str) -> str:
    return str(session.scalar(select(Person.mail).where(Person.name.startswith(name))))


async def begin(stage: Stage) -> dict:
    await stage.on(OPENING)
    card = stage.card(LEADER, having="Comenzar")
    await stage.press(LEADER, card, "Comenzar")
    return card


def every(element: Any, key: str) -> list[dict]:
    """Every part of a card that has that key."""
    if isinstance(element, list):
        return [found for part in element for found in every(part, key)]
    if not isinstance(element, dict):
        return []
    return ([element] if key in element else []) + [found for part in element.values() for found in every(part, key)]


def shown(stage: Stage, card: dict) -> str:
    return words(next(m for m in stage.cards(LEADER) if m["id"] == card["id"]))


async def test_a_leader_reports_action_after_action_in_one_card(stage: Stage) -> None:
    card = await begin(stage)
    assert "AST-03" in shown(stage, card)
    await stage.press(LEADER, card, "Guardar y seguir", percent=60, text="La guía pasó a revisión final.")
    assert "AST-04" in shown(stage, card)
    follow_up = recorded(stage, "AST-03")
    assert (follow_up.percent, follow_up.text) == (60, "La guía pasó a revisión final.")
    assert (follow_up.timeliness, follow_up.author) == ("a_tiempo", "Lucía Bermúdez Castro")


async def test_a_recorded_follow_up_asks_the_database_little(stage: Stage) -> None:
    card = await begin(stage)
    seen: list[str] = []
    event.listen(stage.service.db.engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    await stage.press(LEADER, card, "Guardar y seguir", percent=60, text="La guía pasó a revisión final.")
    assert any("INSERT INTO follow_up" in one for one in seen)
    assert len(seen) <= 25, "\n".join(seen)


async def test_a_correction_begins_with_what_was_recorded(stage: Stage) -> None:
    card = await begin(stage)
    await stage.press(LEADER, card, "Guardar y seguir", percent=60, text="La guía pasó a revisión final.")
    await stage.press(LEADER, card, "Terminar por ahora")
    await stage.press(LEADER, card, "Corregir")
    again = next(one for one in stage.cards(LEADER) if one["id"] == card["id"])
    inputs = {one["id"]: one.get("value") for one in every(again, "id")}
    assert (inputs["percent"], inputs["text"]) == (60, "La guía pasó a revisión final.")
    said = " ".join(words(again).split())
    assert "**Anterior:** 50 % (octubre de 2026). Guía en revisión **Registrado este mes:** 60 %" in said


async def test_a_short_text_is_refused_and_what_was_typed_is_kept(stage: Stage) -> None:
    card = await begin(stage)
    await stage.press(LEADER, card, "Guardar y seguir", percent=60, text="corto")
    assert recorded(stage, "AST-03") is None
    assert "15 a 1.000 caracteres" in shown(stage, card)
    assert "corto" in shown(stage, card)


async def test_a_fall_needs_its_reason(stage: Stage) -> None:
    card = await begin(stage)
    await stage.press(LEADER, card, "Guardar y seguir", percent=40, text="La guía volvió a revisión jurídica.")
    assert recorded(stage, "AST-03") is None
    assert "motivo" in shown(stage, card)
    await stage.press(
        LEADER,
        card,
        "Guardar y seguir",
        percent=40,
        text="La guía volvió a revisión jurídica.",
        reason="Observaciones.",
    )
    assert recorded(stage, "AST-03").reason == "Observaciones."


async def test_thanks_are_answered_in_a_word_or_with_what_is_still_asked(stage: Stage) -> None:
    await begin(stage)
    await stage.sala.say(LEADER, "gracias")
    assert "**Aviso.** Con gusto." in words(stage.cards(LEADER)[-1])
    await stage.sala.say(LEADER, "AST-04 40% el comité revisó la guía")
    await stage.sala.say(LEADER, "gracias")
    assert "Con gusto. Falta el motivo de AST-04." in words(stage.cards(LEADER)[-1])


async def test_the_end_in_words_closes_the_card_that_still_asks(stage: Stage) -> None:
    card = await begin(stage)
    await stage.press(LEADER, card, "Guardar y seguir", percent=60, text="corto")
    await stage.sala.say(LEADER, "/terminar")
    assert "Puede retomar en cualquier momento con /ronda." in shown(stage, card)
    assert "aún no se registró" not in shown(stage, card)


async def test_the_end_in_words_leaves_a_receipt_as_it_is(stage: Stage) -> None:
    card = await begin(stage)
    await stage.press(LEADER, card, "Guardar y seguir", percent=60, text="La guía pasó a revisión final.")
    await stage.press(LEADER, card, "Terminar por ahora")
    await stage.sala.say(LEADER, "/terminar")
    assert "Seguimiento registrado" in shown(stage, card)


async def test_without_changes_keeps_the_number_and_still_asks_for_words(stage: Stage) -> None:
    card = await begin(stage)
    await stage.press(LEADER, card, "Sin cambios", text="")
    assert recorded(stage, "AST-03") is None
    await stage.press(LEADER, card, "Sin cambios", text="Sigue en revisión de la entidad.")
    assert recorded(stage, "AST-03").percent == 50


async def test_a_skipped_action_comes_round_again_and_the_receipt_says_what_was_recorded(stage: Stage) -> None:
    card = await begin(stage)
    await stage.press(LEADER, card, "Saltar")
    for percent in (80, 90, 60, 70, 45):
        await stage.press(
            LEADER, card, "Guardar y seguir", percent=percent, text=f"Avance verificado al {percent} por ciento."
        )
    assert "AST-03" in shown(stage, card)
    await stage.press(LEADER, card, "Guardar y seguir", percent=55, text="La guía pasó a revisión final.")
    assert "Seguimiento registrado" in shown(stage, card)
    assert "No queda ninguna acción pendiente" in shown(stage, card)


async def test_a_typed_line_registers_compliance_with_its_date_and_evidence(stage: Stage) -> None:
    await stage.on(OPENING)
    await stage.sala.say(LEADER, "AST-05 100% 60 soldadores certificados, cumplida el 20/11/2026 evidencia: acta 12")
    action = stage.read(find, "AST-05")
    assert (action.state, action.met_on) == ("cumplida", date(2026, 11, 20))
    assert recorded(stage, "AST-05").evidence == "acta 12"


async def test_a_logro_is_flagged_with_priority_and_kind_or_not_at_all(stage: Stage) -> None:
    card = await begin(stage)
    answer = {"percent": 60, "text": "La guía pasó a revisión final.", "is_achievement": "true"}
    await stage.press(LEADER, card, "Guardar y seguir", **answer, achievement_text="Guía de control lista para firma")
    assert recorded(stage, "AST-03") is None
    assert "prioridad del logro" in shown(stage, card)


async def test_a_correction_supersedes_and_keeps_the_former(stage: Stage) -> None:
    card = await begin(stage)
    await stage.press(LEADER, card, "Guardar y seguir", percent=60, text="La guía pasó a revisión final.")
    await stage.sala.say(LEADER, "AST-03 65% la guía pasó a revisión final y firma")
    assert (recorded(stage, "AST-03").percent, recorded(stage, "AST-03").correction) == (65, True)


async def test_after_the_window_the_old_card_is_closed_and_a_line_is_late(stage: Stage) -> None:
    await stage.on(OPENING)
    card = stage.card(LEADER, having="Comenzar")
    await stage.on(date(2026, 12, 1))
    await stage.press(LEADER, card, "Comenzar")
    assert "periodo está cerrado" in shown(stage, card)
    await stage.sala.say(LEADER, "AST-03 60% la guía pasó a revisión final")
    assert recorded(stage, "AST-03").timeliness == "extemporanea"


async def test_before_the_20th_with_the_former_month_complete_the_leader_is_asked_which_month(stage: Stage) -> None:
    await stage.sala.say(LEADER, "AST-03 55% la guía pasó a concepto jurídico")
    assert recorded(stage, "AST-03") is None
    question = stage.card(LEADER, having="¿A qué mes corresponde")
    await stage.press(LEADER, question, "Anticipar noviembre de 2026")
    assert recorded(stage, "AST-03").timeliness == "anticipada"


async def test_the_month_is_asked_only_for_the_lines_concerned(stage: Stage) -> None:
    october = Month(2026, 10)
    stage.read(lambda session: session.delete(effective(session, find(session, "AST-04").id, october)))
    await stage.sala.say(LEADER, "AST-03 55% la guía pasó a concepto jurídico\nAST-04 90% el convenio se publicó ayer")
    assert recorded(stage, "AST-04", october).percent == 90
    assert "AST-04" in words(stage.card(LEADER, having="Seguimiento registrado"))
    question = stage.card(LEADER, having="¿A qué mes corresponde")
    await stage.press(LEADER, question, "Anticipar noviembre de 2026")
    assert recorded(stage, "AST-03").percent == 55
    assert recorded(stage, "AST-04") is None


async def test_nobody_reports_for_an_initiative_that_is_not_theirs(stage: Stage) -> None:
    await stage.on(OPENING)
    await stage.sala.say("lt-biologicos", "AST-03 60% la guía pasó a revisión final")
    assert recorded(stage, "AST-03") is None


async def test_the_entitys_answer_is_prefilled_and_becomes_a_follow_up_only_by_the_leader(stage: Stage) -> None:
    await stage.on(date(2026, 11, 12))
    mailbox = "enlace.soluciones@dimar.example"
    await stage.answer(mailbox, "AST-04: 85 % – El proyecto recibió 14 comentarios y se ajusta el texto.")
    assert stage.read(lambda s: proposal_for(s, find(s, "AST-04").id, NOVEMBER)).percent == 85
    assert recorded(stage, "AST-04") is None
    assert stage.read(lambda s: approaches(s, find(s, "AST-04").entity_id, find(s, "AST-04").initiative_id)) == ""
    card = await begin(stage)
    await stage.press(LEADER, card, "Saltar")
    assert "Reportado por la entidad" in shown(stage, card)
    text = "El proyecto recibió 14 comentarios y se ajusta el texto."
    await stage.press(LEADER, card, "Guardar y seguir", percent=85, text=text)
    assert recorded(stage, "AST-04").source == "respuesta de la entidad"


async def test_an_answer_that_cannot_be_read_waits_in_plannings_tray(stage: Stage) -> None:
    await stage.on(date(2026, 11, 12))
    await stage.answer("enlace.soluciones@dimar.example", "Estamos revisando el asunto con la oficina jurídica.")
    await stage.sala.say("pl", "/bandeja")
    assert "Dimar" in words(stage.card("pl", having="Bandeja"))


async def test_a_wrong_code_undoes_no_other_line(stage: Stage) -> None:
    await stage.on(OPENING)
    await stage.sala.say(LEADER, "AST-03 60% se publicó la guía hoy\nAST-99 10% no existe esta acción aquí")
    assert recorded(stage, "AST-03").percent == 60
    assert "AST-99 no se registró" in words(stage.sala.messages(LEADER))


async def test_an_entity_whose_words_wait_to_be_read_is_neither_chased_nor_called_silent(stage: Stage) -> None:
    await stage.on(date(2026, 11, 12))
    mailbox = "enlace.soluciones@fng.example"
    await stage.answer(mailbox, "La garantía sigue en análisis de riesgo, vamos como en un 45%.")
    await stage.service.metronome.beat()
    assert "asunto" in words(stage.card("pl", having="Bandeja"))
    await stage.on(date(2026, 11, 27))
    told = [str(mail.message["Subject"]) for mail in stage.sala.mails(mailbox)]
    assert ["Acuse de recibo" in subject for subject in told] == [False, True]
    assert not any("Reiteración" in subject for subject in told)
    assert not any("FNG** no ha" in words(card) or "(FNG) no ha" in words(card) for card in stage.cards(LEADER))


async def test_what_a_person_must_read_first_is_never_called_pending(stage: Stage) -> None:
    await stage.on(date(2026, 11, 12))
    mailbox = "enlace.soluciones@sena.example"
    await stage.answer(mailbox, "AST-05: 60 % Circular expedida.\n\nMSQ-10: esperamos llegar al 45 %.")
    await stage.service.metronome.beat()
    (told,) = [one for one in stage.sala.mails(mailbox) if "Acuse de recibo" in str(one.message["Subject"])]
    body = told.message.get_body(("plain",)).get_content()
    assert "En revisión por Planeación: MSQ-10." in body
    assert "MSQ-10" not in body.partition("Pendiente de respuesta:")[2]


async def test_planning_counts_a_mail_that_no_program_could_read_as_the_answer(stage: Stage) -> None:
    await stage.on(date(2026, 11, 12))
    await stage.answer("enlace.soluciones@fng.example", "La garantía sigue en análisis de riesgo.")
    await stage.sala.say("pl", "/bandeja")
    await stage.press("pl", stage.card("pl", having="Bandeja"), "Abrir")
    await stage.press("pl", stage.card("pl", having="Volver a la bandeja"), "Cuenta como respuesta")
    waits = stage.read(lambda s: approaches(s, find(s, "AST-09").entity_id, find(s, "AST-09").initiative_id))
    assert waits == ""


async def test_a_promised_date_is_recorded_by_command_and_holds_the_alert(stage: Stage) -> None:
    await stage.on(date(2026, 11, 25))
    await stage.sala.say(LEADER, "/plazo Dimar 30/11/2026")
    assert "30 de noviembre de 2026" in words(stage.sala.messages(LEADER))
    await stage.on(date(2026, 11, 27))
    raised = stage.read(lambda s: [subject(a) for a in open_alerts(s) if a.kind == "NO_RESPUESTA"])
    assert "Dimar" not in raised
    assert "SENA" in raised


async def test_a_stranger_learns_nothing(stage: Stage) -> None:
    person = next(p for p in stage.sala.config.people if p.key == "vm")
    stage.read(lambda session: _forget(session, person.aad_id))
    await stage.sala.say("vm", "/estado")
    said = words(stage.sala.messages("vm"))
    assert "Astilleros" not in said
    assert "Escriba a Planeación" in said


def _forget(session, aad_id: str) -> None:
    from storage.matrix import Person  # noqa: PLC0415

    person = session.query(Person).filter(Person.aad_id == aad_id).one()
    person.aad_id, person.mail = None, "otra.persona@mincit.example"  # neither the identity nor the mail is anybody's


async def test_reminded_tomorrow_once_and_only_while_something_is_missing(stage: Stage) -> None:
    await stage.on(OPENING)
    card = stage.card(LEADER, having="Comenzar")
    await stage.press(LEADER, card, "Recordarme mañana")
    assert "Se le recordará el viernes 27 de noviembre de 2026" in shown(stage, card)
    await stage.press(LEADER, card, "Recordarme mañana")
    assert [one.inputs["by"] for one in stage.read(notices_of, "R11.recordatorio")] == ["Lucía Bermúdez Castro"]
    await stage.on(date(2026, 11, 27))
    assert "Continuar" in words(stage.card(LEADER, having="Continuar"))


async def test_a_delegate_gets_the_month_and_may_answer_until_the_window_closes(stage: Stage) -> None:
    await stage.on(OPENING)
    await stage.press(LEADER, stage.card(LEADER, having="Comenzar"), "Delegar")
    form = stage.card(LEADER, having="Delegar el seguimiento del mes")
    await stage.press(LEADER, form, "Registrar", persona=stage.read(mail_of, "Andrés Quintero"))
    await stage.service.metronome.beat()
    other = "lt-biologicos"
    card = stage.card(other, having="le delegó este seguimiento")
    assert "Lucía Bermúdez Castro le delegó este seguimiento" in words(card)
    await stage.press(other, card, "Comenzar")
    shown_now = stage.card(other, having="AST-03")
    await stage.press(other, shown_now, "Guardar y seguir", percent=60, text="La guía pasó a revisión final.")
    assert recorded(stage, "AST-03").author.startswith("Andrés Quintero")
    await stage.on(date(2026, 11, 27))
    delegated = "El seguimiento de este mes está delegado en Andrés Quintero Mesa hasta el 30/11/2026."
    assert delegated in words(stage.card(LEADER, having="falta"))
    await stage.on(date(2026, 12, 1))
    listed = words(stage.card("pl", having="Acciones sin reporte de noviembre"))
    assert "Lucía Bermúdez Castro (delegó el mes en Andrés Quintero Mesa hasta el 30/11/2026)" in listed


async def test_who_only_looked_at_delegating_goes_on_with_the_month(stage: Stage) -> None:
    await stage.on(OPENING)
    card = stage.card(LEADER, having="Comenzar")
    await stage.press(LEADER, card, "Delegar")
    await stage.press(LEADER, card, "Volver")
    await stage.press(LEADER, card, "Registrar el seguimiento")
    assert "AST-03" in shown(stage, card)


async def test_an_old_card_leads_to_the_window_that_is_open(stage: Stage) -> None:
    card = await begin(stage)
    await stage.on(date(2026, 12, 28))
    await stage.press(LEADER, card, "Saltar")
    assert "El periodo está cerrado" in shown(stage, card)
    await stage.press(LEADER, card, "Ir al seguimiento actual")
    assert "diciembre de 2026" in shown(stage, card)


async def _two_leaders(stage: Stage) -> dict[str, dict]:
    """Both of Astilleros, each before AST-03."""

    def put(session: Session) -> None:
        where = session.scalar(select(Initiative.id).where(Initiative.slug == "astilleros"))
        other = session.scalar(select(Person.id).where(Person.name.startswith("Andrés Quintero")))
        session.add(Holding(post="LT", person_id=other, initiative_id=where, since=date(2025, 1, 1)))

    stage.service.db.do(put)
    await stage.on(OPENING)
    cards = {}
    for who in (LEADER, "lt-biologicos"):
        cards[who] = next(m for m in stage.cards(who) if "Comenzar" in words(m) and "Astilleros" in words(m))
        await stage.press(who, cards[who], "Comenzar")
    return cards


async def test_what_one_leader_registers_the_others_card_shows_and_goes_on(stage: Stage) -> None:
    cards = await _two_leaders(stage)
    await stage.press(LEADER, cards[LEADER], "Guardar y seguir", percent=60, text="La guía pasó a revisión final.")
    await stage.service.settled()
    now = words(next(m for m in stage.cards("lt-biologicos") if m["id"] == cards["lt-biologicos"]["id"]))
    assert "Lucía Bermúdez Castro registró AST-03" in now
    assert "AST-04" in now


async def test_the_first_registration_closes_and_a_second_is_a_correction_that_was_seen(stage: Stage) -> None:
    cards = await _two_leaders(stage)
    by_text = "AST-03 60% la guía pasó a revisión final del equipo"
    update, stage.service.connector.update = stage.service.connector.update, _fails
    await stage.sala.say(LEADER, by_text)
    stage.service.connector.update = update
    other, second = cards["lt-biologicos"], {"percent": 70, "text": "La segunda líder registra otra cosa."}
    await stage.press("lt-biologicos", other, "Guardar y seguir", **second)
    now = words(next(m for m in stage.cards("lt-biologicos") if m["id"] == other["id"]))
    assert "Lucía Bermúdez Castro ya registró 60" in now
    assert "La segunda líder registra otra cosa." in now
    assert recorded(stage, "AST-03").percent == 60


async def _fails(*_args: object) -> None:
    raise Ambiguous("el canal no respondió")


async def test_a_month_is_told_in_words_alone_number_and_then_text(stage: Stage) -> None:
    await begin(stage)
    await stage.sala.say(LEADER, "60%")
    assert "AST-03: Describa el avance" in words(stage.card(LEADER, having="Puede responder con otro mensaje"))
    await stage.sala.say(LEADER, "La guía pasó a revisión final del equipo jurídico")
    assert recorded(stage, "AST-03").percent == 60
    await stage.sala.say(LEADER, "cancelar")
    assert "se retoma" in words(stage.cards(LEADER)[-1]) or "Continuar" in words(stage.cards(LEADER)[-1])
