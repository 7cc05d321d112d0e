"""What a household gets and why, in plain words: what the page and the paper show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from minzheng.kernel.benefits import queries
from minzheng.kernel.benefits.exclusions import Line as MatrixLine
from minzheng.kernel.benefits.models import Entitlement, Override, Recovery, Review, Run
from minzheng.kernel.benefits.snapshot.errors import SnapshotError
from minzheng.kernel.benefits.why import Why, why_in_run
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.dated import Value
from minzheng.kernel.ledger import queries as ledger
from minzheng.kernel.registry import queries as registry
from minzheng.kernel.registry.masking import mask_name
from minzheng.kernel.registry.models import Household
from minzheng.kernel.rules.explanation import Line
from minzheng.kernel.rules.language import Clause
from minzheng.portals.staff.views.benefits.shown import (
    KINDS,
    by_household,
    cause_text,
    is_status,
    short_key,
    title_of,
)

QUIET = ("flag", "day", "code")  # what a clerk may look up, but what is no figure of the sum
LEFT_OUT = ("不计入", "扣减的", "（扣减）", "豁免")  # how steps are called that keep something out of the reckoning
MOST_HISTORY, MOST_PAID = 40, 60
LOST = "这个批次的快照不在服务器上，不能重新说明：请从备份恢复快照后再看"


@dataclass(frozen=True)
class Step:
    """A line as it is shown: each parameter stands with the first step that used it, tables folded."""

    line: Line
    figures: list[Value] = field(default_factory=list)
    tables: list[Value] = field(default_factory=list)
    shares: list[tuple[str, str]] = field(default_factory=list)  # what each member brings in to a sum of money


@dataclass(frozen=True)
class Card:
    """One programme for one person or household. state: paid | status | held | cut | refused | none (nothing is due by the sum)."""

    why: Why
    who: str
    state: str
    main: list[Step]
    conditions: list[Line]
    rest: list[Step]
    left_out: list[Line]
    matrix: tuple[MatrixLine, ...]

    @property
    def title(self) -> str:
        return self.why.programme.title

    @property
    def clauses(self) -> list[Clause]:
        """The clauses behind the steps that made the amount, each once; of a status those of its conditions."""
        lines = [step.line for step in self.main] or self.conditions
        return list(dict.fromkeys(line.clause for line in lines if line.clause.quote))

    @property
    def unverified(self) -> bool:
        """Whether something behind the result is not confirmed: a parameter, or a row of the matrix that touched it."""
        return bool(self.why.result.unverified) or any(line.touched and line.row.status == "unverified" for line in self.matrix)


@dataclass(frozen=True)
class Explained:
    """Everything about one household in one run, and what went before it."""

    run: Run | None
    cards: list[Card] = field(default_factory=list)
    problem: str = ""
    names: Mapping[int, str] = field(default_factory=dict)
    entitlements: list[tuple[Entitlement, str, str]] = field(default_factory=list)
    overrides: list[tuple[Override, str]] = field(default_factory=list)
    reviews: list[tuple[Review, str]] = field(default_factory=list)
    recoveries: list[tuple[Recovery, str]] = field(default_factory=list)
    paid: list[tuple[ledger.LineRow, str, str]] = field(default_factory=list)
    paid_fen: int = 0
    year_fen: int = 0
    history: list[dict[str, Any]] = field(default_factory=list)

    @property
    def given(self) -> list[Card]:
        """What is given, or would be if it were not held or cut."""
        return [card for card in self.cards if card.state not in ("refused", "none")]

    @property
    def refused(self) -> list[tuple[str, str, tuple[Line, ...]]]:
        """What is not given: programme, for whom, and the conditions that failed; members with the same ones together."""
        found: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[list[str], tuple[Line, ...]]] = {}
        for card in self.cards:
            if card.state in ("refused", "none"):
                failed = card.why.result.failed
                key = card.title, tuple((line.label, str([figure.text for figure in line.columns])) for line in failed)
                found.setdefault(key, ([], failed))[0].append(card.who)
        return [(title, "、".join(dict.fromkeys(who)), failed) for (title, _key), (who, failed) in found.items()]

    @property
    def sum_fen(self) -> int:
        """What the household gets for the month."""
        return sum(card.why.amount_fen for card in self.given)

    @property
    def matrix(self) -> list[MatrixLine]:
        """Every row of the matrix that concerns the household, each once."""
        return list({line.text: line for card in self.cards for line in card.matrix}.values())

    @property
    def unverified(self) -> bool:
        return any(card.unverified for card in self.given)


def explained(household: Household, run: Run | None, actor: Actor) -> Explained:
    """Everything for the household's page. Raises Forbidden."""
    problem, found = "", []
    if run is not None:
        try:
            found = why_in_run(run, household.household_key, actor)
        except SnapshotError:
            problem = LOST
    members = registry.members(household, actor, clock.business_date())
    keys = {member.person.person_key for member in members} | {each.result.person_key for each in found}
    known = {key: mask_name(person.name) for key, person in registry.people_by_key(keys, actor).items()}
    names = {key: known.get(key, f"未建档 {short_key(key)}") for key in keys}
    homes = [household.household_key]
    paid = [line for key in sorted(keys) for line in ledger.lines_of_person(key, actor)]
    paid.sort(key=lambda line: (line.month, line.programme), reverse=True)
    done = [line for line in paid if line.state == "paid"]
    year = clock.business_date().year
    history = queries.changes_about(actor, keys, homes)[:MOST_HISTORY]
    return Explained(
        run, sorted((card(each, names) for each in found), key=_order), problem, names,
        [(row, title_of(row.programme), _unit(row, names)) for row in queries.entitlements(actor, keys, homes)[:MOST_HISTORY]],
        [(row, title_of(row.programme)) for row in queries.overrides(actor, keys, homes, standing=True)],
        [(row, title_of(row.programme)) for row in queries.reviews(actor, "waiting", people=keys, households=homes)],
        [(row, title_of(row.programme)) for row in queries.recoveries(actor, people=keys)],
        [(line, title_of(line.programme), names.get(line.person_key, "")) for line in paid[:MOST_PAID]],
        sum(line.amount_fen for line in done), sum(line.amount_fen for line in done if line.month.year == year),
        [{"change": row, "title": title_of(row.programme), "kind": KINDS[row.kind], "status": is_status(row.programme),
          "why": cause_text(row.cause, row.exclusion), "who": _unit(row, names)} for row in history],
    )  # fmt: skip


def _unit(row: Any, names: Mapping[int, str]) -> str:
    return "全户" if by_household(row.programme) else names.get(row.person_key, f"未建档 {short_key(row.person_key)}")


def card(why: Why, names: Mapping[int, str]) -> Card:
    """One programme as it is shown; `names`: masked names by person."""
    lines = why.result.lines
    left_out = [line for line in lines if line.step.measure == "fen" and line.value and any(word in line.label for word in LEFT_OUT)]
    used = _used(lines)
    main = [line for line in lines if line.step.kind != "condition" and line.name in used and line.step.measure not in QUIET]
    conditions = [line for line in lines if line.step.kind == "condition"]
    shown = {line.name for line in (*main, *conditions)}
    rest, told = [line for line in lines if line.name not in shown], set[str]()
    who = "全户" if why.programme.rule.entity == "household" else names.get(why.result.person_key, "")
    return Card(why, who, _state(why), _steps(main, told, names), conditions, _steps(rest, told, names), left_out, why.lines)


def _steps(lines: list[Line], told: set[str], names: Mapping[int, str]) -> list[Step]:
    found = []
    for line in lines:
        new = [value for value in line.parameters if value.name not in told]
        told.update(value.name for value in new)
        adds = line.step.measure == "fen" and line.step.how == "sum" and len(line.members) > 1
        shares = [(names.get(figure.person_key, ""), figure.text) for figure in line.members if figure.value] if adds else []
        tables = [value for value in new if value.unit == "table"]
        found.append(Step(line, [value for value in new if value.unit != "table"], tables, shares))
    return found


def _used(lines: tuple[Line, ...]) -> set[str]:
    """The steps that lead to the amount: followed back from the result through what each formula used. What is nothing is
    left out, unless it comes of money that is something (an income that deductions bring to nothing)."""
    by_name = {line.name: line for line in lines}

    def below(line: Line) -> list[str]:
        return [figure.name for figure in line.columns if figure.name in by_name] + ([line.step.of] if line.step.of in by_name else [])

    @cache
    def leads(name: str) -> bool:
        line = by_name[name]
        if line.value:
            return True
        flags = [by_name[each] for each in below(line) if by_name[each].step.measure == "flag"]
        if line.step.measure != "fen" or not all(flag.value for flag in flags):
            return False
        return any(by_name[each].step.measure == "fen" and leads(each) for each in below(line))

    open_, found = [line.name for line in lines if line.step.kind == "amount"], set[str]()
    while open_:
        name = open_.pop()
        if name not in found and (by_name[name].step.kind == "amount" or leads(name)):
            found.add(name)
            open_ += below(by_name[name])
    return found


def _state(why: Why) -> str:
    if not why.result.eligible:
        return "refused"
    if why.suspended:
        return "held"
    if why.exclusion:
        return "cut"
    if not why.programme.rule.pays:
        return "status"
    return "paid" if why.amount_fen > 0 else "none"


def _order(card: Card) -> tuple[int, int]:
    """What is given first; among what is refused, what failed least."""
    rank = ("paid", "status", "held", "cut", "none", "refused").index(card.state)
    return rank, len(card.why.result.failed)
