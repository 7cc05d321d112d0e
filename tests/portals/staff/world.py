"""A small world for the portal's tests: two villages of two towns, a household with everything, officials of each role."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from minzheng.kernel.divisions.actions import load_divisions
from minzheng.kernel.divisions.models import Division
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.actions import create_user, load_calendar
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.foundation.models import RoundRun, RoundStep, User
from minzheng.kernel.monitoring.models import Alert, AlertStep
from minzheng.kernel.registry.models import Fact, Household, Membership, Person

TODAY = date(2024, 6, 3)
PASSWORD = "Minzheng-demo-2024"
COUNTY, TOWN, OTHER_TOWN = "320412000000", "320412100000", "320402001000"
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙", ("秀兰", "建国", "小芳", "志强", "玉梅", "伟", "欣怡", "德明")
SCENARIOS = {
    "large_medical_spending": ("近 12 个月个人自付 ¥48,210.00,为家庭年收入的 101%", "high"),
    "unemployment": ("2024-05-12 失业登记,家庭无其他工资收入", "medium"),
    "severe_disability": ("肢体一级残疾证新办,家庭未享受低保", "high"),
    "traffic_accident": ("2024-05-20 交通事故重伤,负次要责任", "medium"),
    "legal_aid": ("2024-05-08 获法律援助(劳动争议),经济困难", "low"),
}


@dataclass
class World:
    """What tests ask for by name."""

    village: Division
    other_village: Division
    users: dict[str, User] = field(default_factory=dict)
    households: list[Household] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    outside_alert: Alert | None = None
    batch: Batch | None = None
    run: RoundRun | None = None


def build(families: int = 3, synthetic: bool = True) -> World:
    """Fill the database: reference tables, users, `families` households in the village and one elsewhere."""
    operator = Actor.system("测试")
    load_calendar(by=operator)
    load_divisions(by=operator)
    villages = Division.objects.filter(level=Division.Level.VILLAGE).order_by("code")
    village = villages.filter(parent_code=TOWN)[0]
    other = villages.filter(parent_code=OTHER_TOWN)[0]
    world = World(village, other)
    world.users = users(village, other, operator)
    for number in range(families):
        household, alerts = family(number, village, world.users["grid_worker"], synthetic)
        world.households.append(household)
        world.alerts += alerts
    household, alerts = family(900, other, world.users["outside_worker"], synthetic)
    world.households.append(household)
    world.outside_alert = alerts[0]
    world.batch, world.run = batch(), night()
    return world


def users(village: Division, other: Division, by: Actor) -> dict[str, User]:
    """One user for each role, and a grid worker of a village elsewhere."""
    areas = {
        "city_official": ("320400000000", "320500000000", "常州市"),
        "district_official": ("320412000000", "320413000000", "武进区"),
        "town_official": ("320412100000", "320412101000", "湖塘镇"),
        "grid_worker": (village.code, f"{int(village.code) + 1:012d}", village.name),
        "data_steward": ("320400000000", "320500000000", "常州市"),
        "auditor": ("320400000000", "320500000000", "常州市"),
        "outside_worker": (other.code, f"{int(other.code) + 1:012d}", other.name),
    }
    names = ("陈市办", "周区办", "吴镇办", "赵网格", "孙数据", "钱审计", "李网格")
    made = {}
    for (role, area), name in zip(areas.items(), names, strict=True):
        made[role] = create_user(
            username=role, full_name=name, role=role if role in roles() else "grid_worker", password=PASSWORD,
            jurisdictions=[area], by=by,
        )
    return made


def family(number: int, village: Division, worker: User, synthetic: bool) -> tuple[Household, list[Alert]]:
    """A household of three with facts, and one alert whose clock depends on `number`."""
    household = Household.objects.create(
        household_key=1000 + number, division_code=village.code, address=f"{village.name}{number + 1}组{number + 3}号",
        hukou_local=number % 4 != 3, synthetic=synthetic, updated_as_of=TODAY,
    )
    people = []
    for place, (relation, birth, sex) in enumerate(
        [("head", date(1950, 3, 8), "2"), ("child", date(1974, 11, 2), "1"), ("grandchild", date(2012, 5, 5), "2")]
    ):
        sequence = (number * 6 + place * 2 + (sex == "1")) % 999
        id_number = make_id("320421", birth, sequence)
        person = Person.objects.create(
            person_key=number * 10 + place + 1, name=SURNAMES[number % 12] + GIVEN[(number + place) % 8],
            id_number=id_number, phone=f"139{number:04d}{place:04d}", sex=sex, birth_date=birth,
            division_code=village.code, known_since=TODAY, known_because="预警", synthetic=synthetic,
            updated_as_of=TODAY,
        )
        Membership.objects.create(household=household, person=person, relation=relation, valid_from=date(2001, 1, 1))
        people.append(person)
    facts(people)
    return household, [alert(number, people[0], worker)]


def facts(people: list[Person]) -> None:
    """A pension of the head, an ended unemployment of the child."""
    common = {"source": "人社", "source_batch": "pensions-20240531-0001", "recorded_as_of": TODAY}
    Fact.objects.create(
        person=people[0], kind="pension", value="resident", amount_fen=36000, valid_from=date(2010, 4, 1), **common
    )
    Fact.objects.create(
        person=people[1], kind="unemployment", value="receiving", amount_fen=210000, valid_from=date(2024, 2, 1),
        valid_to=date(2024, 5, 1), **common,
    )  # fmt: skip


def alert(number: int, person: Person, worker: User) -> Alert:
    """One alert; every fifth is not handed over yet, clocks run from two days late to a week ahead."""
    scenario = list(SCENARIOS)[number % len(SCENARIOS)]
    summary, severity = SCENARIOS[scenario]
    assigned = number % 5 != 1
    ranks = {"high": 1, "medium": 2, "low": 3}
    made = Alert.objects.create(
        scenario=scenario, person=person, division_code=person.division_code, severity=severity,
        severity_rank=ranks[severity], status="assigned" if assigned else "new", raised_on=TODAY - timedelta(days=4),
        event_date=TODAY - timedelta(days=20), due_on=TODAY + timedelta(days=(number % 10) - 2),
        assigned_to=worker if assigned else None, evidence=evidence(), summary=summary,
    )  # fmt: skip
    AlertStep.objects.create(alert=made, verb="raised", on=made.raised_on, at=timezone.now(), by="夜间批处理")
    if assigned:
        AlertStep.objects.create(
            alert=made, verb="assigned", on=TODAY - timedelta(days=3), at=timezone.now(), by="town_official",
            note="请上门看看", details={"to": worker.username},
        )  # fmt: skip
    return made


def evidence() -> dict[str, Any]:
    """Evidence as the scenarios write it."""
    return {}


def batch() -> Batch:
    """A batch with good, bad and repeated rows."""
    return Batch.objects.create(
        batch_id="deaths-20240531-0001", contract="deaths", as_of=date(2024, 5, 31), file_name="火化台账2024年5月(定稿).xlsx",
        file_sha256="9f" * 32, file_bytes=48_213, read=420, accepted=409, quarantined=8, duplicates=3,
        reasons={"id_checksum": 5, "id_excel_mangled": 3}, imported_at=timezone.now(), imported_by="data_steward",
        seconds=1.7, synthetic=True,
    )


def night() -> RoundRun:
    """A finished night with two steps."""
    now = timezone.now()
    run = RoundRun.objects.create(round_name="night", as_of=TODAY, status="done", started_at=now, finished_at=now)
    for position, (name, title) in enumerate([("compare", "比对场景"), ("raise", "生成预警")]):
        RoundStep.objects.create(
            run=run, position=position, name=name, title=title, rows_in=60_000, rows_out=41, seconds=0.8,
            details={"new": 41}, finished_at=now,
        )
    return run
