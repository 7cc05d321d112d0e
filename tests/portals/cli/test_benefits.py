"""`minzheng benefits`: explain a household, reckon a month, simulate; what is wrong is refused with the place."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from typer.testing import CliRunner

from minzheng.kernel.benefits.models import Entitlement, Run, Snapshot, Variant
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.home import Home
from minzheng.portals.cli.main import build
from tests.domains.assistance.scenarios.casefile import VILLAGE, rows_of
from tests.kernel.monitoring.conftest import Town, town  # noqa: F401 - fixture
from tests.kernel.monitoring.small_lake import put, put_all

runner = CliRunner()


def minzheng(*arguments: str, **more: Any) -> Any:
    return runner.invoke(build(), ["benefits", *arguments], **more)


@pytest.fixture(autouse=True)
def standing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test database is up to date already."""
    monkeypatch.setattr("minzheng.portals.cli.bootstrap.bring_up_to_date", lambda: None)


@pytest.fixture
def small_city(town: Town, home: Home) -> Home:  # noqa: F811
    put_all(rows_of([{"id": 1, "home": 901, "born": date(1934, 5, 1)}, {"id": 11, "home": 902}], {}))
    return home


@pytest.mark.django_db
def test_the_example_is_explained_line_by_line(tmp_path: Path) -> None:
    example = minzheng("explain", "--example").stdout
    path = tmp_path / "家庭.json"
    path.write_text(example, encoding="utf-8")
    done = minzheng("explain", str(path), "--as-of", "2024-07-15", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["month"] == "2024-07"
    elder = next(each for each in told["results"] if each["programme"] == "longevity_allowance" and each["person"] == 1)
    assert elder["eligible"] and elder["amount_fen"] > 0
    assert elder["steps"][-1]["value"] == elder["amount_fen"] and elder["steps"][-1]["clause"]
    assert any(each["status"] == "unverified" for step in elder["steps"] for each in step["parameters"])
    daughter = next(each for each in told["results"] if each["programme"] == "longevity_allowance" and each["person"] == 2)
    assert not daughter["eligible"] and daughter["failed"]
    words = minzheng("explain", "-", input=example).stdout
    assert "尊老金（甲）：¥" in words and "待核定" in words and "不满足" in words
    assert json.loads(minzheng("explain", "--schema").stdout)["properties"]["people"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"people": []}', "一个成员也没有"),
        ('{"people": [{"id": 1, "wage": -5}]}', "不能是负数"),
        ('{"people": [{"id": 1, "wage": 10.005}]}', "最多到分"),
        ('{"people": [{"id": 1}, {"id": 1}]}', "只能出现一次"),
        ('{"people": [{"id": 1, "disability_level": 9}]}', "不在代码表里"),
        ('{"month": "2024-05", "people": [{"id": 1, "birth": "2030-01-01"}]}', "之后"),
        ('{"people": [{"id": 1, "name": "甲", "wagee": 1}]}', "不认识这一项"),
        ("{", "不是合法的 JSON"),
    ],
)
def test_a_wrong_household_is_refused_with_place_and_reason(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "家庭.json"
    path.write_text(text, encoding="utf-8")
    done = minzheng("explain", str(path), "--json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr and "家庭.json" in done.stderr


def test_a_run_is_drafted_and_nothing_is_paid(small_city: Home) -> None:
    done = minzheng("run", "--month", "2024-05", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["month"], told["state"], told["people"]) == ("2024-05", "draft", 2)
    assert told["totals"]["longevity_allowance"]["start"] == 1
    assert json.loads(minzheng("run", "--month", "2024-05", "--json").stdout)["digest"] == told["digest"]
    assert not Entitlement.objects.exists()
    table = minzheng("run", "--month", "2024-05")
    assert "尊老金" in table.stdout and max(map(cell_len, table.stdout.split("2024-05 月度发放")[0].splitlines())) <= 80
    assert "没有接收期初在享" in table.stderr


def test_what_rosters_pay_is_taken_over_before_the_first_run(small_city: Home) -> None:
    refused = minzheng("open", "--month", "2024-05")
    assert (refused.exit_code, refused.stdout) == (2, "") and "还没有收到存量救助对象名册" in refused.stderr
    row = {"person_key": 1, "programme": "low_income", "since": date(2023, 1, 1), "monthly_fen": 80_000, "village_code": VILLAGE}
    put("assistance_recipients", [row])
    told = json.loads(minzheng("open", "--month", "2024-05", "--json").stdout)
    assert told[0]["totals"] == {"minimum_living": {"units": 1, "fen": 80_000}}
    assert "¥800.00" in minzheng("open", "--month", "2024-05").stdout and Entitlement.objects.count() == 1
    done = minzheng("run", "--month", "2024-05", "--json")
    assert done.stderr == "" and json.loads(done.stdout)["totals"]["minimum_living"]["before_fen"] == 80_000
    assert minzheng("open", "--month", "2024-13").exit_code == 2


def test_a_simulation_is_printed_and_kept(small_city: Home) -> None:
    arguments = ("simulate", "--month", "2024-05", "--set", 'longevity_allowance.bands={"80": 10000, "90": 50000, "100": 90000}')
    done = minzheng(*arguments, "--json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["total"]["winners"] == 1 and told["cost_fen"] > 0
    assert minzheng(*arguments, "--save", "提标").exit_code == 0
    assert Variant.objects.get().name == "提标" and Snapshot.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "--month", "2024-13"], "2024-11 的样子"),
        (["run", "--month", "2024-06"], "还没有结束"),
        (["run", "--month", "2024-05", "--correction"], "没有审批过"),
        (["simulate", "--set", "longevity_allowance"], "参数=值"),
        (["simulate", "--set", "longevity_allowance.x=abc"], "整数"),
        (["simulate", "--set", "nothing.at_all=1"], "没有参数"),
        (["explain", "/nowhere/家庭.json"], "读不出来"),
        (["explain"], "--example"),
    ],
)
def test_refusals_change_nothing(small_city: Home, arguments: list[str], says: str) -> None:
    with clock.use(date(2024, 6, 3)):
        done = minzheng(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert says in done.stderr
    assert not Run.objects.exists() and not Variant.objects.exists()
