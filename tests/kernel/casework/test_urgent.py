"""Temporary assistance: pay first, papers later; and the ladder, the lapses, the promises."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from minzheng.kernel.benefits.models import Award
from minzheng.kernel.casework import actions, catalogue, queries
from minzheng.kernel.casework.actions.promises import drawn_from
from minzheng.kernel.casework.errors import CaseError, NotAllowed
from minzheng.kernel.casework.models import Case, Publication
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.calendar import add_working_days
from minzheng.kernel.foundation.models import Notification
from minzheng.kernel.ledger.models import PaymentBatch, PaymentLine
from minzheng.kernel.registry.models import Fact
from tests.kernel.casework.conftest import (
    OTHER,
    TODAY,
    VILLAGE,
    Town,
    submitted,
    token,
)

NIGHT = Actor.system("夜间批处理")


def fire(town: Town, **changed: Any) -> dict[str, Any]:
    return {
        "name": town.stranger.name, "id_number": town.stranger.id_number, "phone": "13900001234", "grant_kind": 1, "grant_grade": 1,
        "happened_on": "2024-06-02", "what_happened": "昨夜家中失火", **changed,
    }  # fmt: skip


def asked(town: Town, place: str = VILLAGE, **changed: Any) -> Case:
    case = actions.open_case(
        item="temporary_assistance", applicant=town.stranger, by=town.other_citizen, form_token=token(), division_code=place
    )
    return actions.submit_case(case=case, answers=fire(town, **changed), by=town.other_citizen, promises=["event"])


def test_paid_the_same_day_and_papers_afterwards(town: Town, settings: Any) -> None:
    settings.SYNTHETIC = True
    case = asked(town)
    actions.accept_case(case=case, by=town.by("town"), urgent=True)
    case.refresh_from_db()
    assert case.urgent and case.due_on == date(2024, 6, 4)
    weighed = queries.weighed(case, town.by("town"))
    assert weighed is not None and weighed.eligible
    with pytest.raises(CaseError, match="先行救助"):
        actions.decide(case=case, by=town.by("town"), kind="grant", amount_fen=weighed.amount_fen + 1, explanation="特别困难，多给一些")
    same = token()
    for _ in range(2):
        actions.decide(case=case, by=town.by("town"), kind="grant", amount_fen=weighed.amount_fen, form_token=same)
    batch = PaymentBatch.objects.get()
    line = PaymentLine.objects.get()
    assert (batch.key, batch.created_on, line.person_key, line.amount_fen) == (f"case:{case.number}", TODAY, 77, weighed.amount_fen)
    assert batch.created_by == "town", "who decided cannot release the money"
    standing = queries.standing(case, town.by("town"))
    assert standing.state == "decided" and {"papers", "announce"} <= set(standing.steps)
    with pytest.raises(NotAllowed):
        actions.close_case(case=case, by=town.by("town"))
    actions.complete_papers(case=case, by=town.by("town"), statement="失火情况已由消防确认")
    actions.publish(case=case, by=town.by("town"))
    assert ["金额", f"¥{weighed.amount_fen / 100:,.2f}"] in Publication.objects.get().shown
    actions.close_case(case=case, by=town.by("town"))
    again = queries.weighed(case, town.by("town"))
    assert again is not None
    assert again.why.result.lines[[line.name for line in again.why.result.lines].index("granted")].value == weighed.amount_fen


def test_no_money_on_figures_that_nobody_confirmed(town: Town, settings: Any) -> None:
    settings.SYNTHETIC = False
    case = asked(town)
    actions.accept_case(case=case, by=town.by("town"), urgent=True)
    weighed = queries.weighed(case, town.by("town"))
    assert weighed is not None and weighed.why.result.unverified
    with pytest.raises(CaseError, match="核定"):
        actions.decide(case=case, by=town.by("town"), kind="grant", amount_fen=weighed.amount_fen)
    assert not PaymentBatch.objects.exists()
    actions.decide(case=case, by=town.by("town"), kind="refuse", reason_codes=["covered"], explanation="保险已全额赔付")


def test_place_of_need(town: Town) -> None:
    with pytest.raises(CaseError, match="急难发生地"):
        asked(town, place="")
    case = asked(town, place=OTHER)
    assert case.division_code == OTHER
    assert not queries.cases(town.by("town")).exists() and queries.cases(town.by("outside")).count() == 1
    actions.transfer_case(case=case, by=town.by("outside"), to_division=VILLAGE, because="在那里发生")
    assert queries.cases(town.by("town")).count() == 1 and not queries.cases(town.by("outside")).exists()


def test_overdue_climbs_to_the_city_and_stays(town: Town) -> None:
    case = submitted(town)
    assert case.due_on == date(2024, 6, 6)
    day, seen = TODAY, []
    for _ in range(30):
        day = add_working_days(day, 1)
        with clock.use(day):
            actions.climb_overdue(as_of=day, by=NIGHT)
            actions.climb_overdue(as_of=day, by=NIGHT)
        case.refresh_from_db()
        if not seen or seen[-1][0] != case.rung:
            seen.append((case.rung, day, case.due_on))
    assert [rung for rung, _day, _due in seen] == [4, 3, 2]
    assert seen[1][1] == date(2024, 6, 7) and seen[1][2] == date(2024, 6, 13), "10 June is a holiday"
    assert Notification.objects.filter(kind="case_climbed", user=town.county).exists()


def test_completion_is_asked_once_and_stops_the_clock(town: Town) -> None:
    case = submitted(town, serious_illness=True, care_costs_fen=50000)
    assert "accept" not in queries.verbs(case, town.by("town"))
    with pytest.raises(CaseError, match="还漏了：疾病诊断证明"):
        actions.return_for_completion(case=case, by=town.by("town"), missing={"phone": "号码打不通"})
    actions.return_for_completion(case=case, by=town.by("town"), missing={"illness": "请交诊断证明"})
    case.refresh_from_db()
    assert (case.state, case.waiting_for, case.due_on) == ("returned", "applicant", date(2024, 7, 3))
    with clock.use(date(2024, 6, 11)):
        pdf = b"%PDF-1.4\n%%EOF"
        assert actions.attach_material(case=case, by=town.citizen, material="illness", content=pdf).pk == actions.attach_material(
            case=case, by=town.citizen, material="illness", content=pdf).pk  # fmt: skip
        for content, words in ((b"<svg onload=alert(1)>", "只收"), (b"MZ", "只收"), (b"", "空文件")):
            with pytest.raises(CaseError, match=words):
                actions.attach_material(case=case, by=town.citizen, material="illness", content=content)
        actions.supplement_case(case=case, by=town.citizen)
        case.refresh_from_db()
        assert case.due_on == date(2024, 6, 14), "none of the days in between counted"
        with pytest.raises(NotAllowed):
            actions.return_for_completion(case=case, by=town.by("town"), missing={"phone": "再补"})
        actions.accept_case(case=case, by=town.by("town"))


def test_what_does_not_come_lapses(town: Town) -> None:
    case = submitted(town, serious_illness=True, care_costs_fen=50000)
    actions.defer_material(case=case, by=town.by("town"), material="illness")
    actions.accept_case(case=case, by=town.by("town"))
    assert queries.standing(case, town.by("town")).open_materials[0].due_on == date(2024, 6, 18)
    for day, lapsed in ((date(2024, 6, 18), 0), (date(2024, 6, 19), 1), (date(2024, 6, 19), 1)):
        with clock.use(day):
            assert actions.lapse_overdue(as_of=day, by=NIGHT) == lapsed
    case.refresh_from_db()
    assert case.state == "lapsed"
    other = submitted(town)
    actions.return_for_completion(case=other, by=town.by("town"), missing={"phone": "号码打不通"})
    with clock.use(date(2024, 7, 4)):
        assert actions.lapse_overdue(as_of=date(2024, 7, 4), by=NIGHT) == 1


def test_a_large_family_is_paid_first_what_a_town_may_decide(town: Town, settings: Any) -> None:
    settings.SYNTHETIC = True
    case = actions.open_case(item="temporary_assistance", applicant=town.mother, by=town.citizen, form_token=token(), division_code=VILLAGE)
    members = [{"name": each.name, "id_number": each.id_number, "relation": "other"} for each in (town.mother, town.father, town.child)]
    actions.submit_case(case=case, answers={**fire(town), "name": town.mother.name, "id_number": town.mother.id_number, "members": members}, by=town.citizen, promises=["event"])
    actions.accept_case(case=case, by=town.by("town"), urgent=True)
    weighed = queries.weighed(case, town.by("town"))
    assert weighed is not None and weighed.eligible
    most = next(line.value for line in weighed.why.result.lines if line.name == "pay_first_most")
    assert 0 < most < weighed.amount_fen, "three people are due more than a town may decide at once"
    with pytest.raises(CaseError, match=f"最多发 ¥{most / 100:,.2f}"):
        actions.decide(case=case, by=town.by("town"), kind="grant", amount_fen=weighed.amount_fen)
    actions.decide(case=case, by=town.by("town"), kind="grant", amount_fen=most, explanation="先按镇街权限救急")
    assert PaymentLine.objects.get().amount_fen == most


def test_a_place_is_no_row_of_digits() -> None:
    version = catalogue.item("medical_charity").versions[-1]
    assert version.open_in("320411001001") and not version.open_in("320412100201")
    only = version.model_copy(update={"pilot": ("320410000000",)})
    assert not only.open_in("320411001001"), "a county that ends in nought is not all that begin alike"


def test_promises_are_drawn_by_seed_and_a_breach_stays(town: Town, settings: Any) -> None:
    settings.SYNTHETIC = True
    case = asked(town)
    actions.accept_case(case=case, by=town.by("town"), urgent=True)
    actions.decide(case=case, by=town.by("town"), kind="grant", amount_fen=queries.weighed(case, town.by("town")).amount_fen)  # type: ignore[union-attr]
    for elsewhere in ("320411000000", "320402010000"):
        with pytest.raises(CaseError, match="没有可以抽查"):
            actions.draw_promises(by=town.by("county"), division_code=elsewhere, count=1)
    with pytest.raises(CaseError, match="没有这个范围"):
        actions.draw_promises(by=town.by("county"), division_code="atlantis", count=1)
    draw = actions.draw_promises(by=town.by("county"), division_code="320402000000", count=3, seed="abc")
    assert draw.drawn == drawn_from(draw.among, "abc", 3) == [case.number]
    with pytest.raises(NotAllowed):
        actions.settle_promise(case=case, by=town.by("town"), material="bills", kept=False, findings="查无此事")
    actions.settle_promise(case=case, by=town.by("town"), material="event", kept=False, findings="消防没有出警记录")
    assert [promise.checked for promise in queries.standing(case, town.by("town")).promises] == ["breach"]
    broken = Fact.objects.get(kind="promise_broken")
    assert (broken.person, broken.valid_to, broken.source) == (town.stranger, date(2027, 6, 3), f"办件 {case.number}")
    assert Notification.objects.filter(kind="promise_broken", user=town.county).exists()
    case.refresh_from_db()
    assert case.recheck_on == TODAY and queries.rechecks_due(town.by("town"), TODAY).count() == 1
    actions.complete_papers(case=case, by=town.by("town"), statement="失火情况已由消防确认")
    actions.publish(case=case, by=town.by("town"))
    actions.close_case(case=case, by=town.by("town"))
    with pytest.raises(CaseError, match="承诺失实的记录"):
        asked(town)
    with clock.use(date(2026, 7, 3)), pytest.raises(CaseError, match="承诺失实的记录"):
        actions.promise_material(case=submitted_without_promise(town), by=town.other_citizen, material="event")


def submitted_without_promise(town: Town) -> Case:
    for left in Case.objects.filter(applicant=town.stranger, state="draft"):
        actions.withdraw_case(case=left, by=town.other_citizen)
    case = actions.open_case(item="temporary_assistance", applicant=town.stranger, by=town.other_citizen, form_token=token(), division_code=VILLAGE)
    return actions.submit_case(case=case, answers=fire(town), by=town.other_citizen)


def test_pause_and_hearing_and_objection(town: Town) -> None:
    award = Award.objects.create(
        programme="minimum_living", mode="household", person_key=11, household_key=901, division_code=VILLAGE, since=date(2024, 1, 1),
        source="测试", recorded_on=TODAY,
    )  # fmt: skip
    case = actions.open_case(item="change_of_circumstances", applicant=town.mother, by=town.citizen, form_token=token())
    answers = {"name": town.mother.name, "phone": "13900001234", "what": "income", "changed_on": "2024-05-01", "statement": "找到工作了", "business_income_fen": 900000, "transfer_income_fen": 0}
    actions.submit_case(case=case, answers=answers, by=town.citizen, promises=["proof"])
    actions.accept_case(case=case, by=town.by("town"))
    before = {clock_.name: clock_.due_on for clock_ in queries.standing(case, town.by("town")).clocks}
    actions.pause_case(case=case, by=town.by("town"), why="other_authority", explanation="等待人社结论")
    with clock.use(TODAY + timedelta(days=7)):
        actions.resume_case(case=case, by=town.by("town"))
        after = {clock_.name: clock_.due_on for clock_ in queries.standing(case, town.by("town")).clocks}
        assert after["limit"] == add_working_days(before["limit"], 4) if before["limit"] else False, "端午 did not count anyhow"
        actions.propose(case=case, by=town.by("town"), kind="end", opinion="收入已超过标准，建议停发")
        with pytest.raises(CaseError, match="听取"):
            actions.decide(case=case, by=town.by("county"), kind="end", reason_codes=["income_up"])
        actions.hold_hearing(case=case, by=town.by("county"), heard_on=clock.business_date(), statement="没有意见")
        actions.decide(case=case, by=town.by("county"), kind="end", reason_codes=["income_up"], explanation="收入稳定提高")
        award.refresh_from_db()
        assert award.until == date(2024, 7, 1)
        actions.object_to(case=case, by=town.citizen, statement="收入不稳定，只有三个月")
        with pytest.raises(CaseError, match="另一个人"):
            actions.review_objection(case=case, by=town.by("county"), founded=True, explanation="成立，重新决定")
        actions.review_objection(case=case, by=town.by("second_county"), founded=True, explanation="成立，重新决定")
        assert queries.standing(case, town.by("county")).state == "under_way"
        with pytest.raises(CaseError, match="理由"):
            actions.decide(case=case, by=town.by("county"), kind="reduce")
        actions.decide(case=case, by=town.by("county"), kind="keep", explanation="收入不稳定，维持原待遇")
        assert Award.objects.get(programme="minimum_living", until=None).since == date(2024, 7, 1), "no day without it"


def test_bundle_is_all_or_nothing(town: Town) -> None:
    members = [{"name": town.mother.name, "id_number": town.mother.id_number, "relation": "head"}]
    answers = {
        "name": town.mother.name, "id_number": town.mother.id_number, "phone": "13900001234", "address": "兰陵街道 1 号", "members": members,
        "want_living": "minimum_living", "want_temporary": True, "business_income_fen": 0, "transfer_income_fen": 0, "financial_assets_fen": 0,
        "reasons": "other", "statement": "丈夫生病，没有收入", "grant_kind": 1, "happened_on": "2024-06-01", "what_happened": "丈夫突发重病住院",
    }  # fmt: skip
    with pytest.raises(CaseError, match="急难发生地"):
        actions.apply_bundle(bundle="hardship_in_one", applicant=town.mother, answers=answers, by=town.citizen, form_token=token())
    assert not Case.objects.exists()
    same = token()
    for _ in range(2):
        row = actions.apply_bundle(
            bundle="hardship_in_one", applicant=town.mother, answers=answers, by=town.citizen, form_token=same, promises=["event"], division_code=VILLAGE
        )
    assert sorted(row.cases.values_list("item", "state")) == [("minimum_living", "submitted"), ("temporary_assistance", "submitted")]
