"""要点督办: the whole plan at a glance, for the reader's place or one inside it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.http import urlencode

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.indicators import queries
from minzheng.kernel.indicators.errors import PlanError
from minzheng.kernel.indicators.queries.shapes import ItemCard, PlanView
from minzheng.kernel.indicators.states import STATES
from minzheng.portals.staff import places
from minzheng.portals.staff.middleware import StaffRequest
from minzheng.portals.staff.page import page
from minzheng.portals.staff.views.plan.shown import TONES, StateChip, card

NUMERALS = "〇一二三四五六七八九十"


@dataclass(frozen=True)
class Asked:
    """What the address asks for. on: a day to look back at; mine: only items of the reader's own offices."""

    chapter: str = ""
    office: str = ""
    state: str = ""
    mine: str = ""
    place: str = ""
    on: str = ""

    @classmethod
    def of(cls, address: QueryDict) -> Asked:
        """What stands in an address."""
        return cls(**{name: address.get(name, "").strip()[:40] for name in cls.__dataclass_fields__})

    def address(self, **changes: str) -> str:
        """The same, changed, as the query of an address."""
        return urlencode({name: value for name, value in asdict(replace(self, **changes)).items() if value})

    def day(self) -> date:
        """The day that is asked about: never later than today."""
        today = clock.business_date()
        try:
            return min(date.fromisoformat(self.on), today) if self.on else today
        except ValueError:
            return today


@page("plan.view")
def plan(request: StaffRequest) -> HttpResponse:
    """All items in cards by chapter, under the filters of the address."""
    actor, asked = request.actor, Asked.of(request.GET)
    try:
        found = queries.overview(actor, asked.day(), place=asked.place)
    except LookupError:
        asked = replace(asked, place="")
        found = queries.overview(actor, asked.day())
    except PlanError as nothing:
        return render(
            request, "staff/plan/none.html", {"reason": str(nothing), "may_manage": actor.may("plan.manage")}
        )
    mine = _own_offices(actor)
    chapters: list[dict[str, Any]] = [
        {"number": _numeral(chapter.number), "title": chapter.title, "total": len(chapter.cards),
         "late": sum(each.state == "behind" for each in chapter.cards), "cards": [card(each, found.elapsed) for each in kept]}
        for chapter in found.chapters
        if (kept := [each for each in chapter.cards if _fits(each, asked, mine)])
    ]  # fmt: skip
    context = {
        "view": found, "asked": asked, "chapters": chapters, "mine": mine, "tabs": _tabs(found, asked), "tones": TONES,
        "offices": sorted({(each.office.code, each.office.title) for each in found.cards}, key=lambda pair: pair[1]),
        "chapter_choices": [(str(each.number), f"{_numeral(each.number)}、{each.title}") for each in found.chapters],
        "places": place_choices(actor, found.on), "targets": [(StateChip(state), count) for state, count in found.target_counts.items() if count],
        "elapsed": round(float(found.elapsed) * 100), "shown": sum(len(chapter["cards"]) for chapter in chapters), "narrowed": _narrowed(asked),
        "late": sum(len(each.late) for each in found.cards), "may_manage": actor.may("plan.manage"), "back": asked.address(),
    }  # fmt: skip
    return render(request, "staff/plan/board.html", context)


def place_choices(actor: Actor, on: date) -> list[tuple[str, list[places.Choice]]]:
    """The places that may be looked at, in both geographies: boards and counties for the city, towns below."""
    known = queries.places_on(on)
    groups = (
        (("按管理口径", "unit"), ("按行政区划", "division"))
        if places.whole_city(actor)
        else (("镇街", "town"),)
    )
    return [
        (title, [places.Choice(place, known.titles[place]) for place in known.of_cut(cut) if _covered(actor, place, known)])
        for title, cut in groups
    ]  # fmt: skip


def _covered(actor: Actor, place: str, known: Any) -> bool:
    return all(
        any(low <= start and end <= high for low, high in actor.ranges)
        for start, end in known.ranges_of(place)
    )


def _fits(found: ItemCard, asked: Asked, mine: set[int]) -> bool:
    return (
        (not asked.chapter or str(found.item.chapter) == asked.chapter) and (not asked.office or found.office.code == asked.office)
        and (not asked.state or found.state == asked.state) and (not asked.mine or found.office.pk in mine)
    )  # fmt: skip


def _tabs(found: PlanView, asked: Asked) -> list[dict[str, Any]]:
    counts = [
        ("", "全部", len(found.cards)),
        *((state, STATES[state], count) for state, count in found.counts.items() if count),
    ]
    return [
        {"label": label, "count": count, "here": asked.state == state, "url": f"?{asked.address(state=state)}"} for state, label, count in counts
    ]  # fmt: skip


def _narrowed(asked: Asked) -> bool:
    return bool(asked.chapter or asked.office or asked.state or asked.mine)


def _own_offices(actor: Actor) -> set[int]:
    """The offices that the reader works for."""
    return set(actor.user.offices.values_list("office_id", flat=True)) if actor.user else set()


def _numeral(number: int) -> str:
    return NUMERALS[number] if number <= 10 else str(number)
