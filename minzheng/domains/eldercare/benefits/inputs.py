"""What the allowances of elders ask about people, beyond the inputs of the kernel.

Source 'declared': entered with the person's file; it is nobody's register.
"""

from __future__ import annotations

from minzheng.kernel.rules.language import Input

# GB/T 42195-2022, the grade that the assessment came to (upgrades included).
ABILITIES = {0: "未评估", 1: "能力完好", 2: "轻度失能", 3: "中度失能", 4: "重度失能", 5: "完全失能"}

ABILITY = Input("ability", "老年人能力评估等级", "code", "ability_assessments", ABILITIES)
ASSESSED_ON = Input("assessed_on", "能力评估日期", "day", "ability_assessments")
CARE_HOME = Input("care_home", "入住养老机构（当月第一天）", "flag", "care_home_residents")
SPECIAL_FAMILY = Input("special_family", "计划生育特殊家庭成员", "flag", "special_families")
LONGEVITY_DECLINED = Input("longevity_declined", "本人或监护人书面放弃尊老金", "flag", "declared")

ALL = (ABILITY, ASSESSED_ON, CARE_HOME, SPECIAL_FAMILY, LONGEVITY_DECLINED)
