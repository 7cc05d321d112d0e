"""What monitoring brings to the house: its part of the night's round."""

from __future__ import annotations

from datetime import date

from minzheng.kernel.feeds import lake
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.packs import Manifest
from minzheng.kernel.foundation.rounds import Counts, Progress, Step
from minzheng.kernel.monitoring import actions, findings
from minzheng.kernel.monitoring.catalogue import scenarios
from minzheng.kernel.monitoring.comparison import columns_needed
from minzheng.kernel.monitoring.models import Alert
from minzheng.kernel.monitoring.queries import OPEN

NIGHT = Actor.system("夜间批处理")


def escalate(as_of: date, progress: Progress) -> Counts:
    """Overdue alerts climb one rung. Rows in are the open alerts of earlier nights, so that a repeated run counts alike."""
    earlier = Alert.objects.filter(status__in=OPEN, raised_on__lt=as_of).count()
    return Counts(earlier, actions.escalate_overdue(as_of=as_of, by=NIGHT))


def compare(as_of: date, progress: Progress) -> Counts:
    """All scenarios over the lake; rows in are those of the deliveries that they read."""
    results = findings.run_comparison(as_of)
    read = sum(batch.accepted for name in columns_needed(scenarios().values()) for batch in lake.batches(name, as_of))
    details = {
        name: {"candidates": result.candidates, "findings": result.findings.height, "unknown_person": result.unknown_person}
        for name, result in results.items()
    }  # fmt: skip
    return Counts(read, sum(result.findings.height for result in results.values()), details)


def raise_(as_of: date, progress: Progress) -> Counts:
    """Findings that are news become alerts."""
    results = findings.kept(as_of) or findings.run_comparison(as_of)
    raised = actions.raise_alerts(results=results, as_of=as_of, by=NIGHT, progress=progress)
    return Counts(sum(result.findings.height for result in results.values()), raised)


def assign(as_of: date, progress: Progress) -> Counts:
    """New alerts go to the grid workers of their villages."""
    handed = actions.assign_new(as_of=as_of, by=NIGHT)
    findings.discard()
    waiting = Alert.objects.filter(status=Alert.Status.NEW).count()
    return Counts(handed + waiting, handed, {"left_with_towns": waiting})


ROOM = Manifest(
    name="monitoring",
    title="动态监测",
    steps=(
        Step("escalate_overdue", "逾期预警升级", escalate, after=("refresh_known",)),
        Step("compare", "比对预警场景", compare, after=("refresh_known",)),
        Step("raise_alerts", "生成预警", raise_, after=("compare", "escalate_overdue")),
        Step("assign_new", "派给网格员", assign, after=("raise_alerts",)),
    ),
    glossary={
        "预警场景": "minzheng/kernel/monitoring/scenario.py",
        "精准度": "minzheng/kernel/monitoring/queries.py",
        "逾期升级": "minzheng/kernel/monitoring/escalation.yaml",
    },
)
