"""What indicators bring to the house: the last steps of the night, and the figures of the kernel's own rooms."""

from __future__ import annotations

from datetime import date

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.packs import Manifest
from minzheng.kernel.foundation.rounds import Counts, Progress, Step
from minzheng.kernel.indicators import actions
from minzheng.kernel.indicators.catalogue import indicators
from minzheng.kernel.indicators.statistics.night import prepare_statistics

NIGHT = Actor.system("夜间批处理")
AFTER = ("assign_new", "climb_cases", "remind_rechecks", "prepare_run", "book_recoveries", "carry_registers")  # everything that rows come from


def measure(as_of: date, progress: Progress) -> Counts:
    """Every indicator for every place, as of the night. Rows in are the readings, so that a repeated night counts alike."""
    mark = actions.measure_indicators(as_of=as_of, by=NIGHT, progress=progress)
    return Counts(sum(len(each.readings) for each in indicators().values()), mark.values_count)


def remind(as_of: date, progress: Progress) -> Counts:
    """Owners hear of what is late or due soon; sealed files that nobody refers to go."""
    things, new = actions.remind(as_of=as_of, by=NIGHT)
    return Counts(things, new, {"orphans": actions.sweep_evidence(by=NIGHT)})


ROOM = Manifest(
    name="indicators",
    title="要点督办",
    indicators=("minzheng.kernel.indicators.own",),
    jobs=("minzheng.kernel.indicators.reports.job",),
    steps=(
        Step("measure_indicators", "测算要点指标", measure, after=AFTER), Step("remind_plan", "要点督办提醒", remind, after=("measure_indicators",)),
        Step("prepare_statistics", "统计月报草稿和锁定后核对", prepare_statistics, after=AFTER),
    ),
    glossary={
        term: f"minzheng/kernel/indicators/{path}"
        for term, path in (
            ("要点指标", "declarations.py"), ("口径", "declarations.py"), ("量化目标", "planfile.py"), ("达标状态", "states.py"),
            ("填报数", "actions/figures.py"), ("工作节点", "actions/milestones.py"), ("统计月报", "statistics/actions.py"), ("平衡检查", "statistics/checks.py"),
        )
    },
)
