"""The ledger's verbs. Each does its change, its transfers and its audit entry in one transaction."""

from minzheng.kernel.ledger.actions.approval import approve_batch, cancel_batch
from minzheng.kernel.ledger.actions.batches import LineData, create_batch
from minzheng.kernel.ledger.actions.files import open_file, reveal_line
from minzheng.kernel.ledger.actions.lines import cancel_lines, park_lines, retry_lines, unpark_line
from minzheng.kernel.ledger.actions.months import close_month
from minzheng.kernel.ledger.actions.posting import Entry, post_transfers, receive_funds
from minzheng.kernel.ledger.actions.recovery import record_recovery, record_repayment
from minzheng.kernel.ledger.actions.returns import collect_returns, settle_returns, take_return
from minzheng.kernel.ledger.actions.sending import send_batch
from minzheng.kernel.ledger.actions.write_off import decide_write_off, propose_write_off

__all__ = [
    "Entry", "LineData", "approve_batch", "cancel_batch", "cancel_lines", "close_month", "collect_returns", "create_batch", "decide_write_off",
    "open_file", "park_lines", "post_transfers", "propose_write_off", "receive_funds", "record_recovery", "record_repayment", "retry_lines",
    "reveal_line", "send_batch", "settle_returns", "take_return", "unpark_line",
]  # fmt: skip
