"""Care of elders (养老服务), items 8–11 of the plan: what the kernel reads of this pack."""

from __future__ import annotations

from minzheng.kernel.foundation.packs import Manifest

PACK = Manifest(
    name="eldercare",
    title="养老服务",
    glossary={},
)
