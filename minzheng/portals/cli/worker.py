"""`minzheng worker`: does the long work that officials asked for; `serve` keeps two of them running beside itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from typing import Annotated

import typer

from minzheng.kernel.foundation.jobs.actions import work_off

RESTART_SECONDS = 2.0


def worker(
    number: Annotated[int, typer.Option(help="进程数")] = 2,
    beside: Annotated[int, typer.Option(help="自己就是一个处理进程，该进程号结束后随之结束", hidden=True)] = 0,
) -> None:
    """处理排队的后台任务(导入、导出…)。serve 会自动启动;单独部署网页服务时另行运行。"""
    if beside:
        work_off(lambda: os.getppid() == beside)
        return
    with Workers(number) as workers:
        workers.wait()


class Workers:
    """Worker processes beside the server: one that dies is started again, all end with the server."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._ending = threading.Event()
        self._running: list[subprocess.Popen[bytes]] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Workers:
        for _ in range(self.number):
            thread = threading.Thread(target=self._keep_one, daemon=True)
            thread.start()
            self._threads.append(thread)
        return self

    def __exit__(self, *_error: object) -> None:
        """Ends them at once: a job that was under way begins again when the server is back."""
        self._ending.set()
        for process in self._running:
            process.terminate()
        for thread in self._threads:
            thread.join(timeout=10)

    def wait(self) -> None:
        """Until this process is told to end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._ending.set())
        self._ending.wait()

    def _keep_one(self) -> None:
        while not self._ending.is_set():
            process = subprocess.Popen(
                [sys.executable, "-c", "from minzheng.portals.cli.main import run; run()", "worker",
                 "--beside", str(os.getpid())], stdin=subprocess.DEVNULL,
            )  # fmt: skip
            self._running.append(process)
            if self._ending.is_set():
                process.terminate()
            process.wait()
            self._running.remove(process)
            self._ending.wait(RESTART_SECONDS)
