"""Replies as they come in from Colombian public entities, byte by byte: builders, not recordings of real people."""

from __future__ import annotations

import re
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP

from mail_world import INVIMA, REQUEST_ID, TOKEN

from mail.gateway import OutgoingMail
from mail.writing import AskedAction, AskedInitiative, Letterhead, RequestData, request
from methodology.rules.months import Month

US = "soluciones@operador.example"
CODES = frozenset({"BIO-02", "BIO-05", "DIM-03", "DIM-09", "AST-04"})
LETTERHEAD = Letterhead(
    organisation="Operador de Ejemplo", office="Gerencia de Planeación", mail=US, site="https://sitio.example"
)
FORM = RequestData(
    to=(INVIMA,),
    entity="Invima",
    addressee="Instituto Nacional de Vigilancia (Invima)",
    month=Month(2026, 11),
    deadline=date(2026, 11, 25),
    initiatives=(
        AskedInitiative(
            "Biológicos",
            (
                AskedAction(
                    "BIO-02", "Expedir la guía de comparabilidad", date(2026, 12, 11), 50.0, "Guía en revisión"
                ),
                AskedAction("BIO-05", "Publicar el listado <fase I>", None),
            ),
        ),
        AskedInitiative(
            "Dispositivos médicos",
            (
                AskedAction(
                    "DIM-03", "Simplificar el registro sanitario", date(2026, 9, 22), 25.5, "En consulta", overdue=True
                ),
            ),
        ),
    ),
    reference=TOKEN,
    message_id=REQUEST_ID,
    letterhead=LETTERHEAD,
)
REQUEST: OutgoingMail = request(FORM)
_count = 0


def letter(
    text: str = "",
    html: str = "",
    *,
    sender: str = f"Enlace Invima <{INVIMA}>",
    subject: str = f"RE: {REQUEST.subject}",
    thread: bool = True,
    attach: tuple[str, str] | None = None,
    **headers: str,
) -> bytes:
    """One inbound message; header names are written with `_` for `-`."""
    global _count  # noqa: PLW0603 - every letter has a Message-ID of its own
    _count += 1
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, US, subject
    message["Message-ID"] = f"<carta.{_count}@invima.example>"
    if thread:
        message["In-Reply-To"] = message["References"] = REQUEST_ID
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    if text or not html:
        message.set_content(text)
    if html:
        (message.add_alternative if text else message.set_content)(html, subtype="html")
    if attach:
        message.add_attachment(b"%PDF-1.7", maintype="application", subtype=attach[1], filename=attach[0])
    return message.as_bytes()


def quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


ANSWER = "BIO-02: 80 % – Se publicó la guía en consulta\nDIM-03: 40,5 % – Proyecto en revisión jurídica"
OUTLOOK_HEADER = (
    "De: Soluciones por la Reindustrialización <soluciones@operador.example>\n"
    "Enviado el: miércoles, 11 de noviembre de 2026 8:00 a. m.\n"
    "Para: Enlace Invima <enlace.soluciones@invima.example>\n"
    "Asunto: Soluciones por la Reindustrialización – Solicitud de avance\n"
)


def outlook_text() -> bytes:
    return letter(
        f"Respetados señores:\n\n{ANSWER}\n\nCordialmente,\nAna Ruiz\nInvima\n\n{OUTLOOK_HEADER}\n{REQUEST.text}"
    )


def outlook_html() -> bytes:
    body = "".join(f'<p class="MsoNormal">{line}<o:p></o:p></p>' for line in ANSWER.splitlines())
    header = "<br>".join(f"<b>{line}</b>" for line in OUTLOOK_HEADER.replace("<", "&lt;").splitlines())
    return letter(
        html=f"<html><body><div>{body}<p>Atentamente,</p><p>Ana Ruiz</p></div>"
        f'<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p>{header}</p></div>'
        f"{REQUEST.html}</body></html>"
    )


def outlook_web() -> bytes:
    body = "<div>BIO-05: 10 % - Se inició la recolección de información</div>"
    return letter(html=f'{body}<div id="appendonsend"></div><hr><div id="divRplyFwdMsg">De: X</div>{REQUEST.html}')


def gmail_text() -> bytes:
    said = f"El mié, 11 nov 2026 a las 8:00, Soluciones por la Reindustrialización\n(<{US}>) escribió:"
    return letter(f"Buenas tardes:\n\n{ANSWER}\n\n{said}\n\n{quoted(REQUEST.text)}")


def gmail_html() -> bytes:
    body = ANSWER.replace("\n", "<br>")
    return letter(
        text=f"{ANSWER}\n",
        html=f'<div dir="ltr">{body}</div><br><div class="gmail_quote gmail_quote_container">'
        f'<div class="gmail_attr">El mié, 11 nov 2026, X escribió:</div><blockquote>{REQUEST.html}</blockquote></div>',
    )


def iphone() -> bytes:
    said = "El 11/11/2026, a la(s) 8:00 a. m., Soluciones <soluciones@operador.example> escribió:"
    return letter(f"bio-02 80% se publicó la guía\n\nEnviado desde mi iPhone\n\n> {said}\n> \n{quoted(REQUEST.text)}")


def table_filled() -> bytes:
    """The table of our own mail, filled where it was quoted."""
    values = iter(("80", "Guía publicada en consulta", "&nbsp;", "Sin avance: falta presupuesto"))
    html = re.sub(r'(#FFFBEA;">)&nbsp;', lambda cell: cell[1] + next(values, "&nbsp;"), REQUEST.html)
    return letter(html=f'<p>Se remite diligenciado.</p><div id="divRplyFwdMsg">De: X</div>{html}')


def table_of_theirs() -> bytes:
    head = "<tr><td><b>Código</b></td><td>Avance</td><td>Observaciones</td></tr>"
    first = "<tr><td>BIO-02</td><td>80,5%</td><td>Guía publicada</td></tr>"
    second = "<tr><td>DIM 3</td><td></td><td>Sin avance</td></tr>"
    return letter(html=f"<p>Cordial saludo</p><table>{head}{first}{second}</table>")


def table_pasted() -> bytes:
    return letter(
        "Adjunto tabla:\n\nCódigo\tAvance (%)\tDescripción\nBIO-02\t80\tGuía publicada\nBIO-05\t\tSin avance\n\nGracias"
    )


def form_filled_in_quote() -> bytes:
    filled = REQUEST.text.replace("BIO-05: __ % – ", "BIO-05: 15 % – Se recibió el listado")
    said = "El mié, 11 nov 2026 a las 8:00, Soluciones <soluciones@operador.example> escribió:"
    return letter(f"Va diligenciado abajo.\n\n{said}\n{quoted(filled)}")


def auto_reply() -> bytes:
    return letter("Su mensaje fue recibido.", subject="Recibimos su correo", Auto_Submitted="auto-replied")


def out_of_office() -> bytes:
    return letter(
        "Me encuentro en vacaciones hasta el 30 de noviembre.",
        subject=f"Respuesta automática: {REQUEST.subject}",
        X_Auto_Response_Suppress="All",
    )


def bounce(failed: str = INVIMA, action: str = "failed", original: str = REQUEST_ID) -> bytes:
    return (
        "From: Mail Delivery Subsystem <MAILER-DAEMON@relay.example>\r\nTo: soluciones@operador.example\r\n"
        "Subject: Delivery Status Notification (Failure)\r\nMessage-ID: <rebote.1@relay.example>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nNo se pudo entregar el mensaje.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; relay.example\r\n\r\n"
        f"Final-Recipient: rfc822; {failed}\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\n"
        f"Message-ID: {original}\r\nSubject: Solicitud\r\nFrom: soluciones@operador.example\r\n\r\nHola\r\n--b--\r\n"
    ).encode()


def bounce_in_prose() -> bytes:
    return letter(
        f"No se puede entregar a los destinatarios:\n{INVIMA}\nEl buzón no existe.\n",
        sender="postmaster@invima.example",
        subject=f"No se puede entregar: {REQUEST.subject}",
        thread=False,
    )


def courtesy() -> bytes:
    said = "Buenos días:\n\nRecibido, muchas gracias.\n\nCordialmente,\nAna Ruiz\nProfesional"
    return letter(f"{said}\n\n{OUTLOOK_HEADER}\n{REQUEST.text}")


def radicado() -> bytes:
    return letter(
        "Señor usuario: su solicitud ha sido radicada con el número 20261234567 y será atendida según la ley.",
        subject="Radicado 20261234567",
    )


def read_receipt() -> bytes:
    return letter("Se ha mostrado su mensaje.", subject=f"Leído: {REQUEST.subject}")


def token_with_typos() -> bytes:
    written = TOKEN.lower().replace("0", "o").replace("1", "l").replace("-", " ")
    return letter(ANSWER, subject=f"Avance de Invima ref {written}", thread=False)


def by_sender_alone() -> bytes:
    return letter(ANSWER, subject="Avance de noviembre", thread=False)


def unknown_sender() -> bytes:
    return letter("BIO-02: 100 % – Todo cumplido", sender="Ana <ana@otro.example>")


def colleague() -> bytes:
    return letter(ANSWER, sender="Subdirección <subdireccion@invima.example>")


def no_progress_at_all() -> bytes:
    return letter(
        "Respetados señores:\n\nSin avances en el periodo por cambio de administración.\n\nAtentamente,\nInvima"
    )


def official_letter() -> bytes:
    return letter("Adjunto el oficio de respuesta. Gracias.", attach=("Oficio 2026-100.pdf", "pdf"))


def more_time() -> bytes:
    return letter("Solicitamos ampliar el plazo hasta el 30 de noviembre.", attach=("Solicitud.pdf", "pdf"))


def prose() -> bytes:
    return letter(
        "El proyecto de guía avanza según lo previsto y se espera su publicación en diciembre, una vez revisado."
    )


def latin1() -> bytes:
    text = "BIO-02: 80 % \u2013 Se public\u00f3 la gu\u00eda"
    head = f"From: {INVIMA}\r\nMessage-ID: <l1@invima.example>\r\nIn-Reply-To: {REQUEST_ID}\r\n"
    return (head + "Content-Type: text/plain; charset=iso-8859-1\r\n\r\n").encode() + text.encode("cp1252")
