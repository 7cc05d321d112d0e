"""Deliveries of organisations and facilities: what becomes of each row in the registers, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from minzheng.kernel.feeds import actions
from minzheng.kernel.feeds.contracts import contracts
from minzheng.kernel.feeds.convert import fold
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.feeds.quarantine import export_quarantine
from minzheng.kernel.feeds.registers.actions import carry_registers
from minzheng.kernel.feeds.staging import read_quarantine
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.identifiers import check_uscc
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.registry.kinds import FACILITIES, ORGANISATIONS
from minzheng.kernel.registry.models import DeliveredChange, Facility, Organisation
from minzheng.kernel.registry.screens.history import changes
from minzheng.kernel.registry.screens.organisations import FIELDS

HEAD = "机构名称,社会信用代码,机构类型,所属村社区,电话,登记日期,注销日期\n"
PLACES_HEAD = "设施名称,设施类型,所在地,地址,床位数,经度,纬度,主办单位,统一社会信用代码,启用日期\n"
STAR = "武进区湖塘镇"


def uscc(number: int) -> str:
    """A sound code."""
    stem = f"52320400{number:09d}"
    return next(stem + last for last in "0123456789ABCDEFGHJKLMNPQRTUWXY" if check_uscc(stem + last))


A, B = uscc(1), uscc(2)
Take = Callable[..., Batch]


@pytest.fixture
def take(home: Any, divisions: None, tmp_path: Path) -> Take:
    """take(contract, rows, as_of) imports a table and gives the batch."""

    def run(contract: str, rows: str, as_of: date = date(2024, 5, 31), by: Actor | None = None) -> Batch:
        path = tmp_path / f"{contract}-{len(list(tmp_path.iterdir()))}.csv"
        path.write_text((HEAD if contract == "organisations" else PLACES_HEAD) + rows, encoding="utf-8")
        done = actions.import_file(contract=contract, path=path, as_of=as_of, by=by or Actor.system("吴昊"))
        return Batch.objects.get(pk=done.batch.pk)

    return run


def why(batch: Batch) -> list[str]:
    """The reasons of a batch's quarantine, row by row."""
    rows = [row for chunk in read_quarantine(batch.contract, batch.batch_id) for row in chunk.iter_rows(named=True)]
    return [row["reasons"] for row in sorted(rows, key=lambda row: row["row"])]


def counts(batch: Batch) -> tuple[int, ...]:
    """New, changed, same, older, refused."""
    assert batch.carried is not None
    return tuple(batch.carried[name] for name in ("new", "changed", "same", "older", "refused"))


@pytest.mark.parametrize(("contract", "kinds"), [("organisations", ORGANISATIONS), ("facilities", FACILITIES)])
def test_contract_knows_every_kind_by_its_words(contract: str, kinds: dict[str, str]) -> None:
    values = contracts()[contract].columns["kind"].values
    assert list(values) == list(kinds)
    assert all(fold(words) in values[code] for code, words in kinds.items())


def test_rows_become_records_and_their_changes_are_told(take: Take) -> None:
    first = take("organisations", f"颐养中心,{A},民办非企业单位,{STAR},0519-85680000,2015-06-01,\n同心社,,社团,湖塘镇,,2019-01-01,\n")
    assert (first.accepted, first.quarantined, counts(first)) == (2, 0, (2, 0, 0, 0, 0))
    known = Organisation.objects.get(uscc=A)
    assert (known.kind, known.division_code, known.source_batch, known.updated_as_of, known.version) == (
        "service_institution", "320412100000", first.batch_id, date(2024, 5, 31), 1,
    )  # fmt: skip
    again = take("organisations", f"颐养服务中心,{A},民非,320412100002,,2015-06-01,\n同心社,,社团,湖塘镇,,2019-01-01, \n", date(2024, 6, 30))
    assert (again.accepted, counts(again)) == (1, (0, 1, 0, 0, 0)), "the other row says what the lake says"
    known.refresh_from_db()
    assert (known.name, known.division_code, known.contact_phone) == ("颐养服务中心", "320412100002", "0519-85680000")
    assert (known.version, known.source_batch, known.updated_as_of) == (2, again.batch_id, date(2024, 6, 30))
    last, made = changes(known, FIELDS)
    assert (last.who, last.what, last.reason) == ("吴昊", "导入", f"批次 {again.batch_id}")
    assert [title for title, _was, _is in last.differences] == ["名称", "所在地"]
    assert ("统一社会信用代码", "", A) in made.differences
    assert AuditEntry.objects.filter(verb="organisation.import").values_list("subject", flat=True).order_by("id")[1] == f"batch:{again.batch_id}"
    assert AuditEntry.objects.filter(verb="organisation.import").count() == 2


def test_an_older_delivery_changes_nothing(take: Take) -> None:
    take("organisations", f"颐养中心,{A},民非,{STAR},,2015-06-01,\n", date(2024, 6, 30))
    late = take("organisations", f"老名字,{A},民非,{STAR},,2015-06-01,\n", date(2024, 3, 31))
    assert counts(late) == (0, 0, 0, 1, 0)
    assert Organisation.objects.get().name == "颐养中心"


def test_lives_of_one_body_follow_each_other(take: Take) -> None:
    take("organisations", f"颐养中心,{A},民非,{STAR},,2010-01-01,2015-01-01\n颐养中心,{A},民非,{STAR},,2016-01-01,\n")
    assert Organisation.objects.filter(uscc=A).count() == 2
    over = take("organisations", f"甲,{A},民非,{STAR},,2012-01-01,2017-01-01\n", date(2024, 6, 30))
    assert (why(over), over.accepted) == (["life_overlaps@valid_from"], 0)
    ended = take("organisations", f"颐养中心,{A},民非,{STAR},,2016-01-01,2024-06-01\n", date(2024, 6, 30))
    assert counts(ended) == (0, 1, 0, 0, 0)
    assert not Organisation.objects.filter(valid_to__isnull=True).exists()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (f"甲,{A},民非,火星村,,2015-06-01,", "place_unknown@place"),
        (f"甲,{A},民非,{STAR},电话不详,2015-06-01,", "phone_wrong@contact_phone"),
        (f"甲,{A},民非,{STAR},,,", "start_missing@valid_from"),
        (f"甲,{A},民非,{STAR},,2015-06-01,2015-06-01", "life_reversed@valid_to"),
        (f"{'很' * 129},{A},民非,{STAR},,2015-06-01,", "text_too_long@name"),
        (f"甲,{A[:-1]}{'0' if A[-1] != '0' else '1'},民非,{STAR},,2015-06-01,", "uscc_wrong@uscc"),
    ],
)
def test_what_cannot_be_goes_back_with_its_reason(take: Take, row: str, reason: str) -> None:
    batch = take("organisations", f"{row}\n好的,{B},民非,{STAR},,2015-06-01,\n")
    assert (why(batch), batch.read, batch.accepted) == ([reason], 2, 1)
    assert batch.reasons == {reason.partition("@")[0]: 1}
    assert list(Organisation.objects.values_list("name", flat=True)) == ["好的"]


def test_two_rows_about_one_body_are_both_given_back(take: Take) -> None:
    batch = take("organisations", f"甲,{A},民非,{STAR},,2015-06-01,\n乙,{A},企业,{STAR},,2016-06-01,\n")
    assert why(batch) == ["register_duplicate@name"] * 2
    assert counts(batch) == (0, 0, 0, 0, 0)


def test_an_official_of_a_district_takes_in_that_district_alone(take: Take) -> None:
    steward = Actor("shuju", "data_steward", roles()["data_steward"].capabilities, (("320412000000", "320413000000"),))
    take("organisations", f"远方,{B},民非,天宁区雕庄街道,,2015-06-01,\n")
    batch = take("organisations", f"甲,{A},民非,天宁区,,2015-06-01,\n远方,{B},民非,{STAR},,2015-06-01,\n", date(2024, 6, 30), steward)
    assert why(batch) == ["outside_jurisdiction@place"] * 2, "neither put there nor taken from there"


def test_facilities_name_their_organisation(take: Take, tmp_path: Path) -> None:
    rows = (
        f"颐养院,养老院,320412100002,人民路1号,120,119.95,31.77,,{A},2016-01-01\n"
        "食堂,老年食堂,湖塘镇,,40,,,同心社,,2020-01-01\n"
        "孤儿,养老院,湖塘镇,,40,,,没有的社,,2020-01-01\n"
        f"反了,养老院,湖塘镇,,40,31.77,119.95,,{A},2020-01-01\n"
        f"半个,养老院,湖塘镇,,40.5,,,,{A},2020-01-01\n"
    )
    take("organisations", f"颐养中心,{A},民非,{STAR},,2015-06-01,\n同心社,,社团,{STAR},,2019-01-01,\n")
    batch = take("facilities", rows)
    assert why(batch) == ["organisation_unknown@organisation_name", "coordinates_wrong@longitude", "capacity_wrong@capacity"]
    home, canteen = Facility.objects.order_by("-capacity")
    assert (home.organisation.uscc, home.kind, home.longitude, home.division_code) == (A, "care_home", 119.95, "320412100002")
    assert (canteen.organisation.name, canteen.capacity, canteen.longitude) == ("同心社", 40, None)
    # The missing organisation comes; the workbook of bad rows is taken in as it was given back.
    take("organisations", f"没有的社,{B},社团,{STAR},,2019-01-01,\n")
    back = tmp_path / "back.xlsx"
    export_quarantine(batch_id=batch.batch_id, out=back, by=Actor.system("test"))
    more = actions.import_correction(batch=batch, path=back, by=Actor.system("test")).batch
    assert (more.accepted, more.layout["returned"]["untouched"]) == (1, 2)
    assert Facility.objects.get(name="孤儿").organisation.uscc == B
    # A facility that is handed over keeps its record.
    moved = take("facilities", f"颐养院,养老院,320412100002,,130,,,,{B},2016-01-01\n", date(2024, 6, 30))
    assert counts(moved) == (0, 1, 0, 0, 0)
    home.refresh_from_db()
    assert (home.organisation.uscc, home.capacity, home.address) == (B, 130, "人民路1号")


def test_a_name_of_several_organisations_is_not_guessed(take: Take) -> None:
    take("organisations", f"老年协会,{A},社团,{STAR},,2015-06-01,\n老年协会,{B},社团,天宁区,,2015-06-01,\n")
    batch = take("facilities", "活动室,其他,湖塘镇,,,,,老年协会,,2020-01-01\n")
    assert why(batch) == ["organisation_ambiguous@organisation_name"]


def test_a_kill_before_the_register_is_made_good_by_the_night_once(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(**_: Any) -> Batch:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(actions, "carry", die)
        with pytest.raises(KeyboardInterrupt):
            take("organisations", f"颐养中心,{A},民非,{STAR},,2015-06-01,\n")
    assert Batch.objects.get().carried is None
    assert not Organisation.objects.exists()
    assert carry_registers(date(2024, 6, 1), lambda _done, _total: None).rows_out == 1
    assert counts(Batch.objects.get()) == (1, 0, 0, 0, 0)
    assert carry_registers(date(2024, 6, 2), lambda _done, _total: None).rows_out == 0
    assert (Organisation.objects.count(), DeliveredChange.objects.count()) == (1, 1)


def test_a_kill_is_made_good_by_the_next_import(take: Take, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(actions, "carry", lambda *, batch: batch)
        take("organisations", f"颐养中心,{A},民非,{STAR},,2015-06-01,\n")
    batch = take("facilities", f"颐养院,养老院,{STAR},,120,,,,{A},2016-01-01\n")
    assert counts(batch) == (1, 0, 0, 0, 0)
    assert Facility.objects.get().organisation.uscc == A


def test_statements_do_not_grow_with_the_rows(take: Take) -> None:
    def statements(first: int, rows: int) -> int:
        body = "".join(f"机构{n},{uscc(n)},民非,{STAR},,2015-06-01,\n" for n in range(first, first + rows))
        with CaptureQueriesContext(connection) as seen:
            assert counts(take("organisations", body)) == (rows, 0, 0, 0, 0)
        return len(seen)

    few = statements(100, 3)
    assert statements(1000, 300) <= few + 12, "a statement for dozens of rows (SQLite takes 999 values), never one for each"
