"""一户一档一策 in the portal: a household without local hukou gets a file, a plan with measures, owners and dates, and each is followed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.models import Case
from minzheng.kernel.foundation import clock
from tests.portals.staff.cases_world import WHO
from tests.portals.staff.test_cases import AsRole, post, url
from tests.portals.staff.world import World

pytestmark = pytest.mark.django_db
ANSWERS = {"living_at": "湖塘镇花园街 8 号 302", "since": "2023-03-01", "hardship": "accident", "people": 3, "children_at_school": 1, "statement": "丈夫工伤，租住在此"}
FIRST = {"title_1": "联系就近小学接收孩子", "owner_1": "镇民政办 吴镇办", "due_1": "2024-06-20"}
SECOND = {"title_2": "申请临时救助", "owner_2": "村委会", "due_2": "2024-06-12"}


@pytest.fixture
def case(world: World) -> Case:
    """A case for which the plan comes next."""
    person = world.alerts[1].person
    row = actions.open_case(item="nonlocal_household", applicant=person, by=WHO, form_token="nl", applied_by="ex_officio", division_code=person.division_code)
    row = actions.submit_case(case=row, answers={**queries.answers(row, WHO), **ANSWERS}, by=WHO)
    actions.accept_case(case=row, by=WHO)
    return actions.record_visit(case=row, by=WHO, visited_on=date(2024, 6, 3), met="本人", findings="一家三口租一间房", with_whom=[], form_token="nlv")


def summary(**more: str) -> dict[str, Any]:
    return {"summary": "外来务工家庭，丈夫工伤；目标：孩子入学、渡过难关", **FIRST, **more}


def test_a_plan_is_written_followed_and_closed(case: Case, as_role: AsRole) -> None:
    town = as_role("town_official")
    assert "制定帮扶计划" in town.get(url(case)).content.decode()
    assert post(town, case, "plan", **summary(**SECOND)).status_code == 302
    page = town.get(url(case)).content.decode()
    for words in ("一户一档一策", "联系就近小学接收孩子", "镇民政办 吴镇办", "申请临时救助", "村委会", "外来务工家庭"):
        assert words in page, words
    assert post(town, case, "decide", kind="record", explanation="同意建档").status_code == 302
    measure = post(town, case, "measure", number="2", result="已发放临时救助 2000 元")
    assert measure.status_code == 302
    standing = queries.standing(case, WHO)
    assert [(each.number, each.done_on) for each in standing.measures] == [(1, None), (2, date(2024, 6, 3))]
    page = town.get(url(case)).content.decode()
    assert "已发放临时救助 2000 元" in page and "06-03 办结" in page
    left = town.get(f"/cases/{case.pk}/do/measure/").content.decode()
    assert "联系就近小学" in left and 'value="2"' not in left, "what is done is not asked again"
    with clock.use(date(2024, 6, 25)):
        assert "逾期" in as_role("town_official").get(url(case)).content.decode(), "a measure that is late shows"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"title_1": "", "owner_1": "", "due_1": ""}, "至少写一项措施"), ({**FIRST, "due_1": "2024-06-01"}, "今天或以后"), ({**FIRST, "due_1": "2023-02-29"}, "日期请写成"),
        ({**FIRST, "title_2": "没有责任人", "owner_2": "", "due_2": "2024-06-12"}, "责任人"), ({**FIRST, "title_2": "没有日期", "owner_2": "村委会", "due_2": ""}, "完成日期"),
        ({**FIRST, "summary": ""}, "家庭情况和帮扶目标"),
    ],
)  # fmt: skip
def test_a_plan_without_owner_or_date_is_none(told: dict[str, str], words: str, case: Case, as_role: AsRole) -> None:
    answer = post(as_role("town_official"), case, "plan", **{**summary(), **told})
    assert answer.status_code == 422 and words in answer.content.decode()
    assert not queries.standing(case, WHO).measures


def test_a_plan_is_the_town_s(case: Case, as_role: AsRole) -> None:
    assert "plan" not in {each["act"].verb for each in as_role("grid_worker").get(url(case)).context["acts"]}
    assert as_role("outside_worker").get(f"/cases/{case.pk}/do/plan/").status_code in (403, 404)
