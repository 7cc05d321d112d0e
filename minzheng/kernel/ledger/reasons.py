"""Why a payment does not go through, and what is to be done about it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """`again`: worth sending again as it is; otherwise somebody has to put something right first."""

    code: str
    title: str
    again: bool = False


REASONS = {
    reason.code: reason
    for reason in (
        Reason("no_account", "没有查到收款账户，请联系本人提供"),
        Reason("no_name", "没有收款人姓名，请先核实身份"),
        Reason("account_closed", "账户已销户"),
        Reason("name_mismatch", "户名不符"),
        Reason("account_frozen", "账户状态异常（冻结、挂失或久悬）"),
        Reason("busy", "渠道系统繁忙，未处理", again=True),
        Reason("sent_back", "入账后被退汇"),
        Reason("by_hand", "经办人暂缓"),
        Reason("too_often", "重发多次仍未成功"),
    )
}
MOST_ATTEMPTS = 3  # times that the night has a payment sent before somebody looks at it


def title_of(code: str) -> str:
    """The words for a reason; an unknown code gives itself."""
    return REASONS[code].title if code in REASONS else code
