"""One code's answer while its lines are collected, and what a line below the code is to it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mail.read.figures import leading_percent
from methodology.readings import LIKELY, SURE, Answer
from methodology.rules.spanish import plain

_NAME = re.compile(
    r"(?:(?:Ing|Dra?|Lic|Arq|Abg|Econ)\. )?[A-ZÁÉÍÓÚÑ][a-záéíóúñ]{1,15}"
    r"(?: (?:de |del |la )?[A-ZÁÉÍÓÚÑ][a-záéíóúñ]{1,15}\.?){1,3}"
)
_SUB_BULLET = re.compile(r"^\s*[*+•·▪◦●-]\s{1,4}")
_LABEL = re.compile(
    r"\s{0,3}(?:estado|avance cualitativo|actividad(?:es)?(?: realizadas)?|logros?|gesti[oó]n(?: realizada)?"
    r"|descripci[oó]n(?: del avance)?|observaci[oó]n(?:es)?|detalle|texto)\s?[:–-]\s?",
    re.IGNORECASE,
)
"""What a part of an answer is called in front of it."""
_DAY_LABEL = re.compile(r"\s*fecha (?:de|del) cumplimiento\s?:", re.IGNORECASE)
_ONLY_FIGURE = re.compile(r"[\s(–-]{0,4}\d{1,3}(?:[.,]\d)?\s?%[\s).]{0,3}")
_CUT = re.compile(r"\b(?:al?|del?|el|en|un)\s*$")
"""A line that ends so goes on in the next one: «la cobertura llegó al»."""
_TEXT_CAP = 4_000
PASSAGE_CAP = 1_000
_HEADING_CAP = 70


@dataclass
class Block:
    """The answer by paragraph; `is_sure` when nothing around it leaves a doubt whose the figure is.

    `leaves_out` until the end of a paragraph that speaks of another action, `has_left_out` from then on.
    """

    code: str
    percent: float | None
    paragraphs: list[list[str]]
    passage: list[str]
    is_open: bool = True
    is_sure: bool = True
    leaves_out: bool = False
    has_left_out: bool = False

    @property
    def is_bare(self) -> bool:
        return self.percent is None and not self.has_text

    @property
    def has_text(self) -> bool:
        return any(line.strip() for lines in self.paragraphs for line in lines)

    @property
    def is_apart(self) -> bool:
        """Whether the next line begins a paragraph below an answer."""
        return not self.paragraphs[-1] and not self.is_bare

    def add(self, line: str) -> None:
        """More of the answer; the day of compliance under its own name is no text, and stands in the passage."""
        self.passage.append(line)
        if _DAY_LABEL.match(line) is None:
            self.paragraphs[-1].append(unlabelled(line))

    def end_paragraph(self) -> None:
        self.leaves_out = False
        if self.paragraphs[-1]:
            self.paragraphs.append([])

    def answer(self) -> Answer:
        paragraphs = [" ".join(" ".join(lines).split()) for lines in self.paragraphs if lines]
        while len(paragraphs) > 1 and _NAME.fullmatch(paragraphs[-1]):  # who signs, without a farewell
            paragraphs.pop()
        text, passage = "\n".join(paragraphs).strip(), "\n".join(self.passage)
        confidence = SURE if self.is_sure else LIKELY
        return Answer(self.code, self.percent, text[:_TEXT_CAP], passage[:PASSAGE_CAP], confidence=confidence)

    def take(self, line: str) -> None:
        """A line below the code: more of the answer, or its figure («Avance: 80 %», or «80 %» alone)."""
        line = _SUB_BULLET.sub("", line, count=1)
        head = leading_percent(line) if self.is_bare or self._wants(line) else None
        if head is None or head.percent is None:
            self.add(line)
        else:
            self.percent = head.percent
            self.passage.append(line)
            self.paragraphs[-1] += [head.text] if head.text else []

    def _wants(self, line: str) -> bool:
        if self.percent is not None or _CUT.search(" ".join(self.paragraphs[-1][-1:])):
            return False
        return _is_labelled(line) or _ONLY_FIGURE.fullmatch(line) is not None

    def drop_heading(self) -> None:
        """A short title just above the next code («Dispositivos médicos») is of that, not of this answer."""
        while len(self.paragraphs) > 1 and not self.paragraphs[-1]:
            self.paragraphs.pop()
        last = self.paragraphs[-1]
        stands_alone = len(self.paragraphs) > 1 and len(last) == 1 and last[0] == self.passage[-1]
        if stands_alone and len(last[0]) < _HEADING_CAP and last[0][-1:] not in ".;!?" and ":" not in last[0][:-1]:
            self.paragraphs.pop()
        elif len(self.passage) > 1 and last and last[-1].endswith(":"):
            last.pop()


def unlabelled(line: str) -> str:
    """The line without what it is called in front: «Observaciones: …»."""
    match = _LABEL.match(line)
    return line[match.end() :] if match else line


def is_figure(line: str) -> bool:
    """«80 %», «Avance: 80 %»: a figure and nothing else."""
    is_one = _is_labelled(line) or _ONLY_FIGURE.fullmatch(line) is not None
    head = leading_percent(line)
    return is_one and head.percent is not None and not head.text


def _is_labelled(line: str) -> bool:
    return plain(line[:20]).startswith(("avance", "porcentaje", "% "))
