"""What the room keeps: who is entitled to what, the months' runs, what people decided about them, and parameters.

A unit is who an entitlement is for: a person (`unit_key` is the person's) or a household (the household's); `person_key`
is always the payee's. Months are written '2024-06'; dates of entitlements are first days of months. Nothing is edited
once a run was approved: an entitlement ends and another begins, an earlier month is corrected by lines of a later run.
Runs, snapshots, parameters and saved simulations hold no personal data and have no place; all else has `division_code`.
"""

from minzheng.kernel.benefits.models.decisions import Award, Override, Recovery, Review
from minzheng.kernel.benefits.models.opening import Opening
from minzheng.kernel.benefits.models.parameters import ExclusionChange, ParameterChange, Variant
from minzheng.kernel.benefits.models.runs import (
    Entitlement,
    MonthLock,
    Run,
    RunChange,
    RunTotal,
    Snapshot,
)

__all__ = [
    "Award", "Entitlement", "ExclusionChange", "MonthLock", "Opening", "Override", "ParameterChange", "Recovery", "Review", "Run", "RunChange", "RunTotal",
    "Snapshot", "Variant",
]  # fmt: skip
