"""A figure of places side by side through the year, for a map with a slider."""

from __future__ import annotations

from datetime import date

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.indicators.catalogue import indicator as indicator_named
from minzheng.kernel.indicators.models import IndicatorValue, Measurement, Target
from minzheng.kernel.indicators.places import Places
from minzheng.kernel.indicators.queries.jurisdiction import may_see
from minzheng.kernel.indicators.queries.plan import Cut, chosen_reading

MONTHS = 13
Amounts = dict[str, tuple[int, int | None]]


def history(
    figure: Target | str, actor: Actor, on: date, cut: Cut = "division", reading: str = "", below: str = ""
) -> list[tuple[date, Amounts]]:
    """The last night of each month up to a day, at most thirteen, oldest first: place → numerator, denominator, of the places inside the
    jurisdiction; one that is not there had nothing. Raises Forbidden, LookupError (a target that nothing measures, an unknown reading)."""
    actor.require("plan.view")
    if isinstance(figure, Target) and not figure.indicator:
        raise LookupError("这个目标没有逐日的数字：它是填报的，或还没有数据来源")
    found = indicator_named(figure.indicator if isinstance(figure, Target) else figure)
    name = reading or (chosen_reading(figure, on) if isinstance(figure, Target) else "")
    nights = Measurement.objects.filter(as_of__lte=on).order_by("as_of").values_list("as_of", flat=True)
    days = list({night.replace(day=1): night for night in nights}.values())[-MONTHS:]
    places = Places.on(on)
    shown = [place for place in places.of_cut(cut, below) if may_see(actor, place, places)]
    rows = IndicatorValue.objects.filter(as_of__in=days, place__in=shown, indicator=found.name, reading=found.reading(name).name)
    amounts: dict[date, Amounts] = {day: {} for day in days}
    for day, place, numerator, denominator in rows.values_list("as_of", "place", "numerator", "denominator"):
        amounts[day][place] = (numerator, denominator)
    return list(amounts.items())
