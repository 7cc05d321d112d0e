"""Who needs care: assessments of elders and of the destitute, care homes, special families, care paid after an injury at work."""

from __future__ import annotations

import numpy as np
import polars as pl

from minzheng.synthetic_city.block import NEVER, Block
from minzheng.synthetic_city.composition import KINDS
from minzheng.synthetic_city.dates import BASE, MONTH_ENDS, SNAPSHOTS, day, steps, within
from minzheng.synthetic_city.desk import Desk
from minzheng.synthetic_city.means import DESTITUTE
from minzheng.synthetic_city.streams import Bools, Floats, by_table, days_between

GRADES = ["complete", "severe", "moderate", "mild", "intact"]
_CUTS = [30, 46, 66, 90]  # GB/T 42195-2022: 0–29, 30–45, 46–65, 66–89, 90 points; unverified
ITEMS = ["bathe", "walk", "dress", "toilet", "rise", "eat"]  # in the order in which people lose them
_CHILDLESS = [number for number, kind in enumerate(KINDS) if kind[0] in ("elder_alone", "elder_couple", "adult_couple")]


def loss(block: Block) -> Floats:
    """How much of their powers people have lost, 0…1: age, disability, frailty, luck."""
    health, age = block.health, block.economy.age
    by_age = by_table(age, [(0, 0.02), (60, 0.05), (70, 0.12), (80, 0.26), (85, 0.36), (90, 0.48), (95, 0.58)])
    level = by_table(health.disability_level, [(0, 0.0), (1, 0.45), (2, 0.30), (3, 0.14), (4, 0.07)])
    drawn = by_age + level + 0.05 * np.minimum(health.frailty, 5) + 0.13 * block.rng("loss").standard_normal(len(age))
    return np.clip(drawn, 0, 1)


def deliver_assessments(block: Block, lost: Floats, desk: Desk) -> None:
    """Abilities of elders, assessed since 2023, month by month; each holds for a year."""
    rng, age = block.rng("assessments"), block.economy.age
    asked_for = (age >= 60) & (block.health.severe | (block.means.award > 0))
    chance = by_table(age, [(0, 0.0), (60, 0.03), (70, 0.07), (80, 0.42)]) + np.where(asked_for, 0.45, 0)
    old = np.flatnonzero(block.frame.local[block.members.household] & (rng.random(len(age)) < chance))
    on = days_between(rng, "2023-02-01", "2024-10-25", len(old))
    there = block.there(old, on)
    old, on = old[there], on[there]
    score = np.where(lost[old] < 0.12, 90, np.clip(np.rint(92 * (1 - lost[old])), 0, 89)).astype(np.int64)
    frame = block.named(old).with_columns(
        pl.Series("assessed_on", on), pl.Series("score", score), pl.Series(GRADES).gather(np.searchsorted(_CUTS, score, side="right")).alias("grade"),
        pl.Series("valid_until", on + np.timedelta64(365, "D")), pl.lit("常州某某养老服务评估中心").alias("assessor"),
    )  # fmt: skip
    for after, until in steps([BASE, *(month for month in MONTH_ENDS if month > BASE)]):
        desk.put("ability_assessments", until, frame.filter(within(on, after, until)))


def institutional(block: Block, lost: Floats) -> Bools:
    """Who lives in a care home: few elders, and part of the destitute."""
    draw = block.rng("care homes").random(len(lost))
    old = block.economy.age >= 60
    chance = np.where(block.means.award == DESTITUTE, 0.25, np.where(old, 0.004 + 0.08 * lost, 0))
    lives: Bools = draw < np.where(block.frame.local[block.members.household], chance, 0)
    return lives


def deliver_care_homes(block: Block, inside: Bools, desk: Desk) -> None:
    """Residents of care homes; who died there left."""
    people = np.flatnonzero(inside)
    moved_in = days_between(block.rng("moved in"), "2018-03-01", "2024-10-10", len(people))
    there = block.there(people, moved_in)
    people, moved_in = people[there], moved_in[there]
    frame = block.named(people).with_columns(pl.Series("moved_in_on", moved_in), pl.lit(f"常州{block.board.name}颐养中心").alias("care_home"))
    died = block.died[people]
    for after, until in steps(SNAPSHOTS):
        rows = within(moved_in, after, until)
        if after:
            rows |= within(died, after, until) & (moved_in <= day(until))
        left = pl.Series("moved_out_on", np.where(died <= day(until), died, np.datetime64("NaT")))
        desk.put("care_home_residents", until, frame.with_columns(left).filter(rows))


def deliver_destitute(block: Block, lost: Floats, inside: Bools, desk: Desk) -> None:
    """The six things that destitute people can or cannot do alone: all assessed by the end of 2023."""
    people = np.flatnonzero((block.means.award == DESTITUTE) & (block.members.birth <= day(BASE)))
    on = days_between(block.rng("self care"), "2023-03-01", "2023-12-20", len(people))
    there = block.there(people, on)
    people, on = people[there], on[there]
    undone = np.clip(np.rint(lost[people] * 9 - 1.4), 0, len(ITEMS)).astype(np.int64)
    words = pl.Series(["able", "unable"])
    frame = block.named(people).with_columns(
        pl.Series("assessed_on", on), pl.Series(["scattered", "institution"]).gather(inside[people].astype(np.int64)).alias("placement"),
        *(words.gather((undone > place).astype(np.int64)).alias(item) for place, item in enumerate(ITEMS)),
    )  # fmt: skip
    desk.put("destitute_care", BASE, frame)


def deliver_special_families(block: Block, desk: Desk) -> None:
    """Parents from 49 on who lost their only child or whose only child is disabled, as confirmed up to 2023."""
    rng, homes = block.rng("special families"), block.members.household
    home = np.isin(block.frame.kind, _CHILDLESS) & block.frame.local & (rng.random(len(block.frame.kind)) < 0.012)
    people = np.flatnonzero(home[homes] & (block.economy.age >= 49) & (block.economy.age < 85) & (block.died == NEVER))
    disabled = rng.random(len(block.frame.kind)) < 0.35
    since = days_between(rng, "2012-01-01", "2023-10-31", len(block.frame.kind))
    frame = block.named(people).with_columns(
        pl.Series(["bereaved", "disabled_child"]).gather(disabled[homes[people]].astype(np.int64)).alias("kind"),
        pl.Series("since", since[homes[people]]), pl.lit(None, pl.Date).alias("until"),
    )  # fmt: skip
    desk.put("special_families", BASE, frame)


def deliver_work_injuries(block: Block, desk: Desk) -> None:
    """Disabled people who were hurt at work and are paid for being cared for."""
    rng, health = block.rng("work injuries"), block.health
    hurt = (health.disability_category == 4) & (health.disability_level <= 2) & (block.economy.age >= 30) & (block.economy.age < 68)
    people = np.flatnonzero(hurt & (rng.random(len(hurt)) < 0.15))
    started = np.maximum(health.certified_on[people], np.datetime64("2010-01-01", "D"))
    there = block.there(people, started)
    people, started = people[there], started[there]
    share = rng.integers(0, 3, len(people))
    frame = block.named(people).with_columns(
        pl.Series(["complete", "most", "part"]).gather(share).alias("dependence"),
        pl.Series("monthly", np.array([472_500, 378_000, 283_500])[share]), pl.Series("started_on", started),
    )  # fmt: skip
    died = block.died[people]
    for after, until in steps(SNAPSHOTS):
        rows = within(started, after, until)
        if after:
            rows |= within(died, after, until) & (started <= day(until))
        over = died <= day(until)
        desk.put("work_injury_benefits", until, frame.with_columns(
            pl.Series("ended_on", np.where(over, died, np.datetime64("NaT"))),
            pl.Series(["paying", "stopped"]).gather(over.astype(np.int64)).alias("status"),
        ).filter(rows))  # fmt: skip
