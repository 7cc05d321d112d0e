"""Beginning a case: by a citizen, at the counter, ex officio from an alert or a visit; drafts that survive a lost connection."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from minzheng.kernel.casework import catalogue, forms
from minzheng.kernel.casework.actions.base import MACHINE, begin, keep, verb
from minzheng.kernel.casework.checks import ADULT_YEARS
from minzheng.kernel.casework.errors import CaseError, FormFaults
from minzheng.kernel.casework.items import APPLICANTS, Service
from minzheng.kernel.casework.models import BundleCase, Case, CaseAction, CasePaper, Draft
from minzheng.kernel.casework.people import Citizen, own
from minzheng.kernel.casework.reading import sealed
from minzheng.kernel.casework.verbs import ENDED
from minzheng.kernel.divisions.queries import in_force
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, scoped
from minzheng.kernel.monitoring.models import Alert, Visit
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.actions import (
    HouseholdData,
    MembershipData,
    upsert_households,
    upsert_memberships,
)
from minzheng.kernel.registry.models import Fact, Household, Person

SYMBOLS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
DRAFT_DAYS = 30
DRAFT_BYTES = 200_000
MOST_DRAFTS = 20
MOST_A_DAY = 5  # cases that one citizen may begin on one day
Channel = Case.Channel
BROKEN = "promise_broken"  # kind of fact: a promise (告知承诺) that turned out untrue


@verb("open")
def open_case(
    *, item: str, applicant: Person, by: Actor, form_token: str, applied_by: str = "self", answers: Mapping[str, Any] | None = None,
    division_code: str = "", agent: Person | None = None, channel: str = "", bundle: BundleCase | None = None, alert: Alert | None = None,
    follows: Case | None = None,
) -> Case:  # fmt: skip
    """Begin a case in the item's version of today, with everything known filled in; `answers` go above what is known.

    `division_code`: where it is handled; needed where the item goes by the place of need, else the applicant's residence. The same
    token gives the first case back. Raises Forbidden, CaseError (not open, not in this place, not for this applicant, one is under
    way already).
    """
    today = clock.business_date()
    if not form_token:
        raise CaseError("表单令牌缺失，请刷新页面后重试")
    Person.objects.select_for_update().get(pk=applicant.pk)  # two forms for one person come one after the other
    if first := Case.objects.filter(form_token=form_token).first():
        if first.item == item and first.applicant_id == applicant.pk:
            return first
        raise CaseError("该表单已用于另一次办理，请重新打开页面")
    service = catalogue.item_at(item, today)
    _check_applicant(service, applicant, by, applied_by)
    household = home_of(applicant, today)
    place = _place(service, applicant, household, by, division_code)
    _check_others(service, applicant, by, today, follows)
    known = forms.prefill(service, applicant, household, today, MACHINE)
    case = Case.objects.create(
        number=f"{today:%Y%m%d}-{''.join(secrets.choice(SYMBOLS) for _ in range(8))}", item=item, item_version=service.key,
        applicant=applicant, household=household, agent=agent or _agent(by, applicant), applied_by=applied_by,
        channel=channel or (Channel.CITIZEN if isinstance(by, Citizen) else Channel.COUNTER), division_code=place, bundle=bundle,
        alert=alert, follows=follows, opened_on=today, form_token=form_token,
    )  # fmt: skip
    details = {"applied_by": applied_by, "channel": case.channel}
    keep(case, "open", by, [], service, details, {"answers": {**known, **(answers or {})}}, APPLICANTS[applied_by])
    return case


@verb("submit")
def submit_case(
    *, case: Case, answers: Mapping[str, Any], by: Actor, promises: Collection[str] = (), signature: str = "", later: Collection[str] = (),
    form_token: str = "", expected_version: int | None = None,
) -> Case:  # fmt: skip
    """Send the application: the answers are checked, the papers that they ask for are listed; `promises` names those that are replaced
    by a signed promise (告知承诺), `later` those that are promised for later, each within the item's days (容缺; queries.may_defer says
    which and by when). Raises FormFaults, CaseError, StaleCase."""
    work = begin("submit", case, by, form_token, expected_version)
    if work.repeated:
        return work.case
    told = checked(work.service, answers)
    listed = material_list(work.case, work.service, told)
    for names, flag, what in ((promises, "may_promise", "用告知承诺代替"), (later, "later", "容缺后补")):
        if unknown := sorted(set(names) - {name for name, each in listed.items() if each[flag]}):
            raise CaseError(f"这些材料不能{what}：{'、'.join(listed[name]['title'] if name in listed else name for name in unknown)}")
    promised = [name for name in sorted(promises) if listed[name]["mode"] == "missing"]
    if promised:
        check_credit(work.case)
    work.commit(details_of(work.service, told, listed), content={"answers": told, "signature": signature})
    for name in promised:
        work.commit({"material": name}, note=listed[name]["title"], verb="promise")
    for name in sorted(set(later) - set(promised)):
        if listed[name]["mode"] == "missing":
            work.commit({"material": name}, note=listed[name]["title"], verb="defer")
    return work.case


@verb("open")
def open_from_alert(*, alert: Alert, item: str, by: Actor, form_token: str, division_code: str = "") -> Case:
    """A case for the person of an alert, ex officio (代办), with everything known filled in; after a visit the channel is the visit's.
    For a minor the first adult of the household applies, unless the item is about one person: what is granted is paid to the applicant.

    Raises Forbidden, CaseError outside the jurisdiction, and as `open_case`."""
    by.require("cases.open")
    found = scoped(Alert.objects.select_related("person"), by).filter(pk=alert.pk).first()
    if found is None:
        raise CaseError("没有这条预警，或它不在您的辖区内")
    visited, today = Visit.objects.filter(alert=found).exists(), clock.business_date()
    use = catalogue.item_at(item, today).version.rule
    applicant = found.person if use and use.only_applicant else _of_age(found.person, today)
    return open_case(
        item=item, applicant=applicant, by=by, form_token=form_token, applied_by="ex_officio", division_code=division_code,
        channel=Channel.VISIT if visited else Channel.ALERT, alert=found,
    )  # fmt: skip


def _of_age(person: Person, on: date) -> Person:
    """The person, or for a minor the first living adult of the household if there is one."""
    age, home = registry.age_on(person.birth_date, on), registry.household_of(person.pk, MACHINE, on)
    if age is None or age >= ADULT_YEARS or home is None:
        return person
    adults = [each.person for each in registry.members(home, MACHINE, on) if (each.age or 0) >= ADULT_YEARS and each.person.death_date is None]
    return adults[0] if adults else person


def save_draft(*, token: str, item: str, person: Person, answers: Mapping[str, Any], by: Citizen) -> Draft:
    """Keep what a citizen has filled in so far; the same token overwrites. Nothing is checked: a draft may be wrong.

    Raises CaseError for another's draft, a person for whom the citizen may not act, an item that is not open, too much content.
    """
    today = clock.business_date()
    if person.person_key not in by.people:
        raise CaseError("只能为本人或已登记由您代办的家人填写")
    if item not in catalogue.on_day(today) and item not in catalogue.bundles():
        raise CaseError("这个事项现在不能申请")
    content = sealed({"answers": dict(answers)})
    if len(content.encode()) > DRAFT_BYTES:
        raise CaseError("填写的内容太长，请精简后再保存")
    writer = Person.objects.filter(person_key=by.person_key).first() or person
    row = Draft.objects.filter(token=token).first()
    if row is not None and row.person_id != writer.pk:
        raise CaseError("没有这份草稿")
    if row is None and Draft.objects.filter(person=writer).count() >= MOST_DRAFTS:
        raise CaseError(f"草稿最多保留 {MOST_DRAFTS} 份，请先删去不用的")
    row = row or Draft(token=token, person=writer, written_for=person, item=item)
    row.answers, row.saved_at, row.saved_count = content, timezone.now(), row.saved_count + 1
    row.expires_on = today + timedelta(days=DRAFT_DAYS)
    row.save()
    audit.record(by, "draft.save", f"draft:{row.pk}")
    return row


def discard_draft(*, token: str, by: Citizen) -> None:
    """Delete one's own draft; nothing happens when there is none."""
    rows = own(Draft.objects.filter(token=token), by)
    for row in rows:
        audit.record(by, "draft.discard", f"draft:{row.pk}")
        row.delete()


def checked(service: Service, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers without what is not asked. Raises FormFaults."""
    told = forms.tidied(service.version.form, answers)
    if faults := forms.validate(service, told):
        raise FormFaults(tuple(faults))
    return told


def details_of(service: Service, answers: dict[str, Any], listed: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What the state needs to know of an application that was sent: its papers, and whether it concerns a relative of staff."""
    return {"materials": listed} | ({"near": True} if service.near(answers) else {})


def check_credit(case: Case) -> None:
    """Whoever broke a promise makes no other until that is made good (国办发〔2020〕42号). Raises CaseError."""
    today = clock.business_date()
    held = Fact.objects.filter(person=case.applicant, kind=BROKEN, valid_from__lte=today).exclude(valid_to__lte=today)
    if held.exists():
        raise CaseError("申请人有承诺失实的记录，在记录期满或更正以前不能用告知承诺，请提交证明材料")


def material_list(case: Case, service: Service, answers: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The papers that the answers ask for, each with how it stands. What the check will prove is not asked of a person (社会救助法
    第六十二条)."""
    scope = set(service.version.authorisation.scope) if service.version.authorisation else set()
    given = set(CasePaper.objects.filter(case=case).exclude(material="").values_list("material", flat=True))
    found = {}
    for each in service.materials(answers):
        if each.name in given:
            mode = "provided"
        elif each.verified_by and set(each.verified_by) <= scope:
            mode = "verified"
        elif each.required:
            mode = "missing"
        else:
            continue
        found[each.name] = {"title": each.title, "mode": mode, "may_promise": each.may_promise, "later": each.may_supplement_later}
    return found


def home_of(person: Person, on: date) -> Household:
    """The household of a person; one who is in none gets a household of one (under the key that the registry gives to people alone)."""
    found = registry.household_of(person.pk, MACHINE, on)
    if found is not None:
        return found
    key = -1 - person.person_key
    data = HouseholdData(key, person.division_code, "", person.residence_type == "hukou", person.synthetic)
    homes = upsert_households(households=[data], as_of=on, by=MACHINE)
    upsert_memberships(
        memberships=[MembershipData(person.person_key, key, "head")], people={person.person_key: person.pk}, households=homes, as_of=on, by=MACHINE
    )
    return Household.objects.get(pk=homes[key])


def _agent(by: Actor, applicant: Person) -> Person | None:
    """The citizen who applies for another."""
    if isinstance(by, Citizen) and by.person_key != applicant.person_key:
        return Person.objects.filter(person_key=by.person_key).first()
    return None


def _check_applicant(service: Service, applicant: Person, by: Actor, applied_by: str) -> None:
    if not service.item.applicants.get(applied_by, False):
        raise CaseError(f"事项“{service.title}”不接受“{APPLICANTS.get(applied_by, applied_by)}”")
    if applicant.death_date is not None:
        raise CaseError("登记信息显示申请人已去世，不能开办；如有误，请先到镇街更正")
    if isinstance(by, Citizen):
        if applicant.person_key not in by.people:
            raise CaseError("只能为本人或已登记由您代办的家人申请")
        if service.item.opens != "citizen" or applied_by == "ex_officio":
            raise CaseError(f"事项“{service.title}”由镇街发起，请拨打镇街电话咨询")
        return
    by.require("cases.open")


def _place(service: Service, applicant: Person, household: Household, by: Actor, division_code: str) -> str:
    """Where the case is handled, and whether the actor may begin it there."""
    if service.version.place == "need":
        if not in_force(clock.business_date()).filter(code=division_code, level=5).exists():
            raise CaseError("请选择急难发生地的村（社区）")
        place = division_code
    else:
        place = division_code or household.division_code or applicant.division_code
        if division_code and division_code not in (household.division_code, applicant.division_code):
            raise CaseError("这个事项由户籍地或居住地受理，办理地应是申请人所在的村（社区）")
    if not isinstance(by, Citizen) and not by.covers(place):
        raise CaseError("办理地不在您的辖区内，请转给当地镇街")
    if not service.version.open_in(place):
        raise CaseError(f"事项“{service.title}”目前只在试点地区办理，{place[:6]} 不在试点范围")
    return place


def _check_others(service: Service, applicant: Person, by: Actor, today: date, follows: Case | None) -> None:
    others = Case.objects.filter(applicant=applicant, item=service.name).exclude(state__in=[*ENDED, "decided"])
    if follows is None and (other := others.first()):
        raise CaseError(f"已有一件“{service.title}”正在办理（{other.number}），请在那件上继续，或先撤回")
    if isinstance(by, Citizen):
        begun = CaseAction.objects.filter(verb="open", on=today, by=by.name).count()
        if begun >= MOST_A_DAY:
            raise CaseError(f"今天已经开办 {begun} 件，每人每天最多 {MOST_A_DAY} 件；急难情况请直接联系镇街或拨打救助热线")
