"""Three of our programmes stated once more for OpenFisca, by its own means, to compare amounts and times.

尊老金, 困难残疾人生活补贴 and 最低生活保障 as domains/*/benefits say them, figure by figure, with the same parameters. OpenFisca keeps
whole numbers in 32 bits and everything else in 32-bit floating point; amounts are 分 in its `int`, products are reckoned in 64.
Month in, one result a programme out: persons of 尊老金 and 生活补贴, households of 低保.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import MONTH
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from minzheng.kernel.foundation.dated import Values
from minzheng.kernel.rules.arithmetic import days
from minzheng.kernel.rules.language import Month

Array = np.ndarray[Any, Any]
PERSON = build_entity(key="person", plural="persons", label="个人", is_person=True)
HOUSEHOLD = build_entity(key="household", plural="households", label="家庭", roles=[{"key": "member", "plural": "members", "label": "成员"}])
RESULTS = {"longevity_allowance": "person", "living_subsidy": "person", "minimum_living": "household"}
SUPPORTERS = (1, 2, 3)


class Reckoned:
    """What a formula sees: `of["name"]` is a figure of each person (or household), in 64 bits."""

    def __init__(self, population: Any, period: Any) -> None:
        self.population, self.period = population, period

    def __getitem__(self, name: str) -> Array:
        return self.population(name, self.period).astype(np.int64)

    def members(self, name: str) -> Array:
        return self.population.members(name, self.period).astype(np.int64)

    def sum(self, name: str) -> Array:
        """Over the members of each household."""
        return self.population.sum(self.members(name)).astype(np.int64)

    def max(self, name: str) -> Array:
        """Over the members of each household."""
        return self.population.max(self.members(name)).astype(np.int64)

    def home(self, name: str) -> Array:
        """A figure of the household, for each of its members."""
        return self.population.household(name, self.period).astype(np.int64)


def percent(value: Any, share: Any) -> Any:
    return (value * share + 50) // 100


def clip(value: Any) -> Any:
    return np.maximum(value, 0)


def yuan_up(value: Any) -> Any:
    return (value + 99) // 100 * 100


def age(birth: Array, day: int) -> Array:
    """Full years; `day` as yyyymmdd (28 February of a year without a 29th counts as the 29th)."""
    year, rest = divmod(day, 10_000)
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    today = day + (1 if rest == 228 and not leap else 0)
    return np.where((birth > 0) & (birth <= today), (today - np.minimum(birth, today)) // 10_000, -1)


def system(inputs: Mapping[str, int], month: Month, values: Mapping[str, Values]) -> TaxBenefitSystem:
    """The rules as a tax and benefit system. inputs: name → default; values: programme → its parameters of the month."""
    built = TaxBenefitSystem([PERSON, HOUSEHOLD])
    for name, default in inputs.items():
        built.add_variable(_variable(name, PERSON, None, default))
    for name, (entity, formula) in _formulas(month, values).items():
        built.add_variable(_variable(name, entity, formula))
    return built


def simulation(built: TaxBenefitSystem, people: Mapping[str, Array], homes: Array, month: Month) -> Any:
    """People given to OpenFisca: inputs by name, and which household each is in."""
    builder = SimulationBuilder()
    builder.create_entities(built)
    count = len(homes)
    builder.declare_person_entity("person", np.arange(count))
    household = builder.declare_entity("household", np.unique(homes))
    builder.join_with_persons(household, homes, np.full(count, "member"))
    made = builder.build(built)
    for name, column in people.items():
        made.set_input(name, str(month), column)
    return made


def _variable(name: str, entity: Any, formula: Callable[..., Any] | None, default: int = 0) -> type[Variable]:
    body: dict[str, Any] = {"value_type": int, "entity": entity, "definition_period": MONTH, "label": name, "default_value": default}
    if formula is not None:
        reckon = formula
        body["formula"] = lambda population, period: reckon(Reckoned(population, period))
    return type(name, (Variable,), body)


Formulas = dict[str, tuple[Any, Callable[[Reckoned], Any]]]


def _formulas(month: Month, values: Mapping[str, Values]) -> Formulas:
    first, last, before = days(month.first), days(month.last), days(month.before.last)
    plain = {name: each.plain() for name, each in values.items()}
    return {
        **_longevity(plain["longevity_allowance"], first, last, before),
        **_living(plain["living_subsidy"], first, last),
        **_members(plain["minimum_living"]),
        **_income(plain["minimum_living"]),
        **_assets(plain["minimum_living"]),
        **_top_up(plain["minimum_living"], month),
        **_due(plain["minimum_living"], first, last),
    }


def _longevity(p: Mapping[str, Any], first: int, last: int, before: int) -> Formulas:
    reached = before if p["from_next_month"] else last
    bands = sorted((int(years), fen) for years, fen in p["bands"].items())

    def due(c: Reckoned) -> Array:
        years = age(c["birth"], reached)
        alive = (c["present"] == 1) & ((c["death"] == 0) | (c["death"] >= first))
        entitled = (c["hukou"] == 1) & alive & (c["longevity_declined"] == 0)
        amount = np.zeros(len(years), np.int64)
        for start, fen in bands:
            amount = np.where(years >= start, fen, amount)
        return np.where(entitled, amount, 0)

    return {"longevity_allowance": (PERSON, due)}


def _living(p: Mapping[str, Any], first: int, last: int) -> Formulas:
    def share(c: Reckoned) -> Array:
        severe = (c["disability_level"] >= 1) & (c["disability_level"] <= 2)
        near = (c["award_borderline"] > 0) | (c["award_rigid_spending"] > 0)
        low = c["award_low_income"] > 0
        fits = {
            "low_income_severe": low & severe, "low_income": low, "near_line_severe": near & severe, "near_line": near,
            "several": c.home("disabled_here") >= p["several_from"],
            "kept_by_elders": (c["dependent_on_elders"] == 1) & severe & (age(c["birth"], first) >= p["adult_age"]),
        }  # fmt: skip
        highest = np.zeros(len(severe), np.int64)
        for kind, holds in fits.items():
            highest = np.maximum(highest, np.where(holds, p["living_percent"].get(kind, 0), 0))
        return highest

    def due(c: Reckoned) -> Array:
        holder = (c["disability_level"] >= 1) & (c["disability_level"] <= 4) & (c["hukou"] == 1) & (c["present"] == 1)
        alive = (c["death"] == 0) | (c["death"] >= first)
        asked = (c["living_applied"] > 0) & (c["living_applied"] <= last) if p["application_needed"] else c["living_applied"] >= 0
        amount = percent(p["subsistence_standard"], c["living_share"])
        amount = yuan_up(amount) if p["whole_yuan"] else amount
        return np.where(holder & alive & asked & (c["living_share"] > 0), amount, 0)

    return {
        "disabled": (PERSON, lambda c: (c["disability_level"] > 0) & (c["present"] == 1)),
        "disabled_here": (HOUSEHOLD, lambda c: c.sum("disabled")),
        "living_share": (PERSON, share),
        "living_subsidy": (PERSON, due),
    }


def _members(p: Mapping[str, Any]) -> Formulas:
    def local(c: Reckoned) -> Array:
        here = c["hukou"] == 1
        return (here | (c["residence_permit"] == 1)) if p["residence_permit_counts"] else here

    return {
        "awarded_member": (PERSON, lambda c: c["award_low_income"] == 1),
        "by_household": (HOUSEHOLD, lambda c: c.max("awarded_member")),
        "home_award": (HOUSEHOLD, lambda c: c.max("award_low_income")),
        "cohabits": (PERSON, lambda c: (c["present"] == 1) & (c["custody"] == 0) & (c["apart"] == 0) & (c["award_destitute"] == 0)),
        "size": (HOUSEHOLD, lambda c: c.sum("cohabits")),
        "local": (PERSON, lambda c: local(c) & (c["cohabits"] == 1)),
        "locals": (HOUSEHOLD, lambda c: c.sum("local")),
        "severely_disabled": (PERSON, lambda c: (
            (c["disability_level"] == 1) | (c["disability_level"] == 2)
            | ((c["disability_level"] == 3) & ((c["disability_category"] == 5) | (c["disability_category"] == 6)))
        )),
    }  # fmt: skip


def _income(p: Mapping[str, Any]) -> Formulas:
    standard = p["subsistence_standard"]

    def support(number: int) -> Callable[[Reckoned], Array]:
        def owed(c: Reckoned) -> Array:
            line = standard * p["supporter_line_percent"]
            above = clip(c[f"supporter_{number}_income"] * 100 - np.maximum(c[f"supporter_{number}_members"], 1) * line)
            return above * p["supporter_share_percent"] // (np.maximum(c[f"supporter_{number}_supported"], 1) * 10_000)

        return owed

    def registered(c: Reckoned) -> Array:
        pension = clip(c["resident_pension"] - p["resident_pension_disregard"])
        return c["wage"] - percent(c["wage"], p["employment_cost_percent"]) + c["pension"] + pension + c["unemployment_benefit"]

    def counted(c: Reckoned) -> Array:
        declared = c["declared_income"] + c["business_income"] + c["property_income"] + c["transfer_income"]
        owed = c["support_1"] + c["support_2"] + c["support_3"]
        owed = np.where(c["agreed_support"] > 0, c["agreed_support"], owed)
        return c["cohabits"] * (c["registered"] + declared + owed)

    def deducted(c: Reckoned) -> Array:
        need = (c["disability_level"] > 0) | (c["serious_illness"] == 1)
        treatment = (c["medical_paid"] + percent(c["medical_own"], p["own_paid_percent"])) // 12
        return np.where(need, c["cohabits"] * (treatment + c["care_costs"]), 0)

    return {
        **{f"support_{number}": (PERSON, support(number)) for number in SUPPORTERS},
        "registered": (PERSON, registered),
        "counted_income": (PERSON, counted),
        "home_income": (HOUSEHOLD, lambda c: c.sum("counted_income")),
        "deducted": (PERSON, deducted),
        "home_deducted": (HOUSEHOLD, lambda c: c.sum("deducted")),
        "net_income": (HOUSEHOLD, lambda c: clip(c["home_income"] - c["home_deducted"])),
    }


def _assets(p: Mapping[str, Any]) -> Formulas:
    exempt = {"homes": "exempt_homes", "shops": "", "vehicles": "aid_vehicles", "businesses": "exempt_businesses"}

    def own(name: str) -> Callable[[Reckoned], Array]:
        less = exempt[name]
        return lambda c: c["cohabits"] * (clip(c[name] - c[less]) if less else c[name])

    def total(name: str) -> Callable[[Reckoned], Array]:
        return lambda c: c.sum(name)

    def within(c: Reckoned) -> Array:
        fits = c["home_financial"] <= p["financial_months"] * p["subsistence_standard"] * c["size"]
        for name in exempt:
            fits = fits & (c[f"home_{name}"] <= p[f"{name}_allowed"])
        return fits

    formulas: Formulas = {"own_financial": (PERSON, lambda c: c["cohabits"] * c["financial_assets"])}
    for name in exempt:
        formulas[f"own_{name}"] = (PERSON, own(name))
    for name in ("financial", *exempt):
        formulas[f"home_{name}"] = (HOUSEHOLD, total(f"own_{name}"))
    return {**formulas, "assets_within": (HOUSEHOLD, within)}


def _top_up(p: Mapping[str, Any], month: Month) -> Formulas:
    standard = p["subsistence_standard"]
    earliest, last = days(month.back(p["exit_months"] - 1).first), days(month.last)

    def alone(c: Reckoned) -> Array:
        grounds = (c["severely_disabled"] == 1) | (c["serious_illness"] == 1)
        if p["hardship_alone"]:
            grounds = grounds | (c["special_hardship"] == 1)
        return (c["cohabits"] == 1) & (c["award_low_income"] == 2) & grounds

    def fading(c: Reckoned) -> Array:
        begun, ceiling = c.max("exit_since"), standard * p["exit_ceiling_percent"] * c["size"]
        return (begun >= earliest) & (begun <= last) & (c["by_household"] == 1) & (c["net_income"] * 100 < ceiling)

    def income_fits(c: Reckoned) -> Array:
        below = c["net_income"] < standard * c["size"]
        near = c["net_income"] * 100 < standard * p["borderline_percent"] * c["size"]
        return np.where(c["by_household"] == 1, below | (c["fading"] == 1), near)

    def gap(c: Reckoned) -> Array:
        need = standard * c["heads"]
        assessed = np.where(c["by_household"] == 1, c["net_income"], c["home_alone"])
        short = clip(need - assessed)
        if not p["pays_bands"]:
            return short
        share, band = np.where(need > 0, assessed * 100 // np.maximum(need, 1), 0), np.zeros(len(need), np.int64)
        for start, fen in sorted((int(key), value) for key, value in p["bands"].items()):
            band = np.where(share >= start, fen, band)
        return np.where(short > 0, percent(need, band), 0)

    return {
        "taken_alone": (PERSON, alone),
        "net_alone": (PERSON, lambda c: c["taken_alone"] * clip(c["counted_income"] - c["deducted"])),
        "home_alone": (HOUSEHOLD, lambda c: c.sum("net_alone")),
        "counts": (PERSON, lambda c: np.where(c.home("by_household") == 1, c["cohabits"], c["taken_alone"])),
        "heads": (HOUSEHOLD, lambda c: c.sum("counts")),
        "fading": (HOUSEHOLD, fading),
        "income_fits": (HOUSEHOLD, income_fits),
        "gap": (HOUSEHOLD, gap),
    }


def _due(p: Mapping[str, Any], first: int, last: int) -> Formulas:
    standard, shares = p["subsistence_standard"], p["extra_percent"]

    def extra(c: Reckoned) -> Array:
        child, birth = age(c["birth"], first), c["birth"]
        fits = {
            "elder": age(birth, last) >= p["elder_age"], "minor": (child >= 0) & (child < p["adult_age"]),
            "disabled": c["severely_disabled"] == 1, "ill": c["serious_illness"] == 1,
        }  # fmt: skip
        highest = np.zeros(len(birth), np.int64)
        for name, holds in fits.items():
            highest = np.maximum(highest, np.where(holds, shares.get(name, 0), 0))
        return c["counts"] * (1 - c["refuser"]) * percent(standard, highest)

    def kept(c: Reckoned) -> Array:
        heads = c["heads"]
        part = c["gap"] * (heads - c.sum("refuser"))
        return np.where(heads > 0, (part * 2 + heads) // np.maximum(heads * 2, 1), 0)

    def due(c: Reckoned) -> Array:
        whole = yuan_up if p["whole_yuan"] else (lambda value: value)
        some = (c["kept"] > 0) & (c["gap"] > 0)
        regular = whole(np.where(some, np.maximum(c["kept"], p["least_payment"]) + c.sum("extra"), 0))
        faded = np.where(c["fading"] == 1, whole(percent(c.sum("exit_amount"), p["exit_percent"])), 0)
        fits = (c["home_award"] > 0) & (c["locals"] > 0) & (c["heads"] > 0) & (c["income_fits"] == 1) & (c["assets_within"] == 1)
        alone_below = (c["by_household"] == 1) | (c["gap"] > 0)
        return np.where(fits & alone_below, np.maximum(regular, faded), 0)

    return {
        "refuser": (PERSON, lambda c: c["counts"] * (c["job_refusals"] >= p["refusals_allowed"])),
        "kept": (HOUSEHOLD, kept),
        "extra": (PERSON, extra),
        "minimum_living": (HOUSEHOLD, due),
    }
