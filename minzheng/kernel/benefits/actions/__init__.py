"""All verbs of the room."""

from minzheng.kernel.benefits.actions.approving import approve_run, reject_run
from minzheng.kernel.benefits.actions.awards import (
    end_award,
    grant_award,
    revise_terms,
    take_roster,
)
from minzheng.kernel.benefits.actions.exclusions import (
    confirm_exclusion,
    propose_exclusion,
    reject_exclusion,
)
from minzheng.kernel.benefits.actions.making_up import make_up
from minzheng.kernel.benefits.actions.opening import record_review_opened, record_why_opened
from minzheng.kernel.benefits.actions.overriding import (
    fix_amount,
    lift_override,
    lift_pause,
    pause_entitlement,
)
from minzheng.kernel.benefits.actions.parameters import (
    confirm_parameter,
    propose_parameter,
    reject_parameter,
)
from minzheng.kernel.benefits.actions.recovering import book_recoveries, book_recovery
from minzheng.kernel.benefits.actions.reviewing import decide_recovery, decide_review, record_hearing
from minzheng.kernel.benefits.actions.running import compute_run, submit_run
from minzheng.kernel.benefits.actions.snapshots import freeze_snapshot
from minzheng.kernel.benefits.actions.taking_over import take_opening
from minzheng.kernel.benefits.actions.variants import delete_variant, save_variant

__all__ = [
    "approve_run", "book_recoveries", "book_recovery", "compute_run", "confirm_exclusion", "confirm_parameter", "decide_recovery", "decide_review", "delete_variant", "end_award", "fix_amount",
    "freeze_snapshot", "grant_award", "lift_override", "lift_pause", "make_up", "pause_entitlement", "propose_exclusion", "propose_parameter", "record_hearing",
    "record_review_opened", "record_why_opened", "reject_exclusion", "reject_parameter", "reject_run", "revise_terms", "save_variant", "submit_run", "take_opening", "take_roster",
]  # fmt: skip
