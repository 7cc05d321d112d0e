"""Limits against guessing and flooding, and the record of whoever runs into one: the first time in an hour, so that flooding floods
no record either."""

from __future__ import annotations

from minzheng.kernel.foundation import audit
from minzheng.portals.citizen.page import READER
from minzheng.portals.citizen.store import take

KINDS = {
    "address": "一个网络要的验证码太多", "phone": "一个手机号要的验证码太多", "tries": "一个验证码试错太多", "tried": "一个手机号试错太多",
    "apply": "一个网络提交的申请太多", "applicant": "一个手机号一天提交的申请太多", "verify": "一个网络查验文书太多", "large": "提交的内容太大",
}  # fmt: skip
NOTED = 3600  # seconds in which one refusal is on record once


def within(kind: str, who: str, most: int, seconds: int, shown: str = "") -> bool:
    """Take one of `most` places within so many seconds; False, and on record, when none is left. `shown`: who it was, as the record may
    say it (an address, a masked phone)."""
    if take(kind, who, most, seconds):
        return True
    note(kind, who, shown)
    return False


def note(kind: str, who: str, shown: str = "") -> None:
    """Put a refusal on record, once an hour for one and the same."""
    if take(f"{kind} noted", who, 1, NOTED):
        audit.record(READER, "citizen.limited", f"limit:{kind}", KINDS[kind], **({"who": shown} if shown else {}))
