"""Welfare of disabled people (残疾人福利), item 27 of the plan: what the kernel reads of this pack."""

from __future__ import annotations

from pathlib import Path

from minzheng.kernel.foundation.packs import Manifest

HERE = Path(__file__).parent
PROGRAMMES = ("living_subsidy", "nursing_subsidy")

PACK = Manifest(
    name="disability",
    title="残疾人福利",
    contracts=HERE / "feeds",
    programmes=tuple(f"minzheng.domains.disability.benefits.{name}.rule" for name in PROGRAMMES),
    snapshot=("minzheng.domains.disability.benefits.snapshot",),
    indicators=("minzheng.domains.disability.indicators",),
    glossary={
        "残疾人两项补贴": "minzheng/domains/disability/benefits/law.py",
        "困难残疾人生活补贴": "minzheng/domains/disability/benefits/living_subsidy/rule.py",
        "重度残疾人护理补贴": "minzheng/domains/disability/benefits/nursing_subsidy/rule.py",
        "自然增长": "minzheng/domains/disability/benefits/living_subsidy/rule.py",
        "一户多残": "minzheng/domains/disability/benefits/living_subsidy/rule.py",
        "依老养残": "minzheng/domains/disability/benefits/living_subsidy/rule.py",
    },
)
