"""`make fuzz`: atheris, guided by what it covers, against the reading of mail; begun from the corpus.

Whatever comes in is read: no exception, no hang. A crash or a reading of more than SLOW seconds leaves its input in
var/fuzz. SECONDS=600 is ten minutes.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from time import process_time

import atheris

with atheris.instrument_imports(include=["mail"]):
    from mail.read import read, told

from mail_clients import REQUEST
from mail_corpus import cases

FOLDER = Path("var/fuzz")
CODES = [one.code for one in REQUEST.actions]
LARGEST = 64 * 1024
SLOW = 2.0


def read_it(raw: bytes) -> None:
    began = process_time()
    reading = read(raw, CODES, None, REQUEST)
    json.dumps(told.as_json(reading, REQUEST))
    took = process_time() - began
    if took > SLOW:
        raise AssertionError(f"{took:.1f} s for {len(raw)} bytes")


def main() -> None:
    seeds = FOLDER / "seeds"
    seeds.mkdir(parents=True, exist_ok=True)
    for number, case in enumerate(cases()):
        if len(case.raw) <= LARGEST:
            (seeds / str(number)).write_bytes(case.raw)
    seconds = os.environ.get("SECONDS", "600")
    limits = [f"-max_total_time={seconds}", f"-max_len={LARGEST}", "-timeout=20", f"-artifact_prefix={FOLDER}/"]
    atheris.Setup([sys.argv[0], *limits, str(seeds)], read_it)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
