"""Measure a command as a whole process: wall seconds and peak memory, several runs, medians."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Run:
    """One finished process: wall seconds, peak resident memory in MB, and the JSON it printed last."""

    seconds: float
    peak_mb: float
    result: dict[str, Any]


def run_once(arguments: list[str], env: dict[str, str] | None = None, on: list[str] | None = None) -> Run:
    """Run `python -m …` in a fresh process, behind `on` if that is given; raises CalledProcessError when it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [*(on or []), sys.executable, "-m", *arguments], stdout=subprocess.PIPE, env={**os.environ, **(env or {})}
    )
    assert process.stdout is not None
    output = process.stdout.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, arguments, output)
    lines = output.strip().splitlines()
    result = json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}
    return Run(time.perf_counter() - started, usage.ru_maxrss / 1024, result)


def median(runs: list[Run], key: str | None = None) -> float:
    """Median wall time of the runs, or of a figure they printed."""
    return statistics.median(run.seconds if key is None else run.result[key] for run in runs)


def peak(runs: list[Run]) -> float:
    """Largest peak memory of the runs, in MB."""
    return max(run.peak_mb for run in runs)


def interleaved(commands: dict[str, list[str]], times: int, env: dict[str, str] | None = None) -> dict[str, list[Run]]:
    """Run the commands in turn (A B C A B C …) after one warm-up of each, so that drift hits all alike."""
    for arguments in commands.values():
        run_once(arguments, env)
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(times):
        for name, arguments in commands.items():
            runs[name].append(run_once(arguments, env))
    return runs
