"""The words and data of a case's papers. Templates stand in `papers/`; a deployment may lay its own of the same name in the folder
`papers` of its home, so that wording changes without code. Each carries a QR code by which anybody can verify it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import segno
from django.conf import settings

from minzheng.kernel.casework.items import KINDS, TAKING, Service
from minzheng.kernel.casework.models import Authorisation, BundleCase, Case, CaseAction
from minzheng.kernel.casework.outcomes import in_words
from minzheng.kernel.casework.reading import latest, service_of, standing_of, unsealed
from minzheng.kernel.casework.state import Standing
from minzheng.kernel.casework.together import title_of
from minzheng.kernel.divisions.queries import names, path_name
from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.foundation.typesetting import typeset
from minzheng.kernel.registry.masking import mask_id, mask_name

HERE = Path(__file__).parent / "papers"
DEFAULT_VERIFY = "https://localhost/verify/{code}"


@dataclass(frozen=True)
class Paper:
    """A kind of paper: its title, and the verbs that call for it."""

    title: str
    verbs: tuple[str, ...]


PAPERS = {
    "acceptance": Paper("受理通知书", ("accept",)),
    "completion": Paper("补正材料一次性告知书", ("return",)),
    "decline": Paper("不予受理通知书", ("decline",)),
    "decision": Paper("社会救助决定书", ("decide",)),
    "review": Paper("异议复核答复书", ("review",)),
    "authorisation": Paper("家庭经济状况核对授权书", ("authorise",)),
}


BUNDLE_SLIP, BUNDLE_TITLE = "bundle_acceptance", "一件事受理回执"


def verify_address(code: str) -> str:
    """What the QR code holds: the page where the code is verified (setting VERIFY_ADDRESS, with {code})."""
    return str(getattr(settings, "VERIFY_ADDRESS", DEFAULT_VERIFY)).format(code=code)


def qr_rows(text: str) -> list[str]:
    """A QR code as rows of 0 and 1, which the template draws."""
    return ["".join("1" if dark else "0" for dark in row) for row in segno.make_qr(text, error="m").matrix]


def template(kind: str) -> Path:
    """The deployment's own template if it has one, else the shipped one."""
    mine: Path = settings.HOME.root / "papers" / f"{kind}.typ"
    return mine if mine.exists() else HERE / f"{kind}.typ"


def print_paper(case: Case, kind: str, action: CaseAction, code: str) -> tuple[bytes, str]:
    """The PDF and its title."""
    data = paper_data(case, kind, action, code)
    return typeset(template(kind), data), data["title"]


def paper_data(case: Case, kind: str, action: CaseAction, code: str) -> dict[str, Any]:
    """What the template gets: plain words, the same names in every paper."""
    service, content = service_of(case), unsealed(action.sealed)
    standing = standing_of(case, action.on)
    title = PAPERS[kind].title
    if kind == "decision":
        told = standing.decision.kind if standing.decision else action.details["kind"]
        title = f"{service.title}{'不予救助' if told == 'refuse' else KINDS[told] if told in TAKING else ''}决定书"
    return {
        "title": title, "number": case.number, "item": service.title, "applicant": case.applicant.name,
        "id_number": mask_id(case.applicant.id_number), "place": path_name(case.division_code, action.on), "office": office(case.division_code, action.on, kind),
        "on": f"{action.on.year} 年 {action.on.month} 月 {action.on.day} 日", "law": list(service.item.law), "hotline": service.item.hotline,
        "synthetic": bool(getattr(settings, "SYNTHETIC", False)), "code": code, "address": verify_address(code), "qr": qr_rows(verify_address(code)),
        "foot": f"{title} · {case.number}", **_more(case, kind, action, content, service, standing),
    }  # fmt: skip


def print_slip(bundle: BundleCase, cases: Sequence[Case], on: date, code: str) -> bytes:
    """受理回执 of a 一件事: one paper for all its cases, with a code under which anybody sees their numbers and states."""
    return typeset(template(BUNDLE_SLIP), slip_data(bundle, cases, on, code))


def slip_data(bundle: BundleCase, cases: Sequence[Case], on: date, code: str) -> dict[str, Any]:
    """What the template of the slip gets."""
    listed, materials = [], []
    for case in cases:
        standing = standing_of(case, on)
        due = next((clock.due_on for clock in standing.clocks if clock.name == "limit"), None)
        listed.append([service_of(case).title, case.number, standing.title, f"{due}" if due else ""])
        materials += [[f"{service_of(case).title}：{each.title}", _mode(each.mode), f"{each.due_on or ''}"] for each in standing.open_materials]
    signed = Authorisation.objects.select_related("person").filter(case__bundle=bundle, revoked_on=None).order_by("pk")
    hotlines = dict.fromkeys(service_of(case).item.hotline for case in cases if service_of(case).item.hotline)
    return {
        "title": BUNDLE_TITLE, "number": bundle.number, "item": title_of(bundle), "applicant": bundle.applicant.name,
        "id_number": mask_id(bundle.applicant.id_number), "place": path_name(bundle.division_code, on), "office": office(bundle.division_code, on, BUNDLE_SLIP),
        "on": f"{on.year} 年 {on.month} 月 {on.day} 日", "hotline": "、".join(hotlines), "synthetic": bool(getattr(settings, "SYNTHETIC", False)),
        "code": code, "address": verify_address(code), "qr": qr_rows(verify_address(code)), "foot": f"{BUNDLE_TITLE} · {bundle.number}",
        "cases": listed, "materials": materials, "signed": [[mask_name(row.person.name), f"{row.signed_on}", f"{row.valid_until}"] for row in signed],
    }  # fmt: skip


def office(division_code: str, on: date, kind: str) -> str:
    """Who signs: the county's civil affairs department for decisions, else the town."""
    digits = 6 if kind == "decision" else 9
    code = division_code[:digits].ljust(12, "0")
    name = names([code], on)[code]
    return f"{name}民政局" if digits == 6 else f"{name}人民政府（街道办事处）"


def _more(case: Case, kind: str, action: CaseAction, content: dict[str, Any], service: Service, standing: Standing) -> dict[str, Any]:
    if kind == "acceptance":
        due = next((clock.due_on for clock in standing.clocks if clock.name == "limit"), None)
        return {
            "due": f"{due}" if due else "", "urgent": bool(action.details.get("urgent")),
            "materials": [[each.title, _mode(each.mode), f"{each.due_on}" if each.due_on else ""] for each in standing.materials],
            "steps": [[step.title, f"{step.days} 个{'工作日' if step.unit == 'working' else '自然日'}"] for step in standing.road],
        }  # fmt: skip
    if kind == "completion":
        listed = [[each["title"], each["text"]] for each in content.get("missing", ())]
        return {"missing": listed, "due": f"{standing.due_on}" if standing.state == "returned" else ""}
    if kind == "decline":
        return {"reason": action.note, "explanation": content.get("explanation", ""), "remedies": _remedies(standing)}
    if kind == "review":
        return {"result": action.note, "explanation": content.get("explanation", "")}
    if kind == "authorisation":
        row = Authorisation.objects.get(pk=action.details["authorisation"])
        return {
            "item": title_of(case.bundle) if case.bundle and _beyond(row, service) else service.title,
            "person": row.person.name, "person_id": mask_id(row.person.id_number), "feeds": _feeds(row.feeds),
            "signed_on": f"{row.signed_on}", "valid_until": f"{row.valid_until}", "signed_how": action.note,
        }  # fmt: skip
    return _decision(case, action, content, standing)


def _beyond(row: Authorisation, service: Service) -> bool:
    """Whether more was signed than one item asks: all cases of a 一件事 at once."""
    rule = service.version.authorisation
    return rule is None or not set(row.feeds) <= set(rule.scope)


def _decision(case: Case, action: CaseAction, content: dict[str, Any], standing: Standing) -> dict[str, Any]:
    told = action.details
    rule = told.get("rule") or {}
    return {
        "kind": told["kind"], "decision": KINDS[told["kind"]], "amount": yuan(told["amount_fen"]) if told.get("amount_fen") else "",
        "reasons": content.get("reasons", ""), "failed": list(rule.get("failed", ())), "rule_amount": yuan(rule["amount_fen"]) if rule.get("amount_fen") else "",
        "deviates": bool(told.get("deviates")), "explanation": content.get("explanation", ""), "unverified": int(rule.get("unverified", 0)),
        "effect": _effect(case, action), "heard": latest(case, "statement") is not None and standing.heard_on is not None, "remedies": _remedies(standing),
    }  # fmt: skip


def _effect(case: Case, action: CaseAction) -> str:
    """What came of the decision, in words."""
    after = CaseAction.objects.filter(case=case, verb="outcome", seq__gt=action.seq).order_by("seq").first()
    return in_words(after.details) if after else ""


def _remedies(standing: Standing) -> list[list[str]]:
    return [[each.title, f"{each.until}"] for each in standing.remedies]


def _feeds(feeds: Sequence[str]) -> list[str]:
    known = contracts()
    return [f"{known[name].title}（{known[name].owner[0]}）" if name in known else name for name in feeds]


def _mode(mode: str) -> str:
    return {"provided": "已提交", "promised": "告知承诺", "later": "容缺后补", "verified": "数据核验，不用提交", "missing": "未提交"}[mode]
