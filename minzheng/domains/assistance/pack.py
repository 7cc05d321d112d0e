"""Social assistance (社会救助), items 4–7 of the plan: what the kernel reads of this pack."""

from __future__ import annotations

from pathlib import Path

from minzheng.kernel.foundation.packs import Manifest

HERE = Path(__file__).parent
SCENARIOS = (
    "large_medical_spending", "traffic_accident", "natural_disaster", "breadwinner_death", "severe_disability",
    "unemployment", "legal_aid",
)  # fmt: skip

PACK = Manifest(
    name="assistance",
    title="社会救助",
    contracts=HERE / "feeds",
    scenarios=tuple(f"minzheng.domains.assistance.scenarios.{name}" for name in SCENARIOS),
    glossary={
        "低保标准": "minzheng/kernel/rules/standards.yaml",
        "低保边缘": "minzheng/domains/assistance/parameters.yaml",
        "刚性支出": "minzheng/domains/assistance/scenarios/large_medical_spending.yaml",
        "家庭已知收入": "minzheng/domains/assistance/means.py",
    },
)
