"""What awards are called: in the roster that departments send, as programmes, and as inputs of rules. Free of Django."""

from __future__ import annotations

from collections.abc import Mapping

ROSTER_CONTRACT = "assistance_recipients"
# Programme as the roster writes it → name of the programme.
ROSTER: Mapping[str, str] = {
    "low_income": "minimum_living",
    "destitute": "destitute_support",
    "borderline": "borderline_status",
    "rigid_spending": "rigid_spending_status",
}
# Programme → the input of rules that says whether somebody has it (kernel/rules/inputs.py).
AWARD_INPUTS: Mapping[str, str] = {
    "minimum_living": "award_low_income",
    "destitute_support": "award_destitute",
    "borderline_status": "award_borderline",
    "rigid_spending_status": "award_rigid_spending",
}
