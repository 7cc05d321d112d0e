"""Dated parameters: selected by date, validated with file and reason, honest about what is unverified."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from minzheng.kernel.foundation.dated import Parameters
from minzheng.kernel.foundation.declared import DeclarationError

GOOD = """
floor:
  title: 下限
  unit: fen
  values:
    - {value: 100, from: 2023-07-01, to: 2024-07-01, source: 某文第1条, status: confirmed}
    - {value: 200, from: 2024-07-01, to: null, source: 本地设置, status: unverified}
"""


def write(folder: Path, text: str, name: str = "some.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_date_selects(tmp_path: Path) -> None:
    found = Parameters(write(tmp_path, GOOD))
    assert found.at(date(2024, 6, 30)).number("floor") == 100
    assert found.at(date(2024, 7, 1)).number("floor") == 200
    assert found.at(date(2024, 6, 30)).unverified() == []
    assert found.at(date(2024, 7, 1))["floor"].text == "¥2.00"
    with pytest.raises(LookupError, match="下限"):
        found.at(date(2023, 6, 30))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("status: confirmed", "status: perhaps"),
        ("source: 某文第1条, ", ""),
        ("value: 100", "value: 1.5"),
        ("value: 100", "value: [a]"),
        ("unit: fen", "unit: yuan"),
        ("to: 2024-07-01", "to: 2024-08-01"),
        ("to: 2024-07-01", "to: 2023-01-01"),
        ("title: 下限", "titel: 下限"),
        ("floor:", "- floor:"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, before: str, after: str) -> None:
    with pytest.raises(DeclarationError, match="some.yaml"):
        Parameters(write(tmp_path, GOOD.replace(before, after, 1)))


def test_a_name_stands_in_one_file(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match="floor"):
        Parameters(write(tmp_path, GOOD), write(tmp_path, GOOD, "other.yaml"))
