"""Reports are tested with the methodology's rows (`matrix_rows`), whose folder is put on the path here."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "methodology"))
