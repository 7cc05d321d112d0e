"""A household as a file: read as rules want it, or refused with place and reason."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from minzheng.kernel.rules.household_file import HouseholdFileError, example, read, schema
from minzheng.kernel.rules.inputs import BASE
from minzheng.kernel.rules.language import Input, Month

INPUTS = {each.name: each for each in BASE}
ONE = {"id": 1, "name": "甲", "birth": "1950-02-28"}


def text(*people: dict[str, Any], **more: Any) -> str:
    return json.dumps({"people": list(people), **more}, ensure_ascii=False)


def test_the_example_can_be_read() -> None:
    household = read(example(), INPUTS)
    assert household.month == Month.of("2024-07")
    assert household.names == {1: "甲", 2: "乙", 3: "丙"}
    rows = household.people.to_dicts()
    assert [row["rank"] for row in rows] == [0, 2, 2]
    assert rows[0]["birth"] == 19400229
    assert (rows[0]["resident_pension"], rows[1]["wage"]) == (23000, 165050)
    assert (rows[2]["disability_category"], rows[2]["disability_level"]) == (5, 2)
    assert all(row["present"] == row["hukou"] == 1 and row["household_key"] == 1 for row in rows)
    assert set(household.people.schema.values()) == {pl.Int64()}
    assert household.people.null_count().sum_horizontal().item() == 0


def test_the_schema_explains_every_input() -> None:
    properties = schema(INPUTS)["$defs"]["Member"]["properties"]
    assert set(INPUTS) < set(properties)
    assert "元" in properties["wage"]["description"]
    assert "4 肢体" in properties["disability_category"]["description"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "第 1 行第 2 列：不是合法的 JSON"),
        ("[]", "整个文件：应为"),
        (text(), "people：一个成员也没有"),
        ("{}", "people：缺少这一项"),
        (text(ONE, {"id": 1}), "第 2 人 id：编号 1 前面已有"),
        (text({**ONE, "wage": -1}), "第 1 人（甲） wage：不能是负数"),
        (text({**ONE, "wage": 10**9}), "第 1 人（甲） wage：大得不合理"),
        (text({**ONE, "wage": 12.345}), "第 1 人（甲） wage：金额最多到分"),
        (text({**ONE, "wage": "许多"}), "第 1 人（甲） wage：不是金额"),
        (text({**ONE, "wage": float("nan")}), "第 1 人（甲） wage：不是金额"),
        (text({**ONE, "disability_level": 5}), "第 1 人（甲） disability_level：5 不在代码表里，可用：0 无、1 一级"),
        (text({**ONE, "disability_level": "五级"}), "disability_level：'五级' 不在代码表里"),
        (text({**ONE, "disability_level": True}), "disability_level：True 不在代码表里"),
        (text({**ONE, "birth": "2023-02-29"}), "birth：不是日期"),
        (text({**ONE, "birth": "1850-01-01"}), "birth：1850-01-01 太早"),
        (text({**ONE, "birth": "2024-08-01"}, month="2024-07"), "birth：出生日期 2024-08-01 在 2024-07 之后"),
        (text({**ONE, "vehicles": 1.5}), "vehicles：不是整数"),
        (text({**ONE, "vehicles": -1}), "vehicles：不能是负数"),
        (text({**ONE, "salary": 1}), "第 1 人（甲） salary：不认识这一项"),
        (text({**ONE, "custody": 3}), "custody：应为 true 或 false"),
        (text({**ONE, "rank": "户主"}, {"id": 2, "rank": 0}), "户主只能有一人"),
        (text(ONE, month="2024-13"), "month：月份应写成 2024-11 的样子"),
        ('{"people": [{"id": 1, "wage": 1, "wage": 2}]}', "“wage”写了两次"),
        (text({"name": "甲"}), "第 1 人（甲） id：缺少这一项"),
        (text("甲"), "第 1 人：应为"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_place(content: str, message: str) -> None:
    with pytest.raises(HouseholdFileError) as caught:
        read(content, INPUTS)
    assert message in str(caught.value)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(HouseholdFileError) as caught:
        read(text({**ONE, "wage": -1, "pension": -1}), INPUTS)
    assert "wage" in str(caught.value) and "pension" in str(caught.value)


def test_the_month_of_the_caller_decides() -> None:
    born = text({**ONE, "birth": "2024-08-01"}, month="2024-09")
    assert read(born, INPUTS).people["birth"].to_list() == [20240801]
    with pytest.raises(HouseholdFileError, match="2024-07 之后"):
        read(born, INPUTS, Month.of("2024-07"))


def test_inputs_of_a_pack_stand_beside_those_of_the_kernel() -> None:
    hours = Input("hours", "时数", "count", "declared", absent=3)
    household = read(text({**ONE, "hours": 5}, {"id": 2}), {"hours": hours})
    assert household.people["hours"].to_list() == [5, 3]
    assert household.people["birth"].to_list() == [19500228, 0]
    assert "hours" in schema({"hours": hours})["$defs"]["Member"]["properties"]
