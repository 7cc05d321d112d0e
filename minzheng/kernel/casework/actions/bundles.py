"""一件事: one form, several cases, one progress. Everything or nothing."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from typing import Any

from minzheng.kernel.casework import catalogue, forms
from minzheng.kernel.casework.actions.base import verb
from minzheng.kernel.casework.actions.opening import SYMBOLS, home_of, open_case, submit_case
from minzheng.kernel.casework.errors import CaseError, FormFaults
from minzheng.kernel.casework.items import Bundle
from minzheng.kernel.casework.models import BundleCase, Case
from minzheng.kernel.casework.people import Citizen
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.models import Person


def chosen(bundle: Bundle, answers: Mapping[str, Any]) -> list[str]:
    """The items that the answers ask for."""
    return [part.item for part in bundle.items if part.when is None or part.when.holds(dict(answers))]


@verb("open")
def apply_bundle(
    *, bundle: str, applicant: Person, answers: Mapping[str, Any], by: Actor, form_token: str, applied_by: str = "self",
    promises: Collection[str] = (), later: Collection[str] = (), division_code: str = "",
) -> BundleCase:  # fmt: skip
    """Send one form for several items: each becomes a case of its own, submitted with what the form says for it. The same token gives the
    first one back. Raises FormFaults, CaseError; then nothing was opened."""
    today = clock.business_date()
    Person.objects.select_for_update().get(pk=applicant.pk)  # two forms for one person come one after the other
    if first := BundleCase.objects.filter(form_token=form_token).first():
        if first.applicant_id == applicant.pk and first.bundle == bundle:
            return first
        raise CaseError("该表单已用于另一次办理，请重新打开页面")
    found = catalogue.bundles().get(bundle)
    if found is None:
        raise CaseError(f"没有“{bundle}”这个一件事")
    if isinstance(by, Citizen) and applicant.person_key not in by.people:
        raise CaseError("只能为本人或已登记由您代办的家人申请")
    told = forms.tidied(found.form, answers)
    if faults := forms.check(found.form, told):
        raise FormFaults(tuple(faults))
    wanted = chosen(found, told)
    if not wanted:
        raise CaseError("请至少选择一项要办的事")
    row = BundleCase.objects.create(
        number=f"YJS{today:%Y%m%d}-{''.join(secrets.choice(SYMBOLS) for _ in range(8))}", bundle=bundle, applicant=applicant,
        division_code=division_code or home_of(applicant, today).division_code, opened_on=today, form_token=form_token,
    )  # fmt: skip
    for part in found.items:
        if part.item in wanted:
            _one(row, part.item, part.fields, told, applicant, by, applied_by, promises, later, division_code)
    audit.record(by, "bundle.apply", f"bundle:{row.pk}", found.title, items=wanted)
    return row


def _one(
    row: BundleCase, item: str, fields: Mapping[str, str], told: Mapping[str, Any], applicant: Person, by: Actor, applied_by: str,
    promises: Collection[str], later: Collection[str], division_code: str,
) -> Case:  # fmt: skip
    service = catalogue.item_at(item, clock.business_date())
    place = division_code if service.version.place == "need" else ""
    case = open_case(
        item=item, applicant=applicant, by=by, form_token=f"{row.form_token}:{item}"[:64], applied_by=applied_by, bundle=row, division_code=place
    )
    names = service.version.form.fields
    mine = {name: told[fields.get(name, name)] for name in names if fields.get(name, name) in told}
    known = forms.prefill(service, applicant, case.household, clock.business_date(), Actor.system("一件事"))
    told_all = {**known, **mine}
    asked = service.materials(told_all)
    return submit_case(
        case=case, answers=told_all, by=by, promises=[each.name for each in asked if each.may_promise and each.name in promises],
        later=[each.name for each in asked if each.may_supplement_later and each.name in later and each.name not in promises],
    )
