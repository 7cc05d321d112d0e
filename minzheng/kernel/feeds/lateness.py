"""Deliveries that are late: the data stewards hear of each once."""

from __future__ import annotations

from datetime import date, timedelta

from minzheng.kernel.feeds.queries import catalogue
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.notifications.actions import notify_roles
from minzheng.kernel.foundation.rounds import Counts, Progress

NIGHT = Actor.system("夜间批处理")


def tell_late(as_of: date, progress: Progress) -> Counts:
    """Tell of every late feed once, and again each week that it stays away. Rows: feeds, and late ones.

    The notice bears the first day of the week of lateness, so a night that did not run leaves nobody untold and none is
    told twice.
    """
    entries = catalogue(NIGHT, as_of)
    late = [entry for entry in entries if entry.days_late]
    for entry in late:
        expected, since = (as_of - timedelta(days=days) for days in (entry.days_late, (entry.days_late - 1) % 7))
        notify_roles(
            capability="feeds.import", level=None, kind="late_delivery", subject=f"contract:{entry.contract.name}", on=since,
            title=f"数据逾期未到：{entry.contract.title}", text=f"应在 {expected} 前送到，请与{'、'.join(entry.contract.owner)}联系",
        )  # fmt: skip
    return Counts(len(entries), len(late))
