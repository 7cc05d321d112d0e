"""A case as it comes about at the counter: sent with a paper, and accepted."""

from __future__ import annotations

from typing import Any

from minzheng.kernel.casework import actions, queries
from minzheng.kernel.casework.models import BundleCase, Case
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.models import Person

PNG = b"\x89PNG\r\n\x1a\n" + b"\1" * 64
ANSWERS: dict[str, Any] = {
    "reasons": "illness", "business_income_fen": 80_000, "transfer_income_fen": 30_000, "financial_assets_fen": 1_200_000,
    "owns_vehicle": False, "serious_illness": True, "care_costs_fen": 60_000, "statement": "母亲中风卧床，儿子失业在家照顾",
}  # fmt: skip
WHO = Actor.system("测试")


def draft(person: Person, token: str, by: Actor = WHO, **how: Any) -> Case:
    """A case that was begun, with everything known filled in."""
    return actions.open_case(item="minimum_living", applicant=person, by=by, form_token=token, **how)


def sent(person: Person, token: str, by: Actor = WHO, **answers: Any) -> Case:
    """A case that waits for acceptance, the paper of the illness handed in."""
    case = draft(person, token, by)
    actions.attach_material(case=case, by=by, material="illness", content=PNG + token.encode())
    known = queries.answers(case, by)
    return actions.submit_case(case=case, answers={**known, **ANSWERS, **answers}, by=by, signature="纸质签名")


def accepted(person: Person, token: str, by: Actor = WHO) -> Case:
    """A case that is under way: the check and the visit come next."""
    return actions.accept_case(case=sent(person, token, by), by=by)


def together(case: Case, number: str) -> BundleCase:
    """A 一件事 of which the case is the only one."""
    row = BundleCase.objects.create(
        number=number, bundle="hardship_in_one", applicant=case.applicant, division_code=case.division_code, opened_on=case.opened_on, form_token=number
    )
    Case.objects.filter(pk=case.pk).update(bundle=row)
    case.bundle = row
    return row
