"""What happens to people from July 2023 to October 2024: deaths, accidents, disasters, lost jobs, legal aid, custody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from minzheng.synthetic_city.block import FIRST_DAY, LAST_DAY, NEVER, Block
from minzheng.synthetic_city.place import table
from minzheng.synthetic_city.streams import Bools, Days, Ints, by_table, choose, days_between, exp, stream

_LENGTH = int((LAST_DAY - FIRST_DAY).astype(np.int64)) + 1
_YEARS = _LENGTH / 365.25


@dataclass(frozen=True)
class Disaster:
    """One disaster: how many villages it hits and how many households there."""

    number: str
    kind: str
    day: str
    villages: float
    households: float


# Invented disasters of the kinds that the region knows: plum rains, typhoons, hail, frozen rain.
DISASTERS = [
    Disaster("ZH20230714", "flood", "2023-07-14", 0.04, 0.010),
    Disaster("ZH20240204", "snow", "2024-02-04", 0.05, 0.004),
    Disaster("ZH20240416", "typhoon", "2024-04-16", 0.03, 0.010),
    Disaster("ZH20240629", "flood", "2024-06-29", 0.08, 0.014),
    Disaster("ZH20240726", "typhoon", "2024-07-26", 0.05, 0.008),
    Disaster("ZH20240916", "typhoon", "2024-09-16", 0.10, 0.010),
]


def deaths(block: Block) -> pl.DataFrame:
    """The dead: person (place in the block), day and cause."""
    persons = np.flatnonzero(block.died < NEVER)
    rng = block.rng("causes")
    causes = table("names")["causes"]
    cause = choose(rng, [0.38, 0.26, 0.10, 0.06, 0.04, 0.06, 0.04, 0.06], len(persons))
    cause = np.where(block.health.serious[persons], 1, cause)
    return pl.DataFrame(
        {"person": persons, "died_on": block.died[persons], "cause": pl.Series(causes).gather(cause),
         "home": block.members.household[persons]}
    )  # fmt: skip


def accidents(block: Block) -> pl.DataFrame:
    """People in road accidents: person, day, injury, responsibility, `pair` (two of one accident share it)."""
    rng = block.rng("accidents")
    count = len(block.died)
    yearly = by_table(block.economy.age, [(-1, 0.0003), (14, 0.0012), (25, 0.0017), (60, 0.0016), (78, 0.0007)])
    hit = rng.random(count) < yearly * np.where(block.members.male, 1.2, 0.8) * _YEARS
    persons, days = _alive(block, np.flatnonzero(hit), rng)
    injury = choose(rng, [0.16, 0.54, 0.30], len(persons))
    # A death of external cause may have been an accident; the dead one is in both feeds.
    fatal = np.flatnonzero((block.died < NEVER) & (rng.random(count) < 0.006))
    persons = np.concatenate([persons, fatal])
    days = np.concatenate([days, block.died[fatal]])
    injury = np.concatenate([injury + 1, np.zeros(len(fatal), dtype=np.int64)])
    order = np.argsort(days, kind="stable")
    texts = pl.Series(["dead", "serious", "minor", "none"])
    blame = pl.Series(["full", "main", "equal", "minor", "none"])
    return pl.DataFrame(
        {"person": persons[order], "occurred_on": days[order], "injury": texts.gather(injury[order]),
         "responsibility": blame.gather(choose(rng, [0.22, 0.14, 0.16, 0.13, 0.35], len(persons)))}
    )  # fmt: skip


def disaster_victims(block: Block) -> pl.DataFrame:
    """Households hit, by their eldest adult: person, event_no, disaster_type, occurred_on, damage, loss (分)."""
    frames = [_hit_by(block, index, disaster) for index, disaster in enumerate(DISASTERS)]
    rng = block.rng("fires")
    burning = np.flatnonzero(rng.random(len(block.frame.kind)) < 0.00022 * _YEARS)
    days = days_between(rng, "2023-07-01", "2024-10-31", len(burning))
    fires = _victims(block, burning, days, "fire", rng)
    numbers = pl.Series([f"HZ{block.number:04d}{i:05d}" for i in range(len(burning))], dtype=pl.String)
    frames.append(fires.with_columns(numbers.alias("event_no")))
    return pl.concat([_present(block, frame) for frame in frames])


def lost_jobs(block: Block) -> pl.DataFrame:
    """Newly unemployed: person, registered_on, reason, benefit (分), status at first and when it ends."""
    rng = block.rng("jobs")
    count = len(block.died)
    risk = 0.020 * exp(-0.30 * np.clip(block.standing[block.members.household], -2, 2))
    hit = block.economy.insured & (block.economy.age < 59) & (rng.random(count) < risk * _YEARS)
    persons, days = _alive(block, np.flatnonzero(hit), rng)
    benefit = 1690 + rng.integers(0, 12, len(persons)) * 60
    reasons = pl.Series(["单位解除", "合同到期", "企业破产", "企业裁员", "单位停工"])
    entitled = rng.random(len(persons)) < 0.78
    again = rng.random(len(persons)) < 0.55
    ends = days + rng.integers(45, 330, len(persons)).astype("timedelta64[D]")
    return pl.DataFrame(
        {"person": persons, "registered_on": days, "reason": reasons.gather(choose(rng, [4, 3, 1, 2, 1], len(persons))),
         "benefit_monthly": np.where(entitled, benefit * 100, 0),
         "status": pl.Series(["none", "receiving"]).gather(entitled.astype(np.int64)),
         "ends_on": ends, "ends_as": pl.Series(["ended", "reemployed"]).gather(again.astype(np.int64))}
    )  # fmt: skip


def legal_aid(block: Block, jobless: Ints, injured: Ints) -> pl.DataFrame:
    """People granted legal aid: person, day, matter, whether their means were checked."""
    rng = block.rng("legal aid")
    count = len(block.died)
    yearly = np.where(block.economy.age >= 18, 0.0009, 0.0001) * exp(-0.9 * np.clip(block.standing[block.members.household], -2.2, 2))
    yearly[jobless] += 0.03
    yearly[injured] += 0.05
    persons, days = _alive(block, np.flatnonzero(rng.random(count) < yearly * _YEARS), rng)
    matter = choose(rng, [0.40, 0.12, 0.22, 0.06, 0.12, 0.08], len(persons))
    matter = np.where(np.isin(persons, jobless), 0, np.where(np.isin(persons, injured), 1, matter))
    check = choose(rng, [0.5, 0.35, 0.15], len(persons))
    return pl.DataFrame(
        {"person": persons, "accepted_on": days,
         "matter": pl.Series(["labour", "injury", "family", "support", "criminal", "other"]).gather(matter),
         "income_checked": pl.Series(["hardship", "exempt", "none"]).gather(check)}
    )  # fmt: skip


def custody(block: Block) -> pl.DataFrame:
    """People in prison or compulsory detoxification: person, kind, started_on, planned_until, released_on."""
    rng = block.rng("custody")
    adult = (block.economy.age >= 19) & (block.economy.age < 68)
    # A few of them are on the bureau's roster, which does not always hear of it.
    often = np.where(block.members.male, 0.0022, 0.0002) + np.where(block.means.award > 0, 0.04, 0)
    persons = np.flatnonzero(rng.random(len(adult)) < np.where(adult, often, 0))
    detox = rng.random(len(persons)) < 0.2
    started = days_between(rng, "2020-01-06", "2024-10-20", len(persons))
    length = np.where(detox, 730, 180 + rng.integers(0, 2600, len(persons))).astype("timedelta64[D]")
    planned = started + length
    released = np.where(rng.random(len(persons)) < 0.3, planned - (length.astype(np.int64) // 8).astype("timedelta64[D]"), planned)
    keep = block.there(persons, started)
    return pl.DataFrame(
        {"person": persons, "kind": pl.Series(["imprisonment", "detox"]).gather(detox.astype(np.int64)),
         "started_on": started, "planned_until": planned, "released_on": released}
    ).filter(keep)  # fmt: skip


def _alive(block: Block, persons: Ints, rng: np.random.Generator) -> tuple[Ints, Days]:
    """A day of the period for each person; those who are not there on it drop out."""
    days = FIRST_DAY + rng.integers(0, _LENGTH, len(persons)).astype("timedelta64[D]")
    there = block.there(persons, days)
    return persons[there], days[there]


def _hit_by(block: Block, index: int, disaster: Disaster) -> pl.DataFrame:
    # Which villages are hit is the city's matter, not the block's: a village may lie in two blocks.
    villages = stream(block.seed, "disaster", index, block.board.number)
    hit = villages.random(len(block.board.villages)) < disaster.villages
    rng = block.rng("victims", index)
    chance = np.where(hit[block.frame.village], disaster.households, 0.0) * np.where(
        block.board.urban[block.frame.village], 0.6, 1.6
    )
    homes = np.flatnonzero(rng.random(len(chance)) < chance)
    days = np.full(len(homes), np.datetime64(disaster.day, "D"))
    return _victims(block, homes, days, disaster.kind, rng).with_columns(pl.lit(disaster.number).alias("event_no"))


def _victims(block: Block, homes: Ints, days: Days, kind: str, rng: np.random.Generator) -> pl.DataFrame:
    first = np.searchsorted(block.members.household, homes)
    damage = choose(rng, [0.06, 0.18, 0.46, 0.30], len(homes))
    loss = exp(0.8 * rng.standard_normal(len(homes))) * np.array([90_000, 35_000, 6_000, 1_800])[damage]
    return pl.DataFrame(
        {"person": first, "disaster_type": pl.Series([kind] * len(homes), dtype=pl.String), "occurred_on": days,
         "house_damage": pl.Series(["collapsed", "severe", "minor", "none"]).gather(damage),
         "loss": np.rint(loss / 100).astype(np.int64) * 10_000}
    )  # fmt: skip


def _present(block: Block, frame: pl.DataFrame) -> pl.DataFrame:
    there: Bools = block.there(frame["person"].to_numpy(), frame["occurred_on"].to_numpy().astype("datetime64[D]"))
    return frame.filter(there)
