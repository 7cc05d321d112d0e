"""Every figure of a report as plain JSON, taken once: value, numerator, denominator, reading, as of, source, and a fingerprint each."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import date
from typing import Any

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.money import yuan
from minzheng.kernel.indicators import queries
from minzheng.kernel.indicators.measuring import shown
from minzheng.kernel.indicators.models import Milestone, MilestoneRecord
from minzheng.kernel.indicators.queries.shapes import ItemCard, OwnFigure, PlanView, TargetState
from minzheng.kernel.indicators.states import STATES
from minzheng.kernel.indicators.statistics import queries as statistics
from minzheng.kernel.indicators.statistics.figures import ALL, TOTAL

Json = dict[str, Any]
NUMERALS = "〇一二三四五六七八九十"
CUTS = ("unit", "division")


def gathered(kind: str, first: date, as_of: date, actor: Actor, place: str, progress: Callable[[int], None]) -> Json:
    """All figures for a place as of a day. Raises Forbidden, LookupError, PlanError (no plan of that year)."""
    view = queries.overview(actor, as_of, place=place)
    progress(1)
    boards = [found for card in view.cards for state in card.targets if view.whole_city and (found := _by_place(state, actor, as_of))]
    progress(2)
    stations = _stations(view)
    items = [_item(card, stations.get(card.item.pk, [])) for card in view.cards]
    progress(3)
    late = [{**each, "item": item["number"], "item_title": item["title"]} for item in items for each in item["late"]]
    return {
        "kind": kind, "first": f"{first}", "as_of": f"{as_of}", "as_of_words": in_words(as_of), "month_words": f"{first.year}年{first.month}月",
        "year": first.year, "place": view.place, "place_title": "全市" if view.whole_city else view.place_title, "whole_city": view.whole_city,
        "plan": {"title": f"《{view.plan.title}》", "full_title": view.plan.title, "document": view.plan.document,
                 "issuer": view.plan.issuer, "version": view.plan.version},
        "measured_on": f"{view.measured.as_of}" if view.measured else None, "elapsed": f"{view.elapsed * 100:.0f}",
        "items_total": len(view.cards), "counts_words": _counted(view.counts), "target_counts_words": _counted(view.target_counts),
        "targets_total": sum(len(card.targets) for card in view.cards), "chapters": _chapters(view, items), "late": late, "late_total": len(late),
        "boards": boards if kind != "district" else [], "statistics": _statistics(actor, first, place),
    }  # fmt: skip


def stamped(figures: Json) -> tuple[Json, str]:
    """The figures with their fingerprint in them, and it alone."""
    content = json.dumps(figures, ensure_ascii=False, sort_keys=True, default=str)
    mark = hashlib.sha256(content.encode()).hexdigest()
    return {**json.loads(content), "fingerprint_short": mark[:16]}, mark


def in_words(day: date) -> str:
    """2024年8月31日."""
    return f"{day.year}年{day.month}月{day.day}日"


def numeral(number: int) -> str:
    """Ten and below in Chinese."""
    return NUMERALS[number] if number <= 10 else str(number)


def _counted(counts: dict[Any, int]) -> str:
    return "、".join(f"{STATES[state]}{count}个" for state, count in counts.items() if count) or "没有内容"


def _chapters(view: PlanView, items: list[Json]) -> list[Json]:
    return [
        {"number": chapter.number, "numeral": numeral(chapter.number), "title": chapter.title,
         "items": [item for item in items if item["chapter"] == chapter.number]}
        for chapter in view.chapters
    ]  # fmt: skip


def _stations(view: PlanView) -> dict[int, list[Json]]:
    """Item → its milestones as they stood on the day."""
    found: dict[int, list[Json]] = defaultdict(list)
    rows = Milestone.objects.filter(item__plan=view.plan, withdrawn_on=None).prefetch_related("records").order_by("due", "name")
    for each in rows:
        known = [record for record in each.records.all() if record.recorded_on <= view.on]
        record = next((one for one in reversed(known) if one.state != MilestoneRecord.State.RETURNED), known[-1] if known else None)
        done = {"state": record.state, "done_on": f"{record.done_on}", "by": record.by, "confirmed_by": record.confirmed_by} if record else {
            "state": "open", "done_on": "", "by": "", "confirmed_by": ""}  # fmt: skip
        found[each.item_id].append({"title": each.title, "due": f"{each.due}", **done})
    return found


def _item(card: ItemCard, stations: list[Json]) -> Json:
    targets, figures = [_target(each) for each in card.targets], [_own(each) for each in card.figures]
    return {
        "number": card.number, "chapter": card.item.chapter, "title": card.item.title, "office": card.office.title, "state": card.state,
        "state_title": card.state_title, "done": card.milestones_done, "total": card.milestones_total,
        "late": [{"kind": each.kind, "title": each.title, "due": f"{each.due}", "days": each.days, "owner": each.owner, "verified": each.verified}
                 for each in card.late],
        "milestones": stations,
        "targets": targets, "figures": figures,
        "targets_words": "".join(f"{each['verbatim']}：{each['said']}。" for each in targets),
        "figures_words": ("监测数：" + "，".join(f"{each['title']}{each['shown']}" for each in figures) + "。") if figures else "",
    }  # fmt: skip


def _target(state: TargetState) -> Json:
    found: Json = {
        "code": state.target.code, "verbatim": state.target.verbatim, "shown": state.shown, "goal_shown": state.goal_shown, "unit": state.unit_title,
        "value": None if state.value is None else f"{state.value}", "numerator": state.numerator, "denominator": state.denominator,
        "state": state.state, "state_title": state.state_title, "source": state.source, "source_title": state.source_title,
        "as_of": f"{state.as_of}" if state.as_of else None, "reading": state.reading.title, "reading_words": state.reading.numerator_words,
        "share_of_goal": None if state.share_of_goal is None else f"{state.share_of_goal:.4f}",
        "expected_share": None if state.expected_share is None else f"{state.expected_share:.4f}",
        "forecast": None if state.forecast.value is None else f"{state.forecast.value}", "reported_by": state.reported_by,
        "confirmed_by": state.confirmed_by, "reason": state.reason, "trend": [[f"{day}", f"{value}"] for day, value in state.trend][-12:],
    }  # fmt: skip
    parts = f"（{state.numerator:,}/{state.denominator:,}）" if state.value is not None and state.denominator and state.numerator is not None else ""
    typed = "，填报" if state.source == "reported" else ""
    found["said"] = state.source_title if state.value is None else f"{state.shown}{parts}{typed}，{state.state_title}"
    return _marked(found)


def _own(figure: OwnFigure) -> Json:
    return _marked({
        "indicator": figure.indicator.name, "title": figure.indicator.title, "reading": figure.reading.title, "shown": figure.shown,
        "value": None if figure.value is None else f"{figure.value}", "numerator": figure.numerator, "denominator": figure.denominator,
        "as_of": f"{figure.as_of}" if figure.as_of else None,
    })  # fmt: skip


def _marked(figure: Json) -> Json:
    """A figure with a fingerprint of its own."""
    content = json.dumps(figure, ensure_ascii=False, sort_keys=True, default=str)
    return {**figure, "fingerprint": hashlib.sha256(content.encode()).hexdigest()[:16]}


def _by_place(state: TargetState, actor: Actor, as_of: date) -> Json | None:
    if not state.indicator or state.value is None:
        return None
    cuts = {}
    for cut in CUTS:
        cuts[cut] = [
            {"place": each.place, "title": each.title, "numerator": each.numerator, "denominator": each.denominator,
             "shown": _value(each.value, state, each.numerator), "state": each.state}
            for each in queries.by_place(state.target, actor, as_of, "unit" if cut == "unit" else "division")
        ]  # fmt: skip
    return {"code": state.target.code, "verbatim": state.target.verbatim, "rows": cuts["unit"], "division": cuts["division"]}


def _value(value: Any, state: TargetState, numerator: int | None) -> str:
    if value is None:
        return "—"
    return f"{value:.2f}".rstrip("0").rstrip(".") + "%" if state.target.per == "percent" else shown(numerator, state.target.unit)


def _statistics(actor: Actor, month: date, place: str) -> Json | None:
    """The month's table for the place, or the last one that there is before; None without a right to it or without any."""
    if not actor.may("statistics.view"):
        return None
    line = next((each for each in statistics.months(actor) if each.month <= month), None)
    if line is None:
        return None
    view = statistics.month(actor, line.month, place=place)
    rows = [{"programme": row.programme, "title": row.title, **row.now} for row in view.rows]
    total = next((row.now for row in view.rows if row.programme == TOTAL), None) or {}
    year, missing = statistics.year_of(actor, line.month, place=place)
    paid = next((row["paid_fen"] for (programme, population, _place), row in year.items() if programme == TOTAL and population == ALL), 0)
    towns = [] if view.whole_city else [
        {"title": each.title, **each.now} for each in statistics.by_place(actor, view.table, TOTAL, "town", view.place) if each.now["persons"] or each.now["paid_fen"]
    ]  # fmt: skip
    return {
        "month": f"{line.month}", "month_words": f"{line.month.year}年{line.month.month}月", "month_number": line.month.month,
        "revision": view.table.revision, "state_title": view.table.get_state_display(), "fingerprint": view.table.fingerprint, "rows": rows, "towns": towns,
        "persons_words": f"{total.get('persons', 0):,}人", "households_words": f"{total.get('households', 0):,}户",
        "paid_words": f"{yuan(total.get('paid_fen', 0))}", "refused_words": f"{yuan(total.get('refused_fen', 0))}", "year_paid_words": f"{yuan(paid)}",
        "missing_words": "缺" + "、".join(f"{day.month}月" for day in missing) + "月报" if missing else "各月月报齐全",
    }  # fmt: skip
