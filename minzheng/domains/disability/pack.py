"""Welfare of disabled people (残疾人福利), item 27 of the plan: what the kernel reads of this pack."""

from __future__ import annotations

from minzheng.kernel.foundation.packs import Manifest

PACK = Manifest(
    name="disability",
    title="残疾人福利",
    glossary={},
)
