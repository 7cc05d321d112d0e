"""Loading a plan: once, again, changed; what vanished is withdrawn with its work, what comes back stands again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Forbidden
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.indicators import actions, queries
from minzheng.kernel.indicators.errors import PlanError
from minzheng.kernel.indicators.models import Milestone, Plan, PlanChange, PlanItem, PlanVersion, Target
from tests.kernel.indicators.rows import Officials

TEXT = (Path(__file__).parents[3] / "minzheng/kernel/indicators/plans/changzhou-2024.yaml").read_text(encoding="utf-8")
ON = date(2024, 9, 6)


def test_the_same_file_changes_nothing(people: Officials) -> None:
    before = (AuditEntry.objects.count(), PlanVersion.objects.count())
    loaded = actions.load_plan(text=TEXT, file_name="another-name.yaml", by=people.by("supervisor"))
    assert loaded.already and loaded.plan.version == 1
    assert (AuditEntry.objects.count(), PlanVersion.objects.count()) == before
    assert (PlanItem.objects.count(), Target.objects.count()) == (34, 27) and not PlanChange.objects.exists()


def test_only_the_supervisor_loads(people: Officials) -> None:
    for name in ("city", "leader", "wujin", "steward"):
        with pytest.raises(Forbidden):
            actions.load_plan(text=TEXT, file_name="x.yaml", by=people.by(name))


def test_a_changed_file_is_a_new_version_with_its_differences(people: Officials) -> None:
    text = TEXT.replace("figure: 83\n", "figure: 90\n", 1).replace("title: 社会救助处", "title: 社会救助和社会事务处", 1)
    with clock.use(ON):
        loaded = actions.load_plan(text=text, file_name="改.yaml", by=people.by("supervisor"))
    assert (loaded.already, loaded.plan.version, dict(loaded.counts)) == (False, 2, {"new": 0, "changed": 2, "withdrawn": 0})
    changes = {(each.subject, each.what): (each.was, each.now, each.version, each.by) for each in PlanChange.objects.all()}
    assert changes == {
        ("target:T09d", "目标数"): ("83", "90", 2, "supervisor"), ("office:assistance", "名称"): ("社会救助处", "社会救助和社会事务处", 2, "supervisor"),
    }  # fmt: skip
    item = PlanItem.objects.get(number=9)
    assert [each.now for each in queries.change_log(item, people.by("city"))] == ["90"]
    assert PlanVersion.objects.get(number=1).text == TEXT and PlanVersion.objects.get(number=2).text == text
    assert AuditEntry.objects.filter(verb="plan.load", subject="plan:2024").count() == 2


def test_what_vanished_with_work_on_it_is_withdrawn_and_comes_back(people: Officials) -> None:
    city = people.by("city")
    milestone = Milestone.objects.get(name="publicity", item__number=4)
    record = actions.record_milestone(milestone=milestone, done_on=date(2024, 5, 30), note="已办", by=city)
    start = TEXT.index("          - {name: publicity,")
    without = TEXT[:start] + TEXT[TEXT.index("\n", start) + 1 :]
    target = without.index("          - code: T14b")
    without = without[:target] + without[without.index("          - code: T14c", target) :]
    loaded = actions.load_plan(text=without, file_name="x.yaml", by=people.by("supervisor"))
    assert dict(loaded.counts) == {"new": 0, "changed": 0, "withdrawn": 2}
    milestone.refresh_from_db()
    record.refresh_from_db()
    assert milestone.withdrawn_on == date(2024, 6, 3) and record.milestone_id == milestone.pk
    shown = {each.milestone.name for each in queries.item_page(4, city, ON).milestones}
    assert "publicity" not in shown and len(shown) == 4
    assert len(queries.item_page(14, city, ON).card.targets) == 2
    with pytest.raises(PlanError, match="撤下"):
        actions.report_figure(target=Target.objects.get(code="T14b"), as_of=date(2024, 5, 1), place="320400000000", numerator=1, note="表", by=city)
    again = actions.load_plan(text=TEXT, file_name="x.yaml", by=people.by("supervisor"))
    assert again.plan.version == 3
    milestone.refresh_from_db()
    assert milestone.withdrawn_on is None and {each.milestone.name for each in queries.item_page(4, city, ON).milestones} > shown


def test_a_wrong_file_loads_nothing(people: Officials) -> None:
    text = TEXT.replace("figure: 83\n", "figure: 90\n", 1).replace("unit: rooms", "unit: 间", 1)
    before = AuditEntry.objects.count()
    with pytest.raises(PlanError, match="第 .* 行"):
        actions.load_plan(text=text, file_name="x.yaml", by=people.by("supervisor"))
    assert Target.objects.get(code="T09d").figure == 83 and Plan.objects.get().version == 1 and AuditEntry.objects.count() == before


def test_next_years_plan_is_a_file(people: Officials) -> None:
    text = TEXT.replace("2024-", "2025-").replace("2024年全市民政工作要点", "2025年全市民政工作要点", 1).replace("issued_on: 2025-02-23", "issued_on: 2025-02-20")
    loaded = actions.load_plan(text=text, file_name="2025.yaml", by=people.by("supervisor"))
    assert loaded.plan.year == 2025 and loaded.counts["new"] > 270  # offices are there already
    city = people.by("city")
    assert [each.year for each in queries.plans(city)] == [2025, 2024]
    found = [queries.plan_at(city, day) for day in (date(2024, 12, 31), date(2025, 1, 1), date(2026, 1, 1))]
    assert [each.year if each else None for each in found] == [2024, 2025, None]
    with pytest.raises(PlanError, match="2026 年还没有工作要点"):
        queries.overview(city, date(2026, 1, 1))


def test_a_preview_tells_all_and_leaves_nothing(people: Officials) -> None:
    text = TEXT.replace("figure: 83\n", "figure: 90\n", 1)
    before = AuditEntry.objects.count()
    found = actions.preview_plan(text=text, file_name="x.yaml", by=people.by("supervisor"))
    assert [(each.subject, each.was, each.now) for each in found.changes] == [("target:T09d", "83", "90")] and found.counts["changed"] == 1
    assert Target.objects.get(code="T09d").figure == 83 and Plan.objects.get().version == 1 and AuditEntry.objects.count() == before
    with pytest.raises(PlanError, match="第 .* 行"):
        actions.preview_plan(text=TEXT.replace("unit: rooms", "unit: 间", 1), file_name="x.yaml", by=people.by("supervisor"))
    with pytest.raises(Forbidden):
        actions.preview_plan(text=text, file_name="x.yaml", by=people.by("city"))
