"""Dated values and the YAML files they are declared in."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.kernel.foundation.dated import Dated, Parameters, Timeline
from minzheng.kernel.foundation.declared import DeclarationError

FILE = """\
floor:
  title: 家庭自付下限
  unit: fen
  values:
    - {value: 900000, from: 2021-01-01, to: 2023-07-01, source: 常民发〔2021〕1号 第三条, status: confirmed}
    - {value: 1000000, from: 2023-07-01, to: null, source: 本地设置, status: unverified}
kinds:
  title: 计入的就诊类别
  unit: codes
  values:
    - {value: [inpatient, chronic], from: 2021-01-01, source: 本地设置, status: confirmed}
"""


def parameters(folder: Path, text: str = FILE) -> Parameters:
    path = folder / "large.yaml"
    path.write_text(text, encoding="utf-8")
    return Parameters(path)


def test_whoever_asks_names_the_date(tmp_path: Path) -> None:
    loaded = parameters(tmp_path)
    before, after = loaded.at(date(2023, 6, 30)), loaded.at(date(2023, 7, 1))
    assert (before.number("floor"), after.number("floor")) == (900_000, 1_000_000)
    assert (before["floor"].text, before["floor"].dated.source) == ("¥9,000.00", "常民发〔2021〕1号 第三条")
    assert (before.unverified(), [value.name for value in after.unverified()]) == ([], ["floor"])
    assert after.codes("kinds") == ["inpatient", "chronic"]
    assert after.plain() == {"floor": 1_000_000, "kinds": ("inpatient", "chronic")}
    assert (after["kinds"].text, loaded.names(), len(after)) == ("inpatient、chronic", ["floor", "kinds"], 2)
    with pytest.raises(LookupError, match="家庭自付下限”在 2020-12-31 没有有效值"):
        loaded.at(date(2020, 12, 31))
    with pytest.raises(TypeError, match="kinds"):
        after.number("kinds")
    with pytest.raises(TypeError, match="floor"):
        after.codes("floor")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("to: 2023-07-01", "to: 2023-08-01", "第 1 行 floor:家庭自付下限: 2021-01-01 起的值与 2023-07-01 起的值重叠"),
        ("to: 2023-07-01", "to: 2020-01-01", "第 5 行 floor.values.0:有效期是空的"),
        ("value: 900000", "value: 9000.5", "第 5 行 floor.values.0.value:值只能是整数"),
        ("value: 900000", "value: [a]", "第 1 行 floor:单位 fen 与值"),
        ("value: 900000", "value: true", "第 1 行 floor:单位 fen 与值 True 不符"),
        ("from: 2021-01-01, to: 2023", "from: 二〇二一年, to: 2023", "第 5 行 floor.values.0.from:不是日期"),
        ("source: 本地设置, status: unverified", "status: unverified", "第 6 行 floor.values.1.source:缺少这一项"),
        ("source: 本地设置, status: unverified", "source: ' ', status: unverified", "第 6 行 floor.values.1:没有写明来源"),
        ("status: unverified", "status: maybe", "第 6 行 floor.values.1.status:只能是 'confirmed'、'unverified'"),
        ("  unit: codes", "  unit: codes\n  note: 甲", "第 10 行 kinds.note:不认识这一项"),
        ("unit: codes", "unit: eggs", "第 9 行 kinds.unit:只能是"),
        ("kinds:", "floor:", "第 7 行:“floor”写了两次"),
        ("kinds:", "kinds: [", "第 9 行:不是合法的 YAML"),
        ("title: 计入的就诊类别", "title: 12", "第 8 行 kinds.title:不是文字"),
    ],
)
def test_an_error_names_file_line_and_reason(tmp_path: Path, old: str, new: str, reason: str) -> None:
    assert FILE.count(old) >= 1
    with pytest.raises(DeclarationError) as caught:
        parameters(tmp_path, FILE.replace(old, new, 1))
    assert str(caught.value).startswith("large.yaml")
    assert reason in str(caught.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"missing\.yaml 读不出来"):
        Parameters(tmp_path / "missing.yaml")
    (tmp_path / "gbk.yaml").write_bytes("标题: 甲".encode("gb18030"))
    with pytest.raises(DeclarationError, match=r"gbk\.yaml 读不出来"):
        Parameters(tmp_path / "gbk.yaml")
    for text in ("", "- a\n", "just words"):
        with pytest.raises(DeclarationError, match="第 1 行 整个文件"):
            parameters(tmp_path, text)


def test_two_files_share_no_name(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(FILE, encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"b\.yaml:参数“floor”在另一个文件里已有"):
        Parameters(tmp_path / "a.yaml", tmp_path / "b.yaml")


@given(st.lists(st.dates(date(2000, 1, 1), date(2030, 1, 1)), min_size=2, max_size=8, unique=True), st.randoms())
def test_a_timeline_answers_with_the_value_whose_days_hold_the_date(days: list[date], random: object) -> None:
    days.sort()
    values = [Dated(n, a, b, "来源", "confirmed") for n, (a, b) in enumerate(zip(days, days[1:], strict=False))]
    shuffled = values[:]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    timeline = Timeline("甲", shuffled)
    for value in values:
        assert timeline.at(value.valid_from) is value
        assert value.valid_to is not None
        assert timeline.at(value.valid_to - timedelta(days=1)) is value
    for outside in (days[0] - timedelta(days=1), days[-1]):
        with pytest.raises(LookupError):
            timeline.at(outside)


def test_a_table_says_what_its_figures_and_codes_mean(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(
        "bands:\n  title: 分段\n  unit: table\n  of: fen\n  codes: {\"80\": 80–89 周岁}\n  values:\n"
        "    - {value: {\"80\": 5000, \"90\": 10000}, from: 2020-01-01, to: 2024-01-01, source: 甲, status: unverified}\n"
        "    - {value: {\"80\": 6000, \"90\": 10000}, from: 2024-01-01, to: null, source: 乙, status: confirmed}\n",
        encoding="utf-8",
    )
    first, second = Parameters(path).history("bands")
    assert first.text == "80–89 周岁 ¥50.00；90 ¥100.00" and second.in_words({"80": 1}) == "80–89 周岁 ¥0.01"
    assert (first.unverified, second.unverified) == (True, False)
