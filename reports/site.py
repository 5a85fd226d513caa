"""The public site as a static folder: drawn from contents alone, identical for identical content, swapped in whole."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from methodology.rules.snapshot import digest_of
from reports import opendata
from reports.documents import render
from reports.formats import Content, file_stem
from reports.html import Link, Place, page, rendered

DEFAULT_TARGET = Path("var/sitio")
HOME = Link("../index.html", "Inicio")
_READABLE = 0o755


def build(target: Path, content: Content) -> Path:
    """Write the whole site beside `target` and put it in its place; readers see the old site or the new one.

    `target` is a link to the folder of the last drawing, and is replaced in one step. One drawing at a time.

    Raises:
        ValueError: a report's content is not the one that was hashed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    with ExitStack() as unless_swapped:
        unless_swapped.callback(shutil.rmtree, fresh, ignore_errors=True)
        for name, body in files(content):
            path = fresh / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(body)
        fresh.chmod(_READABLE)
        before = _swap(fresh, target)
        unless_swapped.pop_all()
    _clear(target, fresh, before)
    return target


def files(content: Content) -> Iterator[tuple[str, bytes]]:
    """Every file of the site: its path below the root and its bytes."""
    yield "index.html", rendered("indice.html.j2", content, matrix_href=matrix_href, report_href=report_href).encode()
    for matrix in content["initiatives"]:
        yield from _documents("iniciativas", matrix)
    for report in content["reports"]:
        if digest_of(report["content"]) != report["digest"]:
            raise ValueError(
                f"El contenido de {file_stem(report['content'])} no corresponde a su huella: no se publica"
            )
        yield from _documents("reportes", report["content"])
    yield from _data_files(content)


def matrix_href(matrix: Content) -> str:
    return f"iniciativas/{file_stem(matrix)}.html"


def report_href(report: Content, extension: str) -> str:
    return f"reportes/{file_stem(report)}.{extension}"


def _documents(folder: str, content: Content) -> Iterator[tuple[str, bytes]]:
    stem, documents = file_stem(content), render(content["kind"], content)
    downloads = (Link(f"{stem}.pdf", "Documento PDF accesible"), Link(f"{stem}.xlsx", "Libro de Excel"))
    yield f"{folder}/{stem}.html", page(content, Place((HOME,), downloads)).encode()
    yield f"{folder}/{stem}.pdf", documents.pdf
    yield f"{folder}/{stem}.xlsx", documents.xlsx


def _data_files(content: Content) -> Iterator[tuple[str, bytes]]:
    more = {"tables": opendata.tables(content), "version": opendata.version_of(content)}
    yield "datos/index.html", rendered("datos.html.j2", content, Place((HOME,)), **more).encode()
    for name, body in opendata.files(content).items():
        yield f"datos/{name}", body


def _swap(fresh: Path, target: Path) -> Path | None:
    """Point `target` at the fresh folder in one step; the folder it pointed at before."""
    before = target.parent / target.readlink() if target.is_symlink() else _moved_aside(target)
    link = fresh.with_name(f"{fresh.name}.enlace")
    link.symlink_to(fresh.name, target_is_directory=True)
    link.replace(target)
    return before


def _moved_aside(target: Path) -> Path | None:
    """A site of the time when `target` was a folder: a folder cannot be replaced by a link in one step; only once."""
    if not target.exists():
        return None
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    return target.rename(old)


def _clear(target: Path, *kept: Path | None) -> None:
    """Remove what earlier drawings left; a reader may still hold a file of the last one."""
    for path in target.parent.glob(f".{target.name}-*"):
        if path.is_symlink():
            path.unlink()
        elif path not in kept:
            shutil.rmtree(path, ignore_errors=True)
