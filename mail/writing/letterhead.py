"""Who writes: the organisation's names are data, because they change (the operator was renamed in 2025)."""

from __future__ import annotations

from dataclasses import dataclass

PROGRAMME = "Soluciones por la Reindustrialización"


@dataclass(frozen=True)
class Letterhead:
    """What stands above and below every letter. `mail` is where replies arrive; empty values are left out."""

    organisation: str
    office: str
    mail: str
    signer: str = ""
    signer_post: str = ""
    site: str = ""
    privacy_url: str = ""
