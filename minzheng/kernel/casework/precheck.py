"""'What might I be entitled to?' (政策自测): a household as somebody describes it, through the real rules. Nothing is read and nothing kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from minzheng.kernel.benefits.months import terms_of
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.benefits.standing import SINCE
from minzheng.kernel.benefits.why import Why, explain_people
from minzheng.kernel.casework import catalogue
from minzheng.kernel.casework.items import Service
from minzheng.kernel.casework.parts import RuleUse
from minzheng.kernel.casework.weighing import weigh_people
from minzheng.kernel.rules.language import Month


@dataclass(frozen=True)
class Possible:
    """What a rule says. `service`: the item by which it is applied for; None for what comes without an application."""

    why: Why
    service: Service | None = None

    @property
    def likely(self) -> bool:
        return self.why.result.eligible


def possible(people: pl.DataFrame, on: date) -> list[Possible]:
    """Every item that gives something and that a citizen may apply for, as if it were granted, and what comes by itself; likely ones
    first, of several items for one programme (低保, 单人保) only the first that is likely. `people`: one household with every input
    of the rules; whose rank is 0 is the one who asks. Raises LookupError (in Chinese) when a figure of the month is missing."""
    head = int(people.filter(pl.col("rank") == 0)["person_key"][0])
    found: list[Possible] = []
    for service in catalogue.on_day(on).values():
        use = service.version.rule
        gives = "grant" in service.version.decision.kinds and service.item.opens == "citizen"
        if use is None or not gives or use.programme not in programmes():
            continue
        if not any(each.likely and each.why.programme.name == use.programme for each in found):
            weighed = weigh_people(_as_if_granted(people, use, head, on), use, on, checked=False, unit=head)
            found.append(Possible(weighed.why, service))
    asked = {each.why.programme.name for each in found}
    by_itself = [
        Possible(why) for why in explain_people(people, terms_of(Month(on.replace(day=1))))
        if why.programme.name not in asked and why.result.eligible and (why.amount_fen or not why.programme.rule.pays)
    ]  # fmt: skip
    return sorted([*found, *by_itself], key=lambda each: not each.likely)


def _as_if_granted(people: pl.DataFrame, use: RuleUse, head: int, on: date) -> pl.DataFrame:
    """The household with what the item assumes: what is about to be awarded begins now."""
    whom = pl.col("person_key") == head if use.only_applicant else pl.lit(True)
    since = {SINCE[use.programme]: on.year * 10_000 + on.month * 100 + on.day} if use.programme in SINCE else {}
    return people.with_columns(
        pl.when(whom).then(pl.lit(value, pl.Int64)).otherwise(pl.col(name)).alias(name) for name, value in {**use.assumed, **since}.items()
    )
