"""Percentages: at the head of an answer («80 %», «sesenta por ciento») or said in a sentence («va en un 60 %»)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from methodology.rules.codes import CODE
from methodology.rules.spanish import MONTHS, plain

FULL = 100.0
SEPARATORS = " \t:;.,=/|-–—_()[]%*>→"
_UNITS = {"un": 1, "uno": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8, "nueve": 9}
_TENS = {"treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90}
_WHOLE = {
    "cero": 0, "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15, "dieciseis": 16,
    "diecisiete": 17, "dieciocho": 18, "diecinueve": 19, "veinte": 20, "veintiuno": 21, "veintiun": 21,
    "veintidos": 22, "veintitres": 23, "veinticuatro": 24, "veinticinco": 25, "veintiseis": 26, "veintisiete": 27,
    "veintiocho": 28, "veintinueve": 29, "cien": 100, "ciento": 100,
}  # fmt: skip
_ACCENTED = {"a": "[aá]", "e": "[eé]", "i": "[ií]", "o": "[oó]", "u": "[uú]"}


def _written(words: dict[str, int]) -> str:
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join("".join(_ACCENTED.get(letter, letter) for letter in word) for word in longest_first)


_SPELLED = (
    rf"(?:(?:{_written(_TENS)})(?:\s?y\s?(?:{_written(_UNITS)}))?|{_written(_WHOLE | _UNITS)})(?=\s?(?:%|por|x\s?c))"
)
_NUMBER = rf"\d{{1,3}}(?:[.,]\d{{1,4}})?(?![\d.,/]\d)(?!\d)|{_SPELLED}"
_SIGN = r"\s{0,3}(?:\(\d{1,3}\s?%?\)\s?)?(%|(?:por|x)\s?ciento)"
_HEAD = re.compile(
    r"(?:(?:porcentaje\s?)?(?:de\s)?(?:(?:avance|avce\.?|av\.|cumpl(?:imiento|\.)|ejec\.)\s?)?"
    r"(?:(?:cuantitativo|f[ií]sico|total|actual|acumulado|reportado|a la fecha)\s?)?"
    r"(?:es\s)?(?:del?\s|al\s|un\s)?[:=]?\s?)"
    rf"({_NUMBER})(?:{_SIGN})?(?:\s?\((?:\d{{1,3}}(?:[.,]\d)?\s?%|[^()\d]{{3,40}}por\s?ciento)\))?(?:\sde avance\b)?",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(rf"(?<![\w.,/-])({_NUMBER}){_SIGN}", re.IGNORECASE)
_ENDS = re.compile(r"\s*$|\s*[:;|)\]]|\s*[–—-](?!\d)|\.\s")
_CUES = re.compile(
    r"\b(?:avan\w{0,12}|va|vamos|van|lleva\w{0,4}|alcanz\w{0,6}|ejecu\w{0,8}|acumulad\w|hoy|porcentaje|qued\w{1,3}|esta\w{0,3}"
    r"|encuentra|tenemos"
    r"|total|complet\w{0,6}|cumpli\w{0,8}|report\w{0,4}|paso|subio|llego|cerramos|cerro|sigue|seguimos|continua\w{0,3}|mantiene|permanece)\b"
)
_AHEAD = re.compile(
    r"\b(?:meta|espera\w{0,4}|prev\w{1,6}|proyect(?:a|amos|an|ado) |llegar|alcanzar|lograr|objetivo"
    r"|vamos a|van? a|ojala|una vez|si (?:se|nos|el|la|los|las|firman|entregan|aprueban)\b|programad[oa]|planead[oa]"
    r"|(?:qued|lleg|alcanz|est|avanz|pas|s|tend|sub)(?:ar|er|ir|r)(?:an?|emos)"
    r"|(?:qued|lleg|alcanz|est|avanz|pas|se|tend|sub)\w{0,2}ria\w{0,3})\b"
)
_OF_MONEY = re.compile(r"\b(?:presupuest\w{1,6}|financier\w{1,3}|recursos|compromet\w{1,6}|apropiacion)\b")
_FORMER = re.compile(
    r"\b(?:(?:mes|periodo|trimestre|reporte|corte) (?:pasado|anterior)|ibamos|estabamos|veniamos|anteriormente"
    r"|habiamos|teniamos|debiamos|deberiamos|ustedes (?:reportan|indican|registran|tienen)"
    r"|avance (?:mensual|del mes|del periodo)|ultimo (?:reporte|corte|avance))\b"
)
_TOLD = re.compile(r"\b(?:reportamos|informamos|reportado|informado)\b")
"""Of a former month where the sentence has another figure; else of today."""
_DENIED = re.compile(r"\b(?:no(?! obstante| solo)|nunca|tampoco)\b[^,;:.]{0,30}$")
_DOUBTED = re.compile(
    r"\b(?:creo|me parece|supongo|no (?:estoy|estamos) segur[oa]s?|(?:por|sin|falta|dejeme) confirm\w{1,5})\b"
)
_GROWN = re.compile(r"\b(?:avanzo|avanzamos|subio|subimos|aument\w{1,5}|crecio|increment\w{1,5})\s(?:en\s)?(?:un\s)?\d")
_POINTS = re.compile(r"\bpuntos porcentuales\b|\d\s?(?:puntos|pp)\b|\bavanz\w{1,5} (?:en )?\w{1,8} puntos\b")
"""«Avance de 8 puntos»: an increase, and no figure of the whole."""
_PART = re.compile(
    r"\b(?:capitulo|fase|etapa|hito|componente|contrato|convenio|modulo|entregable|anexo|consulta publica"
    r"|primer[ao]?|segund[ao])\b"
)
_OF_PART = re.compile(rf"\s{{0,3}}de(?:l| la| l[ao]s| est[ea]) {_PART.pattern}")
_OF_WHAT = re.compile(
    r"del?\s(?!avance|ejecucion\b)|o (?:mas|menos)\b|aprox|proyectad|programad|planead|estimad|esperad|previst"
    r"|pendiente|por\s(?!ciento)\w{4,12}[aei]r\b|restante|faltante|menos\b|no\b|\?|financier|presupuest"
    r"|(?:el |este |del )?mes\b|mensual|reportad|\(?(?:con )?corte"
    r"|en (?:la|el) (?:primer|segund|fase|etapa|capitulo|componente)"
    rf"|(?:(?:a|en|para)\s)?(?:{'|'.join(MONTHS)})\b"
)
"""What makes a leading figure less than the action's progress of today: «60 % de la muestra», «80 % a diciembre»."""
_AFTER_COMMA = re.compile(r"[,(–-]\s?$")
_CORRECTED = re.compile(
    r"\b(?:perd[oó]n|corrijo|correcci[oó]n|rectifico|mejor dicho|me equivoqu[eé]"
    r"|lo correcto (?:es|son)(?= (?:el |un )?\d{1,3}(?:[.,]\d)?\s?%))\b[^.\d]{0,30}?"
    rf"(?<![\w.,/-])({_NUMBER})(?:{_SIGN})?",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"\s{0,3}(?:m[aá]s\b|adicional|de\s(?:los|las|sus?|dichos|empresas|usuarios)\b|de la meta\b"
    r"|del?\s(?:la\s)?(?:presupuesto|apropiaci[oó]n))",
    re.IGNORECASE,
)
_PARTS = re.compile(
    rf"(?:{_NUMBER}){_SIGN}\s(en|seg[uú]n|para)\s[^.;%]{{2,60}}\s(?:y|o|pero)\s(?:el\s|un\s)?(?:{_NUMBER}){_SIGN}\s\2\s",
    re.IGNORECASE,
)
"""«60 % en lo técnico y 40 % en lo jurídico»: two parts, no whole."""
_FROM_TO = re.compile(r"\s?,?\s?al?\s?$")
_RISEN = re.compile(rf"\s?,?\sal?\s(?:un\s)?({_NUMBER}){_SIGN}", re.IGNORECASE)
_BETWEEN = re.compile(r"\s{0,3}(?:y|o|a)\s(?:el\s)?$")
_CLAUSE = re.compile(r";\s|\.\s(?=[A-ZÁÉÍÓÚÑ¿¡])|, (?:y|pero) | (?=y [^,;]{1,60}$)")
_RANGE = re.compile(r"\bentre (?:el )?\d")
_SHOWN = 4000
_BEFORE = 60
_COUNTED = re.compile(r"(?!aprox|por |de avance)[^\W\d_]", re.IGNORECASE)
_FEW = 10
"""Below it a number without its sign counts something else, mostly."""


@dataclass(frozen=True)
class Head:
    """`percent` 0–100 with one decimal, None when the head is no percentage; `text` is what follows."""

    percent: float | None
    text: str


@dataclass(frozen=True)
class Said:
    """A percentage in a sentence; `has_cue` when its words say that it is the progress («va en», «avance del»).

    `is_whole`: they say that it is all that was done, beside what was done in the month.
    """

    percent: float
    has_cue: bool
    is_whole: bool = False


def leading_percent(text: str, *, bare: bool = False) -> Head:
    """`bare`: a number alone is a percentage whatever follows (a cell of the «%» column)."""
    text = text[:_SHOWN].lstrip(SEPARATORS)
    rest = text.replace("_", " ")
    match = _HEAD.match(rest)
    if match is None or not (match[2] or bare or _ENDS.match(rest, match.end())):
        return Head(None, text.strip())
    value, after = _value(match[1]), rest[match.end() :].strip()
    if not match[2] and after and (value < _FEW or (bare and _COUNTED.match(after))):  # «1. Se expidió», «40 personas»
        return Head(None, text.strip())
    if value > FULL or (match[2] and _OF_OTHERS.match(rest, match.end())) or _PARTS.match(rest, match.start(1)):
        return Head(None, text.strip())
    is_from = rest[: match.start(1)].lower().endswith(("de ", "del "))
    if is_from and (risen := _RISEN.match(rest, match.end())):  # «del 15 % al 20 %»
        return Head(_value(risen[1]), text.strip())
    return Head(value, text[match.end() :].lstrip(SEPARATORS).strip())


def said_percent(sentence: str) -> Said | None:
    """The progress of a sentence, when exactly one figure can be it; goals, ranges and shares of others are not."""
    shown = sentence[:_SHOWN]
    if corrected := _CORRECTED.search(shown):  # «va en 70 %, perdón, son 60»
        return Said(value, has_cue=True) if (value := _value(corrected[1])) <= FULL else None
    matches = list(_ANYWHERE.finditer(shown))
    found: list[Said] = []
    told: list[Said] = []
    for number, match in enumerate(matches):
        before = shown[matches[number - 1].end() if number else 0 : match.start()]
        clause = _clause(before)
        if number and _FROM_TO.search(before) and found and not CODE.search(before):  # «pasó del 50 % al 65 %»
            found[-1] = Said(_value(match[1]), has_cue=True)
        elif number and _BETWEEN.fullmatch(before.lower()):
            return None
        elif _is_progress(match, shown, clause):
            closes = _AFTER_COMMA.search(before) and not shown[match.end() :].strip(" ).")
            cue = bool(_CUES.search(clause) or closes) or not clause.strip(" (,") or clause.rstrip().endswith(":")
            (told if _TOLD.search(clause) else found).append(
                Said(_value(match[1]), has_cue=cue, is_whole="acumulad" in clause)
            )
    if _RANGE.search(shown.lower()) or _PARTS.search(shown) or _DOUBTED.search(plain(shown)):
        return None
    found = found or told
    if whole := [one for one in found if one.is_whole]:
        found = whole[-1:]
    with_cue = [one for one in found if one.has_cue] or found
    return with_cue[0] if len({one.percent for one in with_cue}) == 1 else None


def corrected_percent(text: str) -> float | None:
    """«Perdón, son 60 %»: the figure, with its sign, that stands for the one before it."""
    match = _CORRECTED.search(text[:_SHOWN])
    return value if match and match[2] and (value := _value(match[1])) <= FULL else None


def is_doubtful(text: str, percent: float | None) -> bool:
    """Whether the words behind a figure doubt it, make it a part's, a plan's or an increase, or hold another one."""
    shown = text[:_SHOWN]
    words = plain(shown)
    if any(one.search(words) for one in (_DOUBTED, _RANGE, _GROWN)) or (percent is not None and _OF_WHAT.match(words)):
        return True
    if percent is not None and (0 < percent < 1 or (percent == FULL and _AHEAD.search(words))):
        return True
    figures = list(_ANYWHERE.finditer(shown))
    if percent is None:
        return bool(figures) or _POINTS.search(words) is not None
    return any(
        _PART.search(clause := _clause(shown[: one.start()]))
        or _OF_PART.match(plain(shown[one.end() :][:_BEFORE]))
        or (_value(one[1]) != percent and _is_progress(one, shown, clause))
        for one in figures
    )


def _clause(before: str) -> str:
    """Of what stands before a figure, the plain words that say what it is of."""
    return plain(_CLAUSE.split(before[-_BEFORE:])[-1])


def _is_progress(match: re.Match[str], shown: str, clause: str) -> bool:
    """What was hoped for, what was told another month, money and shares of something else are none."""
    if _value(match[1]) > FULL or _OF_OTHERS.match(shown, match.end()):
        return False
    return not any(one.search(clause) for one in (_AHEAD, _FORMER, _DENIED, _OF_MONEY))


def _value(written: str) -> float:
    if written[0].isdigit():
        return round(float(written.replace(",", ".")), 1)
    words = plain(written).replace(" y ", " ").split()
    return float(sum(_UNITS.get(word, 0) + _TENS.get(word, 0) + _WHOLE.get(word, 0) for word in words))
