"""Why a line stands in a run: the first thing that, changed alone on last month's state, gives this month's result.

As `rules.explanation.differences` does it for one household, in bulk: who lives there, the inputs in the order of the rule, the
parameters, the month; each is tried for all units at once in which it differs. Free of Django.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import narwhals as nw
import polars as pl

from minzheng.kernel.benefits.exclusions import HOW, Matrix
from minzheng.kernel.benefits.programme import Programme
from minzheng.kernel.benefits.reckoning import Terms, unit_column
from minzheng.kernel.foundation.dated import Values
from minzheng.kernel.rules.evaluation import plan_of, run
from minzheng.kernel.rules.language import Input, Month, Rule, Step

CAUSE = {"cause_kind": pl.String(), "cause_name": pl.String(), "cause": pl.String()}
FIELDS = ("kind", "name", "label", "before", "after", "condition", "text")
# What `reconcile` knew already: kind, label, sentence.
KNOWN = {
    "death": ("death", "死亡", "因死亡调整"),
    "member_death": ("death", "家庭成员死亡", "因家庭成员死亡调整"),
    "review": ("review", "复核决定", "按复核决定调整"),
    "award": ("award", "认定终止", "认定已经终止"),
    "gradual": ("gradual", "渐退期满", "渐退期已满"),
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
    before, what begins begins because the conditions hold, and the rest differs from what rosters told (`opening_causes`)."""
    rows = lines.with_row_index("_line")
    found = [_known(rows.filter(pl.col("why") != ""), matrix, titles)]
    asked = rows.filter(pl.col("why") == "")
    for name in asked["programme"].unique(maintain_order=True):
        part = asked.filter(pl.col("programme") == name)
        programme = after.terms.programmes[name]
        if before is None or name not in before.terms.values:
            found += opening_causes(part, programme, after)
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


def opening_causes(part: pl.DataFrame, programme: Programme, after: Side) -> list[pl.DataFrame]:
    """Lines of the first month with causes: what is new, and how the rest differs from what was received by the rosters: who is not
    there, the first condition that does not hold, else the amount."""
    found = [_same(part.filter(pl.col("kind") == "start"), "first", "", "首次核算", "首次核算，符合全部条件")]
    rest = part.filter(pl.col("kind") != "start")
    if not rest.height:
        return found
    rule, unit, terms = programme.rule, unit_column(programme), after.terms
    needed = plan_of(rule, terms.month, terms.values[rule.name]).needed
    people = _around(after.people.select(needed), rest.select("unit_key").unique(), unit, whole=rule.looks_at_households)
    both = rest.join(outcomes(rule, unit, people, terms.values[rule.name], terms.month), on="unit_key", how="left")
    nothing = pl.lit("")
    absent = both.filter(pl.col("_outcome").is_null())
    text = pl.lit("期初名册在享，本月人口数据中没有此人（户）")
    found.append(_worded(absent, "opening", "absent", "名册在享、人口数据中没有", nothing, nothing, nothing, text))
    left = both.filter(pl.col("_outcome") < 0)
    for step in _required(rule):
        failed = left.filter(pl.col(step.name) == 0)
        text = pl.lit(f"期初名册在享，按规则不符合“{step.label}”")
        found.append(_worded(failed, "opening", step.name, f"名册在享，不符合“{step.label}”", nothing, nothing, pl.lit(step.label), text))
        left = left.filter(pl.col(step.name) != 0)
    paid = pl.concat([left, both.filter(pl.col("_outcome") >= 0)])
    was, now = yuan_text(pl.col("was_fen")), yuan_text(pl.col("is_fen"))
    text = pl.format("期初名册金额 {}，按规则核算为 {}", was, now)
    return [*found, _worded(paid, "opening", "amount", "与名册金额不同", was, now, nothing, text)]


def _differing(part: pl.DataFrame, programme: Programme, before: Side, after: Side) -> pl.DataFrame:
    """Lines of one programme with the cause of each."""
    trial = Trial.of(part, programme, before, after)
    for found in trial.candidates():
        trial.attempt(found)
        if not trial.open.height:
            break
    causes = trial.causes()
    known = part.join(causes, on="unit_key", how="left")
    texts = {name: pl.col(name).fill_null("") for name in ("label", "before", "after", "condition", "text")}
    cause = pl.struct(pl.col("cause_kind").alias("kind"), pl.col("cause_name").alias("name"), *(text.alias(name) for name, text in texts.items()))
    return known.with_columns(cause.struct.json_encode().alias("cause")).select("_line", *CAUSE)


TRIED = {"unit_key": pl.Int64(), "cause_kind": pl.String(), "cause_name": pl.String(), "label": pl.String(), "before": pl.String(),
         "after": pl.String(), "text": pl.String()}  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """One change alone: the state before with it, and how it is put: `words` [unit_key, before, after] of the units in which
    it differs."""

    kind: str
    name: str
    label: str
    people: pl.DataFrame
    values: Values
    month: Month
    words: pl.DataFrame
    text: str = "{}由 {} 变为 {}"


class Trial:
    """The units of one programme that changed, over both months: which single change explains them."""

    def __init__(self, rule: Rule, unit: str, old: pl.DataFrame, new: pl.DataFrame, before: Side, after: Side, units: pl.DataFrame) -> None:
        self.rule, self.unit, self.old, self.new, self.before, self.after = rule, unit, old, new, before, after
        was = outcomes(rule, unit, old, before.terms.values[rule.name], before.terms.month)
        now = outcomes(rule, unit, new, after.terms.values[rule.name], after.terms.month)
        both = units.join(was, on="unit_key", how="left").join(now, on="unit_key", how="left", suffix="_now")
        there, here = pl.col("_outcome").is_not_null(), pl.col("_outcome_now").is_not_null()
        self.found = [
            _told(both.filter(~there), "new", "", "新进入", "上月不在册，本月起符合条件"),
            _told(both.filter(there & ~here), "gone", "", "不在册", "本月已不在册（迁出、注销或不在本市）"),
            _told(both.filter(there & here & (pl.col("_outcome") == pl.col("_outcome_now"))), "earlier", "", "前期未执行",
                  "核算条件与上月相同，前期的人工处置或复核结束后按核算执行"),
        ]  # fmt: skip
        self.open = both.filter(there & here & (pl.col("_outcome") != pl.col("_outcome_now")))
        self.conditions = _conditions(self.open, rule)
        self.moved = pl.DataFrame(schema=TRIED)
        self.first = pl.DataFrame(schema=TRIED)

    @classmethod
    def of(cls, part: pl.DataFrame, programme: Programme, before: Side, after: Side) -> Trial:
        """Both months' people around the units of `part`."""
        rule, unit = programme.rule, unit_column(programme)
        units = part.select("unit_key").unique()
        whole = rule.entity == "household" or any(step.kind == "total" for step in rule.steps)
        plans = [plan_of(rule, side.terms.month, side.terms.values[rule.name]) for side in (before, after)]
        frames = [_around(side.people.select(planned.needed), units, unit, whole) for side, planned in zip((before, after), plans, strict=True)]
        return cls(rule, unit, frames[0], frames[1], before, after, units)

    def candidates(self) -> Iterator[Candidate]:
        """Everything that differs, one after the other."""
        old, new = self.old, self.new
        was, values = self.before.terms, self.before.terms.values[self.rule.name]
        common = old.join(new.select("person_key"), on="person_key", how="semi")
        if self.unit == "household_key" or old.height > self.open.height:
            yield from self._members(common)
        pairs = common.join(new, on="person_key", suffix="_now")
        for each in self.rule.inputs:
            differ = pairs.filter(pl.col(each.name) != pl.col(f"{each.name}_now"))
            if differ.height:
                told = differ.sort("person_key").unique("household_key", keep="first", maintain_order=True)
                told = differ.select("person_key", "household_key", each.name, f"{each.name}_now") if self.unit == "person_key" else told
                words_ = told.select(pl.col(self.unit).alias("unit_key"), words(pl.col(each.name), each).alias("before"),
                                     words(pl.col(f"{each.name}_now"), each).alias("after"))  # fmt: skip
                if self.unit == "person_key":
                    words_ = self._of_the_household(words_, differ, each)
                mended = old.join(differ.select("person_key", pl.col(f"{each.name}_now").alias("_new")), on="person_key", how="left")
                mended = mended.with_columns(pl.coalesce("_new", each.name).alias(each.name)).drop("_new")
                yield Candidate("input", each.name, each.label, mended, values, was.month, words_)
        for name, title, before, after in _changed_parameters(self.rule, values, self.after.terms.values[self.rule.name]):
            now = values | Values({name: self.after.terms.values[self.rule.name][name]})
            yield Candidate("parameter", name, title, old, now, was.month, self._everybody(before, after), "{}由 {} 调整为 {}")
        if was.month != self.after.terms.month:
            month = self.after.terms.month
            yield Candidate("month", "", "月份", old, values, month, self._everybody(str(was.month), str(month)))

    def attempt(self, candidate: Candidate) -> None:
        """Try one change for the open units in which it differs; those that it explains are closed."""
        units = self.open.join(candidate.words.unique("unit_key", keep="first"), on="unit_key")
        if not units.height:
            return
        told = units.select(
            "unit_key", pl.lit(candidate.kind).alias("cause_kind"), pl.lit(candidate.name).alias("cause_name"),
            pl.lit(candidate.label).alias("label"), "before", "after",
            pl.format(candidate.text, pl.lit(candidate.label), "before", "after").alias("text"),
        )  # fmt: skip
        people = _around(candidate.people.lazy(), units.select("unit_key"), self.unit, whole=candidate.people.height > self.open.height)
        tried = units.join(outcomes(self.rule, self.unit, people, candidate.values, candidate.month), on="unit_key", how="left", suffix="_tried")
        outcome = pl.col("_outcome_tried")
        explained = tried.filter(outcome.is_null() | (outcome == pl.col("_outcome_now"))).select("unit_key")
        moves = tried.filter(outcome != pl.col("_outcome")).select("unit_key")
        self.found.append(told.join(explained, on="unit_key", how="semi"))
        self.open = self.open.join(explained, on="unit_key", how="anti")
        self.first = pl.concat([self.first, told.join(self.first, on="unit_key", how="anti")])
        self.moved = pl.concat([self.moved, told.join(moves, on="unit_key", how="semi").join(self.moved, on="unit_key", how="anti")])

    def causes(self) -> pl.DataFrame:
        """[TRIED…, condition]: every unit once. What no single change explains is named by the first that moves it."""
        rest = self.open.select("unit_key")
        several = pl.concat([self.moved, self.first.join(self.moved, on="unit_key", how="anti")]).join(rest, on="unit_key", how="semi")
        several = several.with_columns(pl.lit("both").alias("cause_kind"), pl.format("{}等多项同时变化", "text").alias("text"))
        left = _told(rest.join(several, on="unit_key", how="anti"), "other", "", "多项变化", "多项情况同时变化")
        every = pl.concat([*(frame.select(*TRIED) for frame in self.found), several, left]).unique("unit_key", keep="first", maintain_order=True)
        every = every.join(self.conditions, on="unit_key", how="left").with_columns(pl.col("condition").fill_null(""))
        turned = pl.format("{}，“{}”这一条件随之改变", "text", "condition")
        return every.with_columns(pl.when(pl.col("condition") == "").then("text").otherwise(turned).alias("text"))

    def _members(self, common: pl.DataFrame) -> Iterator[Candidate]:
        joined = self.new.join(self.old.select("person_key"), on="person_key", how="anti")
        left = self.old.join(self.new.select("person_key"), on="person_key", how="anti")
        homes = pl.concat([joined.select("household_key"), left.select("household_key")]).unique()
        if not homes.height:
            return
        sizes = [frame.group_by("household_key").len("n") for frame in (self.old, self.new)]
        told = homes.join(sizes[0], on="household_key", how="left").join(sizes[1], on="household_key", how="left", suffix="_now")
        told = told.select("household_key", *(pl.format("{} 人", pl.col(name).fill_null(0)).alias(to) for name, to in (("n", "before"), ("n_now", "after"))))
        people = pl.concat([common, joined.select(common.columns)])
        words_ = self._by_household(told)
        yield Candidate("member", "", "家庭成员", people, self.before.terms.values[self.rule.name], self.before.terms.month, words_)

    def _by_household(self, told: pl.DataFrame) -> pl.DataFrame:
        """What is known of households as of units."""
        if self.unit == "household_key":
            return told.rename({"household_key": "unit_key"})
        return self.old.select(pl.col("person_key").alias("unit_key"), "household_key").join(told, on="household_key").drop("household_key")

    def _of_the_household(self, own: pl.DataFrame, differ: pl.DataFrame, each: Input) -> pl.DataFrame:
        """A person's own change first, else that of the first other member of the household."""
        other = differ.sort("person_key").unique("household_key", keep="first", maintain_order=True)
        other = other.select("household_key", words(pl.col(each.name), each).alias("before"), words(pl.col(f"{each.name}_now"), each).alias("after"))
        return pl.concat([own, self._by_household(other).select(own.columns)])

    def _everybody(self, before: str, after: str) -> pl.DataFrame:
        return self.open.select("unit_key", pl.lit(before).alias("before"), pl.lit(after).alias("after"))


def outcomes(rule: Rule, unit: str, people: pl.DataFrame, values: Values, month: Month) -> pl.DataFrame:
    """[unit_key, _outcome (-1: not entitled, else 分), required conditions] of the units among the people."""
    planned = plan_of(rule, month, values)
    found: pl.DataFrame = run(planned, nw.from_native(people.lazy()), keep_steps=True, everybody=True).to_native().collect()
    required = [step.name for step in _required(rule)]
    outcome = pl.when(pl.col("eligible") == 1).then("amount_fen").otherwise(-1).alias("_outcome")
    return found.select(pl.col(unit).alias("unit_key"), outcome, *required).unique("unit_key", keep="first", maintain_order=True)


def _around(people: pl.LazyFrame, units: pl.DataFrame, unit: str, whole: bool) -> pl.DataFrame:
    """The rows of the units, of their whole households where the rule looks at those."""
    if whole and unit == "person_key":
        homes = people.join(units.lazy(), left_on="person_key", right_on="unit_key", how="semi").select("household_key").unique()
        return people.join(homes.collect().lazy(), on="household_key", how="semi").collect()
    return people.join(units.lazy(), left_on=unit, right_on="unit_key", how="semi").collect()


def _told(units: pl.DataFrame, kind: str, name: str, label: str, text: str) -> pl.DataFrame:
    fixed = {"cause_kind": kind, "cause_name": name, "label": label, "before": "", "after": "", "text": text}
    return units.select("unit_key", *(pl.lit(value).alias(column) for column, value in fixed.items()))


def _required(rule: Rule) -> list[Step]:
    return [step for step in rule.steps if step.kind == "condition" and step.required]


def _conditions(both: pl.DataFrame, rule: Rule) -> pl.DataFrame:
    """[unit_key, condition]: the label of the first required condition that holds in one month only."""
    turned = pl.lit("")
    for step in reversed(_required(rule)):
        differs = (pl.col(step.name) != pl.col(f"{step.name}_now")).fill_null(False)
        turned = pl.when(differs).then(pl.lit(step.label)).otherwise(turned)
    return both.select("unit_key", turned.alias("condition"))


def _changed_parameters(rule: Rule, old: Values, new: Values) -> list[tuple[str, str, str, str]]:
    """Parameters whose value is another: name, title, both texts."""
    changed = [name for name in new if name in old and old[name].dated.value != new[name].dated.value]
    return [(name, new[name].title, old[name].text, new[name].text) for name in changed]


def words(value: pl.Expr, of: Input | Step) -> pl.Expr:
    """A value in words, as `explanation.in_words` has it."""
    if of.words:
        return value.replace_strict(dict(of.words), default=pl.format("未知代码 {}", value), return_dtype=pl.String)
    if of.measure == "fen":
        return yuan_text(value)
    if of.measure == "flag":
        return pl.when(value == 0).then(pl.lit("否")).otherwise(pl.lit("是"))
    if of.measure == "day":
        day = value.cast(pl.String).str.zfill(8)
        written = pl.format("{}-{}-{}", day.str.slice(0, 4), day.str.slice(4, 2), day.str.slice(6, 2))
        return pl.when(value > 0).then(written).otherwise(pl.lit("无"))
    unit = {"years": " 周岁", "months": " 个月", "percent": "%"}.get(of.measure, "")
    return pl.format(f"{{}}{unit}", value)


def yuan_text(value: pl.Expr) -> pl.Expr:
    """分 → '¥1,234.50', as `money.yuan` has it."""
    sign = pl.when(value < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    whole = (value.abs() // 100).cast(pl.String).str.reverse().str.replace_all(r"(\d{3})", "$1,").str.reverse().str.strip_chars_start(",")
    return pl.format("{}¥{}.{}", sign, whole, (value.abs() % 100).cast(pl.String).str.zfill(2))
