"""Out of office: whether a text says no more than that, and until when.

«Regreso el 1 de diciembre» outweighs «hasta el 30», and that the first day away; «regreso el lunes 23» is the first
Monday 23 from the mail's day on, and from the last day away. Where no such day comes, the last day away counts.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from mail.read.answers import DISCLAIMERS
from mail.read.automatic import says_away
from mail.read.days import BARE_DAY, DAYS_OF_WEEK, SOON, Found, dates_in, next_bare
from mail.read.sentences import all_sentences
from methodology.rules.spanish import MONTHS, plain

_WORDS = """
a acceso al ante antelacion antes asunto asuntos atencion atendere atentamente atte ausencia ausente baja
bandeja buen buena buenas buenos cada calamidad casa caso colectivas comision compensatorio comunicacion
comunicarse comuniquese con conmigo contactar contacte contacto contare cordial cordiales cordialmente correo
correos corresponda cualquier cuando dare daremos de del desde dia dias disfrutando disfrutare disfruto doctor
doctora domestica dr dra durante e el ella email en encontrare encuentra encuentro entre escriba escribanos
escribir esta estamos estan estar estara estare estaremos estimada estimado estimados estoy ext extension favor
fecha fechas fin fuera funciones gracias hasta hola incapacidad inclusive inconvenientes ingeniera ingeniero
inmediata inmediato inquietud la las le leer leere les licencia limitado lo los luego luto manana maternidad me
medica medico mensaje mensajes mes mi mis momento motivo muchas muy necesario no nos o oficina para partir
paternidad periodo permiso podra podre por posible proximo que queda quedo quien reemplaza reemplazo regresare
regreso reincorporo reintegrandome reintegrare reintegro remunerada remunerado requerimiento requiere respetada
respetado respetados responder respondere respuesta retomare retomo retornare retorno revisare salgo saludo
saludos se senor senora senores sera si sin sindical solicitud solicitudes su sucesiva sus tarde tardes telefono
teletrabajo tema temas tendra tendre un una urgencia urgencias urgente urgentes ustedes vacaciones viaje volvere
vuelvo y
"""
_SAID = frozenset((*_WORDS.split(), *MONTHS, *DAYS_OF_WEEK))
"""All that an absence says in lower case: one word beside these, and a person reads the mail."""
_WORD = re.compile(r"[^\s,;:()«»\"¡!¿?/–-]+")
_ADDRESS_OR_NUMBER = re.compile(r"[^@\s]{1,64}@\S{1,190}|www\.\S{1,190}|[\d.+º°]{1,15}")
_OF_A_PERSON = re.compile(r"\b(?:me|mi|mis|nos|estoy|estare|estaremos|salgo|disfrut\w{1,4}|vacaciones|oficina)\b")
"""«La solicitud de licencia está en …» tells of no absence."""
_LONGEST = 1_500
_SHOWN = 8_000

_RETURN = (
    r"(?:regres\w{0,6}|retorn\w{0,6}|reintegr\w{0,8}|vuelv\w{0,3}|volver\w{0,2}|retom\w{0,6}|incorpor\w{0,8}"
    r"|reinici\w{0,4}|back|return\w{0,4})\b"
)
_BACK = re.compile(rf"{_RETURN}[^.;]{{0,45}}$")
_BACK_BARE = re.compile(rf"{_RETURN}[^.;\d]{{0,45}}?{BARE_DAY}")
_UNTIL = re.compile(r"\b(?:hasta|until|through|till)\b[^.;]{0,25}$")
_TO = re.compile(rf"\b(?:al|y|a|to|-|–)\s(?:el\s)?(?:dia\s)?(?:{'|'.join(DAYS_OF_WEEK)})?\s?$")
_INCLUSIVE = ("inclusive", ", inclusive", " (inclusive", "inclusivo", "included")


def is_only_absence(text: str) -> bool:
    """Whether all of it says that somebody is away, until when, whom to turn to meanwhile, and who signs.

    What it says is one of few words, a name, an address or a number: what else may be an answer, and is none of these.
    """
    if not says_away(text) or len(text) > _LONGEST:
        return False
    is_away = False
    for sentence in all_sentences(text):
        if plain(sentence).startswith(DISCLAIMERS):
            break
        if not (_is_said(sentence) or (is_away and _is_signature(sentence))):
            return False
        is_away = is_away or (says_away(sentence) and _OF_A_PERSON.search(plain(sentence)) is not None)
    return is_away


def _is_said(sentence: str) -> bool:
    """The first word is capitalised anyway: it is no name."""
    return all(_is_known(word) or (place > 0 and word.istitle()) for place, word in enumerate(_words(sentence)))


def _is_signature(line: str) -> bool:
    """«Ana Ruiz», «Directora de Operaciones»; «Cumplida.» is an answer."""
    words = _words(line)
    return len(words) > 1 and not line.endswith(".") and all(word.istitle() or _is_known(word) for word in words)


def _words(text: str) -> list[str]:
    return [word for one in _WORD.findall(text) if (word := one.strip(".*_"))]


def _is_known(word: str) -> bool:
    return plain(word) in _SAID or _ADDRESS_OR_NUMBER.fullmatch(word) is not None


def returns_on(text: str, near: date | None) -> date | None:
    """The day of return, None when the text gives none, or none that comes; a day «inclusive» is the last one away."""
    found = list(dates_in(text[:_SHOWN], near))
    until = _cued(found, _UNTIL, _TO)
    return (_bare(text, max(near, until or near)) if near else None) or _cued(found, _BACK) or until


def _bare(text: str, start: date) -> date | None:
    """«Regreso el lunes 23»; without its weekday only a day that comes soon."""
    match = _BACK_BARE.search(plain(text[:_SHOWN]))
    if match is None:
        return None
    day = next_bare(int(match["bare"]), start, match["weekday"] or "")
    return day if day and (match["weekday"] or day - start <= SOON) else None


def _cued(found: list[Found], *cues: re.Pattern[str]) -> date | None:
    """The first day with the first of the cues that any has."""
    return next((_day(one) for cue in cues for one in found if cue.search(one.before)), None)


def _day(found: Found) -> date:
    is_last = found.after.strip().startswith(_INCLUSIVE)
    return found.day + timedelta(days=1) if is_last else found.day
