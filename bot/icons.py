"""The product's mark as PNG, drawn here: Teams wants it in two sizes, and no picture has to be kept in step with it.

Lengths are in units of a square of 40 by 40.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from math import hypot

Pixel = tuple[int, int, int, int]
Point = tuple[float, float]
Draw = Callable[[Point, float], Pixel]

COLOUR_SIZE = 192
OUTLINE_SIZE = 32
BLUE = (0x33, 0x66, 0xCC)
WHITE = (0xFF, 0xFF, 0xFF)
YELLOW = (0xF9, 0xC8, 0x0E)
_UNITS = 40
_LINE: tuple[Point, ...] = ((9, 27.5), (17, 19), (22, 24), (31, 14))
_HALF_WIDTH = 1.7
_DOT: Point = (31, 14)
_RADIUS = 3.6


def colour_icon() -> bytes:
    """192 by 192, full colour: a rising line on blue."""
    return _png(
        COLOUR_SIZE, lambda at, unit: _over(_over((*BLUE, 255), WHITE, _line(at, unit)), YELLOW, _dot(at, unit))
    )


def outline_icon() -> bytes:
    """32 by 32, white on nothing, as Teams tints it."""
    return _png(OUTLINE_SIZE, lambda at, unit: (*WHITE, round(255 * max(_line(at, unit), _dot(at, unit)))))


def _line(at: Point, unit: float) -> float:
    return _inside(min(_distance(at, a, b) for a, b in pairwise(_LINE)) - _HALF_WIDTH, unit)


def _dot(at: Point, unit: float) -> float:
    return _inside(hypot(at[0] - _DOT[0], at[1] - _DOT[1]) - _RADIUS, unit)


def _inside(distance: float, unit: float) -> float:
    """How much of a pixel of that size lies inside of an edge at that distance, 0 to 1."""
    return min(1.0, max(0.0, 0.5 - distance / unit))


def _distance(at: Point, a: Point, b: Point) -> float:
    """From a point to a segment."""
    along = (b[0] - a[0], b[1] - a[1])
    share = ((at[0] - a[0]) * along[0] + (at[1] - a[1]) * along[1]) / (along[0] ** 2 + along[1] ** 2)
    share = min(1.0, max(0.0, share))
    return hypot(at[0] - a[0] - share * along[0], at[1] - a[1] - share * along[1])


def _over(below: Pixel, colour: tuple[int, int, int], share: float) -> Pixel:
    red, green, blue = (round(old + (new - old) * share) for old, new in zip(below, colour, strict=False))
    return red, green, blue, below[3]


def _png(size: int, pixel: Draw) -> bytes:
    rows = b"".join(b"\0" + bytes(_row(size, y, pixel)) for y in range(size))
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)  # eight bits, red green blue and opacity
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _row(size: int, y: int, pixel: Draw) -> Iterator[int]:
    unit = _UNITS / size
    for x in range(size):
        yield from pixel(((x + 0.5) * unit, (y + 0.5) * unit), unit)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
