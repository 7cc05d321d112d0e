"""`python -m bench.registers PEOPLE [REPEATS]`: registers at the size of a city, through the whole view stack.

Fills the deployment's database (MINZHENG_HOME, DATABASE_URL) with synthetic rows in bulk, opens every list under
representative filters, orders, pages and roles, and prints the times as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

from bench.setup import start

TODAY = date(2024, 9, 6)
# Parameters of lists by register; each is asked on the first page and, where there is one, on a deep page.
FILTERS: dict[str, list[str]] = {
    "people": [
        "", "place=320412", "place=jingkai", "place=320412100", "fact=disability", "fact=assistance&state=alive",
        "sex=2&age_from=80", "state=dead", "residence=without_id", "known_from=2024-08-01", "place=wujin&fact=pension&age_from=60",
        "q=wangxiulan", "q=wxl&place=320412", "q=%E7%8E%8B%E7%A7%80%E5%85%B0", "q=wangxulan", "q=0042", "sex=1&residence=non_hukou&place=320411", "age_from=100", "known_from=2024-09-05&known_to=2024-09-06&sex=2",
    ],
    "households": ["", "place=320412", "place=320412100", "fact=disability", "fact=pension", "hukou=elsewhere", "q=wangxiulan", "q=0042", "updated_from=2024-08-01", "place=jingkai&fact=assistance"],
    "organisations": ["", "kind=foundation", "place=320412", "state=ended", "since_from=2020-01-01", "q=%E9%A2%90%E5%85%BB"],
    "facilities": ["", "kind=canteen", "place=320412", "located=no", "capacity_from=100", "q=%E4%BA%BA%E6%B0%91%E8%B7%AF"],
    "divisions": ["", "level=4", "place=320412", "q=%E6%B9%96"],
    "management-units": [""],
    "users": ["", "role=grid_worker", "q=%E7%BD%91"],
}  # fmt: skip
ALERTS = (
    "", "status=all", "status=new", "division=320412", "division=jingkai&status=all", "severity=high", "overdue=1", "due=week",
    "scenario=unemployment", "scenario=unemployment&status=closed", "status=closed", "status=closed&page=100",
    "status=closed&severity=high&page=50", "status=all&page=400", "status=all&division=320412100",
)
READERS = {"people": ("city", "district", "town", "village"), "households": ("city", "district", "town", "village")}


def main(people: int, repeats: int) -> None:
    """Fill, measure, print."""
    from bench.register_fill import fill
    from minzheng.kernel.foundation import clock

    started = time.perf_counter()
    users = fill(people)
    filled = time.perf_counter() - started
    with clock.use(TODAY):
        print(json.dumps({"filled": filled, "cases": measure(users, repeats)}))


def measure(users: dict[str, Any], repeats: int) -> list[dict[str, Any]]:
    """Milliseconds of every case, as they passed and of processors: [{register, reader, address, ms: […], cpu: […]}]."""
    from django.test import Client

    clients = {}
    for name, user in users.items():
        clients[name] = Client()
        clients[name].force_login(user)
        clients[name].get("/registers/")  # warm templates and connections
    cases = [{"register": slug, "reader": reader, "address": address, "ms": [], "cpu": []} for slug, reader, address in addresses()]
    for _ in range(repeats):
        for case in cases:
            begun, busy = time.perf_counter(), busy_seconds()
            response = clients[case["reader"]].get(case["address"])
            case["ms"].append((time.perf_counter() - begun) * 1000)
            case["cpu"].append((busy_seconds() - busy) * 1000)
            if response.status_code != 200:
                raise SystemExit(f"{case['address']} answered {response.status_code}")
    return cases


def busy_seconds() -> float:
    """What processors have worked for this process and, on PostgreSQL, for its own server process: what a page takes where
    nobody else is at work. Parallel workers of a statement are not in it."""
    from django.db import connection

    busy = time.process_time()
    if connection.vendor == "postgresql" and connection.connection:
        with open(f"/proc/{connection.connection.info.backend_pid}/schedstat", encoding="ascii") as figures:
            busy += int(figures.read().split()[0]) / 1e9
    return busy


def addresses() -> Iterator[tuple[str, str, str]]:
    """(register, reader, address) of every case."""
    from minzheng.kernel.foundation.registers import registers

    yield "index", "city", "/registers/"
    for slug, register in registers().items():
        orders = [f"{sign}{column.name}" for column in register.columns if column.order for sign in ("", "-")]
        readers = ("keeper",) if slug == "users" else READERS.get(slug, ("city",))
        for reader in readers:
            for query in FILTERS.get(slug, [""]):
                for order in orders:
                    yield slug, reader, f"/registers/{slug}/?{query}&sort={order}"
                for order in orders[:1]:
                    yield slug, reader, f"/registers/{slug}/?{query}&sort={order}&page=200"
                    yield slug, reader, f"/registers/{slug}/?{query}&sort=-{order}&page=100"
    for reader in READERS["people"]:
        for query in ALERTS:
            yield "alerts", reader, f"/alerts/?{query}"
    for query in ("", "by=clock", "by=part&status=all", "by=status&status=all"):
        yield "alerts", "city", f"/alerts/board/?{query}"


if __name__ == "__main__":
    start()
    from minzheng.portals.cli.bootstrap import bring_up_to_date

    bring_up_to_date()
    from django.conf import settings

    settings.ALLOWED_HOSTS.append("testserver")
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
