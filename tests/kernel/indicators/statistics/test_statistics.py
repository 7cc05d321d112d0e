"""Monthly tables: every figure equals a plain count, parts add up, two people, locked is locked, corrections are revisions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.kernel.benefits.models import Entitlement
from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.access import Actor, Forbidden
from minzheng.kernel.foundation.models import AuditEntry
from minzheng.kernel.indicators.errors import PlanError, StalePlan
from minzheng.kernel.indicators.places import Places
from minzheng.kernel.indicators.statistics import actions, checks, queries
from minzheng.kernel.indicators.statistics.actions import Correction
from minzheng.kernel.indicators.statistics.counting import Counted, count, year_from_rows
from minzheng.kernel.indicators.statistics.figures import (
    ALL,
    FIGURES,
    HUKOU,
    NAMES,
    TOTAL,
    last_of,
    month_before,
    next_month,
)
from minzheng.kernel.indicators.statistics.models import StatisticRow, StatisticTable
from minzheng.kernel.indicators.statistics.night import prepare_statistics
from minzheng.kernel.ledger.models import Account, PaymentLine, Transfer
from minzheng.kernel.registry.models import Household, Membership, Person
from tests.kernel.indicators.rows import Officials

JUNE, TODAY = date(2024, 6, 1), date(2024, 9, 6)
CITY, TOWN, COUNTY = "320400000000", "320402001000", "320402000000"


@pytest.fixture
def rows(city: Officials) -> Officials:
    """The city of the room's tests with two household programmes and booked payments, paid, refused and sent back."""
    for n, household in enumerate(Household.objects.order_by("pk")[:40]):
        payee = Membership.objects.filter(household=household).order_by("pk").first()
        Entitlement.objects.create(
            programme="minimum_living_home", unit_key=household.household_key, household_key=household.household_key,
            person_key=payee.person.person_key if payee else 1, division_code=household.division_code, amount_fen=100_000 + n,
            valid_from=date(2024, 3 + n % 4, 1), valid_to=date(2024, 7 + n % 3, 1) if n % 2 else None,
        )  # fmt: skip
    Person.objects.filter(person_key__in=range(100, 360, 3)).update(residence_type="resident")
    accounts = {
        kind: Account.objects.create(code=f"{kind}/x", kind=kind, district="wujin", division_code="320412000000", programme="longevity_allowance")
        for kind in (Account.Kind.PAID, Account.Kind.CLEARING, Account.Kind.PAYABLE)
    }
    paid, transit, owed = accounts.values()
    for n, line in enumerate(PaymentLine.objects.filter(programme="longevity_allowance").order_by("pk")):
        on = date(2024, 5 + n // 4 % 4, 1 + n % 28)
        what, debit, credit = [("payment", paid, transit), ("payment", paid, transit), ("return", owed, transit), ("return", owed, paid)][n % 4]
        Transfer.objects.create(key=f"t{n}", kind=what, debit=debit, credit=credit, amount_fen=line.amount_fen, on=on, line=line)
    return city


def of(counted: Counted, programme: str, place: str = CITY, population: str = ALL) -> dict[str, int]:
    return counted.cells.get((programme, population, place), dict.fromkeys(NAMES, 0))


@dataclass
class Everything:
    """All rows that the tables are made of, read once."""

    entitlements: list[Entitlement]
    residents: set[int]
    members: dict[int, list[Membership]]
    transfers: list[Transfer]

    @classmethod
    def read(cls) -> Everything:
        members: dict[int, list[Membership]] = {}
        for each in Membership.objects.select_related("person", "household"):
            members.setdefault(each.household.household_key, []).append(each)
        residents = set(Person.objects.filter(residence_type="hukou").values_list("person_key", flat=True))
        return cls(list(Entitlement.objects.all()), residents, members, list(Transfer.objects.select_related("line", "credit")))

    def plain(self, month: date, inside: Callable[[str], bool], programme: str, hukou: bool) -> dict[str, int]:
        """A month of a programme counted in plain Python."""
        everything = [e for e in self.entitlements if e.programme == programme and (not hukou or e.person_key in self.residents)]

        def standing(day: date) -> dict[int, Entitlement]:
            return {e.unit_key: e for e in everything if e.valid_from <= day and (e.valid_to is None or e.valid_to > day)}

        now, was, end = standing(month), standing(month_before(month)), last_of(month)
        here = {unit: e for unit, e in now.items() if inside(e.division_code)}
        there = {unit: e for unit, e in was.items() if inside(e.division_code)}
        people: set[int] = set()
        for unit, e in here.items():
            members = {m.person.person_key for m in self.members.get(e.household_key, []) if m.valid_from <= end and (m.valid_to is None or m.valid_to > end)}
            people |= members if unit == e.household_key and members else {e.person_key}
        found = dict.fromkeys(NAMES, 0)
        found |= {
            "units_start": len(there), "units_end": len(here), "due_fen": sum(e.amount_fen for e in here.values()), "persons": len(people),
            "taken_over": sum(u not in was and e.opening_id is not None for u, e in here.items()),
            "begun": sum(u not in was and e.opening_id is None for u, e in here.items()), "ended": sum(u not in now for u in there),
            "moved_in": sum(u in was and u not in there for u in here), "moved_out": sum(u in now and u not in here for u in there),
            "households": len({e.household_key for e in here.values()}),
        }  # fmt: skip
        for t in self.transfers:
            assert t.line
            if month <= t.on <= end and t.line.programme == programme and inside(t.line.division_code) and (not hukou or t.line.person_key in self.residents):
                name = "paid_fen" if t.kind == "payment" else "sent_back_fen" if t.credit.kind == "paid" else "refused_fen"
                found[name] += t.amount_fen
                found["paid_lines"] += t.kind == "payment"
        return found


@pytest.mark.parametrize("month", [date(2024, 4, 1), JUNE])
def test_every_figure_equals_a_plain_count(rows: Officials, month: date) -> None:
    """Heads are compared for the city: whoever has rows in several places counts in the last of them by code, so that parts add up."""
    counted, places, read = count(month), Places.on(month), Everything.read()
    insides: dict[str, Callable[[str], bool]] = {
        CITY: lambda code: True, COUNTY: lambda code: code.startswith("320402"), TOWN: lambda code: code.startswith("320402001"),
        "jingkai": lambda code: any(low <= code < high for low, high in places.boards["jingkai"]),
    }  # fmt: skip
    for programme in ("longevity_allowance", "living_subsidy", "minimum_living_home"):
        for place, inside in insides.items():
            for population in (ALL, HUKOU):
                expected = read.plain(month, inside, programme, population == HUKOU)
                names = [name for name in NAMES if place == CITY or name not in ("persons", "households")]
                found = of(counted, programme, place, population)
                assert {name: found[name] for name in names} == {name: expected[name] for name in names}, (programme, place, population)
    city = of(counted, "longevity_allowance")
    assert city["units_end"] and city["begun"] and city["ended"] or month != JUNE, "a month without anything would prove nothing"
    assert month != JUNE or (city["paid_fen"] and city["refused_fen"] and city["sent_back_fen"] and of(counted, "longevity_allowance", COUNTY)["units_end"])


def test_people_are_counted_once_in_the_total(rows: Officials) -> None:
    counted = count(JUNE)
    standing = [e for e in Entitlement.objects.all() if e.valid_from <= JUNE and (e.valid_to is None or e.valid_to > JUNE)]
    total = of(counted, TOTAL)
    assert total["households"] == len({e.household_key for e in standing}) < sum(of(counted, p)["households"] for p in {e.programme for e in standing})
    assert total["due_fen"] == sum(e.amount_fen for e in standing) > 0
    assert 0 < total["persons"] < sum(of(counted, p)["persons"] for p in {e.programme for e in standing})


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spells=st.lists(
        st.tuples(st.integers(1, 8), st.integers(0, 3), st.integers(1, 3), st.sampled_from(["320402001001", "320412104001", "320481100001", "320412100002"])),
        min_size=5, max_size=25,
    )
)
def test_tables_balance_whatever_the_rows(people: Officials, spells: list[tuple[int, int, int, str]]) -> None:
    """Movement adds up at every place, parts add up to the city, months add up to the year."""
    with transaction.atomic():
        ends: dict[int, int] = {}
        for unit, begins, lasts, code in sorted(spells):
            if begins < ends.get(unit, 0):
                continue
            ends[unit] = begins + lasts
            first, until = date(2024, 1 + begins, 1), date(2024 + (begins + lasts) // 12, 1 + (begins + lasts) % 12, 1)
            Entitlement.objects.create(programme="p", unit_key=unit, person_key=unit, household_key=100 + unit // 2, division_code=code, amount_fen=unit,
                                       valid_from=first, valid_to=until)  # fmt: skip
        months = [date(2024, n, 1) for n in range(1, 6)]
        tables = [count(month) for month in months]
        for counted in tables:
            assert [check for check in checks.inside(counted.cells, counted.places) if not check.holds] == []
        for earlier, later in pairwise(tables):
            assert of(earlier, "p")["units_end"] == of(later, "p")["units_start"]
        year = year_from_rows(months[0], months[-1]).get("p", {})
        for name in ("begun", "ended"):
            assert sum(of(counted, "p")[name] for counted in tables) == year.get(name, 0)
        transaction.set_rollback(True)


def prepared(found: Officials, month: date = JUNE) -> StatisticTable:
    with clock.use(TODAY):
        return actions.prepare_month(month=month, by=found.by("city"))


def locked(found: Officials, month: date = JUNE) -> StatisticTable:
    with clock.use(TODAY):
        return actions.confirm_month(table=prepared(found, month), by=found.by("leader"), note="试一下")


def test_a_table_is_made_by_one_and_confirmed_by_another(rows: Officials) -> None:
    with pytest.raises(PlanError, match="还没有过完"):
        actions.prepare_month(month=JUNE, by=rows.by("city"))
    table = prepared(rows)
    with pytest.raises(Forbidden, match="另一人"):
        actions.confirm_month(table=table, by=replace(rows.by("leader"), name="city"), note="x")
    with pytest.raises(Forbidden):
        actions.confirm_month(table=table, by=rows.by("second"), note="x")
    with pytest.raises(Forbidden, match="市级"):
        actions.prepare_month(month=JUNE, by=rows.by("wujin"))
    with pytest.raises(StalePlan):
        actions.confirm_month(table=table, by=rows.by("leader"), note="x", expected_version=table.version + 1)
    back = actions.return_month(table=table, by=rows.by("leader"), because="缺少说明")
    assert back and back.state == "draft" and back.returned_because == "缺少说明"
    with pytest.raises(PlanError, match="只有待确认"):
        actions.confirm_month(table=table, by=rows.by("leader"), note="x")
    done = locked(rows)
    assert done.is_locked and (done.prepared_by, done.confirmed_by) == ("city", "leader") and done.revision == 1
    assert actions.fingerprint_of(checks.cells_of(done)) == done.fingerprint == actions.fingerprint_of(count(JUNE).cells)
    with pytest.raises(PlanError, match="已经锁定"):
        prepared(rows)
    verbs = list(AuditEntry.objects.filter(verb__startswith="statistics.").values_list("verb", flat=True))
    assert verbs == ["statistics.prepare", "statistics.return", "statistics.prepare", "statistics.confirm"] and audit.verify() is None


def test_a_failed_check_names_both_figures_and_leads_to_rows(rows: Officials) -> None:
    lost = Entitlement.objects.filter(programme="longevity_allowance", valid_from__lte=JUNE, valid_to=None).first()
    assert lost
    Entitlement.objects.filter(pk=lost.pk).update(division_code="320499000001")
    table = prepared(rows)
    found = checks.checked(table, Places.on(JUNE))
    assert not found.balanced and found.total > 500
    one = next(c for c in found.failed if c.kind == "counties" and c.figure == "units_end" and c.programme == "longevity_allowance" and c.population == ALL)
    assert one.difference == 1 and one.left_title == "全市月末对象" and one.right_title == "各县（市、区）合计" and "属地" in one.note
    behind = queries.rows_behind(rows.by("city"), table, one.programme, one.place, one.figure)
    assert behind.count() == one.left and lost.pk in {row.pk for row in behind}
    assert {c.kind for c in found.failed} >= {"counties", "boards"}
    with pytest.raises(PlanError, match="平衡检查不通过"):
        actions.confirm_month(table=table, by=rows.by("leader"))
    assert actions.confirm_month(table=table, by=rows.by("leader"), note="属地待核实").note == "属地待核实"


@pytest.mark.parametrize("figure", [f.name for f in FIGURES if f.name not in ("persons", "households", "due_fen")])
def test_rows_behind_a_figure_are_as_many_as_it_says(rows: Officials, figure: str) -> None:
    table = prepared(rows)
    for programme in ("longevity_allowance", "living_subsidy"):
        stated = StatisticRow.objects.get(table=table, programme=programme, population=ALL, place=CITY)
        behind = list(queries.rows_behind(rows.by("city"), table, programme, CITY, figure))
        if figure.startswith("moved"):  # for the whole city nobody moves; the rows say who did inside it
            assert getattr(stated, figure) == 0
        elif figure.endswith("_fen"):
            assert sum(row.amount_fen for row in behind) == getattr(stated, figure)
        else:
            assert len(behind) == getattr(stated, figure)


def refused(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "已经锁定" in str(error) or "不可修改" in str(error)
    return False


def test_a_locked_month_is_locked_in_the_database(rows: Officials) -> None:
    table, other = locked(rows), prepared(rows, date(2024, 7, 1))
    row, change = "indicators_statisticrow", "indicators_statisticchange"
    for statement in (
        f"UPDATE {row} SET begun = 99 WHERE table_id = {table.pk}", f"DELETE FROM {row} WHERE table_id = {table.pk}",
        f"UPDATE {row} SET table_id = {table.pk} WHERE table_id = {other.pk}",
        f"UPDATE indicators_statistictable SET note = 'x' WHERE id = {table.pk}", f"DELETE FROM indicators_statistictable WHERE id = {table.pk}",
        f"INSERT INTO {change} (table_id, programme, population, place, figure, was, now) VALUES ({table.pk}, 'p', 'all', '1', 'begun', 1, 2)",
    ):  # fmt: skip
        assert refused(statement), statement
    assert not refused(f"UPDATE {row} SET begun = 99 WHERE table_id = {other.pk}"), "what is not locked can still change"


def test_a_locked_month_stays_when_rows_change_and_the_difference_is_shown(rows: Officials) -> None:
    table = locked(rows)
    before = checks.cells_of(table)
    gone = Entitlement.objects.filter(programme="longevity_allowance", valid_from__lte=JUNE, valid_to=None).order_by("pk").first()
    assert gone
    Entitlement.objects.filter(pk=gone.pk).delete()
    assert checks.cells_of(table) == before
    found = queries.changed_since(rows.by("leader"), table)
    stated = before["longevity_allowance", ALL, CITY]
    assert ["longevity_allowance", ALL, "units_end", stated["units_end"], stated["units_end"] - 1] in found
    assert ["longevity_allowance", ALL, "due_fen", stated["due_fen"], stated["due_fen"] - gone.amount_fen] in found
    counts = prepare_statistics(date(2024, 9, 6), lambda done, total: None)
    assert (counts.rows_in, counts.rows_out) == (1, 1)
    assert [line.drift.differences for line in queries.months(rows.by("leader")) if line.month == JUNE and line.drift] == [found]
    with pytest.raises(Forbidden):
        queries.changed_since(rows.by("wujin"), table)


def test_a_correction_is_a_revision_by_two_people_and_the_old_one_stays(rows: Officials) -> None:
    table = locked(rows)
    old = checks.cells_of(table)
    was = old["longevity_allowance", ALL, TOWN]["paid_fen"]
    wanted = [Correction("longevity_allowance", TOWN, "paid_fen", was + 12_345)]
    for reason, figures, message in (("", wanted, "更正原因"), ("x" * 5, [Correction("longevity_allowance", TOWN, "paid_fen", was)], "没有不同"),
                                     ("x" * 5, [Correction("longevity_allowance", CITY, "paid_fen", 1)], "镇"),
                                     ("x" * 5, [Correction("longevity_allowance", COUNTY, "paid_fen", 1)], "镇")):  # fmt: skip
        with pytest.raises(PlanError, match=message):
            actions.correct_month(month=JUNE, reason=reason, by=rows.by("city"), figures=figures)
    second = actions.correct_month(month=JUNE, reason="漏记一笔补发", by=rows.by("city"), figures=wanted)
    assert second.revision == 2 and second.state == "prepared" and queries.month(rows.by("city"), JUNE).table == table
    with pytest.raises(PlanError, match="等待确认"):
        actions.correct_month(month=JUNE, reason="再来一次", by=rows.by("city"), figures=wanted)
    done = actions.confirm_month(table=second, by=rows.by("leader"), note="凭证已核")
    new, board = checks.cells_of(done), Places.on(JUNE).board_of(TOWN)
    touched = {(p, place) for p in ("longevity_allowance", TOTAL) for place in (TOWN, COUNTY, board, CITY)}
    assert {(p, place) for p, _n, place, *_rest in actions.differences(old, new)} == touched
    assert {c.now - c.was for c in done.changes.all()} == {12_345} and done.changes.count() == len(touched)
    assert checks.cells_of(table) == old and table.fingerprint == actions.fingerprint_of(old)
    view = queries.month(rows.by("city"), JUNE)
    assert view.table == done and view.holds and [each.revision for each in view.revisions] == [1, 2]
    assert not queries.month(rows.by("city"), JUNE, revision=1).holds
    assert refused(f"DELETE FROM indicators_statisticchange WHERE table_id = {done.pk}")


def test_a_correction_from_rows_and_one_that_is_returned(rows: Officials) -> None:
    locked(rows)
    with pytest.raises(PlanError, match="没有不同"):
        actions.correct_month(month=JUNE, reason="按现有数据", by=rows.by("city"))
    Entitlement.objects.filter(programme="living_subsidy", valid_to=None).update(amount_fen=7)
    second = actions.correct_month(month=JUNE, reason="标准更正", by=rows.by("city"))
    assert {c.figure for c in second.changes.all()} == {"due_fen"}
    assert actions.return_month(table=second, by=rows.by("leader"), because="先报处务会") is None
    assert StatisticTable.objects.filter(month=JUNE).count() == 1
    with pytest.raises(StalePlan):
        actions.confirm_month(table=second, by=rows.by("leader"), note="x")
    third = actions.correct_month(month=JUNE, reason="标准更正", by=rows.by("city"))
    assert third.revision == 2 and actions.confirm_month(table=third, by=rows.by("leader"), note="处务会通过").is_locked
    assert queries.changed_since(rows.by("city"), third) == []


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(0, 10_000), min_size=1, max_size=4, unique=True))
def test_a_chain_of_revisions_leads_from_the_first_to_the_last(people: Officials, amounts: list[int]) -> None:
    """Each revision's was is the one before's is; applying all changes to the first gives the last."""
    with transaction.atomic():
        Entitlement.objects.create(programme="p", unit_key=1, person_key=1, household_key=2, division_code="320402001001", amount_fen=20_000, valid_from=JUNE)
        first = locked(people)
        cells = checks.cells_of(first)
        for amount in amounts:
            table = actions.correct_month(month=JUNE, reason="更正", by=people.by("city"), figures=[Correction("p", TOWN, "due_fen", amount)])
            actions.confirm_month(table=table, by=people.by("leader"), note="核")
            for c in table.changes.all():
                key = (c.programme, c.population, c.place)
                assert cells[key][c.figure] == c.was
                cells[key][c.figure] = c.now
        assert cells == checks.cells_of(table)
        assert [t.revision for t in StatisticTable.objects.filter(month=JUNE).order_by("revision")] == list(range(1, len(amounts) + 2))
        transaction.set_rollback(True)


def test_the_night_makes_the_draft_of_the_month_before_once(rows: Officials) -> None:
    first = date(2024, 7, 1)
    with clock.use(first):
        prepare_statistics(first, lambda done, total: None)
        table = StatisticTable.objects.get()
        assert (table.month, table.state, table.prepared_by) == (JUNE, "draft", "") and table.rows.exists()
        prepare_statistics(first + timedelta(days=1), lambda done, total: None)
    assert StatisticTable.objects.get() == table


def test_readers_see_figures_of_their_own_places(rows: Officials) -> None:
    table = locked(rows)
    wujin = queries.month(rows.by("wujin"), JUNE)
    assert wujin.place == "wujin" and not wujin.whole_city
    stated = StatisticRow.objects.get(table=table, programme="longevity_allowance", population=ALL, place="wujin")
    assert next(r for r in wujin.rows if r.programme == "longevity_allowance").now["units_end"] == stated.units_end > 0
    with pytest.raises(Forbidden):
        queries.month(rows.by("wujin"), JUNE, place="320402000000")
    assert [row.place for row in queries.by_place(rows.by("wujin"), table, "longevity_allowance", "unit")] == ["wujin"]
    assert len(queries.by_place(rows.by("leader"), table, "longevity_allowance", "unit")) == 7
    with pytest.raises(Forbidden):
        queries.rows_behind(rows.by("leader"), table, "longevity_allowance", CITY, "units_end")
    behind = queries.rows_behind(rows.by("wujin"), table, "longevity_allowance", "", "units_end")
    assert behind.count() == stated.units_end
    for name in ("town", "worker"):
        with pytest.raises(Forbidden):
            queries.months(rows.by(name))
    with pytest.raises(Forbidden):
        queries.checked(rows.by("wujin"), table)


def test_the_year_adds_up_and_says_which_months_are_missing(rows: Officials) -> None:
    tables = [locked(rows, date(2024, n, 1)) for n in (4, 5)]
    found = checks.checked(tables[-1], Places.on(JUNE))
    year = [c for c in found.failed if c.kind == "year"]
    assert year and all("缺少 1 月、2 月、3 月" in c.note for c in year)
    cells, missing = queries.year_of(rows.by("leader"), date(2024, 5, 1))
    assert [day.month for day in missing] == [1, 2, 3]
    paid = sum(t.amount_fen for t in Transfer.objects.filter(kind="payment", on__gte=date(2024, 4, 1), on__lt=next_month(date(2024, 5, 1))))
    assert cells[TOTAL, ALL, CITY]["paid_fen"] == paid > 0
    assert cells["longevity_allowance", ALL, CITY]["units_end"] == checks.cells_of(tables[-1])["longevity_allowance", ALL, CITY]["units_end"]
    for n in (1, 2, 3):
        with clock.use(TODAY):
            actions.draft_month(month=date(2024, n, 1), by=rows.by("city"))
    assert [c for c in checks.checked(tables[-1], Places.on(JUNE)).failed if c.kind == "year"] == []


def test_the_table_is_held_against_the_books(rows: Officials) -> None:
    found = checks.checked(prepared(rows), Places.on(JUNE))
    books = [c for c in found.failed if c.kind == "books"]
    assert books == [] and found.counts["books"] > 3
    StatisticRow.objects.filter(table=StatisticTable.objects.get(), programme="longevity_allowance", place=CITY, population=ALL).update(paid_fen=1)
    failed = [c for c in checks.checked(StatisticTable.objects.get(), Places.on(JUNE)).failed if c.kind == "books"]
    assert len(failed) == 1 and failed[0].left == 1 and failed[0].right_title == "支付总账"


def test_an_actor_of_the_system_cannot_confirm_its_own_draft(rows: Officials) -> None:
    table = prepared(rows)
    assert Actor.system("夜间批处理").name != table.prepared_by
