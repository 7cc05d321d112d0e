"""`python -m bench.ledger LINES SECONDS`: the ledger on the deployment's database (MINZHENG_HOME, DATABASE_URL).

Transfers a second, posted one a transaction and a thousand a statement, beside the database's own pace in the same run: one
indexed row inserted a transaction (what pgbench would do), and TPC-B's way of keeping a balance on one hot row. Then a batch
of LINES payments along its road.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from datetime import date

from bench.setup import start

CLIENTS, MANY = 4, 1_000
TODAY = date(2024, 6, 3)


def paced(work: Callable[[int, int], int], seconds: float) -> float:
    """Rows a second of `work(client, turn)`, which returns how many rows it wrote, by CLIENTS threads for some seconds."""
    from django.db import connection

    from minzheng.kernel.foundation import clock

    done, began = [0] * CLIENTS, time.perf_counter()

    def run(client: int) -> None:
        turn = 0
        with clock.use(TODAY):
            while time.perf_counter() - began < seconds:
                done[client] += work(client, turn)
                turn += 1
        connection.close()

    threads = [threading.Thread(target=run, args=(client,)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - began)


def baselines() -> tuple[Callable[[int, int], int], Callable[[int, int], int]]:
    """One row a transaction into a table with the ledger's key and columns; and the same with a stored balance."""
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_row (key varchar(96) PRIMARY KEY, debit bigint, credit bigint, amount bigint, day date)")
        cursor.execute("CREATE TABLE bench_balance (id bigint PRIMARY KEY, fen bigint)")
        cursor.execute("INSERT INTO bench_balance VALUES (1, 0)")

    def single(client: int, turn: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_row VALUES (%s, 1, 2, 5, %s)", [f"s-{client}-{turn}", TODAY])
        return 1

    def hot(client: int, turn: int) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE bench_balance SET fen = fen + 5 WHERE id = 1")
            cursor.execute("INSERT INTO bench_row VALUES (%s, 1, 2, 5, %s)", [f"h-{client}-{turn}", TODAY])
        return 1

    return single, hot


def posting(seconds: float) -> dict[str, float]:
    """Rows a second of each way."""
    from django.db import transaction

    from minzheng.kernel.ledger import chart
    from minzheng.kernel.ledger.actions.posting import Entry, post

    spots = chart.fund("city", "甲", "tianning"), chart.appropriation("city", "甲", "tianning")

    def ledger(many: int) -> Callable[[int, int], int]:
        def work(client: int, turn: int) -> int:
            entries = [Entry(f"{many}-{client}-{turn}-{part}", "funding", *spots, 5) for part in range(many)]
            with transaction.atomic():
                return post(entries, TODAY)

        return work

    single, hot = baselines()
    ways = {"one row": single, "hot row": hot, "ledger, one": ledger(1), "ledger, many": ledger(MANY)}
    return {name: paced(work, seconds) for name, work in ways.items()}


def road(lines: int) -> dict[str, float]:
    """Seconds of each verb on a batch of so many payments."""
    import polars as pl

    from minzheng.kernel.divisions.queries import villages
    from minzheng.kernel.foundation import clock
    from minzheng.kernel.foundation.access import EVERYWHERE, Actor
    from minzheng.kernel.ledger import actions, checks, queries

    clerk = Actor("clerk", "x", frozenset({"payments.manage", "benefits.view"}), EVERYWHERE)
    checker = Actor("checker", "x", frozenset({"benefits.approve"}), EVERYWHERE)
    codes = [village.code for village in villages(TODAY)]
    frame = pl.DataFrame({
        "person_key": range(1, lines + 1), "division_code": [codes[n % len(codes)] for n in range(lines)],
        "amount_fen": [5_000 + n % 7 for n in range(lines)], "payee_name": [f"王{n}" for n in range(lines)],
    })  # fmt: skip
    shares = {"centre": 30, "province": 30, "city": 15, "district": 25}
    took: dict[str, float] = {}

    def timed(name: str, work: Callable[[], object]) -> object:
        began = time.perf_counter()
        result = work()
        took[name] = time.perf_counter() - began
        return result

    with clock.use(TODAY):
        batch = actions.create_batch(key="warm", programme="w", purse="甲", month=TODAY.replace(day=1), lines=frame.head(100), shares=shares, by=clerk)
        timed("create", lambda: actions.create_batch(
            key="big", programme="p", purse="甲", month=TODAY.replace(day=1), lines=frame, shares=shares, by=clerk))  # fmt: skip
        batch = queries.batches(clerk, programme="p").get()
        timed("approve", lambda: actions.approve_batch(batch_id=batch.pk, by=checker))
        timed("send", lambda: actions.send_batch(batch_id=batch.pk, by=clerk))
        timed("return", lambda: actions.collect_returns(as_of=TODAY, by=clerk))
        timed("trial balance", lambda: queries.trial_balance(clerk, TODAY))
        timed("check", checks.faults_of_the_books)
        if faults := checks.faults_of_the_books():
            raise SystemExit(f"the books do not agree: {faults}")
    return took


if __name__ == "__main__":
    start()
    from django.conf import settings

    from minzheng.portals.cli.bootstrap import bring_up_to_date

    bring_up_to_date()
    settings.SYNTHETIC = True
    print(json.dumps({"rates": posting(float(sys.argv[2])), "road": road(int(sys.argv[1]))}))
