"""Marks: which kinds of facts a person, or anybody who lived in a household, ever held, as bits of one number in the indexes of lists.

A list that filters by a fact goes past the rows without the mark and asks for the dated fact only of the others. A mark says 'perhaps':
two kinds may share a bit, and a fact that is over leaves its mark. So a mark is only ever added, by the actions that write facts and
places in households, in the same transaction.
"""

from __future__ import annotations

from zlib import crc32

from django.db.models import F, Q
from django.db.models.lookups import GreaterThan

BITS = 62  # of a signed 64-bit number, the sign left alone


def mark_of(kind: str) -> int:
    """The bit of a kind of facts: the same in every deployment, without a table."""
    return 1 << (crc32(kind.encode()) % BITS)


def marked(kind: str) -> Q:
    """The condition that a person or household may hold a fact of that kind; never false for one who does."""
    return Q(GreaterThan(F("fact_marks").bitand(mark_of(kind)), 0))
