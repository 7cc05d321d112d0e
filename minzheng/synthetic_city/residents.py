"""What the police and the bureau deliver of residents: population, households, deaths, the roster."""

from __future__ import annotations

import numpy as np
import polars as pl

from minzheng.synthetic_city.block import NEVER, Block
from minzheng.synthetic_city.childhood import orphans
from minzheng.synthetic_city.dates import BASE, MONTH_ENDS, QUARTER_ENDS, SNAPSHOTS, day, steps, within
from minzheng.synthetic_city.desk import Desk
from minzheng.synthetic_city.integrity import Roster
from minzheng.synthetic_city.means import DESTITUTE, LOW_INCOME, NEAR, PROGRAMMES, STANDARD
from minzheng.synthetic_city.streams import Bools, Days, days_between

LATE_DAYS = 21  # a death reported so many days after is a late one


def deliver_population(block: Block, reported: Days, desk: Desk) -> None:
    """Everybody at the end of 2023, then each quarter those who came, died (as far as the police know) or moved."""
    everyone = _population(block)
    for after, until in steps(SNAPSHOTS):
        born, gone = block.members.birth, np.minimum(reported, block.moved)
        rows = within(born, after, until) | (within(gone, after, until) & (born <= day(until)))
        status = np.where(reported <= day(until), 2, np.where(block.moved <= day(until), 1, 0))
        frame = everyone.with_columns(pl.Series(["active", "moved_out", "cancelled"]).gather(status).alias("status"))
        desk.put("population", until, frame.filter(rows), unit=block.board.police)


def deliver_households(block: Block, desk: Desk) -> None:
    """Members of all households, then the newborn."""
    frame = pl.concat([block.named(np.arange(len(block.died))), block.homes[block.members.household]], how="horizontal")
    head = block.members.has("A") | (block.members.has("E"))
    head = np.where(head, 0, np.where(block.members.has("B", "e"), 1, np.where(block.members.has("G", "g"), 4, 2)))
    relation = head + np.where((head >= 2) & ~block.members.male, 1, 0)
    relation[orphans(block)] = 6  # with an uncle or an aunt
    joined = np.maximum(block.members.birth, days_between(block.rng("joined"), "1998-01-01", "2023-06-30", len(head)))
    names = pl.Series(["head", "spouse", "son", "daughter", "father", "mother", "other"])
    frame = frame.with_columns(names.gather(relation).alias("relation"), pl.Series("joined_on", joined))
    for after, until in steps(SNAPSHOTS):
        unit = block.board.police if until == BASE else ""
        desk.put("households", until, frame.filter(within(block.members.birth, after, until)), unit=unit)


def death_reports(block: Block, dead: pl.DataFrame) -> pl.DataFrame:
    """The three sources' reports of each death: the day that each writes and the day it reports (NEVER = not at all)."""
    rng = block.rng("death reports")
    count, died = dead.height, dead["died_on"].to_numpy().astype("datetime64[D]")
    kept = rng.random((count, 3)) < np.array([0.86, 0.90, 0.84])
    kept[~kept.any(axis=1), 2] = True
    apart = (rng.random((count, 3)) < np.array([0.0, 0.06, 0.08])) * np.where(rng.random((count, 3)) < 0.5, -1, 1)
    tail = np.where(rng.random(count) < 0.12, rng.integers(25, 110, count), 0)
    delay = np.stack([rng.integers(1, 9, count), rng.integers(2, 6, count), rng.integers(4, 20, count) + tail], axis=1)
    late = rng.random(count) < 0.03
    delay[:, 0] += np.where(late, rng.integers(25, 60, count), 0)
    columns: dict[str, object] = {"person": dead["person"], "died_on": died, "cause": dead["cause"]}
    for index, source in enumerate(("health", "funeral", "police")):
        written = died + apart[:, index].astype("timedelta64[D]")
        reported = np.where(kept[:, index], died + delay[:, index].astype("timedelta64[D]"), NEVER)
        # The first day of one's life or a day after the report would be nonsense, not dirt.
        written = np.where(written > reported, died, written)
        columns |= {f"{source}_date": written, f"{source}_on": reported}
    return pl.DataFrame(columns)


def deliver_deaths(block: Block, reports: pl.DataFrame, desk: Desk) -> None:
    """Monthly death reports of hospitals, funeral homes and the police."""
    persons = reports["person"].to_numpy()
    everything = pl.concat(
        [reports, block.named(persons), block.people.select("phone")[persons], block.home_of(persons).select("address"),
         pl.DataFrame({"sex": _sex(block.members.male[persons]), "source": ["health"] * len(persons)},
                      schema={"sex": pl.String, "source": pl.String})],
        how="horizontal",
    ).with_columns(cremation_date=pl.col("funeral_date") + pl.duration(days=pl.col("person") % 3 + 1))  # fmt: skip
    for source in ("health", "funeral", "police"):
        frame = everything.with_columns(pl.col(f"{source}_date").alias("death_date"))
        for after, until in steps(MONTH_ENDS):
            rows = frame.filter(within(frame[f"{source}_on"].to_numpy(), after, until))
            late = rows.filter(pl.col(f"{source}_on") - pl.col("died_on") >= pl.duration(days=LATE_DAYS)).height
            apart = rows.filter(pl.col("death_date") != pl.col("died_on")).height
            desk.put(f"deaths_{source}", until, rows, late_death=late, date_apart=apart)


def deliver_roster(block: Block, roster: Roster, desk: Desk) -> None:
    """The bureau's own roster at the end of 2023; each quarter those who left it by death (as far as it was told), and the
    statuses that were given for another year."""
    homes, award, means = block.members.household, block.means.award, block.means
    gap = np.where(means.alone, STANDARD, np.maximum(STANDARD - means.per_head, 150)[homes])
    monthly = np.where(award == DESTITUTE, 1.3 * STANDARD, np.where(award == LOW_INCOME, gap, 0))
    persons = np.flatnonzero((award > 0) & (block.members.birth <= day(BASE)))
    household = pl.Series(block.homes["household_no"]).gather(homes[persons])
    frame = pl.concat(
        [block.named(persons), block.home_of(persons).select("village_code"),
         pl.DataFrame({"household_no": household, "programme": pl.Series(PROGRAMMES).gather(award[persons]),
                       "since": roster.since[persons], "monthly": np.rint(monthly[persons]).astype(np.int64) * 100,
                       "person": persons, "alone": means.alone[persons]})],
        how="horizontal",
    ).with_columns(pl.when("alone").then(pl.lit(None, pl.String)).otherwise("household_no").alias("household_no"))  # fmt: skip
    status, died = award[persons] >= NEAR, np.where(roster.stays[persons], NEVER, block.died[persons])
    over = np.where(status, _months_later(roster.since[persons], 12), NEVER)
    renewed = status & (block.rng("renewals").random(len(persons)) < 0.85)
    for after, until in steps([BASE, *QUARTER_ENDS]):
        ended = np.where(died <= day(until), _months_later(died.astype("datetime64[M]").astype("datetime64[D]"), 1), NEVER)
        ends = np.minimum(over, ended)
        gone: Bools = within(died, after, until)
        rows = gone & ~(status & (over <= died)) if after else np.ones(len(persons), dtype=bool)
        desk.put("assistance_recipients", until, frame.with_columns(_known(ends)).filter(rows))
        if after is None:
            desk.put("assistance_recipients", until, _second_rows(block, roster, frame))
        else:
            again = renewed & within(over, after, until) & (block.died[persons] > day(until)) & (block.moved[persons] > day(until))
            more = frame.with_columns(pl.Series("since", over), _known(_months_later(np.minimum(over, day(until)), 12)))
            desk.put("assistance_recipients", until, more.filter(again))


def _second_rows(block: Block, roster: Roster, frame: pl.DataFrame) -> pl.DataFrame:
    """People who stand on the roster again, with the household of a neighbour."""
    other = (block.members.household[roster.twice] + 1) % len(block.frame.kind)
    again = pl.DataFrame({"person": roster.twice, "household_no": pl.Series(block.homes["household_no"]).gather(other),
                          "since": roster.again})  # fmt: skip
    rows = again.join(frame.drop("household_no", "since"), on="person", how="inner", maintain_order="left")
    return rows.with_columns(pl.lit(None, pl.Date).alias("until")).select(*frame.columns, "until")


def _known(ends: Days) -> pl.Series:
    return pl.Series("until", np.where(ends < NEVER, ends, np.datetime64("NaT")))


def _months_later(days: Days, months: int) -> Days:
    """The same day of the month so many months later; the first of the next one where there is no such day."""
    month = days.astype("datetime64[M]")
    later: Days = (month + months).astype("datetime64[D]") + (days - month.astype("datetime64[D]"))
    return later


def _population(block: Block) -> pl.DataFrame:
    members, age = block.members, block.economy.age
    rng = block.rng("registered")
    registered = np.maximum(members.birth, days_between(rng, "2006-03-01", "2023-06-30", len(age)))
    married = np.zeros(len(block.frame.kind), dtype=bool)
    married[members.household[members.has("B", "e")]] = True
    couple = members.has("B", "e", "g") | (members.has("A", "E") & married[members.household])
    couple |= members.has("G") & np.isin(members.household, members.household[members.has("g")])
    alone = np.where(members.has("E", "G"), 2, np.where(members.has("A") & ((age > 40) | (block.frame.kind[members.household] != 1)), 3, 0))
    status = pl.Series(["10", "20", "30", "40"]).gather(np.where(couple, 1, alone))
    local = block.frame.local[members.household].astype(np.int64)
    return pl.concat(
        [block.people, block.homes[members.household],
         pl.DataFrame({"sex": _sex(members.male), "birth_date": members.birth, "marital_status": status,
                       "residence_type": pl.Series(["non_hukou", "hukou"]).gather(local), "registered_on": registered})],
        how="horizontal",
    )  # fmt: skip


def _sex(male: np.ndarray) -> pl.Series:
    return pl.Series(["2", "1"]).gather(male.astype(np.int64))


def police_knows(reports: pl.DataFrame, count: int) -> Days:
    """Per person of the block: the day on which the police registered the death (NEVER = it did not)."""
    known = np.full(count, NEVER)
    known[reports["person"].to_numpy()] = reports["police_on"].to_numpy()
    return known


