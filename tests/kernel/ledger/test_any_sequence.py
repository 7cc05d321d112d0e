"""Whatever verbs are done in whatever order: the books sum to zero and agree with the payments, and every payment is in a
lawful state that it reached in a lawful way."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings as deployment
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from minzheng.kernel.foundation import clock
from minzheng.kernel.ledger import actions, storage
from minzheng.kernel.ledger.channels import FORMS
from minzheng.kernel.ledger.channels.channel import SUCCESS, Answer, Reply
from minzheng.kernel.ledger.checks import faults_of_the_books
from minzheng.kernel.ledger.errors import LedgerError
from minzheng.kernel.ledger.models import ChannelFile, PaymentBatch, PaymentLine, Transfer
from minzheng.kernel.ledger.reasons import REASONS
from minzheng.kernel.ledger.statements import balances
from minzheng.kernel.ledger.states import LAWFUL
from tests.kernel.ledger.conftest import CHECKER, CLERK, JINGKAI, MONTH, SHARES, TIANNING, line

STEPS = {(str(begin), str(end)) for begins, end in LAWFUL.values() for begin in begins} | {("parked", "planned")}


class Verbs(RuleBasedStateMachine):
    """A clerk who does anything, also what is refused; everything is rolled back at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.rollback = transaction.atomic()
        self.rollback.__enter__()
        self.day, self.batches, self.keys = date(2024, 6, 3), 0, 0
        self.before: dict[int, str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.rollback.__exit__(None, None, None)

    def does(self, verb: Any, **arguments: Any) -> None:
        """Do a verb; one that is refused changes nothing."""
        standing = (Transfer.objects.count(), dict(PaymentLine.objects.values_list("pk", "state")))
        try:
            with clock.use(self.day), transaction.atomic():
                verb(**arguments)
        except (LedgerError, PaymentBatch.DoesNotExist, PaymentLine.DoesNotExist):
            assert standing == (Transfer.objects.count(), dict(PaymentLine.objects.values_list("pk", "state")))

    def pick(self, model: Any, number: int) -> Any:
        """One of the rows that are there, or None."""
        keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
        return keys[number % len(keys)] if keys else 0

    @initialize(amounts=st.lists(st.integers(1, 10_000), min_size=1, max_size=6))
    def begin(self, amounts: list[int]) -> None:
        self.create(amounts)

    @precondition(lambda self: self.batches < 3)
    @rule(amounts=st.lists(st.integers(1, 10_000), min_size=1, max_size=6))
    def create(self, amounts: list[int]) -> None:
        self.batches += 1
        people = [
            line(n, (TIANNING, JINGKAI)[n % 2], amount, channel=list(FORMS)[n % 3], account="" if n == 4 else f"6228{n:012d}")
            for n, amount in enumerate(amounts)
        ]
        self.does(actions.create_batch, key=f"k{self.batches}", programme=f"p{self.batches % 2}", purse="甲", month=MONTH,
                  lines=people, shares=SHARES, by=CLERK)  # fmt: skip

    @rule(number=st.integers(0, 9), by=st.sampled_from([CLERK, CHECKER]))
    def approve(self, number: int, by: Any) -> None:
        if by is CHECKER:
            self.does(actions.approve_batch, batch_id=self.pick(PaymentBatch, number), by=by)

    @rule(number=st.integers(0, 9))
    def send(self, number: int) -> None:
        self.does(actions.send_batch, batch_id=self.pick(PaymentBatch, number), by=CLERK)

    @rule(number=st.integers(0, 9), seed=st.integers(0, 10**6), some=st.booleans())
    def answer(self, number: int, seed: int, some: bool) -> None:
        file = ChannelFile.objects.filter(pk=self.pick(ChannelFile, number)).first()
        if file:
            form = FORMS[file.channel]
            order = form.read(storage.content_of(file.sha256))
            codes = [SUCCESS, SUCCESS, *form.codes]
            answers = [Answer(0, p.reference, p.amount_fen, codes[(seed + 7 * at) % len(codes)]) for at, p in enumerate(order.payments)]
            content = form.write_reply(Reply(file.number, self.day, answers[: 1 if some else None]))
            self.does(actions.take_return, channel_name=file.channel, content=content, file_name="x", by=CLERK)

    @rule()
    def settle(self) -> None:
        self.does(actions.settle_returns, by=CLERK)

    @rule(number=st.integers(0, 30), verb=st.sampled_from(["retry", "park", "unpark", "cancel", "cancel"]), right=st.booleans())
    def treat(self, number: int, verb: str, right: bool) -> None:
        pk = self.pick(PaymentLine, number)
        if verb == "retry":
            self.does(actions.retry_lines, line_ids=[pk], by=CLERK)
        elif verb == "park":
            self.does(actions.park_lines, line_ids=[pk], reason=list(REASONS)[number % len(REASONS)], note="", by=CLERK)
        elif verb == "unpark":
            self.does(actions.unpark_line, line_id=pk, account=f"6217{number:08d}" if right else "", by=CLERK)
        else:
            self.does(actions.cancel_lines, line_ids=[pk], reason="已去世", by=CLERK)

    @rule(number=st.integers(0, 9))
    def cancel(self, number: int) -> None:
        self.does(actions.cancel_batch, batch_id=self.pick(PaymentBatch, number), reason="重做", by=CLERK)

    @rule(number=st.integers(0, 30), amount=st.integers(1, 6_000), back=st.booleans())
    def claim(self, number: int, amount: int, back: bool) -> None:
        self.keys += 1
        given = {"line_id": self.pick(PaymentLine, number), "amount_fen": amount, "key": f"c{self.keys}", "by": CLERK}
        if back:
            self.does(actions.record_repayment, **given)
        else:
            self.does(actions.record_recovery, **given, reason="已去世")

    @rule(days=st.integers(1, 20))
    def later(self, days: int) -> None:
        self.day += timedelta(days=days)

    @rule()
    def close(self) -> None:
        self.does(actions.close_month, month=(self.day.replace(day=1) - timedelta(days=1)).replace(day=1), by=CLERK)

    @invariant()
    def books_agree(self) -> None:
        assert sum(balances(self.day).values()) == 0
        assert faults_of_the_books() == []

    @invariant()
    def states_are_lawful(self) -> None:
        now = dict(PaymentLine.objects.values_list("pk", "state"))
        steps = {(state, now[pk]) for pk, state in self.before.items() if now[pk] != state}
        assert steps <= STEPS | {("returned", "retried"), ("returned", "parked")}
        self.before = now


@pytest.mark.django_db
def test_any_sequence_of_verbs(city: Any) -> None:
    assert deployment.SYNTHETIC
    run_state_machine_as_test(
        Verbs, settings=settings(max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    )
