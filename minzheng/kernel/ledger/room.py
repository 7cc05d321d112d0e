"""What the ledger brings to the house: every night the channels are asked what has come back."""

from __future__ import annotations

from datetime import date

from minzheng.kernel.foundation.access import Actor
from minzheng.kernel.foundation.packs import Manifest
from minzheng.kernel.foundation.rounds import Counts, Progress, Step
from minzheng.kernel.ledger import actions

NIGHT = Actor.system("夜间批处理")


def collect(as_of: date, progress: Progress) -> Counts:
    """Return files are taken in; what came back waits to be sent again or is parked with its reason."""
    found = actions.collect_returns(as_of=as_of, by=NIGHT, progress=progress)
    retried, parked = actions.settle_returns(by=NIGHT)
    details = {"files": found["files"], "returned": found["returned"], "retried": retried, "parked": parked}
    return Counts(found["paid"] + found["returned"], found["paid"], details)


ROOM = Manifest(
    name="ledger",
    title="资金账",
    steps=(Step("collect_returns", "收取支付渠道回盘", collect),),
    glossary={
        "复式记账": "minzheng/kernel/ledger/models.py", "幂等键": "minzheng/kernel/ledger/actions/posting.py",
        "各级负担比例": "minzheng/kernel/ledger/splitting.py", "支付渠道": "minzheng/kernel/ledger/channels",
        "回盘": "minzheng/kernel/ledger/actions/returns.py", "退汇": "minzheng/kernel/ledger/reasons.py",
        "月结表": "minzheng/kernel/ledger/statements.py", "试算平衡": "minzheng/kernel/ledger/checks.py",
        "核销": "minzheng/kernel/ledger/actions/write_off.py",
    },
)  # fmt: skip
