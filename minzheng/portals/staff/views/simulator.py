"""政策模拟: other parameters over a frozen month: what it costs, who gains, who loses; kept to be compared. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render

from minzheng.kernel.benefits import policy, queries
from minzheng.kernel.benefits.actions.variants import delete_variant, save_variant
from minzheng.kernel.benefits.errors import BenefitsError
from minzheng.kernel.benefits.models import Snapshot, Variant
from minzheng.kernel.benefits.parameters import PRACTICE
from minzheng.kernel.benefits.programmes import programmes
from minzheng.kernel.benefits.simulation import Outcome, simulate
from minzheng.kernel.benefits.snapshot.errors import SnapshotError
from minzheng.kernel.divisions.queries import management_units
from minzheng.kernel.foundation import clock
from minzheng.kernel.rules.language import Month
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.parameter_fields import Field, fields_of, read

MOST_SNAPSHOTS = 24
MOST_COMPARED = 4
MOST_CHANGED = 12


@dataclass
class Asked:
    """What the address asks to change: the fields to show, the values read, what was wrong with them."""

    groups: list[tuple[policy.Entry, list[Field]]] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


@page("benefits.view")
def simulator(request: StaffRequest) -> HttpResponse:
    """Choose parameters, give them other values, see the month again."""
    return _simulator(request, request.GET)


@page("benefits.view", "POST")
def keep_variant(request: StaffRequest) -> HttpResponse:
    """Keep the simulation that stands in the form under a name."""
    found = _snapshot(request, request.POST)
    asked = _asked(request.POST, found) if found else Asked()
    if found is None or asked.problems:
        return _simulator(request, request.POST)
    try:
        save_variant(name=request.POST.get("name", ""), outcome=simulate(found, asked.changes), by=request.actor)
    except (BenefitsError, SnapshotError) as refusal:
        return _simulator(request, request.POST, str(refusal))
    messages.success(request, "已保存，可与其他方案比较")
    return redirect("staff:variants")


@page("benefits.view")
def variants(request: StaffRequest) -> HttpResponse:
    """What was kept, the reader's own and others'; up to four side by side."""
    kept = list(queries.variants(request.actor)[:50])
    wanted = request.GET.getlist("v")[:MOST_COMPARED]
    chosen = [variant for variant in kept if str(variant.pk) in wanted]
    context = {
        "kept": [(variant, _changed(variant), variant.result["cost_fen"], variant.owner_id == request.user.pk) for variant in kept], "chosen": chosen, "most": MOST_COMPARED,
        "compared": _compared(chosen) if len(chosen) > 1 else [], "wanted": wanted,
    }  # fmt: skip
    return render(request, "staff/simulator/variants.html", context)


@page("benefits.view", "POST")
def drop_variant(request: StaffRequest) -> HttpResponse:
    """Throw a kept simulation away."""
    number = request.POST.get("variant", "")
    variant = queries.variants(request.actor).filter(pk=int(number), owner=request.actor.user).first() if number.isdecimal() else None
    if variant is None:
        messages.info(request, "这个方案已经不在了")
    else:
        delete_variant(variant=variant, by=request.actor)
        messages.success(request, f"已删除“{variant.name}”")
    return redirect("staff:variants")


def _simulator(request: StaffRequest, query: QueryDict, problem: str = "") -> HttpResponse:
    found = _snapshot(request, query)
    if found is None:
        return render(request, "staff/simulator/empty.html")
    asked = _asked(query, found)
    outcome = None
    if asked.changes and not asked.problems and query.get("run"):
        try:
            outcome = simulate(found, asked.changes)
        except (BenefitsError, SnapshotError, LookupError) as refusal:
            asked.problems.append(str(refusal))
    problems = [*asked.problems, *([problem] if problem else [])]
    context = {
        "snapshot": found, "snapshots": queries.snapshots(request.actor)[:MOST_SNAPSHOTS], "asked": asked, "problems": problems,
        "choices": [sheet for sheet in policy.sheets(request.actor, Month.of(found.month).first) if sheet.scope != PRACTICE], "result": _result(outcome) if outcome else None,
        "sent": [(key, value) for key in query for value in query.getlist(key) if key not in ("csrfmiddlewaretoken", "form_token", "name", "add")],
    }  # fmt: skip
    return render(request, "staff/simulator/simulator.html", context, status=422 if problems else 200)


def _snapshot(request: StaffRequest, query: QueryDict) -> Snapshot | None:
    frozen = queries.snapshots(request.actor)
    return frozen.filter(name=query.get("snapshot", "")).first() or frozen.first()


def _asked(query: QueryDict, snapshot: Snapshot) -> Asked:
    """Reads the parameters named by `p`, and those just added by `add`."""
    asked, day = Asked(), Month.of(snapshot.month).first
    sent = query.dict()
    names = dict.fromkeys([*query.getlist("p"), *filter(None, [query.get("add", "")])])
    for text in list(names)[:MOST_CHANGED]:
        try:
            entry = policy.current(policy.known(text), day)
        except (BenefitsError, LookupError):
            asked.problems.append(f"没有参数“{text[:60]}”，已略去")
            continue
        key = str(entry.name)
        given = any(name == key or name.startswith(f"{key}.") for name in sent)
        asked.groups.append((entry, fields_of(entry.value, key, {name: str(value) for name, value in sent.items()} if given else None)))
        if not given:
            continue
        try:
            value = read(entry.value, key, {name: str(text) for name, text in sent.items()})
        except ValueError as wrong:
            asked.problems.append(f"{entry.value.title}：{wrong}")
            continue
        if value != _plain(entry.value.dated.value):
            asked.changes[key] = value
    return asked


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _result(outcome: Outcome) -> dict[str, Any]:
    boards = {unit.slug: unit.name for unit in management_units(clock.business_date())} | {"": "不在辖区表内"}
    titles = {name: each.title for name, each in programmes().items()}
    by_board = [(boards.get(slug, slug), _line(row)) for slug, row in outcome.by_board.items()]
    return {
        "outcome": outcome, "total": _line(outcome.total), "year_fen": outcome.cost_fen * 12,
        "by_programme": [(titles.get(name, name), _line(row)) for name, row in outcome.by_programme.items() if _moves(row)],
        "by_board": by_board, "by_type": [(name, _line(row)) for name, row in outcome.by_type.items()],
        "chart": _chart(by_board),
    }  # fmt: skip


def _chart(by_board: list[tuple[str, dict[str, int]]]) -> dict[str, Any]:
    """Cost by board, in yuan while all of it is small."""
    costs = [row["cost"] for _name, row in by_board]
    unit, size = ("万元", 1_000_000) if max(map(abs, costs), default=0) >= 10_000_000 else ("元", 100)
    values = [round(cost / size, 1 if size > 100 else 0) for cost in costs]
    return {"kind": "bars", "unit": unit, "axis": [name for name, _row in by_board], "series": [{"name": "每月增减", "values": values}]}


def _line(row: dict[str, int]) -> dict[str, int]:
    return {**row, "cost": row["after_fen"] - row["before_fen"], "units": row["units_after"] - row["units_before"]}


def _moves(row: dict[str, int]) -> bool:
    return bool(row["winners"] or row["losers"])


def _changed(variant: Variant) -> list[tuple[str, str, str]]:
    """(title, was, is) of each parameter of a kept simulation."""
    day, found = Month.of(variant.snapshot.month).first, []
    for text, value in variant.changes.items():
        try:
            entry = policy.current(policy.known(text), day)
        except (BenefitsError, LookupError):  # the programme has since lost the parameter
            found.append((text, "", str(value)))
            continue
        found.append((entry.value.title, entry.value.text, entry.value.in_words(value)))
    return found


def _compared(chosen: list[Variant]) -> list[tuple[str, list[dict[str, int]]]]:
    """Rows of the comparison: total, then each board, one cell a variant."""
    boards = {unit.slug: unit.name for unit in management_units(clock.business_date())}
    rows = [("全市", [_line(variant.result["total"]) for variant in chosen])]
    nothing = dict.fromkeys(chosen[0].result["total"], 0)
    for slug, name in boards.items():
        rows.append((name, [_line(variant.result["by_board"].get(slug, nothing)) for variant in chosen]))
    return rows

