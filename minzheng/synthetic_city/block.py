"""A block: some ten thousand households of one board with all that is true of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from minzheng.synthetic_city import identities
from minzheng.synthetic_city.composition import Frame, Members, members_of
from minzheng.synthetic_city.economy import Economy, economy_of, standings
from minzheng.synthetic_city.health import Health, health_of
from minzheng.synthetic_city.means import Means, means_of
from minzheng.synthetic_city.place import Board
from minzheng.synthetic_city.streams import Days, Ints, stream

FIRST_DAY, LAST_DAY = np.datetime64("2023-07-01", "D"), np.datetime64("2024-10-31", "D")
NEVER = np.datetime64("2199-12-31", "D")


@dataclass(frozen=True)
class Block:
    """Persons (in the order of `members`) and households (in the order of `frame`) with their circumstances."""

    seed: int
    number: int
    board: Board
    frame: Frame
    members: Members
    people: pl.DataFrame  # person_id, name, ethnicity, phone
    homes: pl.DataFrame  # household_no, address, village_code
    standing: np.ndarray
    health: Health
    economy: Economy
    means: Means
    died: Days  # NEVER = alive
    moved: Days

    def rng(self, part: str, *numbers: int) -> np.random.Generator:
        """The stream of one part of this block."""
        return stream(self.seed, part, self.number, *numbers)

    def named(self, persons: Ints) -> pl.DataFrame:
        """person_id and name of some persons, in that order."""
        return self.people.select("person_id", "name")[persons]

    def home_of(self, persons: Ints) -> pl.DataFrame:
        """Household columns of some persons, in that order."""
        return self.homes[self.members.household[persons]]

    def there(self, persons: Ints, on: Days) -> np.ndarray:
        """Which of the persons are born, alive and still in the city on the given day(s)."""
        present: np.ndarray = (
            (self.members.birth[persons] <= on) & (self.died[persons] > on) & (self.moved[persons] > on)
        )
        return present


def block_of(seed: int, number: int, board: Board, frame: Frame, office: identities.IdOffice) -> Block:
    """Draw everything of a block."""

    def rng(part: str) -> np.random.Generator:
        return stream(seed, part, number)

    members = members_of(frame, rng("members"))
    ids, births = identities.id_numbers(office, board, frame, members, rng("ids"))
    members = Members(members.household, members.role, members.male, births)
    names, ethnicities = identities.names(frame, members, rng("names"))
    people = pl.DataFrame(
        {"person_id": ids, "name": names, "ethnicity": ethnicities,
         "phone": identities.phones(len(ids), rng("phones"))}
    )  # fmt: skip
    homes = pl.DataFrame(
        {"household_no": identities.household_numbers(board, frame),
         "address": identities.addresses(board, frame, rng("addresses")),
         "village_code": pl.Series(board.villages).gather(frame.village).cast(pl.String)}
    )  # fmt: skip
    standing = standings(frame, rng("standing"))
    health = health_of(members, frame.local[members.household], standing[members.household], rng("health"))
    economy = economy_of(board, frame, members, standing, health, rng("economy"))
    means = means_of(board, frame, members, standing, health, economy, rng("means"))
    died, moved = fates(members, frame, health, economy, rng("fates"))
    return Block(
        seed, number, board, frame, members, people, homes, standing, health, economy, means, died, moved
    )


def fates(
    members: Members, frame: Frame, health: Health, economy: Economy, rng: np.random.Generator
) -> tuple[Days, Days]:
    """When persons die or move away inside the period; NEVER for nearly all. Deaths: about 7.9 ‰ a year of locals."""
    count = len(members.role)
    table = [(-1, 0), (0.3, 0.0016), (4, 0.0003), (20, 0.0006), (40, 0.0013), (50, 0.0028), (60, 0.0065), (65, 0.010),
             (70, 0.018), (75, 0.032), (80, 0.060), (85, 0.105), (90, 0.18), (95, 0.28)]  # fmt: skip
    starts, rates = np.array([t[0] for t in table]), np.array([t[1] for t in table])
    yearly = rates[np.maximum(np.searchsorted(starts, economy.age, side="right") - 1, 0)]
    yearly = yearly * np.where(health.serious, 5.5, 1.1) * np.where(health.severe, 1.5, 1.0)
    length = int((LAST_DAY - FIRST_DAY).astype(np.int64)) + 1
    days = FIRST_DAY + rng.integers(0, length, count).astype("timedelta64[D]")
    died = np.where(rng.random(count) < yearly * length / 365.25, days, NEVER)
    # Whoever falls seriously ill dies after it began, if the death falls into the period at all.
    too_early = (health.serious & (died < health.ill_since)) | (died < members.birth + np.timedelta64(3, "D"))
    died = np.where(too_early, NEVER, died)
    away = FIRST_DAY + rng.integers(0, length, len(frame.kind)).astype("timedelta64[D]")
    leaves = rng.random(len(frame.kind)) < np.where(frame.local, 0.004, 0.05)
    moved = np.where(leaves, away, NEVER)[members.household]
    return died, np.where(died < NEVER, NEVER, moved)
