"""Step 5c: answers in free prose, matched by the distinctive words of what was asked. Only with a request; never sure.

«La acción del manual de BPM va en un 60 por ciento» names no code; «manual» and «BPM» are of one asked action only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from mail.read.answers import besides, is_no_progress, is_sign_off
from mail.read.asks import asks_for_time, is_later
from mail.read.codes import Codes
from mail.read.figures import leading_percent, said_percent
from mail.read.sentences import paragraphs, sentences
from methodology.readings import GUESS, LIKELY, SURE, Answer, Asked
from methodology.rules.spanish import plain

_WORD = re.compile(r"[a-z0-9]{3,40}")
_STEM = 6
_COMMON = frozenset(
    [
        "para",
        "como",
        "entre",
        "desde",
        "hasta",
        "sobre",
        "ante",
        "bajo",
        "por",
        "con",
        "los",
        "las",
        "del",
        "una",
        "uno",
        "sus",
        "que",
        "este",
        "esta",
        "esto",
        "estos",
        "estas",
        "dicho",
        "accion",
        "acciones",
        "avance",
        "avances",
        "proceso",
        "entidad",
        "informe",
        "reporte",
        "mes",
        "porcentaje",
        "nacional",
        "sector",
        "primera",
        "general",
        "clase",
        "fase",
        "tres",
        "dos",
    ]
)
_PROGRESS = frozenset(["consul", "regist", "operac", "public", "revisi", "proyec", "resolu", "trabaj", "coment"])
"""The beginnings of words that tell how any action goes: they name none."""
_MARKS = re.compile(r"^[\s•*·▪–-]{0,4}(?:\d{1,2}[.)]\s{1,3})?")
_FIGURES = re.compile(r"%[^%]{1,200}%")
_NEXT_FIGURE = re.compile(r"(?<=%)(?:[,;]\s|\s?[,;]?\sy\s)(?=[^,;%]{1,80}\d\s?%)")
_NUMBER_OF = re.compile(r"\b[Ll]a (\d{1,2}) de\b")
_WHOLE_TITLE = 0.99
_NEAR_TITLE = 0.75
_TWO_WORDS = 0.5
_BY_CODE = 99
_FEW_WORDS = 5
_PASSAGE = 1_000
_MOST_SENTENCES = 400
_LONGEST = 2_000


class _Match(NamedTuple):
    code: str
    words: int


class Topics:
    """The asked actions by their distinctive words: those that no other of them has."""

    def __init__(self, actions: Collection[Asked]) -> None:
        self._of = {one.code: _stems(_without_verb(one.text)) for one in actions}
        shared = Counter(stem for stems in self._of.values() for stem in stems)
        self.only = _Match(next(iter(self._of)), 1) if len(self._of) == 1 else None
        """Of a single asked action everything is said, whatever its words."""
        self._own = {stem: code for code, stems in self._of.items() for stem in stems if shared[stem] == 1}

    def about(self, text: str) -> _Match | None:
        """The one action that a sentence speaks of; None when it speaks of none or of several."""
        hits = Counter(self._own[stem] for stem in _stems(text) if stem in self._own)
        if not hits:
            return None
        (code, words), *others = hits.most_common(2)
        return None if others and others[0][1] * 2 > words else _Match(code, words)

    def titled(self, text: str) -> tuple[str, float]:
        """The action whose text this is, and how much of it is there; («», 0) when it is nobody's title."""
        stems = _stems(text)
        shares = (
            (code, len(of & stems) / len(of)) for code, of in self._of.items() if of and len(stems) <= 2 * len(of)
        )
        best = max(shares, key=lambda one: one[1], default=("", 0.0))
        return best if best[1] >= _NEAR_TITLE else ("", 0.0)

    def in_cell(self, text: str) -> tuple[str, float]:
        """As `titled`; else the action of which a cell has two words that are no other's."""
        code, share = self.titled(text)
        about = None if code else self.about(text)
        return (about.code, _TWO_WORDS) if about and about.words > 1 else (code, share)


@lru_cache(maxsize=64)
def topics_of(actions: tuple[Asked, ...]) -> Topics:
    return Topics(actions)


def from_prose(text: str, topics: Topics, codes: Codes, taken: Collection[str]) -> list[Answer]:
    """One answer for each action that the prose speaks of and that has none yet (`taken`)."""
    found: dict[str, Answer] = {}
    for block in _under_their_titles(_until_goodbye(text), topics):
        for answer in _titled(block, topics) or _said(block, topics, codes):
            if answer.code not in taken:
                found[answer.code] = _better(found.get(answer.code), answer)
    return list(found.values())


def _until_goodbye(text: str) -> Iterator[list[str]]:
    for block in paragraphs(text):
        kept: list[str] = []
        for line in block:
            if is_sign_off(line) and not any(char.isdigit() for char in line):
                if kept:
                    yield kept
                if not plain(line).startswith(_GREETING):
                    return
                kept = []
            else:
                kept.append(line[:_LONGEST])
        if kept:
            yield kept


_GREETING = ("cordial saludo", "saludo", "un saludo", "gracias")


def _under_their_titles(blocks: Iterator[list[str]], topics: Topics) -> Iterator[list[str]]:
    """An action's own words in a paragraph alone are the heading of the next one (Word leaves a blank line between)."""
    heading: list[str] = []
    for block in blocks:
        if len(block) == 1 and not heading and topics.titled(block[0])[0] and said_percent(block[0]) is None:
            heading = block
        else:
            yield [*heading, *block]
            heading = []
    if heading:
        yield heading


def _titled(block: list[str], topics: Topics) -> list[Answer]:
    """The action's own words as a heading, and below them what is said of it."""
    if len(block) < 2:  # noqa: PLR2004 - a heading and a line
        return []
    code, share = topics.titled(block[0])
    if not code or said_percent(block[0]) is not None:
        return []
    head = leading_percent(" ".join(block[1:]))
    if head.percent is None and not is_no_progress(block[1]):
        return []
    confidence = SURE if share >= _WHOLE_TITLE else LIKELY
    return [Answer(code, head.percent, head.text, "\n".join(block)[:_PASSAGE], confidence=confidence)]


def _said(block: list[str], topics: Topics, codes: Codes) -> list[Answer]:
    """Sentence by sentence; one that names nothing belongs to the action named before it in its paragraph."""
    answers: list[Answer] = []
    is_open = False
    for sentence in _units(block, topics)[:_MOST_SENTENCES]:
        if plain(sentence).startswith(_GREETING) and not answers:
            continue
        if is_sign_off(sentence):
            break
        if named := _named(sentence, topics, codes):
            answers += named
        elif is_open and _goes_on(sentence, answers[-1], topics):
            answers[-1] = _continued(answers[-1], sentence)
            continue
        is_open = len(named) == 1
    return answers


def _continued(answer: Answer, sentence: str) -> Answer:
    """The answer with one more sentence, which may bring its figure; without any figure it stays as it was."""
    said = said_percent(sentence) if answer.percent is None else None
    if answer.percent is None and said is None and not is_no_progress(sentence):
        return answer
    text, passage = f"{answer.text} {sentence}", f"{answer.passage} {sentence}"[:_PASSAGE]
    return replace(answer, text=text, passage=passage, percent=said.percent if said else answer.percent)


def _named(sentence: str, topics: Topics, codes: Codes) -> list[Answer]:
    """What a sentence says of the action that it names, or of several: «sin avance en AST-04 y AST-05»."""
    named = codes.inside(sentence)
    if len(named) > 1 and is_no_progress(sentence):
        return [Answer(code, None, sentence, sentence[:_PASSAGE]) for code in named]
    one = _one(sentence, topics, codes)
    return [one] if one else []


def _units(block: list[str], topics: Topics) -> list[str]:
    """Sentences; lines, when each has its figure; and the parts of «biosimilares 60 %, materias primas 20 %»."""
    block = [_MARKS.sub("", line, count=1) for line in block]
    by_line = sum(said_percent(line) is not None for line in block) > 1 or _tell_apart(block, topics)
    found = [one for line in block for one in sentences(line)] if by_line else sentences(" ".join(block))
    return [part for one in found for part in (_NEXT_FIGURE.split(one) if _FIGURES.search(one) else [one])]


def _tell_apart(block: list[str], topics: Topics) -> bool:
    """Lines typed one below the other, each about another action and with a number of its own."""
    about = [topics.about(line) for line in block if any(char.isdigit() for char in line)]
    return len({one.code for one in about if one}) > 1


def _goes_on(sentence: str, current: Answer, topics: Topics) -> bool:
    """More about the action named before: a word of another one, alone and without a figure, changes no subject."""
    about = topics.about(sentence)
    is_same = about is None or about.code == current.code or (about.words == 1 and said_percent(sentence) is None)
    return is_same and "?" not in sentence and not asks_for_time(sentence)


def _one(sentence: str, topics: Topics, codes: Codes) -> Answer | None:
    """What one sentence says of one action, if it says anything."""
    if "?" in sentence or asks_for_time(sentence) or (is_later(sentence) and said_percent(sentence) is None):
        return None
    named = codes.inside(sentence)
    match = _Match(named[0], _BY_CODE) if len(named) == 1 else None
    if not named:
        match = topics.about(besides(sentence)) or topics.only
    if match is None or _is_numbered_otherwise(sentence, match.code):
        return None
    if labelled := _labelled(sentence, match, topics):
        return labelled
    said, done, none = said_percent(sentence), "cumplid" in plain(sentence), is_no_progress(sentence)
    says_little = match.words < 2 or len(sentence.split()) < _FEW_WORDS  # noqa: PLR2004 - one word is of anything
    if said is None and not done and not none and says_little:
        return None
    return Answer(
        match.code,
        said.percent if said else None,
        sentence,
        sentence[:_PASSAGE],
        confidence=_weight(match, has_cue=said is not None and said.has_cue),
    )


def _is_numbered_otherwise(sentence: str, code: str) -> bool:
    """«La 03 de medicamentos»: a number that is not this action's."""
    match = _NUMBER_OF.search(sentence)
    return match is not None and int(match[1]) != int(re.sub(r"\D", "", code) or 0)


def _labelled(sentence: str, match: _Match, topics: Topics) -> Answer | None:
    """«Manual de buenas prácticas: 52 %. Se cerró…»: the action's words, a colon and the figure."""
    label, colon, rest = sentence.partition(":")
    head = leading_percent(rest)
    about = topics.about(label)
    if not colon or head.percent is None or about is None or about.code != match.code or said_percent(label):
        return None
    return Answer(match.code, head.percent, head.text, sentence[:_PASSAGE], confidence=_weight(about, has_cue=True))


def _weight(match: _Match, *, has_cue: bool) -> float:
    if match.words == _BY_CODE and has_cue:
        return SURE
    return LIKELY if match.words > 1 or has_cue else GUESS


def _better(known: Answer | None, new: Answer) -> Answer:
    """The first that has a figure; else the first."""
    return new if known is None or (known.percent is None and new.percent is not None) else known


def _stems(text: str) -> frozenset[str]:
    stems = (word[:_STEM].rstrip("s") for word in _WORD.findall(plain(text)) if word not in _COMMON)
    return frozenset(stem for stem in stems if stem not in _PROGRESS)


def _without_verb(text: str) -> str:
    """«Expedir la guía»: what is done says little of which action it is."""
    first, _, rest = text.partition(" ")
    return rest if plain(first).endswith(("ar", "er", "ir")) else text
