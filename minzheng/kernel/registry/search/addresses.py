"""The part of an address that may lie in plain: road, estate or village group, without numbers."""

from __future__ import annotations

import re

LONGEST = 32
_BEFORE = re.compile(r"^.*?(?:村委会|居委会|社区|(?<!新)村(?!路|街|巷)|开发区|园区|度假区|镇|街道|(?<!小)区|县|市)")
_NUMBER = re.compile(r"[0-9０-９A-Za-zＡ-Ｚａ-ｚ#]+|[一二三四五六七八九十]+(?=[号幢栋弄组室])")


def road_of(address: str, place: str = "") -> str:
    """'武进区湖塘镇星火社区人民路12号3幢' → '人民路'; '' when nothing but numbers follows the village.

    `place` is the path name of the household's village; an address that begins otherwise is cut by its words.
    """
    if place and address.startswith(place):
        rest = address[len(place) :]
    else:
        rest = address
        while (found := _BEFORE.match(rest)) and found.end() < len(rest):
            rest = rest[found.end() :]
    return _NUMBER.split(rest, maxsplit=1)[0].strip(" ,，、-—")[:LONGEST]
