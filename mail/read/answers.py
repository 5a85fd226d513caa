"""Step 5b: answers in lines: `CODE: 80 % – text`, however it was typed; what follows belongs to the code before it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from mail.read.asks import asks_for_time, is_later
from mail.read.blocks import PASSAGE_CAP, Block, is_figure
from mail.read.codes import Codes
from mail.read.figures import leading_percent, said_percent
from mail.read.sentences import all_sentences
from methodology.readings import EVERY_ACTION, LIKELY, SURE, Answer
from methodology.rules.codes import PATTERN
from methodology.rules.spanish import MONTHS, plain

DISCLAIMERS = (
    "este mensaje", "este correo", "confidencialidad", "aviso legal", "aviso:", "aviso de confidencialidad",
    "nota de confidencialidad", "la informacion contenida en",
)  # fmt: skip
SIGN_OFFS = (
    *DISCLAIMERS,
    "cordialmente", "atentamente", "atte", "saludos", "un saludo", "cordial saludo", "quedo atent", "quedamos atent",
    "quedo pendiente", "quedamos pendiente", "quedo a su", "quedamos a su", "cualquier inquietud", "cualquier cosa me",
    "en los anteriores terminos", "en los terminos anteriores", "en estos terminos", "de esta manera damos",
    "esperamos haber", "que tenga", "perdon por", "bendiciones", "dios la", "dios lo", "dios le",
    "un abrazo", "abrazos", "abrazo,", "besos", "feliz dia", "feliz tarde", "feliz noche", "feliz resto", "feliz fin",
    "feliz semana", "mil gracias", "muchas gracias", "gracias", "agradezco", "agradecemos", "sin otro particular",
    "enviado desde", "respetuosamente",
)  # fmt: skip
_NO_PROGRESS = re.compile(
    r"\b(?:sin (?:ningun )?(?:avances?|novedad(?:es)?|progresos?)|no (?:hay|hubo|(?:se )?[a-z]{3,12}(?: [a-z]{3,12})?) "
    r"(?:ningun )?(?:avances?|progresos?|novedad(?:es)?))\b"
)
_OF_SOMETHING = re.compile(
    r"(?:avances?|novedad(?:es)?|progresos?) (?:en|de|del) "
    r"(?!el (?:periodo|mes)|este|la fecha|las acc|los comp|nov|nin)"
)
_OF_ALL = ("acciones", "periodo", "este mes", "del mes", "ninguna", "lo solicitado", "lo requerido")
_OF_EVERY = re.compile(r"\bningun[ao] de l[ao]s (?P<rest>demas |otr[ao]s )?(?:acciones|compromisos)\b")
REST = ("las demas", "los demas", "las otras", "las restantes", "el resto", "para las demas", "en las demas",
        "de las demas", "respecto de las demas", "frente a las demas")  # fmt: skip
_MATTER = re.compile(
    r"(?:(?:y|por otra parte|de otro lado|en cuanto a|(?:con )?respecto (?:a|de)|frente a|sobre),?\s){0,2}"
    r"(?:la|las|lo(?=[^.]{1,60}\b(?:llevan?|respond\w{1,6}|corresponde|compete|maneja|inform\w{1,4}|report\w{1,4})\b)"
    r"|(?:la |las )?(?:iniciativa|accion)(?:es|s)?) del?\s"
    rf"(?!(?:la |el )?(?:est[ea]|ese|esa|mes|periodo|ano|vigencia|siempre|hoy|ayer|arriba|abajo|{'|'.join(MONTHS)})\b)"
)
_PLEA = r"(?:l[eo]s |se )?(?:solicit|ped|pid|agradec|requer|quer|rogamos|ruego)"
_OTHER_MATTER = re.compile(
    rf"(?:(?:de|por) otr[oa] (?:parte|lado)\b|(?:adicionalmente|finalmente|por ultimo|asi ?mismo)(?=,? {_PLEA}))"
    rf"(?P<plea>,? {_PLEA}\D*$)?"
)
"""How a paragraph begins that is of no action above it; `plea` when it asks for something and holds no figure."""
_CORRECTS = re.compile(
    r"(?:ofrezco |pido )?"
    r"(?:perdon|disculpas?|corrijo|corregimos|correccion|rectific\w{1,5}|me equivoque|fe de errata)\b"
)
_OPENING = re.compile(rf"\W*(?:\d{{1,2}}[.)]?|(?:{PATTERN}(?:\s?[,;&]\s?|\s[ye]\s)?)+)", re.IGNORECASE)
"""What an answer begins with: its number in a list, its codes."""
_SAID_WORDS = 40
_BULLETS = "> \t*+•·▪◦●-–—"
_MARKS = re.compile(r"^[^\w(¿¡«\"%]{1,12}")
"""Bullets of every kind, arrows and emojis."""
_TITLE = re.compile(r"^\s?\([^()%\d]{3,80}\)(?=\s?[:=–-])")
_NUMBERED = re.compile(r"^(?:\d{1,2}[.)][-–]?|\(?[a-zA-Z]\))\s{1,4}")
_NEXT_ON_LINE = re.compile(
    rf"(?<=[;.])\s{{1,4}}(?={PATTERN}\s?:)"
    rf"|(?<=[;.,:])\s{{1,4}}(?=\d{{1,2}}\.\s{{1,4}}{PATTERN})"
    rf"|\s{{1,4}}(?=(?:\d{{1,2}}|[a-z])\)\s{{1,4}}{PATTERN}\s?[:=\d])"
    rf"|\s?(?:[.,/|;]|\sy)\s{{1,4}}(?={PATTERN}\s?[:=(–-]?\s?\d{{1,3}}(?:[.,]\d)?\s?%)"
    rf"|(?<=%)\s?(?:[,;]|\sy)\s{{1,4}}(?:(?:la|el)\s)?"
    rf"(?={PATTERN}\s(?:(?:se\sencuentra|va|est[aá]|qued[oó]|en|al|con|el|un)\s){{0,3}}\d{{1,3}}(?:[.,]\d)?\s?%)"
)
_JOINT = re.compile(r"(?:\sy)?\s(?:(?:la|el)\s)?$")
"""What joins an answer to the next one on its line."""
_LEAD_IN = re.compile(
    r"(?:[^\W\d][^:\d\n]{0,39}:|(?:hola|buen[oa]s?)\b[^:.\d\n]{0,40},"
    r"|(?:en cuanto a|con respecto a|respecto a|respecto de|frente a|sobre|para)(?: la| el)?)"
    r"\s{1,4}",
    re.IGNORECASE,
)
_LINE_CAP = 8_000
_HEADING_CAP = 70
_MATTER_CAP = 120


@dataclass
class _Above:
    """The figures that stand alone just above a code without one.

    Where each code has one so, they are the codes' own (`is_rule`). Else such a figure is of the answer that it stands
    close to or that has none yet; where that, or its place, leaves a code without, nothing of both is sure.
    """

    at: frozenset[int]
    is_rule: bool
    held: str = ""
    between: list[Block] | None = None
    doubted: list[list[Block]] = field(default_factory=list)

    @staticmethod
    def of(lines: list[str], codes: Codes) -> _Above:
        written = [(number, _unmarked(line)) for number, line in enumerate(lines) if line.strip()]
        alone = [number for number, line in written if is_figure(line)]
        if not alone:
            return _Above(frozenset(), is_rule=False)
        opened = {number: rest for number, line in written for found, rest in [_leading(line, codes)] if found}
        at = frozenset(
            number
            for (number, line), (below, _) in pairwise(written)
            if is_figure(line) and below in opened and leading_percent(opened[below]).percent is None
        )
        tells_none = any(is_no_progress(rest) for rest in opened.values())
        return _Above(at, len(at) == len(alone) == len(opened) and not tells_none)

    def holds(self, number: int, lines: list[str], group: list[Block]) -> bool:
        """Whether the line waits for the code below it."""
        if number not in self.at:
            return False
        above = [block for block in group if block.is_open]
        is_wanted = any(block.percent is None for block in above)
        is_close, is_close_below = bool(number and lines[number - 1].strip()), bool(lines[number + 1].strip())
        if self.is_rule or not above or (not is_wanted and is_close_below and not is_close):
            self.held = lines[number]
            return True
        if is_close_below or not (is_wanted and is_close):
            self.between = above
        return False

    def give(self, blocks: list[Block]) -> None:
        """What was held goes to the code that is open now."""
        if self.held:
            for block in blocks:
                block.percent, block.is_sure = leading_percent(_unmarked(self.held)).percent, self.is_rule
                block.passage.insert(0, self.held)
        elif self.between:
            self.doubted.append([*self.between, *blocks])
        self.held, self.between = "", None

    def doubt(self) -> None:
        for blocks in self.doubted:
            if any(one.percent is None and not is_no_progress(one.answer().text) for one in blocks):
                for block in blocks:
                    block.is_sure = False


About = Callable[[str], tuple[str, int] | None]
"""The asked action that a line speaks of, and with how many words of its own."""


def of_nothing(_line: str) -> None:
    """Without a request no line can be told to speak of an action."""


def from_lines(text: str, codes: Codes, about: About = of_nothing) -> tuple[list[Answer], str]:
    """Each code's first answer, in order (a code with nothing after it is none), and the lines that are in none."""
    lines = _lines(text)
    above = _Above.of(lines, codes)
    groups: list[list[Block]] = [[]]
    rest_of_text: list[str] = []
    corrected = 0
    for number, line in enumerate(lines):
        if above.holds(number, lines, groups[-1]):
            continue
        if correction := _correction(line, codes):
            corrected = len(groups)
            groups.append(correction)
            continue
        found, rest = _leading(_unmarked(line), codes)
        if found:
            for block in (one for one in groups[-1] if one.is_open):
                block.drop_heading()
            groups.append(_open(found, rest, line))
            above.give(groups[-1])
        elif _is_of_another(line, groups[-1], codes, about):
            _close(groups[-1], line)
            rest_of_text.append(line)
        elif _mentions_another(line, groups[-1], codes, about):
            _leave_out(groups[-1], line)
            rest_of_text.append(line)
        elif _names_a_matter(line, groups[-1], codes, about):
            _doubt(groups[-1])
            rest_of_text.append(line)
        elif not _continue(groups[-1], line):
            rest_of_text.append(line)
    above.doubt()
    return _as_corrected(groups[:corrected], groups[corrected:]), "\n".join(rest_of_text)


def _correction(line: str, codes: Codes) -> list[Block]:
    """«Perdón, la BIO-02 va en 60 %» as an answer of its own; «Corrijo la primera:» as one of nobody. Else nothing."""
    if not _CORRECTS.match(plain(line[:_HEADING_CAP].lstrip(_BULLETS))):
        return []
    named, said = codes.inside(line), said_percent(line)
    if len(named) == 1 and said is not None:
        return [Block(named[0], said.percent, [[line]], [line])]
    return [Block("", None, [[]], [], is_open=False)] if line.rstrip().endswith(":") and not named else []


def _as_corrected(before: list[list[Block]], after: list[list[Block]]) -> list[Answer]:
    """Each code's first answer, or what corrects it; one that is told twice, differently, is not sure."""
    answers = [block.answer() for group in (*after, *before) for block in group]
    told = [one for one in answers if one.code and (one.percent is not None or one.text)]
    figures: dict[str, set[float | None]] = {}
    for one in told:
        figures.setdefault(one.code, set()).add(one.percent)
    return [one if len(figures[one.code]) == 1 else replace(one, confidence=LIKELY) for one in _first_of_each(told)]


def _is_of_another(line: str, group: list[Block], codes: Codes, about: About) -> bool:
    """«Las demás: sin avance», or another action, by its code or its words, with how it goes: this answer ends."""
    ours = {block.code for block in group if block.is_open}
    if not ours or not line.strip():
        return False
    is_of_every = _OF_EVERY.search(plain(line)) is not None and is_no_progress(line)
    if is_of_every or plain(_NUMBERED.sub("", line[:40], count=1)).startswith(REST):
        return True
    named = codes.inside(line)
    if len(named) == 1 and named[0] not in ours:
        return _NO_PROGRESS.search(plain(line)) is not None or said_percent(line) is not None
    spoken = None if named else about(line)
    return spoken is not None and spoken[0] not in ours and said_percent(line) is not None


def _mentions_another(line: str, group: list[Block], codes: Codes, about: About) -> bool:
    """«Para BIO-05 pedimos plazo»; first in a paragraph of its own, a sentence about another action or matter."""
    ours = {block.code for block in group if block.is_open}
    named = codes.inside(line) if ours else []
    if named and ours.isdisjoint(named) and (asks_for_time(line) or is_later(line)):
        return True
    if not ours or not all(block.is_apart for block in group if block.is_open):
        return False
    if named:
        return len(named) == 1 and named[0] not in ours
    spoken = about(line)
    is_other = spoken is not None and spoken[0] not in ours and spoken[1] > 1
    return is_other or _OTHER_MATTER.match(plain(line)) is not None


def _names_a_matter(line: str, group: list[Block], codes: Codes, about: About) -> bool:
    """«La de cannabis la lleva Invima» below an answer that has its text: of what, no word of the request tells."""
    answered = {block.code for block in group if block.is_open and block.has_text}
    if not answered or not _MATTER.match(plain(line[:_MATTER_CAP].lstrip(_BULLETS))) or codes.inside(line):
        return False
    spoken = about(line)
    return spoken is None or spoken[0] not in answered


def _close(group: list[Block], line: str) -> None:
    """Where `line` says that none of all has advanced, an answer without a figure is not sure."""
    every = _OF_EVERY.search(plain(line))
    is_of_all = every is not None and not every["rest"]
    for block in (one for one in group if one.is_open):
        is_doubted = block.has_left_out or (is_of_all and block.percent is None)
        block.is_open, block.is_sure = False, block.is_sure and not is_doubted


def _leave_out(group: list[Block], line: str) -> None:
    """To the paragraph's end; an answer that has more lines below is not sure, nor where this may be of the action."""
    matter = _OTHER_MATTER.match(plain(line))
    for block in (one for one in group if one.is_open):
        block.leaves_out = block.has_left_out = True
        block.is_sure = block.is_sure and (matter is None or bool(matter["plea"]))


def _doubt(group: list[Block]) -> None:
    for block in (one for one in group if one.is_open):
        block.is_sure = False


def _leading(line: str, codes: Codes) -> tuple[list[str], str]:
    """The codes a line begins with, also after a few words of introduction: «Corregimos: AST-04 85 %»."""
    found, rest = codes.leading(line)
    if not found and (figure := leading_percent(line)).percent is not None:  # «72 % BIO-02 …»
        found, after = codes.leading(figure.text)
        rest = f"{figure.percent:g} % {after}"
    if not found and (lead := _LEAD_IN.match(line)):
        found, rest = codes.leading(line[lead.end() :])
        if found and rest[:1] == " " and rest.lstrip()[:1].isalpha() and leading_percent(rest).percent is None:
            rest = line  # «Sobre la acción AST-04 informamos que …» is a sentence: it stays whole
    return (found, rest) if found else ([], line)


def from_form(text: str, codes: Codes, example: str) -> list[Answer]:
    """The lines of our own form that were filled in where they stand: only those with a colon, a figure or a text."""
    lines = [line for line in _lines(text) if _is_filled(line, codes) and plain(example) not in plain(line)]
    return from_lines("\n".join(lines), codes)[0]


def is_no_progress(text: str) -> bool:
    """«Sin avance», «no se registraron avances», and no figure beside it."""
    return _NO_PROGRESS.search(plain(text[:_LINE_CAP])) is not None and said_percent(text) is None


def besides(text: str) -> str:
    """What a sentence says besides «no se registraron avances»: those words name no action."""
    return _NO_PROGRESS.sub(" ", text)


def of_everything(text: str, names_one: Callable[[str], bool], *, rest_only: bool) -> list[Answer]:
    """«Sin avance» said of all that was asked (R16: it is an answer); with `rest_only`, of what is not told apart.

    `names_one(sentence)` tells that a sentence speaks of one action. «En ninguna de las acciones» counts in any case;
    beside an action that is named it is not sure.
    """
    for sentence in all_sentences(text[:_LINE_CAP]):
        shown = plain(sentence)
        every = _OF_EVERY.search(shown)
        of_the_rest = shown.lstrip("-•* ").startswith(REST) or bool(every and every["rest"])
        if len(shown.split()) > _SAID_WORDS or not is_no_progress(sentence):
            continue
        is_of_one = names_one(besides(shown))
        if every or (not is_of_one and (of_the_rest or not rest_only)):
            of_something = _OF_SOMETHING.search(shown) is not None or " pero " in shown
            starts = _NO_PROGRESS.match(shown) is not None and not of_something
            is_clear = starts or of_the_rest or any(word in shown for word in _OF_ALL)
            is_sure = is_clear and not is_of_one and (of_the_rest or not rest_only)
            confidence = SURE if is_sure else LIKELY
            return [Answer(EVERY_ACTION, None, sentence, sentence[:PASSAGE_CAP], confidence=confidence)]
    return []


def is_sign_off(line: str) -> bool:
    return line.strip() == "--" or plain(line[:200]).startswith(SIGN_OFFS)


def _lines(text: str) -> list[str]:
    whole = (line[:_LINE_CAP] for line in text.split("\n"))
    return [piece for line in whole for piece in _pieces(line)]


def _pieces(line: str) -> list[str]:
    """«AST-04: 80 % – uno; AST-05: 20 % – dos» in one line is two."""
    starts = [0]
    for match in _NEXT_ON_LINE.finditer(line):
        if not _OPENING.fullmatch(line[starts[-1] : match.start()]):
            starts.append(match.end())
    if len(starts) == 1:
        return [line.rstrip()]
    starts.append(len(line))
    return [_JOINT.sub("", line[a:b]).rstrip(" ,/|;") for a, b in pairwise(starts)]


def _open(found: list[str], rest: str, line: str) -> list[Block]:
    """The blocks of one line, which may name several codes."""
    head = leading_percent(_TITLE.sub("", rest, count=1))
    return [Block(code, head.percent, [[head.text]], [line]) for code in found]


def _continue(group: list[Block], line: str) -> bool:
    """A line without a code: more of the answer above it, until somebody says goodbye. False: it is of no answer."""
    is_taken = False
    for block in (one for one in group if one.is_open):
        is_taken = is_taken or not block.leaves_out
        if is_sign_off(line):
            block.is_open = False
        elif line.strip():
            block.is_sure = block.is_sure and not block.has_left_out
            if not block.leaves_out:
                block.take(line)
        else:
            block.end_paragraph()
    return is_taken


def _unmarked(line: str) -> str:
    return _NUMBERED.sub("", _MARKS.sub("", line, count=1), count=1)


def _is_filled(line: str, codes: Codes) -> bool:
    found, rest = codes.leading(line.lstrip(_BULLETS))
    head = leading_percent(rest)
    return bool(found) and rest.lstrip().startswith(":") and (head.percent is not None or bool(head.text))


def _first_of_each(answers: list[Answer]) -> list[Answer]:
    first: dict[str, Answer] = {}
    for answer in answers:
        first.setdefault(answer.code, answer)
    return list(first.values())
