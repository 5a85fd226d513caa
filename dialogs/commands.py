"""What somebody wrote: a command of the table (dialogs/command_table), follow-ups, or neither.

Slash, accents and capitals are optional; a mention is taken off; initiatives are matched loosely. Without the slash a
sentence is a command only when it reads as one: «estado astilleros» is, «estado de la acción: va bien» is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import SequenceMatcher, get_close_matches

from dialogs.command_table import (
    ACHIEVEMENTS,
    BY_NAME,
    CODE,
    COMMAND,
    COMMANDS,
    DATE,
    ENTITY,
    EVIDENCE,
    INITIATIVE,
    REASON,
    REPORT,
    SUBSTITUTE,
    UNTIL,
    Spec,
)
from dialogs.lines import (
    DAY,
    FollowUpLines,
    continues,
    looks_like_follow_up,
    normal_code,
    parse_lines,
    tells_compliance,
)
from methodology.rules.months import add_months
from methodology.rules.spanish import parse_date, plain

_WANTED = {
    INITIATIVE: "Indique la iniciativa: {initiatives}.",
    CODE: "Indique el código de la acción, por ejemplo AST-04.",
    DATE: "Indique la fecha, por ejemplo 18/12/2026.",
    UNTIL: "Indique también hasta qué día, por ejemplo 15/01/2027.",
    ENTITY: "Indique la entidad responsable.",
    REPORT: "Indique el reporte.",
    COMMAND: "Indique una de las opciones que muestra /ayuda.",
    ACHIEVEMENTS: "El reporte disponible es el de logros.",
    REASON: "Indique el motivo.",
    EVIDENCE: "Indique la evidencia: un enlace o el nombre del documento.",
}
_UNKNOWN = "No se reconoció «{text}». Las opciones más cercanas son {nearest}. Con /ayuda se ven todas."
_BACKWARDS = "El periodo termina antes de empezar: revise las fechas."
_TOO_MUCH = "No se reconoció «{text}»."
_USAGE = "{sentence} Se escribe así: {usage}."

_SUBSTITUTE = re.compile(r"^(?:con )?(?:suplente|me suple|suple|reemplazo)\b[: ]*", re.IGNORECASE)
_MENTION = re.compile(r"<at[^<>]*>[^<>]*</at>", re.IGNORECASE)
_DAY = re.compile(f"({DAY})(?![\\w/-])[ ,:;]*", re.IGNORECASE)
_QUOTED = re.compile(r"[«\"“]([^«»\"“”]{1,200})[»\"”][ ,:;]*")
_COURTESY = re.compile(
    r"^(?:hola|buen[oa]s (?:d[ií]as|tardes|noches))\b[,.! ]*|[,. ]*\b(?:por favor|gracias)[.!? ]*$", re.IGNORECASE
)
_EDGES = ".,:;!?¡¿()"
_GREETS = frozenset(("hola", "buenos", "buenas", "buen", "saludo", "saludos"))
_COURTEOUS = _GREETS | frozenset(
    ("dia", "dias", "tarde", "tardes", "noche", "noches", "cordial", "muchas", "gracias", "mil", "muy", "que", "tal",
     "como", "esta", "estas")
)  # fmt: skip
_THANKS = frozenset(
    ("gracias", "ok", "okay", "okey", "listo", "lista", "vale", "perfecto", "entendido", "entendida", "recibido",
     "recibida", "enterado", "enterada", "acuerdo", "excelente", "dale")
)  # fmt: skip
_THANKFUL = _THANKS | frozenset(
    ("muchas", "mil", "muy", "amable", "de", "todo", "bien", "bueno", "quedo", "atento", "atenta", "buen", "buena",
     "feliz", "dia", "tarde", "noche")
)  # fmt: skip
_APPROVING = frozenset("👍👌🙏✅🙌")
_WORD = re.compile(r"\w+")
_MOST_COURTEOUS = 8
_CONNECTORS = ("de", "del", "la", "el", "los", "las", "iniciativa", "para", "en", "a")
_LONGEST = 4000
_NAME_WORDS = max(len(name.split()) for spec in COMMANDS for name in (spec.name, *spec.aliases))
_NO_MISPRINT = 2  # «no», «sí», «ok» are words of their own
_NEAR = 0.6
_SAME_WORD = 0.8
_CLOSE = 0.78
_PREFIX = 0.9
_WORD_PREFIX = 0.85
_MIN_PREFIX = 3
_SLIP = 0.92
_FEW_WORDS = 4


@dataclass(frozen=True)
class InitiativeName:
    """What an initiative may be called: `prefix` is that of its action codes (AST)."""

    slug: str
    name: str
    prefix: str = ""


@dataclass(frozen=True)
class Command:
    """An understood command. `args` by kind of argument: text, or a date.

    `problem` is what it still lacks, `unread` what was written and means nothing in its place.
    """

    name: str
    args: Mapping[str, str | date] = field(default_factory=dict)
    problem: str = ""
    unread: str = ""


@dataclass(frozen=True)
class Unknown:
    """Not a command. `free` means that it did not look like one either: somebody simply writes, greets, or thanks.

    `misspelt` means that it can hardly be anything else: it has a slash, or a command's name but for a letter.
    """

    text: str
    suggestions: tuple[Spec, ...] = ()
    free: bool = False
    greets: bool = False
    thanks: bool = False
    misspelt: bool = False

    def sentence(self, posts: Collection[str]) -> str:
        """The two commands that are nearest, of those that these posts may use."""
        nearest = [f"/{spec.name}" for spec in self.suggestions if may_use(spec.name, posts)][:2]
        return _UNKNOWN.format(text=self.text[:60], nearest=" y ".join(nearest))


@dataclass(frozen=True)
class Words:
    """What a parser may know of the world: the initiatives, the entities' names and the day."""

    initiatives: Sequence[InitiativeName]
    today: date
    entities: Sequence[str] = ()


def may_use(name: str, posts: Collection[str]) -> bool:
    """Whether somebody who holds these posts may use the command."""
    return any(post in BY_NAME[name].posts for post in posts)


def help_for(posts: Collection[str]) -> list[Spec]:
    """The commands of somebody who holds these posts, in the table's order."""
    return [spec for spec in COMMANDS if may_use(spec.name, posts)]


def parse(
    text: str, initiatives: Sequence[InitiativeName], today: date, entities: Sequence[str] = ()
) -> Command | FollowUpLines | Unknown:
    """What somebody wrote: a command, follow-ups, or neither."""
    said = _COURTESY.sub("", without_mention(text)).strip() or without_mention(text)
    words = said[:_LONGEST].split()
    slash = said.startswith("/")
    if (thanks := _thanks(text)) or _greets(text):
        return Unknown(text, free=True, thanks=thanks, greets=not thanks)
    if looks_like_follow_up(said.lstrip("/"), [one.prefix for one in initiatives if one.prefix]) or continues(said):
        return parse_lines(said.lstrip("/"), today)
    if code := normal_code(said.lstrip("/").strip(_EDGES)):
        return Command("accion", {CODE: code})
    if tells_compliance(said):
        return Unknown(said, free=True)
    if spec_and_rest := _spec(words):
        command = _fill(*spec_and_rest, Words(initiatives, today, entities))
        if slash or not command.problem or len(words) <= _FEW_WORDS:
            return command
    return _unknown(said, words, slash=slash)


def _thanks(text: str) -> bool:
    """What ends a conversation and asks for nothing: «Listo, muchas gracias», «ok», «👍»."""
    words = _WORD.findall(plain(without_mention(text)[:200]))
    if not words:
        return not _APPROVING.isdisjoint(text)
    return len(words) <= _MOST_COURTEOUS and set(words) <= _THANKFUL and not _THANKS.isdisjoint(words)


def _greets(text: str) -> bool:
    """Courtesy and nothing else: «Hola, buenos días», «Muchas gracias»."""
    words = [plain(word).strip(_EDGES + "…") for word in without_mention(text)[:200].split()]
    words = [word for word in words if word]
    return 0 < len(words) <= _MOST_COURTEOUS and set(words) <= _COURTEOUS and not _GREETS.isdisjoint(words)


def without_mention(text: str) -> str:
    """The words themselves: Teams writes who was mentioned into the text."""
    return _MENTION.sub(" ", text.replace("&nbsp;", " ").replace("\u00a0", " ")).strip()


def _spec(words: Sequence[str]) -> tuple[Spec, str] | None:
    """The command that the first words name, the longest name first, and the rest of what was written."""
    for taken in range(min(_NAME_WORDS, len(words)), 0, -1):
        name = plain(" ".join(word.strip(_EDGES) for word in words[:taken])).removeprefix("/").strip()
        for spec in COMMANDS:
            if name == spec.name or name in spec.aliases:
                return spec, " ".join(words[taken:])
    return None


def _unknown(said: str, words: Sequence[str], *, slash: bool) -> Unknown:
    names = {name: spec for spec in COMMANDS for name in (spec.name, *spec.aliases)}
    first = plain(words[0][:40]).strip("/" + _EDGES) if words else ""
    close = get_close_matches(first, names, n=len(names), cutoff=0.0)
    nearest = tuple(dict.fromkeys(names[name] for name in close))
    may_be = bool(close) and len(first) > _NO_MISPRINT and len(words) <= _FEW_WORDS
    likeness = SequenceMatcher(None, first, close[0]).ratio() if may_be else 0.0
    return Unknown(said, nearest, free=not slash and likeness < _NEAR, misspelt=slash or likeness >= _SAME_WORD)


def _fill(spec: Spec, rest: str, known: Words) -> Command:
    args: dict[str, str | date] = {}
    skipped = ""
    for kind in spec.takes:
        value, left = _take(kind, rest, known, last=kind == spec.takes[-1])
        if value:
            args[kind] = _not_before(value, args, rest) if kind == UNTIL else value
            rest = left
            if kind == UNTIL and _runs_backwards(args):
                return Command(spec.name, args, _USAGE.format(sentence=_BACKWARDS, usage=spec.usage))
        elif kind not in spec.optional or (rest and kind == spec.takes[-1]):
            return Command(spec.name, args, _lacks(skipped or kind, spec, known, rest), unread=rest)
        elif rest:
            skipped = skipped or kind
    problem = _USAGE.format(sentence=_TOO_MUCH.format(text=rest[:60]), usage=spec.usage) if rest else ""
    return Command(spec.name, args, problem, unread=rest)


def _not_before(until: str | date, args: Mapping[str, str | date], written: str) -> str | date:
    """«24/12 a 10/1» ends in the next year; a year that was written stays."""
    if isinstance(until, date) and _runs_backwards({**args, UNTIL: until}) and str(until.year) not in written:
        return add_months(until, 12)
    return until


def _runs_backwards(args: Mapping[str, str | date]) -> bool:
    since, until = args.get(DATE), args.get(UNTIL)
    return isinstance(since, date) and isinstance(until, date) and until < since


def _lacks(kind: str, spec: Spec, known: Words, rest: str) -> str:
    """What is wanted, after what was written in its place and means nothing here."""
    names = ", ".join(one.name for one in known.initiatives)
    wanted = _WANTED.get(kind, "").format(initiatives=names)
    sentence = f"{_TOO_MUCH.format(text=rest[:60])} {wanted}" if rest else wanted
    return _USAGE.format(sentence=sentence, usage=spec.usage)


def _take(kind: str, rest: str, known: Words, *, last: bool) -> tuple[str | date, str]:
    """One argument and what follows it; an empty one when it is not there."""
    takers: Mapping[str, Callable[[], tuple[str | date, str]]] = {
        INITIATIVE: lambda: _take_initiative(rest, known, whole=last),
        CODE: lambda: _take_code(rest),
        DATE: lambda: _take_date(rest, known.today),
        UNTIL: lambda: _take_date(rest, known.today),
        SUBSTITUTE: lambda: (_SUBSTITUTE.sub("", rest).strip(), ""),
        ENTITY: lambda: _take_entity(rest, known.entities),
        ACHIEVEMENTS: lambda: _take_achievements(rest),
        COMMAND: lambda: _take_command(rest),
    }
    return takers[kind]() if kind in takers else (rest.strip(), "")


def _take_command(rest: str) -> tuple[str, str]:
    found = _spec(rest.split())
    return (found[0].name, found[1]) if found else ("", rest)


def _take_achievements(rest: str) -> tuple[str, str]:
    first, _, left = rest.partition(" ")
    return ("logros", left) if plain(first) in ("logros", "logro") else ("", rest)


def _take_code(rest: str) -> tuple[str, str]:
    words = rest.split()
    for taken in (3, 2, 1):
        if len(words) >= taken and (code := normal_code(" ".join(words[:taken]).strip(_EDGES))):
            return code, " ".join(words[taken:])
    return "", rest


def _take_date(rest: str, today: date) -> tuple[date | str, str]:
    words = rest.split()
    while words and plain(words[0]) in ("el", "para", "a", "al", "del", "desde", "hasta", "y", "-"):
        words = words[1:]
    joined = " ".join(words)
    if not (match := _DAY.match(joined)):
        return "", rest
    try:
        return parse_date(match[1], today), joined[match.end() :]
    except ValueError:
        return "", rest


def _take_entity(rest: str, entities: Sequence[str]) -> tuple[str, str]:
    """«"Ministerio de Salud" motivo», the longest known name, or the first word."""
    if match := _QUOTED.match(rest):
        return match[1], rest[match.end() :]
    names = {alias: name for name in entities for alias in _entity_names(name)}
    words = rest.split()
    for taken in range(min(12, len(words)), 0, -1):
        said = plain(" ".join(words[:taken])).strip(_EDGES)
        if said in names:
            return names[said], " ".join(words[taken:])
    return (words[0], " ".join(words[1:])) if words else ("", "")


def _entity_names(name: str) -> tuple[str, ...]:
    """«Instituto … (Invima)» is also Invima, and the long name alone."""
    long, _, short = name.partition("(")
    return tuple(plain(one).strip(_EDGES) for one in (name, long, short) if one.strip())


def _take_initiative(rest: str, known: Words, *, whole: bool) -> tuple[str, str]:
    """The best match among the first words; `whole` asks for all of them."""
    words = rest.split()
    while words and plain(words[0]) in _CONNECTORS:
        words = words[1:]
    best: tuple[float, int, str] = (0.0, 0, "")
    for taken in [len(words)] if whole else range(1, min(8, len(words)) + 1):
        score, slug = _match(" ".join(words[:taken]), known.initiatives)
        best = max(best, (score, taken, slug))
    return (best[2], " ".join(words[best[1] :])) if best[2] else ("", rest)


def match_initiative(text: str, initiatives: Sequence[InitiativeName]) -> str:
    """The slug of the initiative that `text` names, loosely; empty when none, or more than one, is near."""
    return _match(text, initiatives)[1]


def _match(text: str, initiatives: Sequence[InitiativeName]) -> tuple[float, str]:
    said = _bare(text)[:100]
    scores = sorted(((_score(said, one), one.slug) for one in initiatives), reverse=True)
    if not scores or scores[0][0] < _CLOSE or (len(scores) > 1 and scores[1][0] == scores[0][0]):
        return 0.0, ""
    return scores[0]


def _score(said: str, one: InitiativeName) -> float:
    names = [_bare(one.name), _bare(one.slug)]
    if said in names or (one.prefix and said == _bare(one.prefix)):
        return 1.0
    if len(said) >= _MIN_PREFIX:
        if any(name.startswith(said) for name in names):
            return _PREFIX
        if any(f" {said}" in f" {name}" for name in names):
            return _WORD_PREFIX
    whole = max(SequenceMatcher(None, said, name).ratio() for name in names)
    words = [word for name in names for word in name.split() if len(word) > _MIN_PREFIX]
    near = max((SequenceMatcher(None, said, word).ratio() for word in words), default=0.0)
    return max(whole, near * _WORD_PREFIX if near >= _SLIP else 0.0)


def _bare(text: str) -> str:
    return plain(text.replace("_", " ").replace("-", " ")).strip(_EDGES)
