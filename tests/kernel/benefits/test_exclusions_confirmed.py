"""Rows of the matrix are confirmed on the page by two people; runs rest on what is confirmed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from minzheng.kernel.benefits import actions
from minzheng.kernel.benefits.errors import BenefitsError, StaleRun
from minzheng.kernel.benefits.exclusions import matrix
from minzheng.kernel.benefits.exclusions_now import matrix_now
from minzheng.kernel.benefits.models import ExclusionChange
from minzheng.kernel.foundation.access import Forbidden
from minzheng.kernel.foundation.models import AuditEntry
from tests.kernel.benefits.conftest import APPROVER, CLERK, DISTRICT, City

ROW, SOURCE = "minimum_living/longevity_allowance", "常民发〔2024〕5号 第二条"


def unverified(run: object) -> set[str]:
    return {each["name"] for each in run.unverified}  # type: ignore[attr-defined]


def test_a_confirmed_row_no_longer_stands_in_the_way_of_a_run(city: City) -> None:
    city.put(1, birth=19400101)
    draft = city.compute("2024-01")
    assert ROW in unverified(draft) and matrix_now().named(ROW).status == "unverified"  # type: ignore[union-attr]
    change = actions.propose_exclusion(row=ROW, source=SOURCE, by=CLERK)
    assert ROW in unverified(city.compute("2024-01")), "a proposal changes nothing"
    submitted = actions.submit_run(run=draft, by=CLERK)
    assert actions.confirm_exclusion(change=change, by=APPROVER) == actions.confirm_exclusion(change=change, by=APPROVER)
    row = matrix_now().named(ROW)
    assert row and (row.status, row.source) == ("confirmed", SOURCE) and matrix().named(ROW).status == "unverified"  # type: ignore[union-attr]
    with pytest.raises(StaleRun, match="重新核算"):
        actions.approve_run(run=submitted, by=APPROVER)
    actions.reject_run(run=submitted, by=APPROVER, note="规则已核实")
    assert ROW not in unverified(city.compute("2024-01"))
    assert AuditEntry.objects.filter(verb__startswith="exclusion.").count() == 2


def test_two_people_and_a_document_are_needed(city: City) -> None:
    with pytest.raises(BenefitsError, match="没有叠加规则"):
        actions.propose_exclusion(row="a/b", source=SOURCE, by=CLERK)
    with pytest.raises(BenefitsError, match="写明依据"):
        actions.propose_exclusion(row=ROW, source="无", by=CLERK)
    with pytest.raises(Forbidden):
        actions.propose_exclusion(row=ROW, source=SOURCE, by=DISTRICT)
    change = actions.propose_exclusion(row=ROW, source=SOURCE, by=CLERK)
    with pytest.raises(BenefitsError, match="等待确认"):
        actions.propose_exclusion(row=ROW, source=SOURCE, by=CLERK)
    with pytest.raises(BenefitsError, match="不同的人"):
        actions.confirm_exclusion(change=change, by=replace(APPROVER, name="clerk"))
    with pytest.raises(BenefitsError, match="写明理由"):
        actions.reject_exclusion(change=change, by=APPROVER, note="")
    assert actions.reject_exclusion(change=change, by=APPROVER, note="条款不符").state == "rejected"
    with pytest.raises(BenefitsError, match="已由 approver 处理"):
        actions.confirm_exclusion(change=change, by=APPROVER)
    assert matrix_now().named(ROW).status == "unverified"  # type: ignore[union-attr]


def test_a_row_that_reads_otherwise_by_now_is_to_be_looked_at_again(city: City) -> None:
    change = actions.propose_exclusion(row=ROW, source=SOURCE, by=CLERK)
    ExclusionChange.objects.filter(pk=change.pk).update(content={**change.content, "rule": "higher"})
    with pytest.raises(BenefitsError, match="有变化"):
        actions.confirm_exclusion(change=change, by=APPROVER)
    ExclusionChange.objects.filter(pk=change.pk).update(state="confirmed", decided_on=change.proposed_on)
    assert matrix_now().named(ROW).status == "unverified"  # type: ignore[union-attr]
