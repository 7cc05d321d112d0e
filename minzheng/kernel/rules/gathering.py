"""Reads from a city's file only the households that rules need be asked about, once for all of them. For Polars; free of Django.

A join with the households chosen would decode every column of everybody first. A list of their keys is a filter, which the
reader applies before it decodes the other columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_

import narwhals as nw
import polars as pl

from minzheng.kernel.rules.evaluation import Plan


def gather(plans: Iterable[Plan], people: pl.LazyFrame) -> pl.LazyFrame:
    """The whole households of everybody whom one of these rules need be asked about, in memory, with all the columns that
    the rules read. A rule gives the same on it as on `people`."""
    asked = list(plans)
    columns = list(dict.fromkeys(name for each in asked for name in each.needed))
    if not asked:
        return people.head(0)
    chosen = nw.from_native(people).filter(reduce(or_, (each.population for each in asked))).to_native()
    keys = chosen.select("household_key").unique().collect(engine="streaming")["household_key"]
    homes = people.select(columns).filter(pl.col("household_key").is_in(keys.implode()))
    return homes.collect(engine="streaming").lazy()
