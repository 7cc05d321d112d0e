"""What citizens read of a case: where it is, who has it, by when, what is asked of them; in few and plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from minzheng.kernel.casework import queries
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.people import Citizen
from minzheng.kernel.casework.reading import service_of
from minzheng.kernel.casework.state import Standing
from minzheng.kernel.divisions.queries import names
from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.calendar import CalendarMissing, working_days_between

TONES = {
    "draft": "amber", "returned": "amber", "decided": "green", "closed": "grey", "withdrawn": "grey", "lapsed": "red", "declined": "red",
}  # fmt: skip
OFFICES = {5: "村（社区）工作人员", 4: "镇街民政工作人员", 3: "区民政部门", 2: "市民政局"}
DECISIONS = {
    "grant": "同意了您的申请", "refuse": "没有同意您的申请", "keep": "决定维持不变", "increase": "决定增加", "reduce": "决定减少",
    "end": "决定终止", "record": "已登记建档",
}  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """A case in a list."""

    case: Case
    title: str
    state: str
    tone: str
    who: str
    by: str
    mine: bool  # the next move is the citizen's
    papers: str = ""  # by when papers are to come that were put off


@dataclass(frozen=True)
class Stage:
    """A step on the road of a case."""

    title: str
    state: str  # done, now, later
    on: date | None
    note: str


def summary(case: Case, today: date) -> Summary:
    """From the cached columns: lists do not play every case through."""
    service = service_of(case)
    return Summary(
        case, service.title, case.get_state_display(), TONES.get(case.state, "blue"), holder(case), deadline(case.waiting_for, case.due_on, today),
        case.state in ("draft", "returned"), f"还有材料没交，最晚 {case.papers_due_on:%m月%d日}" if case.papers_due_on else "",
    )  # fmt: skip


def holder(case: Case) -> str:
    """Who has it now."""
    if case.state == "draft":
        return "在您这里，还没有提交"
    if case.state == "returned":
        return "在您这里，等您补材料"
    if case.state in ("closed", "withdrawn", "lapsed", "declined"):
        return ""
    if case.waiting_for == "public":
        return "正在公示"
    digits = 9 if case.rung >= 4 else 6
    code = case.division_code[:digits].ljust(12, "0")
    return f"{names([code], clock.business_date())[code]} · {OFFICES.get(case.rung, '民政部门')}"


def deadline(waiting_for: str, due_on: date | None, today: date) -> str:
    """By when, in words."""
    if due_on is None or not waiting_for:
        return ""
    whose = "请您" if waiting_for == "applicant" else ""
    if due_on < today:
        return f"{whose}本应在 {due_on:%m月%d日} 前办完，已经晚了，系统已提醒上级" if not whose else f"应在 {due_on:%m月%d日} 前补齐，已经过期"
    try:
        left = working_days_between(today, due_on)
    except CalendarMissing:
        return f"{whose}{due_on:%m月%d日} 前"
    return f"{whose}最晚 {due_on.year} 年 {due_on.month} 月 {due_on.day} 日（还有 {left} 个工作日）" if due_on > today else f"{whose}今天到期"


def stages(standing: Standing) -> list[Stage]:
    """The road of a case with where it is."""
    found = [Stage("提交申请", "done" if standing.submitted_on else "now", standing.submitted_on, "")]
    open_now = set(standing.steps) if standing.submitted_on and not standing.ended else set()
    for step in standing.road:
        on = standing.done.get(step.name)
        state = "done" if on else ("now" if step.name in open_now else "later")
        unit = "个工作日" if step.unit == "working" else "天"
        found.append(Stage(step.title, state, on, "" if on else f"{OFFICES[step.rung]}，规定 {step.days} {unit}"))
    return found


def titles_of(feeds: Iterable[str]) -> list[str]:
    """The registers that a check reads, by title."""
    known = contracts()
    return [known[name].title if name in known else name for name in feeds]


def mine(citizen: Citizen) -> list[Summary]:
    """Everything of the citizen and of those for whom the citizen acts: what waits for the citizen first, then what is open."""
    today = clock.business_date()
    found = [summary(case, today) for case in queries.cases(citizen)]
    ended = {"closed", "withdrawn", "lapsed", "declined"}
    return sorted(found, key=lambda each: (not each.mine, each.case.state in ended, -each.case.pk))
