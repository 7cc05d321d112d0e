"""Names of a whole city with what finds them, made once as columns and loaded in bulk into either database.

Names, ages and places follow the synthetic city (surnames by frequency, given names by sex and cohort). The rows of
the index are made by the product's own functions, once for each distinct name; nothing goes through models one by one.
"""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from bench.register_fill import bulk

SEED = 20240906
COHORTS = (("old", 1930, 1960), ("middle", 1960, 1985), ("young", 1985, 2008), ("child", 2008, 2024))
SHARES = (0.24, 0.36, 0.27, 0.13)
KNOWN = date(2024, 9, 6)


def make(names: int, target: Path) -> dict[str, Any]:
    """Draw the city and keep it in `target`; returns the number of distinct names and of the largest group of namesakes."""
    from minzheng.kernel.divisions.queries import village_codes
    from minzheng.kernel.foundation.identifiers import make_ids

    draw = np.random.default_rng(SEED)
    villages = np.array(sorted(village_codes()))
    sizes = draw.lognormal(0.0, 0.5, len(villages))
    home = np.sort(draw.choice(len(villages), names, p=sizes / sizes.sum()))
    male = draw.random(names) < 0.5
    cohort = draw.choice(len(COHORTS), names, p=SHARES)
    first, last = (np.array([entry[at] for entry in COHORTS])[cohort] for at in (1, 2))
    days = (np.datetime64("1970") + (first - 1970).astype("timedelta64[Y]")).astype("datetime64[D]")
    born = days + (draw.random(names) * (last - first) * 365.25).astype(np.int64)
    sequence = draw.integers(0, 500, names) * 2 + male
    numbers = make_ids(villages[home] // 1_000_000, born, sequence).to_list()
    full = _names(draw, cohort, male)
    groups = np.unique(np.array(full), return_counts=True)[1]
    city = {"villages": villages[home], "names": full, "numbers": numbers, "born": born.astype(object), "male": male}
    with target.open("wb") as handle:
        pickle.dump(city, handle, protocol=5)
    return {"distinct": len(groups), "largest": int(groups.max()), "mean": float((groups.astype(float) ** 2).sum() / names)}


def _names(draw: np.random.Generator, cohort: Any, male: Any) -> list[str]:
    from minzheng.synthetic_city.place import table

    words = table("names")
    weights = np.array(list(words["surnames"].values()), dtype=float)
    surnames = list(words["surnames"])
    family = draw.choice(len(surnames), len(cohort), p=weights / weights.sum()).tolist()
    pools = [words[sex][entry[0]] for entry in COHORTS for sex in ("female", "male")]
    pool = (cohort * 2 + male).tolist()
    one, two, single, rare = (draw.random(len(cohort)).tolist() for _ in range(4))
    found = []
    for at, drawn in enumerate(pool):
        characters = pools[drawn]
        given = characters[int(one[at] * len(characters))]
        if single[at] >= (0.17 if drawn < 6 else 0.06):
            given += words["rare"][int(two[at] * len(words["rare"]))] if rare[at] < 0.002 else characters[int(two[at] * len(characters))]
        found.append(surnames[family[at]] + given)
    return found


def load(source: Path) -> dict[str, Any]:
    """Fill an empty database; returns seconds for people (not the index's own), and for the index."""
    from django.db import connection

    with source.open("rb") as handle:
        city = pickle.load(handle)  # noqa: S301 - made by this benchmark a minute ago
    started = time.perf_counter()
    _people(city)
    people = time.perf_counter()
    rows = _readings(city)
    _spelling(city)
    indexed = time.perf_counter()
    if connection.vendor == "postgresql":  # what autovacuum does within minutes; nobody does it for SQLite
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    return {"people": people - started, "index": indexed - people, "rows": rows}


def _people(city: dict[str, Any]) -> None:
    from minzheng.kernel.foundation.encryption import encrypt
    from minzheng.kernel.registry.models import Person

    sealed = {name: encrypt(name) for name in set(city["names"])}
    rows = (
        (at + 1, at + 1, sealed[name], encrypt(number), "", "", "1" if male else "2", born, None, str(code), "hukou",
         KNOWN - timedelta(days=at % 900), "动态监测预警", True, KNOWN, 0)
        for at, (name, number, male, born, code) in enumerate(
            zip(city["names"], city["numbers"], city["male"].tolist(), city["born"], city["villages"].tolist(), strict=True)
        )
    )  # fmt: skip
    bulk(Person, ["id", "person_key", "name", "id_number", "id_number_index", "phone", "sex", "birth_date", "death_date",
                  "division_code", "residence_type", "known_since", "known_because", "synthetic", "updated_as_of", "fact_marks"], rows)  # fmt: skip


def _readings(city: dict[str, Any]) -> int:
    from minzheng.kernel.registry.models import NameReading

    rows = _rows(city)
    last = 0

    def numbered() -> Iterator[tuple[Any, ...]]:
        nonlocal last
        for last, row in enumerate(rows, start=1):  # noqa: B007 - counted for the report
            yield (last, *row)

    bulk(NameReading, ["id", "person", *_COLUMNS], numbered())
    return last


_COLUMNS = ("division_code", "county", "town", "pinyin", "initials", "name_index", "tail", "long_tail_index", "birth_year")


def _rows(city: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    from minzheng.kernel.registry.search.blind import beginnings, long_tail
    from minzheng.kernel.registry.search.readings import readings

    known = {name: (readings(name), beginnings(name)) for name in set(city["names"])}
    for at, (name, number, born, place) in enumerate(
        zip(city["names"], city["numbers"], city["born"], city["villages"].tolist(), strict=True)
    ):
        said, index = known[name]
        code = str(place)
        for pinyin, initials in said:
            yield at + 1, code, code[:6], code[:9], pinyin, initials, index, number[-4:].lower(), long_tail(number), born.year


def _spelling(city: dict[str, Any]) -> None:
    from minzheng.kernel.registry.models import Pinyin, PinyinDeletion
    from minzheng.kernel.registry.search.readings import readings
    from minzheng.kernel.registry.search.spelling import deletions, marks

    texts = sorted({pinyin for name in set(city["names"]) for pinyin, _initials in readings(name)})
    bulk(Pinyin, ["id", "text"], ((at + 1, text) for at, text in enumerate(texts)))
    links = ((at + 1, mark) for at, text in enumerate(texts) for mark in marks(deletions(text)).values())
    bulk(PinyinDeletion, ["id", "mark", "pinyin"], ((number + 1, mark, pinyin) for number, (pinyin, mark) in enumerate(links)))
