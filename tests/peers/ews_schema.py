"""The XSD of Exchange Web Services, where they are kept beside the project: requests and answers are held to them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from lxml import etree

FOLDER = Path(__file__).parents[3] / "shared" / "schemas" / "ews"
MISSING = f"the EWS schemas are not there: {FOLDER.parent.name}/{FOLDER.name} beside the project"


@lru_cache(maxsize=1)
def schema() -> etree.XMLSchema | None:
    """None where they are not kept."""
    file = FOLDER / "messages.xsd"
    return etree.XMLSchema(etree.parse(str(file))) if file.is_file() else None


def faults_of(envelope: etree._Element) -> list[str]:
    """What is wrong with every header and the body of a SOAP envelope; a SOAP fault has no schema here."""
    known = schema()
    if known is None:
        return []
    soap = "{http://schemas.xmlsoap.org/soap/envelope/}"
    parts = [one for place in envelope for one in place if one.tag != f"{soap}Fault"]
    return [str(error) for part in parts if not known.validate(fresh(part)) for error in known.error_log]


def fresh(part: etree._Element) -> etree._Element:
    """Alone, as a document of its own: that is what a schema validates."""
    return etree.fromstring(etree.tostring(part))
