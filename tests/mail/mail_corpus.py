"""The corpus: what entities send, and what a careful clerk would have understood of it.

A third of it, by the hash of its name, is frozen: written before the reader was changed, never tuned on, its figures
reported apart (but for what was OPENED). `python tests/mail/mail_corpus.py` prints them; `--failures` shows the open
ones that fail.
"""

from __future__ import annotations

import base64
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage, Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import SMTP
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import mail_clients as clients
import yaml
from mail_clients import REQUEST, SENT, US
from mail_world import INVIMA, REQUEST_ID, TOKEN
from openpyxl import Workbook

FOLDER = Path(__file__).parent / "corpus"
DATE = "Wed, 18 Nov 2026 10:00:00 -0500"
XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNSAID = "unsaid"
OPENED = ("regions-", "november-percent-and-description-labels")
"""These were looked at, all of them: what they say of the reader is no longer blind."""


@dataclass(frozen=True)
class Case:
    name: str
    raw: bytes = field(repr=False)
    with_request: bool
    kind: str
    automatic: bool
    answers: list[dict[str, Any]]
    expected: dict[str, Any]

    @property
    def frozen(self) -> bool:
        return not self.name.startswith(OPENED) and int.from_bytes(sha256(self.name.encode()).digest()) % 3 == 0


@cache
def cases() -> tuple[Case, ...]:
    return tuple(_case(data) for path in sorted(FOLDER.glob("*.yaml")) for data in _rows(path))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    yield from yaml.safe_load(path.read_text("utf-8"))


def _case(data: dict[str, Any]) -> Case:
    asked = data.get("request", True)
    others = {name: data.get(name) for name in ("returns_on", "letter", "wants_until", "new_contact")}
    others = {name: str(value) if value is not None else None for name, value in others.items()}
    return Case(
        name=data["name"],
        raw=_raw(data),
        with_request=asked,
        kind=data.get("kind", "reply"),
        automatic=data.get("automatic", False),
        answers=[one for row in data.get("answers", []) for one in _answers(row)],
        expected=others
        | {"failed_recipients": data.get("failed", []), "token": data.get("token", UNSAID)}
        | {"answers_on": str(data["answers_on"] or "") or None if "answers_on" in data else UNSAID},
    )


def _answers(row: list[Any]) -> list[dict[str, Any]]:
    code, percent, text, day, evidence = (*row, None, None)[:5]
    codes = [one.code for one in REQUEST.actions] if code == "*" else [code]
    day = str(day) if day else None
    return [{"action": one, "percent": percent, "text": text, "date": day, "evidence": evidence} for one in codes]


# --- bytes ------------------------------------------------------------------------------------------------------------


def _raw(data: dict[str, Any]) -> bytes:
    if "raw" in data:
        return bytes(data["raw"].replace("@REQUEST_ID@", REQUEST_ID), "utf-8")
    if "dsn" in data:
        return _report(data["dsn"], "delivery-status", data["name"])
    if "mdn" in data:
        return _report(data["mdn"], "disposition-notification", data["name"])
    odd = {"bytes": _bytes, "tnef": _tnef, "nested": _nested, "parts": _parts, "rfc822": _rfc822}
    if made := odd.get(data["client"]):
        return made(data)
    return _written(data)


def _written(data: dict[str, Any]) -> bytes:
    message = EmailMessage(policy=SMTP)
    client, body = data["client"], data["body"].rstrip("\n")
    quoting = data.get("quote", True) and client not in ("plain", "html")
    quoted = clients.quoted_text(data.get("fill_text", {})) if quoting else ""
    if client == "html":
        message.set_content(data["body"], subtype="html")
    elif draw := clients.HTML.get(client):
        rows = data.get("table", ())
        html = draw(data["body"], rows, clients.quoted_html(data.get("fill", {})) if quoting else "")
        if client == "zimbra" or rows or "fill" in data:  # what Word and Zimbra send may have no text of its own
            message.set_content(html, subtype="html", charset="utf-8")
        else:
            charset = "cp1252" if client == "outlook" else "utf-8"
            text = clients.plain_client("outlook_plain" if client == "outlook" else client, body, quoted, "top")
            message.set_content(text, charset=_fits(text, charset), cte="quoted-printable")
            message.add_alternative(html, subtype="html", charset=_fits(html, charset), cte="quoted-printable")
    else:
        message.set_content(clients.plain_client(client, body, quoted, data.get("place", "top")) + "\n")
    for one in data.get("attach", ()):
        _attach(message, one)
    raw = message.as_bytes()
    return _head(data).encode() + raw


def _fits(text: str, charset: str) -> str:
    try:
        text.encode(charset)
    except UnicodeEncodeError:
        return "utf-8"
    return charset


def _head(data: dict[str, Any]) -> str:
    subject = data.get("subject", "RE: @SUBJECT@").replace("@SUBJECT@", SENT.subject)
    thread = f"In-Reply-To: {REQUEST_ID}\r\nReferences: {REQUEST_ID}\r\n" if data.get("thread", True) else ""
    headers = "".join(f"{name}: {value}\r\n" for name, value in data.get("headers", {}).items())
    encoded = data.get("subject_raw") or f"=?utf-8?b?{base64.b64encode(subject.encode()).decode()}?="
    return (
        f"From: {data.get('from', f'Enlace Invima <{INVIMA}>')}\r\nTo: {US}\r\nSubject: {encoded}\r\nDate: {DATE}\r\n"
        f"Message-ID: <{data['name']}@invima.example>\r\n{thread}{headers}"
    )


def _attach(message: EmailMessage, one: dict[str, Any]) -> None:
    content, subtype = b"%PDF-1.7 ", one.get("type", XLSX)
    if "rows" in one or "sheets" in one:
        content = workbook(one.get("sheets") or {"Hoja1": one["rows"]})
    elif "bomb" in one:
        content = BOMBS[one["bomb"]]()
    elif "content" in one:
        content, subtype = one["content"].encode(), "plain"
    content = content.ljust(one.get("size", 0), b"x")
    kind = "image" if subtype == "png" else "text" if subtype == "plain" else "application"
    message.add_attachment(content, maintype=kind, subtype=subtype, filename=one["name"])


def workbook(sheets: dict[str, list[list[Any]]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row_number, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                cell = sheet.cell(row_number, column)
                cell.value = value
                if isinstance(value, str):
                    cell.data_type = "s"  # somebody typed it as text: a formula is what it would become elsewhere
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _bomb_cells() -> bytes:
    """A sheet that says it has three rows and has two hundred thousand, well compressed."""
    row = "<row>" + '<c t="inlineStr"><is><t>BIO-02</t></is></c>' * 50 + "</row>"
    return with_sheet(f"<sheetData>{row * 20_000}</sheetData>")


def _bomb_zip() -> bytes:
    """Two hundred megabytes of blanks in one part."""
    return with_sheet(" " * 200_000_000)


def with_sheet(data: str) -> bytes:
    made = BytesIO(workbook({"Hoja1": [["Código"]]}))
    out = BytesIO()
    with ZipFile(made) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name == "xl/worksheets/sheet1.xml":
                main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
                target.writestr(name, f'<?xml version="1.0"?><worksheet xmlns="{main}">{data}</worksheet>')
            else:
                target.writestr(name, source.read(name))
    return out.getvalue()


BOMBS = {"cells": _bomb_cells, "zip": _bomb_zip}


def _bytes(data: dict[str, Any]) -> bytes:
    body = data["body"].encode(data["charset"])
    encoding = data.get("encoding", "8bit")
    if encoding.startswith("base64"):
        body = base64.b64encode(body)
        body = body.rstrip(b"=") if encoding == "base64-unpadded" else body
    if newline := data.get("newline"):
        body = body.replace(b"\n", newline.encode())
    charset = f"; charset={data['declared']}" if data["declared"] else ""
    encoding = encoding.removesuffix("-unpadded")
    return (
        f"{_head(data)}Content-Type: text/plain{charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
        + body
    )


def _tnef(data: dict[str, Any]) -> bytes:
    message = EmailMessage(policy=SMTP)
    message.set_content(data["body"])
    tnef = b"\x78\x9f\x3e\x22\x01\x00" + bytes(range(256)) * 20
    message.add_attachment(tnef, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    return _head(data).encode() + message.as_bytes()


def _nested(data: dict[str, Any]) -> bytes:
    part: Message = MIMEText(data["body"], "plain", "utf-8")
    for _ in range(data["depth"]):
        outer = MIMEMultipart("mixed")
        outer.attach(part)
        part = outer
    return _head(data).encode() + part.as_bytes()


def _parts(data: dict[str, Any]) -> bytes:
    outer = MIMEMultipart("mixed")
    for text in data["body"].split("\n=====\n"):
        outer.attach(MIMEText(text, "plain", "utf-8"))
    return _head(data).encode() + outer.as_bytes()


def _rfc822(data: dict[str, Any]) -> bytes:
    inner = EmailMessage(policy=SMTP)
    inner["From"], inner["Subject"] = "Dirección <direccion@invima.example>", "Avance"
    inner.set_content(data["inner"])
    message = EmailMessage(policy=SMTP)
    message.set_content(data["body"])
    message.add_attachment(inner)
    return _head(data).encode() + message.as_bytes()


def _report(data: dict[str, Any], report_type: str, name: str) -> bytes:
    """A delivery or a disposition notification, with the original whole or as its headers."""
    subject = data.get("subject", "Delivery Status Notification").replace("@SUBJECT@", SENT.subject)
    original = f"Message-ID: {REQUEST_ID}\r\nFrom: {US}\r\nTo: {INVIMA}\r\nSubject: Solicitud [Ref. {TOKEN}]\r\n\r\n"
    original_type = "text/rfc822-headers" if data.get("original") == "headers" else "message/rfc822"
    if report_type == "delivery-status":
        blocks = "".join(
            f"Original-Recipient: rfc822;{one}\r\nFinal-Recipient: rfc822; {one}\r\n"
            f"Action: {data.get('action', 'failed')}\r\nStatus: {data.get('status', '5.1.1')}\r\n"
            f"Diagnostic-Code: smtp; 550 unknown\r\n\r\n"
            for one in data.get("recipients", [INVIMA])
        )
        status = f"Reporting-MTA: dns; mx.invima.example\r\n\r\n{blocks}"
    else:
        shown = f"manual-action/MDN-sent-manually; {data.get('disposition', 'displayed')}"
        status = (
            f"Final-Recipient: rfc822; {INVIMA}\r\nOriginal-Message-ID: {REQUEST_ID}\r\nDisposition: {shown}\r\n\r\n"
        )
    encoded = base64.b64encode(subject.encode()).decode()
    return (
        f"From: {data.get('from', 'Mail Delivery System <MAILER-DAEMON@mx.invima.example>')}\r\nTo: {US}\r\n"
        f"Subject: =?utf-8?b?{encoded}?=\r\nDate: {DATE}\r\nMessage-ID: <{name}@mx.invima.example>\r\n"
        f'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type={report_type}; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{data.get('text', 'Informe del sistema.')}\r\n"
        f"--b\r\nContent-Type: message/{report_type}\r\n\r\n{status}"
        f"--b\r\nContent-Type: {original_type}\r\n\r\n{original}Hola\r\n--b--\r\n"
    ).encode()


# --- figures ----------------------------------------------------------------------------------------------------------


@dataclass
class Figures:
    """`right` and `all` by kind; answers exact of all that were expected or given; what was wrong though sure.

    `percents` are the answers whose action and figure are right, whatever words were taken for their text.
    """

    kinds: dict[str, list[int]] = field(default_factory=dict)
    exact: int = 0
    answers: int = 0
    percents: int = 0
    wrong_and_sure: list[str] = field(default_factory=list)
    details: int = 0
    details_right: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def of_kinds(self) -> float:
        right, count = (sum(one[n] for one in self.kinds.values()) for n in (0, 1))
        return right / count

    @property
    def of_answers(self) -> float:
        return self.exact / self.answers

    @property
    def of_percents(self) -> float:
        return self.percents / self.answers

    def __str__(self) -> str:
        kinds = ", ".join(f"{kind} {right}/{count}" for kind, (right, count) in sorted(self.kinds.items()))
        return (
            f"kinds {self.of_kinds:.1%} ({kinds})\n"
            f"  answers exact {self.exact}/{self.answers} = {self.of_answers:.1%}, "
            f"figures {self.percents}/{self.answers} = {self.of_percents:.1%}, "
            f"other fields {self.details_right}/{self.details}, wrong though sure {len(self.wrong_and_sure)}"
        )


def measure(*, frozen: bool) -> Figures:
    figures = Figures()
    for case in cases():
        if case.frozen is frozen:
            _judge(case, told_of(case), figures)
    return figures


def told_of(case: Case) -> dict[str, Any]:
    from mail.read import read, told  # noqa: PLC0415 - measured as it stands when it is called

    asked = REQUEST if case.with_request else None
    return told.as_json(read(case.raw, [one.code for one in asked.actions] if asked else None, None, asked), asked)


def _judge(case: Case, told: dict[str, Any], figures: Figures) -> None:
    from methodology.readings import SURE  # noqa: PLC0415

    count = figures.kinds.setdefault(case.kind, [0, 0])
    count[1] += 1
    count[0] += told["kind"] == case.kind
    if told["kind"] != case.kind:
        figures.failures.append(f"{case.name}: {told['kind']} for {case.kind}: {told['reasons']}")
    for name, value in (case.expected | {"automatic": case.automatic}).items():
        if value != UNSAID:
            figures.details += 1
            figures.details_right += told[name] == value
            if told[name] != value:
                figures.failures.append(f"{case.name}: {name} {told[name]!r} for {value!r}")
    given = {one["action"]: one for one in told["answers"]}
    wanted = {one["action"]: one for one in case.answers}
    for code in sorted(given.keys() | wanted.keys()):
        figures.answers += 1
        ours, theirs = _shown(given.get(code)), _shown(wanted.get(code))
        figures.exact += ours == theirs
        figures.percents += (ours is None) is (theirs is None) and (ours or ())[:1] == (theirs or ())[:1]
        if ours != theirs:
            figures.failures.append(f"{case.name}: {code}\n      got    {ours}\n      wanted {theirs}")
        if ours and ours[::2] != (theirs or ())[::2] and given[code]["confidence"] >= SURE:
            figures.wrong_and_sure.append(f"{case.name}: {code}")


def _shown(answer: dict[str, Any] | None) -> tuple[Any, ...] | None:
    """Percentage, text (without its last full stop), date, evidence."""
    if answer is None:
        return None
    text = " ".join(answer["text"].split()).rstrip(". ")
    return answer["percent"], text, answer["date"], answer["evidence"]


if __name__ == "__main__":
    print(f"{len(cases())} messages, {sum(one.frozen for one in cases())} frozen")  # noqa: T201
    for name, apart in (("open", False), ("frozen", True)):
        measured = measure(frozen=apart)
        print(f"{name}: {measured}")  # noqa: T201
        if "--failures" in sys.argv and not apart:
            print("  " + "\n  ".join(measured.failures))  # noqa: T201
