"""What the kernel's own feeds tell of everybody. Django-free.

Windows of '12 months' are the twelve full months before the month that is reckoned.
"""

from __future__ import annotations

import narwhals as nw
import polars as pl

from minzheng.kernel.benefits.snapshot.contribution import (
    Contribution,
    Frames,
    day_number,
    fen,
    flag,
    holds,
    one_each,
)
from minzheng.kernel.benefits.snapshot.incomes import (
    YEAR,
    Frame,
    deceased,
    months_before,
    pensions,
    unemployment_benefits,
    wages,
)
from minzheng.kernel.rules.engines import PolarsEngine
from minzheng.kernel.rules.inputs import (
    BIRTH,
    BUSINESSES,
    CUSTODY,
    DEATH,
    DECLARED_INCOME,
    DISABILITY_CATEGORY,
    DISABILITY_LEVEL,
    FINANCIAL_ASSETS,
    HOMES,
    HUKOU,
    MEDICAL_OWN,
    MEDICAL_PAID,
    PENSION,
    PRESENT,
    RESIDENT_PENSION,
    SEX,
    SHOPS,
    UNEMPLOYMENT_BENEFIT,
    VEHICLES,
    WAGE,
)
from minzheng.kernel.rules.language import Month

PERSON = "person_key"


def population(frames: Frames, month: Month) -> pl.LazyFrame:
    """Birth, sex, 户籍, and who was there at the beginning of the month: registered, and not dead before its first day.
    A row struck off because of a death within the month does not take that month away."""
    deaths = deceased(_wide(frames["deaths"].select(PERSON, "death_date")), month.last).to_native()
    rows = frames["population"].join(deaths, on=PERSON, how="left")
    died = pl.col("death_date")
    struck_off_since = (pl.col("status") == "cancelled") & (died >= month.first)
    there = (pl.col("status").fill_null("active") == "active") | struck_off_since.fill_null(False)
    return rows.select(
        PERSON, day_number(pl.col("birth_date")).alias("birth"),
        pl.col("sex").cast(pl.Int64, strict=False).alias("sex"),
        flag(pl.col("residence_type") == "hukou").alias("hukou"),
        flag(there & (died.is_null() | (died >= month.first))).alias("present"),
    )  # fmt: skip


def deaths(frames: Frames, month: Month) -> pl.LazyFrame:
    """The earliest date that anybody reports, up to the end of the month."""
    rows: pl.LazyFrame = deceased(_wide(frames["deaths"]), month.last).to_native()
    return rows.select(PERSON, day_number(pl.col("death_date")).alias("death"))


def custody(frames: Frames, month: Month) -> pl.LazyFrame:
    """Who is in prison or compulsory detoxification on the first day. Whose release is not reported counts as released
    when the term was over."""
    ended = pl.coalesce("released_on", "planned_until")
    inside = frames["custody"].filter(pl.col("started_on") <= month.first, ended.is_null() | (ended > month.first))
    return inside.select(PERSON, pl.lit(1, pl.Int64).alias("custody")).unique()


def disability(frames: Frames, month: Month) -> pl.LazyFrame:
    """The certificate that is valid on the first day; of several the gravest."""
    valid = (pl.col("status").fill_null("valid") == "valid") & holds(month.first, "issued_on", "valid_until")
    level, category = (pl.col(name).cast(pl.Int64, strict=False) for name in ("level", "category"))
    rows = frames["disability_certificates"].filter(valid).select(PERSON, (level * 10 + category).alias("grade"))
    gravest = rows.group_by(PERSON).agg(pl.col("grade").min())
    return gravest.select(
        PERSON, (pl.col("grade") % 10).alias("disability_category"), (pl.col("grade") // 10).alias("disability_level")
    )


def wage(frames: Frames, month: Month) -> pl.LazyFrame:
    """A month's mean of the contribution bases of twelve months, months without any counting as nothing."""
    rows: pl.LazyFrame = wages(_wide(frames["social_insurance"]), month.first).to_native()
    return rows.select(PERSON, (pl.col("wage_year") // YEAR).alias("wage"))


def pension(frames: Frames, month: Month) -> pl.LazyFrame:
    """A month's mean over twelve months, residents' pensions apart from all others, whole as they were sent."""
    resident = pl.col("pension_kind") == "resident"
    rows = frames["pensions"].with_columns(pl.when(resident).then(pl.lit("resident")).otherwise(pl.lit("other")).alias("pension_kind"))
    of_kind = [
        pensions(_wide(rows.filter(pl.col("pension_kind") == kind)), month.first)
        .to_native()
        .select(PERSON, (pl.col("pension_year") // YEAR).alias(name))
        for kind, name in (("other", "pension"), ("resident", "resident_pension"))
    ]
    joined: pl.LazyFrame = of_kind[0].join(of_kind[1], on=PERSON, how="full", coalesce=True)
    return joined


def unemployment(frames: Frames, month: Month) -> pl.LazyFrame:
    """A month's mean over twelve months of the benefit of those who receive it."""
    rows: pl.LazyFrame = unemployment_benefits(_wide(frames["unemployment"]), month.first).to_native()
    return rows.select(PERSON, (pl.col("benefit_year") // YEAR).alias("unemployment_benefit"))


def medical(frames: Frames, month: Month) -> pl.LazyFrame:
    """What each person paid out of pocket in twelve months; reversals count against it, never below nothing."""
    first = months_before(month.first)[-1]
    bills = frames["medical_settlements"].filter(pl.col("settled_on") >= first, pl.col("settled_on") < month.first)
    bills = bills.select(
        PERSON, pl.col("self_paid_fen").alias("medical_paid"), pl.col("own_paid_fen").fill_null(0).alias("medical_own"), "settled_on"
    )
    sums = PolarsEngine().totals(_wide(bills), ["medical_paid", "medical_own"], "settled_on")
    rows: pl.LazyFrame = sums.to_native()
    return rows.select(PERSON, *(pl.col(name).clip(lower_bound=0) for name in ("medical_paid", "medical_own")))


def vehicles(frames: Frames, month: Month) -> pl.LazyFrame:
    """Motor vehicles in one's name that are not scrapped, cancelled or passed on."""
    mine = frames["vehicles"].filter(pl.col("status").fill_null("normal").is_in(["normal", "overdue"]))
    return mine.group_by(PERSON).agg(pl.len().cast(pl.Int64).alias("vehicles"))


def real_estate(frames: Frames, month: Month) -> pl.LazyFrame:
    """Homes, and shops and offices, in one's name (or partly so). What several members of a household own together counts
    once, for the one with the lowest key: rules add up what a household owns."""
    current = frames["real_estate"].filter(pl.col("status").fill_null("current") == "current")
    current = current.with_columns(pl.col("unit_no").is_duplicated().alias("shared"))
    together = current.filter("shared").join(frames["households"], on=PERSON, how="left")
    together = together.with_columns(pl.col("household_key").fill_null(-1 - pl.col(PERSON)))
    first = together.sort("unit_no", "household_key", PERSON).unique(["unit_no", "household_key"], keep="first", maintain_order=True)
    current = pl.concat([current.filter(~pl.col("shared")).select(PERSON, "usage"), first.select(PERSON, "usage")])
    return current.group_by(PERSON).agg(
        flag(pl.col("usage") == "residence").sum().alias("homes"), flag(pl.col("usage").is_in(["shop", "office"])).sum().alias("shops")
    )


def market_entities(frames: Frames, month: Month) -> pl.LazyFrame:
    """Firms and businesses that are open, each once, whatever one is in it."""
    mine = frames["market_entities"].filter(pl.col("status").fill_null("open") == "open")
    return mine.group_by(PERSON).agg(pl.col("uscc").n_unique().cast(pl.Int64).alias("businesses"))


def declared(frames: Frames, month: Month) -> pl.LazyFrame:
    """What the last declaration made by the first day says, as the office checked it."""
    rows = frames["household_economy"].filter(pl.col("declared_on") <= month.first)
    return one_each(
        rows, fen("other_income_fen").alias("declared_income"), fen("financial_assets_fen").alias("financial_assets"), newest="declared_on"
    )


def _wide(rows: pl.LazyFrame) -> Frame:
    """For texts that run on every engine."""
    wide: Frame = nw.from_native(rows)
    return wide


CONTRIBUTIONS = (
    Contribution(
        "population",
        {"population": (PERSON, "birth_date", "sex", "residence_type", "status"), "deaths": (PERSON, "death_date")},
        (BIRTH, SEX, HUKOU, PRESENT), population,
    ),
    Contribution("deaths", {"deaths": (PERSON, "death_date")}, (DEATH,), deaths),
    Contribution("custody", {"custody": (PERSON, "started_on", "planned_until", "released_on")}, (CUSTODY,), custody),
    Contribution(
        "disability", {"disability_certificates": (PERSON, "category", "level", "issued_on", "valid_until", "status")},
        (DISABILITY_CATEGORY, DISABILITY_LEVEL), disability,
    ),
    Contribution("wage", {"social_insurance": (PERSON, "period_start", "period_end", "base_fen", "status")}, (WAGE,), wage),
    Contribution(
        "pension", {"pensions": (PERSON, "pension_kind", "monthly_fen", "started_on", "status")}, (PENSION, RESIDENT_PENSION), pension
    ),
    Contribution(
        "unemployment", {"unemployment": (PERSON, "registered_on", "benefit_monthly_fen", "status")},
        (UNEMPLOYMENT_BENEFIT,), unemployment,
    ),
    Contribution(
        "medical", {"medical_settlements": (PERSON, "settled_on", "self_paid_fen", "own_paid_fen")}, (MEDICAL_PAID, MEDICAL_OWN), medical
    ),
    Contribution("vehicles", {"vehicles": (PERSON, "status")}, (VEHICLES,), vehicles),
    Contribution(
        "real_estate", {"real_estate": (PERSON, "unit_no", "usage", "status"), "households": (PERSON, "household_key")},
        (HOMES, SHOPS), real_estate,
    ),
    Contribution("market_entities", {"market_entities": (PERSON, "uscc", "status")}, (BUSINESSES,), market_entities),
    Contribution(
        "declared", {"household_economy": (PERSON, "declared_on", "other_income_fen", "financial_assets_fen")},
        (DECLARED_INCOME, FINANCIAL_ASSETS), declared,
    ),
)  # fmt: skip
