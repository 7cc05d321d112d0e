"""What the two subsidies ask about disabled people, beyond the inputs of the kernel.

Source 'declared': entered at the visit or with the application; 'award': it stands with the application that was accepted.
"""

from __future__ import annotations

from minzheng.kernel.rules.language import Input

DEPENDENT_ON_ELDERS = Input(
    "dependent_on_elders", "成年无业重度残疾人由老年父母供养（依老养残）", "flag", "declared"
)
WORK_INJURY_CARE = Input("work_injury_care", "工伤保险生活护理费（每月）", "fen", "work_injury_benefits")
LIVING_APPLIED = Input("living_applied", "困难残疾人生活补贴申请受理日期", "day", "award")
NURSING_APPLIED = Input("nursing_applied", "重度残疾人护理补贴申请受理日期", "day", "award")

ALL = (DEPENDENT_ON_ELDERS, WORK_INJURY_CARE, LIVING_APPLIED, NURSING_APPLIED)
