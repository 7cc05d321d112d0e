"""Before the first run: what people receive by the bureau's rosters becomes entitlements in force, so that the run compares
with it instead of calling everybody new. Nothing is paid by it; the first run is approved by a second person as any other."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from django.db import transaction
from django.utils import timezone

from minzheng.kernel.benefits import roster_rows
from minzheng.kernel.benefits.actions import bulk
from minzheng.kernel.benefits.actions.awards import take_roster
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Entitlement, Opening
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.benefits.reckoning import unit_column
from minzheng.kernel.benefits.rosters import Roster
from minzheng.kernel.benefits.standing import locked_months
from minzheng.kernel.feeds import lake
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.rules.language import Month

UNITS = {
    "programme": pl.String(), "unit_key": pl.Int64(), "person_key": pl.Int64(), "household_key": pl.Int64(), "division_code": pl.String(),
    "amount_fen": pl.Int64(), "since": pl.Date(),
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """What a roster says of a month, not stored: units with columns of UNITS, and how many rows count for nothing."""

    units: pl.DataFrame
    left_out: dict[str, int]

    def totals(self) -> dict[str, dict[str, int]]:
        """Programme → units and 分 a month."""
        sums = self.units.group_by("programme").agg(pl.len().alias("units"), pl.col("amount_fen").sum().alias("fen")).sort("programme")
        return {name: {"units": units, "fen": fen} for name, units, fen in sums.iter_rows()}


def take_opening(*, month: Month, by: Actor) -> list[Opening]:
    """Take over what the rosters pay in the month before `month`, the first that will be reckoned: one open entitlement a unit, from
    the first day of the month before. The same deliveries again change nothing; newer ones replace what was taken, as long
    as no month was approved.

    Raises Forbidden, BenefitsError: a month that is not over, no roster delivered, a month that was approved already.
    """
    by.require("benefits.run")
    if month.last >= clock.business_date():
        raise BenefitsError(f"{month} 还没有结束（业务日期 {clock.business_date()}），首次核算的月份应是已经结束的月份")
    delivered = [roster for roster in roster_rows.rosters() if lake.batches(roster.contract, month.last)]
    if not delivered:
        names = "、".join(roster.title for roster in roster_rows.rosters()) or "任何名册"
        raise BenefitsError(f"截至 {month.last} 还没有收到{names}：请先导入，再接收期初在享")
    take_roster(as_of=month.last, by=by)
    with transaction.atomic():
        return [_take(roster, month, by) for roster in delivered]


def _take(roster: Roster, month: Month, by: Actor) -> Opening:
    batches = [batch.batch_id for batch in lake.batches(roster.contract, month.last)]
    known = Opening.objects.select_for_update().filter(contract=roster.contract).first()
    if known is not None and known.month == str(month) and known.batches == batches:
        return known
    if locked := locked_months():
        raise BenefitsError(f"{locked[0]} 已经审批发放，期初在享只能在首次发放前接收：以后的差别由每月的核算处理")
    told = told_by(roster, month)
    if known is not None:
        bulk.execute(f"DELETE FROM {Entitlement._meta.db_table} WHERE opening_id = %s", known.pk)
    row = known or Opening(contract=roster.contract)
    row.title, row.month, row.as_of, row.batches = roster.title, str(month), month.last, batches
    row.totals, row.left_out = told.totals(), told.left_out
    row.taken_on, row.taken_at, row.taken_by = clock.business_date(), timezone.now(), by.name
    row.save()
    _store(row, told, month)
    figures = {"units": told.units.height, "fen": int(told.units["amount_fen"].sum())}
    audit.record(by, "benefits.take_over", f"opening:{row.pk}", f"{roster.title}，{month} 起核算", contract=roster.contract, batches=batches,
                 as_of=row.as_of, replaced=known is not None, **figures, **told.left_out)  # fmt: skip
    return row


def told_by(roster: Roster, month: Month) -> Told:
    """Whom a roster pays how much before a month. Units are those of the rules: people, and households where they live now, whatever
    number the roster gives them."""
    rows = roster_rows.rows_of(roster, month.last).collect()
    stands = rows.filter((pl.col("since") < month.first) & (pl.col("until").is_null() | (pl.col("until") > month.first)))
    one = roster_rows.one_a_person(stands)
    homes = roster_rows.living(one["person_key"], month.last)
    one = one.join(homes, on="person_key", how="left").with_columns(
        pl.when(pl.col("village").is_null()).then(pl.coalesce("household_key", "home")).otherwise("home").alias("household_key"),
        pl.coalesce(pl.col("village").cast(pl.String).str.zfill(12), "division_code").alias("division_code"),
        pl.col("amount_fen").fill_null(0).clip(lower_bound=0),
    )  # fmt: skip
    by_home = [each.name for each in programmes().values() if unit_column(each) == "household_key"]
    unit = pl.when(pl.col("programme").is_in(by_home)).then("household_key").otherwise("person_key").alias("unit_key")
    amount = pl.col("amount_fen").sum() if roster.amount_of == "person" else pl.col("amount_fen").max()
    units = one.with_columns(unit).sort("programme", "unit_key", "rank", "person_key").group_by("programme", "unit_key", maintain_order=True).agg(
        pl.col("person_key", "household_key", "division_code").first(), amount, pl.col("since").min()
    )  # fmt: skip
    money = [each.name for each in programmes().values() if each.rule.pays]
    without = pl.col("programme").is_in(money) & (pl.col("amount_fen") == 0)
    statuses = ~pl.col("programme").is_in(money)
    units = units.with_columns(pl.when(statuses).then(0).otherwise("amount_fen").alias("amount_fen"))
    left = {"repeated": stands.height - one.height, "no_amount": units.filter(without).height, "unknown": one["village"].null_count()}
    return Told(units.filter(~without).select(*UNITS), {name: count for name, count in left.items() if count})


def _store(row: Opening, told: Told, month: Month) -> None:
    start = month.before.first
    words = {"kind": "opening", "name": row.contract, "label": "期初在享", "before": "", "after": "", "condition": ""}
    text = pl.format("{} {} 起在享（名册截至 {}）", pl.lit(row.title), pl.col("since").cast(pl.String), pl.lit(f"{row.as_of}"))
    basis = pl.struct(*(pl.lit(value).alias(name) for name, value in words.items()), text.alias("text")).struct.json_encode()
    frame = told.units.select(*(name for name in UNITS if name != "since"), pl.lit(start).alias("valid_from"), basis.alias("basis"))
    bulk.insert(Entitlement, frame, opening_id=row.pk)
