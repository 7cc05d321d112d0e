"""Chips, figures and facts in words."""

from __future__ import annotations

from datetime import date

import pytest
from django.template import Context, Template

from minzheng.kernel.foundation.access import Actor
from minzheng.portals.staff import evidence, facts
from minzheng.portals.staff.templatetags.staff import percent, quality, thousands, yuan
from tests.portals.staff.world import World, calendar_of_2024


def chip(**values: object) -> str:
    return Template("{% load staff %}{% clock_chip due closed %}").render(Context(values))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("due", "said"),
    [
        (date(2024, 5, 31), "逾期 3 天"),
        (date(2024, 6, 3), "今天到期"),
        (date(2024, 6, 4), "剩 1 个工作日"),
        (date(2024, 6, 11), "剩 5 个工作日"),  # a weekend and 端午 in between
        (date(2031, 1, 1), "01-01 到期"),  # a year that the calendar does not know yet
    ],
)
def test_clock_chip(due: date, said: str) -> None:
    calendar_of_2024(Actor.system("测试"))
    assert said in chip(due=due)


def test_clock_chip_of_a_closed_alert() -> None:
    assert "05-30 办结" in chip(due=date(2024, 5, 31), closed=date(2024, 5, 30))


def test_figures() -> None:
    assert (yuan(123450), yuan(None), thousands(1234567), percent(0.618), percent(None)) == ("¥1,234.50", "—", "1,234,567", "62%", "—")
    assert quality(0.99999) == "99.99%", "only a flawless delivery reads 100%"
    assert quality(1.0) == "100.00%"


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("disability", "4-2", "残疾：肢体 二级"),
        ("pension", "resident", "养老待遇：城乡居民"),
        ("assistance", "low_income", "救助身份：低保"),
        ("disability", "unknown", "残疾：unknown"),
        ("nothing", "x", "nothing x"),
    ],
)
def test_facts_in_words(kind: str, value: str, said: str) -> None:
    assert facts.words(kind, value) == said


def test_custody_is_not_told_on_a_household_page(world: World) -> None:
    from minzheng.kernel.registry.models import Fact

    person = world.alerts[0].person
    fact = Fact.objects.create(
        person=person, kind="custody", value="imprisonment", valid_from=date(2024, 1, 1), source="custody",
        recorded_as_of=date(2024, 6, 3),
    )
    assert facts.fact_line(fact).text == "有敏感信息，不在此显示"


def test_evidence_cards_set_figures_apart_from_words() -> None:
    delivery = {"source": "医保《医保结算》", "as_of": "2024-05-30", "batch": "b-1"}
    pieces = [
        {"label": "自付", "value": "¥48,210.00", **delivery},
        {"label": "住院", "value": "3 次", **delivery},
        {"label": "占比", "value": "101%", **delivery},
        {"label": "判断标准", "value": "个人负担达已知收入的 60%", "source": "本地设置", "as_of": "2021-01-01", "unverified": True},
    ]
    cards = evidence.cards(pieces)
    assert [(card.figure, card.unit) for card in cards] == [("¥48,210.00", ""), ("3", "次"), ("101", "%"), ("", "")]
    assert [card.rule for card in cards] == [False, False, False, True]
    assert cards[0].batch == "b-1" and cards[3].unverified and cards[3].detail == "个人负担达已知收入的 60%"
