"""Why a line stands in a run: the first input, parameter or condition in which a month differs from the one before.

In bulk: each rule is reckoned once more, with all its steps, for the units that changed, over both snapshots; which column
differs first decides. Where a required condition turned, only what that condition rests on counts. Free of Django.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw
import polars as pl

from minzheng.kernel.benefits.exclusions import HOW, Matrix
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.benefits.reckoning import Terms, unit_column
from minzheng.kernel.foundation.dated import Values
from minzheng.kernel.rules.evaluation import Plan, plan, reckon
from minzheng.kernel.rules.inputs import PRESENT
from minzheng.kernel.rules.language import Input, Rule, Step

MEMBERS = "_members"
CAUSE = {"cause_kind": pl.String(), "cause_name": pl.String(), "cause": pl.String()}
FIELDS = ("kind", "name", "label", "before", "after", "condition", "text")
# What `reconcile` knew already: kind, label, sentence.
KNOWN = {
    "death": ("death", "死亡", "因死亡调整"),
    "member_death": ("death", "家庭成员死亡", "因家庭成员死亡调整"),
    "review": ("review", "复核决定", "按复核决定调整"),
    "award": ("award", "认定终止", "认定已经终止"),
    "fix": ("override", "人工固定金额", "按人工固定的金额发放"),
    "pause": ("override", "人工暂停", "人工暂停发放"),
    "payee": ("payee", "领款人", "领款人变更，金额不变"),
    "place": ("place", "居住地", "所在家庭或村社区变更，金额不变"),
}


@dataclass(frozen=True)
class Side:
    """One month: its people and its terms."""

    people: pl.LazyFrame
    terms: Terms


def with_causes(
    lines: pl.DataFrame, before: Side | None, after: Side, matrix: Matrix, titles: Mapping[str, str]
) -> pl.DataFrame:
    """The lines of `reconcile` with cause_kind, cause_name and cause (JSON with FIELDS), in the order given. Without a month
    before, nothing differs: what begins begins because the conditions hold."""
    rows = lines.with_row_index("_line")
    found = [_known(rows.filter(pl.col("why") != ""), matrix, titles)]
    asked = rows.filter(pl.col("why") == "")
    for name in asked["programme"].unique(maintain_order=True):
        part = asked.filter(pl.col("programme") == name)
        programme = after.terms.programmes[name]
        if before is None or name not in before.terms.values:
            found.append(_same(part, "first", "", "首次核算", "首次核算，符合全部条件"))
        else:
            found.append(_differing(part, programme, before, after))
    causes = pl.concat([frame.select("_line", *CAUSE) for frame in found])
    return rows.join(causes, on="_line", how="left").sort("_line").drop("_line")


def _same(part: pl.DataFrame, kind: str, name: str, label: str, text: str) -> pl.DataFrame:
    return _worded(part, kind, name, label, pl.lit(""), pl.lit(""), pl.lit(""), pl.lit(text))


def _worded(
    part: pl.DataFrame, kind: str, name: str, label: str, before: pl.Expr, after: pl.Expr, condition: pl.Expr, text: pl.Expr
) -> pl.DataFrame:
    """`part` with its cause; the expressions are over its columns."""
    parts = [pl.lit(kind), pl.lit(name), pl.lit(label), before, after, condition, text]
    cause = pl.struct(each.alias(field) for each, field in zip(parts, FIELDS, strict=True)).struct.json_encode()
    return part.with_columns(pl.lit(kind).alias("cause_kind"), pl.lit(name).alias("cause_name"), cause.alias("cause"))


def _known(part: pl.DataFrame, matrix: Matrix, titles: Mapping[str, str]) -> pl.DataFrame:
    """Lines whose reason reconcile knew: by reason and row of the matrix."""
    found = [part.clear().with_columns(pl.lit("").alias(name) for name in CAUSE)]
    for (why, exclusion), group in part.group_by("why", "exclusion", maintain_order=True):
        if str(why) in ("exclusion", "suspended"):
            row = matrix.named(str(exclusion))
            a, b = (titles.get(side, side) for side in str(exclusion).split("/"))
            text = f"{a}与{b}：{HOW[row.rule]}（{row.source}）" if row else str(exclusion)
            found.append(_same(group, "exclusion", str(exclusion), "互斥规则", text))
        else:
            kind, label, text = KNOWN[str(why)]
            note = pl.when(pl.col("note") == "").then(pl.lit(text)).otherwise(pl.format("{}：{}", pl.lit(text), "note"))
            found.append(_worded(group, kind, str(why), label, pl.lit(""), pl.lit(""), pl.lit(""), note))
    return pl.concat(found)


def _differing(part: pl.DataFrame, programme: Programme, before: Side, after: Side) -> pl.DataFrame:
    """Lines of one programme with the first difference between the months."""
    plans = [_plan(programme, side) for side in (before, after)]
    old, new = (_reckoned(planned, side, part, programme) for planned, side in zip(plans, (before, after), strict=True))
    both = part.join(_of(old, "b"), on="unit_key", how="left").join(_of(new, "a"), on="unit_key", how="left")
    there = pl.col("_there_b").is_not_null(), pl.col("_there_a").is_not_null()
    rule, needs = programme.rule, _rests_on(plans[1])
    both = both.with_columns(_turned(rule).alias("_turned"))
    changed = _changed_parameters(plans, before.terms.values[rule.name], after.terms.values[rule.name])
    candidates = _candidates(rule, needs, changed)
    first = pl.when(~there[0]).then(-2).when(~there[1]).then(-1)
    for position, candidate in enumerate(candidates):
        first = first.when(candidate.differs).then(position)
    both = both.with_columns(first.otherwise(len(candidates)).alias("_first"))
    found = [_group_cause(group, candidates, int(str(key)), rule) for (key,), group in both.group_by("_first", maintain_order=True)]
    return pl.concat([frame.select("_line", *CAUSE) for frame in found])


@dataclass(frozen=True)
class Candidate:
    """Something that may be the cause: when it differs, and how it is put."""

    kind: str
    name: str
    label: str
    differs: pl.Expr
    before: pl.Expr
    after: pl.Expr
    text: pl.Expr


def _plan(programme: Programme, side: Side) -> Plan:
    return plan(programme.rule, side.terms.month, side.terms.values[programme.name])


def _reckoned(planned: Plan, side: Side, part: pl.DataFrame, programme: Programme) -> pl.DataFrame:
    """[unit_key, _there, inputs, steps] of the units of `part`: a household's inputs are sums over its members."""
    unit = unit_column(programme)
    rule = planned.rule
    keys = part.select("unit_key").unique()
    whole_households = rule.entity == "household" or any(step.kind == "total" for step in rule.steps)
    people = side.people.select(planned.needed)
    if whole_households and unit == "person_key":
        homes = people.join(keys.lazy(), left_on="person_key", right_on="unit_key", how="semi").select("household_key").unique()
        people = people.join(homes.collect().lazy(), on="household_key", how="semi")
    else:
        people = people.join(keys.lazy(), left_on=unit, right_on="unit_key", how="semi")
    reckoned: pl.DataFrame = reckon(planned, nw.from_native(people.collect().lazy()), everybody=True).to_native().collect()
    inputs, steps = [each.name for each in rule.inputs], [step.name for step in rule.steps]
    if unit == "person_key":
        rows = reckoned.join(keys, left_on="person_key", right_on="unit_key", how="semi").unique("person_key")
        return rows.select(pl.col("person_key").alias("unit_key"), pl.lit(1).alias("_there"), pl.lit(0).alias(MEMBERS), *inputs, *steps)
    here = reckoned.filter(pl.col(PRESENT.name) == 1)
    sums = here.group_by("household_key").agg(pl.len().cast(pl.Int64).alias(MEMBERS), *(pl.col(name).sum() for name in inputs))
    payees = here.filter(pl.col("person_key") == pl.col("_payee")).select("household_key", *steps)
    joined = sums.join(payees, on="household_key")
    return joined.select(pl.col("household_key").alias("unit_key"), pl.lit(1).alias("_there"), MEMBERS, *inputs, *steps)


def _of(side: pl.DataFrame, mark: str) -> pl.DataFrame:
    """Columns named after the month: b(efore), a(fter)."""
    return side.rename({name: f"{name}_{mark}" for name in side.columns if name != "unit_key"})


def _rests_on(planned: Plan) -> dict[str, frozenset[str]]:
    """Step → every input, step and parameter that it rests on, also through other steps."""
    found: dict[str, frozenset[str]] = {}
    for each in planned.steps:
        direct = frozenset((*each.columns, *each.parameters, each.step.name))
        found[each.step.name] = direct.union(*(found.get(name, frozenset()) for name in each.columns))
    return found


def _required(rule: Rule) -> list[Step]:
    return [step for step in rule.steps if step.kind == "condition" and step.required]


def _turned(rule: Rule) -> pl.Expr:
    """The place of the first required condition that holds in one month only; -1 for none."""
    turned = pl.when(pl.lit(False)).then(-1)
    for position, step in enumerate(_required(rule)):
        turned = turned.when((pl.col(f"{step.name}_b") != pl.col(f"{step.name}_a")).fill_null(False)).then(position)
    return turned.otherwise(-1)


def _changed_parameters(plans: list[Plan], old: Values, new: Values) -> list[tuple[str, str, str, str]]:
    """Parameters that the rule asks for and whose value is another, in the order in which steps ask: name, title, both texts."""
    asked = dict.fromkeys(name for planned in plans for each in planned.steps for name in each.parameters)
    changed = [name for name in asked if name in old and name in new and old[name].dated.value != new[name].dated.value]
    return [(name, new[name].title, old[name].text, new[name].text) for name in changed]


def _candidates(rule: Rule, needs: Mapping[str, frozenset[str]], parameters: list[tuple[str, str, str, str]]) -> list[Candidate]:
    """Everything that may differ, in the order in which it counts."""
    required = [step.name for step in _required(rule)]

    def counts(name: str) -> pl.Expr:
        """Whether a difference in `name` can be behind what happened to the unit."""
        places = [position for position, step in enumerate(required) if name in needs[step]]
        return (pl.col("_turned") == -1) | pl.col("_turned").is_in(places)

    def differs(name: str) -> pl.Expr:
        return (pl.col(f"{name}_b") != pl.col(f"{name}_a")).fill_null(False)

    grouped = rule.entity == "household"
    found = []
    if grouped:
        found.append(_figure("household", Step("variable", MEMBERS, "家庭人数", "count", rule.law[0]), differs(MEMBERS), grouped))
    found += [_figure("input", each, differs(each.name) & counts(each.name), grouped) for each in rule.inputs]
    for name, title, was, now in parameters:
        text = pl.lit(f"{title}由 {was} 调整为 {now}")
        found.append(Candidate("parameter", name, title, counts(name), pl.lit(was), pl.lit(now), text))
    for step in sorted(rule.steps, key=lambda step: step.name not in required):
        if step.kind == "condition":
            turned = differs(step.name) & ((pl.col("_turned") == -1) | pl.lit(step.name not in required) | _is(required, step.name))
            found.append(_condition(step, turned))
        else:
            found.append(_figure("step", step, differs(step.name) & counts(step.name), grouped=False))
    return found


def _is(required: list[str], name: str) -> pl.Expr:
    return pl.col("_turned") == (required.index(name) if name in required else -2)


def _condition(step: Step, differs: pl.Expr) -> Candidate:
    now = pl.col(f"{step.name}_a") == 1
    text = pl.when(now).then(pl.lit(f"开始符合“{step.label}”")).otherwise(pl.lit(f"不再符合“{step.label}”"))
    words = [pl.when(pl.col(f"{step.name}_{side}") == 1).then(pl.lit("是")).otherwise(pl.lit("否")) for side in "ba"]
    return Candidate("condition", step.name, step.label, differs, words[0], words[1], text)


def _figure(kind: str, of: Input | Step, differs: pl.Expr, grouped: bool) -> Candidate:
    """An input or a figure, with both values in words. Sums over a household mean nothing for codes and days."""
    if grouped and of.measure in ("code", "day"):
        text = pl.lit(f"家庭成员的“{of.label}”有变化")
        return Candidate(kind, of.name, of.label, differs, pl.lit(""), pl.lit(""), text)
    before, after = (words(pl.col(f"{of.name}_{side}"), of, grouped) for side in "ba")
    return Candidate(kind, of.name, of.label, differs, before, after, pl.format("{}由 {} 变为 {}", pl.lit(of.label), before, after))


def words(value: pl.Expr, of: Input | Step, grouped: bool = False) -> pl.Expr:
    """A value in words, as its measure asks."""
    if of.words and not grouped:
        return value.replace_strict(dict(of.words), default=pl.lit("其他"), return_dtype=pl.String)
    if of.measure == "fen":
        sign = pl.when(value < 0).then(pl.lit("-")).otherwise(pl.lit(""))
        return pl.format("{}¥{}.{}", sign, value.abs() // 100, (value.abs() % 100).cast(pl.String).str.zfill(2))
    if of.measure == "flag" and not grouped:
        return pl.when(value == 1).then(pl.lit("是")).otherwise(pl.lit("否"))
    if of.measure == "day":
        day = value.cast(pl.String)
        written = pl.format("{}-{}-{}", day.str.slice(0, 4), day.str.slice(4, 2), day.str.slice(6, 2))
        return pl.when(value == 0).then(pl.lit("无")).otherwise(written)
    unit = {"flag": " 人", "years": " 年", "months": " 个月", "percent": "%"}.get(of.measure, "")
    return pl.format("{}{}", value, pl.lit(unit))


def _group_cause(group: pl.DataFrame, candidates: list[Candidate], place: int, rule: Rule) -> pl.DataFrame:
    """Lines whose first difference is the candidate at `place` (-2, -1: not in one of the snapshots)."""
    if place == -2:
        return _same(group, "new", "", "新进入", "上月不在册，本月起符合条件")
    if place == -1:
        return _same(group, "gone", "", "不在册", "本月已不在册（迁出、注销或不在本市）")
    if place == len(candidates):
        return _same(group, "earlier", "", "前期未执行", "核算条件与上月相同，前期的人工处置或复核结束后按核算执行")
    found = candidates[place]
    titles = dict(enumerate(step.label for step in _required(rule)))
    condition = pl.col("_turned").replace_strict(titles, default=pl.lit(""), return_dtype=pl.String)
    return _worded(group, found.kind, found.name, found.label, found.before, found.after, condition, found.text)
