"""What people own, as the registers deliver it: vehicles, real estate, market entities."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from minzheng.synthetic_city.block import NEVER, Block
from minzheng.synthetic_city.codes import credit_codes, plates
from minzheng.synthetic_city.dates import SNAPSHOTS, steps, within
from minzheng.synthetic_city.desk import Desk
from minzheng.synthetic_city.place import table
from minzheng.synthetic_city.streams import Ints, choose, days_between, lognormal

_NEWEST = date(2024, 9, 28).isoformat()


def deliver_vehicles(block: Block, desk: Desk) -> tuple[pl.DataFrame, Ints]:
    """Cars, and the three-wheelers of disabled people; gives back the cars of people on the roster (person,
    kind, on), and whose three-wheelers there are."""
    rng = block.rng("vehicles")
    chair = (block.health.disability_category == 4) & (block.health.disability_level <= 2) & (rng.random(len(block.died)) < 0.06)
    owners = np.flatnonzero(block.means.car | chair)
    kinds = choose(rng, [0.82, 0.06, 0.08, 0.04], len(owners))
    kinds = np.where(chair[owners], 4, kinds)
    texts = pl.Series(["小型轿车", "小型普通客车", "轻型货车", "普通二轮摩托车", "残疾人机动轮椅车"])
    frame = block.named(owners).with_columns(
        plates(desk.number("plate", len(owners))).alias("plate"),
        texts.gather(kinds).alias("vehicle_type"),
        pl.Series("first_registered_on", days_between(rng, "2010-01-04", _NEWEST, len(owners))),
        pl.Series(["normal", "overdue", "cancelled", "other"]).gather(choose(rng, [0.9, 0.05, 0.03, 0.02], len(owners))).alias("status"),
    )
    _in_steps("vehicles", frame, "first_registered_on", desk)
    held = (kinds != 4) & frame["status"].is_in(["normal", "overdue"]).to_numpy()
    return _on_roster(block, owners[held], "vehicle", frame["first_registered_on"].to_numpy()[held]), owners[kinds == 4]


def deliver_real_estate(block: Block, desk: Desk) -> pl.DataFrame:
    """Homes and second homes, garages and shops; many couples own together. Gives back the second homes and shops of
    people on the roster (person, kind, on)."""
    rng = block.rng("real estate")
    homes = np.repeat(np.arange(len(block.frame.kind)), block.means.flats)
    which = np.arange(len(homes)) - np.searchsorted(homes, homes)
    usage = np.where(which == 0, 0, choose(rng, [0.55, 0.12, 0.30, 0.03], len(homes)))
    area = np.where(usage == 0, lognormal(rng, 96, 0.3, len(homes)), lognormal(rng, 32, 0.4, len(homes)))
    unit = pl.Series(block.homes["household_no"]).gather(homes)
    units = unit.str.slice(0, 12) + "GB" + unit.str.slice(12) + "F" + pl.Series(which + 1).cast(pl.String).str.zfill(8)
    frame = pl.DataFrame(
        {"unit_no": units, "usage": pl.Series(["residence", "shop", "garage", "office"]).gather(usage),
         "area_m2": np.rint(area * 10) / 10, "registered_on": days_between(rng, "2003-05-06", _NEWEST, len(homes)),
         "status": pl.Series(["current", "cancelled"]).gather((rng.random(len(homes)) < 0.02).astype(np.int64))}
    )  # fmt: skip
    first = np.searchsorted(block.members.household, homes)
    # The second person of a couple is the next one in the household.
    couple = block.members.has("B", "e")[np.minimum(first + 1, len(block.died) - 1)]
    couple &= block.members.household[np.minimum(first + 1, len(block.died) - 1)] == homes
    joint = np.flatnonzero(couple & (rng.random(len(homes)) < 0.45))
    rows = np.concatenate([np.arange(len(homes)), joint])
    owners = np.concatenate([first, first[joint] + 1])
    _in_steps("real_estate", pl.concat([frame[rows], block.named(owners)], how="horizontal"), "registered_on", desk)
    second = (which > 0) & (usage != 2) & (frame["status"] == "current").to_numpy()
    return _on_roster(block, first[second], "home", frame["registered_on"].to_numpy()[second])


def deliver_market_entities(block: Block, desk: Desk) -> pl.DataFrame:
    """Sole traders and companies with the person behind each; gives back those of people on the roster (person, kind, on)."""
    rng = block.rng("entities")
    owners = np.flatnonzero(block.means.firm)
    count = len(owners)
    single = rng.random(count) < 0.68
    words = table("names")
    trades = pl.Series(["餐饮店", "经营部", "服装店", "超市", "维修部", "理发店", *words["employers"]])
    trade = np.where(single, rng.integers(0, 6, count), 6 + rng.integers(0, len(words["employers"]), count))
    capital = np.where(single, rng.integers(1, 21, count) * 10_000, rng.integers(1, 101, count) * 100_000)
    word = pl.Series(words["employer_words"]).gather(rng.integers(0, len(words["employer_words"]), count))
    frame = block.named(owners).with_columns(
        credit_codes(desk.number("uscc", count), single).alias("uscc"),
        (f"常州{block.board.name}" + word + trades.gather(trade)).alias("entity_name"),
        pl.Series(["legal_rep", "owner"]).gather(single.astype(np.int64)).alias("role"),
        pl.Series("capital", capital * 100),
        pl.Series("established_on", days_between(rng, "2005-03-01", _NEWEST, count)),
        pl.Series(["open", "revoked", "closed"]).gather(choose(rng, [0.78, 0.04, 0.18], count)).alias("status"),
    )
    _in_steps("market_entities", frame, "established_on", desk)
    running = (frame["status"] == "open").to_numpy()
    return _on_roster(block, owners[running], "business", frame["established_on"].to_numpy()[running])


def _on_roster(block: Block, owners: Ints, kind: str, on: np.ndarray) -> pl.DataFrame:
    """Those of the owners who are on the roster and alive: person, kind, on."""
    rows = (block.means.award[owners] > 0) & (block.died[owners] == NEVER)
    return pl.DataFrame({"person": owners[rows], "on": on[rows]}).select("person", pl.lit(kind).alias("kind"), pl.col("on").cast(pl.Date))


def _in_steps(name: str, frame: pl.DataFrame, dated: str, desk: Desk) -> None:
    """What stood at the end of 2023, then what was registered in each quarter."""
    for after, until in steps(SNAPSHOTS):
        desk.put(name, until, frame.filter(within(frame[dated].to_numpy().astype("datetime64[D]"), after, until)))
