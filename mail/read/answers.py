"""Step 5b: answers in lines: `CODE: 80 % – text`, however it was typed; what follows belongs to the code before it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from mail.read.codes import Codes
from mail.read.figures import leading_percent
from methodology.replies import EVERY_ACTION, Answer
from methodology.rules.codes import PATTERN
from methodology.rules.spanish import plain

SIGN_OFFS = (
    "cordialmente", "atentamente", "atte", "saludos", "un saludo", "cordial saludo", "quedo atent", "quedamos atent",
    "quedo pendiente", "quedamos pendiente",
    "muchas gracias", "gracias", "agradezco", "agradecemos", "sin otro particular",
    "enviado desde", "este mensaje", "este correo", "confidencialidad", "aviso legal", "aviso de confidencialidad",
    "nota de confidencialidad", "la informacion contenida en", "cualquier inquietud", "respetuosamente",
)  # fmt: skip
NO_PROGRESS = (
    "sin avance", "sin novedad", "no hay avance", "no hubo avance", "no se registran avance", "no se presentan avance",
    "no se reportan avance", "no se registraron avance", "no se presentaron avance", "no se tienen avance",
    "a la fecha no se registran avance", "a la fecha no se presentan avance", "a la fecha no hay avance",
    "a la fecha sin avance", "todas las acciones: sin avance", "todas las acciones sin avance",
)  # fmt: skip
_BULLETS = "> \t*•·▪◦●-–—"
_NUMBERED = re.compile(r"\d{1,2}[.)]\s{1,4}")
_NEXT_ON_LINE = re.compile(rf"(?<=[;.])\s{{1,4}}(?={PATTERN}\s?:)")
_LEAD_IN = re.compile(
    r"(?:[^\W\d][^:\d\n]{0,39}:|(?:en cuanto a|con respecto a|respecto a|respecto de|frente a|sobre|para)(?: la| el)?)"
    r"\s{1,4}",
    re.IGNORECASE,
)
_LINE_CAP = 8_000
_TEXT_CAP = 4_000
_PASSAGE_CAP = 1_000
_HEADING_CAP = 70


@dataclass
class _Block:
    """One code's answer while its lines are collected, by paragraph."""

    code: str
    percent: float | None
    paragraphs: list[list[str]]
    passage: list[str]
    is_open: bool = True

    def add(self, line: str) -> None:
        self.passage.append(line)
        self.paragraphs[-1].append(line)

    def answer(self) -> Answer:
        text = "\n".join(" ".join(" ".join(lines).split()) for lines in self.paragraphs if lines).strip()
        return Answer(self.code, self.percent, text[:_TEXT_CAP], "\n".join(self.passage)[:_PASSAGE_CAP])


def from_lines(text: str, codes: Codes) -> list[Answer]:
    """Each code's first answer, in order; a code with nothing after it is none."""
    groups: list[list[_Block]] = [[]]
    for line in _lines(text):
        found, rest = _leading(_NUMBERED.sub("", line.lstrip(_BULLETS), count=1), codes)
        if found:
            _drop_heading(groups[-1])
            groups.append(_open(found, rest, line))
        else:
            _continue(groups[-1], line)
    answers = (block.answer() for group in groups for block in group)
    return _first_of_each([one for one in answers if one.percent is not None or one.text])


def _leading(line: str, codes: Codes) -> tuple[list[str], str]:
    """The codes a line begins with, also after a few words of introduction: «Corregimos: AST-04 85 %»."""
    found, rest = codes.leading(line)
    if not found and (lead := _LEAD_IN.match(line)):
        found, rest = codes.leading(line[lead.end() :])
    return (found, rest) if found else ([], line)


def from_form(text: str, codes: Codes, example: str) -> list[Answer]:
    """The lines of our own form that were filled in where they stand: only those with a colon, a figure or a text."""
    lines = [line for line in _lines(text) if _is_filled(line, codes) and plain(example) not in plain(line)]
    return from_lines("\n".join(lines), codes)


def without_code(text: str) -> list[Answer]:
    """«Sin avance» said of everything that was asked (R16: it is an answer)."""
    said = next((line for line in _lines(text) if plain(line).startswith(NO_PROGRESS)), "")
    return [Answer(EVERY_ACTION, None, said.strip(), said.strip()[:_PASSAGE_CAP])] if said else []


def is_sign_off(line: str) -> bool:
    return line.strip() == "--" or plain(line[:200]).startswith(SIGN_OFFS)


def _lines(text: str) -> list[str]:
    whole = (line[:_LINE_CAP] for line in text.split("\n"))
    return [piece for line in whole for piece in _pieces(line)]


def _pieces(line: str) -> list[str]:
    """«AST-04: 80 % – uno; AST-05: 20 % – dos» in one line is two."""
    starts = [0, *(match.end() for match in _NEXT_ON_LINE.finditer(line)), len(line)]
    return [line[a:b].rstrip() for a, b in pairwise(starts)] if line else [""]


def _open(found: list[str], rest: str, line: str) -> list[_Block]:
    """The blocks of one line, which may name several codes."""
    head = leading_percent(rest)
    return [_Block(code, head.percent, [[head.text]], [line]) for code in found]


def _continue(group: list[_Block], line: str) -> None:
    """A line without a code: more of the answer above it, until somebody says goodbye."""
    for block in (one for one in group if one.is_open):
        if is_sign_off(line):
            block.is_open = False
        elif line.strip():
            block.add(line)
        elif block.paragraphs[-1]:
            block.paragraphs.append([])


def _drop_heading(group: list[_Block]) -> None:
    """A short title just above a code («Dispositivos médicos») is of the next group, not of the answer before."""
    for block in (one for one in group if one.is_open):
        while len(block.paragraphs) > 1 and not block.paragraphs[-1]:
            block.paragraphs.pop()
        last = block.paragraphs[-1]
        if len(block.paragraphs) > 1 and len(last) == 1 and len(last[0]) < _HEADING_CAP and last[0][-1:] not in ".;!?":
            block.paragraphs.pop()


def _is_filled(line: str, codes: Codes) -> bool:
    found, rest = codes.leading(line.lstrip(_BULLETS))
    head = leading_percent(rest)
    return bool(found) and rest.lstrip().startswith(":") and (head.percent is not None or bool(head.text))


def _first_of_each(answers: list[Answer]) -> list[Answer]:
    first: dict[str, Answer] = {}
    for answer in answers:
        first.setdefault(answer.code, answer)
    return list(first.values())
