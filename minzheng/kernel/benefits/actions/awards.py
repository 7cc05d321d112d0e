"""Awards: decisions that somebody is in need, from casework or from the bureau's own roster."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta

import polars as pl
from django.db import transaction

from minzheng.kernel.benefits.actions import bulk
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.frames import frame_of
from minzheng.kernel.benefits.models import Award
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.benefits.roster_rows import awarded_rows
from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, scoped

FROM_ROSTER = "存量救助对象名册"
STORED = {
    "programme": pl.String(), "mode": pl.String(), "person_key": pl.Int64(), "household_key": pl.Int64(),
    "division_code": pl.String(), "since": pl.Date(), "until": pl.Date(),
}  # fmt: skip


@transaction.atomic
def grant_award(
    *, programme: str, people: Iterable[int], household_key: int, division_code: str, mode: str, since: date, source: str, by: Actor,
    terms: dict[str, int] | None = None,
) -> list[Award]:  # fmt: skip
    """Record that people were awarded a programme from a day on; one open award a person and programme, a repetition gives what is
    there. Raises Forbidden, BenefitsError: also for nobody at all, for somebody who has it with another household, and for
    terms that are no whole numbers."""
    by.require("benefits.review")
    if programme not in programmes():
        raise BenefitsError(f"没有待遇项目“{programme}”")
    if mode not in Award.Mode.values:
        raise BenefitsError(f"认定方式只能是 {'、'.join(Award.Mode.values)}，收到的是“{mode}”")
    if not source.strip():
        raise BenefitsError("认定须写明依据（文书号或来源）")
    if not by.covers(division_code):
        raise BenefitsError("不在您的辖区内")
    wanted = sorted(set(people))
    if not wanted:
        raise BenefitsError("认定没有写明给哪些人：至少要有一名成员")
    _check_terms(terms or {})
    found = []
    once = programmes()[programme].pays == "once"
    for person in wanted:
        row = Award.objects.filter(programme=programme, person_key=person, until=since + timedelta(days=1) if once else None).first()
        if row is not None and row.household_key != household_key and min(row.household_key, household_key) >= 0:  # below zero: nobody's household
            raise BenefitsError(
                f"第 {wanted.index(person) + 1} 人（…{abs(person) % 1_000_000:06d}）已随另一户认定（{row.since} 起，{row.source}）："
                "一个人不能同时在两户，请先终止原来的认定"
            )
        if row is None:
            row = Award.objects.create(
                programme=programme, mode=mode, person_key=person, household_key=household_key, division_code=division_code,
                since=since, until=since + timedelta(days=1) if once else None, source=source.strip()[:128], terms=terms or {},
                recorded_on=clock.business_date(),
            )  # fmt: skip
            audit.record(by, "award.grant", f"award:{row.pk}", source.strip(), programme=programme, since=since)
        found.append(row)
    return found


def _check_terms(terms: Mapping[str, int]) -> None:
    for name, value in terms.items():
        if type(value) is not int or value < 0:
            raise BenefitsError(f"认定事项“{name}”应为不小于 0 的整数（金额以分计），收到的是 {value!r}")


@transaction.atomic
def revise_terms(*, award: Award, terms: Mapping[str, int], source: str, by: Actor, drop: Collection[str] = ()) -> Award:
    """Write down with an open award what was established anew: figures of the household (inputs of rules, with `figures_on`), or what it
    may go down to without another hearing (`agreed_fen`, `agreed_from`); `drop`: what no longer stands. The next run reckons with it.
    Raises Forbidden, BenefitsError."""
    by.require("benefits.review")
    row = scoped(Award.objects.select_for_update(), by).filter(pk=award.pk).first()
    if row is None or row.until is not None:
        raise BenefitsError("没有这项认定，或它已经终止")
    _check_terms(terms)
    kept = {name: value for name, value in row.terms.items() if name not in drop}
    row.terms = {**kept, **terms, **({"agreed_by": source.strip()[:64]} if "agreed_fen" in terms else {})}
    row.save()
    audit.record(by, "award.revise", f"award:{row.pk}", source.strip(), terms=sorted(terms), dropped=sorted(drop))
    return row


@transaction.atomic
def end_award(*, award: Award, until: date, because: str, by: Actor) -> Award:
    """End an award: `until` is the first day on which it no longer holds. Raises Forbidden, BenefitsError."""
    by.require("benefits.review")
    row = scoped(Award.objects.select_for_update(), by).filter(pk=award.pk).first()
    if row is None:
        raise BenefitsError("没有这项认定，或它不在您的辖区内")
    if row.until is not None:
        if row.until == until:
            return row
        raise BenefitsError(f"这项认定已在 {row.until} 终止")
    if until < row.since:
        raise BenefitsError(f"终止日期 {until} 早于认定日期 {row.since}")
    if len(because.strip()) < 2:
        raise BenefitsError("终止认定须写明原因")
    row.until, row.ended_because = until, because.strip()[:128]
    row.save()
    audit.record(by, "award.end", f"award:{row.pk}", because.strip(), until=until)
    return row


def take_roster(*, as_of: date, by: Actor) -> tuple[int, int, int]:
    """Bring awards up to date with the rosters in the lake and with deaths: (rows read, awards new, awards ended).

    Whoever is on the roster and has no open award of the programme gets one; an award ends when the roster says so, or with the
    month in which its person died. What casework awarded is not ended by a roster that does not know it. Idempotent.
    """
    roster, key = awarded_rows(as_of).with_columns(pl.col("household_key").fill_null(-1 - pl.col("person_key"))), ["programme", "person_key"]
    with transaction.atomic():
        stored = _stored()
        new = roster.join(stored, on=[*key, "since"], how="anti")
        new = new.join(stored.filter(pl.col("until").is_null()), on=key, how="anti").sort(*key)
        bulk.insert(Award, new.select(*STORED), source=FROM_ROSTER, ended_because="", terms="{}", recorded_on=as_of)
        standing = (_stored() if new.height else stored).filter(pl.col("until").is_null())
        ended = roster.filter(pl.col("until").is_not_null()).select(*key, "since", pl.col("until").alias("told"))
        told = standing.join(ended, on=[*key, "since"]).select("id", "told", pl.lit("名册终止").alias("why"))
        ends = pl.concat([told, _died(standing, as_of)]).sort("told").unique("id", keep="first", maintain_order=True)
        for (until, why), group in ends.group_by("told", "why", maintain_order=True):
            for start in range(0, group.height, 5000):
                Award.objects.filter(pk__in=group["id"].slice(start, 5000).to_list()).update(until=until, ended_because=why)
        if new.height or ends.height:
            audit.record(by, "award.roster", f"awards:{new.height + ends.height}", new=new.height, ended=ends.height)
    return roster.height, new.height, ends.height


def _stored() -> pl.DataFrame:
    return frame_of(Award.objects.all(), {**STORED, "id": pl.Int64()})


def _died(open_awards: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """[id, told, why] of awards whose person died: they end with the month of the death."""
    if "deaths" not in contracts() or not open_awards.height:
        return pl.DataFrame(schema={"id": pl.Int64, "told": pl.Date, "why": pl.String})
    keys = open_awards.select("person_key").unique().lazy()
    deaths = lake.scan("deaths", as_of).join(keys, on="person_key", how="semi").group_by("person_key").agg(pl.col("death_date").min())
    found = open_awards.join(deaths.collect(), on="person_key").filter(pl.col("death_date") <= as_of)
    ends = pl.max_horizontal(pl.col("death_date").dt.month_start().dt.offset_by("1mo"), pl.col("since"))
    return found.select("id", ends.alias("told"), pl.lit("死亡").alias("why"))
