"""Care of elders (养老服务), items 8–11 of the plan: what the kernel reads of this pack."""

from __future__ import annotations

from pathlib import Path

from minzheng.kernel.foundation.packs import Manifest

HERE = Path(__file__).parent
PROGRAMMES = ("longevity_allowance", "elder_service_subsidy", "elder_nursing_subsidy")

PACK = Manifest(
    name="eldercare",
    title="养老服务",
    contracts=HERE / "feeds",
    programmes=tuple(f"minzheng.domains.eldercare.benefits.{name}.rule" for name in PROGRAMMES),
    snapshot=("minzheng.domains.eldercare.benefits.snapshot",),
    indicators=("minzheng.domains.eldercare.indicators",),
    glossary={
        "尊老金": "minzheng/domains/eldercare/benefits/longevity_allowance/rule.py",
        "免申即享": "minzheng/domains/eldercare/benefits/longevity_allowance/rule.py",
        "养老服务补贴": "minzheng/domains/eldercare/benefits/elder_service_subsidy/rule.py",
        "养老护理补贴": "minzheng/domains/eldercare/benefits/elder_nursing_subsidy/rule.py",
        "能力评估": "minzheng/domains/eldercare/benefits/inputs.py",
        "经济困难类别": "minzheng/domains/eldercare/benefits/means.py",
    },
)
