"""Reading the plan: every function takes the reader and a day; figures only of places inside the jurisdiction."""

from minzheng.kernel.indicators.queries.drill import PARTS, Part, RowSet, rows
from minzheng.kernel.indicators.queries.history import history
from minzheng.kernel.indicators.queries.plan import (
    CUTS,
    Cut,
    by_place,
    change_log,
    chosen_reading,
    item_page,
    overview,
    places_on,
    plan_at,
    plans,
    public_figures,
)
from minzheng.kernel.indicators.queries.shapes import value_in_words
from minzheng.kernel.indicators.queries.work import waiting_for_me
from minzheng.kernel.indicators.states import STATES

__all__ = [
    "CUTS", "PARTS", "STATES", "Cut", "Part", "RowSet", "by_place", "change_log", "chosen_reading", "history", "item_page", "overview", "places_on", "plan_at", "plans",
    "public_figures", "rows", "value_in_words", "waiting_for_me",
]  # fmt: skip
