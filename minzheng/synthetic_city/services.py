"""Organisations and facilities of the city as the bureau's own lists would have them: some for each town, some villages
with a canteen or a day care, each at the place of its village. All invented; every row says so."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np

from minzheng.kernel import divisions
from minzheng.kernel.foundation.identifiers import check_uscc
from minzheng.synthetic_city.streams import stream

AS_OF = date(2024, 5, 31)
REGISTRATION, REGION = "52", "320400"  # 民政登记 · 民办非企业单位; 常州
LAST_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
NEAR = 0.002  # degrees around the village's own point: some 200 m
EARLIEST = date(2006, 1, 1)
# What stands in a town, and in which share of the villages below it: (kind as written, name, kind of organisation).
IN_TOWNS = (
    ("养老机构", "颐养院", "社会服务机构"), ("居家养老服务中心", "居家养老服务中心", "社会服务机构"),
    ("社工站", "社工站", "社会服务机构"), ("未成年人保护站", "未成年人保护工作站", "事业单位"),
)  # fmt: skip
IN_VILLAGES = (
    ("老年助餐点", "助餐点", 0.16), ("日间照料中心", "日间照料中心", 0.1), ("慈善超市", "慈善超市", 0.03),
    ("精神障碍社区康复点", "精神障碍康复点", 0.03),
)  # fmt: skip
BEDS = {"养老机构": (60, 260), "老年助餐点": (20, 80), "日间照料中心": (10, 40)}


@dataclass(frozen=True)
class Delivered:
    """A file of one contract."""

    contract: str
    path: Path
    as_of: date


def deliver_services(*, out: Path, seed: int) -> list[Delivered]:
    """Write a list of organisations and one of facilities into `out`, in the order in which they are imported. Same seed, same bytes."""
    rng = stream(seed, "services", 0)
    organisations: list[list[object]] = []
    facilities: list[list[object]] = []
    for town, villages in _towns():
        home = villages[int(rng.integers(0, len(villages)))]
        for number, (kind, name, body) in enumerate(IN_TOWNS):
            code, since = _uscc(len(organisations)), EARLIEST + timedelta(days=int(rng.integers(0, 6000)))
            ended = "2023-12-31" if number and rng.random() < 0.04 else ""
            organisations.append([f"{town.name}{name}管理服务中心", code, body, town.path, f"0519-8{len(organisations):07d}", since, ended, "合成"])
            facilities.append(_facility(rng, f"{town.name}{name}", kind, home, code, since, ended))
        runner = str(organisations[-len(IN_TOWNS) + 1][1])
        for village in villages:
            for kind, name, share in IN_VILLAGES:
                if rng.random() < share:
                    since = date(2019, 1, 1) + timedelta(days=int(rng.integers(0, 1800)))
                    facilities.append(_facility(rng, f"{village.name}{name}", kind, village, runner, since, ""))
        organisations.append([f"{town.name}慈善协会", _uscc(len(organisations)), "社会团体", town.path, "", EARLIEST + timedelta(days=int(rng.integers(0, 6000))), "", "合成"])
    heads = (
        ["名称", "统一社会信用代码", "类别", "所在地", "联系电话", "成立日期", "注销日期", "数据性质"],
        ["设施名称", "设施类别", "所属村社区", "地址", "床位或席位", "经度", "纬度", "运营机构统一社会信用代码", "启用日期", "停用日期", "数据性质"],
    )
    made = []
    for contract, head, rows in zip(("organisations", "facilities"), heads, (organisations, facilities), strict=True):
        path = out / f"{contract}.csv"
        with path.open("w", encoding="gb18030", newline="") as handle:
            csv.writer(handle, lineterminator="\n").writerows([head, *rows])
        made.append(Delivered(contract, path, AS_OF))
    return made


@dataclass(frozen=True)
class _Place:
    code: str
    name: str
    path: str
    longitude: float
    latitude: float


def _facility(rng: np.random.Generator, name: str, kind: str, place: _Place, uscc: str, since: date, ended: str) -> list[object]:
    low, high = BEDS.get(kind, (0, 0))
    beds = int(rng.integers(low, high)) if high else ""
    east, north = (round(float(value), 5) for value in (rng.random(2) - 0.5) * 2 * NEAR + (place.longitude, place.latitude))
    address = f"{place.name}服务路{int(rng.integers(1, 300))}号"
    return [name, kind, place.code, address, beds, east, north, uscc, since + timedelta(days=90), ended, "合成"]


def _towns() -> Iterator[tuple[_Place, list[_Place]]]:
    """Each real town with its real villages."""
    places = _places()
    for code, (place, kind) in places.items():
        if kind in {"street", "town", "township"}:
            below = [one for other, (one, what) in places.items() if other[:9] == code[:9] and what in {"village", "community"}]
            if below:
                yield place, below


@cache
def _places() -> dict[str, tuple[_Place, str]]:
    data = Path(divisions.__file__).parent / "data"
    with (data / "points.csv").open(encoding="utf-8") as handle:
        points = {row["code"]: (float(row["longitude"]), float(row["latitude"])) for row in csv.DictReader(handle)}
    with (data / "changzhou.csv").open(encoding="utf-8") as handle:
        units = {row["code"]: row for row in csv.DictReader(handle)}
    found = {}
    for code, unit in units.items():
        if code in points and unit["level"] in {"4", "5"}:
            path = "".join(units[step]["name"] for step in dict.fromkeys((f"{code[:6]}000000", f"{code[:9]}000", code)))
            found[code] = (_Place(code, unit["name"], path, *points[code]), unit["kind"])
    return found


def _uscc(number: int) -> str:
    """A sound code in a range that no authority gives out: the body's own part begins with 9999."""
    stem = f"{REGISTRATION}{REGION}9999{number:05d}"
    return next(stem + last for last in LAST_CHARACTERS if check_uscc(stem + last))
