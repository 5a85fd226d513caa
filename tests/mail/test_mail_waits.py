"""What an absence, a promise and an unreadable reply do when they come by mail. It is 18 November 2026."""

from __future__ import annotations

from datetime import date

import pytest
from mail_letters import letter
from mail_world import TOKEN, World

from methodology.replies import MailState
from storage.ledger import Alert, Silence

DATE = "Wed, 18 Nov 2026 10:00:00 -0500"
REPLIES = {"Auto_Submitted": "auto-replied", "Date": DATE}
OUT = "Me encuentro en vacaciones y regreso el 24 de noviembre de 2026."


def waits(world: World) -> set[tuple[date | None, date | None, date | None]]:
    return {(row.delayed_until, row.away_until, row.ended_on) for row in world.all(Silence)}


def absence(text: str = OUT, **more: str) -> bytes:
    return letter(text, subject="Respuesta automática", **(REPLIES | more))


def test_an_absence_from_the_entitys_address_moves_the_reiteration_and_the_alert(world: World) -> None:
    assert world.take_in(absence(), "") is MailState.PROCESSED
    assert waits(world) == {(None, date(2026, 11, 24), None)}
    assert (world.tray, world.proposals()) == ([], [])
    assert "esperan hasta el 24 de noviembre de 2026" in world.mails[0].reasons[-1]


def test_an_absence_that_only_its_text_tells_moves_them_too(world: World) -> None:
    assert world.take_in(letter(f"Buen día. {OUT}", Date=DATE)) is MailState.PROCESSED
    assert waits(world) == {(None, date(2026, 11, 24), None)}
    assert (world.tray, world.mails[0].kind) == ([], "out_of_office")


@pytest.mark.parametrize(
    "raw",
    [
        absence("Me encuentro en vacaciones."),
        absence(sender="ana.ruiz@invima.example"),
        absence(sender="otra@dian.example"),
        absence("Me encuentro en vacaciones y regreso el 16 de noviembre de 2026."),
    ],
    ids=["sin fecha", "otra persona de la entidad", "otra entidad", "ya volvió"],
)
def test_any_other_absence_moves_nothing(world: World, raw: bytes) -> None:
    assert world.take_in(raw, "") is MailState.PROCESSED
    assert waits(world) == {(None, None, None)}


def test_an_absence_that_answers_no_request_moves_nothing(world: World) -> None:
    world.outreach(month="2026-10", token="SR-VIEJ-AAAA")
    raw = letter(OUT, subject="Respuesta automática", thread=False, **REPLIES)
    assert world.take_in(raw, "") is MailState.PROCESSED
    assert waits(world) == {(None, None, None)}


def test_an_absence_that_cites_nothing_of_ours_is_recorded_only(world: World) -> None:
    raw = letter(OUT, subject="Respuesta automática", thread=False, **REPLIES)
    assert world.take_in(raw, "") is MailState.PROCESSED
    assert waits(world) == {(None, None, None)}
    assert world.mails[0].outreach_id == 1  # by its address, which anybody can write
    assert world.mails[0].reasons[-1] == "La ausencia no cita ningún mensaje enviado ni su referencia: nada se aplaza"


def test_an_absence_that_carries_the_reference_is_believed(world: World) -> None:
    raw = letter(OUT, subject=f"Respuesta automática: Solicitud [Ref. {TOKEN}]", thread=False, **REPLIES)
    assert world.take_in(raw, "") is MailState.PROCESSED
    assert waits(world) == {(None, date(2026, 11, 24), None)}


def test_a_long_absence_is_asked_of_a_person_and_holds_no_silence_back(world: World) -> None:
    world.take_in(absence("Estaré en licencia; mi reintegro será el 14 de diciembre."), "")
    assert waits(world) == {(None, date(2026, 11, 26), None)}
    (item,) = world.tray
    assert item.title == "Invima: el contacto estará ausente hasta el 14 de diciembre de 2026; ¿hay otro contacto?"
    assert item.kind != "correo_por_clasificar"


def test_a_promise_to_answer_delays_and_waits_for_nobody(world: World) -> None:
    assert world.take_in(letter("Buenos días. Enviaremos el avance el 20 de noviembre.", Date=DATE)) is (
        MailState.PROCESSED
    )
    assert waits(world) == {(date(2026, 11, 20), None, None)}
    assert (world.tray, world.answered) == ([], [])
    assert world.outreaches[0].answered_on is None


def test_more_time_to_answer_is_a_promise_and_a_new_date_of_an_action_is_not(world: World) -> None:
    text = "Solicitamos ampliar el plazo hasta el 24 de noviembre de 2026 para dar respuesta."
    assert world.take_in(letter(text, Date=DATE)) is MailState.PROCESSED
    assert waits(world) == {(date(2026, 11, 24), None, None)}
    text = "Solicitamos prórroga de la acción hasta el 18 de diciembre de 2026."
    assert world.take_in(letter(text, Date=DATE)) is MailState.TRAY
    assert world.tray[0].title == "Invima solicita plazo hasta el 18 de diciembre de 2026"
    assert waits(world) == {(date(2026, 11, 24), None, None)}


def test_a_partial_answer_ends_its_silence_and_the_promise_delays_the_rest(world: World) -> None:
    text = "BIO-02: 80 % – Publicada\n\nLo demás: responderemos el 23 de noviembre."
    assert world.take_in(letter(text, Date=DATE)) is MailState.PROCESSED
    assert {(row.initiative_id, row.ended_because, row.delayed_until) for row in world.all(Silence)} == {
        (1, "respuesta", None),
        (2, "", date(2026, 11, 23)),
    }


@pytest.mark.parametrize(
    "text",
    [
        "Ya contestamos el viernes.",
        "Damos respuesta a su solicitud del 11.",
        "En atención a su comunicación del 11, damos respuesta: el decreto está en firma desde el lunes.",
        "Contestamos: la obra inició el 3 y va bien.",
    ],
)
def test_an_answer_that_only_sounds_like_a_promise_is_read_by_a_person(world: World, text: str) -> None:
    assert world.take_in(letter(text, Date=DATE)) is MailState.TRAY
    assert waits(world) == {(None, None, None)}


def test_a_promise_with_news_delays_and_is_read_by_a_person(world: World) -> None:
    text = "El decreto salió publicado ayer. Lo que falta lo responderemos el 20 de noviembre."
    assert world.take_in(letter(text, Date=DATE)) is MailState.TRAY
    assert waits(world) == {(date(2026, 11, 20), None, None)}
    assert world.tray[0].title == "Invima promete responder el 20 de noviembre de 2026; el correo dice algo más"


def test_a_third_promise_is_recorded_and_delays_no_more(world: World) -> None:
    for number, day in enumerate((20, 23, 24), 1):
        world.take_in(letter(f"Respondemos el {day}.", Date=DATE))
        assert world.all(Silence)[0].delays == min(number, 2)
    assert waits(world) == {(date(2026, 11, 23), None, None)}
    assert "ya se aplazó las veces previstas" in " ".join(world.mails[-1].reasons)
    assert world.tray == []


def test_a_promise_after_the_alert_is_shown_to_a_person(world: World) -> None:
    def alert(number: int) -> Alert:
        return Alert(
            key=f"a{number}", kind="NO_RESPUESTA", initiative_id=number, entity_id=1, episode="2026-11-11",
            raised_on=date(2026, 11, 17),
        )  # fmt: skip

    world.db.do(lambda session: session.add_all([alert(1), alert(2)]))
    assert world.take_in(letter("Respondemos el 20.", Date=DATE)) is MailState.TRAY
    assert world.tray[0].title == "Invima promete responder el 20 de noviembre de 2026; su alerta ya está en curso"


def test_a_doubtful_sender_promises_nothing(world: World) -> None:
    assert world.take_in(letter("Respondemos el 20.", sender="otra@gmail.com", Date=DATE)) is MailState.TRAY
    assert waits(world) == {(None, None, None)}


def test_what_outlook_packed_waits_for_a_person_with_what_to_do(world: World) -> None:
    raw = letter("Adjunto la respuesta.").replace(b"Content-Type: text/plain", b"X-Was: text/plain")
    raw = raw.replace(b"MIME-Version: 1.0", b"MIME-Version: 1.0\r\nContent-Type: application/ms-tnef; name=winmail.dat")
    assert world.take_in(raw) is MailState.TRAY
    assert world.tray[0].title == (
        "La respuesta de Invima llegó en formato de Outlook que no se puede leer (winmail.dat): "
        "pida reenviarlo en HTML o en texto"
    )
    assert world.answered == []


def check(world: World) -> None:
    world.outreach(month="", kind="verificación de contacto", on=date(2026, 11, 17), message_id="<v@operador.example>")


def to_check(text: str, **more: str) -> bytes:
    return letter(text, thread=False, In_Reply_To="<v@operador.example>", subject="RE: Verificación", Date=DATE, **more)


@pytest.mark.parametrize("text", ["Sin cambios.", "Cordial saludo. Confirmamos que los datos siguen vigentes."])
def test_a_contact_that_stands_is_confirmed_and_answers_no_request(world: World, text: str) -> None:
    check(world)
    assert world.take_in(to_check(text)) is MailState.PROCESSED
    assert (world.tray, world.proposals(), world.answered) == ([], [], [])
    assert [row.answered_on for row in world.outreaches] == [None, date(2026, 11, 18)]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (
            "El nuevo contacto es Luis Gil, luis.gil@invima.example.",
            "Invima indica un nuevo contacto: luis.gil@invima.example",
        ),
        ("Sin cambios, pero Ana ya no trabaja aquí.", "Respuesta de Invima sobre su contacto"),
        ("Escriban por favor a la oficina 301.", "Respuesta de Invima sobre su contacto"),
    ],
)
def test_a_contact_that_changed_is_for_a_person(world: World, text: str, title: str) -> None:
    check(world)
    assert world.take_in(to_check(text)) is MailState.TRAY
    assert world.tray[0].title == title
    assert world.answered == []


def test_a_check_of_the_contact_does_not_confuse_who_writes_without_a_reference(world: World) -> None:
    check(world)
    raw = letter("BIO-02: 80 % – Publicada", thread=False, subject="Avance", Date=DATE)
    assert world.take_in(raw) is MailState.PROCESSED
    assert world.mails[0].outreach_id == 1
