"""The verbs of the room; each writes its audit entry in the same transaction."""

from minzheng.kernel.indicators.actions.evidence import add_evidence, open_evidence, sweep_evidence
from minzheng.kernel.indicators.actions.figures import confirm_figure, report_figure, return_figure
from minzheng.kernel.indicators.actions.loading import Loaded, load_plan, load_shipped, preview_plan
from minzheng.kernel.indicators.actions.managing import add_member, choose_reading, remove_member
from minzheng.kernel.indicators.actions.measure import measure_indicators
from minzheng.kernel.indicators.actions.milestones import (
    confirm_milestone,
    record_milestone,
    return_milestone,
)
from minzheng.kernel.indicators.actions.opening import Row, export_rows, open_rows
from minzheng.kernel.indicators.actions.reminding import remind
from minzheng.kernel.indicators.actions.tasks import add_remark, add_task, finish_task, reopen_task

__all__ = [
    "Loaded", "Row", "add_evidence", "add_member", "add_remark", "add_task", "choose_reading", "confirm_figure", "confirm_milestone", "export_rows",
    "finish_task", "load_plan", "load_shipped", "measure_indicators", "open_evidence", "open_rows", "preview_plan", "record_milestone", "remind", "remove_member",
    "reopen_task", "report_figure", "return_figure", "return_milestone", "sweep_evidence",
]  # fmt: skip
