"""How each client wraps what a person typed: its markup, its quotation of our request, its charset. Not recordings."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

from mail_letters import LETTERHEAD
from mail_world import INVIMA, REQUEST_ID, TOKEN

from mail.writing import AskedAction, AskedInitiative, RequestData, request
from methodology.readings import Asked, Request
from methodology.rules.months import Month

US = "soluciones@operador.example"
ASKED = (
    ("BIO-02", "Expedir la guía de comparabilidad de biosimilares", date(2026, 12, 11), 50.0, "Guía en revisión"),
    ("BIO-05", "Publicar el listado de materias primas críticas", None, None, ""),
    ("DIM-03", "Simplificar el registro sanitario de dispositivos médicos de clase I", date(2026, 9, 22), 25.5,
     "En consulta"),
    ("MSQ-01", "Actualizar el manual de buenas prácticas de manufactura (BPM)", date(2026, 11, 30), 30.0,
     "Borrador en elaboración"),
    ("MSQ-04", "Poner en operación la ventanilla única de consultas regulatorias", date(2027, 2, 26), None, ""),
    ("CYC-07", "Capacitar a los inspectores en fiscalización de cáñamo industrial", date(2027, 3, 31), 10.0,
     "Primera jornada"),
)  # fmt: skip
GROUPS = (("Biológicos", ASKED[:2]), ("Dispositivos médicos", ASKED[2:3]), ("Síntesis química", ASKED[3:5]),
          ("Cannabis y cáñamo", ASKED[5:]))  # fmt: skip
REQUEST = Request(tuple(Asked(*one[:2], *one[2:]) for one in ASKED), TOKEN, date(2026, 11, 11))
SENT = request(
    RequestData(
        to=(INVIMA,),
        entity="Invima",
        addressee="Instituto Nacional de Vigilancia (Invima)",
        month=Month(2026, 11),
        deadline=date(2026, 11, 25),
        initiatives=tuple(
            AskedInitiative(name, tuple(AskedAction(*one) for one in actions)) for name, actions in GROUPS
        ),
        reference=TOKEN,
        message_id=REQUEST_ID,
        letterhead=LETTERHEAD,
    )
)
Fill = Mapping[str, Sequence[str]]
Rows = Sequence[Sequence[str]]
SAID = f"El mié, 11 nov 2026 a las 8:00, Soluciones por la Reindustrialización (<{US}>) escribió:"
HEADER = (
    ("De", f"Soluciones por la Reindustrialización <{US}>"),
    ("Enviado el", "miércoles, 11 de noviembre de 2026 8:00 a. m."),
    ("Para", f"Enlace Invima <{INVIMA}>"),
    ("Asunto", SENT.subject),
)
LABELS = "\n".join(f"{name}: {value}" for name, value in HEADER)
BOLD = "<br>".join(f"<b>{name}:</b> {escape(value)}" for name, value in HEADER)


def quoted_html(fill: Fill) -> str:
    """Our table, with its two empty cells filled in the rows of `fill`."""
    html = SENT.html
    for code, values in fill.items():
        start = html.index(f">{code}</td>")
        end = html.index("</tr>", start)
        row = html[start:end]
        for value in values:
            row = row.replace("&nbsp;", escape(value) or "&#160;", 1)
        html = html[:start] + row + html[end:]
    return html


def quoted_text(fill: Mapping[str, str]) -> str:
    text = SENT.text
    for code, value in fill.items():
        text = re.sub(rf"{code}: __ % –\s?", f"{code}: {value}", text)
    return text


def arrows(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def table(rows: Rows, cell: str) -> str:
    shown = ("".join(f"<td>{cell.format(escape(str(one)))}</td>" for one in row) for row in rows)
    return f"<table border=1>{''.join(f'<tr>{row}</tr>' for row in shown)}</table>" if rows else ""


def in_html(body: str, line: str, blank: str) -> str:
    return "".join(line.format(escape(one)) if one.strip() else blank for one in body.rstrip("\n").split("\n"))


def outlook(body: str, rows: Rows, quote: str) -> str:
    lines = in_html(
        body, "<p class=MsoNormal><span lang=ES-CO>{}<o:p></o:p></span></p>", "<p class=MsoNormal><o:p>&nbsp;</o:p></p>"
    )
    word = '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{margin:0cm}</style></head>'
    rule = "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>"
    quoted = f"<div>{rule}<p class=MsoNormal>{BOLD}<o:p></o:p></p></div></div>{quote}" if quote else ""
    cells = table(rows, "<p class=MsoNormal>{}<o:p></o:p></p>")
    return f"{word}<body lang=ES-CO><div class=WordSection1>{lines}{cells}{quoted}</div></body></html>"


def owa(body: str, rows: Rows, quote: str) -> str:
    lines = in_html(body, '<div class="elementToProof" style="font-family: Aptos;">{}</div>', "<div><br></div>")
    divider = f'<div id="appendonsend"></div><hr style="width:98%"><div id="divRplyFwdMsg" dir="ltr">{BOLD}</div>'
    return f"<html><body dir=ltr>{lines}{table(rows, '{}')}{divider + quote if quote else ''}</body></html>"


def ios(body: str, rows: Rows, quote: str) -> str:
    lines = in_html(body, "<div>{}</div>", "<div><br></div>")
    said = f"El 11 nov 2026, a la(s) 8:00 a.m., Soluciones &lt;{US}&gt; escribió:"
    cite = '<blockquote type="cite">'
    quoted = f'<div dir="ltr"><br>{cite}{said}<br><br></blockquote></div>{cite}{quote}</blockquote>'
    sent = '<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Enviado desde mi iPhone</div>'
    return f'<html><body dir="auto">{lines}{table(rows, "{}")}{sent}{quoted if quote else ""}</body></html>'


def gmail(body: str, rows: Rows, quote: str) -> str:
    lines = in_html(body, "<div>{}</div>", "<div><br></div>")
    attributed = f'<div dir="ltr" class="gmail_attr">{escape(SAID)}<br></div>'
    inner = f'{attributed}<blockquote class="gmail_quote">{quote}</blockquote>'
    quoted = f'<br><div class="gmail_quote gmail_quote_container">{inner}</div>'
    return f'<div dir="ltr">{lines}{table(rows, "{}")}</div>{quoted if quote else ""}'


def thunderbird_html(body: str, rows: Rows, quote: str) -> str:
    lines = in_html(body, "<p>{}</p>", "<p><br></p>")
    quoted = f'<div class="moz-cite-prefix">{escape(SAID)}<br></div><blockquote type="cite">{quote}</blockquote>'
    return f"<!DOCTYPE html><html><body>{lines}{table(rows, '{}')}{quoted if quote else ''}</body></html>"


def zimbra(body: str, rows: Rows, quote: str) -> str:
    lines = in_html(body, "<div>{}</div>", "<div><br></div>")
    headers = f'<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">{BOLD}</div>'
    quoted = f'{headers}<div data-marker="__QUOTED_TEXT__">{quote}</div>'
    return f'<div style="font-family: arial">{lines}{table(rows, "{}")}{quoted if quote else ""}</div>'


def samsung(body: str, rows: Rows, quote: str) -> str:
    lines = in_html(body, '<div dir="auto">{}</div>', '<div dir="auto"><br></div>')
    head = f"De: Soluciones &lt;{US}&gt; </div><div>Fecha: 11/11/26  8:00 a. m.  (GMT-05:00) </div>"
    to = f"<div>A: {INVIMA} </div><div>Asunto: {escape(SENT.subject)} </div>"
    original = "<div>-------- Mensaje original --------</div>"
    divider = f'<div align="left" style="font-size:100%">{original}<div>{head}{to}<div><br></div></div>'
    signed = '<div id="composer_signature" dir="auto">Enviado desde mi Galaxy</div>'
    return f'<html><body dir="auto">{lines}{table(rows, "{}")}{signed}{divider + quote if quote else ""}</body></html>'


HTML = {
    "outlook": outlook, "owa": owa, "ios": ios, "gmail": gmail, "thunderbird_html": thunderbird_html,
    "zimbra": zimbra, "samsung": samsung,
}  # fmt: skip


def plain_client(client: str, body: str, quote: str, place: str) -> str:
    """The clients that send text alone."""
    if not quote:
        return body
    if client == "outlook_plain":
        return f"{body}\n\n{LABELS}\n\n{quote}"
    if client == "zimbra_plain":
        return f"{body}\n\n----- Mensaje original -----\n{LABELS}\n\n{quote}"
    said = f"El 11/11/26 a las 8:00, Soluciones <{US}> escribió:" if client == "thunderbird" else SAID
    cited = f"{said}\n{arrows(quote)}"
    return f"{cited}\n\n{body}" if place == "bottom" else f"{body}\n\n{cited}"
