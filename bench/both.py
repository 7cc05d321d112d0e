"""`python -m bench.both load CITY AS_OF`: load and run one after another on one database; two JSON lines."""

from __future__ import annotations

import dataclasses
import json
import sys

from bench.measure import run_once

if __name__ == "__main__":
    for verb in ("load", "run"):
        print(json.dumps(dataclasses.asdict(run_once(["bench.night", verb, *sys.argv[2:]]))))
