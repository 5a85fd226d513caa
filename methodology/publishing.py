"""R21–R23, R28, R37: a report is drafted, approved by planning and then never changes; the site is drawn from that.

A draft is a frozen content and its hash. It is approved only while the ledger still says the same; a change after
publication makes a further version, whose logros told before come only as «fe de erratas». A closing report has no
period: it covers the initiative's whole life, and is published once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from methodology.as_of import known_since
from methodology.clock import local
from methodology.closing_content import closing_content
from methodology.contents import (
    ACHIEVEMENTS,
    CLOSING,
    DEFAULTS,
    DRAFT,
    ILLUSTRATIVE,
    MATRIX,
    PUBLISHED,
    REPLACED,
    Content,
    Published,
    achievements_content,
    matrix_content,
    publisher,
)
from methodology.refusals import NotFound, NotNow
from methodology.rules.periods import Period
from methodology.rules.snapshot import digest_of
from methodology.rules.spanish import long_date
from methodology.rules.states import InitiativeState
from storage.ledger import Report
from storage.matrix import Achievement, Initiative

__all__ = [
    "ACHIEVEMENTS", "CLOSING", "DRAFT", "MATRIX", "PUBLISHED", "REPLACED", "Published",
    "achievements_content", "approve", "closing_content", "draft", "intact", "matrix_content", "name_of", "period_of",
    "published", "site_content",
]  # fmt: skip

UNKNOWN = (
    "No hay información de {name} para el reporte de {period}: se registra aquí desde el {since}. El primer reporte "
    "que puede elaborarse es el de {first}."
)
KIND_NAMES = {
    ACHIEVEMENTS: "reporte de logros",
    MATRIX: "actualización de la matriz",
    CLOSING: "informe de cierre",
}
ON_SITE = (InitiativeState.RUNNING, InitiativeState.PAUSED, InitiativeState.CLOSING, InitiativeState.CLOSED)
FRAME = (
    "En el marco de las apuestas productivas definidas por la Política de Reindustrialización, una vez construidas "
    "las matrices para cada iniciativa sectorial, se inicia el lanzamiento y seguimiento de su ejecución y la "
    "generación de los reportes de resultados."
)
OWN_PACE = (
    "Cada iniciativa sectorial tiene su propio funcionamiento. Las iniciativas sectoriales y sus matrices son "
    "flexibles y dinámicas, por lo que podrán presentarse ajustes durante su desarrollo."
)

Build = Callable[[int], Content]


def draft(
    session: Session,
    kind: str,
    initiative_id: int,
    period: Period | None,
    now: datetime,
    *,
    settings: Published = DEFAULTS,
) -> Report:
    """The newest draft of that report; the same row again while nothing changed, else version n+1.

    When the last version is published and there is nothing to add to it, that published row. `period` is None for a
    closing report, and for it alone. An update of the matrix goes on counting versions from period to period (R28).

    Raises:
        NotFound: no such initiative or kind of report.
        NotNow: the period has not begun, or ended before anything of the initiative was known here.
        ValueError: a period for a closing report, or none for another.
    """
    if (period is None) != (kind == CLOSING):
        raise ValueError(f"a report of kind {kind!r} cannot be of the period {period!r}")
    initiative = session.get(Initiative, initiative_id)
    if initiative is None or kind not in KIND_NAMES:
        raise NotFound("No hay una iniciativa o una clase de reporte con ese nombre: revise la lista con /estado.")
    build = _builder(session, kind, initiative, period, day=local(now).date(), settings=settings)
    latest = _latest(session, kind, initiative_id, period)
    if latest is not None and _says_it_all(latest, build):
        return latest
    content = build(_last_version(session, kind, initiative_id, latest) + 1)
    if latest is None or latest.state != PUBLISHED:
        _require_known(session, initiative, period, content)
    return _keep(session, kind, initiative, period=period, content=content, now=now)


def approve(
    session: Session, report_id: int, approved_by: str, now: datetime, *, settings: Published = DEFAULTS
) -> Report:
    """R22: planning's approval: the draft becomes the published snapshot, and its logros are told.

    A closing report (R37) is approved while the initiative is still en_cierre, before its actions change state.

    Raises:
        NotFound: no such report.
        NotNow: already published, replaced, before the period's end, not en_cierre, or the ledger says something else.
    """
    report = approvable(session, report_id, now, settings=settings)
    report.state, report.approved_by, report.approved_at = PUBLISHED, approved_by, now
    _mark_told(session, report)
    return report


def approvable(session: Session, report_id: int, now: datetime, *, settings: Published) -> Report:
    """The draft, if it may be published as it is now: what `approve` refuses is refused here."""
    report = session.get(Report, report_id, with_for_update=True)
    if report is None or report.initiative is None:
        raise NotFound("No hay un reporte con ese número: solicítelo con /reporte logros.")
    period = None if report.kind == CLOSING else Period.parse(report.period)
    _require_draft(report)
    _require_whole_period(report, period, local(now).date())
    _require_known(session, report.initiative, period, report.content)
    build = _builder(session, report.kind, report.initiative, period, day=report.cut_off, settings=settings)
    if digest_of(build(report.version)) != report.digest:
        raise NotNow(
            f"Después de elaborado este borrador cambió la información de {report.initiative.name}: "
            "genere de nuevo el borrador y revíselo antes de aprobarlo."
        )
    return report


def published(session: Session) -> list[Report]:
    """Every published report, the newest cut-off first."""
    rows = select(Report).where(Report.state == PUBLISHED)
    return sorted(
        session.scalars(rows),
        key=lambda r: (-r.cut_off.toordinal(), r.content["initiative"]["name"], r.kind, -r.version),
    )


def intact(report: Report) -> bool:
    """Whether the content is still the one that was hashed."""
    return digest_of(report.content) == report.digest


def name_of(report: Report) -> str:
    """«reporte de logros de Biológicos, septiembre–octubre de 2026, versión 1»."""
    name = report.content["initiative"]["name"]
    return f"{KIND_NAMES[report.kind]} de {name}, {period_of(report)}, versión {report.version}"


def period_of(report: Report) -> str:
    """«septiembre–octubre de 2026»; of a closing report, the days from launch to cut-off."""
    return str(report.content["period"]["label"])


def site_content(session: Session, today: date, settings: Published = DEFAULTS) -> Content:
    """Everything the public site shows, as of the end of `today`: the matrices' public part and the published reports.

    Raises:
        NotNow: a published snapshot no longer matches its hash.
    """
    statement = select(Initiative).where(Initiative.state.in_(ON_SITE)).order_by(Initiative.position, Initiative.slug)
    matrices = [matrix_content(session, i, today, settings, public=True) for i in session.scalars(statement)]
    return {
        "kind": "sitio",
        "cut_off": today.isoformat(),
        "presentation": [FRAME, OWN_PACE],
        "publisher": publisher(settings),
        "illustrative": any(m["illustrative"] for m in matrices),
        "notice": ILLUSTRATIVE if any(m["illustrative"] for m in matrices) else "",
        "warnings": matrices[0]["warnings"] if matrices else [],
        "initiatives": matrices,
        "reports": [_on_site(report) for report in published(session)],
    }


def _builder(
    session: Session, kind: str, initiative: Initiative, period: Period | None, *, day: date, settings: Published
) -> Build:
    """Draws the content of a kind of report as of `day`, given its version."""
    if period is None:
        return lambda version: closing_content(session, initiative, day, settings, version=version)
    if kind == MATRIX:
        return lambda version: matrix_content(
            session, initiative, day, settings, public=True, period=period, version=version
        )
    return lambda version: achievements_content(session, initiative, period, day, settings, version=version)


def _latest(session: Session, kind: str, initiative_id: int, period: Period | None) -> Report | None:
    rows = select(Report).where(
        Report.kind == kind, Report.initiative_id == initiative_id, Report.period == _key(period)
    )
    return session.scalar(rows.order_by(Report.version.desc()).limit(1))


def _key(period: Period | None) -> str:
    """What `Report.period` holds."""
    return CLOSING if period is None else str(period)


def _last_version(session: Session, kind: str, initiative_id: int, latest: Report | None) -> int:
    if kind != MATRIX:
        return latest.version if latest else 0
    rows = select(func.max(Report.version)).where(Report.kind == kind, Report.initiative_id == initiative_id)
    return session.scalar(rows) or 0


def _says_it_all(latest: Report, build: Build) -> bool:
    if latest.state == PUBLISHED and latest.kind == CLOSING:
        return True
    fresh = build(latest.version)
    if latest.state != PUBLISHED:
        return latest.state == DRAFT and digest_of(fresh) == latest.digest
    if latest.kind == ACHIEVEMENTS:
        return not fresh["achievements"] and not fresh["errata"]
    return _undated(fresh) == _undated(latest.content)


def _undated(content: Content) -> dict[str, Any]:
    """A matrix without what depends on the day it is published: the cut-off and what it is compared with."""
    return {key: value for key, value in content.items() if key not in ("cut_off", "changes", "as_of")}


def _keep(
    session: Session, kind: str, initiative: Initiative, *, period: Period | None, content: Content, now: datetime
) -> Report:
    """The new draft's row; an older draft of the same report is set aside."""
    same = (Report.kind == kind, Report.initiative_id == initiative.id, Report.period == _key(period))
    session.execute(update(Report).where(*same, Report.state == DRAFT).values(state=REPLACED))
    report = Report(
        kind=kind,
        initiative_id=initiative.id,
        period=_key(period),
        version=content["version"],
        cut_off=date.fromisoformat(content["cut_off"]),
        state=DRAFT,
        content=content,
        digest=digest_of(content),
        at=now,
    )
    session.add(report)
    session.flush()
    return report


def _require_draft(report: Report) -> None:
    if report.state == PUBLISHED and report.approved_at is not None:
        raise NotNow(
            f"Ya se publicó el {long_date(local(report.approved_at).date())} el {name_of(report)}: lo publicado no se "
            "modifica. Un cambio posterior se informa en la fe de erratas del siguiente reporte."
        )
    if report.state != DRAFT:
        raise NotNow("Este borrador fue reemplazado por uno más reciente: revise y apruebe el nuevo borrador.")


def _require_whole_period(report: Report, period: Period | None, today: date) -> None:
    """R22: the cut-off of a report of logros is the period's last day, 24:00. R37: people confirmed the closing."""
    if period is None:
        _require_closing(report)
    elif report.kind == ACHIEVEMENTS and (today <= period.last or report.cut_off < period.last):
        raise NotNow(
            f"El periodo {period.label} termina el {long_date(period.last)}, a las 24:00, y este borrador tiene "
            f"corte al {long_date(report.cut_off)}: genere el borrador después de terminado el periodo y revíselo."
        )


def _require_known(session: Session, initiative: Initiative, period: Period | None, content: Content) -> None:
    """R21: of a time before the initiative was registered there is nothing to say, unless an import brought logros."""
    since = known_since(session, initiative)
    if period is None or since is None or content["cut_off"] >= since.isoformat() or content.get("achievements"):
        return
    first = Period.of(since, period.periodicity).label
    raise NotNow(UNKNOWN.format(name=initiative.name, period=period.label, since=long_date(since), first=first))


def _require_closing(report: Report) -> None:
    if report.initiative is not None and report.initiative.state != InitiativeState.CLOSING:
        raise NotNow(
            f"{report.initiative.name} no está en cierre: el informe de cierre se aprueba después de que Planeación o "
            "la Gerencia General confirmen el cierre."
        )


def _mark_told(session: Session, report: Report) -> None:
    """R21: never told twice; the guard on `report_id` is what two approvals at once meet."""
    told = [item["id"] for item in report.content.get("achievements", [])]
    rows = update(Achievement).where(Achievement.id.in_(told), Achievement.report_id.is_(None))
    session.execute(rows.values(report_id=report.id))
    session.flush()


def _on_site(report: Report) -> Content:
    if not intact(report) or report.approved_at is None:
        raise NotNow(
            f"El contenido del {name_of(report)} no corresponde a su huella: no se publica. "
            "Restaure la copia de respaldo."
        )
    return {
        "content": report.content,
        "digest": report.digest,
        "published_on": local(report.approved_at).date().isoformat(),
    }
