"""A snapshot: who is in it, what is known of each as of the month, and that the same lake gives the same hash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl
import pytest

from minzheng.kernel.benefits.snapshot import build, catalogue
from minzheng.kernel.benefits.snapshot.build import People, build_people
from minzheng.kernel.benefits.snapshot.contribution import Contribution, one_each
from minzheng.kernel.benefits.snapshot.errors import SnapshotError
from minzheng.kernel.benefits.snapshot.store import Stored, content_hash, keep, names, stored, verify
from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.rules.inputs import AWARD_LOW_INCOME, BASE, KEYS
from minzheng.kernel.rules.language import Input, Month
from tests.kernel.monitoring.small_lake import put, put_all

MAY = Month.of("2024-05")
HOME = 700
VILLAGE = 320402001001


def person(key: int, **columns: Any) -> dict[str, Any]:
    return {"person_key": key, "village_code": VILLAGE, "birth_date": date(1980, 2, 29), "sex": "1", "residence_type": "hukou",
            "status": "active"} | columns  # fmt: skip


def member(key: int, home: int = HOME, relation: str = "head") -> dict[str, Any]:
    return {"person_key": key, "household_key": home, "relation": relation, "village_code": VILLAGE}


@pytest.fixture(autouse=True)
def after_the_months() -> Iterator[None]:
    """June has begun: May can be frozen. In the place of the room's own fixture."""
    with clock.use(date(2024, 6, 3)):
        yield


@pytest.fixture
def town(db: None, home: Home) -> Home:
    """A head (2) with spouse (1) and child (3), somebody alone (9), and somebody known only by a household (5)."""
    put_all({
        "population": [person(9, residence_type="non_hukou"), person(2), person(1, sex="2"), person(3, birth_date=None)],
        "households": [member(3, relation="child"), member(1, relation="spouse"), member(2), member(5, 800)],
    })
    return home


def of(key: int, people: People | None = None) -> dict[str, int]:
    """A person's row."""
    frame = (people or build_people(MAY)).frame
    row: dict[str, int] = frame.filter(pl.col("person_key") == key).row(0, named=True)
    return row


def test_everybody_once_by_household_rank_person(town: Home) -> None:
    people = build_people(MAY)
    assert people.frame.select("household_key", "rank", "person_key").rows() == [
        (-10, 0, 9), (HOME, 0, 2), (HOME, 1, 1), (HOME, 2, 3), (800, 0, 5),
    ]  # fmt: skip
    assert set(people.frame.columns) >= {*KEYS, *(each.name for each in BASE)}
    assert people.frame.null_count().sum_horizontal().item() == 0
    assert all(kind.is_integer() for kind in people.frame.dtypes)
    assert of(1) | {"birth": 19800229, "sex": 2, "hukou": 1, "present": 1, "village": VILLAGE, "rank": 1} == of(1)
    assert (of(9)["hukou"], of(3)["birth"], of(5)["present"], of(5)["village"]) == (0, 0, 0, VILLAGE)


def test_the_dead_and_the_departed_as_of_the_first_day(town: Home) -> None:
    put("population", [person(n, status=status) for n, status in
                       ((10, "active"), (11, "cancelled"), (12, "cancelled"), (13, "moved_out"), (14, "active"), (15, "active"))])  # fmt: skip
    reported = {10: [date(2024, 5, 1)], 11: [date(2024, 5, 20), date(2024, 5, 21)], 12: [date(2024, 4, 30)], 14: [date(2024, 6, 2)]}
    put("deaths", [{"person_key": n, "death_date": day, "source": "police"} for n, days in reported.items() for day in days])
    found = {n: (of(n)["present"], of(n)["death"]) for n in range(10, 16)}
    assert found == {10: (1, 20240501), 11: (1, 20240520), 12: (0, 20240430), 13: (0, 0), 14: (1, 0), 15: (1, 0)}


def test_custody_on_the_first_day(town: Home) -> None:
    terms: list[tuple[int, date, date | None, date | None, int]] = [
        (1, date(2024, 5, 1), None, None, 1), (2, date(2024, 5, 2), None, None, 0), (3, date(2023, 1, 1), date(2024, 4, 1), None, 0),
        (5, date(2023, 1, 1), date(2024, 4, 1), date(2024, 5, 2), 1), (9, date(2023, 1, 1), date(2026, 4, 1), date(2024, 5, 1), 0),
    ]  # fmt: skip
    put("custody", [{"person_key": n, "kind": "imprisonment", "started_on": start, "planned_until": planned, "released_on": released}
                    for n, start, planned, released, _ in terms])  # fmt: skip
    assert {n: of(n)["custody"] for n, *_ in terms} == {n: inside for n, *_, inside in terms}


def test_the_gravest_certificate_that_is_valid_on_the_first_day(town: Home) -> None:
    def paper(key: int, category: str, level: str, issued: date | None, until: date | None, status: str | None) -> dict[str, Any]:
        return {"person_key": key, "category": category, "level": level, "issued_on": issued, "valid_until": until, "status": status}

    put("disability_certificates", [
        paper(1, "4", "3", date(2020, 1, 1), None, None), paper(1, "1", "2", None, date(2024, 5, 1), "valid"),
        paper(1, "6", "1", date(2024, 5, 2), None, "valid"), paper(2, "5", "1", date(2020, 1, 1), date(2024, 4, 30), "valid"),
        paper(3, "7", "4", date(2024, 5, 1), None, "cancelled"), paper(9, "7", "4", date(2024, 5, 1), None, "valid"),
    ])  # fmt: skip
    found = {n: (of(n)["disability_category"], of(n)["disability_level"]) for n in (1, 2, 3, 9)}
    assert found == {1: (1, 2), 2: (0, 0), 3: (0, 0), 9: (7, 4)}


def test_incomes_are_means_of_twelve_months_before(town: Home) -> None:
    put("social_insurance", [
        {"person_key": 2, "period_start": date(2023, 1, 1), "period_end": date(2023, 7, 1), "base_fen": 600_000, "status": "paying"},
        {"person_key": 2, "period_start": date(2024, 5, 1), "period_end": date(2024, 5, 1), "base_fen": 900_000, "status": "paying"},
    ])  # fmt: skip
    put("pensions", [
        {"person_key": 1, "pension_kind": "employee", "monthly_fen": 300_001, "started_on": date(2010, 1, 1), "status": "paying"},
        {"person_key": 1, "pension_kind": "resident", "monthly_fen": 25_000, "started_on": date(2024, 3, 1), "status": None},
        {"person_key": 9, "pension_kind": "civil", "monthly_fen": 500_000, "started_on": None, "status": "stopped"},
    ])  # fmt: skip
    put("unemployment", [{"person_key": 3, "registered_on": date(2024, 4, 9), "benefit_monthly_fen": 169_100, "status": "receiving"},
                         {"person_key": 9, "registered_on": date(2024, 1, 9), "benefit_monthly_fen": 169_100, "status": "ended"}])  # fmt: skip
    assert of(2)["wage"] == 600_000 * 3 // 12  # May, June, July 2023
    assert (of(1)["pension"], of(1)["resident_pension"]) == (300_001, 25_000 * 2 // 12)
    assert (of(9)["pension"], of(3)["unemployment_benefit"], of(9)["unemployment_benefit"]) == (0, 169_100 // 12, 0)


def test_medical_spending_of_twelve_months_and_never_below_nothing(town: Home) -> None:
    def bill(key: int, day: date, paid: int, own: int | None = None) -> dict[str, Any]:
        return {"person_key": key, "settled_on": day, "self_paid_fen": paid, "own_paid_fen": own}

    put("medical_settlements", [bill(1, date(2023, 5, 1), 100, 7), bill(1, date(2024, 4, 30), 20), bill(1, date(2023, 4, 30), 5_000),
                                bill(1, date(2024, 5, 1), 5_000), bill(2, date(2024, 1, 1), 300), bill(2, date(2024, 1, 2), -400, 9)])  # fmt: skip
    assert [(of(n)["medical_paid"], of(n)["medical_own"]) for n in (1, 2, 3)] == [(120, 7), (0, 9), (0, 0)]


def test_what_people_own(town: Home) -> None:
    put("vehicles", [{"person_key": 1, "plate": plate, "status": status}
                     for plate, status in (("A", "normal"), ("B", None), ("C", "overdue"), ("D", "cancelled"), ("E", "other"))])  # fmt: skip
    put("real_estate", [{"person_key": 1, "unit_no": str(n), "usage": usage, "status": status}
                        for n, (usage, status) in enumerate((("residence", "current"), ("residence", None), ("residence", "cancelled"),
                                                             ("shop", "current"), ("office", None), ("garage", "current"), (None, None)))])  # fmt: skip
    put("market_entities", [{"person_key": 1, "uscc": uscc, "role": role, "status": status}
                            for uscc, role, status in (("X", "owner", "open"), ("X", "shareholder", None), ("Y", "owner", "revoked"))])  # fmt: skip
    row = of(1)
    assert (row["vehicles"], row["homes"], row["shops"], row["businesses"]) == (3, 2, 2, 1)


def test_what_a_household_owns_together_counts_once(town: Home) -> None:
    put("real_estate", [{"person_key": n, "unit_no": unit, "usage": "residence", "status": "current"}
                        for n, unit in ((1, "A"), (2, "A"), (9, "A"), (2, "B"), (404, "B"))])  # fmt: skip
    assert [of(n)["homes"] for n in (1, 2, 9)] == [1, 1, 1]


def test_a_correction_counts_and_what_came_later_does_not(town: Home) -> None:
    put("deaths", [{"person_key": 1, "death_date": date(2024, 4, 1), "source": "police"}], as_of=date(2024, 6, 3))
    assert of(1)["death"] == 0
    assert build_people(MAY).batches["deaths"] == ()
    assert build_people(MAY).batches["population"][0][1:] == ("2024-05-31", 4)


def test_a_month_must_be_over_unless_it_is_a_preview(town: Home) -> None:
    with clock.use(date(2024, 5, 30)):
        with pytest.raises(SnapshotError, match="2024-05 还没有结束"):
            build_people(MAY)
        assert build_people(MAY, preview=True).preview
    with clock.use(date(2024, 5, 31)):
        build_people(MAY)
    with pytest.raises(SnapshotError, match="还没有常住人口数据"):
        build_people(Month.of("2024-04"))


def test_awards_and_inputs_that_nobody_fills(town: Home) -> None:
    late = Input("late", "到得晚的", "code", "declared", absent=7)
    awards = pl.DataFrame({"person_key": [2, 404], "award_low_income": [1, 1]})
    people = build_people(MAY, awards=awards, inputs=(late, AWARD_LOW_INCOME))
    assert (of(2, people)["award_low_income"], of(1, people)["award_low_income"], of(1, people)["late"]) == (1, 0, 7)
    assert people.strangers == {"awards": 1}
    assert people.sources["late"] == "" and people.sources["award_low_income"] == "awards"
    with pytest.raises(SnapshotError, match="award_lottery"):
        build_people(MAY, awards=pl.DataFrame({"person_key": [2], "award_lottery": [1]}))
    with pytest.raises(SnapshotError, match="两种说法"):
        build_people(MAY, inputs=(Input("birth", "生日", "day", "population"),))


@pytest.fixture
def declared(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Put contributions beside the kernel's."""
    kernel = catalogue.contributions()

    def use(*more: Contribution) -> None:
        catalogue.check([*kernel, *more])
        monkeypatch.setattr(build, "contributions", lambda: (*kernel, *more))

    yield use


CARE = Input("care", "照料", "code", "deaths", absent=4)


def contribution(**changes: Any) -> Contribution:
    standing: dict[str, Any] = {
        "name": "care", "contracts": {"deaths": ("person_key", "death_date")}, "inputs": (CARE,),
        "build": lambda frames, month: one_each(frames["deaths"], pl.col("death_date").dt.day().cast(pl.Int64).alias("care"), newest="death_date"),
    }  # fmt: skip
    return Contribution(**standing | changes)


def test_a_pack_contributes(town: Home, declared: Any) -> None:
    put("deaths", [{"person_key": n, "death_date": date(2024, 3, day), "source": "police"} for n, day in ((1, 2), (1, 9), (77, 1))])
    declared(contribution())
    people = build_people(MAY)
    assert (of(1, people)["care"], of(2, people)["care"]) == (9, 4)
    assert people.strangers == {"deaths": 1, "care": 1}


def test_contributions_are_held_to_their_word(town: Home, declared: Any) -> None:
    put("deaths", [{"person_key": 1, "death_date": date(2024, 3, 2), "source": "police"}])
    for wrong, said in (
        ({"name": "wage"}, "有两个"), ({"inputs": (BASE[0],), "contracts": {"deaths": ("person_key", "colour")}}, "没有 colour 列"),
        ({"inputs": (next(each for each in BASE if each.name == "wage"),)}, "重复提供"),
    ):  # fmt: skip
        with pytest.raises(SnapshotError, match=said):
            declared(contribution(**wrong))
    for build_wrong, said in (
        (lambda frames, month: frames["deaths"], "没有给出 care"),
        (lambda frames, month: frames["deaths"].select("person_key", pl.lit("x").alias("care")), "不是整数"),
    ):
        declared(contribution(build=build_wrong))
        with pytest.raises(SnapshotError, match=said):
            build_people(MAY)
    with pytest.raises(ValueError, match="person_key"):
        contribution(contracts={"deaths": ("death_date",)})


def test_it_is_kept_whole_and_can_be_verified(town: Home) -> None:
    first, second = keep(build_people(MAY)), keep(build_people(MAY))
    assert (first.name, second.name, names()) == ("2024-05-1", "2024-05-2", ["2024-05-1", "2024-05-2"])
    assert first.sha256 == second.sha256 and first.rows == 5
    read: Stored = stored("2024-05-1")
    assert read == first and read.month == MAY
    assert (read.manifest["households"], read.manifest["present"]) == (3, 4)
    assert "award_rigid_spending" in read.manifest["unfilled"]
    frame = read.people().collect()
    assert set(frame.dtypes) == {pl.Int64} and frame.rows() == build_people(MAY).frame.rows()
    verify(read)
    folder = town.snapshots / "2024-05-1"
    assert json.loads((folder / "manifest.json").read_text())["batches"]["population"] == [
        {"batch": "population-20240531-0001", "as_of": "2024-05-31", "rows": 4}
    ]
    assert {path.stat().st_mode & 0o77 for path in (folder, *folder.iterdir())} == {0}
    frame.with_columns(pl.col("wage") + 1).write_parquet(folder / "people.parquet")
    with pytest.raises(SnapshotError, match="指纹不符"):
        verify(read)
    for name in ("2024-05-9", "../snapshots/2024-05-1"):
        with pytest.raises(SnapshotError, match="现有：2024-05-1、2024-05-2"):
            stored(name)


def test_the_hash_is_of_the_content(town: Home) -> None:
    frame = build_people(MAY).frame
    whole = content_hash(frame, "2024-05")[0]
    assert content_hash(frame.select(pl.all().cast(pl.Int64)).select(sorted(frame.columns)), "2024-05")[0] == whole
    assert content_hash(frame.with_columns(wage=1), "2024-05")[0] != whole
    assert content_hash(frame, "2024-06")[0] != whole
    assert content_hash(frame.reverse(), "2024-05")[0] != whole


def test_a_killed_freeze_leaves_a_draft_that_the_next_clears(town: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    (town.snapshots / ".draft-999999999").mkdir()
    monkeypatch.setattr("minzheng.kernel.benefits.snapshot.store._manifest", lambda people: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        keep(build_people(MAY))
    assert list(town.snapshots.iterdir()) == []
