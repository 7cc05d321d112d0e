"""Which verb may be done to a payment in which state. Knows no database."""

from __future__ import annotations

from minzheng.kernel.ledger.models import PaymentLine

State = PaymentLine.State
# verb → (states that it begins from, state that it leads to)
LAWFUL: dict[str, tuple[frozenset[State], State]] = {
    "send": (frozenset({State.PLANNED, State.RETRIED}), State.SENT),
    "pay": (frozenset({State.SENT}), State.PAID),
    "return": (frozenset({State.SENT, State.PAID}), State.RETURNED),
    "retry": (frozenset({State.RETURNED}), State.RETRIED),
    "park": (frozenset({State.PLANNED, State.RETURNED, State.RETRIED}), State.PARKED),
    "unpark": (frozenset({State.PARKED}), State.RETRIED),  # PLANNED when it was never sent
    "cancel": (frozenset({State.PLANNED, State.RETURNED, State.RETRIED, State.PARKED}), State.CANCELLED),
}
# Owed to people and with us: what stands on 应付待遇.
OWED = frozenset({State.PLANNED, State.RETURNED, State.RETRIED, State.PARKED})
OPEN = OWED | {State.SENT}
