"""What a reader sees: figures of places inside the jurisdiction, rows with the right their own room asks for, each opening on record."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.indicators import actions, queries
from minzheng.kernel.indicators.catalogue import indicators
from minzheng.kernel.indicators.models import IndicatorValue, Target
from tests.beginnings import begun
from tests.kernel.indicators import plain
from tests.kernel.indicators.counting import measured
from tests.kernel.indicators.rows import Officials, a_city, with_statistics

ON, LATER, CITY = date(2024, 9, 5), date(2024, 9, 20), "320400000000"


def a_measured_city() -> Officials:
    found = a_city()
    for day in (date(2024, 5, 5), date(2024, 7, 5), ON):
        measured(day)
    return found


@pytest.fixture
def measured_city(db: None, home: Home) -> Officials:
    found = begun(a_measured_city, home)
    with_statistics()
    return found


def t06() -> Target:
    return Target.objects.get(code="T06")


def test_the_plan_at_a_glance(measured_city: Officials) -> None:
    view = queries.overview(measured_city.by("leader"), LATER)
    assert len(view.cards) == 34 and [chapter.number for chapter in view.chapters] == list(range(1, 11)) and view.whole_city
    assert view.measured and view.measured.as_of == ON and view.elapsed == Decimal(264) / 366
    assert sum(view.counts.values()) == 34 and sum(view.target_counts.values()) == 27
    found = next(each for card in view.cards for each in card.targets if each.target.code == "T06")
    part, whole = plain.figures(plain.Rows(), ON)["nonlocal_household_files", "in_need"]
    assert whole is not None and (found.numerator, found.denominator) == (len(part), len(whole)) and found.opens
    assert found.source == "measured" and found.as_of == ON and [day for day, _value in found.trend] == [date(2024, 5, 5), date(2024, 7, 5), ON]
    assert found.forecast.value is not None and found.expected_share == Decimal("0.7213")
    other = found.other_readings[0]
    assert other.name == "alerted" and other.denominator and other.denominator > len(whole)
    silent = next(each for card in view.cards for each in card.targets if each.target.code == "T11b")
    assert silent.state == "no_source" and silent.shown == "—" and silent.value is None and len(silent.other_readings) == 1


def test_an_earlier_day_shows_what_was_known_then(measured_city: Officials) -> None:
    view = queries.overview(measured_city.by("leader"), date(2024, 7, 31))
    assert view.measured and view.measured.as_of == date(2024, 7, 5)
    found = next(each for card in view.cards for each in card.targets if each.target.code == "T06")
    part, whole = plain.figures(plain.Rows(), date(2024, 7, 5))["nonlocal_household_files", "in_need"]
    assert whole is not None and (found.numerator, found.denominator) == (len(part), len(whole))
    assert queries.overview(measured_city.by("leader"), date(2024, 2, 1)).measured is None


@pytest.mark.parametrize(("name", "place", "title"), [
    ("city", CITY, "常州市"), ("wujin", "wujin", "武进区"), ("jingkai", "jingkai", "常州经开区"), ("tianning", "tianning", "天宁区"), ("town", "320402001000", None),
])  # fmt: skip
def test_everybody_sees_the_own_place(measured_city: Officials, name: str, place: str, title: str | None) -> None:
    view = queries.overview(measured_city.by(name), LATER)
    assert view.place == place and (title is None or view.place_title == title)
    shown = next(each for card in view.cards for each in card.figures if each.indicator.name == "alerts_visited")
    part, whole = plain.figures(plain.Rows(), ON)["alerts_visited", "visited"]
    assert whole is not None and (shown.numerator, shown.denominator) == (plain.by_place(part)[place], plain.by_place(whole)[place])


def test_other_places_are_closed(measured_city: Officials) -> None:
    wujin = measured_city.by("wujin")
    for place in (CITY, "tianning", "320402000000", "320412000000", "jingkai", "320412104000"):
        with pytest.raises(Forbidden, match="不在您的辖区内"):
            queries.overview(wujin, LATER, place=place)
        with pytest.raises(Forbidden):
            queries.rows(t06(), "numerator", wujin, LATER, place=place)
    with pytest.raises(LookupError):
        queries.overview(wujin, LATER, place="999999000000")
    assert queries.overview(wujin, LATER, place="320412100000").place_title == "湖塘镇"
    assert [each.place for each in queries.by_place(t06(), wujin, LATER, "unit")] == ["wujin"]
    assert queries.by_place(t06(), wujin, LATER, "division") == []
    for name in ("steward", "worker"):
        with pytest.raises(Forbidden):
            queries.overview(measured_city.by(name), LATER)
    nobody = Actor("nobody", "city_official", measured_city.by("city").capabilities, ())
    assert all(each.value is None for card in queries.overview(nobody, LATER).cards for each in card.targets if each.source == "measured")


def test_a_jurisdiction_of_some_towns_is_their_sum(measured_city: Officials) -> None:
    two = Actor("two", "town_official", measured_city.by("town").capabilities, (("320402001000", "320402003000"),))
    view = queries.overview(two, LATER)
    shown = next(each for card in view.cards for each in card.figures if each.indicator.name == "alerts_visited")
    whole = plain.by_place(plain.figures(plain.Rows(), ON)["alerts_visited", "visited"][1] or [])
    assert view.place_title == "本辖区" and shown.denominator == whole["320402001000"] + whole["320402002000"]


def test_places_side_by_side_add_up(measured_city: Officials) -> None:
    city = measured_city.by("city")
    for figure in (t06(), "alerts_visited"):
        totals = {cut: sum(each.numerator or 0 for each in queries.by_place(figure, city, LATER, cut)) for cut in ("division", "unit", "town")}
        assert len(set(totals.values())) == 1, totals
    assert len(queries.by_place(t06(), city, LATER, "unit")) == 7 and len(queries.by_place(t06(), city, LATER, "division")) == 6
    inside = queries.by_place("alerts_visited", city, LATER, "town", below="jingkai")
    assert {each.place for each in inside} == {f"{code}000" for code in plain.JINGKAI}


def test_rows_of_every_figure_are_as_many_as_the_figure_says(measured_city: Officials) -> None:
    everywhere = Actor.system("测试")
    for name, indicator in indicators().items():
        for reading in indicator.readings:
            for part in ("numerator", "denominator", "gap") if indicator.is_share else ("numerator",):
                found = queries.rows(name, part, everywhere, LATER, reading=reading.name)
                assert found.kept == found.count(), (name, part)


def test_rows_in_a_board_are_those_of_the_board(measured_city: Officials) -> None:
    wujin = measured_city.by("wujin")
    found = queries.rows("alerts_visited", "denominator", wujin, LATER)
    assert found.rows is not None and found.place == "wujin" and found.kept == found.rows.count() > 0
    codes = set(found.rows.values_list("division_code", flat=True))
    assert codes and all("wujin" in plain.places_of(code) for code in codes)
    gap = queries.rows("alerts_visited", "gap", wujin, LATER)
    assert gap.rows is not None and not set(gap.rows.values_list("pk", flat=True)) & set(queries.rows("alerts_visited", "numerator", wujin, LATER).rows or [])


def test_opening_rows_masks_and_leaves_a_trace(measured_city: Officials) -> None:
    city = measured_city.by("city")
    found = queries.rows("alerts_visited", "numerator", city, LATER)
    with clock.use(LATER):
        rows = actions.open_rows(found=found, by=city, start=0, size=20)
    assert len(rows) == 20 and all(row.subject.startswith("alert:") and row.place for row in rows)
    assert {row.cells[1] for row in rows} <= {f"人{'*' * (len(f'人{n}') - 2)}{n % 10}" if n > 9 else "人*" for n in range(260)}
    entry = AuditEntry.objects.get(verb="rows.open")
    assert (entry.actor, entry.subject, entry.details["part"], entry.details["size"]) == ("city", "indicator:alerts_visited", "numerator", 20)
    following = actions.open_rows(found=found, by=city, start=20, size=20)
    assert not {row.pk for row in rows} & {row.pk for row in following}


def test_rows_of_benefits_name_people_whom_the_reader_may_see(measured_city: Officials) -> None:
    city = measured_city.by("city")
    rows = actions.open_rows(found=queries.rows("longevity_persons", "numerator", city, LATER), by=city)
    assert rows and all(row.cells[0].startswith("人") and row.subject.startswith("person:") and "¥" in row.cells[-1] for row in rows)


@pytest.mark.parametrize(("name", "figure", "reason"), [
    ("leader", "alerts_visited", "只能看数字"), ("supervisor", "minimum_living_persons", "只能看数字"), ("clerk", "children_supported", "敏感人群"),
    ("wujin", "deliveries_in_time", "只有全市"),
])  # fmt: skip
def test_who_may_see_the_number_alone(measured_city: Officials, name: str, figure: str, reason: str) -> None:
    reader = measured_city.by(name)
    found = queries.rows(figure, "numerator", reader, LATER)
    assert found.rows is None and reason in found.reason and (found.kept is not None or name == "wujin") and found.count() == 0
    with pytest.raises(Forbidden):
        actions.open_rows(found=found, by=reader)
    assert not AuditEntry.objects.filter(verb="rows.open").exists()


def test_an_export_streams_all_rows_and_needs_its_right(measured_city: Officials, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minzheng.kernel.indicators.actions.opening.CHUNK", 7)  # so that chunks end inside a village and between two
    city = measured_city.by("city")
    for part in ("denominator", "gap"):
        found = queries.rows("alerts_visited", part, city, LATER)
        assert found.rows is not None
        rows = list(actions.export_rows(found=found, by=city))
        assert [row.pk for row in rows] == list(found.rows.values_list("pk", flat=True)) and len(rows) == found.kept
    with pytest.raises(Forbidden):
        actions.export_rows(found=found, by=measured_city.by("clerk"))
    assert AuditEntry.objects.filter(verb="rows.export", actor="city").count() == 2


def test_what_has_no_rows_says_so(measured_city: Officials) -> None:
    city = measured_city.by("city")
    with pytest.raises(LookupError, match="没有明细"):
        queries.rows(Target.objects.get(code="T09d"), "numerator", city, LATER)
    with pytest.raises(LookupError, match="没有分母"):
        queries.rows("longevity_persons", "gap", city, LATER)
    with pytest.raises(LookupError, match="没有口径"):
        queries.rows("alerts_visited", "gap", city, LATER, reading="x")
    with pytest.raises(LookupError, match="没有指标"):
        queries.by_place("x", city, LATER)


def test_public_figures_hold_no_more_than_may_be_published(measured_city: Officials) -> None:
    found = {each.code: each for each in queries.public_figures(LATER)}
    assert len(found) == 26 and "T12" not in found
    assert found["T06"].state_title in ("正常", "滞后", "已达标") and found["T06"].shown.endswith("%") and found["T09d"].shown == "—"
    assert queries.public_figures(date(2026, 1, 1)) == []


def test_the_plan_is_read_with_a_fixed_number_of_queries(measured_city: Officials) -> None:
    leader = measured_city.by("leader")
    with CaptureQueriesContext(connection, ) as few:
        queries.overview(leader, LATER)
    for day in range(6, 20):
        rows = IndicatorValue.objects.filter(as_of=ON)
        IndicatorValue.objects.bulk_create([_on(row, date(2024, 9, day)) for row in rows])
    with CaptureQueriesContext(connection) as more:
        queries.overview(leader, LATER)
    assert len(more) == len(few) <= 18


def _on(row: IndicatorValue, day: date) -> IndicatorValue:
    row.pk, row.as_of = None, day
    return row


def test_the_history_of_places_is_a_night_a_month(measured_city: Officials) -> None:
    measured(date(2024, 9, 1))
    city = measured_city.by("city")
    found = queries.history(t06(), city, LATER, "unit")
    assert [day for day, _amounts in found] == [date(2024, 5, 5), date(2024, 7, 5), ON]
    for day, amounts in found:
        assert amounts == {each.place: (each.numerator, each.denominator) for each in queries.by_place(t06(), city, day, "unit")}
    assert [set(amounts) for _day, amounts in queries.history("alerts_visited", measured_city.by("wujin"), LATER, "unit")] == [{"wujin"}] * 3
    with pytest.raises(LookupError, match="没有逐日的数字"):
        queries.history(Target.objects.get(code="T09d"), city, LATER)
