"""The night's part of the statistics: the month that is over gets its draft, locked months are held against what rows say now."""

from __future__ import annotations

from datetime import date

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.rounds import Counts, Progress
from minzheng.kernel.indicators.statistics import actions
from minzheng.kernel.indicators.statistics.figures import month_before

NIGHT = Actor.system("夜间批处理")


def prepare_statistics(as_of: date, progress: Progress) -> Counts:
    """On the 1st (or the first night after) the draft of the month before; then what changed since months were locked."""
    actions.draft_month(month=month_before(as_of), by=NIGHT)
    watched, differing = actions.watch_locked(as_of=as_of, by=NIGHT)
    return Counts(watched, differing)
