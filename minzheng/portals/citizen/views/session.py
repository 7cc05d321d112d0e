"""Signing in with a one-time code, signing out, acting for parents and children."""

from __future__ import annotations

import json
import re
from typing import Any

from django.http import Http404, HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from minzheng.kernel.casework.schema import ID_PROBLEMS
from minzheng.kernel.foundation.encryption import decrypt, encrypt
from minzheng.kernel.foundation.identifiers import check_id, normalise_id
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.masking import mask_name, mask_phone
from minzheng.kernel.registry.models import Person
from minzheng.portals.citizen import codes, identity, places
from minzheng.portals.citizen.middleware import CitizenRequest
from minzheng.portals.citizen.page import READER, me, page, render, say
from minzheng.portals.citizen.session import PATH

PURPOSE = "sign_in"
AGREEING = "agreeing"  # where the session keeps the code to an adult for whom somebody wants to act
PHONE = re.compile(r"1[3-9]\d{9}")
NAME = re.compile(r"[^\W\d_]{1,32}([·•.． ][^\W\d_]{1,32})*")  # letters of any script: nothing that a spreadsheet would take for a formula


def address_of(request: CitizenRequest) -> str:
    """Where a request comes from; what proxies say of it is not believed."""
    return str(request.META.get("REMOTE_ADDR", ""))


def person_of(request: CitizenRequest) -> Person:
    """The signed-in citizen as the registry has them. Raises Http404 when they are no longer there."""
    key = me(request).person_key
    found = registry.people_by_key([key], READER).get(key)
    if found is None:
        raise Http404
    return found


@page("GET", "POST", public=True)
def sign_in(request: CitizenRequest) -> HttpResponseBase:
    """Name, ID number, phone; then a code goes out, whoever it is."""
    target = _target(request.POST.get("next") or request.GET.get("next", ""))
    if request.method != "POST":
        return render(request, "sign_in.html", {"next": target, "expired": "expired" in request.GET, "typed": {}, "errors": {}})
    typed = {
        "name": request.POST.get("name", "").strip()[:32], "id_number": normalise_id(request.POST.get("id_number", "")[:40]),
        "phone": re.sub(r"[\s-]", "", request.POST.get("phone", ""))[:20],
    }  # fmt: skip
    errors = _errors(typed)
    if errors:
        return render(request, "sign_in.html", {"next": target, "typed": typed, "errors": errors}, status=422)
    try:
        sent = codes.send(typed["phone"], address_of(request), PURPOSE)
    except codes.CodeError as error:
        return render(request, "sign_in.html", {"next": target, "typed": typed, "errors": {"": str(error)}}, status=429)
    request.visit.put("pending", encrypt(json.dumps({**typed, "code": sent.kept, "shown": sent.shown, "next": target})))
    return redirect("citizen:sign_in_code")


@page("GET", "POST", public=True)
def sign_in_code(request: CitizenRequest) -> HttpResponseBase:
    """The code; right, it signs in whoever agrees with what is known."""
    pending = _pending(request)
    if pending is None:
        return redirect("citizen:sign_in")
    if request.method != "POST":
        return _code_page(request, pending)
    try:
        codes.check(pending["code"], pending["phone"], request.POST.get("code", ""), PURPOSE)
        claim = identity.Claim(pending["name"], pending["id_number"], pending["phone"])
        person = identity.recognise(claim)
    except codes.CodeError as error:
        return _code_page(request, pending, str(error), 422)
    except identity.Mismatch as error:
        request.visit.pop("pending")
        identity.refused("citizen:sign_in")
        return render(request, "sign_in.html", {"next": pending["next"], "typed": {}, "errors": {"": str(error)}}, status=422)
    if person is None:
        request.visit.put("pending", encrypt(json.dumps({**pending, "proved": True, "shown": ""})))
        return redirect("citizen:sign_in_home")
    return _enter(request, person, pending["next"])


@page("GET", "POST", public=True)
def sign_in_home(request: CitizenRequest) -> HttpResponseBase:
    """Where somebody lives whom nobody knew: county, town, village, one after the other."""
    pending, error = _pending(request), ""
    if pending is None or not pending.get("proved"):
        return redirect("citizen:sign_in")
    if request.method == "POST":
        claim = identity.Claim(pending["name"], pending["id_number"], pending["phone"])
        try:
            return _enter(request, identity.register(claim, request.POST.get("village", "")[:12]), pending["next"])
        except identity.Mismatch as refused:
            error = str(refused)
    return render(request, "sign_in_home.html", {**places.steps(request.GET), "error": error}, status=422 if error else 200)


@page("POST")
def sign_out(request: CitizenRequest) -> HttpResponseBase:
    """End the session here."""
    request.visit.end()
    return redirect("citizen:home")


@page("GET", "POST")
def family(request: CitizenRequest) -> HttpResponseBase:
    """Acting for parents and children of the same household; each time on record. An adult agrees by a code to the own phone: to live
    under one roof gives nobody the right to read another's cases."""
    person, error = person_of(request), ""
    eligible = {other.pk: (other, what) for other, what in identity.family(person)}
    acting = set(request.visit.get("acts_for", []))
    if request.method == "POST":
        chosen = request.POST.get("person", "")
        if not chosen.isdecimal() or int(chosen) not in eligible:
            raise Http404
        other = eligible[int(chosen)][0]
        try:
            if other.person_key in acting:
                acting.discard(other.person_key)
                say(request, f"已不再为 {other.name} 代办")
            elif identity.must_agree(other) and not _agreed(request, other):
                return redirect("citizen:family")
            else:
                identity.act_for(person, other)
                acting.add(other.person_key)
                say(request, f"现在可以为 {other.name} 办事，已登记代办人是您")
        except codes.CodeError as refused:
            error = str(refused)
        else:
            request.visit.put("acts_for", sorted(acting))
            return redirect("citizen:family")
    asked = sealed_code(request, AGREEING)
    rows = [
        {"person": other, "what": what, "acting": other.person_key in acting, "phone": mask_phone(other.phone),
         "asked": asked.get("purpose") == _agreeing(other), "shown": asked.get("shown", "")}
        for other, what in eligible.values()
    ]  # fmt: skip
    return render(request, "family.html", {"rows": rows, "error": error}, status=422 if error else 200)


def _agreeing(other: Person) -> str:
    return f"agent {other.pk}"


def _agreed(request: CitizenRequest, other: Person) -> bool:
    """Whether the code that was typed is the adult's; False when one was only sent. Raises codes.CodeError."""
    if not other.phone:
        raise codes.CodeError(f"{other.name}没有登记手机号：请带双方身份证到窗口办委托，或先到村（社区）登记手机号")
    if not request.POST.get("code"):
        send_sealed(request, AGREEING, other.phone, _agreeing(other))
        return False
    codes.check(sealed_code(request, AGREEING) or None, other.phone, request.POST["code"], _agreeing(other))
    request.visit.pop(AGREEING)
    return True


def send_sealed(request: CitizenRequest, name: str, phone: str, purpose: str) -> None:
    """Send a code to somebody's phone and keep, sealed in the session, what is needed to check it. Raises codes.CodeError."""
    sent = codes.send(phone, address_of(request), purpose)
    request.visit.put(name, encrypt(json.dumps({**sent.kept, "shown": sent.shown})))


def sealed_code(request: CitizenRequest, name: str) -> dict[str, Any]:
    """What `send_sealed` kept; empty when nothing was sent."""
    sealed = request.visit.get(name)
    found: dict[str, Any] = json.loads(decrypt(sealed)) if sealed else {}
    return found


def _enter(request: CitizenRequest, person: Person, target: str) -> HttpResponseBase:
    request.visit.sign_in(person.person_key)
    request.visit.put("name", mask_name(person.name))
    rotate_token(request)
    identity.signed_in(person)
    return redirect(target or "citizen:my")


def _pending(request: CitizenRequest) -> dict[str, Any] | None:
    sealed = request.visit.get("pending")
    found: dict[str, Any] | None = json.loads(decrypt(sealed)) if sealed else None
    return found


def _code_page(request: CitizenRequest, pending: dict[str, Any], error: str = "", status: int = 200) -> HttpResponseBase:
    context = {"phone": mask_phone(pending["phone"]), "shown": pending["shown"], "error": error, "minutes": codes.GOOD_FOR // 60}
    return render(request, "sign_in_code.html", context, status)


def _errors(typed: dict[str, str]) -> dict[str, str]:
    found = {}
    if len(typed["name"]) < 2 or not NAME.fullmatch(typed["name"]):
        found["name"] = "请填写姓名，和身份证上一样"
    checked = check_id(typed["id_number"])
    if checked.problem:
        found["id_number"] = f"身份证号码：{ID_PROBLEMS.get(checked.problem, '不对，请按证件核对')}"
    if not PHONE.fullmatch(typed["phone"]):
        found["phone"] = "请填写 11 位手机号"
    return found


def _target(url: str) -> str:
    """Only pages of this portal."""
    safe = url_has_allowed_host_and_scheme(url, allowed_hosts=None) and url.startswith(PATH) and not url.startswith(reverse("citizen:sign_in"))
    return url if safe else ""


