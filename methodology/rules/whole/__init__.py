"""The whole method, R1 to R50, in order."""

from __future__ import annotations

from methodology.rules.whole.closing import CLOSING
from methodology.rules.whole.everywhere import EVERYWHERE
from methodology.rules.whole.following import FOLLOWING
from methodology.rules.whole.high_level import HIGH_LEVEL
from methodology.rules.whole.launch import LAUNCH
from methodology.rules.whole.reporting import REPORTING
from methodology.rules.whole.rule import LETTERS, MethodRule

__all__ = ["LETTERS", "METHOD", "MethodRule"]
METHOD: tuple[MethodRule, ...] = (*LAUNCH, *REPORTING, *FOLLOWING, *CLOSING, *HIGH_LEVEL, *EVERYWHERE)
