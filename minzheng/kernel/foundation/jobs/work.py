"""What a kind of long work is, and which kinds there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Protocol

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.models import Job
from minzheng.kernel.foundation.packs import ManifestError, manifests


class Report(Protocol):
    """Told by a job how far it is; stored at most twice a second."""

    def __call__(self, done: int, total: int | None, message: str = "", /) -> None: ...


class JobRefused(Exception):
    """The job came to nothing for a reason that whoever asked must hear, in Chinese; nothing has changed."""


@dataclass(frozen=True)
class Outcome:
    """What came of a job: its subject ('batch:…'), and a sentence."""

    subject: str
    message: str = ""


@dataclass(frozen=True)
class Work:
    """One kind. `run(job, actor, report)` is all or nothing, so that a killed run can begin again; it raises JobRefused
    to say why nothing came of it. `capability` is '' where it depends on the parameters: then `run` asks.
    `clean_up(job)` runs after the end, whichever it was, perhaps twice."""

    kind: str
    capability: str
    run: Callable[[Job, Actor, Report], Outcome]
    clean_up: Callable[[Job], None] = lambda _job: None


@cache
def works() -> dict[str, Work]:
    """All kinds of work by name, from the manifests. Raises ManifestError for a module without WORK or a name twice."""
    found: dict[str, Work] = {}
    for manifest in manifests():
        for module in manifest.jobs:
            work = getattr(import_module(module), "WORK", None)
            if not isinstance(work, Work):
                raise ManifestError(f"{module}:应有 WORK = Work(…)")
            if work.kind in found:
                raise ManifestError(f"{module}:任务 {work.kind} 已登记")
            found[work.kind] = work
    return found
