"""What households own, and which of them the bureau already supports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minzheng.synthetic_city.composition import Frame, Members
from minzheng.synthetic_city.economy import Economy, any_in_household, per_household
from minzheng.synthetic_city.health import Health
from minzheng.synthetic_city.place import Board
from minzheng.synthetic_city.streams import Bools, Floats, Ints, by_table

# 低保 standard in yuan per person and month from 2023-07 and the line of 低保边缘; both unverified (facts §2.3).
STANDARD, BORDERLINE = 1050, 1575
PROGRAMMES = ["none", "low_income", "destitute", "borderline"]


@dataclass(frozen=True)
class Means:
    """Per household: programme on the roster, income a month and a head; per person: cars, firms; flats per household."""

    programme: Ints
    income: Ints
    per_head: Floats
    car: Bools
    firm: Bools
    flats: Ints
    support: Floats  # what relatives elsewhere give a month: no department sees it


def means_of(
    board: Board, block: Frame, members: Members, standing: Floats, health: Health, economy: Economy,
    rng: np.random.Generator,
) -> Means:
    """Income, roster and property of a block's households."""
    households = len(block.kind)
    income = per_household(economy.income(), members, households)
    per_head = income / block.sizes
    # Children elsewhere help most of their old parents; the chance and the sum follow the standing.
    helped = rng.random(households) < np.where((block.kind == 0) | (block.kind == 2), 0.75, 0.45) + standing * 0.10
    support = np.where(helped, np.clip(500 + 500 * standing, 0, 3000), 0)
    programme = _programmes(board, block, members, health, per_head, support, rng)
    poor = programme > 0
    mine, on_roster = standing[members.household], poor[members.household]
    age = economy.age
    chance = by_table(age, [(-1, 0), (20, 0.12), (25, 0.36), (32, 0.52), (55, 0.36), (63, 0.17), (70, 0.03), (80, 0.0)])
    chance = chance * np.where(members.male, 1.2, 0.75) + np.where((age > 22) & (age < 68), mine * 0.09, 0)
    car = rng.random(len(age)) < np.where(on_roster, 0.012 * (age > 20), chance)
    firm_chance = np.where((age > 22) & (age < 70), 0.095 + mine * 0.03, 0)
    firm = rng.random(len(age)) < np.where(on_roster, 0.006 * (age > 22), firm_chance)
    own = rng.random(households) < np.where(block.local, 0.86, 0.26) + np.where(poor, -0.1, 0) + standing * 0.05
    second = rng.random(households) < np.where(poor, 0.004, np.clip(0.17 + standing * 0.12, 0, 0.7))
    flats = own.astype(np.int64) + (own & second)
    return Means(programme, income, per_head, car, firm, flats, support)


def _programmes(
    board: Board, block: Frame, members: Members, health: Health, per_head: Floats, support: Floats,
    rng: np.random.Generator,
) -> Ints:
    """The roster: about 27,000 persons on 低保, 7,500 特困, 8,000 低保边缘 in a city of 5.4 million (facts §1.4)."""
    households = len(block.kind)
    urban = board.urban[block.village]
    severe = any_in_household(health.severe, members, households)
    ill = any_in_household(health.serious, members, households)
    free = block.local & (support < 300)
    draw = rng.random(households)
    alone = (block.kind == 0) & free
    destitute = alone & (per_head < 900) & (draw < np.where(urban, 0.16, 0.30))
    hardship = 0.10 + severe * 0.55 + ill * 0.25
    low = free & ~destitute & (per_head < STANDARD) & (draw < hardship)
    # 单人保 and gravely disabled persons in families just above the line.
    low |= free & ~destitute & (per_head < BORDERLINE) & severe & (draw < 0.45)
    border = free & ~destitute & ~low & (per_head < BORDERLINE) & (draw < 0.05 + 0.25 * (severe | ill))
    return np.select([destitute, low, border], [2, 1, 3], 0).astype(np.int64)
