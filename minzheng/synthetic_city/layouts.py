"""How departments write their deliveries: reading data/layouts.yaml, and turning typed columns into text."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import polars as pl

from minzheng.synthetic_city.place import table

MARK = "合成标记"
MONEY = {
    "total", "fund_paid", "self_paid", "own_paid", "loss", "benefit_monthly", "base", "monthly", "capital", "business_income",
    "property_income", "transfer_income", "other_income", "exempt_income", "care_costs", "education_costs", "necessary_costs",
    "agreed_support", "supporter_1_income", "supporter_2_income", "supporter_3_income", "financial_assets",
}  # fmt: skip
MONTHS = {"period_start", "period_end"}
IDS = {"person_id", "certificate_no"}


@dataclass(frozen=True)
class Layout:
    """One kind of delivery, as data/layouts.yaml describes it."""

    name: str
    contract: str
    sender: str
    title: str
    small: str
    large: str
    columns: dict[str, list[str]]
    dates: list[str]
    id: str
    dirt: dict[str, float]
    encodings: list[str] = field(default_factory=lambda: ["utf-8-sig"])
    large_encoding: str = "utf-8-sig"
    money: str = "plain"
    serial: bool = False
    plain_sheet: bool = False
    groups: dict[str, str] = field(default_factory=dict)
    texts: dict[str, dict[str, str]] = field(default_factory=dict)

    def headers(self, turn: int) -> list[str]:
        """The header row of the delivery number `turn`, with the mark of synthetic data last."""
        return [spellings[turn % len(spellings)] for spellings in self.columns.values()] + [MARK]

    def date_style(self, turn: int) -> str:
        """How the delivery number `turn` writes dates."""
        return self.dates[turn % len(self.dates)]

    def encoding(self, turn: int, large: bool) -> str:
        """The encoding of the delivery number `turn`, if it is a CSV file."""
        return self.large_encoding if large else self.encodings[turn % len(self.encodings)]


@cache
def layouts() -> dict[str, Layout]:
    """All layouts by name."""
    entries: dict[str, dict[str, Any]] = table("layouts")
    return {name: Layout(name=name, **({"contract": name} | entry)) for name, entry in entries.items()}


def as_text(frame: pl.DataFrame, layout: Layout, turn: int) -> pl.DataFrame:
    """The layout's columns of a typed frame as the text that the sender writes; columns keep their contract names."""
    # Polars 2.1 panics in pl.format when a column has empty chunks.
    frame = frame.rechunk()
    style = layout.date_style(turn)
    columns = []
    for name in layout.columns:
        dtype = frame.schema[name]
        column = pl.col(name)
        if name in layout.texts:
            column = column.replace_strict(layout.texts[name], return_dtype=pl.String)
        elif name in MONEY:
            column = money_text(name, layout.money)
        elif name in MONTHS:
            column = column.dt.strftime("%Y%m")
        elif dtype == pl.Date:
            column = date_text(column, style)
        elif name in IDS:
            column = {"tab": column + "\t", "apostrophe": "'" + column}.get(layout.id, column)
        else:
            column = column.cast(pl.String)
        columns.append(column.fill_null("").alias(name))
    return frame.select(*columns, pl.lit("合成").alias(MARK))


def money_text(name: str, style: str) -> pl.Expr:
    """分 as yuan with two decimals, the thousands set apart if the sender does so."""
    yuan, cents = pl.col(name) // 100, (pl.col(name) % 100).cast(pl.String).str.zfill(2)
    if style == "plain":
        return pl.format("{}.{}", yuan, cents)
    millions, thousands = yuan // 1_000_000, yuan // 1000 % 1000
    rest = (yuan % 1000).cast(pl.String)
    whole = (
        pl.when(yuan >= 1_000_000)
        .then(pl.format("{},{},{}", millions, thousands.cast(pl.String).str.zfill(3), rest.str.zfill(3)))
        .when(yuan >= 1000).then(pl.format("{},{}", thousands, rest.str.zfill(3)))
        .otherwise(rest)
    )  # fmt: skip
    return pl.format("{}.{}", whole, cents)


def date_text(column: pl.Expr, style: str) -> pl.Expr:
    """A date in one of the styles of the senders."""
    if style == "serial":
        return (column.cast(pl.Int32).cast(pl.Int64) + 25_569).cast(pl.String)  # days since 1899-12-30
    if style in ("slash", "chinese"):
        month, day = column.dt.month().cast(pl.String), column.dt.day().cast(pl.String)
        pattern = "{}/{}/{}" if style == "slash" else "{}年{}月{}日"
        return pl.format(pattern, column.dt.year(), month, day)
    return column.dt.strftime("%Y%m%d" if style == "compact" else "%Y-%m-%d")


NO_SUCH_DAY = {
    "dash": "2024-02-30", "compact": "20240431", "slash": "2024/6/31", "chinese": "2024年2月30日", "serial": "2024-02-30",
}  # fmt: skip
