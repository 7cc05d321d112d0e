"""What awards are called as inputs of rules. Free of Django."""

from __future__ import annotations

from collections.abc import Mapping

# Programme → the input of rules that says whether somebody has it (kernel/rules/inputs.py).
AWARD_INPUTS: Mapping[str, str] = {
    "minimum_living": "award_low_income",
    "destitute_support": "award_destitute",
    "borderline_status": "award_borderline",
    "rigid_spending_status": "award_rigid_spending",
}
