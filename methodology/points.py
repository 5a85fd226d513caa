"""A point of an agenda as it is drafted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """`kind` and `subject` say what it is about, whatever its words; the first line of `content` is its summary.

    The holder of `post` speaks; `minutes` are suggested.
    """

    kind: str
    title: str
    post: str
    minutes: int
    content: tuple[str, ...] = ()
    subject: str = ""
