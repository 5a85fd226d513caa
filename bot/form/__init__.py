"""The page by which an entity answers its request: GET shows, POST keeps or sends (R14, R26, R29)."""

from __future__ import annotations

from bot.form.pages import Forms

__all__ = ["Forms"]
