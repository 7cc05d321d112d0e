"""The same scenario texts on pandas (Arrow-backed columns, int64 keys): the baseline that many would reach for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import narwhals as nw
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as papq

from minzheng.kernel.monitoring.scenario import Frame


class PandasEngine:
    """Eager: every step is computed when it is written down."""

    name = "pandas"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def read(self, paths: Sequence[Path], schema: Mapping[str, Any]) -> Frame:
        """The columns of these files as one pandas frame."""
        if not paths:
            table = pl.DataFrame(schema=schema).to_arrow()
        else:
            table = pa.concat_tables([papq.read_table(path, columns=list(schema)) for path in paths])
        frame: Any = table.to_pandas(types_mapper=pd.ArrowDtype)
        lazy: Frame = nw.from_native(frame).lazy()
        return lazy

    def settle(self, frames: dict[str, Frame]) -> dict[str, Frame]:
        """Nothing to do: pandas has computed already."""
        return frames

    def totals(self, frame: Frame, sums: Sequence[str], latest: str) -> Frame:
        """Sums of `sums` and the maximum of `latest` for each person."""
        added = [nw.col(name).sum() for name in sums]
        result: Frame = frame.group_by("person_key").agg(*added, nw.col(latest).max())
        return result

    def fetch(self, frames: dict[str, Frame]) -> dict[str, pl.DataFrame]:
        """The frames as Polars frames, through Arrow."""
        return {name: pl.DataFrame(frame.collect().to_arrow()) for name, frame in frames.items()}
