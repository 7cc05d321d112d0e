"""What benefits bring to the house: their part of the night, and what they know as datasets."""

from __future__ import annotations

from datetime import date

from minzheng.kernel.benefits import actions
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Award, Run, RunChange
from minzheng.kernel.benefits.snapshot.errors import SnapshotError
from minzheng.kernel.benefits.standing import locked_months
from minzheng.kernel.feeds import lake
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.notifications.actions import notify_roles
from minzheng.kernel.foundation.packs import Manifest
from minzheng.kernel.foundation.rounds import Counts, Progress, Step
from minzheng.kernel.rules.language import Month

NIGHT = Actor.system("夜间批处理")


def take_awards(as_of: date, progress: Progress) -> Counts:
    """Awards follow the roster and deaths. Rows out are those recorded for the day, so that a repeated night counts alike."""
    read, _new, _ended = actions.take_roster(as_of=as_of, by=NIGHT)
    return Counts(read, Award.objects.filter(recorded_on=as_of).count())


def book_recoveries(as_of: date, progress: Progress) -> Counts:
    """Recoveries that were confirmed before their payment had arrived are claimed now."""
    looked, booked = actions.book_recoveries(by=NIGHT)
    return Counts(looked, booked)


def prepare_run(as_of: date, progress: Progress) -> Counts:
    """The draft of the last month that is over, once it is there to be reckoned; who reckons is told. Nothing is paid by it."""
    month = Month(as_of.replace(day=1)).before
    later = [each for each in locked_months() if each.first > month.first]
    if later or not lake.batches("population", month.last):
        return Counts(0, 0, {"month": str(month), "why": "已有后面的月份" if later else "还没有常住人口数据"})
    try:
        run = actions.compute_run(month=month, by=NIGHT)
    except (BenefitsError, SnapshotError, LookupError) as refusal:
        return Counts(0, 0, {"month": str(month), "why": str(refusal)})
    notify_roles(
        capability="benefits.run", level=None, kind="benefit_run", title=f"{month} 的待遇发放草稿已核算好", text="请核对变动后提交审批",
        subject=f"run:{run.pk}", on=as_of,
    )  # fmt: skip
    return Counts(run.snapshot.rows, RunChange.objects.filter(run=run).count(), {"month": str(month), "state": Run.State(run.state).label})


ROOM = Manifest(
    name="benefits",
    title="待遇发放",
    steps=(
        Step("take_awards", "更新待遇认定", take_awards, after=("refresh_known",)),
        Step("book_recoveries", "已决定的追回立账", book_recoveries, after=("collect_returns",)),
        Step("prepare_run", "核算上月待遇", prepare_run, after=("take_awards",)),
    ),
    datasets=("minzheng.kernel.benefits.datasets",),
    jobs=("minzheng.kernel.benefits.run_job", "minzheng.kernel.benefits.approval_job"),
    glossary={
        "发放批次": "minzheng/kernel/benefits/models/runs.py",
        "互斥矩阵": "minzheng/kernel/benefits/exclusions.py",
        "叠加规则": "minzheng/kernel/benefits/exclusions.yaml",
        "立账": "minzheng/kernel/benefits/actions/recovering.py",
        "政策模拟": "minzheng/kernel/benefits/simulation.py",
        "待遇复核": "minzheng/kernel/benefits/actions/reviewing.py",
    },
)
