"""`python -m bench.night load|run CITY AS_OF`: a city taken into the deployment, and a whole round over it."""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path

from bench.setup import start


def load(city: Path, as_of: date) -> None:
    """Take in every delivery of a synthetic city up to a date; print seconds and rows."""
    from minzheng.kernel.feeds.actions import import_file
    from minzheng.kernel.foundation.access import Actor
    from minzheng.synthetic_city.truth import manifest

    started, rows = time.perf_counter(), 0
    for item in manifest(city)["files"]:
        if (day := date.fromisoformat(item["as_of"])) <= as_of:
            done = import_file(contract=item["contract"], path=city / item["file"], as_of=day, by=Actor.system("bench"))
            rows += done.batch.read
    print(json.dumps({"seconds": time.perf_counter() - started, "rows": rows}))


def run(as_of: date) -> None:
    """One round from lake to alerts in the database; print its seconds and steps."""
    from minzheng.kernel.foundation.packs import round_steps
    from minzheng.kernel.foundation.rounds import run_round

    started = time.perf_counter()
    done = run_round("night", as_of, round_steps())
    steps = {step.name: step.seconds for step in done.steps.all()}
    alerts = done.steps.get(name="raise_alerts").rows_out
    print(json.dumps({"seconds": time.perf_counter() - started, "alerts": alerts, "steps": steps}))


if __name__ == "__main__":
    start()
    from minzheng.portals.cli.bootstrap import bring_up_to_date

    bring_up_to_date()
    if sys.argv[1] == "load":
        load(Path(sys.argv[2]), date.fromisoformat(sys.argv[3]))
    else:
        run(date.fromisoformat(sys.argv[3]))
