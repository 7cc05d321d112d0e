"""Every figure of every reading equals a plain count over the rows, for the city, its counties, its boards and its towns."""

from __future__ import annotations

from datetime import date

import pytest

from minzheng.kernel.indicators.catalogue import indicators
from minzheng.kernel.indicators.models import IndicatorValue, Plan
from minzheng.kernel.indicators.places import Places
from tests.kernel.indicators import plain
from tests.kernel.indicators.counting import assert_equal_to_plain, measured
from tests.kernel.indicators.rows import Officials

OWN = {"alerts_in_time", "alerts_visited", "alert_precision", "cases_in_time", "promises_used", "deferred_used", "deliveries_in_time"}


@pytest.mark.parametrize("on", [date(2024, 3, 31), date(2024, 9, 5)], ids=str)
def test_figures_of_the_kernels_own_rooms(city: Officials, on: date) -> None:
    assert assert_equal_to_plain(on, OWN) > 60


def test_the_plain_count_knows_every_indicator(city: Officials) -> None:
    """A figure that is added later must be counted by hand as well."""
    counted = {name for name, _reading in plain.figures(plain.Rows(), date(2024, 9, 5))} | {"electricity_gift_money"}
    assert counted == set(indicators())


def test_counties_and_boards_add_up_to_the_city_and_a_share_is_a_part_of_its_whole(city: Officials) -> None:
    on = date(2024, 9, 5)
    values, places = measured(on), Places.on(on)
    for key, found in values.items():
        towns = [place for place in found if place.isdigit() and place[6:9] != "000"]
        if key[0] == "deliveries_in_time":
            continue  # it has no place but the city
        for cut in (places.county_codes, tuple(places.boards), towns):
            for part in (0, 1):
                total = found[places.city][part]
                if total is not None:
                    assert sum(found[place][part] or 0 for place in cut) == total, (key, cut[:1], part)
        for place, (numerator, denominator) in found.items():
            assert denominator is None or 0 <= numerator <= denominator, (key, place)


def test_the_numerator_consists_of_rows_of_the_denominator(city: Officials) -> None:
    from minzheng.kernel.indicators.declarations import Span

    span = Span(date(2024, 1, 1), date(2024, 12, 31), date(2024, 9, 5))
    for indicator in indicators().values():
        for reading in indicator.readings:
            if reading.denominator:
                part, whole = reading.numerator(span), reading.denominator(span)
                keys = set(whole.query.values_list(whole.counts, flat=True))
                found = list(part.query.values_list(part.counts, flat=True))
                assert set(found) <= keys, (indicator.name, reading.name)
                assert part.counts != "pk" or len(found) == len(set(found)), "a row is there once"


def test_a_measure_repeated_changes_nothing_and_one_of_another_day_stays(city: Officials) -> None:
    early, late = date(2024, 6, 5), date(2024, 9, 5)
    first, other = measured(early), measured(late)
    assert measured(early) == first
    assert {(row.indicator, row.reading) for row in IndicatorValue.objects.filter(as_of=late)} == set(other)
    assert IndicatorValue.objects.filter(as_of=early).count() == sum(len(each) for each in first.values())


def test_without_a_plan_the_calendar_year_is_measured(city: Officials) -> None:
    """2023 has no plan, but its alerts are counted."""
    assert not Plan.objects.filter(year=2023).exists()
    found = measured(date(2023, 12, 31))["alerts_visited", "visited"]["320400000000"]
    raised = [row for row in plain.Rows().alerts if row["raised_on"].year == 2023]
    assert found[1] == len(raised) > 0


def test_rows_outside_the_city_are_told_and_not_counted(city: Officials) -> None:
    from minzheng.kernel.monitoring.models import Alert

    on = date(2024, 9, 5)
    before = measured(on)["alerts_visited", "visited"]["320400000000"]
    moved = Alert.objects.filter(raised_on__gte=date(2024, 1, 1), raised_on__lte=on).first()
    assert moved is not None
    Alert.objects.filter(pk=moved.pk).update(division_code="320500000001")
    after = measured(on)["alerts_visited", "visited"]["320400000000"]
    assert after[1] == (before[1] or 0) - 1
    row = IndicatorValue.objects.get(as_of=on, indicator="alerts_visited", place="320400000000")
    assert row.unplaced == 1 and "2024-01-01 至 2024-09-05" in row.filter
