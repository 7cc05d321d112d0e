"""One frame of people for a month, from the lake as it stood at the month's end.

Everybody in the population register or in a household has a row: the dead and those who moved away too (`present` 0), so
that a stop can be explained. Columns are put together by position, not by joins: all keys are sorted once, each contribution
is computed on its own and dropped into place, in the narrowest integers that hold it. Who is in no household is one alone,
under a key that no register number can have made (the same as in the registry).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from minzheng.kernel.benefits.snapshot.catalogue import contributions, together
from minzheng.kernel.benefits.snapshot.contribution import Contribution, code
from minzheng.kernel.benefits.snapshot.errors import SnapshotError
from minzheng.kernel.feeds import lake
from minzheng.kernel.foundation.clock import business_date
from minzheng.kernel.rules.inputs import KEYS, RANK
from minzheng.kernel.rules.language import Input, Month

RELATIONS = {"head": 1, "spouse": 2}  # 0 = any other; a rank is one less
BACKBONE = {
    "population": ("person_key", "village_code"),
    "households": ("person_key", "household_key", "relation", "village_code"),
}
Ints = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class People:
    """Everybody with every input, one row a person, sorted by household, rank, person; integers without nulls, narrower
    than 64 bits where they can be.

    batches: contract → (batch, as-of, rows) that were read; sources: input → contribution, '' where nobody fills it;
    strangers: contribution → people of whom it tells but who are in no register.
    """

    month: Month
    frame: pl.DataFrame
    preview: bool
    batches: Mapping[str, tuple[tuple[str, str, int], ...]]
    sources: Mapping[str, str]
    strangers: Mapping[str, int] = field(default_factory=dict)


def build_people(
    month: Month, *, awards: pl.DataFrame | None = None, inputs: Iterable[Input] = (), preview: bool = False
) -> People:
    """All people of the lake as of the month's end.

    awards: [person_key, some of the inputs of source 'award'], what was decided for whom; inputs of source 'declared' in it stand
    above what a feed says of the same person (standing.awarded gives them while they hold). inputs: those that rules ask
    beyond the kernel's and the contributions'; what nobody fills is `absent` for everybody. Raises SnapshotError when the
    month has not ended (unless `preview`), when there is no population register, or when a contribution is at fault.
    """
    if month.last > business_date() and not preview:
        raise SnapshotError(f"{month} 还没有结束（业务日期 {business_date()}），不能冻结：请等到 {month.after.first} 以后，或改做预览")
    found = contributions()
    wanted = together((each for contribution in found for each in contribution.inputs), inputs)
    places, columns = _backbone(month)
    sources = dict.fromkeys(wanted, "") | {RANK.name: "households"}
    strangers: dict[str, int] = {}
    for contribution in found:
        rows = _rows_of(contribution, month)
        strangers[contribution.name] = _fill(columns, rows, places, contribution.inputs, contribution.name)
        sources |= {each.name: contribution.name for each in contribution.inputs}
    if awards is not None:
        given = tuple(wanted[name] for name in awards.columns if name in wanted)
        if unknown := [name for name in awards.columns if name not in wanted and name != "person_key"]:
            raise SnapshotError(f"认定里有规则不认识的输入项：{'、'.join(unknown)}")
        laid = [each for each in given if each.name in columns and each.source == "declared"]  # established by a case, for a few people
        mine = tuple(each for each in given if each not in laid)
        strangers["awards"] = _fill(columns, awards, places, mine, "awards")
        for each in laid:
            _lay(columns, awards, places, each.name)
        sources |= {each.name: "awards" for each in mine}
    for name, each in wanted.items():
        if name not in columns:
            columns[name] = np.full(len(places.keys), each.absent, dtype=_narrowest(each.absent, each.absent))
    frame = pl.DataFrame({name: columns[name] for name in (*KEYS, *wanted)})
    return People(month, frame, preview, _batches(found, month), sources, {name: n for name, n in strangers.items() if n})


@dataclass(frozen=True)
class _Places:
    """Sorted keys of all people, and the row of each in the frame."""

    keys: Ints
    row: Ints

    def put(self, who: Ints, values: Ints, empty: int) -> Ints:
        """A column: `values` in the rows of `who` (each of them known), `empty` elsewhere."""
        lowest, highest = (int(values.min()), int(values.max())) if len(values) else (empty, empty)
        column = np.full(len(self.keys), empty, dtype=_narrowest(min(lowest, empty), max(highest, empty)))
        column[self.row[who]] = values
        return column


def _backbone(month: Month) -> tuple[_Places, dict[str, Ints]]:
    """Who there is, in which household and village, and where each one's row stands."""
    register = _once(_scan("population", BACKBONE["population"], month).collect())
    if not register.height:
        raise SnapshotError(f"截至 {month.last} 还没有常住人口数据：请先导入 population")
    homes = _scan("households", BACKBONE["households"], month).with_columns(code("relation", RELATIONS).alias("relation"))
    members = _once(homes.collect())
    keys = _merged(register["person_key"].to_numpy(), members["person_key"].to_numpy())
    identity = _Places(keys, np.arange(len(keys)))
    in_register, in_home = (np.searchsorted(keys, frame["person_key"].to_numpy()) for frame in (register, members))
    relation = identity.put(in_home, members["relation"].to_numpy(), -1)
    rank = np.where(relation == -1, 0, np.where(relation == 0, RANK.absent, relation - 1)).astype(np.int8)
    household = -1 - keys
    household[in_home] = members["household_key"].to_numpy()
    village = identity.put(in_home, members["village_code"].fill_null(0).to_numpy(), 0).astype(np.int64)
    village[in_register] = register["village_code"].fill_null(0).to_numpy()
    # Keys come in order, and the sort is stable: within a household by rank, then by person.
    order = np.lexsort((rank, household))
    row = np.empty_like(order)
    row[order] = np.arange(len(order))
    columns = {"person_key": keys[order], "household_key": household[order], "village": village[order], RANK.name: rank[order]}
    return _Places(keys, row), columns


def _merged(one: Ints, other: Ints) -> Ints:
    """The keys of two sorted columns, each once: the second has few that the first has not."""
    found = np.minimum(np.searchsorted(one, other), len(one) - 1)
    added = other[one[found] != other]
    return np.sort(np.concatenate([one, added]), kind="stable") if len(added) else one


def _rows_of(contribution: Contribution, month: Month) -> pl.DataFrame:
    """What a contribution tells, computed; SnapshotError unless it gives the columns that it promises, as integers."""
    frames = {name: _scan(name, columns, month) for name, columns in contribution.contracts.items()}
    rows = contribution.build(frames, month).collect(engine="streaming")
    promised = ["person_key", *(each.name for each in contribution.inputs)]
    if missing := [name for name in promised if name not in rows.columns]:
        raise SnapshotError(f"快照来源“{contribution.name}”没有给出 {'、'.join(missing)}")
    if wrong := [name for name in promised if not rows.schema[name].is_integer()]:
        raise SnapshotError(f"快照来源“{contribution.name}”的 {'、'.join(wrong)} 不是整数")
    return rows.select(promised)


def _fill(columns: dict[str, Ints], rows: pl.DataFrame, places: _Places, inputs: tuple[Input, ...], source: str) -> int:
    """Add a contribution's columns; returns of how many strangers it tells."""
    rows = _once(rows)
    asked = rows["person_key"].to_numpy()
    found = np.minimum(np.searchsorted(places.keys, asked), len(places.keys) - 1)
    known = places.keys[found] == asked
    who = found[known]
    for each in inputs:
        if each.name in columns:
            raise SnapshotError(f"输入项“{each.label}”({each.name})已有来源，{source} 不能再提供")
        values = rows[each.name].fill_null(each.absent).to_numpy()[known]
        columns[each.name] = places.put(who, values, each.absent)
    return int(len(asked) - len(who))


def _lay(columns: dict[str, Ints], rows: pl.DataFrame, places: _Places, name: str) -> None:
    """Put single values over a column that a feed filled; whoever has none keeps what the feed says."""
    told = rows.select("person_key", name).drop_nulls().sort("person_key").unique("person_key", keep="last", maintain_order=True)
    asked = told["person_key"].to_numpy()
    found = np.minimum(np.searchsorted(places.keys, asked), len(places.keys) - 1)
    known = places.keys[found] == asked
    column = columns[name].astype(np.int64)
    column[places.row[found[known]]] = told[name].to_numpy()[known]
    columns[name] = column.astype(_narrowest(int(column.min()), int(column.max()))) if len(column) else column


def _once(rows: pl.DataFrame) -> pl.DataFrame:
    """By person; of several rows of one person the first by all columns, whatever the order of files."""
    rows = rows.sort("person_key")
    keys = rows["person_key"].to_numpy()
    if (keys[1:] == keys[:-1]).any():
        rows = rows.sort(rows.columns).unique("person_key", keep="first", maintain_order=True)
    return rows


def _scan(contract: str, columns: tuple[str, ...], month: Month) -> pl.LazyFrame:
    return lake.scan(contract, month.last).select(columns)


def _narrowest(lowest: int, highest: int) -> type[np.signedinteger[Any]]:
    for kind in (np.int8, np.int16, np.int32):
        if np.iinfo(kind).min <= lowest and highest <= np.iinfo(kind).max:
            return kind
    return np.int64


def _batches(found: tuple[Contribution, ...], month: Month) -> dict[str, tuple[tuple[str, str, int], ...]]:
    """The deliveries that were read, by contract."""
    contracts = sorted({*BACKBONE, *(name for contribution in found for name in contribution.contracts)})
    return {
        name: tuple((batch.batch_id, batch.as_of.isoformat(), batch.accepted) for batch in lake.batches(name, month.last))
        for name in contracts
    }
