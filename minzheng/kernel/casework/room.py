"""What casework brings to the house: its part of the night's round, the facts that decisions write."""

from __future__ import annotations

from datetime import date

from minzheng.kernel.casework import actions
from minzheng.kernel.casework.actions import night
from minzheng.kernel.casework.outcomes import fact_kinds
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.packs import Manifest
from minzheng.kernel.foundation.rounds import Counts, Progress, Step

NIGHT = Actor.system("夜间批处理")


def lapse(as_of: date, progress: Progress) -> Counts:
    """What was not completed in time lapses."""
    found = sum(rows.count() for rows in night.lapsing(as_of))
    return Counts(found, actions.lapse_overdue(as_of=as_of, by=NIGHT), {"drafts": actions.sweep_drafts(as_of=as_of, by=NIGHT)})


def take_down(as_of: date, progress: Progress) -> Counts:
    """Notices whose time is over come down."""
    return Counts(night.finished(as_of).count(), actions.take_down_finished(as_of=as_of, by=NIGHT))


def climb(as_of: date, progress: Progress) -> Counts:
    """Late cases climb."""
    return Counts(night.late(as_of).count(), actions.climb_overdue(as_of=as_of, by=NIGHT))


def remind(as_of: date, progress: Progress) -> Counts:
    """Re-checks are called to mind."""
    return Counts(night.to_remind(as_of).count(), actions.remind_rechecks(as_of=as_of, by=NIGHT))


ROOM = Manifest(
    name="casework",
    title="办件",
    steps=(
        Step("lapse_cases", "逾期未补的办件失效", lapse),
        Step("take_down_notices", "公示期满撤下", take_down, after=("lapse_cases",)),
        Step("climb_cases", "逾期办件升级", climb, after=("take_down_notices",)),
        Step("remind_rechecks", "复核提醒", remind),
    ),
    fact_kinds=fact_kinds,
    glossary={
        term: f"minzheng/kernel/casework/{path}"
        for term, path in (
            ("服务事项", "items.py"), ("一次性告知", "actions/receiving.py"), ("容缺受理", "actions/receiving.py"), ("告知承诺", "actions/promises.py"),
            ("核对授权", "actions/checking.py"), ("信息核对", "checks.py"), ("公示", "notices.py"), ("一件事", "actions/bundles.py"),
            ("先行救助", "parts.py"), ("停钟", "clocks.py"), ("政策自测", "precheck.py"),
        )
    },
)
