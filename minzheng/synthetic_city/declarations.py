"""What households declare of themselves when they apply or are reviewed, and what its check came to.

Everybody on the roster has declared in 2023 and is reviewed a year later; some of those in need, and some who only think so,
apply in the course of 2024. Wages and pensions that registers know stand there; what is declared is the rest.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from minzheng.synthetic_city.block import Block
from minzheng.synthetic_city.dates import BASE, SNAPSHOTS, day, steps, within
from minzheng.synthetic_city.desk import Desk
from minzheng.synthetic_city.economy import any_in_household
from minzheng.synthetic_city.means import RIGID, STANDARD
from minzheng.synthetic_city.need import OUTCOMES, Need
from minzheng.synthetic_city.streams import Ints, days_between

AID_CHANCE = 0.20  # of those in need who come by themselves; of the others, far fewer
APART = ["none", "cleric", "missing", "grown", "other"]


def deliver_declarations(block: Block, need: Need, aids: Ints, desk: Desk) -> None:
    """Declarations and reviews of whole households; `aids`: persons with a three-wheeler that does not count."""
    rng, count = block.rng("declarations"), len(block.frame.kind)
    on_roster = any_in_household(block.means.award > 0, block.members, count)
    needy = np.isin(need.outcome, [OUTCOMES.index("low_income"), OUTCOMES.index("borderline")])
    draw = rng.random(count)
    applies = ~on_roster & block.frame.local & np.where(needy, draw < AID_CHANCE, (block.means.per_head < 2 * STANDARD) & (draw < 0.01))
    first = np.where(on_roster, days_between(rng, "2023-01-10", "2023-12-01", count), days_between(rng, "2024-01-05", "2024-10-20", count))
    home = on_roster | applies
    frame = _declared(block, need, home, aids, rng)
    persons = frame["person"].to_numpy()
    for review in (0, 1):
        on = first[block.members.household[persons]] + np.timedelta64(365 * review, "D")
        there = block.there(persons, on)
        for after, until in steps(SNAPSHOTS):
            desk.put("household_economy", until, frame.with_columns(pl.Series("declared_on", on)).filter(there & within(on, after, until)))


def _declared(block: Block, need: Need, home: np.ndarray, aids: Ints, rng: np.random.Generator) -> pl.DataFrame:
    """A row for each member of the chosen households."""
    homes, economy, health = block.members.household, block.economy, block.health
    persons = np.flatnonzero(home[homes])
    count, place = len(persons), homes[persons]
    leads = np.zeros(count, dtype=bool)
    leads[np.unique(place, return_index=True)[1]] = True
    adult, child = economy.age[persons] >= 18, (economy.age[persons] >= 6) & (economy.age[persons] < 22)
    odd_jobs = np.where(economy.works[persons] & ~economy.insured[persons], economy.wage[persons], 0)
    trade = block.means.firm[persons] & adult
    # Families who are not in need have more put by than the rule allows; so have some on the roster.
    rich = (need.outcome[place] == 0) & (block.means.programme[place] == 0)
    savings = np.where(rich, 30_000 + rng.integers(0, 90_000, count), rng.integers(0, 9_000, count))
    severe = health.severe[persons]
    kept = severe & block.members.has("P")[persons] & ~economy.works[persons] & (economy.pension[persons] == 0)
    supporters = block.members.has("E", "e")[persons] & (block.means.programme[place] != 2)
    columns: dict[str, Ints] = {
        "business_income": np.where(trade, rng.integers(5, 40, count) * 100, 0), "property_income": np.zeros(count, dtype=np.int64),
        "transfer_income": np.zeros(count, dtype=np.int64), "other_income": np.where(trade, 0, odd_jobs),
        "exempt_income": np.where(severe, 100, 0), "care_costs": np.where(severe, rng.integers(1, 8, count) * 100, 0),
        "education_costs": np.where(child, rng.integers(10, 60, count) * 100, 0),
        "necessary_costs": np.where(leads & (block.means.programme[place] == RIGID), rng.integers(20, 200, count) * 100, 0),
        "agreed_support": np.where(leads, np.rint(block.means.support[place]).astype(np.int64), 0),
        "supporter_1_income": np.where(supporters, rng.integers(30, 60, count) * 100, 0), "financial_assets": savings,
    }  # fmt: skip
    ill = health.serious[persons] & (health.ill_since[persons] <= day(BASE))
    counts: dict[str, Ints] = {
        "supporter_1_members": np.where(supporters, 3, 0), "supporter_1_supported": np.where(supporters, 2, 0),
        "aid_vehicles": np.isin(persons, aids).astype(np.int64),
        "job_refusals": np.where(adult & economy.looking[persons] & (rng.random(count) < 0.02), 3, 0),
    }  # fmt: skip
    nothing = [pl.lit(None, pl.Int64).alias(f"supporter_{n}_{what}") for n in (2, 3) for what in ("income", "members", "supported")]
    grown = block.members.has("P")[persons] & economy.insured[persons] & (block.means.programme[place] > 0) & (rng.random(count) < 0.05)
    return block.named(persons).with_columns(
        pl.Series("person", persons), pl.Series(block.homes["household_no"]).gather(place).alias("household_no"),
        *(pl.Series(name, values * 100) for name, values in columns.items()), *(pl.Series(name, values) for name, values in counts.items()),
        _yes("serious_illness", ill), _yes("special_hardship", np.zeros(count, dtype=bool)), _yes("able_obligor", np.zeros(count, dtype=bool)),
        _yes("dependent_on_elders", kept), pl.Series(APART).gather(np.where(grown, 3, 0)).alias("apart"), *nothing,
        *(pl.lit(0, pl.Int64).alias(name) for name in ("exempt_homes", "exempt_businesses")),
    )  # fmt: skip


def _yes(name: str, values: np.ndarray) -> pl.Series:
    return pl.Series(["0", "1"]).gather(values.astype(np.int64)).alias(name)
