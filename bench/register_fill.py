"""A registry of any size in a minute or two: plausible in what queries feel (places, ages, dates, shares of facts), not in
what people would read. Names repeat; encrypted values are drawn from a small stock, since sealing is not measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any

import numpy as np

SEED = 20240906
FACTS = {"pension": 0.22, "disability": 0.05, "assistance": 0.03, "unemployed": 0.02, "insured_employment": 0.45, "vehicle": 0.3}
ALERTS = 100_000
NAMES = [
    f"{family}{first}{second}" for first in "秀建小志玉文国桂春海明永红金丽" for second in "兰国芳强英华珍平军梅林芬生云霞东"
    for family in "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗"
]  # fmt: skip


def fill(people: int) -> dict[str, Any]:
    """Fill an empty database; returns users by the breadth of what they see."""
    from django.db import connection

    from minzheng.kernel.divisions.models import Division

    draw = np.random.default_rng(SEED)
    villages = list(Division.objects.filter(level=5, code__startswith="3204").values_list("code", flat=True).order_by("code"))
    homes = np.sort(draw.integers(0, len(villages), people // 3 + 1))
    _households(homes, villages)
    _people(people, homes, villages, draw)
    _facts(people, draw)
    _alerts(min(ALERTS, people), people, homes, villages, draw)
    _places(villages, draw)
    users = _users(villages)
    if connection.vendor == "postgresql":  # what autovacuum does within minutes
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return users


def bulk(model: Any, fields: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert raw column values: COPY on PostgreSQL, prepared statements on SQLite."""
    from django.db import connection, transaction

    columns = ", ".join(f'"{model._meta.get_field(name).column}"' for name in fields)
    table = model._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            return
        # Indexes of random keys grow all over: without room for them in memory each row costs a page read and a page written.
        usual = cursor.execute("PRAGMA cache_size").fetchone()[0]
        cursor.execute("PRAGMA cache_size = -3000000")
        statement = f"INSERT INTO {table} ({columns}) VALUES ({', '.join(['?'] * len(fields))})"
        source = iter(rows)
        while part := list(islice(source, 20_000)):
            cursor.cursor.connection.executemany(statement, [_plain(row) for row in part])
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = {int(usual)}")


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(value.isoformat() if isinstance(value, date) else value for value in row)


def _sealed(texts: list[str]) -> list[str]:
    from minzheng.kernel.foundation.encryption import encrypt

    return [encrypt(text) for text in texts]


def _households(homes: Any, villages: list[str]) -> None:
    from minzheng.kernel.registry.models import Household

    stock = _sealed([f"武进区湖塘镇花园小区{number}幢{number % 4 + 1}单元{number % 20 + 101}室" for number in range(500)])
    day = date(2024, 9, 6)
    rows = (
        (at + 1, at + 1, villages[home], stock[at % 500], at % 7 != 0, True, day - timedelta(days=at * 7919 % 400), 0)
        for at, home in enumerate(homes.tolist())
    )
    bulk(Household, ["id", "household_key", "division_code", "address", "hukou_local", "synthetic", "updated_as_of", "fact_marks"], rows)


def _people(people: int, homes: Any, villages: list[str], draw: Any) -> None:
    from minzheng.kernel.registry.models import Membership, Person

    names = _sealed(NAMES)
    numbers, phones = _sealed([f"3204211950{n:08d}" for n in range(500)]), _sealed([f"1377000{n:04d}" for n in range(500)])
    ages = np.clip(draw.gamma(4.0, 12.0, people), 0, 108).tolist()
    sexes, known = draw.integers(1, 3, people).tolist(), draw.integers(0, 900, people).tolist()
    fresh, dead = draw.integers(0, 300, people).tolist(), (draw.random(people) < 0.01).tolist()
    kinds = draw.choice(["hukou", "non_hukou", "without_id"], people, p=[0.86, 0.1399, 0.0001]).tolist()
    day, home_of = date(2024, 9, 6), homes.tolist()
    rows = (
        (at + 1, at + 1, names[at % len(names)], numbers[at % 500], f"{at:032x}", phones[at % 500], str(sexes[at]),
         day - timedelta(days=int(ages[at] * 365.25)), day - timedelta(days=fresh[at]) if dead[at] else None,
         villages[home_of[at // 3]], kinds[at], day - timedelta(days=known[at]), "动态监测预警", True,
         day - timedelta(days=fresh[at]), 0)
        for at in range(people)
    )  # fmt: skip
    bulk(Person, ["id", "person_key", "name", "id_number", "id_number_index", "phone", "sex", "birth_date", "death_date",
                  "division_code", "residence_type", "known_since", "known_because", "synthetic", "updated_as_of", "fact_marks"], rows)  # fmt: skip
    relations = ("head", "spouse", "child")
    _readings(people, [villages[home_of[at // 3]] for at in range(people)])
    places = ((at + 1, at // 3 + 1, at + 1, relations[at % 3], date(2010, 1, 1), None) for at in range(people))
    bulk(Membership, ["id", "household", "person", "relation", "valid_from", "valid_to"], places)


def _readings(people: int, codes: list[str]) -> None:
    """What the search goes by, as its actions would write it."""
    from minzheng.kernel.registry.search.actions import remember_pinyin
    from minzheng.kernel.registry.search.blind import beginnings
    from minzheng.kernel.registry.search.readings import readings
    from minzheng.kernel.registry.search.tables import NameReading

    known = [(readings(name)[0], beginnings(name)) for name in NAMES]
    remember_pinyin({pinyin for (pinyin, _initials), _index in known})
    rows = (
        (at + 1, at + 1, codes[at], codes[at][:6], codes[at][:9], *known[at % len(known)][0], known[at % len(known)][1], f"{at * 7 % 10_000:04d}", "", 1950)
        for at in range(people)
    )  # fmt: skip
    bulk(NameReading, ["id", "person", "division_code", "county", "town", "pinyin", "initials", "name_index", "tail",
                       "long_tail_index", "birth_year"], rows)  # fmt: skip


def _facts(people: int, draw: Any) -> None:
    from minzheng.kernel.registry.actions import mark
    from minzheng.kernel.registry.models import Fact

    day, number = date(2024, 9, 6), 0
    for kind, share in FACTS.items():
        holders = np.flatnonzero(draw.random(people) < share).tolist()
        rows = (
            (number + at + 1, person + 1, kind, "1", None, day - timedelta(days=person * 31 % 3000 + 1),
             None if person % 10 else day - timedelta(days=1), "pensions", "b", day)
            for at, person in enumerate(holders)
        )  # fmt: skip
        bulk(Fact, ["id", "person", "kind", "value", "amount_fen", "valid_from", "valid_to", "source", "source_batch",
                    "recorded_as_of"], rows)  # fmt: skip
        number += len(holders)
        mark((person + 1, kind) for person in holders)


def _alerts(count: int, people: int, homes: Any, villages: list[str], draw: Any) -> None:
    from minzheng.kernel.monitoring.models import Alert

    day, home_of = date(2024, 9, 6), homes.tolist()
    scenarios = ("large_medical_spending", "unemployment", "severe_disability", "traffic_accident", "legal_aid")
    who = draw.choice(people, count, replace=False).tolist()
    severity = ("high", "medium", "low")
    rows = (
        (at + 1, scenarios[at % 5], person + 1, villages[home_of[person // 3]], severity[at % 3], at % 3 + 1,
         "closed" if at % 10 else ("new" if at % 20 else "assigned"), day - timedelta(days=at % 400 + 5),
         day - timedelta(days=at % 400 + 9), day - timedelta(days=at % 400 - 10), 5, None, "[]", "摘要", "",
         day if at % 10 else None, 0, 1)
        for at, person in enumerate(who)
    )  # fmt: skip
    bulk(Alert, ["id", "scenario", "person", "division_code", "severity", "severity_rank", "status", "raised_on", "event_date",
                 "due_on", "rung", "assigned_to", "evidence", "summary", "outcome", "closed_on", "reopened", "version"], rows)  # fmt: skip


def _places(villages: list[str], draw: Any) -> None:
    from minzheng.kernel.registry.kinds import FACILITIES, ORGANISATIONS
    from minzheng.kernel.registry.models import Facility, Organisation

    day, kinds, uses = date(2024, 9, 6), list(ORGANISATIONS), list(FACILITIES)
    organisations = (
        (at + 1, "", f"常州市{'颐养' if at % 9 == 0 else '同心'}服务中心{at}", kinds[at % len(kinds)], villages[at * 37 % len(villages)],
         "0519-85680000", day - timedelta(days=at % 6000), day if at % 25 == 0 else None, True, "", day, 1)
        for at in range(20_000)
    )  # fmt: skip
    bulk(Organisation, ["id", "uscc", "name", "kind", "division_code", "contact_phone", "valid_from", "valid_to", "synthetic",
                        "source_batch", "updated_as_of", "version"], organisations)  # fmt: skip
    facilities = (
        (at + 1, at * 2 + 1, f"第{at}颐养院", uses[at % len(uses)], villages[at * 41 % len(villages)], f"人民路{at}号", at % 300,
         119.9 if at % 8 else None, 31.7 if at % 8 else None, day - timedelta(days=at % 4000), None, True, "", day, 1)
        for at in range(8_000)
    )  # fmt: skip
    bulk(Facility, ["id", "organisation", "name", "kind", "division_code", "address", "capacity", "longitude", "latitude",
                    "valid_from", "valid_to", "synthetic", "source_batch", "updated_as_of", "version"], facilities)  # fmt: skip


def _users(villages: list[str]) -> dict[str, Any]:
    from minzheng.kernel.foundation.models import Jurisdiction, User

    areas = {
        "city": ("city_official", "320400000000", "320500000000"), "keeper": ("administrator", "320400000000", "320500000000"),
        "district": ("district_official", "320412000000", "320413000000"),
        "town": ("town_official", "320412100000", "320412101000"),
        "village": ("grid_worker", villages[500], f"{int(villages[500]) + 1:012d}"),
    }  # fmt: skip
    made = User.objects.bulk_create(
        [User(username=name, full_name=name, role=role, password="!") for name, (role, _low, _high) in areas.items()]
        + [User(username=f"g{at}", full_name=f"网格{at}", role="grid_worker", password="!") for at in range(3000)]
    )
    ranges = [(low, high) for _role, low, high in areas.values()]
    ranges += [(villages[at % len(villages)], f"{int(villages[at % len(villages)]) + 1:012d}") for at in range(3000)]
    Jurisdiction.objects.bulk_create(
        Jurisdiction(user=user, low=low, high=high, label="辖区") for user, (low, high) in zip(made, ranges, strict=True)
    )
    return dict(zip(areas, made, strict=False))
