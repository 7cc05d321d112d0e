"""What stands before a month is reckoned: who is enrolled, what people decided, who died. Reads for the system.

Everything is a frame; nothing depends on the order of rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

import narwhals as nw
import polars as pl
from django.db.models import Q

from minzheng.kernel.benefits.awards import AWARD_INPUTS
from minzheng.kernel.benefits.causes import Side
from minzheng.kernel.benefits.exclusions import people_with
from minzheng.kernel.benefits.frames import frame_of
from minzheng.kernel.benefits.models import Award, Entitlement, MonthLock, Override, Review
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.benefits.reckoning import Terms, unit_column
from minzheng.kernel.benefits.reconcile import (
    ENROLLED,
    FLOORS,
    OVERRIDES,
    SUSPENDED,
    Standing,
)
from minzheng.kernel.benefits.snapshot.catalogue import contributions
from minzheng.kernel.feeds import lake
from minzheng.kernel.rules.evaluation import evaluate
from minzheng.kernel.rules.inputs import DEATH, PRESENT
from minzheng.kernel.rules.language import Month

AWARDED = {
    "programme": pl.String(), "mode": pl.String(), "person_key": pl.Int64(), "household_key": pl.Int64(), "since": pl.Date(),
    "until": pl.Date(), "ended_because": pl.String(),
}  # fmt: skip


def locked_months() -> list[Month]:
    """The months whose regular run was approved, oldest first."""
    return [Month.of(text) for text in MonthLock.objects.order_by("month").values_list("month", flat=True)]


def standing_before(month: Month, people: pl.LazyFrame, terms: Terms, before: Side | None) -> Standing:
    """Everything that the comparison of a regular run needs beside what is due."""
    enrolled = enrolled_before(month, terms.programmes)
    ended = [decided(month), agreed(month, terms.programmes), faded_out(month), awards_ended(month, enrolled)]
    floors = pl.concat([*ended, deaths(month, people, enrolled, terms, before)])
    return Standing(enrolled, overrides_in(month), floors, suspended(people, enrolled, terms))


def enrolled_before(month: Month, programmes: Mapping[str, Programme]) -> pl.DataFrame:
    """Who has an open entitlement from an earlier month."""
    rows = Entitlement.objects.filter(valid_to__isnull=True, valid_from__lt=month.first, programme__in=list(programmes))
    return frame_of(rows, ENROLLED).sort("programme", "unit_key")


def overrides_in(month: Month) -> pl.DataFrame:
    """People's words that hold in a month."""
    holds = Q(valid_to__isnull=True) | Q(valid_to__gt=month.first)
    rows = Override.objects.filter(holds, valid_from__lte=month.first)
    found = frame_of(rows, {**OVERRIDES, "id": pl.Int64()}, {"override": "kind", "word": "reason"})
    return found.sort("id").unique(["programme", "unit_key"], keep="last", maintain_order=True).select(*OVERRIDES)


def decided(month: Month) -> pl.DataFrame:
    """Reviews decided in favour of the reckoning, or of a 渐退期, that no run has carried out yet."""
    cuts = [Review.Decision.APPLY, Review.Decision.GRADUAL]
    rows = Review.objects.filter(decision__in=cuts, effective_from__gt=_last_before(month), effective_from__lte=month.first)
    found = frame_of(rows, {"programme": pl.String(), "unit_key": pl.Int64(), "floor_fen": pl.Int64(), "note": pl.String()},
                     {"floor_fen": "decided_fen", "note": "reasons"})  # fmt: skip
    return _floors(found, "review")


def agreed(month: Month, programmes: Mapping[str, Programme]) -> pl.DataFrame:
    """Awards that a case reduced after hearing the household: down to what the rule said then, it need not be heard again."""
    first, last = (int(f"{day:%Y%m%d}") for day in (_last_before(month), month.first))
    rows = Award.objects.filter(terms__agreed_from__gt=first, terms__agreed_from__lte=last, programme__in=list(programmes), until__isnull=True)
    listed = []
    for row in rows.order_by("pk"):
        unit = row.household_key if unit_column(programmes[row.programme]) == "household_key" else row.person_key
        listed.append((row.programme, unit, int(row.terms["agreed_fen"]), str(row.terms.get("agreed_by", ""))))
    schema = {"programme": pl.String(), "unit_key": pl.Int64(), "floor_fen": pl.Int64(), "note": pl.String()}
    return _floors(pl.DataFrame(listed, schema=schema, orient="row").unique(maintain_order=True), "review")


def faded_out(month: Month) -> pl.DataFrame:
    """Units whose 渐退期 ends with the month, as it was decided after hearing them: what the rule still gives they keep."""
    rows = Review.objects.filter(decision=Review.Decision.GRADUAL, until__gt=_last_before(month), until__lte=month.first)
    schema = {"programme": pl.String(), "unit_key": pl.Int64(), "effective_from": pl.Date(), "until": pl.Date()}
    note = pl.format("{} 起，至 {}（不含）", pl.col("effective_from").dt.strftime("%Y-%m"), pl.col("until").dt.strftime("%Y-%m"))
    return _floors(frame_of(rows, schema).with_columns(pl.lit(0, pl.Int64).alias("floor_fen"), note.alias("note")), "gradual")


def _last_before(month: Month) -> date:
    """The last month before that was approved; the beginning of time if none."""
    return max((each.first for each in locked_months() if each.first < month.first), default=date.min)


def awards_ended(month: Month, enrolled: pl.DataFrame) -> pl.DataFrame:
    """Units whose award was ended, so that nothing need be heard again, and that have no other."""
    rows = frame_of(Award.objects.filter(programme__in=list(AWARD_INPUTS)), AWARDED)
    open_ = rows.filter((pl.col("since") <= month.first) & (pl.col("until").is_null() | (pl.col("until") > month.first)))
    ended = rows.join(open_, on=["programme", "person_key"], how="anti").filter(pl.col("until") <= month.first)
    ended = ended.sort("until").unique(["programme", "person_key"], keep="last", maintain_order=True)
    day, because = pl.col("until").cast(pl.String), pl.col("ended_because")
    note = pl.when(because == "").then(pl.format("{} 起终止", day)).otherwise(pl.format("{} 起终止（{}）", day, because))
    single = enrolled.join(ended, on=["programme", "person_key"]).filter(pl.col("unit_key") == pl.col("person_key"))
    homes = ended.join(open_.select("programme", "household_key").unique(), on=["programme", "household_key"], how="anti")
    homes = homes.sort("until").unique(["programme", "household_key"], keep="last", maintain_order=True).drop("person_key")
    whole = enrolled.join(homes, on=["programme", "household_key"]).filter(pl.col("unit_key") == pl.col("household_key"))
    found = [frame.select("programme", "unit_key", pl.lit(0, pl.Int64).alias("floor_fen"), note.alias("note")) for frame in (single, whole)]
    return _floors(pl.concat(found), "award")


def deaths(
    month: Month, people: pl.LazyFrame, enrolled: pl.DataFrame, terms: Terms, before: Side | None
) -> pl.DataFrame:
    """How low deaths alone let enrolled units go: a dead person, a household without anybody left to nothing; a household
    in which somebody died to what last month would have given without them."""
    dead = _dead(people, month)
    units = {name: unit_column(programme) for name, programme in terms.programmes.items()}
    persons = enrolled.filter(pl.col("programme").is_in([name for name, unit in units.items() if unit == "person_key"]))
    homes = enrolled.filter(pl.col("programme").is_in([name for name, unit in units.items() if unit == "household_key"]))
    died = pl.format("{} 去世", day_text(pl.col("death")))
    zero = pl.lit(0, pl.Int64).alias("floor_fen")
    gone = persons.join(dead, left_on="unit_key", right_on="person_key").select("programme", "unit_key", zero, died.alias("note"))
    touched = homes.join(dead.select("household_key").unique(), left_on="unit_key", right_on="household_key", how="semi")
    keys = touched.select(pl.col("unit_key").alias("household_key")).unique()
    members = people.join(keys.lazy(), on="household_key", how="semi").group_by("household_key").agg(
        pl.col(PRESENT.name).max().alias("anybody"), pl.col(DEATH.name).max().alias("death")
    ).collect()  # fmt: skip
    empty = touched.join(members.filter(pl.col("anybody") == 0), left_on="unit_key", right_on="household_key")
    empty = empty.select("programme", "unit_key", zero, pl.format("全家已去世，最后一位 {}", day_text(pl.col("death"))).alias("note"))
    left = touched.join(empty, on=["programme", "unit_key"], how="anti")
    partly = _without_the_dead(left, dead, before, terms.programmes)
    return pl.concat([_floors(pl.concat([gone, empty]), "death"), _floors(partly, "member_death")])


def _dead(people: pl.LazyFrame, month: Month) -> pl.DataFrame:
    """[person_key, household_key, death]: who died before the month."""
    first = int(f"{month.first:%Y%m%d}")
    who = people.filter((pl.col(DEATH.name) > 0) & (pl.col(DEATH.name) < first) & (pl.col(PRESENT.name) == 0))
    return who.select("person_key", "household_key", pl.col(DEATH.name).alias("death")).collect()


def _without_the_dead(
    units: pl.DataFrame, dead: pl.DataFrame, before: Side | None, programmes: Mapping[str, Programme]
) -> pl.DataFrame:
    """What last month's data and terms give households without those who died since."""
    found = [pl.DataFrame(schema={name: kind for name, kind in FLOORS.items() if name != "why"})]
    if before is not None and units.height:
        keys = units.select(pl.col("unit_key").alias("household_key")).unique()
        gone = dead.select("person_key", pl.col("death").alias("_death")).lazy()
        people = before.people.join(keys.lazy(), on="household_key", how="semi").join(gone, on="person_key", how="left")
        newly = pl.col("_death").is_not_null() & (pl.col(PRESENT.name) == 1)
        rows = people.with_columns(
            newly.alias("_newly"), pl.when(newly).then(0).otherwise(PRESENT.name).alias(PRESENT.name),
            pl.when(newly).then("_death").otherwise(DEATH.name).alias(DEATH.name),
        ).collect()  # fmt: skip
        last = rows.filter("_newly").group_by("household_key").agg(pl.col("_death").max())
        for name in units["programme"].unique().sort():
            if name not in before.terms.values:
                continue
            due = evaluate(programmes[name].rule, nw.from_native(rows.drop("_newly", "_death").lazy()), before.terms.month,
                           before.terms.values[name]).to_native().select("household_key", pl.col("amount_fen").alias("due_fen")).collect()  # fmt: skip
            mine = units.filter(pl.col("programme") == name).join(last, left_on="unit_key", right_on="household_key")
            mine = mine.join(due, left_on="unit_key", right_on="household_key", how="left")
            found.append(mine.select("programme", "unit_key", pl.col("due_fen").fill_null(0).alias("floor_fen"),
                                     pl.format("{} 有成员去世", day_text(pl.col("_death"))).alias("note")))  # fmt: skip
    return pl.concat(found)


def suspended(people: pl.LazyFrame, enrolled: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Enrolled units that a fact suspends, also where the rule itself gives them nothing meanwhile."""
    rows = [row for row in terms.rows if row.rule == "suspended" and row.carried_out == "matrix" and row.a in terms.facts]
    facts = people_with({row.a: terms.facts[row.a] for row in rows}, people, people.collect_schema().names())
    found = [pl.DataFrame(schema=SUSPENDED)]
    for row in rows:
        key = "household_key" if row.by == "household" else "person_key"
        hit = enrolled.filter(pl.col("programme") == row.b).join(facts[row.a].select(key).unique(), on=key, how="semi")
        found.append(hit.select("programme", "unit_key", pl.lit(row.name).alias("by")))
    return pl.concat(found)


def granted(month: Month, programmes: Mapping[str, Programme]) -> pl.DataFrame:
    """[programme, unit_key]: one-off benefits that were granted in the month."""
    once = {name: unit_column(each) for name, each in programmes.items() if each.pays == "once" and each.start == "award"}
    rows = Award.objects.filter(programme__in=list(once), since__gte=month.first, since__lte=month.last)
    found = frame_of(rows, AWARDED)
    homes = pl.col("programme").is_in([name for name, unit in once.items() if unit == "household_key"])
    return found.select("programme", pl.when(homes).then("household_key").otherwise("person_key").alias("unit_key")).unique()


def awarded(month: Month, known: Mapping[str, object]) -> pl.DataFrame:
    """[person_key, the inputs of source 'award']: what was decided for whom and holds on the month's first day; `known`:
    the inputs that rules have."""
    rows = Award.objects.filter(Q(until__isnull=True) | Q(until__gt=month.first), since__lte=month.first)
    found = frame_of(rows.filter(programme__in=list(AWARD_INPUTS)), AWARDED)
    result = pl.DataFrame(schema={"person_key": pl.Int64})
    for programme, name in AWARD_INPUTS.items():
        mine = found.filter(pl.col("programme") == programme)
        since = SINCE.get(programme, "")
        code = pl.when(pl.col("mode") == Award.Mode.SINGLE).then(2).otherwise(1).cast(pl.Int64).alias(name)
        day = pl.col("since").dt.strftime("%Y%m%d").cast(pl.Int64).alias(since)
        columns = [code, day] if since in known else [code]
        mine = mine.sort("since").unique("person_key", keep="last").select("person_key", *columns)
        result = result.join(mine, on="person_key", how="full", coalesce=True)
    return _with_terms(result, list(rows.exclude(terms={}).order_by("pk").values_list("person_key", "terms")), known, month).sort("person_key")


# Programme → the input that says since when it was awarded, where rules ask.
SINCE = {"borderline_status": "borderline_since", "rigid_spending_status": "rigid_since", "destitute_support": "destitute_since"}


def _with_terms(result: pl.DataFrame, listed: list[tuple[int, dict[str, Any]]], known: Mapping[str, object], month: Month) -> pl.DataFrame:
    """Adds what was written down with the awards (`Award.terms`). Figures that a case established (source 'declared') hold for a year
    from `figures_on`, or until a later declaration in the feeds."""
    told: dict[int, dict[str, int]] = {}
    oldest = int(f"{month.first:%Y%m%d}") - 10_000
    later = _declared_on({person for person, terms in listed if "figures_on" in terms}, month)
    for person, terms in listed:
        stale = int(terms.get("figures_on", 0)) < max(oldest, later.get(person, 0))
        counting = [name for name in terms if name in known and not (stale and getattr(known[name], "source", "") == "declared")]
        told.setdefault(person, {}).update({name: int(terms[name]) for name in counting})
    names = sorted({name for terms in told.values() for name in terms} - set(result.columns))
    if not names:
        return result
    rows = [{"person_key": person, **{name: terms.get(name) for name in names}} for person, terms in told.items()]
    return result.join(pl.DataFrame(rows, schema={"person_key": pl.Int64, **dict.fromkeys(names, pl.Int64)}), on="person_key", how="left")


def _declared_on(people: set[int], month: Month) -> dict[int, int]:
    """When these people last declared in a feed that holds declarations, as 20240229."""
    found: dict[int, int] = {}
    contracts = {name for each in contributions() for name, columns in each.contracts.items() if "declared_on" in columns} if people else set()
    for name in sorted(contracts):
        rows = lake.scan(name, month.last).filter(pl.col("person_key").is_in(list(people)), pl.col("declared_on") <= month.first)
        newest = rows.group_by("person_key").agg(pl.col("declared_on").max().dt.strftime("%Y%m%d").cast(pl.Int64)).collect()
        for person, day in newest.iter_rows():
            found[person] = max(found.get(person, 0), day)
    return found


def fingerprint(standing: Standing) -> str:
    """A hash of everything that stands, to see whether it changed between reckoning and approval."""
    digest = hashlib.sha256()
    for frame in (standing.enrolled, standing.overrides, standing.floors, standing.suspended):
        digest.update(frame.sort(frame.columns).write_csv().encode())
    return digest.hexdigest()


def day_text(day: pl.Expr) -> pl.Expr:
    """20240229 → 2024-02-29."""
    text = day.cast(pl.String)
    return pl.format("{}-{}-{}", text.str.slice(0, 4), text.str.slice(4, 2), text.str.slice(6, 2))


def _floors(frame: pl.DataFrame, why: str) -> pl.DataFrame:
    return frame.select("programme", "unit_key", "floor_fen", pl.lit(why).alias("why"), "note").cast({"floor_fen": pl.Int64()})
