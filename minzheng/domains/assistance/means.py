"""Who lives with a candidate and what is known of the household's means: the background of all seven scenarios.

Known income is what the registers tell: wages by the base of social insurance, pensions, unemployment benefit. It is
a floor, not the household's income: nobody is refused help by it, it only orders whom to visit first. Not counted:
social assistance itself and the state's part of the residents' pension (民发〔2021〕57号). Free of Django.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import narwhals as nw

from minzheng.kernel.benefits.snapshot.incomes import (
    deceased,
    flag,
    pensions,
    unemployment_benefits,
    wages,
    whole,
    years_before,
)
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.monitoring.scenario import Background, Frame, Frames, Workbench
from minzheng.kernel.rules.standards import STANDARDS

SHARED = Path(__file__).parent / "parameters.yaml"
ADULT_YEARS, ELDER_YEARS = 18, 60
BORDERLINE, LOW_INCOME, DESTITUTE = 1, 2, 3  # `programme` of a person or household; 0 = none known
INPUTS = {
    "population": ("person_key", "village_code", "birth_date", "status"),
    "households": ("person_key", "household_key", "relation"),
    "deaths": ("person_key", "death_date"),
    "traffic_accidents": ("person_key", "occurred_on", "injury"),
    "medical_settlements": ("person_key", "settled_on", "visit_type", "self_paid_fen", "own_paid_fen"),
    "social_insurance": ("person_key", "period_start", "period_end", "base_fen", "status"),
    "pensions": ("person_key", "pension_kind", "monthly_fen", "started_on", "status"),
    "unemployment": ("person_key", "registered_on", "benefit_monthly_fen", "status"),
    "assistance_recipients": ("person_key", "programme", "since", "until"),
}


def prepare(frames: Frames, values: Values, as_of: date, bench: Workbench) -> dict[str, Frame]:
    """`spending` [person_key, self_paid, own_paid, last_settled]: what each person paid out of pocket in the 12
    months up to `as_of`, 分: inside the catalogue (自付) and outside it (自费).

    Everyday bills are left out: visits to an outpatient clinic or a pharmacy below `everyday_bill` each. What 医疗救助
    covers (国办发〔2021〕42号: in hospital, chronic and serious illness treated over a long time) counts from the first
    分, and so do reversals of larger bills (negative).
    """
    own, floor = nw.col("own_paid_fen").fill_null(0), values.number("everyday_bill")
    paid = nw.col("self_paid_fen") + own
    recent = (nw.col("settled_on") > years_before(as_of, 1)) & (nw.col("settled_on") <= as_of)
    treated = (nw.col("visit_type") == "inpatient") | (nw.col("visit_type") == "chronic")  # is_in costs twice as much
    bills = frames["medical_settlements"].filter(recent & (treated | (paid >= floor) | (paid <= -floor)))
    bills = bills.select(
        "person_key", nw.col("self_paid_fen").alias("self_paid"), own.alias("own_paid"),
        nw.col("settled_on").alias("last_settled"),
    )  # fmt: skip
    return {"spending": bench.totals(bills, ["self_paid", "own_paid"], "last_settled")}


def build(frames: Frames, keys: Frame, values: Values, as_of: date, bench: Workbench) -> dict[str, Frame]:
    """`people` (one row for each member of a candidate's household), `households` (in which somebody is present),
    `at_home` (both together), `residents`, `registered`."""
    circle = bench.settle({"circle": _circle(frames["households"], keys, bench)})["circle"]
    who = circle.select("person_key")
    parts = bench.settle({
        "register": frames["population"].select(*INPUTS["population"]).join(who, on="person_key", how="semi"),
        "deaths": deceased(_all_deaths(frames), as_of).join(who, on="person_key", how="semi"),
        "wages": wages(frames["social_insurance"].join(who, on="person_key", how="semi"), as_of),
        "pensions": pensions(
            frames["pensions"].join(who, on="person_key", how="semi"), as_of, values.number("resident_pension_disregard")
        ),
        "benefits": unemployment_benefits(frames["unemployment"].join(who, on="person_key", how="semi"), as_of),
        "helped": _helped(frames["assistance_recipients"].join(who, on="person_key", how="semi"), as_of),
    })
    people = circle
    for part in parts.values():
        people = people.join(part, on="person_key", how="left")
    people = bench.settle({"people": _rounded_off(people, as_of)})["people"]
    households = bench.settle({"households": _households(people)})["households"]
    return {
        "people": people, "households": households,
        "at_home": bench.settle({"at_home": people.join(households, on="household_key", how="inner")})["at_home"],
        "residents": people.filter(nw.col("present") == 1).select("person_key", "village_code"),
        "registered": people.filter(~nw.col("village_code").is_null()).select("person_key"),
    }  # fmt: skip


def _all_deaths(frames: Frames) -> Frame:
    """Deaths of the three registers, and those that the traffic police report before the registers do."""
    road = frames["traffic_accidents"].filter(nw.col("injury") == "dead")
    road = road.select("person_key", nw.col("occurred_on").alias("death_date"))
    return nw.concat([frames["deaths"].select("person_key", "death_date"), road], how="vertical")


def _circle(households: Frame, keys: Frame, bench: Workbench) -> Frame:
    """[person_key, household_key, relation_rank] of all members of the keys' households. Who is in no household is
    one alone, under a key that no register number can have made (the same as in the registry)."""
    homes = households.select("person_key", "household_key").join(keys, on="person_key", how="semi")
    homes = homes.select("household_key").unique()
    members = households.select(*INPUTS["households"]).join(homes, on="household_key", how="semi")
    rank = nw.when(nw.col("relation") == "spouse").then(1).otherwise(2)
    rank = nw.when(nw.col("relation") == "head").then(0).otherwise(rank).cast(nw.Int64)
    members = members.select("person_key", "household_key", rank.alias("relation_rank"))
    members = bench.settle({"members": members})["members"]
    alone = keys.join(members, on="person_key", how="anti").select(
        "person_key", (nw.lit(-1, nw.Int64) - nw.col("person_key")).alias("household_key"),
        nw.lit(0, nw.Int64).alias("relation_rank"),
    )  # fmt: skip
    return nw.concat([members, alone], how="vertical")


def within_force(rows: Frame, as_of: date) -> Frame:
    """The rows of the roster that hold on a day."""
    return rows.filter(nw.col("since") <= as_of, nw.col("until").is_null() | (nw.col("until") > as_of))


def _helped(rows: Frame, as_of: date) -> Frame:
    """[person_key, programme]: the strongest programme that a person is in on `as_of`."""
    rows = within_force(rows, as_of)
    rank = nw.when(nw.col("programme") == "destitute").then(DESTITUTE).otherwise(
        nw.when(nw.col("programme") == "low_income").then(LOW_INCOME).otherwise(BORDERLINE)
    )
    return rows.with_columns(rank.cast(nw.Int64).alias("rank")).group_by("person_key").agg(nw.col("rank").max().alias("programme"))


def _rounded_off(people: Frame, as_of: date) -> Frame:
    """Add who is present (registered, active, alive), ages as of the date, incomes, and the order of standing."""
    sums = ("wage_year", "wage_peak", "wage_now", "pension_year", "pension_now", "pension_peak", "benefit_year",
            "benefit_now", "programme")  # fmt: skip
    alive = nw.col("death_date").is_null() & ~nw.col("village_code").is_null()
    active = nw.col("status").is_null() | (nw.col("status") == "active")
    birth = nw.col("birth_date")
    born = birth.dt.year().cast(nw.Int64) * 10_000 + birth.dt.month().cast(nw.Int64) * 100 + birth.dt.day().cast(nw.Int64)
    minor, elder = birth > years_before(as_of, ADULT_YEARS), birth <= years_before(as_of, ELDER_YEARS)
    people = people.with_columns(
        flag(alive & active).alias("present"), flag(minor).alias("minor"), flag(elder).alias("elder"),
        born.fill_null(99_991_231).alias("born"), *(nw.col(name).fill_null(0) for name in sums),
    )  # fmt: skip
    rank = nw.when(nw.col("minor") == 1).then(3).otherwise(nw.col("relation_rank")).cast(nw.Int64)
    return people.with_columns(
        (rank * 100_000_000 + nw.col("born")).alias("standing"), flag(nw.col("wage_now") > 0).alias("earner"),
        (nw.col("wage_year") + nw.col("pension_year") + nw.col("benefit_year")).alias("income_year"),
        (nw.col("wage_now") + nw.col("pension_now") + nw.col("benefit_now")).alias("income_now"),
        (nw.col("wage_peak") + nw.col("pension_peak")).alias("usual"),
    )  # fmt: skip


def _households(people: Frame) -> Frame:
    """One row for each household in which somebody is present: sizes, incomes, the programme, and the `speaker`:
    the member to turn to, head before spouse before the oldest adult before the oldest child."""
    present = people.filter(nw.col("present") == 1)
    sums = {"size": "present", "minors": "minor", "elders": "elder", "earners": "earner",
            "home_income_year": "income_year", "home_income_now": "income_now", "home_usual": "usual"}  # fmt: skip
    homes = present.group_by("household_key").agg(
        *(nw.col(column).sum().alias(name) for name, column in sums.items()),
        nw.col("programme").max().alias("home_programme"), nw.col("standing").min().alias("first_standing"),
    )  # fmt: skip
    homes = homes.with_columns(*(whole(name) for name in sums))
    first = present.join(homes.select("household_key", "first_standing"), on="household_key", how="inner")
    first = first.filter(nw.col("standing") == nw.col("first_standing"))
    speaker = first.group_by("household_key").agg(nw.col("person_key").min().alias("speaker"))
    return homes.join(speaker, on="household_key", how="inner")


MEANS = Background("means", INPUTS, Parameters(SHARED, STANDARDS), prepare, build)
