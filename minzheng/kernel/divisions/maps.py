"""The city's own map: outlines of the counties, places of the units, and what a file of surveyed places must look like."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from minzheng.kernel.divisions.models import Division, DivisionPoint

DATA = Path(__file__).parent / "data"
SCHEMATIC = "示意位置（在区县界内均匀排布，不是实测坐标）"


class PointsError(ValueError):
    """A file of places cannot be taken; the message names the line and what is wrong with it."""


@cache
def outlines() -> dict[str, Any]:
    """The counties' outlines as GeoJSON, WGS 84 (really CGCS 2000, the same for this purpose)."""
    found: dict[str, Any] = json.loads((DATA / "outlines.geojson").read_text(encoding="utf-8"))
    return found


def points(codes: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Longitude and latitude of units, in one query; units without a place are left out."""
    wanted = sorted(set(codes))
    found: dict[str, tuple[float, float]] = {}
    for start in range(0, len(wanted), 5000):
        rows = DivisionPoint.objects.filter(code__in=wanted[start : start + 5000])
        found.update({code: (x, y) for code, x, y in rows.values_list("code", "longitude", "latitude")})
    return found


def is_schematic() -> bool:
    """Whether any place is drawn where it is not."""
    return DivisionPoint.objects.filter(status=DivisionPoint.Status.SCHEMATIC).exists()


def read_points(path: Path) -> list[tuple[str, float, float]]:
    """(code, longitude, latitude) of a CSV with that heading, all or nothing.

    Raises PointsError with the line: wrong heading, unknown or repeated code, no number, swapped axes, outside the city.
    """
    known = set(Division.objects.values_list("code", flat=True))
    left, low, right, high = _bounds()
    found: dict[str, tuple[float, float]] = {}
    with path.open(encoding="utf-8-sig", newline="") as handle:
        rows = csv.DictReader(handle)
        if set(rows.fieldnames or ()) != {"code", "longitude", "latitude"}:
            raise PointsError("表头应是 code,longitude,latitude")
        for number, row in enumerate(rows, start=2):
            code = row["code"]
            if code not in known:
                raise PointsError(f"第 {number} 行：没有“{code}”这个区划代码")
            if code in found:
                raise PointsError(f"第 {number} 行：{code} 重复")
            try:
                x, y = float(row["longitude"]), float(row["latitude"])
            except (TypeError, ValueError) as error:
                raise PointsError(f"第 {number} 行：经纬度不是数") from error
            if left <= y <= right and low <= x <= high:
                raise PointsError(f"第 {number} 行：经度和纬度写反了")
            if not (left <= x <= right and low <= y <= high):
                raise PointsError(f"第 {number} 行：{x},{y} 不在本市范围内")
            found[code] = (x, y)
    return [(code, x, y) for code, (x, y) in found.items()]


def _bounds() -> tuple[float, float, float, float]:
    """West, south, east, north of the city, with a margin of a tenth of a degree."""
    pairs = [pair for feature in outlines()["features"] for pair in _pairs(feature["geometry"]["coordinates"])]
    xs, ys = [x for x, _y in pairs], [y for _x, y in pairs]
    return min(xs) - 0.1, min(ys) - 0.1, max(xs) + 0.1, max(ys) + 0.1


def _pairs(coordinates: Any) -> Iterable[tuple[float, float]]:
    if isinstance(coordinates[0], int | float):
        yield coordinates[0], coordinates[1]
        return
    for part in coordinates:
        yield from _pairs(part)
