"""Boards and villages of the city: the real tree of divisions, filled by documented shares."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

from minzheng.kernel import divisions
from minzheng.synthetic_city.streams import Days, Floats, Ints, by_table, choose, exp, stream

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Board:
    """One of the seven boards with its villages; `weights` are the villages' shares of its households."""

    number: int
    slug: str
    name: str
    police: str
    residents: float
    hukou_share: float
    wage: int
    counties: tuple[tuple[int, tuple[int, ...], tuple[float, ...]], ...]
    villages: Ints
    village_names: tuple[str, ...]
    urban: np.ndarray
    weights: Floats


@cache
def table(name: str) -> dict[str, Any]:
    """A YAML data file of the city."""
    content: dict[str, Any] = yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    return content


def boards(seed: int) -> list[Board]:
    """The seven boards, each with its real villages and communities; pseudo-units house nobody."""
    tree = _tree()
    entries = table("boards")["boards"]
    prefixes = {entry["slug"]: tuple(entry["prefixes"]) for entry in entries}
    found = []
    for number, entry in enumerate(entries):
        inside = tree.filter(_starts_with(prefixes[entry["slug"]]))
        if entry.get("without"):
            inside = inside.filter(~_starts_with(prefixes[entry["without"]]))
        found.append(_board(seed, number, entry, inside))
    return found


def residents_of(all_boards: list[Board], residents: int) -> list[int]:
    """How many residents each board gets; largest remainders, so that they add up."""
    shares = np.array([board.residents for board in all_boards])
    exact = shares / shares.sum() * residents
    counts = np.floor(exact).astype(np.int64)
    for place in np.argsort(counts - exact, kind="stable")[: residents - int(counts.sum())]:
        counts[place] += 1
    return [int(count) for count in counts]


def counties_of(board: Board, births: Days, local: np.ndarray, rng: np.random.Generator) -> Ints:
    """The county code at the head of each ID number, by board, birth year and where the person comes from."""
    years = births.astype("datetime64[Y]").astype(np.int64) + 1970
    codes = np.array(table("boards")["elsewhere"])[rng.integers(0, len(table("boards")["elsewhere"]), len(births))]
    draw = rng.random(len(births))
    period = by_table(years, [(0, 0), *((until + 1, i + 1) for i, (until, _, _) in enumerate(board.counties[:-1]))])
    for index, (_, county_codes, weights) in enumerate(board.counties):
        rows = np.flatnonzero(local & (period == index))
        edges = np.cumsum(weights)
        places = np.minimum(np.searchsorted(edges, draw[rows], side="right"), len(county_codes) - 1)
        codes[rows] = np.array(county_codes)[places]
    return codes


def spread_over_villages(board: Board, households: int, rng: np.random.Generator) -> Ints:
    """The village (its place in the board's list) of each household."""
    return choose(rng, board.weights.tolist(), households)


def _tree() -> pl.DataFrame:
    path = Path(divisions.__file__).parent / "data" / "changzhou.csv"
    tree = pl.read_csv(path, infer_schema=False)
    towns = tree.filter(pl.col("level") == "4").select(
        pl.col("code").alias("parent_code"), pl.col("name").alias("town"), pl.col("kind").alias("town_kind")
    )
    counties = tree.filter(pl.col("level") == "3").select(
        pl.col("code").str.slice(0, 6).alias("county_code"), pl.col("name").alias("county")
    )
    return (
        tree.filter((pl.col("level") == "5") & pl.col("kind").is_in(["village", "community"]))
        .join(towns, on="parent_code", how="inner", maintain_order="left")
        .with_columns(pl.col("code").str.slice(0, 6).alias("county_code"))
        .join(counties, on="county_code", how="inner", maintain_order="left")
        .sort("code")
    )


def _starts_with(prefixes: tuple[str, ...]) -> pl.Expr:
    return pl.any_horizontal(pl.col("code").str.starts_with(prefix) for prefix in prefixes)


def _board(seed: int, number: int, entry: dict[str, Any], villages: pl.DataFrame) -> Board:
    urban = (villages["kind"] == "community").to_numpy()
    rng = stream(seed, "villages", number)
    # Village sizes are log-normal; communities hold about twice as many people as villages.
    weights = exp(rng.standard_normal(villages.height) * 0.6) * np.where(urban, 2.0, 1.0)
    names = villages.select(pl.concat_str("county", "town", "name")).to_series().to_list()
    return Board(
        number=number, slug=entry["slug"], name=entry["name"], police=entry["police"],
        residents=entry["residents"]["value"], hukou_share=entry["hukou_share"]["value"], wage=entry["wage"],
        counties=tuple(
            (period["until"], tuple(period["codes"]), tuple(period["codes"].values())) for period in entry["counties"]
        ),
        villages=villages["code"].cast(pl.Int64).to_numpy(), village_names=tuple(names), urban=urban, weights=weights,
    )  # fmt: skip
