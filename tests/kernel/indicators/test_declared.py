"""What declarations refuse, and that every shipped indicator says what it must."""

from __future__ import annotations

from datetime import date
from types import ModuleType
from typing import Any

import pytest

from minzheng.kernel.benefits.models import Award, Entitlement
from minzheng.kernel.foundation.packs import Manifest, ManifestError
from minzheng.kernel.indicators import catalogue
from minzheng.kernel.indicators.catalogue import indicator, indicators
from minzheng.kernel.indicators.declarations import Indicator, Reading, Rows, Span
from minzheng.kernel.indicators.errors import IndicatorError
from minzheng.kernel.indicators.measuring import check_same_kind, shown, span_of

SPAN = Span(date(2024, 1, 1), date(2024, 12, 31), date(2024, 9, 5))


def some(name: str = "x") -> Reading:
    return Reading(name, "x", lambda span: Rows(Award.objects.none()))


@pytest.mark.parametrize(("changed", "reason"), [
    ({"unit": "pieces"}, "单位 pieces 不认识"), ({"readings": ()}, "要有口径"), ({"readings": (some(), some())}, "不重名"), ({"source": " "}, "没有写明来源"),
    ({"readings": (some(), Reading("y", "y", some().numerator, some().numerator))}, "都是比例"),
])  # fmt: skip
def test_indicators_that_cannot_be(changed: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Indicator(**{"name": "x", "title": "x", "unit": "persons", "source": "x", "readings": (some(),), **changed})


def test_shares_divide_things_of_one_kind() -> None:
    found = Indicator("x", "x", "persons", "x", (some(),))
    people, money = Rows(Award.objects.none(), counts="person_key"), Rows(Award.objects.none(), sums="pk")
    check_same_kind(found, people, people)
    for other in (Rows(Entitlement.objects.none(), counts="person_key"), Rows(Award.objects.none()), money):
        with pytest.raises(IndicatorError, match="不是同一种东西"):
            check_same_kind(found, people, other)


def test_a_module_must_hold_indicators_of_different_names(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("tests.toy_indicators")
    manifest = Manifest("toy", "玩具", indicators=("tests.toy_indicators",))
    monkeypatch.setattr(catalogue, "manifests", lambda: (manifest,))
    monkeypatch.setattr(catalogue, "import_module", lambda name: module)
    one = Indicator("x", "x", "persons", "x", (some(),))
    for listed, reason in ((None, "应有 INDICATORS"), ([one], "应有 INDICATORS"), ((one, one), "重复")):
        module.INDICATORS = listed  # type: ignore[attr-defined]
        indicators.cache_clear()
        with pytest.raises(ManifestError, match=reason):
            indicators()
    indicators.cache_clear()


@pytest.mark.django_db
def test_every_indicator_says_how_its_rows_are_shown_and_who_may_open_them() -> None:
    from minzheng.kernel.foundation.access import capabilities

    assert len(indicators()) > 20
    for each in indicators().values():
        assert each.columns and each.capability in capabilities() and each.group, each.name
        assert each.capability != "plan.view", "rows are their own room's business"
        for reading in each.readings:
            assert (reading.numerator(SPAN).place == "") is each.placeless
    with pytest.raises(LookupError, match="没有指标"):
        indicator("x")
    with pytest.raises(LookupError, match="没有口径"):
        indicator("alerts_visited").reading("x")


def test_a_month_is_the_month_of_the_day() -> None:
    monthly = Indicator("x", "x", "persons", "x", (some(),), period="month")
    assert span_of(monthly, SPAN.first, SPAN.last, date(2024, 2, 10)) == Span(date(2024, 2, 1), date(2024, 2, 29), date(2024, 2, 10))
    assert span_of(indicator("alerts_visited"), SPAN.first, SPAN.last, SPAN.as_of) == SPAN
    assert SPAN.until == date(2024, 9, 5) and Span(SPAN.first, SPAN.last, date(2025, 3, 1)).until == SPAN.last


def test_amounts_in_words() -> None:
    assert (shown(1234, "persons"), shown(123_456, "fen"), shown(None, "fen"), shown(3, "areas")) == ("1,234 人", "¥1,234.56", "—", "3 个板块")
