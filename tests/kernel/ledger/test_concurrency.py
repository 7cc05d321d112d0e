"""Many writers at once: nothing is booked twice, nothing is lost, nobody blocks in a ring."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from typing import Any

import pytest
from django.db import connection, connections

from minzheng.kernel.foundation import audit, clock
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.ledger import actions, chart, queries
from minzheng.kernel.ledger.actions.posting import Entry
from minzheng.kernel.ledger.checks import faults_of_the_books
from minzheng.kernel.ledger.errors import LedgerError, MonthIsClosed
from minzheng.kernel.ledger.models import MonthClose, PaymentBatch, PaymentLine, ReturnFile, Transfer
from tests.beginnings import begun, shipped_divisions
from tests.kernel.ledger.conftest import CHECKER, CLERK, MONTH, SHARES, line

TODAY = date(2024, 6, 3)
WRITERS = 6


@pytest.fixture
def shared(transactional_db: None, home: Home, settings: Any, tmp_path: Any) -> Iterator[None]:
    """A database that all threads see. SQLite's in-memory test database is one connection shared by all threads, which no
    deployment has: there the test looks at a file instead."""
    settings.SYNTHETIC = True
    if connection.vendor == "sqlite":
        name, shared_name = connection.settings_dict["NAME"], str(tmp_path / "shared.sqlite3")
        with closing(sqlite3.connect(shared_name)) as file:
            connection.connection.backup(file)  # the tables as the migrations leave them
        connections.close_all()
        old = connections["default"]
        del connections["default"]
        connections["default"] = connections.create_connection("default")
        connections["default"].settings_dict = {**old.settings_dict, "NAME": shared_name}
        before = connections.settings["default"]["NAME"]
        connections.settings["default"]["NAME"] = shared_name
        begun(shipped_divisions)
        yield
        connections["default"].close()
        connections.settings["default"]["NAME"] = before
        connections["default"] = old
        assert old.settings_dict["NAME"] == name
        return
    begun(shipped_divisions)
    yield


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run jobs in threads that start together; results or LedgerErrors, in order."""
    ready = threading.Barrier(len(jobs))

    def run(job: Callable[[], Any]) -> Any:
        try:
            with clock.use(TODAY):
                ready.wait()
                return job()
        except LedgerError as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def make(key: str, people: range) -> PaymentBatch:
    return actions.create_batch(key=key, programme="p", purse="甲", month=MONTH, shares=SHARES, by=CLERK, lines=[line(n) for n in people])


def test_the_same_keys_from_many_writers_are_booked_once(shared: None) -> None:
    spots = [chart.fund("city", "甲", district) for district in ("tianning", "wujin", "jintan", "jingkai")]

    def post(writer: int) -> int:
        new = 0
        for number in range(20):
            entries = [
                Entry(f"{number}-{part}", Transfer.Kind.FUNDING, spots[part], spots[part - 1], 1 + number) for part in range(4)
            ]
            if writer % 2:
                entries.reverse()
            new += actions.post_transfers(entries=entries, by=CLERK, reason="测试")
        return new

    found = at_once(*(lambda writer=writer: post(writer) for writer in range(WRITERS)))  # type: ignore[misc]
    assert sum(found) == 80 == Transfer.objects.count()
    assert queries.trial_balance(CLERK, TODAY).balanced and faults_of_the_books() == []
    assert audit.verify() is None


def test_verbs_on_one_batch_come_one_after_another(shared: None) -> None:
    created = at_once(*(lambda: make("k", range(1, 200)) for _ in range(WRITERS)))
    assert len({batch.pk for batch in created}) == 1 == PaymentBatch.objects.count()
    pk = created[0].pk
    at_once(*(lambda: actions.approve_batch(batch_id=pk, by=CHECKER) for _ in range(WRITERS)))
    assert faults_of_the_books() == []
    sent = at_once(*(lambda: actions.send_batch(batch_id=pk, by=CLERK) for _ in range(WRITERS)))
    assert sorted(map(len, sent)) == [0] * (WRITERS - 1) + [1]
    at_once(*(lambda: actions.collect_returns(as_of=TODAY, by=CLERK) for _ in range(3)))
    assert ReturnFile.objects.count() == 1
    assert Transfer.objects.filter(kind="sending").count() == 199
    assert faults_of_the_books() == []


def test_two_lists_with_the_same_people(shared: None) -> None:
    found = at_once(lambda: make("a", range(1, 300)), lambda: make("b", range(299, 600)))
    assert sorted(type(one).__name__ for one in found) == ["PaymentBatch", "Refused"] or sorted(
        type(one).__name__ for one in found
    ) == ["LedgerError", "PaymentBatch"]
    assert PaymentLine.objects.values("person_key").distinct().count() == PaymentLine.objects.count()


def test_claims_on_one_payment_never_exceed_it(shared: None) -> None:
    batch = make("k", range(1, 3))
    actions.approve_batch(batch_id=batch.pk, by=CHECKER)
    actions.send_batch(batch_id=batch.pk, by=CLERK)
    actions.collect_returns(as_of=TODAY, by=CLERK)
    pk = PaymentLine.objects.filter(state="paid").first().pk  # type: ignore[union-attr]

    def claim(number: int) -> int:
        return actions.record_recovery(line_id=pk, amount_fen=4_000, key=f"r{number}", reason="已去世", by=CLERK)

    found = at_once(*(lambda number=number: claim(number) for number in range(WRITERS)))  # type: ignore[misc]
    assert [one for one in found if one == 1] == [1, 1], "10,000 分 hold two claims of 4,000"
    assert faults_of_the_books() == []


def test_a_month_is_closed_while_others_book(shared: None) -> None:
    spots = chart.fund("city", "甲", "tianning"), chart.appropriation("city", "甲", "tianning")

    def post(writer: int) -> int:
        new = 0
        with clock.use(date(2024, 5, 31)):
            for number in range(15):
                new += actions.post_transfers(entries=[Entry(f"{writer}-{number}", "funding", *spots, 7)], by=CLERK, reason="测试")
        return new

    jobs = [lambda writer=writer: post(writer) for writer in range(WRITERS - 1)]  # type: ignore[misc]
    found = at_once(*jobs, lambda: actions.close_month(month=date(2024, 5, 1), by=CLERK))
    closed = MonthClose.objects.get()
    assert all(isinstance(one, int | MonthIsClosed | MonthClose) for one in found)
    booked = Transfer.objects.count() * 7
    assert sum(row["received"] for row in closed.statement["funds"]) == booked, "what the statement says is all there is"
