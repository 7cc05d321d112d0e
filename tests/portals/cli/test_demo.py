"""`minzheng demo`: a small city all along the road, from the files of departments to money and cases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from typer.testing import CliRunner

from minzheng.kernel.benefits.models import Run
from minzheng.kernel.casework.models import Case
from minzheng.kernel.divisions.actions import load_divisions
from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.actions import load_calendar
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.indicators.models import Measurement, MilestoneRecord, ReportedFigure
from minzheng.kernel.indicators.reports.models import Report
from minzheng.kernel.indicators.statistics.models import StatisticTable
from minzheng.kernel.ledger.checks import faults_of_the_books
from minzheng.kernel.ledger.models import PaymentLine
from minzheng.kernel.monitoring.models import Alert
from minzheng.portals.cli.main import build
from tests.kernel.indicators.counting import assert_equal_to_plain


@pytest.mark.django_db
def test_a_small_city_all_along_the_road(home: Home, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minzheng.portals.cli.bootstrap.bring_up_to_date", lambda: None)  # the test database has its tables
    load_calendar(by=Actor.system("测试"))
    load_divisions(by=Actor.system("测试"))
    done = CliRunner().invoke(build(), ["demo", "--residents", "2000"])
    assert done.exit_code == 0, done.output
    assert Alert.objects.filter(status="closed").exists() and Alert.objects.exclude(status="closed").exists()
    assert {run.state for run in Run.objects.all()} == {"approved", "submitted"}
    assert PaymentLine.objects.filter(state="paid").exists() and not faults_of_the_books()
    assert Case.objects.exists() and Case.objects.exclude(decision="").exists()
    assert audit.verify() is None
    assert Measurement.objects.count() == 7, "every night measures the plan"
    assert {row.state for row in MilestoneRecord.objects.all()} == {row.state for row in ReportedFigure.objects.all()} == {"confirmed", "recorded"}
    assert assert_equal_to_plain(date(2024, 9, 5)) > 100
    assert {"locked", "prepared"} <= set(StatisticTable.objects.values_list("state", flat=True)) and Report.objects.count() == 1
    assert "合成" in done.output
