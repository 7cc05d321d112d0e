"""Welfare of children (儿童福利), items 12–14 of the plan: what the kernel reads of this pack."""

from __future__ import annotations

from pathlib import Path

from minzheng.kernel.foundation.packs import Manifest

HERE = Path(__file__).parent
PROGRAMMES = ("orphan_living", "unsupported_child_living", "needy_child_living")

PACK = Manifest(
    name="children",
    title="儿童福利",
    contracts=HERE / "feeds",
    programmes=tuple(f"minzheng.domains.children.benefits.{name}.rule" for name in PROGRAMMES),
    snapshot=("minzheng.domains.children.benefits.snapshot",),
    indicators=("minzheng.domains.children.indicators",),
    glossary={
        "孤儿基本生活费": "minzheng/domains/children/benefits/orphan_living/rule.py",
        "散居孤儿": "minzheng/domains/children/benefits/counting.py",
        "事实无人抚养儿童": "minzheng/domains/children/benefits/unsupported_child_living/rule.py",
        "困境儿童": "minzheng/domains/children/benefits/needy_child_living/rule.py",
        "同城同标": "minzheng/domains/children/benefits/shared.yaml",
    },
)
