from __future__ import annotations

from datetime import UTC, date, datetime

import mail_letters as letters
import pytest
from mail_letters import letter
from mail_world import INVIMA, NOW, REQUEST_ID, TOKEN, World
from sqlalchemy.orm import Session

from mail.read import read
from methodology.outreaches import record_outreach
from methodology.replies import MailState, asked_in, pending, store_raw
from storage.ledger import Proposal, Silence
from storage.matrix import Action, FollowUp

WROTE = "Wed, 18 Nov 2026 10:00:00 -0500"
TWO = [
    ("BIO-02", 80.0, "Se publicó la guía en consulta", "pendiente"),
    ("DIM-03", 40.5, "Proyecto en revisión jurídica", "pendiente"),
]


def test_one_reply_answers_several_initiatives_at_once(world: World) -> None:
    assert world.take_in(letters.outlook_text()) is MailState.PROCESSED
    assert world.proposals() == TWO
    assert world.answered == [(1, [1, 2])]
    assert world.outreaches[0].answered_on == date(2026, 11, 18)
    assert world.tray == []


@pytest.mark.parametrize("how", [letters.token_with_typos, letters.by_sender_alone, letters.colleague])
def test_it_is_correlated_by_thread_reference_or_sender(world: World, how: object) -> None:
    assert world.take_in(how()) is MailState.PROCESSED  # type: ignore[operator]
    assert world.proposals() == TWO
    mail = world.mails[0]
    assert (mail.entity_id, mail.outreach_id) == (1, 1)


def test_every_step_leaves_its_reason(world: World) -> None:
    world.take_in(letters.outlook_text())
    assert world.mails[0].reasons == [
        "Respuestas reconocidas: BIO-02, DIM-03",
        "Se reconoció por la conversación: responde a la solicitud de noviembre de 2026 a Invima",
        "Remitente: es la dirección registrada de la entidad",
        "BIO-02: se registra como propuesta (80 %)",
        "DIM-03: se registra como propuesta (40,5 %)",
        "Respuesta de fondo de Invima: termina el silencio en 2 iniciativa(s)",
    ]


def test_a_correction_replaces_what_is_pending(world: World) -> None:
    world.take_in(letter("BIO-02: 80 % – Publicada"))
    world.take_in(letter("BIO-02: 85 % – Publicada y socializada"))
    assert world.proposals() == [
        ("BIO-02", 80.0, "Publicada", "reemplazada"),
        ("BIO-02", 85.0, "Publicada y socializada", "pendiente"),
    ]


def test_the_day_and_the_evidence_of_a_mail_come_with_its_proposal(world: World) -> None:
    text = "BIO-02: 100 % – Guía expedida, cumplida el 16 de noviembre. Evidencia: Resolución 12 de 2026"
    world.take_in(letter(text, Date="Wed, 18 Nov 2026 10:00:00 -0500"))
    [row] = world.all(Proposal)
    assert (row.met_on, row.evidence) == (date(2026, 11, 16), "Resolución 12 de 2026")


def test_sin_avance_is_an_answer(world: World) -> None:
    assert world.take_in(letter("BIO-02: sin avance")) is MailState.PROCESSED
    assert world.proposals() == [("BIO-02", None, "sin avance", "pendiente")]
    assert world.answered == [(1, [1])]


def test_sin_avance_of_everything_covers_what_was_asked(world: World) -> None:
    assert world.take_in(letters.no_progress_at_all()) is MailState.PROCESSED
    assert [row[0] for row in world.proposals()] == ["BIO-02", "BIO-05", "DIM-03"]
    assert world.answered == [(1, [1, 2])]


@pytest.mark.parametrize(
    "made", [letters.auto_reply, letters.out_of_office, letters.courtesy, letters.radicado, letters.read_receipt]
)
def test_what_is_no_answer_changes_nothing(world: World, made: object) -> None:
    assert world.take_in(made()) is MailState.PROCESSED  # type: ignore[operator]
    assert world.proposals() == []
    assert world.answered == []
    assert world.tray == []
    assert world.outreaches[0].answered_on is None
    assert world.mails[0].reasons


def test_an_automatic_message_with_answers_is_shown_to_a_person(world: World) -> None:
    assert world.take_in(letter("BIO-02: 80 %", Auto_Submitted="auto-generated")) is MailState.TRAY
    assert world.proposals() == []


def test_a_bounce_opens_invalid_contact_and_stops_the_clock(world: World) -> None:
    assert world.take_in(letters.bounce(), "") is MailState.TRAY
    (item,) = world.tray
    assert item.kind == "contacto_invalido"
    assert "Instituto Nacional de Vigilancia (Invima)" in item.title
    assert world.outreaches[0].kind == "rebotado"
    assert world.outreaches[0].answered_on is None
    assert {row.ended_because for row in world.all(Silence)} == {"contacto inválido"}


@pytest.mark.parametrize("raw", [letters.bounce_in_prose(), letters.bounce(original="<otro@operador.example>")])
def test_a_bounce_that_cites_no_mail_of_ours_ends_no_silence(world: World, raw: bytes) -> None:
    assert world.take_in(raw, "") is MailState.TRAY
    assert [item.kind for item in world.tray] == ["correo_por_clasificar"]
    assert world.outreaches[0].kind == "solicitud"
    assert {row.ended_on for row in world.all(Silence)} == {None}


def test_an_automatic_message_with_a_document_is_shown_to_a_person(world: World) -> None:
    raw = letters.official_letter().replace(b"MIME-Version: 1.0", b"Auto-Submitted: auto-replied\nMIME-Version: 1.0")
    assert world.take_in(raw) is MailState.TRAY
    assert "documento" in world.tray[0].title
    assert world.answered == []


def test_a_second_bounce_is_not_listed_twice(world: World) -> None:
    world.take_in(letters.bounce(), "")
    world.outreach(message_id="<dos@operador.example>")
    world.take_in(letters.bounce(original="<dos@operador.example>").replace(b"rebote.1", b"rebote.2"), "")
    assert len(world.tray) == 1
    assert [one.kind for one in world.outreaches] == ["rebotado", "rebotado"]


def test_only_the_message_that_bounced_stops_counting(world: World) -> None:
    world.outreach(message_id="<dos@operador.example>")
    world.take_in(letters.bounce(), "")
    assert [one.kind for one in world.outreaches] == ["rebotado", "reiteración"]


def test_a_bounced_copy_does_not_stop_the_clock(world: World) -> None:
    assert world.take_in(letters.bounce(failed="apoyo@minsalud.example"), "") is MailState.TRAY
    assert world.outreaches[0].kind == "solicitud"
    assert world.tray[0].kind == "correo_por_clasificar"


def test_a_doubtful_sender_proposes_nothing(world: World) -> None:
    assert world.take_in(letters.unknown_sender()) is MailState.TRAY
    assert world.proposals() == []
    assert world.answered == []
    (item,) = world.tray
    assert item.title.startswith("Remitente dudoso")
    assert item.detail["guess"] == {
        "entity_id": 1,
        "entity": "Instituto Nacional de Vigilancia (Invima)",
        "month": "2026-11",
    }
    assert "BIO-02" in item.detail["excerpt"]


def test_at_an_open_domain_only_the_address_itself_is_the_entity(world: World) -> None:
    world.outreach(entity_id=3, token="SR-OTRA-OTRA", message_id="<camara@operador.example>")
    raw = letter("BIO-02: 80 %", sender="otra.persona@gmail.com", thread=False, In_Reply_To="<camara@operador.example>")
    assert world.take_in(raw) is MailState.TRAY
    assert world.tray[0].title.startswith("Remitente dudoso")


def test_nobody_answers_for_another_entity(world: World) -> None:
    assert (
        world.take_in(letter("BIO-02: 80 % – Publicada\nAST-04: 90 % – Ajena\nDIM-09: 10 % – Ya cumplida"))
        is MailState.TRAY
    )
    assert world.proposals() == [("BIO-02", 80.0, "Publicada", "pendiente")]
    assert "AST-04, DIM-09" in world.tray[0].title
    assert world.answered == [(1, [1])]


def test_an_official_letter_ends_the_silence_and_waits_to_be_read(world: World) -> None:
    assert world.take_in(letters.official_letter()) is MailState.TRAY
    assert world.answered == [(1, [1, 2])]
    assert world.outreaches[0].answered_on == date(2026, 11, 18)
    assert "Oficio 2026-100.pdf" in world.tray[0].title


@pytest.mark.parametrize("made", [letters.prose, letters.more_time])
def test_what_cannot_be_read_waits_in_the_tray_and_ends_no_silence(world: World, made: object) -> None:
    assert world.take_in(made()) is MailState.TRAY  # type: ignore[operator]
    assert world.answered == []
    assert world.tray[0].kind == "correo_por_clasificar"
    assert world.tray[0].detail["guess"]["entity_id"] == 1


def test_with_two_open_months_the_sender_alone_does_not_decide(world: World) -> None:
    world.outreach(month="2026-10", token="SR-VIEJ-AAAA")
    assert world.take_in(letters.by_sender_alone()) is MailState.TRAY
    assert world.tray[0].detail["guess"] == {"entity_id": 1, "entity": "Instituto Nacional de Vigilancia (Invima)"}


def test_a_reply_to_an_older_request_is_of_that_month(world: World) -> None:
    world.outreach(month="2026-10", token="SR-VIEJ-AAAA", message_id="<oct@operador.example>")
    world.take_in(letter("BIO-02: 70 %", thread=False, subject="Octubre", References="<oct@operador.example>"))
    assert [one.answered_on is not None for one in world.outreaches] == [False, True]


def test_request_and_reminder_are_answered_together(world: World) -> None:
    world.outreach(message_id="<dos@operador.example>")
    world.take_in(letter("BIO-02: 70 %"))
    assert all(one.answered_on == date(2026, 11, 18) for one in world.outreaches)


def test_our_own_copy_is_not_an_answer(world: World) -> None:
    raw = letter("BIO-02: 80 %").replace(b"Message-ID: <carta", b"X-Old: <carta")
    raw = f"Message-ID: {REQUEST_ID}\r\n".encode() + raw
    assert world.take_in(raw) is MailState.PROCESSED
    assert world.proposals() == []


def test_the_same_message_is_stored_once(world: World) -> None:
    def twice(session: Session) -> list[int | None]:
        return [
            store_raw(session, b"a", "<x@y>", INVIMA, NOW),
            store_raw(session, b"b", "<x@y>", INVIMA, NOW),
            store_raw(session, b"sin id", "", INVIMA, NOW),
            store_raw(session, b"sin id", "", INVIMA, NOW),
        ]

    assert world.db.do(twice) == [1, None, 2, None]
    assert world.db.do(pending) == [1, 2]


def test_the_same_outreach_is_recorded_once(world: World) -> None:
    def again(session: Session) -> int:
        return record_outreach(
            session, 1, "2026-11", "solicitud", date(2026, 11, 11), token=TOKEN, message_id=REQUEST_ID
        ).id

    assert world.db.do(again) == 1
    assert len(world.outreaches) == 1


def test_an_action_that_left_since_is_not_proposed(world: World) -> None:
    def leave(session: Session) -> None:
        session.get_one(Action, 1).state = "salida"

    world.db.do(leave)
    assert world.take_in(letter("BIO-02: 80 %")) is MailState.TRAY
    assert world.proposals() == []


def asked(world: World) -> None:
    """The two actions get words of their own."""

    def name(session: Session) -> None:
        session.get_one(Action, 1).text = "Actualizar el manual de buenas prácticas de manufactura (BPM)"
        session.get_one(Action, 2).text = "Publicar el listado de materias primas críticas"

    world.db.do(name)


def test_what_prose_seems_to_say_waits_in_the_tray_as_the_best_guess(world: World) -> None:
    asked(world)
    assert world.take_in(letter("La acción del manual de BPM va en un 60 por ciento.")) is MailState.TRAY
    assert world.proposals() == []
    assert world.answered == []
    (item,) = world.tray
    assert item.title == "Respuesta de Invima por confirmar: BIO-02"
    assert item.detail["understood"] == ["BIO-02: 60\u00a0% («La acción del manual de BPM va en un 60 por ciento.»)"]
    assert "BIO-02: lectura dudosa" in item.detail["reasons"]


def test_what_is_sure_is_proposed_and_only_the_rest_waits(world: World) -> None:
    asked(world)
    assert world.take_in(letter("DIM-03: 40 % – En revisión\nEl manual de BPM va en 55 %.")) is MailState.TRAY
    assert world.proposals() == [("DIM-03", 40.0, "En revisión", "pendiente")]
    assert world.answered == [(1, [2])]
    assert world.tray[0].title == "Respuesta de Invima por confirmar: BIO-02"


def test_a_new_contact_is_told_to_planning_and_changes_nothing_by_itself(world: World) -> None:
    raw = letter("BIO-02: 80 % – Publicada\n\nA partir de la fecha el enlace es Luis Gil, luis.gil@invima.example.")
    assert world.take_in(raw) is MailState.TRAY
    assert world.proposals()[0][:2] == ("BIO-02", 80.0)
    assert world.tray[0].title == "Invima indica un nuevo contacto: luis.gil@invima.example"


def test_a_request_for_more_time_is_told_with_its_date_and_ends_no_silence(world: World) -> None:
    raw = letter("Solicitamos plazo adicional hasta el 4 de diciembre de 2026.", Date=WROTE)
    assert world.take_in(raw) is MailState.TRAY
    assert world.tray[0].title == "Invima solicita plazo hasta el 4 de diciembre de 2026"
    assert world.answered == []


def test_a_mail_without_a_sender_is_named_in_words(world: World) -> None:
    assert world.take_in(letter("BIO-02: 80 % – Publicada", sender="")) is MailState.TRAY
    assert world.tray[0].title == "Remitente dudoso: un remitente sin dirección escribe por Invima"


UNTIL = "solicita plazo hasta el 30 de marzo de 2027 para BIO-05"


@pytest.mark.parametrize(
    ("beside", "title"),
    [
        ("BIO-02: 80 % – Publicada", f"Invima {UNTIL}"),
        ("BIO-02: 80 % – Oficio enviado para dar respuesta a la Contraloría", f"Invima {UNTIL}"),
        ("BIO-02: creo que 80 %", f"Respuesta de Invima por confirmar: BIO-02; {UNTIL}"),
    ],
)
@pytest.mark.parametrize(
    "asks", ["solicitamos plazo hasta el 30 de marzo", "solicitamos modificar la fecha de vencimiento al 30 de marzo"]
)
def test_a_request_for_more_time_beside_other_answers_is_told_too(
    world: World, beside: str, title: str, asks: str
) -> None:
    assert world.take_in(letter(f"{beside}\nPara la BIO-05 {asks}.", Date=WROTE)) is MailState.TRAY
    assert world.tray[0].title == title
    assert "BIO-05" not in {code for code, *_ in world.proposals()}
    wants = world.tray[0].detail["wants"]
    assert (wants["accion"], wants["fecha"]) == ("BIO-05", "2027-03-30")


def test_a_new_date_is_offered_for_one_open_action_of_the_entity_alone(world: World) -> None:
    for asked in ("la AST-04", "la BIO-02 y la BIO-05", "la acción"):
        world.take_in(letter(f"Para {asked} solicitamos plazo hasta el 30 de marzo.", Date=WROTE))
    assert [item.detail["wants"] for item in world.tray] == [{}, {}, {}]


def reported(
    world: World, percent: float, text: str, at: datetime, *, superseded_at: datetime | None = None, action_id: int = 1
) -> None:
    row = FollowUp(
        action_id=action_id, month="2026-10", percent=percent, text=text, timeliness="a tiempo", source="entidad",
        author="LT", at=at, superseded_at=superseded_at,
    )  # fmt: skip
    world.db.do(lambda session: session.add(row))


BEFORE, AFTER = datetime(2026, 10, 29, 15, tzinfo=UTC), datetime(2026, 11, 16, 15, tzinfo=UTC)


def test_the_quoted_table_with_last_months_figure_is_no_answer(world: World) -> None:
    reported(world, 50.0, "Guía en revisión", BEFORE)
    reported(world, 25.5, "En consulta", BEFORE, action_id=3)
    html = f"<p>Quedamos en contacto para coordinar la entrega.</p><blockquote>{letters.REQUEST.html}</blockquote>"
    assert world.take_in(letter(html=html)) is MailState.TRAY
    assert world.proposals() == []
    assert "understood" not in {key for key, value in world.tray[0].detail.items() if value}


def test_what_the_request_showed_counts_and_not_what_was_corrected_since(world: World) -> None:
    reported(world, 50.0, "Guía en revisión", BEFORE, superseded_at=AFTER)
    reported(world, 55.0, "Guía revisada", AFTER)
    reading = read(letters.outlook_text(), None)
    request = world.db.do(lambda session: asked_in(session, reading, NOW))
    assert request is not None
    shown = {one.code: (one.percent, one.narrative) for one in request.actions}
    assert shown["BIO-02"] == (50.0, "Guía en revisión")
    assert shown["BIO-05"] == (None, "")


def test_a_figure_written_over_last_months_is_read(world: World) -> None:
    reported(world, 50.0, "Guía en revisión", BEFORE)
    html = letters.REQUEST.html.replace("<strong>50\u00a0%</strong>", "<strong>65\u00a0%</strong>")
    assert html != letters.REQUEST.html
    assert world.take_in(letter(html=f"<p>Diligenciado</p><blockquote>{html}</blockquote>")) is MailState.TRAY
    assert world.tray[0].detail["understood"][0].startswith("BIO-02: 65\u00a0%")
