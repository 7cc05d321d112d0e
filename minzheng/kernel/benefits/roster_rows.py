"""The rosters of the installed packs, and what they say of whom. Reads for the system."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

import polars as pl

from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.benefits.rosters import Roster, load
from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.errors import UnknownName
from minzheng.kernel.foundation.packs import ManifestError, manifests

ROWS = {
    "programme": pl.String(), "person_key": pl.Int64(), "household_key": pl.Int64(), "mode": pl.String(), "division_code": pl.String(),
    "since": pl.Date(), "until": pl.Date(), "amount_fen": pl.Int64(),
}  # fmt: skip


@cache
def rosters() -> tuple[Roster, ...]:
    """All that the packs declare. Raises ManifestError for a feed, a column or a programme that there is not, and for a feed twice."""
    found: dict[str, Roster] = {}
    for manifest in manifests():
        for roster in load(manifest.rosters) if manifest.rosters else ():
            place = f"{manifest.name} 的名册 {roster.contract}"
            if roster.contract in found:
                raise ManifestError(f"{place}：写了两次")
            try:
                known = lake.schema(roster.contract)
            except UnknownName as error:
                raise ManifestError(f"{place}：{error}") from error
            if missing := [name for name in roster.columns if name not in known]:
                raise ManifestError(f"{place}：数据目录没有 {'、'.join(missing)} 列")
            if missing := sorted(roster.given - set(programmes())):
                raise ManifestError(f"{place}：没有待遇项目 {'、'.join(missing)}")
            if taken := roster.given & {name for other in found.values() for name in other.given}:
                raise ManifestError(f"{place}：{'、'.join(sorted(taken))} 已由另一份名册给出")
            found[roster.contract] = roster
    return tuple(found.values())


def rows_of(roster: Roster, as_of: date) -> pl.LazyFrame:
    """The rows of a roster that name somebody and had begun, with the columns of ROWS; `household_key` is null where the list names
    none, `until` null where nothing ends (or an end lies before the beginning)."""
    rows = lake.scan(roster.contract, as_of).filter(pl.col("person_key").is_not_null(), pl.col(roster.since) <= as_of)
    if roster.column:
        rows = rows.filter(pl.col(roster.column).is_in(list(roster.programmes)))
    word = pl.col(roster.column) if roster.column else pl.lit("")
    programme = word.replace_strict(dict(roster.programmes), default=None) if roster.column else pl.lit(roster.programme)
    alone = word.is_in(list(roster.single)) | pl.col("household_key").is_null()
    until = pl.col(roster.until) if roster.until else pl.lit(None, pl.Date)
    return rows.select(
        programme.alias("programme"), "person_key", "household_key", pl.when(alone).then(pl.lit("single")).otherwise(pl.lit("household")).alias("mode"),
        pl.col("village_code").fill_null(0).cast(pl.String).str.zfill(12).alias("division_code"), pl.col(roster.since).alias("since"),
        pl.when(until >= pl.col(roster.since)).then(until).alias("until"), pl.col(roster.amount).cast(pl.Int64).alias("amount_fen"),
    ).select(*ROWS)  # fmt: skip


def one_a_person(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a person and programme: of those that still hold the one that began last, else the last that ended."""
    same = ["programme", "person_key", "since"]  # an end that was told once goes before the row that did not know it
    found = rows.sort(*same, "until", "division_code", "household_key", "amount_fen", nulls_last=True).unique(same, keep="first", maintain_order=True)
    found = found.with_columns(pl.col("until").is_null().alias("_open"))
    found = found.sort("_open", "until", "since", "division_code", "household_key", descending=[True, True, True, False, False])
    return found.unique(["programme", "person_key"], keep="first", maintain_order=True).drop("_open")


def awarded_rows(as_of: date) -> pl.DataFrame:
    """All rosters together as far as their programmes begin with an award, one row a person and programme."""
    begins = [name for name, programme in programmes().items() if programme.start == "award"]
    found = [rows_of(roster, as_of).filter(pl.col("programme").is_in(begins)).collect() for roster in rosters()]
    return one_a_person(pl.concat([pl.DataFrame(schema=ROWS), *found]))


def living(people: Iterable[int], as_of: date) -> pl.DataFrame:
    """[person_key, home, rank, village] of people, as a snapshot of that day places them; `home` is their own where no household is
    known, `village` null for whom the population register does not know."""
    keys = pl.DataFrame({"person_key": sorted(set(people))}, schema={"person_key": pl.Int64})
    homes = lake.scan("households", as_of).join(keys.lazy(), on="person_key", how="semi")
    rank = pl.col("relation").replace_strict({"head": 0, "spouse": 1}, default=9, return_dtype=pl.Int64).fill_null(9).alias("rank")
    members = homes.select("person_key", pl.col("household_key").alias("home"), rank).collect()
    members = members.sort(members.columns).unique("person_key", keep="first", maintain_order=True)
    registered = lake.scan("population", as_of).join(keys.lazy(), on="person_key", how="semi")
    register = registered.select("person_key", pl.col("village_code").alias("village")).collect()
    register = register.sort(register.columns).unique("person_key", keep="first", maintain_order=True)
    return keys.join(members, on="person_key", how="left").join(register, on="person_key", how="left").with_columns(
        pl.col("home").fill_null(-1 - pl.col("person_key")), pl.col("rank").fill_null(0)
    )  # fmt: skip
