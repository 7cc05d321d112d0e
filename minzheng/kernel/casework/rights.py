"""Who may do what to a case: by being a party to it, or by capability and the level of the step."""

from __future__ import annotations

from minzheng.kernel.casework.items import RUNGS, Service
from minzheng.kernel.casework.people import Citizen
from minzheng.kernel.casework.state import Standing
from minzheng.kernel.casework.verbs import APPLICANTS_VERBS, CAPABILITY, COMPLETES, VERBS
from minzheng.kernel.foundation.access import Actor, capabilities, roles

LEVEL_RUNGS = {"village": 5, "town": 4, "county": 3, "city": 2}
NO_LEVEL = frozenset({  # whoever has the capability and covers the place
    "attach", "authorise", "revoke", "supplement", "submit", "withdraw", "object", "climb", "outcome", "remind", "draw", "promise", "open",
})  # fmt: skip
OF_THE_TOWN = frozenset({"review", "kept", "breach", "measure", "close", "take_down"})
TOWN = 4


def refusal(verb: str, service: Service, standing: Standing, by: Actor) -> str:
    """Why an actor may not do a verb, in words; '' when nothing speaks against it. Whether the case admits it is the standing's matter."""
    if isinstance(by, Citizen):
        return "" if verb in APPLICANTS_VERBS else f"“{VERBS[verb]}”由经办机关办理"
    if by.role == "system":
        return ""
    if verb == "rate":
        return "评价由申请人本人作出"
    needed = CAPABILITY.get(verb, "cases.accept")
    if not by.may(needed):
        return f"您的角色没有“{capabilities().get(needed, needed)}”权限，请联系系统管理员"
    if verb in NO_LEVEL:
        return ""
    known = roles().get(by.role)
    rung = level_needed(verb, service, standing)
    if known is None or LEVEL_RUNGS.get(known.level, 9) > rung:
        title = next((roles()[name].title for name, each in RUNGS.items() if each == rung), "上级")
        return f"“{VERBS[verb]}”由{title}办理，您的层级不能办"
    return ""


def level_needed(verb: str, service: Service, standing: Standing) -> int:
    """The level (rung) that a verb needs: that of the open step to which it belongs, else of the first open step."""
    steps = [step for step in standing.road if step.name in standing.steps]
    mine = [step for step in steps if COMPLETES[step.kind] == verb or (step.kind in ("publicity", "announce") and verb in ("publish", "take_down"))]
    if not mine and verb == "hear":
        mine = [step for step in steps if step.kind == "decide"]
    if not mine and verb in OF_THE_TOWN:
        return TOWN
    chosen = mine or steps
    return min(max(step.rung for step in chosen), 5) if chosen else TOWN
