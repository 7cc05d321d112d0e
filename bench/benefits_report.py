"""The table of benefits in bench/README.md."""

from __future__ import annotations

from pathlib import Path

from bench.measure import interleaved, median, peak, run_once

ENTITLEMENTS = 300_000


def city_rows(work: Path, size: int, runs: int) -> list[list[str]]:
    """What is reckoned over everybody: size, median and peak memory."""
    folder, home = work / f"people-{size}", {"MINZHENG_HOME": str(work / "home")}
    run_once(["bench.benefits", "make", str(folder), str(size)], home)
    verbs = {verb: ["bench.benefits", verb, str(folder), str(size)] for verb in ("simulate", "programmes", "explain")}
    done = interleaved(verbs, runs, home)
    count = done["programmes"][0].result["programmes"]
    return [
        [f"all {count} programmes and the matrix", f"{size:,} residents", f"{median(done['programmes'], 'seconds'):.2f} s", f"{peak(done['programmes']):,.0f} MB"],
        ["simulator: another 低保 standard", f"{size:,} residents", f"{median(done['simulate'], 'seconds'):.2f} s (the first question of a month {median(done['simulate'], 'first'):.2f} s)",
         f"{peak(done['simulate']):,.0f} MB"],
        ["one household explained, every programme", "1 household", f"{1000 * median(done['explain'], 'seconds'):.0f} ms (found in the snapshot in {1000 * median(done['explain'], 'reading'):.0f} ms)",
         f"{peak(done['explain']):,.0f} MB"],
    ]  # fmt: skip


def run_rows(work: Path, runs: int, postgres: list[str]) -> list[list[str]]:
    """Two months' runs on both databases; `postgres` stands before a command that needs it."""
    rows = []
    for database, before in (("SQLite", []), ("PostgreSQL", postgres)):
        command = ["bench.benefits", "reconcile", str(work), str(ENTITLEMENTS)]
        measured = [run_once(command, {"MINZHENG_HOME": str(work / f"{database}-{number}")}, on=before) for number in range(runs)]
        for what, title in (("start", "all begin"), ("change", "all change")):
            seconds, approve = median(measured, f"{what}_compute"), median(measured, f"{what}_approve")
            rows.append([f"reconcile, {title}, {database}", f"{ENTITLEMENTS:,} entitlements", f"{seconds:.1f} s reckoned and stored, {approve:.1f} s approved and handed to the ledger",
                         f"{peak(measured):,.0f} MB"])  # fmt: skip
    return rows
