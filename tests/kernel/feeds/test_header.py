"""Headers as departments write them: groups, units, many spellings; and refusals that name the columns."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.kernel.feeds import lake
from minzheng.kernel.feeds.contracts import contracts, load, normalise_header
from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.header import HeaderError, find_header
from minzheng.kernel.foundation.declared import DeclarationError
from minzheng.kernel.foundation.identifiers import make_id

AS_OF = date(2024, 5, 31)
P = [make_id("320402", date(1980, 1, day), 901) for day in range(1, 9)]
NAMES = [(contract.name, text) for contract in contracts().values() for c in contract.columns.values() for text in (*c.names(), *c.weak)]


def columns(head: list[list[str]], contract: str) -> dict[str, int]:
    header = find_header(head, contracts()[contract])
    assert header is not None
    return header.columns


def sound_header(contract: str) -> list[str]:
    return [column.header for column in contracts()[contract].columns.values()]


@pytest.mark.parametrize("contract", contracts())
def test_every_name_of_a_column_is_understood(contract: str) -> None:
    found = contracts()[contract]
    head = sound_header(contract)
    for position, column in enumerate(found.columns.values()):
        for text in (*column.names(), *column.weak):
            renamed = [*head[:position], text, *head[position + 1 :]]
            assert list(columns([renamed], contract).values()) == list(range(len(head))), text


ornaments = st.sampled_from(["{}", " {} ", "*{}", "{}*", "{}(必填)", "{}【文本】", "{}:", "1.{}", "三、{}", "★{}", "\n{}", "“{}”"])


@given(st.sampled_from(list(contracts())), st.data())
def test_ornaments_order_and_titles_do_not_matter(name: str, data: st.DataObject) -> None:
    head = data.draw(st.permutations(sound_header(name)))
    dressed = [data.draw(ornaments).format(text) for text in head]
    halfway = len(dressed[0]) // 2
    dressed[0] = dressed[0][:halfway] + "\n" + dressed[0][halfway:]
    titles = data.draw(st.lists(st.sampled_from([["某某表"], ["填报单位:某局", "", "日期:2024-05-31"], [], ["", ""]]), max_size=5))
    extra = data.draw(st.lists(st.sampled_from(["序号", "备注", ""]), max_size=2, unique=True))
    header = find_header([*titles, [*extra, *dressed], ["数据"] * len(head)], contracts()[name])
    assert header is not None
    assert header.first_row == len(titles) + 2
    plain = [normalise_header(contracts()[name].columns[column].header) for column in header.columns]
    assert [normalise_header(header.labels[index]) for index in header.columns.values()] == plain


def test_two_rows_give_each_column_its_group() -> None:
    head = [["户信息", "", "户主", "", "成员", "", "", ""], ["户号", "村社区代码", "姓名", "身份证号", "姓名", "身份证号", "与户主关系", "备注"]]
    found = columns(head, "households")
    assert (found["name"], found["person_id"], found["relation"]) == (4, 5, 6)


def test_cells_merged_over_both_rows() -> None:
    head = [["号码", "姓名", "身份证号", "结算日期", "费用(元)", "", ""], ["", "", "", "", "总费用", "个人自付", "个人自费"]]
    head[0][0] = "结算流水号"
    found = columns(head, "medical_settlements")
    assert found == {"settlement_no": 0, "name": 1, "person_id": 2, "settled_on": 3, "total": 4, "self_paid": 5, "own_paid": 6}


def test_a_weak_name_yields_to_a_sure_one() -> None:
    found = columns([["死者姓名", "身份证号", "死亡日期", "常住地址", "户籍地址", "现住址"]], "deaths")
    assert found["address"] == 4
    assert columns([["姓名", "身份证号", "死亡日期", "地址", "常住地址"]], "deaths")["address"] == 4, "the better of two weak ones"


def test_an_id_column_is_recognised_by_its_end_but_never_somebody_elses() -> None:
    assert columns([["姓名", "患者本人身份证号", "登记日期"]], "unemployment")["person_id"] == 1
    with pytest.raises(HeaderError, match="缺少必需的列:公民身份号码"):
        columns([["姓名", "家属身份证号", "登记日期"]], "unemployment")
    with pytest.raises(HeaderError, match="缺少必需的列"):
        columns([["姓名", "甲方身份证号", "乙方身份证号", "登记日期"]], "unemployment")


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (["姓名", "身份证号", "公民身份号码", "登记日期"], "第 2 列“身份证号”、第 3 列“公民身份号码”"),
        (["身份证号", "登记日期", "状态", "领取状态"], "第 3 列“状态”、第 4 列“领取状态”"),
        (["姓名", "身份证号"], "缺少必需的列:失业登记日期。找到的表头:姓名、身份证号"),
    ],
)
def test_refusals_name_the_columns(head: list[str], said: str) -> None:
    with pytest.raises(HeaderError, match=said):
        columns([head, [P[0]] * len(head)], "unemployment")


@pytest.mark.parametrize(
    ("lines", "fen"),
    [
        (["统一社会信用代码,身份证号,注册资本(万元)"], 12_500_000),
        (["统一社会信用代码,身份证号,注册资本 (单位:万元)"], 12_500_000),
        (["统一社会信用代码,身份证号,注册资本(万)"], 12_500_000),
        (["统一社会信用代码,身份证号,注册资本万元"], 12_500_000),
        (["市场主体名录,,", ",,单位:万元", "统一社会信用代码,身份证号,注册资本"], 12_500_000),
        (["市场主体名录,,", ",,单位:万元", "统一社会信用代码,身份证号,注册资本(元)"], 1250),
        (["统一社会信用代码,身份证号,注册资本"], 1250),
        (["统一社会信用代码,身份证号,注册资本(元)"], 1250),
    ],
)
def test_units(take: Any, lines: list[str], fen: int) -> None:
    take("market_entities", "\n".join([*lines, f"91350100M000100Y43,{P[0]},12.5"]))
    assert lake.scan("market_entities", AS_OF).collect()["capital_fen"].to_list() == [fen]


def test_unit_in_the_cell_counts_before_the_header(take: Any) -> None:
    cells = ["12.5", "12.5万元", "125000元", "12.5万人民币", "¥125,000元"]
    rows = "".join(f'91350100M000100Y43,{person},"{cell}"\n' for person, cell in zip(P, cells, strict=False))
    take("market_entities", "统一社会信用代码,身份证号,注册资本(万元)\n" + rows)
    assert set(lake.scan("market_entities", AS_OF).collect()["capital_fen"]) == {12_500_000}


BASE = "name: x\ntitle: 甲\nowner: [乙]\nclass: L3\nfreshness_days: 7\nretention: 短\nkey: [a]\ncolumns:\n  a: {type: text, header: 甲}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BASE.replace("key: [a]", "key: [b]"), "key 里的列不存在:b"),
        (BASE.replace("class: L3", "class: L9"), "第 4 行"),
        (BASE + "  b: {type: text, header: 乙, aliases: [甲]}\n", "别名“甲”同时属于 a 和 b"),
        (BASE + "  b: {type: enum, header: 乙}\n", "第 10 行.*enum 必须有 values"),
        (BASE + "  b: {type: enum, header: 乙, values: {'1': [男], '2': [男]}}\n", "两个代码下:男"),
        (BASE + "checks:\n  - {code: nonsense, equal: [a, a]}\n", "没有“nonsense”这个原因"),
        (BASE + "checks:\n  - {code: death_before_birth, not_before: [a, z.birth_date]}\n", "列不存在:z"),
        (BASE + "facts:\n  - {kind: k, title: t, value: '{q}', from: a}\n", "facts k 里的列不存在:q"),
        (BASE + "surprise: 1\n", "第 10 行 surprise:不认识这一项"),
    ],
)
def test_a_wrong_contract_is_refused_with_place_and_reason(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match=said):
        load(file)


def test_a_file_for_another_contract_is_refused(take: Any) -> None:
    with pytest.raises(IntakeError, match="找不到“机动车登记”的表头|缺少必需的列"):
        take("vehicles", f"姓名,身份证号,失业登记日期\n张三,{P[0]},2024-01-01\n")
