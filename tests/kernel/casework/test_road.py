"""The road of an application from the form to what it comes to."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from minzheng.kernel.benefits.models import Award
from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.actions.base import cached
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.models import Case, CaseAction, Publication
from minzheng.kernel.casework.reading import standing_of
from minzheng.kernel.foundation import audit, clock
from tests.kernel.casework.conftest import TODAY, Town, ready_to_propose, submitted, token


def test_minimum_living_from_application_to_award(town: Town) -> None:
    case = ready_to_propose(town)
    weighed = queries.weighed(case, town.by("town"))
    assert weighed is not None and weighed.eligible, [line.label for line in weighed.why.result.failed]
    assert weighed.amount_fen > 0
    actions.propose(case=case, by=town.by("town"), kind="grant", opinion="同意", class_="C")
    notice = actions.publish(case=case, by=town.by("town"))
    assert notice.shown[0] == ["申请人", "张*兰"] and notice.until == TODAY + timedelta(days=7)
    with clock.use(notice.until + timedelta(days=1)):
        assert actions.take_down_finished(as_of=clock.business_date(), by=town.by("town").system("夜")) == 1
        assert not queries.public_notices(clock.business_date()).exists()
        actions.decide(case=case, by=town.by("county"), kind="grant", class_="C")
        case.refresh_from_db()
        assert case.state == "decided" and case.recheck_on == date(2024, 9, 11)
        awards = Award.objects.filter(programme="minimum_living").order_by("person_key")
        assert [award.person_key for award in awards] == [11, 12, 13]
        assert awards[0].since == date(2024, 7, 1) and case.number in awards[0].source
        actions.publish(case=case, by=town.by("town"))
        actions.close_case(case=case, by=town.by("town"))
    case.refresh_from_db()
    assert case.state == "closed"
    assert audit.verify() is None
    for row in Case.objects.all():
        assert {name: getattr(row, name) for name in cached(standing_of(row, TODAY))} == cached(standing_of(row, TODAY))


def test_the_new_law_has_no_publicity_before_the_decision(town: Town) -> None:
    with clock.use(date(2026, 7, 1)):
        case = submitted(town)
        actions.accept_case(case=case, by=town.by("town"))
    assert case.item_version == "2026-07-01"
    with clock.use(date(2026, 6, 30)):
        other = actions.open_case(item="minimum_living", applicant=town.stranger, by=town.other_citizen, form_token=token())
    assert other.item_version == "2021-07-01"
    with clock.use(date(2026, 7, 2)):
        names = [step.name for step in __import__("minzheng.kernel.casework.reading", fromlist=["x"]).service_of(other).version.steps]
    assert "publicity" in names


def test_deviation_needs_a_reason(town: Town) -> None:
    case = ready_to_propose(town)
    with pytest.raises(CaseError, match="理由"):
        actions.propose(case=case, by=town.by("town"), kind="refuse", opinion="")
    actions.propose(case=case, by=town.by("town"), kind="refuse", opinion="家中有未申报的大额存款")
    actions.publish(case=case, by=town.by("town"))
    with clock.use(TODAY + timedelta(days=8)):
        actions.take_down(case=case, by=town.by("town"))
        with pytest.raises(CaseError, match="不一致"):
            actions.decide(case=case, by=town.by("county"), kind="refuse", reason_codes=["property"])
        actions.decide(case=case, by=town.by("county"), kind="refuse", reason_codes=["property"], explanation="核实有未申报存款八万元")
        standing = queries.standing(case, town.by("county"))
        assert standing.decision is not None and standing.decision.deviates
        assert {remedy.name for remedy in standing.remedies} == {"objection", "reconsideration", "lawsuit"}
    assert not Award.objects.exists()
    last = CaseAction.objects.filter(case=case, verb="decide").get()
    assert "核实" not in str(last.details) and "核实" in last.sealed


def test_publication_shows_no_more_than_it_may(town: Town) -> None:
    case = ready_to_propose(town)
    actions.propose(case=case, by=town.by("town"), kind="grant", opinion="同意", class_="C")
    actions.publish(case=case, by=town.by("town"))
    shown = str(Publication.objects.get().shown)
    assert town.mother.name not in shown and town.mother.id_number not in shown and "残疾" not in shown
