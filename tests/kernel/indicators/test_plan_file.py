"""The plan of 2024 as data, and files with errors: refused whole, with line and reason."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from minzheng.kernel.foundation.declared import DeclarationError
from minzheng.kernel.indicators.catalogue import indicators
from minzheng.kernel.indicators.planfile import PlanFile, is_https, read_plan

PLAN = Path(__file__).parents[3] / "minzheng/kernel/indicators/plans/changzhou-2024.yaml"
TEXT = PLAN.read_text(encoding="utf-8")
# The published text of items 1 to 34, one after another, as it was taken over.
PUBLISHED = "c90185204c640e63ff25b52cf690808a42c9b182fe8e01f40c6ff5373289650b"
TARGETS = {
    "T06": (6, 100, "percent", "households"), "T09a": (9, 150_000, "count", "persons"), "T09b": (9, 20, "count", "sites"),
    "T09c": (9, 40, "count", "sites"), "T09d": (9, 83, "count", "sites"), "T10a": (10, 10_000, "count", "households"),
    "T10b": (10, 100, "percent", "persons"), "T10c": (10, 40_000, "count", "attendances"), "T10d": (10, 100, "percent", "areas"),
    "T10e": (10, 90, "percent", "persons"), "T11a": (11, 90, "percent", "bodies"), "T11b": (11, 88, "percent", "bodies"),
    "T12": (12, 100, "percent", "persons"), "T14a": (14, 8, "count", "sites"), "T14b": (14, 120, "count", "rooms"), "T14c": (14, 100, "percent", "persons"),
    "T15": (15, 100, "percent", "villages"), "T16": (16, 100, "percent", "towns"), "T19a": (19, 50, "count", "bodies"), "T19b": (19, 50, "count", "bodies"),
    "T19c": (19, 45, "percent", "bodies"), "T20a": (20, 1_000_000_000, "fen", "fen"), "T20b": (20, 200, "count", "projects"),
    "T25a": (25, 7, "count", "projects"), "T25b": (25, 1, "count", "events"), "T26": (26, 20_000, "count", "attendances"), "T27": (27, 8, "count", "sites"),
}  # fmt: skip
AMBIGUOUS = {"T06", "T09a", "T09d", "T10e", "T11b", "T12", "T15", "T19b", "T19c", "T20a"}


@pytest.fixture(scope="module")
def plan() -> PlanFile:
    return read_plan(TEXT, PLAN.name, indicators())


def test_the_plan_is_whole_and_as_published(plan: PlanFile) -> None:
    assert [item.number for item in plan.items] == list(range(1, 35)) and len(plan.chapters) == 10
    assert hashlib.sha256("\n".join(item.text for item in plan.items).encode()).hexdigest() == PUBLISHED
    assert all(item.text.startswith(item.title + "。") for item in plan.items)
    assert all(item.systems for item in plan.items)


def test_every_target_of_the_facts_is_there_and_no_other(plan: PlanFile) -> None:
    found = {each.code: (item.number, each.figure, each.per, each.unit) for item in plan.items for each in item.targets}
    assert found == TARGETS
    both = {each.code for item in plan.items for each in item.targets if len(each.definitions) == 2}
    assert both == AMBIGUOUS and all(each.note for item in plan.items for each in item.targets if each.code in AMBIGUOUS)


def test_what_the_plan_does_not_say_is_marked(plan: PlanFile) -> None:
    assert {office.status for office in plan.offices} == {"unverified"}
    assert {each.status for item in plan.items for each in item.milestones} == {"unverified"}
    assert sum(len(item.milestones) for item in plan.items) > 200


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


@pytest.mark.parametrize(("was", "now", "at", "reason"), [
    ("figure: 83", "figure: 83.5", "figure: 83.5", "不是整数"),
    ("figure: 83", 'figure: "83"', 'figure: "83"', "不是整数"),
    ("figure: 83", "figure: 0", "figure: 0", "greater than 0"),
    ("unit: rooms", "unit: 间", "code: T14b", "单位 间 不认识"),
    ("code: T14b", "code: T14a", None, "目标编号 T14a 重复"),
    ("- number: 21\n", "- number: 20\n", None, "事项序号 20 重复"),
    ("office: charity\n", "office: nobody\n", "office: nobody", "没有责任处室 nobody"),
    ("verbatim: 120间“梦想小屋”", "verbatim: 121间“梦想小屋”", "verbatim: 121间", "不在本项原文里"),
    ("indicator: nonlocal_household_files", "indicator: no_such", "indicator: no_such", "没有指标 no_such"),
    ("indicator: nonlocal_household_files", "indicator: longevity_persons", "indicator: longevity_persons", "单位"),
    ("figures: [deliveries_in_time]", "figures: [nothing]", "figures: [nothing]", "没有指标 nothing"),
    ("milestone: sea_burial", "milestone: another", "number: 25", "节点不在本项"),
    ("due: 2024-04-06", "due: 2025-04-06", "due: 2025-04-06", "不在要点期间内"),
    ("due: 2024-04-06", "due: 2024-13-06", "due: 2024-13-06", "不存在的日期"),
    ("period: [2024-01-01, 2024-12-31]", "period: [2024-12-31, 2024-01-01]", "period:", "起早于止"),
    ("issuer: 常州市民政局\n", "", "title: 2024", "issuer:缺少这一项"),
    ("issuer: 常州市民政局\n", "issuer: 常州市民政局\nsender: x\n", "sender: x", "不认识这一项"),
    ("issuer: 常州市民政局\n", "issuer: 常州市民政局\nissuer: x\n", "issuer: x", "写了两次"),
    ("chapters:\n", "chapters: [\n", None, "不是合法的 YAML"),
    ("compare: reach", "compare: more", "compare: more", "只能是"),
    ("denominator: 全市板块（含常州经开区，共7个）", "note: x", "note: x", "不认识这一项"),
])  # fmt: skip
def test_a_file_with_an_error_is_refused_with_line_and_reason(was: str, now: str, at: str | None, reason: str) -> None:
    assert was in TEXT
    text = TEXT.replace(was, now, 1)
    with pytest.raises(DeclarationError) as refusal:
        read_plan(text, "要点.yaml", indicators())
    said = str(refusal.value)
    assert said.startswith("要点.yaml ") and reason in said, said
    if at:
        assert f"第 {line_of(text, at)} 行" in said, said


def test_several_errors_are_told_at_once() -> None:
    text = TEXT.replace("office: charity\n", "office: nobody\n", 1).replace("code: T14b", "code: T14a", 1)
    with pytest.raises(DeclarationError) as refusal:
        read_plan(text, "要点.yaml", indicators())
    assert "没有责任处室 nobody" in str(refusal.value) and "目标编号 T14a 重复" in str(refusal.value)


@pytest.mark.parametrize("content", ["", "[]", "- 1\n- 2\n", "x: 1\n", "null", "\x00", "a: !!python/object/apply:os.system ['true']"])
def test_what_is_no_plan_at_all_is_refused(content: str) -> None:
    with pytest.raises(DeclarationError):
        read_plan(content, "x.yaml", indicators())


@pytest.mark.parametrize(("address", "sound"), [
    ("https://www.changzhou.gov.cn/x?y=1", True), ("http://www.changzhou.gov.cn", False), ("javascript:alert(1)", False), ("https://", False),
    ("https://u:p@host/", False), ("https://host/a b", False), ("https://host:99999/", False), ("https://host/\n", False), ("", False),
])  # fmt: skip
def test_addresses_of_evidence(address: str, sound: bool) -> None:
    assert is_https(address) is sound


def unit_of(name: Any) -> str:
    return str(indicators()[name].unit)


def test_own_figures_of_items_exist(plan: PlanFile) -> None:
    named = [name for item in plan.items for name in item.figures]
    assert len(named) > 15 and all(unit_of(name) for name in named)
