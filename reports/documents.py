"""One frozen content → its three documents. Nothing here reads the database: an old report renders the same (R3)."""

from __future__ import annotations

from dataclasses import dataclass

from reports.excel import workbook
from reports.formats import Content
from reports.html import page
from reports.pdf import pdf


@dataclass(frozen=True)
class Documents:
    """`html` is a page that stands alone; `pdf` is PDF/UA-1; `xlsx` an Excel workbook. All in bytes, UTF-8."""

    html: bytes
    pdf: bytes
    xlsx: bytes


def render(report_kind: str, content: Content) -> Documents:
    """The documents of a «logros», «matriz» or «cierre» content; identical bytes for identical content.

    Raises:
        ValueError: the content is of another kind.
    """
    if content["kind"] != report_kind:
        raise ValueError(f"a content of kind {content['kind']!r} is no {report_kind!r} report")
    return Documents(html=page(content).encode(), pdf=pdf(content), xlsx=workbook(content))
