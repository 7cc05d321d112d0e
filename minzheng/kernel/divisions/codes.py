"""Arithmetic of 12-digit division codes: below a unit lies a range. Knows no database."""

from __future__ import annotations

Range = tuple[str, str]  # [low, high)
_LEVELS = (2, 4, 6, 9, 12)  # digits of province, city, county, town, village


def code_range(code: str) -> Range:
    """The range of all codes at and below a unit, e.g. 320412100000 → (320412100000, 320412101000).

    Accepts a full code or its leading digits. Raises ValueError for anything else.
    """
    if not code.isdigit() or len(code) > 12 or (len(code) not in _LEVELS):
        raise ValueError(f"不是区划代码:{code}")
    prefix = prefix_of(code)
    return prefix.ljust(12, "0"), str(int(prefix) + 1).ljust(12, "0")


def prefix_of(code: str) -> str:
    """The significant leading digits: 320412100000 → 320412100, 320412000000 → 320412."""
    for digits in _LEVELS:
        if len(code) >= digits and set(code[digits:]) <= {"0"}:
            return code[:digits]
    return code


def without(outer: list[Range], inner: list[Range]) -> list[Range]:
    """`outer` minus `inner`, as sorted ranges that touch nowhere."""
    result = sorted(outer)
    for low, high in sorted(inner):
        cut: list[Range] = []
        for start, end in result:
            if high <= start or end <= low:
                cut.append((start, end))
                continue
            if start < low:
                cut.append((start, low))
            if high < end:
                cut.append((high, end))
        result = cut
    return result


def merged(ranges: list[Range]) -> list[Range]:
    """The same set of codes with touching ranges joined."""
    result: list[Range] = []
    for low, high in sorted(ranges):
        if result and low <= result[-1][1]:
            result[-1] = (result[-1][0], max(high, result[-1][1]))
        else:
            result.append((low, high))
    return result
