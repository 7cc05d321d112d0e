"""The truth behind the deliveries, kept aside in DIR/truth/: for tests and the demo, never among the deliveries.

persons.parquet   one row per resident: identity, household, circumstances, need, expected outcome of a visit
events.parquet    one row per true event: person, kind, day, detail, amount (分)
dirt.json         per file what an intake must find, and how many pieces of each kind of dirt it has
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow.parquet as papq

from minzheng.synthetic_city.block import NEVER, Block
from minzheng.synthetic_city.means import PROGRAMMES
from minzheng.synthetic_city.need import OUTCOMES, Need, outcome_per_person

FOLDER = "truth"


def persons(folder: Path) -> pl.DataFrame:
    """The truth about all residents of the city in `folder`."""
    return pl.read_parquet(folder / FOLDER / "persons.parquet")


def events(folder: Path) -> pl.DataFrame:
    """All true events of the city in `folder`."""
    return pl.read_parquet(folder / FOLDER / "events.parquet")


def dirt(folder: Path) -> dict[str, dict[str, Any]]:
    """Per delivered file: read, accepted, quarantined, duplicates, reasons, kinds."""
    found: dict[str, dict[str, Any]] = json.loads((folder / FOLDER / "dirt.json").read_text(encoding="utf-8"))
    return found


def manifest(folder: Path) -> dict[str, Any]:
    """The manifest of the city in `folder`; `files` stand in the order of delivery."""
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Truth:
    """The whole truth of a city: persons and events as frames, what each file must give."""

    persons: pl.DataFrame
    events: pl.DataFrame
    dirt: dict[str, dict[str, Any]]

    def outcomes(self) -> dict[str, str]:
        """ID number → outcome that a visit to the person would have (a code of the bureau's list)."""
        return dict(self.persons.select("id_number", "outcome").iter_rows())

    def wrong_homes(self) -> dict[str, frozenset[str]]:
        """Kind of a wrong on the roster (`wrong_…`) → ID numbers of everybody in the households that it concerns."""
        homes = self.persons.select("id_number", "village_code", "household_no")
        wrong = self.events.filter(pl.col("kind").str.starts_with("wrong_")).select("id_number", "kind")
        known = wrong.join(homes, on="id_number").join(homes, on=["village_code", "household_no"], suffix="_member")
        grouped = known.group_by("kind").agg(pl.col("id_number_member").unique())
        return {kind: frozenset(ids) for kind, ids in grouped.iter_rows()}

    def needy_ids(self) -> frozenset[str]:
        """ID numbers of people whose household really needs help."""
        return frozenset(self.persons.filter("need")["id_number"].to_list())


def load_truth(folder: Path) -> Truth:
    """The truth of the city in `folder`."""
    return Truth(persons(folder), events(folder), dirt(folder))


class TruthWriter:
    """Writes persons.parquet and events.parquet block by block."""

    def __init__(self, out: Path) -> None:
        self._folder = out / FOLDER
        self._folder.mkdir()
        self._writers: dict[str, papq.ParquetWriter] = {}

    def add(self, block: Block, need: Need, happened: list[pl.DataFrame]) -> None:
        """Keep a block: its persons and what happened to them."""
        self._write("persons", _persons(block, need))
        everything = pl.concat(happened).sort("person", "on", "kind", maintain_order=True)
        named = block.people.select(pl.col("person_id").alias("id_number"))[everything["person"].to_numpy()]
        self._write("events", pl.concat([named, everything.drop("person")], how="horizontal"))

    def close(self) -> None:
        """Finish both files."""
        for writer in self._writers.values():
            writer.close()

    def _write(self, name: str, frame: pl.DataFrame) -> None:
        table = frame.to_arrow()
        if name not in self._writers:
            self._writers[name] = papq.ParquetWriter(self._folder / f"{name}.parquet", table.schema, compression="zstd")
        self._writers[name].write_table(table)


def happened(frame: pl.DataFrame, kind: str, on: str, detail: str | None = None, amount: str | None = None) -> pl.DataFrame:
    """Events of one kind in the truth's form: person, kind, on, detail, amount_fen."""
    return frame.select(
        pl.col("person").cast(pl.Int64), pl.lit(kind).alias("kind"), pl.col(on).cast(pl.Date).alias("on"),
        (pl.col(detail).cast(pl.String) if detail else pl.lit(None, dtype=pl.String)).alias("detail"),
        (pl.col(amount).cast(pl.Int64) if amount else pl.lit(None, dtype=pl.Int64)).alias("amount_fen"),
    )  # fmt: skip


def _persons(block: Block, need: Need) -> pl.DataFrame:
    homes, economy, health = block.members.household, block.economy, block.health
    outcome = outcome_per_person(block, need)
    absent = np.datetime64("NaT")
    return pl.concat(
        [
            block.people.select(pl.col("person_id").alias("id_number"), "name"),
            block.homes.select("household_no", "village_code")[homes],
            pl.DataFrame(
                {
                    "board": pl.Series([block.board.slug] * len(homes)), "hukou": block.frame.local[homes],
                    "birth_date": block.members.birth, "male": block.members.male,
                    "household_size": block.frame.sizes[homes], "wage": np.where(economy.works, economy.wage, 0),
                    "insured": economy.insured, "pension": economy.pension,
                    "disability_category": health.disability_category, "disability_level": health.disability_level,
                    "seriously_ill": health.serious, "car": block.means.car, "firm": block.means.firm,
                    "flats": block.means.flats[homes],
                    "programme": pl.Series(PROGRAMMES).gather(block.means.programme[homes]),
                    "died_on": np.where(block.died < NEVER, block.died, absent),
                    "moved_on": np.where(block.moved < NEVER, block.moved, absent),
                    "income_per_head": np.rint(need.income[homes]).astype(np.int64),
                    "medical_burden": np.round(need.burden[homes], 3),
                    "need": (outcome >= 1) & (outcome <= 4), "outcome": pl.Series(OUTCOMES).gather(outcome),
                }
            ),
        ],
        how="horizontal",
    )  # fmt: skip
