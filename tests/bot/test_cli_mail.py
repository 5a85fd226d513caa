"""`soluciones mail read`: no settings, no secrets; 0 for any readable mail, 2 and a sentence otherwise."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import app

MAIL = (
    "From: Ana <ana@invima.example>\r\nSubject: RE: Solicitud [Ref. SR-1YXE-RPTV]\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\nBIO-02: 80 % – Guía en consulta\r\n"
)
REQUEST = {"token": "SR-1YXE-RPTV", "sent_on": "2026-11-11", "actions": [{"code": "BIO-02"}, {"code": "DIM-03"}]}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def read(mail: str | bytes, *options: str, request: object = None) -> tuple[int, str]:
        (tmp_path / "m.eml").write_bytes(mail if isinstance(mail, bytes) else mail.encode())
        if request is not None:
            text = request if isinstance(request, str) else json.dumps(request)
            (tmp_path / "r.json").write_text(text, encoding="utf-8")
            options = (*options, "--request", "r.json")
        done = CliRunner().invoke(app, ["mail", "read", "m.eml", *options])
        return done.exit_code, done.output

    return read


def test_a_program_gets_every_key(run: Any) -> None:
    code, said = run(MAIL, "--json", request=REQUEST)
    assert code == 0
    told = json.loads(said)
    answer = {"action": "BIO-02", "percent": 80.0, "text": "Guía en consulta", "date": None, "evidence": None}
    assert told["answers"] == [answer | {"confidence": 0.9, "passage": "BIO-02: 80 % – Guía en consulta"}]
    assert (told["kind"], told["automatic"], told["token"]) == ("reply", False, "SR-1YXE-RPTV")
    assert (told["returns_on"], told["failed_recipients"]) == (None, [])
    assert told["reasons"]


def test_without_a_request_a_code_is_known_by_its_form(run: Any) -> None:
    assert [one["action"] for one in json.loads(run(MAIL, "--json")[1])["answers"]] == ["BIO-02"]
    assert json.loads(run(MAIL.replace("BIO-02", "COVID-19"), "--json")[1])["answers"] == []


def test_what_is_said_of_everything_is_said_of_each_action_asked(run: Any) -> None:
    told = json.loads(run(MAIL.replace("BIO-02: 80 %", "Sin avance"), "--json", request=REQUEST)[1])
    assert [(one["action"], one["percent"]) for one in told["answers"]] == [("BIO-02", None), ("DIM-03", None)]


def test_a_person_gets_sentences(run: Any) -> None:
    code, said = run(MAIL)
    assert code == 0
    assert "Es: respuesta" in said
    assert "BIO-02: 80\xa0%. Guía en consulta. (segura)" in said


def test_a_person_reads_the_day_of_compliance_the_evidence_and_the_date_that_is_asked_for(run: Any) -> None:
    dated = MAIL.replace("Subject", "Date: Fri, 20 Nov 2026 10:00:00 -0500\r\nSubject")
    met = "100 % – Guía expedida, cumplida el 16 de noviembre. Evidencia: Resolución 12"
    asks = "DIM-03: creo que avanza\r\nPara la BIO-05 solicitamos plazo hasta el 30 de marzo."
    said = run(dated.replace("80 % – Guía en consulta", f"{met}\r\n{asks}"))[1]
    assert "Cumplida el 16 de noviembre de 2026. Evidencia: Resolución 12. (segura)" in said
    assert "DIM-03: sin cifra. creo que avanza. (por revisar)" in said
    assert "Solicita plazo hasta el 30 de marzo de 2027: no es respuesta de fondo" in said


@pytest.mark.parametrize(
    "request_",
    ["{", "[]", {"actions": 3}, {"actions": [{}]}, {"actions": [], "sent_on": "ayer"}, {"actions": [], "month": "11"}],
)
def test_a_request_that_is_none_is_refused_with_a_sentence(run: Any, request_: object) -> None:
    code, said = run(MAIL, request=request_)
    assert code == 2
    assert "r.json" in said


def test_what_is_no_file_is_refused_with_a_sentence(run: Any, tmp_path: Path) -> None:
    assert run("")[0] == 2
    for name in ("falta.eml", "."):
        done = CliRunner().invoke(app, ["mail", "read", name])
        assert done.exit_code == 2
        assert "Traceback" not in done.output


@pytest.mark.parametrize(
    "raw", [bytes(range(256)) * 20, b"From: \0" + bytes(range(256)), "BIO-02: 80 %\n\nGracias", "Hola"]
)
def test_what_is_no_mail_is_said_to_be_none(run: Any, raw: str | bytes) -> None:
    code, said = run(raw)
    assert (code, said) == (2, "m.eml no es un correo: no tiene encabezados. Guarde el mensaje completo, como .eml.\n")


def test_no_escape_of_a_mail_reaches_the_terminal(run: Any) -> None:
    evil = "\x1b]0;t\u00edtulo\x07Guía\x1b[31m en\x9b2J consulta\x08\x1b]8;;https://x.example\x1b\\"
    code, said = run(MAIL.replace("Guía en consulta", evil))
    assert code == 0
    assert "Guía en" in said
    assert not [char for char in said if unicodedata.category(char) == "Cc" and char != "\n"]
    assert "título" not in said
