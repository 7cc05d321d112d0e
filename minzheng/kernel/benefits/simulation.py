"""What other parameters would cost, and who would gain or lose, over a frozen snapshot. Changes nothing.

Only the programmes that read a changed parameter are reckoned twice; the others are reckoned once, because the matrix joins
them all, and kept on disk for the next question.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from django.conf import settings

from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Snapshot
from minzheng.kernel.benefits.months import side_of, terms_of
from minzheng.kernel.benefits.parameters import Name, checked, parameter, readers
from minzheng.kernel.benefits.reckoning import Terms, by_rules, with_matrix
from minzheng.kernel.divisions.queries import management_units
from minzheng.kernel.rules.inputs import BIRTH, DISABILITY_LEVEL, PRESENT
from minzheng.kernel.rules.language import Month

UNIT = ["programme", "unit_key"]
TYPES = ("有重度残疾人", "有未成年人", "只有老年人", "单人户", "其他家庭")
KEPT = 40  # so many results of each rule stay on disk
FIGURES = ("before_fen", "after_fen", "units_before", "units_after", "winners", "losers", "gain_fen", "loss_fen")


@dataclass(frozen=True)
class Outcome:
    """A month's money before and after, 分, and how many units gain or lose. `by_board` and `by_type` have the same figures by
    management unit and by type of household, `by_programme` by programme."""

    month: str
    snapshot: str
    changes: dict[str, Any]
    total: dict[str, int]
    by_programme: dict[str, dict[str, int]]
    by_board: dict[str, dict[str, int]]
    by_type: dict[str, dict[str, int]]
    seconds: float
    unverified: list[str] = field(default_factory=list)

    @property
    def cost_fen(self) -> int:
        """What the month costs more (or, negative, less)."""
        return self.total["after_fen"] - self.total["before_fen"]

    def as_json(self) -> dict[str, Any]:
        """All figures, for keeping and for the command line."""
        return {**vars(self), "cost_fen": self.cost_fen}


def simulate(snapshot: Snapshot, changes: Mapping[str, Any]) -> Outcome:
    """Reckon a snapshot's month with 'programme.parameter' → value instead of what holds. Raises BenefitsError for an
    unknown parameter or a value of another kind."""
    started = time.perf_counter()
    month = Month.of(snapshot.month)
    now = terms_of(month)
    changed = _checked(changes, now)
    trial = terms_of(month, changed)
    affected = {each.name for name in changed for each in readers(name)}
    people = side_of(snapshot, now).people
    before_rules = _kept(snapshot, people, now)
    tried = Terms(month, {name: each for name, each in trial.programmes.items() if name in affected}, trial.values, (), {})
    after_rules = pl.concat([before_rules.filter(~pl.col("programme").is_in(sorted(affected))), by_rules(people, tried)])
    before, after = with_matrix(before_rules, people, now), with_matrix(after_rules, people, trial)
    moved = _differences(before, after)
    return Outcome(
        str(month), snapshot.name, {str(name): value for name, value in changed.items()},
        _figures(moved), _grouped(moved, "programme", now.programmes), _by_board(moved, month), _by_type(moved, people, month),
        round(time.perf_counter() - started, 3), [f"{each['title']} {each['text']}" for each in now.unverified()],
    )  # fmt: skip


def household_types(people: pl.LazyFrame, households: pl.Series, month: Month) -> pl.DataFrame:
    """[household_key, type]: the first of TYPES that holds of the members present."""
    today = int(f"{month.first:%Y%m%d}")
    keys = pl.LazyFrame({"household_key": households.unique()})
    here = people.select("household_key", PRESENT.name, BIRTH.name, DISABILITY_LEVEL.name).join(keys, on="household_key", how="semi")
    here = here.filter(pl.col(PRESENT.name) == 1).group_by("household_key").agg(
        pl.col(DISABILITY_LEVEL.name).is_in([1, 2]).any().alias("severe"), (pl.col(BIRTH.name) > today - 180_000).any().alias("minor"),
        (pl.col(BIRTH.name) <= today - 600_000).all().alias("old"), (pl.len() == 1).alias("single"),
    )  # fmt: skip
    kind = pl.lit(TYPES[4])
    for name, title in reversed(list(zip(("severe", "minor", "old", "single"), TYPES, strict=False))):
        kind = pl.when(name).then(pl.lit(title)).otherwise(kind)
    return here.select("household_key", kind.alias("type")).collect()


def _checked(changes: Mapping[str, Any], now: Terms) -> dict[Name, Any]:
    found = {}
    for text, value in changes.items():
        name = parameter(text)
        if not readers(name):
            raise BenefitsError(f"“{text}”不影响任何人的金额，不能模拟")
        found[name] = checked(value, now.values[readers(name)[0].name][name.name])
    return found


def _kept(snapshot: Snapshot, people: pl.LazyFrame, terms: Terms) -> pl.DataFrame:
    """What the rules give as things are, from disk where it was reckoned before with the same values."""
    folder: Path = settings.HOME.work / "simulations"
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name, programme in terms.programmes.items():
        one = Terms(terms.month, {name: programme}, {name: terms.values[name]}, (), {})
        paths[name] = folder / f"{snapshot.sha256[:24]}-{name}-{one.sha256()[:24]}.parquet"
    missing = {name: terms.programmes[name] for name, path in paths.items() if not path.exists()}
    if missing:
        found = by_rules(people, Terms(terms.month, missing, terms.values, (), {}))
        for name in missing:
            draft = paths[name].with_suffix(f".{time.monotonic_ns()}.draft")
            found.filter(pl.col("programme") == name).write_parquet(draft)
            draft.rename(paths[name])
        for old in sorted(folder.glob("*.parquet"), key=lambda each: each.stat().st_mtime)[: -KEPT * len(terms.programmes)]:
            old.unlink(missing_ok=True)
    return pl.concat(pl.read_parquet(path) for path in paths.values())


def _differences(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """[programme, unit_key, household_key, village, before_fen, after_fen, held, holds]: every unit of either side."""
    counts = (pl.col("eligible") == 1) & (pl.col("suspended") == 0)
    old = before.filter(counts).select(*UNIT, "household_key", "village", pl.col("amount_fen").alias("before_fen"))
    new = after.filter(counts).select(*UNIT, "household_key", "village", pl.col("amount_fen").alias("after_fen"))
    both = old.join(new, on=UNIT, how="full", coalesce=True, suffix="_new")
    return both.with_columns(
        pl.coalesce("household_key", "household_key_new").alias("household_key"), pl.coalesce("village", "village_new").alias("village"),
        pl.col("before_fen").is_not_null().alias("held"), pl.col("after_fen").is_not_null().alias("holds"),
        pl.col("before_fen").fill_null(0), pl.col("after_fen").fill_null(0),
    )  # fmt: skip


def _sums() -> list[pl.Expr]:
    gain = pl.col("after_fen") - pl.col("before_fen")
    better = (gain > 0) | (pl.col("holds") & ~pl.col("held"))
    worse = (gain < 0) | (pl.col("held") & ~pl.col("holds"))
    columns = (
        pl.col("before_fen").sum(), pl.col("after_fen").sum(), pl.col("held").sum(), pl.col("holds").sum(), better.sum(), worse.sum(),
        pl.when(gain > 0).then(gain).otherwise(0).sum(), pl.when(gain < 0).then(-gain).otherwise(0).sum(),
    )  # fmt: skip
    return [column.cast(pl.Int64).alias(name) for name, column in zip(FIGURES, columns, strict=True)]


def _figures(moved: pl.DataFrame) -> dict[str, int]:
    return moved.select(_sums()).row(0, named=True)


def _grouped(moved: pl.DataFrame, by: str, order: Iterable[str]) -> dict[str, dict[str, int]]:
    found = {row.pop(by): row for row in moved.group_by(by).agg(_sums()).iter_rows(named=True)}
    return {name: found[name] for name in order if name in found}


def _by_board(moved: pl.DataFrame, month: Month) -> dict[str, dict[str, int]]:
    units = list(management_units(month.first))
    board = pl.lit("")
    for unit in units:
        for row in unit.ranges.all():
            inside = (pl.col("village") >= int(row.low)) & (pl.col("village") < int(row.high))
            board = pl.when(inside).then(pl.lit(unit.slug)).otherwise(board)
    return _grouped(moved.with_columns(board.alias("board")), "board", [*(unit.slug for unit in units), ""])


def _by_type(moved: pl.DataFrame, people: pl.LazyFrame, month: Month) -> dict[str, dict[str, int]]:
    types = household_types(people, moved["household_key"], month)
    typed = moved.join(types, on="household_key", how="left").with_columns(pl.col("type").fill_null(TYPES[4]))
    return _grouped(typed, "type", TYPES)
