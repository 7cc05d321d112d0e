"""`make bench`: every table of bench/README.md, measured in fresh processes. `--only NAME`, `--residents N …`, `--runs N`."""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from bench.benefits_report import city_rows, run_rows
from bench.indicators_report import indicator_rows, slowest_readings
from bench.measure import Run, interleaved, median, peak, run_once
from bench.register_report import register_rows, slowest_cases
from bench.report import write_section
from bench.search_report import search_rows, summary

ROOT = Path(__file__).resolve().parents[1]
AS_OF = "2024-06-30"
MEDICAL_PER_RESIDENT = 20 / 5.4
MODES = ("scan-rows", "scan", "polars", "duckdb", "pandas", "pandas-same-text")


def pseudonyms(work: Path, sizes: list[int], runs: int) -> None:
    """ID numbers checked and turned into pseudonyms, rows a second."""
    rows = []
    for size in sizes:
        done = [run_once(["bench.pseudonyms", str(size)]) for _ in range(runs)]
        check, make = median(done, "check"), median(done, "pseudonyms")
        rows.append([f"{size:,}", f"{check:.2f} s", f"{make:.2f} s", f"{size / make / 1e6:.1f} M/s"])
    write_section("pseudonyms", "ID numbers and pseudonyms", ["ID numbers", "checked", "pseudonyms", "pseudonyms a second"], rows)


def comparison(work: Path, sizes: list[int], runs: int) -> None:
    """All scenarios on each engine against the bare scan of the same columns."""
    rows = []
    for size in sizes:
        folder, medical = work / f"lake-{size}", int(size * MEDICAL_PER_RESIDENT)
        run_once(["bench.comparison", "make", str(folder), AS_OF, str(size), str(medical)], _home(work))
        modes = {mode: ["bench.comparison", mode, str(folder), AS_OF] for mode in MODES}
        done = interleaved(modes, runs, _home(work))
        found = {mode: done[mode][0].result["findings"] for mode in MODES if not mode.startswith("scan")}
        if any(findings != found["polars"] for findings in found.values()):
            raise SystemExit(f"the engines disagree: {found}")
        values, whole = median(done["scan"], "seconds"), median(done["scan-rows"], "seconds")
        for mode, measured in done.items():
            seconds = median(measured, "seconds")
            rows.append([f"{size:,}", f"{medical:,}", mode, f"{seconds:.2f} s", f"{seconds / whole:.1f} ×",
                         f"{seconds / values:.1f} ×", f"{peak(measured):,.0f} MB"])  # fmt: skip
    write_section(
        "comparison", "Comparison of all scenarios",
        ["residents", "medical rows", "engine", "median", "÷ scan of rows", "÷ scan of values", "peak memory"], rows,
        "Bare scans by Polars of the columns that the scenarios need: `scan-rows` hashes each row and adds the hashes up, "
        "`scan` each value on its own. `pandas` is written by hand, `pandas-same-text` runs the scenarios' own text on pandas. All found "
        "as much of everything as Polars; that they are the same alerts is a test at small size.",
    )  # fmt: skip


def intake(work: Path, sizes: list[int], runs: int) -> None:
    """Medical settlements from a file to the lake: checked, pseudonymised, sorted, committed."""
    rows = []
    for form in ("csv", "gb18030", "parquet"):
        for count in (1_000_000, 20_000_000):
            file = work / f"medical-{count}.{'parquet' if form == 'parquet' else 'csv'}"
            run_once(["bench.intake", f"make-{form}", str(file), str(count)], _home(work))
            done = []
            for number in range(runs if count < 10_000_000 else 1):
                with tempfile.TemporaryDirectory(dir=work) as home:
                    done.append(run_once(["bench.intake", form, str(file)], {"MINZHENG_HOME": f"{home}/{number}"}))
            file.unlink()
            seconds = median(done, "seconds")
            rows.append([form, f"{count:,}", f"{seconds:.1f} s", f"{count / seconds / 1000:,.0f} k/s", f"{peak(done):,.0f} MB"])
    write_section("intake", "Intake of medical settlements", ["form", "rows", "median", "rows a second", "peak memory"], rows,
                  "20 million rows: one run.")  # fmt: skip


def snapshot(work: Path, sizes: list[int], runs: int) -> None:
    """Freezing a month: everybody with every input from the lake, hashed and on disk."""
    rows = []
    for size in sizes:
        home, medical = {"MINZHENG_HOME": str(work / f"home-{size}")}, int(size * MEDICAL_PER_RESIDENT)
        run_once(["bench.snapshot", "make", AS_OF, str(size), str(medical)], home)
        done = [run_once(["bench.snapshot", "freeze", AS_OF[:7]], home) for _ in range(runs)]
        if len({run.result["sha256"] for run in done}) != 1:
            raise SystemExit("the same lake gave different snapshots")
        rows.append([f"{size:,}", f"{medical:,}", f"{median(done, 'seconds'):.1f} s", f"{median(done, 'cpu'):.1f} s",
                     f"{peak(done):,.0f} MB", f"{done[0].result['megabytes']:,.0f} MB"])  # fmt: skip
    write_section(
        "snapshot", "Freezing a month", ["residents", "medical rows", "median", "processor time", "peak memory", "on disk"], rows,
        "One frame of everybody with every input that rules ask of the kernel's feeds, hashed column by column. All runs gave the same hash. "
        "Processor time is of both cores together.",
    )  # fmt: skip


def night(work: Path, sizes: list[int], runs: int) -> None:
    """A whole round, from the lake to alerts in the database, on both databases."""
    rows = []
    for size in sizes:
        city = work / f"city-{size}"
        make = ["minzheng.portals.cli", "city", "make", "--residents", str(size), "--seed", "1", "--out", str(city)]
        run_once([*make, "--as-of", AS_OF], _home(work))
        for database in ("SQLite", "PostgreSQL"):
            loaded, ran = _night_on(database, work, city, size)
            steps = "、".join(f"{name} {seconds:.1f}" for name, seconds in ran.result["steps"].items())
            rows.append([f"{size:,}", database, f"{loaded.result['rows']:,} in {loaded.result['seconds']:.0f} s",
                         f"{ran.result['alerts']:,}", f"{ran.result['seconds']:.1f} s", f"{ran.peak_mb:,.0f} MB", steps])  # fmt: skip
    write_section("night", "The first night of a city", ["residents", "database", "rows taken in before", "alerts", "round", "peak memory", "steps (s)"], rows,
                  "The first night is the heaviest: everything of the last year is news. One run each.")  # fmt: skip


def _night_on(database: str, work: Path, city: Path, size: int) -> tuple[Run, Run]:
    home = {"MINZHENG_HOME": str(work / f"home-{database}-{size}")}
    load, run = (["bench.night", verb, str(city), AS_OF] for verb in ("load", "run"))
    if database == "SQLite":
        return run_once(load, home), run_once(run, home)
    script = [str(ROOT / "scripts" / "with_postgres.sh"), sys.executable, "-m", "bench.both", *load[1:3], AS_OF]
    return _both(script, home)


def _both(script: list[str], home: dict[str, str]) -> tuple[Run, Run]:
    """Load and run inside one throw-away cluster, which the script starts and ends."""
    import json
    import os

    output = subprocess.run(["bash", *script], env={**os.environ, **home}, cwd=ROOT, capture_output=True, text=True, check=True)
    first, second = (json.loads(line) for line in output.stdout.strip().splitlines()[-2:])
    return Run(**first), Run(**second)


def registers(work: Path, sizes: list[int], runs: int) -> None:
    """Every list of the registers under representative filters, orders and pages, through the whole view stack."""
    rows, slowest = [], []
    for size in sizes:
        for database in ("SQLite", "PostgreSQL"):
            command = ["bench.registers", str(size), str(runs)]
            home = {"MINZHENG_HOME": str(work / f"{database}-{size}")}
            cases = run_once(command, home, on=_on(database)).result["cases"]
            rows += register_rows(size, database, cases)
            slowest += [f"{database} {case}" for case in slowest_cases(cases)]
    write_section(
        "registers", "Registers at the size of a city", ["people", "database", "list", "cases", "p50", "p95", "slowest", "processor p95"], rows,
        f"Server time of whole pages by Django's test client, {runs} rounds over all cases; a case is a reader × filters × order × first or "
        f"deep page (100, 200). Beside the people: a third as many households, their facts, 100,000 alerts. "
        f"Processor time is Django's and the database's together (without parallel workers). Slowest (median): {'; '.join(slowest)}.",
    )  # fmt: skip


def indicators(work: Path, sizes: list[int], runs: int) -> None:
    """The yearly plan of a city: the night's measure, the plan on one screen, rows behind figures."""
    rows, notes = [], []
    for size in sizes:
        for database in ("SQLite", "PostgreSQL"):
            home = {"MINZHENG_HOME": str(work / f"{database}-{size}")}
            done = run_once(["bench.indicators", str(size), str(10 * runs)], home, on=_on(database)).result
            rows += indicator_rows(size, database, done)
            notes.append(f"Slowest readings on {database}: {slowest_readings(done)}.")
    write_section(
        "indicators", "The yearly plan of a city", ["people", "database", "what", "p50", "p95", "processor p95"], rows,
        "Beside the people: 150,000 entitlements in force and 100,000 ended, 100,000 alerts with steps, 20,000 cases, 50,000 payments, kept values of "
        f"250 nights. Queries and dataclasses as pages get them, without templates. {' '.join(notes)}",
    )  # fmt: skip


def search(work: Path, sizes: list[int], runs: int) -> None:
    """Finding one person among a city's names, as an official of a town, a district, the city types."""
    rows, notes = [], []
    for size in sizes:
        city = str(work / f"names-{size}")
        made = run_once(["bench.search", "make", str(size), city], _home(work)).result
        for database in ("SQLite", "PostgreSQL"):
            command = ["bench.search", "run", city, str(100 * runs)]
            done = run_once(command, {"MINZHENG_HOME": str(work / f"{database}-{size}")}, on=_on(database)).result
            rows += search_rows(size, database, done["cases"])
            notes.append(summary(size, database, made, done))
    write_section(
        "search", "Search among the names of a city", 
        ["names", "database", "reader", "typed", "p50", "p99", "best of 3: p50", "p99", "found"], rows,
        "The whole search: what was typed is read, looked up and ranked, twenty people are fetched and their names opened. "
        "Each question was asked three times: p50 and p99 are of the first time, with all that others did on the machine in that moment; "
        f"`best of 3` is what the search itself needs. `found`: the right person was among the first twenty. {' '.join(notes)}",
    )  # fmt: skip


def ledger(work: Path, sizes: list[int], runs: int) -> None:
    """Transfers a second beside the database's own pace, and a batch of payments along its road."""
    rows, notes = [], []
    for size in sizes:
        for database in ("SQLite", "PostgreSQL"):
            home = {"MINZHENG_HOME": str(work / f"ledger-{database}-{size}"), "MINZHENG_PG_FSYNC": "on"}
            done = [run_once(["bench.ledger", str(size), "5"], home | {"MINZHENG_HOME": f"{home['MINZHENG_HOME']}-{n}"}, on=_on(database)).result for n in range(runs)]
            for way in done[0]["rates"]:
                rate, base = (statistics.median(one["rates"][name] for one in done) for name in (way, "one row"))
                rows.append([database, way, f"{rate:,.0f}", f"{rate / base:.2f} ×"])
            took = {verb: statistics.median(one["road"][verb] for one in done) for verb in done[0]["road"]}
            notes.append(f"{size:,} payments on {database}: " + ", ".join(f"{verb} {seconds:.1f} s" for verb, seconds in took.items()) + ".")
    write_section(
        "ledger", "Ledger", ["database", "way of booking", "rows a second", "÷ one row"], rows,
        "Four clients in one Python process, fsync on. `one row`: one indexed row a transaction, the database's own pace from here; `hot row`: "
        "with a stored balance on one row beside it; `ledger, one`: one transfer a transaction with key, both accounts and the month checked; "
        f"`ledger, many`: a thousand a statement. {' '.join(notes)}",
    )  # fmt: skip


def openfisca(work: Path, sizes: list[int], runs: int) -> None:
    """尊老金, 困难残疾人生活补贴 and 最低生活保障 over a random city, by our rules and by the same rules stated for OpenFisca."""
    rows = []
    for size in sizes:
        file = str(work / f"people-{size}.parquet")
        run_once(["bench.openfisca_run", "make", file, AS_OF[:7], str(size)], _home(work))
        modes = ("ours", "ours-everybody", "openfisca")
        done = interleaved({mode: ["bench.openfisca_run", mode, file, AS_OF[:7]] for mode in modes}, runs, _home(work))
        if any(run.result["paid"] != done["ours"][0].result["paid"] for measured in done.values() for run in measured):
            raise SystemExit("ours and OpenFisca pay different amounts")
        theirs = {key: median(done["openfisca"], key) for key in ("seconds", "cpu")}
        for mode, measured in done.items():
            took = {key: median(measured, key) for key in theirs}
            rows.append([f"{size:,}", mode, f"{took['seconds']:.2f} s", f"{theirs['seconds'] / took['seconds']:.1f} ×", f"{took['cpu']:.2f} s",
                         f"{theirs['cpu'] / took['cpu']:.1f} ×", f"{peak(measured):,.0f} MB"])  # fmt: skip
    write_section(
        "openfisca", "The same rules for OpenFisca",
        ["residents", "by", "median", "OpenFisca ÷ it", "processor time", "OpenFisca ÷ it", "peak memory"], rows,
        "Three programmes with all their conditions, from people in memory to amounts; all paid the same to the 分 in sum (that each person and "
        "household gets the same is a test). `ours-everybody` leaves out each rule's `population`, by which ours asks only those whom a rule "
        "can concern; OpenFisca reckons everybody, with its building up of the population.",
    )  # fmt: skip


def benefits(work: Path, sizes: list[int], runs: int) -> None:
    """All programmes over a city, a simulation, one household explained, a month's run stored and approved."""
    rows = [row for size in sizes for row in city_rows(work, size, runs)] + run_rows(work, runs, _on("PostgreSQL"))
    write_section("benefits", "Benefits of a city", ["what", "size", "median", "peak memory"], rows,
                  "People drawn at random with every input that the programmes ask. Approving stores entitlements and hands every payment to the ledger.")  # fmt: skip


def findings(work: Path, sizes: list[int], runs: int) -> None:
    """How right the scenarios about the roster are, against the truth of a synthetic city."""
    rows = []
    for size in sizes:
        home = {"MINZHENG_HOME": str(work / f"city-{size}")}
        subprocess.run([sys.executable, "-m", "minzheng.portals.cli", "demo", "--residents", str(size)], env=os.environ | home, check=True, stdout=sys.stderr)
        for found in run_once(["bench.findings"], home).result.values():
            right, missed = found["right"] / max(found["alerts"], 1), found["found"] / max(found["wrongs"], 1)
            rows.append([f"{size:,}", found["title"], f"{found['alerts']:,}", f"{right:.0%}" if found["alerts"] else "", f"{found['wrongs']:,}", f"{missed:.0%}" if found["wrongs"] else ""])
    write_section(
        "findings", "How right the scenarios about the roster are",
        ["residents", "scenario", "alerts", "right", "true cases (households)", "found"], rows,
        "Over the nights of the demo, against the truth that the synthetic city keeps aside. A true case is a household; what was too "
        "recent for the days of grace, or unknown to every register, is among the missed.",
    )  # fmt: skip


def _on(database: str) -> list[str]:
    """What stands before a command so that it runs on that database."""
    return [] if database == "SQLite" else ["bash", str(ROOT / "scripts" / "with_postgres.sh")]


def _home(work: Path) -> dict[str, str]:
    return {"MINZHENG_HOME": str(work / "home")}


BENCHMARKS = {"pseudonyms": pseudonyms, "comparison": comparison, "intake": intake, "night": night, "snapshot": snapshot,
              "registers": registers, "search": search, "benefits": benefits, "ledger": ledger, "openfisca": openfisca,
              "findings": findings, "indicators": indicators}


def main() -> None:
    """Run the benchmarks asked for, each in a work folder that is removed afterwards."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--only", choices=BENCHMARKS)
    parser.add_argument("--residents", type=int, nargs="+", default=[1_000_000, 5_400_000])
    parser.add_argument("--people", type=int, nargs="+", default=[1_000_000], help="people in the registry (registers)")
    parser.add_argument("--names", type=int, nargs="+", default=[5_400_000], help="people among whom one is searched (search)")
    parser.add_argument("--payments", type=int, nargs="+", default=[300_000], help="payments of a batch (ledger)")
    parser.add_argument("--city", type=int, nargs="+", default=[60_000], help="residents of the demo city (findings)")
    parser.add_argument("--runs", type=int, default=3)
    chosen = parser.parse_args()
    sizes = {"registers": chosen.people, "indicators": chosen.people, "search": chosen.names, "ledger": chosen.payments, "findings": chosen.city}
    for name, benchmark in BENCHMARKS.items():
        if chosen.only in (None, name):
            with tempfile.TemporaryDirectory(prefix="minzheng-bench-") as work:
                print(f"{date.today()} {name} …", file=sys.stderr)
                benchmark(Path(work), sizes.get(name, chosen.residents), chosen.runs)


if __name__ == "__main__":
    main()
