"""The seven scenarios once more in plain pandas: the baseline that many would reach for, and an oracle.

Written from the scenarios' descriptions, not from their text: nothing is imported from the pack but the values of its
parameters. Keys are int64, money in 分, dates datetime64.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as papq

if TYPE_CHECKING:
    from minzheng.kernel.monitoring.scenario import Scenario

Tables = Mapping[str, pd.DataFrame]
Parameters = Mapping[str, Any]
ALERT = ["scenario", "person_key", "event_date", "severity_rank"]
HIGH, MEDIUM, LOW = 1, 2, 3
SHARED = "means"


def compared() -> dict[str, Scenario]:
    """The scenarios that stand here too: the plan's seven, on which engines are measured."""
    from minzheng.kernel.monitoring.catalogue import scenarios

    return {name: scenario for name, scenario in scenarios().items() if name in SCENARIOS}


def read(paths: Mapping[str, Sequence[Path]], columns: Mapping[str, Mapping[str, Any]]) -> dict[str, pd.DataFrame]:
    """Contract → table with these columns (name → Polars type, for feeds without files)."""
    tables = {}
    for name, schema in columns.items():
        if paths.get(name):
            table = pa.concat_tables([papq.read_table(path, columns=list(schema)) for path in paths[name]])
        else:
            table = pl.DataFrame(schema=dict(schema)).to_arrow()
        tables[name] = table.to_pandas(date_as_object=False, split_blocks=True, self_destruct=True)
    return tables


def run(tables: Tables, parameters: Mapping[str, Parameters], as_of: date) -> pd.DataFrame:
    """All alerts [scenario, person_key, event_date, severity_rank]; `parameters` by scenario, and SHARED for all."""
    spending = _spending(tables["medical_settlements"], parameters[SHARED], as_of)
    extra = {**tables, "spending": spending}
    candidates = {name: find(extra, parameters[name], as_of) for name, (find, _judge) in SCENARIOS.items()}
    keys = pd.unique(pd.concat([rows["person_key"] for rows in candidates.values()]))
    people = _people(tables, keys, parameters[SHARED], as_of)
    home = people.merge(_households(people), on="household_key")
    here = people.loc[people["present"], ["person_key"]].drop_duplicates()
    found = []
    for name, (_find, judge) in SCENARIOS.items():
        rows = judge(candidates[name].merge(home, on="person_key"), parameters[name], as_of, people, spending)
        rows["severity_rank"] = rows["severity_rank"].where(rows["home_programme"] < 2, LOW)
        rows = rows.merge(here, on="person_key").assign(scenario=name)[ALERT]
        rows = rows.sort_values(["severity_rank", "event_date"], ascending=[True, False], kind="stable")
        found.append(rows.drop_duplicates("person_key"))
    return pd.concat(found).sort_values(["scenario", "person_key"]).reset_index(drop=True)


# What is known of people and households


def _spending(bills: pd.DataFrame, values: Parameters, as_of: date) -> pd.DataFrame:
    """Out of pocket in 12 months without everyday bills, for each person."""
    recent = (bills["settled_on"] > _years_before(as_of, 1)) & (bills["settled_on"] <= pd.Timestamp(as_of))
    own = bills["own_paid_fen"].fillna(0)
    large = (bills["self_paid_fen"] + own).abs() >= values["everyday_bill"]
    wanted = recent & (large | bills["visit_type"].isin(["inpatient", "chronic"]))
    rows = pd.DataFrame({
        "person_key": bills["person_key"][wanted], "self_paid": bills["self_paid_fen"][wanted].fillna(0).astype("int64"),
        "own_paid": own[wanted].astype("int64"), "event_date": bills["settled_on"][wanted],
    })  # fmt: skip
    sums = rows.groupby("person_key").agg({"self_paid": "sum", "own_paid": "sum", "event_date": "max"}).reset_index()
    return sums.assign(person_paid=sums["self_paid"] + sums["own_paid"])


def _people(tables: Tables, keys: Any, values: Parameters, as_of: date) -> pd.DataFrame:
    """One row for each member of the keys' households, with incomes, ages and whether the person is present."""
    people = _circle(tables["households"], keys)
    who = people["person_key"]
    near = {name: tables[name][tables[name]["person_key"].isin(who)] for name in SOURCES}
    road = near["traffic_accidents"]
    road = road[road["injury"] == "dead"].rename(columns={"occurred_on": "death_date"})
    register = near["population"][["person_key", "village_code", "birth_date", "status"]]
    people = people.merge(register, on="person_key", how="left")
    parts = [
        _deaths(pd.concat([near["deaths"], road]), as_of), _wages(near["social_insurance"], as_of),
        _pensions(near["pensions"], values, as_of), _benefits(near["unemployment"], as_of),
        _programmes(near["assistance_recipients"], as_of),
    ]  # fmt: skip
    for part in parts:
        people = people.merge(part, left_on="person_key", right_index=True, how="left")
    return _completed(people, as_of)


def _circle(households: pd.DataFrame, keys: Any) -> pd.DataFrame:
    homes = households.loc[households["person_key"].isin(keys), "household_key"].unique()
    members = households.loc[households["household_key"].isin(homes), ["person_key", "household_key", "relation"]]
    alone = pd.DataFrame({"person_key": keys})
    alone = alone[~alone["person_key"].isin(members["person_key"])]
    alone = alone.assign(household_key=-1 - alone["person_key"], relation="head")
    people = pd.concat([members, alone], ignore_index=True)
    order = people["relation"].map({"head": 0, "spouse": 1}).fillna(2).astype("int64")
    return people.assign(order=order).drop(columns="relation")


def _completed(people: pd.DataFrame, as_of: date) -> pd.DataFrame:
    born = people["birth_date"]
    number = born.dt.year * 10_000 + born.dt.month * 100 + born.dt.day
    minor = born > _years_before(as_of, 18)
    active = people["status"].isna() | (people["status"] == "active")
    amounts = ["wage_year", "wage_peak", "wage_now", "pension_year", "pension_now", "pension_peak", "benefit_year",
               "benefit_now", "programme"]  # fmt: skip
    people = people.assign(**{name: people[name].fillna(0).astype("int64") for name in amounts})
    return people.assign(
        present=people["death_date"].isna() & people["village_code"].notna() & active,
        minor=minor.astype("int64"), elder=(born <= _years_before(as_of, 60)).astype("int64"),
        earner=(people["wage_now"] > 0).astype("int64"),
        standing=people["order"].where(~minor, 3) * 100_000_000 + number.fillna(99_991_231).astype("int64"),
        income_year=people["wage_year"] + people["pension_year"] + people["benefit_year"],
        income_now=people["wage_now"] + people["pension_now"] + people["benefit_now"],
        usual=people["wage_peak"] + people["pension_peak"],
    )  # fmt: skip


def _households(people: pd.DataFrame) -> pd.DataFrame:
    present = people[people["present"]]
    homes = present.groupby("household_key").agg(
        size=("present", "sum"), minors=("minor", "sum"), elders=("elder", "sum"), earners=("earner", "sum"),
        home_income_year=("income_year", "sum"), home_income_now=("income_now", "sum"), home_usual=("usual", "sum"),
        home_programme=("programme", "max"),
    )  # fmt: skip
    first = present.sort_values(["standing", "person_key"]).drop_duplicates("household_key")
    return homes.assign(speaker=first.set_index("household_key")["person_key"]).reset_index()


def _deaths(rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    rows = rows[rows["death_date"] <= pd.Timestamp(as_of)]
    return rows.groupby("person_key")[["death_date"]].min()


def _wages(rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    firsts = _full_months(as_of)
    monthly = {}
    for first in firsts:
        insured = (rows["period_start"] <= first) & (rows["period_end"] >= first)
        monthly[first] = rows["base_fen"].where(insured, 0).groupby(rows["person_key"]).max()
    table = pd.DataFrame(monthly)
    now = (rows["period_start"] <= pd.Timestamp(as_of)) & (rows["period_end"] >= firsts[0])
    now &= rows["status"].isna() | (rows["status"] == "paying")
    wage_now = rows["base_fen"].where(now, 0).groupby(rows["person_key"]).max()
    year = table.sum(axis=1, skipna=False)
    return pd.DataFrame({"wage_year": year, "wage_peak": table.max(axis=1), "wage_now": wage_now})


def _pensions(rows: pd.DataFrame, values: Parameters, as_of: date) -> pd.DataFrame:
    rows = rows[rows["started_on"].isna() | (rows["started_on"] <= pd.Timestamp(as_of))]
    reduced = (rows["monthly_fen"].fillna(0) - values["resident_pension_disregard"]).clip(lower=0)
    amount = rows["monthly_fen"].fillna(0).where(rows["pension_kind"] != "resident", reduced)
    now = amount.where(rows["status"].isna() | (rows["status"] == "paying"), 0)
    year = now * _months_since(rows["started_on"], as_of)
    table = pd.DataFrame({"pension_year": year, "pension_now": now, "pension_peak": amount})
    return table.groupby(rows["person_key"]).sum()


def _benefits(rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    rows = rows[(rows["registered_on"] <= pd.Timestamp(as_of)) & (rows["status"] == "receiving")]
    now = rows["benefit_monthly_fen"].fillna(0)
    table = pd.DataFrame({"benefit_year": now * _months_since(rows["registered_on"], as_of), "benefit_now": now})
    return table.groupby(rows["person_key"]).max()


def _programmes(rows: pd.DataFrame, as_of: date) -> pd.DataFrame:
    today = pd.Timestamp(as_of)
    rows = rows[(rows["since"] <= today) & (rows["until"].isna() | (rows["until"] > today))]
    rank = rows["programme"].map({"destitute": 3, "low_income": 2}).fillna(1).astype("int64")
    return rank.groupby(rows["person_key"]).max().to_frame("programme")


# Candidates: to whom something happened


def _dead(tables: Tables, values: Parameters, as_of: date) -> pd.DataFrame:
    first = _deaths(tables["deaths"], as_of).reset_index().rename(columns={"death_date": "event_date"})
    inside: pd.DataFrame = first[_within(first["event_date"], as_of, values["window"])]
    return inside


def _large_bills(tables: Tables, values: Parameters, as_of: date) -> pd.DataFrame:
    rows = tables["spending"]
    found: pd.DataFrame = rows.loc[rows["person_paid"] >= values["person_floor"], ["person_key", "event_date", "person_paid"]]
    return found


def _aided(tables: Tables, values: Parameters, as_of: date) -> pd.DataFrame:
    rows = _events(tables["legal_aid"], "accepted_on", values["window"], as_of)
    rows = rows[(rows["income_checked"] == "hardship") & rows["matter"].isin(values["matters"])]
    found: pd.DataFrame = rows[["person_key", "event_date"]].drop_duplicates()
    return found


def _struck(tables: Tables, values: Parameters, as_of: date) -> pd.DataFrame:
    rows = _events(tables["disasters"], "occurred_on", values["window"], as_of)
    damage = rows["house_damage"].map({"none": 1, "minor": 2, "severe": 3, "collapsed": 4}).fillna(0).astype("int64")
    rows = rows.assign(damage=damage, loss=rows["loss_fen"].fillna(0).astype("int64"))
    rows = rows[(rows["damage"] >= 3) | (rows["loss"] >= values["loss_floor"])]
    found: pd.DataFrame = rows.groupby(["person_key", "event_date"])[["damage", "loss"]].max().reset_index()
    return found


def _newly_disabled(tables: Tables, values: Parameters, as_of: date) -> pd.DataFrame:
    rows = tables["disability_certificates"].rename(columns={"issued_on": "event_date"})
    mind = (rows["level"] == "3") & rows["category"].isin(["5", "6"])
    rows = rows[rows["level"].isin(["1", "2"]) | mind]
    new = _within(rows["event_date"], as_of, values["window"])
    earlier = rows["event_date"] <= pd.Timestamp(as_of - timedelta(days=values["window"]))
    known = rows.loc[earlier, "person_key"]
    rows = rows[new & (rows["status"].isna() | (rows["status"] == "valid")) & ~rows["person_key"].isin(known)]
    rows = rows.assign(level=rows["level"].astype("int64"))
    return rows.groupby("person_key")[["event_date", "level"]].min().reset_index()


def _hurt(tables: Tables, values: Parameters, as_of: date) -> pd.DataFrame:
    rows = _events(tables["traffic_accidents"], "occurred_on", values["window"], as_of)
    limited = rows["responsibility"].isna() | rows["responsibility"].isin(values["responsibilities"])
    rows = rows[limited & rows["injury"].isin(["dead", "serious"])]
    found: pd.DataFrame = rows[["person_key", "event_date"]].drop_duplicates()
    return found


def _jobless(tables: Tables, values: Parameters, as_of: date) -> pd.DataFrame:
    rows = tables["unemployment"].rename(columns={"registered_on": "event_date"})
    rows = rows[rows["event_date"] <= pd.Timestamp(as_of)]
    rows = rows[rows["event_date"] == rows.groupby("person_key")["event_date"].transform("max")]
    ended = rows["status"] == "ended"
    late = ended & _within(rows["event_date"], as_of, values["ended_window"])
    rows = rows.assign(ended=ended.astype(bool))[
        (rows["status"] != "reemployed") & (late | _within(rows["event_date"], as_of, values["window"]))
    ]
    return rows.groupby(["person_key", "event_date"])[["ended"]].max().reset_index()


# Judgements: whom to alert about, and how urgently


def _breadwinner(rows: pd.DataFrame, values: Parameters, as_of: date, *_rest: pd.DataFrame) -> pd.DataFrame:
    young = rows["birth_date"] > _years_before(as_of, values["working_age_years"])
    labour = (rows["wage_peak"] > 0) | young | (rows["minors"] > 0)
    main = (rows["usual"] > 0) & (rows["usual"] * 100 >= (rows["usual"] + rows["home_usual"]) * values["share_percent"])
    rows = rows[labour & main & (rows["size"] > rows["earners"])]
    rows = rows.sort_values(["event_date", "person_key"], ascending=[False, True]).drop_duplicates("household_key")
    rank = _rank(rows, (_well_off(rows, values), LOW), (_poor(rows, values), HIGH))
    return rows.assign(severity_rank=rank, person_key=rows["speaker"])


def _medical(
    rows: pd.DataFrame, values: Parameters, as_of: date, people: pd.DataFrame, spending: pd.DataFrame
) -> pd.DataFrame:
    paid = people[["person_key", "household_key"]].merge(spending[["person_key", "person_paid"]], on="person_key")
    rows = rows.sort_values(["person_paid", "person_key"], ascending=[False, True]).drop_duplicates("household_key")
    spent = rows["household_key"].map(paid.groupby("household_key")["person_paid"].sum())
    income = rows["home_income_year"]
    left_short = income - spent < rows["size"] * values["subsistence_standard"] * 12
    heavy = (spent * 100 >= income * values["spending_percent"]) | left_short
    measured = (income > 0) & heavy & ~_well_off(rows, values)
    unmeasured = (income == 0) & (spent >= values["unknown_income_floor"])
    rank = _rank(rows, ((income == 0) | (spent >= income), HIGH))
    rows = rows.assign(severity_rank=rank, person_key=rows["person_key"].where(rows["present"], rows["speaker"]))
    found: pd.DataFrame = rows[(spent >= values["household_floor"]) & (measured | unmeasured)].copy()
    return found


def _aid(rows: pd.DataFrame, values: Parameters, as_of: date, *_rest: pd.DataFrame) -> pd.DataFrame:
    rows = rows[rows["present"] & (rows["home_programme"] < 2)]
    return rows.assign(severity_rank=_rank(rows, (~_poor(rows, values), LOW)))


def _disaster(rows: pd.DataFrame, values: Parameters, as_of: date, *_rest: pd.DataFrame) -> pd.DataFrame:
    home = rows.groupby(["household_key", "event_date"])
    rows = rows.assign(worst=home["damage"].transform("max"), most=home["loss"].transform("max"))
    rows = rows.assign(standing=rows["standing"].where(rows["present"], 10**12)).sort_values(["standing", "person_key"])
    rows = rows.drop_duplicates(["household_key", "event_date"])
    heavy = rows["most"] * 100 >= rows["home_income_year"] * values["loss_percent"]
    rows = rows[(rows["worst"] >= 3) | heavy]
    rank = _rank(rows, ((rows["worst"] == 4) | _poor(rows, values), HIGH))
    return rows.assign(severity_rank=rank, person_key=rows["person_key"].where(rows["present"], rows["speaker"]))


def _disability(rows: pd.DataFrame, values: Parameters, as_of: date, *_rest: pd.DataFrame) -> pd.DataFrame:
    rows = rows[rows["present"] & _poor(rows, values)]
    return rows.assign(severity_rank=_rank(rows, ((rows["level"] == 1) | (rows["earners"] == 0), HIGH)))


def _accident(rows: pd.DataFrame, values: Parameters, as_of: date, *_rest: pd.DataFrame) -> pd.DataFrame:
    others = rows["home_usual"] - rows["usual"].where(rows["present"], 0)
    breadwinner = (rows["usual"] > 0) & (rows["usual"] >= others)
    died, rich = ~rows["present"], _well_off(rows, values)
    rank = _rank(rows, (rich & ~died, LOW), (~rich & (died | breadwinner | _poor(rows, values)), HIGH))
    return rows.assign(severity_rank=rank, person_key=rows["person_key"].where(rows["present"], rows["speaker"]))


def _unemployment(rows: pd.DataFrame, values: Parameters, as_of: date, *_rest: pd.DataFrame) -> pd.DataFrame:
    rows = rows[rows["present"] & (rows["wage_now"] == 0) & _poor(rows, values) & (rows["home_programme"] < 2)]
    nothing, dependants = rows["home_income_now"] == 0, (rows["minors"] > 0) | (rows["elders"] > 0)
    rank = _rank(rows, (nothing & dependants, HIGH), (~(nothing | dependants | rows["ended"]), LOW))
    return rows.assign(severity_rank=rank)


# Small helpers


def _rank(rows: pd.DataFrame, *cases: tuple[Any, int]) -> pd.Series[int]:
    """The rank of the first case that applies, MEDIUM where none does."""
    rank = pd.Series(MEDIUM, index=rows.index, dtype="int64")
    for condition, value in reversed(cases):
        rank = rank.mask(condition, value)
    return rank


def _poor(rows: pd.DataFrame, values: Parameters) -> pd.Series[bool]:
    line = values["subsistence_standard"] * values["borderline_percent"]
    poor: pd.Series[bool] = rows["home_income_now"] * 100 < rows["size"] * line
    return poor


def _well_off(rows: pd.DataFrame, values: Parameters) -> pd.Series[bool]:
    well_off: pd.Series[bool] = rows["home_income_year"] > rows["size"] * values["disposable_income"]
    return well_off


def _events(rows: pd.DataFrame, column: str, days: int, as_of: date) -> pd.DataFrame:
    rows = rows.rename(columns={column: "event_date"})
    return rows[_within(rows["event_date"], as_of, days)]


def _within(dates: pd.Series[Any], as_of: date, days: int) -> pd.Series[bool]:
    return (dates > pd.Timestamp(as_of - timedelta(days=days))) & (dates <= pd.Timestamp(as_of))


def _years_before(day: date, years: int) -> pd.Timestamp:
    return pd.Timestamp(day) - pd.DateOffset(years=years)


def _full_months(as_of: date) -> list[pd.Timestamp]:
    """First days of the twelve full months before that of `as_of`, newest first."""
    return [pd.Timestamp(as_of.replace(day=1)) - pd.DateOffset(months=number) for number in range(1, 13)]


def _months_since(started: pd.Series[Any], as_of: date) -> pd.Series[int]:
    """In how many of the twelve full months something already counted; unknown starts count in all."""
    months = pd.Series(0, index=started.index, dtype="int64")
    for first in _full_months(as_of):
        months += (started.isna() | (started < first + pd.DateOffset(months=1))).astype("int64")
    return months


SOURCES = ("population", "deaths", "traffic_accidents", "social_insurance", "pensions", "unemployment", "assistance_recipients")
SCENARIOS: dict[str, tuple[Callable[..., pd.DataFrame], Callable[..., pd.DataFrame]]] = {
    "large_medical_spending": (_large_bills, _medical),
    "traffic_accident": (_hurt, _accident),
    "natural_disaster": (_struck, _disaster),
    "breadwinner_death": (_dead, _breadwinner),
    "severe_disability": (_newly_disabled, _disability),
    "unemployment": (_jobless, _unemployment),
    "legal_aid": (_aided, _aid),
}
