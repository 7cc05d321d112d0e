"""`minzheng night` and `minzheng alerts`: what they print, and what they refuse."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from django.conf import settings as live
from typer.testing import CliRunner

from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.models import RoundRun
from minzheng.kernel.monitoring import actions
from minzheng.kernel.monitoring.models import Alert
from minzheng.portals.cli.main import build
from tests.kernel.monitoring.conftest import Town, lake, town  # noqa: F401 - fixtures

runner = CliRunner()


def minzheng(*arguments: str) -> Any:
    return runner.invoke(build(), list(arguments))


@pytest.fixture(autouse=True)
def standing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test database is up to date already."""
    monkeypatch.setattr("minzheng.portals.cli.bootstrap.bring_up_to_date", lambda: None)


def test_night_and_alerts_in_json(town: Town, lake: Home) -> None:  # noqa: F811
    done = minzheng("night", "--as-of", "2024-06-03", "--json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (report["as_of"], report["status"], report["new_alerts"]) == ("2024-06-03", "done", 4)
    names = [step["step"] for step in report["steps"]]
    assert sorted(["assign_new", "compare", "raise_alerts"], key=names.index) == ["compare", "raise_alerts", "assign_new"]
    assert {"step", "title", "rows_in", "rows_out", "seconds"} <= set(report["steps"][0])
    listed = json.loads(minzheng("alerts", "list", "--json").stdout)
    assert [row["scenario"] for row in listed] == ["traffic_accident", "severe_disability", "unemployment", "legal_aid"]
    accident = next(row for row in listed if row["scenario"] == "traffic_accident")
    assert accident["person_key"] == 21
    assert accident["division"].startswith("天宁区")
    assert accident["outcome"] is None
    assert accident["evidence"]


def test_filters_and_masking(town: Town, lake: Home) -> None:  # noqa: F811
    minzheng("night", "--as-of", "2024-06-03")
    person = Alert.objects.get(scenario="legal_aid").person
    person.name = "王小兰"
    person.save()
    rows = json.loads(minzheng("alerts", "list", "--status", "new", "--json").stdout)
    assert [(row["scenario"], row["person"]) for row in rows] == [("legal_aid", "王*兰")]
    assert json.loads(minzheng("alerts", "list", "--scenario", "unemployment", "--division", "320402", "--json").stdout)
    assert json.loads(minzheng("alerts", "list", "--division", "jingkai", "--json").stdout) == []
    assert "王小兰" not in minzheng("alerts", "list").output


def test_precision(town: Town, lake: Home) -> None:  # noqa: F811
    minzheng("night", "--as-of", "2024-06-03")
    actions.record_visit(
        alert=Alert.objects.get(scenario="unemployment"), by=town.actor("worker"), visited_on=date(2024, 6, 3), met="self",
        situation=[], needs=[], outcome="low_income", form_token="one",
    )  # fmt: skip
    rows = json.loads(minzheng("alerts", "precision", "--as-of", "2024-06-03", "--json").stdout)
    assert {row["scenario"]: row["precision"] for row in rows}["unemployment"] == 1.0
    assert "100%" in minzheng("alerts", "precision", "--as-of", "2024-06-03").output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["night", "--as-of", "2024-13-01"], "2024-05-01 这样的日期"),
        (["night", "--as-of", "1890-01-01"], "超出可用范围"),
        (["night", "--as-of", "2027-01-04"], "工作日历里没有 2027 年"),
        (["night", "--as-of", "2010-01-04"], "没有有效值"),
        (["alerts", "list", "--scenario", "hunger"], "没有“hunger”这个场景"),
        (["alerts", "list", "--division", "nowhere"], "nowhere"),
        (["alerts", "list", "--division", "12345"], "不是区划代码"),
    ],
)
def test_refusals_change_nothing(town: Town, home: Home, arguments: list[str], says: str) -> None:  # noqa: F811
    done = minzheng(*arguments)
    assert done.exit_code == 2
    assert says in done.stderr
    assert done.stdout == ""
    assert not RoundRun.objects.exists()


def test_an_unknown_engine_is_refused_before_anything_happens(town: Town, home: Home, settings: Any) -> None:  # noqa: F811
    settings.MONITORING_ENGINE = "abacus"
    done = minzheng("night", "--as-of", "2024-06-03")
    assert (done.exit_code, RoundRun.objects.count()) == (2, 0)
    assert "abacus" in done.stderr


def test_two_nights_at_once_are_refused(town: Town, home: Home) -> None:  # noqa: F811
    import fcntl

    with (live.HOME.work / "night.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        done = minzheng("night", "--as-of", "2024-06-03")
    assert done.exit_code == 2
    assert "正在另一个进程中运行" in done.stderr
