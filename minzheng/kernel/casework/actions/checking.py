"""核对: signed authorisations, and a check over the feeds for one case only, with its purpose on record. Without live
authorisations of everybody concerned it is refused, and the refusal is kept (社会救助法 第四十、四十一条, 第七十条(六))."""

from __future__ import annotations

from collections.abc import Collection

from django.utils import timezone

from minzheng.kernel.casework import checks
from minzheng.kernel.casework.actions.base import begin, keep, reason, verb
from minzheng.kernel.casework.clocks import add_months
from minzheng.kernel.casework.errors import CaseError, Unauthorised
from minzheng.kernel.casework.models import Authorisation, Case, Check
from minzheng.kernel.casework.people import Citizen, own
from minzheng.kernel.casework.reading import acts_of, sealed, service_of, standing_of
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.models import Person

HOW = {"paper": "纸质签名", "screen": "手写屏签名", "phone": "手机签名"}


@verb("authorise")
def authorise(
    *, case: Case, person: Person, by: Actor, signed_how: str, signature: str = "", feeds: Collection[str] = (), form_token: str = ""
) -> Authorisation:
    """Record that an adult of the household signed the authorisation: for the item's feeds (or fewer), for the item's months from
    today. Signing again before it ends gives the one that stands. Raises CaseError: not of this household, a minor, wrong scope."""
    work = begin("authorise", case, by, form_token)
    rule = work.service.version.authorisation
    if rule is None:
        raise CaseError(f"事项“{work.service.title}”不做信息核对，不用授权")
    if signed_how not in HOW:
        raise CaseError("请选择签署方式")
    wanted = sorted(feeds or rule.scope)
    if beyond := set(wanted) - set(rule.scope):
        raise CaseError(f"授权范围超出事项规定：{'、'.join(sorted(beyond))}")
    concerned = checks.people_of(work.case, work.service, work.today)
    if person.pk not in {each.pk for each in concerned}:
        raise CaseError("授权人应是申请人或共同生活的成年家庭成员")
    if isinstance(by, Citizen) and (person.person_key not in by.people or signed_how == "paper"):
        raise CaseError("线上签名须由本人登录后签署；其他成员请到窗口签署，纸质授权书由经办人员登记")
    live = checks.live_authorisation(work.case, person, wanted, work.today)
    if live is not None:
        return live
    row = Authorisation.objects.create(
        case=work.case, person=person, feeds=wanted, signed_on=work.today, valid_until=add_months(work.today, rule.months),
        signature=signature, signed_how=signed_how, recorded_by=by.name,
    )  # fmt: skip
    work.commit({"authorisation": row.pk, "feeds": wanted, "valid_until": row.valid_until.isoformat()}, note=HOW[signed_how])
    return row


@verb("revoke")
def revoke_authorisation(*, authorisation: Authorisation, by: Actor, because: str = "") -> Authorisation:
    """Take an authorisation back, from today on: no further check runs on it; what was found stays as evidence. Raises CaseError."""
    row = own(Authorisation.objects.select_for_update(of=("self",)), by).filter(pk=authorisation.pk).first()
    if row is None:
        raise CaseError("没有这份授权，或它不在您的辖区内")
    if isinstance(by, Citizen):
        if row.person.person_key not in by.people:
            raise CaseError("只能撤回本人的授权")
    else:
        by.require("cases.accept")
    if row.revoked_on is not None:
        return row
    row.revoked_on, row.revoked_because = clock.business_date(), because.strip()[:128]
    row.save()
    audit.record(by, "authorisation.revoke", f"authorisation:{row.pk}", because.strip()[:128], case=row.case_id)
    held = Case.objects.select_for_update(of=("self",)).get(pk=row.case_id)
    if "revoke" in standing_of(held, clock.business_date()).allowed:  # its own case hears of it while it is open
        keep(held, "revoke", by, acts_of(held), service_of(held), {"authorisation": row.pk}, {}, because)
    return row


def run_check(*, case: Case, by: Actor, purpose: str, form_token: str = "", expected_version: int | None = None) -> Check:
    """核对 over the feeds of the item, for the people of this case alone; what it found is kept as evidence with the date of every
    delivery. Raises Unauthorised when somebody's live authorisation is missing: the refusal is kept too. CaseError, StaleCase."""
    refused = _refusal(case=case, by=by, purpose=purpose, form_token=form_token, expected_version=expected_version)
    if refused:
        raise Unauthorised(refused)
    return _run(case=case, by=by, purpose=purpose, form_token=form_token, expected_version=expected_version)


@verb("check")
def _refusal(*, case: Case, by: Actor, purpose: str, form_token: str, expected_version: int | None) -> str:
    """Why the check may not run ('': it may). The refusal stands in the record before anybody hears of it."""
    work = begin("check", case, by, form_token, expected_version)
    if work.repeated:
        return ""
    why = reason(purpose, "核对的目的", 4)
    concerned = checks.people_of(work.case, work.service, work.today)
    feeds = sorted(work.service.version.authorisation.scope if work.service.version.authorisation else ())
    lacking = [person for person in concerned if checks.live_authorisation(work.case, person, feeds, work.today) is None]
    if not lacking:
        return ""
    words = f"{len(lacking)} 名成员没有有效的核对授权（未签、已过期或已撤回），不能核对：请先补签授权书"
    row = Check.objects.create(
        case=work.case, purpose=why[:256], feeds=feeds, people=[person.pk for person in concerned], run_on=work.today,
        run_at=timezone.now(), run_by=by.name, refused_because=words,
    )  # fmt: skip
    audit.record(by, "check.refused", f"check:{row.pk}", why[:256], case=work.case.number, people=[person.pk for person in lacking])
    return words


@verb("check")
def _run(*, case: Case, by: Actor, purpose: str, form_token: str, expected_version: int | None) -> Check:
    work = begin("check", case, by, form_token, expected_version)
    if work.repeated:
        return Check.objects.filter(case=work.case, refused_because="").latest("pk")
    concerned = checks.people_of(work.case, work.service, work.today, adults_only=False)
    rule = work.service.version.authorisation
    assert rule is not None
    found = checks.run(concerned, rule.scope, work.today)
    row = Check.objects.create(
        case=work.case, purpose=purpose.strip()[:256], feeds=sorted(rule.scope), people=[person.pk for person in concerned],
        run_on=work.today, run_at=timezone.now(), run_by=by.name, as_of=found.as_of, result=sealed({"people": found.people}),
    )  # fmt: skip
    audit.record(by, "check.run", f"check:{row.pk}", purpose.strip()[:256], case=work.case.number, people=row.people, feeds=row.feeds)
    work.commit({"check": row.pk, "as_of": found.as_of}, note=purpose)
    return row

