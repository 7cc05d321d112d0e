"""What is compared with what should be: start, stop, change, review, hold or keep, for every unit. Free of Django.

Adverse changes of means-tested benefits and of statuses are not made here: they become `review` lines, and the unit keeps
what it has, except down to a floor that somebody decided or that a death makes (`floors`). A person's word (`overrides`)
stands above the reckoning, only death stands above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from minzheng.kernel.benefits.programme import Programme

UNIT = ("programme", "unit_key")
ENROLLED = {
    "programme": pl.String(), "unit_key": pl.Int64(), "person_key": pl.Int64(), "household_key": pl.Int64(),
    "division_code": pl.String(), "amount_fen": pl.Int64(),
}  # fmt: skip
OVERRIDES = {**ENROLLED, "override": pl.String(), "word": pl.String()}
# How low a unit may go without a review, and why: death, member_death (in the household), review (decided), award (ended),
# gradual (its months are over).
FLOORS = {"programme": pl.String(), "unit_key": pl.Int64(), "floor_fen": pl.Int64(), "why": pl.String(), "note": pl.String()}
SUSPENDED = {"programme": pl.String(), "unit_key": pl.Int64(), "by": pl.String()}
LINES = {
    **{name: kind for name, kind in ENROLLED.items() if name != "amount_fen"},
    "kind": pl.String(), "was_fen": pl.Int64(), "is_fen": pl.Int64(), "exclusion": pl.String(), "why": pl.String(), "note": pl.String(),
}  # fmt: skip
REVIEWED = ("means_tested", "status")
FLOORED = ("death", "member_death", "review", "award", "gradual")


@dataclass(frozen=True)
class Standing:
    """What stands before the month: who is enrolled, and what goes above or beside the reckoning."""

    enrolled: pl.DataFrame
    overrides: pl.DataFrame
    floors: pl.DataFrame
    suspended: pl.DataFrame

    @classmethod
    def nothing(cls) -> Standing:
        """Before the first month."""
        return cls(*(pl.DataFrame(schema=schema) for schema in (ENROLLED, OVERRIDES, FLOORS, SUSPENDED)))


@dataclass(frozen=True)
class Reconciled:
    """lines: what changes; units: every unit with its kind (keep included), what it had (`before_fen`) and what is paid
    for the month (`pays_fen`)."""

    lines: pl.DataFrame
    units: pl.DataFrame


def reconcile(desired: pl.DataFrame, standing: Standing, programmes: Mapping[str, Programme]) -> Reconciled:
    """Compare; `desired` as of `reckoning.desired`. Deterministic: lines are sorted by programme, unit and kind."""
    units = _judge(_together(desired, standing), programmes)
    lines = pl.concat([_moved(units), _reviews(units), _holds(units)]).sort("programme", "unit_key", "kind")
    return Reconciled(lines, _states(units))


def _together(desired: pl.DataFrame, standing: Standing) -> pl.DataFrame:
    """One row a unit: what it has, what it should have, and what stands above that."""
    due = desired.filter((pl.col("eligible") == 1) | (pl.col("exclusion") != "")).select(
        *UNIT, pl.col("person_key").alias("d_person"), pl.col("household_key").alias("d_household"),
        pl.col("village").cast(pl.String).str.zfill(12).alias("d_place"), "eligible", pl.col("amount_fen").alias("due_fen"),
        "exclusion", "suspended",
    )  # fmt: skip
    has = standing.enrolled.select(
        *UNIT, pl.col("person_key").alias("e_person"), pl.col("household_key").alias("e_household"),
        pl.col("division_code").alias("e_place"), pl.col("amount_fen").alias("has_fen"),
    )  # fmt: skip
    word = standing.overrides.select(
        *UNIT, "override", "word", pl.col("amount_fen").alias("fix_fen"), pl.col("person_key").alias("o_person"),
        pl.col("household_key").alias("o_household"), pl.col("division_code").alias("o_place"),
    )  # fmt: skip
    weight = pl.col("why").replace_strict({why: place for place, why in enumerate(FLOORED)}, return_dtype=pl.Int64)
    floors = standing.floors.sort("floor_fen", weight, "note").unique(UNIT, keep="first", maintain_order=True)
    held = standing.suspended.sort("by").unique(UNIT, keep="first", maintain_order=True)
    both = has.join(due, on=UNIT, how="full", coalesce=True).join(word, on=UNIT, how="full", coalesce=True)
    return both.join(floors, on=UNIT, how="left").join(held, on=UNIT, how="left").with_columns(
        pl.coalesce("d_person", "e_person", "o_person").alias("person_key"),
        pl.coalesce("d_household", "e_household", "o_household").alias("household_key"),
        pl.coalesce("d_place", "e_place", "o_place").alias("division_code"),
        pl.col("exclusion").fill_null(""),
    )  # fmt: skip


def _judge(rows: pl.DataFrame, programmes: Mapping[str, Programme]) -> pl.DataFrame:
    """Adds was, due, new (-1: not enrolled), hold, reviewed, why. A status counts 1 instead of an amount."""
    reviewed = [each.name for each in programmes.values() if each.kind in REVIEWED]
    statuses = [each.name for each in programmes.values() if not each.rule.pays]
    dead = pl.col("why") == "death"
    status = pl.col("programme").is_in(statuses)
    on = pl.col("eligible").fill_null(0) == 1
    rows = rows.with_columns(
        (status | pl.col("programme").is_in(reviewed)).alias("reviewed"), status.alias("status"),
        pl.when(pl.col("has_fen").is_null()).then(-1).when(status).then(1).otherwise("has_fen").alias("was"),
        pl.when(~on).then(-1).when(status).then(1).otherwise("due_fen").alias("due"),
        (dead & (pl.col("floor_fen") == 0)).fill_null(False).alias("dead"),
        pl.coalesce(pl.when(pl.col("suspended") == 1).then("exclusion"), "by").fill_null("").alias("held_by"),
    )  # fmt: skip
    fixed = (pl.col("override") == "fix").fill_null(False) & ~pl.col("dead")
    paused = (pl.col("override") == "pause").fill_null(False) & ~pl.col("dead")
    suspended = (pl.col("held_by") != "") & ~pl.col("dead") & ~fixed
    rows = rows.with_columns(
        fixed.alias("fixed"), pl.when(fixed).then(pl.when("status").then(1).otherwise("fix_fen")).otherwise("due").alias("due"),
        ((paused | suspended) & (pl.col("was") >= 0)).alias("hold"), paused.alias("paused"), suspended.alias("is_suspended"),
    )  # fmt: skip
    # A stop counts as less than any amount; a floor of 0 lets the unit go.
    floor = pl.when(pl.col("floor_fen") <= 0).then(-1).otherwise("floor_fen").fill_null(2**62)
    least = pl.min_horizontal("was", pl.max_horizontal("due", floor))
    guarded = pl.col("reviewed") & ~fixed & (pl.col("was") >= 0) & (pl.col("due") < pl.col("was"))
    new = pl.when("hold").then("was").when(paused | suspended).then(-1).when(guarded).then(least).otherwise("due")
    return rows.with_columns(new.alias("new"), guarded.alias("guarded"))


def _line(kind: pl.Expr, was: pl.Expr, now: pl.Expr, why: pl.Expr, exclusion: pl.Expr) -> list[pl.Expr]:
    money = [pl.when("status").then(0).otherwise(pl.max_horizontal(value, pl.lit(0))).cast(pl.Int64) for value in (was, now)]
    return [
        *(pl.col(name) for name in LINES if name in ENROLLED), kind.cast(pl.String).alias("kind"), money[0].alias("was_fen"),
        money[1].alias("is_fen"), exclusion.alias("exclusion"), why.fill_null("").alias("why"),
        pl.when(why.is_in(["fix", "pause"])).then("word").when(why.is_in(FLOORED)).then("note").fill_null("").alias("note"),
    ]  # fmt: skip


def _why() -> pl.Expr:
    """Why a line stands where nobody need look for it in the inputs."""
    floored = pl.col("why").is_not_null() & (pl.col("new") < pl.col("was")) & (pl.col("reviewed") | pl.col("dead"))
    cut = (pl.col("exclusion") != "") & (pl.col("due") < pl.col("was"))
    return pl.when("fixed").then(pl.lit("fix")).when(floored).then("why").when(cut).then(pl.lit("exclusion"))


def _moved(rows: pl.DataFrame) -> pl.DataFrame:
    """Start, stop, change; a change also where the payee, the household or the place is another."""
    was, new = pl.col("was"), pl.col("new")
    payee = pl.col("d_person").is_not_null() & (pl.col("d_person") != pl.col("e_person"))
    elsewhere = (pl.col("d_household") != pl.col("e_household")) | (pl.col("d_place") != pl.col("e_place"))
    elsewhere = pl.col("d_person").is_not_null() & elsewhere
    other = (payee | elsewhere).fill_null(False) & (was >= 0) & (new >= 0) & ~pl.col("hold")
    kind = (
        pl.when((was < 0) & (new >= 0)).then(pl.lit("start")).when((was >= 0) & (new < 0)).then(pl.lit("stop"))
        .when((new != was) | other).then(pl.lit("change"))
    )  # fmt: skip
    same = pl.when(payee & (new == was)).then(pl.lit("payee")).when(elsewhere & (new == was)).then(pl.lit("place"))
    lines = rows.filter(kind.is_not_null() & ~pl.col("hold"))
    return lines.select(_line(kind, was, new, pl.coalesce(_why(), same), pl.col("exclusion")))


def _reviews(rows: pl.DataFrame) -> pl.DataFrame:
    asked = rows.filter(pl.col("guarded") & ~pl.col("hold") & (pl.col("due") < pl.col("new")))
    why = pl.when((pl.col("exclusion") != "") & (pl.col("due") < 0)).then(pl.lit("exclusion"))
    return asked.select(_line(pl.lit("review"), pl.col("new"), pl.col("due"), why, pl.col("exclusion"))).with_columns(
        pl.when(pl.col("is_fen") < 0).then(0).otherwise("is_fen").alias("is_fen")
    )


def _holds(rows: pl.DataFrame) -> pl.DataFrame:
    held = rows.filter("hold")
    why = pl.when("paused").then(pl.lit("pause")).otherwise(pl.lit("suspended"))
    return held.select(_line(pl.lit("hold"), pl.col("was"), pl.lit(0, pl.Int64), why, pl.col("held_by")))


def _states(rows: pl.DataFrame) -> pl.DataFrame:
    was, new = pl.col("was"), pl.col("new")
    kind = (
        pl.when("hold").then(pl.lit("hold")).when(pl.col("guarded") & (pl.col("due") < new)).then(pl.lit("review"))
        .when((was < 0) & (new < 0)).then(None).when(was < 0).then(pl.lit("start")).when(new < 0).then(pl.lit("stop"))
        .when(was != new).then(pl.lit("change")).otherwise(pl.lit("keep"))
    )  # fmt: skip
    paid = pl.when(pl.col("status") | pl.col("hold")).then(0).otherwise(pl.max_horizontal(new, pl.lit(0)))
    had = pl.when("status").then(0).otherwise(pl.max_horizontal(was, pl.lit(0)))
    return rows.select(
        *UNIT, "person_key", "household_key", "division_code", kind.alias("kind"), had.cast(pl.Int64).alias("before_fen"),
        paid.cast(pl.Int64).alias("pays_fen"), (was >= 0).alias("had"), (new >= 0).alias("has"),
    ).filter(pl.col("kind").is_not_null()).sort(UNIT)  # fmt: skip
