"""Files as departments really send them, against the truth that was noted beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.models import Batch

SAMPLES = Path(__file__).parents[2] / "data" / "samples"
TRUTH: dict[str, Any] = json.loads((SAMPLES / "truth.json").read_text(encoding="utf-8"))
SOUND = [name for name, truth in TRUTH.items() if "data_rows" in truth]
HOPELESS = ["空文件.csv", "只有表头.csv", "截断.xlsx"]


@pytest.mark.parametrize("name", SOUND)
def test_sample_is_taken_in_as_the_truth_says(take: Any, name: str) -> None:
    truth = TRUTH[name]
    report = take(truth["contract"], SAMPLES / name)
    assert report["read"] == truth["data_rows"]
    assert report["duplicates"] == truth["repeated"]
    assert report["quarantined"] == sum(truth["unusable"].values()) == sum(report["reasons"].values())
    assert report["read"] == report["accepted"] + report["quarantined"] + report["duplicates"]


@pytest.mark.parametrize("name", HOPELESS)
def test_hopeless_sample_is_refused_and_nothing_changes(take: Any, home: Any, name: str) -> None:
    with pytest.raises(IntakeError, match=r"[一-鿿]"):
        take(TRUTH[name]["contract"], SAMPLES / name)
    assert not Batch.objects.exists()
    assert not [path for path in home.lake.rglob("*") if path.is_file()]


def test_workbook_named_csv_is_known_by_its_content(take: Any) -> None:
    assert take("deaths", SAMPLES / "伪装.csv")["accepted"] == 35


@pytest.mark.parametrize("name", SOUND)
def test_the_same_content_again_changes_nothing(take: Any, home: Any, name: str) -> None:
    contract = TRUTH[name]["contract"]
    first = take(contract, SAMPLES / name)
    files = sorted(home.lake.rglob("*.parquet"))
    again = take(contract, SAMPLES / name)
    assert (again["batch"], again["accepted"], again["duplicates"]) == (first["batch"], 0, first["read"])
    assert Batch.objects.count() == 1
    assert sorted(home.lake.rglob("*.parquet")) == files
