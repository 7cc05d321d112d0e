"""What a visit would find: the latent need of every household and the expected outcome for each person.

The departments' data do not show all of it (odd jobs, help from children elsewhere), so no scenario can be right every
time; that is how precision can be simulated. Outcomes carry the names of the bureau's list (facts §2.5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minzheng.synthetic_city.block import NEVER, Block
from minzheng.synthetic_city.economy import any_in_household, per_household
from minzheng.synthetic_city.means import BORDERLINE, STANDARD
from minzheng.synthetic_city.streams import Bools, Floats, Ints

OUTCOMES = ["no_need", "low_income", "borderline", "temporary_aid", "charity", "deceased", "moved_out", "moved", "not_found"]


@dataclass(frozen=True)
class Blows:
    """Per person of a block: what struck him or her in the period."""

    jobless: Bools
    injured: Bools
    house_damaged: Bools
    before_court: Bools  # granted legal aid because of hardship
    paid: Ints  # own medical spending in twelve months, 分


@dataclass(frozen=True)
class Need:
    """Per household: true income a head after the blows (yuan), share of medical spending, outcome of a visit."""

    income: Floats
    burden: Floats
    outcome: Ints


def need_of(block: Block, blows: Blows) -> Need:
    """Judge each household as an experienced visitor would."""
    members, households = block.members, len(block.frame.kind)
    # The lost wage counts, not the widow's pension that may come later; the seriously injured earn nothing for months.
    out = blows.jobless | blows.injured | (block.died < NEVER)
    earned = np.where(out & block.economy.works, 0, np.where(block.economy.works, block.economy.wage, 0))
    drawn = np.where(block.died < NEVER, 0, block.economy.pension)
    left = per_household((block.died == NEVER).astype(np.int64), members, households)
    total = per_household(earned + drawn, members, households) + np.rint(block.means.support).astype(np.int64)
    income = total / np.maximum(left, 1)
    spent = per_household(blows.paid, members, households) / 100
    burden = spent / np.maximum(total * 12, STANDARD * 12)
    damaged = any_in_household(blows.house_damaged, members, households)
    cars = per_household(block.means.car.astype(np.int64), members, households)
    rich = (block.means.flats >= 2) | (cars >= 2) | any_in_household(block.means.firm, members, households)
    struck = damaged | any_in_household((out & block.economy.works) | blows.before_court, members, households)
    # Most families have something put by, or an uncle with a workshop; a blow eats that up sooner.
    cushion = block.standing + 0.6 * block.rng("cushion").standard_normal(households)
    safe = (cushion > np.where(struck, 0.6, -1.7)) & (burden < 0.8)
    return Need(income, burden, _outcomes(block, income, burden, damaged, struck, (rich & (cushion > -0.6)) | safe))


def _outcomes(block: Block, income: Floats, burden: Floats, damaged: Bools, struck: Bools, safe: Bools) -> Ints:
    local, on_roster = block.frame.local, block.means.programme > 0
    poor, near = income < STANDARD, income < BORDERLINE
    heavy, hard = burden > 0.5, burden > 0.3
    urgent = heavy | (damaged & (income < 4 * STANDARD)) | (struck & (income < 2.5 * STANDARD)) | (near & ~local)
    return np.select(
        [on_roster & (heavy | damaged), on_roster, ~safe & poor & local, ~safe & near & local, ~safe & urgent, ~safe & hard],
        [3, 0, 1, 2, 3, 4], 0,
    ).astype(np.int64)  # fmt: skip


def outcome_per_person(block: Block, need: Need) -> Ints:
    """The outcome of a visit to each person: what the household needs, unless nobody is there to be visited."""
    draw = block.rng("visits").random(len(block.died))
    outcome = need.outcome[block.members.household]
    outcome = np.where(draw < 0.010, 8, np.where(draw < 0.022, 7, outcome))
    outcome = np.where(block.moved < NEVER, 6, outcome)
    # A dead person's visit finds the family: its need is what counts, unless the dead lived alone.
    alone = block.frame.sizes[block.members.household] == 1
    return np.where((block.died < NEVER) & alone, 5, outcome).astype(np.int64)
