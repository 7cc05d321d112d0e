"""The first run of a deployment compares with what people receive by the bureau's rosters, taken over once."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from minzheng.kernel.benefits import actions, room, roster_rows, rosters
from minzheng.kernel.benefits.errors import BenefitsError, StaleRun
from minzheng.kernel.benefits.models import Award, Entitlement, Opening, Review
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Forbidden
from minzheng.kernel.foundation.declared import DeclarationError
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.foundation.packs import ManifestError
from minzheng.kernel.ledger.models import PaymentLine
from minzheng.kernel.registry.models import Person
from minzheng.kernel.rules.language import Month
from tests.domains.assistance.scenarios.casefile import VILLAGE, rows_of
from tests.kernel.benefits.conftest import APPROVER, CLERK, DISTRICT
from tests.kernel.monitoring.conftest import Town, town  # noqa: F401 - fixture
from tests.kernel.monitoring.small_lake import put, put_all

NIGHT, MAY = date(2024, 6, 3), Month.of("2024-05")


def on_roster(person: int, home: int | None, fen: int | None, **more: Any) -> dict[str, Any]:
    row = {"person_key": person, "programme": "low_income", "household_key": home, "since": date(2023, 1, 1), "until": None, "village_code": VILLAGE,
           "monthly_fen": fen}  # fmt: skip
    return row | more


@pytest.fixture
def old_city(town: Town, home: Home, settings: Any) -> Home:  # noqa: F811
    """A mother and child who are paid too little, a household that earns too much by now, one that nobody knows, an elder whom no
    roster names; and rows that tell nothing new."""
    settings.SYNTHETIC = True
    put_all(rows_of(
        [{"id": 1, "home": 901, "born": date(1934, 5, 1)}, {"id": 11, "home": 902}, {"id": 12, "home": 902, "relation": "child", "born": date(2015, 1, 1)},
         {"id": 31, "home": 904}],
        {"assistance_recipients": [
            on_roster(11, 902, 50_000), on_roster(12, 902, 50_000), on_roster(11, 555, 50_000, since=date(2022, 1, 1)),
            on_roster(31, 904, 80_000), on_roster(99, 906, 70_000), on_roster(98, 907, None),
            on_roster(31, 904, 0, programme="borderline", since=date(2024, 5, 2)), on_roster(1, 901, 9_000, until=date(2024, 4, 1)),
         ],
         "social_insurance": [{"person_key": 31, "period_start": date(2023, 1, 1), "period_end": date(2024, 12, 31), "base_fen": 900_000, "status": "paying"}]},
    ))  # fmt: skip
    return home


def standing() -> list[tuple[str, int, int, int, date]]:
    rows = Entitlement.objects.filter(valid_to=None).values_list("programme", "unit_key", "person_key", "amount_fen", "valid_from")
    return sorted(rows)


def test_the_first_run_says_what_differs_from_what_is_received(old_city: Home) -> None:
    with clock.use(NIGHT):
        (opening,) = actions.take_opening(month=MAY, by=CLERK)
        assert standing() == [
            ("minimum_living", 902, 11, 100_000, date(2024, 4, 1)), ("minimum_living", 904, 31, 80_000, date(2024, 4, 1)),
            ("minimum_living", 906, 99, 70_000, date(2024, 4, 1)),
        ]  # fmt: skip
        assert opening.totals == {"minimum_living": {"units": 3, "fen": 250_000}}
        assert opening.left_out == {"repeated": 1, "no_amount": 1, "unknown": 2}
        run = actions.compute_run(month=MAY, by=CLERK)
        told = {(line.programme, line.unit_key): line for line in run.changes.all()}
        paid_more = told["minimum_living", 902]
        assert paid_more.kind == "change" and (paid_more.was_fen, paid_more.cause_name) == (100_000, "amount") and paid_more.is_fen > 100_000
        assert paid_more.cause["text"].startswith("期初名册金额 ¥1,000.00，按规则核算为 ¥")
        rich, nobody = told["minimum_living", 904], told["minimum_living", 906]
        assert (rich.kind, rich.cause_kind, rich.was_fen, rich.is_fen) == ("review", "opening", 80_000, 0)
        assert rich.cause["text"] == "期初名册在享，按规则不符合“收入符合规定（低于低保标准；单人保低于边缘线；或在渐退期内）”"
        assert (nobody.kind, nobody.cause_name) == ("review", "absent") and "没有此人（户）" in nobody.cause["text"]
        assert told["longevity_allowance", 1].kind == "start"
        assert run.totals["minimum_living"]["before_fen"] == 250_000
        actions.approve_run(run=actions.submit_run(run=run, by=CLERK), by=APPROVER)
    assert Review.objects.filter(state="open", programme="minimum_living").count() == 2
    paid = dict(PaymentLine.objects.filter(programme="minimum_living").values_list("person_key", "amount_fen"))
    assert paid == {11: paid_more.is_fen, 31: 80_000, 99: 70_000}, "nobody loses anything before they are heard"


def test_what_stays_as_it_was_is_kept_and_its_payee_gets_a_name(old_city: Home) -> None:
    with clock.use(NIGHT):
        actions.take_opening(month=MAY, by=CLERK)
        due = {line.unit_key: line.is_fen for line in actions.compute_run(month=MAY, by=CLERK).changes.filter(programme="minimum_living")}[902]
        put("assistance_recipients", [on_roster(11, 902, due - 50_000, since=date(2023, 6, 1))])
        actions.take_opening(month=MAY, by=CLERK)
        run = actions.compute_run(month=MAY, by=CLERK)
        assert not run.changes.filter(unit_key=902).exists() and run.totals["minimum_living"]["keep"] == 1
        actions.approve_run(run=actions.submit_run(run=run, by=CLERK), by=APPROVER)
    assert PaymentLine.objects.get(programme="minimum_living", person_key=11).amount_fen == due
    assert Person.objects.filter(person_key=11).exists(), "a payment needs a name"


def test_taking_over_again_changes_nothing_until_a_newer_roster_comes(old_city: Home) -> None:
    with clock.use(NIGHT):
        first = actions.take_opening(month=MAY, by=CLERK)
        kept = list(Entitlement.objects.order_by("id").values_list("id", flat=True))
        assert actions.take_opening(month=MAY, by=CLERK) == first
        assert list(Entitlement.objects.order_by("id").values_list("id", flat=True)) == kept
        assert AuditEntry.objects.filter(verb="benefits.take_over").count() == 1
        entry = AuditEntry.objects.get(verb="benefits.take_over")
        assert entry.actor == "clerk" and entry.details["units"] == 3 and entry.details["batches"] == first[0].batches
        run = actions.submit_run(run=actions.compute_run(month=MAY, by=CLERK), by=CLERK)
        put("assistance_recipients", [on_roster(31, 904, 85_000, since=date(2023, 6, 1))])
        (again,) = actions.take_opening(month=MAY, by=CLERK)
        assert again.pk == first[0].pk and again.totals["minimum_living"]["fen"] == 255_000 and Opening.objects.count() == 1
        with pytest.raises(StaleRun, match="重新核算"):
            actions.approve_run(run=run, by=APPROVER)
        actions.reject_run(run=run, by=APPROVER, note="名册已更新")
        run = actions.submit_run(run=actions.compute_run(month=MAY, by=CLERK), by=CLERK)
        actions.approve_run(run=run, by=APPROVER)
        before = standing()
        assert actions.take_opening(month=MAY, by=CLERK)[0].pk == again.pk, "the same again is no fault"
        put("assistance_recipients", [on_roster(11, 902, 1, since=date(2023, 6, 1))])
        with pytest.raises(BenefitsError, match="已经审批发放"):
            actions.take_opening(month=MAY, by=CLERK)
        assert standing() == before


def test_what_cannot_be_taken_over_is_said(town: Town, home: Home) -> None:  # noqa: F811
    with clock.use(NIGHT):
        with pytest.raises(BenefitsError, match="还没有收到存量救助对象名册"):
            actions.take_opening(month=MAY, by=CLERK)
        with pytest.raises(BenefitsError, match="还没有结束"):
            actions.take_opening(month=Month.of("2024-06"), by=CLERK)
        with pytest.raises(Forbidden):
            actions.take_opening(month=MAY, by=DISTRICT)
    assert not Opening.objects.exists() and not Award.objects.exists()


def test_no_month_before_the_opening_is_reckoned(old_city: Home) -> None:
    with clock.use(NIGHT):
        actions.take_opening(month=MAY, by=CLERK)
        with pytest.raises(BenefitsError, match="不能核算更早的 2024-04"):
            actions.compute_run(month=Month.of("2024-04"), by=CLERK)


def test_the_night_after_an_opening_drafts_the_differences(old_city: Home) -> None:
    with clock.use(NIGHT):
        actions.take_opening(month=MAY, by=CLERK)
        room.take_awards(NIGHT, lambda _done, _total: None)
        room.prepare_run(NIGHT, lambda _done, _total: None)
    assert Review.objects.count() == 0 and Entitlement.objects.exclude(opening=None).count() == 3
    basis = Entitlement.objects.get(unit_key=904).basis
    basis = json.loads(basis) if isinstance(basis, str) else basis
    assert basis["text"] == "存量救助对象名册 2023-01-01 起在享（名册截至 2024-05-31）"


GOOD = """
rosters:
  - {contract: assistance_recipients, title: 名册, column: programme, programmes: {low_income: minimum_living}, since: since, amount: monthly_fen, amount_of: household}
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("column: programme, ", "", "要么写 column"), ("amount_of: household", "amount_of: street", "只能是"), ("title: 名册", "title: 名册, single: [x]", "single 里的 x"),
     ("since: since", "sinec: since", "不认识这一项")],
)  # fmt: skip
def test_a_roster_that_is_declared_wrong_is_refused_with_its_place(old: str, new: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "rosters.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert rosters.load(path)[0].amount_of == "household"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(DeclarationError, match=f"(?s)rosters.yaml 第 3 行.*{said}|rosters.yaml 第 3 行.*{said}"):
        rosters.load(path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("assistance_recipients", "no_such_feed", "no_such_feed"), ("since: since", "since: beginning", "没有 beginning 列"),
     ("minimum_living", "pocket_money", "没有待遇项目 pocket_money"), ("\n", "\n", "写了两次")],
)  # fmt: skip
def test_a_roster_must_fit_the_feed_and_the_programmes(
    old: str, new: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rosters.yaml"
    twice = GOOD.splitlines()[2] + "\n" if said == "写了两次" else ""
    path.write_text(GOOD.replace(old, new) + twice, encoding="utf-8")

    class Pack:
        name, rosters = "测试", path

    monkeypatch.setattr(roster_rows, "manifests", lambda: (Pack,))
    with pytest.raises(ManifestError, match=said):
        roster_rows.rosters.__wrapped__()


def test_the_amount_of_a_household_is_not_added_up(old_city: Home) -> None:
    from minzheng.kernel.benefits.actions.taking_over import told_by

    (roster,) = roster_rows.rosters()
    whole = told_by(roster.model_copy(update={"amount_of": "household"}), MAY)
    assert whole.totals() == {"minimum_living": {"units": 3, "fen": 50_000 + 80_000 + 70_000}}
