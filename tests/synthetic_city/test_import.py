"""The feeds find in every file exactly what the truth says is in it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from minzheng.kernel.divisions.actions import load_divisions
from minzheng.kernel.feeds.actions import import_file
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.home import Home
from minzheng.synthetic_city.truth import load_truth, manifest


@pytest.mark.django_db
def test_counts_of_an_import_are_those_of_the_truth(village: Path, home: Home) -> None:
    by = Actor.system("test")
    load_divisions(by=by)
    dirt = load_truth(village).dirt
    reasons: Counter[str] = Counter()
    for entry in manifest(village)["files"]:
        report = import_file(
            contract=entry["contract"], path=village / entry["file"], as_of=date.fromisoformat(entry["as_of"]), by=by
        ).report()
        wanted = {key: dirt[entry["file"]][key] for key in ("read", "accepted", "quarantined", "duplicates", "reasons")}
        assert {key: report[key] for key in wanted} == wanted, entry["file"]
        reasons.update(report["reasons"])
    assert len(reasons) >= 5
