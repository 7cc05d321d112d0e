"""Bad rows go out, come back mended, and make a supplement: every row counts once, whatever is sent how often."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from minzheng.kernel.feeds import lake, queries
from minzheng.kernel.feeds.actions import import_correction
from minzheng.kernel.feeds.errors import IntakeError
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.quarantine import export_quarantine
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.identifiers import make_id

ME = Actor.system("test")
HEAD = "姓名,身份证号,失业登记日期,状态\n"
P = [make_id("320402", date(1980, 1, day), 901) for day in range(1, 25)]
Edit = Callable[[Any], None]


@pytest.fixture
def batch(take: Any) -> Batch:
    """Four bad rows (2 to 5) and one sound one."""
    bad = "".join(f"人{n},{P[n][:17]},2024-01-0{n + 1},在领\n" for n in range(4))
    return Batch.objects.get(batch_id=take("unemployment", HEAD + bad + f"好人,{P[9]},2024-01-09,在领\n")["batch"])


def back(batch: Batch, folder: Path, edit: Edit, name: str = "更正.xlsx") -> Path:
    """The workbook given back for a batch, after somebody worked on it."""
    path = folder / name
    export_quarantine(batch_id=batch.batch_id, out=path, by=ME)
    book = openpyxl.load_workbook(path)
    edit(book)
    book.save(path)
    return path


def mend(*numbers: int) -> Edit:
    def edit(book: Any) -> None:
        for row in book.active.iter_rows(min_row=3):
            number = int(row[4].value) - 2
            if number in numbers:
                row[1].value = P[number]

    return edit


def test_only_mended_rows_come_in_and_both_batches_add_up(batch: Batch, tmp_path: Path) -> None:
    done = import_correction(batch=batch, path=back(batch, tmp_path, mend(0, 2)), by=ME)
    new = done.batch
    assert (new.read, new.accepted, new.quarantined, new.duplicates) == (2, 2, 0, 0)
    assert new.corrects == batch and new.as_of == batch.as_of and not done.already
    assert new.layout["returned"] == {"batch": batch.batch_id, "untouched": 2, "settled": 0, "unknown": 0}
    batch.refresh_from_db()
    assert (batch.read, batch.accepted, batch.quarantined) == (5, 1, 4), "what was delivered stays as it was counted"
    assert queries.open_rows(batch) == 2
    assert lake.scan("unemployment", date(2024, 6, 1)).collect().height == 3


def test_the_rest_comes_later_and_nothing_twice(batch: Batch, tmp_path: Path) -> None:
    first = back(batch, tmp_path, mend(0, 2))
    import_correction(batch=batch, path=first, by=ME)
    assert import_correction(batch=batch, path=first, by=ME).already
    later = import_correction(batch=batch, path=back(batch, tmp_path, mend(0, 1, 2), "二.xlsx"), by=ME).batch
    assert (later.read, later.accepted) == (1, 1)
    assert later.layout["returned"] == {"batch": batch.batch_id, "untouched": 1, "settled": 2, "unknown": 0}
    assert queries.open_rows(batch) == 1
    with pytest.raises(IntakeError, match="没有改动过的行.*1 行没有改动.*3 行以前已更正入库"):
        import_correction(batch=batch, path=back(batch, tmp_path, mend(2), "三.xlsx"), by=ME)


def test_wrong_again_goes_back_again_under_its_first_row_number(batch: Batch, tmp_path: Path) -> None:
    def still_wrong(book: Any) -> None:
        mend(0)(book)
        book.active.cell(4, 2).value = "320402"

    again = import_correction(batch=batch, path=back(batch, tmp_path, still_wrong), by=ME).batch
    assert (again.read, again.accepted, again.quarantined) == (2, 1, 1)
    assert queries.open_rows(batch) == 3
    path = tmp_path / "再退回.xlsx"
    export_quarantine(batch_id=again.batch_id, out=path, by=ME)
    book = openpyxl.load_workbook(path)
    assert book.active.cell(3, 5).value == "3", "the row of the file that was first sent"
    book.active.cell(3, 2).value = P[1]
    book.save(path)
    last = import_correction(batch=again, path=path, by=ME).batch
    assert last.corrects == batch and last.accepted == 1
    assert queries.open_rows(batch) == 2
    assert [b.pk for b in queries.supplements(batch)] == [again.pk, last.pk]


def test_rows_that_were_never_given_back_stay_out(batch: Batch, tmp_path: Path) -> None:
    def add(book: Any) -> None:
        mend(0)(book)
        book.active.append(["新人", P[20], "2024-01-01", "在领", "", ""])
        book.active.append(["好人", P[21], "2024-01-01", "在领", "6", ""])
        book.active.append(["抄", P[22], "2024-01-01", "在领", "2", ""])

    done = import_correction(batch=batch, path=back(batch, tmp_path, add), by=ME).batch
    assert (done.read, done.accepted, done.layout["returned"]["unknown"]) == (1, 1, 3)


def test_sheets_are_kept_apart(take: Any, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name, person in (("武进区[1]", P[0]), ("天宁区", P[1])):
        page = book.create_sheet(name.replace("[1]", " 1"))
        page.append(["姓名", "身份证号", "失业登记日期", "状态"])
        page.append(["人", person[:17], "2024-01-01", "在领"])
    del book["Sheet"]
    path = tmp_path / "两区.xlsx"
    book.save(path)
    batch = Batch.objects.get(batch_id=take("unemployment", path)["batch"])

    def second_page(book: Any) -> None:
        book.worksheets[1].cell(3, 2).value = P[1]
        book.create_sheet("我的备注").append(["已核对"])

    done = import_correction(batch=batch, path=back(batch, tmp_path, second_page), by=ME).batch
    assert (done.read, done.accepted, queries.open_rows(batch)) == (1, 1, 1)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda book: book.active.cell(1, 1, "我的表"), "不是批次 .* 的退回表"),
        (lambda book: book.active.delete_rows(1), "不是批次 .* 的退回表"),
        (lambda book: book.active.cell(2, 5, "序号"), "没有“行号”一列"),
        (lambda book: None, "没有改动过的行.*4 行没有改动"),
        (lambda book: book.active.delete_rows(3, 10), "表里没有数据"),
    ],
)
def test_what_is_not_the_workbook_of_that_batch(batch: Batch, tmp_path: Path, edit: Edit, said: str) -> None:
    with pytest.raises(IntakeError, match=said):
        import_correction(batch=batch, path=back(batch, tmp_path, edit), by=ME)
    assert Batch.objects.count() == 1


def test_the_workbook_of_another_batch(batch: Batch, take: Any, tmp_path: Path) -> None:
    other = Batch.objects.get(batch_id=take("unemployment", HEAD + f"人,{P[0][:17]},2024-01-01,在领\n", name="b.csv")["batch"])
    with pytest.raises(IntakeError, match="不是批次"):
        import_correction(batch=batch, path=back(other, tmp_path, mend(0)), by=ME)


def test_spaces_and_empty_cells_are_no_change(batch: Batch, tmp_path: Path) -> None:
    def tidy(book: Any) -> None:
        book.active.cell(3, 2).value = f" {book.active.cell(3, 2).value} "
        mend(1)(book)

    done = import_correction(batch=batch, path=back(batch, tmp_path, tidy), by=ME).batch
    assert done.read == 1 and done.layout["returned"]["untouched"] == 3


def test_what_a_mended_row_says_again_is_settled_too(batch: Batch, tmp_path: Path) -> None:
    def as_the_sound_one(book: Any) -> None:
        for column, value in enumerate(["好人", P[9], "2024-01-09", "在领"], start=1):
            book.active.cell(3, column).value = value

    done = import_correction(batch=batch, path=back(batch, tmp_path, as_the_sound_one), by=ME).batch
    assert (done.read, done.accepted, done.duplicates) == (1, 0, 1)
    assert queries.open_rows(batch) == 3
