"""Work that leaves no rows: recorded by one, confirmed by another, on evidence; typed figures say that they were typed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Forbidden
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.models import AuditEntry, Notification
from minzheng.kernel.indicators import actions, queries
from minzheng.kernel.indicators.errors import PlanError, StalePlan
from minzheng.kernel.indicators.models import (
    Evidence,
    Milestone,
    MilestoneRecord,
    Office,
    PlanItem,
    Reminder,
    ReportedFigure,
    Target,
)
from minzheng.kernel.indicators.queries.shapes import TargetState
from tests.kernel.indicators.rows import Officials

ON, CITY, WUJIN = date(2024, 6, 3), "320400000000", "wujin"
PDF = b"%PDF-1.4\n" + b"0" * 50 + b"\n%%EOF"


def milestone(name: str = "party_assessed") -> Milestone:
    return Milestone.objects.get(name=name, item__plan__year=2024)


def recorded(people: Officials, by: str = "city", name: str = "party_assessed") -> MilestoneRecord:
    return actions.record_milestone(milestone=milestone(name), done_on=date(2024, 3, 28), note="已纳入", by=people.by(by))


def state(people: Officials, code: str, on: date = ON, by: str = "city") -> TargetState:
    return next(each for card in queries.overview(people.by(by), on).cards for each in card.targets if each.target.code == code)


def typed(people: Officials, code: str = "T09d", by: str = "city", **more: Any) -> ReportedFigure:
    values: dict[str, Any] = {"as_of": date(2024, 5, 31), "place": CITY, "numerator": 40, "note": "登记表"} | more
    return actions.report_figure(target=Target.objects.get(code=code), by=people.by(by), **values)


def test_a_milestone_counts_when_another_has_confirmed_it_on_evidence(people: Officials) -> None:
    record = recorded(people)
    card = queries.item_page(4, people.by("city"), ON).card
    assert card.milestones_done == 0 and [late.title[:4] for late in card.late] == ["“党建+"]
    with pytest.raises(Forbidden, match="登记人不能确认"):
        actions.confirm_milestone(record=record, by=people.by("city"))
    with pytest.raises(PlanError, match="还没有佐证"):
        actions.confirm_milestone(record=record, by=people.by("leader"))
    actions.add_evidence(to=record, kind="file", title="考核文件", content=PDF, by=people.by("city"))
    waiting = queries.waiting_for_me(people.by("leader"), ON)
    assert [each.pk for each in waiting.milestones] == [record.pk] and not queries.waiting_for_me(people.by("city"), ON).milestones
    done = actions.confirm_milestone(record=record, by=people.by("leader"), expected_version=1)
    assert (done.state, done.confirmed_by, done.version) == ("confirmed", "leader", 2)
    page = queries.item_page(4, people.by("city"), ON)
    view = next(each for each in page.milestones if each.milestone.name == "party_assessed")
    assert page.card.milestones_done == 1 and not page.card.late and view.state == "confirmed" and len(view.evidence) == 1
    assert AuditEntry.objects.filter(verb__in=["milestone.record", "evidence.add", "milestone.confirm"]).count() == 3


def test_a_returned_milestone_says_why_and_is_recorded_again(people: Officials) -> None:
    record = recorded(people)
    with pytest.raises(PlanError, match="退回原因"):
        actions.return_milestone(record=record, by=people.by("leader"), because=" ")
    actions.return_milestone(record=record, by=people.by("leader"), because="材料不是本年度的")
    with pytest.raises(PlanError, match="已经退回"):
        actions.confirm_milestone(record=record, by=people.by("second"))
    view = next(each for each in queries.item_page(4, people.by("city"), ON).milestones if each.milestone.name == "party_assessed")
    assert view.state == "returned" and view.may_record and view.record and view.record.returned_because == "材料不是本年度的"
    assert recorded(people, by="second").state == "recorded"


def test_who_was_slower_is_told(people: Officials) -> None:
    record = recorded(people)
    with pytest.raises(StalePlan, match="已由 city 登记"):
        recorded(people, by="second")
    actions.return_milestone(record=record, by=people.by("leader"), because="不对", expected_version=1)
    for late in (actions.confirm_milestone, lambda **more: actions.return_milestone(because="不对", **more)):
        with pytest.raises(StalePlan, match="已退回"):
            late(record=record, by=people.by("second"), expected_version=1)
    figure = typed(people)
    with pytest.raises(StalePlan, match="已由 city 填报"):
        typed(people, by="second", numerator=41)
    with pytest.raises(StalePlan):
        actions.confirm_figure(figure=figure, by=people.by("leader"), expected_version=9)


def test_whose_work_it_is(people: Officials) -> None:
    with pytest.raises(Forbidden, match="社会救助处"):
        recorded(people, by="wujin")
    for name in ("town", "leader", "steward", "clerk"):
        with pytest.raises(Forbidden):
            recorded(people, by=name)
    actions.add_member(office=Office.objects.get(code="assistance"), user=people.users["wujin"], by=people.by("supervisor"))
    assert recorded(people, by="wujin").by == "wujin"
    actions.remove_member(office=Office.objects.get(code="assistance"), user=people.users["wujin"], by=people.by("supervisor"))
    with pytest.raises(Forbidden):
        recorded(people, by="wujin", name="meeting")


@pytest.mark.parametrize(("done_on", "note", "reason"), [
    (date(2024, 6, 4), "已办", "还没有到"), (date(2023, 12, 31), "已办", "早于要点期间"), (date(2024, 3, 28), " ", "完成情况"),
])  # fmt: skip
def test_what_cannot_be_recorded(people: Officials, done_on: date, note: str, reason: str) -> None:
    with pytest.raises(PlanError, match=reason):
        actions.record_milestone(milestone=milestone(), done_on=done_on, note=note, by=people.by("city"))


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "空文件"), (b"MZ\x90\x00 program", "只收 PDF"), (b"<svg onload=alert(1)>", "只收 PDF"), (b"PK\x03\x04docx", "只收 PDF"), (b"%PDF-1.4 cut", "不完整"),
    (b"\0\0\0\x18ftypheic" + b"0" * 20, "HEIC"), (b"\xff\xd8\xff" + b"0" * (20 * 1024 * 1024), "超过 20 MB"),
], ids=["empty", "exe", "svg", "zip", "cut", "heic", "large"])  # fmt: skip
def test_hostile_and_hopeless_files_are_refused(people: Officials, home: Home, content: bytes, reason: str) -> None:
    record = recorded(people)
    with pytest.raises(PlanError, match=reason):
        actions.add_evidence(to=record, kind="file", title="x.pdf", content=content, by=people.by("city"))
    assert not Evidence.objects.exists() and not list(home.evidence.iterdir())


def test_a_file_lies_sealed_and_opens_on_record(people: Officials, home: Home) -> None:
    record = recorded(people)
    one = actions.add_evidence(to=record, kind="file", title="", content=PDF, by=people.by("city"))
    again = actions.add_evidence(to=record, kind="file", title="又一次", content=PDF, by=people.by("city"))
    assert one.pk == again.pk and one.title == "文件" and one.media_type == "application/pdf"
    stored = next(home.evidence.iterdir())
    assert PDF not in stored.read_bytes()
    assert actions.open_evidence(evidence_id=one.pk, by=people.by("leader"))[1] == PDF
    assert AuditEntry.objects.filter(verb="evidence.open", actor="leader", subject=f"evidence:{one.pk}").exists()
    for name in ("steward", "wujin", "town"):
        with pytest.raises(Forbidden):
            actions.open_evidence(evidence_id=one.pk, by=people.by(name))
    (home.evidence / f"{'0' * 64}.sealed").write_bytes(b"left by a kill")
    assert actions.sweep_evidence(by=people.by("supervisor")) == 1 and list(home.evidence.iterdir()) == [stored]


def test_evidence_that_is_named_must_be_there_and_open_to_who_names_it(people: Officials) -> None:
    record = recorded(people)
    link = actions.add_evidence(to=record, kind="link", title="公告", reference="https://example.gov.cn/a", by=people.by("city"))
    assert link.reference == "https://example.gov.cn/a"
    for kind, reference, reason in (
        ("link", "http://example.gov.cn/a", "https"), ("case", "C1", "没有编号"), ("alert", "99", "没有编号"), ("alert", "9" * 30, "没有编号"),
        ("batch", "b", "没有编号"), ("page", "x", "佐证种类"),
    ):  # fmt: skip
        with pytest.raises(PlanError, match=reason):
            actions.add_evidence(to=record, kind=kind, title="", reference=reference, by=people.by("city"))
    actions.confirm_milestone(record=record, by=people.by("leader"))
    with pytest.raises(PlanError, match="已确认"):
        actions.add_evidence(to=record, kind="link", title="", reference="https://example.gov.cn/b", by=people.by("city"))


def test_a_typed_figure_says_who_typed_it_and_counts_when_confirmed(people: Officials) -> None:
    figure = typed(people)
    before = state(people, "T09d")
    assert (before.source, before.state, before.value) == ("none", "no_source", None) and before.pending and before.pending.pk == figure.pk
    with pytest.raises(Forbidden, match="登记人不能确认"):
        actions.confirm_figure(figure=figure, by=people.by("city"))
    actions.confirm_figure(figure=figure, by=people.by("leader"))
    now = state(people, "T09d")
    assert (now.source, now.value, now.state, now.reported_by, now.confirmed_by) == ("reported", Decimal(40), "on_track", "city", "leader")
    assert now.source_title == "人工填报" and now.shown == "40 个" and now.pending is None and not now.opens
    assert state(people, "T09d", date(2024, 6, 2)).source == "none", "on the day before nobody had confirmed it"
    typed(people, as_of=date(2024, 6, 2), numerator=50)
    assert state(people, "T09d").value == 40


@pytest.mark.parametrize(("code", "more", "reason"), [
    ("T06", {"denominator": 50}, "由系统计算"), ("T25b", {}, "以节点登记为准"), ("T10d", {}, "分子和分母"), ("T10d", {"denominator": 7}, "大于分母"),
    ("T09d", {"denominator": 83}, "只填一个数"), ("T09d", {"numerator": -1}, "负数"), ("T09d", {"as_of": date(2024, 6, 4)}, "还没有到"),
    ("T09d", {"as_of": date(2023, 5, 1)}, "不在要点期间"), ("T09d", {"note": ""}, "数字来源"),
])  # fmt: skip
def test_figures_that_cannot_be(people: Officials, code: str, more: dict[str, Any], reason: str) -> None:
    with pytest.raises(PlanError, match=reason):
        typed(people, code, **more)


def test_a_district_types_its_own_figure_and_no_other(people: Officials) -> None:
    for place in (CITY, "tianning", "320402000000", "320412000000"):  # 武进区 with 经开区 inside is more than the board
        with pytest.raises(Forbidden, match="辖区"):
            typed(people, by="wujin", place=place)
    with pytest.raises(LookupError):
        typed(people, by="wujin", place="nowhere")
    mine, theirs = typed(people, by="wujin", place=WUJIN, numerator=9), typed(people, by="jingkai", place="jingkai", numerator=4)
    with pytest.raises(Forbidden):
        actions.confirm_figure(figure=theirs, by=people.by("wujin"))
    for figure in (mine, theirs):
        actions.confirm_figure(figure=figure, by=people.by("second"))
    city = state(people, "T09d")
    assert (city.value, city.reported_by) == (13, "wujin、jingkai"), "what the boards said, added up, while the city says nothing"
    own = state(people, "T09d", by="wujin")
    assert (own.value, own.state, own.goal, own.place) == (9, "part", None, WUJIN)
    assert [(each.place, each.value) for each in queries.by_place(Target.objects.get(code="T09d"), people.by("city"), ON, "unit") if each.value] == [
        ("wujin", 9), ("jingkai", 4),
    ]  # fmt: skip
    actions.confirm_figure(figure=typed(people, numerator=20), by=people.by("leader"))
    assert state(people, "T09d").value == 20, "the city's own word"


def test_monthly_figures_and_their_minimum(people: Officials) -> None:
    for month, numerator in ((1, 900), (2, 1000), (3, 995)):
        figure = typed(people, "T10b", as_of=date(2024, month, 28), numerator=numerator, denominator=1000)
        actions.confirm_figure(figure=figure, by=people.by("leader"))
    found = state(people, "T10b")
    assert found.state == "behind" and found.value == Decimal("90.00")
    assert [(each.month.month, each.state, each.whole) for each in found.months] == [(1, "behind", True), (2, "achieved", True), (3, "behind", True)]


def test_the_event_follows_its_milestone(people: Officials) -> None:
    assert state(people, "T25b").state == "not_begun" and state(people, "T25b", date(2024, 11, 1)).state == "behind"
    record = recorded(people, name="sea_burial")
    actions.add_evidence(to=record, kind="file", title="", content=PDF, by=people.by("city"))
    actions.confirm_milestone(record=record, by=people.by("leader"))
    found = state(people, "T25b")
    assert (found.state, found.value, found.source, found.reported_by) == ("achieved", 1, "milestone", "city")


def test_a_chosen_reading_holds_from_its_day_and_stands_in_the_change_log(people: Officials) -> None:
    target = Target.objects.get(code="T06")
    with pytest.raises(Forbidden):
        actions.choose_reading(target=target, reading="alerted", valid_from=ON, reason="局务会定", by=people.by("city"))
    for reading, reason, message in (("other", "定", "没有这种口径"), ("alerted", "", "为什么")):
        with pytest.raises(PlanError, match=message):
            actions.choose_reading(target=target, reading=reading, valid_from=ON, reason=reason, by=people.by("supervisor"))
    actions.choose_reading(target=target, reading="alerted", valid_from=ON, reason="局务会定", by=people.by("supervisor"))
    assert [queries.chosen_reading(target, day) for day in (date(2024, 6, 2), ON)] == ["in_need", "alerted"]
    assert state(people, "T06").reading.name == "alerted" and state(people, "T06", date(2024, 6, 2)).reading.name == "in_need"
    change = queries.change_log(PlanItem.objects.get(number=6), people.by("city"))[0]
    assert (change.was, change.now, change.reason) == ("核实遇困的都要建档", "有预警的都要建档", "局务会定")


def test_tasks_and_remarks(people: Officials) -> None:
    item = PlanItem.objects.get(number=9)
    task = actions.add_task(item=item, title="核对助餐点", due_on=date(2024, 6, 10), by=people.by("city"), owner=people.users["wujin"])
    assert Notification.objects.get(user=people.users["wujin"]).subject == "plan_item:9"
    with clock.use(date(2024, 6, 12)):
        assert [each.pk for each in queries.waiting_for_me(people.by("wujin"), date(2024, 6, 12)).tasks] == [task.pk]
        late = queries.item_page(9, people.by("city"), date(2024, 6, 12)).card.late
        assert ("task", "核对助餐点", 2, "wujin") in [(each.kind, each.title, each.days, each.owner) for each in late]
        with pytest.raises(Forbidden, match="不归您"):
            actions.finish_task(task=task, by=people.by("tianning"))
        with pytest.raises(StalePlan):
            actions.finish_task(task=task, by=people.by("wujin"), expected_version=9)
        assert actions.finish_task(task=task, by=people.by("wujin"), expected_version=1).done_on == date(2024, 6, 12)
        assert not queries.waiting_for_me(people.by("wujin"), date(2024, 6, 12)).tasks
        assert actions.reopen_task(task=task, by=people.by("city"), reason="漏了一个").done_on is None
    for title, due, reason in (("", date(2024, 6, 10), "写明任务"), ("x", date(2024, 6, 2), "已经过了")):
        with pytest.raises(PlanError, match=reason):
            actions.add_task(item=item, title=title, due_on=due, by=people.by("city"))
    actions.add_remark(item=item, text=" 请各板块先核对 ", by=people.by("leader"))
    assert [(each.by, each.text) for each in queries.item_page(9, people.by("wujin"), ON).remarks] == [("leader", "请各板块先核对")]
    with pytest.raises(Forbidden):
        actions.add_remark(item=item, text="x", by=people.by("town"))
    with pytest.raises(PlanError):
        actions.add_remark(item=item, text="字" * 2001, by=people.by("city"))


def test_owners_are_told_once_of_what_is_late_or_due_soon(people: Officials) -> None:
    actions.add_member(office=Office.objects.get(code="assistance"), user=people.users["city"], by=people.by("supervisor"))
    with clock.use(date(2024, 6, 20)):
        things, new = actions.remind(as_of=date(2024, 6, 20), by=people.by("supervisor"))
        assert things == new > 40
        assert actions.remind(as_of=date(2024, 6, 20), by=people.by("supervisor")) == (things, 0)
    mine = Reminder.objects.filter(user=people.users["city"])
    assert {each.item.number for each in mine} == {4, 5, 6, 7} and {each.kind for each in mine} == {"late", "soon"}
    assert Reminder.objects.filter(user=people.users["supervisor"]).exclude(item__number__in=[4, 5, 6, 7]).count() == things - mine.count()
    notices = Notification.objects.filter(user=people.users["city"], subject="plan_item:5")
    assert [each.title for each in notices] == ["要点第 5 项有 3 项两周内到期"]
    waiting = queries.waiting_for_me(people.by("city"), date(2024, 6, 20)).reminders
    assert len(waiting) == mine.count()
    recorded(people)
    assert len(queries.waiting_for_me(people.by("city"), date(2024, 6, 20)).reminders) == mine.count() - 1
    with clock.use(date(2024, 7, 2)):
        _things, later = actions.remind(as_of=date(2024, 7, 2), by=people.by("supervisor"))
    assert later and Reminder.objects.filter(user=people.users["city"], subject=f"milestone:{milestone('files').pk}").count() == 2, "soon, then late"
