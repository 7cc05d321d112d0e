"""A city of a few hundred made-up people with alerts, cases, awards, entitlements, payments and deliveries, for counting them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from minzheng.kernel.benefits.models import Award, Entitlement, Run, Snapshot
from minzheng.kernel.casework.models import Case, CaseAction
from minzheng.kernel.divisions.actions import load_divisions
from minzheng.kernel.divisions.models import Division
from minzheng.kernel.divisions.queries import ranges_of_unit
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.actions import create_user, load_calendar
from minzheng.kernel.foundation.models import User
from minzheng.kernel.indicators import actions
from minzheng.kernel.indicators.models import Plan
from minzheng.kernel.ledger.models import PaymentBatch, PaymentLine
from minzheng.kernel.monitoring.models import Alert, AlertStep, Visit
from minzheng.kernel.monitoring.outcomes import OUTCOMES
from minzheng.kernel.registry.models import Fact, Household, Membership, Person

SEED, PEOPLE, HOUSEHOLDS = 20240901, 260, 110
FIRST, LAST = date(2023, 10, 1), date(2024, 10, 31)
# Streets and towns of every kind: of a district, of a county-level city, of 武进 itself, and of 经开区 inside 武进.
TOWNS = ("320402001000", "320402002000", "320411001000", "320412100000", "320412002000", "320412104000", "320413100000", "320481100000")
SCENARIOS = ("large_medical_spending", "unemployment", "legal_aid", "natural_disaster", "paid_after_death", "undeclared_vehicle")
ITEMS = ("temporary_assistance", "medical_charity", "nonlocal_household", "minimum_living")
PROGRAMMES = (
    "longevity_allowance", "minimum_living", "orphan_living", "unsupported_child_living", "needy_child_living", "living_subsidy", "nursing_subsidy",
)  # fmt: skip
CITY = ("320400000000", "320500000000", "常州市")


@dataclass
class Officials:
    """Who reads and works in the tests, and the plan of 2024 as shipped."""

    users: dict[str, User]
    plan: Plan

    def by(self, name: str) -> Actor:
        return Actor.of(self.users[name])


def officials() -> Officials:
    """Divisions, calendar, the plan, and an official of every kind; no rows."""
    operator = Actor.system("测试")
    load_calendar(by=operator)
    load_divisions(by=operator)
    wanted = {
        "city": ("city_official", [CITY]), "second": ("city_official", [CITY]), "leader": ("bureau_leader", [CITY]),
        "supervisor": ("plan_supervisor", [CITY]), "steward": ("data_steward", [CITY]),
        "tianning": ("district_official", [("320402000000", "320403000000", "天宁区")]),
        "town": ("town_official", [("320402001000", "320402002000", "街道")]), "worker": ("grid_worker", [("320402001001", "320402001002", "村")]),
        "clerk": ("benefits_clerk", [CITY]),
    }  # fmt: skip
    jingkai = [(low, high, "常州经开区") for low, high in ranges_of_unit("jingkai", date(2024, 6, 3))]
    wanted["wujin"] = ("district_official", [(low, high, "武进区") for low, high in ranges_of_unit("wujin", date(2024, 6, 3))])
    wanted["jingkai"] = ("district_official", jingkai)
    users = {
        name: create_user(username=name, full_name=name, role=role, jurisdictions=areas, password_hash="!", by=operator)
        for name, (role, areas) in wanted.items()
    }
    return Officials(users, actions.load_shipped(name="changzhou-2024", by=operator).plan)


def a_city() -> Officials:
    """The officials, and rows to count."""
    found = officials()
    draw = random.Random(SEED)
    villages = [code for town in TOWNS for code in Division.objects.filter(parent_code=town, level=5).order_by("code").values_list("code", flat=True)[:2]]
    households = Household.objects.bulk_create(
        Household(household_key=9000 + n, division_code=draw.choice(villages), address="某路 1 号", hukou_local=draw.random() < 0.6, updated_as_of=FIRST)
        for n in range(HOUSEHOLDS)
    )
    people = Person.objects.bulk_create(
        Person(person_key=100 + n, name=f"人{n}", sex="1", birth_date=date(1940 + n % 80, 1, 1), division_code=households[n % HOUSEHOLDS].division_code,
               known_since=FIRST, known_because="测试", updated_as_of=FIRST)
        for n in range(PEOPLE)
    )  # fmt: skip
    Membership.objects.bulk_create(
        Membership(household=households[n % HOUSEHOLDS], person=person, relation="head", valid_from=day(draw, date(2020, 1, 1), date(2024, 6, 1)),
                   valid_to=day(draw, date(2024, 7, 1), LAST) if draw.random() < 0.1 else None)
        for n, person in enumerate(people)
    )  # fmt: skip
    _alerts(draw, people, found.users["city"])
    _cases(draw, people, households)
    _benefits(draw, people, villages)
    _deliveries(draw)
    return found


def with_statistics() -> None:
    """What autovacuum does on PostgreSQL: without statistics joins of subqueries are planned blindly."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE benefits_entitlement, monitoring_alert, monitoring_alertstep, casework_case, casework_caseaction, registry_person")


def day(draw: random.Random, first: date = FIRST, last: date = LAST) -> date:
    return first + timedelta(days=draw.randrange((last - first).days + 1))


def _alerts(draw: random.Random, people: list[Person], visitor: User) -> None:
    rows, more = [], []
    for n in range(420):
        person, raised = draw.choice(people), day(draw)
        closed = raised + timedelta(days=draw.randrange(1, 40)) if draw.random() < 0.7 else None
        rows.append(Alert(
            scenario=draw.choice(SCENARIOS), person=person, division_code=person.division_code, severity="high", status="closed" if closed else "new",
            raised_on=raised, event_date=date(2020, 1, 1) + timedelta(days=n), due_on=raised + timedelta(days=7), summary="x",
            outcome=draw.choice(list(OUTCOMES)) if closed else "", closed_on=closed,
        ))  # fmt: skip
    for alert in Alert.objects.bulk_create(rows):
        for _again in range(draw.choice((0, 0, 1, 2))):
            more.append(AlertStep(alert=alert, verb="escalated", on=alert.raised_on + timedelta(days=draw.randrange(8, 50)), at=timezone.now(), by="x"))
        more.append(AlertStep(alert=alert, verb="raised", on=alert.raised_on, at=timezone.now(), by="x"))
    AlertStep.objects.bulk_create(more)
    Visit.objects.bulk_create(
        Visit(alert=alert, visited_on=alert.raised_on + timedelta(days=draw.randrange(1, 30)), visitor=visitor, met="self", outcome=alert.outcome or "no_need",
              form_token=f"v{alert.pk}-{again}", recorded_at=timezone.now())
        for alert in rows for again in range(draw.choice((0, 1, 1, 2)))
    )  # fmt: skip


def _cases(draw: random.Random, people: list[Person], households: list[Household]) -> None:
    cases = []
    for n in range(240):
        at = draw.randrange(len(people))
        submitted = day(draw) if draw.random() < 0.9 else None
        decided = submitted + timedelta(days=draw.randrange(1, 60)) if submitted and draw.random() < 0.7 else None
        item = draw.choice(ITEMS)
        decision = draw.choice(("record", "record", "refuse") if item == "nonlocal_household" else ("grant", "grant", "refuse")) if decided else ""
        cases.append(Case(
            number=f"C{n:05d}", item=item, item_version="2024-01-01", applicant=people[at],
            household=households[at % HOUSEHOLDS] if draw.random() < 0.9 else None, applied_by="self", channel="counter",
            division_code=people[at].division_code, opened_on=submitted or FIRST, form_token=f"c{n}", submitted_on=submitted, decided_on=decided,
            decision=decision, state="decided" if decided else draw.choice(("under_way", "withdrawn", "lapsed")) if submitted else "draft",
        ))  # fmt: skip
    done = []
    for case in Case.objects.bulk_create(cases):
        for seq, verb in enumerate(("accept", "promise", "defer", "climb", "plan")):
            if case.submitted_on and draw.random() < 0.5:
                on = case.submitted_on + timedelta(days=draw.randrange(0, 50))
                done.append(CaseAction(case=case, seq=seq + 1, verb=verb, on=on, at=timezone.now(), by="x", by_title="x"))
    CaseAction.objects.bulk_create(done)
    Fact.objects.bulk_create(
        Fact(person=case.applicant, kind="nonlocal_household_file", value=f"是{case.pk}", valid_from=case.decided_on, source="x", recorded_as_of=case.decided_on,
             valid_to=case.decided_on + timedelta(days=draw.randrange(5, 300)) if draw.random() < 0.3 else None)
        for case in cases if case.decision == "record" and draw.random() < 0.8
    )  # fmt: skip


def _benefits(draw: random.Random, people: list[Person], villages: list[str]) -> None:
    Award.objects.bulk_create(
        Award(programme=draw.choice(("minimum_living", "minimum_living", "destitute_support")), mode="household", person_key=person.person_key,
              household_key=9000 + n % HOUSEHOLDS, division_code=person.division_code, since=day(draw, last=date(2024, 6, 1)),
              until=day(draw, date(2024, 6, 2)) if draw.random() < 0.4 else None, source="x", recorded_on=FIRST)
        for n, person in enumerate(people) if draw.random() < 0.6
    )  # fmt: skip
    snapshot = Snapshot.objects.create(month="2024-05", name="s", sha256="0" * 64, rows=1, frozen_on=FIRST, frozen_at=timezone.now(), frozen_by="x")
    run = Run.objects.create(month="2024-05", state="approved", snapshot=snapshot, computed_at=timezone.now())
    rows = []
    for n, person in enumerate(people):
        for programme in PROGRAMMES:
            if draw.random() < 0.35:
                rows += _entitlements(draw, n, person, programme, run, villages)
    Entitlement.objects.bulk_create(rows)
    batch = PaymentBatch.objects.create(
        key="k", title="t", programme="electricity_gift", purse="p", month=FIRST, division_code="320400000000", shares={}, lines=0, amount_fen=0,
        content_sha256="0" * 64, created_on=FIRST, created_by="x",
    )  # fmt: skip
    PaymentLine.objects.bulk_create(
        PaymentLine(batch=batch, person_key=person.person_key, division_code=draw.choice(villages), district="wujin",
                    programme=draw.choice(("electricity_gift", "electricity_gift", "longevity_allowance")), month=date(2024, 7 + again, 1),
                    amount_fen=draw.randrange(1, 90_000), channel="bank", state=draw.choice(("paid", "paid", "returned", "parked")), changed_on=day(draw))
        for person in people[:90] for again in range(draw.choice((0, 1, 2)))
    )  # fmt: skip


def _entitlements(draw: random.Random, n: int, person: Person, programme: str, run: Run, villages: list[str]) -> list[Entitlement]:
    """One to three in a row, some with a gap, in villages that may differ; the last one may be open."""
    found, begins = [], day(draw, last=date(2024, 4, 1)).replace(day=1)
    many = draw.choice((1, 1, 2, 3))
    for number in range(many):
        ends = (begins + timedelta(days=31 * draw.randrange(1, 4))).replace(day=1)
        if number == many - 1 and draw.random() < 0.6:
            ends = None  # type: ignore[assignment]
        common: dict[str, Any] = {"run": run} if draw.random() < 0.8 else {}
        found.append(Entitlement(
            programme=programme, unit_key=person.person_key, person_key=person.person_key, household_key=9000 + n % HOUSEHOLDS,
            division_code=draw.choice(villages) if draw.random() < 0.2 else person.division_code,
            amount_fen=draw.choice((250_000, 240_000, 320_000, 338_000, 5_000, 6_000)), valid_from=begins, valid_to=ends, **common,
        ))  # fmt: skip
        if ends is None:
            break
        begins = ends if draw.random() < 0.7 else (ends + timedelta(days=40)).replace(day=1)
    return found


def _deliveries(draw: random.Random) -> None:
    names = ("population", "deaths", "unemployment", "vehicles", "none_of_ours")
    Batch.objects.bulk_create(
        Batch(batch_id=f"b{n}", contract=draw.choice(names), as_of=day(draw), file_name="f", file_sha256=f"{n:064d}", file_bytes=1, read=1, accepted=1,
              quarantined=0, duplicates=0, imported_at=timezone.now(), imported_by="x", seconds=0.1)
        for n in range(90)
    )  # fmt: skip
    first = Batch.objects.order_by("pk").first()
    Batch.objects.filter(batch_id__in=["b7", "b8"]).update(corrects=first)
