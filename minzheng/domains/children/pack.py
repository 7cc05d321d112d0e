"""Welfare of children (儿童福利), items 12–14 of the plan: what the kernel reads of this pack."""

from __future__ import annotations

from minzheng.kernel.foundation.packs import Manifest

PACK = Manifest(
    name="children",
    title="儿童福利",
    glossary={},
)
