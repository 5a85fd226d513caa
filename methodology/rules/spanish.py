"""Dates and numbers as officials write and read them: «5 de noviembre de 2026», «25,5 %»."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time

MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip
WEEKDAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")

_ACCENTS = re.compile("[\u0300-\u034e\u0350-\u036f]")
_FAR = re.compile("[\u0370-\u1fff\u20d0-\U0010ffff]")  # scripts with accents of their own; Spanish has none of them
_PERCENT = re.compile(r"(\d{1,3})(?:[.,](\d))?\s*%?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}))?")
_SPELLED = re.compile(r"(\d{1,2})\s+de\s+([a-záéíóúñ]+)(?:\s+(?:de|del)\s+(\d{4}))?", re.IGNORECASE)
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_TWO_STOPS = re.compile(r"(?<!\.)\.\.(?!\.)")
_WORD = 25  # what is longer is no word: an address is cut where it must
_NOON = 12
_FULL = 100.0
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


def plain(text: str) -> str:
    """Lower case without accents or doubled spaces, for loose comparison."""
    if text.isascii():
        return " ".join(text.lower().split())
    bare = unicodedata.normalize("NFKD", text)
    if _FAR.search(bare):
        return " ".join("".join(c for c in bare if not unicodedata.combining(c)).lower().split())
    return " ".join(_ACCENTS.sub("", bare).lower().split())


def long_date(day: date) -> str:
    """«5 de noviembre de 2026»."""
    return f"{day.day} de {MONTHS[day.month - 1]} de {day.year}"


def full_date(day: date) -> str:
    """«miércoles 25 de noviembre de 2026»."""
    return f"{WEEKDAYS[day.weekday()]} {long_date(day)}"


def short_date(day: date) -> str:
    """«5/11/2026»."""
    return f"{day.day}/{day.month}/{day.year}"


def month_name(year: int, month: int) -> str:
    """«noviembre de 2026»."""
    return f"{MONTHS[month - 1]} de {year}"


def percent(value: float) -> str:
    """«25,5 %», «80 %»; the space does not break."""
    return f"{value:.1f}".removesuffix(".0").replace(".", ",") + "\u00a0%"


def parse_percent(text: str) -> float:
    """A percentage written `80`, `80%`, `80,5` or `80.5 %`.

    Raises:
        ValueError: not a number from 0 to 100 with at most one decimal.
    """
    match = _PERCENT.fullmatch(text.strip())
    value = float(f"{match[1]}.{match[2] or 0}") if match else -1.0
    if not 0 <= value <= _FULL:
        example = "escriba un número de 0 a 100, con un decimal como máximo, por ejemplo 80 o 80,5"
        raise ValueError(f"«{text.strip()}» no es un porcentaje: {example}")
    return value


def parse_time(text: str) -> time:
    """A time of day written `9:30` or `09:30`.

    Raises:
        ValueError: not one from 00:00 to 23:59.
    """
    if not (match := _CLOCK.fullmatch(text.strip())):
        raise ValueError(f"«{text.strip()}» no es una hora: escríbala como 09:30, de 00:00 a 23:59")
    return time(int(match[1]), int(match[2]))


def parse_date(text: str, today: date) -> date:
    """A date written `dd/mm/aaaa`, ISO or «5 de noviembre» (the year is then the current one); 03/04/2026 is 3 April.

    Raises:
        ValueError: not a date, one that does not exist, or one outside the years 2000–2099.
    """
    text = text.strip()
    try:
        day = _date(text, today)
    except ValueError:
        day = None
    if day is None:
        raise ValueError(f"«{text}» no es una fecha: escríbala como 5/11/2026 o «5 de noviembre de 2026»")
    year_of(str(day.year), text)
    return day


def year_of(digits: str, text: str) -> int:
    """The year of a date or a period; `text` is what the person wrote, for the sentence.

    Raises:
        ValueError: outside 2000–2099, where deadlines can be computed and a slip of the hand is likelier than a plan.
    """
    year = int(digits)
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(
            f"«{text.strip()}» está fuera del periodo admitido: use un año entre {_FIRST_YEAR} y {_LAST_YEAR}"
        )
    return year


def _date(text: str, today: date) -> date | None:
    if match := _ISO.fullmatch(text):
        return date(int(match[1]), int(match[2]), int(match[3]))
    if match := _SLASHED.fullmatch(text):
        return date(int(match[3] or today.year), int(match[2]), int(match[1]))
    if (match := _SPELLED.fullmatch(text)) and plain(match[2]) in MONTHS:
        return date(int(match[3] or today.year), MONTHS.index(plain(match[2])) + 1, int(match[1]))
    return None


def sentence(words: str) -> str:
    """What somebody wrote, with its full stop: other words follow it."""
    words = words.strip()
    return words if words.endswith((".", ".»", "!", "?", "…")) else f"{words}."


def capital(words: str) -> str:
    """A line begins with a capital, except with an address."""
    return words if re.search("@|://", words.split(" ", maxsplit=1)[0]) else words[:1].upper() + words[1:]


def with_figure(value: float | None, words: str) -> str:
    """«90 %. Ya salió a consulta»: what was reported, after its figure where there is one."""
    return words if value is None else f"{percent(value)}. {capital(words)}"


def one_stop(words: str) -> str:
    """«… a Vecol S.A.», where a sentence ends with a name that has a point of its own."""
    return _TWO_STOPS.sub(".", words)


def shortened(words: str, limit: int) -> str:
    """At most `limit` characters, cut after a word, the last an ellipsis when something was left out."""
    if len(words) <= limit:
        return words
    cut = words[: limit - 1]
    head, _, tail = cut.rpartition(" ")
    if head and len(tail) <= _WORD and not words[limit - 1].isspace():
        cut = head
    return cut.rstrip(" ,;.\n") + "…"


def time_of_day(at: datetime | time) -> str:
    """«8:05 a. m.»."""
    return f"{at.hour % _NOON or _NOON}:{at:%M} {'a' if at.hour < _NOON else 'p'}. m."


def with_article(noun: str) -> str:
    """«el motivo», «la fecha de compromiso», «los integrantes»; «cómo se atendió» as it is, an acronym as «si …»."""
    first = plain(noun.split(maxsplit=1)[0]).strip(",:;")
    lower = noun if noun[:2].isupper() or noun.startswith("MinCIT") else noun[:1].lower() + noun[1:]
    if first in _WITHOUT_ARTICLE:
        return lower
    plural, word = first.endswith("s"), first.removesuffix("s").removesuffix("e") if first.endswith("s") else first
    female = word not in _MALE and (word.endswith(("a", "cion", "sion", "nion", "dad", "tion")) or word in _FEMALE)
    return f"{('las' if female else 'los') if plural else 'la' if female else 'el'} {lower}"


_WITHOUT_ARTICLE = ("como", "que", "quien", "quienes", "cuando", "donde", "lo", "desde", "hasta", "si")
_MALE = ("dia", "tema", "problema", "programa")
_FEMALE = ("clase", "fase", "parte", "base")


def one_of(words: Iterable[str], *, word: str = "o") -> str:
    """«líder técnico, Gerencia General o Planeación»."""
    *others, last = words
    return f"{', '.join(others)} {word} {last}" if others else last


def all_of(words: Iterable[str]) -> str:
    """«Astilleros, Biológicos y Cannabis»."""
    return one_of(words, word="y")
