"""What benefits bring to the house."""

from __future__ import annotations

from minzheng.kernel.foundation.packs import Manifest

ROOM = Manifest(
    name="benefits",
    title="待遇发放",
    glossary={"发放批次": "minzheng/kernel/benefits/models/runs.py", "互斥矩阵": "minzheng/kernel/benefits/exclusions.py"},
)
