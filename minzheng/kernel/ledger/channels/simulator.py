"""A stand-in for a channel's operator. What it answers follows from seed, account and reference alone, so that it keeps no
memory: asked again, after a kill or in another process, it says the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from minzheng.kernel.ledger.channels.channel import SUCCESS, Answer, Form, Order, Payment, Reply

LONGEST_DELAY, LONGEST_RETURN = 3, 10  # days


@dataclass(frozen=True)
class Behaviour:
    """How many of ten thousand: people without an account, accounts that are closed, under another name, or frozen;
    payments that are not processed, answered days later, or sent back days after they were reported as paid."""

    without_account: int = 0
    closed: int = 0
    misnamed: int = 0
    frozen: int = 0
    busy: int = 0
    delayed: int = 0
    sent_back: int = 0


@dataclass(frozen=True)
class Simulator:
    """Answers for one channel. What is wrong with an account stays wrong until it is corrected; a busy system is not busy
    the next time."""

    form: Form
    seed: int
    behaviour: Behaviour

    def accounts_of(self, keys: Sequence[int]) -> dict[int, str]:
        """19 digits for everybody but some."""
        found = {}
        for key in keys:
            digest = self._draw("account", str(key))
            if digest % 10_000 >= self.behaviour.without_account:
                found[key] = f"62{digest // 10_000 % 10**17:017d}"
        return found

    def replies(self, order: bytes, as_of: date) -> Iterator[bytes]:
        """One file for each day on which something was answered, up to and including `as_of`."""
        read = self.form.read(order)
        days: dict[int, list[tuple[Payment, str]]] = {}
        for payment in read.payments:
            for day, code in self._fate(payment):
                days.setdefault(day, []).append((payment, code))
        for day in sorted(days):
            if (on := read.on + timedelta(days=day)) <= as_of:
                yield self._reply(read, on, days[day])

    def _reply(self, order: Order, on: date, said: Sequence[tuple[Payment, str]]) -> bytes:
        answers = [Answer(place, p.reference, p.amount_fen, code) for place, (p, code) in enumerate(said, 1)]
        return self.form.write_reply(Reply(order.number, on, answers))

    def _fate(self, payment: Payment) -> list[tuple[int, str]]:
        """What is answered to one payment: (days after it was sent, the channel's code)."""
        does, codes = self.behaviour, {reason: code for code, reason in self.form.codes.items()}
        chance = self._draw("standing", payment.account) % 10_000
        for share, reason in ((does.closed, "account_closed"), (does.misnamed, "name_mismatch"), (does.frozen, "account_frozen")):
            if chance < share:
                return [(0, codes[reason])]
            chance -= share
        digest = self._draw("payment", payment.reference)
        day = 1 + digest // 10**8 % LONGEST_DELAY if digest // 10_000 % 10_000 < does.delayed else 0
        chance = digest % 10_000
        if chance < does.busy:
            return [(day, codes["busy"])]
        if chance < does.busy + does.sent_back:
            later = day + 1 + digest // 10**12 % (LONGEST_RETURN - LONGEST_DELAY)
            return [(day, SUCCESS), (later, codes["sent_back"])]
        return [(day, SUCCESS)]

    def _draw(self, what: str, about: str) -> int:
        return int.from_bytes(hashlib.blake2b(f"{self.seed}:{self.form.name}:{what}:{about}".encode(), digest_size=16).digest())
