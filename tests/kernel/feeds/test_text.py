"""Text tables with everything that goes wrong in them: encodings, quotation marks, rows that do not fit, line ends."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minzheng.kernel.feeds import text
from minzheng.kernel.feeds.sniff import TextForm, text_form
from minzheng.kernel.feeds.staging import read_quarantine
from minzheng.kernel.foundation.identifiers import make_id

HEAD = "姓名,身份证号,失业登记日期,状态\n"
P = [make_id("320402", date(1980, 1 + n // 28, 1 + n % 28), 901) for n in range(120)]


def row(n: int, name: str = "张三") -> str:
    return f"{name},{P[n]},2024-01-01,在领\n"


def bad_rows(report: dict[str, Any]) -> list[tuple[int, str]]:
    chunks = read_quarantine("unemployment", report["batch"])
    return sorted((number, reasons) for chunk in chunks for number, reasons in chunk.select("row", "reasons").rows())


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Blocks of a few rows, so that what happens at their borders happens often."""
    monkeypatch.setattr(text, "BLOCK", 256)
    monkeypatch.setattr(text, "_PIECE", 97)
    yield


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_rows_are_pointed_at_where_they_stand(take: Any, small_blocks: None, encoding: str, newline: str) -> None:
    lines = ["某市失业人员,,,", "", HEAD.strip(), *(row(n).strip() for n in range(40))]
    lines[10] = "李四,123,2024-01-01,在领"
    lines[11] = f"王五,{P[99]},2024-01-01,在领,多,多"
    lines[20] = f"赵六,{P[98]}"
    lines[41] = f"钱七,{P[97]},1800-01-01,在领,,"
    report = take("unemployment", newline.join(lines).encode(encoding))
    assert (report["read"], report["accepted"]) == (40, 36)
    assert bad_rows(report) == [
        (11, "id_length@person_id"), (12, "columns_count@"), (21, "missing@registered_on"), (42, "date_out_of_range@registered_on")
    ]  # fmt: skip


def test_a_line_break_in_title_or_header_moves_no_row(take: Any) -> None:
    report = take("unemployment", '"某市\n失业人员",,,\n姓名,"身份证\n号码",失业登记日期,状态\n' + row(0) + "李四,123,2024-01-01,在领\n")
    assert report["accepted"] == 1
    assert bad_rows(report) == [(4, "id_length@person_id")], "as Excel counts: a row is a row, whatever is in its cells"


def test_an_address_of_two_lines_is_one_cell(take: Any) -> None:
    head = "身份证号,死亡日期,户籍地址\n"
    report = take("deaths", head + f'{P[0]},2024-01-01,"湖塘镇\n人民路1号"\n{P[1]},2024-01-01,x\n')
    assert (report["read"], report["accepted"]) == (2, 2)


def test_a_quotation_mark_that_is_never_closed_swallows_nobody(take: Any) -> None:
    body = row(0) + f'"张三,{P[1]},2024-01-01,在领\n' + row(2) + row(3)
    report = take("unemployment", HEAD + body)
    assert (report["read"], report["accepted"]) == (4, 4)


def test_two_stray_marks_hide_no_rows_between_them(take: Any) -> None:
    body = row(0) + f'"张三,{P[1]},2024-01-01,在领\n' + row(2) + f'"李四,{P[3]},2024-01-01,在领\n' + "王五,1,2024-01-01,在领\n"
    report = take("unemployment", HEAD + body)
    assert (report["read"], report["accepted"]) == (5, 4)
    assert bad_rows(report) == [(6, "id_length@person_id")]


@given(st.data())
def test_numbers_of_rows_among_swallowed_and_ragged_ones(data: st.DataObject) -> None:
    """Whatever stands in a file, every row that fits has the number of its line."""
    kinds = data.draw(st.lists(st.sampled_from(["sound", "sound", "long", "short", "open", "blank"]), min_size=1, max_size=30))
    forms = {"sound": "{n},b,c", "long": "{n},b,c,d", "short": "{n},b", "open": '"{n},b,c', "blank": ""}
    lines = [forms[kind].format(n=n) for n, kind in enumerate(kinds, start=1)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text("h1,h2,h3\n" + "\n".join(lines) + "\n")
        seen: dict[int, str] = {}
        for chunk in text.stream(path, TextForm("utf-8", ","), 1, 1, 3):
            seen |= dict(zip(chunk.numbers.to_list(), chunk.cells["0"].to_list(), strict=True))
            seen |= {number: text.cells_of(line, ",")[0] if line else "" for number, line in chunk.ragged}
    assert sorted(seen) == list(range(1, len(lines) + 1))
    for number, kind in enumerate(kinds, start=1):
        assert seen[number] == ("" if kind == "blank" else str(number)), (kinds, seen)


@pytest.mark.parametrize("tail", [",", ",,,"])
def test_rows_that_all_end_with_commas(take: Any, tail: str) -> None:
    assert take("unemployment", HEAD + "".join(row(n).strip() + tail + "\n" for n in range(5)))["accepted"] == 5
    swapped = HEAD.strip() + tail + "\n" + "".join(row(n) for n in range(5, 9))
    assert take("unemployment", swapped, name="b.csv")["accepted"] == 4


def test_some_damage_does_not_change_the_encoding(take: Any) -> None:
    content = (HEAD + row(0) + row(1) + row(2)).encode()
    content = content.replace("张三".encode() + b"," + P[1].encode(), b"\xd5\xc5\xc8," + P[1].encode())
    report = take("unemployment", content)
    assert (report["accepted"], report["reasons"]) == (2, {"bad_encoding": 1})
    (chunk,) = read_quarantine("unemployment", report["batch"])
    assert chunk["0"][0] == "�<D5>�<C5>�<C8>", "the bytes themselves are still there"


def test_an_encoding_that_shows_late(take: Any, tmp_path: Path) -> None:
    plain = "".join(f"x,{P[n % 100]},2024-01-{1 + n // 100:02d},receiving\n" for n in range(2500)) * 12
    file = tmp_path / "late.csv"
    file.write_bytes(("name,person_id,registered_on,status\n" + plain + row(101)).encode("gb18030"))
    assert file.stat().st_size > 1 << 20
    assert text_form(file).encoding == "gb18030"
    report = take("unemployment", file)
    assert report["quarantined"] == 0


def test_nul_bytes_cost_only_their_row(take: Any) -> None:
    report = take("unemployment", HEAD + row(0) + row(1, "张\x00三"))
    assert (report["accepted"], report["reasons"]) == (1, {"bad_encoding": 1})


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_become_sound_utf8_in_any_pieces(content: bytes, piece: int) -> None:
    with tempfile.NamedTemporaryFile() as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_PIECE", piece)
        file.write(content)
        file.flush()
        stream = text.Utf8Stream(Path(file.name), "utf-8")
        read = b"".join(iter(lambda: stream.read(7), b""))
        stream.close()
    sound = content.decode("utf-8", "ignore").replace("\x00", "")
    shown = read.decode("utf-8")
    assert stream.damaged or read == content
    for character in sound:
        assert character in shown
