"""核对授权 by phone: each adult signs in the own session, or by a code to the own phone in the applicant's; what was signed can be
taken back by whoever signed it. An adult who is no party to a case sees of it what the paper says, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from minzheng.kernel.casework import actions, catalogue, queries, signing
from minzheng.kernel.casework.clocks import add_months
from minzheng.kernel.casework.models import Authorisation, BundleCase
from minzheng.kernel.casework.people import own
from minzheng.kernel.casework.reading import service_of
from minzheng.kernel.casework.signing import PhoneProof
from minzheng.kernel.foundation import clock
from minzheng.kernel.registry.masking import mask_name, mask_phone
from minzheng.kernel.registry.models import Person
from minzheng.portals.citizen import codes
from minzheng.portals.citizen.middleware import CitizenRequest
from minzheng.portals.citizen.page import REFUSED, me, page, refusal, render, say
from minzheng.portals.citizen.shown import titles_of
from minzheng.portals.citizen.views.apply import people_of
from minzheng.portals.citizen.views.opening import opened
from minzheng.portals.citizen.views.session import sealed_code, send_sealed

KEPT = "signing"  # where the session keeps the code that went out
MORE = frozenset({"closed", "withdrawn", "lapsed", "declined"})  # of a case that is over nothing can be taken back


@dataclass(frozen=True)
class Paper:
    """What somebody is asked to sign, where that is sent back to, and what keeps it."""

    number: str
    title: str
    feeds: tuple[str, ...]
    until: date
    person: Person
    back: str
    carry: Callable[..., Authorisation]


@page("GET", "POST")
def sign(request: CitizenRequest, number: str, person_id: int) -> HttpResponseBase:
    """An adult of the household signs in a case of the reader's."""
    row = opened(request, number)
    consent = next((each for each in queries.consents(row, me(request)) if each.person.pk == person_id), None)
    rule = service_of(row).version.authorisation
    if consent is None or rule is None:
        raise Http404
    back = reverse("citizen:finish" if row.state == "draft" else "citizen:case", args=[number])
    if consent.authorisation is not None:
        return redirect(back)

    def carry(**told: Any) -> Authorisation:
        return actions.authorise(case=row, **told)

    until = add_months(clock.business_date(), rule.months)
    return _sign(request, Paper(row.number, service_of(row).title, rule.scope, until, consent.person, back, carry))


@page("GET", "POST")
def sign_bundle(request: CitizenRequest, number: str, person_id: int) -> HttpResponseBase:
    """An adult signs once for all cases of a 一件事 of the reader's."""
    try:
        view = queries.bundle(number, me(request))
    except BundleCase.DoesNotExist as missing:
        raise Http404 from missing
    consent = next((each for each in view.consents if each.person.pk == person_id), None)
    if consent is None:
        raise Http404
    back, today = reverse("citizen:bundle", args=[number]), clock.business_date()
    if consent.authorisation is not None:
        return redirect(back)

    def carry(**told: Any) -> Authorisation:
        return actions.authorise_bundle(bundle=view.bundle, **told)

    _feeds, months = signing.scope_of(signing.services_of(view.bundle, consent.person, today))
    return _sign(request, Paper(view.bundle.number, view.title, consent.feeds, add_months(today, months), consent.person, back, carry))


@page()
def signatures(request: CitizenRequest) -> HttpResponseBase:
    """What others' cases ask the reader to sign, and what the reader signed."""
    given = [
        {"row": row, "title": catalogue.item(row.case.item).title, "applicant": mask_name(row.case.applicant.name), "over": row.case.state in MORE}
        for row in _given(request)
    ]
    return render(request, "signatures.html", {"waiting": queries.signings(me(request)), "given": given, "several": len(me(request).people) > 1})


def _given(request: CitizenRequest) -> list[Authorisation]:
    """Live authorisations of the reader and those for whom the reader acts, newest first."""
    today = clock.business_date()
    rows = (own(person.authorisations.select_related("case__applicant", "person"), me(request)) for person in people_of(request))
    return sorted((row for each in rows for row in each.filter(revoked_on=None, valid_until__gte=today)), key=lambda row: -row.pk)


@page("GET", "POST")
def sign_theirs(request: CitizenRequest, number: str, person_id: int) -> HttpResponseBase:
    """Sign what another's case of the own household asks."""
    asked = next((each for each in queries.signings(me(request)) if each.number == number and each.person.pk == person_id), None)
    if asked is None and request.method == "POST" and any(each.pk == person_id for each in people_of(request)):
        say(request, "没有等您签的：可能已经签过，或申请已撤回")
        return redirect("citizen:signatures")
    if asked is None:
        raise Http404

    def carry(proof: PhoneProof | None, **told: Any) -> Authorisation:
        return actions.sign(number=number, **told)

    paper = Paper(number, asked.title, asked.feeds, asked.valid_until, asked.person, reverse("citizen:signatures"), carry)
    return _sign(request, paper, asked.applicant)


def _sign(request: CitizenRequest, paper: Paper, applicant: str = "") -> HttpResponseBase:
    """A code to the adult's own phone, the name, and it is signed."""
    person, error, purpose = paper.person, "", f"sign {paper.number} {paper.person.pk}"
    if request.method == "POST":
        try:
            if not person.phone:
                raise codes.CodeError(f"{person.name}没有登记手机号，请到窗口签，或先到村（社区）登记手机号")
            if "send" in request.POST:
                send_sealed(request, KEPT, person.phone, purpose)
            else:
                if request.POST.get("name", "").strip() != person.name:
                    raise codes.CodeError("姓名要和登记的一样")
                codes.check(sealed_code(request, KEPT) or None, person.phone, request.POST.get("code", ""), purpose)
                proof = None if person.person_key in me(request).people else PhoneProof.of(person)
                paper.carry(
                    person=person, by=me(request), signed_how="phone", signature=person.name, proof=proof, form_token=request.POST.get("form_token", "")[:64]
                )
                request.visit.pop(KEPT)
                say(request, f"{person.name} 的核对授权已签好")
                return redirect(paper.back)
        except (codes.CodeError, *REFUSED) as refused:
            error = refusal(refused)
    kept = sealed_code(request, KEPT)
    asked = kept.get("purpose") == purpose
    return render(request, "sign.html", {
        "paper": paper, "person": person, "feeds": titles_of(paper.feeds), "error": error, "sent": asked, "shown": kept.get("shown", "") if asked else "",
        "phone": mask_phone(person.phone), "applicant": applicant, "mine": person.person_key in me(request).people,
    }, 422 if error else 200)  # fmt: skip


@page("POST")
def revoke(request: CitizenRequest, authorisation_id: int) -> HttpResponseBase:
    """Take a 核对授权 back: no further check runs on it."""
    row = next((each for each in _given(request) if each.pk == authorisation_id), None)
    if row is None:
        raise Http404
    try:
        actions.revoke_authorisation(authorisation=row, by=me(request), because="本人在群众端撤回")
    except REFUSED as error:
        say(request, refusal(error))
    else:
        say(request, "核对授权已撤回，以后不再核对；没有授权可能办不成，可以重新签")
    return redirect("citizen:signatures")
