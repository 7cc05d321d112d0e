"""Registers: what is refused at start-up, and that both ways to a page lead to the same rows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.models import Q

from minzheng.kernel.foundation import register_rows
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.foundation.register_checks import RegisterError, check
from minzheng.kernel.foundation.register_rows import Asked, all_rows, find, neighbours, page
from minzheng.kernel.foundation.registers import (
    Column,
    Edit,
    EditField,
    Fields,
    Filter,
    Register,
    Related,
    registers,
)
from minzheng.kernel.registry.models import Organisation, Person

TODAY = date(2024, 6, 3)
SOUND = Register(
    slug="societies", title="社会组织", note="测试", model=Organisation, record="society_id", order="name",
    columns=(Column("name", "名称", order=("name",)), Column("kind", "类别"), Column("since", "成立", "valid_from", "date", order=("valid_from",))),
    filters=(Filter("kind", "类别", "choice", "kind", {"a": "甲", "b": "乙"}), Filter("since", "成立", "dates", "valid_from")),
    search=lambda text, _actor, _on: Q(name__contains=text), search_hint="名称",
)  # fmt: skip
SYSTEM = Actor.system("测试")


def with_column(column: Column) -> Register:
    return replace(SOUND, columns=(*SOUND.columns, column))


BROKEN = [
    (replace(SOUND, slug="社会组织"), "slug"),
    (replace(SOUND, record="id"), "record"),
    (replace(SOUND, capability="registers.look"), "roles.yaml"),
    (replace(SOUND, search_hint=""), "有搜索就要写明"),
    (replace(SOUND, columns=()), "至少要有一列"),
    (replace(SOUND, order="kind"), "不是可以排序的列"),
    (with_column(Column("name", "又一次")), "列 name：写了两次"),
    (with_column(Column("x", "不存在")), "Organisation 没有“x”"),
    (with_column(Column("uscc", "代码", kind="code")), "不认识的类型“code”"),
    (with_column(Column("uscc", "代码", kind="choice")), "要给出 choices"),
    (with_column(Column("phone", "电话", "contact_phone", order=("contact_phone",))), "没有以它开头的索引"),
    (with_column(Column("uscc", "代码", data_class="L4")), "L4 数据不能进台账"),
    (replace(SOUND, filters=(Filter("page", "页", "choice", "kind", {"a": "甲"}),)), "这个名称不能用"),
    (replace(SOUND, filters=(Filter("kind", "类别", "choice", "kind"),)), "要给出 choices"),
    (replace(SOUND, filters=(Filter("size", "大小", "numbers", "valid_from"),)), "这个名称不能用"),
    (replace(SOUND, filters=(Filter("beds", "床位", "numbers", "beds"),)), "也没有给出 condition"),
    (replace(SOUND, panels=(Fields("情况", ("name", "address")),)), "没有“address”这一列"),
    (replace(SOUND, panels=(Related("设施", lambda *_: [], (Column("n", "名", kind="?"),)),)), "不认识的类型"),
    (replace(SOUND, edit=Edit((EditField("owner", "主管"),), lambda **_: None)), "没有这个字段"),
]  # fmt: skip


@pytest.mark.parametrize(("register", "said"), BROKEN, ids=lambda value: value if isinstance(value, str) else "")
def test_a_register_that_cannot_work_is_refused_with_module_and_field(register: Register, said: str) -> None:
    with pytest.raises(RegisterError, match=rf"a\.b：台账“社会组织”的.*{re.escape(said)}"):
        check(register, "a.b")


def test_a_sound_register_and_all_installed_ones_pass() -> None:
    check(SOUND, "a.b")
    assert list(registers()) == ["people", "households", "organisations", "facilities", "divisions", "management-units", "users"]


def test_a_column_with_personal_data_must_be_masked() -> None:
    bare = Register("x", "人", "", Person, "person_id", (Column("name", "姓名"), Column("k", "k", "known_since", "date", order=("known_since",))), "k")
    with pytest.raises(RegisterError, match="列 name：L3 数据必须脱敏显示"):
        check(bare, "a.b")


@pytest.fixture
def thirty(db: None) -> list[Organisation]:
    """Thirty organisations of two kinds in two counties, some of one day."""
    return [
        Organisation.objects.create(
            name=f"组织{number * 7 % 30:02d}", kind="ab"[number % 2], division_code=f"3204{'12' if number % 3 else '02'}100001",
            valid_from=TODAY - timedelta(days=number // 4),
        )
        for number in range(30)
    ]  # fmt: skip


WUJIN = Actor("wujin", "district_official", frozenset({"registers.view"}), (("320412000000", "320413000000"),))
APART = Actor("apart", "district_official", frozenset({"registers.view"}), (("320402000000", "320404000000"), ("320413000000", "320500000000")))
ASKED: list[Asked] = [
    Asked(), Asked(filters={"kind": "a"}), Asked(filters={"since": (TODAY - timedelta(days=4), None)}), Asked(text="1"),
    Asked(filters={"kind": "b", "since": (None, TODAY - timedelta(days=2))}),
]  # fmt: skip


@pytest.mark.parametrize("order", ["name", "-name", "since", "-since"])
@pytest.mark.parametrize("actor", [SYSTEM, WUJIN, APART], ids=["everywhere", "wujin", "apart"])
@pytest.mark.parametrize("asked", ASKED)
def test_gathering_and_walking_give_the_same_pages(
    asked: Asked, actor: Actor, order: str, thirty: list[Organisation], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = sorted(
        (row for row in thirty if actor.covers(row.division_code) and _fits(row, asked)),
        key=lambda row: ((row.name if order.endswith("name") else row.valid_from), row.pk), reverse=order.startswith("-"),
    )  # fmt: skip
    for bound, kept, more in ((register_rows.BOUND, register_rows.KEPT, False), (register_rows.BOUND, 2, False), (3, 2, True)):
        monkeypatch.setattr(register_rows, "BOUND", bound)
        monkeypatch.setattr(register_rows, "KEPT", kept)
        found = find(SOUND, asked, actor, TODAY)
        assert (found.total, found.more) == ((3, True) if more else (len(expected), False))
        pages = [row.pk for start in range(0, 30, 4) for row in page(SOUND, found, order, start, 4)]
        assert pages == [row.pk for row in expected]
        exported = [row.pk for part in all_rows(SOUND, found, order, actor, TODAY, chunk=7) for row in part]
        assert exported == pages


def _fits(row: Organisation, asked: Asked) -> bool:
    low, high = asked.filters.get("since", (None, None))
    return (
        asked.filters.get("kind", row.kind) == row.kind and asked.text in row.name
        and (low is None or row.valid_from >= low) and (high is None or row.valid_from <= high)
    )  # fmt: skip


def test_neighbours_follow_the_list(thirty: list[Organisation]) -> None:
    asked = Asked(order="-name")
    rows: list[Any] = page(SOUND, find(SOUND, asked, SYSTEM, TODAY), "-name", 0, 30)
    assert neighbours(SOUND, asked, rows[0], 0, SYSTEM, TODAY) == (None, (rows[1], 1))
    assert neighbours(SOUND, asked, rows[10], 10, SYSTEM, TODAY) == ((rows[9], 9), (rows[11], 11))
    assert neighbours(SOUND, asked, rows[29], 29, SYSTEM, TODAY) == ((rows[28], 28), None)
    assert neighbours(SOUND, asked, rows[3], 20, SYSTEM, TODAY) == (None, None), "the list has changed since"


def test_nobody_reads_without_the_capability(thirty: list[Organisation]) -> None:
    with pytest.raises(Forbidden):
        find(SOUND, Asked(), Actor("x", "auditor", frozenset(), WUJIN.ranges), TODAY)
