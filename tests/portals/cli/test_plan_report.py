"""`minzheng plan report`: three files in a folder; what is asked wrongly is refused in words."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import docx
import pytest
from typer.testing import CliRunner

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.indicators.reports.models import Report
from minzheng.portals.cli.main import build
from tests.beginnings import begun
from tests.kernel.indicators.rows import officials

runner = CliRunner()


@pytest.fixture(autouse=True)
def standing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test database is up to date already."""
    monkeypatch.setattr("minzheng.portals.cli.bootstrap.bring_up_to_date", lambda: None)


def test_a_report_of_a_month_becomes_three_files(db: None, home: Home, tmp_path: Path) -> None:
    begun(officials, home)
    out = tmp_path / "out"
    with clock.use(date(2024, 9, 6)):
        done = runner.invoke(build(), ["plan", "report", "--month", "2024-08", "--out", str(out), "--place", "wujin"])
    assert done.exit_code == 0, done.output
    report = Report.objects.get()
    assert sorted(path.suffix for path in out.iterdir()) == [".docx", ".pdf", ".xlsx"] and not list(home.exports.glob("report-*"))
    paper = docx.Document(io.BytesIO(next(out.glob("*.docx")).read_bytes()))
    assert report.title in {line.text for line in paper.paragraphs} and report.place == "wujin"
    assert zipfile.is_zipfile(next(out.glob("*.xlsx"))) and next(out.glob("*.pdf")).read_bytes().startswith(b"%PDF")
    assert report.fingerprint[:16] in done.output


def test_what_cannot_be_made_is_refused(db: None, home: Home, tmp_path: Path) -> None:
    begun(officials, home)
    for arguments, said in ((["--month", "8月"], "2024-08"), (["--month", "2031-01"], "还没有到"), (["--month", "2024-05", "--place", "nowhere"], "没有")):
        with clock.use(date(2024, 9, 6)):
            done = runner.invoke(build(), ["plan", "report", "--out", str(tmp_path), *arguments])
        assert done.exit_code != 0 and said in done.output
    assert not Report.objects.exists()
