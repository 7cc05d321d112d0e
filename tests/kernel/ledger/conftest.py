"""A city with its boards, people with names, two officials with the capabilities of two hands, and channels that answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from minzheng.kernel.foundation.access import EVERYWHERE, Actor
from minzheng.kernel.foundation.home import Home
from minzheng.kernel.ledger import actions
from minzheng.kernel.ledger.models import PaymentBatch

CLERK = Actor("clerk", "benefits_clerk", frozenset({"payments.manage", "benefits.view", "identity.reveal"}), EVERYWHERE)
CHECKER = Actor("checker", "benefits_approver", frozenset({"benefits.approve", "benefits.view"}), EVERYWHERE)
TIANNING, WUJIN, JINGKAI = "320402001001", "320412100201", "320412001001"  # 武进's code, and one that 经开 manages
MONTH = date(2024, 6, 1)
SHARES = {"centre": 30, "province": 30, "city": 15, "district": 25}
Make = Callable[..., PaymentBatch]


@pytest.fixture
def city(divisions: None, home: Home, settings: Any) -> Home:
    """Divisions are loaded and the channels' simulators stand in (a deployment of synthetic people)."""
    settings.SYNTHETIC = True
    return home


def line(person: int, division: str = TIANNING, amount: int = 10_000, **more: Any) -> actions.LineData:
    given = {"payee_name": f"张{person}", "channel": "bank", "account": f"6228{person:012d}"} | more
    return actions.LineData(person, division, amount, **given)


@pytest.fixture
def make(city: Home) -> Make:
    """make(lines, key=…) prepares a batch; make.approved, make.sent do what follows too."""

    def run(lines: Any, key: str = "a", **more: Any) -> PaymentBatch:
        given = {"programme": "longevity_allowance", "purse": "尊老金", "month": MONTH, "shares": SHARES, "title": "尊老金六月"} | more
        return actions.create_batch(key=key, lines=lines, by=CLERK, **given)

    return run


def approved(batch: PaymentBatch) -> PaymentBatch:
    return actions.approve_batch(batch_id=batch.pk, by=CHECKER)


def sent(batch: PaymentBatch) -> Any:
    """The one file that goes out for a batch after its approval."""
    approved(batch)
    (file,) = actions.send_batch(batch_id=batch.pk, by=CLERK)
    return file
