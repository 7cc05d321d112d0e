"""What the public sees of a case: masked by the item, for its days, nothing else ever (facts: publicity against privacy)."""

from __future__ import annotations

from datetime import date

from minzheng.kernel.casework.clocks import hangs_until
from minzheng.kernel.casework.items import KINDS, Service, Step
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.state import Standing
from minzheng.kernel.divisions.queries import path_name
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.masking import mask_name

LABELS = {"applicant": "申请人", "place": "村（社区）", "members": "家庭人口", "kind": "拟作决定", "amount": "金额"}
MACHINE = Actor.system("公示公布")


def title(service: Service, step: Step) -> str:
    """The heading of a notice."""
    return f"{service.title}{'公示' if step.kind == 'publicity' else '公布'}"


def until(step: Step, posted_on: date) -> date:
    """Its last day."""
    return hangs_until(posted_on, step.days)


def shown(case: Case, service: Service, step: Step, standing: Standing, on: date) -> list[list[str]]:
    """[label, text] of what is shown: names as 张*, no numbers of identity, no illness or disability."""
    found = []
    for name, how in step.fields.items():
        text = _text(name, case, standing, on)
        if how == "name":
            text = mask_name(text)
        if text:
            label = "决定" if name == "kind" and step.kind == "announce" else LABELS[name]
            found.append([label, text])
    return found


def _text(name: str, case: Case, standing: Standing, on: date) -> str:
    told = standing.decision or standing.proposal
    if name == "applicant":
        return str(case.applicant.name)
    if name == "place":
        return path_name(case.division_code, on)
    if name == "members":
        return f"{len(registry.members(case.household, MACHINE, on))} 人" if case.household else "1 人"
    if told is None:
        return ""
    if name == "kind":
        return KINDS[told.kind]
    return yuan(told.amount_fen) if told.amount_fen else ""
