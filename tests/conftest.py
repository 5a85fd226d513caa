"""How long Hypothesis looks for a counterexample: briefly in `make test`, long in `make test-all`."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("brief", max_examples=4)
settings.register_profile("long", max_examples=80)
settings.load_profile("brief")
