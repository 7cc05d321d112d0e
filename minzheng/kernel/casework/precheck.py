"""'What might I be entitled to?' (政策自测): a household as somebody describes it, through the real rules. Nothing is read and nothing kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from minzheng.kernel.benefits.programmes import inputs, programmes
from minzheng.kernel.benefits.standing import SINCE
from minzheng.kernel.casework import catalogue
from minzheng.kernel.casework.items import Service
from minzheng.kernel.casework.weighing import Weighed, weigh_people
from minzheng.kernel.rules.household_file import read
from minzheng.kernel.rules.language import Month


@dataclass(frozen=True)
class Possible:
    """An item, and what its rule says of the household as described."""

    service: Service
    weighed: Weighed

    @property
    def likely(self) -> bool:
        return self.weighed.eligible


def possible(text: str, on: date) -> list[Possible]:
    """Every item with a rule for which one may apply, likely ones first. `text`: the household as JSON (rules.household_file; its first
    person is the one who asks). Raises HouseholdFileError (in Chinese) for what cannot be read."""
    household = read(text, inputs(), Month(on.replace(day=1)))
    head = int(household.people.filter(pl.col("rank") == 0)["person_key"][0])
    found = []
    for service in catalogue.on_day(on).values():
        use = service.version.rule
        if use is None or not use.assumed or service.item.opens != "citizen" or use.programme not in programmes():
            continue
        whom = pl.col("person_key") == head if use.only_applicant else pl.lit(True)
        since = {SINCE[use.programme]: on.year * 10_000 + on.month * 100 + on.day} if use.programme in SINCE else {}
        laid = {name: value for name, value in {**use.assumed, **since}.items() if name in household.people.columns}
        people = household.people.with_columns(
            pl.when(whom).then(pl.lit(value, pl.Int64)).otherwise(pl.col(name)).alias(name) for name, value in laid.items()
        )
        found.append(Possible(service, weigh_people(people, use, on, checked=False, unit=head)))
    return sorted(found, key=lambda each: not each.likely)
