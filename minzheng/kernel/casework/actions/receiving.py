"""Receiving an application: accept, decline, ask for completion once and whole, take papers, promises, and papers that come later."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from minzheng.kernel.casework.actions.base import MACHINE, Work, begin, reason, verb
from minzheng.kernel.casework.actions.opening import check_credit, checked, details_of, home_of, material_list
from minzheng.kernel.casework.errors import CaseError
from minzheng.kernel.casework.models import Case, CasePaper
from minzheng.kernel.casework.reading import answers_of
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.documents.actions import add_document
from minzheng.kernel.registry.documents.formats import DocumentError

DECLINE_REASONS = {
    "not_here": "不属于本地受理范围", "not_this": "不属于本事项的救助范围", "not_entitled_to_apply": "申请人不具备申请资格",
    "repeated": "同一事项已有生效决定且情况没有变化",
}  # fmt: skip


@verb("accept")
def accept_case(*, case: Case, by: Actor, urgent: bool = False, note: str = "", form_token: str = "", expected_version: int | None = None) -> Case:
    """Accept the application (受理): from here the limit of the whole runs. `urgent`: pay first, papers later, where the item has that
    road. Not possible while a paper is missing that is neither promised nor allowed to come later. Raises CaseError, StaleCase."""
    work = begin("accept", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    if urgent and work.service.version.urgent is None:
        raise CaseError(f"事项“{work.service.title}”没有先行救助的办法，请按普通程序受理")
    return work.commit({"urgent": urgent}, note=note)


@verb("decline")
def decline_case(
    *, case: Case, by: Actor, reason_code: str, explanation: str, form_token: str = "", expected_version: int | None = None
) -> Case:
    """Refuse to accept (不予受理), with a reason of DECLINE_REASONS and in words, in writing. Raises CaseError, StaleCase."""
    work = begin("decline", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    if reason_code not in DECLINE_REASONS:
        raise CaseError("请选择不予受理的原因")
    words = reason(explanation, "不予受理的具体理由，要让申请人看得懂")
    return work.commit({"reason": reason_code}, content={"explanation": words}, note=DECLINE_REASONS[reason_code])


@verb("return")
def return_for_completion(
    *, case: Case, by: Actor, missing: Mapping[str, str], form_token: str = "", expected_version: int | None = None
) -> Case:
    """Ask for completion (一次性告知): once only, with the whole list: name of a material or field → what is missing, in words. The clock
    stops until it is supplemented. Every paper that is missing must be on the list. Raises CaseError, StaleCase."""
    work = begin("return", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    if not missing:
        raise CaseError("请列出要补正的全部内容：补正只能告知一次")
    titles = {each.name: each.title for each in work.standing.materials}
    titles |= {name: field["title"] for name, field in work.service.version.form.fields.items()}
    if unknown := sorted(set(missing) - set(titles)):
        raise CaseError(f"事项里没有这些材料或内容：{'、'.join(unknown)}")
    if forgotten := [each.title for each in work.standing.materials if each.mode == "missing" and each.name not in missing]:
        raise CaseError(f"补正须一次告知全部内容，还漏了：{'、'.join(forgotten)}")
    listed = [{"name": name, "title": titles[name], "text": reason(text, f"“{titles[name]}”要补什么")} for name, text in missing.items()]
    materials = [name for name in missing if any(each.name == name for each in work.standing.materials)]
    return work.commit({"materials": materials}, content={"missing": listed}, note=f"{len(listed)} 项")


@verb("supplement")
def supplement_case(
    *, case: Case, by: Actor, answers: Mapping[str, Any] | None = None, form_token: str = "", expected_version: int | None = None
) -> Case:
    """Complete what was asked for; papers are attached before. `answers` replace those sent before. Raises FormFaults, CaseError."""
    work = begin("supplement", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    told = checked(work.service, answers if answers is not None else answers_of(work.case))
    listed = material_list(work.case, work.service, told)
    return work.commit(details_of(work.service, told, listed), content={"answers": told})


@verb("attach")
def attach_material(*, case: Case, by: Actor, material: str, content: bytes, title: str = "", form_token: str = "") -> CasePaper:
    """Take a paper (PDF, JPG, PNG by content, 20 MB at most) for a material of the item; it goes into the household's file, sealed.
    The same content twice is one paper. Raises CaseError for what it is not, or is too large."""
    work = begin("attach", case, by, form_token)
    known = {each.name: each for each in work.service.version.materials}
    if material not in known:
        raise CaseError("请选择这份材料对应哪一项")
    household = work.case.household or home_of(work.case.applicant, work.today)
    named = (title.strip() or known[material].title)[:128]
    try:
        document = add_document(household=household, kind=known[material].kind, title=named, content=content, by=MACHINE)
    except DocumentError as error:
        raise CaseError(str(error)) from error
    row = CasePaper.objects.filter(case=work.case, material=material, document=document).first()
    if row is not None:
        return row
    row = CasePaper.objects.create(
        case=work.case, document=document, material=material, title=named, added_on=work.today, added_by=by.name
    )
    work.commit({"material": material, "document": document.pk}, note=known[material].title)
    return row


@verb("defer")
def defer_material(*, case: Case, by: Actor, material: str, form_token: str = "", expected_version: int | None = None) -> Case:
    """容缺: a paper that the item allows may come later, once, within the item's days; else the case lapses. The applicant promises it
    (群众端), or the office allows it. Raises CaseError."""
    return _instead("defer", case, by, material, form_token, expected_version)


@verb("promise")
def promise_material(
    *, case: Case, by: Actor, material: str, signature: str = "", form_token: str = "", expected_version: int | None = None
) -> Case:
    """告知承诺: a signed promise in place of a proof, where the item allows it; it may be drawn for a random check. Raises CaseError."""
    return _instead("promise", case, by, material, form_token, expected_version, signature)


def _instead(name: str, case: Case, by: Actor, material: str, token: str, expected: int | None, signature: str = "") -> Case:
    work = begin(name, case, by, token, expected)
    if work.repeated:
        return work.case
    if name == "promise":
        check_credit(work.case)
    return work.commit({"material": material}, content={"signature": signature} if signature else None, note=title_in(work, material))


def title_in(work: Work, material: str) -> str:
    """What a material of the case is called. Raises CaseError for one that it does not have."""
    found = next((each for each in work.standing.materials if each.name == material), None)
    if found is None:
        raise CaseError("这件办件没有要这份材料")
    return found.title

