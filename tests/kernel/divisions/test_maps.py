"""The city's own map: every unit has a place inside its county, surveyed ones replace schematic ones, wrong files are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minzheng.kernel.divisions.actions import load_divisions, load_points
from minzheng.kernel.divisions.maps import PointsError, is_schematic, outlines, points
from minzheng.kernel.divisions.models import Division, DivisionPoint
from minzheng.kernel.foundation.access import Actor

pytestmark = pytest.mark.django_db
BY = Actor.system("测试")


@pytest.fixture(autouse=True)
def loaded(db: None) -> None:
    load_divisions(by=BY)


def inside(x: float, y: float, ring: list[list[float]]) -> bool:
    """Plain ray casting."""
    crossings = 0
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            crossings += 1
    return crossings % 2 == 1


def rings(geometry: dict[str, Any]) -> list[list[list[float]]]:
    parts = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [part[0] for part in parts]


def test_every_town_and_village_lies_inside_its_county_and_no_two_on_one_spot() -> None:
    codes = list(Division.objects.filter(level__gte=3, valid_to=None).values_list("code", flat=True))
    found = points(codes)
    assert set(found) == set(codes)
    county = {feature["properties"]["code"][:6]: rings(feature["geometry"]) for feature in outlines()["features"]}
    wrong = [code for code, (x, y) in found.items() if not any(inside(x, y, ring) for ring in county[code[:6]])]
    assert wrong == []
    villages = [place for code, place in found.items() if not code.endswith("000")]
    assert len(set(villages)) == len(villages)


def test_surveyed_places_stay_when_the_schematic_ones_are_loaded_again(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("code,longitude,latitude\n320412100000,119.95,31.72\n", encoding="utf-8")
    assert load_points(by=BY, path=path, source="测量") == 1
    load_points(by=BY)
    assert points(["320412100000"]) == {"320412100000": (119.95, 31.72)}
    assert DivisionPoint.objects.filter(status="surveyed", source="测量").count() == 1 and is_schematic()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("320412999999,119.9,31.7", "第 2 行：没有"), ("320412100000,31.72,119.95", "第 2 行：经度和纬度写反了"),
        ("320412100000,116.4,39.9", "第 2 行：.*不在本市范围内"), ("320412100000,x,31.7", "第 2 行：经纬度不是数"),
        ("320412100000,119.95,31.72\n320412100000,119.95,31.72", "第 3 行：320412100000 重复"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_the_line(line: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(f"code,longitude,latitude\n{line}\n", encoding="utf-8")
    with pytest.raises(PointsError, match=message):
        load_points(by=BY, path=path, source="测量")
    assert not DivisionPoint.objects.filter(status="surveyed").exists()
