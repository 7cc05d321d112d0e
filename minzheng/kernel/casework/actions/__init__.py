"""All verbs of the room: what citizens and officials do to a case, and what the night does to all of them."""

from minzheng.kernel.casework.actions.bundles import apply_bundle
from minzheng.kernel.casework.actions.checking import (
    authorise,
    authorise_bundle,
    revoke_authorisation,
    run_check,
    sign,
)
from minzheng.kernel.casework.actions.deciding import decide, hold_hearing
from minzheng.kernel.casework.actions.night import (
    climb_overdue,
    lapse_overdue,
    remind_rechecks,
    sweep_drafts,
    take_down_finished,
)
from minzheng.kernel.casework.actions.opening import (
    discard_draft,
    open_case,
    open_from_alert,
    save_draft,
    submit_case,
)
from minzheng.kernel.casework.actions.papers import issue_paper, issue_slip, open_case_file, open_paper
from minzheng.kernel.casework.actions.promises import draw_promises, settle_promise
from minzheng.kernel.casework.actions.receiving import (
    accept_case,
    attach_material,
    decline_case,
    defer_material,
    promise_material,
    return_for_completion,
    supplement_case,
)
from minzheng.kernel.casework.actions.remedies import (
    close_case,
    extend_limit,
    object_to,
    pause_case,
    rate_case,
    resume_case,
    review_objection,
    transfer_case,
    withdraw_case,
)
from minzheng.kernel.casework.actions.working import (
    assign_case,
    complete_papers,
    file_relative,
    measure_done,
    propose,
    publish,
    record_plan,
    record_visit,
    take_down,
)

__all__ = [
    "accept_case", "apply_bundle", "assign_case", "attach_material", "authorise", "authorise_bundle", "climb_overdue", "close_case", "complete_papers", "decide",
    "decline_case", "defer_material", "discard_draft", "draw_promises", "extend_limit", "file_relative", "hold_hearing", "issue_paper", "issue_slip", "lapse_overdue",
    "measure_done", "object_to", "open_case", "open_case_file", "open_from_alert", "open_paper", "pause_case", "promise_material", "propose",
    "publish", "rate_case", "record_plan", "record_visit", "remind_rechecks", "resume_case", "return_for_completion", "review_objection",
    "revoke_authorisation", "run_check", "save_draft", "settle_promise", "sign", "submit_case", "supplement_case", "sweep_drafts", "take_down",
    "take_down_finished", "transfer_case", "withdraw_case",
]  # fmt: skip
