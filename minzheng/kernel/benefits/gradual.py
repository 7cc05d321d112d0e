"""渐退期: who earns more than the line keeps a part for some months. The rule says how much, a decision says from when.

What the decision leaves behind are inputs of the rule (`Award.terms`), so that every later run pays it without knowing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from minzheng.kernel.benefits.awards import AWARD_INPUTS
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Review
from minzheng.kernel.benefits.parameters import values_at
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.benefits.snapshot import store
from minzheng.kernel.benefits.snapshot.errors import SnapshotError
from minzheng.kernel.foundation.dated import Value
from minzheng.kernel.rules.explanation import Result, explain
from minzheng.kernel.rules.language import Clause, Month


@dataclass(frozen=True)
class Offer:
    """What a 渐退期 from a month on would be: so many months, until (the first month without), so much a month, by which clause
    and parameters; `terms` for whoever holds the award."""

    first: date
    until: date
    months: int
    amount_fen: int
    clause: Clause
    parameters: tuple[Value, ...]
    terms: dict[int, dict[str, int]]

    @property
    def last(self) -> date:
        """The last month that is paid."""
        return Month(self.until).before.first


def offer(review: Review, start: date) -> Offer:
    """What can be granted instead of the end that a review is about, by the rule itself over the household as it was frozen.

    Raises BenefitsError: the programme knows none, nothing ends, the rule does not give it (which condition fails).
    """
    programme = programmes().get(review.programme)
    fading = programme.gradual if programme else None
    if programme is None or fading is None:
        raise BenefitsError("这个项目没有渐退期的规定")
    if not review.ends:
        raise BenefitsError("核算仍符合条件，只是金额减少，不适用渐退期")
    month, people = Month(start), _household(review)
    values = values_at(start, {programme.name: programme})[programme.name]
    holders = people.filter(pl.col(AWARD_INPUTS[programme.name]) > 0)["person_key"].sort().to_list()
    if not holders:
        raise BenefitsError("这一户已没有生效的认定，不能给渐退期")
    carrier = review.person_key if review.person_key in holders else holders[0]
    day = int(f"{start:%Y%m%d}")
    held, carries = pl.col("person_key").is_in(holders), pl.col("person_key") == carrier
    tried = people.with_columns(
        pl.when(held).then(day).otherwise(0).cast(pl.Int64).alias(fading.since),
        pl.when(carries).then(review.was_fen).otherwise(0).cast(pl.Int64).alias(fading.amount),
    )
    result = explain(programme.rule, tried, month, values).result(review.unit_key)
    if result is None or not result.eligible or result.amount_fen <= 0:
        failed = "、".join(f"“{line.label}”" for line in result.failed) if result else "这一户不在当月数据里"
        raise BenefitsError(f"按规则不能给渐退期，不符合：{failed or '计发金额为零'}")
    months = values.number(fading.months)
    terms = {person: {fading.since: day, fading.amount: review.was_fen if person == carrier else 0} for person in holders}
    return Offer(start, month.back(-months).first, months, result.amount_fen, fading.clause, _behind(result, fading.clause, values[fading.months]), terms)


def _behind(result: Result, clause: Clause, months: Value) -> tuple[Value, ...]:
    """The parameters that the steps of the clause used, the number of months first."""
    used = {value.name: value for line in result.lines if line.clause == clause for value in line.parameters}
    return tuple(({months.name: months} | used).values())


def _household(review: Review) -> pl.DataFrame:
    try:
        people = store.stored(review.run.snapshot.name).people()
    except SnapshotError as lost:
        raise BenefitsError("提出复核的批次快照不在服务器上，算不出渐退期：请从备份恢复快照") from lost
    return people.filter(pl.col("household_key") == review.household_key).collect()
