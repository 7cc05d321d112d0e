"""The deliveries: same seed same bytes, every contract, every row marked, dirt that adds up."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner
from xlsxwriter.exceptions import FileCreateError

from minzheng.portals.cli.city import app
from minzheng.synthetic_city.city import CityError, make_city
from minzheng.synthetic_city.dirt import DUPLICATES, HARMLESS, REASONS
from minzheng.synthetic_city.layouts import layouts
from minzheng.synthetic_city.truth import load_truth, manifest

CONTRACTS = {layout.contract for layout in layouts().values()}
ODDITIES = {*HARMLESS, "late_death", "date_apart"}


def fingerprint(folder: Path) -> str:
    """One hash over names and contents of all files below a folder."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            total.update(path.relative_to(folder).as_posix().encode() + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def test_same_seed_same_bytes_whatever_the_machine_does(tmp_path: Path) -> None:
    make_city(residents=700, seed=5, out=tmp_path / "a")
    script = f"from pathlib import Path; from minzheng.synthetic_city.city import make_city; make_city(residents=700, seed=5, out=Path({str(tmp_path / 'b')!r}))"
    environment = {**os.environ, "PYTHONHASHSEED": "77", "POLARS_MAX_THREADS": "1", "TZ": "America/Lima", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", script], check=True, env=environment)
    make_city(residents=700, seed=6, out=tmp_path / "c")
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")
    assert fingerprint(tmp_path / "a") != fingerprint(tmp_path / "c")


def test_every_contract_is_delivered_in_order(town: Path) -> None:
    files = manifest(town)["files"]
    assert {entry["contract"] for entry in files} == CONTRACTS
    days = [entry["as_of"] for entry in files]
    assert days == sorted(days)
    assert {entry["format"] for entry in files} == {"csv", "xlsx"}
    on_disk = {path.relative_to(town).as_posix() for path in town.rglob("*.*") if path.is_file()}
    apart = {"manifest.json", "truth/persons.parquet", "truth/events.parquet", "truth/dirt.json", ".minzheng-city"}
    assert on_disk - apart == {entry["file"] for entry in files}
    assert all("合成数据" in entry["file"] and entry["rows"] for entry in files)


def test_dirt_adds_up(town: Path) -> None:
    truth = load_truth(town)
    entries = {entry["file"]: entry for entry in manifest(town)["files"]}
    assert set(entries) == set(truth.dirt)
    kinds: Counter[str] = Counter()
    for file, found in truth.dirt.items():
        assert found["read"] == found["accepted"] + found["quarantined"] + found["duplicates"] == entries[file]["rows"]
        assert found["quarantined"] == sum(found["reasons"].values())
        assert found["duplicates"] == sum(found["kinds"].get(kind, 0) for kind in DUPLICATES)
        assert found["kinds"] == entries[file]["dirt"]
        kinds.update(found["kinds"])
    assert set(kinds) <= {*REASONS, *DUPLICATES, *ODDITIES}
    for kind in ("duplicate", "resend", "mangled_id", "check_digit", "no_such_day", "unknown_village", "bad_encoding",
                 "two_households", "late_death", "date_apart"):  # fmt: skip
        assert kinds[kind], kind


def test_every_row_of_every_kind_of_file_is_marked(village: Path) -> None:
    for entry in manifest(village)["files"]:
        path = village / entry["file"]
        if entry["format"] == "csv":
            raw = path.read_bytes()
            encoding = "utf-8" if raw.startswith(b"\xef\xbb\xbf") else "gb18030"
            lines = raw.decode(encoding, errors="replace").splitlines()
            assert lines[0].endswith(",合成标记")
            assert len(lines) == entry["rows"] + 1
            assert all(line.endswith(",合成") for line in lines[1:])
        else:
            book = CalamineWorkbook.from_path(path)
            marked = [row for row in book.get_sheet_by_index(0).to_python() if row[-1] == "合成"]
            assert len(marked) == entry["rows"]
            assert "合成数据" in str(book.get_sheet_by_name("说明").to_python())


def test_large_cities_use_parquet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minzheng.synthetic_city.desk.LARGE", 100)
    make_city(residents=400, seed=2, out=tmp_path)
    entry = next(entry for entry in manifest(tmp_path)["files"] if entry["contract"] == "population")
    frame = pl.read_parquet(tmp_path / entry["file"])
    assert entry["format"] == "parquet"
    assert frame.height == entry["rows"]
    assert set(frame["合成标记"]) == {"合成"}


def test_deaths_are_reported_by_several_sources_and_late(town: Path) -> None:
    events = load_truth(town).events
    died = events.filter(pl.col("kind") == "death").select("id_number", died="on")
    reports = events.filter(pl.col("kind").str.starts_with("death_reported")).join(died, on="id_number")
    assert set(died["id_number"]) == set(reports["id_number"])
    assert reports.group_by("id_number").len().filter(pl.col("len") >= 2).height > 0.6 * died.height
    assert reports.filter((pl.col("on") - pl.col("died")).dt.total_days() > 21).height > 0
    apart = (reports["detail"].str.to_date() - reports["died"]).dt.total_days()
    assert apart.abs().max() == 1


def test_an_earlier_city_is_the_beginning_of_a_later_one(tmp_path: Path) -> None:
    make_city(residents=600, seed=9, out=tmp_path / "long")
    make_city(residents=600, seed=9, out=tmp_path / "short", until=date(2024, 3, 31))
    later = {entry["file"]: entry for entry in manifest(tmp_path / "long")["files"]}
    earlier = manifest(tmp_path / "short")["files"]
    assert all(later[entry["file"]] == entry for entry in earlier)
    assert max(entry["as_of"] for entry in earlier) == "2024-03-31"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [({"residents": 99}, "--residents"), ({"residents": 9_000_000}, "--residents"), ({"seed": -1}, "--seed"),
     ({"until": date(2023, 1, 1)}, "--as-of")],
)  # fmt: skip
def test_bad_arguments_change_nothing(tmp_path: Path, arguments: dict[str, object], said: str) -> None:
    with pytest.raises(CityError, match=said):
        make_city(**({"residents": 100, "seed": 1, "out": tmp_path / "new"} | arguments))  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(CityError, match="已有其他文件"):
        make_city(residents=100, seed=1, out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(CityError, match="不是文件夹"):
        make_city(residents=100, seed=1, out=tmp_path / "thesis.txt")


def test_leftovers_of_a_killed_run_are_cleared_but_nothing_else(tmp_path: Path) -> None:
    make_city(residents=150, seed=1, out=tmp_path / "a")
    make_city(residents=150, seed=1, out=tmp_path / "b")
    (tmp_path / "b" / "manifest.json").unlink()
    (tmp_path / "b" / "population" / "half.csv").write_text("公民")
    make_city(residents=150, seed=1, out=tmp_path / "b")
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")
    (tmp_path / "b" / "notes.txt").write_text("mine")
    with pytest.raises(CityError, match="notes.txt"):
        make_city(residents=150, seed=1, out=tmp_path / "b")
    assert (tmp_path / "b" / "manifest.json").exists()


def test_a_full_disk_is_said_in_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: object) -> None:
        raise FileCreateError("[Errno 28] No space left on device")

    monkeypatch.setattr("xlsxwriter.Workbook.close", full)
    with pytest.raises(CityError, match="磁盘空间"):
        make_city(residents=300, seed=1, out=tmp_path)
    assert not (tmp_path / "manifest.json").exists()


def test_the_command(tmp_path: Path) -> None:
    runner = CliRunner()
    good = runner.invoke(app, ["make", "--residents", "120", "--seed", "1", "--out", str(tmp_path / "x"), "--json"])
    assert good.exit_code == 0
    assert json.loads(good.stdout)["residents"] == 120
    bad = runner.invoke(app, ["make", "--residents", "5", "--seed", "1", "--out", str(tmp_path / "y")])
    assert bad.exit_code == 2
    assert "--residents" in bad.stderr
    assert not bad.stdout
