"""ID numbers, names, addresses and phones of invented people.

ID numbers have real county codes and right check digits, but sequences 900–999 only (odd = male): the reserved shape of
the synthetic city (facts §1.1). Phones begin with 13900.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from minzheng.kernel.foundation.identifiers import make_ids
from minzheng.synthetic_city.composition import Frame, Members
from minzheng.synthetic_city.place import Board, counties_of, table
from minzheng.synthetic_city.streams import Bools, Days, Ints, choose

_FIRST_YEAR, _YEARS = 1900, 130
_COHORTS = ["old", "middle", "young", "child"]
_COHORT_STARTS = np.array([0, 1962, 1985, 2008])
PER_SHELF = 50  # sequences of one sex for a county and a day


class IdOffice:
    """Gives out ID numbers, each once; remembers how many a county, day and sex has got."""

    def __init__(self) -> None:
        self._given: dict[int, np.ndarray] = {}

    def issue(self, counties: Ints, births: Days, male: Bools) -> tuple[pl.Series, Days]:
        """ID numbers, and the births with those moved to another day whose day was full."""
        births = births.astype("datetime64[D]").copy()
        sequence = np.zeros(len(births), dtype=np.int64)
        waiting = np.arange(len(births))
        while len(waiting):
            shelf = self._shelf(counties[waiting], births[waiting], male[waiting])
            rank = self._take(counties[waiting], shelf)
            placed = rank < PER_SHELF
            scattered = (rank[placed] * 17 + shelf[placed] * 7) % PER_SHELF
            sequence[waiting[placed]] = 900 + scattered * 2 + male[waiting[placed]]
            waiting = waiting[~placed]
            # A full day: try a day before, across the year, so that no day of a small county overflows forever.
            births[waiting] -= (1 + (rank[~placed] % 11)).astype("timedelta64[D]")
        return make_ids(counties, births, sequence), births

    @staticmethod
    def _shelf(counties: Ints, births: Days, male: Bools) -> Ints:
        day = (births - np.datetime64(f"{_FIRST_YEAR}-01-01", "D")).astype(np.int64)
        return day * 2 + male

    def _take(self, counties: Ints, shelf: Ints) -> Ints:
        rank = np.empty(len(shelf), dtype=np.int64)
        for county in np.unique(counties).tolist():
            given = self._given.setdefault(county, np.zeros(_YEARS * 366 * 2, dtype=np.int32))
            rows = np.flatnonzero(counties == county)
            order = rows[np.argsort(shelf[rows], kind="stable")]
            ordered = shelf[order]
            first = np.searchsorted(ordered, ordered)
            rank[order] = np.arange(len(ordered)) - first + given[ordered]
            shelves, counts = np.unique(ordered, return_counts=True)
            # A shelf keeps what it could hold; who found it full asks again elsewhere.
            given[shelves] = np.minimum(given[shelves] + counts, PER_SHELF)
        return rank


def id_numbers(
    office: IdOffice, board: Board, block: Frame, members: Members, rng: np.random.Generator
) -> tuple[pl.Series, Days]:
    """ID numbers of a block's persons, and their births (a few moved by days)."""
    counties = counties_of(board, members.birth, block.local[members.household], rng)
    return office.issue(counties, members.birth, members.male)


def names(block: Frame, members: Members, rng: np.random.Generator) -> tuple[pl.Series, pl.Series]:
    """Names and ethnicities. Children bear the family's surname, wives and mothers-in-law their own."""
    count = len(members.role)
    surnames, weights = _surnames()
    family = choose(rng, weights, len(block.kind))[members.household]
    surname = np.where(members.has("B", "e", "g"), choose(rng, weights, count), family)
    characters, starts, lengths = _characters()
    years = members.birth.astype("datetime64[Y]").astype(np.int64) + 1970
    pool = (np.searchsorted(_COHORT_STARTS, years, side="right") - 1) * 2 + members.male
    first = starts[pool] + (rng.random(count) * lengths[pool]).astype(np.int64)
    second = starts[pool] + (rng.random(count) * lengths[pool]).astype(np.int64)
    rare_start, rare_length = starts[-1], lengths[-1]
    second = np.where(rng.random(count) < 0.002, rare_start + rng.integers(0, rare_length, count), second)
    single = rng.random(count) < np.where(years < 2008, 0.17, 0.06)
    second = np.where(single, 0, second)  # character 0 is the empty one
    full = pl.Series(surnames).gather(surname) + characters.gather(first) + characters.gather(second)
    ethnicities = table("names")["ethnicities"]
    people = pl.Series(list(ethnicities)).gather(choose(rng, list(ethnicities.values()), count))
    minority = table("names")["minority"]
    long = rng.random(count) < np.where(block.local[members.household], 0.0003, 0.002)
    pick = rng.integers(0, len(minority["names"]), count)
    frame = pl.DataFrame({"name": full, "ethnicity": people, "long": long, "pick": pick}).select(
        pl.when("long").then(_gathered(minority["names"], pick)).otherwise("name").alias("name"),
        pl.when("long").then(_gathered(minority["ethnicities"], pick)).otherwise("ethnicity").alias("ethnicity"),
    )
    return frame["name"], frame["ethnicity"]


def addresses(board: Board, block: Frame, rng: np.random.Generator) -> pl.Series:
    """One address per household: the real village or community, an invented house."""
    count = len(block.kind)
    words = table("names")
    frame = pl.DataFrame(
        {
            "place": pl.Series(list(board.village_names)).gather(block.village), "urban": board.urban[block.village],
            "road": _gathered(words["roads"], rng.integers(0, len(words["roads"]), count)),
            "estate": _gathered(words["estates"], rng.integers(0, len(words["estates"]), count)),
            "house": rng.integers(1, 90, count), "stair": rng.integers(1, 5, count),
            "flat": rng.integers(1, 19, count) * 100 + rng.integers(1, 5, count), "group": rng.integers(1, 16, count),
        }
    )  # fmt: skip
    town_house = pl.format("{}{}{}{}幢{}单元{}室", "place", "road", "estate", "house", "stair", "flat")
    village_house = pl.format("{}{}组{}号", "place", "group", "house")
    return frame.select(pl.when("urban").then(town_house).otherwise(village_house).alias("address")).to_series()


def phones(count: int, rng: np.random.Generator) -> pl.Series:
    """Numbers of the reserved shape 13900xxxxxx."""
    return pl.Series(13_900_000_000 + rng.integers(0, 1_000_000, count)).cast(pl.String)


def household_numbers(board: Board, block: Frame) -> pl.Series:
    """户号: the village's code and the household's number in it."""
    codes = pl.Series(board.villages).gather(block.village).cast(pl.String)
    return codes + pl.Series(block.number).cast(pl.String).str.zfill(5)


def _gathered(words: list[str], places: Ints) -> pl.Series:
    return pl.Series(words).gather(places)


@cache
def _surnames() -> tuple[list[str], list[float]]:
    entries = table("names")["surnames"]
    return list(entries), [float(weight) for weight in entries.values()]


@cache
def _characters() -> tuple[pl.Series, Ints, Ints]:
    """All characters after the empty one; start and length of each pool (cohort × sex, female first), rare ones last."""
    words = table("names")
    pools = [words[sex][cohort] for cohort in _COHORTS for sex in ("female", "male")] + [words["rare"]]
    lengths = np.array([len(pool) for pool in pools])
    starts = 1 + np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return pl.Series(["", *"".join(pools)]), starts, lengths
