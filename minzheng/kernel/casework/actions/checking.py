"""核对: signed authorisations, and a check over the feeds for one case only, with its purpose on record. Without live
authorisations of everybody concerned it is refused, and the refusal is kept (社会救助法 第四十、四十一条, 第七十条(六))."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Q
from django.utils import timezone

from minzheng.kernel.casework import checks, signing
from minzheng.kernel.casework.actions.base import begin, keep, reason, verb
from minzheng.kernel.casework.clocks import add_months
from minzheng.kernel.casework.errors import CaseError, Unauthorised
from minzheng.kernel.casework.models import Authorisation, BundleCase, Case, CaseAction, Check
from minzheng.kernel.casework.people import Citizen, own
from minzheng.kernel.casework.reading import acts_of, sealed, service_of, standing_of
from minzheng.kernel.casework.signing import PhoneProof
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.registry.models import Person

HOW = {"paper": "纸质签名", "screen": "手写屏签名", "phone": "手机签名"}


@verb("authorise")
def authorise(
    *, case: Case, person: Person, by: Actor, signed_how: str, signature: str = "", feeds: Collection[str] = (),
    proof: PhoneProof | None = None, form_token: str = "",
) -> Authorisation:  # fmt: skip
    """Record that an adult of the household signed the authorisation: for the item's feeds (or fewer), for the item's months from
    today. Signing again before it ends gives the one that stands.

    At the counter officials record it. From afar adults sign in their own sessions, also in a case of their household to which they are
    no party (queries.signings); or in the applicant's with a `proof` that a code came back from that adult's own registered phone,
    which is kept with the row and on record. Raises CaseError: not of this household, a minor, wrong scope, no proof."""
    if sent := _of_form(form_token, by, person):
        return sent
    today = clock.business_date()
    also = signing.signable(by, person, today) if isinstance(by, Citizen) and person.person_key in by.people else None
    work = begin("authorise", case, by, form_token, also=also)
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
    proved = _proved(by, person, signed_how, signature, proof)
    live = checks.live_authorisation(work.case, person, wanted, work.today)
    if live is not None:
        return live
    row = Authorisation.objects.create(
        case=work.case, person=person, feeds=wanted, signed_on=work.today, valid_until=add_months(work.today, rule.months),
        signature=signature, signed_how=signed_how, recorded_by=by.name, evidence=proved,
    )  # fmt: skip
    work.commit(_signed(row), note=HOW[signed_how])
    audit.record(by, "authorisation.sign", f"authorisation:{row.pk}", HOW[signed_how], case=work.case.number, person=person.pk, **proved)
    return row


@verb("authorise")
def authorise_bundle(
    *, bundle: BundleCase, person: Person, by: Actor, signed_how: str, signature: str = "", proof: PhoneProof | None = None, form_token: str = ""
) -> Authorisation:
    """Sign once for all cases of a 一件事 that concern the person: the feeds of all of them, for the shortest of their months. Who may do
    so, and when, as in `authorise`. Signing again gives the one that stands. Raises CaseError."""
    if sent := _of_form(form_token, by, person):
        return sent
    today = clock.business_date()
    row = own(BundleCase.objects.all(), by).filter(pk=bundle.pk).first()
    also = signing.signable(by, person, today) if isinstance(by, Citizen) and person.person_key in by.people else None
    if row is None and also is not None:
        row = BundleCase.objects.filter(pk=bundle.pk, cases__in=also).first()
    if row is None:
        raise CaseError("没有这件一件事办件，或它不在您的辖区内")
    if signed_how not in HOW:
        raise CaseError("请选择签署方式")
    mine = [(case, service) for case, service in signing.open_cases(row) if person.pk in {each.pk for each in checks.people_of(case, service, today)}
            and service.version.authorisation]  # fmt: skip
    if not mine:
        raise CaseError("授权人应是申请人或共同生活的成年家庭成员，且有还在办理、需要核对的事项")
    proved, (feeds, months) = _proved(by, person, signed_how, signature, proof), signing.scope_of(service for _case, service in mine)
    works = [begin("authorise", case, by, f"{form_token}:{case.pk}"[:64] if form_token else "", also=also) for case, _service in mine]
    live = checks.live_authorisation(works[0].case, person, feeds, today)
    if live is not None:
        return live
    signed = Authorisation.objects.create(
        case=works[0].case, person=person, feeds=list(feeds), signed_on=today, valid_until=add_months(today, months), signature=signature,
        signed_how=signed_how, recorded_by=by.name, evidence=proved,
    )  # fmt: skip
    for work in works:
        work.commit(_signed(signed), note=f"{HOW[signed_how]}（一件事，一次授权）")
    audit.record(by, "authorisation.sign", f"authorisation:{signed.pk}", HOW[signed_how], bundle=row.number, person=person.pk, **proved)
    return signed


def sign(*, number: str, person: Person, by: Citizen, signature: str, signed_how: str = "phone", form_token: str = "") -> Authorisation:
    """Sign what queries.signings shows to a citizen: a case or a 一件事 of the own household, by its number. Raises CaseError for a number
    that does not wait for this person's signature."""
    if sent := _of_form(form_token, by, person):
        return sent
    waiting = [case for case, _service, each in signing.waiting_for(by, clock.business_date()) if each.pk == person.pk]
    of_bundle = next((case.bundle for case in waiting if case.bundle is not None and case.bundle.number == number), None)
    if of_bundle is not None:
        return authorise_bundle(bundle=of_bundle, person=person, by=by, signed_how=signed_how, signature=signature, form_token=form_token)
    case = next((case for case in waiting if case.number == number), None)
    if case is None:
        audit.record(by, "case.refused.authorise", f"case:{number[:24]}", "没有等这个人签的授权")
        raise CaseError("没有等您签署的授权：可能已经签过、已经核对，或申请已撤回")
    return authorise(case=case, person=person, by=by, signed_how=signed_how, signature=signature, form_token=form_token)


def _of_form(token: str, by: Actor, person: Person) -> Authorisation | None:
    """What a form that this actor sent before signed for this person: sent twice it is one. None for a new form."""
    if not token:
        return None
    sent = CaseAction.objects.filter(Q(form_token=token) | Q(form_token__startswith=f"{token}:"), verb="authorise", by=by.name).first()
    return Authorisation.objects.filter(pk=sent.details["authorisation"], person=person).first() if sent else None


def _proved(by: Actor, person: Person, signed_how: str, signature: str, proof: PhoneProof | None) -> dict[str, str]:
    """What a signature from afar rests on; {} where the person signs in the own session, or at the counter. Raises CaseError."""
    if not isinstance(by, Citizen):
        return {}
    if signed_how == "paper":
        raise CaseError("纸质授权书由经办人员登记；线上签名须由本人登录后签署，或凭发到本人手机的验证码签署")
    if person.person_key in by.people:
        return {}
    if signed_how != "phone":
        raise CaseError("线上签名须由本人登录后签署，或凭发到其本人登记手机的验证码签署；也可以到窗口签纸质授权书")
    signing.check_proof(proof, person, signature)
    assert proof is not None
    return {"phone": proof.phone, "proved_at": proof.proved_at.isoformat(timespec="seconds")}


def _signed(row: Authorisation) -> dict[str, Any]:
    return {"authorisation": row.pk, "feeds": row.feeds, "valid_until": row.valid_until.isoformat()}


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

