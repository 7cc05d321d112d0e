"""What households own, and which of them the bureau already supports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minzheng.synthetic_city.composition import Frame, Members
from minzheng.synthetic_city.economy import BASE_CEILING, BASE_FLOOR, Economy, any_in_household, per_household
from minzheng.synthetic_city.health import Health
from minzheng.synthetic_city.place import Board
from minzheng.synthetic_city.streams import Bools, Floats, Ints, by_table

# 低保 standard in yuan per person and month from 2023-07 and the line of 低保边缘; both unverified (facts §2.3).
STANDARD, BORDERLINE = 1050, 1575
PROGRAMMES = ["none", "low_income", "destitute", "borderline", "rigid_spending"]
LOW_INCOME, DESTITUTE, NEAR, RIGID = 1, 2, 3, 4


@dataclass(frozen=True)
class Means:
    """Per household: programme on the roster, income a month and a head; per person: what was awarded, cars, firms; flats
    per household."""

    programme: Ints
    award: Ints  # per person: who is taken in alone (单人保) has another than the rest of the household
    alone: Bools
    climbed: Bools  # per household: on 低保 though somebody has found work that pays well
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
    counted = counted_income(economy)
    roster = _programmes(board, block, members, health, economy, per_household(counted, members, households) / block.sizes, support, rng)
    programme, single, climbed = roster
    alone = single[members.household] & _grounds(health) & (counted < STANDARD)
    award = np.where(alone, LOW_INCOME, np.where(single[members.household], NEAR, programme[members.household]))
    poor = programme > 0
    mine, on_roster = standing[members.household], poor[members.household]
    age = economy.age
    chance = by_table(age, [(-1, 0), (20, 0.12), (25, 0.36), (32, 0.52), (55, 0.36), (63, 0.17), (70, 0.03), (80, 0.0)])
    chance = chance * np.where(members.male, 1.2, 0.75) + np.where((age > 22) & (age < 68), mine * 0.09, 0)
    car = rng.random(len(age)) < np.where(on_roster, 0.03 * (age > 20), chance)
    firm_chance = np.where((age > 22) & (age < 70), 0.095 + mine * 0.03, 0)
    firm = rng.random(len(age)) < np.where(on_roster, 0.02 * (age > 22), firm_chance)
    own = rng.random(households) < np.where(block.local, 0.86, 0.26) + np.where(poor, -0.1, 0) + standing * 0.05
    second = rng.random(households) < np.where(poor, 0.03, np.clip(0.17 + standing * 0.12, 0, 0.7))
    flats = own.astype(np.int64) + (own & second)
    return Means(programme, award, alone, climbed, income, per_head, car, firm, flats, support)


def counted_income(economy: Economy) -> Ints:
    """Per person what the bureau counts a month: contribution bases less a fifth, other wages as declared, pensions less
    the part of the residents' pension that the state gives."""
    insured = np.clip(economy.wage, BASE_FLOOR, BASE_CEILING) * 4 // 5
    wage = np.where(economy.insured, insured, np.where(economy.works, economy.wage, 0))
    return wage + np.where(economy.pension_kind == 2, np.maximum(economy.pension - 103, 0), economy.pension)


def _grounds(health: Health) -> Bools:
    """Who may be taken in alone: gravely disabled, or 智力、精神 of grade 3, with a certificate that is not new."""
    mind = (health.disability_level == 3) & np.isin(health.disability_category, [5, 6])
    found: Bools = (health.severe | mind) & (health.certified_on < np.datetime64("2023-07-01"))
    return found


def _programmes(
    board: Board, block: Frame, members: Members, health: Health, economy: Economy, counted: Floats, support: Floats,
    rng: np.random.Generator,
) -> tuple[Ints, Bools, Bools]:
    """The roster: about 27,000 persons on 低保, 7,500 特困, 8,000 低保边缘 in a city of 5.4 million (facts §1.4), and some
    on 刚性支出. Also which households have members who were taken in alone, and which earn too much by now."""
    households = len(block.kind)
    urban = board.urban[block.village]
    grounds = _grounds(health)
    severe = any_in_household(grounds, members, households)
    without = any_in_household(grounds & (counted_income(economy) < STANDARD), members, households)
    lately = (health.ill_since > np.datetime64("2022-12-01")) & (health.ill_since < np.datetime64("2023-11-01"))
    ill = any_in_household(health.serious, members, households)
    free = block.local & (support < 300)
    draw = rng.random(households)
    destitute = (block.kind == 0) & free & (counted < 900) & (draw < np.where(urban, 0.16, 0.30))
    low = free & ~destitute & (counted < 0.95 * STANDARD) & (draw < 0.07 + severe * 0.80 + ill * 0.25)
    single = free & ~destitute & ~low & (counted < 0.95 * BORDERLINE) & without & (draw < 0.80)
    border = free & ~destitute & ~low & ~single & (counted < 0.95 * BORDERLINE) & (draw < 0.04 + 0.26 * (severe | ill))
    spent = any_in_household(lately, members, households)
    rigid = block.local & ~destitute & ~low & ~single & ~border & spent & (counted < 4 * STANDARD) & (draw < 0.12)
    earner = any_in_household(economy.insured, members, households)
    climbed = free & ~rigid & earner & (counted > 2 * STANDARD) & (counted < 5 * STANDARD) & (draw > 0.998)
    programme = np.select([destitute, low | single | climbed, border, rigid], [DESTITUTE, LOW_INCOME, NEAR, RIGID], 0)
    return programme.astype(np.int64), single, climbed
