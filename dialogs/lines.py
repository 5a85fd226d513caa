"""Follow-ups as people type them: «AST-04 80% el proyecto salió a comentarios», one or many lines.

Every expression here reads its line once: the time grows with the length of what was written, whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date

from methodology.rules.followup import COMPLETE, AchievementInput, FollowUpInput
from methodology.rules.spanish import parse_date, parse_percent, plain
from methodology.rules.states import ACHIEVEMENT_KINDS, Priority

MAX_LINES = 60
MAX_CHARS = 20_000
USAGE = "Escriba, por ejemplo: AST-04 80% el proyecto salió a comentarios."
TOO_MANY = f"Se leen hasta {MAX_LINES} líneas por mensaje; las demás no se registraron. Envíelas en otro mensaje."
NO_PERCENT = "Falta el avance después del código. " + USAGE
NO_CODE = "Falta el código de la acción. " + USAGE
AMBIGUOUS = "No es claro si «{number}» es el avance: escríbalo con el signo, {number}%."

_BULLETS = "-–—•*· "
_CODE = re.compile(r"([^\W\d_]{2,6})( ?[-–—.]? ?)(\d{1,3})(?!\d)")
_NUMBER = re.compile(r"(-?\d+(?:[.,]\d+)?)( ?%)?(?![\w/%])")
_SHARE = re.compile(r"\d{1,3}(?:[.,]\d)? ?%")
_IN_WORDS = re.compile(r"(?<=\d) ?por ?ciento\b", re.IGNORECASE)
_LEADING = re.compile(r"(?:va |van )?(?:al|en|en un|en el|por el) (?=\d)", re.IGNORECASE)
_SAME = re.compile(r"sin cambios?\b", re.IGNORECASE)
_MET = re.compile(r"cumplid[ao] el \d", re.IGNORECASE)
_MARK = re.compile(r"\b(logro|prioridad|tipo|motivo|evidencia|impedimento|apoyo) ?:|\b(cumplid[ao] el) ", re.IGNORECASE)
DAY = r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/-]\d{1,2}(?:[/-]\d{4})?|\d{1,2} de [^\W\d_]{4,12}(?: del? \d{4})?"
_DAY = re.compile(DAY, re.IGNORECASE)
_SEPARATORS = " :;,.–—-"
_TRAILING = " ,;:–—-("
_BARE = re.compile(r"(\d{1,3}(?:[.,]\d)?)((?![\w/%.,]) ?[:;–—-]? ?|[,.](?!\d) ?)(?!-)")
_BEGINS_TEXT = (
    "el", "la", "los", "las", "un", "una", "ya", "esta", "estamos", "va", "vamos", "sigue", "continua", "hoy", "porque",
    "pues", "su",
)  # fmt: skip
_DOUBTFUL_NEXT = ("de", "/", "x")
_COUNTED = 4
"""From so many letters on, a word that ends in «s» is a plural."""
_CONFIRM = re.compile(r"[ (]*\bconfirmo\b[ ).]*$", re.IGNORECASE)
_ACHIEVEMENT_ONLY = ("prioridad", "tipo")


@dataclass(frozen=True)
class ParsedLine:
    """One answer. `code` is empty when the line named none (it is then about the action on the screen).

    `same` is «sin cambios»: the number stays, `answer.percent` is None.
    """

    code: str
    answer: FollowUpInput
    same: bool = False


@dataclass(frozen=True)
class LineError:
    """A line that was not understood: its number from 1, what was written, and the sentence for its author."""

    number: int
    line: str
    sentence: str


@dataclass(frozen=True)
class FollowUpLines:
    """What a message holds of follow-ups."""

    lines: tuple[ParsedLine, ...]
    errors: tuple[LineError, ...] = ()

    def with_evidence(self, names: str) -> FollowUpLines:
        """The same answers, with files that came in the message."""
        return replace(self, lines=tuple(_with_evidence(line, names) for line in self.lines))


def _with_evidence(line: ParsedLine, names: str) -> ParsedLine:
    evidence = "; ".join(filter(None, (line.answer.evidence, names)))
    return replace(line, answer=replace(line.answer, evidence=evidence))


class _Unclear(Exception):
    """A line says too little; the message is the sentence for its author."""


def normal_code(text: str) -> str:
    """«ast 4», «AST-4», «Ast.04» as AST-04; empty when `text` is not a code and nothing else."""
    match = _CODE.fullmatch(" ".join(text[:20].split()))
    return _code_of(match) if match else ""


def looks_like_follow_up(text: str, prefixes: Collection[str] = ()) -> bool:
    """Whether a message is meant as follow-ups: some line opens with a code and something that reports.

    `prefixes` are those of the codes in use; with them, «van 3 80» is not taken for a code.
    """
    known = {plain(prefix) for prefix in prefixes}
    return any(_reports(line, known) for line in _clean(text[:MAX_CHARS]))


def continues(text: str) -> bool:
    """Whether a message without code begins as the answer about the action on the screen: «80% …», «sin cambios …»."""
    line = _tidy(text[:MAX_CHARS])
    return bool(_SHARE.match(line) or _SAME.match(line))


def tells_compliance(text: str) -> bool:
    """Whether a message without code begins as the date on which an action was met: «cumplida el 22/11/2026»."""
    return bool(_MET.match(_tidy(text[:MAX_CHARS])))


@dataclass(frozen=True)
class BareFigure:
    """«80 el proyecto …», as an answer to what is asked: the words after it, and whether 80 can mean nothing else."""

    number: str
    rest: str
    clear: bool

    @property
    def line(self) -> str:
        """With its sign."""
        return f"{self.number}% {self.rest}".strip()


def bare_figure(text: str) -> BareFigure | None:
    """The number at the beginning of a message without code and sign, when it may be a percentage.

    What goes on with an article or after «80:» reports; «80 actas firmadas» may count things, «3. Se firmó» a list:
    that is asked. «10:30» and «30 - 11» are no percentages.
    """
    line = _tidy(text[:MAX_CHARS])
    match = _BARE.match(line)
    if match is None or float(match[1].replace(",", ".")) > COMPLETE or _DAY.match(line):
        return None
    rest = line[match.end() :]
    if rest[:1].isdigit():
        return None
    following = plain(rest.split(maxsplit=1)[0]) if rest else ""
    clear = not rest or match[2].strip() in (":", ",") or (not match[2].strip() and following in _BEGINS_TEXT)
    return BareFigure(match[1], rest, clear)


def _reports(line: str, known: Collection[str]) -> bool:
    if not (match := _CODE.match(line)):
        return False
    hyphened = "-" in match[2]
    if known and plain(match[1]) not in known and not hyphened:
        return False
    rest = line[match.end() :]
    after = _at_figure(rest.lstrip(_SEPARATORS))
    marked = (hyphened or rest.lstrip().startswith(":")) and after != ""
    return marked or bool(_NUMBER.match(after) or _SAME.match(after) or _MET.match(after))


def parse_lines(text: str, today: date) -> FollowUpLines:
    """Every line of a message. A line without code continues the one before it; the first may do without.

    A greeting before the first answer is let go.
    """
    parsed: list[ParsedLine] = []
    errors: list[LineError] = []
    entries = list(_entries(_whole_lines(text)))
    for number, line in entries[:MAX_LINES]:
        try:
            parsed.append(_parse(line, today))
        except _Unclear as unclear:
            errors.append(LineError(number, line[:120], str(unclear)))
    if len(entries) > 1 and not _CODE.match(entries[0][1]):
        errors = [error for error in errors if error.number != entries[0][0]]
    if len(entries) > MAX_LINES or len(text) > MAX_CHARS:
        errors.append(LineError(MAX_LINES + 1, "", TOO_MANY))
    return FollowUpLines(tuple(parsed), tuple(errors))


def _whole_lines(text: str) -> str:
    """What is read of a message: a line that was cut is not half an answer."""
    return text if len(text) <= MAX_CHARS else text[:MAX_CHARS].rpartition("\n")[0]


def _clean(text: str) -> list[str]:
    return [_tidy(line) for line in text.splitlines()]


def _tidy(line: str) -> str:
    """Single spaces, no bullet, the sign for «por ciento»."""
    return _IN_WORDS.sub("%", " ".join(line.split())).lstrip(_BULLETS)


def _entries(text: str) -> Iterator[tuple[int, str]]:
    """Lines joined with their continuations, each with the number of its first line."""
    start = 0
    held: list[str] = []
    for number, line in enumerate(_clean(text), 1):
        if not line:
            continue
        if held and _opens(line):
            yield start, " ".join(held)
            held = []
        start = start if held else number
        held.append(line)
    if held:
        yield start, " ".join(held)


def _opens(line: str) -> bool:
    """Whether a line opens an answer of its own. «el 3 de noviembre» in running text does not."""
    match = _CODE.match(line)
    if not match:
        return False
    after = line[match.end() :].lstrip(_SEPARATORS)
    return "-" in match[2] or bool(_NUMBER.match(after) or _SAME.match(after) or _MET.match(after))


def _code_of(match: re.Match[str]) -> str:
    return f"{plain(match[1]).upper()}-{int(match[3]):02d}"


def _parse(line: str, today: date) -> ParsedLine:
    match = _CODE.match(line)
    code = _code_of(match) if match else ""
    rest = line[match.end() :] if match else line
    after = _after_separators(rest)
    after = _at_figure(after) if match else after
    if same := _SAME.match(after):
        return ParsedLine(code, _answer(None, after[same.end() :], today), same=True)
    if _MET.match(after):
        return ParsedLine(code, _answer(COMPLETE, after, today))
    number = _NUMBER.match(after)
    if number is None:
        raise _Unclear(_why_no_number(code))
    percent = _percent(number, after, code)
    return ParsedLine(code, _answer(percent, after[number.end() :], today))


def _after_separators(rest: str) -> str:
    """«: 80», « – 80» and «- 80» lose their separator; « -5» keeps its sign."""
    after = rest.lstrip(" :;,.–—")
    return after.lstrip(_SEPARATORS) if after.startswith("- ") else after


def _at_figure(after: str) -> str:
    """«al 50 %» and «va en un 50 %» from their figure on."""
    leading = _LEADING.match(after)
    return after[leading.end() :] if leading else after


def _why_no_number(code: str) -> str:
    return f"{code}: {NO_PERCENT}" if code else NO_CODE


def _may_be_counted(word: str) -> bool:
    """«80 de 100», «80 actas», «88 53 de 60»: what follows a number without its sign may be what it counts."""
    if word in _DOUBTFUL_NEXT or word[0].isdigit():
        return True
    return len(word) >= _COUNTED and word.endswith("s") and plain(word) not in _BEGINS_TEXT


def _percent(number: re.Match[str], after: str, code: str) -> float:
    following = after[number.end() :].split(maxsplit=1)
    if not number[2] and following and _may_be_counted(following[0].lower()):
        raise _Unclear(AMBIGUOUS.format(number=number[1]))
    try:
        return parse_percent(number[1])
    except ValueError as error:
        raise _Unclear(f"{code}: {error}." if code else f"{error}.") from error


def _answer(percent: float | None, rest: str, today: date) -> FollowUpInput:
    text, marks = _marks(rest, complete=percent == COMPLETE)
    text, confirmed = _confirmation(text.strip(_TRAILING).lstrip(_SEPARATORS))
    return FollowUpInput(
        percent=percent,
        text=text,
        met_on=_day(marks["cumplida"], today) if "cumplida" in marks else None,
        evidence=marks.get("evidencia", ""),
        reason=marks.get("motivo", ""),
        confirmed_same=confirmed,
        achievement=_achievement(marks),
        blocker=marks.get("impedimento", ""),
        help_needed=marks.get("apoyo", ""),
    )


def _marks(rest: str, *, complete: bool) -> tuple[str, dict[str, str]]:
    """The text before the first option, and each option's words. Below 100 %, «cumplida el …» is part of the text."""
    marks: dict[str, str] = {}
    text, name, start = "", "", 0
    for match in _MARK.finditer(rest):
        found = (match[1] or "cumplida").lower()
        if _is_text(found, rest, match, marks, name, complete=complete):
            continue
        text = _keep(marks, name, text, rest[start : match.start()])
        name, start = found, match.end()
    text = _keep(marks, name, text, rest[start:])
    return text, marks


def _is_text(found: str, rest: str, match: re.Match[str], marks: dict[str, str], name: str, *, complete: bool) -> bool:
    if found in _ACHIEVEMENT_ONLY:
        return "logro" not in marks and name != "logro"
    return found == "cumplida" and not (complete and _DAY.match(rest, match.end()))


def _keep(marks: dict[str, str], name: str, text: str, words: str) -> str:
    """Put a segment where it belongs. After a compliance date, further words are the text's again."""
    if not name:
        return words
    if name == "cumplida" and (day := _DAY.match(words)):
        marks[name] = day[0]
        return f"{text}{words[day.end() :]}"
    marks[name] = words.strip(_TRAILING)
    return text


def _confirmation(text: str) -> tuple[str, bool]:
    """«… confirmo» at the end says that last month's text still holds."""
    tail = text[-20:]
    match = _CONFIRM.search(tail)
    return (text[: len(text) - len(tail) + match.start()], True) if match else (text, False)


def _day(text: str, today: date) -> date:
    try:
        return parse_date(text, today)
    except ValueError as error:
        raise _Unclear(f"{error}.") from error


def _achievement(marks: dict[str, str]) -> AchievementInput | None:
    """«logro: texto; prioridad: alta; tipo: decreto»; what is left out is asked for afterwards."""
    if "logro" not in marks:
        return None
    priority = next((p for p in Priority if plain(p) == plain(marks.get("prioridad", ""))), "")
    kind = next((k for k in ACHIEVEMENT_KINDS if plain(k) == plain(marks.get("tipo", ""))), "")
    return AchievementInput(marks["logro"], priority, kind)
