"""A town with officials of every level, one family, and a lake that tells of them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

import pytest
from django.utils import timezone

from minzheng.kernel.benefits.models import MonthLock, Run, Snapshot
from minzheng.kernel.casework import actions
from minzheng.kernel.casework.models import Case
from minzheng.kernel.casework.people import Citizen
from minzheng.kernel.divisions.actions import load_divisions
from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.actions import create_user, load_calendar
from minzheng.kernel.foundation.encryption import blind_index
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.foundation.models import User
from minzheng.kernel.registry.models import Household, Membership, Person
from tests.beginnings import begun

VILLAGE, OTHER = "320402001001", "320411002001"
TODAY = date(2024, 6, 3)


@dataclass
class Town:
    """Officials of the place, of another, and a family of three: mother (applicant), father, child."""

    worker: User
    town: User
    second_town: User
    county: User
    second_county: User
    city: User
    outside: User
    household: Household
    mother: Person
    father: Person
    child: Person
    stranger: Person

    def by(self, name: str) -> Actor:
        return Actor.of(getattr(self, name))

    @property
    def citizen(self) -> Citizen:
        return Citizen.signed_in(self.mother.person_key)

    @property
    def other_citizen(self) -> Citizen:
        return Citizen.signed_in(self.stranger.person_key)


@pytest.fixture
def town(db: None, home: Home) -> Town:
    return begun(a_town, home)


def a_town() -> Town:
    operator = Actor.system("测试")
    load_calendar(by=operator)
    load_divisions(by=operator)
    street, county = ("320402001000", "320402002000", "街道"), ("320402000000", "320403000000", "天宁区")
    plan = {
        "worker": ("grid_worker", (VILLAGE, f"{int(VILLAGE) + 1}", "村")), "town": ("town_official", street),
        "second_town": ("town_official", street), "county": ("district_official", county), "second_county": ("district_official", county),
        "city": ("city_official", ("320400000000", "320500000000", "常州市")),
        "outside": ("town_official", ("320411002000", "320411003000", "别的街道")),
    }  # fmt: skip
    users = {
        name: create_user(username=name, full_name=name, role=role, jurisdictions=[area], password_hash="!", by=operator)
        for name, (role, area) in plan.items()
    }
    household = Household.objects.create(household_key=901, division_code=VILLAGE, address="兰陵街道 1 号 2 幢 301 室", updated_as_of=TODAY)
    people = {
        name: person(key, born, sex, named)
        for name, key, born, sex, named in (
            ("mother", 11, date(1980, 2, 29), "2", "张小兰"), ("father", 12, date(1978, 5, 1), "1", "王建国"), ("child", 13, date(2015, 9, 1), "1", "王小明"),
            ("stranger", 77, date(1990, 1, 1), "1", "李四"),
        )
    }  # fmt: skip
    for name, relation in (("mother", "head"), ("father", "spouse"), ("child", "child")):
        Membership.objects.create(household=household, person=people[name], relation=relation, valid_from=date(2020, 1, 1))
    alone = Household.objects.create(household_key=902, division_code=VILLAGE, address="兰陵街道别处 2 号", updated_as_of=TODAY)
    Membership.objects.create(household=alone, person=people["stranger"], relation="single", valid_from=date(2020, 1, 1))
    return Town(**users, household=household, **people)


def person(key: int, born: date, sex: str, name: str) -> Person:
    number = make_id("320402", born, 900 + key % 50 * 2 + (sex == "1"))
    return Person.objects.create(
        person_key=key, name=name, id_number=number, id_number_index=blind_index(number), phone="13900001234", sex=sex, birth_date=born,
        division_code=VILLAGE, known_since=date(2020, 1, 1), known_because="测试", updated_as_of=TODAY, synthetic=True,
    )  # fmt: skip


def token() -> str:
    return secrets.token_hex(16)


def living(town: Town, **changed: object) -> dict[str, object]:
    """The answers of an application for 低保 that can be sent."""
    members = [
        {"name": each.name, "id_number": each.id_number, "relation": relation}
        for each, relation in ((town.mother, "head"), (town.father, "spouse"), (town.child, "child"))
    ]
    return {
        "name": town.mother.name, "id_number": town.mother.id_number, "phone": "13900001234", "address": "兰陵街道 1 号 2 幢 301 室",
        "members": members, "reasons": "disability", "business_income_fen": 20000, "transfer_income_fen": 0, "financial_assets_fen": 100000,
        "statement": "父亲残疾，没有稳定收入", **changed,
    }  # fmt: skip


def submitted(town: Town, item: str = "minimum_living", **changed: object) -> Case:
    case = actions.open_case(item=item, applicant=town.mother, by=town.citizen, form_token=token(), applied_by="self")
    return actions.submit_case(case=case, answers=living(town, **changed), by=town.citizen)


def authorised(case: Case, town: Town) -> None:
    for each in (town.mother, town.father):
        actions.authorise(case=case, person=each, by=town.by("town"), signed_how="paper", signature="签名")


def ready_to_propose(town: Town, **changed: object) -> Case:
    """Accepted, checked, visited."""
    case = submitted(town, **changed)
    actions.accept_case(case=case, by=town.by("town"))
    authorised(case, town)
    actions.run_check(case=case, by=town.by("town"), purpose="低保审核核对家庭经济状况")
    return actions.record_visit(
        case=case, by=town.by("worker"), visited_on=TODAY, met="本人", findings="家中陈设简单", with_whom=["村干部"], form_token=token()
    )


def season_paid(month: str) -> None:
    """The regular run of a month was approved (and gave nothing to the family)."""
    moment = timezone.now()
    snapshot = Snapshot.objects.create(
        month=month, name=f"测试{month}", sha256="0" * 64, rows=0, frozen_on=TODAY, frozen_at=moment, frozen_by="测试"
    )
    run = Run.objects.create(
        month=month, state="approved", snapshot=snapshot, parameters_sha256="", digest="", computed_at=moment, computed_by="测试"
    )
    MonthLock.objects.create(month=month, run=run, at=moment, by="测试")
