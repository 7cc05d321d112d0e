"""The part of an address that may lie in plain: road, estate or village group, without numbers."""

from __future__ import annotations

import re

LONGEST = 32
_BEFORE = re.compile(r"^.*?(?:村委会|居委会|社区|村(?!路|街|巷)|开发区|园区|度假区|镇|街道|区|县|市)")
_NUMBER = re.compile(r"[0-90-9A-Za-z#]+")


def road_of(address: str) -> str:
    """'武进区湖塘镇星火社区人民路12号3幢' → '人民路'; '' when nothing but numbers follows the village."""
    rest = address
    while (found := _BEFORE.match(rest)) and found.end() < len(rest):
        rest = rest[found.end() :]
    return _NUMBER.split(rest, maxsplit=1)[0].strip(" ,，、-—")[:LONGEST]
