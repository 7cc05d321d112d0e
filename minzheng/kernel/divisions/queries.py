"""Reading divisions and management units, always as of a date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from minzheng.kernel.divisions.codes import Range, code_range, merged, prefix_of
from minzheng.kernel.divisions.models import Division, ManagementUnit
from minzheng.kernel.foundation.access import Actor, in_ranges, scope_filter


def in_force(on: date) -> QuerySet[Division]:
    """All divisions that exist on `on`, pseudo-units included."""
    return Division.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)


def towns(on: date, below: str = "3204") -> QuerySet[Division]:
    """Streets, towns and townships; never the pseudo-units of the statistics (facts §1.3)."""
    kinds = [Division.Kind.STREET, Division.Kind.TOWN, Division.Kind.TOWNSHIP]
    return _below(in_force(on).filter(kind__in=kinds), below)


def villages(on: date, below: str = "3204") -> QuerySet[Division]:
    """Villages and communities; never pseudo-villages."""
    return _below(in_force(on).filter(kind__in=[Division.Kind.VILLAGE, Division.Kind.COMMUNITY]), below)


def village_codes() -> frozenset[int]:
    """Every village-level code that ever stood in the tree, as integers, pseudo-villages included."""
    codes = Division.objects.filter(level=Division.Level.VILLAGE).values_list("code", flat=True)
    return frozenset(int(code) for code in codes)


def county_codes() -> list[str]:
    """The six leading digits of every county-level unit that ever stood in the tree."""
    return sorted({code[:6] for code in Division.objects.filter(level=Division.Level.COUNTY).values_list("code", flat=True)})


def children(code: str, on: date) -> QuerySet[Division]:
    """The units right below a unit, pseudo-units included."""
    return in_force(on).filter(parent_code=code)


def names(codes: Iterable[str], on: date) -> dict[str, str]:
    """Short path names ('武进区湖塘镇星火村') for many codes in one query; unknown codes give themselves."""
    wanted = set(codes)
    found = own_names((ancestor for code in wanted for ancestor in _lineage(code)), on)
    return {code: "".join(found.get(step, "") for step in _lineage(code)) or code for code in wanted}


def own_names(codes: Iterable[str], on: date) -> dict[str, str]:
    """The names of units alone ('湖塘镇'), as of a date; codes that never stood in the tree are left out. One query."""
    found: dict[str, str] = {}
    for row in Division.objects.filter(code__in=set(codes)).order_by("code", "valid_from"):
        if row.code not in found or (row.valid_from <= on and (row.valid_to is None or row.valid_to > on)):
            found[row.code] = row.name
    return found


def path_name(code: str, on: date) -> str:
    """The short path name of one code, from the county down."""
    return names([code], on)[code]


def written_places(on: date) -> dict[str, str]:
    """What a place is called in tables of departments → its code: the code itself (also without its zeros), the path from
    the county or the city down ('武进区湖塘镇星火村'), and from the town down where only one place is called so."""
    units = {unit.code: unit.name for unit in in_force(on)}
    found: dict[str, str] = {}
    short = Counter[str]()
    paths = {code: [units.get(step, "") for step in _lineage(code)] for code in units}
    short.update("".join(path[1:]) for path in paths.values() if len(path) > 1)
    for code, path in paths.items():
        whole = "".join(path)
        city = units.get(f"{code[:4]}00000000", "")
        found |= dict.fromkeys((code, prefix_of(code), whole, f"{city}{whole}" if city != whole else whole), code)
        if len(path) > 1 and short["".join(path[1:])] == 1:
            found["".join(path[1:])] = code
    return found


def search(text: str, actor: Actor, on: date, limit: int = 20) -> list[Division]:
    """Units whose name contains `text`, inside the actor's jurisdiction, highest level first."""
    rows = in_force(on).filter(scope_filter(actor, "code"))
    if text:
        rows = rows.filter(name__contains=text)
    return list(rows.order_by("level", "code")[:limit])


def called(names: Iterable[str], actor: Actor, on: date) -> list[Division]:
    """Units whose name is one of `names` or begins with it (湖塘 → 湖塘镇), inside the actor's jurisdiction or around it."""
    condition = Q(pk__in=[])
    for name in names:
        condition |= Q(name__startswith=name)
    around = {low[:digits].ljust(12, "0") for low, _high in actor.ranges for digits in (4, 6, 9)}
    return list(in_force(on).filter(condition).filter(scope_filter(actor, "code") | Q(code__in=around)).order_by("level", "code"))


def management_units(on: date) -> QuerySet[ManagementUnit]:
    """The boards that exist on `on`, in the order of the bureau's lists."""
    alive = Q(valid_to__isnull=True) | Q(valid_to__gt=on)
    return ManagementUnit.objects.filter(alive, valid_from__lte=on).prefetch_related("ranges").order_by("pk")


def ranges_of_unit(slug: str, on: date) -> list[Range]:
    """What a board manages, as ranges of codes. Raises LookupError for an unknown board."""
    unit = management_units(on).filter(slug=slug).first()
    if unit is None:
        raise LookupError(f"没有“{slug}”这个管理板块")
    return merged([(row.low, row.high) for row in unit.ranges.all()])


def ranges_below(place: str, on: date) -> list[Range]:
    """Everything at and below a place: a division code, its leading digits, or the slug of a board. Raises ValueError for digits that
    are no code, LookupError for an unknown board."""
    return [code_range(place)] if place.isdigit() else ranges_of_unit(place, on)


def inside(place: str, on: date, field: str = "division_code") -> Q:
    """The condition that a row lies in a place (as `ranges_below`)."""
    return in_ranges(ranges_below(place, on), field)


def unit_of(code: str, on: date) -> ManagementUnit | None:
    """The board that manages a place."""
    for unit in management_units(on):
        if any(row.low <= code < row.high for row in unit.ranges.all()):
            return unit
    return None


def _below(rows: QuerySet[Division], code: str) -> QuerySet[Division]:
    low, high = code_range(code)
    return rows.filter(code__gte=low, code__lt=high)


def _lineage(code: str) -> list[str]:
    """Codes from the county down to `code` itself."""
    steps = [code[:digits].ljust(12, "0") for digits in (6, 9, 12)]
    return list(dict.fromkeys(step for step in steps if step <= code and len(code) == 12))
