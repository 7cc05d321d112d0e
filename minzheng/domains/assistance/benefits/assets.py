"""What a household owns, and whether that is within the rule. Free of Django."""

from __future__ import annotations

from minzheng.domains.assistance.benefits.inputs import AID_VEHICLES, EXEMPT_BUSINESSES, EXEMPT_HOMES
from minzheng.domains.assistance.benefits.law import FINANCIAL, PROPERTY, THINGS
from minzheng.kernel.rules.arithmetic import clip
from minzheng.kernel.rules.inputs import BUSINESSES, FINANCIAL_ASSETS, HOMES, SHOPS, VEHICLES
from minzheng.kernel.rules.language import Step, condition, total, variable

INPUTS = (FINANCIAL_ASSETS, HOMES, EXEMPT_HOMES, SHOPS, VEHICLES, AID_VEHICLES, BUSINESSES, EXEMPT_BUSINESSES)
PARAMETERS = ("subsistence_standard", "financial_months", "homes_allowed", "shops_allowed", "vehicles_allowed", "businesses_allowed")
_THINGS = {  # name → title, what is not held against somebody
    "homes": ("住房", "exempt_homes"),
    "shops": ("商铺、办公用房", ""),
    "vehicles": ("机动车", "aid_vehicles"),
    "businesses": ("经营主体", "exempt_businesses"),
}


def _owned(name: str, exempt: str) -> tuple[Step, Step, Step]:
    title = _THINGS[name][0]
    return (
        variable(f"own_{name}", f"本人计入的{title}", "count", THINGS,
                 lambda c, t: c["cohabits"] * (clip(c[name] - c[exempt]) if exempt else c[name])),
        total(f"home_{name}", f"家庭计入的{title}", "count", THINGS, of=f"own_{name}"),
        condition(f"{name}_within", f"{title}不超过规定", PROPERTY, lambda c, t: c[f"home_{name}"] <= t.number(f"{name}_allowed")),
    )  # fmt: skip


OF_HOUSEHOLD = (
    variable("own_financial", "本人金融资产", "fen", FINANCIAL, lambda c, t: c["cohabits"] * c["financial_assets"]),
    total("home_financial", "家庭金融资产", "fen", FINANCIAL, of="own_financial"),
    condition("financial_within", "人均金融资产不超过规定", PROPERTY,
              lambda c, t: c["home_financial"] <= t.number("financial_months") * t.number("subsistence_standard") * c["size"]),
    *(step for name, (_title, exempt) in _THINGS.items() for step in _owned(name, exempt)),
)  # fmt: skip


def _alone(name: str, exempt: str) -> Step:
    title = _THINGS[name][0]
    return condition(f"{name}_within", f"{title}不超过规定", PROPERTY,
                     lambda c, t: (clip(c[name] - c[exempt]) if exempt else c[name]) <= t.number(f"{name}_allowed"))  # fmt: skip


OF_PERSON = (
    condition("financial_within", "金融资产不超过规定", PROPERTY,
              lambda c, t: c["financial_assets"] <= t.number("financial_months") * t.number("subsistence_standard")),
    *(_alone(name, exempt) for name, (_title, exempt) in _THINGS.items()),
)  # fmt: skip
