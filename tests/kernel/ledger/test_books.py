"""The books: nobody changes them, closed months stay closed, keys are used once, figures of any day can be had."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minzheng.kernel.foundation import clock
from minzheng.kernel.foundation.access import Forbidden
from minzheng.kernel.ledger import actions, chart, queries
from minzheng.kernel.ledger.actions.posting import Entry
from minzheng.kernel.ledger.bulk import fetch, table_of
from minzheng.kernel.ledger.errors import KeyClash, LedgerError, MonthIsClosed, MonthNotClosed
from minzheng.kernel.ledger.models import MonthClose, Transfer
from tests.kernel.ledger.conftest import CHECKER, CLERK, MONTH, approved, line, sent

MAY, JULY = date(2024, 5, 1), date(2024, 7, 2)
TIANNING, WUJIN = chart.fund("city", "甲", "tianning"), chart.fund("city", "甲", "wujin")


def entry(key: str, amount: int = 5, debit: Any = TIANNING, credit: Any = None) -> Entry:
    return Entry(key, Transfer.Kind.FUNDING, debit, credit or chart.appropriation("city", "甲", "tianning"), amount)


def post(*entries: Entry) -> int:
    return actions.post_transfers(entries=entries, by=CLERK, reason="测试")


TAMPERING = [
    "UPDATE ledger_transfer SET amount_fen = amount_fen + 1", "DELETE FROM ledger_transfer", "UPDATE ledger_account SET level = 'x'",
    "DELETE FROM ledger_account", "UPDATE ledger_monthclose SET statement = '{}'", "DELETE FROM ledger_monthclose",
    "UPDATE ledger_closingbalance SET balance_fen = 0", "DELETE FROM ledger_closingbalance",
]  # fmt: skip


@pytest.mark.parametrize("statement", TAMPERING)
def test_the_database_keeps_what_is_booked(city: Any, statement: str) -> None:
    with clock.use(date(2024, 5, 6)):
        post(entry("x"))
    actions.close_month(month=MAY, by=CLERK)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_no_replacing_and_no_emptying(city: Any) -> None:
    post(entry("x"))
    columns = 'key, kind, debit_id, credit_id, amount_fen, "on", memo'
    statements = {
        "sqlite": [f"REPLACE INTO ledger_transfer ({columns}) SELECT {columns} FROM ledger_transfer",
                   f"REPLACE INTO ledger_transfer (id, {columns}) SELECT id, 'y', kind, debit_id, credit_id, 9, \"on\", '' FROM ledger_transfer"],
        "postgresql": ["TRUNCATE ledger_transfer", "TRUNCATE ledger_account CASCADE"],
    }  # fmt: skip
    for statement in statements[connection.vendor]:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_any_text_reaches_the_database_as_it_is(db: None) -> None:
    texts = ["", "a,b", '"', "\\", '\\"', "{}", "NULL", "null", "'", "%s", "张𠮷", "a\nb", " x ", None]
    rows, parameters = table_of({"n": "bigint", "t": "text", "d": "date"},
                                {"n": range(len(texts)), "t": texts, "d": [date(2024, 2, 29)] * len(texts)})  # fmt: skip
    assert [row[0] for row in fetch(f"SELECT t FROM {rows} WHERE d = %s ORDER BY n", [*parameters, date(2024, 2, 29)])] == texts


@pytest.mark.parametrize("change", ["amount_fen * -1", "0"])
def test_the_database_refuses_transfers_that_are_none(city: Any, change: str) -> None:
    post(entry("x"))
    for values in (f"'y', kind, debit_id, credit_id, {change}", "'y', kind, debit_id, debit_id, 5"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f'INSERT INTO ledger_transfer (key, kind, debit_id, credit_id, amount_fen, "on", memo) SELECT {values}, "on", \'\' FROM ledger_transfer'
            )


def test_keys_are_used_once(city: Any) -> None:
    assert post(entry("a"), entry("b")) == 2
    assert post(entry("b"), entry("c"), entry("a"), entry("a")) == 1
    for other in (entry("a", 6), entry("a", debit=WUJIN)):
        with pytest.raises(KeyClash, match="a"):
            post(other, entry("d"))
        with pytest.raises(KeyClash):
            post(entry("e"), Entry("e", Transfer.Kind.RETURN, TIANNING, WUJIN, 5))
    assert Transfer.objects.count() == 3
    for wrong in (entry("f", debit=chart.paid("a", "tianning")), entry("f", 0), entry("f", -1), entry("f", credit=TIANNING), entry("f", debit=chart.fund("city", "甲", "atlantis"))):
        with pytest.raises(LedgerError):
            post(wrong)
    with pytest.raises(Forbidden):
        actions.post_transfers(entries=[entry("g")], by=CHECKER, reason="测试")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 12), st.integers(1, 10**12), st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_any_postings_balance(city: Any, moves: list[tuple[int, int, int, int]]) -> None:
    spots = [TIANNING, WUJIN, chart.appropriation("city", "甲", "wujin"), chart.fund("city", "甲", "jintan")]
    with transaction.atomic():
        for number, amount, debit, credit in moves:
            try:
                post(Entry(f"k{number}", Transfer.Kind.FUNDING, spots[debit], spots[credit], amount))
            except LedgerError as refused:
                assert debit == credit or isinstance(refused, KeyClash)
        trial = queries.trial_balance(CLERK, date(2024, 6, 3))
        assert trial.balanced
        transaction.set_rollback(True)


def test_a_month_is_closed_once_and_for_all(make: Any) -> None:
    with clock.use(date(2024, 5, 20)):
        actions.receive_funds(level="city", purse="尊老金", district="tianning", amount_fen=900, key="may", by=CLERK)
    file = sent(make([line(1), line(2, amount=20_000)]))
    content = file and actions.collect_returns(as_of=date(2024, 6, 3), by=CLERK)
    assert content
    with pytest.raises(LedgerError, match="还没有过完"):
        actions.close_month(month=MONTH, by=CLERK)
    with clock.use(JULY):
        with pytest.raises(LedgerError, match="05 月还没有结账"):
            actions.close_month(month=MONTH, by=CLERK)
        with pytest.raises(MonthNotClosed, match="还没有结账"):
            queries.statement(MONTH, CLERK)
        before = queries.statement(MONTH, CLERK, provisional=True)
        actions.close_month(month=MAY, by=CLERK)
        row = actions.close_month(month=MONTH, by=CLERK)
        assert actions.close_month(month=MONTH, by=CLERK).pk == row.pk and MonthClose.objects.count() == 2
        after = queries.statement(MONTH, CLERK)
    assert not before.closed and after.closed and before.funds == after.funds and before.programmes == after.programmes
    (programme,) = after.programmes
    assert (programme.accrued, programme.sent) == (30_000, 30_000)
    assert programme.paid + programme.returned + programme.closing_in_transit == 30_000
    city_fund = next(row for row in after.funds if row.level == "city")
    assert (city_fund.opening, city_fund.reserved, city_fund.closing) == (900, 4_500, -3_600)
    assert after.by_level()["centre"]["reserved"] == 9_000 and after.by_district()["tianning"]["accrued"] == 30_000
    with pytest.raises(MonthIsClosed, match="已经结账"):
        post(entry("late"))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute('INSERT INTO ledger_transfer (key, kind, debit_id, credit_id, amount_fen, "on", memo)'
                       ' SELECT \'late\', kind, debit_id, credit_id, 1, "on", \'\' FROM ledger_transfer LIMIT 1')  # fmt: skip


def test_figures_of_any_day_with_and_without_closed_months(city: Any) -> None:
    days = [date(2024, 3, 31), date(2024, 4, 1), date(2024, 4, 30), date(2024, 5, 1), date(2024, 6, 2)]
    for number, day in enumerate(days):
        with clock.use(day):
            post(entry(f"d{number}", 10**number))

    def standing() -> list[int]:
        asked = [date(2024, 3, 30), *days, date(2024, 5, 31)]
        return [queries.trial_balance(CLERK, day).debit_fen for day in asked]

    expected = [0, 1, 11, 111, 1111, 11111, 1111]
    assert standing() == expected
    for month in (3, 4, 5):
        actions.close_month(month=date(2024, month, 1), by=CLERK)
        assert standing() == expected


def test_books_that_do_not_agree_are_not_closed(make: Any) -> None:
    with clock.use(date(2024, 5, 20)):
        batch = approved(make([line(1)]))
    batch.payments.update(amount_fen=10_001)
    with pytest.raises(LedgerError, match="账实不符"):
        actions.close_month(month=MAY, by=CLERK)
