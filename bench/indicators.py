"""`python -m bench.indicators PEOPLE [REPEATS]`: the yearly plan over the operational database of a city: the night's measure, the whole
plan at a glance, the first page of rows behind a figure. Prints the times as JSON.

Beside the registry that `register_fill` makes: 150,000 entitlements in force and 100,000 that ended, 30,000 awards, 20,000 cases, steps and
visits of 100,000 alerts, 50,000 payments, and the kept values of 250 nights.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from bench.registers import busy_seconds
from bench.setup import start

TODAY = date(2024, 9, 6)
IN_FORCE, ENDED, AWARDS, CASES, LINES, NIGHTS = 150_000, 100_000, 30_000, 20_000, 50_000, 250
PROGRAMMES = (
    "longevity_allowance", "longevity_allowance", "longevity_allowance", "longevity_allowance", "longevity_allowance", "longevity_allowance",
    "nursing_subsidy", "living_subsidy", "minimum_living", "needy_child_living",
)  # fmt: skip


def main(people: int, repeats: int) -> None:
    """Fill, measure, print."""
    from bench.register_fill import fill
    from minzheng.kernel.foundation import clock
    from minzheng.kernel.foundation.access import Actor
    from minzheng.kernel.indicators import actions

    users = fill(people)
    by = Actor.system("基准")
    with clock.use(TODAY):
        actions.load_shipped(name="changzhou-2024", by=by)
        fill_work(people)
        begun, busy = time.perf_counter(), busy_seconds()
        mark = actions.measure_indicators(as_of=TODAY - timedelta(days=1), by=by)
        seconds = {"night": time.perf_counter() - begun, "night_cpu": busy_seconds() - busy}
        copy_nights(mark.as_of)
        times = measure({name: Actor.of(user) for name, user in users.items()}, repeats)
    print(json.dumps({"seconds": seconds, "values": mark.values_count, "slowest": slowest(mark.as_of), "cases": times}))


def fill_work(people: int) -> None:
    """What is counted beside people and alerts."""
    from django.db import connection
    from django.utils import timezone

    from bench.register_fill import bulk
    from minzheng.kernel.benefits.models import Award, Entitlement
    from minzheng.kernel.casework.models import Case, CaseAction
    from minzheng.kernel.ledger.models import PaymentBatch, PaymentLine
    from minzheng.kernel.monitoring.models import Alert, AlertStep
    from minzheng.kernel.registry.models import Person

    codes = list(Person.objects.order_by("pk").values_list("division_code", flat=True))
    step, now = max(people // (IN_FORCE + ENDED), 1), timezone.now()
    fields = ["id", "programme", "unit_key", "person_key", "household_key", "division_code", "amount_fen", "valid_from", "valid_to", "basis", "run", "opening"]
    bulk(Entitlement, fields, _entitlements(people, step, codes))
    bulk(Award, ["id", "programme", "mode", "person_key", "household_key", "division_code", "since", "until", "ended_because", "source", "terms", "recorded_on"], (
        (at + 1, "minimum_living", "household", at * 7 % people + 1, at + 1, codes[at * 7 % people], _day(at), _day(at, 300) if at % 5 == 0 else None, "", "x", "{}", TODAY)
        for at in range(AWARDS) if at * 7 < people
    ))  # fmt: skip
    items = ("temporary_assistance", "medical_charity", "nonlocal_household", "minimum_living")
    cases = [Case(
        number=f"B{at:07d}", item=items[at % 4], item_version="2024-01-01", applicant_id=at * 11 % people + 1, household_id=(at * 11 % people) // 3 + 1,
        applied_by="self", channel="counter", division_code=codes[at * 11 % people], opened_on=_day(at), form_token=f"b{at}", submitted_on=_day(at),
        decided_on=_day(at, 20) if at % 3 else None, decision=("record" if at % 4 == 2 else "grant") if at % 3 else "", state="decided" if at % 3 else "under_way",
    ) for at in range(CASES)]  # fmt: skip
    Case.objects.bulk_create(cases, batch_size=2000)
    CaseAction.objects.bulk_create((
        CaseAction(case=case, seq=seq + 1, verb=verb, on=_day(at, seq), at=now, by="x", by_title="x")
        for at, case in enumerate(cases) for seq, verb in enumerate(("submit", "accept", "promise", "plan", "climb")[: 3 + at % 3])
    ), batch_size=2000)  # fmt: skip
    AlertStep.objects.bulk_create((
        AlertStep(alert_id=pk, verb=verb, on=raised + timedelta(days=days), at=now, by="x")
        for pk, raised in Alert.objects.values_list("pk", "raised_on") for verb, days in (("raised", 0), ("escalated", 9))[: 1 + pk % 2]
    ), batch_size=5000)  # fmt: skip
    batch = PaymentBatch.objects.create(
        key="b", title="b", programme="electricity_gift", purse="p", month=date(2024, 7, 1), division_code="320400000000", shares={}, lines=0, amount_fen=0,
        content_sha256="0" * 64, created_on=TODAY, created_by="x",
    )  # fmt: skip
    PaymentLine.objects.bulk_create((
        PaymentLine(batch=batch, person_key=at + 1, division_code=codes[at], district="wujin", programme="electricity_gift", month=date(2024, 7, 1),
                    amount_fen=15_000, channel="bank", state="paid", changed_on=date(2024, 7, 20))
        for at in range(min(LINES, people))
    ), batch_size=5000)  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _entitlements(people: int, step: int, codes: list[str]) -> Iterator[tuple[Any, ...]]:
    for at in range(min(IN_FORCE + ENDED, people // step)):
        person = at * step
        ended = at >= IN_FORCE
        first = date(2024, 1, 1) if at % 3 else date(2024, 7, 1)
        last = date(2024, 7, 1) if ended and at % 3 else date(2024, 8, 1) if ended else None
        yield (at + 1, PROGRAMMES[at % 10], person + 1, person + 1, person // 3 + 1, codes[person], 20_000, first, last, "{}", 1 if at % 2 else None, None)


def _day(at: int, later: int = 0) -> date:
    return date(2024, 1, 1) + timedelta(days=at * 37 % 200 + later)


def copy_nights(measured: date) -> None:
    """The values of a night as those of the nights before."""
    from bench.register_fill import bulk
    from minzheng.kernel.indicators.models import IndicatorValue, Measurement

    fields = ["id", "indicator", "reading", "as_of", "place", "numerator", "denominator", "unit", "filter", "unplaced", "computed_at"]
    rows = list(IndicatorValue.objects.values_list(*fields[1:3], *fields[4:]))
    top = IndicatorValue.objects.order_by("-pk").values_list("pk", flat=True)[0]
    days = [measured - timedelta(days=back) for back in range(1, NIGHTS)]
    now = rows[0][-1]
    bulk(IndicatorValue, fields, (
        (top + 1 + n * len(rows) + at, row[0], row[1], day, *row[2:-1], str(row[-1])) for n, day in enumerate(days) for at, row in enumerate(rows)
    ))  # fmt: skip
    Measurement.objects.bulk_create(Measurement(as_of=day, computed_at=now, values_count=len(rows), seconds=1) for day in days)


def measure(readers: dict[str, Any], repeats: int) -> list[dict[str, Any]]:
    """Milliseconds of each question, `repeats` times."""
    from minzheng.kernel.indicators import actions, queries
    from minzheng.kernel.indicators.models import Target

    target, city = Target.objects.get(code="T06"), readers["city"]

    def page(name: str, part: Any, start: int = 0) -> Callable[[], int]:
        return lambda: len(actions.open_rows(found=queries.rows(name, part, city, TODAY), by=city, start=start))

    asked: dict[str, Callable[[], Any]] = {
        **{f"the plan, {name}": (lambda actor: lambda: queries.overview(actor, TODAY))(readers[name]) for name in ("city", "district", "town")},
        "an item's page": lambda: queries.item_page(5, city, TODAY), "boards side by side": lambda: queries.by_place(target, city, TODAY, "unit"),
        "towns side by side": lambda: queries.by_place("longevity_persons", city, TODAY, "town"),
        "rows of 尊老金, first page": page("longevity_persons", "numerator"), "rows of 尊老金, page 1,000": page("longevity_persons", "numerator", 50_000),
        "alerts not in time, first page": page("alerts_in_time", "gap"), "households without a file, first page": page("nonlocal_household_files", "gap"),
        "alerts in time, first page": page("alerts_in_time", "numerator"),
    }  # fmt: skip
    found = []
    for name, ask in asked.items():
        ask()
        times, work = [], []
        for _ in range(repeats):
            begun, busy = time.perf_counter(), busy_seconds()
            ask()
            times.append((time.perf_counter() - begun) * 1000)
            work.append((busy_seconds() - busy) * 1000)
        found.append({"what": name, "ms": times, "cpu": work})
    return found


def slowest(as_of: date) -> list[list[Any]]:
    """The readings that took longest, each counted once more: [name, seconds]."""
    from minzheng.kernel.indicators.catalogue import indicators
    from minzheng.kernel.indicators.declarations import Span
    from minzheng.kernel.indicators.measuring import measure as count
    from minzheng.kernel.indicators.places import Places

    places, span, took = Places.on(as_of), Span(date(2024, 1, 1), date(2024, 12, 31), as_of), []
    for indicator in indicators().values():
        for reading in indicator.readings:
            begun = time.perf_counter()
            count(indicator, reading, span, places)
            took.append([f"{indicator.name}/{reading.name}", round(time.perf_counter() - begun, 2)])
    return sorted(took, key=lambda each: -each[1])[:8]


if __name__ == "__main__":
    start()
    from minzheng.portals.cli.bootstrap import bring_up_to_date

    bring_up_to_date()
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 20)
