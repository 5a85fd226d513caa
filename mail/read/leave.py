"""Out of office: until when. «Regreso el 1 de diciembre» outweighs «hasta el 30», and that the first day away."""

from __future__ import annotations

import re
from datetime import date, timedelta

from mail.read.days import Found, dates_in

_BACK = re.compile(
    r"(?:regres\w{0,6}|retorn\w{0,6}|reintegr\w{0,8}|vuelv\w{0,3}|volver\w{0,2}|retom\w{0,6}|incorpor\w{0,8}"
    r"|reinici\w{0,4}|back|return\w{0,4})\b[^.;]{0,45}$"
)
_UNTIL = re.compile(r"\b(?:hasta|until|through|till)\b[^.;]{0,25}$")
_TO = re.compile(
    r"\b(?:al|y|a|to|-|–)\s(?:el\s)?(?:dia\s)?(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo)?\s?$"
)
_INCLUSIVE = ("inclusive", ", inclusive", " (inclusive", "inclusivo", "included")


def returns_on(text: str, near: date | None) -> date | None:
    """The day of return, None when the text gives none; a day «inclusive» is the last one away."""
    found = list(dates_in(text[:8000], near))
    for cue in (_BACK, _UNTIL, _TO):
        if (one := next((one for one in found if cue.search(one.before)), None)) is not None:
            return _day(one)
    return None


def _day(found: Found) -> date:
    is_last = found.after.strip().startswith(_INCLUSIVE)
    return found.day + timedelta(days=1) if is_last else found.day
