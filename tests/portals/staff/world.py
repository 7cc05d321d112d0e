"""A small world for the portal's tests: two villages of two towns, a household with everything, officials of each role."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from minzheng.kernel.benefits.actions.parameters import propose_parameter
from minzheng.kernel.benefits.models import ParameterChange
from minzheng.kernel.casework.models import BundleCase, Case
from minzheng.kernel.divisions.actions import load_divisions
from minzheng.kernel.divisions.models import Division, ManagementUnit
from minzheng.kernel.feeds.actions import import_file
from minzheng.kernel.feeds.models import Batch
from minzheng.kernel.foundation.access import Actor, roles
from minzheng.kernel.foundation.actions import create_user, set_calendar_days
from minzheng.kernel.foundation.encryption import blind_index
from minzheng.kernel.foundation.identifiers import make_id
from minzheng.kernel.foundation.models import Job, Notification, RoundRun, RoundStep, User
from minzheng.kernel.foundation.notifications.actions import Notice, notify
from minzheng.kernel.ledger import storage
from minzheng.kernel.ledger.channels.bank import BankFile
from minzheng.kernel.ledger.channels.channel import Order
from minzheng.kernel.ledger.models import ChannelFile, PaymentBatch, PaymentLine
from minzheng.kernel.monitoring.models import Alert, AlertStep
from minzheng.kernel.registry.actions import mark
from minzheng.kernel.registry.documents.actions import add_document
from minzheng.kernel.registry.models import (
    Document,
    Facility,
    Fact,
    Household,
    Membership,
    Organisation,
    Person,
)
from tests.portals.staff.benefits_world import Benefits, benefits_of
from tests.portals.staff.cases_world import accepted, together
from tests.portals.staff.plan_world import Planned, planned

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
    organisations: list[Organisation] = field(default_factory=list)  # the last one lies elsewhere, as with households
    facilities: list[Facility] = field(default_factory=list)
    units: list[ManagementUnit] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    outside_alert: Alert | None = None
    batch: Batch | None = None
    run: RoundRun | None = None
    job: Job | None = None
    notification: Any = None
    documents: list[Document] = field(default_factory=list)
    parameter_change: ParameterChange | None = None
    payments: list[PaymentLine] = field(default_factory=list)  # the last one lies elsewhere
    channel_file: ChannelFile | None = None
    benefits: Benefits | None = None
    cases: list[Case] = field(default_factory=list)  # the last one lies elsewhere
    bundles: list[BundleCase] = field(default_factory=list)  # of these cases
    plan: Planned | None = None


def build(families: int = 3, synthetic: bool = True) -> World:
    """Fill the database: reference tables, users, `families` households in the village and one elsewhere."""
    operator = Actor.system("测试")
    calendar_of_2024(operator)
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
    for number, place in enumerate((village, other)):
        organisation, facility = care_home(number, place)
        world.organisations.append(organisation)
        world.facilities.append(facility)
    world.units = [ManagementUnit.objects.get(slug="wujin"), ManagementUnit.objects.get(slug="tianning")]
    world.batch, world.run = batch(world.users["data_steward"]), night()
    world.job = upload(world.users["data_steward"], world.batch)
    world.documents = [paper(world.households[0]), paper(household)]
    world.parameter_change = parameter_change(operator)
    world.benefits = benefits_of([world.households[0], household])
    world.payments = [payment(village), payment(other)]
    world.channel_file = channel_file(world.payments[0].batch)
    world.cases = [accepted(alert.person, f"world-{alert.pk}") for alert in (world.alerts[0], world.outside_alert)]
    world.bundles = [together(case, f"YJS20240603-WORLD{place}") for place, case in enumerate(world.cases)]
    world.plan = planned(world.users, TODAY, (f"{world.village.code[:9]}000", f"{world.other_village.code[:9]}000"))
    world.notification = notification(world.users["city_official"])
    return world


def calendar_of_2024(operator: Actor) -> None:
    """Weekends only, and 10 June (端午) off: all that these tests count with."""
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]
    free = {date(2024, 6, 10)}
    set_calendar_days(days={day: (day.weekday() < 5 and day not in free, "") for day in days}, by=operator, source="测试")


@functools.cache
def password_hash() -> str:
    """Hashing is slow on purpose, so it is done once."""
    return make_password(PASSWORD)


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
    names = dict(zip(areas, ("陈市办", "周区办", "吴镇办", "赵网格", "孙数据", "钱审计", "李网格"), strict=True))
    for role in set(roles()) - set(areas):  # a role that was added later walks through every route as well
        areas[role], names[role] = ("320400000000", "320500000000", "常州市"), roles()[role].title
    return {
        login: create_user(
            username=login, full_name=names[login], role=login if login in roles() else "grid_worker",
            password_hash=password_hash(), jurisdictions=[area], by=by,
        )
        for login, area in areas.items()
    }


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
            person_key=number * 10 + place + 1, name=SURNAMES[number % 12] + GIVEN[(number + place) % 8], id_number=id_number,
            id_number_index=blind_index(id_number), phone=f"1377{number:03d}{place:04d}", sex=sex, birth_date=birth,
            division_code=village.code, known_since=TODAY, known_because="预警", synthetic=synthetic,
            updated_as_of=TODAY,
        )
        Membership.objects.create(household=household, person=person, relation=relation, valid_from=date(2001, 1, 1))
        people.append(person)
    facts(people)
    return household, [alert(number, people[0], worker)]


def care_home(number: int, place: Division) -> tuple[Organisation, Facility]:
    """An organisation and the home that it runs, with a position on the map."""
    organisation = Organisation.objects.create(
        name=f"{place.name}颐养服务中心", kind="service_institution", division_code=place.code,
        contact_phone=f"0519-8568000{number}", valid_from=date(2015, 6, 1), synthetic=True,
    )
    facility = Facility.objects.create(
        organisation=organisation, name=f"{place.name}颐养院", kind="care_home", division_code=place.code,
        address=f"{place.name}人民路{number + 1}号", capacity=120, longitude=119.95 + number / 10, latitude=31.75,
        valid_from=date(2016, 1, 1), synthetic=True,
    )
    return organisation, facility


def facts(people: list[Person]) -> None:
    """A pension of the head, an ended unemployment of the child."""
    common = {"source": "pensions", "source_batch": "pensions-20240531-0001", "recorded_as_of": TODAY}
    Fact.objects.create(
        person=people[0], kind="pension", value="resident", amount_fen=36000, valid_from=date(2010, 4, 1), **common
    )
    Fact.objects.create(
        person=people[1], kind="unemployed", value="receiving", amount_fen=210000, valid_from=date(2024, 2, 1),
        valid_to=date(2024, 5, 1), **common,
    )  # fmt: skip
    mark([(people[0].pk, "pension"), (people[1].pk, "unemployed")])


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


def evidence() -> list[dict[str, Any]]:
    """Evidence as the scenarios write it."""
    delivery = {"source": "医保《医保结算》", "as_of": "2024-05-30", "batch": "medical_settlements-20240530-0001"}
    return [
        {"label": "家庭近 12 个月个人负担医疗费", "value": "¥48,210.00", **delivery},
        {"label": "家庭已知年收入", "value": "¥47,520.00", "source": "人社《养老待遇》", "as_of": "2024-05-31", "batch": ""},
        {"label": "判断标准", "value": "个人负担达已知收入的 60%", "source": "本地设置", "as_of": "2021-01-01", "unverified": True},
    ]  # fmt: skip


def deaths_csv(bad: int = 2) -> str:
    """A file as the funeral home sends it: a title, the header, sound rows, `bad` rows with a wrong check digit."""
    rows = ["2024年5月火化台账,,,", "姓名,身份证号,死亡日期,火化日期"]
    for number in range(5):
        rows.append(f"王某{number},{make_id('320421', date(1940, 1, 1 + number), 11 + 2 * number)},2024-05-1{number},2024-05-1{number + 2}")
    for number in range(bad):
        sound = make_id("320421", date(1941, 2, 1 + number), 21 + 2 * number)
        wrong = sound[:17] + ("1" if sound[17] != "1" else "2")
        rows.append(f"=cmd|李某{number},{wrong},2024-05-10,2024-05-12")
    return "\n".join(rows) + "\n"


def batch(steward: User) -> Batch:
    """A delivery taken in for real, with two rows in quarantine."""
    path = Path(settings.HOME.work) / "火化台账2024年5月(定稿).csv"
    path.write_text(deaths_csv(), encoding="gb18030")
    return import_file(contract="deaths", path=path, as_of=date(2024, 5, 31), by=Actor.of(steward)).batch


def upload(steward: User, made: Batch) -> Job:
    """The steward's upload that made the delivery."""
    now = timezone.now()
    return Job.objects.create(
        owner=steward, kind="feed_import", title=made.file_name, on=TODAY, state="done", subject=f"batch:{made.batch_id}",
        parameters={"contract": made.contract, "as_of": "2024-05-31", "folder": "in-none", "file_name": made.file_name},
        asked_at=now, finished_at=now, message="已入库",
    )  # fmt: skip


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


def paper(household: Household) -> Document:
    """A photograph in a household's file."""
    return add_document(household=household, kind="medical", title="出院小结", content=PNG + bytes([household.pk % 256]), by=Actor.system("测试"))


def parameter_change(by: Actor) -> ParameterChange:
    """A figure that waits for a second person."""
    return propose_parameter(
        name="minimum_living.least_payment", value=6_000, valid_from=date(2026, 7, 1), source="常民发〔2026〕1号（测试）", by=by
    )


def payment(place: Division) -> PaymentLine:
    """A batch that waits for approval, with one payment of it."""
    batch = PaymentBatch.objects.create(
        key=f"world-{place.code}", title="尊老金五月", programme="longevity_allowance", purse="尊老金", month=date(2024, 5, 1),
        division_code=place.code, shares={"": {"city": 4_000, "district": 6_000}}, lines=1, amount_fen=5_000, content_sha256="0" * 64,
        created_on=TODAY, created_by="核算",
    )  # fmt: skip
    district = "wujin" if place.code.startswith(COUNTY[:6]) else "tianning"
    return PaymentLine.objects.create(
        batch=batch, person_key=int(place.code), division_code=place.code, district=district, programme=batch.programme, month=batch.month,
        amount_fen=5_000, channel="bank", payee_name="王秀兰", account="6228480400001234", changed_on=TODAY,
    )  # fmt: skip


def channel_file(batch: PaymentBatch) -> ChannelFile:
    """A file as if it had gone out for a batch, with nothing in it."""
    content = BankFile().write(Order("MZ00000000B000", TODAY, batch.title, []))
    return ChannelFile.objects.create(
        batch=batch, channel="bank", number="MZ00000000B000", file_name="MZ00000000B000.txt", sha256=storage.keep(content), size=len(content),
        lines=0, amount_fen=0, sent_on=TODAY, sent_by="经办",
    )  # fmt: skip


def notification(user: User) -> Notification:
    """Something that a user was told."""
    notify(notices=[Notice(user.pk, "climbed", "2 件逾期预警升级到市督办", "请督促办理", "alerts:overdue")], on=TODAY)
    return Notification.objects.get(user=user)


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
