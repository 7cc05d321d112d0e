"""The `minzheng` command as a user meets it: output, refusals in Chinese, exit codes, an empty folder to start from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

SAMPLES = Path(__file__).parents[2] / "data" / "samples"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment folder that nothing has prepared: the first command must do it all."""
    return tmp_path_factory.mktemp("cli") / "home"


def minzheng(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "MINZHENG_HOME": str(home)}
    env.pop("DATABASE_URL", None)  # these commands start from an empty folder, so from SQLite
    command = [sys.executable, "-m", "minzheng.portals.cli", *map(str, arguments)]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


def as_json(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_catalogue(home: Path) -> None:
    listed = {feed["name"]: feed for feed in as_json(minzheng(home, "feeds", "list", "--json"))}
    assert listed["deaths"]["owner"] == ["卫健", "殡葬", "公安"]
    described = as_json(minzheng(home, "feeds", "describe", "deaths", "--json"))
    assert {"owner", "class", "key", "columns"} <= set(described)
    columns = {column["name"]: column for column in described["columns"]}
    assert columns["person_id"]["required"] and "身份证号" in columns["person_id"]["aliases"]
    assert all({"name", "header", "aliases", "type", "required", "domain", "example"} <= set(c) for c in columns.values())
    assert "死亡日期" in minzheng(home, "feeds", "describe", "deaths").stdout


def test_import_and_quarantine(home: Path, tmp_path: Path) -> None:
    name = "失业登记.csv"
    report = as_json(minzheng(home, "feeds", "import", "unemployment", SAMPLES / name, "--as-of", "2024-05-31", "--json"))
    assert set(report) == {"batch", "read", "accepted", "quarantined", "duplicates", "reasons"}
    assert report["read"] == 30 == report["accepted"] + report["quarantined"] + report["duplicates"]
    again = as_json(minzheng(home, "feeds", "import", "unemployment", SAMPLES / name, "--as-of", "2024-05-31", "--json"))
    assert (again["batch"], again["accepted"], again["already"]) == (report["batch"], 0, True)
    out = tmp_path / "退回.xlsx"
    assert minzheng(home, "feeds", "quarantine", report["batch"], "--out", out).returncode == 0
    rows = list(openpyxl.load_workbook(out).active.iter_rows(min_row=3, values_only=True))
    assert len(rows) == 2 and all("请" in row[-1] for row in rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("feeds", "import", "deaths", SAMPLES / "截断.xlsx"), "损坏"),
        (("feeds", "import", "unemployment", SAMPLES / "空文件.csv"), "空文件"),
        (("feeds", "import", "unemployment", "没有这个文件.csv"), "找不到文件"),
        (("feeds", "import", "deathz", SAMPLES / "失业登记.csv"), "是不是:deaths"),
        (("feeds", "import", "deaths", SAMPLES / "失业登记.csv"), "缺少必需的列"),
        (("feeds", "import", "deaths", SAMPLES / "失业登记.csv", "--as-of", "昨天"), "日期"),
        (("feeds", "describe", "x"), "没有“x”"),
        (("feeds", "quarantine", "nothing", "--out", "a.xlsx"), "没有批次"),
        (("night", "--as-of", "2024-02-30"), "日期"),
    ],
)
def test_refusals_are_chinese_and_exit_with_2(home: Path, arguments: tuple[object, ...], said: str) -> None:
    done = minzheng(home, *arguments)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_night_over_an_almost_empty_lake(home: Path) -> None:
    night = as_json(minzheng(home, "night", "--as-of", "2024-06-05", "--json"))
    assert night["as_of"] == "2024-06-05"
    assert all({"step", "rows_in", "rows_out", "seconds"} <= set(step) for step in night["steps"])
    assert as_json(minzheng(home, "alerts", "list", "--json")) == []


def test_clock_and_audit(home: Path) -> None:
    assert minzheng(home, "clock", "set", "2024-10-31").returncode == 0
    assert minzheng(home, "clock", "set", "2024-13-31").returncode == 2
    assert "完整" in minzheng(home, "verify-audit").stdout
