"""Over random cities: a city split by district gives the same, a second reckoning gives the same, nothing is lost or made."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.kernel.benefits.causes import Side, with_causes
from minzheng.kernel.benefits.exclusions import matrix
from minzheng.kernel.benefits.reckoning import Terms, desired
from minzheng.kernel.benefits.reconcile import ENROLLED, FLOORS, OVERRIDES, SUSPENDED, Standing, reconcile
from minzheng.kernel.rules.explanation import differences, explain
from minzheng.kernel.rules.language import Month
from tests.kernel.benefits import toys
from tests.kernel.benefits.conftest import ELSEWHERE, HOME_VILLAGE, frame

MONTH = Month(date(2024, 6, 1))
TERMS = Terms.of(MONTH, toys.ALL, {name: each.rule.parameters.at(MONTH.first) for name, each in toys.ALL.items()}, matrix())
PERSON = st.fixed_dictionaries(
    {
        "household_key": st.integers(1, 8), "present": st.sampled_from([1, 1, 1, 0]), "birth": st.sampled_from([19300101, 19440101, 19800101, 20150101]),
        "wage": st.integers(0, 300_000), "disability_level": st.integers(0, 4), "custody": st.sampled_from([0, 0, 0, 1]),
        "award_low_income": st.sampled_from([0, 1]), "award_destitute": st.sampled_from([0, 0, 2]), "award_borderline": st.sampled_from([0, 1]),
        "rank": st.integers(0, 2), "hukou": st.sampled_from([1, 1, 0]),
    }
)  # fmt: skip
CITY = st.lists(PERSON, min_size=1, max_size=20)


def city(people: list[dict[str, int]]) -> pl.DataFrame:
    """Households with odd keys live in one district, the others in another."""
    rows = [{"person_key": key, "village": HOME_VILLAGE if person["household_key"] % 2 else ELSEWHERE, **person} for key, person in enumerate(people, 1)]
    return frame(rows)


def due(people: pl.DataFrame) -> pl.DataFrame:
    return desired(people.lazy(), TERMS).sort("programme", "unit_key")


def enrolled(results: pl.DataFrame) -> pl.DataFrame:
    on = results.filter(pl.col("eligible") == 1).with_columns(pl.col("village").cast(pl.String).str.zfill(12).alias("division_code"))
    return on.select(*ENROLLED)


def standing(before: pl.DataFrame, overrides: pl.DataFrame | None = None) -> Standing:
    none = Standing.nothing()
    return Standing(before, none.overrides if overrides is None else overrides, pl.DataFrame(schema=FLOORS), pl.DataFrame(schema=SUSPENDED))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CITY)
def test_splitting_by_district_gives_the_same_total(people: list[dict[str, int]]) -> None:
    whole = city(people)
    parts = [due(whole.filter(pl.col("village") == place)) for place in (HOME_VILLAGE, ELSEWHERE)]
    together = pl.concat(parts).sort("programme", "unit_key")
    assert together.equals(due(whole))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CITY, CITY)
def test_a_second_reckoning_gives_the_same_and_what_was_done_is_not_done_again(before: list[dict[str, int]], after: list[dict[str, int]]) -> None:
    stands = standing(enrolled(due(city(before))))
    wanted = due(city(after))
    first, second = reconcile(wanted, stands, toys.ALL), reconcile(wanted.sample(fraction=1, shuffle=True, seed=1), stands, toys.ALL)
    assert first.lines.equals(second.lines) and first.units.equals(second.units)
    moved = first.lines.filter(pl.col("kind").is_in(["start", "change", "stop"]))
    kept = stands.enrolled.join(moved, on=["programme", "unit_key"], how="anti")
    begun = moved.filter(pl.col("kind") != "stop").select(pl.all().exclude("was_fen")).rename({"is_fen": "amount_fen"}).select(*ENROLLED)
    again = reconcile(wanted, standing(pl.concat([kept, begun])), toys.ALL)
    assert again.lines.filter(pl.col("kind").is_in(["start", "change", "stop"])).is_empty()
    assert again.lines.filter(pl.col("kind") == "review").equals(first.lines.filter(pl.col("kind") == "review"))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CITY, CITY)
def test_no_run_cuts_a_means_tested_benefit_by_itself(before: list[dict[str, int]], after: list[dict[str, int]]) -> None:
    stands = standing(enrolled(due(city(before))))
    done = reconcile(due(city(after)), stands, toys.ALL)
    guarded = [name for name, each in toys.ALL.items() if each.kind in ("means_tested", "status")]
    mine = done.lines.filter(pl.col("programme").is_in(guarded))
    assert mine.filter((pl.col("kind") == "stop") | ((pl.col("kind") == "change") & (pl.col("is_fen") < pl.col("was_fen")))).is_empty()
    held = done.units.filter(pl.col("programme").is_in(guarded) & pl.col("had"))
    assert held["has"].all()
    paying = held.filter(pl.col("kind") != "hold")
    assert (paying["pays_fen"] >= paying["before_fen"]).all()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CITY, CITY, st.integers(0, 100_000))
def test_a_persons_word_outlives_whatever_the_data_say(before: list[dict[str, int]], after: list[dict[str, int]], fixed: int) -> None:
    has = enrolled(due(city(before)))
    said = has.with_row_index("n").with_columns(
        pl.when(pl.col("n") % 2 == 0).then(pl.lit("pause")).otherwise(pl.lit("fix")).alias("override"), pl.lit(fixed, pl.Int64).alias("amount_fen"),
        pl.lit("").alias("word"),
    ).select(*OVERRIDES)  # fmt: skip
    for people in (after, before, after):
        units = reconcile(due(city(people)), standing(has, said), toys.ALL).units.join(said, on=["programme", "unit_key"])
        assert units.height == has.height
        paid = units.with_columns(pl.when(pl.col("programme") == "borderline_status").then(0).otherwise("amount_fen").alias("word_fen"))
        assert (paid.filter(pl.col("override") == "pause")["pays_fen"] == 0).all()
        fix = paid.filter(pl.col("override") == "fix")
        assert (fix["pays_fen"] == fix["word_fen"]).all()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CITY, st.data())
def test_causes_in_bulk_are_those_of_one_household(people: list[dict[str, int]], data: st.DataObject) -> None:
    later = [{**person, **data.draw(st.fixed_dictionaries({}, optional={name: CHANGED[name] for name in CHANGED}))} for person in people]
    july = Month(date(2024, 7, 1))
    after = Terms.of(july, toys.ALL, {name: each.rule.parameters.at(july.first) for name, each in toys.ALL.items()}, matrix())
    sides = Side(city(people).lazy(), TERMS), Side(city(later).lazy(), after)
    was, now = (desired(side.people, side.terms) for side in sides)
    lines = reconcile(now, standing(enrolled(was)), toys.ALL).lines.filter(pl.col("why") == "")
    for row in with_causes(lines, *sides, matrix(), {}).to_dicts():
        rule = toys.ALL[row["programme"]].rule
        told = [explain(rule, side.people.collect(), side.terms.month, side.terms.values[rule.name]) for side in sides]
        one = differences(*told).get(row["unit_key"])
        if one is None or row["cause_kind"] in ("new", "gone"):
            assert row["cause_kind"] in ("new", "gone")
        elif one.kind == "none":
            assert row["cause_kind"] == "earlier"
        elif "both" not in (one.kind, row["cause_kind"]):
            # Of an input that changed with several members the bulk tries all at once, the single household one by one.
            assert (row["cause_kind"], row["cause_name"]) == (one.kind, one.name), (row, one)


CHANGED = {"wage": st.integers(0, 300_000), "disability_level": st.integers(0, 4), "present": st.just(0), "award_low_income": st.sampled_from([0, 1])}
