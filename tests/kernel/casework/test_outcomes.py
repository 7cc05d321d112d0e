"""What decisions come to: charity pays within its bounds, the gift of a season is given once, a change of a household reaches the next run."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from minzheng.kernel.benefits import actions as benefits
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Award, Entitlement, Recovery, Review, Run, RunChange
from minzheng.kernel.casework import actions, printing, queries
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.outcomes import in_words
from minzheng.kernel.foundation import clock
from minzheng.kernel.ledger.models import PaymentBatch, PaymentLine
from minzheng.kernel.rules.language import Month
from tests.domains.assistance.scenarios.casefile import rows_of
from tests.kernel.benefits.conftest import APPROVER, CLERK
from tests.kernel.casework.conftest import TODAY, VILLAGE, Town, season_paid, token
from tests.kernel.casework.test_bundles import wanted
from tests.kernel.monitoring.small_lake import put, put_all

RAISE = 3 * 5_000 + 500  # the standard goes up on 1 July, by 50.00 a head, and a tenth of that for the child
FAMILY = [{"id": 11, "home": 901}, {"id": 12, "home": 901, "relation": "spouse"}, {"id": 13, "home": 901, "relation": "child", "born": date(2015, 9, 1)}]


def low_income(*people: int, since: date = date(2024, 1, 1)) -> None:
    for key in people or (11, 12, 13):
        Award.objects.create(programme="minimum_living", mode="household", person_key=key, household_key=901, division_code=VILLAGE,
                             since=since, source="测试", recorded_on=TODAY)  # fmt: skip


def bills(fen: int, key: int = 11) -> None:
    row = {"person_key": key, "settled_on": date(2024, 5, 2), "visit_type": "inpatient", "self_paid_fen": fen, "own_paid_fen": 900_000}
    put("medical_settlements", [row])


def asked_charity(town: Town, said: int) -> Case:
    case = actions.open_case(item="medical_charity", applicant=town.mother, by=town.citizen, form_token=token())
    answers = {"name": town.mother.name, "id_number": town.mother.id_number, "phone": "13900001234", "hospital": "第一人民医院", "self_paid_fen": said, "statement": "住院治疗"}
    actions.submit_case(case=case, answers={**queries.answers(case, town.citizen), **answers}, by=town.citizen)
    actions.accept_case(case=case, by=town.by("town"))
    actions.authorise(case=case, person=town.mother, by=town.citizen, signed_how="phone")
    actions.run_check(case=case, by=town.by("town"), purpose="慈善助医核对")
    return case


def granted(case: Case, town: Town, amount: int, words: str = "") -> Case:
    if "propose" in queries.verbs(case, town.by("town")):
        actions.propose(case=case, by=town.by("town"), kind="grant", amount_fen=amount, opinion="情况属实，建议给予")
    return actions.decide(case=case, by=town.by("county"), kind="grant", amount_fen=amount, explanation=words)


def test_charity_pays_by_evidence_and_within_its_bounds(town: Town, settings: Any) -> None:
    settings.SYNTHETIC = True
    low_income()
    bills(1_300_000)
    case = asked_charity(town, said=2_000_000)
    weighed = queries.weighed(case, town.by("town"))
    assert weighed is not None and weighed.eligible and weighed.amount_fen == 500_000, "half of what the insurance tells, less 3,000.00"
    beside = {each.field: each for each in queries.compared(case, town.by("town"))}["self_paid_fen"]
    assert beside.differs and (beside.said, beside.told) == (2_000_000, "¥13,000.00")
    with pytest.raises(CaseError, match="最多给予 ¥5,000.00"):
        granted(case, town, 500_001, "特别困难，多给一些")
    same = granted(case, town, 400_000, "资金有限，少给一些")
    line = PaymentLine.objects.get()
    assert (line.programme, line.amount_fen, line.person_key, line.batch.purse) == ("medical_charity", 400_000, 11, "慈善资金（慈善助医）")
    assert in_words(same.actions.get(verb="outcome").details).startswith("¥4,000.00 已交付发放")
    again = asked_charity(town, said=1_300_000)
    more = queries.weighed(again, town.by("town"))
    assert more is not None and more.amount_fen == 100_000, "what was given for the same bills counts"


def test_charity_gives_nothing_without_evidence(town: Town, settings: Any) -> None:
    settings.SYNTHETIC = True
    low_income()
    bills(1_300_000, key=500)
    case = asked_charity(town, said=2_000_000)
    with pytest.raises(CaseError, match="没有可以给予的金额"):
        granted(case, town, 100, "票据在外地")
    settings.SYNTHETIC = False
    assert not PaymentLine.objects.exists()


def test_help_and_charity_in_one_go(town: Town, settings: Any) -> None:
    settings.SYNTHETIC = True
    low_income()
    bills(1_300_000)
    row = actions.apply_bundle(
        bundle="hardship_in_one", applicant=town.mother, answers=wanted(town, want_living="none"), by=town.citizen, form_token=token(), promises=["event"], division_code=VILLAGE
    )
    urgent, charity = row.cases.order_by("pk")
    by = town.by("town")
    actions.authorise_bundle(bundle=row, person=town.mother, by=town.citizen, signed_how="phone")
    actions.accept_case(case=urgent, by=by, urgent=True)
    actions.accept_case(case=charity, by=by)
    actions.run_check(case=charity, by=by, purpose="慈善助医核对")
    actions.decide(case=urgent, by=by, kind="grant", amount_fen=100_000, explanation="先救急，其余按程序办")
    granted(charity, town, 500_000)
    assert sorted(PaymentLine.objects.values_list("programme", "amount_fen")) == [("medical_charity", 500_000), ("temporary_assistance", 100_000)]
    assert queries.bundle(row.number, by).progress.decided == 2


def gift_case(town: Town, of: str = "mother") -> Case:
    person = getattr(town, of)
    case = actions.open_case(item="electricity_gift", applicant=person, by=town.by("town"), form_token=token())
    answers = {**queries.answers(case, town.by("town")), "meter_no": "1234567890", "statement": "new_household", "phone": "13900001234"}
    actions.submit_case(case=case, answers=answers, by=town.by("town"))
    actions.accept_case(case=case, by=town.by("town"))
    return case


def approved(month: str) -> Run:
    when = Month.of(month)
    with clock.use(when.after.first):
        run = benefits.submit_run(run=benefits.compute_run(month=when, by=CLERK), by=CLERK)
        return benefits.approve_run(run=run, by=APPROVER)


def test_the_gift_of_a_season_is_given_once_to_a_household(town: Town, settings: Any) -> None:
    settings.SYNTHETIC = True
    put_all(rows_of(FAMILY, {}))
    with clock.use(date(2024, 8, 5)):
        low_income(since=date(2024, 7, 10))
        case = gift_case(town)
        weighed = queries.weighed(case, town.by("town"))
        assert weighed is not None and (str(weighed.month), weighed.amount_fen) == ("2024-07", 20_000)
        with pytest.raises(CaseError, match="还没有统一发放"):
            granted(case, town, 20_000)
    approved("2024-07")
    assert not PaymentLine.objects.filter(programme="electricity_gift").exists(), "known after the month began: the run left it out"
    with clock.use(date(2024, 8, 5)):
        with pytest.raises(CaseError, match="最多给予 ¥200.00"):
            granted(case, town, 20_001, "多给一些电费")
        granted(case, town, 20_000)
        line = PaymentLine.objects.get(programme="electricity_gift")
        assert (line.amount_fen, line.month, line.purpose, line.person_key) == (20_000, date(2024, 7, 1), "regular", 11)
        second = gift_case(town, "father")
        with pytest.raises(CaseError, match="已经给过"):
            granted(second, town, 20_000)
        actions.withdraw_case(case=second, by=town.by("town"), because="已经给过，本人撤回")
        with pytest.raises(BenefitsError, match="已经给过"):
            benefits.make_up(name="electricity_gift", month=Month.of("2024-07"), person_key=12, household_key=901, division_code=VILLAGE, amount_fen=20_000, source="别的", by=CLERK.system("测试"))
        run = benefits.compute_run(month=Month.of("2024-07"), by=CLERK, kind="correction")
        assert not RunChange.objects.filter(run=run, programme="electricity_gift").exists(), "neither paid again nor claimed back"
    assert not Recovery.objects.exists() and Entitlement.objects.get(programme="electricity_gift").valid_to == date(2024, 8, 1)


def test_no_gift_where_the_month_gave_it_or_the_rule_does_not(town: Town, settings: Any) -> None:
    settings.SYNTHETIC = True
    put_all(rows_of(FAMILY, {}))
    low_income()
    approved("2024-07")
    assert PaymentLine.objects.filter(programme="electricity_gift").count() == 1
    with clock.use(date(2024, 8, 5)):
        case = gift_case(town)
        with pytest.raises(CaseError, match="已经给过"):
            granted(case, town, 20_000)
        Award.objects.filter(programme="minimum_living").delete()
        with pytest.raises(CaseError, match="按规则测算不能给予"):
            actions.decide(case=case, by=town.by("county"), kind="grant", amount_fen=20_000, explanation="特别困难，请给予")
    assert PaymentBatch.objects.filter(key__startswith="case:").count() == 0


def changed(town: Town, income: int, kind: str) -> Case:
    case = actions.open_case(item="change_of_circumstances", applicant=town.mother, by=town.citizen, form_token=token())
    answers = {"name": town.mother.name, "phone": "13900001234", "what": "income", "changed_on": "2024-05-01", "statement": "摊位的收入变了", "business_income_fen": income, "transfer_income_fen": 0}
    actions.submit_case(case=case, answers={**queries.answers(case, town.citizen), **answers}, by=town.citizen, promises=["proof"])
    actions.accept_case(case=case, by=town.by("town"))
    actions.propose(case=case, by=town.by("town"), kind=kind, opinion="情况属实，按变化核算")
    if kind == "reduce":
        actions.hold_hearing(case=case, by=town.by("county"), heard_on=clock.business_date(), statement="没有意见")
    return case


def economy(income: int) -> None:
    put_all(rows_of(FAMILY, {"household_economy": [{"person_key": 11, "declared_on": date(2024, 4, 1), "business_income_fen": income}]}))


def due(month: str) -> int:
    return Entitlement.objects.get(programme="minimum_living", valid_from__lte=Month.of(month).first, valid_to=None).amount_fen


def due_before_declared(before: int) -> int:
    """What July came to."""
    return before + 120_000 + RAISE


def test_an_increase_reaches_the_next_run(town: Town, settings: Any) -> None:
    settings.SYNTHETIC = True
    economy(150_000)
    low_income(11, 12)
    approved("2024-05")
    before = due("2024-05")
    case = changed(town, 30_000, "increase")
    weighed = queries.weighed(case, town.by("county"))
    actions.decide(case=case, by=town.by("county"), kind="increase", explanation="收入减少，按变化后的收入核算")
    told = case.actions.get(verb="outcome").details
    assert (told["since"], told["joined"], told["left"]) == ("2024-07-01", 1, 0) and Award.objects.filter(until=None).count() == 3
    assert in_words(told) == "自 2024 年 7 月起，每月金额按变化后的人口和收入由当月核算得出（增加 1 人），不用另外申请"
    assert "2024 年 7 月" in printing.paper_data(case, "decision", case.actions.get(verb="decide"), "CODE")["effect"]
    approved("2024-07")
    assert weighed is not None and due("2024-07") == before + 120_000 + RAISE == weighed.amount_fen + RAISE, "the feed still says 1,500.00; the case counts"
    put("household_economy", [{"person_key": 11, "declared_on": date(2024, 7, 15), "business_income_fen": 10_000}], date(2024, 7, 31))
    approved("2024-08")
    assert due("2024-08") == due_before_declared(before) + 20_000, "a later declaration counts again"
    with clock.use(date(2025, 9, 1)):
        from minzheng.kernel.benefits.standing import awarded
        from minzheng.kernel.rules.language import Input

        known = {"business_income": Input("business_income", "x", "fen", "declared")}
        Award.objects.filter(person_key=11).update(terms={"business_income": 5, "figures_on": 20240801})
        assert "business_income" in awarded(Month.of("2025-08"), known).columns and "business_income" not in awarded(Month.of("2025-09"), known).columns


def test_a_reduction_was_heard_and_is_not_heard_again(town: Town, settings: Any) -> None:
    settings.SYNTHETIC = True
    economy(0)
    low_income()
    approved("2024-05")
    before = due("2024-05")
    case = changed(town, 100_000, "reduce")
    actions.decide(case=case, by=town.by("county"), kind="reduce", reason_codes=["income_up"], explanation="收入增加，按变化核算")
    approved("2024-07")
    assert due("2024-07") == before - 100_000 + RAISE and not Review.objects.exists()
    change = RunChange.objects.get(run__month="2024-07", programme="minimum_living")
    assert change.kind == "change" and case.number in str(change.cause)
    economy_later = [{"person_key": 12, "declared_on": date(2024, 7, 20), "business_income_fen": 50_000}]
    put("household_economy", economy_later, date(2024, 7, 31))
    approved("2024-08")
    assert Review.objects.filter(state="open").count() == 1 and due("2024-08") == before - 100_000 + RAISE, "what the case did not hear is heard first"


def test_who_left_is_let_go_with_a_reduction(town: Town, settings: Any) -> None:
    settings.SYNTHETIC = True
    economy(0)
    low_income()
    town.child.memberships.update(valid_to=date(2024, 5, 1))
    case = changed(town, 0, "reduce")
    actions.decide(case=case, by=town.by("county"), kind="reduce", reason_codes=["member_left"], explanation="孩子已随祖父母生活")
    assert Award.objects.get(person_key=13).until == date(2024, 7, 1) and Award.objects.filter(until=None).count() == 2
    assert case.actions.get(verb="outcome").details["left"] == 1
    assert queries.effect(case, town.citizen).endswith("（减少 1 人），不用另外申请")


def test_a_reduction_that_does_not_stand_leaves_nothing_behind(town: Town, settings: Any) -> None:
    settings.SYNTHETIC = True
    economy(0)
    low_income()
    town.child.memberships.update(valid_to=date(2024, 5, 1))
    case = changed(town, 100_000, "reduce")
    actions.decide(case=case, by=town.by("county"), kind="reduce", reason_codes=["income_up"], explanation="收入增加，按变化核算")
    assert all("agreed_fen" in award.terms for award in Award.objects.filter(until=None))
    assert Award.objects.get(person_key=11, until=None).terms["business_income"] == 100_000
    actions.object_to(case=case, by=town.citizen, statement="收入只有一个月，孩子也还在家")
    actions.review_objection(case=case, by=town.by("second_county"), founded=True, explanation="成立，重新决定")
    actions.decide(case=case, by=town.by("county"), kind="keep", explanation="收入不稳定，维持原待遇")
    held = Award.objects.filter(until=None)
    assert sorted(held.values_list("person_key", flat=True)) == [11, 12, 13]
    assert not any({"agreed_fen", "business_income", "figures_on"} & set(award.terms) for award in held if award.person_key != 13)


def test_a_grant_reckons_in_the_run_as_at_the_counter(town: Town, settings: Any) -> None:
    from tests.kernel.casework.conftest import ready_to_propose

    settings.SYNTHETIC = True
    put_all(rows_of(FAMILY, {}))
    with clock.use(date(2024, 6, 3)):
        case = ready_to_propose(town)
        actions.propose(case=case, by=town.by("town"), kind="grant", opinion="同意", class_="C")
        until = actions.publish(case=case, by=town.by("town")).until
    with clock.use(until.replace(day=until.day + 1)):
        actions.take_down(case=case, by=town.by("town"))
        actions.decide(case=case, by=town.by("county"), kind="grant", class_="C", explanation="按核对情况")
        weighed = queries.weighed(case, town.by("county"))
    approved("2024-07")
    assert weighed is not None and weighed.amount_fen > 0
    month = Month.of("2024-07")
    with clock.use(month.first):
        july = queries.weighed(case, town.by("county"), month.first)
    assert july is not None and due("2024-07") == july.amount_fen
    season_paid("2023-12")
