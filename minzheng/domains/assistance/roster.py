"""The background of the integrity scenarios: who stands on the bureau's roster, with whom they live, and what that household owns.

Unlike the scenarios of the plan, these are about the roster itself: somebody may be on it who should not be, or not on it
who should. So the dead and the imprisoned count as people whom an alert may be about. Free of Django.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import narwhals as nw

from minzheng.domains.assistance import means
from minzheng.domains.assistance.judging import PROGRAMMES
from minzheng.domains.assistance.means import DESTITUTE, LOW_INCOME, SHARED, within_force
from minzheng.kernel.foundation.dated import Parameters, Values
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.monitoring.scenario import Background, Frame, Frames, Item, Workbench
from minzheng.kernel.rules.standards import STANDARDS

TRUTHFUL = "社会救助法第40条、第46条：应当如实报告家庭收入、财产；状况变化应当及时告知"
HEARING = "社会救助法第48条：调减、终止社会救助前应当听取救助对象的意见，作出决定后书面告知并说明理由"
REGULAR = "社会救助法第46条、第47条：定期核查，根据变化作出调整、终止的决定"
# All that stands on the roster of a household: the earliest day, the strongest programme, the largest sum.
ROSTER = ("person_key", "programme", "household_key", "since", "until", "monthly_fen")
INPUTS = {
    **{name: columns for name, columns in means.INPUTS.items() if name != "medical_settlements"},
    "assistance_recipients": ROSTER,
}
SHARED_BENEFITS = Path(__file__).parent / "benefits" / "shared.yaml"
PARAMETERS = Parameters(SHARED, STANDARDS, SHARED_BENEFITS).only(
    "subsistence_standard", "borderline_percent", "resident_pension_disregard", "employment_cost_percent", "homes_allowed", "shops_allowed",
    "vehicles_allowed", "businesses_allowed",
)  # fmt: skip
UNKNOWN = date(2000, 1, 1)  # the day of something that a register does not date, so that it stays one event


def rank_of(column: str = "programme") -> nw.Expr:
    """A programme of the roster as a number: DESTITUTE, LOW_INCOME, BORDERLINE (whatever else)."""
    low = nw.when(nw.col(column) == "low_income").then(LOW_INCOME).otherwise(means.BORDERLINE)
    return nw.when(nw.col(column) == "destitute").then(DESTITUTE).otherwise(low).cast(nw.Int64)


def enrolled(frames: Frames, as_of: date, paying: bool = True) -> Frame:
    """[person_key, rank, since, monthly]: who stands on the roster on a day, one row a person; `paying`: with money (低保, 特困)."""
    rows = within_force(frames["assistance_recipients"], as_of).with_columns(rank_of().alias("rank"))
    rows = rows.filter(nw.col("rank") >= LOW_INCOME) if paying else rows
    rows = rows.with_columns(nw.col("monthly_fen").fill_null(0).alias("monthly"))
    one = rows.group_by("person_key").agg(nw.col("rank").max(), nw.col("since").min(), nw.col("monthly").max())
    return one.with_columns(nw.col("monthly").cast(nw.Int64))


def covered(frames: Frames, as_of: date) -> Frame:
    """[person_key, household_key, home_since, home_rank]: everybody who lives with somebody that is paid by the roster.
    Who is in no household is one alone, under the key that the background uses."""
    roster = enrolled(frames, as_of)
    living = frames["households"].select("person_key", "household_key")
    homes = roster.join(living, on="person_key", how="inner").group_by("household_key").agg(
        nw.col("since").min().alias("home_since"), nw.col("rank").max().alias("home_rank")
    )
    members = living.join(homes, on="household_key", how="inner")
    alone = roster.join(living, on="person_key", how="anti").select(
        "person_key", (nw.lit(-1, nw.Int64) - nw.col("person_key")).alias("household_key"), nw.col("since").alias("home_since"),
        nw.col("rank").alias("home_rank"),
    )  # fmt: skip
    return nw.concat([members.select("person_key", "household_key", "home_since", "home_rank"), alone], how="vertical")


def declared(frames: Frames, column: str) -> Frame:
    """[person_key, exempt]: how many of something a person declared that does not count against the household."""
    rows = frames["household_economy"].filter(nw.col(column) > 0)
    most = rows.group_by("person_key").agg(nw.col(column).max().alias("exempt"))
    return most.with_columns(nw.col("exempt").cast(nw.Int64))


def less_declared(rows: Frame, frames: Frames, column: str, owned: str) -> Frame:
    """`owned` less what the same person declared as not counting, never below nothing."""
    rows = rows.join(declared(frames, column), on="person_key", how="left")
    left = nw.col(owned) - nw.col("exempt").fill_null(0)
    return rows.with_columns(nw.when(left > 0).then(left).otherwise(0).cast(nw.Int64).alias(owned)).drop("exempt")


def first_of_home(rows: Frame) -> Frame:
    """One row a household: the member with the lowest key."""
    first = rows.group_by("household_key").agg(nw.col("person_key").min())
    return rows.join(first, on=["household_key", "person_key"], how="semi")


def of_the_living(frames: Frames) -> Frame:
    """The candidates who are alive and here: what the dead owned is an estate, not undeclared."""
    here = frames["people"].filter(nw.col("present") == 1).select("person_key")
    return frames["candidates"].join(here, on="person_key", how="semi")


def earlier(as_of: date, days: int) -> date:
    """So many days before."""
    return as_of - timedelta(days=days)


def roster_items(rank: int, since: date, monthly: int = 0) -> tuple[Item, ...]:
    """What the roster says."""
    items = [
        Item("救助名册", PROGRAMMES[rank], contract="assistance_recipients"),
        Item("享受起始", f"{since}", contract="assistance_recipients"),
    ]
    if monthly:
        items.append(Item("名册上的月救助金", yuan(monthly), contract="assistance_recipients"))
    return tuple(items)


def prepare(frames: Frames, values: Values, as_of: date, bench: Workbench) -> dict[str, Frame]:
    """Nothing is read before the candidates."""
    return {}


def build(frames: Frames, keys: Frame, values: Values, as_of: date, bench: Workbench) -> dict[str, Frame]:
    """As the background of the plan's scenarios, but alerts may be about anybody whom the population register knows."""
    around = means.build(frames, keys, values, as_of, bench)
    known = around["people"].filter(~nw.col("village_code").is_null()).select("person_key", "village_code")
    return {**around, "residents": known, "registered": known.select("person_key")}


INTEGRITY = Background("integrity", INPUTS, PARAMETERS, prepare, build)
