"""`minzheng plan`: where the plan stands, in a table and as JSON; a file with errors is refused with line and reason."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from minzheng.kernel.foundation.home import Home
from minzheng.kernel.indicators.models import Plan, Target
from minzheng.portals.cli.main import build
from tests.beginnings import begun
from tests.kernel.indicators import plain
from tests.kernel.indicators.counting import measured
from tests.kernel.indicators.rows import Officials, a_city, officials

runner = CliRunner()
SHIPPED = Path(__file__).parents[3] / "minzheng/kernel/indicators/plans/changzhou-2024.yaml"


def minzheng(*arguments: str) -> Any:
    return runner.invoke(build(), ["plan", *arguments])


@pytest.fixture(autouse=True)
def standing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test database is up to date already."""
    monkeypatch.setattr("minzheng.portals.cli.bootstrap.bring_up_to_date", lambda: None)


@pytest.fixture
def people(db: None, home: Home) -> Officials:
    return begun(officials, home)


def test_status_as_json_says_numerator_denominator_unit_and_state(db: None, home: Home) -> None:
    begun(a_city, home)
    measured(date(2024, 9, 5))
    done = minzheng("status", "--as-of", "2024-09-06", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["as_of"], said["measured"], said["place_title"], len(said["items"])) == ("2024-09-06", "2024-09-05", "常州市", 34)
    targets = {each["code"]: each for item in said["items"] for each in item["targets"]}
    assert len(targets) == 27
    part, whole = plain.figures(plain.Rows(), date(2024, 9, 5))["nonlocal_household_files", "in_need"]
    t06 = targets["T06"]
    assert (t06["numerator"], t06["denominator"], t06["unit"], t06["source"]) == (len(part), len(whole or []), "households", "measured")
    assert t06["state"] in ("behind", "on_track", "achieved") and t06["other_readings"][0]["reading"] == "alerted"
    assert (targets["T09a"]["state"], targets["T09a"]["numerator"], targets["T09a"]["unit"]) == ("no_source", None, "persons")
    figures = {each["indicator"]: each for item in said["items"] for each in item["figures"]}
    assert figures["longevity_persons"]["numerator"] == len({key for key, _place in plain.figures(plain.Rows(), date(2024, 9, 5))["longevity_persons", "in_force"][0]})


def test_status_in_a_table_and_for_a_place(people: Officials) -> None:
    done = minzheng("status", "--as-of", "2024-09-06", "--place", "jingkai")
    assert done.exit_code == 0, done.output
    assert "常州经开区" in done.stdout and "指标还没有测算过" in done.stdout and "34 项之中" in done.stdout
    assert "尚无数据来源" in done.stdout


@pytest.mark.parametrize(("arguments", "reason"), [
    (("--as-of", "2026-01-01"), "2026 年还没有工作要点"), (("--as-of", "yesterday"), "应为 2024-05-01"), (("--place", "nowhere"), "没有“nowhere”这个地方"),
])  # fmt: skip
def test_status_refuses(people: Officials, arguments: tuple[str, ...], reason: str) -> None:
    done = minzheng("status", *arguments)
    assert done.exit_code == 2 and reason in done.stderr and not done.stdout


def test_loading_a_file(db: None, home: Home) -> None:
    done = minzheng("load", str(SHIPPED))
    assert done.exit_code == 0 and "已导入第 1 版，新增 291" in done.stdout, done.output
    again = minzheng("load", str(SHIPPED))
    assert again.exit_code == 0 and "没有改变" in again.stdout and Plan.objects.get().version == 1


def test_a_file_with_errors_is_refused_with_line_and_reason(db: None, home: Home, tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8").replace("unit: rooms", "unit: 间", 1)
    path = tmp_path / "要点.yaml"
    path.write_text(text, encoding="utf-8")
    done = minzheng("load", str(path))
    line = text[: text.index("code: T14b")].count("\n") + 1
    assert done.exit_code == 2 and f"要点.yaml 第 {line} 行" in done.stderr and "单位 间 不认识" in done.stderr
    assert not Plan.objects.exists() and not Target.objects.exists()
    path.write_bytes(text.encode("gb18030"))
    assert "UTF-8" in minzheng("load", str(path)).stderr
    path.write_bytes(b"#" * (4 * 1024 * 1024 + 1))
    assert "超过 4 MB" in minzheng("load", str(path)).stderr
    assert minzheng("load", str(tmp_path / "none.yaml")).exit_code == 2
