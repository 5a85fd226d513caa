"""Who writes: the organisation's names are data, because they change (the operator was renamed in 2025)."""

from __future__ import annotations

from dataclasses import dataclass

PROGRAMME = "Soluciones por la Reindustrialización"
PRIVACY_NOTICE = (
    "Los datos de contacto se tratan conforme a la Ley 1581 de 2012 y únicamente para el seguimiento de las acciones "
    "del instrumento."
)


@dataclass(frozen=True)
class Letterhead:
    """What stands above and below every letter. `mail` is where replies arrive; empty values are left out.

    `privacy` is the notice of Ley 1581 de 2012, which every letter carries; `privacy_url` the whole policy.
    """

    organisation: str
    office: str
    mail: str
    signer: str = ""
    signer_post: str = ""
    site: str = ""
    privacy: str = PRIVACY_NOTICE
    privacy_url: str = ""
