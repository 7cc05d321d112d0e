"""`python -m bench.intake FORM FILE`: take one file of medical settlements in, into an empty deployment.

With FORM make-csv, make-gb18030 or make-parquet and a row count after FILE, write such a file first.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as papq

from bench.setup import start
from minzheng.kernel.foundation.identifiers import make_ids

CHUNK = 1_000_000
HOSPITALS = np.array(["常州市第一人民医院", "武进人民医院", "市儿童医院", "溧阳市人民医院"])
KINDS = np.array(["普通门诊", "门诊慢特病", "普通住院"])


def rows(first: int, count: int) -> pl.DataFrame:
    """Synthetic settlements as the medical insurance sends them."""
    random = np.random.default_rng(first)
    births = np.datetime64("1930-01-01") + random.integers(0, 33_000, count).astype("timedelta64[D]")
    total = np.round(random.lognormal(6, 1.2, count), 2)
    fund = np.round(total * 0.6, 2)
    days = np.datetime64("2023-07-01") + random.integers(0, 365, count).astype("timedelta64[D]")
    number = pl.Series(np.arange(first, first + count)).cast(pl.String).str.zfill(11)
    return pl.DataFrame({
        "结算流水号": pl.select(pl.concat_str(pl.lit("CZ"), number)).to_series(),
        "公民身份号码": make_ids(random.choice([320402, 320404, 320421], count), births, random.integers(900, 999, count)),
        "姓名": ["张伟"] * count,
        "医疗机构名称": HOSPITALS[random.integers(0, len(HOSPITALS), count)],
        "就诊类别": KINDS[random.integers(0, len(KINDS), count)],
        "结算日期": pl.Series(days).cast(pl.Date).dt.strftime("%Y%m%d"),
        "医疗总费用(元)": total, "统筹支付": fund, "个人自付": np.round(total - fund, 2), "个人自费": np.zeros(count),
    })  # fmt: skip


def make(form: str, file: Path, count: int) -> None:
    """Write `count` rows as csv (UTF-8), gb18030 or parquet."""
    if form == "parquet":
        with papq.ParquetWriter(file, rows(0, 10).to_arrow().schema) as writer:
            for first in range(0, count, CHUNK):
                writer.write_table(rows(first, min(CHUNK, count - first)).to_arrow())
        return
    with file.open("wb") as out:
        for first in range(0, count, CHUNK):
            text = rows(first, min(CHUNK, count - first)).write_csv(include_header=first == 0)
            out.write(text.encode("gb18030" if form == "gb18030" else "utf-8"))


def take_in(file: Path) -> None:
    """Import the file and print its seconds and rows as one JSON line."""
    start()
    from minzheng.kernel.feeds.actions import import_file
    from minzheng.kernel.foundation.access import Actor
    from minzheng.portals.cli.bootstrap import bring_up_to_date

    bring_up_to_date()
    started = time.perf_counter()
    done = import_file(contract="medical_settlements", path=file, as_of=date(2024, 7, 31), by=Actor.system("bench"))
    print(json.dumps({"seconds": time.perf_counter() - started, "rows": done.batch.accepted}))


if __name__ == "__main__":
    if sys.argv[1].startswith("make-"):
        make(sys.argv[1].removeprefix("make-"), Path(sys.argv[2]), int(sys.argv[3]))
    else:
        take_in(Path(sys.argv[2]))
