"""Parameters are changed by two people with a source; a simulation says what they would do and changes nothing."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from minzheng.kernel.benefits import actions
from minzheng.kernel.benefits.errors import BenefitsError, StaleRun
from minzheng.kernel.benefits.models import ParameterChange, Snapshot, Variant
from minzheng.kernel.benefits.parameters import values_at
from minzheng.kernel.benefits.simulation import simulate
from minzheng.kernel.foundation.access import Forbidden
from tests.kernel.benefits.conftest import APPROVER, CLERK, DISTRICT, ELSEWHERE, City, line, lines
from tests.kernel.benefits.test_runs import household

SOURCE = "常民发〔2024〕1号"


def propose(name: str = "longevity_allowance.allowance", value: Any = 6000, since: date = date(2024, 3, 1), **more: Any) -> ParameterChange:
    return actions.propose_parameter(name=name, value=value, valid_from=since, source=SOURCE, by=CLERK, **more)


def allowance(day: date) -> tuple[int, str]:
    value = values_at(day)["longevity_allowance"]["allowance"]
    return value.dated.value, value.dated.status


def test_a_change_counts_once_a_second_person_confirmed_it(city: City) -> None:
    city.put(1, birth=19400101)
    city.month("2024-02")
    change = propose()
    assert (change.before, allowance(date(2024, 3, 1))) == (5000, (5000, "unverified"))
    with pytest.raises(Forbidden):
        actions.confirm_parameter(change=change, by=CLERK)
    actions.confirm_parameter(change=change, by=APPROVER)
    assert allowance(date(2024, 2, 1)) == (5000, "unverified")
    assert allowance(date(2024, 3, 1)) == (6000, "confirmed")
    run = city.month("2024-03")
    assert lines(run) == [("longevity_allowance", 1, "change", 5000, 6000)]
    assert line(run, "change").cause["text"] == "每月由 ¥50.00 调整为 ¥60.00"
    assert not [each for each in run.unverified if each["name"] == "allowance"]


def test_a_change_for_a_month_behind_us_is_paid_by_a_correction(city: City) -> None:
    city.put(1, birth=19400101)
    city.month("2024-02")
    actions.confirm_parameter(change=propose(since=date(2024, 2, 1)), by=APPROVER)
    run = city.month("2024-02", "correction")
    assert lines(run) == [("longevity_allowance", 1, "backpay", 5000, 6000)]
    assert line(run, "backpay").cause["kind"] == "parameter"


def test_a_change_after_the_reckoning_sends_the_run_back(city: City) -> None:
    city.put(1, birth=19400101)
    run = actions.submit_run(run=city.compute("2024-03"), by=CLERK)
    actions.confirm_parameter(change=propose(), by=APPROVER)
    with pytest.raises(StaleRun, match="参数有变化"):
        actions.approve_run(run=run, by=APPROVER)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "longevity_allowance.alowance"}, "longevity_allowance.allowance"),
        ({"value": 60.5}, "整数"),
        ({"value": -1}, "合理范围"),
        ({"value": True}, "整数"),
        ({"since": date(2024, 3, 5)}, "第一天"),
        ({"valid_to": date(2024, 3, 1)}, "有效期是空的"),
        ({"name": "longevity_allowance.fund_shares", "value": {"province": 40, "district": 50}}, "100"),
        ({"name": "longevity_allowance.fund_shares", "value": {"province": 100}}, "代码"),
    ],
)
def test_a_wrong_proposal_is_refused(city: City, change: dict[str, Any], says: str) -> None:
    with pytest.raises(BenefitsError, match=says):
        propose(**change)
    assert not ParameterChange.objects.exists()


def test_proposals_need_a_source_and_do_not_overlap(city: City) -> None:
    with pytest.raises(BenefitsError, match="依据"):
        actions.propose_parameter(name="longevity_allowance.allowance", value=1, valid_from=date(2024, 3, 1), source=" ", by=CLERK)
    propose()
    with pytest.raises(BenefitsError, match="重叠"):
        propose(value=7000, since=date(2024, 5, 1))
    with pytest.raises(Forbidden):
        actions.propose_parameter(name="longevity_allowance.allowance", value=1, valid_from=date(2024, 3, 1), source=SOURCE, by=DISTRICT)
    actions.reject_parameter(change=ParameterChange.objects.get(), by=APPROVER, note="标准有误")
    assert propose(value=7000).state == "proposed"


@pytest.fixture
def snapshot(city: City) -> Snapshot:
    household(city)  # means-tested: 2 people, ¥1800
    city.put(1, birth=19400101)
    city.put(2, birth=19400101, village=ELSEWHERE, disability_level=1)
    return city.compute("2024-01").snapshot


def test_a_simulation_names_cost_winners_and_losers(city: City, snapshot: Snapshot) -> None:
    found = simulate(snapshot, {"minimum_living.standard": 90_000, "longevity_allowance.allowance": 8000})
    assert found.total == {
        "before_fen": 180_000 + 10_000 + 30_000, "after_fen": 160_000 + 16_000 + 30_000, "units_before": 4, "units_after": 4,
        "winners": 2, "losers": 1, "gain_fen": 6000, "loss_fen": 20_000,
    }  # fmt: skip
    assert found.cost_fen == -14_000
    assert found.by_programme["minimum_living"]["losers"] == 1
    assert {board: row["winners"] for board, row in found.by_board.items()} == {"tianning": 1, "wujin": 1}
    assert {kind: (row["winners"], row["losers"]) for kind, row in found.by_type.items()} == {
        "有重度残疾人": (1, 0), "只有老年人": (1, 0), "其他家庭": (0, 1),
    }  # fmt: skip
    assert simulate(snapshot, {"minimum_living.standard": 90_000, "longevity_allowance.allowance": 8000}).total == found.total
    assert allowance(date(2024, 3, 1)) == (5000, "unverified"), "nothing changed"
    same = simulate(snapshot, {"minimum_living.standard": 100_000})
    assert (same.cost_fen, same.total["winners"], same.total["losers"]) == (0, 0, 0)


def test_simulations_are_kept_and_refused_when_wrong(city: City, snapshot: Snapshot) -> None:
    found = simulate(snapshot, {"minimum_living.standard": 90_000})
    actions.save_variant(name="降标", outcome=found, by=CLERK)
    kept = Variant.objects.get()
    assert kept.result["cost_fen"] == -20_000 and kept.changes == {"minimum_living.standard": 90_000}
    with pytest.raises(BenefitsError, match="没有参数"):
        simulate(snapshot, {"minimum_living.standart": 1})
    with pytest.raises(BenefitsError, match="整数"):
        simulate(snapshot, {"minimum_living.standard": "一千"})
    with pytest.raises(BenefitsError, match="名称"):
        actions.save_variant(name=" ", outcome=found, by=CLERK)
