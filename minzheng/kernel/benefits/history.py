"""What was paid for months that are behind us, and what is known now to be due for them. Reads for the system.

Paid for a month = the entitlement then, less what that month's run held back, plus back-pay, less recoveries proposed since.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl
from django.db.models import Q, QuerySet

from minzheng.kernel.benefits.frames import frame_of
from minzheng.kernel.benefits.models import Entitlement, Recovery, Run, RunChange
from minzheng.kernel.benefits.reckoning import Terms, unit_column
from minzheng.kernel.benefits.reconcile import ENROLLED, LINES
from minzheng.kernel.benefits.standing import day_text, locked_months
from minzheng.kernel.rules.inputs import DEATH, PRESENT
from minzheng.kernel.rules.language import Month

PAID = {**ENROLLED, "month": pl.String()}
UNIT = ["programme", "unit_key"]
UNITS = {"programme": pl.String(), "unit_key": pl.Int64()}
PAYEE = {"person_key": pl.Int64(), "household_key": pl.Int64(), "division_code": pl.String(), "amount_fen": pl.Int64()}
CHUNK = 5000


def paid(months: Iterable[Month], units: Sequence[int] | None = None) -> pl.DataFrame:
    """[programme, unit_key, person_key, household_key, division_code, amount_fen, month]: what units have had for months of
    approved regular runs; only units with these keys, if given. Units that come to nothing are left out."""
    locked = {str(each): each for each in locked_months()}
    listed = [locked[str(each)] for each in months if str(each) in locked]
    found = [_paid(month, part) for month in listed for part in _parts(units)]
    return pl.concat([pl.DataFrame(schema=PAID), *found]).filter(pl.col("amount_fen") > 0)


def _paid(month: Month, units: Sequence[int] | None) -> pl.DataFrame:
    lasts = Q(valid_to__isnull=True) | Q(valid_to__gt=month.first)
    rows = _among(Entitlement.objects.filter(lasts, valid_from__lte=month.first), units)
    had = frame_of(rows, ENROLLED)
    approved = RunChange.objects.filter(run__state=Run.State.APPROVED, month=str(month))
    held = approved.filter(kind=RunChange.Kind.HOLD, run__kind=Run.Kind.REGULAR)
    more = frame_of(_among(approved.filter(kind=RunChange.Kind.BACKPAY), units), {**ENROLLED, "was_fen": pl.Int64()}, {"amount_fen": "is_fen"})
    less = _among(Recovery.objects.filter(month=str(month)).exclude(state=Recovery.State.WAIVED), units)
    back = frame_of(less, ENROLLED).with_columns(-pl.col("amount_fen"))
    had = had.join(frame_of(_among(held, units), {"programme": pl.String(), "unit_key": pl.Int64()}), on=UNIT, how="anti")
    more = more.with_columns(pl.col("amount_fen") - pl.col("was_fen")).select(*ENROLLED)
    every = pl.concat([had, more, back])
    summed = every.group_by(UNIT, maintain_order=True).agg(
        pl.col("person_key", "household_key", "division_code").first(), pl.col("amount_fen").sum()
    )
    return summed.with_columns(pl.lit(str(month)).alias("month")).select(*PAID)


def after_death(month: Month, people: pl.LazyFrame, terms: Terms, floors: pl.DataFrame) -> pl.DataFrame:
    """Recovery lines (columns of LINES and `month`) for months before `month` that were paid after a death, however late it
    was told: a person's benefit whole, a household's down to what was due without the dead."""
    months = [each for each in locked_months() if each.first < month.first]
    if not months:
        return _lines([])
    first, last = (int(f"{each:%Y%m%d}") for each in (months[0].first, months[-1].first))
    gone = (pl.col(DEATH.name) > 0) & (pl.col(DEATH.name) < last) & (pl.col(PRESENT.name) == 0)
    dead = people.filter(gone).select("person_key", "household_key", pl.col(DEATH.name).alias("death")).collect()
    earliest = min(dead["death"].to_list(), default=last)
    behind = [each for each in months if int(f"{each.first:%Y%m%d}") > earliest]
    homes = floors.filter(pl.col("why").is_in(["death", "member_death"]) & pl.col("programme").is_in(_households(terms)))
    found = []
    recent = dead.filter(pl.col("death") >= max(first - 10_000, 0))
    for each in behind:
        before = recent.filter(pl.col("death") < int(f"{each.first:%Y%m%d}"))
        had = paid([each], before["person_key"].to_list())
        persons = had.join(before, left_on="unit_key", right_on="person_key").filter(~pl.col("programme").is_in(_households(terms)))
        found.append(persons.select(*PAID, pl.lit(0, pl.Int64).alias("due_fen"), "death"))
        touched = before.group_by("household_key").agg(pl.col("death").max())
        mine = homes.join(touched, left_on="unit_key", right_on="household_key")
        whole = paid([each], mine["unit_key"].unique().to_list()).join(mine, on=UNIT)
        found.append(whole.select(*PAID, pl.col("floor_fen").alias("due_fen"), "death"))
    return _lines([frame.filter(pl.col("amount_fen") > pl.col("due_fen")) for frame in found])


def _lines(found: list[pl.DataFrame]) -> pl.DataFrame:
    schema = {**LINES, "month": pl.String()}
    if not found:
        return pl.DataFrame(schema=schema)
    note = pl.format("{} 去世，此后仍发了当月待遇", day_text(pl.col("death")))
    return pl.concat(found).select(
        *(name for name in ENROLLED if name != "amount_fen"), pl.lit("recovery").alias("kind"), pl.col("amount_fen").alias("was_fen"),
        pl.col("due_fen").alias("is_fen"), pl.lit("").alias("exclusion"), pl.lit("death").alias("why"), note.alias("note"), "month",
    ).sort("programme", "unit_key", "month")  # fmt: skip


def corrections(month: Month, desired: pl.DataFrame, overrides: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Lines of a correction: what is due for a month as known now, less what was paid for it. What is under review is not
    claimed back: nothing was cut, and a person has not decided yet; nor what a decision made up."""
    money = [name for name, programme in terms.programmes.items() if programme.rule.pays]
    due = desired.filter((pl.col("eligible") == 1) & (pl.col("suspended") == 0) & pl.col("programme").is_in(money)).select(
        *UNIT, "person_key", "household_key", pl.col("village").cast(pl.String).str.zfill(12).alias("division_code"),
        "amount_fen",
    )  # fmt: skip
    fixed = overrides.filter(pl.col("override") == "fix").select(*ENROLLED)
    due = pl.concat([due.join(overrides, on=UNIT, how="anti"), fixed]).select(*ENROLLED)
    had = paid([month]).select(*ENROLLED)
    both = due.join(had, on=UNIT, how="full", coalesce=True, suffix="_had")
    for name in ("person_key", "household_key", "division_code"):
        both = both.with_columns(pl.coalesce(name, f"{name}_had"))
    both = both.with_columns(pl.col("amount_fen").fill_null(0), pl.col("amount_fen_had").fill_null(0))
    both = both.filter(pl.col("amount_fen") != pl.col("amount_fen_had"))
    less = pl.col("amount_fen") < pl.col("amount_fen_had")
    asked = pl.concat([frame_of(rows, UNITS) for rows in (_under_review(month), _made_up(month))]).unique()
    kept = pl.concat([both.filter(~less), both.filter(less).join(asked, on=UNIT, how="anti")])
    cut = desired.filter(pl.col("exclusion") != "").select(*UNIT, "exclusion")
    kept = kept.join(cut, on=UNIT, how="left").with_columns(pl.col("exclusion").fill_null(""))
    kind = pl.when(less).then(pl.lit("recovery")).otherwise(pl.lit("backpay"))
    why = pl.when((pl.col("exclusion") != "") & less).then(pl.lit("exclusion")).otherwise(pl.lit(""))
    lines = kept.select(
        *(name for name in ENROLLED if name != "amount_fen"), kind.alias("kind"), pl.col("amount_fen_had").alias("was_fen"),
        pl.col("amount_fen").alias("is_fen"), "exclusion", why.alias("why"), pl.lit("").alias("note"),
    )  # fmt: skip
    return lines.with_columns(pl.lit(str(month)).alias("month")).sort("programme", "unit_key")


def _made_up(month: Month) -> QuerySet[Entitlement]:
    """What a decision gave after the month was approved: the month's data need not know why."""
    return Entitlement.objects.filter(valid_from=month.first, basis__kind="made_up")


def _under_review(month: Month) -> QuerySet[RunChange]:
    return RunChange.objects.filter(
        run__state=Run.State.APPROVED, run__kind=Run.Kind.REGULAR, month=str(month), kind=RunChange.Kind.REVIEW
    )


def _households(terms: Terms) -> list[str]:
    return [name for name, programme in terms.programmes.items() if unit_column(programme) == "household_key"]


def _among(rows: QuerySet, units: Sequence[int] | None) -> QuerySet:  # type: ignore[type-arg]
    return rows if units is None else rows.filter(unit_key__in=units)


def _parts(units: Sequence[int] | None) -> Iterator[Sequence[int] | None]:
    if units is None:
        yield None
        return
    for start in range(0, len(units), CHUNK):
        yield units[start : start + CHUNK]


def payments(run: Run, month: Month) -> pl.DataFrame:
    """[programme, person_key, household_key, division_code, amount_fen, purpose]: what a run that has taken effect pays."""
    backpay = frame_of(
        RunChange.objects.filter(run=run, kind=RunChange.Kind.BACKPAY),
        {"programme": pl.String(), **PAYEE, "was_fen": pl.Int64(), "month": pl.String()}, {"amount_fen": "is_fen"},
    ).with_columns(pl.col("amount_fen") - pl.col("was_fen"), pl.format("backpay:{}:{}", "month", pl.lit(run.pk)).alias("purpose"))  # fmt: skip
    found = [backpay]
    if run.kind == Run.Kind.REGULAR:
        rows = Entitlement.objects.filter(valid_from__lte=month.first, amount_fen__gt=0).exclude(valid_to__lte=month.first)
        had = frame_of(rows, {**UNITS, **PAYEE})
        held = frame_of(RunChange.objects.filter(run=run, kind=RunChange.Kind.HOLD), UNITS)
        found.append(had.join(held, on=UNIT, how="anti").with_columns(pl.lit("regular").alias("purpose")))
    return pl.concat([frame.select("programme", *PAYEE, "purpose") for frame in found]).sort("programme", "person_key", "purpose")
