"""What happened to people, as the departments deliver it: treatment, accidents, disasters, disability, aid, custody."""

from __future__ import annotations

import numpy as np
import polars as pl

from minzheng.synthetic_city import medical
from minzheng.synthetic_city.block import Block
from minzheng.synthetic_city.dates import BASE, MONTH_ENDS, SNAPSHOTS, day, steps, within
from minzheng.synthetic_city.desk import Desk
from minzheng.synthetic_city.place import table


def deliver_settlements(block: Block, desk: Desk) -> np.ndarray:
    """Monthly settlements; returns what each person paid himself from July 2023 to June 2024 (分)."""
    paid = np.zeros(len(block.died), dtype=np.int64)
    for index, until in enumerate(month for month in MONTH_ENDS if desk.wanted(month)):
        frame = medical.settlements(block, index, day(until.replace(day=1)), until.day)
        persons = frame["person"].to_numpy()
        if index < 12:
            np.add.at(paid, persons, (frame["self_paid"] + frame["own_paid"]).to_numpy())
        numbers = pl.Series(desk.number(f"settlement {until}", frame.height)).cast(pl.String).str.zfill(8)
        numbers = f"CZ{until:%y%m}" + numbers
        named = pl.concat([frame.drop("person"), block.named(persons)], how="horizontal")
        desk.put("medical_settlements", until, named.with_columns(numbers.alias("settlement_no")))
    return paid


def deliver_accidents(block: Block, people: pl.DataFrame, desk: Desk) -> None:
    """Monthly lists of people in road accidents; now and then two share an accident."""
    rng = block.rng("accident places")
    count = people.height
    days = people["occurred_on"].to_numpy()
    # The next person in time joins the accident of the one before when both happened on a day.
    joins = np.zeros(count, dtype=bool)
    joins[1:] = (days[1:] == days[:-1]) & (rng.random(max(count - 1, 0)) < 0.7)
    number = desk.number("accident", count)[np.maximum.accumulate(np.where(joins, 0, np.arange(count)))] if count else np.arange(0)
    roads = pl.Series([road + "路" for road in table("names")["roads"]])
    place = f"{block.board.name}{'市' if block.board.slug == 'liyang' else '区'}" + roads.gather(rng.integers(0, len(roads), count))
    frame = pl.concat([block.named(people["person"].to_numpy()), people.drop("person")], how="horizontal").with_columns(
        place.alias("place"),
        pl.format("CZJ{}{}", pl.col("occurred_on").dt.strftime("%Y%m%d"), pl.Series(number).cast(pl.String).str.zfill(6)).alias("accident_no"),
    )
    for after, until in steps(MONTH_ENDS):
        desk.put("traffic_accidents", until, frame.filter(within(days, after, until)))


def deliver_disasters(block: Block, victims: pl.DataFrame, desk: Desk) -> None:
    """Monthly lists of households hit by disasters and fires."""
    persons = victims["person"].to_numpy()
    frame = pl.concat(
        [block.named(persons), block.home_of(persons).select("village_code"), victims.drop("person")], how="horizontal"
    )
    for after, until in steps(MONTH_ENDS):
        desk.put("disasters", until, frame.filter(within(victims["occurred_on"].to_numpy(), after, until)))


def deliver_disability(block: Block, desk: Desk) -> None:
    """All certificates at the end of 2023, then the new ones of each month."""
    rng = block.rng("certificates")
    holders = np.flatnonzero(block.health.disability_level > 0)
    issued = block.health.certified_on[holders]
    category = pl.Series(block.health.disability_category[holders]).cast(pl.String)
    level = pl.Series(block.health.disability_level[holders]).cast(pl.String)
    named = block.named(holders)
    reissued = pl.Series(["", "B1"]).gather((rng.random(len(holders)) < 0.03).astype(np.int64))
    status = np.where(block.died[holders] < issued, 1, np.where(rng.random(len(holders)) < 0.01, 2, 0))
    frame = named.select("name").with_columns(
        (named["person_id"] + category + level + reissued).alias("certificate_no"),
        category.alias("category"), level.alias("level"), pl.Series("issued_on", issued),
        pl.Series("valid_until", issued + np.timedelta64(3652, "D")),
        pl.Series(["valid", "cancelled", "expired"]).gather(status).alias("status"),
    )  # fmt: skip
    alive = (block.died[holders] > issued) & (block.moved[holders] > issued)
    moments = [BASE, *(month for month in MONTH_ENDS if month > BASE)]
    for after, until in steps(moments):
        desk.put("disability_certificates", until, frame.filter(within(issued, after, until) & alive))


def deliver_legal_aid(block: Block, cases: pl.DataFrame, desk: Desk) -> None:
    """Monthly lists of people who were granted legal aid."""
    number = pl.Series(desk.number("case", cases.height)).cast(pl.String).str.zfill(6)
    frame = pl.concat([block.named(cases["person"].to_numpy()), cases.drop("person")], how="horizontal").with_columns(
        pl.format("常法援{}-{}", pl.col("accepted_on").dt.year(), number).alias("case_no")
    )
    for after, until in steps(MONTH_ENDS):
        desk.put("legal_aid", until, frame.filter(within(cases["accepted_on"].to_numpy(), after, until)))


def deliver_custody(block: Block, people: pl.DataFrame, desk: Desk) -> None:
    """Who is in prison or detoxification at the end of 2023; each quarter who came in or out."""
    frame = pl.concat([block.named(people["person"].to_numpy()), people.drop("person")], how="horizontal")
    places = pl.when(pl.col("kind") == "detox").then(pl.lit("强制隔离戒毒所")).otherwise(pl.lit("监狱"))
    frame = frame.with_columns(places.alias("place"))
    started, released = (people[name].to_numpy() for name in ("started_on", "released_on"))
    for after, until in steps(SNAPSHOTS):
        fresh = within(started, after, until)
        if after:
            fresh |= within(released, after, until) & within(started, None, until)
        known = pl.when(pl.col("released_on") <= until).then("released_on")
        desk.put("custody", until, frame.filter(fresh).with_columns(known.alias("released_on")))
