"""`python -m bench.search make NAMES FILE`, then `… run FILE [QUESTIONS]`: finding one person among a city.

`run` fills the deployment's database (MINZHENG_HOME, DATABASE_URL) from the file and asks for people drawn at random from
a town, a district and the whole city: milliseconds of the whole search (parsed, looked up, ranked, twenty people fetched
and opened) and whether the right person was among the first twenty.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.setup import start

SCOPES = {"town": ("320412100000", "320412101000"), "district": ("320412000000", "320413000000"), "city": ("320400000000", "320500000000")}
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def main(file: Path, questions: int) -> None:
    """Fill, ask, print."""
    from bench.search_fill import KNOWN, load
    from minzheng.kernel.foundation import clock

    filled = load(file)
    with clock.use(KNOWN):
        asked = [case for scope in SCOPES for case in ask(scope, questions)]
    print(json.dumps({**filled, "megabytes": size(), "cases": asked}))


def ask(scope: str, questions: int) -> list[dict[str, Any]]:
    """For each way of asking: {scope, way, ms: […] of first asking, best: […] of three, found: share with the right person
    among the first twenty}."""
    from minzheng.kernel.foundation.access import Actor, roles
    from minzheng.kernel.registry.search.queries import search

    actor = Actor("bench", "city_official", roles()["city_official"].capabilities, (SCOPES[scope],))
    draw = random.Random(f"{scope}-1")
    people = _drawn(scope, questions, draw)
    cases = []
    for way, typed in ways(draw).items():
        first, best, found = [], [], 0
        for at, person in enumerate(people):
            text, times = typed(person), []
            for _again in range(3):
                begun = time.perf_counter()
                hits = search(text, actor, on=_TODAY).people
                times.append((time.perf_counter() - begun) * 1000)
            if at >= questions // 10:  # the first tenth warms caches and is not counted
                first.append(times[0])
                best.append(min(times))
                found += any(hit.person.pk == person.pk for hit in hits[:20])
        cases.append({"scope": scope, "way": way, "ms": first, "best": best, "found": found / len(first)})
        print(scope, way, f"p50 {sorted(first)[len(first) // 2]:.1f} found {found / len(first):.2f}", file=sys.stderr)
    return cases


def ways(draw: random.Random) -> dict[str, Callable[[Any], str]]:
    """What one may type for somebody, by kind of question."""
    return {
        "name": lambda p: p.name,
        "beginning of name": lambda p: p.name[:2],
        "pinyin": pinyin_of,
        "beginning of pinyin": lambda p: pinyin_of(p)[:-2],
        "initials": initials_of,
        "last four": lambda p: p.id_number[-4:],
        "last six": lambda p: p.id_number[-6:],
        "one typo": lambda p: edited(pinyin_of(p), draw),
        "name + last four": lambda p: f"{p.name} {p.id_number[-4:]}",
        "name + birth year": lambda p: f"{p.name} {p.birth_date.year}",
        "name + town": lambda p: f"{town_of(p)} {p.name}",
        "pinyin + last four": lambda p: f"{pinyin_of(p)} {p.id_number[-4:]}",
        "initials + last four": lambda p: f"{p.id_number[-4:]} {initials_of(p)}",
        "initials + birth year": lambda p: f"{initials_of(p)} {p.birth_date.year}",
        "typo + last four": lambda p: f"{edited(pinyin_of(p), draw)} {p.id_number[-4:]}",
        "typo + birth year": lambda p: f"{edited(pinyin_of(p), draw)} {p.birth_date.year}",
    }


def edited(text: str, draw: random.Random) -> str:
    """One random slip behind the first letter: a letter left out, doubled, changed, or two swapped."""
    place = draw.randrange(1, len(text))
    kind = draw.randrange(4)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place - 1] + text[place:]
    if kind == 2:
        return text[:place] + draw.choice(LETTERS.replace(text[place], "")) + text[place + 1 :]
    return text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]


def pinyin_of(person: Any) -> str:
    """The usual reading of a person's name."""
    from minzheng.kernel.registry.search.readings import readings

    return readings(person.name)[0][0]


def initials_of(person: Any) -> str:
    """The initials of the usual reading."""
    from minzheng.kernel.registry.search.readings import readings

    return readings(person.name)[0][1]


def town_of(person: Any) -> str:
    """The name of the town in which somebody lives."""
    return _TOWNS[person.division_code[:9]]


def _drawn(scope: str, questions: int, draw: random.Random) -> list[Any]:
    from django.db.models import Max

    from minzheng.kernel.registry.models import Person

    low, high = SCOPES[scope]
    inside = Person.objects.filter(division_code__gte=low, division_code__lt=high)
    if scope == "city":
        most = Person.objects.aggregate(most=Max("pk"))["most"]
        return list(Person.objects.filter(pk__in=draw.sample(range(1, most), questions)))
    first, last = (inside.order_by(order).values_list("pk", flat=True)[0] for order in ("pk", "-pk"))
    return list(inside.filter(pk__in=draw.sample(range(first, last + 1), questions)))


def size() -> dict[str, float]:
    """Megabytes of the index's tables with their indexes, and of the people themselves."""
    from minzheng.kernel.registry.models import NameReading, Person, Pinyin, PinyinDeletion

    groups = {"index": (NameReading, Pinyin, PinyinDeletion), "people": (Person,)}
    return {name: sum(_bytes(model._meta.db_table) for model in models) / 1e6 for name, models in groups.items()}


def _bytes(table: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_total_relation_size(%s)", [table])
        else:
            parts = "SELECT name FROM sqlite_master WHERE tbl_name = %s"
            cursor.execute(f"SELECT sum(pgsize) FROM dbstat WHERE aggregate = TRUE AND name IN ({parts})", [table])
        return int(cursor.fetchone()[0])


def _towns() -> Iterator[tuple[str, str]]:
    from minzheng.kernel.divisions.models import Division

    for code, name in Division.objects.filter(level=Division.Level.TOWN).values_list("code", "name"):
        yield code[:9], name


if __name__ == "__main__":
    start()
    from minzheng.portals.cli.bootstrap import bring_up_to_date

    bring_up_to_date()
    if sys.argv[1] == "make":
        from bench.search_fill import make

        print(json.dumps(make(int(sys.argv[2]), Path(sys.argv[3]))))
    else:
        from bench.search_fill import KNOWN as _TODAY

        _TOWNS = dict(_towns())
        main(Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 300)
