"""Social assistance (社会救助), items 4–7 of the plan: what the kernel reads of this pack."""

from __future__ import annotations

from pathlib import Path

from minzheng.kernel.foundation.packs import Manifest

HERE = Path(__file__).parent
SCENARIOS = (
    "large_medical_spending", "traffic_accident", "natural_disaster", "breadwinner_death", "severe_disability",
    "unemployment", "legal_aid",
)  # fmt: skip
INTEGRITY = (
    "paid_after_death", "paid_in_custody", "double_enrolment", "undeclared_vehicle", "undeclared_property", "undeclared_business",
    "income_above_line", "entitled_not_enrolled",
)  # fmt: skip
PROGRAMMES = (
    "minimum_living", "destitute_support", "borderline_status", "rigid_spending_status", "temporary_assistance", "electricity_gift",
    "medical_charity",
)  # fmt: skip
PROGRAMME_FOLDER = "minzheng/domains/assistance/benefits"

PACK = Manifest(
    name="assistance",
    title="社会救助",
    contracts=HERE / "feeds",
    scenarios=tuple(f"minzheng.domains.assistance.scenarios.{name}" for name in (*SCENARIOS, *INTEGRITY)),
    programmes=tuple(f"minzheng.domains.assistance.benefits.{name}.rule" for name in PROGRAMMES),
    snapshot=("minzheng.domains.assistance.benefits.snapshot",),
    services=HERE / "services",
    rosters=HERE / "benefits" / "rosters.yaml",
    indicators=("minzheng.domains.assistance.indicators",),
    glossary={
        "低保标准": "minzheng/kernel/rules/standards.yaml",
        "最低生活保障": f"{PROGRAMME_FOLDER}/minimum_living",
        "单人保": f"{PROGRAMME_FOLDER}/minimum_living/rule.py",
        "分类施保": f"{PROGRAMME_FOLDER}/minimum_living/rule.py",
        "渐退期": f"{PROGRAMME_FOLDER}/minimum_living/rule.py",
        "特困人员供养": f"{PROGRAMME_FOLDER}/destitute_support",
        "低保边缘家庭": f"{PROGRAMME_FOLDER}/borderline_status",
        "刚性支出困难家庭": f"{PROGRAMME_FOLDER}/rigid_spending_status",
        "临时救助": f"{PROGRAMME_FOLDER}/temporary_assistance",
        "冬暖夏凉": f"{PROGRAMME_FOLDER}/electricity_gift",
        "慈善助医": f"{PROGRAMME_FOLDER}/medical_charity",
        "赡养费": f"{PROGRAMME_FOLDER}/income.py",
        "低保边缘": "minzheng/domains/assistance/parameters.yaml",
        "刚性支出": "minzheng/domains/assistance/scenarios/large_medical_spending.yaml",
        "家庭已知收入": "minzheng/domains/assistance/means.py",
    },
)
